import { describe, expect, test } from 'vitest';
import { changesCommand } from '../../src/commands/changes.ts';
import { diffCommand } from '../../src/commands/diff.ts';
import { findingsCommand } from '../../src/commands/findings.ts';
import { showCommand } from '../../src/commands/show.ts';
import { sightedIn } from '../../src/policy/acknowledgement.ts';
import { findingKey } from '../../src/policy/findings.ts';
import { TENANT } from '../store/facts.ts';
import { scanNight } from '../tickets/nights.ts';
import { folderWith } from './asked.ts';

const DAY = 86_400_000;
const FIRST = Date.parse('2026-11-02T02:00:00Z');
const key = findingKey(TENANT, 'google-workspace', 'C01', 'unapproved-ai-tool', 'a');

// Between three nights, somebody looks after a finding, and says something of it.
const ask = await folderWith(async (store) => {
  const actOn = (night: number, act: 'assigned' | 'commented' | 'acknowledged', text: string) =>
    store.actOn(
      TENANT,
      key,
      { act, text, actor: 'eve@host (claimed)', at: new Date(FIRST + night * DAY + 3_600_000).toISOString() },
      sightedIn,
    );
  const night = (number: number, holders: number) => scanNight(store, TENANT, number, { a: { holders, read: true } }, { planner: 'none' });
  await night(0, 4);
  await actOn(0, 'acknowledged', 'seen');
  await night(1, 4);
  await actOn(1, 'assigned', 'ada');
  await actOn(1, 'commented', 'asked the vendor');
  await night(2, 40);
});
const options = { config: 'config.json', tenant: TENANT };

test('what explains one thing says as JSON whom it names', async () => {
  for (const id of [key, 'i1', 'g1']) {
    const { out, err } = await ask((context) => showCommand(context, id, { ...options, format: 'json' }));
    expect([JSON.parse(out), err]).toMatchObject([{ names: 'holders, whoever let it in, and analysts with what they wrote' }, '']);
  }
});

describe('a question as of an earlier scan', () => {
  const shown = async (asOf: string) => {
    const { out } = await ask((context) => showCommand(context, key, { ...options, format: 'json', asOf }));
    const { acts, reopened } = JSON.parse(out) as { acts: { act: string }[]; reopened: object | null };
    return { acts: acts.map(({ act }) => act), reopened: reopened !== null };
  };

  test('tells what analysts had done by then, and nothing of later', async () => {
    expect([await shown('1'), await shown('2'), await shown('3')]).toEqual([
      { acts: [], reopened: false },
      { acts: ['acknowledged'], reopened: false },
      { acts: ['acknowledged', 'assigned', 'commented'], reopened: true },
    ]);
    const listed = async (asOf: string) => {
      const format = 'json' as const;
      const { out } = await ask((context) =>
        findingsCommand(context, { ...options, format, asOf, limit: 10, state: ['open', 'acknowledged'] }),
      );
      return (JSON.parse(out) as { assigned: string; comments: number }[]).map(({ assigned, comments }) => [assigned, comments]);
    };
    expect([await listed('1'), await listed('2'), await listed('3')]).toEqual([[['', 0]], [['', 0]], [['ada', 1]]]);
  });

  test('is refused in the future, and answered up to the day of the last scan, whatever the clock of the reader says', async () => {
    const refused =
      '2999-01-01 is in the future: today is 1970-01-01 (UTC). Leave it out to ask how things stand. The last scan, 3, was on 2026-11-04.';
    const future = '2999-01-01';
    for (const command of [
      (asOf: string) => ask((context) => findingsCommand(context, { ...options, format: 'json', asOf, limit: 10 })),
      (to: string) => ask((context) => diffCommand(context, '1', to, { ...options, format: 'json' })),
      (since: string) => ask((context) => changesCommand(context, { ...options, format: 'json', since, limit: 10 })),
    ]) {
      expect((await command(future)).refused).toBe(refused);
      expect((await command('2026-11-04')).code).toBe(0);
    }
    const late = '2026-11-04T02:00:01Z';
    expect((await ask((context) => showCommand(context, key, { ...options, format: 'json', asOf: late }))).refused).toContain(
      'in the future',
    );
  });
});
