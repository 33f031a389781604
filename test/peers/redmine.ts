import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { z } from 'zod';

/** A running Redmine with a database of its own: a tracker that others wrote, in another language. */
export interface Redmine {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Key of an account that may see, open and edit issues in `security` and `elsewhere`. */
  key: string;
  /** An issue in `security` whose status nobody may change. */
  stuck: string;
  /** An issue in a project that the account is no member of. */
  foreign: string;
  /** How texts are read from now on. */
  setFormatting(formatting: 'textile' | 'common_mark' | 'markdown'): void;
  /** To whom mails went so far. */
  mailed(): string[];
  close(): Promise<void>;
}

const PACKAGE = '/usr/share/redmine';
/** It takes ten seconds on a machine that does nothing else. */
const PATIENCE_MS = 300_000;
const started = z.object({ port: z.int(), key: z.string(), stuck: z.int(), foreign: z.int() });

/** Version of Debian's Redmine with all that it needs to run here; undefined = there is none. */
export function installedRedmine(): string | undefined {
  const file = join(PACKAGE, 'lib/redmine/version.rb');
  if (!existsSync(file)) return undefined;
  const probe = spawnSync('ruby', ['-e', 'require "webrick"; require "sqlite3"; require "bundler"']);
  if (probe.status !== 0) return undefined;
  const parts = [...readFileSync(file, 'utf8').matchAll(/^ *(?:MAJOR|MINOR|TINY) *= *(\d+)/gm)];
  return parts.map(([, number]) => number).join('.');
}

/**
 * Starts one in a folder of its own. Debian's files are copied, since they lead to the configuration, the logs and the database of
 * the machine's own Redmine, which is left alone.
 */
export async function startRedmine(): Promise<Redmine> {
  const folder = mkdtempSync(join(tmpdir(), 'noctule-redmine-'));
  const instance = join(folder, 'instances/peer');
  const database = join(instance, 'redmine.db');
  prepare(folder, instance, database);
  const child = spawn('ruby', [resolve('test/peers/redmine.rb')], {
    cwd: folder,
    env: {
      ...process.env,
      RAILS_ENV: 'production',
      REDMINE_INSTANCE: 'peer',
      BUNDLE_GEMFILE: join(folder, 'Gemfile'),
      TZ: 'UTC',
      RUBYOPT: '-W0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  async function close(): Promise<void> {
    process.off('exit', end);
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      end();
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    const { port, key, stuck, foreign } = await told(child);
    return {
      url: `http://127.0.0.1:${port}`,
      key,
      stuck: String(stuck),
      foreign: String(foreign),
      setFormatting(formatting) {
        const settings = new Database(database);
        settings.prepare("DELETE FROM settings WHERE name = 'text_formatting'").run();
        // It reads its settings again when the latest of them is younger than what it knows.
        const later = new Date(Date.now() + 2_000).toISOString().slice(0, 19).replace('T', ' ');
        settings.prepare('INSERT INTO settings (name, value, updated_on) VALUES (?, ?, ?)').run('text_formatting', formatting, later);
        settings.close();
      },
      mailed: () => (existsSync(join(folder, 'mails')) ? readdirSync(join(folder, 'mails')) : []),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function prepare(folder: string, instance: string, database: string): void {
  cpSync(PACKAGE, folder, { recursive: true, filter: (path) => !LEADS_ELSEWHERE.includes(path) });
  for (const part of ['config', 'log', 'files', 'tmp/cache']) mkdirSync(join(instance, part), { recursive: true });
  // What to load is told by the adapters of all configurations below this folder.
  const gems = readFileSync(join(PACKAGE, 'Gemfile'), 'utf8').replaceAll(`${PACKAGE}/`, `${folder}/`);
  writeFileSync(join(folder, 'Gemfile'), gems);
  writeFileSync(join(folder, 'Gemfile.local'), "gem 'webrick'\n");
  writeFileSync(
    join(instance, 'config/database.yml'),
    JSON.stringify({ production: { adapter: 'sqlite3', database, encoding: 'utf8', timeout: 5000 } }),
  );
  writeFileSync(join(instance, 'config/secret_key.txt'), 'a'.repeat(64));
  // A file for each who is written to, in place of a mail.
  writeFileSync(
    join(folder, 'config/additional_environment.rb'),
    `config.action_mailer.perform_deliveries = true
config.action_mailer.delivery_method = :file
config.action_mailer.file_settings = { location: ${JSON.stringify(join(folder, 'mails'))} }
config.active_job.queue_adapter = :inline
`,
  );
}

/** Links to what belongs to the machine's own Redmine. */
const LEADS_ELSEWHERE = ['instances', 'Gemfile.lock', 'config/database.yml'].map((path) => join(PACKAGE, path));

async function told(child: ReturnType<typeof spawn>): Promise<z.output<typeof started>> {
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    if (complaints.length < 10_000) complaints += chunk.toString('utf8');
  });
  return new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error(`Redmine is not up after ${PATIENCE_MS} ms: ${complaints}`)), PATIENCE_MS);
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      clearTimeout(late);
      done(started.parse(JSON.parse(line)));
    });
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`Redmine ended with ${code}: ${complaints}`)));
  });
}
