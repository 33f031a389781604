import { z } from 'zod';
import { secretReference } from '../../secret/secret.ts';
import { GITHUB, markdown } from '../markup/markdown.ts';
import { titleLine } from '../markup/shown.ts';
import type { SinkKind } from '../sink-kind.ts';
import { SinkError, type Comment, type Draft, type Marker, type RemoteTicket } from '../sink.ts';
import { openExchange, segment, shapeOf, timeoutSeconds, trackerAddress, type Reply } from './exchange.ts';
import { allOf, listed, someOf } from './lists.ts';
import { noteBlocks, noteFooter, noteMark, ticketFooter } from './marks.ts';

const config = z.strictObject({
  repository: z
    .string()
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9._-]{1,100}$/)
    .describe('Where issues are opened, `owner/name`'),
  token: secretReference.describe('A fine-grained token for this repository alone, with Issues: read and write'),
  labels: z.array(z.string().min(1).max(50)).max(20).default([]).describe('Labels that each new issue gets besides its marker'),
  api: trackerAddress.default('https://api.github.com').describe('The API of a GitHub Enterprise Server: `https://HOST/api/v3`'),
  timeoutSeconds,
});

const NAME = 'GitHub';
/** A title holds 256 characters. */
const LONGEST_TITLE = 256;
const PER_PAGE = 100;

const issue = z.object({
  number: z.int(),
  html_url: z.url(),
  state: z.string(),
  updated_at: z.string().optional(),
  created_at: z.string(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().optional() })])),
  pull_request: z.unknown().optional(),
});
type Issue = z.output<typeof issue>;
const comments = z.array(z.object({ body: z.string().optional() }));
const place = z.object({ id: z.int() });

/**
 * GitHub Issues, REST version 2022-11-28 (docs.github.com/rest/issues).
 * - An issue is found by a label that is its marker. Listing by label asks the database and not the search index, and may lag by the
 *   replication alone. A label holds 50 characters; one that is unknown is made with the issue, and labels of whoever may not set
 *   them are dropped without a word (`issues/create`), so that the label is made first: who may not do that opens nothing.
 * - 80 writes a minute and 500 an hour are allowed that create content, and a second is asked to lie between two writes
 *   (docs.github.com, "Rate limits for the REST API", "Best practices"). Too many are answered 429, or 403 with Retry-After or
 *   `x-ratelimit-remaining: 0`.
 * - A repository that was renamed answers 301, an issue that was deleted 410, one that was transferred 301, with the id of the
 *   repository and its number there. The token is for one repository: an issue in another is not followed.
 */
export const github: SinkKind<z.output<typeof config>> = {
  kind: 'github',
  title: 'GitHub Issues',
  config,
  open(settings, secrets, options) {
    const token = secrets(settings.token);
    const [owner, name] = settings.repository.split('/') as [string, string];
    const repository = `/repos/${segment(owner)}/${segment(name)}`;
    const exchange = openExchange({
      ...options,
      address: settings.api,
      name: NAME,
      timeoutSeconds: settings.timeoutSeconds,
      headers: () => ({
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token.reveal()}`,
        'x-github-api-version': '2022-11-28',
      }),
      pace: { everyMs: 100, writeEveryMs: 1000, writes: { most: 450, withinMs: 3_600_000 } },
      busy: (reply) => limited(reply, options.now()),
    });
    /** Labels that are known to be there. */
    const made = new Set<string>();
    /** An issue came back without its marker: known by its number, but found by nobody. One is enough. */
    let drops = false;

    async function provideLabel(marker: Marker, signal: AbortSignal): Promise<void> {
      if (made.has(marker)) return;
      const body = { name: marker, color: 'ededed', description: 'Marks one ticket of Noctule' };
      // 422: it is there already.
      const reply = await exchange.send({ method: 'POST', path: `${repository}/labels`, body }, 'repeatable', signal, [422]);
      if (reply.status === 422 && !JSON.stringify(reply.body).includes('already_exists'))
        throw new SinkError('refused', `${NAME} refuses the label ${marker}`);
      made.add(marker);
    }

    async function read(id: string, signal: AbortSignal): Promise<Issue | 'transferred' | undefined> {
      const reply = await issueAt(id, signal);
      if (reply.status !== 301) return readIssue(reply);
      // Where it came back to the repository, it has another number.
      const [, where, number] = /\/repositories\/(\d+)\/issues\/(\d+)$/.exec(reply.headers.get('location') ?? '') ?? [];
      if (Number(where) !== (await ownId(signal))) return 'transferred';
      const back = await issueAt(number!, signal);
      return back.status === 301 ? 'transferred' : readIssue(back);
    }

    function issueAt(id: string, signal: AbortSignal): Promise<Reply> {
      return exchange.send({ method: 'GET', path: `${repository}/issues/${segment(id)}` }, 'read', signal, [301, 404, 410]);
    }

    /** A repository that is hidden answers 404 to everything: nothing may be concluded from it. */
    async function ownId(signal: AbortSignal): Promise<number> {
      return shapeOf(place, await exchange.send({ method: 'GET', path: repository }, 'read', signal), 'read', NAME).id;
    }

    async function existing(id: string, signal: AbortSignal): Promise<Issue> {
      const found = await read(id, signal);
      if (!found) throw new SinkError('refused', `${NAME} has no issue ${id} in ${settings.repository}`);
      if (found === 'transferred') throw new SinkError('refused', `Issue ${id} was transferred out of ${settings.repository}`);
      return found;
    }

    async function patch({ number }: Issue, body: object, signal: AbortSignal): Promise<void> {
      await exchange.send({ method: 'PATCH', path: `${repository}/issues/${number}`, body }, 'write', signal);
    }

    /** All pages of a list of the repository. */
    function pagesOf<Item>(path: string, schema: z.ZodType<Item[]>, of: Record<string, string>, signal: AbortSignal) {
      return listed(1, async (page) => {
        const query = { ...of, per_page: String(PER_PAGE), page: String(page) };
        const items = shapeOf(schema, await exchange.send({ method: 'GET', path, query }, 'read', signal), 'read', NAME);
        return { items, next: items.length < PER_PAGE ? undefined : page + 1 };
      });
    }

    async function say({ number }: Issue, comment: Comment, signal: AbortSignal): Promise<void> {
      const mark = noteMark(comment);
      const path = `${repository}/issues/${number}/comments`;
      if (await someOf(pagesOf(path, comments, {}, signal), ({ body }) => body?.includes(mark) === true)) return;
      const body = { body: markdown(noteBlocks(comment), GITHUB, noteFooter(comment)) };
      await exchange.send({ method: 'POST', path, body }, 'write', signal);
    }

    return {
      kind: 'github',
      place: settings.repository,
      findableAfterMs: 15_000,
      dropsRepeats: false,

      async find(marker, _made, signal) {
        const query = { labels: marker, state: 'all', sort: 'created', direction: 'asc' };
        const found = await allOf(pagesOf(`${repository}/issues`, z.array(issue), query, signal));
        return found.filter((one) => one.pull_request === undefined && labelsOf(one).includes(marker)).map(ticketOf);
      },

      async get(id, signal) {
        const found = await read(id, signal);
        if (found === 'transferred') return { id, label: `#${id}`, state: 'open', elsewhere: 'another repository' };
        if (!found) await ownId(signal);
        return found && ticketOf(found);
      },

      async create(draft, signal) {
        if (drops) throw new SinkError('refused', `${NAME} drops the labels of new issues: the token may not set them`);
        await provideLabel(draft.marker, signal);
        const body = { ...textOf(draft), labels: [draft.marker, ...settings.labels] };
        const reply = await exchange.send({ method: 'POST', path: `${repository}/issues`, body }, 'write', signal);
        const opened = shapeOf(issue, reply, 'write', NAME);
        drops = !labelsOf(opened).includes(draft.marker);
        return ticketOf(opened);
      },

      async update(id, draft, signal) {
        await patch(await existing(id, signal), textOf(draft), signal);
      },

      async comment(id, comment, signal) {
        await say(await existing(id, signal), comment, signal);
      },

      async close(id, comment, signal) {
        const found = await existing(id, signal);
        if (found.state === 'closed') return;
        await say(found, comment, signal);
        await patch(found, { state: 'closed', state_reason: 'completed' }, signal);
      },

      async reopen(id, comment, signal) {
        const found = await existing(id, signal);
        if (found.state === 'open') return;
        await say(found, comment, signal);
        await patch(found, { state: 'open', state_reason: 'reopened' }, signal);
      },
    };
  },
};

function textOf(draft: Draft): { title: string; body: string } {
  // A title knows one mark: backticks make code of what stands between them.
  const title = titleLine(draft.document.title, LONGEST_TITLE).replace(/`/g, '\u02cb');
  return { title, body: markdown(draft.document.blocks, GITHUB, ticketFooter(draft)) };
}

function readIssue(reply: Reply): Issue | undefined {
  return reply.status === 200 ? shapeOf(issue, reply, 'read', NAME) : undefined;
}

function labelsOf({ labels }: Issue): (string | undefined)[] {
  return labels.map((label) => (typeof label === 'string' ? label : label.name));
}

function ticketOf(found: Issue): RemoteTicket {
  return {
    id: String(found.number),
    label: `#${found.number}`,
    url: found.html_url,
    state: found.state === 'closed' ? 'closed' : 'open',
    ...(found.updated_at !== undefined && { changedAt: found.updated_at }),
  };
}

/** A 403 that is about the pace and not about rights. */
function limited({ status, headers, body }: Reply, now: Date): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  if (headers.get('x-ratelimit-remaining') === '0') {
    const reset = Number(headers.get('x-ratelimit-reset')) * 1000 - now.getTime();
    return Number.isFinite(reset) ? Math.max(1000, reset) : 60_000;
  }
  if (headers.has('retry-after') || status === 429) return 60_000;
  return /secondary rate limit/i.test(JSON.stringify(body) ?? '') ? 60_000 : undefined;
}
