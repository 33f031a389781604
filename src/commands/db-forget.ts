import { ConfigError } from '../connector/index.ts';
import { withLease } from '../scan/lease.ts';
import { openReader, type Candidate, type Forgotten } from '../store/read.ts';
import { openStore } from '../store/store.ts';
import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import { claimedActor } from './actor.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';

export interface ForgetOptions extends CommonOptions {
  connector?: string;
  account?: string;
  plan?: boolean;
  format: 'text' | 'json';
}

/** Takes somebody out of everything that is stored, on all nights; counts, histories and the audit trail stay whole. */
export async function dbForgetCommand(context: CommandContext, person: string, options: ForgetOptions): Promise<number> {
  const { database, tenant } = await locate(context, options);
  const people = meant(database, tenant, person.trim(), options);
  const plan = options.plan === true;
  const store = openStore(database);
  try {
    const done = await withLease({ store, tenant }, async () => {
      if (await store.runningScan(tenant))
        throw new ConfigError('A scan was interrupted, and what it saw is not concluded yet', {
          fix: 'Run `noctule scan` to its end first: what waits there would name the person again.',
        });
      return store.forgetPerson(tenant, { people, actor: claimedActor(), at: context.clock.now().toISOString(), plan });
    });
    const whole = plan ? true : await store.rewrite();
    const present = people.some((one) => one.present);
    if (options.format === 'json') context.out(`${jsonText({ planned: plan, ...done, present, remainsInLog: !whole }, 2)}\n`);
    else context.out(report(people, done, plan));
    if (!whole)
      context.err('Another process reads the database: remains may stand in the file beside it that ends in -wal until that closes.\n');
    if (present) context.err('A provider still lists this person: the next scan stores again what it is told.\n');
    return 0;
  } finally {
    await store.close();
  }
}

/** Traits of what is made for programs: forgetting those would hide access, and protects nobody. */
const PROGRAMS = new Set(['workload', 'bot_account', 'agent_runtime', 'key_holder']);
const PEOPLE = new Set(['directory_person', 'interactive_login']);

/** The principals that are meant: all of one address, or of one id or login in one account. */
function meant(
  database: string,
  tenant: string,
  text: string,
  { connector, account }: { connector?: string; account?: string },
): Candidate[] {
  const reader = openReader(database);
  try {
    const all = text === '' ? [] : reader.candidates(tenant, text);
    const here = all.filter(
      (one) => (connector === undefined || one.connector === connector) && (account === undefined || one.account === account),
    );
    const people = here.filter(({ traits }) => traits.some((trait) => PEOPLE.has(trait)) || !traits.some((trait) => PROGRAMS.has(trait)));
    if (people.length === 0 && here.length > 0)
      throw new ConfigError(`${terminalText(text)} is made for programs, and no person`, {
        fix: 'Forgetting it would hide access and protect nobody.',
      });
    if (people.length === 0)
      throw new ConfigError(`Nothing is stored of ${terminalText(text)}`, {
        fix: 'Give an id, a login or an address in full, as `noctule identities` or `noctule query` prints it.',
      });
    const places = new Map(people.map((one) => [JSON.stringify([one.connector, one.account]), one]));
    const ids = new Set(people.map(({ id }) => id));
    if (places.size > 1 && ids.size > 1 && !text.includes('@')) {
      const list = [...places.values()].map((one) => `  ${one.connector} ${one.account}  ${terminalText(one.id)}`).join('\n');
      throw new ConfigError(`${terminalText(text)} may be several people:\n${list}`, { fix: 'Give --connector or --account, or the id.' });
    }
    return people;
  } finally {
    reader.close();
  }
}

function report(people: readonly Candidate[], { label, rows, actedIn }: Forgotten, plan: boolean): string {
  const names = [...new Set(people.flatMap((one) => one.names))].map((name) => terminalText(name)).join(', ');
  const counts = Object.entries(rows).map(([table, count]) => `  ${table.padEnd(20)}${count}`);
  return [
    plan ? `${names} would be replaced in:` : `Replaced by ${label} in:`,
    ...(counts.length > 0 ? counts : ['  nothing']),
    ...(actedIn > 0 ? [`The audit trail names this person as the actor of ${actedIn} events. It is never changed.`] : []),
    '',
  ].join('\n');
}
