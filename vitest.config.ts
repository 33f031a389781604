import { defineConfig } from 'vitest/config';
import CountingReporter from './tools/counting-reporter.ts';
import LongestFirst from './tools/longest-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: [new CountingReporter()],
    sequence: { sequencer: LongestFirst },
    // A test that hangs must end; how fast a test is, is not what it tests, and machines differ.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Two cores, and much of the time a test waits: for a process, for a repeat. Each file has a process of its own: the SQLite addon does
    // not like to be shared, and SDKs keep what one file did for the next.
    pool: 'forks',
    maxWorkers: 3,
  },
});
