import { z } from 'zod';
import { secretReference } from '../../secret/secret.ts';
import { LINEAR, markdown } from '../markup/markdown.ts';
import { titleLine } from '../markup/shown.ts';
import type { SinkKind } from '../sink-kind.ts';
import { SinkError, type Comment, type Draft, type Marker, type RemoteTicket } from '../sink.ts';
import { openExchange, shapeOf, timeoutSeconds, trackerAddress, type Reply, type Weight } from './exchange.ts';
import { noteBlocks, noteFooter, ticketFooter, uuidOf } from './marks.ts';

const config = z.strictObject({
  team: z
    .string()
    .regex(/^[A-Z0-9]{1,10}$/)
    .describe('Key of the team whose issues they are, as in `SEC-12`'),
  alsoIn: z
    .array(z.string().regex(/^[A-Z0-9]{1,10}$/))
    .max(20)
    .default([])
    .describe('Keys of teams that people may give issues to: they are kept up there. What another team got is left alone'),
  token: secretReference.describe('A personal API key (`lin_api_…`) limited to this team, or an OAuth access token'),
  api: trackerAddress.default('https://api.linear.app'),
  timeoutSeconds,
});

const NAME = 'Linear';
const LONGEST_TITLE = 250;
/** Types of states that are the end of an issue (schema, `WorkflowState.type`). */
const ENDED = ['completed', 'canceled', 'duplicate'];
const PRIORITY = { critical: 1, high: 2, medium: 3, low: 4 } as const;

const ISSUE = 'id identifier url createdAt updatedAt trashed state { type } team { id key } labels { nodes { name } }';
const issue = z.object({
  id: z.string(),
  identifier: z.string(),
  url: z.url(),
  createdAt: z.string(),
  updatedAt: z.string().optional(),
  trashed: z.boolean().nullish(),
  state: z.object({ type: z.string() }),
  team: z.object({ id: z.string(), key: z.string() }),
  labels: z.object({ nodes: z.array(z.object({ name: z.string() })) }),
});
type Issue = z.output<typeof issue>;
const issues = z.object({ issues: z.object({ nodes: z.array(issue), pageInfo: z.object({ hasNextPage: z.boolean() }) }) });
const state = z.object({ id: z.string(), type: z.string(), position: z.number() });
const teams = z.object({ teams: z.object({ nodes: z.array(z.object({ id: z.string(), states: z.object({ nodes: z.array(state) }) })) }) });
const ids = z.array(z.object({ id: z.string() }));

const TEAM = `query Team($key: String!) { teams(filter: { key: { eq: $key } }, first: 2) { nodes { id states(first: 100) { nodes { id type position } } } } }`;
const BY_MARKER = `query Marked($marker: String!, $team: ID!) { issues(filter: { labels: { name: { eq: $marker } }, team: { id: { eq: $team } } }, includeArchived: true, first: 50) { nodes { ${ISSUE} } pageInfo { hasNextPage } } }`;
const BY_ID = `query Issue($id: ID!) { issues(filter: { id: { eq: $id } }, includeArchived: true, first: 1) { nodes { ${ISSUE} } pageInfo { hasNextPage } } }`;
const LABEL = `query Label($marker: String!, $team: ID!) { issueLabels(filter: { name: { eq: $marker }, team: { id: { eq: $team } } }, first: 1) { nodes { id } } }`;
const COMMENT = `query Comment($id: ID!) { comments(filter: { id: { eq: $id } }, first: 1) { nodes { id } } }`;
const CREATE_LABEL = `mutation Mark($input: IssueLabelCreateInput!) { issueLabelCreate(input: $input) { success issueLabel { id } } }`;
const CREATE = `mutation Open($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { ${ISSUE} } } }`;
const UPDATE = `mutation Change($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }`;
const CREATE_COMMENT = `mutation Say($input: CommentCreateInput!) { commentCreate(input: $input) { success } }`;

/**
 * Linear's GraphQL API (linear.app/developers; `packages/sdk/src/schema.graphql` of linear/linear).
 * - `IssueCreateInput.id` and `CommentCreateInput.id` take an "identifier in UUID v4 format": made of the idempotency key, so that a
 *   second write of the same cannot make a second issue. How Linear words the refusal is not documented: whatever it answers, the
 *   id is looked up. Besides, an issue carries a label that is its marker.
 * - Faults come with status 200 or 400, in `errors` with `extensions.code`; too many requests are `RATELIMITED` with status 400 and
 *   `x-ratelimit-requests-reset` in milliseconds ("Rate limiting"). States are chosen by their type, names are the team's own.
 * - All values go as variables, never into the text of a query.
 */
export const linear: SinkKind<z.output<typeof config>> = {
  kind: 'linear',
  title: 'Linear',
  config,
  open(settings, secrets, options) {
    const token = secrets(settings.token);
    const exchange = openExchange({
      ...options,
      address: settings.api,
      name: NAME,
      timeoutSeconds: settings.timeoutSeconds,
      headers: () => ({ authorization: authorization(token.reveal().trim()) }),
      pace: { everyMs: 250, writeEveryMs: 500, writes: { most: 600, withinMs: 3_600_000 } },
      busy: (reply) => limited(reply, options.now()),
    });
    const keys = [settings.team, ...settings.alsoIn];
    /** Those that were asked for, by their keys. */
    const shownTeams = new Map<string, { id: string; states: z.output<typeof state>[] }>();
    /** Ids of labels by their names. */
    const labels = new Map<string, string>();

    async function ask<T>(schema: z.ZodType<T>, query: string, variables: object, weight: Weight, signal: AbortSignal): Promise<T> {
      const reply = await exchange.send({ method: 'POST', path: '/graphql', body: { query, variables } }, weight, signal, [400]);
      refuseErrors(reply, weight);
      return shapeOf(z.object({ data: schema }), reply, weight, NAME).data;
    }

    async function teamOf(key: string, signal: AbortSignal) {
      const known = shownTeams.get(key);
      if (known) return known;
      const { nodes } = (await ask(teams, TEAM, { key }, 'read', signal)).teams;
      if (nodes.length !== 1) throw new SinkError('refused', `${NAME} shows no team ${key} to this key`);
      const team = { id: nodes[0]!.id, states: nodes[0]!.states.nodes.toSorted((one, other) => one.position - other.position) };
      shownTeams.set(key, team);
      return team;
    }

    async function labelOf(marker: Marker, signal: AbortSignal): Promise<string> {
      const { id: teamId } = await teamOf(settings.team, signal);
      const known = labels.get(marker) ?? (await labelNamed(marker, teamId, signal));
      if (known !== undefined) return known;
      const input = { id: uuidOf(`label ${teamId} ${marker}`), teamId, name: marker, color: '#bec2c8' };
      const schema = z.object({ issueLabelCreate: z.object({ success: z.literal(true) }) });
      try {
        await ask(schema, CREATE_LABEL, { input }, 'repeatable', signal);
      } catch (error) {
        // Somebody was faster, or it was made at an earlier attempt.
        if (!(error instanceof SinkError) || (await labelNamed(marker, teamId, signal)) === undefined) throw error;
      }
      const made = await labelNamed(marker, teamId, signal);
      return made ?? input.id;
    }

    async function labelNamed(marker: Marker, teamId: string, signal: AbortSignal): Promise<string | undefined> {
      const schema = z.object({ issueLabels: z.object({ nodes: ids }) });
      const { nodes } = (await ask(schema, LABEL, { marker, team: teamId }, 'read', signal)).issueLabels;
      if (nodes[0]) labels.set(marker, nodes[0].id);
      return nodes[0]?.id;
    }

    async function read(id: string, signal: AbortSignal): Promise<Issue | undefined> {
      // Linear refuses an id that is no UUID with an error that is not told apart from others.
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return undefined;
      const [found] = (await ask(issues, BY_ID, { id }, 'read', signal)).issues.nodes;
      return found?.trashed ? undefined : found;
    }

    /** The issue, where it may be written to: people may have given it to another team. */
    async function ours(id: string, signal: AbortSignal): Promise<Issue> {
      const found = await read(id, signal);
      if (!found) throw new SinkError('refused', `${NAME} has no issue ${id}`);
      if (!keys.includes(found.team.key))
        throw new SinkError('refused', `${found.identifier} belongs to team ${found.team.key} and not to ${keys.join(' or ')}`);
      return found;
    }

    /** Writes under an id of our own choice; where it is refused, whether that is because it is there already. */
    async function once<T>(write: () => Promise<T>, isThere: () => Promise<T | undefined>): Promise<T> {
      try {
        return await write();
      } catch (error) {
        if (!(error instanceof SinkError) || error.outcome !== 'refused') throw error;
        const there = await isThere();
        if (there === undefined) throw error;
        return there;
      }
    }

    async function say(issueId: string, comment: Comment, signal: AbortSignal): Promise<void> {
      const id = uuidOf(`comment ${comment.idempotencyKey}`);
      const there = async () => {
        const schema = z.object({ comments: z.object({ nodes: ids }) });
        return (await ask(schema, COMMENT, { id }, 'read', signal)).comments.nodes.length > 0 ? true : undefined;
      };
      if (await there()) return;
      const schema = z.object({ commentCreate: z.object({ success: z.literal(true) }) });
      const input = { id, issueId, body: markdown(noteBlocks(comment), LINEAR, noteFooter(comment)) };
      await once(async () => (await ask(schema, CREATE_COMMENT, { input }, 'write', signal)).commentCreate.success, there);
    }

    async function change(id: string, input: object, signal: AbortSignal): Promise<void> {
      const schema = z.object({ issueUpdate: z.object({ success: z.literal(true) }) });
      await ask(schema, UPDATE, { id, input }, 'write', signal);
    }

    /** Each team has states of its own. */
    async function stateOf({ team: { key } }: Issue, types: readonly string[], signal: AbortSignal): Promise<string> {
      const { states } = await teamOf(key, signal);
      for (const type of types) {
        const found = states.find((one) => one.type === type);
        if (found) return found.id;
      }
      throw new SinkError('refused', `Team ${key} has no state of type ${types.join(' or ')}`);
    }

    return {
      kind: 'linear',
      place: `${new URL(settings.api).host}/${settings.team}`,
      findableAfterMs: 30_000,
      dropsRepeats: true,

      async find(marker, made, signal) {
        const marked: Issue[] = [];
        for (const key of keys)
          marked.push(...(await ask(issues, BY_MARKER, { marker, team: (await teamOf(key, signal)).id }, 'read', signal)).issues.nodes);
        const known = await Promise.all(made.filter((id) => !marked.some((one) => one.id === id)).map((id) => read(id, signal)));
        return [...marked, ...known.filter((one) => one !== undefined)]
          .filter((one) => !one.trashed && keys.includes(one.team.key) && one.labels.nodes.some(({ name }) => name === marker))
          .sort((one, other) => one.createdAt.localeCompare(other.createdAt) || one.id.localeCompare(other.id))
          .map(ticketOf);
      },

      async get(id, signal) {
        const found = await read(id, signal);
        if (found) return { ...ticketOf(found), ...(!keys.includes(found.team.key) && { elsewhere: `team ${found.team.key}` }) };
        // A team that this key is not shown any more has no issues either: nothing may be concluded from that.
        shownTeams.delete(settings.team);
        await teamOf(settings.team, signal);
        return undefined;
      },

      async create(draft, signal) {
        const { id: teamId } = await teamOf(settings.team, signal);
        const label = await labelOf(draft.marker, signal);
        const id = uuidOf(`issue ${draft.idempotencyKey}`);
        const input = { id, teamId, ...textOf(draft), labelIds: [label], priority: PRIORITY[draft.severity] };
        const schema = z.object({ issueCreate: z.object({ success: z.literal(true), issue }) });
        return ticketOf(
          await once(
            async () => (await ask(schema, CREATE, { input }, 'write', signal)).issueCreate.issue,
            () => read(id, signal),
          ),
        );
      },

      async update(id, draft, signal) {
        await change((await ours(id, signal)).id, textOf(draft), signal);
      },

      async comment(id, comment, signal) {
        await say((await ours(id, signal)).id, comment, signal);
      },

      async close(id, comment, signal) {
        const found = await ours(id, signal);
        if (isEnded(found)) return;
        const stateId = await stateOf(found, ['completed', 'canceled'], signal);
        await say(found.id, comment, signal);
        await change(found.id, { stateId }, signal);
      },

      async reopen(id, comment, signal) {
        const found = await ours(id, signal);
        if (!isEnded(found)) return;
        const stateId = await stateOf(found, ['unstarted', 'backlog', 'triage', 'started'], signal);
        await say(found.id, comment, signal);
        await change(found.id, { stateId }, signal);
      },
    };
  },
};

/** A personal key stands alone; a token of OAuth has its scheme before it ("Getting started", authentication). */
function authorization(token: string): string {
  return token.startsWith('lin_api_') ? token : `Bearer ${token}`;
}

function textOf(draft: Draft): object {
  return {
    title: titleLine(draft.document.title, LONGEST_TITLE),
    description: markdown(draft.document.blocks, LINEAR, ticketFooter(draft)),
  };
}

function isEnded({ state: { type } }: Issue): boolean {
  return ENDED.includes(type);
}

function ticketOf(found: Issue): RemoteTicket {
  return {
    id: found.id,
    label: found.identifier,
    url: found.url,
    state: isEnded(found) ? 'closed' : 'open',
    ...(found.updatedAt !== undefined && { changedAt: found.updatedAt }),
  };
}

const faults = z.object({
  errors: z.array(
    z.object({
      message: z.string(),
      extensions: z.object({ code: z.string().optional(), type: z.string().optional(), userError: z.boolean().optional() }).optional(),
    }),
  ),
});

function errorsOf(reply: Reply): z.output<typeof faults>['errors'] {
  const read = faults.safeParse(reply.body);
  return read.success ? read.data.errors : [];
}

/** Codes that say that the input or the right was at fault: nothing was written. */
const REFUSALS = /input|validation|graphql|auth|forbidden|not_?found|feature|user ?error|usage/i;

function refuseErrors(reply: Reply, weight: Weight): void {
  const errors = errorsOf(reply);
  if (errors.length === 0 && reply.status === 200) return;
  const ours =
    errors.length > 0 && errors.every(({ extensions: e }) => e?.userError === true || REFUSALS.test(`${e?.code ?? ''} ${e?.type ?? ''}`));
  const message = `${NAME} answers ${reply.status}: ${
    errors
      .map(({ message: text }) => text)
      .join('; ')
      .slice(0, 300) || 'no reason'
  }`;
  if (ours || reply.status === 400) throw new SinkError('refused', message);
  throw new SinkError(weight === 'write' ? 'unknown' : 'busy', message);
}

function limited(reply: Reply, now: Date): number | undefined {
  if (!errorsOf(reply).some(({ extensions }) => /^ratelimited$/i.test(extensions?.code ?? extensions?.type ?? ''))) return undefined;
  const reset = Number(reply.headers.get('x-ratelimit-requests-reset')) - now.getTime();
  return Number.isFinite(reset) && reset > 0 && reset < 2 * 3_600_000 ? reset : 60_000;
}
