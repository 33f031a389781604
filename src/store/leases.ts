import type { Database as Connection } from 'better-sqlite3';
import type { Store } from './store.ts';
import type { Fences, Turn } from './turns.ts';

/** Another process is scanning this tenant. */
export interface LeaseHolder {
  holder: string;
  pid: number;
  host: string;
  /** Tells the process from a later one of the same number; null where the system does not say. */
  processStart: string | null;
  beatAt: string;
}

/** One scan of a tenant at a time: who holds its lease, and since when nothing was heard of it. */
export function leasesOf(
  database: Connection,
  { turn, last }: { turn: Turn; last: Turn },
  fences: Fences,
): Pick<Store, 'acquireLease' | 'beat' | 'releaseLease'> {
  return {
    acquireLease: (tenant, self, now, isDead) =>
      turn(() => {
        const held = database
          .prepare('SELECT holder, pid, host, process_start AS processStart, beat_at AS beatAt FROM lease WHERE tenant = ?')
          .get(tenant) as LeaseHolder | undefined;
        if (held && held.holder !== self.holder && !isDead(held)) return held;
        database
          .prepare('INSERT OR REPLACE INTO lease (tenant, holder, pid, host, process_start, beat_at) VALUES (?, ?, ?, ?, ?, ?)')
          .run(tenant, self.holder, self.pid, self.host, self.processStart, now.toISOString());
        fences.set(self.holder, tenant);
        return undefined;
      }),
    beat: (tenant, holder, now) =>
      turn(() => {
        const beaten = database.prepare('UPDATE lease SET beat_at = ? WHERE tenant = ? AND holder = ?');
        return beaten.run(now.toISOString(), tenant, holder).changes === 1;
      }),
    releaseLease: (tenant, holder) =>
      last(() => {
        fences.delete(holder);
        database.prepare('DELETE FROM lease WHERE tenant = ? AND holder = ?').run(tenant, holder);
      }),
  };
}
