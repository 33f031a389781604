import type { Repository } from './repositories.ts';

/** Rules of one repository, which the organisation's own do not name. */
export interface Rule {
  id: number;
  name: string;
  reviews: number;
  /** Ids of apps that need not keep it. */
  bypass: readonly number[];
}

export function repositoryRulesets({ number, id }: Repository): readonly Rule[] {
  return number % 3 === 0 ? [{ id: id * 2, name: 'release needs two', reviews: 2, bypass: [] }] : [];
}

export function branchProtections({ number, id }: Repository): readonly Rule[] {
  return number % 3 === 1 ? [{ id: id * 2 + 1, name: 'main', reviews: 1, bypass: [1_236_702] }] : [];
}

/** As GraphQL shows it. Who may bypass a ruleset is told to those who may change it, and null to others. */
export function rulesetNode({ id, name, reviews, bypass }: Rule, isTold: boolean) {
  return {
    databaseId: id % 2 ** 31,
    name,
    target: 'BRANCH',
    enforcement: 'ACTIVE',
    rules: { nodes: [{ parameters: { __typename: 'PullRequestParameters', requiredApprovingReviewCount: reviews } }] },
    bypassActors: isTold ? allowances(bypass) : null,
  };
}

export function protectionNode({ id, name, reviews, bypass }: Rule) {
  return {
    databaseId: id % 2 ** 31,
    pattern: name,
    isAdminEnforced: false,
    requiresApprovingReviews: reviews > 0,
    requiredApprovingReviewCount: reviews,
    bypassPullRequestAllowances: allowances(bypass),
  };
}

function allowances(apps: readonly number[]) {
  const nodes = apps.map((databaseId) => ({ deployKey: false, bypassMode: 'ALWAYS', actor: { __typename: 'App', databaseId } }));
  return { totalCount: nodes.length, nodes };
}
