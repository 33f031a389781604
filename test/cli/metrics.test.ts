import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fake } from '../../connectors/google-workspace/fake/index.ts';
import type { AdoptionLag, Backlog, DiscoveryLatency } from '../../src/policy/adoption.ts';
import type { Debt, Metrics, Share } from '../../src/policy/metrics.ts';
import type { Persona } from '../../src/policy/persona.ts';
import type { Readiness } from '../../src/policy/readiness.ts';
import type { WorkflowMap } from '../../src/policy/workflow-map.ts';
import { policySchema } from '../../src/policy/policy.ts';
import { dawn, runNight, smallCompany, sourceOf } from '../scan/night.ts';
import { temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { newFolder, noctule } from './run.ts';

interface Answer extends Metrics {
  names: string;
  unread: { unread: number; of: number };
  people: { of: number; holding: number; unsanctioned: number };
  adoption: AdoptionLag;
  discovery: DiscoveryLatency;
  exceptions: Backlog;
  products: Debt[];
  vendors: Debt[];
  workflows: Debt[];
  readiness: Readiness;
  persona: Persona;
  training?: { trained: Share; others: number; leftOut: number; without?: string[] };
  integrations: { appId: string; supervision: { tier: number; breadth: number; answers: Record<string, string> } }[];
  trend: (Metrics & { scan: number })[];
}

describe('metrics', () => {
  const database = temporaryFolder()();
  const company = smallCompany();
  const run = (...args: string[]) => noctule([...args, '--db', database]);
  const asked = async (...args: string[]) => JSON.parse((await run('metrics', ...args, '--format', 'json')).stdout) as Answer;
  const trail = async () =>
    JSON.parse((await run('audit', 'log', '--limit', '1', '--format', 'json')).stdout) as { action: string; details: object }[];

  beforeAll(async () => {
    const provider = await fake.start(company);
    const sources = [await sourceOf({ name: 'workspace', config: provider.config })];
    // The same world on three nights.
    const scan = async (night: number, policy: object = {}) =>
      runNight(database, {
        sources,
        environment: provider.environment,
        from: dawn(company, night),
        policy: policySchema.parse({ formatVersion: 1, ...policy }),
      });
    await scan(0);
    const [app] = rowsOf<{ id: string }>(
      database,
      "SELECT app_id AS id FROM integration WHERE verdict = 'ai' AND state = 'present' ORDER BY app_id",
    );
    const approvals = [
      {
        apps: [app!.id],
        owner: 'it',
        approver: 'security',
        reason: 'reviewed',
        ticket: 'T-1',
        decided: dawn(company, 1).toISOString().slice(0, 10),
      },
    ];
    const [other] = rowsOf<{ finding: string }>(
      database,
      `SELECT finding FROM findings WHERE rule = 'unapproved-ai-tool' AND app <> '${app!.id}' ORDER BY finding`,
    );
    const until = dawn(company, 60).toISOString().slice(0, 10);
    const exceptions = [{ finding: other!.finding, owner: 'it', reason: 'replaced in spring', until }];
    const workflows = [{ id: 'office', businessProcess: 'Letters', apps: [app!.id], owners: { control: 'it' } }];
    const declared = { inventory: { answer: 'yes', by: 'ciso', on: '2026-10-01' }, data: { answer: 'no', by: 'ciso', on: '2026-10-01' } };
    await scan(1, { approvals, exceptions, workflows });
    const user = provider.expected().find(({ kind }) => kind === 'oauth_grant')!.ids[0]!;
    provider.faults.add({ operation: 'directory.tokens.list', fault: 403, where: user.split('/')[1]! });
    await scan(2, { approvals, exceptions, workflows, declared });
    await provider.close();
  });

  test('are sums that can be worked out by hand from what is printed of each integration', async () => {
    const { integrations, trustDebt, owned, unsanctioned } = await asked();
    const byHand = integrations.map(({ supervision: { tier, breadth, answers } }) => {
      const met = Object.values(answers).filter((answer) => answer === 'yes').length;
      return tier * breadth * (1 - met / 6);
    });
    expect(trustDebt).toBeCloseTo(byHand.reduce((sum, one) => sum + one, 0));
    expect([owned, unsanctioned]).toEqual([
      { part: 1, of: integrations.length },
      { part: integrations.length - 1, of: integrations.length },
    ]);
  });

  test('are the same sum where it is worked out by hand from what `show` prints of each integration', async () => {
    const { trustDebt } = await asked();
    const ids = rowsOf<{ id: number }>(database, "SELECT id FROM integration WHERE verdict = 'ai' AND state <> 'gone'");
    const debts = await Promise.all(
      ids.map(async ({ id }) => {
        const { stdout } = await run('show', `i${id}`);
        const power = Number(/^ +tier \d: .* = \d × \d = (\d+)/m.exec(stdout)?.[1] ?? Number.NaN);
        const tier = stdout.includes('no permission tells what it reaches') ? 2 : power >= 12 ? 4 : power >= 8 ? 3 : power >= 4 ? 2 : 1;
        const isUnknown = stdout.includes('of which nobody knows what it means: at least 8');
        const holders = Number(/^Held by +(\d+):/m.exec(stdout)?.[1] ?? 1);
        const breadth = Number(/^ +breadth (\d): /m.exec(stdout)![1]);
        expect([3, holders > 1 ? 2 : 1]).toContain(breadth);
        const met = /^ +watched over: (.*)$/m
          .exec(stdout)![1]!
          .split(', ')
          .filter((answer) => answer.endsWith(' yes')).length;
        const debt = (isUnknown ? Math.max(3, tier) : tier) * breadth * (1 - met / 6);
        expect(stdout).toMatch(new RegExp(`^Trust debt +\\d × ${breadth} × \\(1 − ${met}/6\\) = ${debt.toFixed(1)}$`, 'm'));
        return debt;
      }),
    );
    expect(debts.length).toBeGreaterThan(2);
    expect(debts.reduce((sum, one) => sum + one, 0)).toBeCloseTo(trustDebt);
  });

  test('fall with an approval, and a gap makes none better and says so', async () => {
    const [third, second, first] = (await asked()).trend;
    expect(second!.trustDebt).toBeLessThan(first!.trustDebt);
    expect(third!.trustDebt).toBeGreaterThanOrEqual(second!.trustDebt);
    const [after, before] = [await asked(), await asked('--as-of', '2')];
    expect(after.people.unsanctioned).toBeGreaterThanOrEqual(before.people.unsanctioned);
    expect(after.people.of).toBe(before.people.of);
    expect([after.adoption, after.discovery.median ?? 0]).toEqual([before.adoption, before.discovery.median ?? 0]);
    for (const [index, { measured }] of after.readiness.items.entries()) {
      const was = before.readiness.items[index]!.measured;
      expect([measured?.of, (measured?.part ?? 0) <= (was?.part ?? 0)]).toEqual([was?.of, true]);
    }
    expect([(await asked()).unread.unread, (await asked('--as-of', '2')).unread.unread]).toEqual([1, 0]);
    const { code, stdout } = await run('metrics');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Partly unread \(1 of \d+ places\): lists and logs\. What was not read counts as not watched over\.\n/);
    expect(stdout).toMatch(/^time to remediate +more than half stand, of \d+, \d+ open, the oldest for 2\.0 /m);
    expect(stdout).toMatch(/^ended: approved +1\.0 days, median of 1; leaks: none there /m);
    expect(stdout).toMatch(/^ended: excepted +1\.0 days, median of 1; leaks: none there /m);
    expect((await run('metrics', '--as-of', '2')).stdout).toMatch(/^metric +value +how/);
    expect(stdout).toMatch(/^trust debt +[\d.]+ +partly unread \(1 of \d+ places\) /m);
  });

  test('tell how long what came waited for an approval, who holds what nobody sanctioned, and what was left out', async () => {
    const [first, third] = [await asked('--as-of', '1'), await asked()];
    expect(third.adoption).toEqual({
      count: 1,
      median: 1,
      adoptedBefore: { part: 1, of: 1 },
      withoutApproval: third.integrations.length - 1,
      withoutDay: 0,
    });
    expect([first.adoption.count, first.discovery.count, first.exceptions.count]).toEqual([0, 0, 0]);
    const things = rowsOf<{ granted: string | null }>(
      database,
      "SELECT min(g.granted_at) AS granted FROM grants g JOIN integrations i USING (connector, account, app) WHERE i.verdict = 'ai' GROUP BY connector, account, thing",
    );
    const dated = things.filter(({ granted }) => granted !== null).length;
    expect(first.discovery).toEqual({ count: 0, undated: things.length - dated, before: dated, again: 0 });
    expect(dated).toBeGreaterThan(0);
    expect(third.exceptions).toMatchObject({ count: 1, median: expect.closeTo(1, 1), oldest: expect.closeTo(1, 1) });
    const holders = rowsOf<{ id: string }>(
      database,
      "SELECT DISTINCT holder_id AS id FROM grants JOIN integrations USING (connector, account, app) WHERE integrations.verdict = 'ai' AND kind <> 'identity' AND mode = 'inventory'",
    ).map(({ id }) => id);
    const people = rowsOf<{ id: string }>(
      database,
      "SELECT DISTINCT id FROM identities WHERE standing = 'active' AND traits LIKE '%directory_person%'",
    );
    const holding = people.filter(({ id }) => holders.includes(id)).length;
    expect(first.people).toEqual({ of: people.length, holding, unsanctioned: holding });
    expect(holding).toBeGreaterThan(2);
    expect(third.people.unsanctioned).toBeLessThanOrEqual(first.people.unsanctioned);
    expect(third.people.of).toBe(first.people.of);
  });

  test('are told by product and by vendor, too, and their debts are the same sum', async () => {
    const { products, vendors, integrations, trustDebt } = await asked();
    expect(products.reduce((sum, one) => sum + one.integrations, 0)).toBe(integrations.length);
    for (const debts of [products, vendors]) expect(debts.reduce((sum, one) => sum + one.trustDebt, 0)).toBeCloseTo(trustDebt);
  });

  test('know the workflows of the policy, and `workflows` what was found of each and what is missing', async () => {
    const { workflows, integrations } = await asked();
    expect(workflows).toEqual([{ name: 'office', integrations: 1, trustDebt: expect.any(Number) }]);
    expect((await asked('--as-of', '1')).workflows).toEqual([]);
    const map = JSON.parse((await run('workflows', '--format', 'json')).stdout) as WorkflowMap<unknown> & { unread: object; names: string };
    expect(map.coverage).toEqual({ part: 1, of: integrations.length });
    expect(map.unread).toMatchObject({ unread: 1 });
    expect(map.outside).toHaveLength(integrations.length - 1);
    expect(map.workflows[0]).toMatchObject({ id: 'office', trustDebt: workflows[0]!.trustDebt, owners: { control: 'it' } });
    expect(Object.keys(map.workflows[0]!.holders)).toEqual(['human']);
    // Who they are is told by keys that `show` takes, and not by names.
    const { holderKeys, holders } = map.workflows[0]!;
    expect(holderKeys).toHaveLength(holders['human']!);
    expect((await run('show', holderKeys[0]!)).stdout).toMatch(/^Class +human /m);
    expect(map.names).toContain('holders by keys alone');
    const { stdout, stderr } = await run('workflows');
    expect(stdout).toMatch(/^workflow +process +integrations +trust debt .*\n-.*\noffice +Letters /);
    expect(stdout).toContain('\nMissing of office:\n  business owner\n  security or legal owner\n');
    expect(stderr).toMatch(/^Coverage: 1 of \d+ = \d+ % of AI integrations belong to a workflow, partly unread \(1 of \d+ places\)\.\n/);
  });

  test('hold what is declared against what is measured, and say what kind of organisation it is by which facts', async () => {
    const [then, { readiness, persona, unread }] = [await asked('--as-of', '1'), await asked()];
    const measured = (100 * (unread.of - 1)) / unread.of;
    expect(readiness).toMatchObject({ compared: 1, perceived: 100, measured, gap: 100 - measured });
    expect([then.persona.is, persona.is]).toEqual(['unaware', 'between']);
    const { stdout } = await run('metrics');
    expect(stdout).toMatch(/ = a gap of \d+ points, over the 1 of 10 items that are both, partly unread \(1 of \d+ places\)\.\n/);
    expect(stdout).toMatch(/^Data are in known places.* no \(ciso, 2026-10-01\) +declared only /m);
    expect(stdout).toContain('\n  apps are blocked by default: not declared (declared)\n');
  });

  test('take workflows and answers from the policy as its file stands, and say so where that is none', async () => {
    const folder = newFolder();
    const [config, file] = [join(folder, 'config.json'), join(folder, 'policy.json')];
    const named = async () => {
      const { code, stdout, stderr } = await noctule(['metrics', '-c', config, '--format', 'json']);
      return { code, stderr, names: (JSON.parse(stdout) as Answer).workflows.map(({ name }) => name) };
    };
    writeFileSync(config, JSON.stringify({ database }), { mode: 0o600 });
    const { products } = await asked();
    const workflows = [{ id: 'of-today', businessProcess: 'Letters', products: [products[0]!.name] }];
    writeFileSync(file, JSON.stringify({ formatVersion: 1, workflows }), { mode: 0o600 });
    expect(await named()).toEqual({ code: 0, stderr: '', names: ['of-today'] });
    writeFileSync(file, '{ "formatVersion": 2 }', { mode: 0o600 });
    expect(await named()).toEqual({
      code: 0,
      stderr: expect.stringContaining('The policy of the last scan is taken instead: '),
      names: ['office'],
    });
  });

  test('hold training records against who has AI tools, name them only where asked, and keep nothing', async () => {
    const file = join(newFolder(), 'records.csv');
    const [holder] = rowsOf<{ name: string }>(
      database,
      "SELECT g.holder AS name FROM grants g JOIN integrations i USING (connector, account, app) WHERE i.verdict = 'ai' AND g.mode = 'inventory' ORDER BY 1",
    );
    writeFileSync(
      file,
      `date;Course;PERSON\n2026-01-31;AI;${holder!.name.toUpperCase()}\n2026-02-31;AI;x\n2026-01-31;AI;stranger-7@elsewhere.example\n`,
    );
    const { training, readiness } = await asked('--training', file);
    const { part, of } = training!.trained;
    expect(training).toEqual({ trained: { part: 1, of }, others: 1, leftOut: 1 });
    expect(part).toBe(1);
    expect(readiness.items.find(({ id }) => id === 'training')).toMatchObject({ measured: { part: 1, of } });
    const [before] = await trail();
    await asked('--training', file);
    await run('metrics', '--training', file, '--names');
    expect(await trail()).toEqual([before]);
    const people = await asked('--training', file, '--names');
    const named = people.training!.without!;
    const names = 'people with AI tools who stand in no training record, and apps and keys that are named after their holder';
    expect(people.names).toBe(names);
    // Who is named one by one stands in a list, and the trail hears of it, without the file.
    const [event] = await trail();
    expect(event).toMatchObject({ action: 'export.written', subject: 'metrics' });
    expect(event!.details).toMatchObject({ form: 'json', rows: of - 1, names, filters: { names: true }, withheld: ['training'] });
    expect(named).toHaveLength(of - 1);
    expect(named).not.toContain(holder!.name);
    const [counted, told] = [
      (await run('metrics', '--training', file)).stdout,
      (await run('metrics', '--training', file, '--names')).stdout,
    ];
    expect(counted).toContain(`1 of ${of} = `);
    expect(
      told
        .slice(counted.length - 1)
        .split('\n')
        .filter(Boolean),
    ).toHaveLength(of - 1);
    expect(readFileSync(database).includes('stranger-7')).toBe(false);
    writeFileSync(file, 'person,date\nx,2026-01-01\n');
    expect(await run('metrics', '--training', file)).toMatchObject({ code: 2, stderr: expect.stringContaining('has no column "course"') });
  });

  test('beside them, the risk of a finding is a sum that is printed, and by which findings can be sorted', async () => {
    const findings = JSON.parse((await run('findings', '--sort', 'risk', '--format', 'json')).stdout) as { key: string; risk: number }[];
    expect(findings.length).toBeGreaterThan(3);
    expect(findings.map(({ risk }) => risk)).toEqual(findings.map(({ risk }) => risk).toSorted((a, b) => b - a));
    const { stdout } = await run('show', findings[0]!.key);
    const printed = stdout.slice(stdout.indexOf('\nRisk ')).split('\n').slice(1);
    expect(printed[0]).toBe(`Risk        ${findings[0]!.risk} =`);
    const points = printed
      .slice(
        1,
        printed.findIndex((line) => line.startsWith('Since')),
      )
      .map((line) => Number(/\+(\d+) /.exec(line)![1]));
    expect(points.reduce((sum, one) => sum + one, 0)).toBe(findings[0]!.risk);
    expect(stdout).toContain('What it took is in no log that was read  (unknown)');
  });
});
