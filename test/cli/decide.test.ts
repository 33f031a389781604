import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../store/logical-dump.ts';
import { actsOnTerminal, newFolder } from './run.ts';
import { workspace } from './workspace.ts';

interface Finding {
  id: string;
  key: string;
  rule: string;
  account: string;
  appId: string;
  product: string | null;
  severity: string;
}

const WHO = ['--owner', 'it', '--approver', 'ciso', '--reason', 'Reviewed'];
const SIGNED = [...WHO, '--expires', '2099-01-01'];
const EMPTY = `{
  // Decisions of Lanternworks.
  "formatVersion": 1,
  "approvals": [
    // none yet
  ]
}
`;

describe('a decision about a finding', () => {
  let site: Awaited<ReturnType<typeof workspace>>;
  let file: string;
  let unapproved: Finding;
  let findings: Finding[];
  const policyText = () => readFileSync(file, 'utf8');
  const listed = async (...args: string[]) => JSON.parse((await site.run('findings', '--format', 'json', ...args)).stdout) as Finding[];
  const trail = async () => {
    const { stdout } = await site.run('audit', 'log', '--format', 'json');
    return JSON.parse(stdout) as { action: string; subject: string; actor: string; details: Record<string, unknown> }[];
  };

  beforeAll(async () => {
    site = await workspace();
    file = join(site.folder, 'policy.json');
    await site.scan();
    findings = await listed();
    unapproved = findings.find(({ rule, product }) => rule === 'unapproved-ai-tool' && product !== null)!;
  });
  beforeEach(() => writeFileSync(file, EMPTY, { mode: 0o600 }));

  test('to approve it writes the id that was seen, keeps the comments, is told to the audit trail, and closes it with the next scan', async () => {
    const said = await site.run('approve', unapproved.id, ...SIGNED);
    expect(said).toMatchObject({ code: 0, stdout: expect.stringContaining(`+       "apps": ["${unapproved.appId}"],`) });
    expect(said.stderr).toContain(`closes   ${unapproved.id}  unapproved-ai-tool`);
    expect(said.stderr).toContain(`approvals[0] of ${file} was added. The next \`noctule scan\` applies it.`);
    expect(said.stdout).toContain(`"accounts": ["${unapproved.account}"]`);
    expect(said.stderr).not.toContain('policy check');
    expect(actsOnTerminal(said.stdout + said.stderr)).toEqual([]);
    expect(policyText().startsWith(EMPTY.slice(0, EMPTY.indexOf('\n  ]')))).toBe(true);
    const [event] = await trail();
    expect(event).toMatchObject({
      action: 'policy.approved',
      subject: `finding/${unapproved.key}`,
      actor: expect.stringContaining('(claimed)'),
    });
    const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    const entry = { list: 'approvals', index: 0, how: 'added', changed: ['approvals'] };
    expect(event!.details).toEqual({ ...entry, edits: sha256, before: sha256, after: sha256 });

    const again = await site.run('approve', unapproved.id, ...SIGNED);
    expect(again).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('needs no decision') });

    await site.scan();
    const [scan, changed] = (await trail()).filter(({ action }) => ['policy.changed', 'scan.concluded'].includes(action));
    expect(scan!.details['judgedBy']).toMatchObject({ policy: event!.details['after'] });
    expect(changed!.details).toMatchObject({ after: event!.details['after'] });
    expect((await listed()).map(({ key }) => key)).not.toContain(unapproved.key);
    expect((await site.run('audit', 'verify')).code).toBe(0);
    writeFileSync(file, EMPTY);
    await site.scan();
  });

  test('to approve it on trial writes all that was said of it', async () => {
    const args = '--stage probation --review-every 90 --most 500 --control-owner desk --ticket SEC-7'.split(' ');
    const more = ['--business-process', 'Drafts of letters', '--evidence', 'https://acme.example/review', 'minutes of May'];
    expect((await site.run('approve', unapproved.id, ...SIGNED, ...args, ...more)).code).toBe(0);
    const today = expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string;
    const [entry] = (JSON.parse(policyText().replaceAll(/^ *\/\/ .*$/gm, '')) as { approvals: object[] }).approvals;
    expect(entry).toEqual({
      product: unapproved.product,
      apps: [unapproved.appId],
      connectors: ['google-workspace'],
      accounts: [unapproved.account],
      ceiling: { data: expect.any(Object) as object },
      population: { most: 500 },
      stage: 'probation',
      owner: 'it',
      approver: 'ciso',
      reason: 'Reviewed',
      businessProcess: 'Drafts of letters',
      controlOwner: 'desk',
      evidence: ['https://acme.example/review', 'minutes of May'],
      ticket: 'SEC-7',
      expires: '2099-01-01',
      reviewEvery: 90,
      reviewed: today,
      decided: today,
    });
    expect((await site.run('approve', unapproved.id, ...SIGNED, '--stage', 'probation')).code).toBe(0);
    writeFileSync(file, EMPTY);
    expect(await site.run('approve', unapproved.id, ...WHO, '--stage', 'probation')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('A decision needs --expires'),
    });
  });

  test('to deny it opens what was denied, and an approval does not settle that', async () => {
    const said = await site.run('deny', unapproved.id, '--reason', 'Trains on what it sees', '--redirect', 'the other one');
    expect(said).toMatchObject({ code: 0, stderr: expect.stringMatching(/opens {4}\w{8} {2}denied-ai-tool/) });
    expect(policyText()).toContain('"redirect": "the other one"');
    await site.scan();
    const denied = (await listed('--rule', 'denied-ai-tool'))[0]!;
    const before = policyText();
    expect(await site.run('approve', denied.id, ...SIGNED)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('A denial goes before every approval'),
    });
    expect(policyText()).toBe(before);
    writeFileSync(file, EMPTY);
    await site.scan();
  });

  test('to deny what is approved, and has no finding, writes the denial, also by the id of the app', async () => {
    for (const id of [unapproved.id, unapproved.appId]) {
      writeFileSync(file, EMPTY);
      expect((await site.run('approve', unapproved.appId, ...SIGNED)).code).toBe(0);
      const said = await site.run('deny', id, '--reason', 'Trains on what it sees');
      expect(said).toMatchObject({ code: 0, stderr: expect.stringMatching(/opens {4}\w{8} {2}denied-ai-tool/) });
      expect(said.stderr).toContain('denials[0] of');
      expect(said.stderr).toContain('approvals[0] approves what is denied: by denials[0]');
      expect(policyText()).toMatch(/"denials": \[\s*\{/);
    }
    // Denied already: what is said besides is set.
    const renewed = await site.run('deny', unapproved.appId, '--redirect', 'the other one');
    expect(renewed).toMatchObject({ code: 0, stderr: expect.stringContaining('denials[0] of') });
  });

  test('to approve one of the apps that share an entry leaves the others as they are', async () => {
    const entry = { product: unapproved.product, apps: [unapproved.appId, 'another'], accounts: [unapproved.account] };
    const signed = { owner: 'it', approver: 'ciso', reason: 'Trial' };
    const shared = { ...entry, ceiling: { data: {} }, stage: 'probation', ...signed, expires: '2026-01-01' };
    writeFileSync(file, JSON.stringify({ formatVersion: 1, approvals: [shared] }, null, 2));
    const said = await site.run('approve', unapproved.appId, ...SIGNED, '--stage', 'approved');
    expect(said).toMatchObject({ code: 0, stderr: expect.stringContaining('taken out of the entry that it shared') });
    const [left, own] = (JSON.parse(policyText()) as { approvals: object[] }).approvals;
    expect(left).toEqual({ ...shared, apps: ['another'] });
    expect(own).toMatchObject({ apps: [unapproved.appId], accounts: [unapproved.account], reason: 'Reviewed', stage: 'approved' });
  });

  test('holds in every account where that is asked for, and is told what is wrong with it', async () => {
    const said = await site.run('approve', unapproved.id, ...SIGNED, '--everywhere', '--dry-run');
    expect(said).toMatchObject({ code: 0, stdout: expect.stringContaining(unapproved.appId) });
    expect(said.stdout).not.toContain('accounts');
    const entry = { apps: [unapproved.appId], accounts: [unapproved.account], owner: 'it', approver: 'ciso', reason: 'Seen' };
    writeFileSync(file, JSON.stringify({ formatVersion: 1, approvals: [{ ...entry, ceiling: { data: {} }, expires: '2026-01-01' }] }));
    const twice = await site.run('approve', unapproved.appId, ...SIGNED, '--separate', '--dry-run');
    expect(twice.stderr).toContain(`approvals[1] is about what another entry is about too: ${unapproved.appId} stands in approvals[0]`);
  });

  test('to except it names the finding and a day within a year', async () => {
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const except = (until: string) => site.run('except', unapproved.id, '--owner', 'it', '--reason', 'Replaced soon', '--until', until);
    expect(await except(day(400))).toMatchObject({ code: 2, stderr: expect.stringContaining('for a year at most') });
    expect(await except(day(90))).toMatchObject({ code: 0, stderr: expect.stringContaining(`excepts  ${unapproved.id}`) });
    expect(policyText()).toContain(`"finding": "${unapproved.key}"`);
    expect(await except('2027-02-30')).toMatchObject({ code: 2, stderr: expect.stringContaining('It must be a day') });
  });

  test('as a dry run writes nothing and tells nobody', async () => {
    const before = [policyText(), await trail()];
    const said = await site.run('approve', unapproved.id, ...SIGNED, '--dry-run');
    expect(said).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing was written') });
    expect(said.stdout).toContain(unapproved.appId);
    expect([policyText(), await trail()]).toEqual(before);
  });

  test('makes the policy where there is none, of the tenant of the configuration', async () => {
    rmSync(file);
    expect((await site.run('approve', unapproved.id, ...SIGNED)).code).toBe(0);
    expect(policyText()).toContain('"formatVersion": 1');
    expect((await site.run('config', 'validate')).stdout).toContain('1 approvals');
  });

  test('is refused, and told to nobody, where the file cannot be written safely', async () => {
    const events = (await trail()).length;
    chmodSync(file, 0o666);
    expect(await site.run('approve', unapproved.id, ...SIGNED)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('can be written by everybody'),
    });
    chmodSync(file, 0o600);
    const draft = join(site.folder, '.policy.json.draft');
    writeFileSync(draft, '');
    expect(await site.run('approve', unapproved.id, ...SIGNED)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('being changed by another command'),
    });
    expect(existsSync(draft)).toBe(true);
    rmSync(draft);
    expect([policyText(), (await trail()).length]).toEqual([EMPTY, events]);
  });

  test('of two commands at one time is lost by neither', async () => {
    const others = findings.filter(({ rule, product }) => rule === 'unapproved-ai-tool' && product !== unapproved.product);
    const other = others.find(({ key }) => key !== unapproved.key)!;
    const runs = await Promise.all([unapproved, other].map(({ id }) => site.run('approve', id, ...SIGNED)));
    const written = runs.filter(({ code }) => code === 0).length;
    const apps = [unapproved, other].filter(({ appId }) => policyText().includes(`"${appId}"`)).length;
    expect([apps, written > 0]).toEqual([written, true]);
    expect(readdirSync(site.folder).filter((name) => name.includes('draft'))).toEqual([]);
  });

  test('needs who decides, until when, and a finding that there is', async () => {
    const refused = async (told: string, ...args: string[]) =>
      expect(await site.run(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(told) });
    await refused('--owner, --approver, --reason', 'approve', unapproved.id);
    await refused('an end (--expires) or a review', 'approve', unapproved.id, ...WHO);
    await refused('There is no finding', 'approve', 'ffffffffffff', ...SIGNED);
    expect(policyText()).toBe(EMPTY);
  });

  test('takes no less of an id than an exception does', async () => {
    for (const verb of ['approve', 'deny', 'except'])
      expect(await site.run(verb, unapproved.key.slice(0, 7), '--reason', 'Reviewed')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('is too short to decide by'),
      });
    expect((await site.run('show', unapproved.key.slice(0, 7))).code).toBe(0);
  });

  test('means the app whose id it is before the findings whose ids begin so', async () => {
    const [other] = findings.filter(({ appId }) => appId !== unapproved.appId) as [Finding];
    const copy = join(newFolder(), 'noctule.db');
    const database = connect(join(site.folder, 'noctule.db'));
    database.prepare('VACUUM INTO ?').run(copy);
    database.close();
    // As an app of GitHub may be called by digits alone.
    const id = other.key.slice(0, 8);
    const changed = connect(copy);
    for (const table of ['observation', 'integration', 'finding'])
      changed.prepare(`UPDATE ${table} SET app_id = ? WHERE app_id = ?`).run(id, unapproved.appId);
    changed.prepare(`UPDATE observation SET body = json_set(body, '$.subject.app', ?) WHERE app_id = ?`).run(id, id);
    changed.close();
    expect((await site.run('show', id, '--db', copy)).stdout).toContain(`Finding     ${unapproved.key}`);
    const said = await site.run('deny', id, '--reason', 'no', '--dry-run', '--db', copy);
    expect(said.stdout).toContain(`"apps": ["${id}"]`);
    expect((await site.run('deny', other.key.slice(0, 9), '--reason', 'no', '--dry-run', '--db', copy)).stdout).toContain(other.appId);
  });

  test('tells a mistake of an option by its name', async () => {
    for (const [told, ...args] of [
      ['--review-every 0 is too little', '--review-every', '0'],
      ['--owner is empty', '--owner', ''],
      ['--most 0 is too little', '--most', '0'],
    ] as const)
      expect(await site.run('approve', unapproved.id, ...SIGNED, ...args)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(told),
      });
    expect(await site.run('policy', 'seed', '--owner', ' ', '--approver', 'ciso')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--owner is empty'),
    });
  });
});
