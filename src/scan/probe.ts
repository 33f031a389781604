import {
  createCalls,
  Refusal,
  type Account,
  type Clock,
  type Collector,
  type Connection,
  type ConnectTools,
  type Gap,
  type Member,
  type Pace,
} from '../connector/index.ts';
import type { Secret, SecretReference } from '../secret/secret.ts';
import { alternativesOf, referencesOf, type CredentialProbe } from './credentials.ts';
import type { Source } from './engine.ts';
import { permissionProbes, type PermissionProbe } from './permission-probe.ts';
import { collectorsAt, collectorsOf } from './account.ts';
import { explain } from './opening.ts';
import { createTap, type Tap, type Watch } from './tap.ts';

/** What became of a source that was only tried. Nothing of it is stored. */
export interface SourceProbe {
  source: string;
  connector: string;
  title: string;
  /** `unreachable` = no usable answer came; `failed` = a bug of ours. */
  state: 'opened' | 'refused' | 'unreachable' | 'failed';
  account: Pick<Account, 'id' | 'name'> | null;
  message: string | null;
  fix: string | null;
  credentials: readonly CredentialProbe[];
  collectors: readonly CollectorProbe[];
  /** Of a source that reads many accounts. Null = it reads one, or they cannot be told. */
  members: MembersProbe | null;
  requests: number;
  /** How far the provider's clock is ahead of ours. Null where nothing was answered. */
  clockAheadSeconds: number | null;
}

/** Which accounts of a source open. Those that it leaves unread were not tried. */
export interface MembersProbe {
  opened: number;
  refused: readonly (Pick<Account, 'id' | 'scope'> & { message: string })[];
}

export interface CollectorProbe {
  collector: string;
  title: string;
  requests: number;
  permissions: readonly PermissionProbe[];
  /** What else went wrong: faults of the provider, plans without the feature. */
  troubles: readonly Pick<Gap, 'reason' | 'effect'>[];
}

export interface ProbeOptions {
  clock: Clock;
  signal: AbortSignal;
  secret: (reference: SecretReference) => Secret;
  /** Told of our own bugs, which end a collector and never the whole. */
  bug(error: unknown): void;
}

/** A try does not wait for a provider that is ill: two attempts, and two minutes for a whole source. */
const ATTEMPTS = 2;
const DEADLINE_MS = 120_000;
/** One after the other: what is under way when enough was answered would have been sent for nothing. */
const IN_FLIGHT = 1;

/** Opens a source and asks each operation of each collector once, with the collectors' own code. Reads only. */
export async function probeSource(options: ProbeOptions, source: Source): Promise<SourceProbe> {
  const tap = createTap({ operations: source.connector.operations, clock: options.clock, signal: options.signal });
  const { alone, credentials } = await probeCredentials(options, source);
  const base = { source: source.name, connector: source.connector.id, title: source.connector.title };
  let connection: Connection<unknown>;
  try {
    connection = await open(options, source, source.config, tap);
  } catch (error) {
    const fate = fateOf(options, error);
    const unread = { account: null, credentials: credentials(fate), collectors: [], members: null };
    return { ...base, ...fate, ...unread, ...measured([...alone, tap]) };
  }
  const { id, name } = connection.account;
  const collectors: CollectorProbe[] = [];
  let fate: Fate = { state: 'opened', message: null, fix: null };
  let members: MembersProbe | null = null;
  const probeAt = async (at: Connection<unknown>, level: Collector['level']) => {
    for (const collector of collectorsAt(level, source))
      collectors.push(await probeCollector(options, { source, collector, connection: at, tap }));
  };
  try {
    // Before the collectors, which are held to few requests: half a list of accounts is none.
    const list = await membersOf(options, connection, tap);
    await probeAt(connection, list ? 'group' : undefined);
    if (list && 'lost' in list) fate = list.lost;
    else if (list) members = await probeMembers(options, { source, tap, list }, (at) => probeAt(at, undefined));
  } finally {
    await connection.close?.();
  }
  const account = { id, name };
  const accepted = credentials({ state: 'opened', message: null, fix: null, account });
  const message = fate.message ?? refusalText(members);
  return { ...base, ...fate, message, account, credentials: accepted, collectors, members, ...measured([...alone, tap]) };
}

/** The accounts that would be read, or why they cannot be told. However many they are: only time bounds the list. */
async function membersOf(
  options: ProbeOptions,
  connection: Connection<unknown>,
  tap: Tap,
): Promise<readonly Member<unknown>[] | { lost: Fate } | undefined> {
  if (!connection.members) return undefined;
  try {
    const list = await tap.watching([], () => connection.members!(), Number.POSITIVE_INFINITY);
    return list.filter(({ unread }) => unread === undefined);
  } catch (error) {
    return { lost: fateOf(options, error) };
  }
}

/** Of many accounts each is opened, and the first that opens is tried whole. */
async function probeMembers(
  options: ProbeOptions,
  { source, tap, list }: { source: Source; tap: Tap; list: readonly Member<unknown>[] },
  probe: (at: Connection<unknown>) => Promise<void>,
): Promise<MembersProbe> {
  const refused: MembersProbe['refused'][number][] = [];
  let opened = 0;
  for (const member of list) {
    const at = await openMember(options, source, member, tap);
    if ('message' in at) refused.push({ id: member.account.id, scope: member.account.scope, message: at.message ?? '' });
    else
      try {
        if (opened++ === 0) await probe(at);
      } finally {
        await at.close?.();
      }
  }
  return { opened, refused };
}

async function openMember(options: ProbeOptions, source: Source, member: Member<unknown>, tap: Tap): Promise<Connection<unknown> | Fate> {
  try {
    const tools = toolsOf(options, source, tap);
    return await tap.watching([], () => member.connect(tools));
  } catch (error) {
    return fateOf(options, error);
  }
}

function refusalText(members: MembersProbe | null): string | null {
  if (!members || members.refused.length === 0) return null;
  const { opened, refused } = members;
  const shown = refused.slice(0, MOST_NAMED).map(({ id, message }) => `${id}: ${message}`);
  return `${refused.length} of ${refused.length + opened} accounts do not open: ${shown.join('; ')}${refused.length > MOST_NAMED ? ' …' : ''}`;
}

/** Accounts that one message names. */
const MOST_NAMED = 5;

/** Where a source may be opened by either of several credentials, each is tried alone: one that works would hide one that does not. */
async function probeCredentials(options: ProbeOptions, source: Source) {
  const alternatives = alternativesOf(source);
  const probes: CredentialProbe[] = [];
  const alone: Tap[] = [];
  for (const { credential, config } of alternatives.length > 1 ? alternatives : []) {
    const references = referencesOf(options.secret, config, credential.keys);
    const tap = createTap({ operations: source.connector.operations, clock: options.clock, signal: options.signal });
    alone.push(tap);
    probes.push({ title: credential.title, references, ...(await openedAlone(options, source, config, tap)) });
  }
  /** The only one, or several that build on each other, such as a key and the role that it assumes: they stand or fall together. */
  const together = (fate: Fate): CredentialProbe[] => {
    const configured = source.connector.credentials.filter(({ keys }) => keys.some((key) => hasKey(source.config, key)));
    const title = configured.map((credential) => credential.title).join('; ') || 'What this machine itself offers';
    return [{ title, references: referencesOf(options.secret, source.config), ...fateOfCredential(fate) }];
  };
  return { alone, credentials: (fate: Fate) => (probes.length > 0 ? probes : together(fate)) };
}

type Fate = Pick<SourceProbe, 'state' | 'message' | 'fix'> & Partial<Pick<SourceProbe, 'account'>>;

async function openedAlone(options: ProbeOptions, source: Source, config: unknown, tap: Tap) {
  try {
    const connection = await open(options, source, config, tap);
    await connection.close?.();
    const { id, name } = connection.account;
    return fateOfCredential({ state: 'opened', message: null, fix: null, account: { id, name } });
  } catch (error) {
    return fateOfCredential(fateOf(options, error));
  }
}

function fateOfCredential({ state, message, fix, account }: Fate): Omit<CredentialProbe, 'title' | 'references'> {
  return { state: state === 'opened' ? 'accepted' : state, message, fix, account: account ?? null };
}

function fateOf(options: ProbeOptions, error: unknown): Fate {
  options.signal.throwIfAborted();
  const { message = '', fix = null, refused, bugs } = explain(error);
  for (const bug of bugs) options.bug(bug);
  return { state: refused ? 'refused' : bugs.length > 0 ? 'failed' : 'unreachable', message, fix };
}

function measured(taps: readonly Tap[]): Pick<SourceProbe, 'requests' | 'clockAheadSeconds'> {
  const ahead = taps.findLast((tap) => tap.ahead !== undefined)?.ahead;
  return {
    requests: taps.reduce((sum, tap) => sum + tap.requests, 0),
    clockAheadSeconds: ahead === undefined ? null : Math.round(ahead / 1000),
  };
}

function open(options: ProbeOptions, source: Source, config: unknown, tap: Tap): Promise<Connection<unknown>> {
  return tap.watching([], () => source.connector.connect({ ...toolsOf(options, source, tap), config }));
}

function toolsOf({ clock, signal, secret }: ProbeOptions, source: Source, tap: Tap): ConnectTools {
  const deadline = new Date(clock.now().getTime() + DEADLINE_MS);
  return {
    now: () => clock.now(),
    sleep: (milliseconds, abort) => clock.sleep(milliseconds, abort ?? signal),
    secret,
    signal,
    pageSize: (largest) => largest,
    wire: (origins) => tap.wire(origins),
    calls: (usual: Pace, classify) => {
      const perSecond = source.pace?.perSecond ?? usual.perSecond;
      const pace = { ...usual, perSecond, most: perSecond, inFlight: IN_FLIGHT };
      return tap.calls(createCalls({ clock, pace, classify, signal, limits: { attempts: ATTEMPTS, deadline } }));
    },
  };
}

interface Trial {
  source: Source;
  connection: Connection<unknown>;
  collector: Collector;
  tap: Tap;
}

async function probeCollector(options: ProbeOptions, trial: Trial): Promise<CollectorProbe> {
  const { collector, source, tap } = trial;
  // What several readers need is asked by the first of them. Without a permission of its own, an operation tells each something else.
  const proven = new Set(
    source.connector.operations.filter(({ id, permission }) => permission !== undefined && tap.answered.has(id)).map(({ id }) => id),
  );
  const open = collector.operations.filter((operation) => !proven.has(operation));
  const wanted = open.length > 0 ? open : collector.operations;
  const { gaps, failed, watch } = await tap.watching(wanted, (watching) => collect(options, trial, watching));
  const seen = { answered: new Set([...watch.answered, ...proven]), refused: watch.refused };
  const found = { gaps, failed, usedUp: watch.requests >= watch.most };
  // That we stopped asking is our own doing.
  const troubles = gaps.filter((gap) => gap.reason !== 'over_budget' && gap.permission === undefined);
  return {
    collector: collector.id,
    title: collector.title,
    requests: watch.requests,
    permissions: permissionProbes(collector, source.connector, seen, found),
    troubles: [
      ...troubles.map(({ reason, effect }) => ({ reason, effect })),
      ...(failed === undefined ? [] : [{ reason: 'provider_error' as const, effect: failed }]),
    ],
  };
}

/** Lets the collector read until everything was answered once. Of what it states, only gaps are looked at; nothing is kept. */
async function collect(options: ProbeOptions, trial: Trial, watch: Watch): Promise<{ gaps: Gap[]; failed?: string; watch: Watch }> {
  const gaps: Gap[] = [];
  try {
    for await (const event of trial.collector.collect(contextOf(options, trial))) {
      options.signal.throwIfAborted();
      if (event.type === 'gap' && event.byDesign !== true) gaps.push(event);
      if (watch.complete()) break;
    }
    return { gaps, watch };
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof Refusal) return { gaps: [...gaps, gapOf(error, trial)], watch };
    return { gaps, failed: fateOf(options, error).message ?? '', watch };
  }
}

function gapOf(refusal: Refusal, { connection }: Trial): Gap {
  const { reason, message, permission } = refusal;
  return { type: 'gap', scope: connection.account.scope, reason, effect: message, ...(permission !== undefined && { permission }) };
}

function contextOf({ clock, signal }: ProbeOptions, { source, connection }: Trial) {
  return {
    config: source.config,
    client: connection.client,
    account: connection.account,
    cursor: undefined,
    delta: undefined,
    known: async () => [],
    readAt: async () => new Map(),
    isOn: (collector: string) => collectorsOf(source).some(({ id }) => id === collector),
    now: () => clock.now(),
    sleep: (milliseconds: number, abort?: AbortSignal) => clock.sleep(milliseconds, abort ?? signal),
    signal,
    inFlight: IN_FLIGHT,
    pageSize: (largest: number) => largest,
    // As if everything were worth a look: what only AI would lead to is asked for too.
    interest: () => 'ai' as const,
  };
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Reflect.get(value, key) !== undefined;
}
