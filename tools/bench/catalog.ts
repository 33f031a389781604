// `npm run bench:catalog`: what one name costs the matcher, against the whole catalog, and what loading the catalog costs. Prints JSON.
// The mix: 94 % short ASCII names, 5 % with letters beyond ASCII, 1 % of 4 kB. A tenth are names of the catalog; most apps are no AI.
import { execFileSync } from 'node:child_process';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { match } from '../../src/catalog/match.ts';
import { chance } from '../../src/testing/random.ts';

const SIZE = 20_000;
const WARM_UP = 15;
const ROUNDS = 15;

const loads = Array.from({ length: 9 }, loadMilliseconds);
const catalog = loadCatalog();
const mix = names();
const groups: Record<string, readonly string[]> = {
  mix,
  ascii: mix.filter((name) => name.length < 4096 && !/[^ -~]/.test(name)),
  beyondAscii: mix.filter((name) => /[^ -~]/.test(name)),
  ofFourKilobytes: mix.filter((name) => name.length >= 4096),
};
console.log(
  JSON.stringify(
    {
      node: process.version,
      names: SIZE,
      rounds: ROUNDS,
      loadMilliseconds: rounded(median(loads)),
      microsecondsEach: Object.fromEntries(Object.entries(groups).map(([group, of]) => [group, microsecondsEach(of)])),
    },
    null,
    2,
  ),
);

/**
 * Processor time, not the clock's. The first rounds warm up and are not counted.
 * The least round is the one that other work on the machine disturbed least; where the median is far above, the machine was not idle.
 */
function microsecondsEach(of: readonly string[]): { least: number; median: number } {
  const signals = of.map((value) => [{ type: 'app_name', value }]);
  const rounds: number[] = [];
  let known = 0;
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    const started = process.cpuUsage();
    for (const signal of signals) if (match(catalog, signal).verdict !== 'unknown') known++;
    const { user, system } = process.cpuUsage(started);
    if (round >= WARM_UP) rounds.push((user + system) / signals.length);
  }
  if (known === 0) throw new Error('Nothing matched: that was no measurement');
  return { least: rounded(Math.min(...rounds)), median: rounded(median(rounds)) };
}

/** Reading, parsing and the first answer, in a process of its own; the modules are loaded before. */
function loadMilliseconds(): number {
  const program = `
    const { loadCatalog } = await import('./src/catalog/catalog.ts');
    const { match } = await import('./src/catalog/match.ts');
    const started = performance.now();
    match(loadCatalog(), [{ type: 'app_name', value: 'Weather for Gmail' }]);
    console.log(performance.now() - started);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
}

function names(): string[] {
  let drawn = 0;
  const next = () => chance('bench of the catalog', drawn++);
  const pick = <T>(from: readonly T[]) => from[Math.floor(next() * from.length)]!;
  const known = [...catalog.products()].map(({ name }) => name);
  const words =
    'Acme Atlas Backup Billing Board Calendar Contacts Drive Expense Form Invoice Ledger Mail Merge Park Payroll Print Report River Sales Sheet Sign Sync Task Team Time Travel Vault Visit Weather Work'.split(
      ' ',
    );
  const tails = ['', '', '', ' for Gmail', ' for Google Sheets', ' Inc.', ' by Northwind', ' (Beta)', ' 2.1', ' - Add-on'];
  const beyond = ['é', 'ü', 'а', 'о', '日', '\u200b', '™', 'ß'];
  const ascii = () => (next() < 0.1 ? pick(known) : `${pick(words)} ${pick(words)}${next() < 0.5 ? ` ${pick(words)}` : ''}`) + pick(tails);
  return Array.from({ length: SIZE }, (_, index) => {
    const name = ascii();
    if (index % 100 === 0) return `${name} `.repeat(Math.ceil(4096 / (name.length + 1)));
    if (index % 20 !== 1) return name.replaceAll(/[^ -~]/g, 'x');
    const at = Math.floor(next() * name.length);
    return name.slice(0, at) + pick(beyond) + name.slice(at);
  });
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

function rounded(number: number): number {
  return Math.round(number * 1000) / 1000;
}
