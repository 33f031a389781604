import { existsSync, readdirSync } from 'node:fs';
import type { Connector } from '../../src/connector/index.ts';
import { contractSuite, type Skip } from '../../src/testing/contract/suite.ts';
import type { Fake } from '../../src/testing/fake.ts';
import { thorough } from '../thorough.ts';

// Every folder of connectors/ inherits the suite: a new connector is tested by existing.
const folder = new URL('../../connectors/', import.meta.url);
for (const entry of readdirSync(folder, { withFileTypes: true })) {
  if (!entry.isDirectory() || entry.name.startsWith('_') || !existsSync(new URL(`${entry.name}/index.ts`, folder))) continue;
  const { connector } = (await import(new URL(`${entry.name}/index.ts`, folder).href)) as { connector: Connector };
  const { fake, skips } = (await import(new URL(`${entry.name}/fake/index.ts`, folder).href)) as { fake: Fake; skips?: Skip[] };
  contractSuite(connector, fake, skips, thorough);
}
