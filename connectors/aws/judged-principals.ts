import type { CollectContext, Observation, ScanEvent } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import type { Listed } from './listed-principals.ts';
import { inPieces } from './pieces.ts';
import { grantedToUser, roleEvents, userEvents } from './principals.ts';
import type { UserDetail } from './schema.ts';
import type { Granted } from './permissions.ts';

/** All that is stated of a principal, itself first. */
interface Judged {
  events: ScanEvent[];
  user?: { detail: UserDetail; has: Granted };
}

export async function* judgedPrincipals(
  { account, client, now, sleep }: CollectContext<Config, Client>,
  listed: Listed,
): AsyncGenerator<Judged> {
  const around = { account: account.scope, ownAccount: account.id, own: client.own, shared: listed, now: now() };
  const next = inPieces(sleep);
  for (const detail of listed.users) {
    const has = grantedToUser(detail, listed);
    yield { events: [...userEvents(around, detail, has)], user: { detail, has } };
    await next();
  }
  for (const role of listed.roles) {
    yield { events: [...roleEvents(around, role)] };
    await next();
  }
}

/** A principal of whom it is worth knowing what he last accessed. */
export interface Suspect {
  id: string;
  name: string;
  arn: string;
}

/** Levels that tell of no AI that somebody was given: of none, of what cannot be read, and of an administrator's everything. */
const NO_GIFT: ReadonlySet<unknown> = new Set(['none', 'unknown', 'admin']);

/**
 * Who was given models, agents or assistants, by policies that were read; who is one or was made for one; and who is called like one,
 * or lets one in, as far as the catalog knows. That an administrator may use them too says nothing of him. Undefined = none of it.
 */
export function suspectOf(events: readonly ScanEvent[], interest: CollectContext['interest']): Suspect | undefined {
  const stated = events.filter((event): event is Observation => event.type === 'observation');
  const { principal, attributes } = stated[0] ?? {};
  if (!principal || typeof attributes?.['arn'] !== 'string') return undefined;
  const isCapable = !NO_GIFT.has(attributes['aiLevel']);
  const isAgent = principal.traits.some((trait) => trait === 'agent_runtime' || trait === 'key_holder');
  const isKnown = () => stated.some(({ signals }) => signals.length > 0 && ['ai', 'suspected'].includes(interest(signals)));
  return isCapable || isAgent || isKnown() ? { id: principal.id, name: principal.name, arn: attributes['arn'] } : undefined;
}

/** What `identities` leaves for others of the account. */
export interface Suspects {
  list: readonly Suspect[];
  /** Users and roles of which it cannot be told. */
  setAside: number;
}
export const SUSPECTS = 'suspects';

export async function findSuspects(context: CollectContext<Config, Client>, listed: Listed): Promise<Suspects> {
  const list: Suspect[] = [];
  for await (const { events } of judgedPrincipals(context, listed)) {
    const suspect = suspectOf(events, context.interest);
    if (suspect) list.push(suspect);
  }
  return { list, setAside: setAsideOf(listed) };
}

export function setAsideOf({ gaps }: Listed): number {
  return gaps.users.length + gaps.roles.length;
}
