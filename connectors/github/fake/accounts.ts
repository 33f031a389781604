import type { Company } from '../../../src/testing/company.ts';
import { chance } from '../../../src/testing/random.ts';

/** Anything that has a page below github.com/LOGIN. */
export interface Account {
  id: number;
  login: string;
  type: 'User' | 'Organization';
}

/** Stands for the machine user, where others have the number of a person. */
export const MACHINE = -1;

/** On Enterprise Cloud, addresses of pictures carry a ticket that opens them. Planted: nobody needs the picture, let alone the ticket. */
export const AVATAR_CANARY = 'canary-avatar-ticket-5d0e8b62';

/** Users and organisations share one range of ids; each kind has its own part of it here. */
export function organizationOf(company: Company): Account {
  const id = 10_000_000 + Math.floor(chance(company.seed, 'github organization') * 9_000_000);
  return { id, login: company.name.toLowerCase(), type: 'Organization' };
}

/** Another organisation that has installed our App too. */
export function neighbourOf(company: Company): Account {
  const id = 9_000_000 + Math.floor(chance(company.seed, 'github neighbour') * 900_000);
  return { id, login: `${company.name.toLowerCase()}-labs`, type: 'Organization' };
}

/** The machine user is a user like everybody else: only its name tells. */
export function accountOf(company: Company, number: number): Account {
  if (number === MACHINE) {
    const id = 19_500_000 + Math.floor(chance(company.seed, 'github machine') * 400_000);
    return { id, login: `${company.name.toLowerCase()}-ci-bot`, type: 'User' };
  }
  const id = 20_000_000 + number * 173 + Math.floor(chance(company.seed, 'github user', number) * 173);
  return { id, login: company.person(number).handle.replaceAll('.', '-'), type: 'User' };
}

/** GitHub's "simple user", which stands wherever an account is named. */
export function accountRow(account: Account, origin: string) {
  const api = `${origin}/users/${account.login}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account),
    avatar_url: `https://private-avatars.githubusercontent.com/u/${account.id}?jwt=${AVATAR_CANARY}&v=4`,
    gravatar_id: '',
    url: api,
    html_url: `https://github.com/${account.login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: account.type,
    site_admin: false,
  };
}

export function nodeId(account: Account): string {
  return Buffer.from(`${account.type.length + 8}:${account.type}${account.id}`).toString('base64');
}
