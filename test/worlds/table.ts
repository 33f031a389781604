import { existsSync } from 'node:fs';
import { registerOf, type Register } from './register.ts';

const PROVIDERS = [
  ['github', 'GitHub'],
  ['aws', 'AWS'],
  ['google-workspace', 'Google Workspace and Google Cloud'],
] as const;

/** The numbered statements about all providers and how they fare, as Markdown. */
export function statementsTable(): string {
  return PROVIDERS.filter(([id]) => existsSync(new URL(`${id}.json`, import.meta.url)))
    .map(([id, title]) => section(title, registerOf(id)))
    .join('\n\n');
}

function section(title: string, register: Register): string {
  const rows = Object.entries(register);
  const count = (standing: string) => rows.filter(([, { stands }]) => stands === standing).length;
  const table = [
    ['statement', 'what it says', 'stands', 'what was seen instead'],
    ...rows.map(([id, { says, stands, why }]) => [id, says, stands, why ?? '']),
  ];
  return [
    `### ${title}: ${count('pass')} kept, ${count('fail')} broken, ${count('not built')} not built`,
    '',
    ...table.map((cells) => `| ${cells.map(cell).join(' | ')} |`).toSpliced(1, 0, '| --- | --- | --- | --- |'),
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
