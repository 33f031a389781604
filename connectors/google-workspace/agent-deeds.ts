import { path, within, type CollectContext, type Gap, type Observation, type ScanEvent } from '../../src/connector/index.ts';
import { eventPages, type Window } from './audit.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';
import { AGENT_FIELDS, type Activity } from './schema.ts';

/** Logs in which agents are followed by their id. One call of a mail log may span 30 days, so all do. */
const FOLLOWED = ['admin', 'calendar', 'chat', 'drive', 'gmail'] as const;
const FOLLOWED_DAYS = 30;
/** Those that acted last; the others are a gap. */
const MOST_AGENTS = 20;
/** Pages of one log that are read of one agent, newest first. */
const MOST_PAGES = 5;
/** Agents of one log that are remembered, and people whom one of them acted for. */
export const MOST_REMEMBERED = 1000;
const MOST_PEOPLE = 20;

/** What an agent did, added up. It is written into the cursor, so it is plain. */
export type AgentDeeds = {
  /** '' = Google says that it was an agent, and not which. */
  id: string;
  name: string | null;
  type: string | null;
  owner: string | null;
  last: string;
  /** Number of actions, by log. */
  deeds: Record<string, number>;
  /** Ids of those in whose name it acted. */
  people: string[];
};

/** How far agents were followed: `followed` counts the logs. */
export type Followed = {
  window: Window;
  followed: number;
  agents: readonly AgentDeeds[];
  /** Ids of those who are followed, chosen before the first log: what a log adds changes nothing about that. */
  chosen?: readonly string[];
  /** A log could not be read. */
  unread: boolean;
  sizes: Record<string, number>;
};

/** Adds an action to what its agent did, and says whose it was; `unremembered` = of one agent too many. */
export function agentsIn(
  agents: Map<string, AgentDeeds>,
  { id, actor, isAgenticAction, events }: Activity,
): 'person' | 'agent' | 'unremembered' {
  const told = actor?.agentAttributionInfo;
  if (!told && isAgenticAction !== true) return 'person';
  const agentId = told?.agentId ?? '';
  const at = new Date(id.time).toISOString();
  const before = agents.get(agentId);
  if (!before && agents.size >= MOST_REMEMBERED) return 'unremembered';
  // The newest event comes first, and its names are the ones of today.
  const agent = before ?? {
    id: agentId,
    name: told?.agentName ?? null,
    type: told?.agentType ?? null,
    owner: told?.agentOwner?.email ?? null,
    last: at,
    deeds: {},
    people: [],
  };
  agents.set(agentId, agent);
  if (at > agent.last) agent.last = at;
  agent.owner ??= told?.agentOwner?.email ?? null;
  agent.deeds[id.applicationName] = (agent.deeds[id.applicationName] ?? 0) + events.length;
  const user = actor?.profileId;
  if (user !== undefined && !agent.people.includes(user) && agent.people.length < MOST_PEOPLE) agent.people.push(user);
  return 'agent';
}

/** What several logs say of the same agents, whoever acted last first. */
export function joined(some: readonly AgentDeeds[], others: readonly AgentDeeds[]): AgentDeeds[] {
  const all = new Map(some.map((agent) => [agent.id, agent]));
  for (const agent of others) {
    const before = all.get(agent.id);
    if (!before) all.set(agent.id, agent);
    else
      all.set(agent.id, {
        ...before,
        name: before.name ?? agent.name,
        type: before.type ?? agent.type,
        owner: before.owner ?? agent.owner,
        last: before.last > agent.last ? before.last : agent.last,
        deeds: { ...before.deeds, ...agent.deeds },
        people: [...new Set([...before.people, ...agent.people])].slice(0, MOST_PEOPLE),
      });
  }
  return [...all.values()].toSorted((one, other) => Date.parse(other.last) - Date.parse(one.last));
}

/** Reads what known agents did to mail, files, calendars, chats and settings, log by log, and states what came together. */
export async function* followAgents(context: CollectContext<Config, Client>, position: Followed): AsyncGenerator<ScanEvent> {
  const { account } = context;
  position.chosen ??= position.agents.flatMap(({ id }) => (SAFE.test(id) ? [id] : [])).slice(0, MOST_AGENTS);
  const { chosen } = position;
  while (chosen.length > 0 && position.followed < FOLLOWED.length) {
    const log = FOLLOWED[position.followed]!;
    const read = yield* readLog(context, log, chosen, position.window);
    position.followed++;
    position.unread ||= read.unread;
    position.agents = joined(position.agents, read.agents);
    position.sizes['agentPages'] = (position.sizes['agentPages'] ?? 0) + read.pages;
    yield { type: 'checkpoint', cursor: { ...position }, sizes: position.sizes };
  }
  for (const agent of position.agents) if (agent.id !== '') yield observationOf(account.scope, agent);
  const nameless = position.agents.some(({ id }) => id === '');
  if (nameless) yield { ...missing(account.scope, 'nameless', 'not_observable', NAMELESS), byDesign: true };
  const left = position.agents.filter(({ id }) => id !== '' && !chosen.includes(id)).length;
  if (left > 0)
    yield missing(account.scope, 'others', 'over_budget', `What ${left} agents did outside the logs of Google’s own AI was not read`);
}

const NAMELESS = 'Google says of some actions that an agent did them, and not which';

/** The id becomes part of a query: one with other characters is not asked for. */
const SAFE = /^[\w.:/@+=-]{1,500}$/;

async function* readLog({ account, client }: CollectContext<Config, Client>, log: string, chosen: readonly string[], whole: Window) {
  const scope = within(account.scope, 'ai_agent_log', log);
  const loss = { scope, effect: `What agents did in the log ${log} is unknown`, permission: SCOPES.audit };
  const from = new Date(Date.parse(whole.to) - FOLLOWED_DAYS * 86_400_000).toISOString();
  const window = { from, to: whole.to };
  const agents = new Map<string, AgentDeeds>();
  let [pages, cut] = [0, 0];
  for (const id of chosen) {
    let ofAgent = 0;
    for await (const page of eventPages(client, { application: log, agent: id, fields: AGENT_FIELDS, window, pageToken: null, loss })) {
      pages++;
      ofAgent++;
      if (page.gap || page.gaps.length > 0) {
        yield page.gap ?? page.gaps[0]!;
        return { pages, agents: [], unread: true };
      }
      for (const item of page.items) agentsIn(agents, item);
      if (page.next === null || ofAgent < MOST_PAGES) continue;
      cut++;
      break;
    }
  }
  if (cut > 0) {
    const effect = `Of ${cut} agents only the latest ${MOST_PAGES} pages of the log ${log} were read`;
    yield { type: 'gap', scope, reason: 'truncated', effect } satisfies Gap;
  }
  return { pages, agents: [...agents.values()], unread: false };
}

function missing(account: string, place: string, reason: Gap['reason'], effect: string): Gap {
  return { type: 'gap', scope: within(account, 'ai_agent_log', place), reason, effect };
}

function observationOf(account: string, agent: AgentDeeds): Observation {
  const about = path('acting_agent', agent.id);
  const name = agent.name ?? agent.id;
  return {
    type: 'observation',
    thing: about,
    nativeId: about,
    kind: 'agent',
    scope: within(account, 'ai_agent', agent.id),
    subject: { app: about, name },
    principal: { id: agent.id, name, traits: ['agent_runtime', ...(agent.owner === null ? (['no_owner'] as const) : [])] },
    signals: agent.name === null ? [] : [{ type: 'app_name', value: agent.name }],
    permissions: [],
    lastUsedAt: { at: agent.last, from: 'log' },
    attributes: {
      type: agent.type,
      ownerCandidates: agent.owner === null ? [] : [{ email: agent.owner, role: 'owner', source: 'audit log' }],
      deeds: agent.deeds,
      inTheNameOf: agent.people.toSorted(),
    },
    evidence: { source: 'reports.activities.list', url: 'https://admin.google.com/ac/reporting/audit' },
  };
}
