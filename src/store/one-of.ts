/** What a list is asked for: one word, or any of several. */
export type OneOf = string | readonly string[];

/**
 * SQL by which a column holds one of them; `boundOf` is what is bound to its name. One is looked up in an index. Of several, rows are
 * looked at in the order of the list: found by one index entry after the other, they would have to be sorted.
 */
export function isOneOf(column: string, name: string, asked: OneOf): string {
  return single(asked) === undefined ? `+${column} IN (SELECT value FROM json_each(@${name}))` : `${column} = @${name}`;
}

/** SQL by which a product, `vendor/product`, belongs to one of these vendors. */
export function isOfVendors(column: string, name: string, asked: OneOf): string {
  return single(asked) === undefined
    ? `substr(${column}, 1, instr(${column}, '/') - 1) IN (SELECT value FROM json_each(@${name}))`
    : `${column} >= @${name} || '/' AND ${column} < @${name} || '0'`;
}

export function boundOf(asked: OneOf): string {
  return single(asked) ?? JSON.stringify(asked);
}

function single(asked: OneOf): string | undefined {
  if (typeof asked === 'string') return asked;
  return asked.length === 1 ? asked[0] : undefined;
}
