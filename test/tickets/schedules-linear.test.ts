import { vi } from 'vitest';
import { thorough } from '../thorough.ts';
import { sinkSuite } from './sink-suite.ts';
import { trackerUnderTest } from './under-test.ts';

// A thousand schedules take a minute where nothing else runs; a few less, and not every fault strikes the rarest operation.
vi.setConfig({ testTimeout: thorough ? 3_600_000 : 600_000 });
sinkSuite('a simulated linear', (world) => trackerUnderTest('linear', world), { schedules: thorough ? 1000 : 250 });
