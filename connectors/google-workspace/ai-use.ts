import {
  defineCollector,
  path,
  within,
  type CollectContext,
  type Gap,
  type Observation,
  type ScanEvent,
} from '../../src/connector/index.ts';
import { agentsIn, followAgents, joined, MOST_REMEMBERED, type AgentDeeds, type Followed } from './agent-deeds.ts';
import { eventPages, LOG_DAYS, logWindow, parameter, type Window } from './audit.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';
import { AGENT_FIELDS, AI_FIELDS, type Activity } from './schema.ts';

/** Pages that are read of one log, newest first: 20,000 events. What lies before them is a gap. */
const MOST_PAGES = 20;

/**
 * The logs of Google's own AI, and what each is of. Only the first says in its parameters where Google's AI was used and for what;
 * of the others the names of the events are asked for alone, since parameters may hold titles.
 * https://developers.google.com/workspace/admin/reports/v1/appendix/activity/gemini-in-workspace-apps
 */
const AI_LOGS = [
  { application: 'gemini_in_workspace_apps', name: 'Gemini for Google Workspace', fields: AI_FIELDS },
  { application: 'gemini_notebook', name: 'NotebookLM', fields: AGENT_FIELDS },
  { application: 'workspace_studio', name: 'Workspace Studio', fields: AGENT_FIELDS },
] as const;
type AiLog = (typeof AI_LOGS)[number];

/** Who uses Google's own AI and for what, and what agents did in whose name. Nothing but sums is kept, and no prompt is ever asked for. */
export const aiUse = defineCollector<Config, Client>({
  id: 'ai_use',
  title: 'Use of Google’s own AI, and what agents did',
  version: 2,
  kinds: ['usage', 'agent'],
  mode: 'log',
  optional: true,
  operations: ['reports.activities.list'],
  permissions: [{ id: SCOPES.audit, purpose: 'Read who used Google’s own AI, and what agents did', required: true }],
  limits: [
    'Prompts and answers',
    `What happened more than ${LOG_DAYS} days ago, or before the latest ${MOST_PAGES * 1000} events of a log`,
    'Agents that no log of Google’s own AI tells of',
  ],
  volatile: ['events', 'places', 'actions', 'since', 'deeds', 'inTheNameOf'],
  requests: (sizes) =>
    AI_LOGS.reduce((sum, { application }) => sum + Math.min(MOST_PAGES, sizes.pages(`aiEvents_${application}`, 1000)), 0) +
    sizes.of('agentPages'),

  async *collect(context) {
    const { account, cursor, now } = context;
    const position = (cursor ?? beginning(logWindow(now()))) as Position;
    while (position.logs < AI_LOGS.length) {
      const log = AI_LOGS[position.logs]!;
      const read = yield* readLog(context, log, position.window);
      position.logs++;
      position.unread ||= read.unread;
      if (read.from > position.agentsSince) position.agentsSince = read.from;
      position.agents = joined(position.agents, read.agents);
      position.sizes[`aiEvents_${log.application}`] = read.events;
      yield { type: 'checkpoint', cursor: { ...position }, sizes: position.sizes };
    }
    yield* followAgents(context, position);
    // Where a log could not be read, agents may be missing; before the latest beginning of a log, too.
    const window = { from: position.agentsSince, to: position.window.to };
    if (!position.unread) yield { type: 'covered', scope: within(account.scope, 'ai_agent'), window };
  },
});

/** How far a scan has come; `logs` counts those of Google's AI that were read, and all of them were read since `agentsSince`. */
type Position = Followed & { logs: number; agentsSince: string };

function beginning(window: Window): Position {
  return { window, logs: 0, agentsSince: window.from, followed: 0, agents: [], unread: false, sizes: {} };
}

/** What one person used one of Google's AI services for, added up. */
interface Use {
  user: string;
  name: string;
  last: string;
  events: number;
  places: Map<string, number>;
  actions: Map<string, number>;
}

/** Reads one log. Of one that broke off nothing is added up: a sum over half of the events would be wrong, not small. */
async function* readLog({ account, client }: CollectContext<Config, Client>, log: AiLog, window: Window) {
  const scope = within(account.scope, 'ai_log', log.application);
  const loss = { scope, effect: `Who used ${log.name} is unknown`, permission: SCOPES.audit };
  const users = new Map<string, Use>();
  const agents = new Map<string, AgentDeeds>();
  const gaps: Gap[] = [];
  let [pages, events, from, remembered] = [0, 0, window.from, true];
  const { application, fields } = log;
  for await (const page of eventPages(client, { application, fields, window, pageToken: null, loss })) {
    pages++;
    if (page.gap) {
      gaps.push(page.gap);
      break;
    }
    gaps.push(...page.gaps);
    events += page.items.length;
    for (const item of page.items) {
      const whose = agentsIn(agents, item);
      if (whose === 'person') addUp(users, item);
      remembered &&= whose !== 'unremembered';
    }
    if (page.next === null || pages < MOST_PAGES) continue;
    from = new Date(page.items.at(-1)?.id.time ?? from).toISOString();
    gaps.push({ type: 'gap', scope, reason: 'truncated', effect: `Only the latest ${pages} pages of the log of ${log.name} were read` });
    break;
  }
  yield* gaps;
  const unread = gaps.some(({ reason }) => reason !== 'truncated');
  if (unread) return { events, agents: [], unread, from };
  if (!remembered) yield tooMany(account.scope, log);
  if (events === 0) yield nothingLogged(scope, log);
  for (const use of users.values()) yield observationOf(scope, log, use, from);
  yield { type: 'covered', scope, window: { from, to: window.to } } satisfies ScanEvent;
  return { events, agents: [...agents.values()], unread, from };
}

/** What Google counts although nobody asked for anything. */
const UNASKED = 'inactive';

function addUp(users: Map<string, Use>, { actor, id, events }: Activity): void {
  const user = actor?.profileId;
  const asked = events.filter((event) => parameter(event, 'event_category')[0] !== UNASKED);
  if (user === undefined || asked.length === 0) return;
  const at = new Date(id.time).toISOString();
  const use = users.get(user) ?? { user, name: actor?.email ?? user, last: at, events: 0, places: new Map(), actions: new Map() };
  users.set(user, use);
  if (at > use.last) use.last = at;
  for (const event of asked) {
    use.events++;
    count(use.places, parameter(event, 'app_name')[0]);
    count(use.actions, parameter(event, 'action')[0] ?? event.name);
  }
}

/** Names that are counted apart; the provider may make up more of them any day. */
const MOST_NAMES = 40;

function count(counts: Map<string, number>, name: string | undefined): void {
  if (name !== undefined && (counts.has(name) || counts.size < MOST_NAMES)) counts.set(name, (counts.get(name) ?? 0) + 1);
}

function observationOf(scope: string, { application, name }: AiLog, use: Use, since: string): Observation {
  const about = path('ai_use', application, use.user);
  return {
    type: 'observation',
    thing: about,
    nativeId: about,
    kind: 'usage',
    scope,
    subject: { app: path('own_ai', application), name },
    principal: { id: use.user, name: use.name, traits: ['interactive_login', 'directory_person'] },
    signals: [{ type: 'app_name', value: name }],
    permissions: [],
    lastUsedAt: { at: use.last, from: 'log' },
    attributes: {
      events: use.events,
      places: Object.fromEntries(use.places),
      actions: Object.fromEntries(use.actions),
      since: since.slice(0, 10),
    },
    evidence: { source: 'reports.activities.list', url: 'https://admin.google.com/ac/reporting/audit' },
  };
}

/** It lies over the whole place of agents: nobody knows which are missing. */
function tooMany(account: string, { name }: AiLog): Gap {
  const effect = `The log of ${name} tells of more than ${MOST_REMEMBERED} agents: those that acted longest ago were left out`;
  return { type: 'gap', scope: within(account, 'ai_agent'), reason: 'truncated', effect };
}

function nothingLogged(scope: string, { name }: AiLog): Gap {
  const effect = `The log of ${name} is empty: nobody used it, or this edition does not log it`;
  return { type: 'gap', scope: within(scope, 'logged'), reason: 'not_licensed', effect };
}
