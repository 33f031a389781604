import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { fake } from '../../connectors/google-workspace/fake/index.ts';
import { createCompany } from '../../src/testing/company.ts';
import type { FakeProvider } from '../../src/testing/fake.ts';
import { newFolder, noctule, writeConfig } from './run.ts';

/** Nobody has to be spared on this machine. */
export const PACE = { perSecond: 1_000, inFlight: 12 };

export interface Summary {
  conditions: string[];
  exitCode: number;
  resumed: boolean;
  audit?: { number: number; hash: string };
  findings?: number;
  startedAt: string;
  endedAt: string;
  changes?: Record<'opened' | 'returned' | 'reopened' | 'resolved', number>;
  gaps?: number;
  unaccepted?: number;
  sources: { source: string; state: string; message: string | null }[];
}

const providers: FakeProvider[] = [];
afterAll(() => Promise.all(providers.map((provider) => provider.close())));

/** A simulated Google Workspace in this process, with the hostile names of its first twelve people, and a folder to scan it from. */
export async function workspace(more: { source?: object; sources?: object; config?: object; people?: number; latency?: number } = {}) {
  const company = createCompany({ people: more.people ?? 14, today: new Date() });
  const provider = await fake.start(company, more.latency === undefined ? {} : { latency: more.latency });
  providers.push(provider);
  const folder = newFolder();
  const config = writeConfig(
    folder,
    { workspace: { ...provider.config, pace: PACE, ...more.source }, ...more.sources },
    { ...more.config },
  );
  const run = (...args: string[]) => noctule([...args, '-c', config], { env: provider.environment });
  const summary = join(folder, 'summary.json');
  const scan = async (...args: string[]) => {
    const ended = await run('scan', '--summary', summary, ...args);
    return { ...ended, summary: JSON.parse(readFileSync(summary, 'utf8')) as Summary };
  };
  return { provider, folder, config, run, scan };
}
