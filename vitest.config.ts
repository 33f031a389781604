import { defineConfig } from 'vitest/config';
import CountingReporter from './tools/counting-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: [new CountingReporter()],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: files side by side, each in a process of its own, because the SQLite addon does not like to be shared.
    pool: 'forks',
    maxWorkers: 2,
  },
});
