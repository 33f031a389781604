import type { Company } from '../../../src/testing/company.ts';
import { type Account, accountOf, accountRow, nodeId } from './accounts.ts';
import { written } from './dates.ts';
import { type Listing, listingOf, mapped } from './listing.ts';
import { seatRow } from './seats.ts';
import type { World } from './world.ts';

/** Holds the organisation, and gives some seats itself. */
export const ENTERPRISE = { id: 4021, slug: 'lantern-group' };
const TEAM = { id: 7711, slug: 'ent:platform', name: 'Platform' };
const AGENTS = ['security-reviewer', 'release-notes', 'code-documenter'];

/** Who holds it, and which of the two gives it: some people hold two. */
interface EnterpriseSeat {
  number: number;
  by: 'organization' | 'team';
}

/** Nobody installed the App there. */
const APART = { id: 19_999_017, login: 'lantern-archive' };

/** Those of the enterprise, in the order in which they were made. */
export function enterpriseOrganizations({ organization, neighbour, empty }: World): Pick<Account, 'id' | 'login'>[] {
  return empty ? [] : [...[organization, neighbour].sort((a, b) => a.id - b.id), APART];
}

export function enterpriseSeats({ seats, company, empty }: World, night: number): Listing<EnterpriseSeat> {
  if (empty) return listingOf([]);
  const given = seats(night);
  const own = [0, 1].filter((number) => number < company.people).map((number): EnterpriseSeat => ({ number, by: 'team' }));
  const at = (index: number): EnterpriseSeat =>
    index < own.length ? own[index]! : { number: given.at(index - own.length), by: 'organization' };
  return { size: own.length + given.size, at };
}

/** The total counts each person once, however many seats there are. */
export function enterpriseTotal(world: World, night: number): number {
  const seats = enterpriseSeats(world, night);
  return new Set(Array.from({ length: seats.size }, (_, index) => seats.at(index).number)).size;
}

export function enterpriseSeatRow({ number, by }: EnterpriseSeat, company: Company, organization: Account, origin: string, night: number) {
  const row = { ...seatRow(number, company, organization, origin, night), plan_type: 'enterprise' };
  if (by === 'organization') return { ...row, organization: organizationSimple(organization, origin) };
  return { ...row, organization: null, assigning_team: teamRow(company, origin) };
}

/** null = the enterprise has named no repository for them. */
export function customAgents({ empty }: World): Listing<object> | null {
  if (empty) return null;
  return mapped(listingOf(AGENTS), (name) => ({
    name,
    file_path: `agents/${name}.md`,
    url: `https://github.com/lanternworks/.github-private/blob/main/agents/${name}.md`,
  }));
}

export function expectedOfSeat({ number, by }: EnterpriseSeat, company: Company, organization: Account): string[] {
  const holder = String(accountOf(company, number).id);
  return [holder, by, String(by === 'team' ? TEAM.id : organization.id)];
}

export function expectedAgents(world: World): string[] {
  return world.empty ? [] : AGENTS.map((name) => `agents/${name}.md`);
}

function organizationSimple(organization: Account, origin: string) {
  const { login, id } = organization;
  const api = `${origin}/orgs/${login}`;
  return {
    login,
    id,
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
  };
}

function teamRow(company: Company, origin: string) {
  const api = `${origin}/enterprises/${ENTERPRISE.slug}/teams/${TEAM.id}`;
  return {
    ...TEAM,
    url: api,
    members_url: `${api}/members{/member}`,
    html_url: `https://github.com/enterprises/${ENTERPRISE.slug}/teams/platform`,
    group_id: null,
    organization_selection_type: 'all',
    created_at: written(company.ago(300)),
    updated_at: written(company.ago(20)),
  };
}
