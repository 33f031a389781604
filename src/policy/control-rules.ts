import type { DataClass, Json } from '../connector/index.ts';
import type { Hit } from './hit.ts';
import { POWER, type Integration, type Thing } from './integration.ts';

/**
 * What the settings of an account say of those who act in it. A setting says of itself who may go around it (`bypass`,
 * as kind:id:how), and whether something is `on`; what it is about begins its id. What is off for everybody is no finding of each app, and
 * whoever may go around a rule that is off goes around nothing.
 */
export function controlHits({ match, appId, name, reach, controls = [] }: Integration, live: readonly Thing[]): Hit[] {
  if (match.verdict !== 'ai') return [];
  const usable = live.filter(({ use }) => use === undefined);
  const writes = reach.some(({ dataClass, access }) => CHANGES.has(dataClass) && POWER[access] >= POWER.write);
  const { gates, dark } = toldBy(controls);
  const around = writes ? gates.filter(({ bypass }) => bypass.some((one) => isOf(one, appId))) : [];
  const unapproved = usable.filter(({ kind, attributes }) => kind === 'code_evidence' && attributes['gate'] === 'absent');
  const unlogged = usable.filter(({ kind, attributes }) => kind === 'usage' && dark.has(attributes['region']));
  return [
    ...(usable.length > 0 && around.length > 0
      ? [
          {
            rule: 'no-approval-gate' as const,
            severity: 'high' as const,
            details: [
              ...around.slice(0, 10).map((control) => `${name} need not keep “${control.name}”`),
              ...unapproved.slice(0, 10).map((thing) => mergedIn(name, thing)),
            ],
            things: usable,
            remedy: 'Take it out of those who may go around the rule, and let a person approve what it changes before it counts.',
          },
        ]
      : []),
    ...(around.length === 0 && unapproved.length > 0 ? [mergedUnapproved(name, unapproved)] : []),
    ...(unlogged.length > 0
      ? [
          {
            rule: 'model-calls-unlogged' as const,
            severity: 'low' as const,
            details: [
              ...new Set(unlogged.map(({ attributes }) => `${name} calls models in ${regionOf(attributes)}, where calls are not logged`)),
            ],
            things: unlogged,
            remedy:
              'Switch on the logging of model calls in that region. It is a setting of the account, and holds for everybody who calls.',
          },
        ]
      : []),
  ];
}

/** What it proposed counts without that a person approved: it ends with what is told of its authorship. */
function mergedUnapproved(name: string, things: readonly Thing[]): Hit {
  return {
    rule: 'no-approval-gate',
    severity: 'high',
    details: things.slice(0, 10).map((thing) => mergedIn(name, thing)),
    things,
    remedy: 'Let branches demand the approval of a person before something is merged, and look at what was merged without one.',
  };
}

function mergedIn(name: string, { attributes: { repositoryName: where } }: Thing): string {
  return `What ${name} proposed was merged in ${typeof where === 'string' ? where : 'a repository'} without the approval of a person`;
}

const CHANGES: ReadonlySet<DataClass> = new Set(['source_code', 'ci']);

type Controls = NonNullable<Integration['controls']>;

interface Told {
  /** Settings that are on, around which somebody may go, and who. */
  gates: readonly { name: string; bypass: readonly Json[] }[];
  /** Regions in which calls are not logged. */
  dark: ReadonlySet<Json | undefined>;
}

/** All apps of an account stand among the same settings, of which there are many: they are gone through once. */
const told = new WeakMap<Controls, Told>();

function toldBy(controls: Controls): Told {
  const known = told.get(controls);
  if (known) return known;
  const found: Told = {
    gates: controls.flatMap(({ name, attributes: { bypass, on } }) => (Array.isArray(bypass) && on !== false ? [{ name, bypass }] : [])),
    dark: new Set(controls.filter(isLoggingOff).map(({ attributes }) => attributes['region'])),
  };
  told.set(controls, found);
  return found;
}

/** By its own id; that all apps may is said of none of them. */
function isOf(entry: unknown, appId: string): boolean {
  return typeof entry === 'string' && entry.split(':')[1] === appId.split('@')[0];
}

function isLoggingOff({ thing, attributes }: NonNullable<Integration['controls']>[number]): boolean {
  return thing.startsWith('invocation_logging/') && attributes['on'] === false;
}

function regionOf({ region }: Thing['attributes']): string {
  return typeof region === 'string' ? region : 'a region that is not named';
}
