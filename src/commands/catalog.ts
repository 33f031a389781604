import { loadCatalog, type Catalog } from '../catalog/catalog.ts';
import { match, type Match } from '../catalog/match.ts';
import { ConfigError, type Signal } from '../connector/index.ts';
import { jsonText } from '../text/json.ts';
import type { CommandContext } from './context.ts';

/** Reads JSON lines of signals from standard input and writes what the catalog makes of each, one line a line. */
export async function catalogMatchCommand(context: CommandContext): Promise<number> {
  const catalog = loadCatalog();
  let line = 0;
  for await (const text of lines(context.input())) {
    line++;
    if (text.trim() !== '') context.out(`${jsonText(answer(catalog, signalsOf(text, line)))}\n`);
  }
  return 0;
}

function signalsOf(text: string, line: number): Signal[] {
  const fix = 'Write {"type": "app_name", "value": "ChatGPT"} or {"signals": [{"type": …, "value": …}]} on each line.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ConfigError(`Line ${line} is no JSON`, { fix, line });
  }
  const list = isObject(value) && Array.isArray(value['signals']) ? (value['signals'] as unknown[]) : [value];
  if (!list.every(isSignal)) throw new ConfigError(`Line ${line} names no type and value`, { fix, line });
  return list;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isSignal(value: unknown): value is Signal {
  return isObject(value) && typeof value['type'] === 'string' && typeof value['value'] === 'string';
}

/** Names under which people write down what the connectors call otherwise. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['iam_role', 'iam_name'],
  ['iam_user', 'iam_name'],
  ['github_action', 'action'],
]);

function answer(catalog: Catalog, signals: readonly Signal[]) {
  const result: Match = match(
    catalog,
    signals.map((signal) => ({ ...signal, type: ALIASES.get(signal.type) ?? signal.type })),
  );
  const [first] = signals;
  return {
    ...(signals.length === 1 ? { type: first!.type, value: first!.value } : { signals }),
    verdict: result.verdict,
    product: result.product ?? null,
    vendor: result.vendor ?? null,
    grade: result.grade,
    candidates: result.candidates,
    flags: result.flags,
    reason: result.reasons.map((reason) => reason.why).join('; ') || 'nothing in the catalog matches',
  };
}

async function* lines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop()!;
    yield* parts;
  }
  if (rest !== '') yield rest;
}
