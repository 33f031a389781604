import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfig } from '../config/config.ts';
import { parsePolicy, parsePolicyText } from '../config/policy-file.ts';
import { ConfigError } from '../connector/index.ts';
import { effectOf, type Turn } from '../policy/effect.ts';
import type { FindingBody } from '../policy/findings.ts';
import { toldName } from '../policy/told-name.ts';
import { EMPTY_POLICY, type Policy } from '../policy/policy.ts';
import type { Format } from '../report/formats.ts';
import { NAMES, namesKept } from '../report/names.ts';
import { renderRows } from '../report/rows.ts';
import { openReader, type FoundFinding } from '../store/read.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { concludedScans } from './moment.ts';
import { tellNames } from './output.ts';
import { judgesOf } from './present-judge.ts';

export interface PolicyTestOptions {
  config: string;
  db?: string;
  /** The file that may become the policy; absent = the policy as it stands. */
  policy?: string;
  format: Format;
}

/**
 * What a policy would change: the facts of the last scan, judged by the policy of that scan and by this one, both with the catalog and
 * the date of today. Writes nothing. Ends with 1 where a finding would open.
 */
export async function policyTestCommand(context: CommandContext, options: PolicyTestOptions): Promise<number> {
  const config = await loadConfig(resolve(context.directory, options.config));
  const { tenant, policyFile } = config;
  const candidate = options.policy === undefined ? config.policy : policyAt(resolve(context.directory, options.policy), tenant);
  const { judgeBy } = await judgesOf(config, context.clock.now());
  const { database } = await locate(context, options);
  const reader = openReader(database);
  try {
    const [scan] = concludedScans(reader, tenant);
    const text = reader.policyOf(scan.id);
    const judged = (policy: Policy) => reader.judgedAgain(tenant, scan.id, judgeBy(policy));
    const turns = effectOf(judged(text === undefined ? EMPTY_POLICY : parsePolicyText(text, policyFile)), judged(candidate));
    context.out(renderRows(options.format, turns.map(view), COLUMNS));
    tellNames(context, options.format, namesKept(NAMES.findings, reader.personsCheck(tenant) !== undefined));
    const counts = Map.groupBy(turns, ({ turn }) => turn);
    const told = (
      [
        ['opens', 'open'],
        ['changes', 'change'],
        ['excepts', 'be excepted'],
        ['closes', 'close'],
      ] as const
    ).map(([turn, word]) => `${counts.get(turn)?.length ?? 0} would ${word}`);
    if (!context.quiet) context.err(`Of the findings of scan ${scan.id}: ${told.join(', ')}.\n`);
    return counts.has('opens') ? EXIT_CODES.findings : EXIT_CODES.ok;
  } finally {
    reader.close();
  }
}

function policyAt(file: string, tenant: string): Policy {
  if (!existsSync(file)) throw new ConfigError(`There is no policy at ${terminalText(file, 400)}`, { fix: 'Correct the path.' });
  const { policy } = parsePolicy(file);
  if (policy.tenant === tenant) return policy;
  throw new ConfigError(`${file} is the policy of the tenant "${policy.tenant}", and the configuration is of "${tenant}"`, {
    key: 'tenant',
    fix: 'Give both files the same "tenant".',
  });
}

interface TurnView extends Omit<FoundFinding, 'body'> {
  turn: Turn<FoundFinding>['turn'];
  id: string;
  body: FindingBody;
}

function view({ turn, finding }: Turn<FoundFinding>): TurnView {
  return { turn, ...finding, id: finding.key.slice(0, 8), body: JSON.parse(finding.body) as FindingBody };
}

const COLUMNS: readonly { title: string; of(row: TurnView): string | number }[] = [
  { title: 'turn', of: ({ turn }) => turn },
  { title: 'id', of: ({ id }) => id },
  { title: 'severity', of: ({ severity }) => severity },
  { title: 'rule', of: ({ rule }) => rule },
  { title: 'app', of: ({ body, name }) => toldName(body.productName, name) },
  { title: 'where', of: ({ connector, account }) => `${connector} ${account}` },
  { title: 'why', of: ({ body }) => body.details[0] ?? '' },
];
