import { z } from 'zod';
import { secretReference } from '../../secret/secret.ts';
import { adf } from '../markup/adf.ts';
import { titleLine } from '../markup/shown.ts';
import type { SinkKind } from '../sink-kind.ts';
import { SinkError, type Comment, type Draft, type RemoteTicket } from '../sink.ts';
import { openExchange, segment, shapeOf, timeoutSeconds, trackerAddress } from './exchange.ts';
import { allOf, listed, someOf } from './lists.ts';
import { noteBlocks, noteFooter, noteMark, ticketFooter } from './marks.ts';

const config = z.strictObject({
  site: trackerAddress.describe('`https://NAME.atlassian.net`'),
  project: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{1,99}$/)
    .describe('Key of the project where issues are opened'),
  alsoIn: z
    .array(z.string().regex(/^[A-Z][A-Z0-9_]{1,99}$/))
    .max(20)
    .default([])
    .describe('Keys of projects that people may move issues to: they are kept up there. What was moved elsewhere is left alone'),
  email: z.email().describe('The account that the token belongs to'),
  token: secretReference.describe('An API token of that account'),
  issueType: z.string().min(1).max(100).default('Task').describe('Name or id of the type of new issues, as the site shows it'),
  labels: z
    .array(z.string().regex(/^\S{1,255}$/))
    .max(20)
    .default([]),
  fields: z
    .record(z.string().regex(/^[A-Za-z]\w*$/), z.json())
    .default({})
    .describe('Further fields of new issues by their ids, where the project asks for them'),
  closeFields: z
    .record(z.string().regex(/^[A-Za-z]\w*$/), z.json())
    .default({})
    .describe('Fields that the transition to done asks for, as `resolution`'),
  timeoutSeconds,
});

const NAME = 'Jira';
const LONGEST_SUMMARY = 255;
/** `reconcileIssues` takes 50 ids. */
const MOST_RECONCILED = 50;

const issue = z.object({
  id: z.string(),
  key: z.string(),
  fields: z.object({
    status: z.object({ statusCategory: z.object({ key: z.string() }) }),
    project: z.object({ id: z.string(), key: z.string() }),
    labels: z.array(z.string()).default([]),
    created: z.string(),
    updated: z.string().optional(),
  }),
});
const FIELDS = ['status', 'project', 'labels', 'created', 'updated'];
type Issue = z.output<typeof issue>;

const page = z.object({ issues: z.array(issue).default([]), nextPageToken: z.string().nullish() });
const made = z.object({ id: z.string(), key: z.string() });
const comments = z.object({ comments: z.array(z.object({ body: z.unknown() })), total: z.int() });
const transitions = z.object({
  transitions: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      to: z.object({ statusCategory: z.object({ key: z.string() }) }),
      isAvailable: z.boolean().optional(),
      fields: z
        .record(z.string(), z.object({ required: z.boolean(), name: z.string(), hasDefaultValue: z.boolean().optional() }))
        .optional(),
    }),
  ),
});

/**
 * Jira Cloud, REST version 3 (developer.atlassian.com/cloud/jira/platform/rest/v3).
 * - An issue is found by a label that is its marker, with `search/jql`; the older `search` is gone (410). The index is behind by
 *   "a few seconds to minutes", except for up to 50 ids that `reconcileIssues` names ("Search and reconcile").
 * - Names of statuses and transitions are the site's own and translated: a transition is chosen by the category of its target,
 *   `done` or another one. Whether it asks for fields is told by `expand=transitions.fields`.
 * - 429 carries Retry-After. An issue takes 20 writes in 2 seconds and 100 in 30 ("Rate limiting", per-issue writes).
 * - An issue that people moved to another project keeps its id: before each write it is looked at where it is.
 *   Where the account may not see it any more, it cannot be told from one that was deleted: both answer 404.
 */
export const jira: SinkKind<z.output<typeof config>> = {
  kind: 'jira',
  title: 'Jira Cloud',
  config,
  open(settings, secrets, options) {
    const token = secrets(settings.token);
    const projects = [settings.project, ...settings.alsoIn];
    const exchange = openExchange({
      ...options,
      address: settings.site,
      name: NAME,
      timeoutSeconds: settings.timeoutSeconds,
      headers: () => ({ authorization: `Basic ${Buffer.from(`${settings.email}:${token.reveal()}`).toString('base64')}` }),
      pace: { everyMs: 100, writeEveryMs: 350 },
    });

    async function read(id: string, signal: AbortSignal): Promise<Issue | undefined> {
      const query = { fields: FIELDS.join(',') };
      const reply = await exchange.send({ method: 'GET', path: `/rest/api/3/issue/${segment(id)}`, query }, 'read', signal, [404]);
      return reply.status === 404 ? undefined : shapeOf(issue, reply, 'read', NAME);
    }

    /** Jira answers 404 for what it does not show as well: nothing may be concluded from that where the project is not shown either. */
    async function refuseUnlessShown(signal: AbortSignal): Promise<void> {
      await exchange.send({ method: 'GET', path: `/rest/api/3/project/${segment(settings.project)}` }, 'read', signal);
    }

    /** The issue, where it may be written to. */
    async function ours(id: string, signal: AbortSignal): Promise<Issue> {
      const found = await read(id, signal);
      if (!found) throw new SinkError('refused', `${NAME} has no issue ${id}, or does not show it`);
      const { key } = found.fields.project;
      if (!projects.includes(key))
        throw new SinkError('refused', `${found.key} lies in project ${key} and not in ${projects.join(' or ')}`);
      return found;
    }

    function commentsOf(path: string, signal: AbortSignal) {
      return listed(0, async (startAt) => {
        const query = { startAt: String(startAt), maxResults: '100', orderBy: '-created' };
        const some = shapeOf(comments, await exchange.send({ method: 'GET', path, query }, 'read', signal), 'read', NAME);
        const seen = startAt + some.comments.length;
        return { items: some.comments, next: some.comments.length === 0 || seen >= some.total ? undefined : seen };
      });
    }

    async function say(id: string, comment: Comment, signal: AbortSignal): Promise<void> {
      const mark = noteMark(comment);
      const path = `/rest/api/3/issue/${segment(id)}/comment`;
      if (await someOf(commentsOf(path, signal), ({ body }) => JSON.stringify(body)?.includes(mark) === true)) return;
      const body = { body: adf(noteBlocks(comment), noteFooter(comment)) };
      await exchange.send({ method: 'POST', path, body }, 'write', signal);
    }

    /** Chosen before the comment is written: where the way is barred, nothing is said either. */
    async function transitionTo(done: boolean, found: Issue, given: object, signal: AbortSignal): Promise<object> {
      const path = `/rest/api/3/issue/${segment(found.id)}/transitions`;
      const reply = await exchange.send({ method: 'GET', path, query: { expand: 'transitions.fields' } }, 'read', signal);
      const ways = shapeOf(transitions, reply, 'read', NAME).transitions.filter(
        ({ to, isAvailable }) => isAvailable !== false && (to.statusCategory.key === 'done') === done,
      );
      if (ways.length === 0)
        throw new SinkError('refused', `${NAME} offers no transition of ${found.key} to a status that is ${done ? 'done' : 'open'}`);
      const missing = ways.map((way) => missingFields(way, given));
      const index = missing.findIndex((fields) => fields.length === 0);
      if (index < 0)
        throw new SinkError(
          'refused',
          `The transition "${ways[0]!.name}" of ${found.key} asks for ${missing[0]!.join(', ')}: name them in closeFields`,
        );
      const way = ways[index]!;
      const fields = Object.fromEntries(Object.entries(given).filter(([name]) => way.fields?.[name] !== undefined));
      return { transition: { id: way.id }, ...(Object.keys(fields).length > 0 && { fields }) };
    }

    async function move(found: Issue, done: boolean, comment: Comment, signal: AbortSignal): Promise<void> {
      const body = await transitionTo(done, found, done ? settings.closeFields : {}, signal);
      await say(found.id, comment, signal);
      await exchange.send({ method: 'POST', path: `/rest/api/3/issue/${segment(found.id)}/transitions`, body }, 'write', signal);
    }

    function ticketOf({ id, key, fields }: Issue): RemoteTicket {
      const changed = fields.updated === undefined ? Number.NaN : Date.parse(fields.updated);
      return {
        id,
        label: key,
        url: browse(key),
        state: isDone({ fields }) ? 'closed' : 'open',
        ...(!projects.includes(fields.project.key) && { elsewhere: `project ${fields.project.key}` }),
        ...(!Number.isNaN(changed) && { changedAt: new Date(changed).toISOString() }),
      };
    }

    function browse(key: string): string {
      return new URL(`/browse/${encodeURIComponent(key)}`, settings.site).href;
    }

    function fieldsOf(draft: Draft): object {
      return { summary: titleLine(draft.document.title, LONGEST_SUMMARY), description: adf(draft.document.blocks, ticketFooter(draft)) };
    }

    return {
      kind: 'jira',
      place: `${new URL(settings.site).host}/${settings.project}`,
      findableAfterMs: 300_000,
      dropsRepeats: false,

      async find(marker, known, signal) {
        const asked = {
          jql: `project in (${projects.map((key) => `"${key}"`).join(', ')}) AND labels = "${marker}" ORDER BY created ASC`,
          fields: FIELDS,
          maxResults: 100,
          reconcileIssues: known
            .filter((id) => /^\d+$/.test(id))
            .slice(-MOST_RECONCILED)
            .map(Number),
        };
        const pages = listed('', async (token) => {
          const body = { ...asked, ...(token !== '' && { nextPageToken: token }) };
          const reply = await exchange.send({ method: 'POST', path: '/rest/api/3/search/jql', body }, 'read', signal);
          const { issues, nextPageToken } = shapeOf(page, reply, 'read', NAME);
          return { items: issues, next: nextPageToken || undefined };
        });
        const found = await allOf(pages);
        // The index may be behind in what it shows, too: each is looked at as it is now.
        const now = await Promise.all(found.map(({ id }) => read(id, signal)));
        return now
          .filter((one) => one !== undefined)
          .filter(({ fields }) => fields.labels.includes(marker) && projects.includes(fields.project.key))
          .sort((one, other) => Date.parse(one.fields.created) - Date.parse(other.fields.created) || Number(one.id) - Number(other.id))
          .map(ticketOf);
      },

      async get(id, signal) {
        const found = await read(id, signal);
        if (!found) await refuseUnlessShown(signal);
        return found && ticketOf(found);
      },

      async create(draft, signal) {
        const type = /^\d+$/.test(settings.issueType) ? { id: settings.issueType } : { name: settings.issueType };
        const body = {
          fields: {
            ...settings.fields,
            ...fieldsOf(draft),
            project: { key: settings.project },
            issuetype: type,
            labels: [draft.marker, ...settings.labels],
          },
        };
        const reply = await exchange.send({ method: 'POST', path: '/rest/api/3/issue', body }, 'write', signal);
        const { id, key } = shapeOf(made, reply, 'write', NAME);
        return { id, label: key, url: browse(key), state: 'open' };
      },

      async update(id, draft, signal) {
        const found = await ours(id, signal);
        const body = { fields: fieldsOf(draft) };
        await exchange.send({ method: 'PUT', path: `/rest/api/3/issue/${segment(found.id)}`, body }, 'write', signal);
      },

      async comment(id, comment, signal) {
        await say((await ours(id, signal)).id, comment, signal);
      },

      async close(id, comment, signal) {
        const found = await ours(id, signal);
        if (!isDone(found)) await move(found, true, comment, signal);
      },

      async reopen(id, comment, signal) {
        const found = await ours(id, signal);
        if (isDone(found)) await move(found, false, comment, signal);
      },
    };
  },
};

function isDone({ fields }: Pick<Issue, 'fields'>): boolean {
  return fields.status.statusCategory.key === 'done';
}

function missingFields(way: z.output<typeof transitions>['transitions'][number], given: object): string[] {
  return Object.entries(way.fields ?? {})
    .filter(([id, field]) => field.required && field.hasDefaultValue !== true && !(id in given))
    .map(([id, { name }]) => `${name} (${id})`);
}
