import { DATA_CLASSES, type Access, type DataClass, type Kind, type Standing, type Trait } from '../connector/index.ts';
import { POWER, WEIGHT, type Reach } from './integration.ts';

/** What one fact states of a principal. */
export interface Stated {
  kind: Kind;
  traits: readonly Trait[];
  standing?: Standing;
  permissions: readonly string[];
  aiLevel?: string;
}

/** Somebody of an account with all that lists state of what he may do there, or a role that people take. */
export interface Person {
  isRole: boolean;
  traits: readonly Trait[];
  permissions: readonly string[];
  /** How far he gets with AI services, where that is stated apart. */
  aiLevel?: string;
}

const PEOPLE: readonly Trait[] = ['interactive_login', 'directory_person'];
const NO_PEOPLE: readonly Trait[] = ['bot_account', 'workload', 'agent_runtime', 'key_holder', 'external'];

/** Joins what is stated of one principal; undefined = it is no person of the account, or has left. */
export function personOf(stated: readonly Stated[]): Person | undefined {
  const listed = stated.filter(({ kind }) => kind === 'identity' || kind === 'service_account');
  const traits = [...new Set(listed.flatMap((one) => one.traits))];
  const isPerson = PEOPLE.some((trait) => traits.includes(trait)) && !NO_PEOPLE.some((trait) => traits.includes(trait));
  if (!isPerson || listed.some(({ standing = 'active' }) => standing !== 'active')) return undefined;
  const levels = stated.flatMap(({ aiLevel }) => aiLevel ?? []).sort();
  const aiLevel = levels.includes('unknown') ? 'unknown' : levels[0];
  return {
    isRole: listed.every(({ kind }) => kind === 'service_account'),
    traits,
    permissions: stated.flatMap(({ permissions }) => permissions),
    ...(aiLevel !== undefined && { aiLevel }),
  };
}

/** A class of data, or the account as a whole. */
export type Held = DataClass | 'account';

interface Count {
  people: number;
  roles: number;
}

/** What the people of an account may do. */
export interface Peers extends Count {
  /** How many may do at least so much; absent = of nobody is it stated, so that nobody is taken to hold nothing for want of a fact. */
  holding: ReadonlyMap<Held, Readonly<Record<Access, Count>>>;
}

/** Counts what is stated of people. Pure, in any order; one of them at a time is held. */
export function peersOf(people: Iterable<Person>, reachOf: (permissions: readonly string[]) => readonly Reach[]): Peers {
  const all: Count = { people: 0, roles: 0 };
  const counts = new Map<Held, Record<Access, Count>>(HELD.map((held) => [held, none()]));
  const told = new Set<Held>();
  for (const person of people) {
    const sort = person.isRole ? 'roles' : 'people';
    const reach = reachOf(person.permissions);
    all[sort] += 1;
    for (const held of toldOf(person, reach)) told.add(held);
    for (const [held, most] of mostOf(person, reach))
      for (const access of LEVELS) if (POWER[access] <= POWER[most]) counts.get(held)![access][sort] += 1;
  }
  return { ...all, holding: new Map([...told].sort().map((held) => [held, counts.get(held)!])) };
}

const LEVELS: readonly Access[] = ['read', 'write', 'admin'];
/** A name and an address are what signing in costs. */
const CLASSES = DATA_CLASSES.filter((one) => WEIGHT[one] > 0);
const HELD: readonly Held[] = ['account', ...CLASSES];

function none(): Record<Access, Count> {
  return { read: { people: 0, roles: 0 }, write: { people: 0, roles: 0 }, admin: { people: 0, roles: 0 } };
}

/** Of what a level is stated of him. */
function toldOf({ traits, aiLevel }: Person, reach: readonly Reach[]): Held[] {
  return [
    ...(traits.includes('administrator') ? (['account'] as const) : []),
    ...(accessOfLevel(aiLevel) === undefined ? [] : (['ai_models'] as const)),
    ...reach.filter(({ known, dataClass }) => known && WEIGHT[dataClass] > 0).map(({ dataClass }) => dataClass),
  ];
}

/**
 * The most that he may do. Whoever administers the account may do everything; so, for all that is known, may he of whom something is not
 * known. Whoever may do something with all of the cloud, or with the administration, may do it with whatever lies in it.
 */
function mostOf({ traits, aiLevel }: Person, reach: readonly Reach[]): (readonly [Held, Access])[] {
  if (traits.includes('administrator')) return HELD.map((held) => [held, 'admin'] as const);
  const ai = accessOfLevel(aiLevel);
  const isUnclear = aiLevel === 'unknown' || reach.some(({ known }) => !known);
  if (reach.length === 0 && !isUnclear && !ai) return [];
  return CLASSES.flatMap((held) => {
    const stated = held === 'ai_models' && ai !== undefined;
    if (isUnclear && !stated) return [[held, 'admin'] as const];
    const own = reach.filter(({ dataClass, known }) => known && (dataClass === held || WIDE.has(dataClass))).map(({ access }) => access);
    const highest = [...(stated && ai ? [ai] : []), ...own].sort((a, b) => POWER[b] - POWER[a])[0];
    return highest === undefined ? [] : [[held, highest] as const];
  });
}

const WIDE: ReadonlySet<DataClass> = new Set(['cloud', 'admin']);

/** What a level of use of AI services comes to: `null` = none; undefined = it is not stated, or could not be read whole. */
export function accessOfLevel(level: unknown): Access | null | undefined {
  if (level === 'none') return null;
  if (level === 'admin' || level === 'service-wildcard') return 'admin';
  return level === 'invoke-star' || level === 'model-scoped' ? 'write' : undefined;
}
