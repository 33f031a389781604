import { expect } from 'vitest';
import type { Observation } from '../../connector/index.ts';
import type { Expected, FakeProvider } from '../fake.ts';
import { runConnector } from '../runner.ts';
import { factsOf, find, inventories, observations } from './facts.ts';
import type { Subject } from './suite.ts';

/** Whatever the simulated provider holds is seen, under the same ids every night, and nothing else is. */
export function seesEverything(subject: Subject): void {
  const { connector, it } = subject;

  it('states the same things under the same ids in two scans', async () => {
    const { provider, baseline } = subject;
    for (const run of baseline.collectors) {
      const ids = observations(run).map((observation) => observation.nativeId);
      expect(new Set(ids).size, `${run.collector.id} uses a nativeId twice`).toBe(ids.length);
    }
    const again = await runConnector(connector, provider);
    for (const run of again.collectors) expect(factsOf(run), run.collector.id).toEqual(factsOf(find(baseline, run.collector.id)));
  });

  it('sees every seeded thing, and nothing else', async () => {
    const { provider, baseline } = subject;
    const all = expectedOf(provider);
    const kinds = new Set(all.map((expected) => expected.kind));
    const seen = inventories(baseline)
      .flatMap(observations)
      .filter((observation) => kinds.has(observation.kind));
    const unexpected = seen.filter((observation) => !all.some((expected) => matches(expected, observation)));
    const missed = all.filter((expected) => !seen.some((observation) => matches(expected, observation)));
    expect({ missed, unexpected: unexpected.map(({ kind, thing }) => ({ kind, thing })) }).toEqual({ missed: [], unexpected: [] });
    for (const expected of all) {
      const observation = seen.find((candidate) => matches(expected, candidate))!;
      expect(detailsOf(observation, expected)).toEqual(detailsExpected(expected));
    }
  });
}

/** Nothing to see is a statement too: it must be told from not having looked. */
export function claimsEmptiness({ connector, fake, company, it }: Subject): void {
  it('claims an empty account and observes nothing in it', async () => {
    const empty = await fake.start(company, { empty: true });
    try {
      const run = await runConnector(connector, empty);
      expect(run.refused).toBeUndefined();
      const expected = expectedOf(empty);
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
}

/** Of single accounts and of what holds many: the suite runs both kinds of collectors. */
function expectedOf(provider: FakeProvider): Expected[] {
  return [...provider.expected(), ...(provider.groupExpected?.() ?? [])];
}

function matches(expected: Expected, observation: Observation): boolean {
  if (expected.kind !== observation.kind) return false;
  // Whole segments only: key 1 is not key 12. Parts of an ARN end at colons.
  const segments = (id: string) => `/${decodeURIComponent(id).replaceAll(':', '/')}/`;
  const names = [segments(observation.thing), segments(observation.nativeId)];
  return expected.ids.every((id) => names.some((name) => name.includes(segments(id))));
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
