/** A list of which nothing exists until it is asked for. */
export interface Listing<Fact> {
  size: number;
  at(index: number): Fact;
}

export function* all<Fact>(listing: Listing<Fact>): Generator<Fact> {
  for (let index = 0; index < listing.size; index++) yield listing.at(index);
}

export function listingOf<Fact>(facts: readonly Fact[]): Listing<Fact> {
  return { size: facts.length, at: (index) => facts[index]! };
}

export function mapped<Fact, Other>(listing: Listing<Fact>, to: (fact: Fact) => Other): Listing<Other> {
  return { size: listing.size, at: (index) => to(listing.at(index)) };
}

/** The part of a list from one index up to another. */
export function part<Fact>(listing: Listing<Fact>, from: number, until = listing.size): Listing<Fact> {
  return { size: Math.max(0, Math.min(until, listing.size) - from), at: (index) => listing.at(from + index) };
}
