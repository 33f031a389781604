import type { Company } from '../../../src/testing/company.ts';
import { type Account, accountOf, accountRow } from './accounts.ts';
import { written } from './dates.ts';
import { type Installation } from './installations.ts';

export function copilotBilling(seats: number) {
  return {
    seat_breakdown: {
      total: seats,
      added_this_cycle: 0,
      pending_invitation: 0,
      pending_cancellation: 0,
      active_this_cycle: seats,
      inactive_this_cycle: 0,
    },
    seat_management_setting: 'assign_selected',
    ide_chat: 'enabled',
    platform_chat: 'enabled',
    cli: 'unconfigured',
    public_code_suggestions: 'block',
    plan_type: 'business',
  };
}

/** Path rules by repository, among them one that tells more than it should. */
export const CONTENT_EXCLUSION = { 'billing-0': ['/keys/**', '/customers/secret-project/**'], 'portal-1': ['*.pem'] };

export interface Ruleset {
  id: number;
  name: string;
  enforcement: 'active' | 'evaluate' | 'disabled';
  reviews: number | null;
  /** Ids of apps that need not keep the rules. */
  bypass: readonly number[];
}

export const RULESETS: readonly Ruleset[] = [
  { id: 81, name: 'main needs a review', enforcement: 'active', reviews: 1, bypass: [] },
  { id: 82, name: 'agents may merge', enforcement: 'active', reviews: 1, bypass: [1_236_702] },
  { id: 83, name: 'to be tried', enforcement: 'evaluate', reviews: null, bypass: [] },
];

/** The list is shorter than the thing itself. Who may bypass is told to those who may change it: an owner's token, never an App that reads. */
export function rulesetRow(ruleset: Ruleset, login: string, said: 'list' | 'reader' | 'writer') {
  return {
    id: ruleset.id,
    name: ruleset.name,
    target: 'branch',
    source_type: 'Organization',
    source: login,
    enforcement: ruleset.enforcement,
    ...(said === 'writer' && {
      bypass_actors: ruleset.bypass.map((id) => ({ actor_id: id, actor_type: 'Integration', bypass_mode: 'always' })),
    }),
    ...(said !== 'list' && { rules: rulesOf(ruleset) }),
  };
}

function rulesOf({ reviews }: Ruleset) {
  if (reviews === null) return [{ type: 'deletion' }];
  const parameters = {
    dismiss_stale_reviews_on_push: true,
    require_code_owner_review: false,
    require_last_push_approval: true,
    required_approving_review_count: reviews,
    required_review_thread_resolution: false,
  };
  return [{ type: 'deletion' }, { type: 'pull_request', parameters }];
}

export interface Space {
  id: number;
  name: string;
  creator: number;
}

export const SPACES: readonly Space[] = [
  { id: 9_001, name: 'Onboarding', creator: 1 },
  { id: 9_002, name: 'Incident helper', creator: 2 },
  { id: 9_003, name: 'Release notes', creator: 1 },
];

export function spaceRow(space: Space, company: Company, organization: Account, origin: string) {
  const { login, id, node_id, url, repos_url, avatar_url } = accountRow(organization, origin);
  const api = `${origin}/orgs/${login}`;
  const owner = { login, id, node_id, url, repos_url, avatar_url, description: null };
  return {
    id: space.id,
    number: space.id - 9_000,
    name: space.name,
    description: null,
    general_instructions: 'Answer briefly.',
    base_role: 'reader',
    owner: {
      ...owner,
      events_url: `${api}/events`,
      hooks_url: `${api}/hooks`,
      issues_url: `${api}/issues`,
      members_url: `${api}/members{/member}`,
      public_members_url: `${api}/public_members{/member}`,
    },
    creator: accountRow(accountOf(company, space.creator), origin),
    created_at: written(company.ago(50)),
    updated_at: written(company.ago(4)),
    html_url: `https://github.com/copilot/spaces/${login}/${space.id - 9_000}`,
    api_url: `${api}/copilot-spaces/${space.id - 9_000}`,
  };
}

export interface Runner {
  id: number;
  name: string;
  labels: readonly string[];
}

export const RUNNERS: readonly Runner[] = [
  { id: 301, name: 'build-1', labels: ['self-hosted', 'Linux', 'X64'] },
  { id: 302, name: 'gpu-1', labels: ['self-hosted', 'Linux', 'X64', 'gpu', 'ollama'] },
  { id: 303, name: 'mac-1', labels: ['self-hosted', 'macOS', 'ARM64'] },
];

export function runnerRow(runner: Runner, night: number) {
  return {
    id: runner.id,
    runner_group_id: 1,
    name: runner.name,
    os: runner.labels[1]!.toLowerCase(),
    status: (runner.id + night) % 2 === 0 ? 'online' : 'offline',
    busy: (runner.id + night) % 4 === 0,
    labels: runner.labels.map((name, id) => ({ id: id + 1, name, type: id < 3 ? 'read-only' : 'custom' })),
  };
}

/** Slug of the one app that shows its page to nobody but its owner. */
export const PRIVATE_APP = 'chatgpt-connector-pro';

/** The page of an app. It says what the app asks for by now, which an organisation may not have agreed to yet. */
export function appPage({ app, slug }: Installation, company: Company, owner: Account, origin: string) {
  const asked = app.grown?.permissions ?? app.permissions;
  return {
    id: app.appId,
    slug,
    node_id: Buffer.from(`011:Integration${app.appId}`).toString('base64'),
    owner: accountRow({ ...owner, id: 600_000 + (app.appId % 1000), login: `${app.slug}-maker` }, origin),
    name: `The ${slug} app`,
    description: 'Free text of a stranger.',
    external_url: `https://www.${slug}.example/start?from=github`,
    html_url: `https://github.com/apps/${slug}`,
    created_at: written(company.ago(2000)),
    updated_at: written(company.ago(20)),
    permissions: asked,
    events: app.events,
  };
}
