import type { Plan } from './access.ts';
import { type Account, accountRow, nodeId } from './accounts.ts';

/** Planted where a scanner has no business. */
export const BILLING_CANARY = 'canary-billing-90ab4c17';
export const NOTIFICATION_CANARY = 'canary-notification-c7f2d355';

interface OrganizationView {
  /** `plan`: an App that may see the plan, and nothing else besides. */
  view: 'public' | 'plan' | 'owner';
  plan: Plan;
  seats: number;
}

/** Enterprise Server says `enterprise` too. */
function planRow({ plan, seats }: OrganizationView) {
  const name = plan === 'free' || plan === 'team' ? plan : 'enterprise';
  return { name, space: 976_562_499, private_repos: 999_999, filled_seats: seats, seats: seats + 20 };
}

/** What everybody sees of the organisation, and what its owner sees besides. */
export function organizationRow(organization: Account, origin: string, said: OrganizationView) {
  const { login } = organization;
  const api = `${origin}/orgs/${login}`;
  return {
    login,
    id: organization.id,
    node_id: nodeId(organization),
    url: api,
    repos_url: `${api}/repos`,
    events_url: `${api}/events`,
    hooks_url: `${api}/hooks`,
    issues_url: `${api}/issues`,
    members_url: `${api}/members{/member}`,
    public_members_url: `${api}/public_members{/member}`,
    avatar_url: accountRow(organization, origin).avatar_url,
    description: null,
    name: 'Lanternworks',
    is_verified: true,
    has_organization_projects: true,
    has_repository_projects: true,
    public_repos: 12,
    public_gists: 0,
    followers: 31,
    following: 0,
    html_url: `https://github.com/${login}`,
    created_at: '2014-03-11T09:12:44Z',
    updated_at: '2026-08-19T14:03:10Z',
    archived_at: null,
    type: 'Organization',
    ...(said.view === 'owner' && {
      total_private_repos: 268,
      owned_private_repos: 268,
      private_gists: 0,
      disk_usage: 9_120_334,
      collaborators: 6,
      billing_email: `${BILLING_CANARY}@lanternworks.example`,
      default_repository_permission: 'read',
      members_can_create_repositories: true,
      two_factor_requirement_enabled: true,
    }),
    ...(said.view !== 'public' && { plan: planRow(said) }),
  };
}

/** The owner, as the owner's token sees itself. */
export function userRow(account: Account, origin: string) {
  return {
    ...accountRow(account, origin),
    name: null,
    company: null,
    blog: '',
    location: null,
    email: null,
    notification_email: `${NOTIFICATION_CANARY}@lanternworks.example`,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 2,
    public_gists: 0,
    followers: 4,
    following: 1,
    created_at: '2013-11-02T08:20:31Z',
    updated_at: '2026-10-30T16:45:02Z',
    private_gists: 0,
    total_private_repos: 1,
    owned_private_repos: 1,
    disk_usage: 1204,
    collaborators: 0,
    two_factor_authentication: true,
    plan: { name: 'free', space: 976_562_499, collaborators: 0, private_repos: 10_000 },
  };
}
