import { vi } from 'vitest';
import { thorough } from '../thorough.ts';
import { sinkSuite } from './sink-suite.ts';
import { trackerUnderTest } from './under-test.ts';

// A thousand schedules take a minute where nothing else runs; of a hundred, few reach the rarest operation, which is to close.
vi.setConfig({ testTimeout: thorough ? 3_600_000 : 600_000 });
sinkSuite('a simulated jira', (world) => trackerUnderTest('jira', world), { schedules: thorough ? 1000 : 250 });
