import type { Database as Connection } from 'better-sqlite3';
import type { Json, Kind, Signal, Standing, Trait } from '../connector/index.ts';
import type { Peers, Stated } from '../policy/peers.ts';
import type { ActingKind } from '../policy/shared-identity.ts';
import { observationsAt } from './past.ts';
import type { AppKey } from './rows.ts';

/** Something of a kind by which apps act as whom it is held by. */
export interface StoredHold {
  thing: string;
  kind: Kind;
  name: string;
  signals: readonly Signal[];
  use?: 'inactive' | 'pending';
  attributes: Readonly<Record<string, Json>>;
}

/** Kinds by which apps act as whom they are held by. */
export const ACTING_KINDS = Object.keys({ api_key: true, trust: true, agent: true } satisfies Record<ActingKind, true>);

/** What is stated in the account of an app beside the app itself. */
export interface Beside {
  /** All that acts as a principal, by lists, and is there. */
  heldBy(principalId: string): readonly StoredHold[];
  /** Counts what these collectors state of everybody in the account, one after the other. Asked once for each account. */
  peers(collectors: readonly string[], count: (people: Iterable<readonly Stated[]>) => Peers): Peers;
}

/** As it stands, or as it stood when an earlier scan had been judged. */
export function besideReader(database: Connection, past?: number): (app: AppKey) => Beside {
  const heldBy = past === undefined ? holdReader(database) : pastHoldReader(database, past);
  const people = peopleReader(database, past);
  const counted = new Map<string, Peers>();
  return ({ tenant, connector, account }) => {
    const place = { tenant, connector, account };
    const key = JSON.stringify([tenant, connector, account]);
    return {
      heldBy: (principalId) => heldBy(place, principalId),
      peers(collectors, count) {
        const known = counted.get(key) ?? count(people(place, collectors));
        counted.set(key, known);
        return known;
      },
    };
  };
}

type Place = Pick<AppKey, 'tenant' | 'connector' | 'account'>;
const ACTING = `IN (${ACTING_KINDS.map((kind) => `'${kind}'`).join(', ')})`;
const HERE = `c.tenant = @tenant AND c.connector = @connector AND c.account = @account AND c.mode = 'inventory' AND o.state <> 'gone'`;
const HOLD = `o.body ->> '$.thing' AS thing, o.body ->> '$.kind' AS kind, o.body ->> '$.subject.name' AS name, o.body ->> '$.signals' AS signals,
  o.body ->> '$.use' AS use, o.body ->> '$.attributes' AS attributes, o.body ->> '$.principal.id' AS holder`;

interface HoldRow {
  thing: string;
  kind: Kind;
  name: string;
  signals: string;
  use: 'inactive' | 'pending' | null;
  attributes: string;
  holder: string;
}
type HoldReader = (place: Place, principalId: string) => readonly StoredHold[];

function holdReader(database: Connection): HoldReader {
  const held = database.prepare(
    `SELECT ${HOLD} FROM observation o JOIN collector c ON c.id = o.collector_id
     WHERE o.principal_id = @principalId AND o.kind ${ACTING} AND ${HERE} ORDER BY o.thing, o.native_id`,
  );
  return (place, principalId) => (held.all({ ...place, principalId }) as HoldRow[]).map(holdOf);
}

/** Who held what then stands in earlier bodies, by which nothing can be looked up: all of an account is read once. */
function pastHoldReader(database: Connection, scan: number): HoldReader {
  const all = database.prepare(
    `SELECT ${HOLD} FROM collector c CROSS JOIN ${observationsAt(scan)} o ON o.collector_id = c.id
     WHERE o.body ->> '$.kind' ${ACTING} AND o.body ->> '$.principal.id' IS NOT NULL AND ${HERE} ORDER BY thing, o.native_id`,
  );
  const accounts = new Map<string, Map<string, HoldRow[]>>();
  return (place, principalId) => {
    const key = JSON.stringify(place);
    const known = accounts.get(key) ?? Map.groupBy(all.iterate(place) as IterableIterator<HoldRow>, ({ holder }) => holder);
    accounts.set(key, known);
    return (known.get(principalId) ?? []).map(holdOf);
  };
}

function holdOf({ thing, kind, name, signals, use, attributes }: HoldRow): StoredHold {
  return {
    thing,
    kind,
    name,
    signals: JSON.parse(signals) as Signal[],
    ...(use !== null && { use }),
    attributes: JSON.parse(attributes) as StoredHold['attributes'],
  };
}

interface PersonRow {
  id: string;
  kind: Stated['kind'];
  traits: string;
  standing: string | null;
  permissions: string;
  aiLevel: string | null;
}

function peopleReader(database: Connection, past: number | undefined) {
  const [source, kind] = past === undefined ? ['observation', 'o.kind'] : [observationsAt(past), `o.body ->> '$.kind'`];
  const stated = database.prepare(
    `SELECT o.body ->> '$.principal.id' AS id, ${kind} AS kind, o.body ->> '$.principal.traits' AS traits,
       o.body ->> '$.principal.standing' AS standing, o.body ->> '$.permissions' AS permissions, o.body ->> '$.attributes.aiLevel' AS aiLevel
     FROM collector c CROSS JOIN ${source} o ON o.collector_id = c.id
     WHERE ${HERE} AND c.collector IN (SELECT value FROM json_each(@collectors)) AND ${kind} IN ('identity', 'service_account', 'control')
       AND o.body ->> '$.principal.id' IS NOT NULL AND (${kind} <> 'control' OR o.body ->> '$.permissions' <> '[]')
     ORDER BY id`,
  );
  return function* (place: Place, collectors: readonly string[]): Generator<readonly Stated[]> {
    let own: Stated[] = [];
    let last: string | undefined;
    for (const row of stated.iterate({ ...place, collectors: JSON.stringify(collectors) }) as IterableIterator<PersonRow>) {
      if (last !== row.id && own.length > 0) {
        yield own;
        own = [];
      }
      last = row.id;
      own.push(statedOf(row));
    }
    if (own.length > 0) yield own;
  };
}

function statedOf({ kind, traits, standing, permissions, aiLevel }: PersonRow): Stated {
  return {
    kind,
    traits: JSON.parse(traits) as Trait[],
    ...(standing !== null && { standing: standing as Standing }),
    permissions: permissions === '[]' ? [] : (JSON.parse(permissions) as string[]),
    ...(aiLevel !== null && { aiLevel }),
  };
}
