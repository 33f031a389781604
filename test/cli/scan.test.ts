import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { rulesCiting } from '../../src/policy/citations.ts';
import { controlsCalled } from '../../src/policy/frameworks/catalogue.ts';
import { actsOnTerminal, bytesBelow, formsOf, newFolder, noctule, writeConfig, type Ended } from './run.ts';
import { PACE, workspace, type Summary } from './workspace.ts';

const AUDIT = 'https://www.googleapis.com/auth/admin.reports.audit.readonly';
const FORMATS = ['table', 'json', 'ndjson', 'csv'];

interface Finding {
  id: string;
  key: string;
  name: string;
  rule: string;
  product: string | null;
  severity: string;
}

interface Evidence {
  evidenceCount: number;
  evidence: object[];
}

/** Makes copies of one observation of a finding's app, as if so many people held it. */
function multiply(file: string, key: string, times: number): void {
  const database = new Database(file);
  const columns = (database.pragma('table_info(observation)') as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => name !== 'id');
  const copied = columns.map((name) => (name === 'native_id' ? `o.native_id || ' ' || n.i` : `o.${name}`));
  const { changes } = database
    .prepare(
      `WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < @times),
         one AS (SELECT o.* FROM observation o JOIN collector c ON c.id = o.collector_id
           JOIN finding f ON f.tenant = c.tenant AND f.connector = c.connector AND f.account = c.account AND f.app_id = o.app_id
           WHERE f.key = @key LIMIT 1)
       INSERT INTO observation (${columns.join(', ')}) SELECT ${copied.join(', ')} FROM one o, n`,
    )
    .run({ key, times });
  expect(changes).toBe(times);
  database.close();
}

describe('a scan', () => {
  let site: Awaited<ReturnType<typeof workspace>>;
  let first: Ended & { summary: Summary };
  let findings: Finding[];
  let runs: Ended[];
  let printed: string;

  beforeAll(async () => {
    // The log of the second night lies in the future: a night by the log would find by chance that it misses changes.
    site = await workspace({ source: { mode: 'full' } });
    first = await site.scan();
    const all = (lines: readonly string[]) => Promise.all(lines.map((line) => site.run(...line.split(' '))));
    // Before there is a second scan, everything differs from nothing: every name is printed.
    const asked = await all(FORMATS.map((format) => `diff --format ${format}`));
    site.provider.night(1);
    const second = await site.scan();
    const formats = ['findings', 'diff'].flatMap((command) => FORMATS.map((format) => `${command} --format ${format}`));
    asked.push(...(await all([...formats, 'coverage', 'coverage --format json'])));
    findings = JSON.parse((await site.run('findings', '--format', 'json')).stdout) as Finding[];
    asked.push(...(await all(findings.map(({ id }) => `show ${id}`))));
    asked.push(...(await all(findings.slice(0, 5).map(({ id }) => `show ${id} --format json`))));
    runs = [first, second, ...asked];
    printed = runs.map(({ stdout, stderr }) => stdout + stderr).join('\n');
  });

  test('and all that is asked of it ends with 0', () => {
    expect(runs.filter(({ code }) => code !== 0)).toEqual([]);
  });

  test('that reads everything ends with 0, says so on stderr, and nothing on stdout', () => {
    expect([first.code, first.stdout]).toEqual([0, '']);
    expect(first.stderr).toContain('Everything that was asked for was read.');
    expect(first.summary).toMatchObject({ conditions: [], exitCode: 0, resumed: false, gaps: 0, unaccepted: 0 });
    expect(first.summary.sources).toMatchObject([{ source: 'workspace', state: 'read', message: null }]);
    expect(first.summary.findings).toBeGreaterThan(5);
  });

  test('says what became of findings in it, and when it was, for people and for machines', async () => {
    const { opened, ...others } = first.summary.changes!;
    expect([opened, others]).toEqual([first.summary.findings, { returned: 0, reopened: 0, resolved: 0 }]);
    expect(first.stderr).toContain(`Findings in this scan: ${opened} opened, 0 returned, 0 reopened, 0 resolved.\n`);
    const [scan] = JSON.parse(
      (await site.run('query', 'SELECT started_at, ended_at FROM scans WHERE scan = 1', '--format', 'json')).stdout,
    );
    expect([first.summary.startedAt, first.summary.endedAt]).toEqual([scan.started_at, scan.ended_at]);
  });

  test('keeps what it wrote for its owner alone', { skip: process.platform === 'win32' }, () => {
    for (const name of ['noctule.db', 'summary.json']) expect(statSync(join(site.folder, name)).mode & 0o777, name).toBe(0o600);
  });

  test('prints data on stdout alone, in every machine format', async () => {
    const [list, lines, csv] = await Promise.all(['json', 'ndjson', 'csv'].map((format) => site.run('findings', '--format', format)));
    const ids = findings.map(({ id }) => id);
    expect((JSON.parse(list!.stdout) as Finding[]).map(({ id }) => id)).toEqual(ids);
    expect(
      lines!.stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as Finding).id),
    ).toEqual(ids);
    expect(
      csv!.stdout
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((line) => line.slice(0, 8)),
    ).toEqual(ids);
    for (const { stderr } of [list!, lines!, csv!]) expect(stderr).toMatch(/^Names of persons in it: holders, [^\n]+\.\n$/);
    expect((await site.run('findings', '--format', 'json', '--quiet')).stderr).toBe('');
  });

  test('is told in the words of frameworks: each finding with what its rule cites, and the findings that speak of a control', async () => {
    const leaver = findings.find(({ rule }) => rule === 'leaver-holds-grant')!;
    const { stdout } = await site.run('show', leaver.id);
    expect(stdout).toContain('Controls    NIST CSF 2.0: PR.AA-05\n            NIST SP 800-53 Rev. 5: AC-2(3)\n');
    const shown = JSON.parse((await site.run('show', leaver.id, '--format', 'json')).stdout) as { controls: { id: string }[] };
    expect(shown.controls.map(({ id }) => id)).toEqual(['PR.AA-05', 'AC-2(3)', 'GOVERN 1.7', 'NHI1', 'L7']);
    // An id of CSF 1.1 means the present one.
    for (const written of ['ac-2 (3)', 'PR.AC-4']) {
      const about = JSON.parse((await site.run('findings', '--control', written, '--format', 'json')).stdout) as Finding[];
      expect(about.length, written).toBeGreaterThan(0);
      const rules = written === 'PR.AC-4' ? rulesCiting(controlsCalled('PR.AA-05')) : ['leaver-holds-grant', 'idle-ai-access'];
      expect(about.map(({ id }) => id)).toEqual(
        findings.filter(({ rule }) => (rules as readonly string[]).includes(rule)).map(({ id }) => id),
      );
      const again = await site.run('findings', '--control', written, '--judge-with', 'current', '--format', 'json');
      expect((JSON.parse(again.stdout) as Finding[]).map(({ id }) => id).sort()).toEqual(about.map(({ id }) => id).sort());
    }
  });

  test.each([
    ['ID.AM-02', 'No finding speaks of ID.AM-02', 'It is what scanning itself performs'],
    ['ASI01', 'No finding speaks of ASI01', 'Nothing that is read speaks of it'],
    ['MCP-4', 'The catalogue of frameworks has no MCP-4', 'docs/governance.md'],
  ])('cannot fail what no finding speaks of: %s is refused, and why is said', async (control, message, fix) => {
    const { code, stdout, stderr } = await site.run('findings', '--control', control);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain(fix);
  });

  test('of hostile names never acts on a terminal, in any command and format', () => {
    expect(printed).toContain('ChatGPT');
    // The names are there, and not only left out.
    expect(printed).toContain('All clear');
    expect(printed).toMatch(/HYPERLINK/);
    expect(actsOnTerminal(printed)).toEqual([]);
  });

  test('never keeps or prints a planted secret, in any encoding', () => {
    const everything = `${printed}\n${bytesBelow(site.folder)}`;
    const secrets = [...site.provider.canaries, ...Object.values(site.provider.environment)];
    expect(secrets.length).toBeGreaterThan(20);
    expect(secrets.flatMap(formsOf).filter((form) => everything.includes(form))).toEqual([]);
  });

  test('the search for secrets finds them where they are', () => {
    const secret = site.provider.canaries[0]!;
    for (const before of ['', 'a', 'ab', 'abc']) {
      const encoded = Buffer.from(`${before}${secret} and more`).toString('base64');
      expect(
        formsOf(secret).some((form) => encoded.includes(form)),
        before,
      ).toBe(true);
    }
  });

  test('every row of the findings as CSV has as many cells as the head, and none starts a formula', async () => {
    const { stdout } = await site.run('findings', '--format', 'csv');
    const rows = stdout.trimEnd().split('\r\n');
    expect(rows).toHaveLength(findings.length + 1);
    expect(stdout).not.toMatch(/(^|,|;)"?\s*[=+@＝＋＠]/mu);
  });

  test('is planned without a request, by the sizes of the last one', async () => {
    const before = site.provider.requests.length;
    const { code, stdout } = await site.run('scan', '--plan');
    expect([code, site.provider.requests.length - before]).toEqual([0, 0]);
    expect(stdout).toMatch(/workspace +grants +inventory +\d+ +.*users \d+/);
  });

  test('one finding is shown by any unique beginning of its id, in either case', async () => {
    const { key } = findings[0]!;
    const texts = await Promise.all([key, key.slice(0, 12), key.slice(0, 8).toUpperCase()].map((id) => site.run('show', id)));
    expect(new Set(texts.map(({ stdout }) => stdout)).size).toBe(1);
    expect(texts[0]!.stdout).toContain(`Finding     ${key}`);
    const { stdout } = await site.run('show', key, '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      key,
      evidence: expect.arrayContaining([expect.objectContaining({ state: expect.any(String) })]),
    });
  });

  test('is told in words why it is doubted, and the name of its product does nothing to the terminal', async () => {
    const copy = join(newFolder(), 'noctule.db');
    const database = new Database(join(site.folder, 'noctule.db'));
    await database.backup(copy);
    database.close();
    const { key } = findings.find(({ rule }) => rule === 'unapproved-ai-tool')!;
    const changed = new Database(copy);
    changed
      .prepare(`UPDATE finding SET body = json_set(body, '$.match.flags', json('["id_differs"]'), '$.productName', ?) WHERE key = ?`)
      .run('Brain\u001b[2J', key);
    changed.close();
    const { code, stdout } = await site.run('show', key, '--db', copy);
    expect(code).toBe(0);
    expect(stdout).toContain('under an id that is not known to be its own');
    expect(stdout).not.toContain('id_differs');
    expect(stdout).toMatch(/^Product +Brain/m);
    expect(actsOnTerminal(stdout)).toEqual([]);
  });

  test('of whose evidence more is there than is read is shown with their number, and with a word that it is cut', async () => {
    const copy = join(newFolder(), 'noctule.db');
    const database = new Database(join(site.folder, 'noctule.db'));
    await database.backup(copy);
    database.close();
    const { key } = findings.find(({ rule }) => rule === 'unapproved-ai-tool')!;
    const before = JSON.parse((await site.run('show', key, '--db', copy, '--format', 'json')).stdout) as Evidence;
    expect(before.evidenceCount).toBe(before.evidence.length);
    multiply(copy, key, 5_001);
    const number = before.evidenceCount + 5_001;
    const told = `Of ${number} pieces of evidence the first 5000 were read.\n`;
    const text = await site.run('show', key, '--db', copy);
    expect([text.code, text.stderr, text.stdout.includes(`Evidence (${number}, the first 20)`)]).toEqual([0, told, true]);
    const json = await site.run('show', key, '--db', copy, '--format', 'json');
    const after = JSON.parse(json.stdout) as Evidence;
    expect([json.stderr, after.evidenceCount, after.evidence.length]).toEqual([told, number, 5_000]);
  });

  test('an ambiguous beginning is explained, and one of nothing too', async () => {
    const starts = Map.groupBy(findings, ({ key }) => key[0]!);
    const [start, several] = [...starts].find(([, found]) => found.length > 1)!;
    const ambiguous = await site.run('show', start);
    expect([ambiguous.code, ambiguous.stdout]).toEqual([2, '']);
    expect(ambiguous.stderr).toContain(`${start} may mean several findings:`);
    for (const { key } of several) expect(ambiguous.stderr).toContain(key.slice(0, 12));
    for (const id of ['ffffffffffffffff', 'xyz', '', '%', "' OR 1=1 --"]) {
      const none = await site.run('show', id);
      expect([none.code, none.stdout]).toEqual([2, '']);
      expect(none.stderr).toContain('There is no finding');
    }
  });

  test('a list that is cut says so, in a pipe too', async () => {
    for (const format of FORMATS) {
      const { stderr } = await site.run('findings', '--limit', '2', '--format', format);
      expect(stderr).toContain('There are more than these 2');
    }
    expect((await site.run('findings', '--limit', String(findings.length), '--format', 'json')).stderr).not.toContain('There are more');
  });

  test('a filter that can match nothing is refused, one that matches nothing is empty', async () => {
    expect((await site.run('findings', '--rule', 'unaproved-ai-tool')).code).toBe(2);
    expect(await site.run('findings', '--state', 'resolved', '--format', 'json')).toMatchObject({ code: 0, stdout: '[]\n' });
    expect(await site.run('findings', '--app', "x' OR '1'='1", '--format', 'json')).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  test('two scans are compared in both directions of time only as they happened', async () => {
    const { code, stdout, stderr } = await site.run('diff', '1', '2', '--format', 'json');
    expect([code, stderr]).toEqual([0, 'Names of persons in it: holders of what differs.\n']);
    const classes = new Set((JSON.parse(stdout) as { class: string }[]).map((row) => row.class));
    for (const expected of ['appeared', 'changed', 'gone']) expect(classes).toContain(expected);
    for (const [from, to, complaint] of [
      ['2', '1', 'Scan 2 is later than scan 1\n  Give the earlier first: `noctule diff 1 2`.\n'],
      ['1', '1', 'Scan 1 is the same as scan 1\n  Give two scans, the earlier first.\n'],
    ] as const)
      expect(await site.run('diff', from, to, '--format', 'json')).toEqual({ code: 2, stdout: '', stderr: complaint });
    const unknown = await site.run('diff', '1', '99');
    expect([unknown.code, unknown.stdout]).toEqual([2, '']);
    expect(unknown.stderr).toContain('Concluded scans: 2, 1.');
  });

  test('is remembered as it was judged, by its number or its day, and judged again by the files of today', async () => {
    const then = async (...args: string[]) => {
      const { code, stdout } = await site.run('findings', '--format', 'json', '--limit', '1000', ...args);
      expect(code).toBe(0);
      return JSON.parse(stdout) as Finding[];
    };
    const [now, before] = [await then(), await then('--as-of', '1')];
    expect(await then('--as-of', '2')).toEqual(now);
    expect(await then('--as-of', new Date().toISOString().slice(0, 10))).toEqual(now);
    expect(before.length).toBeGreaterThan(0);
    expect(new Set(before.map(({ key }) => key))).not.toEqual(new Set(now.map(({ key }) => key)));
    expect((await site.run('show', before[0]!.id, '--as-of', '1')).code).toBe(0);
    expect((await site.run('coverage', '--as-of', '1')).code).toBe(0);
    for (const [moment, complaint] of [
      ['99', 'There is no concluded scan 99'],
      ['2001-01-01', 'No scan was concluded by 2001-01-01'],
      ['yesterday', 'is no scan and no date'],
      // A date to V8, which counts on into December.
      ['2026-11-31', 'is no scan and no date'],
      ['2027-02-29T02:00Z', 'is no scan and no date'],
      ['2999-01-01', '2999-01-01 is in the future'],
    ] as const) {
      const { code, stderr } = await site.run('findings', '--as-of', moment);
      expect([code, stderr.includes(complaint)], stderr).toEqual([2, true]);
    }

    const keys = (list: readonly Finding[]) => list.map(({ key }) => key).toSorted();
    expect(keys(await then('--judge-with', 'current'))).toEqual(keys(now));
    expect(keys(await then('--judge-with', 'current', '--as-of', '1'))).toEqual(keys(before));
    const other = join(site.folder, 'other.json');
    const product = now.find(({ rule, product: known }) => rule === 'unapproved-ai-tool' && known !== null)!.product!;
    const denied = { formatVersion: 1, denials: [{ product, reason: 'no' }] };
    writeFileSync(join(site.folder, 'other-policy.json'), JSON.stringify(denied));
    const config = JSON.parse(readFileSync(site.config, 'utf8')) as object;
    writeFileSync(other, JSON.stringify({ ...config, policy: 'other-policy.json' }));
    const again = JSON.parse((await noctule(['findings', '--format', 'json', '--judge-with', 'current', '-c', other])).stdout) as Finding[];
    expect(again.filter(({ rule }) => rule === 'denied-ai-tool').map((finding) => finding.product)).toContain(product);
    expect(await then()).toEqual(now);
  });

  test('findings over the threshold end with 1, and only those', async () => {
    const critical = findings.some(({ severity }) => severity === 'critical');
    const high = await site.scan('--fail-on', 'high');
    expect([high.code, high.summary.conditions, high.summary.exitCode]).toEqual([1, ['findings'], 1]);
    const most = await site.scan('--fail-on', 'critical');
    expect(most.code).toBe(critical ? 1 : 0);
  });
});

describe('what a scan could not read', () => {
  test('is a gap that names the permission, and ends with 3 where that was asked for', async () => {
    const site = await workspace();
    site.provider.revoke(AUDIT);
    const quiet = await site.scan();
    expect(quiet.code).toBe(0);
    expect(quiet.summary.gaps).toBeGreaterThan(0);
    const { code, summary } = await site.scan('--fail-on', 'coverage-gap', 'high');
    expect(code).toBe(3);
    expect(summary.conditions.toSorted()).toEqual(['coverage-gap', 'findings']);
    expect(summary.exitCode).toBe(3);
    const coverage = await site.run('coverage');
    expect(coverage.stdout).toContain(`Grant ${AUDIT}.`);
    const { gaps } = JSON.parse((await site.run('coverage', '--format', 'json')).stdout) as {
      gaps: { collector: string; permission: string }[];
    };
    expect(gaps.filter(({ permission }) => permission === AUDIT).length).toBeGreaterThan(0);

    const collectors = [...new Set(gaps.map(({ collector }) => collector))];
    const accepted = { source: 'workspace', reason: 'r', owner: 'o' };
    const until = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    for (const [days, expected] of [
      [10, 0],
      [-1, 3],
    ] as const) {
      const acceptedGaps = collectors.map((collector) => ({ ...accepted, collector, until: until(days) }));
      writeConfig(site.folder, { workspace: { ...site.provider.config, pace: PACE } }, { acceptedGaps });
      const again = await site.scan('--fail-on', 'coverage-gap');
      expect([days, again.code, again.summary.gaps]).toEqual([days, expected, quiet.summary.gaps]);
    }
    // With a mistake in the configuration nothing is accepted, and what was found can be read all the same.
    writeConfig(site.folder, { workspace: { connector: 'google-workspace' } }, { acceptdGaps: [] });
    const unreadable = await site.run('coverage', '--format', 'json');
    expect(unreadable.code).toBe(0);
    expect(unreadable.stderr).toMatch(/unknown key "acceptdGaps"\n {2}No gap is shown as accepted until that is mended\.\n/);
    expect((JSON.parse(unreadable.stdout) as { gaps: { accepted: boolean }[] }).gaps.filter(({ accepted: is }) => is)).toEqual([]);

    // The last night began a second early, counted from the first on which it was refused.
    const database = new Database(join(site.folder, 'noctule.db'));
    const since = (seconds: number) => {
      const [last] = database.prepare('SELECT max(started_at) FROM scan').pluck().all() as [string];
      const start = new Date(Date.parse(last) - seconds * 1000).toISOString();
      database.prepare('UPDATE scan SET started_at = ? WHERE id = 1').run(start);
    };
    for (const [seconds, told] of [
      [86_399, 'for 1 day'],
      [7 * 86_400 - 60, 'for 7 days'],
      [60, 'for less than a day'],
    ] as const) {
      since(seconds);
      const { stdout } = await site.run('coverage');
      expect([seconds, stdout.includes(`permission_denied, ${told}, `), stdout.includes('tonight')]).toEqual([seconds, true, false]);
    }
    database.close();
  });

  test('a missing credential of one source ends with 4, and the other source is read', async () => {
    const site = await workspace({
      sources: { other: { connector: 'google-workspace', subject: 'admin@other.example', serviceAccount: { env: 'NOT_SET' } } },
    });
    const { code, stderr, summary } = await site.scan('--fail-on', 'high');
    expect(code).toBe(4);
    expect(stderr).toContain('other: unread. The variable NOT_SET is not set\n  Set NOT_SET, or point');
    expect(summary.conditions.toSorted()).toEqual(['findings', 'source-refused']);
    expect(summary.sources.map(({ source, state }) => [source, state])).toEqual(
      expect.arrayContaining([
        ['workspace', 'read'],
        ['other', 'unread'],
      ]),
    );
  });

  test('a credential that the provider refuses ends with 4', async () => {
    const site = await workspace();
    site.provider.faults.add({ operation: 'oauth2.token', fault: 401 });
    const { code, summary } = await site.scan();
    expect([code, summary.conditions]).toEqual([4, ['source-refused']]);
    expect(summary.sources[0]).toMatchObject({ source: 'workspace', state: 'unread' });
  });

  test('a source that does not answer ends with 4, as in doctor, unless its gaps are accepted', async () => {
    const site = await workspace({ people: 3 });
    // Nobody knows which account it is, so nothing of it can be accepted.
    let silent = true;
    // It asks for more patience than a scan has: so nobody waits for it.
    const busy = { status: 503, headers: { 'retry-after': '86400' } };
    site.provider.plant('oauth2.token', (_request, _nth, usual) => (silent ? busy : usual()));
    const unknown = await site.scan();
    expect([unknown.code, unknown.summary.conditions, unknown.summary.exitCode]).toEqual([4, ['source-refused'], 4]);
    expect(unknown.summary.sources).toMatchObject([{ source: 'workspace', state: 'unread' }]);
    silent = false;
    expect((await site.scan()).code).toBe(0);
    silent = true;
    const known = await site.scan();
    expect([known.code, known.summary.conditions]).toEqual([4, ['source-refused']]);
    const until = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
    const acceptedGaps = [{ source: 'workspace', reason: 'r', owner: 'o', until }];
    writeConfig(site.folder, { workspace: { ...site.provider.config, pace: PACE } }, { acceptedGaps });
    const accepted = await site.scan('--fail-on', 'coverage-gap');
    expect([accepted.code, accepted.summary.conditions, accepted.summary.gaps]).toEqual([0, [], known.summary.gaps]);
    expect(known.summary.gaps).toBeGreaterThan(0);
  });

  test('one source alone leaves the others as they are, and an unknown one is refused', async () => {
    const site = await workspace({
      sources: { other: { connector: 'google-workspace', subject: 'admin@other.example', serviceAccount: { env: 'NOT_SET' } } },
    });
    expect((await site.scan('--source', 'workspace')).code).toBe(0);
    const { code, stderr } = await site.run('scan', '--source', 'wrkspace');
    expect([code, stderr]).toEqual([2, 'There is no source "wrkspace"\n  The configuration has: workspace, other.\n']);
  });
});
