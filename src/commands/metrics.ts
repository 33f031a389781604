import { ConfigError } from '../connector/index.ts';
import {
  adoptionLag,
  discoveryLatency,
  exceptionBacklog,
  type AdoptionLag,
  type Backlog,
  type DiscoveryLatency,
} from '../policy/adoption.ts';
import { debtsOf, leversOf, metricsOf, type Metrics } from '../policy/metrics.ts';
import { personaOf } from '../policy/persona.ts';
import { measuredReadiness, readinessOf } from '../policy/readiness.ts';
import { settlingOf } from '../policy/settling.ts';
import { toldName } from '../policy/told-name.ts';
import { NAMES, namesKept } from '../report/names.ts';
import { openReader, type Reader, type SupervisedRow, type UnreadRow } from '../store/read.ts';
import { jsonText } from '../text/json.ts';
import type { Training } from '../policy/training.ts';
import { workflowsOf } from '../policy/workflow-map.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { endingsUntil } from './endings.ts';
import { tellExport } from './export.ts';
import { deliver } from './output.ts';
import { tenantsTold } from './metrics-tenants.ts';
import { metricsText, trainingText } from './metrics-text.ts';
import { concludedScans, momentOf, type Moment, type MomentOptions } from './moment.ts';
import { policyAt, type PolicyAt } from './policy-at.ts';
import { trainingTold } from './training-file.ts';

export interface MetricsOptions extends CommonOptions, MomentOptions {
  format: 'text' | 'json';
  /** A CSV file of training records. */
  training?: string;
  /** Name the people without training. */
  names?: boolean;
  /** Every tenant of the database in a line. */
  allTenants?: boolean;
}

/** How many scans the trend shows. */
const SCANS = 5;

/** What the organisation owes itself: power that nobody watches over, what nobody owns, approved, or lets end. */
export async function metricsCommand(context: CommandContext, options: MetricsOptions): Promise<number> {
  const place = await locate(context, options);
  const { database, tenant } = place;
  const reader = openReader(database);
  try {
    if (options.allTenants) {
      refuseWithAllTenants(options);
      context.out(tenantsTold(reader, options.format));
      return 0;
    }
    const moment = momentOf(reader, tenant, options, context.clock);
    const { config, training: file } = options;
    const training = file === undefined ? undefined : await trainingTold(context, { config, training: file }, reader, tenant, moment);
    const told = measure(reader, tenant, moment, policyAt(reader, place, moment, context.err), training);
    const { without, ...counts } = training ?? { without: [] };
    const named = { ...told, ...(training && { training: { ...counts, ...(options.names && { without }) } }) };
    if (options.format === 'text') {
      context.out(metricsText(told) + trainingText(training, told.unread, options.names));
      return 0;
    }
    const namesPeople = training !== undefined && options.names === true;
    const names = namesKept(namesPeople ? NAMES.training : NAMES.metrics, reader.personsCheck(tenant) !== undefined);
    const text = `${jsonText({ names, ...named }, 2)}\n`;
    if (!namesPeople) {
      context.out(text);
      return 0;
    }
    // Numbers are no list; people who are named one by one are.
    const delivered = await deliver(context, [text], { format: 'json', output: undefined, names });
    return await tellExport(context, place, { verb: 'metrics', options: { ...options }, rows: without.length, names }, delivered);
  } finally {
    reader.close();
  }
}

/** A line of each tenant stands for its last scan, and nothing of one is held against another. */
function refuseWithAllTenants({ tenant, asOf, training }: MetricsOptions): void {
  const given = tenant !== undefined ? '--tenant' : asOf !== undefined ? '--as-of' : training !== undefined ? '--training' : undefined;
  if (given !== undefined)
    throw new ConfigError(`--all-tenants does not go with ${given}`, { fix: `Leave ${given} out, or ask for one tenant with --tenant.` });
}

export type Measurement = ReturnType<typeof measure>;
/** Lists and logs that were not read whole, of how many; or nights on which some were not. */
export type Unread = Pick<UnreadRow, 'unread' | 'of'>;

/** All numbers of a tenant at a moment. */
export function measure(reader: Reader, tenant: string, { scan, asOf }: Moment, { policy, currentId }: PolicyAt, training?: Training) {
  const integrations = reader.supervised(tenant, asOf).map((row) => ({ ...row, name: nameOf(row) }));
  const { workflows = [] } = policy;
  const places = reader.unread(tenant, scan.id);
  const { excepted, people } = reader.adoption(tenant, scan.id, asOf);
  const read = reader.sourceOf(tenant, scan.id);
  const settlingAt = settlingUntil(reader, tenant, scan.id);
  return {
    scan,
    unread: sum(places),
    nights: reader.unreadNights(tenant, scan.id),
    ...metricsOf(integrations),
    people,
    readiness: readinessOf(policy.declared ?? {}, measuredReadiness(integrations, sum(places), training?.trained)),
    persona: personaOf(integrations, policy, { part: people.holding, of: people.of }, sum(places)),
    settling: settlingAt(scan),
    adoption: adoptionLag(integrations),
    discovery: discoveryLatency(reader.sightings(tenant, scan.id, asOf)),
    exceptions: exceptionBacklog(excepted, scan.startedAt),
    accounts: places.map(({ connector, account, unread, of }) => ({
      where: `${connector} ${account}`,
      ...metricsOf(integrations.filter((one) => one.connector === connector && one.account === account)),
      unread: { unread, of },
    })),
    sources: debtsOf(integrations, ({ connector, account }) =>
      read.filter((one) => one.connector === connector && one.account === account).map(({ source }) => source),
    ),
    vendors: debtsOf(integrations, ({ product }) => (product === null ? [] : [product.split('/')[0]!])),
    products: debtsOf(integrations, ({ product }) => (product === null ? [] : [product])),
    workflows: debtsOf(integrations, ({ product, ...row }) => workflowsOf(workflows, { ...row, product: product && currentId(product) })),
    levers: leversOf(integrations),
    trend: trendOf(reader, tenant, scan.id, settlingAt),
    integrations,
  };
}

/** The product, the app and where it is: one product may be there many times. */
function nameOf({ product, name, connector, account }: SupervisedRow): string {
  return `${toldName(product ?? undefined, name)}, ${connector} ${account}`;
}

/** All places together. */
export function sum(places: readonly Unread[]): Unread {
  return places.reduce((all, { unread, of }) => ({ unread: all.unread + unread, of: all.of + of }), { unread: 0, of: 0 });
}

interface Then extends Metrics {
  scan: number;
  startedAt: string;
  unread: Unread;
  adoption: AdoptionLag;
  discovery: DiscoveryLatency;
  exceptions: Backlog;
  settling: ReturnType<typeof settlingOf>;
}

type SettlingAt = (scan: Pick<Moment['scan'], 'id' | 'startedAt'>) => Then['settling'];

/** How findings were settled by any scan up to one: what ended one is the same whenever that is asked. */
function settlingUntil(reader: Reader, tenant: string, until: number): SettlingAt {
  const [turnings, endings] = [reader.turnings(tenant, until), endingsUntil(reader, tenant, until)];
  return ({ id, startedAt }) =>
    settlingOf(
      turnings.filter(({ scan }) => scan <= id),
      startedAt,
      endings,
    );
}

/** The last scans up to one, the last first; those of which no verdicts are kept tell nothing. */
function trendOf(reader: Reader, tenant: string, until: number, settlingAt: SettlingAt): Then[] {
  const scans = concludedScans(reader, tenant).filter(
    ({ id, judgedAt, prunedAt }) => id <= until && judgedAt !== null && prunedAt === null,
  );
  return scans.slice(0, SCANS).map(({ id, startedAt }) => {
    const integrations = reader.supervised(tenant, id);
    return {
      scan: id,
      startedAt,
      ...metricsOf(integrations),
      unread: sum(reader.unread(tenant, id)),
      adoption: adoptionLag(integrations),
      discovery: discoveryLatency(reader.sightings(tenant, id, id)),
      exceptions: exceptionBacklog(reader.adoption(tenant, id, id).excepted, startedAt),
      settling: settlingAt({ id, startedAt }),
    };
  });
}
