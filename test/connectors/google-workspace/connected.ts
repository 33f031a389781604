import type { GoogleFake } from '../../../connectors/google-workspace/fake/index.ts';
import { createWire, createCalls, type Clock, type Connection, type Pace } from '../../../src/connector/index.ts';
import type { Client } from '../../../connectors/google-workspace/client.ts';
import { connector } from '../../../connectors/google-workspace/index.ts';
import { Secret } from '../../../src/secret/secret.ts';

/** Opens the connector with the pace that it asks for. */
export async function connect(google: GoogleFake, clock: Clock) {
  const { signal } = new AbortController();
  const { connector: _id, ...raw } = google.config;
  const config = connector.config.parse(raw);
  let pace: Pace | undefined;
  const connection = await connector.connect({
    ...clock,
    config,
    signal,
    pageSize: (largest) => largest,
    secret: (reference) => new Secret('env' in reference ? google.environment[reference.env]! : ''),
    wire: (origins) =>
      createWire({ operations: connector.operations, origins, signal, count: () => {}, limits: { bytes: 1e7, milliseconds: 5_000 } }),
    calls(usual, classify) {
      pace = usual;
      return createCalls({ clock, pace: usual, classify, signal });
    },
  });
  return { connection: connection as Connection<Client>, config, signal, pace: pace! };
}
