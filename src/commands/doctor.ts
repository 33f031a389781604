import { dirname, resolve } from 'node:path';
import { isAccepted } from '../config/accepted.ts';
import { chosen } from '../config/chosen.ts';
import { loadConfig, secretReader, type Config } from '../config/config.ts';
import { concurrent, ConfigError } from '../connector/index.ts';
import { collectorsAt } from '../scan/account.ts';
import type { Source } from '../scan/engine.ts';
import type { PermissionProbe } from '../scan/permission-probe.ts';
import { probeSource, type CollectorProbe, type MembersProbe, type SourceProbe } from '../scan/probe.ts';
import { jsonText } from '../text/json.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { addonCheck, FAILS, databaseCheck, runtimeCheck, wayOutChecks, type Check } from './doctor-checks.ts';
import { doctorText } from './doctor-text.ts';
import { exitCode, type Condition, type FailOn } from './exit-codes.ts';
import { bugText } from './failure.ts';
import { keyOf } from './persons-key.ts';

export interface DoctorOptions extends CommonOptions {
  source?: string[];
  failOn?: FailOn[];
  format: 'text' | 'json';
}

/** What `--format json` prints. */
export interface DoctorReport {
  formatVersion: 1;
  exitCode: number;
  conditions: readonly Condition[];
  checks: readonly Check[];
  sources: readonly ProbedSource[];
  /** All requests that were sent, token calls and repeats included. Every one of them only reads. */
  requests: number;
}

export type ProbedSource = Omit<SourceProbe, 'collectors' | 'members'> & {
  /** `accepted` = the configuration accepts that nothing of the account is read. */
  members: { opened: number; refused: readonly (MembersProbe['refused'][number] & { accepted: boolean })[] } | null;
  collectors: readonly (Omit<CollectorProbe, 'permissions'> & {
    /** `accepted` = the configuration accepts the gap for now: it is shown, and raises no exit code. */
    permissions: readonly (PermissionProbe & { accepted: boolean })[];
  })[];
};

/** Sources tried at the same time. */
const SIDE_BY_SIDE = 4;

/** Examines everything that a scan rests on, and says what is wrong and what to do. Whatever is broken, the rest is examined. */
export async function doctorCommand(context: CommandContext, options: DoctorOptions): Promise<number> {
  const conditions = new Set<Condition>();
  const { config, sources, check } = await configuration(context, options);
  const checks = [runtimeCheck(), addonCheck(), check, ...(await database(context, options, config)), ...wayOutChecks(context.environment)];
  for (const { check: name, state } of checks) {
    const condition = FAILS[name];
    if (state === 'failed' && condition) conditions.add(condition);
  }
  const probed = config ? await probeAll(context, options, { config, sources }, conditions) : [];
  for (const condition of conditionsOf(probed, options)) conditions.add(condition);
  const report: DoctorReport = {
    formatVersion: 1,
    exitCode: exitCode(conditions),
    conditions: [...conditions],
    checks,
    sources: probed,
    requests: probed.reduce((sum, { requests }) => sum + requests, 0),
  };
  context.out(options.format === 'json' ? `${jsonText(report, 2)}\n` : doctorText(report));
  return report.exitCode;
}

interface Configured {
  config: Config | undefined;
  sources: readonly Source[];
  check: Check;
}

/** The configuration and the policy that it names, or what is wrong with them. */
async function configuration(context: CommandContext, options: DoctorOptions): Promise<Configured> {
  const file = resolve(context.directory, options.config);
  const about = { check: 'configuration' } as const;
  try {
    const config = await loadConfig(file);
    const { policyText, policy } = config;
    const kept = keyOf(context, file, config) ? ', people by pseudonyms' : '';
    const decisions =
      policyText === undefined
        ? 'no policy yet, so nothing is approved'
        : `a policy with ${policy.approvals.length} approvals and ${policy.denials.length} denials`;
    const message = `${file}: ${config.sources.length} sources, ${decisions}${kept}`;
    return { config, sources: chosen(config, options.source), check: { ...about, state: 'ok', message, fix: null } };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: undefined, sources: [], check: { ...about, state: 'failed', message: error.message, fix: error.fix } };
  }
}

/** Where the configuration cannot be read whole, the place of the database may still be. */
async function database(context: CommandContext, options: DoctorOptions, config: Config | undefined): Promise<Check[]> {
  try {
    const place = options.db === undefined && config ? config : await locate(context, options);
    return [databaseCheck(place.database, config?.tenant ?? place.tenant, context.clock.now())];
  } catch (error) {
    if (error instanceof ConfigError) return [];
    throw error;
  }
}

async function probeAll(
  context: CommandContext,
  options: DoctorOptions,
  { config, sources }: { config: Config; sources: readonly Source[] },
  conditions: Set<Condition>,
): Promise<ProbedSource[]> {
  if (context.live && !context.quiet) context.err(`Asking ${sources.map(({ name }) => name).join(', ')} …\n`);
  const how = {
    clock: context.clock,
    signal: context.signal,
    secret: secretReader(context.environment, dirname(resolve(context.directory, options.config))),
    bug(error: unknown) {
      conditions.add('internal');
      context.err(bugText(error));
    },
  };
  const probes: SourceProbe[] = [];
  for await (const probe of concurrent(sources, SIDE_BY_SIDE, (source) => probeSource(how, source))) probes.push(probe);
  // In the order of the sources.
  return probes.map(refusingShared).map((probe, index) => withAccepted(probe, sources[index]!, config, context));
}

/** An account is read by one source: a scan would refuse the second. */
function refusingShared(probe: SourceProbe, index: number, all: readonly SourceProbe[]): SourceProbe {
  const first = all.slice(0, index).find(({ connector, account }) => connector === probe.connector && account?.id === probe.account?.id);
  if (!probe.account || !first) return probe;
  const message = `The sources "${first.source}" and "${probe.source}" both read ${probe.account.id}`;
  return { ...probe, state: 'refused', message, fix: 'Remove one of them: an account is read by one source.' };
}

function withAccepted(probe: SourceProbe, source: Source, config: Config, context: CommandContext): ProbedSource {
  const acceptedAt = (collector: string, scope: string) =>
    isAccepted({ source: probe.source, collector, scope }, config, context.clock.now());
  const accepted = (collector: string, { state, scope }: PermissionProbe) => state === 'missing' && acceptedAt(collector, scope ?? '');
  const collectors = probe.collectors.map(({ permissions, ...rest }) => ({
    ...rest,
    permissions: permissions.map((permission) => ({ ...permission, accepted: accepted(rest.collector, permission) })),
  }));
  // To a scan, an account that does not open is a gap of each collector that would read it.
  const readers = collectorsAt(undefined, source);
  const refused = probe.members?.refused.map((member) => ({
    ...member,
    accepted: readers.every(({ id }) => acceptedAt(id, member.scope)),
  }));
  return { ...probe, collectors, members: probe.members && { ...probe.members, refused: refused ?? [] } };
}

function* conditionsOf(sources: readonly ProbedSource[], options: DoctorOptions): Generator<Condition> {
  for (const { state, credentials, collectors, members } of sources) {
    const closed = members?.refused.some(({ accepted }) => !accepted) === true;
    // A source that does not answer is as unread as one that refuses, or of which no account opens.
    if (state === 'refused' || state === 'unreachable' || (closed && members?.opened === 0)) yield 'source-refused';
    if (!options.failOn?.includes('coverage-gap')) continue;
    const missing = collectors.some(({ permissions, troubles }) => {
      const unaccepted = permissions.some((permission) => permission.state === 'missing' && !permission.accepted);
      return unaccepted || troubles.some(({ reason }) => reason === 'permission_denied');
    });
    if (missing || closed || credentials.some((credential) => credential.state === 'refused')) yield 'coverage-gap';
  }
}
