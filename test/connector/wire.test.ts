import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  createWire,
  ProviderFault,
  RedirectRefused,
  UndeclaredRequest,
  type Operation,
  type WireOrigins,
} from '../../src/connector/index.ts';
import { json, serve, type LoopbackServer } from '../http/server.ts';

const OPERATIONS: readonly Operation[] = [
  { id: 'users.list', method: 'GET', origin: 'api', path: '/users', class: 'read' },
  { id: 'users.get', method: 'GET', origin: 'api', path: '/users/{id}', class: 'read' },
  { id: 'tokens.list', method: 'GET', origin: 'api', path: '/users/{id}/tokens', class: 'read' },
  { id: 'rpc.ListThings', method: 'POST', origin: 'api', path: '/', action: 'ListThings', class: 'read' },
  { id: 'token', method: 'POST', origin: 'auth', path: '/token', class: 'auth' },
];

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

function wireTo(origins: WireOrigins, limits = { bytes: 64 * 1024, milliseconds: 2_000 }, signal = new AbortController().signal) {
  const counted: string[] = [];
  const wire = createWire({
    operations: OPERATIONS,
    origins,
    signal,
    limits,
    count: (operation, attempt) => counted.push(`${attempt} ${operation}`),
  });
  return { wire, counted };
}

async function api(server: LoopbackServer, base = '') {
  return wireTo({ api: { url: `${server.url}${base}` }, auth: { url: server.url } });
}

async function thrown(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a declared request', () => {
  test('is sent, counted, and answered as fetch would', async () => {
    const server = await serve((_request, response) => json(response, { ok: true }, 200, { 'x-page': '2' }));
    const { wire, counted } = await api(server);
    const response = await wire.fetch(`${server.url}/users/7?fields=id`, { headers: { authorization: 'Bearer t' } });
    expect([response.status, response.url, response.headers.get('x-page')]).toEqual([200, `${server.url}/users/7?fields=id`, '2']);
    expect(await response.json()).toEqual({ ok: true });
    expect(server.asked.map(({ method, path, headers }) => [method, path, headers.authorization])).toEqual([
      ['GET', '/users/7?fields=id', 'Bearer t'],
    ]);
    expect(counted).toEqual(['first users.get']);
  });

  test('may be a string, a URL or a Request', async () => {
    const server = await serve((_request, response) => json(response, []));
    const { wire, counted } = await api(server);
    await wire.fetch(`${server.url}/users`);
    await wire.fetch(new URL(`${server.url}/users`));
    await wire.fetch(new Request(`${server.url}/users`));
    await wire.fetch(new Request(`${server.url}/token`, { method: 'post', body: 'grant_type=x', headers: FORM }));
    expect(counted).toEqual(['first users.list', 'first users.list', 'first users.list', 'first token']);
    expect(server.asked.at(-1)).toMatchObject({ method: 'POST', body: 'grant_type=x' });
  });

  test('of an RPC is told by its action, in a form, in a form object, or in a header', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const { wire, counted } = await api(server);
    const url = `${server.url}/`;
    await wire.fetch(url, { method: 'POST', headers: FORM, body: 'Action=ListThings&Version=1' });
    await wire.fetch(url, { method: 'POST', body: new URLSearchParams({ Action: 'ListThings' }) });
    await wire.fetch(url, { method: 'POST', headers: FORM, body: new TextEncoder().encode('Action=ListThings') });
    await wire.fetch(url, { method: 'POST', headers: { 'x-amz-target': 'Service_1.ListThings' }, body: '{}' });
    expect(counted).toEqual(Array.from({ length: 4 }, () => 'first rpc.ListThings'));
    expect(server.asked[1]!.headers['content-type']).toContain('application/x-www-form-urlencoded');
  });

  test('below a base path is told by what follows it', async () => {
    const server = await serve((_request, response) => json(response, []));
    for (const base of ['/api/v3', '/api/v3/']) {
      const { wire, counted } = await api(server, base);
      await wire.fetch(`${server.url}/api/v3/users`);
      expect(counted).toEqual(['first users.list']);
      for (const path of ['/users', '/api/v3', '/api/v30/users', '/api/v4/users', '/api/v3/../users', '/API/V3/users'])
        expect(await thrown(wire.fetch(`${server.url}${path}`)), path).toBeInstanceOf(UndeclaredRequest);
    }
    expect(server.asked.map(({ path }) => path)).toEqual(['/api/v3/users', '/api/v3/users']);
  });

  test('is led to where `sendTo` says, with its query, while the SDK sees the address that it asked for', async () => {
    const real = await serve((_request, response) => json(response, {}));
    const { wire } = wireTo({
      api: { url: 'https://api.provider.example/base/', sendTo: real.url },
      auth: { url: 'https://auth.provider.example' },
    });
    const response = await wire.fetch('https://api.provider.example/base/users/a%2Fb?x=%20y&z');
    expect(response.url).toBe('https://api.provider.example/base/users/a%2Fb?x=%20y&z');
    expect(real.asked.map(({ path, headers }) => [path, headers.host])).toEqual([['/users/a%2Fb?x=%20y&z', `127.0.0.1:${real.port}`]]);
  });

  test('is sent with the content type that it was given, and with none where it was given none', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const { wire } = await api(server);
    await wire.fetch(`${server.url}/users`, { body: null });
    await wire.fetch(`${server.url}/token`, { method: 'POST', body: new URLSearchParams({ a: 'b c' }), headers: FORM });
    await wire.fetch(`${server.url}/`, {
      method: 'POST',
      headers: { 'x-amz-target': 'Service_1.ListThings' },
      body: new Uint8Array([123, 125]),
    });
    expect(server.asked.map(({ body, headers }) => [body, headers['content-type']])).toEqual([
      ['', undefined],
      ['a=b+c', FORM['content-type']],
      ['{}', undefined],
    ]);
  });

  test('is answered with whatever status there is, also where a header names another place', async () => {
    const answers: [number, Record<string, string>][] = [
      [599, {}],
      [200, { location: '/users/2' }],
      [302, {}],
    ];
    for (const [status, headers] of answers) {
      const server = await serve((_request, response) => void response.writeHead(status, headers).end('x'));
      const { wire, counted } = await api(server);
      expect([(await wire.fetch(`${server.url}/users/1`)).status, counted]).toEqual([status, ['first users.get']]);
    }
  });

  test('an answer without a body has none', async () => {
    for (const status of [204, 304]) {
      const server = await serve((_request, response) => void response.writeHead(status).end());
      const { wire } = await api(server);
      const response = await wire.fetch(`${server.url}/users`);
      expect([response.status, await response.text()]).toEqual([status, '']);
    }
  });
});

describe('what is not declared never leaves the machine', () => {
  const attempts: [string, string, RequestInit][] = [
    ['another path', '/groups', {}],
    ['a path further in', '/users/7/tokens/9', {}],
    ['a path that only begins so', '/usersandmore', {}],
    ['an empty segment', '/users//tokens', {}],
    ['a way out of the path', '/users/7/../../groups', {}],
    ['a way out in disguise', '/users/%2e%2e/groups', {}],
    ['another method', '/users', { method: 'POST', body: 'x' }],
    ['a deletion', '/users/7', { method: 'DELETE' }],
    ['a change', '/users/7', { method: 'PATCH', body: '{}' }],
    ['a question about a path', '/users', { method: 'HEAD' }],
    ['another action', '/', { method: 'POST', headers: FORM, body: 'Action=DeleteThings' }],
    ['no action', '/', { method: 'POST', headers: FORM, body: 'Version=1' }],
    ['another action in a header', '/', { method: 'POST', headers: { 'x-amz-target': 'Service_1.DeleteThings' }, body: '{}' }],
    ['an action in the address', '/?Action=ListThings', { method: 'POST', headers: FORM, body: '' }],
    ['two actions, of which one is declared', '/', { method: 'POST', headers: FORM, body: 'Action=ListThings&Action=DeleteThings' }],
    ['an action in what is no form', '/', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'Action=ListThings' }],
    ['a body that cannot be read before it is sent', '/token', { method: 'POST', headers: FORM, body: new Blob(['x']) }],
    ['an action where none belongs', '/token', { method: 'POST', headers: FORM, body: 'Action=DeleteThings' }],
  ];
  test.each(attempts)('%s', async (_what, path, init) => {
    const server = await serve((_request, response) => json(response, {}));
    const { wire, counted } = await api(server);
    const error = await thrown(wire.fetch(`${server.url}${path}`, init));
    expect(error).toBeInstanceOf(UndeclaredRequest);
    expect(server.asked).toEqual([]);
    expect(counted).toEqual([]);
  });

  test('a credential for an operation that takes none: a header, a cookie, a name in the address', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const operations = [{ id: 'file', method: 'GET', origin: 'files', path: '/{+file}', class: 'read', credentials: [] }] as const;
    const { signal } = new AbortController();
    const wire = createWire({ operations, origins: { files: { url: server.url } }, signal, count: () => {} });
    const signed = `${server.url}/a/b=c/d.json?sig=CANARY`;
    const withName = signed.replace('//', '//who:what@');
    const attempts: [string, RequestInit?][] = [
      [signed, { headers: { authorization: 'bearer x' } }],
      [signed, { headers: { cookie: 'x=y' } }],
      [signed, { headers: { 'Proxy-Authorization': 'basic x' } }],
      [withName],
      [signed.replace('//', '//who@')],
      [signed.replace('//', '//:what@')],
    ];
    for (const [url, init] of attempts)
      expect(String(await thrown(wire.fetch(url, init))), url).toBe(
        'UndeclaredRequest: file takes no credential, and one would have gone along',
      );
    expect((await wire.fetch(signed)).status).toBe(200);
    expect(server.asked.map(({ path }) => path)).toEqual(['/a/b=c/d.json?sig=CANARY']);
  });

  test('a path with another character where a declared path has a dot', async () => {
    const server = await serve((_request, response) => json(response, {}));
    const operations = [{ id: 'calendar', method: 'GET', origin: 'api', path: '/v1/users.list/{id}', class: 'read' }] as const;
    const { signal } = new AbortController();
    const wire = createWire({ operations, origins: { api: { url: server.url } }, signal, count: () => {} });
    await wire.fetch(`${server.url}/v1/users.list/7`);
    expect(await thrown(wire.fetch(`${server.url}/v1/usersXlist/7`))).toBeInstanceOf(UndeclaredRequest);
    expect(server.asked.map(({ path }) => path)).toEqual(['/v1/users.list/7']);
  });

  test('another origin: another port, another name of the same machine, another scheme, another place', async () => {
    const [server, other] = [
      await serve((_request, response) => json(response, {})),
      await serve((_request, response) => json(response, {})),
    ];
    const { wire } = await api(server);
    for (const url of [
      `${other.url}/users`,
      `http://localhost:${server.port}/users`,
      `https://127.0.0.1:${server.port}/users`,
      'https://attacker.example/users',
    ])
      expect(await thrown(wire.fetch(url)), url).toBeInstanceOf(UndeclaredRequest);
    expect([...server.asked, ...other.asked]).toEqual([]);
  });

  test('a path of one origin at the other', async () => {
    const [one, two] = [await serve((_request, response) => json(response, {})), await serve((_request, response) => json(response, {}))];
    const { wire } = wireTo({ api: { url: one.url }, auth: { url: two.url } });
    expect(await thrown(wire.fetch(`${two.url}/users`))).toBeInstanceOf(UndeclaredRequest);
    expect(await thrown(wire.fetch(`${one.url}/token`, { method: 'POST', body: 'x' }))).toBeInstanceOf(UndeclaredRequest);
    expect([...one.asked, ...two.asked]).toEqual([]);
  });

  test('the message names the request without its query, which may hold secrets', async () => {
    const { wire } = wireTo({ api: { url: 'https://api.provider.example' }, auth: { url: 'https://auth.provider.example' } });
    const error = await thrown(wire.fetch('https://api.provider.example/groups?access_token=CANARY'));
    expect(String(error)).toBe('UndeclaredRequest: GET https://api.provider.example/groups is not a declared operation');
  });
});

describe('a redirect', () => {
  test('to another origin is a fault of the provider, and nothing is sent there', async () => {
    const trap = await serve((_request, response) => json(response, {}));
    for (const location of [
      `${trap.url}/users`,
      `http://localhost:${trap.port}/users`,
      `//127.0.0.1:${trap.port}/users`,
      'https://attacker.example/users',
      'file:///etc/passwd',
      'http://',
    ]) {
      const server = await serve((_request, response) => void response.writeHead(302, { location }).end());
      const { wire } = await api(server);
      const error = await thrown(wire.fetch(`${server.url}/users`, { headers: { authorization: 'Bearer CANARY' } }));
      expect(error, location).toBeInstanceOf(RedirectRefused);
      expect((error as RedirectRefused).target?.href).toBe(
        URL.canParse(location, server.url) ? new URL(location, server.url).href : undefined,
      );
      expect(String(error)).toContain('redirects to another host; nothing was sent there');
    }
    expect(trap.asked).toEqual([]);
  });

  test('to another name of this machine sends nothing there either', async () => {
    const server = await serve((request, response) =>
      request.headers.host?.startsWith('localhost')
        ? json(response, {})
        : void response.writeHead(307, { location: `http://localhost:${server.port}/users` }).end(),
    );
    const { wire } = await api(server);
    expect(await thrown(wire.fetch(`${server.url}/users`))).toBeInstanceOf(ProviderFault);
    expect(server.asked).toHaveLength(1);
  });

  test('to a declared path of the same origin is followed, counted, and keeps its credential', async () => {
    const server = await serve((request, response) =>
      request.url === '/users/old' ? void response.writeHead(301, { location: '/users/new?x=1' }).end() : json(response, { id: 'new' }),
    );
    const { wire, counted } = await api(server);
    const response = await wire.fetch(`${server.url}/users/old`, { headers: { authorization: 'Bearer t' } });
    expect(await response.json()).toEqual({ id: 'new' });
    expect(response.url).toBe(`${server.url}/users/new?x=1`);
    expect(server.asked.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/users/old', 'Bearer t'],
      ['/users/new?x=1', 'Bearer t'],
    ]);
    expect(counted).toEqual(['first users.get', 'first users.get']);
  });

  test('to an undeclared path is a fault of the provider and not our bug, and is not followed', async () => {
    const server = await serve((_request, response) => void response.writeHead(302, { location: '/login' }).end());
    const { wire } = await api(server);
    const error = await thrown(wire.fetch(`${server.url}/users`));
    expect(error).toBeInstanceOf(RedirectRefused);
    expect((error as RedirectRefused).target?.href).toBe(`${server.url}/login`);
    expect((error as Error).message).toBe('A redirect leads to /login, which is no declared operation');
    expect((error as Error).cause).toBeInstanceOf(UndeclaredRequest);
    expect(server.asked.map(({ path }) => path)).toEqual(['/users']);
  });

  test('that leads out of the base path is not followed', async () => {
    const server = await serve((_request, response) => void response.writeHead(302, { location: '/users' }).end());
    const { wire } = await api(server, '/api/v3');
    expect(await thrown(wire.fetch(`${server.url}/api/v3/users`))).toBeInstanceOf(ProviderFault);
    expect(server.asked).toHaveLength(1);
  });

  test('without end is a fault after three', async () => {
    const server = await serve((_request, response) => void response.writeHead(302, { location: '/users' }).end());
    const { wire } = await api(server);
    expect(String(await thrown(wire.fetch(`${server.url}/users`)))).toContain('users.list redirects without end');
    expect(server.asked).toHaveLength(4);
  });

  test('of a request with a body is handed back: it is not sent again', async () => {
    const server = await serve((_request, response) => void response.writeHead(307, { location: '/token' }).end());
    const { wire } = await api(server);
    const response = await wire.fetch(`${server.url}/token`, { method: 'POST', headers: FORM, body: 'assertion=x' });
    expect(response.status).toBe(307);
    expect(server.asked).toHaveLength(1);
  });
});

describe('an answer that is none', () => {
  test('a bomb is `truncated` and is not asked for again', async () => {
    const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024));
    const server = await serve((_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const { wire } = await api(server);
    expect(await thrown(wire.fetch(`${server.url}/users`))).toMatchObject({ name: 'ProviderFault', reason: 'truncated', retry: false });
  });

  test('silence, a cut and a reset may be asked for again', async () => {
    const servers = [
      ['AnswerTimedOut', await serve(() => {})],
      [
        'ProviderFault',
        await serve((_request, response) => void response.writeHead(200, { 'content-length': '10' }).write('x', () => response.destroy())),
      ],
      ['ProviderFault', await serve((request) => void request.socket.destroy())],
    ] as const;
    for (const [name, server] of servers) {
      const { wire } = wireTo({ api: { url: server.url }, auth: { url: server.url } }, { bytes: 1_000, milliseconds: 200 });
      const error = await thrown(wire.fetch(`${server.url}/users`));
      expect(error).toBeInstanceOf(ProviderFault);
      expect(error).toMatchObject({ name, reason: 'provider_error', retry: true });
    }
  });

  // What stands before a provider answers 999 now and then; the platform's Response knows no such status.
  test('a status that does not exist is a fault of the provider, and not our bug', async () => {
    const server = await serve((_request, response) => void response.writeHead(999).end('Request denied'));
    const { wire } = await api(server);
    const error = await thrown(wire.fetch(`${server.url}/users`));
    expect(error).toBeInstanceOf(ProviderFault);
    expect(error).toMatchObject({ message: 'users.list answers the unknown status 999', retry: true });
  });

  test('an aborted scan ends the request with the reason of the abort, and so does the SDK that sent it', async () => {
    const server = await serve(() => {});
    const scan = new AbortController();
    const { wire } = wireTo({ api: { url: server.url }, auth: { url: server.url } }, undefined, scan.signal);
    setTimeout(() => scan.abort(new Error('scan')), 20);
    expect(String(await thrown(wire.fetch(`${server.url}/users`)))).toBe('Error: scan');
    const sdk = new AbortController();
    const { wire: other } = wireTo({ api: { url: server.url }, auth: { url: server.url } });
    setTimeout(() => sdk.abort(new Error('sdk')), 20);
    expect(String(await thrown(other.fetch(`${server.url}/users`, { signal: sdk.signal })))).toBe('Error: sdk');
  });
});
