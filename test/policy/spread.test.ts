import { describe, expect, test } from 'vitest';
import type { Integration, Spread } from '../../src/policy/integration.ts';
import { mostOf } from '../../src/policy/integration.ts';
import { spreadHits } from '../../src/policy/spread.ts';
import type { Standing } from '../../src/policy/standing.ts';
import { SIGNED } from './apps.ts';
import { app, reach, thing, verdict } from './invented.ts';

const UNDECIDED: Standing = { is: 'undecided' };
const approved = (more: object = {}): Standing => ({ is: 'approved', approval: { apps: ['app-1'], ...SIGNED, ...more } });
const place = (number: number, connector = 'provider') => ({ connector, account: `A${number}`, since: `2026-09-0${number}T02:00:00.000Z` });
const spread = (more: Partial<Spread> = {}): Spread => ({
  at: '2026-10-05T02:00:00.000Z',
  known: [place(2)],
  before: [reach('files', 'read')],
  ...more,
});
const told = (more: Partial<Integration>, standing: Standing = UNDECIDED) => {
  const one = app(more);
  return spreadHits(one, standing, one.things).map(({ severity, details }) => [severity, ...details]);
};
const HERE = 'It is in another account: provider/A1, since 2026-10-05';
const KNOWN = 'Known before: provider/A2, since 2026-09-02';

describe('what has spread', () => {
  test('says where, and where it was before, the oldest first, and counts the rest', () => {
    expect(told({ spread: spread() })).toEqual([['low', HERE, KNOWN]]);
    const known = [2, 3, 4, 5, 6, 7, 8].map((number) => place(number));
    expect(told({ spread: spread({ known }) })[0]?.slice(2)).toEqual([
      ...[2, 3, 4, 5, 6].map((number) => `Known before: provider/A${number}, since 2026-09-0${number}`),
      'Known before in 2 more accounts',
    ]);
  });

  test('is on another plane where it was on none of this connector', () => {
    const elsewhere = place(2, 'elsewhere');
    expect(told({ spread: spread({ known: [elsewhere] }) })[0]?.[1]).toBe('It is on another plane: provider/A1, since 2026-10-05');
    expect(told({ spread: spread({ known: [elsewhere, place(3)] }) })[0]?.[1]).toBe(HERE);
  });

  test('is as grave as the greatest step from what it could do anywhere', () => {
    const now = (...reaches: Integration['reach']) => told({ spread: spread(), reach: reaches })[0];
    expect(now(reach('files', 'write'))).toEqual(['medium', HERE, KNOWN, 'It could do so nowhere before: files: read → write']);
    expect(now(reach('mail', 'write'), reach('contacts', 'read'))).toEqual([
      'high',
      HERE,
      KNOWN,
      'It could do so nowhere before: contacts: nothing → read',
      'It could do so nowhere before: mail: nothing → write',
    ]);
    expect(now({ ...reach('mail', 'write'), known: false })?.[0]).toBe('low');
  });

  test('is told for ninety days of all that is there', () => {
    const things = [thing(1), thing(2)];
    expect(spreadHits(app({ spread: spread() }), UNDECIDED, things)).toMatchObject([
      { rule: 'spread-of-ai-tool', things: [{ id: 'grant/1' }, { id: 'grant/2' }], until: '2027-01-03T02:00:00.000Z' },
    ]);
  });

  test('is none where it is no AI, where nothing is there, or where it came from nowhere', () => {
    expect([
      told({ spread: spread(), match: verdict('suspected') }),
      told({ spread: spread(), match: verdict('ai_feature') }),
      told({ spread: spread(), things: [] }),
      told({}),
    ]).toEqual([[], [], [], []]);
  });

  test('is none once somebody decided about it, and within a limit', () => {
    const by = (standing: Standing) => told({ spread: spread() }, standing).length;
    expect([
      by(approved()),
      by(approved({ decided: '2026-10-04' })),
      by(approved({ decided: '2026-10-05' })),
      by(approved({ decided: '2026-01-01', reviewed: '2026-10-06' })),
      by(approved({ ceiling: { data: { files: 'read' } } })),
      by({ is: 'exceeded', approval: { apps: ['app-1'], ...SIGNED }, excess: ['files'] }),
      by({ is: 'denied', denial: { apps: ['app-1'], reason: 'no' } }),
    ]).toEqual([1, 1, 0, 0, 0, 1, 1]);
  });
});

test('the most of several reaches is the most with each class, and of equals the one that nobody knows', () => {
  const guess = { ...reach('files', 'write'), known: false };
  const all = [reach('files', 'read'), reach('files', 'write'), guess, reach('mail', 'read')];
  expect(mostOf(all)).toEqual([guess, reach('mail', 'read')]);
  expect(mostOf(all.toReversed())).toEqual([reach('mail', 'read'), guess]);
});
