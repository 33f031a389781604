import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TRAITS, KINDS, type Kind, type Trait } from '../../src/connector/index.ts';
import { classOf } from '../../src/identity/classify.ts';
import { principalOf, withoutAliases, type Said } from '../../src/identity/principal.ts';
import { CLASSES } from '../../src/identity/words.ts';

const KEY = { connector: 'cloud', account: 'A1', id: 'p1' };

function said(kind: Kind, traits: readonly Trait[] = [], more: Partial<Said> = {}): Said {
  return { kind, name: 'somebody', traits, standing: null, listed: true, app: null, facts: 1, ...more };
}

const classed = (...all: Said[]) => {
  const { class: is, confidence } = classOf(principalOf(KEY, all));
  return `${is} ${confidence}`;
};
const ai = (grade: string) => ({ app: { verdict: 'ai', grade } });
const bot: readonly Trait[] = ['bot_account', 'workload'];

describe('what holds access is told by what connectors state', () => {
  test.each<[string, Said[], string]>([
    ['a person of a directory', [said('identity', ['interactive_login', 'directory_person'])], 'human sure'],
    ['a user with a password', [said('identity', ['interactive_login'])], 'human likely'],
    ['a user with a password and a key', [said('identity', ['interactive_login', 'standing_credential'])], 'human likely'],
    ['a person who also holds a grant', [said('oauth_grant', []), said('identity', ['directory_person'])], 'human sure'],
    ['a user with a key alone', [said('identity'), said('api_key', ['standing_credential'])], 'machine likely'],
    ['a user with neither', [said('identity')], 'human unclear'],
    ['a role of a program', [said('service_account', ['workload'])], 'machine sure'],
    ['a role that says nothing', [said('service_account')], 'machine likely'],
    ['a role that people sign in to', [said('service_account', ['interactive_login', 'federated'])], 'human likely'],
    ['a role for programs and people', [said('service_account', ['workload', 'interactive_login'])], 'machine unclear'],
    ['an account that was made for a key', [said('service_account', ['key_holder'])], 'machine sure'],
    ['a bot of no known app', [said('app_installation', bot)], 'machine sure'],
    ['a bot of a known app of AI', [said('app_installation', bot, ai('exact'))], 'ai sure'],
    ['a bot of what may be an app of AI', [said('app_installation', bot, ai('likely'))], 'ai likely'],
    [
      'a bot of an app of AI and of another',
      [said('app_installation', bot, ai('exact')), said('code_evidence', bot, { app: { verdict: 'unknown', grade: 'no' } })],
      'machine sure',
    ],
    ['a person who has an app of AI', [said('oauth_grant', ['interactive_login'], ai('exact'))], 'human likely'],
    ['an agent', [said('agent', ['agent_runtime', 'workload'])], 'ai sure'],
    ['an agent that a directory of people lists', [said('identity', ['agent_runtime', 'directory_person'])], 'ai unclear'],
    ['a holder of whom a log alone tells', [said('oauth_grant', [], { listed: false })], 'machine unclear'],
    ['a bot of which nothing else is said', [said('app_installation', ['bot_account'])], 'machine sure'],
    ['a bot of an app that is AI by a strong sign', [said('app_installation', bot, ai('strong'))], 'ai sure'],
    ['a bot of two apps of AI, one of which may be none', [said('agent', bot, ai('exact')), said('agent', bot, ai('likely'))], 'ai likely'],
    [
      'a bot of an app of AI, of which a list of users tells too',
      [said('app_installation', bot, ai('exact')), said('identity')],
      'ai sure',
    ],
    ['a person of a directory who has a key', [said('identity', ['directory_person', 'standing_credential'])], 'human sure'],
  ])('%s', (_, all, expected) => {
    expect(classed(...all)).toBe(expected);
  });

  test.each<[Said, string[]]>([
    [said('agent', ['agent_runtime']), ['It is the identity of an agent, or of what agents run in']],
    [
      said('app_installation', ['bot_account'], ai('exact')),
      ['It is the bot p1 of an app that the catalog knows as AI', 'The provider marks it as a bot'],
    ],
    [said('service_account', ['key_holder']), ['The provider’s console made it for one key']],
    // What it holds says nothing more of what was made for programs.
    [said('service_account', ['workload', 'standing_credential']), ['It is made for programs']],
    [said('api_key', ['standing_credential']), ['It holds a key or token, and nothing says that anybody signs in with it']],
    [said('service_account'), ['It is listed among accounts of programs']],
    [said('service_account', ['interactive_login']), ['People sign in to it, perhaps several']],
    [said('identity', ['interactive_login']), ['Somebody signs in with it']],
    [said('identity'), ['It is listed among users, and nothing says whether a person or a program uses it']],
    [said('oauth_grant'), ['It is only named as a holder, and nothing says what it is']],
  ])('every class has its reasons: %#', (one, reasons) => {
    expect(classOf(principalOf(KEY, [one])).reasons).toEqual(reasons);
  });

  test('the word of an analyst stands above all, and what the facts say stays beside it', () => {
    const principal = principalOf(KEY, [said('identity', ['directory_person'])]);
    expect(
      classOf(principal, { class: 'machine', reason: 'Shared mailbox', actor: 'ada@host (claimed)', at: '2026-03-01T10:00:00.000Z' }),
    ).toEqual({
      class: 'machine',
      confidence: 'declared',
      reasons: ['ada@host (claimed) said so on 2026-03-01: Shared mailbox', 'By the facts: human, sure', 'A directory of people lists it'],
    });
  });

  test('everything has one class with a reason, in whatever order it is said', () => {
    const any = fc.record({ kind: fc.constantFrom(...KINDS), traits: fc.subarray([...TRAITS]), name: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 4 }), (all) => {
        const one = principalOf(
          KEY,
          all.map(({ kind, traits, name }) => said(kind, traits, { name })),
        );
        const other = principalOf(
          KEY,
          all.toReversed().map(({ kind, traits, name }) => said(kind, traits, { name })),
        );
        const result = classOf(one);
        expect(CLASSES).toContain(result.class);
        expect(result.reasons.length).toBeGreaterThan(0);
        expect(result).toEqual(classOf(other));
        expect(one.name).toBe(other.name);
      }),
    );
  });
});

describe('what is said of one principal', () => {
  test('is joined; its own list knows its name and standing best', () => {
    const all = [
      said('oauth_grant', ['interactive_login'], { name: 'an old name', standing: 'deleted' }),
      said('identity', ['workload', 'directory_person'], { name: 'ada', listed: false, standing: 'suspended' }),
      said('api_key', ['workload'], { name: 'key' }),
    ];
    expect(principalOf(KEY, all)).toEqual({
      ...KEY,
      name: 'ada',
      traits: ['directory_person', 'interactive_login', 'workload'],
      standing: 'suspended',
      kinds: ['api_key', 'identity', 'oauth_grant'],
      said: all,
    });
  });

  test.each<[string, Said[], string]>([
    ['a list before a log', [said('identity', [], { name: 'a', listed: false }), said('identity', [], { name: 'b' })], 'b'],
    ['a list of agents before a key', [said('api_key', [], { name: 'a' }), said('agent', [], { name: 'b' })], 'b'],
    ['whoever calls it by more than its id', [said('seat', [], { name: 'p1' }), said('control', [], { name: 'q' })], 'q'],
    ['of equals the first by spelling', [said('api_key', [], { name: 'b' }), said('api_key', [], { name: 'a' })], 'a'],
  ])('has the name of %s', (_, all, name) => {
    expect(principalOf(KEY, all).name).toBe(name);
  });

  test('has the standing of whoever states one, and none where nobody does', () => {
    expect(principalOf(KEY, [said('identity'), said('api_key', [], { standing: 'suspended' })]).standing).toBe('suspended');
    expect(principalOf(KEY, [said('identity')]).standing).toBeNull();
  });
});

describe('a holder that a fact knows by name alone', () => {
  const group = (id: string, name: string, kind: Kind = 'api_key', account = 'A1') => ({
    key: { connector: 'cloud', account, id },
    said: [said(kind, [], { name })],
  });

  test('is the one that is listed under that name', () => {
    const joined = withoutAliases(
      [group('login/ada', 'Ada'), group('U1', 'ada', 'identity'), group('U2', 'bob', 'identity')],
      () => undefined,
    );
    expect(joined.map(({ key, said: all }) => [key.id, all.map(({ kind }) => kind)])).toEqual([
      ['U1', ['identity', 'api_key']],
      ['U2', ['identity']],
    ]);
  });

  test('is known by a bare name, too, and its owner by one list among other facts', () => {
    const owner = {
      ...group('U1', 'ada', 'identity'),
      said: [said('oauth_grant', [], { name: 'ada' }), said('identity', [], { name: 'ada' })],
    };
    const joined = withoutAliases([group('ada', 'ada'), owner], () => undefined);
    expect(joined.map(({ key, said: all }) => [key.id, all.length])).toEqual([['U1', 3]]);
  });

  test('is nobody of another sort who bears the name', () => {
    const sortOf = ({ id }: { id: string }) => (/^(?:U|login\/)/.test(id) ? 'user' : id.startsWith('R') ? 'role' : undefined);
    const joined = withoutAliases(
      [
        group('login/deploy', 'deploy'),
        group('R1', 'deploy', 'service_account'),
        group('login/ada', 'ada'),
        group('U1', 'ada', 'identity'),
        group('R2', 'ada', 'service_account'),
      ],
      sortOf,
    );
    expect(joined.map(({ key, said: all }) => [key.id, all.length])).toEqual([
      ['login/deploy', 1],
      ['R1', 1],
      ['U1', 2],
      ['R2', 1],
    ]);
  });

  test('stays by itself where several or none are, in another account, and where its id is more than a name', () => {
    const apart = [
      group('login/ada', 'ada'),
      group('U1', 'ada', 'identity'),
      group('R1', 'ada', 'service_account'),
      group('login/eve', 'eve'),
      group('login/bob', 'bob'),
      group('U2', 'bob', 'identity', 'A2'),
      group('runner/301', 'bob'),
      group('a/b/carl', 'carl'),
      group('U3', 'carl', 'identity'),
      group('%E0%A4%A', 'odd'),
    ];
    expect(withoutAliases(apart, () => undefined)).toHaveLength(apart.length);
  });
});
