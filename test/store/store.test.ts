import { openStore } from '../../src/store/store.ts';
import { storeContract } from './contract.ts';

storeContract('SQLite', openStore);
