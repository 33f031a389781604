import { vi } from 'vitest';
import { thorough } from '../thorough.ts';
import { sinkSuite } from './sink-suite.ts';
import { startTracker } from './tracker.ts';

const LANGUAGES = ['english', 'german', 'french', 'turned'] as const;
let started = 0;

vi.setConfig({ testTimeout: thorough ? 3_600_000 : 600_000 });
// Each schedule meets a tracker of another language.
sinkSuite('a simulated tracker', (world) => startTracker(world, LANGUAGES[started++ % LANGUAGES.length]), { schedules: 1000 });
