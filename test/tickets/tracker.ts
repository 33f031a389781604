import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Run, TicketDocument } from '../../src/tickets/document.ts';
import { SinkError, type Comment, type Draft, type RemoteTicket, type Sink } from '../../src/tickets/sink.ts';
import type { Fault, TrackedTicket, TrackerUnderTest, TrackerWorld } from './sink-suite.ts';

/** Statuses as people of a country call them; what they mean is told by the category alone. */
const LANGUAGES = {
  english: { open: 'To Do', closed: 'Done' },
  german: { open: 'Offen', closed: 'Erledigt' },
  french: { open: 'À faire', closed: 'Terminé' },
  // Whoever reads names is led astray.
  turned: { open: 'Closed', closed: 'Open' },
} as const;

interface Stored {
  id: string;
  marker: string;
  madeAt: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  comments: string[];
}

/** How long after its making a ticket is in the list by which it is found, in milliseconds of the world's clock. */
const LAG = 30_000;

/**
 * A simulated tracker over HTTP, behind the thinnest sink: it keeps tickets, lists new ones late, calls statuses what the country does, and
 * answers in every way in which trackers fail.
 */
export async function startTracker(world: TrackerWorld, language: keyof typeof LANGUAGES = 'english') {
  let { now } = world;
  const stored = new Map<string, Stored>();
  let fault: { is: Fault; position: number; left: number } | undefined;
  let asked = 0;
  let hit = false;
  let made = 0;
  const names = LANGUAGES[language];

  const server = createServer((incoming, response) => void serve(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await textOf(incoming);
    const is = planted();
    if (is === 'lost request') return void incoming.socket.destroy();
    if (is === 'busy' || is === 'storm') return answer(response, 429, { retryAfter: 2 });
    if (is === 'failed') return answer(response, 500, {});
    if (is === 'refused') return answer(response, 403, {});
    const { status, body } = handle(incoming, text);
    if (is === 'twice') handle(incoming, text);
    if (is === 'lost answer') return void incoming.socket.destroy();
    answer(response, status, body);
  }

  function planted(): Fault | undefined {
    const here = asked++;
    if (!fault || here < fault.position || here >= fault.position + fault.left) return undefined;
    hit = true;
    return fault.is;
  }

  function handle(incoming: IncomingMessage, text: string): { status: number; body: unknown } {
    const url = new URL(incoming.url ?? '/', 'http://tracker');
    const [, , id, part] = url.pathname.split('/').map(decodeURIComponent);
    const sent = (text === '' ? {} : JSON.parse(text)) as Partial<Stored> & { comment?: string };
    if (id === undefined) {
      if (incoming.method === 'POST') {
        const ticket: Stored = {
          id: String(++made),
          marker: sent.marker!,
          madeAt: now().getTime(),
          title: sent.title!,
          body: sent.body!,
          state: 'open',
          comments: [],
        };
        stored.set(ticket.id, ticket);
        return { status: 201, body: view(ticket) };
      }
      const marker = url.searchParams.get('label');
      const listed = [...stored.values()].filter((ticket) => ticket.marker === marker && now().getTime() - ticket.madeAt >= LAG);
      return { status: 200, body: listed.map(view) };
    }
    const ticket = stored.get(id);
    if (!ticket) return { status: 404, body: {} };
    if (part === 'comments') {
      if (incoming.method === 'POST') ticket.comments.push(sent.comment!);
      return { status: 200, body: ticket.comments };
    }
    if (incoming.method === 'PATCH') Object.assign(ticket, sent);
    return { status: 200, body: view(ticket) };
  }

  const view = ({ id, state }: Stored) => ({
    id,
    key: `T-${id}`,
    status: { name: names[state], category: state === 'open' ? 'new' : 'done' },
  });

  const address = `http://127.0.0.1:${port}`;
  return {
    sink: sinkAt(address),
    address,
    /** From now on it is that late. */
    at: (clock: () => Date) => void (now = clock),
    /** As it was made elsewhere. */
    put({ id, ...ticket }: TrackedTicket): void {
      stored.set(id, { ...ticket, id, comments: [...ticket.comments], madeAt: 0 });
      made = Math.max(made, Number(id));
    },
    tickets: async () => [...stored.values()].map(({ madeAt: _, ...ticket }): TrackedTicket => ticket),
    async closeByHand(id) {
      stored.get(id)!.state = 'closed';
    },
    async deleteByHand(id) {
      stored.delete(id);
    },
    faults: {
      classes: ['busy', 'storm', 'lost answer', 'lost request', 'failed', 'refused', 'twice'],
      plant(is, position) {
        asked = 0;
        hit = false;
        fault = { is, position, left: is === 'storm' ? 6 : 1 };
      },
      clear() {
        if (fault?.is !== 'storm' || asked >= fault.position + fault.left) fault = undefined;
        const was = { hit, asked };
        hit = false;
        return was;
      },
      calm: () => void (fault = undefined),
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  } satisfies TrackerUnderTest & Record<string, unknown>;
}

/** The thinnest sink that keeps the contract: comment before state, and no comment twice. */
export function sinkAt(address: string): Sink {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (method: string, path: string, body?: unknown) => asking(agent, address, method, path, body);
  const remote = (view: { id: string; key: string; status: { category: string } }): RemoteTicket => ({
    id: view.id,
    label: view.key,
    url: `${address}/tickets/${view.id}`,
    state: view.status.category === 'done' ? 'closed' : 'open',
  });
  type View = Parameters<typeof remote>[0];
  const at = (id: string) => `/tickets/${encodeURIComponent(id)}`;
  async function comment(id: string, { idempotencyKey, paragraphs }: Comment): Promise<void> {
    const { status, body } = await ask('GET', `${at(id)}/comments`);
    if (status === 404) throw new SinkError('refused', 'There is no such ticket');
    const before = body as string[];
    if (before.some((text) => text.endsWith(`[${idempotencyKey}]`))) return;
    await ask('POST', `${at(id)}/comments`, { comment: `${paragraphs.map(textOfRuns).join('\n')} [${idempotencyKey}]` });
  }
  async function move(id: string, words: Comment, to: 'open' | 'closed'): Promise<void> {
    await comment(id, words);
    await ask('PATCH', at(id), { state: to });
  }
  return {
    kind: 'test',
    place: address,
    findableAfterMs: LAG,
    dropsRepeats: false,
    find: async (marker) => ((await ask('GET', `/tickets?label=${marker}`)).body as View[]).map(remote),
    async get(id) {
      const { status, body } = await ask('GET', at(id));
      return status === 404 ? undefined : remote(body as View);
    },
    create: async (draft) => remote((await ask('POST', '/tickets', { marker: draft.marker, ...texts(draft) })).body as View),
    update: async (id, draft) => void (await ask('PATCH', at(id), texts(draft))),
    comment,
    close: (id, words) => move(id, words, 'closed'),
    reopen: (id, words) => move(id, words, 'open'),
  };
}

function texts({ document, severity, marker }: Draft): { title: string; body: string } {
  return { title: textOfRuns(document.title), body: `${severity}\n${document.blocks.map(textOfBlock).join('\n')}\n${marker}` };
}

function textOfRuns(runs: readonly Run[]): string {
  return runs.map((run) => (typeof run === 'string' ? run : run.name)).join('');
}

function textOfBlock(block: TicketDocument['blocks'][number]): string {
  if (block.is === 'paragraph') return textOfRuns(block.runs);
  return block.is === 'list' ? block.items.map(textOfRuns).join('\n') : block.text;
}

async function asking(
  agent: Agent,
  address: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; body: unknown }> {
  // What only asks changes nothing, whatever became of it.
  const lost = method === 'GET' ? 'busy' : 'unknown';
  const answered = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(`${address}${path}`, { method, agent }, (response) => {
      void textOf(response).then((text) => resolve({ status: response.statusCode!, text }), reject);
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  }).catch((error: unknown) => {
    throw new SinkError(lost, 'No answer', { cause: error });
  });
  const parsed = (answered.text === '' ? {} : JSON.parse(answered.text)) as { retryAfter?: number };
  if (answered.status === 429) throw new SinkError('busy', 'Too many requests', { retryAfterMs: (parsed.retryAfter ?? 0) * 1000 });
  if (answered.status >= 500) throw new SinkError(lost, 'The tracker failed');
  if (answered.status === 403) throw new SinkError('refused', 'The tracker refuses');
  if (answered.status === 404 && method !== 'GET') throw new SinkError('refused', 'There is no such ticket');
  return { status: answered.status, body: parsed };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
