import { ConfigError } from '../connector/index.ts';
import { sightedIn } from '../policy/acknowledgement.ts';
import type { Act } from '../store/read-acts.ts';
import { openReader, type FoundFinding } from '../store/read.ts';
import { openStore } from '../store/store.ts';
import { terminalText } from '../text/terminal.ts';
import { claimedActor } from './actor.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { findingNamed } from './finding-named.ts';
import { concludedScans } from './moment.ts';

/** Longer words belong into a ticket. */
const LONGEST = 2_000;

export interface AcknowledgeOptions extends CommonOptions {
  note?: string;
}

/** Somebody has seen a finding as it is: it is acknowledged until it grows beyond that. */
export function acknowledgeCommand(context: CommandContext, id: string, options: AcknowledgeOptions): Promise<number> {
  return act(context, id, options, 'acknowledged', options.note ?? '');
}

/** Says who looks after a finding; `nobody` takes that back. */
export function assignCommand(context: CommandContext, id: string, whom: string, options: CommonOptions): Promise<number> {
  if (whom.trim() === '')
    throw new ConfigError('Nobody is named', { fix: 'Say whom behind the id of the finding; `nobody` takes it back.' });
  return act(context, id, options, 'assigned', whom === 'nobody' ? '' : whom);
}

/** Keeps words about a finding. */
export function commentCommand(context: CommandContext, id: string, text: string, options: CommonOptions): Promise<number> {
  if (text.trim() === '') throw new ConfigError('A comment needs words', { fix: 'Write them behind the id of the finding.' });
  return act(context, id, options, 'commented', text);
}

async function act(context: CommandContext, id: string, options: CommonOptions, what: Act['act'], said: string): Promise<number> {
  const text = said.trim();
  if (text.length > LONGEST)
    throw new ConfigError(`That is longer than ${LONGEST} characters`, { fix: 'Shorten it, and name where the rest is.' });
  const { database, tenant } = await locate(context, options);
  const finding = named(database, tenant, id);
  const store = openStore(database, { signal: context.signal });
  try {
    const at = context.clock.now().toISOString();
    const done = await store.actOn(tenant, finding.key, { act: what, text, actor: claimedActor(), at }, sightedIn);
    if (!done)
      throw new ConfigError(`${finding.key.slice(0, 8)} is ${finding.state}, and only what is open can be acknowledged`, {
        fix: '`noctule findings` lists what is open.',
      });
  } finally {
    await store.close();
  }
  if (!context.quiet) context.err(`${finding.key.slice(0, 8)}, ${terminalText(finding.title)}: ${TOLD[what](terminalText(text))}.\n`);
  return 0;
}

const TOLD: Readonly<Record<Act['act'], (text: string) => string>> = {
  acknowledged: () => 'acknowledged as it is now',
  assigned: (whom) => (whom === '' ? 'assigned to nobody' : `assigned to ${whom}`),
  commented: () => 'commented',
};

function named(database: string, tenant: string, id: string): FoundFinding {
  const reader = openReader(database);
  try {
    concludedScans(reader, tenant);
    return findingNamed(reader, tenant, id);
  } finally {
    reader.close();
  }
}
