import { chance } from '../../../src/testing/random.ts';
import type { AgentId } from './audit.ts';
import { STORY_COMPANY } from './stories.ts';
import { readableDays, type World } from './world.ts';

/** Something that Google's own AI, or an agent, did for a person; a log tells it. */
export interface AiDeed {
  application: AiApplication;
  name: string;
  actor: number;
  day: number;
  parameters?: Readonly<Record<string, string>>;
  /** `unnamed`: Google says that it was an agent, and not which. */
  agent?: AgentId | 'unnamed';
}

/** What Google's page says for the first; of the others no list of events is known, and these are made up. */
export const AI_EVENTS = {
  gemini_in_workspace_apps: ['feature_utilization'],
  gemini_notebook: ['chat'],
  workspace_studio: ['run_flow'],
  calendar: ['create_event'],
  chat: ['message_posted'],
  drive: ['edit', 'view'],
  gmail: ['delivery'],
} as const;
export type AiApplication = keyof typeof AI_EVENTS;

const OWN_AI = ['gemini_in_workspace_apps', 'gemini_notebook', 'workspace_studio'] as const;
const FOLLOWED = ['admin', 'calendar', 'chat', 'drive', 'gmail'] as const;
/** People whose use is told of. */
const TOLD = 30;

const SORTER: AgentId = { agentId: 'studio-agent-4711', agentName: 'Invoice sorter', agentType: 'WORKSPACE_STUDIO', owner: 1 };
/** Its id would be more than an id in a query that quotes it. */
const QUOTER: AgentId = { agentId: 'x" OR agentName="y', agentName: 'Helper', agentType: 'CUSTOM' };

const STORIES: readonly AiDeed[] = [
  gemini(1, 2, { app_name: 'gmail', action: 'summarize', event_category: 'active_summarize' }),
  gemini(1, 3, { app_name: 'docs', action: 'generate_text', event_category: 'active_generate' }),
  gemini(1, 5, { app_name: 'docs', action: 'generate_text', event_category: 'active_generate' }),
  gemini(1, 4, { app_name: 'gmail', action: 'suggest_full_replies', event_category: 'inactive' }),
  // Nobody asked: this person does not use it.
  gemini(3, 4, { app_name: 'gmail', action: 'suggest_full_replies', event_category: 'inactive' }),
  { ...gemini(2, 6, { app_name: 'sheets', action: 'generate_text', event_category: 'active_generate' }), agent: 'unnamed' },
  { application: 'gemini_notebook', name: 'chat', actor: 2, day: 7, parameters: { notebook_title: 'Redundancies, confidential' } },
  { application: 'gemini_notebook', name: 'chat', actor: 2, day: 8, parameters: { notebook_title: 'Redundancies, confidential' } },
  { application: 'workspace_studio', name: 'run_flow', actor: 1, day: 4, agent: SORTER },
  { application: 'workspace_studio', name: 'run_flow', actor: 2, day: 9, agent: SORTER },
  { application: 'drive', name: 'edit', actor: 1, day: 3, agent: SORTER },
  { application: 'drive', name: 'view', actor: 2, day: 9, agent: SORTER },
  { application: 'drive', name: 'view', actor: 2, day: 90, agent: SORTER },
  { application: 'drive', name: 'view', actor: 5, day: 2 },
  { application: 'gmail', name: 'delivery', actor: 1, day: 3, agent: SORTER },
];

const QUOTED: AiDeed = { application: 'workspace_studio', name: 'run_flow', actor: 9, day: 9, agent: QUOTER };

function gemini(actor: number, day: number, parameters: Readonly<Record<string, string>>): AiDeed {
  return { application: 'gemini_in_workspace_apps', name: 'feature_utilization', actor, day, parameters };
}

export function aiDeeds(world: World): readonly AiDeed[] {
  if (!world.logsAi || world.people < STORY_COMPANY) return [];
  const { seed } = world.company;
  const drawn = Array.from({ length: Math.min(world.people, TOLD) }, (_, actor) => actor)
    .filter((actor) => actor >= 10 && chance(seed, 'google ai', actor) < 0.7)
    .map((actor) =>
      gemini(actor, 1 + Math.floor(chance(seed, 'google ai day', actor) * 60), {
        app_name: 'meet',
        action: 'conversation',
        event_category: 'active_conversations',
      }),
    );
  return [...STORIES, ...(world.quotedAgent ? [QUOTED] : []), ...drawn];
}

/** The true sizes of the night, and the pages that following agents by their ids takes. */
export function aiSizes(world: World, night: number, size: number): Record<string, number> {
  const days = new Set(readableDays(night));
  const deeds = aiDeeds(world).filter(({ day }) => days.has(day));
  const events = (application: AiApplication) => deeds.filter((deed) => deed.application === application);
  const recent = new Set([...days].slice(0, 30));
  const of = (application: (typeof FOLLOWED)[number], agent: AgentId) =>
    deeds.filter((deed) => deed.application === application && deed.agent === agent && recent.has(deed.day)).length;
  const followed = deeds.some(({ agent }) => agent === SORTER) ? [SORTER] : [];
  const pages = followed.flatMap((agent) =>
    FOLLOWED.map((application) => Math.min(5, Math.max(1, Math.ceil(of(application, agent) / size)))),
  );
  return {
    ...Object.fromEntries(OWN_AI.map((application) => [`aiEvents_${application}`, events(application).length])),
    agentPages: pages.reduce((sum, count) => sum + count, 0),
  };
}
