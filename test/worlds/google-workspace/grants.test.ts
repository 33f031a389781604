/* oxlint-disable vitest/no-standalone-expect -- a statement is a test */
import { expect } from 'vitest';
import { openWorld, type Night } from '../world.ts';
import {
  CLIENTS,
  SIGN_IN,
  before,
  delegated,
  findingsOf,
  grantOf,
  person,
  plantAssets,
  plantLogs,
  plantPeople,
  project,
  scope,
  serviceAccount,
  tokens,
} from './plants.ts';
import { ID, statement, GRANTS, CONTEXT_AI, GEMINI_CLI, twoHolders } from './statement.ts';

statement('T18', async () => {
  const world = await openWorld(ID);
  const suspended = person(1, [CONTEXT_AI], { suspended: true, suspensionReason: 'ADMIN' });
  const archived = person(2, [GEMINI_CLI], { archived: true });
  plantPeople(world, [suspended, archived, person(3)]);
  const night = await world.scan(GRANTS);
  expect(grantOf(night, suspended, CLIENTS.contextAi)).toMatchObject({ state: 'present', principal: { standing: 'suspended' } });
  expect(grantOf(night, archived, CLIENTS.geminiCli)).toMatchObject({ state: 'present', principal: { standing: 'archived' } });
  for (const app of [CLIENTS.contextAi, CLIENTS.geminiCli])
    expect(
      findingsOf(night, app)
        .map(({ rule }) => rule)
        .toSorted(),
    ).toEqual(['leaver-holds-grant', 'unapproved-ai-tool']);
});

statement('T23', async () => {
  const world = await openWorld(ID);
  const [own, foreign] = ['1'.padEnd(21, '5'), '1'.padEnd(21, '6')] as const;
  plantAssets(world, [project('400500600700', 'own-lab'), serviceAccount('400500600700', 'own-lab', own)]);
  plantLogs(world, { admin: [own, foreign].map((client) => delegated('AUTHORIZE', before(5), client, [scope('drive')])) });
  const night = await world.scan({ collectors: ['cloud_assets', 'delegation'] });
  const shown = async (client: string) => {
    const stated = night.facts.find(({ kind, subject }) => kind === 'delegation' && subject.app === client);
    expect(stated?.state).toBe('present');
    const query = `SELECT * FROM integrations WHERE app = '${client}'`;
    return JSON.stringify([stated, (await world.cli(['query', query, '--format', 'json'])).stdout, findingsOf(night, client)]);
  };
  expect(await shown(own)).toMatch(/own-lab/);
  expect(await shown(foreign)).toMatch(/outside|external/i);
});

statement('T26', async () => {
  const nightWith = async (clients: number) => {
    const world = await openWorld(ID);
    plantAssets(world, [project('400500600700', 'own-lab')]);
    const own = { clientId: `400500600700-${'a'.repeat(32)}.apps.googleusercontent.com`, displayText: 'ChatGPT helper' };
    const foreign = Array.from({ length: clients }, (_, number) => ({
      clientId: `9998887776${10 + number}-${'b'.repeat(32)}.apps.googleusercontent.com`,
      displayText: 'ChatGPT',
    }));
    plantPeople(world, [person(1, [own, ...foreign])]);
    const night = await world.scan({ collectors: ['users', 'grants', 'cloud_assets'] });
    const about = (app: string) =>
      JSON.stringify([night.facts.find(({ subject }) => subject.app === app), findingsOf(night, app).map(({ explained }) => explained)]);
    return { requests: world.asked.length, own: about(own.clientId), foreign: about(foreign[0]!.clientId) };
  };
  const [few, many] = [await nightWith(1), await nightWith(40)];
  expect(many.requests).toBe(few.requests);
  expect(few.own).toContain('ChatGPT helper');
  expect(few.own).toMatch(/internal|own[- ]project|own-lab/i);
  expect(few.foreign).not.toMatch(/internal|own[- ]project|own-lab/i);
});

statement('T27', async () => {
  const world = await openWorld(ID);
  const ids = ['100200300400', '500600700800'].map((number) => `${number}-${'c'.repeat(32)}.apps.googleusercontent.com`);
  plantPeople(world, [
    person(
      1,
      ids.map((clientId) => ({ clientId, displayText: 'ChatGPT' })),
    ),
  ]);
  const night = await world.scan(GRANTS);
  expect(night.findings.map(({ product, appId }) => `${product} ${appId}`).toSorted()).toEqual(ids.map((id) => `openai/chatgpt ${id}`));
  const views = await world.cli([
    'query',
    "SELECT name FROM sqlite_schema WHERE type = 'view' AND name IN ('products', 'vendors')",
    '--format',
    'json',
  ]);
  const names = (JSON.parse(views.stdout) as { name: string }[]).map(({ name }) => name);
  expect(names.length).toBeGreaterThan(0);
  const rows = await world.cli(['query', `SELECT * FROM ${names[0]}`, '--format', 'json']);
  const vendors = (JSON.parse(rows.stdout) as object[]).map((row) => JSON.stringify(row)).filter((row) => /openai/i.test(row));
  expect(vendors).toHaveLength(1);
  for (const id of ids) expect(vendors[0]).toContain(id);
});

statement('T28', async () => {
  const { second, ada } = await twoHolders(() => tokens([{ ...CONTEXT_AI, displayText: 'Office Suite' }]));
  expect(grantOf(second, ada, CLIENTS.contextAi)).toMatchObject({ state: 'present', subject: { name: 'Office Suite' } });
  const told = findingsOf(second, CLIENTS.contextAi).map(({ firstScan, product }) => [firstScan, product]);
  expect(told).toEqual([[1, 'context-ai/context-ai']]);
  const changes = second.changes.filter(({ kind, thing }) => kind === 'oauth_grant' && thing.includes(CLIENTS.contextAi));
  expect(changes.map((change) => [change.class, change.name])).toEqual([['changed', 'Office Suite']]);
  expect(changes[0]!.before).toContain('"name":"Context.ai"');
});

statement('T29', async () => {
  const ceiling = { data: { files: 'read', mail: 'read' } };
  const approvals = [{ product: 'context-ai/context-ai', owner: 'ada', approver: 'bo', reason: 'a trial', ceiling }];
  const world = await openWorld(ID);
  const usual = [...SIGN_IN, scope('drive.readonly'), scope('gmail.readonly')];
  const night = (number: number, scopes: readonly string[]) => {
    plantPeople(world, [person(1, [{ ...CONTEXT_AI, scopes }])]);
    return world.scan({ ...GRANTS, night: number, policy: { formatVersion: 1, approvals } });
  };
  const changed = ({ changes }: Night) => changes.filter((change) => change.kind === 'oauth_grant' && change.class !== 'persisting');
  const first = await night(0, usual);
  expect(findingsOf(first, CLIENTS.contextAi)).toEqual([]);
  const reordered = await night(1, usual.toReversed());
  expect(findingsOf(reordered, CLIENTS.contextAi)).toEqual([]);
  expect(changed(reordered)).toEqual([]);
  const added = await night(2, [...usual, scope('calendar')]);
  expect(changed(added).map((change) => change.class)).toEqual(['changed']);
  const found = findingsOf(added, CLIENTS.contextAi);
  expect(found.map(({ rule }) => rule).toSorted()).toEqual(['approval-exceeded', 'entitlement-drift']);
  for (const { explained } of found) expect(JSON.stringify(explained['details'])).toMatch(/calendar/i);
});

statement('T30', async () => {
  const world = await openWorld(ID);
  const unheardOf = scope('quantum.everything');
  const ada = person(1, [
    { ...CONTEXT_AI, scopes: [...SIGN_IN, unheardOf] },
    { ...GEMINI_CLI, scopes: SIGN_IN },
  ]);
  plantPeople(world, [ada]);
  const night = await world.scan(GRANTS);
  expect(grantOf(night, ada, CLIENTS.contextAi)?.permissions).toContain(unheardOf);
  const [finding] = findingsOf(night, CLIENTS.contextAi);
  expect(finding?.explained['can']).toContainEqual(expect.stringContaining(unheardOf));
  expect(finding?.explained['can']).toContainEqual(expect.stringMatching(/sensitive/));
  // It weighs more than to sign in.
  const weights = ['low', 'medium', 'high', 'critical'];
  expect(weights.indexOf(finding!.severity)).toBeGreaterThan(weights.indexOf(findingsOf(night, CLIENTS.geminiCli)[0]!.severity));
});

statement('T31', async () => {
  const world = await openWorld(ID);
  const ada = person(1, [{ ...CONTEXT_AI, scopes: SIGN_IN }]);
  plantPeople(world, [ada]);
  const night = await world.scan(GRANTS);
  expect(grantOf(night, ada, CLIENTS.contextAi)?.permissions).toEqual([...SIGN_IN].toSorted());
  expect(findingsOf(night, CLIENTS.contextAi).filter(({ severity }) => severity !== 'low')).toEqual([]);
});

statement('T32', async () => {
  const { world, ada, heal, second } = await twoHolders(() => tokens([]));
  const changed = ({ changes }: Night) => changes.filter((change) => change.kind === 'oauth_grant' && change.class !== 'persisting');
  expect(changed(second).map((change) => change.class)).toEqual(['gone']);
  heal(() => tokens([CONTEXT_AI]));
  const third = await world.scan({ ...GRANTS, night: 2 });
  expect(changed(third).map((change) => change.class)).toEqual(['returned']);
  expect(findingsOf(third, CLIENTS.contextAi).map(({ rule, firstScan, state }) => [rule, firstScan, state])).toEqual([
    [expect.any(String), 1, 'open'],
    ['revoked-and-returned', 3, 'open'],
  ]);
  expect(grantOf(third, ada, CLIENTS.contextAi)?.state).toBe('present');
});
