import { hash } from 'node:crypto';
import { resolve } from 'node:path';
import { createCatalog } from '../catalog/catalog.ts';
import { loadConfig } from '../config/config.ts';
import { edited } from '../config/jsonc-edit.ts';
import { emptyPolicyText, parsePolicyText } from '../config/policy-file.ts';
import { rewrite } from '../config/rewrite.ts';
import { ConfigError } from '../connector/index.ts';
import {
  approve,
  deny,
  except,
  type ApprovalFacts,
  type Decidable,
  type Decision,
  type DenialFacts,
  type ExceptionFacts,
} from '../policy/decide.ts';
import { effectOf, type Turn } from '../policy/effect.ts';
import type { FindingBody } from '../policy/findings.ts';
import { withCurrentIds, type Policy } from '../policy/policy.ts';
import { createJudge } from '../scan/judge.ts';
import { loadConnectors } from '../scan/registry.ts';
import { openReader, type FoundFinding } from '../store/read.ts';
import { openStore } from '../store/store.ts';
import { terminalText } from '../text/terminal.ts';
import { claimedActor } from './actor.ts';
import { changedLines } from './changed-lines.ts';
import type { CommandContext } from './context.ts';
import { findingNamed } from './finding-named.ts';
import { concludedScans } from './moment.ts';
import { turnLines } from './turn-lines.ts';

interface DecideOptions {
  config: string;
  db?: string;
  dryRun?: boolean;
}

export interface ApproveOptions extends DecideOptions, Omit<ApprovalFacts, 'population'> {
  /** At most so many people. */
  most?: number;
  separate?: boolean;
}

export interface DenyOptions extends DecideOptions, DenialFacts {
  separate?: boolean;
}

export interface ExceptOptions extends DecideOptions, ExceptionFacts {}

/** Writes an approval of the app of a finding into policy.json. */
export function approveCommand(context: CommandContext, id: string, options: ApproveOptions): Promise<number> {
  const { config: _config, db: _db, dryRun: _dryRun, separate = false, most, ...facts } = options;
  const given = { ...facts, ...(most !== undefined && { population: { most } }) };
  return decide(context, id, options, 'approved', (found, policy, now) => approve(found, policy, given, { now, separate }));
}

/** Writes a denial of the app of a finding into policy.json. */
export function denyCommand(context: CommandContext, id: string, options: DenyOptions): Promise<number> {
  const { config: _config, db: _db, dryRun: _dryRun, separate = false, ...facts } = options;
  return decide(context, id, options, 'denied', (found, policy, now) => deny(found, policy, facts, { now, separate }));
}

/** Writes an exception for a finding into policy.json. */
export function exceptCommand(context: CommandContext, id: string, options: ExceptOptions): Promise<number> {
  const { config: _config, db: _db, dryRun: _dryRun, ...facts } = options;
  return decide(context, id, options, 'excepted', (found, policy, now) => except(found, policy, facts, now));
}

type Verdict = 'approved' | 'denied' | 'excepted';

/** Decides about a finding: says what is written and what it changes, writes it, and tells the audit trail. */
async function decide(
  context: CommandContext,
  id: string,
  options: DecideOptions,
  verdict: Verdict,
  plan: (found: Decidable, policy: Policy, now: Date) => Decision,
): Promise<number> {
  const config = await loadConfig(resolve(context.directory, options.config));
  const { policyFile: file, tenant } = config;
  const database = options.db === undefined ? config.database : resolve(context.directory, options.db);
  const now = context.clock.now();
  const catalog = createCatalog(config.catalog);
  const connectors = await loadConnectors();
  const text = config.policyText ?? emptyPolicyText(tenant);

  const reader = openReader(database);
  let finding: FoundFinding, decision: Decision, after: string, turns: Turn<FoundFinding>[];
  try {
    const [scan] = concludedScans(reader, tenant);
    finding = findingNamed(reader, tenant, id);
    const judged = (policy: Policy) => reader.judgedAgain(tenant, scan.id, createJudge({ catalog, policy, connectors, now }));
    const before = judged(config.policy);
    const present = before.find(({ key }) => key === finding.key);
    if (!present) {
      context.err(
        `${shortId(finding)} needs no decision: by the policy as it stands, there is no such finding any more. Nothing was written.\n`,
      );
      return 0;
    }
    decision = plan(
      decidable(present),
      withCurrentIds(config.policy, (product) => catalog.currentId(product)),
      now,
    );
    after = edited(text, decision.edits);
    const judgedAfter = judged(parsePolicyText(after, `${file} with this decision`));
    turns = effectOf(before, judgedAfter);
    refuseWhatSettlesNothing(finding, verdict, judgedAfter);
  } finally {
    reader.close();
  }

  context.out(changedLines(config.policyText ?? '', after));
  context.err(turns.length === 0 ? '\nNo finding changes.\n' : `\nAt the next judging:\n${turnLines(turns)}`);
  if (options.dryRun) {
    context.err(`Nothing was written to ${terminalText(file, 400)}.\n`);
    return 0;
  }
  const store = openStore(database, { signal: context.signal });
  try {
    const event = {
      at: now.toISOString(),
      actor: claimedActor(),
      action: `policy.${verdict}`,
      subject: `finding/${finding.key}`,
      details: JSON.stringify(detailsOf(finding, decision, config.policyText, after)),
    };
    await store.audited(tenant, event, () => rewrite(file, config.policyText, after));
  } finally {
    await store.close();
  }
  context.err(`${decision.list}[${decision.index}] of ${terminalText(file, 400)} was ${decision.how}.\n`);
  return 0;
}

function decidable(finding: FoundFinding): Decidable {
  const { approve: offered, match } = JSON.parse(finding.body) as FindingBody;
  const { product, apps, connectors, ceiling } = offered as Decidable['target'] & Pick<Decidable, 'ceiling'>;
  const { key, connector, account, appId } = finding;
  const target = { ...(product !== undefined && { product }), apps, connectors };
  return { key, connector, account, appId, grade: match.grade, target, ceiling };
}

/** An approval of what is denied, or a denial of an old key, would be written in vain. */
function refuseWhatSettlesNothing(finding: FoundFinding, verdict: Verdict, after: readonly FoundFinding[]): void {
  const left = after.find(({ key, state }) => key === finding.key && state !== 'excepted');
  if (!left) return;
  const [detail] = (JSON.parse(left.body) as FindingBody).details;
  throw new ConfigError(
    `That it is ${verdict} would not settle ${shortId(finding)} (${finding.rule}): ${terminalText(detail ?? left.title)}`,
    {
      fix: FIXES[finding.rule] ?? 'Do what `noctule show` says, or accept it until a day with `noctule except`.',
    },
  );
}

const FIXES: Readonly<Record<string, string>> = {
  'denied-ai-tool': 'A denial goes before every approval: take it out of "denials" in policy.json first.',
  'approval-exceeded': 'Raise the limits of the approval in policy.json: `noctule show` says what exceeds them.',
  'review-due': 'Give the next day of review with --review.',
};

/** What the audit trail keeps: which entry, and the hashes that scans name a policy by. */
function detailsOf(finding: FoundFinding, { list, index, how, edits }: Decision, before: string | undefined, after: string): object {
  const { rule, connector, account, appId, product } = finding;
  const sha256 = (content: string) => hash('sha256', content, 'hex');
  return {
    rule,
    connector,
    account,
    appId,
    product,
    list,
    index,
    how,
    edits,
    before: before === undefined ? null : sha256(before),
    after: sha256(after),
  };
}

function shortId({ key }: FoundFinding): string {
  return key.slice(0, 8);
}
