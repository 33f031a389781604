import type { DataClass, Json } from '../connector/index.ts';
import type { Hit } from './hit.ts';
import { POWER, type Integration, type Thing } from './integration.ts';

/**
 * What the settings of an account say of those who act in it. A setting says of itself who may go around it (`bypass`,
 * as kind:id:how). What is off for everybody is no finding of each app, and whoever may go around a rule that is off goes around nothing.
 */
export function controlHits({ match, appId, name, reach, controls = [] }: Integration, live: readonly Thing[]): Hit[] {
  if (match.verdict !== 'ai') return [];
  const usable = live.filter(({ use }) => use === undefined);
  const writes = reach.some(({ dataClass, access }) => CHANGES.has(dataClass) && POWER[access] >= POWER.write);
  const around = writes ? gatesOf(controls).filter(({ bypass }) => bypass.some((one) => isOf(one, appId))) : [];
  const unapproved = usable.filter(({ kind, attributes }) => kind === 'code_evidence' && attributes['gate'] === 'absent');
  // What was merged ends with what is told of its authorship.
  const things = around.length > 0 ? usable : unapproved;
  if (things.length === 0) return [];
  return [
    {
      rule: 'no-approval-gate',
      severity: 'high',
      details: [
        ...around.slice(0, 10).map((control) => `${name} need not keep “${control.name}”`),
        ...unapproved.slice(0, 10).map((thing) => mergedIn(name, thing)),
      ],
      things,
    },
  ];
}

function mergedIn(name: string, { attributes: { repositoryName: where } }: Thing): string {
  return `What ${name} proposed was merged in ${typeof where === 'string' ? where : 'a repository'} without the approval of a person`;
}

const CHANGES: ReadonlySet<DataClass> = new Set(['source_code', 'ci']);

type Controls = NonNullable<Integration['controls']>;

/** A setting that is on, around which somebody may go, and who. */
interface Gate {
  name: string;
  bypass: readonly Json[];
}

/** All apps of an account stand among the same settings, of which there are many: they are gone through once. */
const told = new WeakMap<Controls, readonly Gate[]>();

function gatesOf(controls: Controls): readonly Gate[] {
  const known = told.get(controls);
  if (known) return known;
  const gates = controls.flatMap(({ name, attributes: { bypass, on } }) =>
    Array.isArray(bypass) && on !== false ? [{ name, bypass }] : [],
  );
  told.set(controls, gates);
  return gates;
}

/** By its own id; that all apps may is said of none of them. */
function isOf(entry: unknown, appId: string): boolean {
  return typeof entry === 'string' && entry.split(':')[1] === appId.split('@')[0];
}
