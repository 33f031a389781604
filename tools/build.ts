// `npm run build`: writes dist/, the program as JavaScript. Node strips no types below node_modules, so an installed package needs it;
// a checkout never does. `tsc` follows the imports of the entries in tsconfig.build.json; what is read at run time is copied here.
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const READ_AT_RUN_TIME = [
  'src/store/{migrations,queries}/*.sql',
  'src/catalog/{compiled,confusables,negative}.json',
  'src/catalog/products/*.json',
];

// What was built of a file that is there no more must not be published.
rmSync('dist', { recursive: true, force: true });
const { status, error } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit', shell: process.platform === 'win32' });
if (status !== 0) throw error ?? new Error('The sources do not compile');
for (const pattern of READ_AT_RUN_TIME) {
  const files = globSync(pattern);
  if (files.length === 0) throw new Error(`No file is called ${pattern}`);
  for (const file of files) cpSync(file, join('dist', file));
}
