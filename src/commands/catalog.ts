import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createCatalog, readCompiled, type Catalog, type CompiledCatalog } from '../catalog/catalog.ts';
import { match, type Match } from '../catalog/match.ts';
import { readCatalog } from '../config/catalog-file.ts';
import { ConfigError, type Signal } from '../connector/index.ts';
import { jsonText } from '../text/json.ts';
import type { CommandContext } from './context.ts';

export interface OverlayOption {
  /** A catalog.local.json to match with as well. */
  overlay?: string;
}

/** The catalog that is shipped, with the organisation's own file where one is named. */
export function chosenCatalog(context: CommandContext, { overlay }: OverlayOption): CompiledCatalog {
  if (overlay === undefined) return readCompiled();
  const file = resolve(context.directory, overlay);
  if (!existsSync(file))
    throw new ConfigError(`There is no catalog of your own at ${file}`, { fix: 'Correct the path given to --overlay.' });
  return readCatalog(file);
}

/** Reads JSON lines of signals from standard input and writes what the catalog makes of each, one line a line. */
export async function catalogMatchCommand(context: CommandContext, options: OverlayOption): Promise<number> {
  const catalog = createCatalog(chosenCatalog(context, options));
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
