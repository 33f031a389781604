import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfig } from '../config/config.ts';
import { edited } from '../config/jsonc-edit.ts';
import { emptyPolicyText, parsePolicyText } from '../config/policy-file.ts';
import { rewrite } from '../config/rewrite.ts';
import { ConfigError } from '../connector/index.ts';
import { refuseUnfit } from '../policy/decide.ts';
import type { FindingBody } from '../policy/findings.ts';
import { configuredOf, seedOf, UNDECIDED_RULES, type Configured, type Seedling } from '../policy/seed.ts';
import { openReader, type FoundFinding } from '../store/read.ts';
import { terminalText } from '../text/terminal.ts';
import { locate, type CommandContext } from './context.ts';
import { concludedScans } from './moment.ts';
import { judgesOf } from './present-judge.ts';

export interface PolicySeedOptions {
  config: string;
  db?: string;
  owner?: string;
  approver?: string;
  expires?: string;
  output?: string;
  /** Entries hold in every account. */
  everywhere?: boolean;
  /** Only what administrators let in, in the consoles of the providers. */
  configured?: boolean;
}

/** Long enough for somebody to look at everything, short enough that it is not forgotten. */
const TRIAL_DAYS = 90;

/** The policy as it stands, and behind it everything about which nothing was decided, on trial. Never written over a file. */
export async function policySeedCommand(context: CommandContext, options: PolicySeedOptions): Promise<number> {
  const { owner, approver, output } = options;
  if (owner === undefined || approver === undefined)
    throw new ConfigError('A seed needs --owner and --approver', {
      fix: 'Say who answers for the tools on trial, and who lets them stay.',
    });
  refuseUnfit({ owner, approver });
  const now = context.clock.now();
  const today = dayOf(now);
  const expires = options.expires ?? dayOf(new Date(now.getTime() + TRIAL_DAYS * 86_400_000));
  if (expires < today) throw new ConfigError(`--expires is over already: ${expires}`, { fix: 'Give a day to come.' });
  const file = output === undefined ? undefined : resolve(context.directory, output);
  if (file !== undefined && existsSync(file))
    throw new ConfigError(`${terminalText(file, 400)} is already there`, {
      fix: 'Give the path of a new file: a seed is never written over one.',
    });

  const config = await loadConfig(resolve(context.directory, options.config));
  const { judgeBy } = await judgesOf(config, now);
  const { database } = await locate(context, options);
  const reader = openReader(database);
  let found: FoundFinding[];
  let decisions: Configured[] | undefined;
  try {
    decisions = options.configured ? reader.configuredApps(config.tenant) : undefined;
    found = reader.judgedAgain(config.tenant, concludedScans(reader, config.tenant)[0].id, judgeBy(config.policy));
  } finally {
    reader.close();
  }
  const undecided = found.filter(({ rule, state }) => UNDECIDED_RULES.has(rule) && state !== 'excepted').map(seedling);
  const apps = decisions ? configuredOf(undecided, decisions) : undecided;
  const entries = seedOf(apps, { owner, approver }, { today, expires }, options.everywhere);
  const text = edited(
    config.policyText ?? emptyPolicyText(config.tenant),
    entries.map((value) => ({ append: ['approvals'], value })),
  );
  parsePolicyText(text, 'The seed');
  if (file === undefined) context.out(text);
  else rewrite(file, undefined, text);
  const left = undecided.length - apps.length;
  if (left > 0) context.err(`${left} apps are left out: no administrator let them in, or only where they are blocked in a unit below.\n`);
  context.err(
    `${entries.length} entries on trial until ${expires}, for ${apps.length} apps about which nothing was decided. Review each: what is not wanted is denied or left out.\n`,
  );
  return 0;
}

function seedling(finding: FoundFinding): Seedling {
  const { connector, account, appId, name, product } = finding;
  const { match, holders, approve } = JSON.parse(finding.body) as FindingBody;
  const { ceiling } = approve as { ceiling: { data: Seedling['data'] } };
  const shown = terminalText(name, 60);
  return {
    connector,
    account,
    appId,
    name: shown,
    grade: match.grade,
    ...(product !== null && { product }),
    holders: holders.count,
    data: ceiling.data,
  };
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
