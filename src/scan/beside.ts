import type { Catalog } from '../catalog/catalog.ts';
import { match } from '../catalog/match.ts';
import type { Connector, Meaning } from '../connector/index.ts';
import { reachOf, type Integration } from '../policy/integration.ts';
import { actsByItself } from '../policy/peer-rules.ts';
import { peersOf, personOf, type Person, type Stated } from '../policy/peers.ts';
import { actedAs, actsAsHolder, type Tool } from '../policy/shared-identity.ts';
import type { Beside, StoredHold } from '../store/beside.ts';

/**
 * What an AI tool is held against: other tools behind its identities, and the people of its account. Others are told by what is stated of the
 * things themselves, so that it does not matter which app is judged first.
 */
export function besideOf(
  { connector, match: { verdict }, things }: Integration,
  { heldBy, peers }: Beside,
  {
    catalog,
    declared,
    meaning,
  }: { catalog: Catalog; declared: Connector | undefined; meaning: (connector: string, permission: string) => Meaning },
): Pick<Integration, 'sharedIdentities' | 'beside'> {
  const isAi = verdict === 'ai';
  const identities = new Set(things.flatMap((thing) => (isAi || thing.kind === 'agent' ? (actedAs(thing) ?? []) : [])));
  const tools = [...identities].map((id) => [id, toolsOf(heldBy(id), catalog)] as const).filter(([, behind]) => behind.length > 1);
  const own = isAi ? things.filter(actsByItself) : [];
  const levelsOf = (permissions: readonly string[]) => reachOf(connector, permissions, meaning);
  return {
    ...(tools.length > 0 && { sharedIdentities: new Map(tools) }),
    ...(own.length > 0 && {
      beside: {
        reach: levelsOf(own.flatMap(({ permissions }) => permissions)),
        peers: peers(listing(declared), (people) => peersOf(persons(people), levelsOf)),
      },
    }),
  };
}

/** The AI tools among what acts as somebody: each agent, and each product once. */
function toolsOf(holds: readonly StoredHold[], catalog: Catalog): Tool[] {
  const tools = new Map<string, Tool>();
  for (const hold of holds.filter(actsAsHolder)) {
    const { kind, thing, name, signals } = hold;
    const { verdict, product, productName } = match(catalog, signals);
    if (kind === 'agent') tools.set(thing, { id: thing, name });
    else if (verdict === 'ai' && product !== undefined) tools.set(product, { id: product, name: productName! });
  }
  return [...tools.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Lists that may say what somebody may do by himself; those of grants and keys are not among them. */
function listing(declared: Connector | undefined): string[] {
  const ofPeople = (declared?.collectors ?? []).filter(
    ({ mode, kinds }) =>
      mode === 'inventory' && kinds.some((kind) => kind === 'identity' || kind === 'service_account' || kind === 'control'),
  );
  return ofPeople.map(({ id }) => id);
}

function* persons(people: Iterable<readonly Stated[]>): Generator<Person> {
  for (const stated of people) {
    const person = personOf(stated);
    if (person) yield person;
  }
}
