import { describe, expect, test } from 'vitest';
import type { Connection } from '../../src/connector/index.ts';
import type { Source } from '../../src/scan/engine.ts';
import { toolsOf } from '../../src/scan/opening.ts';
import { Meter } from '../../src/scan/meter.ts';
import { probeSource } from '../../src/scan/probe.ts';
import { openStore } from '../../src/store/store.ts';
import { temporaryFolder } from '../store/facts.ts';
import { scanOptions, smallCompany, sourceOf, startFake } from './night.ts';

describe('an account of an organisation that is tried', () => {
  /** AWS, whose accounts say when they are closed, and whose collectors do something else as soon as they read one. */
  async function probed(instead: () => never, signal: AbortSignal) {
    const company = smallCompany(12);
    const aws = await startFake('aws', company);
    const { connector, ...source } = await sourceOf({ name: 'aws', config: aws.groupConfig! });
    let [opened, closed] = [0, 0];
    const counting = async (connection: Promise<Connection<unknown>>): Promise<Connection<unknown>> => {
      const at = await connection;
      opened++;
      return { ...at, close: async () => void closed++ };
    };
    const watched: Source['connector'] = {
      ...connector,
      collectors: connector.collectors.map((collector) =>
        collector.level === 'group' ? collector : { ...collector, collect: () => instead() },
      ),
      async connect(context) {
        const connection = await connector.connect(context);
        const members = async () =>
          (await connection.members!()).map((member) => ({
            ...member,
            connect: (tools: typeof context) => counting(member.connect(tools)),
          }));
        return { ...connection, members: members as NonNullable<typeof connection.members> };
      },
    };
    const store = openStore(':memory:');
    // A try has two minutes, which must not be over at once.
    const { clock, secret } = scanOptions(store, { sources: [], environment: aws.environment, from: new Date(), speed: 1 });
    const bugs: unknown[] = [];
    const bug = (error: unknown) => {
      bugs.push(error);
      // Whoever is told may give up, the first time.
      if (bugs.length === 1) throw error;
    };
    try {
      const probe = await probeSource({ clock, signal, secret, bug }, { ...source, connector: watched }).catch((error: unknown) => error);
      return { probe, opened, closed };
    } finally {
      await store.close();
      await aws.close();
    }
  }

  test('is closed where the try is interrupted', async () => {
    const controller = new AbortController();
    const { probe, opened, closed } = await probed(() => {
      controller.abort(new Error('enough'));
      throw new Error('enough');
    }, controller.signal);
    expect([String(probe), opened, closed]).toEqual(['Error: enough', 1, 1]);
  });

  test('is closed, and not told as one that does not open, where the try itself fails', async () => {
    const failing = () => {
      throw new TypeError('a bug');
    };
    const { probe, opened, closed } = await probed(failing, new AbortController().signal);
    expect([String(probe), opened, closed]).toEqual(['TypeError: a bug', 1, 1]);
  });
});

test('as many requests are under way as the widest of several paces allows', async () => {
  const store = openStore(temporaryFolder()());
  const aws = await startFake('aws', smallCompany(12));
  const source = await sourceOf({ name: 'aws', config: aws.config });
  const options = scanOptions(store, { sources: [source], environment: {}, from: new Date() });
  const { tools, inFlight } = toolsOf(options, source, new Meter(), undefined);
  expect(inFlight()).toBe(1);
  for (const pace of [4, 6, 1]) tools.calls({ perSecond: 10, inFlight: pace }, () => undefined);
  expect(inFlight()).toBe(6);
  await store.close();
  await aws.close();
});

test('a pace that a provider never allows to be passed is kept, whatever the configuration names, unless all pace is lifted', async () => {
  const store = openStore(temporaryFolder()());
  const aws = await startFake('aws', smallCompany(12));
  const usual = { perSecond: 1, mostPerSecond: 1, inFlight: 1 };
  const took = async (perSecond: number) => {
    const source = { ...(await sourceOf({ name: 'aws', config: aws.config })), pace: { perSecond } };
    // Time that passes by waiting alone, however slow the machine is.
    let passed = 0;
    const clock = { now: () => new Date(passed), sleep: async (milliseconds: number) => void (passed += milliseconds) };
    const options = { ...scanOptions(store, { sources: [source], environment: {}, from: new Date() }), clock };
    const calls = toolsOf(options, source, new Meter(), undefined).tools.calls(usual, () => undefined);
    for (let call = 0; call < 3; call++) await calls.run(async () => call);
    return Math.round(passed) / 1000;
  };
  expect(await took(1000)).toBe(2);
  expect(await took(0.5)).toBe(4);
  expect(await took(Number.POSITIVE_INFINITY)).toBe(0);
  await store.close();
  await aws.close();
});
