import { FAKES, openFake, type FakeName } from './benches.ts';
import { trackerCases } from './tracker-cases.ts';

for (const name of Object.keys(FAKES) as FakeName[]) trackerCases(`a simulated ${name}`, () => openFake(name));
