import type { Company } from '../../../src/testing/company.ts';
import { type Account, accountOf, accountRow } from './accounts.ts';
import { zoned } from './dates.ts';
import { all, listingOf, type Listing } from './listing.ts';
import type { Repository } from './repositories.ts';
import { repositoriesOf } from './tokens.ts';

/** Somebody asks that a fine-grained token may act in the organisation. */
export interface RequestedToken {
  id: number;
  tokenId: number;
  name: string;
  owner: number;
  reason: string | null;
  selection: 'all' | 'subset';
  /** Days until the token expires, from night 0. */
  left: number;
  /** The night on which it was asked for; absent = two days before the first. */
  asked?: number;
  /** The night on which it was approved, and so is pending no more. */
  approved?: number;
}

/** Two are pending on every night. */
export const REQUESTED: readonly RequestedToken[] = [
  {
    id: 7_100_201,
    tokenId: 3_000_101,
    name: 'claude-code on desktop',
    owner: 1,
    reason: 'Claude Code opens pull requests for me.',
    selection: 'all',
    left: 88,
  },
  {
    id: 7_100_733,
    tokenId: 3_000_417,
    name: 'weekly report',
    owner: 2,
    reason: 'Numbers for the Monday meeting.',
    selection: 'subset',
    left: 28,
    approved: 1,
  },
  { id: 7_101_064, tokenId: 3_000_599, name: 'windsurf', owner: 0, reason: null, selection: 'subset', left: 60, asked: 1 },
];

/** A reason is free text of anybody who can ask. */
const HOSTILE_REASON = `\u001b[31mApproved by security\u001b[0m <script>alert(1)</script> =cmd|' /C calc'!A0 \u202E${'please '.repeat(1500)}`;

export function requestsOn(company: Company, night: number): readonly RequestedToken[] {
  return REQUESTED.filter(
    (request) => request.owner < company.people && night >= (request.asked ?? 0) && night < (request.approved ?? Number.POSITIVE_INFINITY),
  ).map((request, place) => (place === 0 && company.people >= 12 ? { ...request, reason: HOSTILE_REASON } : request));
}

/** The repositories that are asked for, where they are some and not all. */
export function requestRepositories(requests: Listing<RequestedToken>, id: number, company: Company): Listing<Repository> {
  const request = [...all(requests)].find((candidate) => candidate.id === id);
  return listingOf(request?.selection === 'subset' ? repositoriesOf(request, company) : []);
}

/** As GitHub writes it. */
export function requestRow(request: RequestedToken, company: Company, organization: Account, origin: string) {
  return {
    id: request.id,
    reason: request.reason,
    owner: accountRow(accountOf(company, request.owner), origin),
    repository_selection: request.selection,
    repositories_url: `${origin}/organizations/${organization.id}/personal-access-token-requests/${request.id}/repositories`,
    permissions: { repository: { contents: 'write', metadata: 'read' } },
    created_at: zoned(request.asked === undefined ? company.ago(2, 5) : company.ago(0, 5, request.asked)),
    token_id: request.tokenId,
    token_name: request.name,
    token_expired: false,
    token_expires_at: zoned(company.ago(-request.left)),
    token_last_used_at: null,
  };
}
