import { execFile } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fake, type GoogleFake } from '../../../connectors/google-workspace/fake/index.ts';
import { dawn, runNight, smallCompany, sourceOf } from '../../scan/night.ts';
import { temporaryFolder } from '../../store/facts.ts';
import { rowsOf } from '../../store/logical-dump.ts';

/** The client id that was published as the indicator of a breach. It calls itself otherwise since. */
const BREACHED = '110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com';
const file = temporaryFolder();
const company = smallCompany();
let google: GoogleFake;
let database: string;
let config: string;

beforeAll(async () => {
  google = await fake.start(company);
  const source = await sourceOf({ name: 'google', config: google.config });
  const everything = Object.fromEntries(source.connector.collectors.map(({ id }) => [id, true]));
  database = file();
  google.night(1);
  const night = { environment: google.environment, from: dawn(company, 1), largestPage: 500 };
  await runNight(database, { sources: [{ ...source, collectors: everything }], ...night });
  config = join(database, '..', 'found.json');
  writeFileSync(config, JSON.stringify({ formatVersion: 1, database, sources: { google: google.config } }));
  chmodSync(config, 0o600);
});
afterAll(() => google.close());

describe('with the catalog as it is shipped', () => {
  it('one command finds a breached client by its id: users, scopes, first grant, last use and bytes', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['bin/noctule.cjs', 'show', BREACHED, '-c', config]);
    expect(stdout).toContain('Workspace Office Suite');
    expect(stdout).toContain(company.person(2).email);
    expect(stdout).toMatch(/It can .*Drive/);
    expect(stdout).toMatch(/mail/);
    expect(stdout).toMatch(/granted \d{4}-\d\d-\d\d/);
    expect(stdout).toMatch(/last used \d{4}-\d\d-\d\d/);
    expect(stdout).toContain('took 9007199254745091 bytes');
  });

  it('the command for indicators tells the same of it, and that it is live', async () => {
    const asked = await promisify(execFile)(process.execPath, ['bin/noctule.cjs', 'ioc', BREACHED, '--format', 'json', '-c', config]);
    const { summary, traces } = JSON.parse(asked.stdout) as { summary: object; traces: object[] };
    expect(traces).toHaveLength(1);
    expect(summary).toMatchObject({
      state: 'live',
      // The log still tells what it called itself when it was let in.
      names: ['Context.ai', 'Workspace Office Suite'],
      products: ['context-ai/context-ai'],
      holders: [company.person(2).email],
      administrators: [],
      firstGrant: { at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string, from: 'log' },
      lastUsed: { from: 'log' },
      bytes: '9007199254745091',
    });
    expect(summary).toHaveProperty('permissions', expect.arrayContaining([expect.stringContaining('gmail.readonly')]));
  });

  it('one command tells which administrator let a tool in, what else was decided, and who asked for it', async () => {
    const administrator = company.person(0).email;
    const shown = async (name: string, rule: string) => {
      const [found] = rowsOf<{ key: string }>(
        database,
        `SELECT f.key FROM finding f JOIN integration i ON i.app_id = f.app_id WHERE f.rule = '${rule}' AND i.name LIKE '${name}'`,
      );
      const { stdout } = await promisify(execFile)(process.execPath, ['bin/noctule.cjs', 'show', found!.key, '-c', config]);
      return stdout;
    };
    const delegation = await shown('1%', 'delegation-to-outside');
    expect(delegation).toMatch(new RegExp(`^Decided     authorised by ${administrator} on \\d{4}-\\d\\d-\\d\\d$`, 'm'));
    const app = await shown('Otter.ai', 'leaver-holds-grant');
    const decided = new RegExp(`^(?:Decided)? +(.+) by ${administrator} on \\d{4}-\\d\\d-\\d\\d$`, 'gm');
    expect([...app.matchAll(decided)].map(([, what]) => what)).toEqual(['blocked for /', 'limited for /Sales']);
    for (const event of ['deny', 'request']) expect(app).toContain(`control  ${company.person(10).email}, ${event}  [token_log]`);
  });

  it('a key that never expires is a finding where it can call AI, and nowhere else', () => {
    const found = rowsOf<{ name: string }>(
      database,
      `SELECT i.name FROM finding f JOIN integration i ON i.app_id = f.app_id WHERE f.rule = 'never-expiring-ai-key' ORDER BY i.name`,
    );
    // Two collectors list them, and they are the same. Of four keys, one is limited to maps, and one stands in a project without AI.
    expect(found.map(({ name }) => name)).toEqual(['API key 1', 'Gemini prototype']);
  });
});
