import type { Company } from '../../../src/testing/company.ts';
import { chance } from '../../../src/testing/random.ts';
import { type Account, accountOf, MACHINE, neighbourOf, organizationOf } from './accounts.ts';
import { type Installation, installationsOn } from './installations.ts';
import { type Alert, alerts } from './alerts.ts';
import { pushedAt } from './code.ts';
import { written } from './dates.ts';
import { type AuditEvent, organizationEvents } from './audit-log.ts';
import { type Authorization, authorizationsOn } from './authorizations.ts';
import { type Hook, hooksOn } from './hooks.ts';
import { type Listing, listingOf, mapped } from './listing.ts';
import { type Repository, repositoryCount, repositoryOf } from './repositories.ts';
import { repositorySecrets } from './repository-lists.ts';
import { createRoster } from './roster.ts';
import { type OrganizationSecret, secretsOn, type Store } from './secrets.ts';
import { type Ruleset, RULESETS, type Runner, RUNNERS, type Space, SPACES } from './settings.ts';
import { type RequestedToken, requestsOn } from './token-requests.ts';
import { type Token, tokenOf, tokensOn } from './tokens.ts';
import { type Variable, variablesOf, type VariableStore } from './variables.ts';

/** The organisation as GitHub knows it. Everything follows from the company's seed and the number of the night. */
export interface World {
  company: Company;
  organization: Account;
  /** Has installed our App too, and is none of our business. */
  neighbour: Account;
  owner: Account;
  members(night: number): Listing<Account>;
  /** The people among them, with the address of each. */
  people(night: number): Listing<{ account: Account; email: string }>;
  /** The owner and a few others show the public that they are members. */
  isPublicMember(account: Account): boolean;
  installations(night: number): Listing<Installation>;
  tokens(night: number): Listing<Token>;
  token(grantId: number, night: number): Token | undefined;
  requests(night: number): Listing<RequestedToken>;
  secrets(store: Store, night: number): Listing<OrganizationSecret>;
  /** Numbers of the people who have a seat. */
  seats(night: number): Listing<number>;
  empty: boolean;
  authorizations(night: number): Listing<Authorization>;
  hooks(night: number): Listing<Hook>;
  /** Everything that the audit log tells of, in no order. */
  events(night: number): readonly AuditEvent[];
  /** Gives a repository these Actions secrets, and no others. The log tells of it, unless it is to miss it. */
  change(change: Change): void;
  repositorySecrets(repository: Repository, store: Store): readonly string[];
  variables(store: VariableStore): Listing<Variable>;
  spaces(): Listing<Space>;
  runners(): Listing<Runner>;
  rulesets(): Listing<Ruleset>;
  alerts(): Listing<Alert>;
  /** In the order in which they were made. */
  repositories(): Listing<Repository>;
  repository(number: number): Repository | undefined;
  pushedAt(repository: Repository): string;
  /** What happens to repositories while somebody reads the list. */
  push(number: number, at: Date): void;
  remove(number: number): void;
  /** Makes another one. */
  add(): void;
  /** Those that get a secret that is given to chosen ones. */
  chosenFor(given: Pick<OrganizationSecret, 'visibility' | 'chosen'>): Listing<Repository>;
}

/** What a test does to one repository, by its number. */
export interface Change {
  repository: number;
  secrets: readonly string[];
  at: Date;
  told?: boolean;
}

/** An empty organisation has its owner, and not even our own App in its list: otherwise there would be something to find. */
export function createWorld(company: Company, empty: boolean): World {
  const changed = new Map<number, readonly string[]>();
  const told: AuditEvent[] = [];
  const pushes = new Map<number, string>();
  const removed = new Set<number>();
  let made = repositoryCount(company);
  const isThere = (number: number) => number >= 0 && number < made && !removed.has(number);
  const roster = createRoster(company, empty);
  const unlessEmpty = <Fact>(listing: () => Listing<Fact>): Listing<Fact> => (empty ? listingOf([]) : listing());
  return {
    company,
    organization: organizationOf(company),
    neighbour: neighbourOf(company),
    owner: accountOf(company, 0),
    members: (night) => mapped(numbers(roster.members(night)), (number) => accountOf(company, number)),
    people: (night) =>
      mapped(numbers(roster.members(night).filter((number) => number !== MACHINE)), (number) => ({
        account: accountOf(company, number),
        email: company.person(number).email,
      })),
    isPublicMember: ({ id }) => id === accountOf(company, 0).id || chance(company.seed, 'github public member', id) < 0.2,
    installations: (night) => unlessEmpty(() => listingOf(installationsOn(company, night))),
    tokens: (night) => unlessEmpty(() => tokensOn(company, roster, night)),
    token: (grantId, night) => (empty ? undefined : tokenOf(grantId, company, roster, night)),
    requests: (night) => unlessEmpty(() => listingOf(requestsOn(company, night))),
    secrets: (store, night) => unlessEmpty(() => listingOf(secretsOn(store, night))),
    seats: (night) => numbers(roster.seated(night)),
    empty,
    authorizations: (night) => unlessEmpty(() => listingOf(authorizationsOn(company, night))),
    events: (night) => (empty ? [] : [...organizationEvents(company, night), ...told]),
    change({ repository: number, secrets, at, told: isTold = true }) {
      changed.set(number, secrets);
      const repository = repositoryOf(company, number);
      // An event may name a repository by its id, or by its name alone.
      if (isTold) told.push({ at, action: 'repo.update_actions_secret', actor: 0, repository, byId: number % 2 === 0 });
    },
    repositorySecrets: (repository, store) =>
      (store === 'actions' ? changed.get(repository.number) : undefined) ?? repositorySecrets(repository, store),
    hooks: (night) => unlessEmpty(() => listingOf(hooksOn(night))),
    variables: (store) => unlessEmpty(() => listingOf(variablesOf(store))),
    spaces: () => unlessEmpty(() => listingOf(SPACES.filter(({ creator }) => creator < company.people))),
    runners: () => unlessEmpty(() => listingOf(RUNNERS)),
    rulesets: () => unlessEmpty(() => listingOf(RULESETS)),
    repositories: () =>
      unlessEmpty(() => {
        const all = removed.size === 0 ? undefined : Array.from({ length: made }, (_, number) => number).filter(isThere);
        return { size: all?.length ?? made, at: (index) => repositoryOf(company, all?.[index] ?? index) };
      }),
    repository: (number) => (isThere(number) ? repositoryOf(company, number) : undefined),
    pushedAt: (repository) => pushes.get(repository.number) ?? pushedAt(company, repository),
    push: (number, at) => void pushes.set(number, written(at)),
    remove: (number) => void removed.add(number),
    add: () => void made++,
    chosenFor: ({ visibility, chosen = 1 }) => ({
      size: visibility === 'selected' ? Math.min(chosen, repositoryCount(company)) : 0,
      at: (number) => repositoryOf(company, number),
    }),
    alerts: () => unlessEmpty(() => listingOf(alerts())),
  };
}

function numbers(array: Int32Array): Listing<number> {
  return { size: array.length, at: (index) => array[index]! };
}
