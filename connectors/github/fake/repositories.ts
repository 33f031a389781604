import type { Company } from '../../../src/testing/company.ts';
import { chance, pick } from '../../../src/testing/random.ts';
import { type Account, accountRow } from './accounts.ts';

/** A repository of the organisation. */
export interface Repository {
  number: number;
  id: number;
  name: string;
}

const THINGS = ['billing', 'lantern', 'portal', 'search', 'telemetry', 'warehouse', 'website', 'mobile'];

/** In the order in which they were made. Unless somebody pushes, the smaller the number, the more recently pushed. */
export function repositoryOf(company: Company, number: number): Repository {
  return {
    number,
    id: 500_000_000 + number * 271 + Math.floor(chance(company.seed, 'repository', number) * 271),
    name: `${pick(THINGS, company.seed, 'repository name', number)}-${number}`,
  };
}

/** Which one it can only be, by its name or by its id: none is looked for among thousands. */
export function numberOfName(name: string): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? -1);
}

export function numberOfId(id: number): number {
  return Math.floor((id - 500_000_000) / 271);
}

/** Small companies have few: the smallest world of the tests reads each of them many times. */
export function repositoryCount(company: Company): number {
  return company.repositories ?? (company.people <= 12 ? 3 : Math.round(company.people * 0.7));
}

const ADDRESSES = {
  archive_url: '{archive_format}{/ref}',
  assignees_url: 'assignees{/user}',
  blobs_url: 'git/blobs{/sha}',
  branches_url: 'branches{/branch}',
  collaborators_url: 'collaborators{/collaborator}',
  comments_url: 'comments{/number}',
  commits_url: 'commits{/sha}',
  compare_url: 'compare/{base}...{head}',
  contents_url: 'contents/{+path}',
  contributors_url: 'contributors',
  deployments_url: 'deployments',
  downloads_url: 'downloads',
  events_url: 'events',
  forks_url: 'forks',
  git_commits_url: 'git/commits{/sha}',
  git_refs_url: 'git/refs{/sha}',
  git_tags_url: 'git/tags{/sha}',
  hooks_url: 'hooks',
  issue_comment_url: 'issues/comments{/number}',
  issue_events_url: 'issues/events{/number}',
  issues_url: 'issues{/number}',
  keys_url: 'keys{/key_id}',
  labels_url: 'labels{/name}',
  languages_url: 'languages',
  merges_url: 'merges',
  milestones_url: 'milestones{/number}',
  notifications_url: 'notifications{?since,all,participating}',
  pulls_url: 'pulls{/number}',
  releases_url: 'releases{/id}',
  stargazers_url: 'stargazers',
  statuses_url: 'statuses/{sha}',
  subscribers_url: 'subscribers',
  subscription_url: 'subscription',
  tags_url: 'tags',
  teams_url: 'teams',
  trees_url: 'git/trees{/sha}',
};

/** What stands wherever GitHub names a repository. */
export function repositoryRow(repository: Repository, organization: Account, origin: string) {
  const fullName = `${organization.login}/${repository.name}`;
  const api = `${origin}/repos/${fullName}`;
  return {
    id: repository.id,
    node_id: Buffer.from(`010:Repository${repository.id}`).toString('base64'),
    name: repository.name,
    full_name: fullName,
    owner: accountRow(organization, origin),
    private: true,
    html_url: `https://github.com/${fullName}`,
    description: null,
    fork: false,
    url: api,
    ...Object.fromEntries(Object.entries(ADDRESSES).map(([field, path]) => [field, `${api}/${path}`])),
  };
}
