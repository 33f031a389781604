import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectorIds, loadConnector } from '../../src/scan/registry.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { runConnector } from '../../src/testing/runner.ts';
import type { FakeAnswer } from '../../src/testing/server.ts';
import { smallCompany, startFake } from '../scan/night.ts';

/** Another host, which counts who connects to it. */
let connections = 0;
const elsewhere = createServer((_request, response) => void response.end('{}'));
let address: string;
beforeAll(async () => {
  elsewhere.on('connection', () => connections++);
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.2', resolve));
  address = `http://127.0.0.2:${(elsewhere.address() as AddressInfo).port}/`;
});
afterAll(() => new Promise((resolve) => elsewhere.close(resolve)));

const WAYS: Readonly<Record<string, (usual: () => FakeAnswer) => FakeAnswer>> = {
  'redirect 302': () => ({ status: 302, headers: { location: address } }),
  'redirect 307': () => ({ status: 307, headers: { location: address } }),
  'next page': (usual) => {
    const answer = usual();
    return { ...answer, headers: { ...answer.headers, link: `<${address}?page=2>; rel="next"` } };
  },
};

const connectors = await Promise.all(connectorIds().map((id) => loadConnector(id)));

describe.each(connectors.map((connector) => ({ id: connector.id, connector })))('$id', ({ id, connector }) => {
  let provider: FakeProvider;
  beforeAll(async () => {
    provider = await startFake(id, smallCompany(12));
    await runConnector(connector, provider, { largestPage: 100 });
  });
  afterAll(() => provider.close());

  test.each(Object.keys(WAYS))('sends nothing to another host: %s', async (way) => {
    const unasked: string[] = [];
    // What only a source of many accounts asks, this one does not.
    const asks = new Set(provider.requests.map((request) => request.operation));
    expect(asks.size).toBeGreaterThan(new Set(connector.operations.map((each) => each.id)).size - 4);
    for (const operation of asks) {
      let asked = 0;
      provider.plant(operation, (_request, _nth, usual) => {
        asked++;
        return WAYS[way]!(usual);
      });
      // What no collector declares opens the connection: to one account, or to what holds many. Some declare what they ask on some nights only.
      const openers = [[], connector.collectors.filter(({ level }) => level === 'group').map((collector) => collector.id)];
      const users = connector.collectors.filter((collector) => collector.operations.includes(operation)).map((collector) => [collector.id]);
      for (const only of users.length > 0 ? users : openers)
        if (asked === 0) await runConnector(connector, provider, { only, largestPage: 100 });
      provider.plant(operation, (_request, _nth, usual) => usual());
      if (asked === 0) unasked.push(operation);
    }
    expect(unasked, 'a world that never sends an operation proves nothing about it').toEqual([]);
    expect(connections).toBe(0);
  });
});

test('the other host would have been noticed', async () => {
  await fetch(address);
  expect(connections).toBe(1);
});
