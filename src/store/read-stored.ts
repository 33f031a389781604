import { openReadOnly } from './database.ts';

/** What lists are asked for by its id. */
export type StoredKind = 'source' | 'connector' | 'account' | 'collector' | 'product' | 'vendor';

const SQL: Readonly<Record<StoredKind, string>> = {
  source: 'SELECT DISTINCT r.source FROM source_result r JOIN scan s ON s.id = r.scan_id WHERE s.tenant = ?',
  connector: 'SELECT DISTINCT connector FROM collector WHERE tenant = ?',
  account: 'SELECT DISTINCT account FROM collector WHERE tenant = ?',
  collector: 'SELECT DISTINCT collector FROM collector WHERE tenant = ?',
  product: 'SELECT DISTINCT product FROM integration WHERE tenant = ? AND product IS NOT NULL',
  vendor: `SELECT DISTINCT substr(product, 1, instr(product, '/') - 1) FROM integration WHERE tenant = ? AND product IS NOT NULL`,
};

/** The ids of which anything was ever stored, whether it is still there or not. */
export function storedIds(file: string, tenant: string, kind: StoredKind): string[] {
  const database = openReadOnly(file);
  try {
    return database.prepare(`${SQL[kind]} ORDER BY 1`).pluck().all(tenant) as string[];
  } finally {
    database.close();
  }
}
