import { sinkSuite } from './sink-suite.ts';
import { startTracker } from './tracker.ts';

const LANGUAGES = ['english', 'german', 'french', 'turned'] as const;
let started = 0;

// Each schedule meets a tracker of another language.
sinkSuite('a simulated tracker', (world) => startTracker(world, LANGUAGES[started++ % LANGUAGES.length]), { schedules: 1000 });
