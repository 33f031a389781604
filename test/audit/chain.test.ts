import { hash as digestOf } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headOfNothing, linked, verified, type AuditEvent, type AuditLink } from '../../src/audit/chain.ts';

const firstBreak = (...chain: Parameters<typeof verified>) => verified(...chain).broken;

const sha256 = (text: string) => digestOf('sha256', text, 'hex');

const event = fc.record({
  at: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  actor: fc.string(),
  action: fc.string(),
  subject: fc.string(),
  details: fc.json(),
});

function chainOf(events: readonly AuditEvent[], tenant = 'default'): AuditLink[] {
  const links: AuditLink[] = [];
  for (const one of events) links.push(linked(tenant, links.at(-1) ?? headOfNothing(tenant), one));
  return links;
}

const chain = fc.array(event, { minLength: 1, maxLength: 8 }).map((events) => chainOf(events));

describe('a chain of events', () => {
  test('is whole as it was made, and holds every head that it ever had', () => {
    fc.assert(
      fc.property(chain, (links) => {
        expect(verified('default', links)).toEqual({ head: { number: links.length, hash: links.at(-1)!.hash } });
        for (const { hash } of [headOfNothing('default'), ...links]) expect(firstBreak('default', links, hash)).toBeUndefined();
      }),
    );
  });

  test('is of SHA-256, by which others can check it', () => {
    fc.assert(
      fc.property(chain, (links) => {
        for (const { previous, tenant, number, at, actor, action, subject, details, hash } of links)
          expect(hash).toBe(sha256(JSON.stringify([previous, tenant, number, at, actor, action, subject, details])));
        expect(links[0]!.previous).toBe(sha256(JSON.stringify(['noctule audit', 'default'])));
      }),
    );
  });

  test('of no events is whole', () => {
    expect(firstBreak('default', [])).toBeUndefined();
  });

  test('breaks at the event of which anything was changed', () => {
    const field = fc.constantFrom('at', 'actor', 'action', 'subject', 'details', 'tenant', 'hash', 'previous');
    fc.assert(
      fc.property(chain, fc.nat(), field, (links, which, what) => {
        const at = which % links.length;
        const changed = links.map((link, index) => (index === at ? { ...link, [what]: `${link[what as 'at']}!` } : link));
        expect(firstBreak('default', changed)?.number).toBe(at + 1);
      }),
    );
  });

  test('breaks where an event was left out, also with all later ones moved up, but for the last', () => {
    fc.assert(
      fc.property(chain, fc.nat(), (links, which) => {
        fc.pre(links.length > 1);
        const at = which % (links.length - 1);
        const without = links.toSpliced(at, 1);
        expect(firstBreak('default', without)).toEqual({ number: at + 1, why: 'it is missing' });
        const renumbered = without.map((link, index) => ({ ...link, number: index + 1 }));
        expect(firstBreak('default', renumbered)?.number).toBe(at + 1);
      }),
    );
  });

  test('breaks where one was put in between, or two changed places', () => {
    fc.assert(
      fc.property(chain, event, fc.nat(), (links, one, which) => {
        const at = which % links.length;
        const forged = linked('default', links[at - 1] ?? headOfNothing('default'), one);
        expect(firstBreak('default', links.toSpliced(at, 0, forged))?.number).toBe(at + 2);
        fc.pre(at > 0);
        const swapped = links.with(at, links[at - 1]!).with(at - 1, links[at]!);
        expect(firstBreak('default', swapped)?.number).toBe(at);
      }),
    );
  });

  test('that was cut, or rewritten to its end, is whole by itself and does not hold the head that was kept', () => {
    fc.assert(
      fc.property(chain, event, (links, one) => {
        const kept = links.at(-1)!.hash;
        const cut = links.slice(0, -1);
        expect(firstBreak('default', cut)).toBeUndefined();
        expect(firstBreak('default', cut, kept)?.why).toMatch(/^the head that was kept is not in the chain/);
        const rewritten = chainOf([...cut, one]);
        fc.pre(rewritten.at(-1)!.hash !== kept);
        expect(firstBreak('default', rewritten)).toBeUndefined();
        expect(firstBreak('default', rewritten, kept)).toMatchObject({ number: rewritten.length });
      }),
    );
  });

  test('of one tenant is none of another', () => {
    const links = chainOf([{ at: '2026-01-01T00:00:00.000Z', actor: 'ada', action: 'scan.concluded', subject: 'scan/1', details: '{}' }]);
    expect(firstBreak('other', links)?.number).toBe(1);
  });

  test('keeps its parts apart: what moves from one field to the next is another event', () => {
    const at = '2026-01-01T00:00:00.000Z';
    const head = headOfNothing('default');
    const one = linked('default', head, { at, actor: 'ab', action: 'c', subject: '', details: '' });
    const other = linked('default', head, { at, actor: 'a', action: 'bc', subject: '', details: '' });
    expect(one.hash).not.toBe(other.hash);
  });
});
