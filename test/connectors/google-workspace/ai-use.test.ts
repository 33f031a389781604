import { afterEach, describe, expect, it } from 'vitest';
import { fake, type GoogleFake } from '../../../connectors/google-workspace/fake/index.ts';
import { connector } from '../../../connectors/google-workspace/index.ts';
import type { Gap, Observation } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { runConnector, type RunOptions } from '../../../src/testing/runner.ts';

const open: GoogleFake[] = [];
afterEach(async () => {
  for (const google of open.splice(0)) await google.close();
});

const today = new Date();
today.setUTCHours(2, 0, 0, 0);
const company = createCompany({ people: 12, today });

async function google(people = company): Promise<GoogleFake> {
  const started = await fake.start(people);
  open.push(started);
  return started;
}

async function read(server: GoogleFake, options: RunOptions = {}) {
  const run = await runConnector(connector, server, { largestPage: 1000, ...options, only: ['ai_use'] });
  const [collected] = run.collectors;
  if (run.refused || !collected || collected.error) throw run.refused ?? collected?.error;
  const { events } = collected;
  return {
    events,
    uses: events.filter((event): event is Observation => event.type === 'observation' && event.kind === 'usage'),
    agents: events.filter((event): event is Observation => event.type === 'observation' && event.kind === 'agent'),
    gaps: events.filter((event): event is Gap => event.type === 'gap'),
    covered: events.flatMap((event) => (event.type === 'covered' ? [event.scope.split('/').slice(2).join('/')] : [])),
  };
}

const asked = (server: GoogleFake) => {
  const queries: URLSearchParams[] = [];
  server.watch(({ url }, operation) => {
    if (operation !== 'reports.activities.list') return;
    const query = new URLSearchParams(url.searchParams);
    query.set('application', url.pathname.split('/').at(-1)!);
    queries.push(query);
  });
  return queries;
};

describe('the use of Google’s own AI', () => {
  it('is added up for each person and service: how often, where, for what, and when last', async () => {
    const { uses } = await read(await google());
    const of = (person: number) => uses.filter(({ principal }) => principal!.name === company.person(person).email);
    expect(of(1)).toMatchObject([
      {
        subject: { app: 'own_ai/gemini_in_workspace_apps', name: 'Gemini for Google Workspace' },
        principal: { traits: ['interactive_login', 'directory_person'] },
        lastUsedAt: { from: 'log' },
        attributes: { events: 3, places: { gmail: 1, docs: 2 }, actions: { summarize: 1, generate_text: 2 } },
      },
    ]);
    expect(of(2).map(({ subject, attributes }) => [subject.name, attributes['events'], attributes['actions']])).toEqual([
      ['NotebookLM', 2, { chat: 2 }],
    ]);
  });

  it('is none where Google offered something and nobody asked', async () => {
    const { uses } = await read(await google());
    expect(uses.length).toBeGreaterThan(1);
    expect(uses.filter(({ principal }) => principal!.name === company.person(3).email)).toEqual([]);
  });

  it('asks neither for prompts nor for titles', async () => {
    const server = await google();
    const queries = asked(server);
    const { events } = await read(server);
    expect(queries.length).toBeGreaterThan(5);
    for (const query of queries) {
      expect(query.get('includeSensitiveData')).toBeNull();
      expect(query.get('fields')).not.toMatch(/sensitive/i);
      // Parameters of the others may hold titles.
      expect(query.get('fields')).toMatch(/\bevents\(name[,)]/);
    }
    const withParameters = queries.filter((query) => query.get('fields')!.includes('parameters')).map((query) => query.get('application'));
    expect([...new Set(withParameters)]).toEqual(['gemini_in_workspace_apps']);
    expect([...new Set(queries.map((query) => query.get('application')))]).toEqual([
      'gemini_in_workspace_apps',
      'gemini_notebook',
      'workspace_studio',
      'admin',
      'calendar',
      'chat',
      'drive',
      'gmail',
    ]);
    expect(JSON.stringify(events)).not.toContain('confidential');
  });

  it('is unknown where the edition logs nothing, and not denied', async () => {
    const server = await google();
    server.withoutAi();
    const { uses, agents, gaps } = await read(server);
    expect([uses, agents]).toEqual([[], []]);
    expect(gaps.map(({ reason, effect }) => [reason, effect])).toEqual(
      ['Gemini for Google Workspace', 'NotebookLM', 'Workspace Studio'].map((name) => [
        'not_licensed',
        `The log of ${name} is empty: nobody used it, or this edition does not log it`,
      ]),
    );
  });

  it('is read up to a limit, newest first, and says from when on', async () => {
    const many = createCompany({ people: 60, today });
    const { uses, gaps, events } = await read(await google(many), { largestPage: 1 });
    expect(gaps).toContainEqual(
      expect.objectContaining({
        reason: 'truncated',
        effect: 'Only the latest 20 pages of the log of Gemini for Google Workspace were read',
      }),
    );
    const gemini = uses.filter(({ subject }) => subject.app.endsWith('apps'));
    expect(gemini.length).toBeGreaterThan(5);
    const windowOf = (place: string) =>
      events.flatMap((event) => (event.type === 'covered' && event.scope.endsWith(place) ? [event.window!] : []));
    const [window] = windowOf('gemini_in_workspace_apps');
    // An agent that acted before what was read of any log may be missing.
    expect(windowOf('/ai_agent')).toEqual([window]);
    expect(gemini.map(({ lastUsedAt }) => lastUsedAt!.at >= window!.from)).toEqual(gemini.map(() => true));
    expect(Date.parse(window!.to) - Date.parse(window!.from)).toBeLessThan(61 * 86_400_000);
  });

  it('is not stated of half a log', async () => {
    const server = await google();
    server.faults.add({ operation: 'reports.activities.list', fault: 403, nth: 1, times: 1 });
    const { uses, gaps, covered } = await read(server);
    expect(gaps[0]).toMatchObject({ reason: 'permission_denied', effect: 'Who used Gemini for Google Workspace is unknown' });
    expect([...new Set(uses.map(({ subject }) => subject.name))]).toEqual(['NotebookLM']);
    // An agent may stand in the log that is missing.
    expect(covered).toEqual(['ai_log/gemini_notebook', 'ai_log/workspace_studio']);
  });
});

describe('an agent', () => {
  it('is told of with its owner, what it did in which log, and in whose name', async () => {
    const { agents } = await read(await google());
    const [sorter] = agents.filter(({ subject }) => subject.name === 'Invoice sorter');
    expect(sorter).toMatchObject({
      thing: 'acting_agent/studio-agent-4711',
      principal: { id: 'studio-agent-4711', traits: ['agent_runtime'] },
      lastUsedAt: { from: 'log' },
      attributes: {
        type: 'WORKSPACE_STUDIO',
        ownerCandidates: [{ email: company.person(1).email, role: 'owner', source: 'audit log' }],
        // What lies further back than 30 days is not followed.
        deeds: { workspace_studio: 2, drive: 2, gmail: 1 },
      },
    });
    expect(sorter!.attributes['inTheNameOf']).toHaveLength(2);
  });

  it('is followed by its id where that can stand in a query, and nothing of people is read there', async () => {
    const server = await google();
    server.quoteAgent();
    const queries = asked(server);
    const { agents, uses, gaps } = await read(server);
    expect([...new Set(queries.map((query) => query.get('agentInfoFilter')))]).toEqual([null, 'agentId="studio-agent-4711"']);
    expect(queries.filter((query) => query.has('agentInfoFilter')).map((query) => query.get('application'))).toEqual([
      'admin',
      'calendar',
      'chat',
      'drive',
      'gmail',
    ]);
    const helper = agents.find(({ subject }) => subject.name === 'Helper');
    expect(helper?.principal?.traits).toEqual(['agent_runtime', 'no_owner']);
    expect(helper?.attributes).toMatchObject({ deeds: { workspace_studio: 1 }, ownerCandidates: [] });
    expect(uses.filter(({ principal }) => principal!.name === company.person(5).email)).toEqual([]);
    expect(gaps.map(({ reason, effect, byDesign }) => [reason, effect, byDesign])).toEqual([
      ['not_observable', 'Google says of some actions that an agent did them, and not which', true],
      ['over_budget', 'What 1 agents did outside the logs of Google’s own AI was not read', undefined],
    ]);
  });

  it('is one of those that were chosen before they were followed, whoever else turns up and whenever the scan goes on', async () => {
    const whole = await google();
    const cut = await google();
    for (const server of [whole, cut])
      server.plant('reports.activities.list', (request, _, usual) => {
        if (request.params['applicationName'] !== 'admin') return usual();
        const stranger = { agentId: 'stranger', agentName: 'Newer than all' };
        const id = { time: today.toISOString(), uniqueQualifier: '1', applicationName: 'admin' };
        return {
          status: 200,
          body: { items: [{ id, actor: { profileId: '1', agentAttributionInfo: stranger }, events: [{ name: 'x' }] }] },
        };
      });
    const undisturbed = await read(whole);
    // Three logs of Google's own AI, and the first of the others.
    const before = await read(cut, { stopAfter: 4 });
    const last = before.events.at(-1)!;
    if (last.type !== 'checkpoint') throw new Error('It did not stop at a checkpoint');
    const queries = asked(cut);
    const { events } = await read(cut, { cursors: { ai_use: last.cursor } });
    expect(queries.map((query) => query.get('agentInfoFilter'))).toEqual(
      ['calendar', 'chat', 'drive', 'gmail'].map(() => 'agentId="studio-agent-4711"'),
    );
    const statements = (of: typeof events) => of.filter(({ type }) => type !== 'checkpoint').slice(-4);
    expect(statements(events).map(({ type }) => type)).toEqual(['observation', 'gap', 'gap', 'covered']);
    expect(JSON.stringify(statements(events).slice(0, 3))).toBe(JSON.stringify(statements(undisturbed.events).slice(0, 3)));
  });

  it('that is one of more than a thousand in a log may be missing, and that is said', async () => {
    const server = await google();
    server.plant('reports.activities.list', (request, _, usual) => {
      const applicationName = request.params['applicationName'];
      if (applicationName !== 'workspace_studio')
        return request.url.searchParams.has('agentInfoFilter') ? { status: 200, body: {} } : usual();
      const items = Array.from({ length: 1001 }, (__, number) => ({
        id: { time: new Date(today.getTime() - number * 60_000).toISOString(), uniqueQualifier: String(number), applicationName },
        actor: { profileId: '1', agentAttributionInfo: { agentId: `agent-${number}` } },
        events: [{ name: 'run_flow' }],
      }));
      return { status: 200, body: { items } };
    });
    const { agents, gaps } = await read(server);
    expect(agents.map(({ subject }) => subject.name)).not.toContain('agent-1000');
    expect(agents.length).toBeGreaterThan(999);
    expect(gaps.filter(({ reason }) => reason === 'truncated').map(({ scope, effect }) => [scope.split('/').slice(2), effect])).toEqual([
      [['ai_agent'], 'The log of Workspace Studio tells of more than 1000 agents: those that acted longest ago were left out'],
    ]);
  });

  it('is told of although one of the other logs cannot be read', async () => {
    const server = await google();
    server.faults.add({ operation: 'reports.activities.list', fault: 403, nth: 7, times: 1 });
    const { agents, gaps, covered } = await read(server);
    expect(gaps.map(({ effect }) => effect)).toContain('What agents did in the log drive is unknown');
    expect(agents.find(({ subject }) => subject.name === 'Invoice sorter')?.attributes['deeds']).toEqual({ workspace_studio: 2, gmail: 1 });
    expect(covered).not.toContain('ai_agent');
  });

  it('that did more than can be read is told of with what it did last', async () => {
    const server = await google();
    server.plant('reports.activities.list', (request, nth, usual) => {
      if (!request.url.pathname.endsWith('/drive')) return usual();
      request.url.searchParams.delete('pageToken');
      const answer = usual();
      return { ...answer, body: { ...(answer.body as object), nextPageToken: `further-${nth}` } };
    });
    const queries = asked(server);
    const { agents, gaps } = await read(server);
    expect(queries.filter((query) => query.get('application') === 'drive')).toHaveLength(5);
    expect(gaps.map(({ effect }) => effect)).toContain('Of 1 agents only the latest 5 pages of the log drive were read');
    expect(agents.find(({ subject }) => subject.name === 'Invoice sorter')?.attributes['deeds']).toMatchObject({ drive: 10 });
  });
});
