import { everybody, type Company } from '../../../src/testing/company.ts';
import type { Expected, Fake, FakeOptions, FakeProvider } from '../../../src/testing/fake.ts';
import { letters } from '../../../src/testing/random.ts';
import { startFakeServer, type FakeAnswer, type FakeRequest } from '../../../src/testing/server.ts';

const TOKEN = 'template-token-that-must-never-be-stored';
const APPS = [
  { id: 'A100', name: 'ChatGPT', scopes: ['chat:read', 'files:write'] },
  { id: 'A200', name: 'Standup Timer', scopes: ['chat:write'] },
];

/** A simulated provider: people of the invented company and the apps that they use. */
export const fake: Fake = {
  id: 'template',
  async start(company: Company, options: FakeOptions = {}): Promise<FakeProvider> {
    const revoked = new Set<string>();
    let night = 0;
    const grants = () => (options.empty ? [] : grantsOn(company, night));
    const guarded = (request: FakeRequest, permission: string | undefined, answer: () => FakeAnswer): FakeAnswer => {
      if (request.headers.authorization !== `Bearer ${TOKEN}`) return refuse(401);
      return permission !== undefined && revoked.has(permission) ? refuse(403) : answer();
    };
    const server = await startFakeServer({
      refuse,
      misdirect: (answer, request, how) =>
        how === 'self' ? { ...answer, body: { ...(answer.body as object), next: request.url.searchParams.get('from') ?? '0' } } : undefined,
      routes: [
        {
          operation: 'account.get',
          method: 'GET',
          path: '/account',
          answer: (request) =>
            guarded(request, undefined, () => ({ status: 200, body: { id: letters(8, 'ABCDEFGH', company.seed), name: company.name } })),
        },
        {
          operation: 'grants.list',
          method: 'GET',
          path: '/grants',
          answer: (request) => guarded(request, 'grants:read', () => pageOf(grants(), request)),
        },
      ],
      ...(options.latency !== undefined && { latency: options.latency }),
    });
    return {
      ...server,
      config: { connector: 'template', baseUrl: server.url, token: { env: 'TEMPLATE_TOKEN' } },
      environment: { TEMPLATE_TOKEN: TOKEN },
      permissions: ['grants:read'],
      revoke: (permission) => void revoked.add(permission),
      restore: (permission) => void revoked.delete(permission),
      night: (number) => void (night = number),
      sizes: () => ({ grants: grants().length }),
      expected: () =>
        grants().map((grant): Expected => ({ kind: 'oauth_grant', ids: [grant.id], name: grant.app.name, permissions: grant.scopes })),
      canaries: [TOKEN],
    };
  },
};

function grantsOn(company: Company, night: number) {
  return [...everybody(company)]
    .filter((person) => person.standing(night) === 'active')
    .map((person) => {
      const { scopes, ...app } = APPS[person.number % 2]!;
      return { id: `G${person.number}`, app, user: { id: `U${person.number}`, name: person.email }, scopes };
    });
}

function pageOf(all: readonly unknown[], request: FakeRequest): FakeAnswer {
  const size = Number(request.url.searchParams.get('size'));
  const from = Number(request.url.searchParams.get('from') ?? 0);
  return { status: 200, body: { grants: all.slice(from, from + size), next: from + size < all.length ? String(from + size) : null } };
}

function refuse(status: number): FakeAnswer {
  return { status, body: { error: `status ${status}` }, ...(status === 429 && { headers: { 'retry-after': '1' } }) };
}
