import type { Company, Person } from '../../../src/testing/company.ts';
import { digits } from '../../../src/testing/random.ts';
import { hexadecimal } from './ids.ts';
import { machineUsers } from './machine-users.ts';
import type { Root, Setting, User, World } from './model.ts';
import { cloudPeople, personUser, stillHere } from './people.ts';
import { awsManagedPolicies, customerPolicies, groups } from './policies.ts';
import { oidcProviders, outboundIssuer, samlProviders } from './providers.ts';
import { emptyRegions, regions } from './regions.ts';
import { roles, scannerRole } from './roles.ts';
import { serviceCredentials } from './service-credentials.ts';

/** From this size on the account is old enough for somebody to have given its root user an access key. */
const OLD_COMPANY = 400;

export function accountId(company: Company): string {
  return digits(12, company.seed, 'aws account');
}

export function organizationId(company: Company): string {
  return `o-${hexadecimal(10, company.seed, 'organisation')}`;
}

/** The account's nights, each built once when it is first asked for. Nothing but the company and the number decides what it holds. */
export function createWorlds(company: Company, options: { empty: boolean; within?: Company }): (night: number) => World {
  const account = accountId(company);
  const above = options.within ?? company;
  const [home, organization] = [accountId(above), organizationId(above)];
  const people = options.empty ? [] : cloudPeople(company);
  const worlds = new Map<number, World>();
  return (night) => {
    const setting: Setting = { company, account, home, organization, night };
    const world = worlds.get(night) ?? (options.empty ? emptyAccount(setting) : accountOn(setting, people));
    worlds.set(night, world);
    return world;
  };
}

function accountOn(setting: Setting, people: readonly Person[]): World {
  const here = stillHere(people, setting.night);
  const users = [...machineUsers(setting), ...here.map((person) => personUser(setting, person))];
  const holders = { users: users.sort(byName), groups: groups(setting), roles: roles(setting) };
  return {
    ...emptyAccount(setting),
    ...holders,
    alias: setting.company.name.toLowerCase(),
    root: rootOf(setting, setting.company.people >= OLD_COMPANY),
    policies: customerPolicies(setting),
    awsPolicies: awsManagedPolicies(
      setting,
      Object.values(holders).flatMap((list) => list.flatMap((holder) => holder.attached)),
    ),
    credentials: serviceCredentials(setting, here),
    oidcProviders: oidcProviders(setting),
    samlProviders: samlProviders(setting),
    outboundIssuer: outboundIssuer(setting),
    regions: regions(setting),
  };
}

/** As the credential report orders them. */
function byName(a: User, b: User): number {
  return a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1;
}

function emptyAccount(setting: Setting): World {
  return {
    account: setting.account,
    alias: undefined,
    now: setting.company.ago(0, 0, setting.night),
    root: rootOf(setting, false),
    users: [],
    groups: [],
    roles: [],
    policies: [],
    awsPolicies: [],
    credentials: [],
    oidcProviders: [],
    samlProviders: [],
    outboundIssuer: undefined,
    regions: emptyRegions(),
    scannerRole: scannerRole(setting),
  };
}

function rootOf({ company, night }: Setting, hasKey: boolean): Root {
  return {
    created: company.ago(2000),
    passwordUsed: company.ago(300),
    mfa: true,
    keys: hasKey
      ? [{ active: true, rotated: company.ago(1900), lastUsed: { at: company.ago(3, 1, night), service: 'iam', region: 'us-east-1' } }]
      : [],
  };
}
