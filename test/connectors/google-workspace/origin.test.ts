import { expect, it } from 'vitest';
import {
  before,
  delegated,
  findingsOf,
  person,
  plantAssets,
  plantLogs,
  plantPeople,
  project,
  refusals,
  scope,
  serviceAccount,
} from '../../worlds/google-workspace/plants.ts';
import { openWorld, type Night } from '../../worlds/world.ts';

const OWN_PROJECT = '400500600700';
const OWN_CLIENT = `${OWN_PROJECT}-${'a'.repeat(32)}.apps.googleusercontent.com`;
const ROBOT = '1'.padEnd(21, '5');
const STRANGER = '1'.padEnd(21, '6');

const details = (night: Night, app: string) => findingsOf(night, app).flatMap(({ explained }) => explained['details'] as string[]);
const rules = (night: Night, app: string) => findingsOf(night, app).map(({ rule, severity }) => [rule, severity]);

it('what an app belongs to is known from the first night on which projects and service accounts are listed, and is not forgotten', async () => {
  const world = await openWorld('google-workspace');
  plantPeople(world, [person(1, [{ clientId: OWN_CLIENT, displayText: 'ChatGPT helper' }])]);
  plantLogs(world, { admin: [ROBOT, STRANGER].map((client) => delegated('AUTHORIZE', before(5), client, [scope('calendar')])) });
  plantAssets(world, [project(OWN_PROJECT, 'own-lab'), serviceAccount(OWN_PROJECT, 'own-lab', ROBOT)]);
  const usual = ['users', 'grants', 'delegation'];

  const unknown = await world.scan({ collectors: usual });
  expect([details(unknown, OWN_CLIENT).join(' '), rules(unknown, STRANGER)]).toEqual([expect.not.stringContaining('internal'), []]);

  // Nothing is new about the apps themselves.
  const known = await world.scan({ collectors: [...usual, 'cloud_assets'], night: 1 });
  expect(details(known, OWN_CLIENT)).toContain("It is internal: it belongs to own-lab, which is the organisation's own");
  expect(rules(known, STRANGER)).toEqual([['delegation-to-outside', 'high']]);
  expect(rules(known, ROBOT)).toEqual([]);

  // A refusal takes nothing back.
  world.plant('cloudasset.assets.list', () => refusals.forbidden());
  const refused = await world.scan({ collectors: [...usual, 'cloud_assets'], night: 2 });
  expect([details(refused, OWN_CLIENT), rules(refused, STRANGER)]).toEqual([details(known, OWN_CLIENT), rules(known, STRANGER)]);
});

it('a list that was not read whole makes nobody a stranger', async () => {
  const world = await openWorld('google-workspace');
  plantLogs(world, { admin: [delegated('AUTHORIZE', before(5), STRANGER, [scope('drive')])] });
  const malformed = serviceAccount(OWN_PROJECT, 'own-lab', ROBOT, { uniqueId: null });
  plantAssets(world, [project(OWN_PROJECT, 'own-lab'), serviceAccount(OWN_PROJECT, 'own-lab', ROBOT), malformed]);
  const night = await world.scan({ collectors: ['delegation', 'cloud_assets'] });
  expect(rules(night, STRANGER)).toEqual([]);
});
