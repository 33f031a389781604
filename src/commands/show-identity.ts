import { NAMES, namesKept } from '../report/names.ts';
import { stampText } from '../report/stamp.ts';
import { openReader, type Reader } from '../store/read.ts';
import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import type { CommandContext } from './context.ts';
import { grantView, type GrantView } from './grants.ts';
import { identitiesOf, keyOfIdentity, tieText, type Identity } from './identities.ts';
import { identityCalled } from './identity-named.ts';
import { momentOf, type MomentOptions } from './moment.ts';
import { field } from './show-field.ts';
import type { ShowOptions } from './show.ts';

/** How many grants are printed, of the identity and of those that are the same person. */
const SHOWN = 20;

/** An identity with what it holds, and what the same person holds elsewhere. */
interface Shown extends Identity {
  grants: GrantView[];
  /** How many of them there are. */
  grantCount: number;
}

/** Explains one identity by the beginning of its key. False = there is none. */
export async function showIdentity(
  context: CommandContext,
  { database, tenant, id }: { database: string; tenant: string; id: string },
  options: MomentOptions & Pick<ShowOptions, 'format'>,
): Promise<boolean> {
  const reader = openReader(database);
  try {
    const { asOf, until } = momentOf(reader, tenant, options, context.clock);
    const all = await identitiesOf(reader, tenant, asOf, until);
    const identity = identityCalled(all, id);
    if (!identity) return false;
    const shown = { ...identity, ...heldBy(reader, tenant, [identity, ...elsewhere(identity, all)], asOf) };
    const names = namesKept(NAMES.show, reader.personsCheck(tenant) !== undefined);
    context.out(options.format === 'json' ? `${jsonText({ names, ...shown }, 2)}\n` : text(shown));
    return true;
  } finally {
    reader.close();
  }
}

/** The identities that are the same person, each once, however much ties them. */
function elsewhere({ sameAs }: Identity, all: readonly Identity[]): Identity[] {
  const keys = new Set(sameAs.map(({ other }) => keyOfIdentity(other)));
  return all.filter(({ key }) => keys.has(key));
}

function heldBy(
  reader: Reader,
  tenant: string,
  identities: readonly Identity[],
  asOf: number | undefined,
): Pick<Shown, 'grants' | 'grantCount'> {
  const grants: GrantView[] = [];
  let grantCount = 0;
  const about = { tenant, states: ['present', 'unverified'], stands: true, sort: 'app', asOf, limit: -1 } as const;
  for (const { connector, account, id, aliases } of identities)
    for (const holder of [id, ...aliases])
      for (const row of reader.grants({ ...about, connector, account, holder })) if (++grantCount <= SHOWN) grants.push(grantView(row));
  return { grants, grantCount };
}

function text({
  key,
  class: of,
  confidence,
  name,
  id,
  connector,
  account,
  reasons,
  standing,
  traits,
  sameAs,
  grants,
  grantCount,
}: Shown): string {
  const ties = sameAs.map((tie) => `${tieText({ ...tie, name: terminalText(tie.name) })}: ${keyOfIdentity(tie.other)}`);
  const lines = [
    `${of.toUpperCase()}  ${terminalText(name)}`,
    '',
    field('Identity', key),
    field('Where', `${connector}, account ${terminalText(account)}`),
    field('Id', terminalText(id)),
    field('Class', `${of} (${confidence})`),
    ...reasons.map((reason) => field('', terminalText(reason, 300))),
    field('Standing', standing ?? 'nothing is said of it'),
    ...(traits.length === 0 ? [] : [field('Traits', traits.join(', '))]),
    ...(ties.length === 0
      ? [field('Same as', 'nobody that is known elsewhere')]
      : ties.map((tie, at) => field(at === 0 ? 'Same as' : '', tie))),
    '',
    `Holds (${grantCount}${grantCount > grants.length ? `, the first ${grants.length}` : ''})`,
    ...grants.map(grantLine),
  ];
  return `${lines.join('\n')}\n`;
}

function grantLine({ id, kind, state, connector, product, body, volatile }: GrantView): string {
  const what = product === null ? terminalText(body.subject.name) : `${terminalText(body.subject.name)} (${terminalText(product)})`;
  return `  ${id.padEnd(8)}  ${state.padEnd(10)} ${connector} ${kind}  ${what}  last used ${stampText(volatile?.lastUsedAt)}`;
}
