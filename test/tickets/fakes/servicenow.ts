import { startFakeTracker, type FakeAnswer, type FakeRoute, type FakeTracker } from './tracker.ts';

interface Row {
  sys_id: string;
  number: string;
  short_description: string;
  description: string;
  state: string;
  correlation_id: string;
  assignment_group: string;
  close_code: string;
  close_notes: string;
  work_notes: string[];
  madeAt: number;
  changedAt: number;
  deleted: boolean;
}

/** Beyond the switches of all trackers. */
export interface FakeServicenow extends FakeTracker {
  /** The table lacks the column: a condition on it is dropped, and all records come back. */
  lacksCorrelation: boolean;
  /** The account may not write the column: what it sends there is dropped without a word. */
  dropsCorrelation: boolean;
  /** A business rule that keeps records from being closed without saying so. */
  keepsOpen: boolean;
}

export const FAKE_GROUP = '0a52d3dcd7011200f2d224837e6103f2';
export const OTHER_GROUP = 'b85d44954a3623120004689b2d5dd60a';

/** The table `incident` of an instance, made from docs.servicenow.com, "Table API", and its GlideRecord reference. */
export async function startFakeServicenow(now: () => Date): Promise<FakeServicenow> {
  const rows: Row[] = [row(1, now(), { short_description: 'The printer is on fire', correlation_id: 'monitoring-7' })];
  const credential = 'password-of-this-test';

  /** Columns that are asked for, as values. */
  function show(one: Row, query: URLSearchParams): object {
    const wanted = query.get('sysparm_fields')?.split(',') ?? [];
    const display = query.get('sysparm_display_value') === 'true';
    const all: Record<string, unknown> = {
      ...one,
      correlation_id: fake.lacksCorrelation ? undefined : one.correlation_id,
      sys_created_on: stamp(one.madeAt),
      sys_updated_on: stamp(one.changedAt),
      // A journal has no value of its own; as it is shown it holds its entries, the newest first.
      work_notes: display
        ? one.work_notes
            .toReversed()
            .map((note) => `${stamp(one.changedAt)} - Bot (Work notes)\n${note}`)
            .join('\n\n')
        : '',
    };
    return Object.fromEntries(wanted.filter((name) => all[name] !== undefined).map((name) => [name, all[name]]));
  }

  function one(id: string | undefined, answer: (found: Row) => FakeAnswer): FakeAnswer {
    const found = rows.find(({ sys_id, deleted }) => sys_id === id && !deleted && !fake.hides);
    return found ? answer(found) : refusal(404, 'No Record found', 'Record doesn\u2019t exist or ACL restricts the record retrieval');
  }

  function write(found: Row, body: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(body)) {
      if (name === 'work_notes') found.work_notes.push(String(value));
      else if (name === 'correlation_id' && fake.dropsCorrelation) continue;
      else if (name === 'state' && fake.keepsOpen) continue;
      else if (name === 'short_description') found.short_description = String(value).slice(0, 160);
      else if (name === 'description') found.description = String(value).slice(0, 4000);
      else if (name in found) Object.assign(found, { [name]: String(value) });
    }
    found.changedAt = now().getTime();
  }

  const table = /^\/api\/now\/table\/incident$/;
  const record = /^\/api\/now\/table\/incident\/([^/]+)$/;
  const routes: FakeRoute[] = [
    {
      operation: 'find',
      method: 'GET',
      path: table,
      answer({ query }) {
        let found = rows.filter(({ deleted, madeAt }) => !deleted && !fake.hides && now().getTime() - madeAt >= fake.lagMs);
        for (const term of (query.get('sysparm_query') ?? '').split('^')) {
          const condition = /^([a-z_]+)=(.*)$/.exec(term);
          if (!condition || (condition[1] === 'correlation_id' && fake.lacksCorrelation)) continue;
          found = found.filter((some) => String(some[condition[1] as keyof Row]) === condition[2]);
        }
        return {
          status: 200,
          body: { result: found.slice(0, Number(query.get('sysparm_limit') ?? 10_000)).map((some) => show(some, query)) },
        };
      },
    },
    {
      operation: 'read',
      method: 'GET',
      path: record,
      answer: ({ params, query }) => one(params[0], (found) => ({ status: 200, body: { result: show(found, query) } })),
    },
    {
      operation: 'create',
      method: 'POST',
      path: table,
      answer({ body, query }) {
        const made = row(rows.length + 1, now(), {});
        write(made, body);
        rows.push(made);
        return { status: 201, body: { result: show(made, query) } };
      },
    },
    {
      operation: 'state',
      method: 'PATCH',
      path: record,
      when: (body) => 'state' in body,
      answer: ({ params, query, body }) =>
        one(params[0], (found) => {
          // Data policies of the base: who resolves says how.
          if (['6', '7'].includes(String(body['state'])) && !(body['close_code'] && body['close_notes']))
            return refusal(403, 'Operation Failed', 'Data Policy Exception: Close code, Close notes are mandatory');
          write(found, body);
          return { status: 200, body: { result: show(found, query) } };
        }),
    },
    {
      operation: 'comment',
      method: 'PATCH',
      path: record,
      when: (body) => 'work_notes' in body,
      answer: ({ params, query, body }) =>
        one(params[0], (found) => {
          write(found, body);
          return { status: 200, body: { result: show(found, query) } };
        }),
    },
    {
      operation: 'update',
      method: 'PATCH',
      path: record,
      answer: ({ params, query, body }) =>
        one(params[0], (found) => {
          write(found, body);
          return { status: 200, body: { result: show(found, query) } };
        }),
    },
  ];
  const server = await startFakeTracker({
    routes,
    accepts: ({ authorization }) => authorization === `Basic ${Buffer.from(`noctule:${credential}`).toString('base64')}`,
    refuse: (status) =>
      status === 429
        ? refusal(429, 'Rate limit exceeded', 'Rejected by rate limit')
        : refusal(status, WORDS[status] ?? 'Error', 'ACL or fault'),
  });

  function withId(id: string): Row {
    return rows.find(({ sys_id }) => sys_id === id)!;
  }
  const fake: FakeServicenow = Object.assign(server, {
    credential,
    lagMs: 0,
    lacksCorrelation: false,
    dropsCorrelation: false,
    keepsOpen: false,
    hides: false,
    tickets: () =>
      rows
        .filter(({ deleted, number }) => !deleted && number !== 'INC0000001')
        .map((found) => ({
          id: found.sys_id,
          title: found.short_description,
          text: found.description,
          comments: found.work_notes,
          open: !['6', '7', '8'].includes(found.state),
          labels: [found.correlation_id],
        })),
    person: {
      close: (id: string) => void (withId(id).state = '7'),
      reopen: (id: string) => void (withId(id).state = '2'),
      remove: (id: string) => void (withId(id).deleted = true),
      move: (id: string) => void (withId(id).assignment_group = OTHER_GROUP),
      moveBack: (id: string) => void (withId(id).assignment_group = FAKE_GROUP),
    },
  });
  return fake;
}

const WORDS: Readonly<Record<number, string>> = {
  401: 'User Not Authenticated',
  403: 'Insufficient rights to update records',
  404: 'Requested URI does not represent any resource',
};

function row(number: number, at: Date, fields: Partial<Row>): Row {
  return {
    sys_id: number.toString(16).padStart(32, '0'),
    number: `INC${String(number).padStart(7, '0')}`,
    short_description: '',
    description: '',
    state: '1',
    correlation_id: '',
    assignment_group: '',
    close_code: '',
    close_notes: '',
    work_notes: [],
    madeAt: at.getTime(),
    changedAt: at.getTime(),
    deleted: false,
    ...fields,
  };
}

function refusal(status: number, message: string, detail: string): FakeAnswer {
  return { status, body: { error: { message, detail }, status: 'failure' } };
}

/** In UTC, without saying so. */
function stamp(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
