import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fake, type GithubFake } from '../../../connectors/github/fake/index.ts';
import { connector } from '../../../connectors/github/index.ts';
import type { Connector, Observation } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { runConnector, type RunOptions } from '../../../src/testing/runner.ts';

const LOG = 'GET /orgs/{org}/audit-log';
const today = new Date();
today.setUTCHours(2, 0, 0, 0);
let github: GithubFake;
beforeAll(async () => {
  github = await fake.start(createCompany({ people: 24, today }));
  github.night(2);
});
afterAll(() => github.close());

async function read(options: RunOptions = {}) {
  const run = await runConnector(connector as unknown as Connector, github, { only: ['audit_log'], largestPage: 100, ...options });
  const [{ events, error }] = run.collectors as [(typeof run.collectors)[0]];
  expect([run.refused, error]).toEqual([undefined, undefined]);
  return {
    told: events.filter((event): event is Observation => event.type === 'observation'),
    statements: events.filter((event) => event.type === 'covered' || event.type === 'gap'),
  };
}

/** Kinds of event that were covered, and for how many days. */
function windowsOf(statements: Awaited<ReturnType<typeof read>>['statements']): [kind: string, days: number][] {
  return statements.flatMap((event) =>
    event.type === 'covered' ? [[event.scope.split('/').at(-1)!, days(event.window!.from, event.window!.to)]] : [],
  );
}

const days = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

describe('the audit log', () => {
  test('tells of OAuth apps, who let them in or kept them out', async () => {
    const { told } = await read();
    const apps = told.filter(({ kind }) => kind === 'oauth_grant');
    expect(
      apps.map(({ thing, subject, attributes, principal, use, happened }) =>
        [
          principal ? thing.replace(principal.id, 'N') : thing,
          subject.name,
          (attributes['event'] as string).replace('org.oauth_app_access', 'access'),
          principal?.name.split('-').at(-1) ?? 'for all',
          ...(use ? [use] : []),
          ...(happened!.ends ? ['ends'] : []),
        ].join(' '),
      ),
    ).toEqual([
      'oauth_app/1990404 Devin access_requested 2 pending',
      'oauth_app/1990202 Lovable access_denied for all ends',
      'oauth_app/1990202 Lovable access_requested 2 pending',
      'oauth_app/1990101/user/N Cursor oauth_access.create 2',
      'oauth_app/1990101/user/N Cursor oauth_authorization.create 2',
      'oauth_app/1990101 Cursor access_approved 0',
      'oauth_app/1990101 Cursor access_requested 2 pending',
      'oauth_app/1990303/user/N Grafana Cloud oauth_access.create 1',
      'oauth_app/1990303/user/N Grafana Cloud oauth_authorization.create 1',
      'oauth_app/1990303 Grafana Cloud access_unblocked 0',
      'oauth_app/1990303 Grafana Cloud access_blocked for all ends',
      'oauth_app/1990303 Grafana Cloud access_approved 2',
    ]);
    // That a token ended does not say that its app is out; and that owners decide about apps at all is no app.
    expect(told.filter(({ attributes }) => attributes['event'] === 'oauth_access.destroy')).toEqual([]);
    expect(
      told.flatMap(({ thing, kind, subject }) => (thing.startsWith('oauth_restrictions/') ? [`${kind} ${subject.name}`] : [])),
    ).toEqual(['control enable_oauth_app_restrictions']);
    expect(apps.every(({ happened, attributes }) => happened!.at === attributes['at'])).toBe(true);
  });

  test('names who installed an app as the list of apps names it, and an app that is gone by what is left of it', async () => {
    const { told } = await read();
    const installed = told.filter(({ kind }) => kind === 'app_installation');
    const of = (name: string) => installed.filter(({ subject }) => subject.name === name);
    expect(of('windsurf-bot').map(({ thing, attributes }) => [thing, attributes['event']])).toEqual([
      ['app/1066231', 'integration_installation.create'],
      ['app/1066231', 'integration_installation.destroy'],
      ['app/1066231', 'integration_installation.create'],
    ]);
    expect(of('gemini-code-assist')[0]).toMatchObject({
      grantedAt: { at: new Date(today.getTime() + 86_400_000 - 6 * 3_600_000).toISOString(), from: 'log' },
      principal: { name: expect.stringMatching(/-2$/) },
    });
    github.night(1);
    const away = (await read()).told.find(({ subject }) => subject.name === 'windsurf-bot')!;
    github.night(2);
    expect([away.thing, away.signals.map(({ type }) => type)]).toEqual([
      expect.stringMatching(/^app_client\/Iv23li/),
      ['github_client_id', 'app_name'],
    ]);
  });

  test('is read as far back as it reaches, and then since the last time with a day to spare', async () => {
    const first = await read();
    expect(first.statements.map((event) => event.type === 'covered' && days(event.window!.from, event.window!.to))).toEqual(
      Array.from({ length: 11 }, () => 85),
    );
    const yesterday = new Date(Date.now() - 86_400_000);
    const second = await read({ readAt: () => yesterday });
    expect(second.statements.map((event) => event.type === 'covered' && days(event.window!.from, event.window!.to))).toEqual(
      Array.from({ length: 11 }, () => 2),
    );
    const since = new Date(yesterday.getTime() - 86_400_000).toISOString();
    const all = first.told.filter(({ attributes }) => (attributes['at'] as string) >= since).map(({ nativeId }) => nativeId);
    expect(second.told.map(({ nativeId }) => nativeId)).toEqual(all);
    expect(all.length).toBeLessThan(first.told.length);
  });

  test('is not read where nobody knows which app a client id belongs to, and says so of these events alone', async () => {
    github.faults.add({ operation: 'GET /orgs/{org}/installations', fault: 404 });
    const yesterday = new Date(Date.now() - 86_400_000);
    const readAt = (place: string) => (place.endsWith('/integration_installation') ? undefined : yesterday);
    const { told, statements } = await read({ readAt });
    github.faults.clear();
    // What is not asked for makes nobody reach back.
    expect(windowsOf(statements).map(([, reach]) => reach)).toEqual(Array.from({ length: 10 }, () => 2));
    expect(told.some(({ kind }) => kind === 'app_installation')).toBe(false);
    expect(statements.filter(({ type }) => type === 'gap').map(({ scope }) => scope.split('/').slice(2).join('/'))).toEqual([
      'audit/integration_installation',
    ]);
  });

  test('is asked for as long as a kind was not read, of that kind alone', async () => {
    const yesterday = new Date(Date.now() - 86_400_000);
    const { statements } = await read({ readAt: (place) => (place.endsWith('/oauth_authorization') ? undefined : yesterday) });
    const windows = windowsOf(statements);
    expect(windows.filter(([, reach]) => reach !== 2)).toEqual([['oauth_authorization', 85]]);
    expect(windows.length).toBe(11);
  });

  test('is asked one question, as long as GitHub takes several kinds of event for "one or the other"', async () => {
    const asked = () => github.requests.filter(({ operation }) => operation === LOG).length;
    const before = asked();
    const whole = await read();
    expect(asked() - before).toBe(1);
    // It could also take them for "both at once", which no event is, or heed one of them alone, or some.
    for (const [heeds, questions] of [
      [() => [], 12],
      [(actions: string[]) => actions.slice(0, 1), 11],
      [(actions: string[]) => actions.slice(-1), 11],
      [(actions: string[]) => actions.slice(0, 5), 7],
      [(actions: string[]) => actions.slice(-5), 7],
    ] as const) {
      github.plant(LOG, ({ url }, _nth, usual) => {
        const [, ...actions] = url.searchParams.get('phrase')!.split('action:');
        const heeded = heeds(actions.map((each) => each.split(' ')[0]!));
        if (actions.length === 1) return usual();
        const body = (usual().body as { action: string }[]).filter(({ action }) => heeded.some((each) => action.startsWith(each)));
        return { status: 200, body };
      });
      const start = asked();
      const apart = await read();
      github.plant(LOG, (_request, _nth, usual) => usual());
      const byId = (observations: typeof whole.told) => observations.toSorted((a, b) => (a.nativeId < b.nativeId ? -1 : 1));
      expect(byId(apart.told)).toEqual(byId(whole.told));
      expect(apart.statements.map(({ type, scope }) => `${type} ${scope}`).toSorted()).toEqual(
        whole.statements.map(({ type, scope }) => `${type} ${scope}`).toSorted(),
      );
      expect(asked() - start).toBe(questions);
    }
  });

  test('is a gap in the kind of event of which one is malformed', async () => {
    github.plant(LOG, (_request, _nth, usual) => {
      const body = usual().body as { action: string }[];
      return { status: 200, body: body.map((row, place) => (place === 0 ? { ...row, _document_id: 7 } : row)) };
    });
    const { statements, told } = await read();
    github.plant(LOG, (_request, _nth, usual) => usual());
    const [first] = (await read()).told;
    expect(told.map(({ nativeId }) => nativeId)).not.toContain(first!.nativeId);
    expect(statements.flatMap(({ type, scope }) => (type === 'gap' ? [scope] : []))).toEqual([first!.scope]);
  });

  test('is a gap in every kind of event where nobody can tell of which the malformed one is, and the others are told', async () => {
    const { told } = await read();
    github.plant(LOG, (_request, _nth, usual) => {
      const [first, ...rest] = usual().body as object[];
      return { status: 200, body: [{ ...first, action: 7 }, ...rest] };
    });
    const broken = await read();
    github.plant(LOG, (_request, _nth, usual) => usual());
    expect(broken.told.map(({ nativeId }) => nativeId)).toEqual(told.slice(1).map(({ nativeId }) => nativeId));
    const gaps = broken.statements.filter(({ type }) => type === 'gap').map(({ scope }) => scope);
    expect(gaps.toSorted()).toEqual(
      broken.statements
        .filter(({ type }) => type === 'covered')
        .map(({ scope }) => scope)
        .toSorted(),
    );
  });
});
