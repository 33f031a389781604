import { afterEach } from 'vitest';
import { fake, type GoogleFake } from '../../../connectors/google-workspace/fake/index.ts';
import { connector } from '../../../connectors/google-workspace/index.ts';
import type { Gap, Observation } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import type { FakeOptions } from '../../../src/testing/fake.ts';
import { runConnector, type RunOptions } from '../../../src/testing/runner.ts';

const open: GoogleFake[] = [];
afterEach(async () => {
  for (const google of open.splice(0)) await google.close();
});

/** A simulated Workspace of so many people, closed after the test. */
export async function google(people = 12, options: FakeOptions = {}): Promise<GoogleFake> {
  const today = new Date();
  today.setUTCHours(2, 0, 0, 0);
  const started = await fake.start(createCompany({ people, today }), options);
  open.push(started);
  return started;
}

/** What one collector states. */
export async function read(server: GoogleFake, id: string, options: RunOptions = {}) {
  const run = await runConnector(connector, server, { largestPage: 1000, ...options, only: [id] });
  const [collected] = run.collectors;
  if (run.refused || !collected || collected.error) throw run.refused ?? collected?.error;
  return {
    account: run.account!.scope,
    events: collected.events,
    observations: collected.events.filter((event): event is Observation => event.type === 'observation'),
    gaps: collected.events.filter((event): event is Gap => event.type === 'gap'),
    covered: collected.events.flatMap((event) => (event.type === 'covered' ? [event.scope] : [])),
    requests: [...collected.requests.values()].reduce((sum, count) => sum + count, 0),
  };
}
