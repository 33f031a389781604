/** Names an account over all connectors, as the key of a map. */
export function accountOf({ connector, account }: { connector: string | null; account: string | null }): string {
  return JSON.stringify([connector, account]);
}
