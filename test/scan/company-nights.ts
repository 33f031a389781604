import { afterAll, beforeAll } from 'vitest';
import type { Source } from '../../src/scan/engine.ts';
import { connectorIds } from '../../src/scan/registry.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { dawn, smallCompany, sourceOf, startFake, type NightOptions } from './night.ts';

export const company = smallCompany();
/** Every simulated provider over one small company, running as long as the tests of the file that imports this. */
export const providers = new Map<string, FakeProvider>();

beforeAll(async () => {
  for (const id of connectorIds()) providers.set(id, await startFake(id, company));
});
afterAll(async () => {
  for (const provider of providers.values()) await provider.close();
});

/** The source that reads all that there is of a provider, named after its connector. */
export async function sourceFor(id: string, name = id): Promise<Source> {
  const source = await sourceOf({ name, config: providers.get(id)!.config });
  return { ...source, collectors: Object.fromEntries(source.connector.collectors.map((collector) => [collector.id, true])) };
}

/** A night of the company's world, as the options of a scan. */
export async function night(number: number, sources: readonly Source[], more: Partial<NightOptions> = {}): Promise<NightOptions> {
  for (const provider of providers.values()) provider.night(number);
  const environment = Object.assign({}, ...[...providers.values()].map((provider) => provider.environment)) as Record<string, string>;
  // As if everything were worth a look: the ground truth holds what only AI would lead to as well.
  return { sources, environment, from: dawn(company, number), interest: () => 'ai', ...more };
}

export interface Stored {
  key: string;
  thing: string;
  connector: string;
  collector: string;
  mode: string;
  kind: string;
  scope: string;
  state: 'present' | 'unverified' | 'gone';
}

/** What a database holds of every fact but its body. */
export function stored(path: string): Stored[] {
  return rowsOf<Stored>(
    path,
    `SELECT c.connector || ' ' || c.collector || ' ' || o.native_id AS key, o.thing, c.connector, c.collector, c.mode, o.kind, o.scope, o.state
     FROM observation o JOIN collector c ON c.id = o.collector_id ORDER BY key`,
  );
}

/** The facts whose absence can be told. */
export const inventory = (path: string) => stored(path).filter(({ mode }) => mode === 'inventory');
