import { ConfigError } from '../connector/index.ts';
import { CLASSES } from '../identity/words.ts';
import { openReader } from '../store/read.ts';
import { openStore } from '../store/store.ts';
import { terminalText } from '../text/terminal.ts';
import { claimedActor } from './actor.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { identitiesOf, type Identity } from './identities.ts';
import { identityCalled, severalIdentities } from './identity-named.ts';
import { lastMoment } from './moment.ts';
import { nameAsKept } from './persons-key.ts';

export interface ClassifyOptions extends CommonOptions {
  reason: string | undefined;
  connector?: string;
  account?: string;
}

/** Longer reasons belong into a ticket. */
const LONGEST_REASON = 500;

const WORDS = [...CLASSES, 'facts'] as const;

function isWord(text: string): text is (typeof WORDS)[number] {
  return (WORDS as readonly string[]).includes(text);
}

/** Keeps what an analyst knows of an identity, above what the facts say. `facts` takes an earlier word back. */
export async function classifyCommand(context: CommandContext, id: string, as: string, options: ClassifyOptions): Promise<number> {
  const reason = options.reason?.trim() ?? '';
  if (reason === '' || reason.length > LONGEST_REASON)
    throw new ConfigError('Why it is so has to be said, in at most 500 characters', { fix: 'Give it with --reason "…".' });
  if (!isWord(as)) throw new ConfigError(`"${terminalText(as)}" is no class`, { fix: `Give one of: ${WORDS.join(', ')}.` });
  const { database, tenant } = await locate(context, options);
  const identity = await chosen(context, { database, tenant }, id, options);
  const store = openStore(database);
  try {
    const { connector, account, id: principal } = identity;
    await store.overrideIdentity(tenant, {
      connector,
      account,
      id: principal,
      class: as === 'facts' ? null : as,
      reason,
      actor: claimedActor(),
      at: context.clock.now().toISOString(),
    });
  } finally {
    await store.close();
  }
  const now = await chosen(context, { database, tenant }, identity.id, {
    config: options.config,
    connector: identity.connector,
    account: identity.account,
  });
  if (!context.quiet) context.err(`${terminalText(now.name)} of ${now.connector} is ${now.class} (${now.confidence}).\n`);
  return 0;
}

/** The one that is meant, by what lists print of it, by its provider's id, or by its whole login or address. */
async function chosen(
  context: CommandContext,
  { database, tenant }: { database: string; tenant: string },
  text: string,
  options: Pick<ClassifyOptions, 'config' | 'connector' | 'account'>,
): Promise<Identity> {
  const { connector, account } = options;
  const reader = openReader(database);
  try {
    lastMoment(reader, tenant);
    const all = await identitiesOf(reader, tenant, undefined, undefined);
    const here = all.filter(
      (one) => (connector === undefined || one.connector === connector) && (account === undefined || one.account === account),
    );
    const called = (name: string) => {
      const byId = here.filter((one) => one.id === name);
      return byId.length > 0 ? byId : here.filter((one) => one.name === name);
    };
    const named = identityCalled(here, text);
    if (named) return named;
    const asGiven = called(text);
    const found = asGiven.length > 0 ? asGiven : called(nameAsKept(context, options, { reader, tenant }, text));
    if (found.length === 1) return found[0]!;
    if (found.length === 0)
      throw new ConfigError(`There is no identity ${terminalText(text)}`, {
        fix: 'Ids stand in the first column of `noctule identities`.',
      });
    throw severalIdentities(found, text);
  } finally {
    reader.close();
  }
}
