import { hash } from 'node:crypto';
import { resolve } from 'node:path';
import { loadConfig } from '../config/config.ts';
import { edited } from '../config/jsonc-edit.ts';
import { emptyPolicyText, parsePolicyText } from '../config/policy-file.ts';
import { rewrite } from '../config/rewrite.ts';
import { canonicalJson, ConfigError, type Json } from '../connector/index.ts';
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
import { ENTRY_RULES } from '../policy/entry-rules.ts';
import { EMPTY_POLICY, withCurrentIds, type Policy } from '../policy/policy.ts';
import { openReader, type FoundFinding } from '../store/read.ts';
import { openStore } from '../store/store.ts';
import { terminalText } from '../text/terminal.ts';
import { claimedActor } from './actor.ts';
import { changedLines } from './changed-lines.ts';
import { locate, type CommandContext } from './context.ts';
import { findingToDecide } from './finding-named.ts';
import { concludedScans } from './moment.ts';
import { examinePolicy, type LocatedFault } from './policy-faults.ts';
import { judgesOf } from './present-judge.ts';
import { turnLines } from './turn-lines.ts';

interface DecideOptions {
  config: string;
  db?: string;
  dryRun?: boolean;
}

interface EntryOptions extends DecideOptions {
  separate?: boolean;
  everywhere?: boolean;
  all?: boolean;
}

export interface ApproveOptions extends EntryOptions, Omit<ApprovalFacts, 'population'> {
  /** At most so many people. */
  most?: number;
}

export interface DenyOptions extends EntryOptions, DenialFacts {}

export interface ExceptOptions extends DecideOptions, ExceptionFacts {}

/** Writes an approval of the app of a finding into policy.json. */
export function approveCommand(context: CommandContext, id: string, options: ApproveOptions): Promise<number> {
  const { config: _config, db: _db, dryRun: _dryRun, separate, everywhere, all, most, ...facts } = options;
  const given = { ...facts, ...(most !== undefined && { population: { most } }) };
  return decide(context, id, options, 'approved', (found, policy, now) =>
    approve(found, policy, given, { now, separate, everywhere, all }),
  );
}

/** Writes a denial of the app of a finding into policy.json. */
export function denyCommand(context: CommandContext, id: string, options: DenyOptions): Promise<number> {
  const { config: _config, db: _db, dryRun: _dryRun, separate, everywhere, all, ...facts } = options;
  return decide(context, id, options, 'denied', (found, policy, now) => deny(found, policy, facts, { now, separate, everywhere, all }));
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
  const { database } = await locate(context, options);
  const now = context.clock.now();
  const { catalog, judgeBy } = await judgesOf(config, now);
  const text = config.policyText ?? emptyPolicyText(tenant);

  const reader = openReader(database);
  let finding: FoundFinding, decision: Decision, after: string, turns: Turn<FoundFinding>[];
  try {
    const [scan] = concludedScans(reader, tenant);
    const judged = (policy: Policy) => reader.judgedAgain(tenant, scan.id, judgeBy(policy));
    const before = judged(config.policy);
    finding = findingToDecide(reader, tenant, id, { present: before, undecided: () => judged(EMPTY_POLICY) }, verdict === 'denied');
    // What is approved has no finding any more, and can be denied.
    if (verdict !== 'denied' && !before.some(({ key }) => key === finding.key)) {
      context.err(
        `${shortId(finding)} needs no decision: by the policy as it stands, there is no such finding any more. Nothing was written.\n`,
      );
      return 0;
    }
    decision = plan(
      decidable(finding),
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
  const faultsOf = (content: string) => examinePolicy({ text: content, file, database, tenant, catalog }, now).faults;
  context.err(faultLines(faultsOf(text), faultsOf(after), decision));
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
      details: JSON.stringify(detailsOf(decision, config.policyText, after)),
    };
    await store.audited(tenant, event, () => rewrite(file, config.policyText, after));
  } finally {
    await store.close();
  }
  context.err(
    `${decision.list}[${decision.index}] of ${terminalText(file, 400)} was ${HOW[decision.how]}. The next \`noctule scan\` applies it.\n`,
  );
  return 0;
}

const HOW: Readonly<Record<Decision['how'], string>> = {
  added: 'added',
  widened: 'widened',
  renewed: 'renewed',
  parted: 'added, and the app taken out of the entry that it shared',
};

function decidable({ key, connector, account, appId, product, body }: FoundFinding): Decidable {
  const { approve: offered, match } = JSON.parse(body) as FindingBody;
  const { ceiling } = offered as Pick<Decidable, 'ceiling'>;
  return { key, connector, account, appId, ...(product !== null && { product }), grade: match.grade, ceiling };
}

/** What is wrong with the entry, or with others because of it. */
function faultLines(before: readonly LocatedFault[], after: readonly LocatedFault[], { list, index }: Decision): string {
  const spelled = (fault: LocatedFault) => `${fault.list}[${fault.index}] ${ENTRY_RULES[fault.rule].title}: ${fault.detail}`;
  const known = new Set(before.map(spelled));
  const told = after.filter((fault) => (fault.list === list && fault.index === index) || !known.has(spelled(fault)));
  return told.length === 0
    ? ''
    : `\n\`noctule policy check\` will say:\n${told.map((fault) => `  ${terminalText(spelled(fault), 400)}\n`).join('')}`;
}

/** An approval of what is denied, or a denial of an old key, would be written in vain. */
function refuseWhatSettlesNothing(finding: FoundFinding, verdict: Verdict, after: readonly FoundFinding[]): void {
  const left = after.find(({ key, state }) => key === finding.key && state !== 'excepted');
  if (!left || (verdict === 'denied' && left.rule === 'denied-ai-tool')) return;
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

/**
 * What the audit trail keeps, for ever: which entry, what of it, and the hashes that scans name a policy by. Nobody is named: who owns,
 * approves and why stands in the policy, whose text a scan keeps where a person can be forgotten.
 */
function detailsOf({ list, index, how, edits }: Decision, before: string | undefined, after: string): object {
  const sha256 = (content: string) => hash('sha256', content, 'hex');
  return {
    list,
    index,
    how,
    changed: edits.map((edit) => ('set' in edit ? edit.set : 'append' in edit ? edit.append : edit.remove).join('.')),
    edits: sha256(canonicalJson(edits as unknown as Json)),
    before: before === undefined ? null : sha256(before),
    after: sha256(after),
  };
}

function shortId({ key }: FoundFinding): string {
  return key.slice(0, 8);
}
