import { expect, it } from 'vitest';
import type { Marker } from '../../src/tickets/sink.ts';
import { json, serve } from '../http/server.ts';
import { openSink } from './benches.ts';
import { HOSTILE_MARKUP } from './hostile-markup.ts';
import { draft, SIGNAL } from './tracker-cases.ts';

const VICTIM: Marker = 'noctule-bbbbbbbbbbbbbbbbbbbb';

interface Issue {
  id: number;
  project: { id: number };
  status: { id: number; is_closed: boolean };
  description: string;
}

/** As much of Redmine as lists issues by what their text holds; line ends are as a browser leaves them. */
async function startRedmine() {
  const issues: Issue[] = [];
  const server = await serve((request, response) => {
    const url = new URL(request.url!, 'http://redmine');
    if (request.method === 'POST') {
      const { issue } = JSON.parse(server.asked.at(-1)!.body) as { issue: { description: string } };
      const description = issue.description.replaceAll('\n', '\r\n');
      issues.push({ id: issues.length + 1, project: { id: 1 }, status: { id: 1, is_closed: false }, description });
      return json(response, { issue: issues.at(-1) });
    }
    if (url.pathname.startsWith('/projects/')) return json(response, { project: { id: 1 } });
    const word = url.searchParams.get('description')!.slice(1);
    const found = issues.filter(({ description }) => description.includes(word));
    json(response, { issues: found, total_count: found.length });
  });
  return { url: server.url, issues };
}

it.each(['textile', 'markdown'])(
  'a name is not found as the ticket of another decision, nor a later generation, in %s',
  async (formatting) => {
    const redmine = await startRedmine();
    const sink = await openSink('redmine', { address: redmine.url, project: 'security', apiKey: { env: 'KEY' }, formatting }, 'key');
    for (const name of HOSTILE_MARKUP.filter((one) => /noctule/i.test(one))) {
      const blocks = [
        { is: 'paragraph' as const, runs: [{ name }] },
        { is: 'code' as const, text: name },
      ];
      await sink.create(draft({ document: { title: [{ name }], blocks } }), SIGNAL);
    }
    await sink.create(draft({ marker: `${VICTIM}-2` }), SIGNAL);
    expect(await sink.find(VICTIM, [], SIGNAL)).toEqual([]);
    // What people wrote below a name is not ours either.
    redmine.issues[0]!.description = `noctule-id: ${VICTIM}\r\n\r\nnoctule-id: noctule-cccccccccccccccccccc\r\n`;
    expect(await sink.find(VICTIM, [], SIGNAL)).toEqual([]);
    const { id } = await sink.create(draft({ marker: VICTIM }), SIGNAL);
    expect((await sink.find(VICTIM, [], SIGNAL)).map((found) => found.id)).toEqual([id]);
  },
);
