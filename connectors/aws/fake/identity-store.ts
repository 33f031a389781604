import { type Company, everybody, type Person } from '../../../src/testing/company.ts';
import { hexadecimal } from './ids.ts';
import type { Setting } from './model.ts';

/** Somebody in the directory of Identity Center. */
export interface StoreUser {
  id: string;
  name: string;
  email?: string;
  /** What only Identity Center is told, and no scanner needs. */
  displayName: string;
  /** As whom the company's identity provider knows the person; absent = an administrator made the user by hand. */
  externalId?: string;
  /** Absent = the answer does not say. */
  status?: 'ENABLED' | 'DISABLED';
  created: Date;
}

/** From whom the directory has its people. */
export const PROVISIONER = 'https://idp.lanternworks.example/scim';
/** His user name at the identity provider is no address. */
const HAS_A_LOGIN = 2;

export function identityStoreId({ seed }: Company): string {
  return `d-${hexadecimal(10, seed, 'identity store')}`;
}

/** The id of a person, or of something else, in the directory. */
export function directoryId(company: Company, ...labels: readonly (string | number)[]): string {
  const hex = hexadecimal(32, company.seed, 'directory', ...labels);
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  return `${identityStoreId(company).slice(2)}-${uuid}`;
}

/** Everybody whom the identity provider lets in to AWS, as it provisions them; and one for the day on which it is down. */
export function storeUsers({ company, night }: Setting): readonly StoreUser[] {
  const people = [...everybody(company)].filter(isLetIn).filter((person) => ['active', 'suspended'].includes(person.standing(night)));
  return [
    ...people.map((person): StoreUser => ({
      id: directoryId(company, person.number),
      name: person.number === HAS_A_LOGIN ? person.handle : person.email,
      email: person.email,
      displayName: `${person.given} ${person.family}`,
      externalId: hexadecimal(24, company.seed, 'external id', person.number),
      status: person.standing(night) === 'active' ? 'ENABLED' : 'DISABLED',
      created: company.ago(400),
    })),
    { id: directoryId(company, 'emergency'), name: 'emergency', displayName: 'Break glass', created: company.ago(900) },
  ];
}

function isLetIn({ number, developer }: Person): boolean {
  return number < 12 || developer;
}
