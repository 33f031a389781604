import { createHash } from 'node:crypto';
import type { Block } from '../document.ts';
import type { AuditHead, Comment, Draft, Marker } from '../sink.ts';

/** The last line of a ticket's text. Where a tracker has no better place, a ticket is found by it. */
export function ticketMark(marker: Marker): string {
  return `noctule-id: ${marker}`;
}

/** The lines below a ticket's text. */
export function ticketFooter({ marker, audit }: Draft): string {
  return [...auditLine(audit), ticketMark(marker)].join('\n');
}

/** The lines below a comment. */
export function noteFooter(comment: Comment): string {
  return [...auditLine(comment.audit), noteMark(comment)].join('\n');
}

function auditLine(audit: AuditHead | undefined): string[] {
  return audit ? [`Audit trail of Noctule: event ${audit.number}, head ${audit.hash}`] : [];
}

/** What a comment is known by when it has to be looked for before it is written again. */
export function noteMark({ idempotencyKey }: Comment): string {
  return `noctule-note-${digest(idempotencyKey).toString('hex').slice(0, 20)}`;
}

export function noteBlocks({ paragraphs }: Comment): Block[] {
  return paragraphs.map((runs) => ({ is: 'paragraph', runs }));
}

/**
 * An id that is the same whenever it is made of the same text, in the form of a random UUID (version 4, RFC 9562): trackers that let
 * one choose an id ask for that form, and version 5 would say that SHA-1 was used.
 */
export function uuidOf(text: string): string {
  const bytes = digest(`noctule:${text}`).subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
