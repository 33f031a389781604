/** GitHub writes whole seconds in UTC … */
export function written(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** … except about fine-grained tokens, where its reference shows a zone: "2023-05-16T08:47:09.000-07:00". */
export function zoned(date: Date): string {
  return new Date(date.getTime() - 7 * 3_600_000).toISOString().replace('Z', '-07:00');
}
