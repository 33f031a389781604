import { canUseAi, hitOf, type Hit } from './hit.ts';
import { latest, type Integration, type Thing } from './integration.ts';
import type { Standing } from './standing.ts';

/**
 * What keys, roles and agents of an account say of themselves: a key that it is the root user's (`root`), that a person signs in with its
 * holder too (`shared`), which one service it opens (`service`); a role that it was not used for long (`idle`), that an agent runs
 * as it (`runsAgent`); a gateway that it asks for nothing (`open`).
 */
export function accountHits({ match, name, things }: Integration, standing: Standing, live: readonly Thing[]): Hit[] {
  const keys = live.filter(({ kind, use }) => kind === 'api_key' && use === undefined);
  const fresh = match.verdict === 'unknown' && standing.is === 'undecided';
  const agents = live.filter(({ attributes }) => attributes['runsAgent'] === true);
  return [
    ...keys.filter(({ attributes }) => attributes['root'] === true).map(rootKey),
    ...keys.filter((thing) => thing.attributes['shared'] !== undefined && canUseAi(thing)).map(sharedAccount),
    ...unknownService(fresh ? keys.filter(({ attributes }) => typeof attributes['service'] === 'string') : []),
    ...orphans(match.verdict === 'ai' ? things : []),
    ...idleAccess(live.filter((thing) => thing.attributes['idle'] !== undefined && canUseAi(thing))),
    ...(new Set(agents.map(({ holder }) => holder?.id)).size > 1
      ? [hitOf('agents-share-role', 'medium', agents, (agent) => `${agent} runs as ${name}`)]
      : []),
    ...(live.some(isOpen) ? [hitOf('open-gateway', 'high', live.filter(isOpen), (at) => `${at} lets anybody in`)] : []),
  ];
}

function isOpen({ kind, attributes }: Thing): boolean {
  return kind === 'agent' && attributes['open'] === true;
}

function rootKey(thing: Thing): Hit {
  const details = [`${thing.name} has an active access key`];
  return { rule: 'key-of-root', severity: 'critical', details, credential: thing, things: [thing] };
}

function sharedAccount(thing: Thing): Hit {
  const details = [`${thing.name} has a password and an active key, and can use AI services`];
  return { rule: 'person-and-program-share', severity: 'medium', details, credential: thing, things: [thing] };
}

function unknownService(keys: readonly Thing[]): Hit[] {
  const service = keys[0]?.attributes['service'];
  return typeof service === 'string' ? [hitOf('key-of-unknown-service', 'low', keys, (at) => `${at} holds a key for ${service}`)] : [];
}

/** Accounts that were made for keys of this app, none of which can be used any more. A key that is gone may have gone with its account. */
function orphans(things: readonly Thing[]): Hit[] {
  const keys = things.filter(({ kind, state, holder }) => kind === 'api_key' && state !== 'gone' && holder?.traits.includes('key_holder'));
  const left = [...Map.groupBy(keys, ({ holder }) => holder!.id).values()]
    .filter((own) => own.every(({ use }) => use === 'inactive'))
    .flat();
  if (left.length === 0) return [];
  const details = [...new Set(left.map(({ holder }) => `${holder!.name} was made for an AI key, and its keys have ended`))].slice(0, 10);
  return [{ rule: 'orphaned-key-holder', severity: 'medium', details, things: left }];
}

function idleAccess(things: readonly Thing[]): Hit[] {
  if (things.length === 0) return [];
  return [hitOf('idle-ai-access', 'low', things, (at) => `${at} can use AI services, and no use of it is on record`)];
}

/** A key of hours that was used longer ago than that tells nothing of today. */
const TRACE_MS = 90 * 86_400_000;

/**
 * Keys that a log has seen in use, of somebody of whom no list has or had a key that could be it. Only lists that were read can lack
 * one, and the trace is old only once the log was read again after that.
 */
export function unlistedKeyHits({ things, keysRead }: Integration): Hit[] {
  if (keysRead?.lists === undefined) return [];
  const keys = things.filter(({ kind }) => kind === 'api_key');
  const holders = new Set(keys.filter(({ logOnly }) => !logOnly).map(({ holder }) => holder?.id));
  const unlisted = keys.filter(
    ({ logOnly, holder, attributes }) => logOnly && attributes['seenInUse'] === true && holder && !holders.has(holder.id),
  );
  if (unlisted.length === 0) return [];
  const hit = hitOf('unlisted-key-in-use', 'medium', unlisted, (at) => `${at} calls with a key, and no long-lived key of it is known`);
  const last = latest(unlisted.map(({ lastUsedAt }) => lastUsedAt))?.at;
  const until = last === undefined ? undefined : new Date(Date.parse(last) + TRACE_MS).toISOString();
  return [{ ...hit, ...(until !== undefined && keysRead.logs !== undefined && keysRead.logs >= until && { until }) }];
}
