import { describe, expect, test } from 'vitest';
import { meantBy, type Candidate } from '../../src/identity/meant.ts';

function one(id: string, names: readonly string[], more: Partial<Candidate> = {}): Candidate {
  return { connector: 'code', account: 'A1', id, names, traits: [], listed: true, present: true, ...more };
}
const elsewhere = { connector: 'mail' };
const ids = (all: readonly Candidate[]) => all.map(({ connector, account, id }) => `${connector}/${account}/${id}`);

/** What is meant, in words. */
function told(text: string, ...candidates: Candidate[]) {
  const meant = meantBy(text, candidates);
  if (meant === 'programs') return meant;
  return 'unclear' in meant ? { unclear: ids(meant.unclear) } : { people: ids(meant.people), others: ids(meant.others) };
}

const ada = one('1', ['ada']);

describe('whom a text means', () => {
  test.each<[string, string, Candidate[], ReturnType<typeof told>]>([
    ['nobody', 'ada', [], { people: [], others: [] }],
    ['who bears the login, however it is written', 'ADA', [ada], { people: ['code/A1/1'], others: [] }],
    [
      'who has the id, and what bears one of the names',
      '1',
      [ada, one('login/ada', ['ada'], { listed: false })],
      { people: ['code/A1/1', 'code/A1/login/ada'], others: [] },
    ],
    ['who bore the login, by a name of many', 'ada', [one('1', ['ada.new', 'ada'])], { people: ['code/A1/1'], others: [] }],
    ['a holder of that name of whom no list tells', 'ada', [one('9', ['ada'], { listed: false })], { people: ['code/A1/9'], others: [] }],
    [
      'a name of which only facts know, and not who bears another',
      'ada',
      [one('login/ada', ['Ada'], { listed: false }), one('login/bob', ['bob'], { listed: false })],
      { people: ['code/A1/login/ada'], others: [] },
    ],
    [
      'who has the id, and not who bears the name under an id of another list of people',
      '1',
      [ada, one('2-3', ['ada'], { listed: false, traits: ['directory_person'] })],
      { people: ['code/A1/1'], others: ['code/A1/2-3'] },
    ],
    [
      'nobody yet, where two lists of people have the name',
      'ada',
      [ada, one('2-3', ['ada'], { listed: false, traits: ['directory_person'] })],
      { unclear: ['code/A1/1', 'code/A1/2-3'] },
    ],
    [
      'who has the id, and somebody else who bears the login now',
      '1',
      [ada, one('2', ['ada'])],
      { people: ['code/A1/1'], others: ['code/A1/2'] },
    ],
    [
      'who has the id, though it is the login of another',
      '7',
      [one('7', ['ada']), one('8', ['7'])],
      { people: ['code/A1/7'], others: ['code/A1/8'] },
    ],
    ['nobody for sure, where several are listed under the login', 'ada', [ada, one('2', ['ada'])], { unclear: ['code/A1/1', 'code/A1/2'] }],
    [
      'somebody whose id is a name and who is in a list by it',
      'ada',
      [one('login/ada', ['ada', 'ada the first']), ada],
      { people: ['code/A1/login/ada', 'code/A1/1'], others: [] },
    ],
    [
      'one person by an address on several planes',
      'a@corp.example',
      [one('1', ['a@corp.example']), one('5', ['a@corp.example'], elsewhere)],
      { people: ['code/A1/1', 'mail/A1/5'], others: [] },
    ],
    ['nobody for sure by a login on several planes', 'ada', [ada, one('5', ['ada'], elsewhere)], { unclear: ['code/A1/1', 'mail/A1/5'] }],
    [
      'nobody for sure by a login in several accounts',
      'ada',
      [ada, one('5', ['ada'], { account: 'A2' })],
      { unclear: ['code/A1/1', 'code/A2/5'] },
    ],
    ['one id in several accounts', 'ada', [ada, one('1', ['ada'], { account: 'A2' })], { people: ['code/A1/1', 'code/A2/1'], others: [] }],
    [
      'whoever is listed under the name that an id stands for',
      'login/ada',
      [one('login/ada', ['ada'], { listed: false }), ada],
      { people: ['code/A1/login/ada', 'code/A1/1'], others: [] },
    ],
    ['who bears the login, and nobody else', 'ada', [ada, one('2', ['bob'])], { people: ['code/A1/1'], others: ['code/A1/2'] }],
    [
      'what bears a name that the one has given up',
      'ada',
      [one('1', ['ada', 'ada.old']), one('login/ada.old', ['ada.old'], { listed: false })],
      { people: ['code/A1/1', 'code/A1/login/ada.old'], others: [] },
    ],
    [
      'nobody for sure, where it is clear in one account and not in another',
      'ada',
      [one('5', ['ada'], elsewhere), ada, one('2', ['ada'])],
      { unclear: ['code/A1/1', 'code/A1/2'] },
    ],
    [
      'one of several in one place, with the others of every place',
      '1',
      [ada, one('2', ['ada']), one('1', ['ada'], elsewhere), one('3', ['ada'], elsewhere)],
      { people: ['code/A1/1', 'mail/A1/1'], others: ['code/A1/2', 'mail/A1/3'] },
    ],
    [
      'two of one login in one account by their names in a log',
      'ada',
      [one('5', ['ada'], { listed: false }), one('6', ['ada'], { listed: false })],
      { people: ['code/A1/5', 'code/A1/6'], others: [] },
    ],
  ])('%s', (_, text, candidates, expected) => {
    expect(told(text, ...candidates)).toEqual(expected);
  });

  test.each(['workload', 'bot_account', 'agent_runtime', 'key_holder'])('a %s is a program, and people are sought beside it', (trait) => {
    const program = one('p', ['ada'], { traits: ['standing_credential', trait] });
    expect(told('ada', program)).toBe('programs');
    expect(told('ada', program, ada)).toEqual({ people: ['code/A1/1'], others: [] });
  });

  test.each(['directory_person', 'interactive_login'])('a program that people use as well is a person by its trait %s', (trait) => {
    expect(told('ada', one('1', ['ada'], { traits: ['workload', trait] }))).toEqual({ people: ['code/A1/1'], others: [] });
  });
});
