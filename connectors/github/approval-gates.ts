import { defineCollector, type Observation, type Scope } from '../../src/connector/index.ts';
import type { z } from 'zod';
import type { Client } from './client.ts';
import { settingsPage, type Config } from './config.ts';
import { control, said } from './control.ts';
import { leaf, readEach, readSingles, UNCOUNTED } from './inventory.ts';
import { LISTS } from './operations.ts';
import { actionsPolicy, ruleset, workflowPolicy } from './schema.ts';

const ACTIONS = 'GET /orgs/{org}/actions/permissions';
const WORKFLOW = 'GET /orgs/{org}/actions/permissions/workflow';
const RULESETS = 'GET /orgs/{org}/rulesets';
const RULESET = 'GET /orgs/{org}/rulesets/{ruleset_id}';

/** What workflows may do, and whether they may approve what they themselves, or an agent, propose. */
export const actionsSettings = defineCollector<Config, Client>({
  id: 'actions_policy',
  title: 'What workflows may do',
  version: 1,
  kinds: ['control'],
  mode: 'inventory',
  operations: [ACTIONS, WORKFLOW],
  permissions: [{ id: LISTS[ACTIONS].app, purpose: 'Read the settings of Actions', required: false, orElse: [LISTS[ACTIONS].token] }],
  limits: ['Repositories may narrow these settings, and are not asked', 'Which actions a selected list allows is not read'],
  volatile: [],
  requests: () => 2,

  collect: (context) => {
    const url = settingsPage(context, 'actions');
    return readSingles(context, [
      leaf({
        one: ACTIONS,
        place: ['controls', 'actions'],
        effect: 'Which actions workflows may use is unknown',
        schema: actionsPolicy,
        observe: (data, scope) => [
          control(
            ['actions'],
            'Actions that workflows may use',
            { scope, source: ACTIONS, url },
            {
              repositories: data.enabled_repositories,
              ...said({ actions: data.allowed_actions, mustBePinned: data.sha_pinning_required }),
            },
          ),
        ],
      }),
      leaf({
        one: WORKFLOW,
        place: ['controls', 'workflow_approval'],
        effect: 'Whether workflows may approve pull requests is unknown',
        schema: workflowPolicy,
        observe: (data, scope) => [
          control(
            ['workflow_approval'],
            'Workflows may approve pull requests',
            { scope, source: WORKFLOW, url },
            {
              gate: data.can_approve_pull_request_reviews ? 'absent' : 'present',
              defaultPermissions: data.default_workflow_permissions,
            },
          ),
        ],
      }),
    ]);
  },
});

/** What is said of a gate around which others than apps may go. */
export const PEOPLE_MAY =
  'Whether a team or a user that may bypass a rule is a program is not known; owners, and who has a role in a repository, are taken for people';

/** Rules that a branch keeps, and which apps need not keep them. */
export const rulesets = defineCollector<Config, Client>({
  id: 'rulesets',
  title: 'Rulesets, and who may bypass them',
  version: 2,
  kinds: ['control'],
  mode: 'inventory',
  operations: [RULESETS, RULESET],
  permissions: [{ id: LISTS[RULESET].token, purpose: 'Read what rulesets demand, and who may bypass them', required: false }],
  limits: [
    'Who may bypass a ruleset is shown only to those who may change it: a credential that can only read does not see it',
    PEOPLE_MAY,
    'Rulesets and branch protections of single repositories are read by the profile "deep" alone',
    UNCOUNTED,
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('rulesets', 100) + sizes.of('rulesets'),

  collect: (context) =>
    readEach(
      context,
      {
        list: RULESETS,
        place: ['rulesets'],
        what: 'ruleset',
        effect: 'Whether a person has to approve what an agent proposes is unknown',
        size: 'rulesets',
        schema: ruleset,
        key: ['id'],
      },
      {
        size: 'ruleset_details',
        leavesOf: (row) => [
          leaf({
            one: RULESET,
            parameters: { ruleset_id: row.id },
            place: ['rulesets', row.id],
            effect: `What the ruleset ${row.id} demands is unknown`,
            schema: ruleset,
            observe: (data, scope) => rulesetFacts(data, scope, settingsPage(context, `rules/${row.id}`)),
          }),
        ],
      },
    ),
});

type Ruleset = z.infer<typeof ruleset>;

function rulesetFacts(data: Ruleset, scope: Scope, url: string): Observation[] {
  const reviews = data.rules?.find(({ type }) => type === 'pull_request')?.parameters?.required_approving_review_count;
  const rule = {
    isActive: data.enforcement === 'active',
    reviews: reviews ?? 0,
    bypass: bypassOf(data),
    mayBePrograms: data.bypass_actors?.some(({ actor_type: type }) => type === 'Team' || type === 'User') === true,
  };
  return [
    control(
      ['ruleset', data.id],
      data.name,
      { scope, source: RULESET, url },
      {
        ...said({ target: data.target, requiredReviews: reviews, bypass: rule.bypass }),
        enforcement: data.enforcement,
        on: demandsReview(rule),
        gate: gateOf(rule),
      },
    ),
  ];
}

/** Apps and keys that need not keep the rules, by id; absent = GitHub did not say. */
function bypassOf({ bypass_actors: actors }: Ruleset): string[] | undefined {
  return actors
    ?.filter(({ actor_type: type }) => type === 'Integration' || type === 'DeployKey')
    .map(({ actor_type: type, actor_id: id, bypass_mode: mode }) => [type, id ?? '*', mode ?? 'always'].join(':'))
    .sort();
}

/** A rule, as far as it stands between an agent and a branch. */
export interface Gate {
  isActive: boolean;
  reviews: number;
  /** Apps and keys that may go around it; undefined = GitHub hides who may. */
  bypass: readonly string[] | undefined;
  /** A team or a user may go around it, which may be a program. */
  mayBePrograms: boolean;
}

/** Does it hold anything back? Whoever may go around what is not enforced, or asks for no review, goes around nothing. */
export function demandsReview({ isActive, reviews }: Gate): boolean {
  return isActive && reviews > 0;
}

/** Is there a person between an agent and the branch? `unseen` where nobody can tell. */
export function gateOf(rule: Gate): 'present' | 'absent' | 'unseen' {
  if (!demandsReview(rule)) return 'absent';
  if (!rule.bypass) return 'unseen';
  if (rule.bypass.length > 0) return 'absent';
  return rule.mayBePrograms ? 'unseen' : 'present';
}
