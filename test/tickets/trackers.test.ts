import { FAKES, openFake, type FakeName } from './benches.ts';
import { sinkSuite } from './sink-suite.ts';
import { trackerCases } from './tracker-cases.ts';
import { trackerUnderTest } from './under-test.ts';

for (const name of Object.keys(FAKES) as FakeName[]) {
  trackerCases(`a simulated ${name}`, () => openFake(name));
  sinkSuite(`a simulated ${name}`, (world) => trackerUnderTest(name, world), { schedules: Number(process.env['N'] ?? 60) });
}
