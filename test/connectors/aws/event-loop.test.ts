import { fork } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connector } from '../../../connectors/aws/index.ts';
import type { Connector } from '../../../src/connector/index.ts';
import type { FakeProvider } from '../../../src/testing/fake.ts';
import { runConnector } from '../../../src/testing/runner.ts';

const PEOPLE = 6_000;
const MOST_MILLISECONDS = 150;

/** Without faults or nights of its own: what a scan needs to know of the server. */
async function serve(): Promise<FakeProvider> {
  const server = fork(join(import.meta.dirname, 'serve.ts'), [String(PEOPLE)]);
  onTestFinished(() => server.disconnect());
  return new Promise((resolve, reject) => {
    server.once('message', (served) => resolve(served as FakeProvider));
    server.once('error', reject);
  });
}

/** The longest time that this thread worked between two turns of the event loop: what others take on a busy machine is none of ours. */
function watchTurns(): () => number {
  let before = process.threadCpuUsage();
  let longest = 0;
  const turns = setInterval(() => {
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    before = process.threadCpuUsage();
  }, 5);
  return () => {
    clearInterval(turns);
    return longest;
  };
}

// What is told by the processor of a machine that others use too is told again before it counts.
test(
  `users and roles of ${PEOPLE} people are read without a turn of the event loop above ${MOST_MILLISECONDS} ms`,
  { retry: 2 },
  async () => {
    const provider = await serve();
    // What is loaded once is not what is looked for.
    await runConnector(connector as Connector, provider, { only: ['providers'], largestPage: 1000 });
    const longest = watchTurns();
    const run = await runConnector(connector as Connector, provider, { only: ['identities', 'service_credentials'], largestPage: 1000 });
    const took = longest();
    expect(run.refused ?? run.collectors.find(({ error }) => error)?.error).toBeUndefined();
    expect(run.collectors.flatMap(({ events }) => events).length).toBeGreaterThan(PEOPLE / 4);
    expect(took).toBeLessThan(MOST_MILLISECONDS);
  },
);
