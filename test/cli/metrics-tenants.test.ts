import { beforeAll, describe, expect, test } from 'vitest';
import { fake } from '../../connectors/google-workspace/fake/index.ts';
import { policySchema } from '../../src/policy/policy.ts';
import type { RollUp, TenantLine } from '../../src/policy/roll-up.ts';
import { dawn, runNight, smallCompany, sourceOf } from '../scan/night.ts';
import { temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { noctule } from './run.ts';

describe('metrics of all tenants', () => {
  const newDatabase = temporaryFolder();
  const [both, alone] = [newDatabase(), newDatabase()];
  // The clock of a simulated night is fast, so no two of them begin at the same second.
  const asked = async <Answer>(database: string, ...args: string[]): Promise<Answer> => {
    const { stdout } = await noctule(['metrics', '--db', database, '--format', 'json', ...args]);
    return JSON.parse(stdout.replaceAll(/T\d\d:\d\d:\d\d\.\d{3}Z/g, '')) as Answer;
  };

  beforeAll(async () => {
    const company = smallCompany(10);
    const provider = await fake.start(company);
    const sources = [await sourceOf({ name: 'workspace', config: provider.config })];
    // The same accounts and ids with two tenants: what is told apart is told apart by the tenant alone.
    const scan = (database: string, tenant: string, night: number, policy: object = {}) =>
      runNight(database, {
        sources,
        environment: provider.environment,
        from: dawn(company, night),
        tenant,
        policy: policySchema.parse({ formatVersion: 1, tenant, ...policy }),
      });
    await scan(both, 'birch', 0);
    const apps = rowsOf<{ app: string }>(both, "SELECT app FROM integrations WHERE verdict = 'ai'").map(({ app }) => app);
    const declared = { owners: { answer: 'yes', by: 'birgit-of-birch', on: '2026-10-01' } };
    const approvals = [{ apps, owner: 'it', approver: 'ciso', reason: 'reviewed' }];
    const oneUser = provider
      .expected()
      .find(({ kind }) => kind === 'oauth_grant')!
      .ids[0]!.split('/')[1]!;
    for (const database of [both, alone]) await scan(database, 'acorn', 1, { approvals });
    provider.faults.add({ operation: 'directory.tokens.list', fault: 403, where: oneUser });
    await scan(both, 'birch', 2, { declared });
    await provider.close();
  });

  test('a line holds the numbers of its tenant alone, also where another has the same accounts', async () => {
    const { tenants, ...all } = await asked<RollUp & { tenants: TenantLine[] }>(both, '--all-tenants');
    const [own] = (await asked<{ tenants: TenantLine[] }>(alone, '--all-tenants')).tenants;
    expect(tenants.map(({ tenant }) => tenant)).toEqual(['acorn', 'birch']);
    expect(tenants[0]).toEqual(own);
    expect(tenants.map(({ unsanctioned, unread }) => [unsanctioned.part > 0, unread.unread])).toEqual([
      [false, 0],
      [true, 1],
    ]);
    expect(all).toEqual({
      withUnsanctioned: { part: 1, of: 2 },
      unsanctionedUnknown: { part: 0, of: 2 },
      partlyUnread: { part: 1, of: 2 },
      claiming: { part: 1, of: 1 },
      ready: { part: 0, of: 1 },
      gap: 100,
    });
  });

  test('all that is told of a tenant is the same with and without another in the database', async () => {
    const { scan: _one, trend: _past, ...beside } = await asked<Record<string, unknown>>(both, '--tenant', 'acorn');
    const { scan: _other, trend: _none, ...own } = await asked<Record<string, unknown>>(alone, '--tenant', 'acorn');
    expect(beside).toEqual(own);
    expect(JSON.stringify(beside)).not.toContain('birch');
  });

  test('is a table with a line each, names nobody, and says where something was not read', async () => {
    const { stdout } = await noctule(['metrics', '--all-tenants', '--db', both]);
    expect(stdout).toMatch(/^acorn +\d{4}-\d\d-\d\d +0 of \d+ = 0 % /m);
    expect(stdout).toMatch(/^birch .*partly unread \(1 of \d+ places\)$/m);
    expect(stdout).toContain('With unsanctioned AI: 1 of 2 = 50 % of tenants; unknown: 0 of 2 = 0 %. Partly unread: 1 of 2 = 50 %.\n');
    expect(stdout).not.toContain('birgit');
    expect(await noctule(['metrics', '--all-tenants', '--tenant', 'acorn', '--db', both])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('does not go with --tenant'),
    });
  });
});
