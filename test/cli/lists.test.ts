import { copyFileSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { cyclonedxSchema, ocsfSchema, sarifSchema } from '../report/schemas.ts';
import { demoWorld } from './demo-world.ts';
import { openDatabase } from '../../src/store/database.ts';
import { actsOnTerminal, newFolder, noctule } from './run.ts';

const world = demoWorld();

type Finding = Record<'severity' | 'rule' | 'connector' | 'product', string>;

interface Listed {
  id: string;
  key?: string;
}

/** Every page of a list, one after the other. */
async function pages(args: readonly string[], size: number): Promise<string[]> {
  const ids: string[] = [];
  let after: string[] = [];
  for (let page = 0; page < 1_000; page++) {
    const { code, stdout, stderr } = await world.run(...args, '--format', 'ndjson', '--limit', String(size), ...after);
    if (code !== 0) throw new Error(stderr);
    ids.push(...stdout.split('\n').filter(Boolean).map(named));
    const [, next] = /go on with --after (\S+)/.exec(stderr) ?? [];
    if (next === undefined) return ids;
    after = ['--after', next];
  }
  throw new Error('The list has no end');
}

function named(line: string): string {
  const { id, key, connector, account, change, scan } = JSON.parse(line) as Record<string, string | number>;
  return [key ?? id, connector, account, change, scan].join(' ');
}

describe('a list', () => {
  test.each([
    [['findings']],
    [['findings', '--sort', 'risk']],
    [['findings', '--severity', 'high', '--as-of', '2']],
    [['integrations']],
    [['integrations', '--sort', 'name']],
    [['integrations', '--sort', 'product']],
    [['integrations', '--sort', 'holders']],
    [['integrations', '--as-of', '1', '--verdict', 'ai']],
    [['grants']],
    [['grants', '--sort', 'seen', '--verdict', 'ai']],
    [['grants', '--as-of', '2', '--kind', 'oauth_grant']],
    [['changes', '--since', '0']],
    [['changes', '--since', '1', '--about', 'finding']],
    [['identities', '--sort', 'name']],
  ])('%j read page by page is the whole list, once', async (args) => {
    const whole = await pages(args, 0);
    expect(whole.length).toBeGreaterThan(9);
    expect(new Set(whole).size).toBe(whole.length);
    expect(await pages(args, Math.floor(whole.length / 3))).toEqual(whole);
  });

  test('that begins after something that is not there is refused', async () => {
    for (const args of [
      ['integrations', '--after', 'i999999'],
      ['integrations', '--after', 'g1'],
      ['grants', '--after', 'nowhere'],
      ['findings', '--after', 'ffffffff'],
      ['findings', '--sort', 'risk', '--after', '0'],
      ['changes', '--after', '3:g1'],
      ['identities', '--after', 'github/1/1'],
    ]) {
      const { code, stdout, stderr } = await world.run(...args);
      expect([args, code, stdout]).toEqual([args, 2, '']);
      expect(stderr).toContain('the page before said');
    }
  });

  test('of integrations is chosen by filters that combine', async () => {
    const all = await world.json<Integration>('integrations', '--limit', '0');
    const chosen = await world.json<Integration>(
      'integrations',
      '--verdict',
      'ai',
      'suspected',
      '--connector',
      'github',
      '--data',
      'source_code',
      '--access',
      'write',
      '--limit',
      '0',
    );
    const reaches = ({ body }: Integration) =>
      body.reach.some(({ dataClass, access }) => dataClass === 'source_code' && access === 'write');
    const expected = all.filter((one) => ['ai', 'suspected'].includes(one.verdict) && one.connector === 'github' && reaches(one));
    expect(expected.length).toBeGreaterThan(3);
    expect(chosen).toEqual(expected);
    expect(await world.json('integrations', '--vendor', 'openai', '--limit', '0')).toEqual(
      all.filter(({ product }) => product?.startsWith('openai/')),
    );
    expect(all.every(({ state }) => state !== 'gone')).toBe(true);
    expect((await world.json('integrations', '--state', 'gone')).length).toBeGreaterThan(0);
  });

  test('of grants is chosen by filters that combine', async () => {
    const all = await world.json<Grant>('grants', '--limit', '0');
    const keys = await world.json<Grant>('grants', '--kind', 'api_key', '--never-expires', '--verdict', 'ai', '--limit', '0');
    expect(keys.length).toBeGreaterThan(0);
    expect(keys).toEqual(all.filter((one) => one.kind === 'api_key' && one.body.expiresAt === 'never' && one.verdict === 'ai'));
    const left = all.filter(({ body }) => body.principal?.standing === 'suspended');
    expect(left.length).toBeGreaterThan(0);
    expect(await world.json('grants', '--standing', 'suspended', '--limit', '0')).toEqual(left);
    const { holderId } = left[0]!;
    expect(await world.json('grants', '--holder', holderId!, '--limit', '0')).toEqual(all.filter((one) => one.holderId === holderId));
    const permission = 'https://www.googleapis.com/auth/drive.readonly';
    expect(await world.json('grants', '--permission', permission, '--connector', 'google-workspace', '--limit', '0')).toEqual(
      all.filter((one) => one.connector === 'google-workspace' && one.body.permissions.includes(permission)),
    );
  });

  test('of grants leaves out what logs tell of what inventories list, and says so of all where it is asked to; so does the view', async () => {
    for (const moment of [[], ['--as-of', '2']]) {
      const all = await world.json<Grant>('grants', '--events', '--limit', '0', ...moment);
      const whole = await world.json<Grant>('grants', '--events', '--state', 'present', 'unverified', 'gone', '--limit', '0', ...moment);
      const place = ({ connector, account, thing }: Grant) => `${connector} ${account} ${thing}`;
      const listed = new Set(whole.filter(({ mode }) => mode === 'inventory').map(place));
      const expected = all.filter((one) => one.mode === 'inventory' || !listed.has(place(one)));
      expect(expected.length).toBeLessThan(all.length);
      expect(expected.some(({ mode }) => mode === 'log')).toBe(true);
      expect(await world.json<Grant>('grants', '--limit', '0', ...moment)).toEqual(expected);
      if (moment.length > 0) continue;
      const rows = await world.json<{ grant_id: string }>('query', `SELECT grant_id FROM grants WHERE stands = 1 AND state <> 'gone'`);
      expect(rows.map((row) => row.grant_id).sort()).toEqual(expected.map(({ id }) => id).sort());
    }
  });

  test('of identities, findings and gaps takes the new filters', async () => {
    const identities = await world.json<{ account: string; standing: string; traits: string[] }>(
      'identities',
      '--standing',
      'suspended',
      '--limit',
      '0',
    );
    expect(identities.length).toBeGreaterThan(0);
    expect(identities.every(({ standing }) => standing === 'suspended')).toBe(true);
    const findings = await world.json<{ product: string; connector: string }>('findings', '--vendor', 'anthropic', '--connector', 'github');
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.every(({ product, connector }) => product.startsWith('anthropic/') && connector === 'github')).toBe(true);
    const { stdout } = await world.run('coverage', '--reason', 'permission_denied', '--format', 'csv');
    expect(
      stdout
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .every((line) => line.includes(',permission_denied,')),
    ).toBe(true);
    expect(stdout.split('\r\n').length).toBeGreaterThan(2);
  });

  test.each<[string[], string]>([
    [['grants', '--kind', 'oauthgrant'], 'Did you mean oauth_grant?'],
    [['grants', '--kind', 'identity'], 'Allowed choices are oauth_grant'],
    [['identities', '--standing', 'suspend'], 'Did you mean suspended?'],
    [['identities', '--trait', 'admin'], 'Allowed choices are interactive_login'],
    [['identities', '--class', 'ai,robot'], 'Allowed choices are human, machine, ai'],
    [['coverage', '--reason', 'permission_refused'], 'Did you mean permission_denied?'],
    [['integrations', '--data', 'source-code'], 'Did you mean source_code?'],
    [['findings', '--rule', 'unaproved-ai-tool'], 'Did you mean unapproved-ai-tool?'],
    [['findings', '--rule', 'denied-ai-tool', 'nonsense'], 'There is no rule nonsense'],
    [['findings', '--severity', 'high', 'critcal'], 'Did you mean critical?'],
    [['findings', '--severity', 'high,'], 'A word is missing.'],
    [['changes', '--kind', 'denied-ai-tol'], 'Did you mean denied-ai-tool?'],
    [['query', 'vendor-breach', '--param', 'vendor='], '--param vendor= has no value'],
  ])('%j asks for a word that there is not, and is refused with what there is', async (args, said) => {
    const { code, stdout, stderr } = await world.run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });

  test.each<[string[], string]>([
    [['findings', '--connector', 'gihub'], 'Nothing is stored of the connector gihub. Did you mean github?'],
    [['findings', '--product', 'nope/nope'], 'Nothing is stored of the product nope/nope.'],
    [['findings', '--vendor', 'opena1'], 'Nothing is stored of the vendor opena1. Did you mean openai?'],
    [['findings', '--account', 'x\u001b[31m'], 'Nothing is stored of the account x'],
    [['grants', '--vendor', 'opena1,anthropc'], 'Nothing is stored of the vendor anthropc. Did you mean anthropic?'],
    [['integrations', '--product', 'openai/chatgp'], 'Nothing is stored of the product openai/chatgp. Did you mean openai/chatgpt?'],
    [['identities', '--connector', 'asw'], 'Nothing is stored of the connector asw.'],
    [['changes', '--account', 'nowhere'], 'Nothing is stored of the account nowhere.'],
    [['coverage', '--source', 'nosuch', '--format', 'csv'], 'Nothing is stored of the source nosuch.'],
    [['query', 'vendor-breach', '--param', 'vendor=opena1'], 'Nothing is stored of the vendor opena1. Did you mean openai?'],
  ])('%j asks for an id that nothing is stored of, and says so beside its empty answer', async (args, said) => {
    const { code, stderr } = await world.run('--quiet', ...args);
    expect(code).toBe(0);
    expect(stderr).toContain(said);
    expect(actsOnTerminal(stderr)).toEqual([]);
  });

  test('that is empty for an id of which something is stored says nothing of it', async () => {
    const asked = ['findings', '--connector', 'github', '--rule', 'unapproved-ai-tool', '--state', 'excepted', '--app', 'nowhere'];
    expect(await world.run('--quiet', ...asked, '--format', 'json')).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
  });

  test('is asked for several words at once, with spaces or commas between them', async () => {
    const all = ['--limit', '0'];
    const findings = await world.json<Finding>('findings', ...all);
    const of = (key: keyof Finding, ...words: string[]) => findings.filter((one) => words.includes(one[key]));
    const severe = of('severity', 'high', 'critical');
    expect([of('severity', 'high').length, of('severity', 'critical').length].every((count) => count > 0)).toBe(true);
    for (const words of [['high', 'critical'], ['high,critical'], ['critical', '--severity', 'high']])
      expect(await world.json('findings', '--severity', ...words, ...all)).toEqual(severe);
    expect(await world.json('findings', '--severity=high,critical', ...all)).toEqual(severe);
    expect(await world.json('findings', '--rule', 'unapproved-ai-tool,denied-ai-tool', ...all)).toEqual(
      of('rule', 'unapproved-ai-tool', 'denied-ai-tool'),
    );
    expect(await world.json('findings', '--connector', 'aws', 'github', ...all)).toEqual(of('connector', 'aws', 'github'));
    const vendors = findings.filter(({ product }) => /^(openai|anthropic)\//.test(product ?? ''));
    expect(await world.json('findings', '--vendor', 'openai', 'anthropic', ...all)).toEqual(vendors);
    expect(await world.json('findings', '--vendor', 'openai', 'anthropic', '--sort', 'rank', '--per-rule', '999', ...all)).toEqual(vendors);
    for (const [list, limit] of [
      ['integrations', '0'],
      ['grants', '0'],
      ['identities', '0'],
    ] as const) {
      const whole = await world.json<Finding>(list, '--limit', limit);
      const some = whole.filter(({ connector }) => connector !== 'github');
      expect(some.length).toBeGreaterThan(0);
      expect(await world.json(list, '--connector', 'aws,google-workspace', '--limit', limit)).toEqual(some);
      if (list === 'identities') continue;
      expect(await world.json(list, '--vendor', 'openai', 'anthropic', '--limit', limit)).toEqual(
        whole.filter(({ product }) => /^(openai|anthropic)\//.test(product ?? '')),
      );
    }
  });

  test('of findings as the present files judge them takes several words, too', async () => {
    const again = ['findings', '--judge-with', 'current', '--limit', '0'];
    const all = await world.json<Finding>(...again);
    const some = all.filter(
      (one) => ['high', 'critical'].includes(one.severity) && one.connector !== 'github' && /^(openai|google)\//.test(one.product),
    );
    expect(some.length).toBeGreaterThan(0);
    const asked = ['--severity', 'high,critical', '--connector', 'aws', 'google-workspace', '--vendor', 'openai', 'google'];
    expect(await world.json(...again, ...asked)).toEqual(some);
  });

  test('of findings that is cut says how many there are, and counts what is new among those that it shows', async () => {
    for (const filters of [
      [],
      ['--severity', 'high,critical'],
      ['--connector', 'github', '--as-of', '2'],
      ['--sort', 'risk'],
      ['--per-rule', '2'],
    ]) {
      const args = ['findings', ...filters];
      const all = await world.json<Finding & { firstScan: number; id: string }>(...args, '--limit', '0');
      const scan = filters.includes('--as-of') ? 2 : 3;
      const told = (rows: typeof all) => `${rows.filter(({ firstScan }) => firstScan === scan).length} new in the scan of`;
      expect((await world.run(...args, '--limit', '0')).stderr).toContain(`${all.length} findings, ${told(all)}`);
      const first = await world.run(...args, '--limit', '3');
      expect(first.stderr).toContain(`3 of ${all.length} findings shown; of these ${told(all.slice(0, 3))}`);
      const rest = await world.run(...args, '--limit', '0', '--after', all[2]!.id);
      expect(rest.stderr).toContain(`${all.length - 3} of ${all.length} findings shown; of these ${told(all.slice(3))}`);
    }
  });

  test('as of a scan shows what stood then: what came since is not in it', async () => {
    const [then, now] = [
      await world.json<Grant>('grants', '--as-of', '1', '--limit', '0'),
      await world.json<Grant>('grants', '--limit', '0'),
    ];
    expect(then.every(({ firstScan }) => firstScan === 1)).toBe(true);
    expect(now.some(({ firstScan }) => firstScan > 1)).toBe(true);
    // What was taken away since was there then.
    const there = new Set(now.map(({ id }) => id));
    expect(then.some(({ id }) => !there.has(id))).toBe(true);
  });

  interface Integration extends Listed {
    connector: string;
    verdict: string;
    state: string;
    product: string | null;
    body: { reach: { dataClass: string; access: string }[] };
  }
  interface Grant extends Listed {
    kind: string;
    mode: 'inventory' | 'log';
    connector: string;
    account: string;
    thing: string;
    verdict: string | null;
    holderId: string | null;
    firstScan: number;
    body: { expiresAt?: unknown; principal?: { standing?: string }; permissions: string[] };
  }
});

describe('what happened', () => {
  test('is not told of scans whose history was pruned', async () => {
    const path = join(newFolder(), 'pruned.db');
    copyFileSync(world.database, path);
    const config = join(newFolder(), 'config.json');
    const own = JSON.parse(readFileSync(join(world.folder, 'config.json'), 'utf8')) as object;
    writeFileSync(config, JSON.stringify({ ...own, database: path }));
    const database = openDatabase(path);
    database.exec(`UPDATE scan SET pruned_at = '2026-05-06T00:00:00.000Z' WHERE id = 1`);
    database.close();
    const changes = (...args: string[]) => noctule(['changes', '--config', config, ...args]);
    for (const args of [
      ['--since', '0'],
      ['--until', '1'],
      ['--since', '2001-01-01'],
    ]) {
      const { code, stdout, stderr } = await changes(...args);
      expect([args, code, stdout]).toEqual([args, 2, '']);
      expect(stderr).toContain('The history of scan 1 was pruned on 2026-05-06');
    }
    expect((await changes('--since', '1')).code).toBe(0);
  });

  test('is by default what the last scan brought, and since a day what came after it', async () => {
    const last = await world.json<Change>('changes', '--limit', '0');
    expect(new Set(last.map(({ scan }) => scan))).toEqual(new Set([3]));
    const all = await world.json<Change>('changes', '--since', '2001-01-01', '--limit', '0');
    expect(all.slice(0, last.length)).toEqual(last);
    expect(all.filter(({ about, change, scan }) => about === 'fact' && change === 'appeared' && scan === 1)).toEqual([]);
    expect(all.some(({ change }) => change === 'newly_seen')).toBe(true);
    expect(await world.json('changes', '--since', '1', '--until', '2', '--limit', '0')).toEqual(all.filter(({ scan }) => scan === 2));
    expect(await world.json('changes', '--since', '0', '--change', 'gone', 'returned', '--limit', '0')).toEqual(
      all.filter(({ change }) => change === 'gone' || change === 'returned'),
    );
  });

  test('is the same as the documented view tells', async () => {
    const rows = await world.json<Change>('changes', '--since', '0', '--limit', '0');
    const asked = await world.json<Change>('query', 'SELECT scan, about, change, id, kind FROM changes');
    const key = ({ scan, about, change, id, kind }: Change) => [scan, about, change, id, kind].join(' ');
    expect(rows.map(key).sort()).toEqual(asked.map(key).sort());
  });

  interface Change extends Listed {
    scan: number;
    about: string;
    change: string;
    kind: string;
  }
});

describe('an id of a list', () => {
  test('of an integration can be pasted into show, which explains the app', async () => {
    const [{ id, name }] = (await world.json<Listed & { name: string }>(
      'integrations',
      '--product',
      'openai/chatgpt',
      '--sort',
      'holders',
    )) as [never];
    const { code, stdout } = await world.run('show', id);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^APP {2}/);
    for (const part of [id, name, 'openai/chatgpt', 'Findings (', 'What it rests on (']) expect(stdout).toContain(part);
    const json = JSON.parse((await world.run('show', id, '--format', 'json')).stdout) as {
      integration: Listed;
      grants: unknown[];
      grantCount: number;
    };
    expect(json.integration.id).toBe(id);
    expect(json.grantCount).toBeGreaterThanOrEqual(json.grants.length);
  });

  test('of a grant can be pasted, and so can every one that changes print, which says what it is', async () => {
    const [{ id }] = (await world.json<Listed>('grants', '--verdict', 'ai', '--kind', 'oauth_grant')) as [never];
    const { stdout } = await world.run('show', id);
    expect(stdout).toMatch(/^OAUTH GRANT {2}/);
    expect(stdout).toContain('\nAPP  ');
    const kinds = Map.groupBy(
      await world.json<Listed & { kind: string; app: string }>('changes', '--since', '0', '--limit', '0'),
      ({ kind }) => kind,
    );
    expect([...kinds.keys()]).toEqual(expect.arrayContaining(['identity', 'control', 'unapproved-ai-tool']));
    for (const [kind, [first]] of kinds) {
      const shown = await world.run('show', first!.id);
      expect([kind, shown.code, actsOnTerminal(shown.stdout)]).toEqual([kind, 0, []]);
    }
    const setting = kinds.get('control')!.find(({ app }) => app.startsWith('control/'));
    expect((await world.run('show', setting!.id)).stdout).toContain('it lists who or what there is');
  });

  test('that is of nothing is refused as any other', async () => {
    for (const id of ['i999999', 'g999999']) expect((await world.run('show', id)).code).toBe(2);
  });
});

describe('an export', () => {
  const file = (name: string) => join(world.folder, name);

  test('is written whole, for its owner alone, and says whom it names', async () => {
    const { code, stdout, stderr } = await world.run('grants', '--format', 'csv', '--limit', '0', '--output', file('grants.csv'));
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toBe(`Written: ${file('grants.csv')}. Names of persons in it: holders, with standing, times and last use.\n`);
    expect(statSync(file('grants.csv')).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
    expect(readFileSync(file('grants.csv'), 'utf8')).toBe((await world.run('grants', '--format', 'csv', '--limit', '0')).stdout);
  });

  test('follows no link, and leaves what was there where it fails', async () => {
    writeFileSync(file('precious'), 'mine');
    symlinkSync(file('precious'), file('link.csv'));
    expect((await world.run('findings', '--format', 'csv', '-o', file('link.csv'))).code).toBe(0);
    expect(readFileSync(file('precious'), 'utf8')).toBe('mine');
    expect(readFileSync(file('link.csv'), 'utf8')).toMatch(/^id,severity/);
    writeFileSync(file('kept.json'), 'before');
    const twice = await world.run('query', 'SELECT 1 AS a, 2 AS a', '--format', 'json', '-o', file('kept.json'));
    expect(twice.code).toBe(2);
    expect(readFileSync(file('kept.json'), 'utf8')).toBe('before');
    const nowhere = await world.run('findings', '--format', 'csv', '-o', join(world.folder, 'no', 'x.csv'));
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining('cannot be written (ENOENT)')]);
    expect(existsSync(`${file('kept.json')}.part`)).toBe(false);
  });

  test('of findings is valid SARIF and OCSF, of integrations a valid CycloneDX, by their schemas', async () => {
    const { stdout } = await world.run('findings', '--format', 'json', '--limit', '0');
    const findings = JSON.parse(stdout) as Listed[];
    const [isSarif, isEvent, isBom] = [sarifSchema(), ocsfSchema(), cyclonedxSchema()];
    const log = JSON.parse((await world.run('findings', '--format', 'sarif', '--limit', '0')).stdout) as { runs: { results: unknown[] }[] };
    expect([isSarif(log), isSarif.errors, log.runs[0]!.results.length]).toEqual([true, null, findings.length]);
    const events = (await world.run('findings', '--format', 'ocsf', '--limit', '0')).stdout.trimEnd().split('\n');
    expect(events.length).toBe(findings.length);
    for (const line of events) expect([isEvent(JSON.parse(line)), isEvent.errors]).toEqual([true, null]);
    const bom = JSON.parse((await world.run('integrations', '--format', 'cyclonedx', '--limit', '0')).stdout) as {
      services: { name: string }[];
    };
    expect([isBom(bom), isBom.errors]).toEqual([true, null]);
    const ai = await world.json('integrations', '--verdict', 'ai', 'ai_feature', 'suspected', '--limit', '0');
    expect(bom.services.length).toBe(ai.length);
  });

  test.each([
    ['findings', ['--limit', '0']],
    ['integrations', ['--limit', '0']],
    ['grants', ['--limit', '0']],
    ['changes', ['--since', '0', '--limit', '0']],
    ['identities', ['--limit', '0']],
    ['coverage', []],
    ['query', ['unapproved-by-vendor']],
    ['query', ["SELECT 1 AS number, NULL AS none, 'x' AS text UNION ALL SELECT 2, 3, 4"]],
  ])('of %s %j as Parquet holds the rows and titles of its CSV', async (command, args) => {
    const path = file('list.parquet');
    expect((await world.run(command, ...args, '--format', 'parquet', '-o', path)).code).toBe(0);
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
    const csv = (await world.run(command, ...args, '--format', 'csv')).stdout.trimEnd().split('\r\n');
    expect([rows.length, Object.keys(rows[0]!).join(',')]).toEqual([csv.length - 1, csv[0]]);
  });

  test('in a form whose readers compare one file with the next is whole, unless a limit is given', async () => {
    const path = join(newFolder(), 'many.db');
    copyFileSync(world.database, path);
    const many = openDatabase(path);
    const columns = (table: string) => many.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[];
    for (const [table, key] of [
      ['finding', 'key'],
      ['integration', 'id'],
    ] as const) {
      const copied = columns(table)
        .filter((name) => name !== key && name !== 'app_id')
        .join(', ');
      const id = key === 'key' ? `printf('%032x', n.value)` : '1000000 + n.value';
      many.exec(`WITH RECURSIVE n(value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM n WHERE value < 250) INSERT INTO ${table} (${key}, app_id, ${copied}) SELECT ${id}, 'copy ' || n.value, ${copied}
        FROM (SELECT * FROM ${table} WHERE ${table === 'finding' ? "state = 'open'" : "state = 'present' AND verdict = 'ai'"} LIMIT 1) CROSS JOIN n`);
    }
    many.close();
    const count = async (...args: string[]) => {
      const { stdout, stderr } = await noctule([...args, '--db', path]);
      return [args.includes('ocsf') ? stdout.trimEnd().split('\n').length : sizeOf(JSON.parse(stdout)), stderr.includes('There are more')];
    };
    const sizeOf = (file: { runs?: { results: unknown[] }[]; services?: unknown[] } & unknown[]) =>
      (file.runs?.[0]!.results ?? file.services ?? file).length;
    for (const [list, form] of [
      ['findings', 'sarif'],
      ['findings', 'ocsf'],
      ['integrations', 'cyclonedx'],
    ] as const) {
      const ai = list === 'integrations' ? ['--verdict', 'ai', 'ai_feature', 'suspected'] : [];
      const [all] = await count(list, ...ai, '--format', 'json', '--limit', '0');
      expect(all).toBeGreaterThan(250);
      expect([form, await count(list, '--format', form)]).toEqual([form, [all, false]]);
      expect([form, await count(list, '--format', form, '--limit', '7')]).toEqual([form, [7, true]]);
      expect([list, await count(list, '--format', 'json')]).toEqual([list, [200, true]]);
    }
  });

  test('as Parquet goes into a file alone', async () => {
    const { code, stdout, stderr } = await world.run('grants', '--format', 'parquet');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--output grants.parquet');
  });

  test('as Markdown says above its table whom it names', async () => {
    for (const [command, ...args] of [
      ['findings'],
      ['grants'],
      ['integrations'],
      ['identities'],
      ['changes'],
      ['query', 'missing-permissions'],
    ])
      expect((await world.run(command!, ...args, '--format', 'markdown')).stdout).toMatch(/^Names of persons: \w+.*\n\n\| `/);
  });
});

describe('a question that ships', () => {
  test('is listed, and answered by its name with values', async () => {
    const { stdout } = await world.run('query', '--list');
    for (const part of ['vendor-breach', 'vendor=…', '[days=365]']) expect(stdout).toContain(part);
    const rows = await world.json<{ product: string }>('query', 'vendor-breach', '--param', 'vendor=openai');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ product }) => product.startsWith('openai/'))).toBe(true);
    expect(
      (await world.run('query', 'vendor-breach', '--param', 'vendor=openai', 'tenant=other', '--format', 'csv')).stdout.split('\r\n')
        .length,
    ).toBe(2);
  });

  test.each([
    [[], 'No question was asked'],
    [['nobody-asks-this'], 'There is no question nobody-asks-this'],
    [['vendor-breach'], 'vendor-breach asks for vendor'],
    [['old-keys', '--param', 'days=soon'], 'days is a whole number'],
    [['old-keys', '--param', 'age=3'], 'old-keys has no parameter age'],
    [['old-keys', '--seconds', '3'], '--seconds belongs to SQL'],
    [['SELECT 1', '--param', 'days=3'], '--param belongs to a question that ships'],
  ])('%j is refused with what to do', async (args, message) => {
    const { code, stdout, stderr } = await world.run('query', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
