import type { Access, DataClass } from '../connector/index.ts';
import { hitOf, type Hit } from './hit.ts';
import { POWER, powerOf, type Integration, type Reach, type Thing } from './integration.ts';
import { isLimited, type Standing } from './standing.ts';

/** What an AI tool may do beyond what a task needs. Whoever laid down in an approval how much it may do has answered this. */
export function powerHits({ match, name, reach }: Integration, standing: Standing, live: readonly Thing[]): Hit[] {
  if (match.verdict !== 'ai' || live.length === 0) return [];
  const delegations = live.filter(({ kind }) => kind === 'delegation');
  return [
    ...(delegations.length > 0
      ? [
          hitOf(
            'delegation-to-ai',
            standing.is === 'approved' || standing.is === 'review-due' ? 'high' : 'critical',
            delegations,
            () => `${name} may act as everybody`,
          ),
        ]
      : []),
    ...(isLimited(standing) ? [] : [...overPrivileged(name, reach, live), ...mixedPowers(reach, live)]),
  ];
}

/** Below this, to administer something is no power over others: one's own profile, one's own calendar. */
const MUCH = 9;

/** Whoever may change who may do what administers, whatever the provider calls it. */
function isAdministering({ dataClass, access, known }: Reach): boolean {
  if (!known) return false;
  return (access === 'admin' && powerOf({ dataClass, access }) >= MUCH) || (dataClass === 'admin' && access === 'write');
}

function overPrivileged(name: string, reach: readonly Reach[], live: readonly Thing[]): Hit[] {
  const administered = reach.filter(isAdministering);
  const administrators = live.filter(({ holder }) => holder?.traits.includes('administrator') && holder.traits.includes('workload'));
  const writes = reach.some((one) => WRITES_TO.has(one.dataClass) && POWER[one.access] >= POWER.write);
  const everywhere = live.filter(({ attributes, use }) => writes && use === undefined && attributes['repositorySelection'] === 'all');
  const details = [
    ...administered.map(({ plain }) => plain),
    ...new Set(administrators.map(({ holder }) => `${holder!.name} administers the account`)),
    ...(everywhere.length > 0 ? [`${name} may write to every repository, also to those to come`] : []),
  ];
  if (details.length === 0) return [];
  const things = administered.length > 0 ? live : [...new Set([...administrators, ...everywhere])];
  const severity = administered.length > 0 || administrators.length > 0 ? 'high' : 'medium';
  return [{ rule: 'over-privileged-ai', severity, details, things }];
}

const WRITES_TO: ReadonlySet<DataClass> = new Set(['source_code', 'ci', 'secrets', 'admin']);

/** Three kinds of power that one identity should not have together, and from which access on each begins. */
const KINDS: readonly { what: string; classes: ReadonlySet<DataClass>; from: Access }[] = [
  { what: 'reads data of people', classes: new Set(['mail', 'files', 'calendar', 'contacts', 'chat', 'directory']), from: 'read' },
  { what: 'invokes tools or models', classes: new Set(['ci', 'ai_models']), from: 'write' },
  { what: 'changes production', classes: new Set(['source_code', 'cloud', 'secrets', 'admin']), from: 'write' },
];

function mixedPowers(reach: readonly Reach[], live: readonly Thing[]): Hit[] {
  const held = KINDS.flatMap(({ what, classes, from }) => {
    const by = reach.filter(({ dataClass, access, known }) => known && classes.has(dataClass) && POWER[access] >= POWER[from]);
    return by.length > 0 ? [`It ${what}: ${by.map(({ plain }) => plain).join('; ')}`] : [];
  });
  if (held.length < 2) return [];
  return [{ rule: 'mixed-powers', severity: held.length > 2 ? 'medium' : 'low', details: held, things: live }];
}
