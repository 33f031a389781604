import { existsSync, readdirSync } from 'node:fs';
import { ConfigError, type Connector } from '../connector/index.ts';

/** The folder of connectors, also in the built package. */
const CONNECTORS = new URL('../../connectors/', import.meta.url);

/** This file is .ts from source and .js in the package; so is its neighbour. */
const INDEX = `index${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`;

/** The ids of all connectors: the folders below connectors/, save those that start with an underscore. */
export function connectorIds(): string[] {
  return readdirSync(CONNECTORS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_') && existsSync(new URL(`${entry.name}/${INDEX}`, CONNECTORS)))
    .map((entry) => entry.name)
    .sort();
}

/** The declaration of one connector. Its SDK is imported when it connects, not here. */
export async function loadConnector(id: string): Promise<Connector> {
  if (!connectorIds().includes(id))
    throw new ConfigError(`There is no connector "${id}"`, { fix: `Known connectors: ${connectorIds().join(', ')}.` });
  const module = (await import(new URL(`${id}/${INDEX}`, CONNECTORS).href)) as { connector?: Connector };
  if (!module.connector) throw new Error(`connectors/${id}/${INDEX} exports no connector`);
  if (module.connector.id !== id) throw new Error(`connectors/${id} declares itself as "${module.connector.id}"`);
  return module.connector;
}

/** All of them: facts of accounts that are configured no more are still told in their connector's words. */
export function loadConnectors(): Promise<Connector[]> {
  return Promise.all(connectorIds().map(loadConnector));
}
