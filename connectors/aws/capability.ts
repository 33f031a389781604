import table from './access.json' with { type: 'json' };
import { takesIn, type Statement } from './policy-document.ts';

/**
 * How far a principal can use one service whose data are models, agents or assistants.
 * `admin`: everything in the account. `service-wildcard`: everything in the service, or nearly. `invoke-star`: more than reading, on every
 * resource of the service. `model-scoped`: more than reading, on the resources that are named.
 */
export type Level = 'model-scoped' | 'invoke-star' | 'service-wildcard' | 'admin';

export interface Capability {
  /** The highest level over all services; `none` = more than reading is granted in none. */
  level: Level | 'none';
  /** Services by the prefix of their actions, with their level; empty where `admin` makes the list needless. */
  services: Readonly<Record<string, Level>>;
  /** May do everything, or everything with users, roles and policies: who can give himself everything has it. */
  administrator: boolean;
}

const RANK: Readonly<Record<Level, number>> = { 'model-scoped': 1, 'invoke-star': 2, 'service-wildcard': 3, admin: 4 };
const SERVICES: readonly string[] = table.services;
const POLICIES: Readonly<Record<string, { level: string; services?: readonly string[] }>> = table.policies;
const IAM_FULL = 'arn:aws:iam::aws:policy/IAMFullAccess';

export function isAiService(prefix: string): boolean {
  return SERVICES.includes(prefix);
}

/** A managed policy of AWS, as the bundled table knows it; undefined = it lets nobody do more than read in these services. */
export function managedAccess(arn: string): { level: Level; services: readonly string[] } | undefined {
  const row = POLICIES[generic(arn)];
  return row && { level: row.level as Level, services: row.services ?? SERVICES };
}

/** The same by name alone, for where no more is known; AWS gives a name once. */
export function namedAccess(name: string): ReturnType<typeof managedAccess> {
  const arn = ARN_BY_NAME.get(name);
  return arn === undefined ? undefined : managedAccess(arn);
}

const ARN_BY_NAME = new Map(Object.keys(POLICIES).map((arn) => [arn.slice(arn.lastIndexOf('/') + 1), arn]));

/** AWS's own policies have the same names in every partition. */
function generic(arn: string): string {
  return arn.replace(/^arn:aws[a-z-]*:/, 'arn:aws:');
}

/**
 * The union of what is allowed, less what is denied without a condition. Boundaries, organisation policies and resource policies
 * are not weighed: what is stated is the most that it can be.
 */
export function capabilityOf(statements: readonly Statement[], managed: readonly string[]): Capability {
  const allowed = statements.filter(({ effect }) => effect === 'Allow');
  // A denial under a condition, or of some resources, leaves the rest as it is.
  const denials = statements.filter(
    ({ effect, conditions, resources }) => effect === 'Deny' && conditions.length === 0 && resources.includes('*'),
  );
  const denied = (action: string) => denials.some((statement) => actsOn(statement, action));
  const granted = managed.flatMap((arn) => managedAccess(arn) ?? []);
  const services: Record<string, Level> = {};
  for (const service of SERVICES) {
    if (denied(`${service}:*`)) continue;
    const levels = [
      ...allowed.map((statement) => levelOf(statement, service, denied)),
      ...granted.filter((row) => row.services.includes(service)).map(({ level }) => level),
    ];
    const highest = levels.reduce((best, level) => (level && (!best || RANK[level] > RANK[best]) ? level : best), undefined);
    if (highest) services[service] = highest;
  }
  const highest = Object.values(services).reduce<Level | 'none'>(
    (best, level) => (best === 'none' || RANK[level] > RANK[best] ? level : best),
    'none',
  );
  const ownsIam =
    managed.some((arn) => generic(arn) === IAM_FULL) || allowed.some((statement) => everyResource(statement) && actsOn(statement, 'iam:*'));
  return {
    level: highest,
    services: highest === 'admin' ? {} : services,
    administrator: highest === 'admin' || (ownsIam && !denied('iam:*')),
  };
}

function levelOf(statement: Statement, service: string, denied: (action: string) => boolean): Level | undefined {
  const { actions, notActions } = statement;
  const star = everyResource(statement);
  // Everything but a list is everything, as far as anybody can oversee it.
  if (notActions.length > 0) return actsOn(statement, `${service}:*`) ? (star ? 'admin' : 'model-scoped') : undefined;
  const touching = actions.map((action) => action.toLowerCase()).filter((action) => reaches(action, service) && !denied(action));
  if (touching.some((action) => action === '*' || action === '*:*')) return star ? 'admin' : 'model-scoped';
  if (touching.some((action) => takesIn(action, `${service}:*`))) return 'service-wildcard';
  if (!touching.some((action) => !READS.test(action))) return undefined;
  return star ? 'invoke-star' : 'model-scoped';
}

const READS = /:(?:get|list|describe|batchget|head|search|lookup|view)[a-z]*\*?$/;

/** Does a pattern name anything of a service? */
function reaches(pattern: string, service: string): boolean {
  return pattern === '*' || takesIn(pattern.split(':')[0]!, service);
}

function everyResource({ resources }: Statement): boolean {
  // A model, agent or profile stands in the last parts of its ARN; with a star there, any of them is meant.
  return resources.some((resource) => resource === '*' || /^arn:[^:]*:[^:]*:[^:]*:[^:]*:\*$/.test(resource));
}

function actsOn({ actions, notActions }: Statement, action: string): boolean {
  if (notActions.length > 0) return !notActions.some((pattern) => takesIn(pattern, action));
  return actions.some((pattern) => takesIn(pattern, action));
}
