import { Secret } from '../../src/secret/secret.ts';
import { shown } from '../../src/tickets/markup/shown.ts';
import type { SinkKind, SinkOptions } from '../../src/tickets/sink-kind.ts';
import type { Sink } from '../../src/tickets/sink.ts';
import { sinkKind } from '../../src/tickets/sinks/index.ts';
import { fastClock } from '../../src/testing/clock.ts';
import { startFakeGithub } from './fakes/github.ts';
import { startFakeJira } from './fakes/jira.ts';
import { startFakeLinear } from './fakes/linear.ts';
import { FAKE_GROUP, startFakeServicenow } from './fakes/servicenow.ts';
import type { FakeOperation, FakeTracker, Fault } from './fakes/tracker.ts';
import type { Bench } from './tracker-cases.ts';

export const FAKES = {
  github: startFakeGithub,
  jira: startFakeJira,
  servicenow: startFakeServicenow,
  linear: startFakeLinear,
} as const;
export type FakeName = keyof typeof FAKES;

/** How each is configured for its simulated tracker. */
export const SETTINGS: Readonly<Record<FakeName, (url: string) => object>> = {
  github: (api) => ({ repository: 'corp-example/security', token: { env: 'TOKEN' }, api }),
  jira: (site) => ({ site, project: 'SEC', email: 'bot@corp.example', token: { env: 'TOKEN' }, issueType: 'Aufgabe' }),
  servicenow: (instance) => ({ instance, user: 'noctule', password: { env: 'TOKEN' }, assignmentGroup: FAKE_GROUP }),
  linear: (api) => ({ team: 'SEC', token: { env: 'TOKEN' }, api }),
};

/** What changes a ticket: the others may be repeated without harm. */
const WRITES: ReadonlySet<FakeOperation> = new Set(['create', 'update', 'comment', 'state']);

export interface FakeBench<Name extends FakeName = FakeName> extends Bench {
  fake: Awaited<ReturnType<(typeof FAKES)[Name]>>;
  /** Addresses of all requests, as the sink told of them. */
  sent: { method: string; url: string }[];
}

export async function openSink(kind: string, settings: object, secret: string, options: Partial<SinkOptions> = {}): Promise<Sink> {
  const found = (await sinkKind(kind)) as SinkKind<unknown>;
  const clock = fastClock();
  return found.open(found.config.parse(settings), () => new Secret(secret), {
    now: options.now ?? clock.now,
    sleep: options.sleep ?? ((milliseconds, signal) => clock.sleep(milliseconds, signal)),
    ...(options.sent && { sent: options.sent }),
  });
}

export async function startFake<Name extends FakeName>(name: Name, now: () => Date): Promise<FakeBench<Name>['fake']> {
  return (await FAKES[name](now)) as FakeBench<Name>['fake'];
}

/** The sink that writes to a simulated tracker. */
export function openSinkOf(name: FakeName, fake: FakeTracker, options: Partial<SinkOptions>, settings: object = {}): Promise<Sink> {
  return openSink(name, { ...SETTINGS[name](fake.url), timeoutSeconds: 5, ...settings }, fake.credential, options);
}

/** A simulated tracker and its sink, on a clock that is 1,000 times faster. */
export async function openFake<Name extends FakeName>(name: Name, settings: object = {}): Promise<FakeBench<Name>> {
  const clock = fastClock({ from: new Date('2026-11-22T02:00:00Z') });
  const fake = await startFake(name, clock.now);
  const sent: FakeBench['sent'] = [];
  const options = {
    now: clock.now,
    sleep: (milliseconds: number, signal: AbortSignal) => clock.sleep(milliseconds, signal),
    sent: (request: FakeBench['sent'][number]) => void sent.push(request),
  };
  return {
    sink: await openSinkOf(name, fake, options, settings),
    fake,
    sent,
    held: async (id) => heldBy(fake, id),
    count: async () => fake.tickets().length,
    literal: (one, field) => LITERAL[name](one, field),
    nextWrite: (fault) => once(fake, fault),
    lag: (milliseconds) => void (fake.lagMs = milliseconds),
    close: () => fake.close(),
  };
}

function heldBy(fake: FakeTracker, id: string) {
  const ticket = fake.tickets().find((one) => one.id === id);
  if (!ticket) throw new Error(`There is no ticket ${id}`);
  return { ...ticket, title: whole(ticket.title), text: whole(ticket.text), comments: ticket.comments.map(whole) };
}

/** Without the marks that part words and are not seen. */
function whole(text: string): string {
  return text.replaceAll('\u200b', '');
}

/** The next request that changes a ticket fares so, and those after it as usual. */
export function once(fake: FakeTracker, fault: Fault, on?: FakeOperation): void {
  let done = false;
  fake.plan = (operation) => {
    if (done || (on ? operation !== on : !WRITES.has(operation))) return undefined;
    done = true;
    return fault;
  };
}

/**
 * How a name has to stand in what a tracker keeps, written down apart from how the sinks write it: between the marks of code, or as
 * words in which no character is changed but some are parted. A title may be cut.
 */
const LITERAL: Readonly<Record<FakeName, (name: string, field: 'text' | 'title') => string>> = {
  github: (name, field) => (field === 'title' ? inTitle(name).replaceAll('`', '\u02cb') : shown(name)),
  linear: (name, field) => (field === 'title' ? inTitle(name) : shown(name)),
  jira: (name, field) => (field === 'title' ? inTitle(name) : JSON.stringify(shown(name)).slice(1, -1)),
  servicenow: (name, field) => (field === 'title' ? inTitle(name) : inWords(name)),
};

export function inTitle(name: string): string {
  return inWords(name).slice(0, 120);
}

function inWords(name: string): string {
  return shown(name).replace(/[\u201c-\u201f]/g, '"');
}
