/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import { openWorld, statementsOf } from '../world.ts';
import { ago, plantRegions } from './estate.ts';
import { pacedScan, realGaps, speaking, timesOf, worldOf } from './reading.ts';
import { lookedUp, plantEvents, type TrailEvent } from './trail.ts';
import { regionOf } from './wire.ts';

// What CloudTrail knows of use.

const statement = statementsOf('aws');
const TRAIL = ['invocations'];
const LOOKUP = 'cloudtrail.LookupEvents';

statement('A46', async () => {
  const world = await openWorld('aws');
  plantRegions(world, 'us-east-1', 'eu-west-1');
  world.plant(LOOKUP, () => lookedUp([]));
  const night = await world.scan({ collectors: ['identities', ...TRAIL] });
  expect(new Set(world.asked.filter(({ operation }) => operation === LOOKUP).map(regionOf))).toEqual(new Set(['us-east-1', 'eu-west-1']));
  expect(night.facts.filter(({ kind }) => kind === 'usage')).toEqual([]);
  const ai = night.findings.filter(({ product }) => product === 'aws/bedrock');
  expect(ai).not.toEqual([]);
  // What the list of keys says of a key by itself is no reading of the empty history.
  const saysList = (body: string) => /was never used, and is there since/.test(body);
  const unused = night.findings.filter(({ title, body }) => /\bunused\b|not used|never used/i.test(`${title} ${body}`));
  expect(unused.filter(({ body }) => !saysList(body))).toEqual([]);
  expect(unused.every(({ appId }) => night.facts.some(({ kind, subject }) => kind === 'api_key' && subject.app === appId))).toBe(true);
  expect(night.facts.filter(({ attributes }) => /"unused|"never(?!Used)/i.test(JSON.stringify(attributes)))).toEqual([]);
  const said = ai.map(({ explained }) => explained['lastUsed']);
  expect(said).toContain('unknown');
});

const call = (at: Date, more: Partial<TrailEvent> = {}): TrailEvent => ({ name: 'InvokeModel', role: 'caller', at, ...more });
const NOW = ago(0);

/** Two events a page, an hour apart, the newest first. */
const pageOfEvents = (page: number) => [0, 1].map((index) => call(new Date(NOW.getTime() - (page * 2 + index) * 3_600_000)));

statement('A47', async () => {
  const world = await openWorld('aws');
  plantRegions(world, 'us-east-1');
  plantEvents(world, (page) => (page < 30 ? pageOfEvents(page) : []), 30);
  const night = await world.scan({ collectors: TRAIL });
  expect(night.sent(LOOKUP)).toEqual({ first: 20, repeats: 0 });
  const cut = realGaps(night).filter(({ reason }) => reason === 'truncated');
  expect(cut).toHaveLength(1);
  expect(cut[0]!.effect).toContain(pageOfEvents(19)[1]!.at.toISOString().slice(0, 19));
});

statement('A48', async () => {
  const speed = 4;
  const world = await openWorld('aws');
  plantRegions(world, 'us-east-1', 'eu-west-1');
  plantEvents(world, pageOfEvents, 10);
  await pacedScan(world, TRAIL, speed);
  for (const region of ['us-east-1', 'eu-west-1']) {
    const times = timesOf(world, LOOKUP, speed, region);
    expect(times).toHaveLength(10);
    // Three within a second would be too many; the timers of a busy machine are some milliseconds off, times four.
    const tooFast = times.slice(2).filter((at, index) => at - times[index]! < 700);
    expect(tooFast).toEqual([]);
  }
});

statement('A49', async () => {
  const world = await worldOf({ roles: { caller: {}, plain: {} } });
  plantRegions(world, 'us-east-1');
  plantEvents(world, () => [call(ago(1), { bearer: true }), call(ago(1), { role: 'plain' })], 1);
  const night = await world.scan({ collectors: ['identities', 'service_credentials', ...TRAIL] });
  expect(
    night.facts
      .filter(({ kind }) => kind === 'usage')
      .map(({ principal }) => principal!.name)
      .sort(),
  ).toEqual(['caller', 'plain']);
  const short = (name: string) =>
    speaking(night, name).filter(({ title, body }) =>
      /short-(term|lived)|temporary key|bearer|key for the service alone/i.test(`${title} ${body}`),
    );
  expect(short('plain')).toEqual([]);
  expect(short('caller')).not.toEqual([]);
});

statement('A50', async () => {
  const world = await worldOf({ roles: { refused: {}, served: {} } });
  plantRegions(world, 'us-east-1');
  plantEvents(world, () => [call(ago(1), { role: 'refused', error: 'AccessDenied' }), call(ago(2), { role: 'served' })], 1);
  const night = await world.scan({ collectors: ['identities', ...TRAIL] });
  const usage = (name: string) => night.facts.find(({ kind, principal }) => kind === 'usage' && principal?.name === name);
  expect(usage('served')!.lastUsedAt?.at.slice(0, 10)).toBe(ago(2).toISOString().slice(0, 10));
  expect(usage('refused')).toBeDefined();
  expect(usage('refused')!.lastUsedAt).toBeUndefined();
  expect(JSON.stringify(usage('refused')!.attributes)).toMatch(/attempt|refused":1/);
});
