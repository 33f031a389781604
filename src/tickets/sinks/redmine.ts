import { z } from 'zod';
import { secretReference } from '../../secret/secret.ts';
import { markdown, REDMINE_MARKDOWN } from '../markup/markdown.ts';
import { titleLine } from '../markup/shown.ts';
import { textile } from '../markup/textile.ts';
import type { Block } from '../document.ts';
import type { SinkKind } from '../sink-kind.ts';
import { SinkError, type Comment, type Draft, type RemoteTicket } from '../sink.ts';
import { openExchange, segment, shapeOf, timeoutSeconds, trackerAddress } from './exchange.ts';
import { noteBlocks, noteFooter, noteMark, ticketFooter, ticketMark } from './marks.ts';

const config = z.strictObject({
  address: trackerAddress.describe('Where Redmine is, with its path'),
  project: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,99}$/)
    .describe('Identifier of the project, as in its address'),
  alsoIn: z
    .array(z.string().regex(/^[a-z][a-z0-9_-]{0,99}$/))
    .max(20)
    .default([])
    .describe('Identifiers of projects that people may move issues to: they are kept up there. What was moved elsewhere is left alone'),
  apiKey: secretReference.describe('The API access key of an account of its own'),
  trackerId: z.int().positive().optional().describe('Tracker of new issues; absent = the first of the project'),
  closedStatusId: z.int().positive().optional().describe('Status that closes; absent = the first closed one that is allowed'),
  openStatusId: z.int().positive().optional().describe('Status that opens again; absent = the first open one that is allowed'),
  formatting: z.enum(['textile', 'markdown']).default('textile').describe('As in Administration, Settings, General, Text formatting'),
  timeoutSeconds,
});

const NAME = 'Redmine';
const LONGEST_SUBJECT = 255;

const issue = z.object({
  id: z.int(),
  project: z.object({ id: z.int(), name: z.string().optional() }),
  status: z.object({ id: z.int(), is_closed: z.boolean().optional() }),
  description: z.string().nullish(),
  updated_on: z.string().optional(),
});
type Issue = z.output<typeof issue>;
const list = z.object({ issues: z.array(issue), total_count: z.int() });
const one = z.object({ issue });
const full = z.object({
  issue: issue.extend({
    journals: z.array(z.object({ notes: z.string().nullish() })).default([]),
    allowed_statuses: z.array(z.object({ id: z.int(), is_closed: z.boolean() })).optional(),
  }),
});
type FullIssue = z.output<typeof full>['issue'];
const project = z.object({ project: z.object({ id: z.int() }) });
const statuses = z.object({ issue_statuses: z.array(z.object({ id: z.int(), is_closed: z.boolean().optional() })) });

/**
 * Redmine's REST API (redmine.org, "Rest_Issues"), held against Redmine 5.0 in test/peers.
 * - An issue is found by its marker in the description, with the filter `description=~`, and lists show it at once. A filter that a
 *   server does not know is ignored, so that each issue has to carry the marker itself, as its last line: what a provider said may stand above it.
 * - A status that the workflow does not allow is ignored with status 204: after each change of state the issue is read again.
 *   `allowed_statuses` tells since 5.0 which there are.
 * - A comment and a state are one write. There are no limits of pace and no 429 of its own.
 */
export const redmine: SinkKind<z.output<typeof config>> = {
  kind: 'redmine',
  title: 'Redmine',
  config,
  open(settings, secrets, options) {
    const apiKey = secrets(settings.apiKey);
    const exchange = openExchange({
      ...options,
      address: settings.address,
      name: NAME,
      timeoutSeconds: settings.timeoutSeconds,
      headers: () => ({ 'x-redmine-api-key': apiKey.reveal() }),
      pace: { everyMs: 50, writeEveryMs: 200 },
    });
    /** Ids of projects by their identifiers. */
    const projectIds = new Map<string, number>();
    let closed: ReadonlySet<number> | undefined;

    async function projectId(identifier: string, signal: AbortSignal): Promise<number> {
      const known = projectIds.get(identifier);
      if (known !== undefined) return known;
      const reply = await exchange.send({ method: 'GET', path: `/projects/${segment(identifier)}.json` }, 'read', signal);
      const { id } = shapeOf(project, reply, 'read', NAME).project;
      projectIds.set(identifier, id);
      return id;
    }

    /** The configured project, and those that people may move issues to. */
    async function ownProjects(signal: AbortSignal): Promise<number[]> {
      const found: number[] = [];
      for (const identifier of [settings.project, ...settings.alsoIn]) found.push(await projectId(identifier, signal));
      return found;
    }

    /** Redmine before 5.0 does not say of an issue whether its status closes it. */
    async function closedStatuses(signal: AbortSignal): Promise<ReadonlySet<number>> {
      if (closed) return closed;
      const reply = await exchange.send({ method: 'GET', path: '/issue_statuses.json' }, 'read', signal);
      const all = shapeOf(statuses, reply, 'read', NAME).issue_statuses;
      return (closed = new Set(all.filter(({ is_closed }) => is_closed === true).map(({ id }) => id)));
    }

    async function read(id: string, signal: AbortSignal): Promise<FullIssue | undefined> {
      const query = { include: 'journals,allowed_statuses' };
      const reply = await exchange.send({ method: 'GET', path: `/issues/${segment(id)}.json`, query }, 'read', signal, [404]);
      return reply.status === 404 ? undefined : shapeOf(full, reply, 'read', NAME).issue;
    }

    /** The issue, where it may be written to: people may have moved it. */
    async function ours(id: string, signal: AbortSignal): Promise<FullIssue> {
      const found = await read(id, signal);
      if (!found) throw new SinkError('refused', `${NAME} has no issue ${id}`);
      if (!(await ownProjects(signal)).includes(found.project.id))
        throw new SinkError('refused', `Issue ${id} lies in another project than ${settings.project}`);
      return found;
    }

    async function write(id: string, fields: object, signal: AbortSignal): Promise<void> {
      await exchange.send({ method: 'PUT', path: `/issues/${segment(id)}.json`, body: { issue: fields } }, 'write', signal);
    }

    async function isClosed(found: Issue, signal: AbortSignal): Promise<boolean> {
      return found.status.is_closed ?? (await closedStatuses(signal)).has(found.status.id);
    }

    async function move(found: FullIssue, close: boolean, comment: Comment, signal: AbortSignal): Promise<void> {
      const wanted = close ? settings.closedStatusId : settings.openStatusId;
      const status = wanted ?? (await allowed(found, signal)).find(({ is_closed }) => is_closed === close)?.id;
      if (status === undefined)
        throw new SinkError('refused', `The workflow allows issue ${found.id} no status that is ${close ? 'closed' : 'open'}`);
      await write(String(found.id), { status_id: status, ...noteOf(found, comment) }, signal);
      const after = await read(String(found.id), signal).catch((cause: unknown) => {
        throw new SinkError('unknown', `${NAME} does not say whether issue ${found.id} changed its status`, { cause });
      });
      if (after && (await isClosed(after, signal)) !== close)
        throw new SinkError('refused', `${NAME} leaves issue ${found.id} in its status: the workflow does not allow status ${status}`);
    }

    async function allowed(found: FullIssue, signal: AbortSignal): Promise<{ id: number; is_closed: boolean }[]> {
      if (found.allowed_statuses) return found.allowed_statuses;
      const reply = await exchange.send({ method: 'GET', path: '/issue_statuses.json' }, 'read', signal);
      return shapeOf(statuses, reply, 'read', NAME).issue_statuses.map(({ id, is_closed = false }) => ({ id, is_closed }));
    }

    function text(blocks: readonly Block[], footer: string): string {
      return settings.formatting === 'textile' ? textile(blocks, footer) : markdown(blocks, REDMINE_MARKDOWN, footer);
    }

    /** Nothing, where the journal has it already. */
    function noteOf(found: FullIssue, comment: Comment): { notes?: string } {
      const mark = noteMark(comment);
      if (found.journals.some(({ notes }) => notes?.includes(mark))) return {};
      return { notes: text(noteBlocks(comment), noteFooter(comment)) };
    }

    function fieldsOf(draft: Draft): object {
      return { subject: titleLine(draft.document.title, LONGEST_SUBJECT), description: text(draft.document.blocks, ticketFooter(draft)) };
    }

    async function ticketOf(found: Issue, signal: AbortSignal): Promise<RemoteTicket> {
      return {
        id: String(found.id),
        label: `#${found.id}`,
        url: `${settings.address.replace(/\/$/, '')}/issues/${found.id}`,
        state: (await isClosed(found, signal)) ? 'closed' : 'open',
        ...(found.updated_on !== undefined && { changedAt: found.updated_on }),
      };
    }

    return {
      kind: 'redmine',
      place: `${new URL(settings.address).host}/${settings.project}`,
      findableAfterMs: 0,
      dropsRepeats: false,

      async find(marker, _made, signal) {
        const all: Issue[] = [];
        for (const id of await ownProjects(signal)) {
          const query = {
            project_id: String(id),
            subproject_id: '!*',
            status_id: '*',
            description: `~${marker}`,
            sort: 'id',
            limit: '100',
          };
          const reply = await exchange.send({ method: 'GET', path: '/issues.json', query }, 'read', signal);
          const { issues, total_count: total } = shapeOf(list, reply, 'read', NAME);
          const found = issues.filter(({ description }) => lastLine(description) === ticketMark(marker));
          if (found.length === 0 && total > issues.length)
            throw new SinkError('refused', `${NAME} does not filter by description: it is older than 4.2`);
          all.push(...found);
        }
        return Promise.all(all.sort((one, other) => one.id - other.id).map((some) => ticketOf(some, signal)));
      },

      async get(id, signal) {
        const found = await read(id, signal);
        if (!found) return undefined;
        const ticket = await ticketOf(found, signal);
        if ((await ownProjects(signal)).includes(found.project.id)) return ticket;
        return { ...ticket, elsewhere: `project ${found.project.name ?? found.project.id}` };
      },

      async create(draft, signal) {
        const fields = {
          ...fieldsOf(draft),
          project_id: await projectId(settings.project, signal),
          ...(settings.trackerId !== undefined && { tracker_id: settings.trackerId }),
        };
        const reply = await exchange.send({ method: 'POST', path: '/issues.json', body: { issue: fields } }, 'write', signal);
        const { issue: opened } = shapeOf(one, reply, 'write', NAME);
        // A new issue is open; asking would be one more request that can fail after the write.
        return ticketOf({ ...opened, status: { ...opened.status, is_closed: false } }, signal);
      },

      async update(id, draft, signal) {
        await ours(id, signal);
        await write(id, fieldsOf(draft), signal);
      },

      async comment(id, comment, signal) {
        const note = noteOf(await ours(id, signal), comment);
        if (note.notes !== undefined) await write(id, note, signal);
      },

      async close(id, comment, signal) {
        const found = await ours(id, signal);
        if (!(await isClosed(found, signal))) await move(found, true, comment, signal);
      },

      async reopen(id, comment, signal) {
        const found = await ours(id, signal);
        if (await isClosed(found, signal)) await move(found, false, comment, signal);
      },
    };
  },
};

function lastLine(text: string | null | undefined): string | undefined {
  return text
    ?.trimEnd()
    .split(/\r\n|[\r\n]/)
    .at(-1)
    ?.trim();
}
