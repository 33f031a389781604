import { z } from 'zod';
import { defineCollector, type Observation, type Scope, type ScanEvent } from '../../src/connector/index.ts';
import { demandsReview, gateOf, PEOPLE_MAY, type Gate } from './approval-gates.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import { control, said } from './control.ts';
import { GRAPHQL, LISTS } from './operations.ts';
import { readRepositories, repositoryQuery } from './repositories.ts';

const actor = z.object({ __typename: z.string(), databaseId: z.int().nullish() }).nullish();
const text = z
  .int()
  .nullish()
  .transform((id) => (typeof id === 'number' ? String(id) : undefined));
const bypassers = z.object({
  totalCount: z.int(),
  nodes: z.array(z.object({ deployKey: z.boolean(), bypassMode: z.string().nullish(), actor })),
});
const ruleset = z.object({
  databaseId: text,
  name: z.string(),
  target: z.string().nullish(),
  enforcement: z.string(),
  rules: z
    .object({ nodes: z.array(z.object({ parameters: z.object({ requiredApprovingReviewCount: z.int().optional() }).nullish() })) })
    .nullish(),
  /** null = not said to who may only read. */
  bypassActors: bypassers.nullish(),
});
const protection = z.object({
  databaseId: text,
  pattern: z.string(),
  isAdminEnforced: z.boolean(),
  requiresApprovingReviews: z.boolean(),
  requiredApprovingReviewCount: z.int().nullish(),
  bypassPullRequestAllowances: z.object({ totalCount: z.int(), nodes: z.array(z.object({ actor })) }).nullish(),
});
const node = z.object({
  databaseId: z.int().transform(String),
  nameWithOwner: z.string(),
  rulesets: z.object({ totalCount: z.int(), nodes: z.array(ruleset) }).nullish(),
  branchProtectionRules: z.object({ totalCount: z.int(), nodes: z.array(protection) }).nullish(),
});
type Node = z.infer<typeof node>;

/** Sixteen points a page, by GitHub's formula: 1,601 connections of 50 repositories. */
const FIELDS = `
        rulesets(first: 10, includeParents: false) @include(if: $whole) {
          totalCount
          nodes {
            databaseId
            name
            target
            enforcement
            rules(first: 5, type: PULL_REQUEST) { nodes { parameters { ... on PullRequestParameters { requiredApprovingReviewCount } } } }
            bypassActors(first: 20) { totalCount nodes { deployKey bypassMode actor { __typename ... on App { databaseId } } } }
          }
        }
        branchProtectionRules(first: 10) @include(if: $whole) {
          totalCount
          nodes {
            databaseId
            pattern
            isAdminEnforced
            requiresApprovingReviews
            requiredApprovingReviewCount
            bypassPullRequestAllowances(first: 20) { totalCount nodes { actor { __typename ... on App { databaseId } } } }
          }
        }`;

const REPO = LISTS[GRAPHQL].token;
const EFFECT = 'Whether a person has to approve what an agent proposes in single repositories is unknown';

/** What branches of single repositories demand before something is merged, and which apps need not keep to it. */
export const repositoryRules = defineCollector<Config, Client>({
  id: 'repository_rules',
  title: 'Rulesets and branch protections of single repositories',
  version: 2,
  kinds: ['control'],
  mode: 'inventory',
  lane: 'queries',
  operations: [GRAPHQL],
  permissions: [{ id: REPO, purpose: 'Read what branches demand, and which apps may bypass it', required: false }],
  limits: [
    'Who may bypass a ruleset is shown only to those who may change it: a credential that can only read does not see it',
    PEOPLE_MAY,
    'A repository without rules of its own may still keep those of its organisation, which `rulesets` reads',
    'Of a repository with more than ten rulesets, or more than ten protected branches, ten of each are read',
    'A page costs sixteen of the points that GitHub gives for GraphQL in an hour, and not one',
  ],
  volatile: [],
  optional: true,
  isAskedFor: ({ profile }) => profile === 'deep',
  requests: (sizes) => sizes.pages('repositories', 50),
  collect: (context) =>
    readRepositories(context, {
      // Apps that only read are answered without those who may bypass a ruleset, which is what it is asked for.
      query: repositoryQuery('RepositoryRules', FIELDS, node, { can: ['token'] }),
      place: ['repository_rules'],
      effect: EFFECT,
      permission: REPO,
      largest: 50,
      observe: (found, scope) => [
        ...(found.rulesets?.nodes ?? []).map((each) => rulesetOf(context.config, found, each, scope)),
        ...(found.branchProtectionRules?.nodes ?? []).map((each) => protectionOf(context.config, found, each, scope)),
        ...noneOf(context.config, found, scope),
        ...unread(found, scope),
      ],
    }),
});

/** That both lists are empty is the commonest of all answers, and not the same as that they were not read. */
function noneOf(
  config: Config,
  { databaseId: repository, nameWithOwner, rulesets, branchProtectionRules: protections }: Node,
  scope: Scope,
) {
  if (rulesets?.totalCount !== 0 || protections?.totalCount !== 0) return [];
  return [
    control(
      ['repository_rules', repository],
      'No rules of its own',
      { scope, source: GRAPHQL, url: webPage(config, `/${nameWithOwner}/settings/rules`) },
      { repository, repositoryName: nameWithOwner, gate: 'absent' },
    ),
  ];
}

type Actor = z.infer<typeof actor>;

/** Apps and deploy keys, as the rulesets of the organisation name them. */
function appOf(found: Actor, isKey: boolean, mode: string | null | undefined): string[] {
  const suffix = (mode ?? 'always').toLowerCase();
  if (isKey) return [`DeployKey:*:${suffix}`];
  return found?.__typename === 'App' ? [`Integration:${found.databaseId ?? '*'}:${suffix}`] : [];
}

function mayBeProgram(found: Actor): boolean {
  return found?.__typename === 'Team' || found?.__typename === 'User';
}

function rulesetOf(
  config: Config,
  { databaseId: repository, nameWithOwner }: Node,
  each: z.infer<typeof ruleset>,
  scope: Scope,
): Observation {
  const reviews = Math.max(0, ...(each.rules?.nodes ?? []).map(({ parameters }) => parameters?.requiredApprovingReviewCount ?? 0));
  const bypass = each.bypassActors?.nodes.flatMap((by) => appOf(by.actor, by.deployKey, by.bypassMode)).sort();
  const enforcement = each.enforcement.toLowerCase();
  const mayBePrograms = each.bypassActors?.nodes.some((by) => mayBeProgram(by.actor)) === true;
  const rule: Gate = { isActive: enforcement === 'active', reviews, bypass, mayBePrograms };
  return control(
    ['ruleset', each.databaseId ?? `${repository} ${each.name}`],
    each.name,
    { scope, source: GRAPHQL, url: webPage(config, `/${nameWithOwner}/settings/rules/${each.databaseId ?? ''}`) },
    {
      ...said({ target: each.target?.toLowerCase(), bypass }),
      repository,
      repositoryName: nameWithOwner,
      requiredReviews: reviews,
      enforcement,
      on: demandsReview(rule),
      gate: gateOf(rule),
    },
  );
}

function protectionOf(
  config: Config,
  { databaseId: repository, nameWithOwner }: Node,
  each: z.infer<typeof protection>,
  scope: Scope,
): Observation {
  const reviews = each.requiresApprovingReviews ? (each.requiredApprovingReviewCount ?? 1) : 0;
  const bypass = each.bypassPullRequestAllowances?.nodes.flatMap((by) => appOf(by.actor, false, undefined)).sort();
  const mayBePrograms = each.bypassPullRequestAllowances?.nodes.some((by) => mayBeProgram(by.actor)) === true;
  const rule: Gate = { isActive: true, reviews, bypass, mayBePrograms };
  return control(
    ['branch_protection', repository, each.databaseId ?? each.pattern],
    each.pattern,
    { scope, source: GRAPHQL, url: webPage(config, `/${nameWithOwner}/settings/branches`) },
    {
      ...said({ bypass }),
      repository,
      repositoryName: nameWithOwner,
      requiredReviews: reviews,
      alsoForAdministrators: each.isAdminEnforced,
      on: demandsReview(rule),
      gate: gateOf(rule),
    },
  );
}

function unread({ nameWithOwner, rulesets, branchProtectionRules: protections }: Node, scope: Scope): ScanEvent[] {
  const lists = [rulesets, protections, ...(rulesets?.nodes ?? []).map(({ bypassActors }) => bypassActors)];
  const isCut = [...lists, ...(protections?.nodes ?? []).map(({ bypassPullRequestAllowances: by }) => by)].some(
    (list) => list && list.totalCount > list.nodes.length,
  );
  return isCut ? [{ type: 'gap', scope, reason: 'truncated', effect: `${nameWithOwner} has more rules than one page holds` }] : [];
}
