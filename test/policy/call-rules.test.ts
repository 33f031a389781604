import { expect, test } from 'vitest';
import type { Json } from '../../src/connector/index.ts';
import { callHits } from '../../src/policy/call-rules.ts';
import { judgementOf } from '../../src/policy/findings.ts';
import type { Integration, Thing } from '../../src/policy/integration.ts';
import { policy } from './apps.ts';
import { app, thing, verdict } from './invented.ts';

const NOW = new Date('2026-11-01T00:00:00.000Z');
const logging = (region: string, callsLogged: boolean): NonNullable<Integration['controls']>[number] => ({
  thing: `logging/${region}`,
  name: 'logging',
  attributes: { region, callsLogged },
});
const controls = [logging('eu-central-1', false), logging('us-east-1', true)];
const calls = (at = '2026-10-31', region: Json = 'eu-central-1', more: Partial<Thing> = {}) =>
  thing(1, { kind: 'usage', logOnly: true, lastUsedAt: { at: `${at}T00:00:00.000Z`, from: 'log' }, attributes: { region }, ...more });
/** Between two days, as metrics tell it: of nobody. */
const between = (trackedFrom: string, trackedUntil: string): Thing => {
  const { lastUsedAt: _none, holder: _nobody, ...rest } = calls();
  return { ...rest, attributes: { ...rest.attributes, trackedFrom, trackedUntil } };
};
const hits = (things: readonly Thing[], more: Partial<Integration> = {}) =>
  callHits(app({ things, controls, state: 'gone', ...more }), NOW);
const untilOf = (things: readonly Thing[], more: Partial<Integration> = {}) => hits(things, more).map(({ until }) => until?.slice(0, 10));

test('calls of models that a log tells of are unlogged in the regions in which logging is known to be off', () => {
  expect(hits([calls()])).toMatchObject([
    {
      rule: 'model-calls-unlogged',
      severity: 'low',
      details: ['My Brain calls models in eu-central-1, where calls are not logged'],
      things: [calls()],
    },
  ]);
  expect(hits([between('2026-10-18', '2026-11-01')])[0]?.details).toEqual([
    'My Brain is called in eu-central-1, where calls are not logged',
  ]);
  const nowhere = { thing: 'logging', name: 'logging', attributes: { callsLogged: false } };
  expect(hits([calls('2026-10-31', null, { attributes: {} })], { controls: [nowhere] })[0]?.details).toEqual([
    'My Brain calls models in a region that is not named, where calls are not logged',
  ]);
});

test('there is nothing to say where calls are logged, where nobody knows, where none was served, and of what is no AI', () => {
  const { lastUsedAt: _refused, ...attempt } = calls();
  expect([
    hits([calls('2026-10-31', 'us-east-1')]),
    hits([calls('2026-10-31', 'eu-west-1')]),
    hits([attempt]),
    hits([calls('2026-10-31', 'eu-central-1', { kind: 'agent' })]),
    hits([calls()], { controls: [{ thing: 'other', name: 'other', attributes: { region: 'eu-central-1' } }] }),
    hits([calls()], { match: verdict('suspected') }),
  ]).toEqual(Array.from({ length: 6 }, () => []));
});

test('it is told for as long as the log reaches back, and on for as long as the log was not read again', () => {
  const logsRead = NOW.toISOString();
  expect(untilOf([calls('2026-10-01')], { logsRead })).toEqual(['2026-12-30']);
  expect(untilOf([calls('2026-08-03')], { logsRead })).toEqual([]);
  expect(untilOf([calls('2026-08-03')], { logsRead: '2026-10-31T00:00:00.000Z' })).toEqual(['2026-11-02']);
  expect(untilOf([calls('2026-08-03')])).toEqual(['2026-11-02']);
  expect(untilOf([between('2026-10-10', '2026-10-24')], { logsRead })).toEqual(['2026-11-07']);
  expect(untilOf([between('2026-10-01', '2026-10-15')], { logsRead })).toEqual([]);
  expect(untilOf([calls('2026-10-01'), { ...calls('2026-09-01'), id: 'grant/2' }], { logsRead })).toEqual(['2026-11-30']);
});

test('what a list has is there until it is gone', () => {
  const { lastUsedAt: _none, ...listed } = calls('2026-10-31', 'eu-central-1', { logOnly: false });
  expect(untilOf([listed])).toEqual([undefined]);
  expect(untilOf([{ ...listed, state: 'gone' }])).toEqual([]);
});

test('it is judged again on the day on which the call has left the log', () => {
  const one = app({ things: [calls('2026-10-01')], controls, state: 'gone', logsRead: NOW.toISOString() });
  const { integration, findings } = judgementOf(one, policy({}), NOW, () => undefined);
  expect(findings.map(({ rule }) => rule)).toEqual(['model-calls-unlogged']);
  expect(JSON.parse(integration.body)).toMatchObject({ turnsAt: '2026-12-30T00:00:00.000Z' });
});
