import { dirname, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { secretReader } from '../config/config.ts';
import type { NotifierConfig } from '../config/nights.ts';
import { referencesIn } from '../config/scanner-credentials.ts';
import { ConfigError } from '../connector/index.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { Secret, SecretReference } from '../secret/secret.ts';
import type { CommandContext, CommonOptions } from './context.ts';

/**
 * Makes notifiers of the configuration. Throws a ConfigError where a secret is missing, or is that of a scanner under another name:
 * what may read everything must not be sent to anybody else.
 */
export function notifierMaker(context: CommandContext, options: Pick<CommonOptions, 'config'>, config: Config) {
  const secret = secretReader(context.environment, dirname(resolve(context.directory, options.config)));
  return async (name: string, notifier: NotifierConfig): Promise<Notifier> => {
    const scanners = scannersValues(config, secret);
    const own = (reference: SecretReference): Secret => {
      const found = secret(reference);
      if (!scanners.has(found.reveal())) return found;
      throw new ConfigError(`What "notify.${name}" is given is the credential of a scanner, and would be sent to somebody else`, {
        key: `notify.${name}`,
        fix: 'Give the notifier a secret of its own.',
      });
    };
    return made(notifier, own, context);
  };
}

/** Each sink is loaded when it is needed: a night that tells nobody loads none. */
async function made(
  notifier: NotifierConfig,
  secret: (reference: SecretReference) => Secret,
  { clock }: CommandContext,
): Promise<Notifier> {
  switch (notifier.kind) {
    case 'slack':
      return (await import('../notify/slack.ts')).slackNotifier({ url: secret(notifier.url), reach: reachOf(notifier) });
    case 'webhook':
      return (await import('../notify/webhook.ts')).webhookNotifier({
        url: notifier.url,
        secret: secret(notifier.secret),
        reach: reachOf(notifier),
        now: () => clock.now(),
      });
    case 'email': {
      const { server, port, security, from, to, user, password } = notifier;
      const login = user !== undefined && password ? { user, password: secret(password) } : undefined;
      return (await import('../notify/email.ts')).emailNotifier({ server, port, security, from, to, login });
    }
  }
}

function reachOf({ allowPrivate }: { allowPrivate: boolean }): 'public' | 'private' {
  return allowPrivate ? 'private' : 'public';
}

/** Of references that lead nowhere nothing can be given away. */
function scannersValues(config: Config, secret: (reference: SecretReference) => Secret): ReadonlySet<string> {
  const values = [...referencesIn(config.sources.map((source) => source.config))].map(({ reference }) => {
    try {
      return secret(reference).reveal();
    } catch (error) {
      if (error instanceof ConfigError) return '';
      throw error;
    }
  });
  return new Set(values.filter((value) => value !== ''));
}
