import { afterEach, describe, expect, it } from 'vitest';
import { fake, type GoogleFake } from '../../../connectors/google-workspace/fake/index.ts';
import { connector } from '../../../connectors/google-workspace/index.ts';
import type { Gap, Json, Observation } from '../../../src/connector/index.ts';
import { observationRow } from '../../../src/scan/rows.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { runConnector } from '../../../src/testing/runner.ts';

const open: GoogleFake[] = [];
afterEach(async () => {
  for (const google of open.splice(0)) await google.close();
});

async function google(): Promise<GoogleFake> {
  const today = new Date();
  today.setUTCHours(2, 0, 0, 0);
  const started = await fake.start(createCompany({ people: 12, today }));
  open.push(started);
  return started;
}

async function read(
  server: GoogleFake,
  id: string,
  { list, config = server.config }: { list?: string; config?: GoogleFake['config'] } = {},
) {
  const environment = { ...server.environment, ...(list !== undefined && { GOOGLE_DELEGATIONS: list }) };
  const run = await runConnector(connector, { ...server, config, environment }, { largestPage: 1000, only: [id] });
  const { events, error } = run.collectors[0]!;
  if (error) throw error;
  return {
    observations: events.filter((event): event is Observation => event.type === 'observation'),
    gaps: events.filter((event): event is Gap => event.type === 'gap'),
    covered: events.flatMap((event) => (event.type === 'covered' ? [event.scope] : [])),
  };
}

const statesOf = (observations: readonly Observation[]) =>
  Object.fromEntries(
    observations
      .filter(({ kind }) => kind === 'control')
      .map(({ subject, attributes: { state, inLogAlone, onListAlone } }) => [
        subject.name.replace(/^1\d{20}$/, 'SOMEBODY'),
        [state, ...[inLogAlone, onListAlone].filter((scopes) => scopes !== undefined)],
      ]),
  );

describe('a list of delegations that somebody keeps', () => {
  it('is held against the log, client by client, and what differs is stated', async () => {
    const { observations, covered } = await read(await google(), 'delegation');
    expect(statesOf(observations)).toEqual({
      Backup: ['declared and authorised, with other scopes', ['https://www.googleapis.com/auth/gmail.readonly'], []],
      'Directory sync': ['declared, removed in the log'],
      'Archive, of old': ['declared, not in the log'],
      SOMEBODY: ['authorised, not declared'],
    });
    const evidence = observations
      .filter(({ kind }) => kind === 'control')
      .map(({ subject, evidence: { source } }) => [/^1\d{20}$/.test(subject.name), source.replace(/[0-9a-f]{16}/, 'HASH')]);
    expect(evidence).toEqual([
      [false, 'import delegations HASH, reports.activities.list'],
      [false, 'import delegations HASH, reports.activities.list'],
      [false, 'import delegations HASH, reports.activities.list'],
      [true, 'reports.activities.list'],
    ]);
    expect(covered.map((scope) => scope.split('/')[2])).toContain('declared_delegation');
  });

  it('makes delegations known that the log has forgotten, and confirms none as live', async () => {
    const server = await google();
    const declared = (await read(server, 'imports')).observations.filter(({ kind }) => kind === 'delegation');
    expect(declared.map(({ subject, permissions, grantedAt }) => [subject.name, permissions.length, grantedAt])).toEqual([
      ['Backup', 1, undefined],
      ['Directory sync', 1, undefined],
      ['Archive, of old', 2, undefined],
    ]);
    expect(connector.collectors.find(({ id }) => id === 'imports')?.mode).toBe('log');
    const seen = (await read(server, 'delegation')).observations.filter(({ kind }) => kind === 'delegation').map(({ thing }) => thing);
    expect(declared.map(({ thing }) => seen.includes(thing))).toEqual([true, false, false]);
  });

  it('may be given several times: the one that was taken last counts', async () => {
    const server = await google();
    const files = server.config['imports'] as Json[];
    const newer = { kind: 'delegations', file: { env: 'GOOGLE_NEWER' }, takenAt: '2999-01-01T00:00:00Z' };
    const run = await runConnector(
      connector,
      {
        ...server,
        config: { ...server.config, imports: [newer, ...files] },
        environment: { ...server.environment, GOOGLE_NEWER: 'client_id,scopes,name\n123456789012345678901,openid,Alone\n' },
      },
      { largestPage: 1000, only: ['delegation'] },
    );
    const observations = run.collectors[0]!.events.filter((event): event is Observation => event.type === 'observation');
    expect(Object.keys(statesOf(observations))).toEqual(['Alone', 'SOMEBODY']);
  });

  it('that is taken again and says the same makes no new version', async () => {
    const server = await google();
    const { volatile } = connector.collectors.find(({ id }) => id === 'delegation')!;
    const rows = async (takenAt: string) => {
      const files = (server.config['imports'] as { kind: string }[]).map((file) =>
        file.kind === 'delegations' ? { ...file, takenAt } : file,
      );
      const { observations } = await read(server, 'delegation', { config: { ...server.config, imports: files } });
      return observations.filter(({ kind }) => kind === 'control').map((one) => observationRow(one, { volatile }));
    };
    const [before, after] = [await rows('2026-11-01T00:00:00Z'), await rows('2026-11-20T00:00:00Z')];
    expect(before).toHaveLength(4);
    expect(after.map(({ fingerprint }) => fingerprint)).toEqual(before.map(({ fingerprint }) => fingerprint));
    expect(after.map(({ volatile: told }) => told)).toEqual(after.map(() => expect.stringContaining('2026-11-20') as string));
  });

  it('says nothing where nobody keeps one', async () => {
    const server = await google();
    const { observations, covered } = await read(server, 'delegation', { config: { ...server.config, imports: [] } });
    expect(statesOf(observations)).toEqual({});
    expect(covered.filter((scope) => scope.includes('declared_delegation'))).toEqual([]);
    expect(observations.length).toBeGreaterThan(0);
  });

  it.each([
    ['of another kind', 'client,scopes\n1,2\n', 'it has no column "client_id"'],
    ['in which a spreadsheet rounded an id', 'client_id,scopes\n1.02E+20,openid\n', '1 of 1 rows could not be understood'],
  ])('%s is a gap over the comparison, and costs no delegation', async (_which, list, why) => {
    const server = await google();
    const { observations, gaps, covered } = await read(server, 'delegation', { list });
    expect(
      gaps.filter(({ byDesign }) => byDesign !== true).map(({ scope, effect }) => [scope.split('/').slice(2), effect.slice(-why.length)]),
    ).toEqual([[['declared_delegation'], why]]);
    expect(covered.filter((scope) => scope.endsWith('declared_delegation'))).toEqual([]);
    expect(observations.filter(({ kind }) => kind === 'delegation')).toHaveLength(2);
  });

  it('is not held against a log that could not be read', async () => {
    const server = await google();
    const refused = (permission: string) => server.revoke(permission);
    refused('https://www.googleapis.com/auth/admin.reports.audit.readonly');
    const { observations, covered } = await read(server, 'delegation');
    expect([observations, covered]).toEqual([[], []]);
  });
});
