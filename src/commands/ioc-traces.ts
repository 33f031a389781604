import { createCatalog, loadCatalog, type Catalog } from '../catalog/catalog.ts';
import { match } from '../catalog/match.ts';
import { readCatalog } from '../config/catalog-file.ts';
import { isDomain, namedBy, type Indicator } from '../policy/indicator.ts';
import type { Fact } from '../policy/integration.ts';
import { byUrgency, traceOf, type Sighting, type Trace } from '../policy/trace.ts';
import { factOf } from '../scan/fact.ts';
import type { Reader, Suspect } from '../store/read.ts';

/** What an indicator leads to. */
export interface Found {
  traces: readonly Trace[];
  /** Under which the apps were known, now or earlier. */
  names: ReadonlySet<string>;
  /** Apps that a name, or what their maker says of them, alone ties to the product of a domain. They are not among the traces. */
  namedLike: readonly NamedLike[];
}

export interface NamedLike {
  connector: string;
  account: string;
  app: string;
  name: string;
  product: string;
}

export function foundBy(
  reader: Reader,
  indicator: Indicator,
  { tenant, catalog: file, asOf }: { tenant: string; catalog: string | undefined; asOf: number | undefined },
): Found {
  const product = productAt(file === undefined ? loadCatalog() : createCatalog(readCatalog(file, tenant)), indicator);
  const names = new Set<string>();
  const traces: Trace[] = [];
  const namedLike: NamedLike[] = [];
  for (const suspect of reader.suspects(tenant, { texts: indicator.forms, product }, asOf)) {
    const said = [...suspect.bodies()].map((body) => JSON.parse(body) as Pick<Fact, 'subject' | 'signals'>);
    const by = said.map((one) => namedBy(indicator, one)).find((one) => one !== undefined);
    const isOfProduct = product !== undefined && suspect.product === product;
    if (by === undefined && isOfProduct && !isIdentified(suspect)) {
      const { connector, account, appId } = suspect;
      namedLike.push({ connector, account, app: appId, name: said.at(-1)?.subject.name ?? appId, product });
    }
    const named = by ?? (isOfProduct && isIdentified(suspect) ? `domain of ${product}` : undefined);
    if (named === undefined) continue;
    for (const { subject } of said) names.add(subject.name);
    for (const sightings of byThing(suspect)) traces.push(traceOf(sightings, { namedBy: named, product: suspect.product }));
  }
  return { traces: traces.sort(byUrgency), names, namedLike };
}

/** By an id, or by what its vendor alone controls. */
function isIdentified({ grade }: Suspect): boolean {
  return grade === 'exact' || grade === 'strong';
}

/** The product whose own domain it is, by the catalog: providers name the domains of few apps. */
function productAt(catalog: Catalog, { forms }: Indicator): string | undefined {
  const domain = forms.find(isDomain);
  if (domain === undefined) return undefined;
  const { grade, product } = match(catalog, [{ type: 'domain', value: domain }]);
  return grade === 'exact' || grade === 'strong' ? product : undefined;
}

function* byThing(suspect: Suspect): Generator<Sighting[]> {
  let sightings: Sighting[] = [];
  for (const row of suspect.sightings()) {
    if (sightings[0] && sightings[0].fact.thing !== row.thing) {
      yield sightings;
      sightings = [];
    }
    const { firstSeen, lastSeen, administrator, standing } = row;
    sightings.push({ fact: factOf(suspect, row), firstSeen, lastSeen, administrator: administrator === 1, standing });
  }
  if (sightings.length > 0) yield sightings;
}
