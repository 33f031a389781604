import { isSettledBy, type Verdict } from './settled-by.ts';
import { isExcepting, isOver, type Policy } from './policy.ts';
import { covers, denies } from './standing.ts';

/**
 * What ended a finding: what it was about is gone (`removedDenied`: and was denied), a new approval, a new denial of what is still there,
 * an exception, or nothing of these, as where it was narrowed; `unknown` = what is stored does not tell.
 */
export const ENDINGS = ['removed', 'removedDenied', 'approved', 'denied', 'excepted', 'otherwise', 'unknown'] as const;
export type Ending = (typeof ENDINGS)[number];

/** That a finding ended, with what is stored of the scan that saw it. */
export interface Ended {
  key: string;
  scan: number;
  event: 'resolved' | 'excepted';
  rule: string;
  connector: string;
  account: string;
  appId: string;
  /** The app as that scan left it; null where that, or how it was before, is not kept. */
  app: EndedApp | null;
  /** Statements about the app are stored: it did not merely become another one. */
  isStated: boolean;
  /** The key or secret that the finding is about, by what lists state; null = it is about none, or no list has it. */
  credential: 'gone' | 'there' | null;
  /** Something that a list said of the app went in that scan. */
  went: boolean;
  /** Which entries would have settled it; null = an earlier program did not ask. */
  settledBy: readonly Verdict[] | null;
}

export interface EndedApp {
  state: 'present' | 'unverified' | 'gone';
  /** It was gone before that scan, too. */
  wasGone: boolean;
  product: string | null;
  grade: string;
  /** Null where that is kept of AI alone, and it is none. */
  sanctioned: boolean | null;
  denied: boolean;
  /** It is known as something else than before. */
  isAnother: boolean;
  /** The day came on which the same facts are judged otherwise. */
  turned: boolean;
}

/** What a scan was judged by. */
export interface Basis {
  /** When, ISO 8601. */
  at: string;
  policyHash: string | null;
  /** Undefined = it is not kept. */
  policy: Policy | undefined;
}

/**
 * What ended a finding. Where two things came with one scan, each of which would have ended it, nobody can tell which did: so that no
 * number of removals depends on whether that night was read.
 */
export function endingOf(ended: Ended, now: Basis | undefined, before: Basis | undefined): Ending {
  if (ended.event === 'excepted') return 'excepted';
  const { app, isStated, credential } = ended;
  const news = now && newsOf(now, before, app?.isAnother === true);
  if (!app || !news) return 'unknown';
  const at = new Date(now.at);
  const recognised = recognisedAs(ended, app);
  const isApproved = settles(ended, 'approval') && news.approvals.some((one) => !isOver(one.expires, at) && covers(one, recognised));
  const isGone = app.state === 'gone' ? isStated && !app.wasGone : credential === 'gone';
  if (isGone) {
    const isExcepted = news.exceptions.some((one) => ended.key.startsWith(one.finding) && isExcepting(one, at));
    if (isApproved || isExcepted || app.isAnother || app.turned) return 'unknown';
    return app.denied || ended.rule === 'denied-ai-tool' ? 'removedDenied' : 'removed';
  }
  if (app.state === 'gone') return isStated ? 'otherwise' : 'unknown';
  if (isApproved && app.sanctioned !== false) return 'approved';
  if (settles(ended, 'denial') && news.denials.some((one) => denies(one, recognised))) return 'denied';
  return ended.went ? 'unknown' : 'otherwise';
}

function settles({ settledBy }: Ended, verdict: Verdict): boolean {
  return isSettledBy(settledBy === null ? {} : { settledBy }, verdict);
}

type Entries = Pick<Policy, 'approvals' | 'denials' | 'exceptions'>;

/** Entries that were not there before; all of them, where what they are about is known as something else. Undefined = nobody can tell. */
function newsOf(now: Basis, before: Basis | undefined, isAnother: boolean): Entries | undefined {
  if (now.policyHash === before?.policyHash && !isAnother) return { approvals: [], denials: [], exceptions: [] };
  if (!now.policy) return undefined;
  if (isAnother) return now.policy;
  if (!before?.policy) return undefined;
  return {
    approvals: added(now.policy.approvals, before.policy.approvals),
    denials: added(now.policy.denials, before.policy.denials),
    exceptions: added(now.policy.exceptions, before.policy.exceptions),
  };
}

function added<Entry>(now: readonly Entry[], before: readonly Entry[]): Entry[] {
  const were = new Set(before.map((entry) => JSON.stringify(entry)));
  return now.filter((entry) => !were.has(JSON.stringify(entry)));
}

function recognisedAs({ connector, account, appId }: Ended, { product, grade }: EndedApp): Parameters<typeof covers>[1] {
  const match = { ...(product !== null && { product }), grade } as Parameters<typeof covers>[1]['match'];
  return { connector, account, appId, match };
}
