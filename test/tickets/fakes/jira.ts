import { startFakeTracker, type FakeAnswer, type FakeRoute, type FakeTracker } from './tracker.ts';

type Category = 'new' | 'indeterminate' | 'done';

interface Issue {
  id: string;
  key: string;
  project: 'SEC' | 'OPS';
  summary: string;
  description: unknown;
  labels: string[];
  /** What the index still says. */
  indexed?: string[];
  status: Category;
  comments: unknown[];
  madeAt: number;
  changedAt: number;
  /** When the status last changed: the index shows the one before for a while. */
  movedAt: number;
  before: Category;
  deleted: boolean;
}

/** Beyond the switches of all trackers. */
export interface FakeJira extends FakeTracker {
  /** Fields that the transition to done asks for: names by ids. */
  asked: Record<string, string>;
  /** The workflow offers no way to done. */
  barred: boolean;
  /** Somebody takes the labels off, and the index does not know yet. */
  unlabel(id: string): void;
}

/** The site speaks German: names are worth nothing. */
const STATUS: Readonly<Record<Category, string>> = { new: 'Zu erledigen', indeterminate: 'In Bearbeitung', done: 'Fertig' };
const TRANSITIONS: readonly { id: string; name: string; to: Category }[] = [
  { id: '11', name: 'Wieder aufnehmen', to: 'new' },
  { id: '21', name: 'Beginnen', to: 'indeterminate' },
  { id: '31', name: 'Abschließen', to: 'done' },
];

/**
 * Jira Cloud with two projects, made from developer.atlassian.com/cloud/jira/platform/rest/v3 and "Search and reconcile": the index is
 * behind except for issues that are named; the removed search answers 410.
 */
export async function startFakeJira(now: () => Date): Promise<FakeJira> {
  const issues: Issue[] = [];
  const credential = 'token-of-this-test';

  function show(issue: Issue, status = issue.status): object {
    return {
      id: issue.id,
      key: issue.key,
      self: `${server.url}/rest/api/3/issue/${issue.id}`,
      fields: {
        summary: issue.summary,
        labels: issue.labels,
        created: jiraTime(issue.madeAt),
        updated: jiraTime(issue.changedAt),
        project: { id: issue.project === 'SEC' ? '10000' : '10001', key: issue.project },
        status: { name: STATUS[status], statusCategory: { key: status, name: STATUS[status] } },
      },
    };
  }

  function one(id: string | undefined, answer: (issue: Issue) => FakeAnswer): FakeAnswer {
    const issue = issues.find((some) => (some.id === id || some.key === id) && !some.deleted && !fake.hides);
    return issue ? answer(issue) : refusal(404, 'Der Vorgang existiert nicht oder Sie haben nicht die Berechtigung, ihn anzuzeigen.');
  }

  function touch(issue: Issue): void {
    issue.changedAt = now().getTime();
  }

  function move(issue: Issue, to: Category): void {
    Object.assign(issue, { before: issue.status, status: to, movedAt: now().getTime(), changedAt: now().getTime() });
  }

  const routes: FakeRoute[] = [
    {
      operation: 'place',
      method: 'GET',
      path: /^\/rest\/api\/3\/project\/SEC$/,
      answer: () =>
        fake.hides ? refusal(404, 'Es konnte kein Projekt gefunden werden.') : { status: 200, body: { id: '10000', key: 'SEC' } },
    },
    {
      operation: 'find',
      method: 'POST',
      path: /^\/rest\/api\/3\/search\/jql$/,
      answer({ body }) {
        const match = /^project in \(("[A-Z]+"(?:, "[A-Z]+")*)\) AND labels = "([a-z0-9-]+)" ORDER BY created ASC$/.exec(
          String(body['jql']),
        );
        if (!match) return refusal(400, `Fehler in der JQL-Abfrage: ${String(body['jql'])}`);
        const projects = match[1]!.split(', ').map((key) => key.slice(1, -1));
        const named = (body['reconcileIssues'] as number[] | undefined) ?? [];
        if (fake.hides) return refusal(400, 'Der Wert "SEC" existiert nicht für das Feld "project".');
        if (named.length > 50) return refusal(400, 'reconcileIssues: 50');
        const found = issues.flatMap((issue) => {
          const fresh = named.includes(Number(issue.id)) || now().getTime() - issue.madeAt >= fake.lagMs;
          if (!fresh || issue.deleted || !projects.includes(issue.project) || !(issue.indexed ?? issue.labels).includes(match[2]!))
            return [];
          const stale = now().getTime() - issue.movedAt < fake.lagMs && !named.includes(Number(issue.id));
          const { id, fields } = show(issue, stale ? issue.before : issue.status) as { id: string; fields: Record<string, unknown> };
          const wanted = (body['fields'] as string[] | undefined) ?? [];
          return [{ id, key: issue.key, fields: Object.fromEntries(wanted.map((name) => [name, fields[name]])) }];
        });
        return { status: 200, body: { issues: found, isLast: true } };
      },
    },
    {
      operation: 'find',
      method: 'POST',
      path: /^\/rest\/api\/3\/search$/,
      answer: () => refusal(410, 'Die angeforderte API wurde entfernt. Migrieren Sie zur /rest/api/3/search/jql-API.'),
    },
    {
      operation: 'read',
      method: 'GET',
      path: /^\/rest\/api\/3\/issue\/([^/]+)$/,
      answer: ({ params }) => one(params[0], (issue) => ({ status: 200, body: show(issue) })),
    },
    {
      operation: 'create',
      method: 'POST',
      path: /^\/rest\/api\/3\/issue$/,
      answer({ body }) {
        const fields = body['fields'] as Record<string, unknown>;
        const project = (fields['project'] as { key?: string }).key;
        if (project !== 'SEC') return refusal(400, undefined, { project: 'Gültiges Projekt erforderlich' });
        if ((fields['issuetype'] as { name?: string }).name !== 'Aufgabe')
          return refusal(400, undefined, { issuetype: 'Vorgangstyp auswählen' });
        const summary = String(fields['summary']);
        if (summary.length > 255 || summary.includes('\n')) return refusal(400, undefined, { summary: 'Die Zusammenfassung ist ungültig' });
        const labels = fields['labels'] as string[];
        if (labels.some((label) => /\s/.test(label))) return refusal(400, undefined, { labels: 'Leerzeichen' });
        const fault = faultOf(fields['description']);
        if (fault) return refusal(400, undefined, { description: fault });
        const number = issues.length + 1;
        const at = now().getTime();
        const issue: Issue = {
          id: String(20_000 + number),
          key: `SEC-${number}`,
          project: 'SEC',
          summary,
          description: fields['description'],
          labels,
          status: 'new',
          comments: [],
          madeAt: at,
          changedAt: at,
          movedAt: 0,
          before: 'new',
          deleted: false,
        };
        issues.push(issue);
        return { status: 201, body: { id: issue.id, key: issue.key, self: `${server.url}/rest/api/3/issue/${issue.id}` } };
      },
    },
    {
      operation: 'update',
      method: 'PUT',
      path: /^\/rest\/api\/3\/issue\/([^/]+)$/,
      answer: ({ params, body }) =>
        one(params[0], (issue) => {
          const fields = body['fields'] as Record<string, unknown>;
          const fault = faultOf(fields['description']);
          if (fault) return refusal(400, undefined, { description: fault });
          Object.assign(issue, { summary: fields['summary'], description: fields['description'] });
          touch(issue);
          return { status: 204 };
        }),
    },
    {
      operation: 'comments',
      method: 'GET',
      path: /^\/rest\/api\/3\/issue\/([^/]+)\/comment$/,
      answer: ({ params, query }) =>
        one(params[0], ({ comments }) => {
          const start = Number(query.get('startAt') ?? 0);
          const some = comments.toReversed().slice(start, start + Number(query.get('maxResults') ?? 50));
          return {
            status: 200,
            body: { comments: some.map((body, id) => ({ id: String(id), body })), startAt: start, total: comments.length },
          };
        }),
    },
    {
      operation: 'comment',
      method: 'POST',
      path: /^\/rest\/api\/3\/issue\/([^/]+)\/comment$/,
      answer: ({ params, body }) =>
        one(params[0], (issue) => {
          const fault = faultOf(body['body']);
          if (fault) return refusal(400, undefined, { comment: fault });
          issue.comments.push(body['body']);
          touch(issue);
          return { status: 201, body: { id: String(issue.comments.length) } };
        }),
    },
    {
      operation: 'transitions',
      method: 'GET',
      path: /^\/rest\/api\/3\/issue\/([^/]+)\/transitions$/,
      answer: ({ params }) =>
        one(params[0], (issue) => {
          const offered = TRANSITIONS.filter(({ to }) => to !== issue.status && !(fake.barred && to === 'done'));
          const shown = offered.map(({ id, name, to }) => ({
            id,
            name,
            to: { name: STATUS[to], statusCategory: { key: to, name: STATUS[to] } },
            isAvailable: true,
            fields:
              to === 'done'
                ? Object.fromEntries(
                    Object.entries(fake.asked).map(([field, label]) => [field, { required: true, name: label, hasDefaultValue: false }]),
                  )
                : {},
          }));
          return { status: 200, body: { transitions: shown } };
        }),
    },
    {
      operation: 'state',
      method: 'POST',
      path: /^\/rest\/api\/3\/issue\/([^/]+)\/transitions$/,
      answer: ({ params, body }) =>
        one(params[0], (issue) => {
          const way = TRANSITIONS.find(({ id }) => id === (body['transition'] as { id?: string }).id);
          if (!way || way.to === issue.status) return refusal(400, 'Der Übergang ist nicht gültig.');
          const given = (body['fields'] as object | undefined) ?? {};
          const missing = way.to === 'done' ? Object.keys(fake.asked).filter((field) => !(field in given)) : [];
          if (missing.length > 0) return refusal(400, undefined, Object.fromEntries(missing.map((field) => [field, 'ist erforderlich'])));
          move(issue, way.to);
          return { status: 204 };
        }),
    },
  ];
  const server = await startFakeTracker({
    routes,
    accepts: ({ authorization }) => authorization === `Basic ${Buffer.from(`bot@corp.example:${credential}`).toString('base64')}`,
    refuse: (status) => refusal(status, status === 429 ? 'Rate limit exceeded' : 'Sie haben dazu keine Berechtigung.'),
  });

  function withId(id: string): Issue {
    return issues.find((issue) => issue.id === id)!;
  }
  const fake: FakeJira = Object.assign(server, {
    credential,
    lagMs: 0,
    asked: {},
    barred: false,
    unlabel(id: string) {
      const issue = withId(id);
      Object.assign(issue, { indexed: issue.labels, labels: [] });
    },
    hides: false,
    tickets: () =>
      issues
        .filter(({ deleted }) => !deleted)
        .map(({ id, summary, description, comments, status, labels }) => ({
          id,
          title: summary,
          text: JSON.stringify(description),
          comments: comments.map((comment) => JSON.stringify(comment)),
          open: status !== 'done',
          labels,
        })),
    person: {
      close: (id: string) => move(withId(id), 'done'),
      reopen: (id: string) => move(withId(id), 'new'),
      remove: (id: string) => void (withId(id).deleted = true),
      move: (id: string) => void Object.assign(withId(id), { project: 'OPS', key: `OPS-${id}` }),
      moveBack: (id: string) => void Object.assign(withId(id), { project: 'SEC', key: `SEC-${id}` }),
    },
  });
  return fake;
}

function refusal(status: number, message?: string, errors: Record<string, string> = {}): FakeAnswer {
  return { status, body: { errorMessages: message === undefined ? [] : [message], errors } };
}

/** With an offset that is not the one of UTC. */
function jiraTime(at: number): string {
  return new Date(at + 2 * 3_600_000).toISOString().replace('Z', '+0200');
}

/** What of Atlassian's document format we write: all else is refused, as Jira does with nodes that it does not know. */
const NODES: Readonly<Record<string, readonly string[]>> = {
  doc: ['paragraph', 'heading', 'bulletList', 'codeBlock'],
  paragraph: ['text'],
  heading: ['text'],
  bulletList: ['listItem'],
  listItem: ['paragraph'],
  codeBlock: ['text'],
  text: [],
};

function faultOf(node: unknown, parent?: string): string | undefined {
  if (typeof node !== 'object' || node === null) return 'Das ist kein Atlassian-Dokument';
  const {
    type,
    content = [],
    text,
    marks = [],
    version,
  } = node as Record<string, unknown> & { content?: unknown[]; marks?: { type: string }[] };
  const name = String(type);
  if (parent === undefined && (name !== 'doc' || version !== 1)) return 'Das ist kein Atlassian-Dokument';
  if (!(name in NODES) || (parent !== undefined && !NODES[parent]!.includes(name))) return `${name} darf nicht in ${parent} stehen`;
  if (name === 'text' && (typeof text !== 'string' || text === '')) return 'Ein Text ist leer';
  if (marks.some((mark) => mark.type !== 'code')) return 'Eine Auszeichnung ist unbekannt';
  if (JSON.stringify(node).length > 32_767) return 'Der Text ist zu lang';
  return content.map((inner) => faultOf(inner, name)).find((fault) => fault !== undefined);
}
