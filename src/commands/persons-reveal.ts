import { existsSync } from 'node:fs';
import { ConfigError, isPseudonym } from '../connector/index.ts';
import { openReader } from '../store/read.ts';
import { openStore } from '../store/store.ts';
import { terminalText } from '../text/terminal.ts';
import { claimedActor } from './actor.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { tenantsKey } from './persons-key.ts';

/** Tells the name behind a pseudonym to whoever has the key. The audit trail tells that somebody asked. */
export async function personsRevealCommand(context: CommandContext, pseudonym: string, options: CommonOptions): Promise<number> {
  if (!isPseudonym(pseudonym))
    throw new ConfigError(`${terminalText(pseudonym)} is no pseudonym`, {
      fix: 'Give one as it is printed: person- with 16 letters or digits, and with the domain where there is one.',
    });
  const { database, tenant } = await locate(context, options);
  if (!existsSync(database)) throw new ConfigError(`There is no database at ${database}`, { fix: 'Give its path with --db.' });
  const reader = openReader(database);
  let key;
  try {
    key = tenantsKey(context, options, { reader, tenant, what: 'to tell a name' });
  } finally {
    reader.close();
  }
  if (!key) throw new ConfigError(`The tenant "${tenant}" keeps names, and no pseudonyms`, { fix: 'Give another database or tenant.' });
  const store = openStore(database);
  try {
    const sealed = await store.revealed(tenant, pseudonym, { actor: claimedActor(), at: context.clock.now().toISOString() });
    if (!sealed)
      throw new ConfigError(`No name is kept behind ${pseudonym}`, {
        fix: 'It was forgotten, or it is of another tenant or database. Of an address the domain belongs to it.',
      });
    context.out(`${terminalText(key.open(sealed, pseudonym), 1_000)}\n`);
    return 0;
  } finally {
    await store.close();
  }
}
