// Holds the lease of a tenant until its standard input is closed. `node lease-process.ts DATABASE TENANT`
import { once } from 'node:events';
import { withLease } from '../../src/scan/lease.ts';
import { openStore } from '../../src/store/store.ts';

const [, , database, tenant] = process.argv as [string, string, string, string];
const store = openStore(database);
await withLease({ store, tenant }, async () => {
  process.stdout.write('held\n');
  await once(process.stdin.resume(), 'end');
});
await store.close();
