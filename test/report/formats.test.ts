import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import type { Column } from '../../src/report/column.ts';
import { cyclonedx } from '../../src/report/cyclonedx.ts';
import { ocsf } from '../../src/report/ocsf.ts';
import { parquet } from '../../src/report/parquet.ts';
import { listed, renderRows } from '../../src/report/rows.ts';
import { sarif } from '../../src/report/sarif.ts';
import { actsOnTerminal } from '../cli/run.ts';
import { HOSTILE } from '../text/hostile.ts';
import { cyclonedxSchema, ocsfSchema, sarifSchema } from './schemas.ts';
import type { FindingsAbout } from '../../src/report/finding-view.ts';
import { ABOUT, findingCalled, integrationCalled, unreadCalled } from './views.ts';

interface Row {
  name: string;
  holders: number;
  owner: string | null;
}
const COLUMNS: readonly Column<Row>[] = [
  { title: 'name', of: ({ name }) => name },
  { title: 'holders', of: ({ holders }) => holders },
  { title: 'owner', of: ({ owner }) => owner },
];
const ROWS: readonly Row[] = HOSTILE.map((name, holders) => ({ name, holders, owner: holders % 2 === 0 ? null : name }));
const text = (pieces: Iterable<string>) => [...pieces].join('');

describe('a list', () => {
  test('is the same JSON whether it is written at once or row by row', () => {
    expect(text(listed('json', ROWS, COLUMNS, 'nobody'))).toBe(renderRows('json', ROWS, COLUMNS));
    expect(JSON.parse(text(listed('json', ROWS, COLUMNS, 'nobody')))).toEqual(ROWS.map((row) => JSON.parse(JSON.stringify(row)) as Row));
    expect(text(listed('json', [], COLUMNS, 'nobody'))).toBe('[]\n');
    expect(text(listed('json', [{ name: 'a', holders: 1, owner: null }], COLUMNS, 'nobody'))).toBe(
      `${JSON.stringify([{ name: 'a', holders: 1, owner: null }], null, 2)}\n`,
    );
  });

  test('holds nothing in any form that a terminal would act on', () => {
    for (const format of ['table', 'json', 'ndjson', 'csv', 'markdown'] as const)
      expect([format, actsOnTerminal(text(listed(format, ROWS, COLUMNS, 'nobody')))]).toEqual([format, []]);
  });

  test('as Markdown is a table of code spans, whatever a name says: no link, no mention, no HTML, no cell too many', () => {
    const nasty = [
      '@team',
      '[a](https://attacker.example)',
      '<img src=x onerror=alert(1)>',
      'a|b',
      '`',
      '``',
      '` `',
      'a`b``c',
      '\\',
      'a\\|b',
      '#1',
      'www.attacker.example',
    ];
    const rows = [...nasty, ...HOSTILE].map((name) => ({ name, holders: 1, owner: null }));
    const [, , head, rule, ...lines] = text(listed('markdown', rows, COLUMNS, 'holders'))
      .trimEnd()
      .split('\n');
    expect([head, rule]).toEqual(['| `name` | `holders` | `owner` |', '| --- | --- | --- |']);
    expect(lines.length).toBe(rows.length);
    for (const line of lines) {
      // A code span ends at the next row of as many backticks (CommonMark 0.31, 6.1).
      const outside = line.replace(/(?<!`)(`+)(?!`)(?:.*?[^`])\1(?!`)/g, 'X');
      expect(outside).toMatch(/^\| X? \| 1 \| {2}\|$/);
      expect(line.split('|').length).toBe(5);
    }
  });

  test('as Parquet is read back as it was, over groups of rows, and says whom it names', async () => {
    const many = Array.from({ length: 25_000 }, (_, index) => ROWS[index % ROWS.length]!);
    const pieces: Uint8Array[] = [];
    await parquet(each(many), COLUMNS, { names: 'holders', version: '0.1.0', numbers: new Set(['holders']) }, (piece) =>
      pieces.push(piece),
    );
    const file = new Uint8Array(Buffer.concat(pieces)).buffer;
    const metadata = parquetMetadata(file);
    expect([Number(metadata.num_rows), metadata.row_groups.length]).toEqual([25_000, 3]);
    expect(metadata.key_value_metadata).toEqual([{ key: 'noctule.names_of_persons', value: 'holders' }]);
    const read = await parquetReadObjects({ file });
    expect(read).toEqual(
      many.map(({ name, holders, owner }) => ({ name: name.toWellFormed(), holders, owner: owner?.toWellFormed() ?? null })),
    );
  });

  test('as Parquet may be empty', async () => {
    const pieces: Uint8Array[] = [];
    await parquet(each<Row>([]), COLUMNS, { names: 'nobody', version: '0.1.0', numbers: new Set() }, (piece) => pieces.push(piece));
    expect(await parquetReadObjects({ file: new Uint8Array(Buffer.concat(pieces)).buffer })).toEqual([]);
  });
});

test('what to do is told with the steps of the provider, where there are any', () => {
  const { steps: _steps, ...bare } = findingCalled('Acme').body;
  const all = [findingCalled('Acme'), { ...findingCalled('Acme'), body: bare }];
  const [run] = (JSON.parse(text(sarif(all, ABOUT))) as { runs: { results: { properties: object }[] }[] }).runs;
  expect(run!.results.map(({ properties }) => properties)).toMatchObject([
    { remedy: 'Take it away from Acme.', steps: 'Open the page of Acme.' },
    { remedy: 'Take it away from Acme.' },
  ]);
  expect(run!.results[1]!.properties).not.toHaveProperty('steps');
  const told = JSON.stringify([...ocsf(all, ABOUT)].map(String));
  expect(told.split('Take it away from Acme. Open the page of Acme.')).toHaveLength(2);
});

describe('SARIF', () => {
  const isSarif = sarifSchema();
  const findings = [
    ...HOSTILE.map((name) => findingCalled(name)),
    findingCalled('gone', { state: 'resolved' }),
    findingCalled('accepted', { state: 'excepted', severity: 'low' }),
    findingCalled('seen', { state: 'acknowledged', firstScan: 2 }),
    findingCalled('of an earlier release', { rule: 'rule-that-is-gone' }),
  ];

  test('is valid by the official schema, whatever things are called, and with nothing in it', () => {
    for (const all of [findings, []]) {
      const log: unknown = JSON.parse(text(sarif(all, ABOUT)));
      expect([isSarif(log), isSarif.errors]).toEqual([true, null]);
    }
    expect(actsOnTerminal(text(sarif(findings, ABOUT)))).toEqual([]);
  });

  test('that is wrong is told by that schema', () => {
    expect(isSarif({ version: '2.1.0', runs: [{ tool: { driver: {} } }] })).toBe(false);
    expect(
      isSarif({ version: '2.1.0', runs: [{ tool: { driver: { name: 'x' } }, results: [{ level: 'grave', message: { text: '' } }] }] }),
    ).toBe(false);
  });

  test('holds names that make neither a link nor a placeholder', () => {
    const [run] = (JSON.parse(text(sarif([findingCalled('[click](https://attacker.example) {0}')], ABOUT))) as Log).runs;
    expect(run!.results[0]!.message.text).toContain('\\[click\\](https://attacker.example) {{0}}');
  });

  test('tells what is new, what is gone and what was accepted, and whom it names', () => {
    const [run] = (JSON.parse(text(sarif(findings.slice(-4), ABOUT))) as Log).runs;
    expect(
      run!.results.map(({ baselineState, suppressions, level, ruleIndex }) => [baselineState, suppressions, level, ruleIndex]),
    ).toEqual([
      ['absent', [], 'error', 0],
      ['unchanged', [{ kind: 'external', status: 'accepted' }], 'note', 0],
      ['new', [{ kind: 'external', status: 'underReview' }], 'error', 0],
      ['unchanged', [], 'error', undefined],
    ]);
    expect(run!.properties).toEqual({ namesOfPersons: 'holders' });
  });

  test('of a scan that read everything tells of a success; of another, what was not read, whatever that is called', () => {
    const invocation = (unread: FindingsAbout['unread']) => {
      const log = JSON.parse(text(sarif([], { ...ABOUT, unread }))) as Log;
      expect([isSarif(log), isSarif.errors]).toEqual([true, null]);
      return log.runs[0]!.invocations[0]!;
    };
    expect(invocation([])).toMatchObject({ executionSuccessful: true, toolExecutionNotifications: [] });
    for (const name of HOSTILE) {
      const told = invocation(unreadCalled(name));
      expect([told.executionSuccessful, told.toolExecutionNotifications.length]).toEqual([false, 4]);
      expect(actsOnTerminal(JSON.stringify(told))).toEqual([]);
    }
    expect(invocation(unreadCalled('Acme')).toolExecutionNotifications).toEqual([
      { level: 'error', message: { text: 'Nothing of aws was read: Refused by Acme' } },
      { level: 'warning', message: { text: 'github (Acme) was read in part' } },
      { level: 'warning', message: { text: 'github members: permission_denied, 1 place; Acme would open it' } },
      { level: 'warning', message: { text: 'github tokens: rate_limited, 7 places' } },
    ]);
  });

  interface Log {
    runs: {
      invocations: { executionSuccessful: boolean; toolExecutionNotifications: unknown[] }[];
      properties: unknown;
      results: { message: { text: string }; baselineState: string; suppressions: unknown; level: string; ruleIndex?: number }[];
    }[];
  }
});

describe('OCSF', () => {
  const isEvent = ocsfSchema();

  test('is a Detection Finding a line, by what the published schema asks for, whatever things are called', () => {
    const findings = [
      ...HOSTILE.map((name) => findingCalled(name)),
      findingCalled('gone', { state: 'resolved' }),
      findingCalled('new', { firstScan: 2, severity: 'critical' }),
      findingCalled('accepted', { state: 'excepted' }),
    ];
    const lines = text(ocsf(findings, ABOUT)).trimEnd().split('\n');
    const events = lines.map(
      (line) => JSON.parse(line) as { activity_id: number; type_uid: number; status_id: number; severity_id: number },
    );
    for (const event of events) expect([isEvent(event), isEvent.errors]).toEqual([true, null]);
    expect(
      events.slice(-3).map(({ activity_id, type_uid, status_id, severity_id }) => [activity_id, type_uid, status_id, severity_id]),
    ).toEqual([
      [3, 200403, 4, 4],
      [1, 200401, 1, 5],
      [2, 200402, 3, 4],
    ]);
    expect(actsOnTerminal(lines.join('\n'))).toEqual([]);
    expect(events[0]).toMatchObject({ metadata: { labels: ['names persons: holders'] } });
  });

  test('says what its scan did not read', () => {
    const event = (unread: FindingsAbout['unread']) => JSON.parse(text(ocsf([findingCalled('x')], { ...ABOUT, unread }))) as unknown;
    expect(event([])).toMatchObject({ unmapped: { scan_read_everything: true, unread: [] } });
    for (const name of HOSTILE) {
      const told = event(unreadCalled(name));
      expect([isEvent(told), isEvent.errors]).toEqual([true, null]);
      expect(actsOnTerminal(JSON.stringify(told))).toEqual([]);
    }
    expect(event(unreadCalled('Acme').slice(0, 1))).toMatchObject({
      unmapped: { scan_read_everything: false, unread: ['Nothing of aws was read: Refused by Acme'] },
    });
  });

  test('that lacks what is required, or has what nobody knows, is told', () => {
    const event = JSON.parse(text(ocsf([findingCalled('x')], ABOUT))) as Record<string, unknown>;
    for (const key of ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid', 'finding_info']) {
      const { [key]: _left, ...rest } = event;
      expect([key, isEvent(rest)]).toEqual([key, false]);
    }
    expect(isEvent({ ...event, noctule: 1 })).toBe(false);
  });
});

describe('CycloneDX', () => {
  const isBom = cyclonedxSchema();
  const about = {
    version: '0.1.0',
    tenant: 'default',
    scan: ABOUT.scan,
    serial: '3e671687-395b-41f5-a30f-a58921a69b79',
    names: 'holders',
    unread: ABOUT.unread,
  };

  test('is a valid inventory by the official schema, whatever things are called, and with nothing in it', () => {
    for (const all of [HOSTILE.map(integrationCalled), []]) {
      const bom: unknown = JSON.parse(text(cyclonedx(all, about)));
      expect([isBom(bom), isBom.errors]).toEqual([true, null]);
    }
    expect(actsOnTerminal(text(cyclonedx(HOSTILE.map(integrationCalled), about)))).toEqual([]);
  });

  test('that is wrong is told by that schema', () => {
    expect(
      isBom({
        bomFormat: 'CycloneDX',
        specVersion: '1.7',
        services: [{ name: 'x', data: [{ flow: 'sideways', classification: 'mail' }] }],
      }),
    ).toBe(false);
    expect(isBom({ bomFormat: 'CycloneDX', specVersion: '1.7', services: [{ provider: {} }] })).toBe(false);
  });

  test('says what its scan did not read', () => {
    const of = (unread: FindingsAbout['unread']) =>
      JSON.parse(text(cyclonedx([], { ...about, unread }))) as { metadata: { properties: unknown[] } };
    expect(of([]).metadata.properties).toContainEqual({ name: 'noctule:scan-read-everything', value: 'true' });
    for (const name of HOSTILE) {
      const bom = of(unreadCalled(name));
      expect([isBom(bom), isBom.errors]).toEqual([true, null]);
      expect(actsOnTerminal(JSON.stringify(bom))).toEqual([]);
    }
    expect(of(unreadCalled('Acme')).metadata.properties.slice(3)).toEqual([
      { name: 'noctule:scan-read-everything', value: 'false' },
      { name: 'noctule:unread', value: 'Nothing of aws was read: Refused by Acme' },
      { name: 'noctule:unread', value: 'github (Acme) was read in part' },
      { name: 'noctule:unread', value: 'github members: permission_denied, 1 place; Acme would open it' },
      { name: 'noctule:unread', value: 'github tokens: rate_limited, 7 places' },
    ]);
  });

  test('tells which data flows in, and which both ways', () => {
    const bom = JSON.parse(text(cyclonedx([integrationCalled('ChatGPT', 7)], about))) as { services: { data: { flow: string }[] }[] };
    expect(bom.services[0]!.data.map(({ flow }) => flow)).toEqual(['inbound', 'bi-directional']);
    expect(bom).toMatchObject({
      metadata: { properties: expect.arrayContaining([{ name: 'noctule:names-of-persons', value: 'holders' }]) },
    });
  });
});

async function* each<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}
