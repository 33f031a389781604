import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Something that was done or decided, as it is told to whoever audits. */
export interface AuditEvent {
  /** ISO 8601 in UTC. */
  at: string;
  /** Who did it, and how that is known: `ada@host (claimed)` is what the operating system was told. */
  actor: string;
  /** What was done: `scan.concluded`, `policy.changed`. */
  action: string;
  /** What it was done to: `scan/12`. */
  subject: string;
  /** JSON. */
  details: string;
}

/** An event in its place: it names the one before it, so that none can be changed, left out or put in between unnoticed. */
export interface AuditLink extends AuditEvent {
  tenant: string;
  /** Counted from 1. */
  number: number;
  /** SHA-256 of the link before, in hexadecimal; the first names the seed of its tenant. */
  previous: string;
  hash: string;
}

/** The end of a chain: kept elsewhere, it proves what the chain was. */
export type Head = Pick<AuditLink, 'number' | 'hash'>;

/** Where a chain breaks. */
export interface Break {
  number: number;
  why: string;
}

/** Before the first event. Tenants have chains of their own, none of which can be passed off as another's. */
export function headOfNothing(tenant: string): Head {
  return { number: 0, hash: digest(['noctule audit', tenant], sha256OfFew) };
}

export function linked(tenant: string, head: Head, event: AuditEvent): AuditLink {
  const { at, actor, action, subject, details } = event;
  const link = { tenant, number: head.number + 1, previous: head.hash, at, actor, action, subject, details };
  return { ...link, hash: hashOf(link, sha256OfFew) };
}

/**
 * The last link that follows from all before it, and the first that does not; none = the chain is whole. Whoever rewrites it to its end
 * makes another chain that is whole: `kept`, a head that was told earlier, stands in the chain as it was and in no other.
 */
export function verified(tenant: string, links: Iterable<AuditLink>, kept?: string): { head: Head; broken?: Break } {
  const ofMany = sha256OfMany();
  let head = headOfNothing(tenant);
  let found = kept === undefined || kept === head.hash;
  for (const link of links) {
    const number = head.number + 1;
    const why = faultOf(link, number, head, ofMany);
    if (why !== undefined) return { head, broken: { number, why } };
    head = { number, hash: link.hash };
    found ||= kept === link.hash;
  }
  if (found) return { head };
  return { head, broken: { number: head.number, why: 'the head that was kept is not in the chain: it was cut, or rewritten to its end' } };
}

function faultOf(link: AuditLink, number: number, head: Head, sha256: Sha256): string | undefined {
  if (link.number > number) return 'it is missing';
  if (link.number < number) return `${link.number} stands in its place`;
  if (link.previous !== head.hash) return 'it does not name the event before it';
  return link.hash === hashOf(link, sha256) ? undefined : 'its content is not what it was';
}

function hashOf({ previous, tenant, number, at, actor, action, subject, details }: Omit<AuditLink, 'hash'>, sha256: Sha256): string {
  return digest([previous, tenant, number, at, actor, action, subject, details], sha256);
}

/** JSON of a list keeps its parts apart, whatever stands in them. */
function digest(parts: readonly (string | number)[], sha256: Sha256): string {
  return sha256(JSON.stringify(parts));
}

/** In hexadecimal, of the text in UTF-8. */
type Sha256 = (text: string) => string;

/** Of few texts. Node's own takes a fifth of its start to load, and one event is all that most exports need a digest for. */
function sha256OfFew(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** Of many texts: four times as fast. */
function sha256OfMany(): Sha256 {
  const { hash } = process.getBuiltinModule('node:crypto');
  return (text) => hash('sha256', text, 'hex');
}
