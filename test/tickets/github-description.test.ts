import type { RestEndpointMethodTypes } from '@octokit/rest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFake, type FakeBench } from './benches.ts';
import type { FakeOperation } from './fakes/tracker.ts';
import { comment, draft, SIGNAL } from './tracker-cases.ts';

// GitHub publishes its API as types, too. They are generated from its official description: what is not in it does not compile here.

type Issues = RestEndpointMethodTypes['issues'];
/** Names that are described: all types of parameters are open to others. */
type Named<Parameters> = keyof { [Name in keyof Parameters as string extends Name ? never : number extends Name ? never : Name]: 1 };
type Parameter<Method extends keyof Issues> = Named<Issues[Method]['parameters']>;
type Answer<Method extends keyof Issues> = Issues[Method]['response']['data'];

/** What each operation takes, of what we send. */
const TAKES: { readonly [Operation in FakeOperation]?: readonly string[] } = {
  place: [] satisfies Named<RestEndpointMethodTypes['repos']['get']['parameters']>[],
  find: ['labels', 'state', 'sort', 'direction', 'per_page', 'page'] satisfies Parameter<'listForRepo'>[],
  label: ['name', 'color', 'description'] satisfies Parameter<'createLabel'>[],
  create: ['title', 'body', 'labels'] satisfies Parameter<'create'>[],
  read: [] satisfies Parameter<'get'>[],
  update: ['title', 'body'] satisfies Parameter<'update'>[],
  state: ['state', 'state_reason'] satisfies Parameter<'update'>[],
  comments: ['per_page', 'page'] satisfies Parameter<'listComments'>[],
  comment: ['body'] satisfies Parameter<'createComment'>[],
};

/** Values of enumerations that we send. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  state: ['all', 'open', 'closed'] satisfies Issues['listForRepo']['parameters']['state'][],
  sort: ['created'] satisfies Issues['listForRepo']['parameters']['sort'][],
  direction: ['asc'] satisfies Issues['listForRepo']['parameters']['direction'][],
  state_reason: ['completed', 'reopened'] satisfies Issues['update']['parameters']['state_reason'][],
};

/** What the simulated GitHub answers with, of what GitHub does. */
const ANSWERED = [
  'id',
  'node_id',
  'number',
  'title',
  'body',
  'state',
  'labels',
  'html_url',
  'created_at',
  'updated_at',
  'pull_request',
] satisfies (keyof Answer<'get'>)[];

let bench: FakeBench<'github'>;
beforeAll(async () => {
  bench = await openFake('github', { labels: ['shadow-ai'] });
  const wanted = draft();
  const { id } = await bench.sink.create(wanted, SIGNAL);
  await bench.sink.get('404', SIGNAL);
  await bench.sink.find(wanted.marker, [], SIGNAL);
  await bench.sink.update(id, wanted, SIGNAL);
  await bench.sink.comment(id, comment(), SIGNAL);
  await bench.sink.close(id, comment(), SIGNAL);
  await bench.sink.reopen(id, comment(), SIGNAL);
});
afterAll(() => bench.close());

test('all that is asked of GitHub is in its official description, and all of it is asked', () => {
  const asked = Object.groupBy(bench.fake.requests, ({ operation }) => operation!);
  expect(Object.keys(asked).sort()).toEqual(Object.keys(TAKES).sort());
  for (const [operation, requests] of Object.entries(asked)) {
    const sent = requests.flatMap(({ path, body }) => [
      ...new URL(path, 'http://localhost').searchParams,
      ...(body === '' ? [] : Object.entries(JSON.parse(body) as object)),
    ]);
    expect([...new Set(sent.map(([name]) => name as string))].sort(), operation).toEqual(TAKES[operation as FakeOperation]!.toSorted());
    for (const [name, value] of sent) expect(VALUES[name as string] ?? [value]).toContain(value);
  }
});

test('the simulated GitHub answers with nothing that GitHub does not', async () => {
  const headers = { authorization: `Bearer ${bench.fake.credential}` };
  const answer = await fetch(`${bench.fake.url}/repos/corp-example/security/issues?state=all`, { headers });
  const some = (await answer.json()) as object[];
  expect(some).toHaveLength(2);
  expect([...new Set(some.flatMap((one) => Object.keys(one)))].sort()).toEqual(ANSWERED.toSorted());
});
