/**
 * A place where a collector looks, as a path from wide to narrow: `customer/C01/user/1042`.
 * The first two segments name the account. What OAuth calls scopes are *permissions* in this code base.
 */
export type Scope = string;

/** Builds a scope, or an id, of segments. A segment may hold anything: what would break the path is percent-encoded. */
export function path(...segments: readonly string[]): Scope {
  for (const segment of segments) if (segment === '') throw new Error(`A path has no empty segments: ${segments.join('|')}`);
  return segments.map(encodeSegment).join('/');
}

/** Appends segments to an existing scope. */
export function within(scope: Scope, ...segments: readonly string[]): Scope {
  return `${scope}/${path(...segments)}`;
}

/** The last segment of a path, decoded: the id of the place itself. */
export function lastSegment(scope: Scope): string {
  return decodeURIComponent(scope.slice(scope.lastIndexOf('/') + 1));
}

/** Is `inner` the place `outer` itself, or a place within it? Compared on segment borders: `user/10` does not hold `user/104`. */
export function holds(outer: Scope, inner: Scope): boolean {
  return inner === outer || inner.startsWith(`${outer}/`);
}

/** The scope itself and every place around it, narrowest first. */
export function* outward(scope: Scope): Generator<Scope> {
  let place = scope;
  for (;;) {
    yield place;
    const slash = place.lastIndexOf('/');
    if (slash < 0) return;
    place = place.slice(0, slash);
  }
}

function encodeSegment(segment: string): string {
  // Only what the path itself needs: ids stay readable in the database and in URLs.
  return segment.replace(/[%/\s\p{Cc}]/gu, (character) => encodeURIComponent(character));
}
