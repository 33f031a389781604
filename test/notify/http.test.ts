import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { deliver } from '../../src/notify/deliver.ts';
import { NotifyError, type Notifier } from '../../src/notify/notifier.ts';
import { slackNotifier } from '../../src/notify/slack.ts';
import { webhookNotifier } from '../../src/notify/webhook.ts';
import { Secret } from '../../src/secret/secret.ts';
import { virtualClock } from '../connector/virtual-clock.ts';
import { json, serve } from '../http/server.ts';
import { finding, HOSTILE_TITLES, noticeOf } from './night.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const signal = new AbortController().signal;

function webhook(url: string, secret = SECRET, reach: 'public' | 'private' = 'public'): Notifier {
  return webhookNotifier({ url, secret: new Secret(secret), reach, now: () => new Date() });
}

async function refusal(notifier: Notifier): Promise<NotifyError> {
  const error: unknown = await notifier.send(noticeOf(), signal).then(
    () => new Error('It was accepted'),
    (reason: unknown) => reason,
  );
  if (error instanceof NotifyError) return error;
  throw error;
}

describe('a signed webhook', () => {
  test('is verified by another implementation of Standard Webhooks, whatever stands in it', async () => {
    const server = await serve((_, response) => void response.writeHead(204).end());
    const notice = noticeOf({ events: { opened: HOSTILE_TITLES.length }, findings: HOSTILE_TITLES.map(finding) });
    await webhook(`${server.url}/nights`).send(notice, signal);
    const [{ body, headers }] = server.asked as [(typeof server.asked)[0]];
    const verified = new Webhook(SECRET).verify(body, headers as Record<string, string>);
    expect(verified).toEqual({
      type: 'noctule.night',
      timestamp: notice.at,
      data: { formatVersion: 1, notice: notice.id, tenant: 'default', ...notice.night },
    });
    expect(headers['webhook-id']).toBe(notice.id);
    expect(() => new Webhook(SECRET).verify(body.replace('"high"', '"low"'), headers as Record<string, string>)).toThrow(
      'No matching signature',
    );
    expect(() => new Webhook(`whsec_${Buffer.alloc(32, 8).toString('base64')}`).verify(body, headers as Record<string, string>)).toThrow();
  });

  test('has the same id on every repeat, and is stopped after three', async () => {
    let asked = 0;
    const server = await serve((_, response) => void response.writeHead(++asked < 3 ? 503 : 200).end());
    const clock = virtualClock();
    expect(await deliver(webhook(server.url), noticeOf(), { clock, signal })).toEqual({ delivered: true, trouble: null });
    expect(new Set(server.asked.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(clock.slept).toEqual([2_000, 10_000]);
    const down = await serve((_, response) => void response.writeHead(500).end());
    expect(await deliver(webhook(down.url), noticeOf(), { clock, signal })).toEqual({
      delivered: false,
      trouble: `127.0.0.1:${down.port} answers with 500`,
    });
    expect(down.asked).toHaveLength(3);
  });

  test('waits as long as it is told to, and not for hours', async () => {
    const clock = virtualClock();
    let asked = 0;
    const patient = await serve((_, response) => (++asked === 1 ? json(response, {}, 429, { 'retry-after': '30' }) : json(response, {})));
    expect((await deliver(webhook(patient.url), noticeOf(), { clock, signal })).delivered).toBe(true);
    const later = await serve((_, response) => json(response, {}, 429, { 'retry-after': '3600' }));
    expect((await deliver(webhook(later.url), noticeOf(), { clock, signal })).delivered).toBe(false);
    expect([clock.slept, later.asked.length]).toEqual([[30_000], 1]);
  });

  test('follows no redirect, and does not repeat what is refused', async () => {
    const target = await serve((_, response) => json(response, {}));
    const server = await serve((_, response) => void response.writeHead(307, { location: target.url }).end());
    expect(await deliver(webhook(server.url), noticeOf(), { clock: virtualClock(), signal })).toMatchObject({
      delivered: false,
      trouble: expect.stringContaining('redirect'),
    });
    expect([server.asked.length, target.asked.length]).toEqual([1, 0]);
    const gone = await serve((_, response) => void response.writeHead(410).end());
    expect((await refusal(webhook(gone.url))).outcome).toBe('refused');
  });

  test('goes over https alone, to no private network and to no metadata service', async () => {
    for (const url of ['http://hooks.example/x', 'ftp://hooks.example/x', 'https://me:secret@hooks.example/x', 'nonsense'])
      expect(await refusal(webhook(url)), url).toMatchObject({ outcome: 'refused' });
    for (const host of [
      '10.0.0.8',
      '192.168.1.1',
      '169.254.169.254',
      '[::ffff:10.0.0.8]',
      '[fd00:ec2::254]',
      '[fe80::1]',
      '0x0a000008',
      '127.1.2.3',
    ])
      expect((await refusal(webhook(`https://${host}/x`))).message, host).toContain('is no address that may be asked');
    for (const host of ['169.254.169.254', '[fe80::1]', '[fd00:ec2::254]', '[::ffff:169.254.169.254]'])
      expect((await refusal(webhook(`https://${host}/x`, SECRET, 'private'))).message, host).toContain('is no address that may be asked');
  });

  test('a secret of another form signs nothing and is not quoted', async () => {
    for (const secret of ['hunter2-hunter2', 'whsec_c2hvcnQ=', `whsec_${Buffer.alloc(65).toString('base64')}`]) {
      const { message, outcome } = await refusal(webhook('https://hooks.example', secret));
      expect([outcome, message.includes(secret)]).toEqual(['refused', false]);
    }
  });
});

describe('a channel', () => {
  test('gets one message of text, of which nothing is unfolded or linked', async () => {
    const server = await serve((_, response) => void response.end('ok'));
    await slackNotifier({ url: new Secret(`${server.url}/services/T0/B0/canary`), reach: 'public' }).send(
      noticeOf({ events: { opened: 1 }, findings: [finding('<!channel> & co')] }),
      signal,
    );
    expect(server.asked[0]).toMatchObject({ method: 'POST', path: '/services/T0/B0/canary' });
    expect(JSON.parse(server.asked[0]!.body)).toEqual({
      text: expect.stringContaining('• high: `&lt;!channel&gt; &amp; co` (noctule show 3fa41c02)'),
      mrkdwn: true,
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
    });
  });

  test('that refuses is told without its address, which is a secret', async () => {
    const server = await serve((_, response) => void response.writeHead(403).end('invalid_token'));
    const url = new Secret(`${server.url}/services/T0/B0/canary`);
    const { message } = await refusal(slackNotifier({ url, reach: 'public' }));
    expect(message).toBe(`127.0.0.1:${server.port} answers with 403`);
    expect((await refusal(slackNotifier({ url: new Secret('canary'), reach: 'public' }))).message).not.toContain('canary');
  });
});
