import { match } from '../../src/catalog/match.ts';
import type { Kind, Meaning } from '../../src/connector/index.ts';
import { integrationOf, reachOf, type Fact, type Growth, type Integration } from '../../src/policy/integration.ts';
import { peersOf, personOf, type Stated } from '../../src/policy/peers.ts';
import type { RuleId } from '../../src/policy/rule-list.ts';
import { besideOf } from '../../src/scan/beside.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { catalog, policy, scopes, SIGNED } from './apps.ts';

// Apps on three planes, each with the rules that are to say something of it, and among them as many of which nothing is to be said.

const PLANES = ['google-workspace', 'github', 'aws'] as const;
type Plane = (typeof PLANES)[number];
export const connectors = new Map(await Promise.all(PLANES.map(async (id) => [id as string, await loadConnector(id)] as const)));
const meaning = (connector: string, permission: string): Meaning => connectors.get(connector)!.meaning(permission);

export interface Planted {
  plane: Plane;
  app: string;
  /** Cases share none, but for those that are about each other. */
  account: string;
  /** What is stated of it on the third night. */
  facts: readonly Fact[];
  around: Around;
  integration: Integration;
  /** What is to be said of it on the third night. */
  rules: readonly RuleId[];
}

/**
 * The reader of a plane that states such facts, by the connector's own declaration: the first that lists them, or the first log that tells
 * of them where none does; `id` = the one that is meant. What no reader can state, no rule may rest on.
 */
export function readerOf(plane: Plane, kind: Kind, id?: string): Pick<Fact, 'collector' | 'mode'> {
  const able = connectors.get(plane)!.collectors.filter((one) => one.kinds.includes(kind) && (id === undefined || one.id === id));
  const reader = able.find(({ mode }) => mode === 'inventory') ?? able[0];
  if (!reader) throw new Error(`No reader of ${plane}${id === undefined ? '' : ` that is called ${id}`} states a fact of kind ${kind}`);
  return { collector: reader.id, mode: reader.mode };
}

type Part = Partial<Omit<Fact, 'connector' | 'account' | 'subject' | 'mode'>> & { credential?: string; name?: string };
interface Around extends Pick<Partial<Integration>, 'origin' | 'returned' | 'controls' | 'keysRead' | 'spread'> {
  account?: string;
  /** The night on which it came, and the one on which its account was read first; absent = the first. */
  from?: 1;
  readFrom?: 1;
  /** What the first thing could do on the first night. */
  before?: readonly string[];
  /** What is to be said of it on the first two nights, where that is something else than on the third. */
  nights?: readonly [readonly RuleId[], readonly RuleId[]];
  /** How many held it on the first night: of the facts the first ones; absent = all of them. */
  heldBy?: number;
  /** What lists state of the people of the account. */
  people?: readonly (readonly Stated[])[];
}

function planted(plane: Plane, app: string, parts: readonly Part[], rules: readonly RuleId[], around: Around = {}): Planted {
  const account = around.account ?? `account of ${app}`;
  const facts = parts.map(({ credential, name, collector, ...part }, number): Fact => ({
    connector: plane,
    account,
    thing: `thing/${app}/${number}`,
    kind: 'oauth_grant',
    state: 'present',
    subject: { app, name: name ?? app, ...(credential !== undefined && { credential }) },
    signals: [{ type: 'app_name', value: name ?? app }],
    permissions: [],
    attributes: {},
    ...part,
    ...readerOf(plane, part.kind ?? 'oauth_grant', collector),
  }));
  const one = integrationOf('default', facts, { match: (signals) => match(catalog, signals), meaning });
  const { before, people: _people, account: _account, nights: _nights, from: _from, readFrom: _readFrom, heldBy, ...rest } = around;
  const until = '2026-11-01T02:00:00.000Z';
  const held = heldBy === undefined ? undefined : [{ most: facts.length, before: [{ until, count: heldBy }] }];
  const earlier = before?.map((_permission, index): Growth => ({
    thing: `thing/${app}/${index}`,
    until: '2026-11-02T02:00:00.000Z',
    before: reachOf(plane, before, meaning),
    now: reachOf(plane, facts[0]!.permissions, meaning),
    wasSelected: false,
    isEverywhere: false,
  }));
  return {
    plane,
    app,
    account,
    facts,
    around,
    integration: { ...one, ...rest, ...(earlier && { earlier }), ...(held && { held }) },
    rules,
  };
}

/** With what else is planted in its account. */
function amongOthers(one: Planted, _index: number, all: readonly Planted[]): Planted {
  const facts = all.filter(({ plane, account }) => plane === one.plane && account === one.account).flatMap((other) => other.facts);
  const heldBy = (id: string) =>
    facts.flatMap(({ principal, state, thing, kind, subject: { name }, signals, use, attributes }) =>
      principal?.id === id && state !== 'gone' ? [{ thing, kind, name, signals, ...(use && { use }), attributes }] : [],
    );
  const levelsOf = (permissions: readonly string[]) => reachOf(one.plane, permissions, meaning);
  const peers = () =>
    peersOf(
      (one.around.people ?? []).map(personOf).filter((person) => person !== undefined),
      levelsOf,
    );
  const beside = besideOf(one.integration, { heldBy, peers }, { catalog, declared: connectors.get(one.plane), meaning });
  return { ...one, integration: { ...one.integration, ...beside } };
}

const ADA = { id: '1', name: 'ada@lanternworks.example', traits: ['interactive_login', 'directory_person'], standing: 'active' } as const;
const GONE = { ...ADA, id: '2', standing: 'suspended' } as const;
const BOT = { id: '3', name: 'the app', traits: ['bot_account', 'workload'] } as const;
const READS = scopes('openid', 'drive.readonly');
const grant = (more: Part = {}): Part => ({ name: 'ChatGPT', principal: ADA, permissions: READS, ...more });
const ago = (days: number, from: 'listed' | 'log' = 'listed') => ({
  at: new Date(Date.parse('2026-11-02T00:00:00Z') - days * 86_400_000).toISOString(),
  from,
});
const grants = (many: number): Part[] =>
  Array.from({ length: many }, (_, number) => grant({ principal: { ...ADA, id: `many/${number}`, name: `many ${number}` } }));
const trust = (attributes: Fact['attributes'], name = 'somebody'): Part => ({
  kind: 'trust',
  name,
  signals: [],
  attributes: { internal: false, conditioned: true, aiLevel: 'none', ...attributes },
});
const key = (more: Part = {}): Part => ({
  kind: 'api_key',
  credential: 'k1',
  signals: [],
  principal: { id: '9', name: 'robot', traits: [] },
  ...more,
});
const app = (more: Part = {}): Part => ({ kind: 'app_installation', name: 'claude', principal: BOT, ...more });
const WRITES = ['contents:write', 'metadata:read'];

/** Everything that is decided of them. What is approved within limits is a case of its own: there is nothing to say of it. */
export const DECIDED = policy({
  approvals: [
    { apps: ['approved', 'leaver', 'idle', 'stale-log', 'idle-role', 'compromised'], ...SIGNED, decided: '2026-01-01' },
    {
      apps: ['limited', 'exceeded', 'limited-grown', 'limited-here', 'grown-beyond', 'beyond-here'],
      ceiling: { data: { files: 'read' } },
      ...SIGNED,
    },
    { apps: ['grown', 'grown-before', 'came-back-approved', 'held-by-many', 'held-by-some'], decided: '2026-06-01', ...SIGNED },
    { apps: ['approved-before', 'of-old'], decided: '2026-06-01', ...SIGNED },
    { apps: ['decided-since', 'decided-for-many'], decided: '2026-11-02', ...SIGNED },
    { apps: ['held-by-so-many'], decided: '2026-06-01', population: { most: 30 }, ...SIGNED },
    { apps: ['looked-at-since'], decided: '2026-06-01', reviewed: '2026-11-02', ...SIGNED },
    { apps: ['expired'], expires: '2026-01-31', ...SIGNED },
    { apps: ['on-trial'], stage: 'probation', expires: '2026-01-31', ...SIGNED },
    { apps: ['due'], review: '2026-01-31', ...SIGNED },
    {
      apps: [
        'keys',
        'key-of-person',
        'key-of-bot',
        'old-key',
        'young-key',
        'wide',
        'chosen',
        'many-powers',
        'everywhere',
        'around',
        'gated',
        'not-enforced',
        'dwd',
      ],
      ...SIGNED,
    },
    {
      apps: [
        'open-key',
        'limited-key',
        'secret',
        'private-secret',
        'chosen-secret',
        'widely-chosen-secret',
        'narrowly-chosen-secret',
        'leak',
        'closed-leak',
        'agent',
        'owned-agent',
        'calls',
        'logged-calls',
      ],
      ...SIGNED,
    },
    { product: 'anthropic/claude', apps: ['the real one'], ...SIGNED },
    {
      apps: [
        'agent-1',
        'agent-2',
        'agent-3',
        'administering',
        'of-administrator',
        'token-of-claude',
        'token-of-chatgpt',
        'administers',
        '289469326074',
        '640174622193',
        '299329113195',
        '525325868955',
        '965570967084',
      ],
      ...SIGNED,
    },
  ],
  denials: [{ apps: ['denied', 'denied-and-back'], reason: 'no' }],
  compromised: [{ id: 'compromised', reason: 'stolen', source: 'CASE-7' }],
});

const back = (name: string) => ({ returned: [{ thing: `thing/${name}/0`, at: '2026-10-20T02:00:00.000Z' }] });
const SPREAD: Around = {
  from: 1,
  spread: {
    at: '2026-11-01T02:00:00.000Z',
    known: [{ connector: 'google-workspace', account: 'account of of-old', since: '2026-10-31T02:00:00.000Z' }],
    before: [],
  },
};
const came = (rules: readonly RuleId[] = [], more: Around = {}): Around => ({ from: 1, nights: [[], rules], ...more });
/** Known by an id. */
const greptile: Part = { name: 'Greptile', signals: [{ type: 'domain', value: 'greptile.com' }] };
const pixee: Part = { name: 'Pixee', signals: [{ type: 'domain', value: 'pixee.ai' }] };
/** What the log alone can tell of, and the same of what is in lists. */
const OF_LOG: Part = { ...greptile, collector: 'audit_log' };
const told = (): Part => ({
  ...OF_LOG,
  principal: ADA,
  happened: { at: ago(9).at },
  believed: { until: '2027-10-24T00:00:00.000Z', isOver: false },
});
const authored = (gate: string): Part => ({ ...told(), collector: 'code_authors', kind: 'code_evidence', attributes: { gate } });
const logging = (region: string, callsLogged: boolean) => ({
  controls: [{ thing: `invocation_logging/${region}`, name: 'logging', attributes: { region, callsLogged } }],
});
const bypass = (id: string) => ({
  controls: [
    {
      thing: 'control/ruleset/1',
      name: 'main',
      attributes: { bypass: [`Integration:${id}:always`], gate: 'absent', enforcement: 'active' },
    },
  ],
});
const chosen = (app: string, repositoriesAtLeast: number) => ({
  controls: [{ thing: `thing/${app}/0/repositories`, name: app, attributes: { repositoriesAtLeast } }],
});
const calls: Part = {
  kind: 'usage',
  collector: 'invocations',
  lastUsedAt: ago(1, 'log'),
  signals: [{ type: 'iam_prefix', value: 'bedrock' }],
  attributes: { region: 'eu-central-1' },
};
const bedrock: Part['signals'] = [{ type: 'credential_service', value: 'bedrock.amazonaws.com' }];
const gemini: Part['signals'] = [{ type: 'google_api', value: 'generativelanguage.googleapis.com' }];
const openai: Part['signals'] = [{ type: 'secret_name', value: 'OPENAI_API_KEY' }];
const HOLDER = { id: '8', name: 'BedrockAPIKey-ab12', traits: ['key_holder'] } as const;

const ROLE = { id: 'AROA7', name: 'vendor-access', traits: [] } as const;
const vendor = (number: string, more: Part = {}): Part => ({
  ...trust({ trusts: 'account' }, number),
  signals: [{ type: 'aws_account_id', value: number }],
  principal: ROLE,
  ...more,
});
const everybody = (many: number, permissions: readonly string[], ...others: readonly Stated[]): Stated[][] => [
  ...Array.from({ length: many }, (): Stated[] => [{ kind: 'identity', traits: ['interactive_login', 'directory_person'], permissions }]),
  ...others.map((one) => [one]),
];
const READERS = everybody(5, ['policy:ReadOnlyAccess']);
const ADMINISTRATORS: Stated = {
  kind: 'service_account',
  traits: ['interactive_login', 'administrator'],
  permissions: ['policy:AdministratorAccess'],
};
const TOKEN = { principal: BOT } as const;
const RUNTIME = { id: 'agents@lanternworks.example', name: 'agents@lanternworks.example', traits: ['agent_runtime', 'workload'] } as const;
const agent = (principal: Part['principal']): Part => ({
  kind: 'agent',
  signals: gemini,
  ...(principal && { principal }),
  attributes: { ownerCandidates: [{ email: 'ada' }] },
});

export const WORLD: readonly Planted[] = [
  // Grants of people.
  planted('google-workspace', 'unapproved', [grant()], ['unapproved-ai-tool']),
  planted('google-workspace', 'approved', [grant()], []),
  planted('google-workspace', 'limited', [grant()], []),
  planted('google-workspace', 'denied', [grant()], ['denied-ai-tool']),
  planted('google-workspace', 'exceeded', [grant({ permissions: scopes('drive') })], ['approval-exceeded']),
  planted('google-workspace', 'expired', [grant()], ['approval-expired']),
  planted('google-workspace', 'on-trial', [grant()], ['probation-over']),
  planted('google-workspace', 'due', [grant()], ['review-due']),
  planted('google-workspace', 'like', [grant({ name: 'Claude' })], ['look-alike-of-approved']),
  planted('google-workspace', 'suspected', [grant({ name: 'Summarise with AI' })], ['suspected-ai-tool']),
  planted('google-workspace', 'feature', [grant({ name: 'Slack' })], ['ai-feature-of-general-tool']),
  planted('google-workspace', 'harmless', [grant({ name: 'Lanternworks Rota' })], []),
  planted('google-workspace', 'leaver', [grant(), grant({ principal: GONE })], ['leaver-holds-grant']),
  planted('google-workspace', 'gone', [grant({ state: 'gone', principal: GONE })], [], {
    nights: [['unapproved-ai-tool', 'leaver-holds-grant'], []],
  }),
  planted('google-workspace', 'idle', [grant({ lastUsedAt: ago(60) })], ['unused-ai-access']),
  planted('google-workspace', 'stale-log', [grant({ lastUsedAt: ago(60, 'log') })], []),
  // Nights.
  planted('google-workspace', 'grown', [grant({ permissions: scopes('drive') })], ['entitlement-drift'], {
    before: READS.slice(0, 1),
    nights: [[], ['entitlement-drift']],
  }),
  planted('google-workspace', 'looked-at-since', [grant({ permissions: scopes('drive') })], [], { before: READS.slice(0, 1) }),
  planted('google-workspace', 'limited-grown', [grant()], [], { before: scopes('openid') }),
  planted('google-workspace', 'grown-beyond', [grant({ permissions: scopes('drive') })], ['approval-exceeded', 'entitlement-drift'], {
    before: READS,
    nights: [[], ['approval-exceeded', 'entitlement-drift']],
  }),
  planted('google-workspace', 'held-by-many', grants(22), ['entitlement-drift'], { heldBy: 2, nights: [[], ['entitlement-drift']] }),
  planted('google-workspace', 'held-by-some', grants(19), [], { heldBy: 1 }),
  planted('google-workspace', 'held-by-so-many', grants(22), [], { heldBy: 2 }),
  planted('google-workspace', 'decided-for-many', grants(22), [], { heldBy: 2, nights: [[], []] }),
  planted('google-workspace', 'denied-and-back', [grant()], ['denied-ai-tool', 'revoked-and-returned'], {
    ...back('denied-and-back'),
    nights: [['denied-ai-tool'], []],
  }),
  planted('google-workspace', 'came-back-approved', [grant()], [], back('came-back-approved')),
  planted('google-workspace', 'compromised', [grant()], ['known-compromised']),
  // Other accounts.
  planted('google-workspace', 'of-old', [grant(greptile)], []),
  planted('github', 'on-a-new-plane', [app(greptile)], ['unapproved-ai-tool', 'spread-of-ai-tool'], {
    ...SPREAD,
    nights: [[], ['unapproved-ai-tool', 'spread-of-ai-tool']],
  }),
  planted('google-workspace', 'approved-before', [grant(greptile)], ['spread-of-ai-tool'], {
    ...SPREAD,
    nights: [[], ['spread-of-ai-tool']],
  }),
  planted('google-workspace', 'decided-since', [grant(greptile)], [], { ...SPREAD, nights: [[], []] }),
  planted('google-workspace', 'limited-here', [grant(greptile)], [], { ...SPREAD, nights: [[], []] }),
  planted(
    'google-workspace',
    'beyond-here',
    [grant({ ...greptile, permissions: scopes('drive') })],
    ['approval-exceeded', 'spread-of-ai-tool'],
    {
      ...SPREAD,
      nights: [[], ['approval-exceeded', 'spread-of-ai-tool']],
    },
  ),
  planted('google-workspace', 'on-the-first-night', [grant(greptile)], ['unapproved-ai-tool']),
  planted('google-workspace', 'beside-an-elder', [grant(greptile)], ['unapproved-ai-tool'], {
    ...came(['unapproved-ai-tool']),
    account: 'account of of-old',
  }),
  planted(
    'aws',
    'in-a-new-source',
    [trust({ trusts: 'audience' }, 'Greptile')].map((one) => ({ ...one, ...greptile })),
    ['unapproved-ai-tool'],
    {
      ...came(['unapproved-ai-tool']),
      readFrom: 1,
    },
  ),
  planted('google-workspace', 'known-by-name', [grant({ name: 'Pixee' })], ['unapproved-ai-tool']),
  planted('github', 'after-a-name', [app(pixee)], ['unapproved-ai-tool'], came(['unapproved-ai-tool'])),
  // Who else is there.
  planted('google-workspace', 'agent-1', [agent(RUNTIME)], ['shared-ai-identity'], { account: 'agents' }),
  planted('google-workspace', 'agent-2', [agent(RUNTIME)], ['shared-ai-identity'], { account: 'agents' }),
  planted('google-workspace', 'agent-3', [agent({ ...RUNTIME, id: 'own@lanternworks.example' })], [], { account: 'agents' }),
  planted(
    'google-workspace',
    'administering',
    [
      {
        kind: 'service_account',
        name: 'ChatGPT',
        principal: { ...BOT, traits: ['workload', 'administrator'] },
        permissions: ['adminRole/7'],
      },
    ],
    ['over-privileged-ai', 'ai-above-people'],
    { people: everybody(20, [], { kind: 'identity', traits: ['directory_person', 'administrator'], permissions: [] }) },
  ),
  planted('google-workspace', 'of-administrator', [grant({ permissions: ['adminRole/7'] })], ['over-privileged-ai'], {
    people: everybody(20, [], { kind: 'identity', traits: ['directory_person', 'administrator'], permissions: [] }),
  }),
  planted(
    'github',
    'token-of-claude',
    [key({ ...TOKEN, name: 'claude', signals: [{ type: 'app_name', value: 'claude' }] })],
    ['shared-ai-identity'],
    {
      account: 'tokens',
    },
  ),
  planted(
    'github',
    'token-of-chatgpt',
    [key({ ...TOKEN, name: 'chatgpt', signals: [{ type: 'app_name', value: 'chatgpt' }] })],
    ['shared-ai-identity'],
    {
      account: 'tokens',
    },
  ),
  planted('github', 'token-of-nobody', [key({ ...TOKEN, name: 'rota' })], [], { account: 'tokens' }),
  // No list of this plane states what people may do.
  planted('github', 'administers', [app({ permissions: ['administration:write', 'metadata:read'] })], ['over-privileged-ai'], {
    people: everybody(20, []),
  }),
  planted('aws', '289469326074', [vendor('289469326074')], ['shared-ai-identity'], { account: 'vendors' }),
  planted('aws', '640174622193', [vendor('640174622193')], ['shared-ai-identity'], { account: 'vendors' }),
  planted('aws', '299329113195', [vendor('299329113195', { principal: { ...ROLE, id: 'AROA8' } })], [], { account: 'vendors' }),
  planted('aws', '525325868955', [vendor('525325868955', { permissions: ['policy:PowerUserAccess'] })], ['ai-above-people'], {
    people: READERS,
  }),
  planted('aws', '965570967084', [vendor('965570967084', { permissions: ['policy:PowerUserAccess'] })], [], {
    people: [...READERS, [ADMINISTRATORS]],
  }),
  // Clients and keys of the cloud.
  planted('google-workspace', 'dwd', [grant({ kind: 'delegation', principal: BOT })], ['delegation-to-ai']),
  planted(
    'google-workspace',
    '100000000000000000001',
    [grant({ kind: 'delegation', name: 'Rota', principal: BOT })],
    ['delegation-to-outside'],
    {
      origin: { of: 'project/1', since: 1, is: 'outside' },
    },
  ),
  planted('google-workspace', '100000000000000000002', [grant({ kind: 'delegation', name: 'Rota', principal: BOT })], [], {
    origin: { of: 'project/1', since: 1, is: 'own', name: 'rota' },
  }),
  planted('google-workspace', 'open-key', [key({ signals: gemini, attributes: { limitedToServices: false } })], ['unrestricted-ai-key']),
  planted('google-workspace', 'limited-key', [key({ signals: gemini, attributes: { limitedToServices: true } })], []),
  planted('google-workspace', 'found-key', [key({ attributes: { exposed: true } })], ['exposed-key']),
  planted('google-workspace', 'agent', [{ kind: 'agent', signals: gemini, attributes: { ownerCandidates: [] } }], ['agent-without-owner']),
  planted('google-workspace', 'owned-agent', [{ kind: 'agent', signals: gemini, attributes: { ownerCandidates: [{ email: 'ada' }] } }], []),
  // Code.
  planted('github', 'wide', [app({ permissions: ['administration:write', 'metadata:read'] })], ['over-privileged-ai']),
  planted('github', 'chosen', [app({ permissions: WRITES, attributes: { repositorySelection: 'selected' } })], []),
  planted('github', 'everywhere', [app({ permissions: WRITES, attributes: { repositorySelection: 'all' } })], ['over-privileged-ai']),
  planted('github', 'many-powers', [app({ permissions: [...WRITES, 'actions:write'] })], ['mixed-powers']),
  planted('github', 'around', [app({ permissions: WRITES })], ['no-approval-gate'], bypass('around')),
  planted('github', 'merged', [authored('absent')], ['unapproved-ai-tool', 'no-approval-gate']),
  planted('github', 'approved-by-people', [authored('present')], ['unapproved-ai-tool']),
  planted('github', 'not-enforced', [app({ permissions: WRITES })], [], {
    controls: [{ thing: 'control/ruleset/1', name: 'main', attributes: { bypass: ['Integration:not-enforced:always'], on: false } }],
  }),
  planted('github', 'gated', [app({ permissions: WRITES })], [], bypass('another')),
  planted(
    'github',
    'key-of-person',
    [key({ name: 'claude', signals: [{ type: 'app_name', value: 'claude' }], principal: ADA })],
    ['ai-with-persons-key'],
  ),
  planted('github', 'key-of-bot', [key({ name: 'claude', signals: [{ type: 'app_name', value: 'claude' }], principal: BOT })], []),
  planted('github', 'secret', [{ kind: 'secret_name', signals: openai, attributes: { visibility: 'all' } }], ['ai-secret-for-everything']),
  planted(
    'github',
    'private-secret',
    [{ kind: 'secret_name', signals: openai, attributes: { visibility: 'private' } }],
    ['ai-secret-for-everything'],
  ),
  planted('github', 'chosen-secret', [{ kind: 'secret_name', signals: openai, attributes: { visibility: 'selected' } }], []),
  planted(
    'github',
    'widely-chosen-secret',
    [{ kind: 'secret_name', signals: openai, attributes: { visibility: 'selected' } }],
    ['ai-secret-for-everything'],
    chosen('widely-chosen-secret', 10),
  ),
  planted(
    'github',
    'narrowly-chosen-secret',
    [{ kind: 'secret_name', signals: openai, attributes: { visibility: 'selected' } }],
    [],
    chosen('narrowly-chosen-secret', 1),
  ),
  planted('github', 'let-in', [told()], ['unapproved-ai-tool']),
  planted('github', 'let-out', [told(), { ...OF_LOG, happened: { at: ago(5).at, ends: true } }], []),
  planted('github', 'of-a-list', [{ ...OF_LOG, kind: 'app_installation', principal: BOT, happened: { at: ago(9).at } }], []),
  planted('github', 'leak', [{ kind: 'exposure', credential: '1/1', signals: openai }], ['leaked-ai-secret']),
  planted('github', 'closed-leak', [{ kind: 'exposure', credential: '1/1', signals: openai, use: 'inactive' }], []),
  // Accounts of the cloud.
  planted('aws', 'keys', [key({ signals: bedrock, expiresAt: 'never' })], ['never-expiring-ai-key']),
  planted('aws', 'young-key', [key({ signals: bedrock, expiresAt: ago(-10), grantedAt: ago(400) })], []),
  planted('aws', 'old-key', [key({ signals: bedrock, expiresAt: 'never', grantedAt: ago(100) })], ['never-expiring-ai-key', 'old-ai-key']),
  planted('aws', 'standing', [key({ expiresAt: 'never', attributes: { aiLevel: 'invoke-star' } })], ['standing-key-reaches-ai']),
  planted('aws', 'no-reach', [key({ expiresAt: 'never', attributes: { aiLevel: 'none' } })], []),
  planted('aws', 'general', [key({ principal: HOLDER, attributes: { general: true } })], ['general-key-of-key-holder']),
  planted('aws', 'root', [key({ attributes: { root: true } })], ['key-of-root']),
  planted('aws', 'new-service', [key({ attributes: { service: 'lumen.example' } })], ['key-of-unknown-service']),
  planted('aws', 'orphan', [key({ principal: HOLDER, use: 'inactive', signals: bedrock })], ['unapproved-ai-tool', 'orphaned-key-holder']),
  planted('aws', 'shared', [key({ attributes: { shared: 'human and machine', aiLevel: 'admin' } })], ['person-and-program-share']),
  planted(
    'aws',
    'idle-role',
    [{ kind: 'service_account', signals: [], attributes: { idle: 'long', aiLevel: 'admin' } }],
    ['idle-ai-access'],
  ),
  planted('aws', 'open', [trust({ trusts: 'oidc', conditioned: false })], ['trust-without-condition']),
  planted('aws', 'conditioned', [trust({ trusts: 'oidc' })], []),
  planted('aws', '111122223333', [trust({ trusts: 'account' })], ['trust-of-unnamed-account']),
  planted('aws', 'inside', [trust({ trusts: 'account', internal: true })], []),
  planted('aws', 'AROA1', [trust({ trusts: 'deleted' })], ['trust-of-deleted-party']),
  planted(
    'aws',
    'role',
    [1, 2].map((id) => ({
      kind: 'service_account',
      signals: [],
      principal: { id: `agent/${id}`, name: `agent ${id}`, traits: [] },
      attributes: { runsAgent: true },
    })),
    ['agents-share-role'],
  ),
  planted('aws', 'gateway', [{ kind: 'agent', signals: [], attributes: { open: true } }], ['open-gateway']),
  planted(
    'aws',
    'unlisted',
    [key({ collector: 'invocations', lastUsedAt: ago(1, 'log'), attributes: { seenInUse: true } })],
    ['unlisted-key-in-use'],
    {
      keysRead: { lists: '2026-11-02T02:00:00.000Z', logs: '2026-11-02T02:00:00.000Z' },
    },
  ),
  planted('aws', 'calls', [calls], ['model-calls-unlogged'], logging('eu-central-1', false)),
  planted('aws', 'logged-calls', [calls], [], logging('eu-central-1', true)),
].map(amongOthers);
