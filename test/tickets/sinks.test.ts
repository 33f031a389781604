import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { FAKES, SETTINGS, once, openFake, openSink, type FakeBench, type FakeName } from './benches.ts';
import { OTHER_GROUP } from './fakes/servicenow.ts';
import type { FakeOperation } from './fakes/tracker.ts';
import { HOSTILE_MARKUP } from './hostile-markup.ts';
import { json, serve } from '../http/server.ts';
import { hostileText } from './hostile-text.ts';
import { comment, draft, marker, outcomeOf, SIGNAL } from './tracker-cases.ts';

const benches: FakeBench[] = [];

async function open<Name extends FakeName>(name: Name, settings: object = {}): Promise<FakeBench<Name>> {
  const bench = await openFake(name, settings);
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  for (const { fake } of benches.splice(0)) await fake.close();
});

const NAMES = Object.keys(FAKES) as FakeName[];

/** Where people move tickets, and what is configured to follow there. A token of GitHub is for one repository. */
const ELSEWHERE: Readonly<Record<FakeName, { called: string; alsoIn?: string }>> = {
  github: { called: 'another repository' },
  jira: { called: 'project OPS', alsoIn: 'OPS' },
  servicenow: { called: 'another group', alsoIn: OTHER_GROUP },
  linear: { called: 'team OPS', alsoIn: 'OPS' },
};

function counted({ fake }: FakeBench, operation: FakeOperation): number {
  return fake.requests.filter((request) => request.operation === operation).length;
}

describe.each(NAMES)('a sink of %s', (name) => {
  it('puts nothing into a query but markers, ids and words of its own', async () => {
    const bench = await open(name);
    const wanted = draft();
    const hidden = 'zzHiddenNamezz';
    const all = fc.sample(hostileText, { numRuns: 5, seed: 3 }).map((one) => hidden + one);
    for (const one of [hidden, ...all]) {
      const { id } = await bench.sink.create({ ...wanted, marker: marker(), document: { title: [{ name: one }], blocks: [] } }, SIGNAL);
      await bench.sink.comment(id, comment({ name: one }), SIGNAL);
      await bench.sink.close(id, comment({ name: one }), SIGNAL);
    }
    for (const { url } of bench.sent) expect(decodeURIComponent(url)).not.toContain(hidden);
    // What asks stands in a body, too: the texts of the questions are the same whatever the names are.
    const questions = bench.fake.requests.filter(({ operation, method }) => method === 'POST' && operation === 'find');
    for (const { body } of questions) expect(body).not.toContain(hidden);
    const graphs = new Set(bench.fake.requests.map(({ body }) => (/"query":"((?:[^"\\]|\\.)*)"/.exec(body) ?? [])[1]));
    for (const graph of graphs) expect(graph ?? '').not.toContain(hidden);
  });

  it('never writes where people moved a ticket to', async () => {
    const bench = await open(name);
    const wanted = draft();
    const { id } = await bench.sink.create(wanted, SIGNAL);
    bench.fake.person.move(id);
    const before = JSON.stringify(bench.fake.tickets());
    const outcomes = [
      await outcomeOf(() => bench.sink.update(id, draft({ marker: wanted.marker }), SIGNAL)),
      await outcomeOf(() => bench.sink.comment(id, comment(), SIGNAL)),
      await outcomeOf(() => bench.sink.close(id, comment(), SIGNAL)),
    ];
    expect(outcomes).toEqual(['refused', 'refused', 'refused']);
    expect(JSON.stringify(bench.fake.tickets())).toBe(before);
    expect(await bench.sink.get(id, SIGNAL)).toMatchObject({ id, state: 'open', elsewhere: ELSEWHERE[name].called });
    const found = await bench.sink.find(wanted.marker, [id], SIGNAL);
    // The table is searched, whoever has the record.
    expect(found.map((one) => one.id)).toEqual(name === 'servicenow' ? [id] : []);
  });

  it('goes on with a ticket that people moved back, or to where it is allowed', async () => {
    const bench = await open(name);
    const { id } = await bench.sink.create(draft(), SIGNAL);
    bench.fake.person.move(id);
    bench.fake.person.moveBack(id);
    const back = (await bench.sink.get(id, SIGNAL))!;
    expect(back.elsewhere).toBeUndefined();
    await bench.sink.close(id, comment('closing words'), SIGNAL);
    expect(bench.fake.tickets()).toMatchObject([{ id: back.id, open: false, comments: [expect.stringContaining('closing words')] }]);
    const { alsoIn } = ELSEWHERE[name];
    if (alsoIn === undefined) return;
    const wider = await open(name, { alsoIn: [alsoIn] });
    const wanted = draft();
    const other = await wider.sink.create(wanted, SIGNAL);
    wider.fake.person.move(other.id);
    expect((await wider.sink.get(other.id, SIGNAL))!.elsewhere).toBeUndefined();
    expect((await wider.sink.find(wanted.marker, [other.id], SIGNAL)).map((one) => one.id)).toEqual([other.id]);
    await wider.sink.update(other.id, draft({ marker: wanted.marker }), SIGNAL);
    await wider.sink.close(other.id, comment(), SIGNAL);
    await wider.sink.reopen(other.id, comment(), SIGNAL);
    await wider.sink.close(other.id, comment(), SIGNAL);
    expect(wider.fake.tickets().map(({ open: isOpen }) => isOpen)).toEqual([false]);
  });

  it('knows a ticket that people deleted as one that is there no more', async () => {
    const bench = await open(name);
    const wanted = draft();
    const { id } = await bench.sink.create(wanted, SIGNAL);
    bench.fake.person.remove(id);
    expect(await bench.sink.get(id, SIGNAL)).toBeUndefined();
    expect(await bench.sink.find(wanted.marker, [id], SIGNAL)).toEqual([]);
    expect(await outcomeOf(() => bench.sink.close(id, comment(), SIGNAL))).toBe('refused');
  });

  it('that is shown nothing any more does not say that its tickets are gone', async () => {
    const bench = await open(name);
    const { id } = await bench.sink.create(draft(), SIGNAL);
    bench.fake.hides = true;
    expect(await outcomeOf(() => bench.sink.get(id, SIGNAL))).toBe('refused');
    bench.fake.hides = false;
    expect(await bench.sink.get(id, SIGNAL)).toMatchObject({ id, state: 'open' });
  });

  it('sees what people closed and opened, and says nothing to it', async () => {
    const bench = await open(name);
    const { id } = await bench.sink.create(draft(), SIGNAL);
    bench.fake.person.close(id);
    expect(await bench.sink.get(id, SIGNAL)).toMatchObject({ state: 'closed' });
    await bench.sink.close(id, comment(), SIGNAL);
    bench.fake.person.reopen(id);
    expect(await bench.sink.get(id, SIGNAL)).toMatchObject({ state: 'open' });
    await bench.sink.reopen(id, comment(), SIGNAL);
    expect(bench.fake.tickets().find((one) => one.id === id)?.comments).toEqual([]);
  });

  it('with a wrong credential is refused at everything, and says nothing of it', async () => {
    const bench = await open(name);
    const { id } = await bench.sink.create(draft(), SIGNAL);
    bench.fake.credential = 'changed';
    const wrong = await openSink(name, SETTINGS[name](bench.fake.url), 'a-wrong-secret');
    for (const call of [
      () => wrong.find(marker(), [], SIGNAL),
      () => wrong.get(id, SIGNAL),
      () => wrong.create(draft(), SIGNAL),
      () => wrong.update(id, draft(), SIGNAL),
      () => wrong.comment(id, comment(), SIGNAL),
      () => wrong.close(id, comment(), SIGNAL),
      () => wrong.reopen(id, comment(), SIGNAL),
    ]) {
      const error: unknown = await call().catch((cause: unknown) => cause);
      expect(error).toMatchObject({ name: 'SinkError', outcome: 'refused' });
      expect(String(error)).not.toContain('a-wrong-secret');
    }
  });

  it('says of each call what a fault at each of its requests leaves: never `refused` or `busy` after a write that may have happened', async () => {
    const bench = await open(name);
    for (const [operation, call] of Object.entries(CALLS)) {
      for (const fault of ['lost_after', 'error_after', 'silence_after', 'page'] as const) {
        for (let position = 1; position <= 8; position++) {
          const wanted = draft();
          const made = operation === 'create' ? undefined : await bench.sink.create(wanted, SIGNAL);
          if (operation === 'reopen') await bench.sink.close(made!.id, comment(), SIGNAL);
          const before = JSON.stringify(bench.fake.tickets());
          let nth = 0;
          let hit: FakeOperation | undefined;
          bench.fake.plan = (asked) => (++nth === position ? ((hit = asked), fault) : undefined);
          const sink = await openSink(
            name,
            { ...SETTINGS[name](bench.fake.url), timeoutSeconds: fault === 'silence_after' ? 0.1 : 5 },
            bench.fake.credential,
          );
          const outcome = await outcomeOf(() => call(sink, made?.id ?? '', wanted));
          bench.fake.plan = () => undefined;
          if (hit === undefined) break;
          const changed = JSON.stringify(bench.fake.tickets()) !== before;
          const isWrite = ['create', 'update', 'comment', 'state'].includes(hit);
          // Whoever asks in vain learns that nothing was written; whoever wrote in vain learns that nobody knows.
          const allowed = isWrite && changed ? ['unknown'] : isWrite ? ['unknown', 'done'] : ['busy', 'refused', 'done'];
          expect(allowed, `${operation}, ${fault} at ${hit}`).toContain(outcome);
        }
      }
    }
  });

  it('that is delivered twice by what lies in between is found twice, the oldest first, where the tracker cannot know better', async () => {
    const bench = await open(name);
    const wanted = draft();
    once(bench.fake, 'twice', 'create');
    await bench.sink.create(wanted, SIGNAL);
    const found = await bench.sink.find(wanted.marker, [], SIGNAL);
    const ids = bench.fake.tickets().map(({ id }) => id);
    expect(found.map(({ id }) => id)).toEqual(ids);
    expect(ids).toHaveLength(name === 'linear' ? 1 : 2);
  });

  it('waits as long as it is told to', async () => {
    const bench = await open(name);
    once(bench.fake, 'throttled', 'create');
    await expect(bench.sink.create(draft(), SIGNAL)).rejects.toMatchObject({ outcome: 'busy', retryAfterMs: 7_000 });
  });
});

const CALLS: Readonly<Record<string, (sink: FakeBench['sink'], id: string, wanted: ReturnType<typeof draft>) => Promise<unknown>>> = {
  create: (sink, _id, wanted) => sink.create(wanted, SIGNAL),
  update: (sink, id, wanted) => sink.update(id, draft({ marker: wanted.marker }), SIGNAL),
  comment: (sink, id) => sink.comment(id, comment(), SIGNAL),
  close: (sink, id) => sink.close(id, comment(), SIGNAL),
  reopen: (sink, id) => sink.reopen(id, comment(), SIGNAL),
};

describe('GitHub Issues', () => {
  it('makes the label first: a token that may not set labels opens nothing', async () => {
    const bench = await open('github');
    bench.fake.mayLabel = false;
    await expect(bench.sink.create(draft(), SIGNAL)).rejects.toMatchObject({ outcome: 'refused' });
    expect(bench.fake.tickets()).toEqual([]);
  });

  it('stops at the first issue whose label was dropped without a word', async () => {
    const bench = await open('github');
    const fake = bench.fake;
    fake.plan = (operation) => {
      // The right is taken away between the label and the issue.
      if (operation === 'create') fake.mayLabel = false;
      return undefined;
    };
    expect(await outcomeOf(() => bench.sink.create(draft(), SIGNAL))).toBe('done');
    await expect(bench.sink.create(draft(), SIGNAL)).rejects.toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('drops the labels'),
    });
    expect(fake.tickets()).toHaveLength(1);
  });

  it('tells a limit of the pace, which answers 403 as well, from a refusal', async () => {
    const bench = await open('github');
    const { id } = await bench.sink.create(draft(), SIGNAL);
    const outcomes: unknown[] = [];
    for (const [status, headers, message] of [
      [403, {}, 'Resource not accessible'],
      [403, { 'retry-after': '60' }, 'Forbidden'],
      [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1795312860' }, 'API rate limit exceeded'],
      [403, {}, 'You have exceeded a secondary rate limit.'],
    ] as const) {
      const server = await serve((_request, response) => json(response, { message }, status, headers));
      const sink = await openSink('github', { ...SETTINGS['github'](bench.fake.url), api: server.url }, bench.fake.credential, {
        now: () => new Date('2026-11-22T02:00:00Z'),
        sleep: () => Promise.resolve(),
      });
      const error = (await sink.get(id, SIGNAL).catch((cause: unknown) => cause)) as { outcome: string; retryAfterMs?: number };
      outcomes.push([error.outcome, error.retryAfterMs]);
    }
    expect(outcomes).toEqual([
      ['refused', undefined],
      ['busy', 60_000],
      ['busy', 1_795_312_860_000 - Date.parse('2026-11-22T02:00:00Z')],
      ['busy', 60_000],
    ]);
  });

  it('takes neither a pull request with the label nor an issue without it for its own', async () => {
    const bench = await open('github');
    const wanted = draft();
    const { id } = await bench.sink.create(wanted, SIGNAL);
    await bench.sink.create(draft(), SIGNAL);
    bench.fake.labelPull(wanted.marker);
    bench.fake.ignoresQuery = true;
    expect((await bench.sink.find(wanted.marker, [], SIGNAL)).map((one) => one.id)).toEqual([id]);
  });

  it('reads all pages of comments before it says a thing again', async () => {
    const bench = await open('github');
    const { id } = await bench.sink.create(draft(), SIGNAL);
    const said = comment('Said before.');
    for (let time = 0; time < 120; time++)
      await fetch(`${bench.fake.url}/repos/corp-example/security/issues/${id}/comments`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bench.fake.credential}` },
        body: JSON.stringify({ body: `Somebody says ${time}` }),
      });
    for (let time = 0; time < 2; time++) await bench.sink.comment(id, said, SIGNAL);
    expect(bench.fake.tickets()[0]!.comments).toHaveLength(121);
  });

  it('writes no more than once a second', async () => {
    const bench = await open('github');
    for (let time = 0; time < 3; time++) await bench.sink.create(draft(), SIGNAL);
    expect(counted(bench, 'create')).toBe(3);
    expect(counted(bench, 'label')).toBe(3);
    const made = (await Promise.all(bench.fake.tickets().map(({ id }) => bench.sink.get(id, SIGNAL)))).map((one) =>
      Date.parse(one!.changedAt!),
    );
    expect(Math.min(made[1]! - made[0]!, made[2]! - made[1]!)).toBeGreaterThanOrEqual(1_000);
  });

  it('takes no repository that is a path', async () => {
    for (const repository of ['../..', 'owner/../other', 'owner', 'owner/name/issues', 'ow ner/name', '-owner/name', 'owner/na?me'])
      await expect(openSink('github', { repository, token: { env: 'TOKEN' } }, 'x')).rejects.toThrow();
  });
});

describe('Jira', () => {
  it('finds what was just made although the index is behind, where its id is known', async () => {
    const bench = await open('jira');
    const wanted = draft();
    bench.fake.lagMs = Number.MAX_SAFE_INTEGER;
    const { id } = await bench.sink.create(wanted, SIGNAL);
    expect(await bench.sink.find(wanted.marker, [], SIGNAL)).toEqual([]);
    expect(await bench.sink.find(wanted.marker, [id], SIGNAL)).toMatchObject([{ id, state: 'open' }]);
  });

  it('shows the state as it is now, although the index is behind', async () => {
    const bench = await open('jira');
    const wanted = draft();
    const { id } = await bench.sink.create(wanted, SIGNAL);
    await new Promise((resolve) => setTimeout(resolve, 60));
    bench.fake.lagMs = 50_000;
    bench.fake.person.close(id);
    expect(await bench.sink.find(wanted.marker, [], SIGNAL)).toMatchObject([{ id, state: 'closed' }]);
  });

  it('takes no issue for its own whose label was taken off, although the index still says so', async () => {
    const bench = await open('jira');
    const wanted = draft();
    const { id } = await bench.sink.create(wanted, SIGNAL);
    bench.fake.unlabel(id);
    expect(await bench.sink.find(wanted.marker, [], SIGNAL)).toEqual([]);
  });

  it('never asks the search that was removed', async () => {
    const bench = await open('jira');
    await bench.sink.find(marker(), ['1', 'SEC-1', 'x'], SIGNAL);
    expect(bench.fake.requests.map(({ path }) => path)).toEqual(['/rest/api/3/search/jql']);
  });

  it('says in plain words which fields a transition asks for, and says nothing in the ticket then', async () => {
    const bench = await open('jira');
    bench.fake.asked = { resolution: 'Lösung', customfield_10020: 'Ursache' };
    const { id } = await bench.sink.create(draft(), SIGNAL);
    await expect(bench.sink.close(id, comment(), SIGNAL)).rejects.toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('"Abschließen" of SEC-1 asks for Lösung (resolution), Ursache (customfield_10020)'),
    });
    expect(bench.fake.tickets()[0]).toMatchObject({ open: true, comments: [] });
    const told = await openSink(
      'jira',
      { ...SETTINGS['jira'](bench.fake.url), closeFields: { resolution: { name: 'Fertig' }, customfield_10020: 'Noctule' } },
      bench.fake.credential,
    );
    await told.close(id, comment(), SIGNAL);
    expect(bench.fake.tickets()[0]).toMatchObject({ open: false });
  });

  it('says so where no transition leads to a status that is done', async () => {
    const bench = await open('jira');
    bench.fake.barred = true;
    const { id } = await bench.sink.create(draft(), SIGNAL);
    await expect(bench.sink.close(id, comment(), SIGNAL)).rejects.toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('no transition of SEC-1'),
    });
    expect(bench.fake.tickets()[0]!.comments).toEqual([]);
  });

  it('gives times in UTC', async () => {
    const bench = await open('jira');
    const { id } = await bench.sink.create(draft(), SIGNAL);
    const { changedAt } = (await bench.sink.get(id, SIGNAL))!;
    expect(changedAt).toMatch(/^2026-11-22T0\d:\d\d:\d\d\.\d{3}Z$/);
  });
});

describe('ServiceNow', () => {
  it('takes no record for its own where the table has no correlation_id and all of them come back', async () => {
    const bench = await open('servicenow');
    bench.fake.lacksCorrelation = true;
    await expect(bench.sink.find(marker(), [], SIGNAL)).rejects.toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('correlation_id'),
    });
  });

  it('stops at the first record whose marker was dropped without a word', async () => {
    const bench = await open('servicenow');
    bench.fake.dropsCorrelation = true;
    expect(await outcomeOf(() => bench.sink.create(draft(), SIGNAL))).toBe('done');
    expect(await outcomeOf(() => bench.sink.create(draft(), SIGNAL))).toBe('refused');
    expect(bench.fake.tickets()).toHaveLength(1);
  });

  it('says so where a rule of the instance keeps a record open', async () => {
    const bench = await open('servicenow');
    const { id } = await bench.sink.create(draft(), SIGNAL);
    bench.fake.keepsOpen = true;
    await expect(bench.sink.close(id, comment(), SIGNAL)).rejects.toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('state 1'),
    });
  });

  it('says what the data policy of the instance asks for', async () => {
    const bench = await open('servicenow', { close: { state: '6' } });
    const { id } = await bench.sink.create(draft(), SIGNAL);
    await expect(bench.sink.close(id, comment(), SIGNAL)).rejects.toMatchObject({
      message: expect.stringContaining('Close code, Close notes are mandatory'),
    });
  });

  it('gives times in UTC, and an address for people', async () => {
    const bench = await open('servicenow');
    const { id } = await bench.sink.create(draft(), SIGNAL);
    const found = (await bench.sink.get(id, SIGNAL))!;
    expect(found.changedAt).toMatch(/^2026-11-22T0\d:\d\d:\d\dZ$/);
    expect(found.url).toContain(`sys_id%3D${id}`);
  });
});

describe('Linear', () => {
  it('makes one issue of two writes under one key, in whatever words the second is refused', async () => {
    const bench = await open('linear');
    for (const words of ['Conflict on insert', 'Entity already exists', 'Nope']) {
      bench.fake.conflictWords = words;
      const wanted = draft();
      const first = await bench.sink.create(wanted, SIGNAL);
      expect(await bench.sink.create(wanted, SIGNAL)).toEqual(first);
    }
    expect(bench.fake.tickets()).toHaveLength(3);
  });

  it('chooses states by type, the first of them, and priorities by severity', async () => {
    const bench = await open('linear');
    const { id } = await bench.sink.create(draft({ severity: 'critical' }), SIGNAL);
    await bench.sink.close(id, comment(), SIGNAL);
    await bench.sink.reopen(id, comment(), SIGNAL);
    const bodies = bench.fake.requests.map(({ body }) => JSON.parse(body) as { variables: { input?: Record<string, unknown> } });
    expect(bodies.flatMap(({ variables }) => variables.input?.['stateId'] ?? [])).toEqual(['s-done', 's-todo']);
    expect(bodies.flatMap(({ variables }) => variables.input?.['priority'] ?? [])).toEqual([1]);
  });

  it('says when the team is not shown to its key', async () => {
    const bench = await open('linear', { team: 'HID' });
    await expect(bench.sink.create(draft(), SIGNAL)).rejects.toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('no team HID'),
    });
  });
});

it('a name of the list is in no request of any tracker outside the texts that it belongs to', async () => {
  for (const name of NAMES) {
    const bench = await open(name);
    for (const one of HOSTILE_MARKUP.slice(0, 20))
      await bench.sink.create(draft({ document: { title: [{ name: one }], blocks: [] } }), SIGNAL);
    const before = bench.fake.requests.length;
    await bench.sink.find(marker(), [], SIGNAL);
    expect(bench.fake.requests.slice(before).every(({ path, body }) => !/victim|attacker/.test(path + body))).toBe(true);
  }
});
