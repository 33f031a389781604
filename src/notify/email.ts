import { createTransport } from 'nodemailer';
import type { Secret } from '../secret/secret.ts';
import { documentOf, subjectOf } from './digest.ts';
import { htmlText, plainText } from './markup.ts';
import { NotifyError, type Notifier } from './notifier.ts';

export interface MailAccount {
  server: string;
  port: number | undefined;
  /** `starttls` sends nothing before the connection is encrypted; `none` is for this machine. */
  security: 'tls' | 'starttls' | 'none';
  login: { user: string; password: Secret } | undefined;
  from: string;
  to: readonly string[];
}

const PATIENCE_MS = 30_000;

/** Sends a mail by SMTP, as text and as a page that loads nothing. Its Message-ID is the same however often it is sent. */
export function emailNotifier({ server, port, security, login, from, to }: MailAccount): Notifier {
  return {
    async send(notice) {
      const document = documentOf(notice);
      const transport = createTransport({
        host: server,
        port: port ?? (security === 'tls' ? 465 : 587),
        secure: security === 'tls',
        requireTLS: security === 'starttls',
        ignoreTLS: security === 'none',
        ...(login && { auth: { user: login.user, pass: login.password.reveal() } }),
        tls: { minVersion: 'TLSv1.2' },
        connectionTimeout: PATIENCE_MS,
        greetingTimeout: PATIENCE_MS,
        socketTimeout: PATIENCE_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      try {
        const { rejected } = await transport.sendMail({
          from,
          to: [...to],
          subject: subjectOf(notice),
          date: new Date(notice.at),
          messageId: `<${notice.id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
          // RFC 3834: so that nobody's absence is answered to us.
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Noctule-Notice': notice.id },
          text: plainText(document),
          html: htmlText(document),
          textEncoding: 'base64',
          xMailer: false,
        });
        return rejected.length > 0 ? `${rejected.length} of ${to.length} addresses were not accepted` : undefined;
      } catch (error) {
        throw asNotifyError(error, server);
      } finally {
        transport.close();
      }
    },
  };
}

/** What the server said may quote the login: its code is enough. */
function asNotifyError(error: unknown, server: string): NotifyError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
  const answer =
    error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : undefined;
  const refused = code === 'EAUTH' || code === 'ETLS' || (answer !== undefined && answer >= 500);
  return new NotifyError(refused ? 'refused' : 'busy', `${server} did not accept the mail (${[code, answer].filter(Boolean).join(' ')})`, {
    cause: error,
  });
}
