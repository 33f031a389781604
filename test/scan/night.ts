import { createHash } from 'node:crypto';
import { loadCatalog } from '../../src/catalog/catalog.ts';
import { ConfigError, type Clock, type Connector } from '../../src/connector/index.ts';
import { EMPTY_POLICY, type Policy } from '../../src/policy/policy.ts';
import { runScan, type Progress, type ScanOptions, type ScanOutcome, type Source } from '../../src/scan/engine.ts';
import { createJudge, interestOf, verdictOn } from '../../src/scan/judge.ts';
import { personKey } from '../../src/persons/key.ts';
import { loadConnector } from '../../src/scan/registry.ts';
import { Secret } from '../../src/secret/secret.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { fastClock } from '../../src/testing/clock.ts';
import { createCompany, type Company } from '../../src/testing/company.ts';
import type { Fake, FakeOptions, FakeProvider } from '../../src/testing/fake.ts';

export const TENANT = 'default';
const DAY_MS = 86_400_000;
const catalog = loadCatalog();

/**
 * The day of an invented company. Its first night begins at two, which must not lie ahead of the real now: what a provider opens for an hour ends
 * by the real clock. So a day begins six hours late.
 */
export function companyDay(): Date {
  const today = new Date(Date.now() - 6 * 3_600_000);
  today.setUTCHours(0, 0, 0, 0);
  return today;
}

/** A company so small that a night takes a second, and large enough for all its stories. */
export function smallCompany(people = 24): Company {
  return createCompany({ people, today: companyDay() });
}

/** Starts the simulated provider of a connector. */
export async function startFake(id: string, company: Company, options: FakeOptions = {}): Promise<FakeProvider> {
  const { fake } = (await import(new URL(`../../connectors/${id}/fake/index.ts`, import.meta.url).href)) as { fake: Fake };
  return fake.start(company, options);
}

/** A source in the words of the configuration: it can be handed to another process. */
export interface PlainSource {
  name: string;
  config: FakeProvider['config'];
  collectors?: Readonly<Record<string, boolean>>;
}

/** A source as the engine wants it; its pace is that of this machine. */
export async function sourceOf({ name, config, collectors }: PlainSource): Promise<Source> {
  const { connector: id, ...own } = config;
  const connector = await loadConnector(id as string);
  return {
    name,
    connector,
    config: connector.config.parse(own),
    pace: { perSecond: Number.POSITIVE_INFINITY },
    ...(collectors && { collectors }),
  };
}

export interface NightOptions {
  sources: readonly Source[];
  environment: Readonly<Record<string, string>>;
  /** Start of the scan's clock. */
  from: Date;
  policy?: Policy;
  signal?: AbortSignal;
  partial?: boolean;
  largestPage?: number;
  speed?: number;
  tenant?: string;
  /** Absent = what the catalog makes of signals. */
  interest?: ScanOptions['interest'];
  progress?(event: Progress): void;
  /** The key of pseudonyms; absent = people are kept as they are named. */
  personKey?: string;
  /** Absent = drawn from the reading itself. */
  random?: (() => number) | undefined;
}

/** What src/commands/scan.ts makes of a configuration, without its files. */
export function scanOptions(store: Store, night: NightOptions): ScanOptions {
  const { sources, environment } = night;
  const connectors = [...new Set<Connector>(sources.map((source) => source.connector))];
  const versions = connectors.map((connector) => [connector.id, ...connector.collectors.map(({ id, version }) => `${id}@${version}`)]);
  const config = JSON.stringify([
    sources.map(({ name, connector, config: own, collectors }) => [name, connector.id, own, collectors]),
    versions,
  ]);
  const policy = night.policy ?? EMPTY_POLICY;
  const clock: Clock = fastClock({ from: night.from, speed: night.speed ?? 1000 });
  return {
    store,
    tenant: night.tenant ?? TENANT,
    sources,
    partial: night.partial ?? false,
    clock,
    signal: night.signal ?? new AbortController().signal,
    secret(reference) {
      const value = 'env' in reference ? environment[reference.env] : undefined;
      if (value === undefined) throw new ConfigError(`There is no secret ${JSON.stringify(reference)}`, { fix: 'Put it there.' });
      return new Secret(value);
    },
    interest: night.interest ?? ((signals) => interestOf(catalog, signals)),
    judge: (now) => createJudge({ catalog, policy, connectors, now }),
    documents: {
      config: document(config),
      catalog: { hash: catalog.hash, content: catalog.hash },
      policy: document(JSON.stringify(policy)),
    },
    ...(night.personKey !== undefined && {
      persons: {
        key: personKey(new Secret(night.personKey), night.tenant ?? TENANT),
        verdictOn: (signal) => verdictOn(catalog, signal),
      },
    }),
    programVersion: '0.0.0',
    readers: '',
    actor: 'nobody',
    // Nights that are compared read the same places by chance.
    random: () => 0,
    wireLimits: { bytes: 8 * 1024 * 1024, milliseconds: 5_000 },
    ...(night.largestPage !== undefined && { largestPage: night.largestPage }),
    ...(night.random && { random: night.random }),
    ...(night.progress && { progress: (event: Progress) => night.progress!(event) }),
  };
}

/** Runs one scan on a database file, from opening to closing it. `watched` may look over the store's shoulder. */
export async function runNight(file: string, night: NightOptions, watched = (store: Store) => store): Promise<ScanOutcome> {
  const store = openStore(file);
  try {
    return await runScan(scanOptions(watched(store), night));
  } finally {
    await store.close();
  }
}

/** The time at which the scan of a night begins. */
export function dawn(company: Pick<Company, 'today'>, night: number): Date {
  return new Date(company.today.getTime() + night * DAY_MS + 2 * 3_600_000);
}

function document(content: string): { hash: string; content: string } {
  return { hash: createHash('sha256').update(content).digest('hex'), content };
}
