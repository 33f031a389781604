import { z } from 'zod';
import { secretReference } from '../../secret/secret.ts';
import { plain, SERVICENOW } from '../markup/plain.ts';
import { titleLine } from '../markup/shown.ts';
import type { SinkKind } from '../sink-kind.ts';
import { SinkError, type Comment, type Draft, type RemoteTicket } from '../sink.ts';
import { openExchange, segment, shapeOf, timeoutSeconds, trackerAddress } from './exchange.ts';
import { noteBlocks, noteFooter, noteMark, ticketFooter } from './marks.ts';

const column = z.string().regex(/^[a-z][a-z0-9_]{0,79}$/);
const state = z.string().regex(/^-?\d{1,6}$/);

const config = z.strictObject({
  instance: trackerAddress.describe('`https://NAME.service-now.com`'),
  table: column.default('incident').describe('Table of the records: `incident`, `sn_si_incident`, one of your own that extends `task`'),
  user: z.string().min(1).max(200).describe('The account that signs in'),
  password: secretReference,
  assignmentGroup: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional()
    .describe('The sys_id of the group that new records are for. Records of other groups are not written to, but for those of alsoIn'),
  alsoIn: z
    .array(z.string().regex(/^[0-9a-f]{32}$/))
    .max(20)
    .default([])
    .describe('The sys_ids of groups that people may hand records to: they are kept up there'),
  fields: z.record(column, z.string().max(4000)).default({}).describe('Further columns of new records'),
  closedStates: z
    .array(state)
    .min(1)
    .default(['6', '7', '8'])
    .describe('Values of `state` that mean closed. Incident: resolved, closed, canceled'),
  close: z
    .record(column, z.string().max(4000))
    .default({ state: '6', close_code: 'Solution provided' })
    .describe('What closes a record; close_notes is written besides'),
  reopen: z.record(column, z.string().max(4000)).default({ state: '2' }).describe('What opens it again'),
  notes: z.enum(['work_notes', 'comments']).default('work_notes').describe('Work notes are not shown to callers'),
  timeoutSeconds,
});

const NAME = 'ServiceNow';
/** `short_description` of the table `task`. */
const LONGEST_TITLE = 160;

const record = z.object({
  sys_id: z.string(),
  number: z.string().optional(),
  state: z.string(),
  correlation_id: z.string().optional(),
  assignment_group: z.union([z.string(), z.object({ value: z.string() })]).optional(),
  sys_updated_on: z.string().optional(),
});
const FIELDS = 'sys_id,number,state,correlation_id,assignment_group,sys_updated_on';
type Row = z.output<typeof record>;
const one = z.object({ result: record });
const many = z.object({ result: z.array(record) });

/**
 * ServiceNow's Table API (docs.servicenow.com, "Table API").
 * - A record is found by `correlation_id`, which holds its marker; the base says nothing about it being unique, and answers at once.
 *   A condition on a column that a table does not have, or that the account may not read, is dropped, and *all* records come back
 *   (`glide.invalid_query.returns_no_rows` is false by default; "GlideRecord", "incorrectly constructed encoded query"). So each row
 *   has to carry the marker itself.
 * - Columns that the account may not write are left out without a word: a new record that comes back without its marker is the last.
 * - Closing and its note are one write, and a journal is read as `sysparm_display_value=true` shows it.
 * - Limits are the instance's own; too many are answered 429 with Retry-After ("Inbound REST API rate limiting").
 */
export const servicenow: SinkKind<z.output<typeof config>> = {
  kind: 'servicenow',
  title: 'ServiceNow',
  config,
  open(settings, secrets, options) {
    const password = secrets(settings.password);
    const table = `/api/now/table/${segment(settings.table)}`;
    const exchange = openExchange({
      ...options,
      address: settings.instance,
      name: NAME,
      timeoutSeconds: settings.timeoutSeconds,
      headers: () => ({ authorization: `Basic ${Buffer.from(`${settings.user}:${password.reveal()}`).toString('base64')}` }),
      pace: { everyMs: 200, writeEveryMs: 500 },
    });
    /** A record came back without its marker: known by its id, but found by nobody. */
    let drops = false;

    async function read(id: string, signal: AbortSignal): Promise<Row | undefined> {
      const query = { sysparm_fields: FIELDS, sysparm_exclude_reference_link: 'true' };
      const reply = await exchange.send({ method: 'GET', path: `${table}/${segment(id)}`, query }, 'read', signal, [404]);
      return reply.status === 404 ? undefined : shapeOf(one, reply, 'read', NAME).result;
    }

    /** An account whose rights were taken away gets 404 for each record and an empty list: nothing may be concluded from that. */
    async function refuseUnlessShown(signal: AbortSignal): Promise<void> {
      const reply = await exchange.send(
        { method: 'GET', path: table, query: { sysparm_fields: FIELDS, sysparm_limit: '1' } },
        'read',
        signal,
      );
      if (shapeOf(many, reply, 'read', NAME).result.length === 0)
        throw new SinkError('refused', `${NAME} shows no record of ${settings.table} at all: the account may have lost its rights`);
    }

    /** The record, where it may be written to: it is still with the group that it was made for. */
    async function ours(id: string, signal: AbortSignal): Promise<Row> {
      const found = await read(id, signal);
      if (!found) throw new SinkError('refused', `${NAME} has no record ${id} in ${settings.table}, or does not show it`);
      if (isElsewhere(found)) throw new SinkError('refused', `${found.number ?? id} is with another group than the configured one`);
      return found;
    }

    function isElsewhere({ assignment_group: group }: Row): boolean {
      if (settings.assignmentGroup === undefined) return false;
      const id = typeof group === 'string' ? group : (group?.value ?? '');
      return ![settings.assignmentGroup, ...settings.alsoIn].includes(id);
    }

    async function write(id: string, body: object, signal: AbortSignal): Promise<Row> {
      const query = { sysparm_fields: FIELDS, sysparm_exclude_reference_link: 'true' };
      const reply = await exchange.send({ method: 'PATCH', path: `${table}/${segment(id)}`, query, body }, 'write', signal);
      return shapeOf(one, reply, 'write', NAME).result;
    }

    async function isWritten(id: string, mark: string, signal: AbortSignal): Promise<boolean> {
      const query = { sysparm_fields: settings.notes, sysparm_display_value: 'true' };
      const reply = await exchange.send({ method: 'GET', path: `${table}/${segment(id)}`, query }, 'read', signal);
      return (JSON.stringify(reply.body) ?? '').includes(mark);
    }

    async function noteOf(id: string, comment: Comment, signal: AbortSignal): Promise<object> {
      const mark = noteMark(comment);
      if (await isWritten(id, mark, signal)) return {};
      return { [settings.notes]: plain(noteBlocks(comment), SERVICENOW, noteFooter(comment)) };
    }

    function isClosed(row: Row): boolean {
      return settings.closedStates.includes(row.state);
    }

    function ticketOf(row: Row): RemoteTicket {
      const at = row.sys_updated_on;
      const address = new URL('/nav_to.do', settings.instance);
      address.searchParams.set('uri', `${settings.table}.do?sys_id=${row.sys_id}`);
      return {
        id: row.sys_id,
        label: row.number ?? row.sys_id,
        url: address.href,
        state: isClosed(row) ? 'closed' : 'open',
        ...(isElsewhere(row) && { elsewhere: 'another group' }),
        // In UTC, as values always are.
        ...(at !== undefined && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(at) && { changedAt: `${at.replace(' ', 'T')}Z` }),
      };
    }

    return {
      kind: 'servicenow',
      place: `${new URL(settings.instance).host}/${settings.table}`,
      findableAfterMs: 0,
      dropsRepeats: false,

      async find(marker, _made, signal) {
        const query = {
          sysparm_query: `correlation_id=${marker}^ORDERBYsys_created_on`,
          sysparm_fields: FIELDS,
          sysparm_exclude_reference_link: 'true',
          sysparm_limit: '20',
        };
        const reply = await exchange.send({ method: 'GET', path: table, query }, 'read', signal);
        const rows = shapeOf(many, reply, 'read', NAME).result;
        if (rows.some((row) => row.correlation_id !== marker))
          throw new SinkError(
            'refused',
            `${NAME} does not search ${settings.table} by correlation_id: the table lacks it, or the account may not read it`,
          );
        return rows.map(ticketOf);
      },

      async get(id, signal) {
        const found = await read(id, signal);
        if (!found) await refuseUnlessShown(signal);
        return found && ticketOf(found);
      },

      async create(draft, signal) {
        if (drops) throw new SinkError('refused', `${NAME} drops correlation_id of new records: the account may not write it`);
        const body = {
          ...settings.fields,
          ...(settings.assignmentGroup !== undefined && { assignment_group: settings.assignmentGroup }),
          ...textOf(draft),
          correlation_id: draft.marker,
          correlation_display: 'noctule',
        };
        const query = { sysparm_fields: FIELDS, sysparm_exclude_reference_link: 'true' };
        const reply = await exchange.send({ method: 'POST', path: table, query, body }, 'write', signal);
        const row = shapeOf(one, reply, 'write', NAME).result;
        drops = row.correlation_id !== draft.marker;
        return ticketOf(row);
      },

      async update(id, draft, signal) {
        await ours(id, signal);
        await write(id, textOf(draft), signal);
      },

      async comment(id, comment, signal) {
        await ours(id, signal);
        const note = await noteOf(id, comment, signal);
        if (settings.notes in note) await write(id, note, signal);
      },

      async close(id, comment, signal) {
        if (isClosed(await ours(id, signal))) return;
        const closeNotes = plain(noteBlocks(comment), SERVICENOW, '');
        const note = await noteOf(id, comment, signal);
        const row = await write(id, { close_notes: closeNotes, ...settings.close, ...note }, signal);
        if (!isClosed(row))
          throw new SinkError('refused', `${NAME} leaves ${row.number ?? id} in state ${row.state}: check \`close\` and the rights`);
      },

      async reopen(id, comment, signal) {
        if (!isClosed(await ours(id, signal))) return;
        const note = await noteOf(id, comment, signal);
        const row = await write(id, { ...settings.reopen, ...note }, signal);
        if (isClosed(row))
          throw new SinkError('refused', `${NAME} leaves ${row.number ?? id} in state ${row.state}: check \`reopen\` and the rights`);
      },
    };
  },
};

function textOf(draft: Draft): object {
  return {
    short_description: titleLine(draft.document.title, LONGEST_TITLE),
    description: plain(draft.document.blocks, SERVICENOW, ticketFooter(draft)),
  };
}
