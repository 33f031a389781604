import { lastSegment, type CollectContext, type Delta, type ScanEvent } from '../../src/connector/index.ts';
import { eventPages } from './audit.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { holderOf, Holders, principalOf } from './holders.ts';
import { readStretch, STRETCH } from './listed-grants.ts';
import { SCOPES } from './operations.ts';
import { listPages } from './pages.ts';
import { user } from './schema.ts';

/** Events after which a user holds other grants than before. */
export const GRANT_EVENTS = ['authorize', 'revoke'] as const;

/**
 * Reads the grants of those whom the token audit log names, whom the list of users says something new about, and some by chance;
 * of the rest the log vouches that nothing changed. Users that are listed no more hold nothing any more.
 * A killed night asks the lists again, which cost next to nothing, and goes on among those who are read.
 */
export async function* readByLog(context: CollectContext<Config, Client>, delta: Delta): AsyncGenerator<ScanEvent> {
  const { account, known } = context;
  const { holders, whole } = yield* listHolders(context);
  const named = await namedSince(context, delta.since);
  const { due, unchanged } = await sortOut(holders, named, delta);
  const sizes = { users: holders.size };
  const { after } = (context.cursor ?? { after: '' }) as { after: string };
  const left = due.filter((place) => place > after);
  for (let start = 0; start < left.length; start += STRETCH) {
    const stretch = left.slice(start, start + STRETCH);
    const refused = yield* readStretch(
      context,
      stretch.map((place) => holders.at(place)!),
    );
    if (refused) return;
    yield { type: 'checkpoint', cursor: { after: stretch.at(-1)! }, sizes };
  }
  for (const scope of unchanged) yield { type: 'unchanged', scope };
  // A list with a hole says nothing of whom it does not name.
  if (whole) for (const scope of await known(account.scope)) if (!holders.has(scope)) yield { type: 'covered', scope };
}

/** Everybody, by the place of each; `whole` = nobody can be missing. */
async function* listHolders({ account, client }: CollectContext<Config, Client>) {
  const loss = { scope: account.scope, effect: 'Whose grants there are to read is unknown', permission: SCOPES.users };
  const holders = new Holders(account.scope);
  let whole = true;
  const ask = (pageToken: string | undefined) => client.users({ deleted: false, pageToken });
  for await (const page of listPages({ loss, what: 'user', schema: user, ask })) {
    if (page.gap) {
      yield page.gap;
      return { holders, whole: false };
    }
    yield* page.gaps;
    whole &&= page.gaps.length === 0;
    for (const item of page.items) holders.add(holderOf(item));
  }
  return { holders, whole };
}

/** Ids of users whose grants changed since then; undefined = the log could not be read in full, and vouches for nobody. */
async function namedSince({ account, client, now }: CollectContext<Config, Client>, since: Date): Promise<Set<string> | undefined> {
  const window = { from: since.toISOString(), to: now().toISOString() };
  const named = new Set<string>();
  for (const event of GRANT_EVENTS) {
    const query = { application: 'token', event, window, pageToken: null };
    // What is lost is the saving alone: everybody is read then, so this opens no gap.
    const loss = { scope: account.scope, effect: 'Whose grants changed is unknown', permission: SCOPES.audit };
    for await (const page of eventPages(client, { ...query, loss })) {
      if (page.gap || page.gaps.length > 0) return undefined;
      for (const { actor } of page.items) if (actor?.profileId !== undefined) named.add(actor.profileId);
    }
  }
  return named;
}

async function sortOut(holders: Holders, named: ReadonlySet<string> | undefined, delta: Delta) {
  const { places } = holders;
  if (!named) return { due: places, unchanged: [] };
  const isNamed = (place: string) => named.has(lastSegment(place));
  const holderAt = (place: string) => {
    const holder = holders.at(place);
    return holder && principalOf(holder);
  };
  const asked = places.filter((place) => !isNamed(place));
  const { unvouched, spotChecks } = await delta.toRead(asked, { holderAt });
  const read = new Set([...unvouched, ...spotChecks]);
  const isDue = (place: string) => read.has(place) || isNamed(place);
  return { due: places.filter(isDue), unchanged: places.filter((place) => !isDue(place)) };
}
