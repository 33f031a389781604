import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fake } from '../../connectors/google-workspace/fake/index.ts';
import { dawn, runNight, smallCompany, sourceOf } from '../scan/night.ts';
import { temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { actsOnTerminal, newFolder, noctule, writeConfig } from './run.ts';

/** Published as the indicator of a breach; from the second night on it calls itself otherwise. */
const BREACHED = '110671459871-30f1spbu0hptbs60cb4vsmv79i7bbvqj.apps.googleusercontent.com';

interface Answer {
  summary: { state: string; names: string[]; holders: string[]; things: object; firstSeen: string; lastSeen: string };
  traces: { state: string; app: string; namedBy: string; firstSeen: string; lastSeen: string; holder: { name: string } }[];
  lookedFor: string[];
  namedLike: { app: string; name: string; product: string }[];
  unseen: { gaps: object[]; sources: object[]; leftOut: object[]; byDesign: number };
}

describe('an indicator of compromise', () => {
  const database = temporaryFolder()();
  const company = smallCompany();
  const run = (...args: string[]) => noctule([...args, '--db', database]);
  const scans: string[] = [];
  const asked = async (...args: string[]) => JSON.parse((await run('ioc', ...args, '--format', 'json')).stdout) as Answer;

  beforeAll(async () => {
    const provider = await fake.start(company);
    const sources = [await sourceOf({ name: 'workspace', config: provider.config })];
    const user = provider.expected().filter(({ kind }) => kind === 'identity')[2]!.ids[0]!;
    for (const night of [0, 1, 2]) {
      provider.night(night);
      if (night === 2) provider.faults.add({ operation: 'directory.tokens.list', fault: 403, where: user });
      await runNight(database, { sources, environment: provider.environment, from: dawn(company, night) });
    }
    await provider.close();
    scans.push(...rowsOf<{ at: string }>(database, 'SELECT started_at AS at FROM scan ORDER BY id').map(({ at }) => at));
  });

  test('is found by its id under every name, and is unverified where it could not be read tonight', async () => {
    const { code, stdout, stderr } = await run('ioc', BREACHED);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('State        unverified (0 live, 1 unverified, 0 gone)');
    expect(stdout).toContain('Known as     Context.ai, Workspace Office Suite\n');
    expect(stdout).toContain('gmail.readonly');
    expect(stdout).toMatch(/What could not be seen\n {2}workspace was partly read\n {2}workspace grants: permission_denied, tonight/);
    const answer = await asked(BREACHED);
    expect(answer.summary).toMatchObject({ firstSeen: scans[0], lastSeen: scans[1] });
    expect(answer.unseen.gaps).toHaveLength(1);
  });

  test('was live as of the night before, and called itself otherwise on the first', async () => {
    expect((await asked(BREACHED, '--as-of', '2')).summary).toMatchObject({ state: 'live', lastSeen: scans[1] });
    expect((await asked(BREACHED, '--as-of', '1')).summary).toMatchObject({ state: 'live', names: ['Context.ai'], lastSeen: scans[0] });
  });

  test('that was given, taken back and given again is live, and was gone in between', async () => {
    const client = (await asked('perplexity.ai')).namedLike[0]!.app;
    const states = async (...at: string[]) =>
      (await asked(client, ...at)).traces
        .filter(({ holder }) => holder.name === company.person(9).email)
        .map(({ state, lastSeen }) => [state, lastSeen]);
    expect(await states()).toEqual([['live', scans[2]]]);
    expect(await states('--as-of', '2')).toEqual([['gone', scans[0]]]);
    expect(await states('--as-of', '1')).toEqual([['live', scans[0]]]);
  });

  test('is found by a domain of its vendor, which the catalog knows', async () => {
    const { traces } = await asked('context.ai');
    expect(traces.map(({ app, namedBy }) => [app, namedBy])).toEqual([[BREACHED, 'domain of context-ai/context-ai']]);
  });

  test('by which only a name is tied to the product leads to nothing, and the app is told apart', async () => {
    const answer = await asked('perplexity.ai');
    expect([answer.summary.state, answer.traces]).toEqual(['not seen', []]);
    expect(answer.namedLike).toEqual([expect.objectContaining({ name: 'Perplexity', product: 'perplexity/perplexity' })]);
    const { stdout } = await run('ioc', 'perplexity.ai');
    expect(stdout).toContain('Not seen in anything');
    expect(stdout).toMatch(
      /Named like perplexity\/perplexity, and not counted: ask for each by its id\n {2}Perplexity {2}\S+ {2}google-workspace /,
    );
    expect((await run('ioc', 'perplexity.ai', '--format', 'csv')).stderr).toContain('1 apps are only named like it, and not counted.');
  });

  test('is found as it was published, and says what it looked for', async () => {
    const { stdout } = await run('ioc', 'hxxps://context[.]ai/login?x=1');
    expect(stdout).toContain('Indicator    hxxps://context[.]ai/login?x=1\nLooked for   https://context.ai/login?x=1, or context.ai\n');
    expect((await asked('hxxps://context[.]ai/login?x=1')).traces.map(({ app }) => app)).toEqual([BREACHED]);
    expect((await asked('Context[.]ai.')).lookedFor).toEqual(['context.ai']);
  });

  test('that is the domain of a provider’s ids is no app of it', async () => {
    expect((await asked('googleusercontent.com')).traces).toEqual([]);
  });

  test('is found by a domain that the organisation’s own catalog knows', async () => {
    const folder = newFolder();
    const config = writeConfig(folder, {}, { database });
    const of = async () =>
      JSON.parse((await noctule(['ioc', 'own-vendor.example', '--config', config, '--format', 'json'])).stdout) as Answer;
    expect((await of()).traces).toEqual([]);
    const claim = { type: 'domain', value: 'own-vendor.example', product: 'context-ai/context-ai' };
    writeFileSync(join(folder, 'catalog.local.json'), JSON.stringify({ formatVersion: 1, claims: [claim] }), { mode: 0o600 });
    expect((await of()).traces.map(({ app, namedBy }) => [app, namedBy])).toEqual([[BREACHED, 'domain of context-ai/context-ai']]);
  });

  test('that nobody has seen is no comfort where something was not read', async () => {
    const { code, stdout } = await run('ioc', 'never-seen-here');
    expect(code).toBe(0);
    expect(stdout).toContain('Not seen in anything that was read until ');
    expect(stdout).toContain('workspace was partly read');
    expect(stdout).not.toMatch(/clean/i);
    for (const format of ['json', 'ndjson', 'csv']) {
      const { stderr } = await run('ioc', 'never-seen-here', '--format', format);
      expect(stderr).toContain('The answer is "not seen" as far as was read: 1 places could not be read, and 0 collectors were left out.');
    }
    // Where all was read that was asked for, what is not asked for still stands there.
    const before = await run('ioc', 'never-seen-here', '--as-of', '1');
    expect(before.stdout).toContain('The last reading left nothing open that was asked for.');
    expect(before.stdout).toContain('By design:');
  });

  test('is told as lines and cells, and a list that ends early says so', async () => {
    const [lines, csv, short] = await Promise.all([
      run('ioc', BREACHED, '--format', 'ndjson'),
      run('ioc', BREACHED, '--format', 'csv'),
      run('ioc', (await asked('slack.com')).namedLike[0]!.app, '--limit', '1'),
    ]);
    expect(
      lines.stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { app: string }).app),
    ).toEqual([BREACHED]);
    expect(csv.stdout).toMatch(
      /^state,kind,app,holder,standing,last seen,named by,where,permissions,granted,first seen,last used,bytes\r\nunverified,/,
    );
    expect(short.stderr).toContain('There are more than these 1: ask for them with --limit.');
  });

  test('is quoted without acting on a terminal, and reaches no SQL', async () => {
    for (const hostile of ['\u001b[2J\u0007x', `'; DROP TABLE finding; --`, '%', '"}', '___', '\\"']) {
      const { code, stdout, stderr } = await run('ioc', hostile);
      expect([code, code === 0 ? stdout : stderr], hostile).toEqual([
        hostile.length < 3 ? 2 : 0,
        expect.stringContaining(hostile.length < 3 ? 'at least three characters' : 'Not seen in anything'),
      ]);
      expect(actsOnTerminal(stdout + stderr)).toEqual([]);
    }
  });

  test('before the first scan is refused: an empty answer would say that nothing was found', async () => {
    const { code } = await noctule(['ioc', BREACHED, '--db', '/nowhere/noctule.db']);
    expect(code).toBe(5);
  });
});
