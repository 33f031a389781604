import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fake, type GoogleFake } from '../../../connectors/google-workspace/fake/index.ts';
import { userId } from '../../../connectors/google-workspace/fake/people.ts';
import { createWorld } from '../../../connectors/google-workspace/fake/world.ts';
import { openReader } from '../../../src/store/read.ts';
import { everybody } from '../../../src/testing/company.ts';
import { dawn, runNight, smallCompany, sourceOf, TENANT } from '../../scan/night.ts';
import { temporaryFolder } from '../../store/facts.ts';
import { rowsOf } from '../../store/logical-dump.ts';

const file = temporaryFolder();
const company = smallCompany(250);
const world = createWorld(company);
const path = file();
let google: GoogleFake;

beforeAll(async () => {
  google = await fake.start(company);
});
afterAll(() => google.close());

const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort();
const factsOf = (sql: string): string[] => sorted(rowsOf<{ fact: string }>(path, sql).map(({ fact }) => fact));
const dayOf = (day: number): string => company.ago(day, -1).toISOString().slice(0, 10);

/** Of every grant that lives on the night: whose, to which app, and since when, as far as Google's log reaches back. */
function truthOf(night: number) {
  const grants = [...everybody(company)].flatMap((person) => {
    const deeds = world.history.deedsOf(person.number).filter(({ day }) => day >= 1 - night);
    return world.history.grants(person.number, night).map(({ app }) => ({
      thing: `grant/${userId(company, person.number)}/${app.clientId}`,
      standing: person.standing(night),
      // The log of the first night began 180 days before it, and what was read once is kept.
      given: deeds.filter((deed) => deed.app.clientId === app.clientId && deed.kind === 'authorize' && deed.day <= 180),
    }));
  });
  return {
    grants: sorted(grants.map(({ thing }) => thing)),
    dates: sorted(grants.flatMap(({ thing, given }) => given.map(({ day }) => `${thing} ${dayOf(day)}`))),
    standings: [...everybody(company)].map((person) => [userId(company, person.number), person.standing(night)] as const),
    ofLeavers: sorted(grants.flatMap(({ thing, standing }) => (standing === 'active' ? [] : [`${thing} ${standing}`]))),
  };
}

describe.each([0, 1, 2])('on night %i, everything that is true is known, and nothing else', (night) => {
  const LIVE = `collector = 'grants' AND state = 'present'`;
  const truth = truthOf(night);
  let bugs: readonly unknown[];

  beforeAll(async () => {
    google.night(night);
    const source = await sourceOf({ name: 'google', config: google.config, collectors: { cloud_assets: true } });
    const { sources } = await runNight(path, {
      sources: [source],
      environment: google.environment,
      from: dawn(company, night),
      largestPage: 500,
    });
    bugs = sources.flatMap((outcome) => outcome.bugs);
  });

  it('and nothing failed for a reason of ours', () => {
    expect(bugs).toEqual([]);
  });

  it('of live grants', () => {
    expect(truth.grants.length).toBeGreaterThan(400);
    expect(factsOf(`SELECT thing AS fact FROM grants WHERE ${LIVE}`)).toEqual(truth.grants);
    expect(factsOf(`SELECT thing AS fact FROM grants WHERE collector = 'grants' AND state = 'unverified'`)).toEqual([]);
  });

  it('of the dates on which they were given', () => {
    expect(truth.dates.length).toBeGreaterThan(100);
    const dated = `SELECT thing || ' ' || substr(granted_at, 1, 10) AS fact FROM grants WHERE granted_from = 'log'`;
    expect(factsOf(`${dated} AND thing IN (SELECT thing FROM grants WHERE ${LIVE})`)).toEqual(truth.dates);
  });

  it('of what people hold who have left', () => {
    expect(truth.ofLeavers.length).toBeGreaterThan(3);
    expect(factsOf(`SELECT thing || ' ' || standing AS fact FROM grants WHERE ${LIVE} AND standing <> 'active'`)).toEqual(truth.ofLeavers);
  });

  it('of why grants are gone', async () => {
    if (night === 0) return;
    const reader = openReader(path);
    const gone = reader.diff(TENANT, night, night + 1).filter((row) => row.class === 'gone' && row.kind === 'oauth_grant');
    reader.close();
    const before = new Map(truthOf(night - 1).standings);
    const left = truth.standings.filter(([id, standing]) => standing === 'deleted' && before.get(id) !== 'deleted').map(([id]) => id);
    const ended = truthOf(night - 1).grants.filter((thing) => !truth.grants.includes(thing));
    expect(sorted(gone.map(({ thing }) => thing))).toEqual(ended);
    for (const { thing, holderStanding } of gone)
      expect(holderStanding === 'deleted', thing).toBe(left.some((id) => thing.startsWith(`grant/${id}/`)));
    // Person 7 is deleted on the first night by the log.
    expect(left.length).toBe(night === 1 ? 1 : 0);
  });

  it('of delegations', () => {
    const delegations = google.expected().filter(({ kind }) => kind === 'delegation');
    const told = sorted(delegations.map(({ ids, permissions }) => `${ids.join('/')} ${[...permissions!].sort().join(' ')}`));
    expect(told.length).toBeGreaterThan(1);
    expect(
      factsOf(
        `SELECT app || ' ' || (SELECT group_concat(value, ' ' ORDER BY value) FROM json_each(permissions)) AS fact
         FROM grants WHERE kind = 'delegation' AND state = 'present' AND mode = 'inventory'`,
      ),
    ).toEqual(told);
  });

  it('of API keys that may call Gemini', () => {
    // One is limited to it, and one is not limited in a project where it is enabled. The other two may call maps, and nothing.
    expect(factsOf(`SELECT app_name AS fact FROM grants WHERE kind = 'api_key' AND verdict = 'ai' AND thing LIKE 'api_key/%'`)).toEqual([
      'API key 1',
      'Gemini prototype',
    ]);
  });
});
