import { vi } from 'vitest';
import { sinkSuite } from './sink-suite.ts';
import { trackerUnderTest } from './under-test.ts';

// A thousand schedules take a minute where nothing else runs.
vi.setConfig({ testTimeout: 600_000 });
sinkSuite('a simulated github', (world) => trackerUnderTest('github', world), { schedules: 1000 });
