import { startFakeTracker, type FakeAnswer, type FakeOperation, type FakeRoute, type FakeTracker } from './tracker.ts';

interface Issue {
  id: string;
  identifier: string;
  teamId: string;
  title: string;
  description: string;
  labelIds: string[];
  stateId: string;
  priority: number;
  trashed: boolean;
  madeAt: number;
  changedAt: number;
}

/** Beyond the switches of all trackers. */
export interface FakeLinear extends FakeTracker {
  /** Answers as before an id may be chosen: a second write under the same id is refused in words that nobody knows. */
  conflictWords: string;
}

type Variables = Readonly<Record<string, unknown>> & { input?: Readonly<Record<string, unknown>> };

const TEAM = '11111111-1111-4111-8111-111111111111';
const OTHER_TEAM = '22222222-2222-4222-8222-222222222222';
/** Names are the team's own. */
const STATES = [
  { id: 's-backlog', name: 'Irgendwann', type: 'backlog', position: 0 },
  { id: 's-todo', name: 'Zu tun', type: 'unstarted', position: 1 },
  { id: 's-doing', name: 'Dabei', type: 'started', position: 2 },
  { id: 's-review', name: 'Geprüft', type: 'completed', position: 4 },
  { id: 's-done', name: 'Fertig', type: 'completed', position: 3 },
  { id: 's-canceled', name: 'Verworfen', type: 'canceled', position: 5 },
] as const;
/** Each team has states of its own; an issue that is given to another gets one of that. */
const OTHER_STATES = [
  { id: 'o-todo', name: 'Offen', type: 'unstarted', position: 0 },
  { id: 'o-done', name: 'Zu', type: 'completed', position: 1 },
] as const;
const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Linear with two teams, made from linear.app/developers and the published schema (packages/sdk/src/schema.graphql of linear/linear). */
export async function startFakeLinear(now: () => Date): Promise<FakeLinear> {
  const issues: Issue[] = [];
  const labels: { id: string; name: string; teamId: string }[] = [];
  const comments: { id: string; issueId: string; body: string }[] = [];
  const credential = 'lin_api_of_this_test';

  function show(issue: Issue): object {
    return {
      id: issue.id,
      identifier: issue.identifier,
      url: `https://linear.app/corp-example/issue/${issue.identifier}/title`,
      createdAt: new Date(issue.madeAt).toISOString(),
      updatedAt: new Date(issue.changedAt).toISOString(),
      trashed: issue.trashed || null,
      state: { type: typeOf(issue.stateId) },
      team: { id: issue.teamId, key: issue.teamId === TEAM ? 'SEC' : 'OPS' },
      labels: { nodes: labels.filter(({ id }) => issue.labelIds.includes(id)).map(({ name }) => ({ name })) },
    };
  }

  function listed(some: readonly Issue[]): FakeAnswer {
    return data({ issues: { nodes: fake.hides ? [] : some.map(show), pageInfo: { hasNextPage: false } } });
  }

  const conflict = () => fault(fake.conflictWords, 'INPUT_ERROR');

  /** By root field, with what its filter holds. */
  const fields: readonly { operation: FakeOperation; field: RegExp; answer(variables: Variables): FakeAnswer }[] = [
    {
      operation: 'place',
      field: /\{\s*teams\s*\(/,
      answer({ key }) {
        const team = key === 'SEC' ? { id: TEAM, states: { nodes: STATES } } : { id: OTHER_TEAM, states: { nodes: OTHER_STATES } };
        return data({ teams: { nodes: ['SEC', 'OPS'].includes(String(key)) && !fake.hides ? [team] : [] } });
      },
    },
    {
      operation: 'find',
      field: /\{\s*issues\s*\(\s*filter:\s*\{\s*labels:\s*\{\s*name:/,
      answer: ({ marker, team }) =>
        listed(
          issues.filter(
            (issue) =>
              issue.teamId === team &&
              now().getTime() - issue.madeAt >= fake.lagMs &&
              labels.some(({ id, name }) => name === marker && issue.labelIds.includes(id)),
          ),
        ),
    },
    {
      operation: 'read',
      field: /\{\s*issues\s*\(\s*filter:\s*\{\s*id:/,
      answer: ({ id }) => listed(issues.filter((issue) => issue.id === id)),
    },
    {
      operation: 'label',
      field: /\{\s*issueLabels\s*\(/,
      answer: ({ marker, team }) =>
        data({ issueLabels: { nodes: labels.filter(({ name, teamId }) => name === marker && teamId === team).map(({ id }) => ({ id })) } }),
    },
    {
      operation: 'label',
      field: /\{\s*issueLabelCreate\s*\(/,
      answer({ input = {} }) {
        const label = { id: String(input['id']), name: String(input['name']), teamId: String(input['teamId']) };
        if (!UUID4.test(label.id)) return fault('Argument Validation Error', 'INPUT_ERROR');
        if (labels.some(({ id, name, teamId }) => id === label.id || (name === label.name && teamId === label.teamId)))
          return fault('Duplicate label name', 'INPUT_ERROR');
        labels.push(label);
        return data({ issueLabelCreate: { success: true, issueLabel: { id: label.id } } });
      },
    },
    {
      operation: 'comments',
      field: /\{\s*comments\s*\(/,
      answer: ({ id }) => data({ comments: { nodes: comments.filter((comment) => comment.id === id).map(() => ({ id })) } }),
    },
    {
      operation: 'create',
      field: /\{\s*issueCreate\s*\(/,
      answer({ input = {} }) {
        const id = String(input['id']);
        if (!UUID4.test(id)) return fault('Argument Validation Error', 'INPUT_ERROR');
        if (issues.some((issue) => issue.id === id)) return conflict();
        if (input['teamId'] !== TEAM) return fault('Entity not found: Team', 'INPUT_ERROR');
        const at = now().getTime();
        const issue: Issue = {
          id,
          identifier: `SEC-${issues.length + 1}`,
          teamId: TEAM,
          title: String(input['title']),
          description: String(input['description']),
          labelIds: input['labelIds'] as string[],
          priority: Number(input['priority']),
          stateId: 's-todo',
          trashed: false,
          madeAt: at,
          changedAt: at,
        };
        issues.push(issue);
        return data({ issueCreate: { success: true, issue: show(issue) } });
      },
    },
    {
      operation: 'comment',
      field: /\{\s*commentCreate\s*\(/,
      answer({ input = {} }) {
        const id = String(input['id']);
        if (!UUID4.test(id)) return fault('Argument Validation Error', 'INPUT_ERROR');
        if (comments.some((comment) => comment.id === id)) return conflict();
        if (!issues.some((issue) => issue.id === input['issueId'])) return fault('Entity not found: Issue', 'INPUT_ERROR');
        comments.push({ id, issueId: String(input['issueId']), body: String(input['body']) });
        return data({ commentCreate: { success: true } });
      },
    },
  ];

  function change({ id, input = {} }: Variables): FakeAnswer {
    const issue = issues.find((one) => one.id === id);
    if (!issue) return fault('Entity not found: Issue', 'INPUT_ERROR');
    if ('stateId' in input && !(issue.teamId === TEAM ? STATES : OTHER_STATES).some((state) => state.id === input['stateId']))
      return fault('Entity not found: WorkflowState', 'INPUT_ERROR');
    Object.assign(issue, input, { changedAt: now().getTime() });
    return data({ issueUpdate: { success: true } });
  }

  const path = /^\/graphql$/;
  const update = /\{\s*issueUpdate\s*\(/;
  const routes: FakeRoute[] = [
    ...fields.map(({ operation, field, answer }): FakeRoute => ({
      operation,
      method: 'POST',
      path,
      when: (body) => field.test(String(body['query'])),
      answer: ({ body }) => answer(body['variables'] as Variables),
    })),
    ...(['state', 'update'] as const).map((operation): FakeRoute => ({
      operation,
      method: 'POST',
      path,
      when: (body) =>
        update.test(String(body['query'])) && 'stateId' in ((body['variables'] as Variables).input ?? {}) === (operation === 'state'),
      answer: ({ body }) => change(body['variables'] as Variables),
    })),
  ];
  const server = await startFakeTracker({
    routes,
    accepts: ({ authorization }) => authorization === credential,
    refuse(status) {
      if (status === 401) return { ...fault('Authentication required, not authenticated', 'AUTHENTICATION_ERROR'), status: 400 };
      if (status === 403) return { ...fault('You do not have access', 'FORBIDDEN'), status: 200 };
      if (status === 429) return { ...fault('Rate limit exceeded', 'RATELIMITED'), status: 400 };
      return { status, body: { errors: [{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] } };
    },
  });

  function withId(id: string): Issue {
    return issues.find((issue) => issue.id === id)!;
  }
  const fake: FakeLinear = Object.assign(server, {
    credential,
    lagMs: 0,
    conflictWords: 'Conflict on insert',
    hides: false,
    tickets: () =>
      issues
        .filter(({ trashed }) => !trashed)
        .map((issue) => ({
          id: issue.id,
          title: issue.title,
          text: issue.description,
          comments: comments.filter(({ issueId }) => issueId === issue.id).map(({ body }) => body),
          open: !['completed', 'canceled'].includes(typeOf(issue.stateId)),
          labels: labels.filter(({ id }) => issue.labelIds.includes(id)).map(({ name }) => name),
        })),
    person: {
      close: (id: string) => void (withId(id).stateId = 's-canceled'),
      reopen: (id: string) => void (withId(id).stateId = 's-doing'),
      remove: (id: string) => void (withId(id).trashed = true),
      move: (id: string) => void Object.assign(withId(id), { teamId: OTHER_TEAM, stateId: 'o-todo' }),
      moveBack: (id: string) => void Object.assign(withId(id), { teamId: TEAM, stateId: 's-todo' }),
    },
  });
  return fake;
}

function typeOf(stateId: string): string {
  return [...STATES, ...OTHER_STATES].find(({ id }) => id === stateId)!.type;
}

function data(value: object): FakeAnswer {
  return { status: 200, body: { data: value } };
}

function fault(message: string, code: string): FakeAnswer {
  return {
    status: 200,
    body: { data: null, errors: [{ message, path: [], extensions: { code, type: code.toLowerCase(), userError: true } }] },
  };
}
