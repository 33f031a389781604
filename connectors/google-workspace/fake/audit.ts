import { chance, digits } from '../../../src/testing/random.ts';
import { aiDeeds, type AiApplication, type AiDeed } from './ai.ts';
import { nameOf } from './apps.ts';
import type { DelegationDeed } from './delegations.ts';
import type { Asking, Denial } from './denials.ts';
import { momentOf, userId } from './people.ts';
import type { Deed } from './stories.ts';
import { type Call, callsOn } from './use.ts';
import type { World } from './world.ts';

/** One line of an audit log, before it is written as Google writes it. */
export interface Logged {
  at: Date;
  /** The number of who did it. */
  actor: number;
  name: string;
  /** The app that a call was made by. */
  client?: string;
  /** The agent that did it. */
  agent?: string;
  activity(): Record<string, unknown>;
}

/** An audit log: the events of one name on one day, in any order. */
export type Log = (day: number, name: string) => readonly Logged[];

/** The log of what people granted to apps. */
export function tokenLog(world: World): Log {
  return remembering((day, name) => {
    if (name === 'activity') return callsOn(world, day).map((call, index) => callEvent(world, call, index));
    if (name === 'deny') return world.denials.filter((denial) => denial.day === day).map((denial) => refusedEvent(world, name, denial));
    if (name === 'request') return world.askings.filter((asking) => asking.day === day).map((asking) => refusedEvent(world, name, asking));
    if (name !== 'authorize' && name !== 'revoke') return [];
    const events: Logged[] = [];
    for (const number of world.history.doersOn(day, name))
      for (const deed of world.history.deedsOf(number))
        if (deed.day === day && deed.kind === name && !deed.untold) events.push(tokenEvent(world, number, deed));
    return events;
  });
}

/** The log of what administrators did: to delegations, and to apps. */
export function adminLog(world: World): Log {
  return (day, name) => [
    ...world.delegations
      .filter((deed) => deed.day === day && deed.kind === DELEGATION_DEEDS.get(name))
      .map((deed) => adminEvent(world, day, name, 'DOMAIN_SETTINGS', delegationParameters(world, deed))),
    ...world.controls
      .filter((deed) => deed.day === day && deed.name === name)
      .map((deed) => adminEvent(world, day, name, 'SECURITY_SETTINGS', deed.parameters)),
  ];
}

/** An agent as Google attributes an action to it. */
export interface AgentId {
  agentId: string;
  agentName: string;
  agentType: string;
  /** The number of who answers for it; absent = Google names nobody. */
  owner?: number;
}

/** The log of one of Google's AI services, or what agents did in another. */
export function aiLog(world: World, application: AiApplication): Log {
  return (day, name) =>
    aiDeeds(world)
      .filter((deed) => deed.application === application && deed.day === day && deed.name === name)
      .map((deed, index) => aiEvent(world, deed, index));
}

function aiEvent(world: World, { application, name, actor, day, agent, parameters = {} }: AiDeed, index: number): Logged {
  const labels = [actor, application, name, day, index];
  const at = momentOf(world.company, day, ...labels);
  const told = Object.entries(parameters).map(([name, value]) => ({ name, value }));
  const event = { type: application === 'gemini_in_workspace_apps' ? 'ai_usage_event' : application, name, parameters: told };
  return {
    at,
    actor,
    name,
    ...(typeof agent === 'object' && { agent: agent.agentId }),
    activity() {
      const usual = activity(world, { at, actor, labels, application, event });
      if (agent === undefined) return usual;
      if (agent === 'unnamed') return { ...usual, isAgenticAction: true };
      const { owner, ...who } = agent;
      const agentOwner = owner === undefined ? {} : { agentOwner: { email: world.company.person(owner).email } };
      return { ...usual, isAgenticAction: true, actor: { ...usual.actor, agentAttributionInfo: { ...who, ...agentOwner } } };
    },
  };
}

function delegationParameters(world: World, deed: DelegationDeed): object[] {
  const scopes = deed.written === 'value' ? { value: deed.scopes.join(',') } : { multiValue: deed.scopes };
  return [
    { name: 'API_CLIENT_NAME', value: deed.clientId },
    ...(deed.kind === 'authorize' ? [{ name: 'API_SCOPES', ...scopes }] : []),
    { name: 'DOMAIN_NAME', value: world.company.domain },
  ];
}

function adminEvent(world: World, day: number, name: string, type: string, parameters: readonly object[]): Logged {
  const labels = [name, JSON.stringify(parameters), day];
  const at = momentOf(world.company, day, ...labels);
  const event = { type, name, ...(parameters.length > 0 && { parameters }) };
  return { at, actor: 0, name, activity: () => activity(world, { at, actor: 0, labels, application: 'admin', event }) };
}

const DELEGATION_DEEDS = new Map<string, DelegationDeed['kind']>([
  ['AUTHORIZE_API_CLIENT_ACCESS', 'authorize'],
  ['REMOVE_API_CLIENT_ACCESS', 'remove'],
]);

function callEvent(world: World, { actor, app, day, api, method, bytes }: Call, index: number): Logged {
  const labels = [actor, app.clientId, 'activity', day, index];
  const at = momentOf(world.company, day, ...labels);
  const parameters = [
    { name: 'client_id', value: app.clientId },
    { name: 'app_name', value: nameOf(app, 1 - day) },
    { name: 'api_name', value: api },
    { name: 'method_name', value: method },
    { name: 'num_response_bytes', intValue: bytes },
  ];
  const event = { type: 'auth', name: 'activity', parameters };
  const client = app.clientId;
  return { at, actor, name: 'activity', client, activity: () => activity(world, { at, actor, labels, application: 'token', event }) };
}

function refusedEvent(world: World, name: 'deny' | 'request', { actor, app, day, ...refusal }: Asking | Denial): Logged {
  const labels = [actor, app.clientId, name, day];
  const at = momentOf(world.company, day, ...labels);
  const parameters = [
    { name: 'client_id', value: app.clientId },
    { name: 'app_name', value: nameOf(app, 1 - day) },
    { name: 'client_type', value: app.clientType },
    { name: 'scope', multiValue: app.asks[0] },
    ...('rejection' in refusal ? [{ name: 'rejection_type', value: refusal.rejection }] : []),
  ];
  const event = { type: 'auth', name, parameters };
  return { at, actor, name, activity: () => activity(world, { at, actor, labels, application: 'token', event }) };
}

function tokenEvent(world: World, actor: number, deed: Deed): Logged {
  const { kind: name, app, scopes, day } = deed;
  const labels = [actor, app.clientId, name, day];
  const at = momentOf(world.company, day, ...labels);
  const parameters = () => [
    { name: 'client_id', value: app.clientId },
    // An event keeps the name of its time: day 0 is told on night 1.
    { name: 'app_name', value: nameOf(app, 1 - day) },
    { name: 'client_type', value: app.clientType },
    { name: 'scope', multiValue: scopes },
    { name: 'scope_data', multiMessageValue: scopes.map(scopeData) },
  ];
  return {
    at,
    actor,
    name,
    activity: () => activity(world, { at, actor, labels, application: 'token', event: { type: 'auth', name, parameters: parameters() } }),
  };
}

function activity(
  world: World,
  {
    at,
    actor,
    labels,
    application,
    event,
  }: { at: Date; actor: number; labels: readonly (string | number)[]; application: string; event: object },
) {
  const { seed } = world.company;
  // A signed 64-bit integer: half of all are negative, and nearly all lie beyond what a double can tell apart.
  const uniqueQualifier = BigInt.asIntN(64, BigInt(digits(20, seed, 'google qualifier', ...labels))).toString();
  return {
    kind: 'admin#reports#activity',
    id: { time: at.toISOString(), uniqueQualifier, applicationName: application, customerId: world.customerId },
    actor: { callerType: 'USER', email: world.company.person(actor).email, profileId: userId(world.company, actor) },
    ipAddress: `203.0.113.${Math.floor(chance(seed, 'google address', actor) * 254) + 1}`,
    events: [event],
  };
}

function scopeData(scope: string) {
  return {
    parameter: [
      { name: 'scope_name', value: scope },
      { name: 'product_bucket', multiValue: [bucketOf(scope)] },
    ],
  };
}

function bucketOf(scope: string): string {
  if (/drive|documents/.test(scope)) return 'DRIVE';
  if (/gmail|mail\.google/.test(scope)) return 'GMAIL';
  if (scope.includes('calendar')) return 'CALENDAR';
  if (/contacts|directory|carddav/.test(scope)) return 'CONTACTS';
  return /openid|userinfo|OAuthLogin/.test(scope) ? 'IDENTITY' : 'OTHER';
}

/** A page seldom ends with a day, so the next one asks for the same day again. */
function remembering(log: Log): Log {
  const recent = new Map<string, readonly Logged[]>();
  return (day, name) => {
    const key = `${day} ${name}`;
    const events = recent.get(key) ?? log(day, name);
    recent.delete(key);
    recent.set(key, events);
    if (recent.size > 4) recent.delete(recent.keys().next().value!);
    return events;
  };
}
