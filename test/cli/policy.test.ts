import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { actsOnTerminal, bytesBelow, newFolder, noctule, writeConfig } from './run.ts';
import { workspace } from './workspace.ts';

interface Row {
  turn: string;
  rule: string;
  key: string;
  appId: string;
  line: number;
  list: string;
  detail: string;
}

const SIGNED = { owner: 'it', approver: 'ciso', reason: 'Reviewed' };
const POLICY = '{\n  // ours\n  "formatVersion": 1,\n  "approvals": []\n}\n';

describe('the policy', () => {
  let site: Awaited<ReturnType<typeof workspace>>;
  let file: string;
  const rows = async (...args: string[]) => {
    const { code, stdout, stderr } = await site.run(...args, '--format', 'json');
    return { code, stderr, rows: JSON.parse(stdout) as Row[] };
  };
  const propose = (content: unknown): string => {
    const proposed = join(newFolder(), 'proposed.json');
    writeFileSync(proposed, typeof content === 'string' ? content : JSON.stringify(content, null, 2), { mode: 0o600 });
    return proposed;
  };

  beforeAll(async () => {
    site = await workspace();
    file = join(site.folder, 'policy.json');
    writeFileSync(file, POLICY, { mode: 0o600 });
    await site.scan();
  });
  beforeEach(() => writeFileSync(file, POLICY, { mode: 0o600 }));

  describe('check', () => {
    test('names the line of each entry that needs a look, and ends with 1', async () => {
      const proposed = propose({
        formatVersion: 1,
        approvals: [
          { product: 'openai/chatgtp', apps: ['1'], ceiling: { data: {} }, ...SIGNED, expires: '2099-01-01' },
          { apps: ['2'], ...SIGNED },
        ],
        denials: [{ apps: ['2'], reason: 'no' }],
      });
      const { code, rows: found, stderr } = await rows('policy', 'check', proposed);
      const lines = readFileSync(proposed, 'utf8').split('\n');
      expect(code).toBe(1);
      expect(found.map(({ line, rule, detail }) => [lines[line]!.trim(), rule, detail])).toEqual([
        ['"product": "openai/chatgtp",', 'unknown-product', 'openai/chatgtp; did you mean openai/chatgpt?'],
        ['"apps": [', 'over-broad', '1 app, everywhere, for anybody'],
        ['"apps": [', 'endless', 'it answers for it'],
        ['"apps": [', 'contradicted', 'by denials[0]'],
      ]);
      expect(stderr).toContain('3 entries, 2 of which need a look.');
      expect(stderr).toContain('from the scan number 3 on; there were 1');
      const { stdout } = await site.run('policy', 'check', proposed);
      expect(stdout).toMatch(/^line +entry +rule +fault +detail/);
      expect(actsOnTerminal(stdout)).toEqual([]);
    });

    test('ends with 0 where nothing is wrong, and with 2 and the line where it is no policy', async () => {
      expect(await rows('policy', 'check')).toMatchObject({ code: 0, rows: [] });
      const broken = propose('{ "formatVersion": 1,\n "aprovals": [] }');
      expect(await site.run('policy', 'check', broken)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(`${broken}:2: unknown key`),
      });
      expect(await site.run('policy', 'check', propose({ formatVersion: 1, tenant: 'other' }))).toMatchObject({ code: 2 });
      expect(await site.run('policy', 'check', join(site.folder, 'no.json'))).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('There is no policy'),
      });
    });

    test('needs no scan and no credential', async () => {
      const folder = newFolder();
      const config = writeConfig(folder, {
        workspace: { connector: 'google-workspace', subject: 'a@example.com', serviceAccount: { env: 'NO_KEY' } },
      });
      writeFileSync(
        join(folder, 'policy.json'),
        JSON.stringify({ formatVersion: 1, approvals: [{ apps: ['1'], ...SIGNED, expires: '2099-01-01' }] }),
        { mode: 0o600 },
      );
      const { code, stdout, stderr } = await noctule(['policy', 'check', '-c', config]);
      expect([code, stdout.includes('over-broad'), stderr.includes('there were 0')]).toEqual([1, true, true]);
    });

    test('says that an approval matches nothing once three scans have read everything without it', async () => {
      const quiet = await workspace({ people: 3 });
      const approval = { apps: ['nobody-has-it'], ceiling: { data: {} }, ...SIGNED, expires: '2099-01-01' };
      writeFileSync(join(quiet.folder, 'policy.json'), JSON.stringify({ formatVersion: 1, approvals: [approval] }), { mode: 0o600 });
      for (const code of [0, 0, 1]) {
        await quiet.scan();
        expect((await quiet.run('policy', 'check')).code).toBe(code);
      }
      expect((await quiet.run('policy', 'check')).stdout).toContain('in the last 3 scans, which read 1 accounts whole');
      quiet.provider.faults.add({ operation: 'directory.users.list', fault: 403 });
      await quiet.scan();
      expect((await quiet.run('policy', 'check')).code).toBe(0);
    });

    test('is told by the scan, and below the findings without another look until the policy changes', async () => {
      const quiet = await workspace({ people: 3 });
      const text = (id: string) => JSON.stringify({ formatVersion: 1, approvals: [{ apps: [id], ...SIGNED, expires: '2099-01-01' }] });
      const notice = 'The policy itself needs a look: 1 over-broad. `noctule policy check` says where.';
      writeFileSync(join(quiet.folder, 'policy.json'), text('1'), { mode: 0o600 });
      const summary = join(quiet.folder, 'summary.json');
      expect((await quiet.run('scan', '--summary', summary)).stderr).toContain(notice);
      expect(JSON.parse(readFileSync(summary, 'utf8'))).toMatchObject({ policyFaults: 1 });
      // Whoever looks anew would read the catalog.
      writeFileSync(join(quiet.folder, 'catalog.local.json'), '{', { mode: 0o600 });
      expect((await quiet.run('findings')).stderr).toContain(notice);
      writeFileSync(join(quiet.folder, 'policy.json'), text('2'), { mode: 0o600 });
      expect((await quiet.run('findings')).stderr).toContain('The policy cannot be checked');
    });

    test('stands in one line below the findings', async () => {
      expect((await site.run('findings')).stderr).not.toContain('policy');
      writeFileSync(file, JSON.stringify({ formatVersion: 1, approvals: [{ apps: ['1'], ...SIGNED, expires: '2099-01-01' }] }));
      expect((await site.run('findings')).stderr).toContain(
        'The policy itself needs a look: 1 over-broad. `noctule policy check` says where.',
      );
      expect((await site.run('findings', '--format', 'csv')).stderr).not.toContain('policy');
      writeFileSync(file, '{');
      expect(await site.run('findings')).toMatchObject({ code: 0, stderr: expect.stringContaining('The policy cannot be checked') });
    });
  });

  describe('test', () => {
    test('says what would open and close by another file, ends with 1 where something opens, and writes nothing', async () => {
      const findings = await rows('findings');
      const [one, other] = findings.rows.filter(({ rule }) => rule === 'unapproved-ai-tool') as [Row, Row];
      // What was listed as JSON is told to the audit trail; whoever reads next leaves SQLite's own files beside the database.
      await site.run('policy', 'test');
      const before = bytesBelow(site.folder);
      const approving = await rows(
        'policy',
        'test',
        '--policy',
        propose({ formatVersion: 1, approvals: [{ apps: [one.appId], ...SIGNED }] }),
      );
      expect([approving.code, approving.rows.map(({ turn, key }) => [turn, key])]).toEqual([0, [['closes', one.key]]]);
      const denying = await rows(
        'policy',
        'test',
        '--policy',
        propose({ formatVersion: 1, denials: [{ apps: [other.appId], reason: 'no' }] }),
      );
      expect([denying.code, denying.rows.map(({ turn, rule }) => `${turn} ${rule}`)]).toEqual([
        1,
        ['opens denied-ai-tool', 'closes unapproved-ai-tool'],
      ]);
      expect((await site.run('policy', 'test')).stdout).toMatch(/^turn +id +severity/);
      expect(denying.stderr).toContain('1 would open, 0 would change, 0 would be excepted, 1 would close');
      expect(await rows('policy', 'test')).toMatchObject({ code: 0, rows: [] });
      expect(bytesBelow(site.folder)).toBe(before);
    });

    test('is what the next scan does', async () => {
      const held = (await rows('findings')).rows.filter(({ rule }) => rule === 'unapproved-ai-tool');
      const approvals = held
        .slice(0, 2)
        .map(({ appId }, at) => ({ apps: [appId], ceiling: { data: {} }, ...SIGNED, ...(at === 1 && { expires: '2020-01-01' }) }));
      writeFileSync(
        file,
        JSON.stringify({ formatVersion: 1, approvals, denials: held.slice(2, 3).map(({ appId }) => ({ apps: [appId], reason: 'no' })) }),
      );
      const foretold = await rows('policy', 'test');
      const keys = async () => new Set((await rows('findings')).rows.map(({ key }) => key));
      const before = await keys();
      await site.scan();
      const after = await keys();
      const turned = (turn: string) =>
        foretold.rows
          .filter((row) => row.turn === turn)
          .map(({ key }) => key)
          .sort();
      expect(turned('opens')).toEqual([...after].filter((key) => !before.has(key)).sort());
      expect(turned('closes')).toEqual([...before].filter((key) => !after.has(key)).sort());
      expect([turned('opens').length, turned('closes').length]).toEqual([3, 3]);
      expect(await rows('policy', 'test')).toMatchObject({ code: 0, rows: [] });
      writeFileSync(file, POLICY);
      await site.scan();
    });

    test('knows the units of people by the directory that was read', async () => {
      const held = (await rows('findings')).rows.find(({ rule }) => rule === 'unapproved-ai-tool')!;
      const within = async (...units: string[]) => {
        const approvals = [{ apps: [held.appId], ...SIGNED, population: { units } }];
        const { rows: turned } = await rows('policy', 'test', '--policy', propose({ formatVersion: 1, approvals }));
        return turned.map(({ turn, rule }) => `${turn} ${rule}`).sort();
      };
      expect(await within('/')).toEqual(['closes unapproved-ai-tool']);
      expect(await within('/Nowhere')).toEqual(['closes unapproved-ai-tool', 'opens approval-exceeded']);
    });

    test('refuses what is no policy of this tenant', async () => {
      expect(await site.run('policy', 'test', '--policy', join(site.folder, 'no.json'))).toMatchObject({ code: 2 });
      expect(await site.run('policy', 'test', '--policy', propose({ formatVersion: 1, tenant: 'other' }))).toMatchObject({ code: 2 });
    });
  });

  describe('seed', () => {
    const signed = ['--owner', 'it', '--approver', 'ciso'];

    test('puts all that is undecided on trial behind what is decided, and opens nothing', async () => {
      const undecided = (await rows('findings')).rows.filter(({ rule }) =>
        ['unapproved-ai-tool', 'suspected-ai-tool', 'ai-feature-of-general-tool'].includes(rule),
      );
      const { code, stdout, stderr } = await site.run('policy', 'seed', ...signed);
      expect([code, stdout.startsWith(POLICY.slice(0, POLICY.indexOf('[]')))]).toEqual([0, true]);
      expect(actsOnTerminal(stdout)).toEqual([]);
      expect(stderr).toContain(`for ${undecided.length} apps`);
      const proposed = propose(stdout);
      const tested = await rows('policy', 'test', '--policy', proposed);
      expect([tested.code, tested.rows.filter(({ turn }) => turn === 'opens')]).toEqual([0, []]);
      expect(tested.rows.map(({ key }) => key)).toEqual(expect.arrayContaining(undecided.map(({ key }) => key)));
      expect(await rows('policy', 'check', proposed)).toMatchObject({ code: 0, rows: [] });
      const { approvals } = JSON.parse(stdout.replace('// ours', '')) as { approvals: { apps: string[]; stage: string }[] };
      expect(new Set(approvals.flatMap(({ apps }) => apps))).toEqual(new Set(undecided.map(({ appId }) => appId)));
      expect(new Set(approvals.map(({ stage }) => stage))).toEqual(new Set(['probation']));
      expect(stdout).toContain('"accounts": [');
      expect((await site.run('policy', 'seed', ...signed, '--everywhere')).stdout).not.toContain('"accounts": [');
    });

    test('writes a new file for its owner alone, and never over one', async () => {
      const output = join(newFolder(), 'seed.json');
      expect(await site.run('policy', 'seed', ...signed, '--output', output)).toMatchObject({ code: 0, stdout: '' });
      expect(statSync(output).mode & 0o777).toBe(0o600);
      const written = readFileSync(output, 'utf8');
      expect(await site.run('policy', 'seed', ...signed, '-o', output)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('never written over one'),
      });
      expect(readFileSync(output, 'utf8')).toBe(written);
    });

    test('needs somebody who answers, and an end to come', async () => {
      expect(await site.run('policy', 'seed', '--owner', 'it')).toMatchObject({ code: 2, stdout: '' });
      expect(await site.run('policy', 'seed', ...signed, '--expires', '2020-01-01')).toMatchObject({ code: 2, stdout: '' });
    });
  });
});
