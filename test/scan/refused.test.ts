import { copyFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { holds, type Collector, type Connector } from '../../src/connector/index.ts';
import { connectorIds, loadConnector } from '../../src/scan/registry.ts';
import { openReader } from '../../src/store/read.ts';
import { temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { groupSourceFor, inventory, night, providers, sourceFor, stored, type Stored } from './company-nights.ts';
import { runNight } from './night.ts';
import { thorough } from '../thorough.ts';

const file = temporaryFolder();
const connectors = await Promise.all(connectorIds().map((id) => loadConnector(id)));

const keysGone = (rows: readonly Stored[]) => rows.filter(({ state }) => state === 'gone').map(({ key }) => key);
const states = (path: string) => stored(path).map(({ collector, key, state }) => ({ collector, key, state }));

/** Which statement decides about a fact in the last scan, as the database has it: the most specific, a gap before all others. */
function lastWords(path: string): (fact: Stored) => string {
  const statements = rowsOf<{ scope: string; statement: string; collector: string }>(
    path,
    `SELECT t.scope, t.statement, c.collector FROM statement t JOIN reading r ON r.id = t.reading_id JOIN collector c ON c.id = r.collector_id
     WHERE r.scan_id = (SELECT max(id) FROM scan)`,
  );
  return (fact) => {
    const about = statements.filter(({ collector, scope }) => collector === fact.collector && holds(scope, fact.scope));
    const narrowest = Math.max(-1, ...about.map(({ scope }) => scope.length));
    const here = about.filter(({ scope }) => scope.length === narrowest).map(({ statement }) => statement);
    return ['gap', 'covered', 'unchanged'].find((word) => here.includes(word)) ?? 'none';
  };
}

/** Each connector as it reads one account and, where it can, as it reads what holds many: with the operations that only this way asks. */
const ways = connectors.flatMap((connector) => {
  const above = askedOfGroups(connector);
  const { id } = connector;
  const operations = connector.operations.map((operation) => operation.id);
  const single = { id, way: id, operations: operations.filter((each) => !above.has(each)), source: () => sourceFor(id) };
  const group = {
    id,
    way: `${id}, many accounts`,
    operations: operations.filter((each) => above.has(each)),
    source: () => groupSourceFor(id),
  };
  return above.size > 0 ? [single, group] : [single];
});

/** Operations that no reading of a single account asks: those of collectors of groups alone, and all of an origin that only these ask. */
function askedOfGroups({ collectors, operations }: Connector): Set<string> {
  const of = (level: Collector['level']) => {
    const ids = new Set(collectors.filter((collector) => collector.level === level).flatMap((collector) => collector.operations));
    return operations.filter(({ id }) => ids.has(id));
  };
  const [single, group] = [of(undefined), of('group')];
  const origins = new Set(group.map(({ origin }) => origin).filter((origin) => !single.some((other) => other.origin === origin)));
  const above = operations.filter((each) => origins.has(each.origin) || (group.includes(each) && !single.includes(each)));
  return new Set(above.map(({ id }) => id));
}

describe.each(ways)('a second night of $way', ({ id, operations, source: sourceOfWay }) => {
  const [first, calm] = [file(), file()];
  // A place that was not read comes back in one way, whatever operation had refused: one of each collector shows it.
  const connector = connectors.find((each) => each.id === id)!;
  const { collectors } = connector;
  const recovering = new Set(collectors.map((collector) => collector.operations.findLast((each) => operations.includes(each))));
  // The contract has every operation refused to its collectors; here, the engine meets one of each collector and a third of the rest.
  const refusing = operations.filter((each, turn) => thorough || recovering.has(each) || turn % 3 === 0);
  let truth: ReadonlySet<string>;
  let healthy: ReturnType<typeof states>;

  beforeAll(async () => {
    const source = await sourceOfWay();
    await runNight(first, await night(0, [source]));
    copyFileSync(first, calm);
    await runNight(calm, await night(1, [source]));
    truth = new Set(keysGone(inventory(calm)));
    healthy = states(calm);
  });

  test('is one on which something goes', () => {
    expect(truth.size).toBeGreaterThan(0);
  });

  test.each(refusing)('resolves nothing that it did not read: %s answers 403', async (refused) => {
    const provider = providers.get(id)!;
    const source = await sourceOfWay();
    const path = file();
    copyFileSync(first, path);
    provider.faults.add({ operation: refused, fault: 403 });
    const askers = collectors.filter((collector) => collector.operations.includes(refused));
    // What never asks for it cannot tell that it refuses, and is left out; what opens the connection is asked for by all.
    const asking = new Set((thorough || askers.length === 0 ? collectors : askers).map((collector) => collector.id));
    const asked = { ...source, collectors: Object.fromEntries(collectors.map(({ id }) => [id, asking.has(id)])) };
    const outcome = await runNight(path, await night(1, [asked], { speed: 100_000 }));
    const struck = provider.faults.struck.has(refused);
    provider.faults.clear();
    expect(struck, 'a world that never sends the operation proves nothing about it').toBe(true);

    const facts = inventory(path);
    const lastWord = lastWords(path);
    const gone = facts.filter(({ state }) => state === 'gone');
    expect(
      keysGone(gone).filter((key) => !truth.has(key)),
      'what is there is gone',
    ).toEqual([]);
    expect(keysGone(gone.filter((fact) => lastWord(fact) !== 'covered')), 'what was not read is gone').toEqual([]);
    const reader = openReader(path);
    const gaps = reader.gaps(outcome.scanId).filter(({ byDesign, collector }) => byDesign === 0 && asking.has(collector));
    reader.close();
    expect(gaps.length, 'a gap is told').toBeGreaterThan(0);
    expect(outcome.sources[0]?.state).not.toBe('read');

    if (!thorough && !recovering.has(refused)) return;
    await runNight(path, await night(1, [asked]));
    const ofThem = (all: typeof healthy) => all.filter(({ collector }) => asking.has(collector));
    expect(ofThem(states(path)), 'once it answers again, all is as if it had never refused').toEqual(ofThem(healthy));
  });
});
