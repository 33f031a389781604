// One scan in a process of its own, so that it can be killed. It loads everything and waits for a `ProcessNight`
// on its standard input; then it says `begun`, and at last what came of the scan.
import { createInterface } from 'node:readline';
import { runScan } from '../../src/scan/engine.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { scanOptions, sourceOf, type PlainSource } from './night.ts';

export interface ProcessNight {
  database: string;
  tenant?: string;
  sources: readonly PlainSource[];
  environment: Readonly<Record<string, string>>;
  from: string;
  largestPage: number;
  /** METHOD:WHEN:NTH = the process sends itself a signal at the nth call of a method of the store: before, inside or after it. */
  kill?: string;
  /** Absent = SIGKILL. */
  by?: NodeJS.Signals;
}

const controller = new AbortController();
process.once('SIGINT', () => controller.abort(new Error('SIGINT')));

// The SDKs are loaded when a connector connects; here, that time belongs to the start of the process.
await Promise.all(['google-workspace', 'github'].map((id) => import(`../../connectors/${id}/client.ts`)));
const input = createInterface({ input: process.stdin });
const line = await new Promise<string | undefined>((resolve) => {
  input.once('line', resolve);
  input.once('close', () => resolve(undefined));
});
input.close();
if (line !== undefined) await scan(JSON.parse(line) as ProcessNight);

async function scan(night: ProcessNight): Promise<void> {
  const store = deadly(openStore(night.database), night.kill, night.by);
  const options = scanOptions(store, {
    sources: await Promise.all(night.sources.map((source) => sourceOf(source))),
    environment: night.environment,
    from: new Date(night.from),
    largestPage: night.largestPage,
    signal: controller.signal,
    speed: 1,
    ...(night.tenant !== undefined && { tenant: night.tenant }),
  });
  process.stdout.write('begun\n');
  const { state, resumed, scanId } = await runScan(options);
  await store.close();
  process.stdout.write(`${JSON.stringify({ state, resumed, scanId })}\n`);
}

function deadly(whole: Store, where: string | undefined, by: NodeJS.Signals = 'SIGKILL'): Store {
  if (where === undefined) return whole;
  const [method = '', when, nth] = where.split(':');
  let calls = 0;
  return new Proxy(whole, {
    get(target, name: keyof Store) {
      const call = target[name].bind(target) as (...values: unknown[]) => Promise<unknown>;
      if (name !== method) return call;
      return async (...values: unknown[]) => {
        const isIt = ++calls === Number(nth);
        if (isIt && when === 'before') signalSelf(by);
        const result = await call(...(isIt && when === 'inside' ? values.map(explosive) : values));
        if (isIt && when !== 'before') signalSelf(by);
        return result;
      };
    },
  });
}

/** The same value, but whoever works with it dies in the middle: a list at its second item, a judge at its third verdict. */
function explosive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const copy: unknown[] = [...(value as unknown[])];
    if (copy.length > 0) Object.defineProperty(copy, Math.min(1, copy.length - 1), { get: die });
    return copy;
  }
  if ('rows' in value && 'statements' in value) {
    const rows = explosive(value.rows) as unknown[];
    return { ...value, rows, statements: rows.length > 0 ? value.statements : explosive(value.statements) };
  }
  let verdicts = 0;
  const counted =
    (verdict: (...facts: unknown[]) => unknown) =>
    (...facts: unknown[]) =>
      ++verdicts === 3 ? die() : verdict(...facts);
  if ('conclude' in value && typeof value.conclude === 'function') return { ...value, conclude: counted(value.conclude as () => unknown) };
  if ('judge' in value && typeof value.judge === 'function') return { ...value, judge: counted(value.judge as () => unknown) };
  return value;
}

function die(): never {
  signalSelf('SIGKILL');
  throw new Error('Nobody survives that');
}

function signalSelf(by: NodeJS.Signals): void {
  process.kill(process.pid, by);
  while (by === 'SIGKILL');
}
