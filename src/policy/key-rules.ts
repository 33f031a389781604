import { canUseAi, type Hit } from './hit.ts';
import { powerOf, type Integration, type Thing } from './integration.ts';
import type { Severity } from './judged.ts';
import type { RuleId } from './rule-list.ts';

/**
 * What keys, names of secrets and agents say of themselves: whether a key is limited to services (`limitedToServices`) and to callers
 * (`limitedToCallers`), who may read a secret (`visibility`), where a key leaked (`publiclyLeaked`, `validity`), in whose name a program
 * acts (`inTheNameOf`), who is entered as answering for an agent (`ownerCandidates`). To how many repositories a secret is given at least,
 * where they were chosen (`repositoriesAtLeast`), a setting says whose id is the secret's, and `repositories`.
 */
export function keyHits({ match, reach, controls = [] }: Integration, live: readonly Thing[]): Hit[] {
  const usable = live.filter(({ use }) => use === undefined);
  const keys = usable.filter(({ kind }) => kind === 'api_key');
  const isAi = match.verdict === 'ai';
  const mayBeAi = isAi || match.verdict === 'suspected';
  return [
    ...personsKey(
      usable.filter((thing) => (isAi && isPersonsKey(thing)) || thing.attributes['inTheNameOf'] !== undefined),
      Math.max(0, ...reach.map(powerOf)),
    ),
    ...unrestricted(isAi ? keys.filter(({ attributes }) => attributes['limitedToServices'] === false) : []),
    ...standing(isAi ? [] : keys.filter(isStandingAndReachesAi)),
    ...(mayBeAi ? usable.filter(({ kind }) => kind === 'exposure') : []).map(leak),
    ...sharedSecret(isAi ? usable.filter(({ kind }) => kind === 'secret_name') : [], controls),
    ...unowned(usable.filter(({ kind, attributes: { ownerCandidates } }) => kind === 'agent' && isEmpty(ownerCandidates))),
  ];
}

/** Accounts that were made for a key, and those that a program shares with a person, have rules of their own. */
function isPersonsKey({ kind, holder, attributes }: Thing): boolean {
  const has = (...traits: string[]) => holder?.traits.some((trait) => traits.includes(trait)) === true;
  const isPerson = has('interactive_login', 'directory_person') && !has('key_holder', 'bot_account', 'workload');
  return kind === 'api_key' && isPerson && attributes['shared'] === undefined && attributes['root'] !== true;
}

function personsKey(things: readonly Thing[], power: number): Hit[] {
  return saying('ai-with-persons-key', power >= 8 ? 'high' : 'medium', things, actsFor);
}

/** That somebody acts in a person's name is the program's own word. */
function actsFor({ name, holder, attributes: { inTheNameOf } }: Thing): string {
  if (inTheNameOf === undefined) return `${name} is a key of ${holder!.name}`;
  const user = (inTheNameOf as { user?: unknown } | null)?.user;
  return `${holder?.name ?? name} says that it acts in the name of ${typeof user === 'string' ? user : 'somebody'}`;
}

function unrestricted(keys: readonly Thing[]): Hit[] {
  const isForAnybody = keys.some(({ attributes }) => attributes['limitedToCallers'] !== true);
  const said = ({ name, attributes }: Thing) =>
    `${name} opens every service that its project has switched on, to ${attributes['limitedToCallers'] === true ? 'named callers' : 'whoever has it'}`;
  return saying('unrestricted-ai-key', isForAnybody ? 'high' : 'medium', keys, said);
}

/** Keys of the root user and of accounts that people share with a program have rules of their own. */
function isStandingAndReachesAi(thing: Thing): boolean {
  const { expiresAt, attributes } = thing;
  return expiresAt === 'never' && canUseAi(thing) && attributes['root'] !== true && attributes['shared'] === undefined;
}

function standing(keys: readonly Thing[]): Hit[] {
  const isWide = keys.some(({ attributes: { aiLevel } }) => aiLevel === 'admin' || aiLevel === 'service-wildcard');
  const said = ({ name, holder }: Thing) => `A key of ${holder?.name ?? name} can use AI services and never ends`;
  return saying('standing-key-reaches-ai', isWide ? 'medium' : 'low', keys, said);
}

/** One finding for each: each key is to be changed where it was made. */
function leak(thing: Thing): Hit {
  const { publiclyLeaked, validity, repositoryName } = thing.attributes;
  const where = typeof repositoryName === 'string' ? repositoryName : 'a place that is not named';
  return {
    rule: 'leaked-ai-secret',
    severity: publiclyLeaked === true || validity === 'active' ? 'critical' : 'high',
    details: [
      `${thing.name} stands in ${where}`,
      ...(publiclyLeaked === true ? ['It is public'] : []),
      validity === 'active'
        ? 'It works still'
        : validity === 'inactive'
          ? 'It works no more, as far as was tried'
          : 'Whether it works still is unknown',
    ],
    credential: thing,
    things: [thing],
  };
}

/** From so many chosen repositories on, whoever may change a workflow of one of them is no longer whom somebody had in mind. */
const MANY_REPOSITORIES = 10;

/** Whom nobody chose is graver than many that were chosen. */
function sharedSecret(secrets: readonly Thing[], controls: NonNullable<Integration['controls']>): Hit[] {
  const least = ({ id, attributes: { visibility } }: Thing): number => {
    if (visibility !== 'selected') return 0;
    const said = controls.find(({ thing }) => thing === `${id}/repositories`)?.attributes['repositoriesAtLeast'];
    return typeof said === 'number' ? said : 0;
  };
  const isForAll = ({ attributes: { visibility } }: Thing) => visibility === 'all' || visibility === 'private';
  const shared = secrets.filter((secret) => isForAll(secret) || least(secret) >= MANY_REPOSITORIES);
  const said = (secret: Thing) => {
    const { name, attributes } = secret;
    if (!isForAll(secret)) return `${least(secret).toLocaleString('en')} or more chosen repositories get ${name}`;
    return `Every ${attributes['visibility'] === 'private' ? 'private ' : ''}repository gets ${name}`;
  };
  return saying('ai-secret-for-everything', shared.some(isForAll) ? 'medium' : 'low', shared, said);
}

function isEmpty(owners: unknown): boolean {
  return Array.isArray(owners) && owners.length === 0;
}

function unowned(agents: readonly Thing[]): Hit[] {
  return saying('agent-without-owner', 'low', agents, ({ name }) => `Nobody is named who answers for ${name}`);
}

/** One hit on all of them with a sentence about each of the first ten, or none. */
function saying(rule: RuleId, severity: Severity, things: readonly Thing[], said: (thing: Thing) => string): Hit[] {
  if (things.length === 0) return [];
  return [{ rule, severity, details: [...new Set(things.slice(0, 10).map(said))], things }];
}
