import { describe, expect, test } from 'vitest';
import { populationExcess } from '../../src/policy/population.ts';
import { app, thing } from './invented.ts';

const holder = (number: number) => ({ holder: { id: String(number), name: `user ${number}`, traits: [] } });
const units = new Map([
  ['1', '/Sales'],
  ['2', '/Sales/North'],
  ['3', '/Salesforce'],
]);

describe('a population', () => {
  test('of units holds those below them, and nobody of whom no unit is known', () => {
    const things = [1, 2, 3, 4].map((number) => thing(number, holder(number)));
    expect(populationExcess({ units: ['/Sales'] }, app({ things, units }))).toEqual([
      'user 3 of /Salesforce, which is not approved',
      'user 4 of no known unit, which is not approved',
    ]);
    expect(populationExcess({ units: ['/'] }, app({ things: things.slice(0, 3), units }))).toEqual([]);
    expect(populationExcess({ units: ['/Support', '/Sales/North'] }, app({ things: [things[1]!], units }))).toEqual([]);
    expect(populationExcess({ units: ['/Sales'] }, app({ things: [things[0]!] }))).toEqual([
      'user 1 of no known unit, which is not approved',
    ]);
  });

  test('of groups holds their members, and nobody of whom no list tells that he is one', () => {
    const things = [1, 2, 3].map((number) => thing(number, holder(number)));
    const groups = new Map([
      ['1', ['g1', 'g2']],
      ['2', ['g3']],
      ['3', []],
    ]);
    expect(populationExcess({ groups: ['g2'] }, app({ things, groups }))).toEqual([
      'user 2 in none of the groups, which is not approved',
      'user 3 in no group that was read, which is not approved',
    ]);
    expect(populationExcess({ groups: ['g1'] }, app({ things: things.slice(0, 1), groups: new Map() }))).toEqual([
      'user 1 in no group that was read, which is not approved',
    ]);
    expect(populationExcess({ groups: ['g1', 'g3'] }, app({ things: things.slice(0, 2), groups }))).toEqual([]);
    expect(populationExcess({ groups: ['g1'] }, app({ things: things.slice(0, 1) }))).toEqual([
      'user 1 in no group that was read, which is not approved',
    ]);
  });

  test('counts nobody who holds only what is gone, or what a log alone tells of', () => {
    const things = [thing(3, { ...holder(3), state: 'gone' }), thing(4, { ...holder(4), logOnly: true })];
    expect(populationExcess({ units: ['/Sales'], most: 1, repositories: ['7'] }, app({ things, units }))).toEqual([]);
  });

  test('of repositories is by their ids, whatever they are called, and what is in no known one is outside', () => {
    const things = [
      thing(1, { attributes: { repository: '7', repositoryName: 'acme/site' } }),
      thing(2, { attributes: { repository: 8, repositoryName: 'acme/site' } }),
      thing(3),
    ];
    expect(populationExcess({ repositories: ['7'] }, app({ things }))).toEqual([
      'Thing 3 in no known repository, which is not approved',
      'repository acme/site (8), which is not approved',
    ]);
    expect(populationExcess({ repositories: ['8'] }, app({ things: [thing(1, { attributes: { repository: '7' } })] }))).toEqual([
      'repository (7), which is not approved',
    ]);
    expect(populationExcess({ repositories: ['7', '8'] }, app({ things: things.slice(0, 2) }))).toEqual([]);
  });

  test('names a few of many that are outside, each once', () => {
    const things = Array.from({ length: 8 }, (_, number) => thing(number, holder(number)));
    const excess = populationExcess({ units: ['/Board'] }, app({ things: [...things, thing(9, holder(1))], units }));
    expect([excess.length, excess.at(-1)]).toEqual([6, '3 more, which is not approved']);
    expect(populationExcess({ units: ['/Board'] }, app({ things: things.slice(0, 5), units }))).toHaveLength(5);
  });

  test('without limits allows all', () => {
    expect(populationExcess(undefined, app())).toEqual([]);
  });
});
