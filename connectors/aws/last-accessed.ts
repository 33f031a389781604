import {
  concurrent,
  defineCollector,
  parseItems,
  path,
  ProviderFault,
  reading,
  within,
  type CollectContext,
  type Covered,
  type Gap,
  type Observation,
  type ScanEvent,
} from '../../src/connector/index.ts';
import { isAiService } from './capability.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { findSuspects, SUSPECTS, type Suspect, type Suspects } from './judged-principals.ts';
import { DETAILS, listPrincipals } from './listed-principals.ts';
import { pagesOf } from './pages.ts';
import { accessedService, type AccessedService } from './schema.ts';

type Context = CollectContext<Config, Client>;

const GENERATE = 'iam:GenerateServiceLastAccessedDetails';
const READ = 'iam:GetServiceLastAccessedDetails';
/** How long attempts are kept at least, and how late they may be. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html */
const KEPT = 400 * 86_400_000;
const LATE = 4 * 3_600_000;
/** A report is ready within seconds, as a rule. */
const MOST_POLLS = 30;
const BETWEEN_POLLS = 2000;
/** Principals between two checkpoints. */
const PIECE = 50;

/** Which AI services principals tried to use: what they may do is one fact, and what they did is another. */
export const lastAccessed = defineCollector<Config, Client>({
  id: 'last_accessed',
  title: 'AI services that principals last tried to use',
  version: 2,
  kinds: ['usage'],
  mode: 'log',
  operations: ['iam.GetAccountAuthorizationDetails', 'iam.GenerateServiceLastAccessedDetails', 'iam.GetServiceLastAccessedDetails'],
  permissions: [
    { id: DETAILS, purpose: 'Know which principals can use AI services', required: true },
    { id: GENERATE, purpose: 'Have the report of what a principal last accessed written', required: true },
    { id: READ, purpose: 'Read which services a principal last tried to use, and when', required: true },
  ],
  limits: [
    'Attempts are told, refused ones included: that a service was tried does not say that it was used',
    'Attempts may be missing for four hours, and are kept for 400 days at least',
    'Only principals are asked about that were given AI services, are agents, or are known to the catalog: not who may use them as an administrator alone, and never the root user',
  ],
  volatile: ['lastAttemptAt', 'lastAttemptRegion', 'trackedFrom', 'trackedUntil'],
  // The costliest of an account, and no list confirms what it tells.
  optional: true,
  requests: (sizes) => 2 * sizes.of('ai_principals') + sizes.of('last_accessed_more'),
  shared: (sizes) => ({ [DETAILS]: sizes.pages('entities', 1000) }),

  async *collect(context) {
    const place = within(context.account.scope, 'last_accessed');
    const position = (context.cursor as Position | undefined) ?? (yield* suspectsOf(context, place));
    if (!position) return;
    const window = trackedAt(context.now());
    let answered = 0;
    let failed: Gap[] = [];
    let closed: Gap | undefined;
    while (position.done < position.list.length && !closed) {
      const piece = position.list.slice(position.done, position.done + PIECE);
      const ask = async (suspect: Suspect) => (closed ? undefined : readOne(context, place, suspect));
      for await (const found of concurrent(piece, context.inFlight, ask)) {
        const { gap, services = [], more = 0, suspect } = found ?? {};
        position.more += more;
        if (gap) failed.push(gap);
        else if (suspect) {
          answered++;
          yield* services.flatMap((service) => observationsOf(place, suspect, service, window));
          yield { type: 'covered', scope: within(place, suspect.id), window };
        }
        if (gap && (ENDS.has(gap.reason) || (answered === 0 && failed.length === MOST_FAILED))) closed ??= ended(place, gap);
      }
      if (closed) break;
      yield* failed;
      failed = [];
      position.done += piece.length;
      yield checkpointOf(position);
    }
    yield closed ?? leftOut(place, position);
  },
});

/** A refusal of one is a refusal of all, and AWS is soon tired of these questions. */
const ENDS: ReadonlySet<Gap['reason']> = new Set(['permission_denied', 'rate_limited', 'over_budget']);
/** Where none was answered, the others will not be either. */
const MOST_FAILED = 3;

/** In the place of all whom nobody was asked about, and of those who were to no avail. */
function ended(place: string, gap: Gap): Gap {
  return { ...gap, scope: place, effect: 'What principals last tried to use is unknown, save those of whom it is stated' };
}

type Position = { list: Suspect[]; setAside: number; done: number; more: number };

function checkpointOf(position: Position): ScanEvent {
  return {
    type: 'checkpoint',
    cursor: { ...position, list: position.list.map((suspect) => ({ ...suspect })) },
    sizes: { ai_principals: position.list.length, last_accessed_more: position.more },
  };
}

async function* suspectsOf(context: Context, place: string): AsyncGenerator<ScanEvent, Position | undefined> {
  const loss = {
    scope: place,
    effect: 'Which principals can use AI services, and what they last tried to use, is unknown',
    permission: DETAILS,
  };
  const ask = async () => findSuspects(context, await listPrincipals(context));
  const found = await reading<Suspects>(loss, () => context.client.once(SUSPECTS, ask));
  if (found.gap) {
    yield found.gap;
    return undefined;
  }
  const position = { list: [...found.value.list], setAside: found.value.setAside, done: 0, more: 0 };
  yield checkpointOf(position);
  return position;
}

/** Of the rest nothing is claimed, so nothing that was known of them is lost. */
function leftOut(place: string, { list, setAside }: Position): Gap {
  if (setAside > 0)
    return {
      type: 'gap',
      scope: place,
      reason: 'provider_error',
      effect: `${setAside} users or roles could not be read, and were not asked about`,
    };
  return {
    type: 'gap',
    scope: place,
    reason: 'not_of_interest',
    effect: `Only the ${list.length} principals are asked about that were given AI services, are agents, or are known to the catalog`,
    byDesign: true,
  };
}

/** What a report that is read now tells of. */
function trackedAt(now: Date): NonNullable<Covered['window']> {
  return { from: new Date(now.getTime() - KEPT).toISOString(), to: new Date(now.getTime() - LATE).toISOString() };
}

interface Read {
  suspect: Suspect;
  gap?: Gap;
  services?: readonly AccessedService[];
  /** Pages beyond the first. */
  more?: number;
}

async function readOne(context: Context, place: string, suspect: Suspect): Promise<Read> {
  const loss = { scope: within(place, suspect.id), effect: 'What this principal last tried to use is unknown' };
  const answer = await reading(loss, () => reportOn(context, suspect.arn, loss.scope));
  if (answer.gap) return { suspect, gap: answer.gap };
  return { suspect, ...answer.value };
}

/** Has AWS write the report about one principal, and reads it. Only the session that asked for a report may read it. */
async function reportOn({ client, sleep }: Context, arn: string, scope: string): Promise<Required<Pick<Read, 'services' | 'more'>>> {
  const job = await client.startLastAccessed(arn);
  const services: AccessedService[] = [];
  let more = -1;
  for await (const page of pagesOf((marker) => ready({ client, sleep }, job, marker ?? null))) {
    const { items, gaps } = parseItems(page.items, accessedService, { what: 'service', scope: () => scope });
    if (gaps.length > 0) throw new ProviderFault(gaps[0]!.effect);
    services.push(...items);
    more++;
  }
  return { services, more };
}

/** A page of a report, once that is written. */
async function ready({ client, sleep }: Pick<Context, 'client' | 'sleep'>, job: string, marker: string | null) {
  for (let polls = 0; polls < MOST_POLLS; polls++) {
    const page = await client.lastAccessed(job, marker, { repeat: polls > 0 });
    if (page !== 'pending') return page;
    await sleep(BETWEEN_POLLS);
  }
  throw new ProviderFault(`The report is not ready after ${MOST_POLLS} polls`);
}

/** Without a date, the service may be used and was not tried: that is a fact too, and no sign of AI. */
function observationsOf(
  place: string,
  { id, name, arn }: Suspect,
  service: AccessedService,
  window: NonNullable<Covered['window']>,
): Observation[] {
  const { ServiceNamespace: prefix, LastAuthenticated: at, LastAuthenticatedRegion: region } = service;
  if (!isAiService(prefix)) return [];
  const thing = path('service_use', id, prefix);
  const page = arn.includes(':user/') ? 'users' : 'roles';
  return [
    {
      type: 'observation',
      thing,
      nativeId: thing,
      kind: 'usage',
      scope: within(place, id),
      subject: { app: thing, name },
      principal: { id, name, traits: [] },
      signals: at === undefined ? [] : [{ type: 'iam_prefix', value: prefix }],
      permissions: [],
      // No `lastUsedAt`: what was refused counts here, and is no use.
      attributes: {
        service: prefix,
        attempted: at !== undefined,
        ...(at !== undefined && { lastAttemptAt: at.toISOString() }),
        trackedFrom: window.from.slice(0, 10),
        trackedUntil: window.to.slice(0, 10),
        ...(region !== undefined && { lastAttemptRegion: region }),
      },
      evidence: {
        source: 'iam.GetServiceLastAccessedDetails',
        url: `https://console.aws.amazon.com/iam/home#/${page}/details/${encodeURIComponent(name)}?section=access_advisor`,
      },
    },
  ];
}
