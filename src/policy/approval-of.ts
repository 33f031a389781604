import { canonicalJson, type Json } from '../connector/index.ts';
import type { Reach } from './integration.ts';
import { isOver, type Approval, type Policy } from './policy.ts';
import { ceilingExcess, covers, denies, inOneOrder, type Recognised } from './standing.ts';

/** An app as it was judged last, as far as that is kept: who holds what, and where, is not. */
export interface JudgedApp extends Recognised {
  reach: readonly Pick<Reach, 'dataClass' | 'access' | 'permissions'>[];
  holders: number;
  /** Did it keep to an approval in force? Undefined = that was not asked. */
  sanctioned?: boolean | undefined;
}

/** The approvals in force that are about an app and that it keeps to, in an order that the file has no part in. */
export function approvalsOf(app: JudgedApp, policy: Policy, now: Date): readonly Approval[] {
  if (app.sanctioned === false) return [];
  const keeps = ({ ceiling, population }: Approval) =>
    ceilingExcess(ceiling, app.reach).length === 0 && (population?.most === undefined || app.holders <= population.most);
  return inOneOrder(policy.approvals.filter((entry) => covers(entry, app) && !isOver(entry.expires, now) && keeps(entry)));
}

/** Did an earlier policy not yet say of an app what an approval says by now? That another app was added to the entry is no news of this one. */
export function isNewSince(before: Policy, approval: Approval, app: Recognised): boolean {
  const said = limitsOf(approval);
  return !before.approvals.some((entry) => covers(entry, app) && limitsOf(entry) === said);
}

/** Was an app denied by an earlier policy? */
export function wasDenied(before: Policy, app: Recognised): boolean {
  return before.denials.some((entry) => denies(entry, app));
}

/** What an approval decides of an app. Who answers for it and why is no part of that, and may be forgotten. */
function limitsOf({ ceiling, population, stage, decided, expires, review, reviewed, reviewEvery }: Approval): string {
  const limits = { ceiling, population, stage, decided, expires, review, reviewed, reviewEvery };
  return canonicalJson(Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)) as Json);
}
