import { ConfigError, pseudonymsIn, type Connector } from '../connector/index.ts';
import { meantBy, type Candidate, type Meant } from '../identity/meant.ts';
import { withLease } from '../scan/lease.ts';
import { loadConnectors } from '../scan/registry.ts';
import type { ObservationBody } from '../scan/rows.ts';
import { openReader, type Forgotten, type StatedFact } from '../store/read.ts';
import { openStore } from '../store/store.ts';
import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import { claimedActor } from './actor.ts';
import { locate, type CommandContext, type CommonOptions } from './context.ts';
import { REMAINS } from './db-rewrite.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { nameAsKept } from './persons-key.ts';

export interface ForgetOptions extends CommonOptions {
  connector?: string;
  account?: string;
  plan?: boolean;
  format: 'text' | 'json';
}

/** Takes somebody out of everything that is stored, on all nights; counts, histories and the audit trail stay whole. */
export async function dbForgetCommand(context: CommandContext, person: string, options: ForgetOptions): Promise<number> {
  const { database, tenant } = await locate(context, options);
  const text = person.trim();
  const { people, others, sought } = await meant(context, { database, tenant }, text, options);
  const address = isAddress(text) ? text : undefined;
  const pseudonyms = [
    ...new Set(
      [
        sought,
        ...people.flatMap(({ id, names, asserted = [] }) => [id, ...names, ...asserted.filter((value) => !isAddress(value))]),
      ].flatMap(pseudonymsIn),
    ),
  ];
  const plan = options.plan === true;
  const store = openStore(database);
  try {
    const done = await withLease({ store, tenant, does: 'is forgetting a person' }, async () => {
      if (await store.runningScan(tenant))
        throw new ConfigError('A scan was interrupted, and what it saw is not concluded yet', {
          fix: 'Run `noctule scan` to its end first: what waits there would name the person again.',
        });
      return store.forgetPerson(tenant, {
        people,
        others,
        address,
        pseudonyms,
        actor: claimedActor(),
        at: context.clock.now().toISOString(),
        plan,
      });
    });
    if (people.length === 0 && Object.keys(done.rows).length === 0) throw nothingOf(text, done);
    const whole = plan ? true : await store.rewrite();
    const present = people.some((one) => one.present);
    const ids = people.map(({ connector, account, id }) => ({ connector, account, id }));
    if (options.format === 'json') context.out(`${jsonText({ planned: plan, ...done, ids, present, remains: !whole }, 2)}\n`);
    else context.out(report(people, address, done, plan));
    if (present) context.err('A provider still lists this person: the next scan stores again what it is told.\n');
    if (!whole) context.err(REMAINS);
    return whole ? EXIT_CODES.ok : EXIT_CODES.storage;
  } finally {
    await store.close();
  }
}

/** The principals that are meant, and by what they are kept. Nobody, where it is an address: owners and approvers in files may be no holders. */
async function meant(
  context: CommandContext,
  { database, tenant }: { database: string; tenant: string },
  text: string,
  options: ForgetOptions,
): Promise<Meant & { sought: string }> {
  const { connector, account } = options;
  const reader = openReader(database);
  try {
    const byName = text === '' ? [] : reader.candidates(tenant, text);
    // What is kept as it is, as a role, is found so; people are found by the pseudonym of the name.
    const sought = text === '' || byName.length > 0 ? text : nameAsKept(context, options, { reader, tenant }, text);
    const all = sought === text ? byName : reader.candidates(tenant, sought);
    const here = all.filter(
      (one) => (connector === undefined || one.connector === connector) && (account === undefined || one.account === account),
    );
    if (all.length > 0 && here.length === 0)
      throw new ConfigError(`${terminalText(text)} is stored elsewhere:\n${all.map(lineOf).join('\n')}`, {
        fix: 'Leave --connector and --account out, or give those.',
      });
    const found = meantBy(sought, here);
    if (found === 'programs')
      throw new ConfigError(`${terminalText(text)} is made for programs, and no person`, {
        fix: 'Forgetting it would hide access and protect nobody.',
      });
    if ('unclear' in found)
      throw new ConfigError(`${terminalText(text)} may be several people:\n${found.unclear.map(lineOf).join('\n')}`, {
        fix: 'Give the id, or --connector or --account.',
      });
    if (found.people.length === 0 && !isAddress(text))
      throw new ConfigError(`No principal is stored under the id or the name ${terminalText(text)}`, {
        fix: 'Give an id, a login or an address in full, as `noctule identities` or `noctule query` prints it. Files and sentences are searched for addresses alone.',
      });
    const connectors = new Map((await loadConnectors()).map((one) => [one.id, one]));
    const people = found.people.map((one) => ({ ...one, asserted: assertedOf(reader.stated(tenant, one), connectors.get(one.connector)) }));
    return { ...found, people, sought };
  } finally {
    reader.close();
  }
}

/** What a connector's facts say of the person behind a principal, in any version. */
function assertedOf(facts: readonly StatedFact[], connector: Connector | undefined): string[] {
  const stated = facts.flatMap(({ kind, body }) => {
    const { principal, attributes } = JSON.parse(body) as ObservationBody;
    return principal ? (connector?.personBehind?.({ kind, principal, attributes }) ?? []) : [];
  });
  return [...new Set(stated.map(({ value }) => value))];
}

function isAddress(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text);
}

function nothingOf(text: string, { actedIn }: Forgotten): ConfigError {
  const but = actedIn > 0 ? `, but as the actor of ${actedIn} events of the audit trail, which is never changed` : '';
  return new ConfigError(`Nothing is stored of ${terminalText(text)}${but}`, {
    fix: 'Who is known by a login or an id alone is found by that, as `noctule identities` prints it. Remains of what was replaced go with `noctule db rewrite`.',
  });
}

function lineOf({ connector, account, id, names }: Candidate): string {
  return `  ${connector} ${terminalText(account)}  ${terminalText(id)}  ${names.map((name) => terminalText(name)).join(', ')}`;
}

function report(people: readonly Candidate[], address: string | undefined, { label, rows, actedIn }: Forgotten, plan: boolean): string {
  const names = [...new Set([...people.flatMap((one) => one.names), ...(people.length === 0 && address ? [address] : [])])];
  const counts = Object.entries(rows).map(([table, count]) => `  ${table.padEnd(20)}${count}`);
  return [
    plan ? `${names.map((name) => terminalText(name)).join(', ')} would be replaced in:` : `Replaced by ${label} in:`,
    ...(counts.length > 0 ? counts : ['  nothing']),
    ...(plan && people.length > 0 ? ['As these are meant:', ...people.map(lineOf)] : []),
    ...(actedIn > 0 ? [`The audit trail names this person as the actor of ${actedIn} events. It is never changed.`] : []),
    '',
  ].join('\n');
}
