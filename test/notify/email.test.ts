import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import { emailNotifier, type MailAccount } from '../../src/notify/email.ts';
import { NotifyError } from '../../src/notify/notifier.ts';
import { Secret } from '../../src/secret/secret.ts';
import { finding, HOSTILE_TITLES, noticeOf } from './night.ts';

const running: SMTPServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => new Promise<void>((resolve) => server.close(resolve)))));

interface Mail {
  from: string;
  to: string[];
  raw: string;
}

/** A mail server on this machine, with what it accepted. */
async function mailServer(options: SMTPServerOptions = {}): Promise<{ port: number; mails: Mail[] }> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => void parts.push(part));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(parts).toString('utf8'),
        });
        done();
      });
    },
    ...options,
  });
  // A client that breaks off is no fault of the test.
  server.on('error', () => {});
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.server.address() as AddressInfo).port, mails };
}

function notifier(port: number, more: Partial<MailAccount> = {}) {
  return emailNotifier({
    server: '127.0.0.1',
    port,
    security: 'none',
    login: undefined,
    from: 'noctule@corp.example',
    to: ['security@corp.example', 'it@corp.example'],
    ...more,
  });
}

const signal = new AbortController().signal;

async function refusal(sending: Promise<unknown>): Promise<NotifyError> {
  const error: unknown = await sending.then(
    () => new Error('It was accepted'),
    (reason: unknown) => reason,
  );
  if (error instanceof NotifyError) return error;
  throw error;
}

/** Headers of a message, unfolded, and the decoded texts of its parts. */
function parsed(raw: string) {
  const [head, ...rest] = raw.split('\r\n\r\n');
  const headers = head!
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)] as const);
  const parts = [...rest.join('\r\n\r\n').matchAll(/Content-Transfer-Encoding: base64\r\n\r\n([A-Za-z0-9+/=\r\n]+)/g)].map(([, text]) =>
    Buffer.from(text!, 'base64').toString('utf8'),
  );
  return { headers, parts };
}

describe('a mail', () => {
  test('is accepted by a real server: from, to, one id, as text and as a page', async () => {
    const { port, mails } = await mailServer();
    const notice = noticeOf({ events: { opened: 1 }, findings: [finding('ChatGPT')] });
    expect(await notifier(port).send(notice, signal)).toBeUndefined();
    await notifier(port).send(notice, signal);
    expect(mails.map(({ from, to }) => ({ from, to }))).toEqual(
      Array(2).fill({ from: 'noctule@corp.example', to: ['security@corp.example', 'it@corp.example'] }),
    );
    const [first, second] = mails.map(({ raw }) => parsed(raw));
    expect(Object.fromEntries(first!.headers)).toMatchObject({
      subject: 'Noctule (default): 1 new finding, 3 open',
      'message-id': '<notice-0123456789abcdef@corp.example>',
      'x-noctule-notice': 'notice-0123456789abcdef',
      'auto-submitted': 'auto-generated',
      date: 'Tue, 03 Nov 2026 02:41:00 +0000',
    });
    expect(first!.parts).toEqual([expect.stringContaining('- high: “ChatGPT”'), expect.stringContaining('<li>high: <b>ChatGPT</b>')]);
    expect(second!.headers.filter(([name]) => name === 'message-id')).toEqual(first!.headers.filter(([name]) => name === 'message-id'));
  });

  test('has the same headers whatever names stand in it', async () => {
    const { port, mails } = await mailServer();
    for (const title of HOSTILE_TITLES)
      await notifier(port).send(
        noticeOf({
          events: { opened: 1 },
          findings: [finding(title)],
          unread: [{ source: 'github', message: title, scan: 7, readSince: false }],
        }),
        signal,
      );
    const headers = mails.map(({ raw }) =>
      parsed(raw).headers.map(([name, value]) => (name === 'content-type' ? name : `${name}: ${value}`)),
    );
    for (const own of headers) expect(own).toEqual(headers[0]);
    expect(new Set(mails.flatMap(({ to }) => to))).toEqual(new Set(['security@corp.example', 'it@corp.example']));
  });

  test('logs in where it has to, and a wrong password is told without it', async () => {
    const onAuth: SMTPServerOptions['onAuth'] = ({ username, password }, _session, done) =>
      username === 'noctule' && password === 'right-password' ? done(null, { user: username }) : done(new Error(`No ${password}`));
    const { port, mails } = await mailServer({ onAuth, authOptional: false, allowInsecureAuth: true });
    const login = (password: string) => ({ login: { user: 'noctule', password: new Secret(password) } });
    await notifier(port, login('right-password')).send(noticeOf(), signal);
    expect(mails).toHaveLength(1);
    const { outcome, message } = await refusal(notifier(port, login('wrong-password')).send(noticeOf(), signal));
    expect([outcome, message]).toEqual(['refused', '127.0.0.1 did not accept the mail (EAUTH 535)']);
  });

  test('is not sent where the connection cannot be encrypted, or the server proves nothing', async () => {
    const { port, mails } = await mailServer();
    expect((await refusal(notifier(port, { security: 'starttls' }).send(noticeOf(), signal))).message).toContain('ETLS');
    // smtp-server shows a certificate that nobody has signed.
    const encrypted = await mailServer({ disabledCommands: [] });
    await refusal(notifier(encrypted.port, { security: 'starttls' }).send(noticeOf(), signal));
    const wholly = await mailServer({ secure: true, disabledCommands: [] });
    await refusal(notifier(wholly.port, { security: 'tls' }).send(noticeOf(), signal));
    expect([mails, encrypted.mails, wholly.mails]).toEqual([[], [], []]);
  });

  test('that one of several addresses does not take counts as delivered, and says so', async () => {
    const { port, mails } = await mailServer({
      onRcptTo: ({ address }, _session, done) => (address.startsWith('it@') ? done(new Error('No such person')) : done()),
    });
    expect(await notifier(port).send(noticeOf(), signal)).toBe('1 of 2 addresses were not accepted');
    expect(mails[0]!.to).toEqual(['security@corp.example']);
    const { outcome } = await refusal(notifier(port, { to: ['it@corp.example'] }).send(noticeOf(), signal));
    expect(outcome).toBe('refused');
  });

  test('to a server that is not there may be accepted later', async () => {
    const { port } = await mailServer();
    await new Promise<void>((resolve) => running.pop()!.close(resolve));
    expect(await refusal(notifier(port).send(noticeOf(), signal))).toMatchObject({ outcome: 'busy' });
  });
});
