import { hash } from 'node:crypto';
import { approvalsOf, isNewSince, wasDenied, type JudgedApp } from '../policy/approval-of.ts';
import type { FindingBody } from '../policy/findings.ts';
import { SEVERITIES, type Severity } from '../policy/judged.ts';
import { EMPTY_POLICY, type Approval, type Policy } from '../policy/policy.ts';
import { GROUP_OF } from '../policy/rule-groups.ts';
import { digestDocument, documentOf, titleOfDecision } from './body.ts';
import type { Run, TicketDocument } from './document.ts';
import { decisionId } from './marker.ts';
import { answers, settlementOf, type Settlement, type Word } from './settlement.ts';
import type { TicketSettings } from './settings.ts';
import type {
  DecidedFinding,
  DecisionFacts,
  Operation,
  Payload,
  TicketFacts,
  TicketPlan,
  TicketPlanner,
  TicketWorld,
  Told,
  Withheld,
} from './world.ts';

const DAY_MS = 86_400_000;
/** Decisions that a digest names. */
const NAMED = 50;

/** The decisions of the organisation, as they are and as they were. */
export interface Policies {
  current: Policy;
  /** What the text of an earlier one said; undefined = it cannot be read any more. */
  earlier(text: string): Policy | undefined;
}

/** Puts the settings, the policy and the rules' groups together into the planner that the store streams decisions through. */
export function createPlanner(settings: TicketSettings, policies: Policies, now: Date): TicketPlanner {
  return {
    now,
    sinks: settings.sinks.map(({ name }) => name),
    groups: GROUP_OF,
    decisionId,
    plan: (world) => planTickets(world, settings, policies, now),
  };
}

/**
 * What is to be written to trackers, so that these say what is known. Pure: level-triggered, so that planning again asks for the same, and
 * what waits already is not asked for twice.
 */
export function planTickets(world: TicketWorld, settings: TicketSettings, policies: Policies, now: Date): TicketPlan {
  const plan: TicketPlan = { wanted: [], withdrawn: [], settled: [], withheld: [], began: [], digests: [] };
  const desks = settings.sinks.map((sink) => deskOf(sink, world, settings, plan, now));
  const digests = new Map<string, DecisionFacts>();
  const wordOf = wordReader(world, policies, now);
  for (const decision of world.decisions) {
    if (decision.group === 'digest') {
      digests.set(decision.id, decision);
      continue;
    }
    const live = decision.findings.filter(({ state }) => state === 'open' || state === 'acknowledged');
    const settlement = live.length > 0 ? undefined : settlementOf(decision, settings.resolveAfter, wordOf);
    for (const desk of desks) desk.decide(decision, live, settlement);
  }
  for (const desk of desks) desk.end(digests);
  return plan;
}

/** The approval that the app of a resolved finding keeps to, and whether that is what settled it: one that is news before others. */
function wordReader(world: TicketWorld, { current, earlier }: Policies, now: Date): (finding: DecidedFinding) => Word | undefined {
  const read = new Map<string, Policy | undefined>();
  const policyBefore = (scan: number): Policy | undefined => {
    const text = world.policyBefore(scan);
    if (text === null) return EMPTY_POLICY;
    if (text !== undefined && !read.has(text)) read.set(text, earlier(text));
    return text === undefined ? undefined : read.get(text);
  };
  return (finding) => {
    const app = judgedApp(finding);
    const approvals = approvalsOf(app, current, now);
    if (approvals.length === 0) return undefined;
    // Nobody knows what was said when it was last there.
    const before = policyBefore(finding.stateScan);
    const isNews = (approval: Approval) =>
      before !== undefined &&
      answers(finding.rule, approval) &&
      (isNewSince(before, approval, app) || (finding.rule === 'denied-ai-tool' && wasDenied(before, app)));
    const news = approvals.find(isNews);
    return { approval: news ?? approvals[0]!, isNews: news !== undefined };
  };
}

function judgedApp({ connector, account, appId, product, appGrade, appBody }: DecidedFinding): JudgedApp {
  const {
    reach = [],
    holders,
    supervision,
  } = JSON.parse(appBody ?? '{}') as {
    reach?: JudgedApp['reach'];
    holders?: FindingBody['holders'];
    supervision?: { sanctioned: boolean };
  };
  return {
    connector,
    account,
    appId,
    match: { grade: appGrade, ...(product !== null && { product }) },
    reach,
    holders: holders?.count ?? 0,
    sanctioned: supervision?.sanctioned,
  };
}

/** What is wanted of one ticket. */
interface Subject {
  decision: string;
  title: readonly Run[];
  severity: Severity;
  told: Told;
  /** Somebody has seen all of it as it is. */
  acknowledged: boolean;
  /** Its text; `earlier` = what people call the one before. */
  document(earlier: string | null): TicketDocument;
}

interface Candidate {
  subject: Subject;
  rank: number;
  earlier: TicketFacts | undefined;
}

/** One tracker's part of a plan. */
function deskOf(sink: TicketSettings['sinks'][number], world: TicketWorld, settings: TicketSettings, plan: TicketPlan, now: Date) {
  const facts = world.sinks.get(sink.name) ?? { baselineScan: undefined, created: 0 };
  const baseline = settings.openExisting ? 0 : (facts.baselineScan ?? world.scan);
  const allowed = Math.max(0, settings.maxCreatePerRun - facts.created);
  const withheld = new Map<Withheld, number>();
  const hold = (reason: Withheld) => void withheld.set(reason, (withheld.get(reason) ?? 0) + 1);
  const best = shortList(allowed);

  const want = (subject: Subject, generation: number, op: TicketPlan['wanted'][number]['op'], why: string, payload: Payload) =>
    void plan.wanted.push({ sink: sink.name, decision: subject.decision, generation, op, title: plain(subject.title), why, payload });
  const withdraw = (decision: string, generation: number, write: number, whole: boolean) =>
    void plan.withdrawn.push({ sink: sink.name, decision, generation, write, whole });

  const withdrawQueued = (subject: Subject, ticket: TicketFacts, ops: readonly Operation[]) => {
    for (const { id, op, state } of ticket.waiting)
      if (state === 'queued' && ops.includes(op)) withdraw(subject.decision, ticket.generation, id, false);
  };

  /** People took the ticket elsewhere, and it is theirs while it is open: nothing is written to it, and no other is opened. */
  const leave = (decision: string, ticket: TicketFacts) => {
    for (const { id, state } of ticket.waiting)
      if (state === 'queued' || state === 'dead') withdraw(decision, ticket.generation, id, false);
    hold('moved');
  };

  /** The same would be refused again. */
  const wasRefused = (ticket: TicketFacts, asked: Operation) =>
    ticket.waiting.some(({ op, state, notBefore }) => op === asked && state === 'dead' && notBefore > now.toISOString());

  function create({ subject, earlier }: Candidate): void {
    const generation = earlier === undefined ? 1 : earlier.remoteId === null ? earlier.generation : earlier.generation + 1;
    const before = earlier === undefined ? null : earlier.remoteId === null ? earlier.earlier : earlier.label;
    want(subject, generation, 'create', before === null ? 'needs a decision' : `back, after ${before}`, contentOf(subject, before));
  }

  /** Keeps a ticket up to date, opens it again, or asks for one. `ask` = what would be created has to stand in line. */
  function keep(
    subject: Subject,
    ticket: TicketFacts | undefined,
    ask: (earlier: TicketFacts | undefined) => void,
    comments: boolean,
  ): void {
    if (!ticket) return ask(undefined);
    if (ticket.remoteId === null) {
      const creation = ticket.waiting.find(({ op }) => op === 'create');
      if (creation?.state === 'queued') {
        // Nobody has seen it yet: it may as well say what is known now.
        const before = ticket.earlier;
        if (creation.contentHash === contentOf(subject, before).contentHash) return;
        withdraw(subject.decision, ticket.generation, creation.id, false);
        return create({ subject, rank: 0, earlier: ticket });
      }
      if (creation && creation.state !== 'dead') return;
      if (wasRefused(ticket, 'create')) return hold('refused');
      return ask(ticket);
    }
    if (ticket.isMoved && ticket.remoteState === 'open') return leave(subject.decision, ticket);
    // Nothing is written to where it was moved either.
    const isMissing = ticket.remoteState === 'missing' || ticket.isMoved === true;
    if (isMissing) withdrawQueued(subject, ticket, ['reopen', 'update', 'comment']);
    const waitsToClose = ticket.waiting.findLast(
      ({ op, state }) => (op === 'close' || (op === 'reopen' && !(isMissing && state === 'queued'))) && state !== 'dead',
    );
    if (waitsToClose?.op === 'close' && waitsToClose.state === 'queued')
      withdraw(subject.decision, ticket.generation, waitsToClose.id, false);
    else if (waitsToClose?.op !== 'reopen' && (waitsToClose?.op === 'close' || ticket.remoteState !== 'open')) {
      const closedAt = ticket.closedAt ?? now.toISOString();
      const days = (now.getTime() - Date.parse(closedAt)) / DAY_MS;
      const isHumans = waitsToClose === undefined && ticket.closedBy === 'human';
      if (!isMissing && wasRefused(ticket, 'reopen')) return hold('refused');
      // Who acknowledged all of it and closed the ticket has said so twice.
      if (isHumans && (days < settings.snoozeDays || subject.acknowledged)) {
        withdrawQueued(subject, ticket, ['update', 'comment']);
        return hold('closed by somebody');
      }
      if (days > settings.reopenWindowDays || isMissing) return ask(ticket);
      const text = isHumans
        ? `Closed by somebody on ${closedAt.slice(0, 10)}; it is still there ${settings.snoozeDays} days later.`
        : `It is back, or nobody covers it any more. Closed on ${closedAt.slice(0, 10)}.`;
      want(subject, ticket.generation, 'reopen', isHumans ? 'still there' : 'back', { paragraphs: [[text]], told: subject.told });
    }
    refresh(subject, ticket, comments);
  }

  /** The text follows what is known; people are told at most once a day, of what matters. */
  function refresh(subject: Subject, ticket: TicketFacts, comments: boolean): void {
    const content = contentOf(subject, ticket.earlier);
    const rewriting = ticket.waiting.findLast(({ op, state }) => op === 'update' && state !== 'dead');
    if (wasRefused(ticket, 'update')) hold('refused');
    else if ((rewriting ? rewriting.contentHash : ticket.contentHash) !== content.contentHash) {
      if (rewriting?.state === 'queued') withdraw(subject.decision, ticket.generation, rewriting.id, false);
      want(subject, ticket.generation, 'update', 'says something else now', content);
    }
    const news = comments && ticket.told ? newsOf(ticket.told, subject.told) : [];
    const telling = ticket.waiting.some(({ op, state }) => ['comment', 'reopen', 'close'].includes(op) && state !== 'dead');
    const reopening = plan.wanted.some(
      ({ decision, op, sink: to }) => decision === subject.decision && op === 'reopen' && to === sink.name,
    );
    if (
      news.length > 0 &&
      !telling &&
      !reopening &&
      !wasRefused(ticket, 'comment') &&
      ticket.lastCommentDay !== now.toISOString().slice(0, 10)
    )
      want(subject, ticket.generation, 'comment', news[0]!, { paragraphs: [news.map((line) => `${line} `)], told: subject.told });
  }

  /** Closes what is settled. */
  function close(decision: string, title: readonly Run[], ticket: TicketFacts | undefined, settlement: Settlement): void {
    if (!ticket) return;
    const generation = ticket.generation;
    if (ticket.isMoved && ticket.remoteState === 'open') return leave(decision, ticket);
    if (ticket.remoteId === null) {
      const creation = ticket.waiting.find(({ op }) => op === 'create');
      if (!creation || creation.state === 'queued' || creation.state === 'dead') withdraw(decision, generation, creation?.id ?? 0, true);
      return;
    }
    const closing = ticket.waiting.findLast(({ op }) => op === 'close' || op === 'reopen');
    if (closing?.op === 'reopen' && closing.state === 'queued') return withdraw(decision, generation, closing.id, false);
    if (closing?.op === 'close' && closing.state !== 'dead') return;
    if (wasRefused(ticket, 'close')) return hold('refused');
    const isOpen = closing?.op === 'reopen' ? closing.state !== 'dead' || ticket.remoteState === 'open' : ticket.remoteState === 'open';
    if (isOpen)
      plan.wanted.push({
        sink: sink.name,
        decision,
        generation,
        op: 'close',
        title: plain(title),
        why: settlement.why,
        payload: { paragraphs: [settlement.words] },
      });
    else if (ticket.closedBy === 'human') plan.settled.push({ sink: sink.name, decision, generation });
  }

  return {
    decide(decision: DecisionFacts, live: readonly DecidedFinding[], settlement: Settlement | undefined): void {
      const ticket = decision.tickets.get(sink.name);
      if (live.length === 0) {
        if (settlement) close(decision.id, titleOfDecision(decision.findings), ticket, settlement);
        else if (ticket && ticket.remoteState !== 'closed') {
          // It was never told to anybody: nothing has to be waited for.
          const creation = ticket.waiting.find(({ op }) => op === 'create');
          const closing = ticket.waiting.find(({ op, state }) => op === 'close' && state === 'queued');
          if (creation && (creation.state === 'queued' || creation.state === 'dead'))
            withdraw(decision.id, ticket.generation, creation.id, true);
          else {
            // It was settled when that was asked for, by a decision that was taken back.
            if (closing) withdraw(decision.id, ticket.generation, closing.id, false);
            hold('waits for a scan that reads');
          }
        }
        return;
      }
      const subject = subjectOf(decision, live);
      keep(
        subject,
        ticket,
        (earlier) => {
          const isNews = earlier !== undefined || live.some((one) => isSince(one, baseline));
          if (SEVERITIES.indexOf(subject.severity) < SEVERITIES.indexOf(sink.minimumSeverity)) hold('below severity');
          else if (!isNews) hold('baseline');
          else best.add({ subject, rank: live[0]!.rank, earlier });
        },
        true,
      );
    },
    end(digests: ReadonlyMap<string, DecisionFacts>): void {
      for (const candidate of best.chosen()) create(candidate);
      const id = decisionId({ tenant: world.tenant, connector: '', group: 'digest', product: null, appId: sink.name }, 0);
      const ticket = digests.get(id)?.tickets.get(sink.name);
      if (best.others() > 0) {
        withheld.set('over the cap', best.others());
        if (!digests.has(id)) plan.digests.push({ id, sink: sink.name });
        const subject = digestSubject(id, best, settings.maxCreatePerRun);
        keep(subject, ticket, (earlier) => create({ subject, rank: 0, earlier }), false);
      } else
        close(id, ['Decisions that wait for a ticket'], ticket, { why: 'none is left', words: ['None is left that waits for a ticket.'] });
      if (facts.baselineScan === undefined) plan.began.push({ sink: sink.name, baseline });
      for (const [reason, decisions] of withheld) plan.withheld.push({ sink: sink.name, reason, decisions });
    },
  };
}

/** Something about it began after that scan. That somebody has acknowledged it is no news. */
function isSince({ state, firstScan, stateScan }: DecidedFinding, scan: number): boolean {
  return firstScan > scan || (state === 'open' && stateScan > scan);
}

/** The gravest candidates, and how many there are beside them. Memory stays flat. */
function shortList(most: number) {
  const chosen: Candidate[] = [];
  const rest: { rank: number; decision: string; title: readonly Run[] }[] = [];
  let others = 0;
  const before = (a: { rank: number; decision: string }, b: { rank: number; decision: string }) =>
    b.rank - a.rank || (a.decision < b.decision ? -1 : 1);
  const placeOf = ({ rank, subject }: Candidate) => ({ rank, decision: subject.decision });
  const leave = (candidate: Candidate) => {
    others++;
    rest.push({ ...placeOf(candidate), title: candidate.subject.title });
    if (rest.length > 2 * NAMED) rest.sort(before).splice(NAMED);
  };
  return {
    add(candidate: Candidate): void {
      chosen.push(candidate);
      if (chosen.length <= most) return;
      chosen.sort((a, b) => before(placeOf(a), placeOf(b)));
      leave(chosen.pop()!);
    },
    chosen: () => chosen.toSorted((a, b) => before(placeOf(a), placeOf(b))),
    others: () => others,
    named: () =>
      rest
        .toSorted(before)
        .slice(0, NAMED)
        .map(({ title }) => title),
  };
}

function subjectOf(decision: DecisionFacts, live: readonly DecidedFinding[]): Subject {
  const severity = SEVERITIES[Math.max(...live.map((finding) => SEVERITIES.indexOf(finding.severity)))]!;
  const holders = live.map(({ body }) => (JSON.parse(body) as FindingBody).holders);
  return {
    decision: decision.id,
    title: titleOfDecision(live),
    severity,
    told: {
      severity,
      findings: live.map(({ key }) => key).sort(),
      holders: Math.max(0, ...holders.map(({ count }) => count)),
      administrators: Math.max(0, ...holders.map(({ administrators }) => administrators)),
    },
    acknowledged: live.every(({ state }) => state === 'acknowledged'),
    document: (earlier) => documentOf(decision, live, earlier),
  };
}

function digestSubject(id: string, best: ReturnType<typeof shortList>, cap: number): Subject {
  const waiting = { number: best.others(), some: best.named() };
  return {
    decision: id,
    title: [`${waiting.number} more decisions`],
    severity: 'low',
    told: { severity: 'low', findings: [], holders: 0, administrators: 0 },
    acknowledged: false,
    document: () => digestDocument(waiting, cap),
  };
}

/** The text, and the digest by which a change of it is noticed. */
function contentOf(subject: Subject, earlier: string | null) {
  const document = subject.document(earlier);
  const contentHash = hash('sha256', JSON.stringify([subject.severity, document]), 'hex').slice(0, 32);
  return { document, severity: subject.severity, contentHash, told: subject.told };
}

/** What somebody wants to hear of before the next visit to the ticket. */
function newsOf(before: Told, now: Told): string[] {
  const fresh = now.findings.filter((key) => !before.findings.includes(key)).length;
  const over = before.findings.filter((key) => !now.findings.includes(key)).length;
  return [
    ...(before.severity === now.severity ? [] : [`It was ${before.severity} and is ${now.severity}.`]),
    ...(fresh > 0 ? [`${fresh} ${fresh === 1 ? 'finding came' : 'findings came'} to it.`] : []),
    ...(over > 0 ? [`${over} ${over === 1 ? 'finding is' : 'findings are'} settled.`] : []),
    ...(now.holders >= 2 * before.holders && now.holders >= before.holders + 5
      ? [`It is held by ${now.holders}, where it was ${before.holders}.`]
      : []),
    ...(before.administrators === 0 && now.administrators > 0 ? ['An administrator holds it now.'] : []),
  ];
}

function plain(runs: readonly Run[]): string {
  return runs.map((run) => (typeof run === 'string' ? run : run.name)).join('');
}
