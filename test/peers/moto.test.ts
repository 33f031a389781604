import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanCommand } from '../../src/commands/scan.ts';
import type { Observation } from '../../src/connector/index.ts';
import { fastClock } from '../../src/testing/clock.ts';
import { agreement, complete } from './agreement.ts';
import { ACCOUNT, ESTATE, type Estate, type PlantedUser } from './estate.ts';
import { installedMoto, startMoto, type Moto } from './moto.ts';
import { placeAt, plant, uproot } from './plant.ts';

// Our simulated AWS was written by those who wrote the connector, and may share their mistakes. moto was not.

const version = installedMoto();
/** What we sign with. moto checks no signature, and it must be found nowhere all the same. */
const SECRET = 'a-secret-of-this-test-alone';
const SCOPE = `account/${ACCOUNT}`;
const GONE = { user: 'farid', role: 'vendor-without-external-id', issuer: 'app.example.org' };
/** What moto does not know: it answers with status 500 and a page of HTML. */
const NOT_SERVED = { collector: 'service_credentials', scope: SCOPE, reason: 'provider_error', by_design: 0 };

describe.skipIf(version === undefined)(`a scan of moto ${version ?? '[skipped: moto is not installed]'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'noctule-moto-'));
  const data = join(folder, 'data');
  const database = join(data, 'noctule.db');
  let moto: Moto;
  let said = '';
  const secrets = [SECRET];

  beforeAll(async () => {
    moto = await startMoto();
    secrets.push(...(await plant(placeAt(moto.url), ESTATE)));
    mkdirSync(data);
    const source = { connector: 'aws', endpoint: moto.url, accessKey: { id: { env: 'KEY' }, secret: { env: 'SECRET' } } };
    writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({ formatVersion: 1, database: 'data/noctule.db', sources: { cloud: source } }),
    );
    const code = await scan();
    if (code !== 0) throw new Error(`The first scan ends with ${code}: ${said}`);
  });
  afterAll(async () => {
    await moto?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What `noctule scan` does, at a pace for this machine. */
  function scan(): Promise<number> {
    const tell = (text: string) => void (said += text);
    const context = {
      out: tell,
      err: tell,
      environment: { KEY: 'peer', SECRET },
      directory: folder,
      clock: fastClock({ from: new Date() }),
      signal: new AbortController().signal,
      live: false,
      color: false,
      quiet: false,
      async *input() {},
    };
    return scanCommand(context, { config: 'config.json', fast: true });
  }

  function rows<Row>(sql: string): Row[] {
    const reader = new Database(database, { readonly: true });
    try {
      return reader.prepare<[], Row>(sql).all();
    } finally {
      reader.close();
    }
  }

  function observations(kind: Observation['kind'], state = 'present'): Observation[] {
    const found = rows<{ kind: string; state: string; body: string; volatile: string | null }>(
      'SELECT kind, state, body, volatile FROM observation',
    );
    return found
      .filter((row) => row.kind === kind && row.state === state)
      .map(({ body, volatile }) => whole(JSON.parse(body) as Observation, JSON.parse(volatile ?? '{}') as Partial<Observation>));
  }

  it('finds every user with its owner and what it may do, and no other', () => {
    expect(agreement(ESTATE.users.map(userFact), observations('identity').map(foundUser))).toEqual(complete(20));
  });

  it('finds every access key, whether it is active and was used, and no other', () => {
    const planted = ESTATE.users.flatMap((user) => user.keys.map((state, index) => keyFact(user, state, index + 1)));
    expect(agreement(planted, observations('api_key').map(foundKey))).toEqual(complete(15));
  });

  it('finds every role with what it may do, and no other', () => {
    const planted = ESTATE.roles.map((role) =>
      factOf({ arn: `arn:aws:iam::${ACCOUNT}:role${role.path ?? '/'}${role.name}`, may: permissions(role.actions) }),
    );
    const found = observations('service_account').map(({ attributes, permissions: may }) => factOf({ arn: attributes['arn'], may }));
    expect(agreement(planted, found)).toEqual(complete(11));
  });

  it('finds everybody whom a role lets in and what holds them, and nobody else', () => {
    expect(agreement(letIn(ESTATE), observations('trust').map(foundTrust))).toEqual(complete(11));
  });

  it('finds every identity provider, and no other', () => {
    const planted = [
      ...ESTATE.oidc.map((issuer) => factOf({ arn: `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer}`, name: issuer })),
      ...ESTATE.saml.map((name) => factOf({ arn: `arn:aws:iam::${ACCOUNT}:saml-provider/${name}`, name })),
    ];
    const found = observations('vendor_integration').map(({ attributes, subject }) =>
      factOf({ arn: attributes['arn'], name: subject.name }),
    );
    expect(agreement(planted, found)).toEqual(complete(5));
  });

  it('states nothing else', () => {
    expect(rows('SELECT DISTINCT kind FROM observation ORDER BY kind')).toEqual(
      ['api_key', 'identity', 'service_account', 'trust', 'vendor_integration'].map((kind) => ({ kind })),
    );
  });

  it('says that it could not read what moto does not serve, and claims nothing there', () => {
    expect(rows('SELECT collector, scope, reason, by_design FROM gaps')).toEqual([NOT_SERVED]);
    const claims = rows(
      `SELECT c.collector, t.scope FROM statement t JOIN reading r ON r.id = t.reading_id JOIN collector c ON c.id = r.collector_id
       WHERE t.statement = 'covered' ORDER BY c.collector`,
    );
    expect(claims).toEqual(['identities', 'providers'].map((collector) => ({ collector, scope: SCOPE })));
  });

  it('changes nothing when it is scanned again', async () => {
    const before = rows('SELECT * FROM observation ORDER BY id');
    expect(await scan(), said).toBe(0);
    expect(rows('SELECT * FROM observation ORDER BY id')).toEqual(before);
    expect(rows('SELECT * FROM diff_entry')).toEqual([]);
    expect(rows("SELECT finding FROM findings WHERE state = 'resolved'")).toEqual([]);
    expect(rows('SELECT scan, collector, scope, reason, by_design FROM gaps ORDER BY scan')).toEqual(
      [1, 2].map((number) => ({ scan: number, ...NOT_SERVED })),
    );
  });

  it('calls gone what was taken away, and nothing else', async () => {
    await uproot(placeAt(moto.url), GONE);
    expect(await scan(), said).toBe(0);
    const gone = rows<{ kind: string; body: string }>("SELECT kind, body FROM observation WHERE state = 'gone' ORDER BY kind");
    expect(gone.map(({ kind, body }) => `${kind} ${(JSON.parse(body) as Observation).subject.name}`)).toEqual([
      `api_key ${GONE.user}`,
      `identity ${GONE.user}`,
      `service_account ${GONE.role}`,
      'trust 790389265272',
      `vendor_integration ${GONE.issuer}`,
    ]);
    expect(rows("SELECT state FROM observation WHERE state NOT IN ('present', 'gone')")).toEqual([]);
  });

  it('keeps no secret, in no byte that it writes', () => {
    expect(new Set(secrets).size).toBe(17);
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
  const attached = [
    ...(user.policy === undefined ? [] : [`policy:${user.policy}`]),
    ...(user.group === undefined ? [] : [`group:${user.group}`]),
  ];
  return factOf({
    arn: `arn:aws:iam::${ACCOUNT}:user${user.path ?? '/'}${user.name}`,
    name: user.name,
    owner: user.owner ?? null,
    may: permissions(user.actions, attached),
  });
}

function foundUser({ attributes, principal, permissions: may }: Observation): string {
  return factOf({ arn: attributes['arn'], name: principal?.name, owner: attributes['owner'] ?? null, may: may.toSorted() });
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
