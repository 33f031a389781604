import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { complaint, place, put, WORKSPACE } from './place.ts';

const SCHEDULE = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' };
const HOOK = { kind: 'webhook', url: 'https://hooks.example.com/x', secret: { env: 'HOOK_SECRET' } };
const MAIL = { kind: 'email', server: 'smtp.example.com', from: 'noctule@corp.example', to: ['it@corp.example'] };

async function loaded(more: object, sources: object = { workspace: WORKSPACE }) {
  const folder = place();
  return { folder, config: await loadConfig(put(folder, 'config.json', { formatVersion: 1, sources, ...more })) };
}

const wrong = (more: object, sources?: object) => complaint(() => loaded(more, sources));

describe('the configuration of nights', () => {
  test('is complete by a cron expression alone, and its paths are relative to it', async () => {
    const { folder, config } = await loaded({ schedule: { cron: '30 2 * * *' } });
    expect(config.schedule).toEqual({
      cron: '30 2 * * *',
      timeZone: 'UTC',
      jitterMinutes: 0,
      catchUp: true,
      mostHours: 23,
      tickets: false,
      health: join(folder, 'noctule-health.json'),
      summary: join(folder, 'noctule-summary.json'),
      failOn: [],
    });
    expect([config.retention, config.notify]).toEqual([undefined, {}]);
  });

  test('is no part of what two scans must have in common: another time of night goes on with the same scan', async () => {
    const [one, other] = [await loaded({ schedule: SCHEDULE }), await loaded({ retention: { keepDays: 40 }, notify: { hook: HOOK } })];
    expect(one.config.text).toBe(other.config.text);
  });

  test.each([
    [{ schedule: { ...SCHEDULE, cron: '99 2 * * *' } }, 'schedule.cron'],
    [{ schedule: { ...SCHEDULE, cron: '30 2 * * * *' } }, 'schedule.cron'],
    [{ schedule: { ...SCHEDULE, timeZone: 'Mars/Olympus' } }, 'schedule.timeZone'],
    [{ schedule: { ...SCHEDULE, jitterMinutes: 1_000 } }, 'schedule.jitterMinutes'],
    [{ retention: { keepDays: 30 } }, 'retention.keepDays'],
    [{ notify: { hook: { ...HOOK, url: 'http://hooks.example.com/x' } } }, 'notify.hook.url'],
    [{ notify: { hook: { ...HOOK, url: 'https://me:pass@hooks.example.com/x' } } }, 'notify.hook.url'],
    [{ notify: { hook: { ...HOOK, secret: 'whsec_c2VjcmV0' } } }, 'notify.hook.secret'],
    [{ notify: { mail: { ...MAIL, security: 'none' } } }, 'notify.mail.security'],
    [{ notify: { mail: { ...MAIL, user: 'noctule' } } }, 'notify.mail.password'],
    [{ notify: { mail: { ...MAIL, from: 'noctule@corp.example\r\nBcc: x@evil.example' } } }, 'notify.mail.from'],
    [{ notify: { mail: { ...MAIL, to: [] } } }, 'notify.mail.to'],
    [{ notify: { mail: { ...MAIL, to: ['it@corp.example, x@evil.example'] } } }, 'notify.mail.to.0'],
  ])('%j is refused at its key', async (more, key) => {
    expect((await wrong(more)).key).toBe(key);
  });

  test('takes a server on this machine without encryption, and a webhook on it over http', async () => {
    const { config } = await loaded({
      notify: { mail: { ...MAIL, server: 'localhost', security: 'none' }, hook: { ...HOOK, url: 'http://127.0.0.1:8080/x' } },
    });
    expect(Object.keys(config.notify)).toEqual(['mail', 'hook']);
  });
});

describe('a notifier that is given the credential of a scanner', () => {
  test('is refused, by the same variable', async () => {
    const { message, key } = await wrong({ notify: { hook: { ...HOOK, secret: { env: 'GOOGLE_KEY' } } } });
    expect([key, message]).toEqual(['notify.hook.secret', expect.stringContaining('is the credential of a scanner')]);
    expect((await wrong({ notify: { channel: { kind: 'slack', url: { env: 'GOOGLE_KEY' } } } })).key).toBe('notify.channel.url');
    const mail = { ...MAIL, user: 'noctule', password: { env: 'GOOGLE_KEY' } };
    expect((await wrong({ notify: { mail } })).key).toBe('notify.mail.password');
  });

  test('is refused, by the same file through whatever path or link', async () => {
    const folder = place();
    mkdirSync(join(folder, 'secrets'));
    put(folder, 'secrets/key.json', '{}');
    symlinkSync(join(folder, 'secrets/key.json'), join(folder, 'other.json'));
    const sources = { workspace: { ...WORKSPACE, serviceAccount: { file: 'secrets/key.json' } } };
    for (const file of ['secrets/../secrets/key.json', join(folder, 'secrets/key.json'), 'other.json']) {
      const config = put(folder, 'config.json', { formatVersion: 1, sources, notify: { hook: { ...HOOK, secret: { file } } } });
      expect((await complaint(() => loadConfig(config))).key, file).toBe('notify.hook.secret');
    }
    const own = put(folder, 'config.json', { formatVersion: 1, sources, notify: { hook: { ...HOOK, secret: { file: 'secrets/hook' } } } });
    await expect(loadConfig(own)).resolves.toMatchObject({ tenant: 'default' });
  });
});
