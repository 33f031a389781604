import { startFakeTracker, type FakeAnswer, type FakeRoute, type FakeTracker } from './tracker.ts';

interface Issue {
  number: number;
  title: string;
  body: string;
  labels: string[];
  state: 'open' | 'closed';
  comments: string[];
  madeAt: number;
  changedAt: number;
  place: 'here' | 'elsewhere' | 'deleted';
  /** Of one that was transferred and came back: a transfer gives it a number of its own. */
  now?: number;
}

/** Beyond the switches of all trackers. */
export interface FakeGithub extends FakeTracker {
  /** The token may open issues, but not set labels: they are dropped without a word. */
  mayLabel: boolean;
  /** Something in between drops the query: all issues are listed. */
  ignoresQuery: boolean;
  /** What people do with the pull request that is there. */
  labelPull(label: string): void;
}

const REPOSITORY = '/repos/corp-example/security';

/** GitHub Issues of one repository, made from docs.github.com/rest/issues and the official OpenAPI description, version 2022-11-28. */
export async function startFakeGithub(now: () => Date): Promise<FakeGithub> {
  const issues: Issue[] = [];
  const labels = new Set<string>();
  const credential = 'github_pat_of_this_test';
  /** Issues and pull requests share their numbers. */
  issues.push(blank(1, 'A pull request', now()));

  function show(issue: Issue): object {
    return {
      id: 5_000_000_000 + issue.number,
      node_id: `I_${issue.number}`,
      number: issue.number,
      title: issue.title,
      body: issue.body,
      state: issue.state,
      labels: issue.labels.map((name, id) => ({ id, name, color: 'ededed', default: false })),
      html_url: `https://github.com/corp-example/security/issues/${issue.number}`,
      created_at: new Date(issue.madeAt).toISOString(),
      updated_at: new Date(issue.changedAt).toISOString(),
      ...(issue.number === 1 && { pull_request: { url: 'https://api.github.com/repos/corp-example/security/pulls/1' } }),
    };
  }

  function one(number: string | undefined, answer: (issue: Issue) => FakeAnswer): FakeAnswer {
    const issue = issues.find((some) => String(some.number) === number);
    if (!issue || fake.hides) return NOT_FOUND;
    if (issue.place === 'deleted') return { status: 410, body: { message: 'This issue was deleted' } };
    // A transferred issue answers with where it is now.
    if (issue.place === 'elsewhere')
      return {
        status: 301,
        headers: { location: `https://api.github.com/repositories/${issue.now === undefined ? '2/issues/9' : `1/issues/${issue.now}`}` },
      };
    return answer(issue);
  }

  const routes: FakeRoute[] = [
    {
      operation: 'place',
      method: 'GET',
      path: new RegExp(`^${REPOSITORY}$`),
      answer: () => (fake.hides ? NOT_FOUND : { status: 200, body: { id: 1, full_name: 'corp-example/security' } }),
    },
    {
      operation: 'label',
      method: 'POST',
      path: new RegExp(`^${REPOSITORY}/labels$`),
      answer({ body }) {
        const name = String(body['name']);
        if (!fake.mayLabel) return { status: 403, body: { message: 'Resource not accessible by personal access token' } };
        if (name.length > 50) return invalid('name', 'too_long');
        if (labels.has(name)) return invalid('name', 'already_exists');
        labels.add(name);
        return { status: 201, body: { id: 1, name, color: body['color'], default: false } };
      },
    },
    {
      operation: 'find',
      method: 'GET',
      path: new RegExp(`^${REPOSITORY}/issues$`),
      answer({ query }) {
        if (fake.hides) return NOT_FOUND;
        const wanted = (query.get('labels') ?? '').split(',').filter(Boolean);
        const size = Number(query.get('per_page') ?? 30);
        const page = Number(query.get('page') ?? 1);
        const found = issues
          .filter(({ place, madeAt }) => place === 'here' && now().getTime() - madeAt >= fake.lagMs)
          .filter((issue) => fake.ignoresQuery || wanted.every((label) => issue.labels.includes(label)))
          .filter(({ state }) => query.get('state') === 'all' || state === (query.get('state') ?? 'open'));
        return { status: 200, body: found.slice((page - 1) * size, page * size).map(show) };
      },
    },
    {
      operation: 'read',
      method: 'GET',
      path: new RegExp(`^${REPOSITORY}/issues/([^/]+)$`),
      answer: ({ params }) => one(params[0], (issue) => ({ status: 200, body: show(issue) })),
    },
    {
      operation: 'create',
      method: 'POST',
      path: new RegExp(`^${REPOSITORY}/issues$`),
      answer({ body }) {
        const title = String(body['title']);
        if (title === '' || title.length > 256) return invalid('title', 'too_long');
        if (String(body['body']).length > 65_536) return invalid('body', 'too_long');
        const wanted = (body['labels'] as string[] | undefined) ?? [];
        const issue = { ...blank(issues.length + 1, title, now()), body: String(body['body']), labels: fake.mayLabel ? wanted : [] };
        for (const label of issue.labels) labels.add(label);
        issues.push(issue);
        return { status: 201, body: show(issue) };
      },
    },
    {
      operation: 'state',
      method: 'PATCH',
      path: new RegExp(`^${REPOSITORY}/issues/([^/]+)$`),
      when: (body) => 'state' in body,
      answer: ({ params, body }) =>
        one(params[0], (issue) => {
          if (!['open', 'closed'].includes(String(body['state']))) return invalid('state', 'invalid');
          issue.state = body['state'] as Issue['state'];
          issue.changedAt = now().getTime();
          return { status: 200, body: show(issue) };
        }),
    },
    {
      operation: 'update',
      method: 'PATCH',
      path: new RegExp(`^${REPOSITORY}/issues/([^/]+)$`),
      answer: ({ params, body }) =>
        one(params[0], (issue) => {
          Object.assign(issue, { title: body['title'] ?? issue.title, body: body['body'] ?? issue.body, changedAt: now().getTime() });
          return { status: 200, body: show(issue) };
        }),
    },
    {
      operation: 'comments',
      method: 'GET',
      path: new RegExp(`^${REPOSITORY}/issues/([^/]+)/comments$`),
      answer: ({ params, query }) =>
        one(params[0], ({ comments }) => {
          const size = Number(query.get('per_page') ?? 30);
          const page = Number(query.get('page') ?? 1);
          return { status: 200, body: comments.slice((page - 1) * size, page * size).map((body, id) => ({ id, body })) };
        }),
    },
    {
      operation: 'comment',
      method: 'POST',
      path: new RegExp(`^${REPOSITORY}/issues/([^/]+)/comments$`),
      answer: ({ params, body }) =>
        one(params[0], (issue) => {
          issue.comments.push(String(body['body']));
          issue.changedAt = now().getTime();
          return { status: 201, body: { id: issue.comments.length, body: body['body'] } };
        }),
    },
  ];
  const server = await startFakeTracker({
    routes,
    accepts: ({ authorization }) => authorization === `Bearer ${credential}`,
    refuse: (status) => ({ status, body: { message: WORDS[status] ?? 'Server Error', documentation_url: 'https://docs.github.com/rest' } }),
  });

  function withId(id: string): Issue {
    return issues.find(({ number }) => String(number) === id)!;
  }
  const fake: FakeGithub = Object.assign(server, {
    credential,
    lagMs: 0,
    mayLabel: true,
    ignoresQuery: false,
    labelPull: (label: string) => void issues[0]!.labels.push(label),
    hides: false,
    tickets: () =>
      issues
        .filter(({ number, place, now: back }) => number !== 1 && place !== 'deleted' && back === undefined)
        .map(({ number, title, body, comments, state, labels: own }) => ({
          id: String(number),
          title,
          text: body,
          comments,
          open: state === 'open',
          labels: own,
        })),
    person: {
      close: (id: string) => void (withId(id).state = 'closed'),
      reopen: (id: string) => void (withId(id).state = 'open'),
      remove: (id: string) => void (withId(id).place = 'deleted'),
      move: (id: string) => void (withId(id).place = 'elsewhere'),
      moveBack(id: string) {
        const [from, number] = [withId(id), issues.length + 1];
        issues.push({ ...from, number, place: 'here' });
        from.now = number;
      },
    },
  });
  return fake;
}

const NOT_FOUND: FakeAnswer = { status: 404, body: { message: 'Not Found' } };

const WORDS: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by personal access token',
  404: 'Not Found',
  429: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
};

function blank(number: number, title: string, at: Date): Issue {
  return {
    number,
    title,
    body: '',
    labels: [],
    state: 'open',
    comments: [],
    madeAt: at.getTime(),
    changedAt: at.getTime(),
    place: 'here',
  };
}

function invalid(field: string, code: string): FakeAnswer {
  return { status: 422, body: { message: 'Validation Failed', errors: [{ resource: 'Issue', field, code }] } };
}
