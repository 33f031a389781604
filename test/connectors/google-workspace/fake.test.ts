import { createSign, generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { fake, type GoogleFake } from '../../../connectors/google-workspace/fake/index.ts';
import { type Company, createCompany } from '../../../src/testing/company.ts';
import type { Expected } from '../../../src/testing/fake.ts';

const AUTH = 'https://www.googleapis.com/auth/';
const SIGN_IN = ['openid', `${AUTH}userinfo.email`, `${AUTH}userinfo.profile`];
const CONTEXT_AI = '110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com';
const USERS = '/admin/directory/v1/users';
const LOG = '/admin/reports/v1/activity/users/all/applications';

const open: GoogleFake[] = [];
afterEach(async () => {
  for (const google of open.splice(0)) await google.close();
});

async function google(
  options: { people?: number; empty?: boolean } = {},
): Promise<{ google: GoogleFake; company: Company; token: string }> {
  const company = createCompany({ people: options.people ?? 40 });
  const started = await fake.start(company, options.empty ? { empty: true } : {});
  open.push(started);
  return { google: started, company, token: (await issue(started)).body.access_token };
}

interface Answer {
  status: number;
  headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are what the test is about
  body: any;
}

async function issue(
  google: GoogleFake,
  claims: object = {},
  scopes: readonly string[] = google.permissions,
  forged?: string,
): Promise<Answer> {
  const key = JSON.parse(google.environment['GOOGLE_SERVICE_ACCOUNT']!);
  const now = Math.floor(Date.now() / 1000);
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const times = { iat: now, exp: now + 3600 };
  const payload = {
    iss: key.client_email,
    sub: google.config['subject'],
    aud: key.token_uri,
    scope: scopes.join(' '),
    ...times,
    ...claims,
  };
  const unsigned = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(payload)}`;
  const assertion = `${unsigned}.${createSign('RSA-SHA256')
    .update(unsigned)
    .sign(forged ?? key.private_key)
    .toString('base64url')}`;
  const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
  return read(await fetch(`${google.url}/token`, { method: 'POST', body: new URLSearchParams(grant) }));
}

async function get(google: GoogleFake, token: string, path: string, query: Record<string, string> = {}): Promise<Answer> {
  const search = new URLSearchParams(query).toString();
  return read(await fetch(`${google.url}${path}${search && `?${search}`}`, { headers: { authorization: `Bearer ${token}` } }));
}

async function read(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function pages(google: GoogleFake, token: string, path: string, query: Record<string, string>): Promise<Answer['body'][]> {
  const found: Answer['body'][] = [];
  for (let next: string | undefined, first = true; first || next; first = false) {
    const { status, body } = await get(google, token, path, { ...query, ...(next && { pageToken: next }) });
    expect(status).toBe(200);
    found.push(body);
    next = body.nextPageToken;
  }
  return found;
}

async function grantsOf(
  google: GoogleFake,
  token: string,
  userKey: string,
): Promise<Map<string, { name: string; scopes: string[]; id: string }>> {
  const { status, body } = await get(google, token, `${USERS}/${encodeURIComponent(userKey)}/tokens`);
  expect(status).toBe(200);
  return new Map(
    (body.items ?? []).map((item: Answer['body']) => [item.displayText, { ...item, name: item.displayText, id: item.clientId }]),
  );
}

/** Agents hold grants too, elsewhere. */
const isOfPerson = ({ kind, ids }: Expected) => kind === 'oauth_grant' && ids[0] !== 'auth_provider';

describe('the token endpoint', () => {
  it('gives the administrator a token that works', async () => {
    const { google: server, token } = await google();
    const { status, body } = await get(server, token, '/admin/directory/v1/customers/my_customer');
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: expect.stringMatching(/^C0\w{7}$/), customerDomain: 'lanternworks.example' });
  });

  it('refuses a foreign signature, audience, issuer, subject and lifetime', async () => {
    const { google: server } = await google();
    const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect((await issue(server, {}, server.permissions, foreign)).body.error_description).toBe('Invalid JWT Signature.');
    for (const claims of [{ aud: server.url }, { iss: 'x@y.example' }, { sub: 'nobody@lanternworks.example' }, { exp: 9_999_999_999 }])
      expect(await issue(server, claims)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('refuses the whole request when one of its scopes is not delegated', async () => {
    const { google: server } = await google();
    const [kept, taken] = [server.permissions[0]!, server.permissions[1]!];
    server.revoke(taken);
    expect(await issue(server)).toMatchObject({ status: 401, body: { error: 'unauthorized_client' } });
    expect((await issue(server, {}, [kept])).status).toBe(200);
    server.restore(taken);
    expect((await issue(server)).status).toBe(200);
  });

  it('binds a token to the scopes that it was asked for, and to what is still delegated', async () => {
    const { google: server, token } = await google();
    const narrow = (await issue(server, {}, [`${AUTH}admin.directory.user.readonly`])).body.access_token;
    const refused = await get(server, narrow, `${LOG}/token`);
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 403, errors: [{ reason: 'insufficientPermissions' }] } } });
    server.revoke(`${AUTH}admin.reports.audit.readonly`);
    expect((await get(server, token, `${LOG}/token`)).body.error.errors[0].reason).toBe('insufficientPermissions');
  });

  it('lets nobody read without a token, or in the name of somebody who administers nothing', async () => {
    const { google: server, company } = await google();
    expect(await get(server, 'ya29.invented.0', USERS, { customer: 'my_customer' })).toMatchObject({
      status: 401,
      body: { error: { code: 401 } },
    });
    const { body } = await issue(server, { sub: company.person(1).email });
    const refused = await get(server, body.access_token, USERS, { customer: 'my_customer' });
    expect(refused).toMatchObject({ status: 403, body: { error: { errors: [{ reason: 'forbidden' }] } } });
  });
});

describe('the directory', () => {
  it('lists everybody but the deleted, page by page, whatever the page size', async () => {
    const { google: server, token } = await google({ people: 60 });
    for (const maxResults of ['7', '500']) {
      const found = await pages(server, token, USERS, { customer: 'my_customer', maxResults });
      const ids = found.flatMap((page) => (page.users ?? []).map((user: Answer['body']) => user.id));
      const wanted = server.expected().filter(({ kind, standing }) => kind === 'identity' && standing !== 'deleted');
      expect(ids).toEqual(wanted.map(({ ids: [id] }) => id));
      expect(ids).toHaveLength(server.sizes()['users']!);
      expect(ids.every((id) => /^1\d{20}$/.test(id))).toBe(true);
    }
  });

  it('has one page without users, which is not the last, in a list of three pages or more', async () => {
    const { google: server, token } = await google({ people: 60 });
    const long = await pages(server, token, USERS, { customer: 'my_customer', maxResults: '20' });
    expect(long.map((page) => 'users' in page)).toEqual([true, false, true, true]);
    expect(server.extraPages?.('directory.users.list')).toBe(1);
    const short = await pages(server, token, USERS, { customer: 'my_customer', maxResults: '40' });
    expect(short.map((page) => 'users' in page)).toEqual([true, true]);
    expect(server.extraPages?.('directory.users.list')).toBe(0);
  });

  it('lists deleted people only when asked, and for about twenty days', async () => {
    const { google: server, company, token } = await google();
    const deleted = async () =>
      (await pages(server, token, USERS, { customer: 'my_customer', showDeleted: 'true' })).flatMap((page) =>
        (page.users ?? []).map((user: Answer['body']) => user.primaryEmail),
      );
    expect(await deleted()).toContain(company.person(8).email);
    expect(await deleted()).not.toContain(company.person(7).email);
    server.night(1);
    expect(await deleted()).toEqual(expect.arrayContaining([company.person(7).email, company.person(8).email]));
    expect((await deleted()).length).toBe(server.sizes()['deleted']);
    server.night(30);
    expect(await deleted()).toEqual([]);
  });

  it('shows private fields to whoever sets no mask, and nothing else than asked to whoever sets one', async () => {
    const { google: server, company, token } = await google();
    const whole = await get(server, token, USERS, { customer: 'my_customer' });
    expect(server.canaries).toEqual(expect.arrayContaining([whole.body.users[0].recoveryEmail, whole.body.users[0].recoveryPhone]));
    const fields = 'nextPageToken,users(id,primaryEmail,name/fullName)';
    const masked = await get(server, token, USERS, { customer: 'my_customer', maxResults: '1', fields });
    const { given, family, email } = company.person(0);
    const [user] = masked.body.users;
    expect(masked.body).toEqual({ users: [user], nextPageToken: expect.any(String) });
    expect(user).toEqual({ id: expect.any(String), primaryEmail: email, name: { fullName: `${given} ${family}` } });
    for (const canary of server.canaries) expect(JSON.stringify(masked.body)).not.toContain(canary);
  });

  it('refuses what it does not know: parameters, page sizes, masks, tokens of another list, customers', async () => {
    const { google: server, token } = await google();
    const first = await get(server, token, USERS, { customer: 'my_customer', maxResults: '5' });
    const wrong = [
      { customer: 'my_customer', pageSize: '5' },
      { customer: 'my_customer', maxResults: '501' },
      { customer: 'my_customer', maxResults: '0' },
      { customer: 'my_customer', fields: 'users(id,nonsense)' },
      { customer: 'my_customer', fields: 'users(id' },
      { customer: 'my_customer', maxResults: '6', pageToken: first.body.nextPageToken },
      { customer: 'my_customer', pageToken: 'invented' },
      {},
    ];
    for (const query of wrong)
      expect(await get(server, token, USERS, query)).toMatchObject({ status: 400, body: { error: { code: 400 } } });
    expect((await get(server, token, USERS, { customer: 'C0foreign' })).status).toBe(403);
    expect((await get(server, token, '/admin/directory/v1/nothing')).status).toBe(404);
  });
});

describe('the grants of a person', () => {
  it('are the same by id and by address, and are exactly the truth of the night', async () => {
    const { google: server, company, token } = await google({ people: 80 });
    for (const night of [0, 1, 2]) {
      server.night(night);
      const found: string[] = [];
      for (const { kind, ids, standing } of server.expected()) {
        if (kind !== 'identity' || standing === 'deleted') continue;
        const { body } = await get(server, token, `${USERS}/${ids[0]}/tokens`);
        expect(body.items).not.toEqual([]);
        for (const { userKey, clientId, displayText, scopes } of body.items ?? [])
          found.push(JSON.stringify([userKey, clientId, displayText, scopes.toSorted()]));
      }
      const truth = server.expected().filter(isOfPerson);
      expect(found.toSorted()).toEqual(
        truth.map(({ ids, name, permissions }) => JSON.stringify([...ids, name, permissions!.toSorted()])).toSorted(),
      );
    }
    server.night(0);
    expect((await grantsOf(server, token, company.person(1).email)).size).toBe(3);
  });

  it('are told for the suspended and the archived, not for the deleted and the unknown', async () => {
    const { google: server, company, token } = await google();
    const tokensOf = (number: number) => get(server, token, `${USERS}/${company.person(number).email}/tokens`);
    expect((await tokensOf(4)).body.items.map((item: Answer['body']) => item.displayText)).toContain('Otter.ai');
    expect((await tokensOf(5)).body.items.map((item: Answer['body']) => item.displayText)).toContain('Otter.ai');
    expect(await tokensOf(8)).toMatchObject({ status: 404, body: { error: { code: 404, message: 'Resource Not Found: userKey' } } });
    expect((await tokensOf(40)).status).toBe(404);
    expect((await tokensOf(7)).status).toBe(200);
    server.night(1);
    expect((await tokensOf(7)).status).toBe(404);
    expect((await tokensOf(6)).body.items[0].displayText).toBe('Claude');
  });

  it('tell the stories of the first people', async () => {
    const { google: server, company, token } = await google();
    const names = async (number: number) => [...(await grantsOf(server, token, company.person(number).email)).keys()];
    const grant = async (number: number, name: string) => (await grantsOf(server, token, company.person(number).email)).get(name);

    expect(await names(1)).toEqual(expect.arrayContaining(['ChatGPT', 'Claude']));
    expect(await grant(2, 'Context.ai')).toMatchObject({
      id: CONTEXT_AI,
      scopes: [...SIGN_IN, `${AUTH}drive.readonly`, `${AUTH}gmail.readonly`],
    });
    expect((await grant(3, 'Grammarly'))!.scopes).toEqual(SIGN_IN);
    expect((await grant(7, 'ChatGPT'))!.scopes).toContain(`${AUTH}drive.readonly`);
    expect(await names(9)).toContain('Perplexity');
    expect(await names(10)).not.toContain('Read AI');
    const genuine = await grant(1, 'ChatGPT');
    expect((await grant(9, 'ChatGPT'))!.id).not.toBe(genuine!.id);

    server.night(1);
    expect((await grant(2, 'Workspace Office Suite'))!.id).toBe(CONTEXT_AI);
    expect((await grant(3, 'Grammarly'))!.scopes.toSorted()).toEqual([...SIGN_IN, `${AUTH}drive`].toSorted());
    expect(await names(9)).not.toContain('Perplexity');
    expect(await names(10)).toContain('Read AI');

    server.night(2);
    expect(await names(9)).toContain('Perplexity');
  });

  it('bear hostile names, held by three people alone', async () => {
    const { google: server, company, token } = await google();
    const names: string[] = [];
    for (const number of [9, 10, 11]) names.push(...(await grantsOf(server, token, company.person(number).email)).keys());
    const signs = ['\u0420', '\u200b', '\u202e', '<script>', '=HYPERLINK', 'javascript:', '\u001b['];
    for (const sign of signs) expect(names.some((name) => name.includes(sign))).toBe(true);
    expect(Math.max(...names.map((name) => name.length))).toBe(10_240);
    const small = (await google({ people: 11 })).google;
    for (const { name = '' } of small.expected()) for (const sign of signs) expect(name).not.toContain(sign);
  });
});

describe('the audit logs', () => {
  it('tell every authorisation and revocation of 180 days, newest first, on pages of any size', async () => {
    const { google: server, company, token } = await google({ people: 120 });
    for (const night of [0, 2]) {
      server.night(night);
      for (const eventName of ['authorize', 'revoke']) {
        const whole = await pages(server, token, `${LOG}/token`, { eventName, maxResults: '1000' });
        const small = await pages(server, token, `${LOG}/token`, { eventName, maxResults: '7' });
        const events = small.flatMap((page) => page.items ?? []);
        expect(events).toEqual(whole.flatMap((page) => page.items ?? []));
        expect(events).toHaveLength(server.sizes()[`tokenEvents_${eventName}`]!);
        const times: string[] = events.map((event) => event.id.time);
        expect(times).toEqual(times.toSorted().toReversed());
        expect(times.at(-1)! >= company.ago(180, 0, night).toISOString()).toBe(true);
        expect(times[0]! < company.ago(0, 0, night).toISOString()).toBe(true);
      }
    }
  });

  it('agree with the grants: whoever replays an event finds what the list of grants says', async () => {
    const { google: server, token } = await google({ people: 120 });
    server.night(2);
    const told = async (eventName: string) =>
      (await pages(server, token, `${LOG}/token`, { eventName })).flatMap((page) => page.items ?? []);
    const events = [...(await told('authorize')), ...(await told('revoke'))].sort((one, other) => (one.id.time < other.id.time ? -1 : 1));
    const replayed = new Map<string, string[] | undefined>();
    for (const { actor, events: told } of events) {
      const value = (name: string) => told[0].parameters.find((parameter: Answer['body']) => parameter.name === name);
      const key = `${actor.profileId} ${value('client_id').value}`;
      replayed.set(key, told[0].name === 'authorize' ? value('scope').multiValue.toSorted() : undefined);
    }
    const present = new Set(
      server
        .expected()
        .filter(({ standing }) => standing !== 'deleted')
        .flatMap(({ kind, ids }) => (kind === 'identity' ? ids : [])),
    );
    const live = new Map(
      server
        .expected()
        .filter(isOfPerson)
        .map(({ ids, permissions }) => [ids.join(' '), permissions!.toSorted()]),
    );
    expect(replayed.size).toBeGreaterThan(50);
    for (const key of replayed.keys()) if (!present.has(key.split(' ')[0]!)) replayed.delete(key);
    expect([...replayed]).toEqual([...replayed.keys()].map((key) => [key, live.get(key)]));
  });

  it('number their events with 64-bit integers, negative ones too', async () => {
    const { google: server, token } = await google();
    const [page] = await pages(server, token, `${LOG}/token`, {});
    const qualifiers: string[] = page.items.map((event: Answer['body']) => event.id.uniqueQualifier);
    expect(new Set(qualifiers).size).toBe(qualifiers.length);
    expect(qualifiers.some((qualifier) => qualifier.startsWith('-'))).toBe(true);
    expect(qualifiers.some((qualifier) => !Number.isSafeInteger(Number(qualifier)))).toBe(true);
  });

  it('can be read from a moment on, and for one person', async () => {
    const { google: server, company, token } = await google();
    server.night(1);
    const startTime = company.ago(0, 6, 0).toISOString();
    const recent = await get(server, token, `${LOG}/token`, { eventName: 'authorize', startTime });
    expect(recent.body.items.map((event: Answer['body']) => event.actor.email).toSorted()).toEqual(
      [2, 3, 10].map((number) => company.person(number).email).toSorted(),
    );
    const one = await get(server, token, `${LOG.replace('all', company.person(2).email)}/token`);
    const deeds = one.body.items.map((event: Answer['body']) => event.events[0].name);
    expect(deeds.filter((name: string) => name !== 'activity')).toEqual(['authorize', 'revoke', 'authorize', 'authorize']);
    expect(deeds.filter((name: string) => name === 'activity')).toHaveLength(3);
    const [contextAi] = one.body.items.filter(
      (event: Answer['body']) => event.events[0].name === 'authorize' && JSON.stringify(event).includes(CONTEXT_AI),
    );
    expect(contextAi.id.time < company.ago(39).toISOString()).toBe(true);
    expect(contextAi.id.time >= company.ago(40).toISOString()).toBe(true);
    const badly = [{ startTime: '2026-10-01' }, { maxResults: '1001' }, { eventName: 'invented' }, { startTime, endTime: startTime }];
    for (const query of badly) expect((await get(server, token, `${LOG}/token`, query)).status).toBe(400);
    expect((await get(server, token, `${LOG}/letters`)).status).toBe(400);
    const long = { startTime: company.ago(40).toISOString(), endTime: company.ago(0).toISOString() };
    expect((await get(server, token, `${LOG}/gmail`, long)).status).toBe(400);
    expect((await get(server, token, `${LOG}/drive`, { ...long, agentInfoFilter: 'agentName' })).status).toBe(400);
  });

  it('tell which delegations stand, to whoever lets the latest event win', async () => {
    const { google: server, token } = await google();
    const read = async (eventName: string) => (await get(server, token, `${LOG}/admin`, { eventName })).body.items;
    const [authorised, removed] = [await read('AUTHORIZE_API_CLIENT_ACCESS'), await read('REMOVE_API_CLIENT_ACCESS')];
    expect([authorised.length, removed.length]).toEqual([4, 1]);
    const standing = new Map<string, string[]>();
    for (const { events } of [...authorised, ...removed].sort((a, b) => (a.id.time < b.id.time ? -1 : 1))) {
      const value = (name: string) => events[0].parameters.find((parameter: Answer['body']) => parameter.name === name);
      const scopes = value('API_SCOPES');
      const client = value('API_CLIENT_NAME').value;
      expect(client).toMatch(/^\d{21}$/);
      if (scopes) standing.set(client, scopes.multiValue ?? scopes.value.split(','));
      else standing.delete(client);
    }
    const truth = server.expected().filter(({ kind }) => kind === 'delegation');
    expect(standing).toEqual(new Map(truth.map(({ ids, permissions }) => [ids[0], permissions])));
    expect([...standing.values()].map((scopes) => String(scopes.length)).toSorted()).toEqual(['1', '2']);
  });
});

describe('the simulated faults', () => {
  it('speak as Google does', async () => {
    const { google: server, token } = await google();
    const reasons = {
      401: 'authError',
      403: 'forbidden',
      404: 'notFound',
      429: 'rateLimitExceeded',
      500: 'backendError',
      503: 'backendError',
    };
    for (const status of [401, 403, 404, 429, 500, 503] as const) {
      server.faults.add({ operation: 'directory.users.list', fault: status, times: 1 });
      const answer = await get(server, token, USERS, { customer: 'my_customer' });
      expect(answer).toMatchObject({ status, body: { error: { code: status, errors: [{ reason: reasons[status] }] } } });
      expect(answer.headers.get('retry-after')).toBe(status === 429 ? '2' : null);
      server.faults.add({ operation: 'oauth2.token', fault: status, times: 1 });
      expect((await issue(server)).body.error).toBeTypeOf('string');
    }
  });

  it('can be a quota that answers 403, for one request and that many times', async () => {
    const { google: server, token } = await google();
    for (const reason of ['userRateLimitExceeded', 'quotaExceeded'] as const) {
      server.quota({ operation: 'directory.users.list', reason, times: 2 });
      const answers: unknown[] = [];
      for (let attempt = 0; attempt < 3; attempt++) {
        const { status, body } = await get(server, token, USERS, { customer: 'my_customer' });
        answers.push([status, body.error?.errors[0].reason]);
      }
      expect(answers).toEqual([
        [403, reason],
        [403, reason],
        [200, undefined],
      ]);
    }
    server.quota({ operation: 'directory.users.list', reason: 'quotaExceeded', times: 9 });
    server.faults.clear();
    expect((await get(server, token, USERS, { customer: 'my_customer' })).status).toBe(200);
  });

  it('can be a page that leads to itself for ever, from the first page and from a later one', async () => {
    const { google: server, token } = await google({ people: 60 });
    const query = { customer: 'my_customer', maxResults: '10' };
    const second = (await get(server, token, USERS, query)).body.nextPageToken;
    server.faults.add({ operation: 'directory.users.list', fault: 'self_page' });
    const first = await get(server, token, USERS, query);
    const again = await get(server, token, USERS, { ...query, pageToken: first.body.nextPageToken });
    expect(again.body).toEqual(first.body);
    expect((await get(server, token, USERS, { ...query, pageToken: second })).body.nextPageToken).toBe(second);
  });
});

it('has nobody but the administrator in an empty company, and nothing that anybody did', async () => {
  const { google: server, token } = await google({ empty: true });
  expect(server.expected()).toEqual([
    { kind: 'identity', ids: [expect.any(String)], standing: 'active' },
    { kind: 'control', ids: [expect.any(String)] },
    expect.objectContaining({ kind: 'app_installation', name: 'Google Docs Offline' }),
    { kind: 'usage', ids: [expect.any(String), server.config['subject']] },
  ]);
  const there = Object.entries(server.sizes()).filter(([, size]) => size > 0);
  // Google itself puts roles and an extension there, and gives the first of them to whoever founded the account.
  expect(there).toEqual([
    ['users', 1],
    ['roles', 3],
    ['roleAssignments', 1],
    ['extensions', 1],
    ['organizations', 2],
    ['extensionHolderPages', 1],
    ['namedGroups', 1],
    ['groupMemberPages', 1],
    ['cloudProjectPages', 2],
  ]);
  const { body } = await get(server, token, `${USERS}/${server.expected()[0]!.ids[0]}/tokens`);
  expect(body).toEqual({ kind: 'admin#directory#tokenList' });
  for (const log of ['token', 'admin']) expect((await get(server, token, `${LOG}/${log}`)).body).not.toHaveProperty('items');
});

it('is the same world every time, and another one for another seed', async () => {
  const [one, same] = [await google(), await google()];
  expect(one.google.expected()).toEqual(same.google.expected());
  const other = await fake.start(createCompany({ people: 40, seed: 'other' }));
  open.push(other);
  expect(other.expected()).not.toEqual(one.google.expected());
});
