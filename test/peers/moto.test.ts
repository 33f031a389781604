import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanCommand } from '../../src/commands/scan.ts';
import type { Observation } from '../../src/connector/index.ts';
import { fastClock } from '../../src/testing/clock.ts';
import { agreement, complete } from './agreement.ts';
import { ACCOUNT, ESTATE, REGIONS, type Estate, type PlantedThing, type PlantedUser } from './estate.ts';
import { installedMoto, startMoto, type Moto } from './moto.ts';
import { placeAt, plant, uproot } from './plant.ts';

// Our simulated AWS was written by those who wrote the connector, and may share their mistakes. moto was not.

const version = installedMoto();
/** What we sign with. moto checks no signature, and it must be found nowhere all the same. */
const SECRET = 'a-secret-of-this-test-alone';
const SCOPE = `account/${ACCOUNT}`;
const GONE = { user: 'farid', role: 'vendor-without-external-id', issuer: 'app.example.org' };
/** What moto does not know: it answers with status 404 or 500 and a page of HTML. */
const NOT_SERVED = {
  collector: 'service_credentials',
  scope: SCOPE,
  reason: 'provider_error',
  by_design: 0,
};
/**
 * Lists of regions that moto does not know, by collector. Of all others it answers at least the empty list;
 * what a classic agent and a knowledge base look like it does not tell: their times are numbers where AWS documents text.
 */
const NO_LISTS = {
  agents: ['workload_identity', 'oauth_provider', 'api_key_provider', 'browser', 'code_interpreter'],
  assistants: ['q_application'],
  // It has an instance in every region, and none of its applications.
  identity_center: ['identity_center/INSTANCE/application'],
  models: ['flow', 'imported_model', 'provisioned_model', 'inference_profile', 'guardrail'],
  machine_learning: ['partner_app'],
};
const REGIONAL = [
  'agents',
  'assistants',
  'models',
  'machine_learning',
  'secret_names',
  'environment_names',
  'outbound_calls',
  'identity_center',
  'identity_store',
  'model_metrics',
];
/** moto knows no operation that tells of outbound federation. */
const NO_FEDERATION = { ...NOT_SERVED, collector: 'providers', scope: `${SCOPE}/outbound_federation` };
const NO_AGREEMENTS = { ...NOT_SERVED, collector: 'agreements', scope: `${SCOPE}/marketplace_agreement` };
const UNREAD = [
  NOT_SERVED,
  NO_FEDERATION,
  NO_AGREEMENTS,
  ...Object.entries(NO_LISTS).flatMap(([collector, lists]) =>
    REGIONS.flatMap((region) => lists.map((list) => ({ ...NOT_SERVED, collector, scope: `${SCOPE}/region/${region}/${list}` }))),
  ),
];
/** What is left out on purpose: other regions, and variables that speak of no credential. */
const LEFT_OUT = [
  ...REGIONAL.map((collector) => ({ collector, scope: `${SCOPE}/region` })),
  { collector: 'environment_names', scope: `${SCOPE}/other_variable` },
].map((gap) => ({ ...gap, reason: 'not_of_interest', by_design: 1 }));
const GAPS = sorted([...UNREAD, ...LEFT_OUT]);

const CLAIMS = `SELECT c.collector, t.scope FROM statement t JOIN reading r ON r.id = t.reading_id JOIN collector c ON c.id = r.collector_id
  WHERE t.statement = 'covered'`;

describe.skipIf(version === undefined)(`a scan of moto ${version ?? '[skipped: moto is not installed]'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'noctule-moto-'));
  const data = join(folder, 'data');
  let moto: Moto;
  let said = '';
  const secrets = [SECRET];

  beforeAll(async () => {
    moto = await startMoto();
    secrets.push(...(await plant(placeAt(moto.url), ESTATE)));
    mkdirSync(data);
    const source = { connector: 'aws', endpoint: moto.url, accessKey: { id: { env: 'KEY' }, secret: { env: 'SECRET' } } };
    for (const [name, cloud] of Object.entries({ estate: { ...source, regions: REGIONS }, everywhere: source }))
      writeFileSync(join(folder, `${name}.json`), JSON.stringify({ formatVersion: 1, database: `data/${name}.db`, sources: { cloud } }));
    const code = await scan();
    if (code !== 0) throw new Error(`The first scan ends with ${code}: ${said}`);
  });
  afterAll(async () => {
    await moto?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What `noctule scan` does, at a pace for this machine. */
  function scan(name = 'estate'): Promise<number> {
    const tell = (text: string) => void (said += text);
    const context = {
      out: tell,
      err: tell,
      environment: { KEY: 'peer', SECRET },
      directory: folder,
      clock: fastClock({ from: new Date() }),
      signal: new AbortController().signal,
      isFile: false,
      live: false,
      quiet: false,
      again: () => Promise.reject(new Error('One process is enough')),
      elsewhere: () => Promise.reject(new Error('It is not asked for')),
      endable: async <Result>(work: () => Result) => work(),
      async *input() {},
    };
    return scanCommand(context, { config: `${name}.json`, fast: true });
  }

  function rows<Row>(sql: string, name = 'estate'): Row[] {
    const reader = new Database(join(data, `${name}.db`), { readonly: true });
    try {
      return reader.prepare<[], Row>(sql).all();
    } finally {
      reader.close();
    }
  }

  /** moto makes up the id of Identity Center whenever it starts. */
  function gapRows(where: string) {
    const found = rows<{ scope: string }>(`SELECT collector, scope, reason, by_design FROM gaps ${where}`);
    return sorted(found.map((row) => ({ ...row, scope: row.scope.replace(/\/arn:aws:sso:::instance%2F[\w-]+\//, '/INSTANCE/') })));
  }

  function observations(kind: Observation['kind'], state = 'present'): Observation[] {
    const found = rows<{ kind: string; state: string; thing: string; body: string; volatile: string | null }>(
      'SELECT kind, state, thing, body, volatile FROM observation',
    );
    return found
      .filter((row) => row.kind === kind && row.state === state)
      .map(({ thing, body, volatile }) =>
        whole({ ...(JSON.parse(body) as Observation), thing }, JSON.parse(volatile ?? '{}') as Partial<Observation>),
      );
  }

  it('finds every user with its owner and what it may do, and no other', () => {
    const people = observations('identity').filter((one) => !isSignIn(one));
    const found = [...people, ...observations('service_account').filter(isUser)];
    expect(agreement(ESTATE.users.map(userFact), found.map(foundUser))).toEqual(complete(20));
  });

  it('finds everybody who signs in with a password, as a fact of the user, and nobody else', () => {
    const idOf = new Map(
      observations('identity')
        .filter((one) => !isSignIn(one))
        .map(({ thing, principal }) => [principal?.name, thing]),
    );
    const planted = ESTATE.users
      .filter(({ password }) => password)
      .map((user) => factOf({ arn: arnOf(user), name: user.name, thing: idOf.get(user.name), traits: signsIn(user) }));
    const found = observations('identity')
      .filter(isSignIn)
      .map(({ attributes, principal, thing }) =>
        factOf({ arn: attributes['arn'], name: principal?.name, thing, traits: principal?.traits }),
      );
    expect(agreement(planted, found)).toEqual(complete(9));
  });

  it('finds every access key, whether it is active and was used, and no other', () => {
    const planted = ESTATE.users.flatMap((user) => user.keys.map((state, index) => keyFact(user, state, index + 1)));
    expect(agreement(planted, observations('api_key').map(foundKey))).toEqual(complete(15));
  });

  it('finds every role with what it may do, and no other', () => {
    const planted = ESTATE.roles.map((role) =>
      factOf({ arn: `arn:aws:iam::${ACCOUNT}:role${role.path ?? '/'}${role.name}`, may: permissions(role.actions) }),
    );
    const found = observations('service_account')
      .filter((one) => !isUser(one) && !isRoleUse(one))
      .map(({ attributes, permissions: may }) => factOf({ arn: attributes['arn'], may }));
    expect(agreement(planted, found)).toEqual(complete(11));
  });

  it('finds as which role an agent runs, and nothing else that runs as one', () => {
    const planted = read(ESTATE)
      .filter(({ what }) => what === 'agent_runtime')
      .map(({ region, name }) => factOf({ region, agent: name, role: 'function-or-machine' }));
    const found = observations('service_account')
      .filter(isRoleUse)
      .map(({ attributes, principal, subject }) => factOf({ region: attributes['region'], agent: principal?.name, role: subject.name }));
    expect(agreement(planted, found)).toEqual(complete(1));
  });

  it('finds everybody whom a role lets in and what holds them, and nobody else', () => {
    expect(agreement(letIn(ESTATE), observations('trust').map(foundTrust))).toEqual(complete(11));
  });

  it('finds every identity provider, and no other', () => {
    const planted = [
      ...ESTATE.oidc.map((issuer) => factOf({ arn: `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer}`, name: issuer })),
      ...ESTATE.saml.map((name) => factOf({ arn: `arn:aws:iam::${ACCOUNT}:saml-provider/${name}`, name })),
    ];
    const found = observations('vendor_integration')
      .filter(({ attributes }) => !('region' in attributes))
      .map(({ attributes, subject }) => factOf({ arn: attributes['arn'], name: subject.name }));
    expect(agreement(planted, found)).toEqual(complete(5));
  });

  it('finds the name of every secret, parameter and variable that speaks of a credential, and no other', () => {
    // An id of an agent is made up when it is made: names are what was planted.
    const names = new Map(observations('agent').map(({ subject }) => [subject.app?.split('/').at(-1), subject.name]));
    const found = observations('secret_name').map((one) => foundName(one, names));
    expect(agreement(read(ESTATE).flatMap(nameFacts), found)).toEqual(complete(11));
  });

  it('finds every agent, gateway with its tools, notebook and address outside, and no other', () => {
    const found = [...observations('agent'), ...observations('vendor_integration').filter(({ attributes }) => 'region' in attributes)];
    expect(agreement(read(ESTATE).flatMap(thingFacts), found.map(foundThing))).toEqual(complete(7));
  });

  it('states nothing else', () => {
    expect(rows('SELECT DISTINCT kind FROM observation ORDER BY kind')).toEqual(
      ['agent', 'api_key', 'control', 'identity', 'secret_name', 'service_account', 'trust', 'vendor_integration'].map((kind) => ({
        kind,
      })),
    );
  });

  it('says that it could not read what moto does not serve, and claims nothing there', () => {
    expect(gapRows('')).toEqual(GAPS);
    expect(sorted(rows(CLAIMS))).toEqual(
      sorted([
        ...['agreements', 'identities', 'providers'].map((collector) => ({ collector, scope: SCOPE })),
        ...REGIONAL.flatMap((collector) => REGIONS.map((region) => ({ collector, scope: `${SCOPE}/region/${region}` }))),
      ]),
    );
    // Whatever a claim says of a region, nothing is stated in the places of it that could not be read.
    const stated = rows<{ body: string }>('SELECT body FROM observation').map(({ body }) => (JSON.parse(body) as Observation).scope);
    for (const { scope } of UNREAD.filter((gap) => gap.scope !== SCOPE))
      expect(stated.filter((place) => `${place}/`.startsWith(`${scope}/`))).toEqual([]);
  });

  it('reads no region, and says so, where it may choose and moto does not tell which there are', async () => {
    expect(await scan('everywhere'), said).toBe(0);
    expect(sorted(rows('SELECT collector, scope, reason, by_design FROM gaps', 'everywhere'))).toEqual(
      sorted([NOT_SERVED, NO_FEDERATION, NO_AGREEMENTS, ...REGIONAL.map((collector) => ({ ...NOT_SERVED, collector }))]),
    );
    expect(sorted(rows(CLAIMS, 'everywhere'))).toEqual(
      ['agreements', 'identities', 'providers'].map((collector) => ({ collector, scope: SCOPE })),
    );
    expect(rows("SELECT kind FROM observation WHERE kind IN ('agent', 'secret_name')", 'everywhere')).toEqual([]);
  });

  it('changes nothing when it is scanned again', async () => {
    const before = rows('SELECT * FROM observation ORDER BY id');
    expect(await scan(), said).toBe(0);
    expect(rows('SELECT * FROM observation ORDER BY id')).toEqual(before);
    expect(rows('SELECT * FROM diff_entry')).toEqual([]);
    expect(rows("SELECT finding FROM findings WHERE state = 'resolved'")).toEqual([]);
    for (const night of [1, 2]) expect(gapRows(`WHERE scan = ${night}`)).toEqual(GAPS);
    expect(rows('SELECT DISTINCT scan FROM gaps ORDER BY scan')).toEqual([{ scan: 1 }, { scan: 2 }]);
  });

  it('calls gone what was taken away, and nothing else', async () => {
    await uproot(placeAt(moto.url), GONE);
    expect(await scan(), said).toBe(0);
    const gone = rows<{ body: string }>("SELECT body FROM observation WHERE state = 'gone'").map(
      ({ body }) => JSON.parse(body) as Observation,
    );
    expect(gone.map((one) => `${one.kind} ${one.subject.name}${isSignIn(one) ? ' signs in' : ''}`).sort()).toEqual([
      `api_key ${GONE.user}`,
      `identity ${GONE.user}`,
      `identity ${GONE.user} signs in`,
      `service_account ${GONE.role}`,
      'trust 790389265272',
      `vendor_integration ${GONE.issuer}`,
    ]);
    expect(rows("SELECT state FROM observation WHERE state NOT IN ('present', 'gone')")).toEqual([]);
  });

  it('keeps no secret, in no byte that it writes', () => {
    expect(new Set(secrets).size).toBe(28);
    const written = readdirSync(data).map((name) => readFileSync(join(data, name)).toString('latin1'));
    for (const secret of secrets) expect([...written, said].filter((text) => text.includes(secret))).toEqual([]);
  });
});

/** What moves every night is kept apart from what does not. */
function whole(body: Observation, volatile: Partial<Observation>): Observation {
  return { ...body, ...volatile, attributes: { ...body.attributes, ...volatile.attributes } };
}

/** Facts are compared as text: the difference can then be read. */
function factOf(fact: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(fact);
}

function permissions(actions: readonly string[] | undefined, others: readonly string[] = []): string[] {
  return [...others, ...(actions ? ['policy:inline', ...actions] : [])].sort();
}

function userFact(user: PlantedUser): string {
  // What a policy of the account allows is allowed to whom it is attached.
  const attached = [
    ...(user.policy === undefined ? [] : [`policy:${user.policy}`, ...ESTATE.policies[user.policy]!]),
    ...(user.group === undefined ? [] : [`group:${user.group}`]),
  ];
  return factOf({
    kind: user.madeForKey ? 'service_account' : 'identity',
    arn: arnOf(user),
    name: user.name,
    owner: user.owner ?? null,
    may: permissions(user.actions, attached),
  });
}

function arnOf({ path = '/', name }: PlantedUser): string {
  return `arn:aws:iam::${ACCOUNT}:user${path}${name}`;
}

function signsIn({ keys }: PlantedUser): string[] {
  return ['interactive_login', ...(keys.some((state) => state !== 'inactive') ? ['standing_credential'] : [])];
}

function isUser({ attributes }: Observation): boolean {
  const { arn } = attributes;
  return typeof arn === 'string' && arn.includes(':user/');
}

/** That somebody signs in as a user, beside what the list of users says of it. */
function isSignIn({ kind, evidence }: Observation): boolean {
  return kind === 'identity' && evidence.source === 'iam.GetCredentialReport';
}

/** That something runs as a role, beside the role itself. */
function isRoleUse({ attributes }: Observation): boolean {
  return attributes['runsAgent'] === true;
}

function foundUser({ kind, attributes, principal, permissions: may }: Observation): string {
  return factOf({ kind, arn: attributes['arn'], name: principal?.name, owner: attributes['owner'] ?? null, may: may.toSorted() });
}

function keyFact({ name, password }: PlantedUser, state: PlantedUser['keys'][number], slot: number): string {
  return factOf({ name, slot: `access_key_${slot}`, active: state !== 'inactive', used: state === 'used', password: password === true });
}

function foundKey({ principal, subject, attributes, lastUsedAt }: Observation): string {
  return factOf({
    name: principal?.name,
    slot: subject.credential,
    active: attributes['active'],
    used: lastUsedAt !== undefined,
    password: attributes['passwordEnabled'],
  });
}

function letIn(estate: Estate): string[] {
  return estate.roles.flatMap((role) =>
    role.lets.map(({ party, trusts, externalId = false, organisation = false, subject = false }) =>
      factOf({ role: role.name, party, trusts, externalId, organisation, subject }),
    ),
  );
}

function foundTrust({ principal, subject, attributes }: Observation): string {
  return factOf({
    role: principal?.name,
    party: subject.app,
    trusts: attributes['trusts'],
    externalId: attributes['externalIdBound'],
    organisation: attributes['principalOrgBound'],
    subject: attributes['subBound'] ?? false,
  });
}

/** What stands in the regions that are read. */
function read({ regional }: Estate): PlantedThing[] {
  return regional.filter(({ region }) => REGIONS.includes(region));
}

function nameFacts(thing: PlantedThing): string[] {
  const { region, name } = thing;
  switch (thing.what) {
    case 'secret':
      return [factOf({ region, store: 'secretsmanager', name, encrypted: null })];
    case 'parameter':
      return [factOf({ region, store: 'ssm', name, encrypted: thing.type === 'SecureString' })];
    case 'function':
    case 'task':
    case 'agent_runtime': {
      const store = { function: 'lambda', task: 'ecs', agent_runtime: 'agent_runtime' }[thing.what];
      return thing.variables.map((variable) => factOf({ region, store: `${store}:${name}`, name: variable, encrypted: null }));
    }
    case 'api_destination':
      // The service keeps the key of a connection in a secret that it makes itself.
      return [factOf({ region, store: 'secretsmanager', name: `events!connection/${name}/UUID/auth`, encrypted: null })];
    case 'gateway':
    case 'notebook':
      return [];
  }
}

function foundName({ subject, attributes }: Observation, agents: ReadonlyMap<string | undefined, string | undefined>): string {
  const store = (attributes['store'] as string).replace(/^agent_runtime:(.+)$/, (_whole, id: string) => `agent_runtime:${agents.get(id)}`);
  const name = subject.name?.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, 'UUID');
  return factOf({ region: attributes['region'], store, name, encrypted: attributes['encrypted'] ?? null });
}

function thingFacts(thing: PlantedThing): string[] {
  const { what, region, name } = thing;
  switch (thing.what) {
    case 'agent_runtime':
      return [factOf({ kind: 'agent', what, region, name, told: null })];
    case 'gateway':
      // No tool was planted behind one, and that is said.
      return [
        factOf({ kind: 'agent', what, region, name, told: thing.open }),
        factOf({ kind: 'vendor_integration', what, region, name, told: [] }),
      ];
    case 'notebook':
      return [factOf({ kind: 'vendor_integration', what, region, name, told: null })];
    case 'api_destination':
      return [factOf({ kind: 'vendor_integration', what, region, name, told: thing.host })];
    case 'secret':
    case 'parameter':
    case 'function':
    case 'task':
      return [];
  }
}

function foundThing({ kind, subject, attributes }: Observation): string {
  const told = attributes['open'] ?? attributes['host'] ?? attributes['targets'] ?? null;
  return factOf({ kind, what: subject.app?.split('/')[0], region: attributes['region'], name: subject.name, told });
}

/** Rows in an order that does not hang on which answer came first. */
function sorted<Row>(list: readonly Row[]): Row[] {
  const textOf = (row: Row) => JSON.stringify(Object.entries(row as object).sort(([one], [other]) => (one < other ? -1 : 1)));
  return list.toSorted((one, other) => (textOf(one) < textOf(other) ? -1 : 1));
}
