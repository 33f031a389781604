import type { PersonEvidence } from '../connector/index.ts';
import type { PrincipalKey } from './principal.ts';

/** A principal with what its provider vouches for of the person behind it. */
export interface Evidenced extends PrincipalKey {
  evidence: readonly PersonEvidence[];
}

/** Two principals that are one person, and by what. */
export interface Tie {
  other: PrincipalKey;
  /** `verified address = SAML NameID`: what either side states, in that order. */
  by: string;
}

/**
 * Who is the same person on several planes. Only what providers vouch for ties: equal addresses, however they are stated, or equal ids of one
 * directory. Never a login, a first name or a display name: two people may share those, and anybody may choose them.
 * A value that two principals of one account state says nothing of either.
 */
export function tiesOf<Key extends Evidenced>(principals: readonly Key[]): Map<Key, Tie[]> {
  const byValue = Map.groupBy(
    principals.flatMap((principal) => principal.evidence.map((evidence) => ({ principal, evidence }))),
    ({ evidence }) => valueOf(evidence),
  );
  const ties = new Map<Key, Tie[]>();
  for (const [value, stated] of byValue) {
    const distinct = [...new Set(stated.map(({ principal }) => principal))];
    const accounts = new Set(distinct.map(({ connector, account }) => JSON.stringify([connector, account])));
    if (value === undefined || accounts.size < distinct.length) continue;
    for (const { principal, evidence } of stated)
      for (const other of stated) {
        if (other.principal === principal) continue;
        const by = `${WORDS[evidence.by]} = ${WORDS[other.evidence.by]}`;
        const own = ties.get(principal) ?? [];
        const { connector, account, id } = other.principal;
        if (!own.some((tie) => tie.by === by && sameKey(tie.other, other.principal))) own.push({ other: { connector, account, id }, by });
        ties.set(principal, own);
      }
  }
  return ties;
}

const WORDS: Readonly<Record<PersonEvidence['by'], string>> = {
  verified_address: 'verified address',
  saml_name_id: 'SAML NameID',
  scim_user_name: 'SCIM userName',
  scim_address: 'SCIM address',
  directory_user: 'user of the directory',
};

/** Addresses are compared without regard to case. A NameID or userName that is no address means something to its own identity provider alone. */
function valueOf({ by, issuer, value }: PersonEvidence): string | undefined {
  const text = value.trim();
  if (text === '') return undefined;
  if (by !== 'directory_user' && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return `address ${text.toLowerCase()}`;
  return issuer === undefined ? undefined : JSON.stringify([by, issuer, text]);
}

function sameKey(a: PrincipalKey, b: PrincipalKey): boolean {
  return a.connector === b.connector && a.account === b.account && a.id === b.id;
}
