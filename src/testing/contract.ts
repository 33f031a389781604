import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  canonicalJson,
  holds,
  outward,
  ProviderFault,
  Refusal,
  type Connector,
  type Gap,
  type Json,
  type Observation,
  type Permission,
} from '../connector/index.ts';
import { createCompany } from './company.ts';
import type { Expected, Fake, FakeProvider } from './fake.ts';
import { FAULTS, type Fault } from './faults.ts';
import { runConnector, type CollectorRun, type Run } from './runner.ts';

/** A test of the suite that does not apply to a provider, and why. It is printed as skipped. */
export interface Skip {
  test: string;
  reason: string;
}

/**
 * What every connector must keep, whoever wrote it: the project's memory of the ways in which a connector can go wrong.
 * Runs on the small world, two items a page.
 */
export function contractSuite(connector: Connector, fake: Fake, skips: readonly Skip[] = []): void {
  describe(`the contract, kept by ${connector.id}`, () => {
    const company = createCompany({ people: 12, today: startOfDay() });
    let provider: FakeProvider;
    let baseline: Run;
    const it = (title: string, body: () => Promise<void>, timeout = 60_000) => {
      const skip = skips.find((candidate) => candidate.test === title);
      if (skip) test.skip(`${title} [${skip.reason}]`, body);
      else test(title, body, timeout);
    };

    beforeAll(async () => {
      provider = await fake.start(company);
      baseline = await runConnector(connector, provider);
      if (baseline.refused) throw baseline.refused;
      for (const run of baseline.collectors) if (run.error) throw run.error;
    });
    afterAll(() => provider.close());

    it('states the same things under the same ids in two scans', async () => {
      for (const run of baseline.collectors) {
        const ids = observations(run).map((observation) => observation.nativeId);
        expect(new Set(ids).size, `${run.collector.id} uses a nativeId twice`).toBe(ids.length);
      }
      const again = await runConnector(connector, provider);
      for (const [index, run] of again.collectors.entries()) expect(factsOf(run)).toEqual(factsOf(baseline.collectors[index]!));
    });

    it('sees every seeded thing, and nothing else', async () => {
      const kinds = new Set(provider.expected().map((expected) => expected.kind));
      const seen = inventories(baseline)
        .flatMap(observations)
        .filter((observation) => kinds.has(observation.kind));
      const unexpected = seen.filter((observation) => !provider.expected().some((expected) => matches(expected, observation)));
      const missed = provider.expected().filter((expected) => !seen.some((observation) => matches(expected, observation)));
      expect({ missed, unexpected: unexpected.map(({ kind, thing }) => ({ kind, thing })) }).toEqual({ missed: [], unexpected: [] });
      for (const expected of provider.expected()) {
        const observation = seen.find((candidate) => matches(expected, candidate))!;
        expect(detailsOf(observation, expected)).toEqual(detailsExpected(expected));
      }
    });

    it('emits only kinds, places and claims that it declares', async () => {
      for (const run of baseline.collectors) {
        for (const event of run.events) {
          if (event.type === 'checkpoint') continue;
          expect(holds(baseline.account!.scope, event.scope), `${event.scope} lies outside the account`).toBe(true);
          if (event.type === 'observation') expect(run.collector.kinds).toContain(event.kind);
          if (event.type === 'unchanged') expect(run.collector.changeLog).toBeDefined();
          if (event.type === 'covered') expect(event.window !== undefined).toBe(run.collector.mode === 'log');
        }
        if (run.collector.mode === 'log') continue;
        const unclaimed = observations(run).filter((observation) => saidAbout(run, observation.scope) !== 'covered');
        expect(
          unclaimed.map(({ thing }) => thing),
          `${run.collector.id} observes in places that it does not claim`,
        ).toEqual([]);
      }
    });

    it('turns each revoked permission into a gap that names it, and claims nothing under it', async () => {
      for (const permission of declaredPermissions(connector)) {
        const ids = [permission.id, ...(permission.orElse ?? [])];
        for (const id of ids) provider.revoke(id);
        const run = await runConnector(connector, provider);
        for (const id of ids) provider.restore(id);
        const users = connector.collectors.filter((collector) => collector.permissions.some(({ id }) => id === permission.id));
        for (const { collector, events } of run.collectors.filter((candidate) => users.includes(candidate.collector))) {
          const gaps = events.filter((event): event is Gap => event.type === 'gap' && event.permission !== undefined);
          const named = gaps.some((gap) => ids.includes(gap.permission!));
          expect(
            named,
            `${collector.id} opens no gap that names ${ids.join(' or ')} when it is revoked: it has ${canonicalJson(gaps as unknown as Json)}`,
          ).toBe(true);
        }
        expect(
          run.refused === undefined || run.refused instanceof Refusal,
          `revoking ${permission.id} ends in ${String(run.refused)}`,
        ).toBe(true);
        expectNothingWronglyGone(baseline, run, `without ${permission.id}`);
      }
    });

    it('needs no more than one of the permissions that open the same places', async () => {
      for (const permission of declaredPermissions(connector)) {
        const ids = [permission.id, ...(permission.orElse ?? [])];
        for (const kept of ids.length > 1 ? ids : []) {
          for (const id of ids) if (id !== kept) provider.revoke(id);
          const run = await runConnector(connector, provider);
          for (const id of ids) if (id !== kept) provider.restore(id);
          const users = run.collectors.filter(({ collector }) => collector.permissions.some(({ id }) => id === permission.id));
          for (const user of users)
            expect(factsOf(user), `${user.collector.id} with ${kept} alone`).toEqual(factsOf(find(baseline, user.collector.id)));
        }
      }
    });

    // An operation may have a second address; it is one operation all the same.
    const operations = new Map(connector.operations.map((operation) => [operation.id, operation]));
    for (const operation of operations.values()) {
      it(`survives every fault of ${operation.id}: the same result, or a gap`, async () => {
        const reached = new Set<Fault>();
        const users = connector.collectors.filter((collector) => collector.operations.includes(operation.id));
        // What only opens the connection concerns all collectors alike: one of them shows it.
        const only = (users.length > 0 ? users : connector.collectors.slice(0, 1)).map(({ id }) => id);
        for (const fault of FAULTS) {
          for (const [nth, times] of [
            [1, 1],
            [2, 2],
            [LAST, 1],
            [1, undefined],
            [2, undefined],
            [LAST, undefined],
          ] as const) {
            const at = nth === LAST ? distinctRequests(provider, operation.id) : nth;
            if (at < nth && nth !== LAST) continue;
            provider.faults.clear();
            provider.faults.add({ operation: operation.id, fault, nth: at, ...(times && { times }) });
            const run = await runConnector(connector, provider, { only });
            if (provider.faults.struck.has(operation.id)) reached.add(fault);
            const where = `${fault} at request ${at}${times ? ` ${times}×` : ' for ever'}`;
            expectOnlyExpectedErrors(run, where);
            expectNothingWronglyGone(baseline, run, where);
            expectNothingInvented(baseline, run, where);
          }
        }
        provider.faults.clear();
        expect(reached.size, 'no fault of this operation ever struck').toBe(FAULTS.length);
      });
    }

    it('gives the same result when it is killed after any checkpoint and goes on', async () => {
      for (const whole of baseline.collectors) {
        const checkpoints = whole.events.filter((event) => event.type === 'checkpoint').length;
        for (let stopAfter = 1; stopAfter <= checkpoints; stopAfter++) {
          const only = [whole.collector.id];
          const start = find(await runConnector(connector, provider, { only, stopAfter }), whole.collector.id);
          const cut = start.events.at(-1)!;
          if (cut.type !== 'checkpoint') throw new Error('The run did not stop at a checkpoint');
          const rest = find(
            await runConnector(connector, provider, { only, cursors: { [whole.collector.id]: cut.cursor } }),
            whole.collector.id,
          );
          const joined = { ...whole, events: [...start.events, ...rest.events] };
          expect(factsOf(joined), `${whole.collector.id}, killed after checkpoint ${stopAfter} of ${checkpoints}`).toEqual(factsOf(whole));
          const sent = count(start) + count(rest);
          expect(sent, `${whole.collector.id} asks again for what it had committed`).toBe(count(whole));
        }
      }
    });

    it('claims an empty account and observes nothing in it', async () => {
      const empty = await fake.start(company, { empty: true });
      try {
        const run = await runConnector(connector, empty);
        expect(run.refused).toBeUndefined();
        const expected = empty.expected();
        for (const { collector, events, error } of run.collectors) {
          expect(error).toBeUndefined();
          const seen = events.filter((event): event is Observation => event.type === 'observation');
          const extra = seen.filter((observation) => !expected.some((candidate) => matches(candidate, observation)));
          expect(
            extra.map(({ thing }) => thing),
            collector.id,
          ).toEqual([]);
          const states = events.some((event) => event.type === 'covered' || (event.type === 'gap' && event.byDesign === true));
          expect(states, `${collector.id} claims nothing about an empty account`).toBe(true);
        }
      } finally {
        await empty.close();
      }
    });

    it('sends declared operations only, and no more requests than it declares', async () => {
      const declared = new Set(connector.operations.map((operation) => operation.id));
      expect(provider.requests.filter(({ operation }) => !declared.has(operation))).toEqual([]);
      const sizes = provider.sizes();
      for (const run of baseline.collectors) {
        expect(
          [...run.requests.keys()].filter((operation) => !run.collector.operations.includes(operation)),
          run.collector.id,
        ).toEqual([]);
        const formula = run.collector.requests({
          of: (name) => sizeOf(sizes, name),
          pages: (name, largest) => Math.max(1, Math.ceil(sizeOf(sizes, name) / Math.min(largest, 2))),
        });
        const extra = run.collector.operations.reduce((sum, operation) => sum + (provider.extraPages?.(operation) ?? 0), 0);
        expect(count(run), `${run.collector.id} sends another number of requests than its formula says`).toBe(formula + extra);
      }
    });

    it('lets no planted secret through, in any encoding', async () => {
      const text = JSON.stringify(baseline.collectors.map((run) => run.events));
      for (const canary of provider.canaries) {
        for (const [encoding, form] of encodings(canary)) expect(text.includes(form), `a planted secret comes out ${encoding}`).toBe(false);
      }
      expect(provider.canaries.length).toBeGreaterThan(0);
    });
  });
}

const LAST = -1;

function startOfDay(): Date {
  const today = new Date();
  today.setUTCHours(2, 0, 0, 0);
  return today;
}

function observations(run: CollectorRun): Observation[] {
  return run.events.filter((event): event is Observation => event.type === 'observation');
}

function inventories(run: Run): CollectorRun[] {
  return run.collectors.filter(({ collector }) => collector.mode === 'inventory');
}

function find(run: Run, id: string): CollectorRun {
  const found = run.collectors.find(({ collector }) => collector.id === id);
  if (!found) throw new Error(`${id} did not run: ${String(run.refused)}`);
  return found;
}

/** What a run stated, in an order of its own: cursors and windows move with the clock, facts must not. */
function factsOf(run: CollectorRun): string[] {
  const facts = run.events
    .filter((event) => event.type !== 'checkpoint')
    .map((event) => (event.type === 'covered' ? { type: event.type, scope: event.scope } : withoutMoving(event, run)))
    .map((fact) => canonicalJson(fact as unknown as Json));
  return [...new Set(facts)].sort();
}

function withoutMoving(event: Exclude<CollectorRun['events'][number], { type: 'checkpoint' | 'covered' }>, run: CollectorRun): unknown {
  if (event.type !== 'observation') return event.type === 'gap' && event.byDesign ? { ...event, effect: '' } : event;
  const attributes = Object.fromEntries(Object.entries(event.attributes).filter(([key]) => !run.collector.volatile.includes(key)));
  const { lastUsedAt: _moves, ...rest } = event;
  return { ...rest, attributes };
}

function matches(expected: Expected, observation: Observation): boolean {
  if (expected.kind !== observation.kind) return false;
  const text = `${decodeURIComponent(observation.thing)} ${decodeURIComponent(observation.nativeId)}`;
  const segments = new Set(text.split(/[ /]/));
  return expected.ids.every((id) => segments.has(id) || text.includes(`/${id}`) || text.endsWith(id) || text.startsWith(id));
}

function detailsOf(observation: Observation, expected: Expected): Record<string, unknown> {
  const { expiresAt, principal } = observation;
  return {
    ...(expected.name !== undefined && { name: observation.subject.name }),
    ...(expected.permissions && { permissions: [...observation.permissions].sort() }),
    ...(expected.expiresAt !== undefined && {
      expiresAt: typeof expiresAt === 'object' ? new Date(expiresAt.at).toISOString() : expiresAt,
    }),
    ...(expected.standing !== undefined && { standing: principal?.standing }),
  };
}

function detailsExpected(expected: Expected): Record<string, unknown> {
  return {
    ...(expected.name !== undefined && { name: expected.name }),
    ...(expected.permissions && { permissions: [...expected.permissions].sort() }),
    ...(expected.expiresAt !== undefined && {
      expiresAt: expected.expiresAt === 'never' ? 'never' : new Date(expected.expiresAt).toISOString(),
    }),
    ...(expected.standing !== undefined && { standing: expected.standing }),
  };
}

function declaredPermissions(connector: Connector): Permission[] {
  const all = new Map<string, Permission>();
  for (const collector of connector.collectors) for (const permission of collector.permissions) all.set(permission.id, permission);
  return [...all.values()];
}

/** The most specific statement about a place; written again here, so that the engine's rule is not its own judge. */
function saidAbout(run: CollectorRun, place: string): 'gap' | 'covered' | 'unchanged' | 'none' {
  if (run.error) return 'none';
  const statements = run.events.filter((event) => event.type === 'gap' || event.type === 'covered' || event.type === 'unchanged');
  for (const scope of outward(place)) {
    const here = new Set(statements.filter((statement) => statement.scope === scope).map(({ type }) => type));
    for (const type of ['gap', 'covered', 'unchanged'] as const) if (here.has(type)) return type;
  }
  return 'none';
}

/** Whatever the baseline saw and this run did not must not be claimed to have been looked for. */
function expectNothingWronglyGone(baseline: Run, run: Run, where: string): void {
  if (run.refused) return;
  for (const before of inventories(baseline)) {
    const now = run.collectors.find(({ collector }) => collector.id === before.collector.id);
    if (!now) continue;
    const seen = new Set(observations(now).map(({ nativeId }) => nativeId));
    const closed = observations(before).filter(({ nativeId, scope }) => !seen.has(nativeId) && saidAbout(now, scope) === 'covered');
    expect(
      closed.map(({ thing }) => thing),
      `${before.collector.id} would close what it did not read (${where})`,
    ).toEqual([]);
  }
}

function expectNothingInvented(baseline: Run, run: Run, where: string): void {
  for (const now of run.collectors) {
    const before = new Set(factsOf(find(baseline, now.collector.id)));
    const invented = factsOf(now).filter((fact) => fact.includes('"type":"observation"') && !before.has(fact));
    expect(invented, `${now.collector.id} (${where})`).toEqual([]);
  }
}

/** A collector, or the opening of a connection, may fail for the provider's reasons; for its own it may not. */
function expectOnlyExpectedErrors(run: Run, where: string): void {
  for (const error of [run.refused, ...run.collectors.map((collector) => collector.error)]) {
    const expected = error === undefined || error instanceof Refusal || error instanceof ProviderFault;
    expect(expected, `${where} ends in ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`).toBe(true);
  }
}

function distinctRequests(provider: FakeProvider, operation: string): number {
  return provider.faults.distinct(operation);
}

function sizeOf(sizes: Readonly<Record<string, number>>, name: string): number {
  const size = sizes[name];
  if (size === undefined) throw new Error(`The simulated provider does not know the size "${name}"`);
  return size;
}

function count(run: CollectorRun): number {
  return [...run.requests.values()].reduce((sum, number) => sum + number, 0);
}

function encodings(secret: string): [string, string][] {
  return [
    ['as it is', JSON.stringify(secret).slice(1, -1)],
    ['as base64', Buffer.from(secret).toString('base64').replace(/=+$/, '')],
    ['percent-encoded', encodeURIComponent(secret)],
    ['as hexadecimal', Buffer.from(secret).toString('hex')],
  ];
}
