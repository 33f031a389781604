import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holds, path, within, type Observation, type People } from '../../src/connector/index.ts';
import { hidingBy } from '../../src/persons/hiding.ts';

/** So that what stands for whom can be read. */
const stand = (name: string) => {
  const [local, domain] = name.toLowerCase().split('@');
  return domain === undefined ? `<${local}>` : `<${local}>@${domain}`;
};
const people: People = {
  isPerson(segment, before) {
    if (before.at(-1) === 'user' || /^U\d{6}$/.test(segment)) return true;
    return segment.startsWith('R') ? false : undefined;
  },
  inAttribute: (name) => name === 'actor',
  isProgram: (name) => name.endsWith('@robots.example'),
};
/** The catalog knows one product by a word, and one by a whole address. What stands for somebody says nothing. */
const verdictOn = ({ value }: { value: string }) =>
  [
    ...(/\bclaude\b/i.test(value.replaceAll(/<[^>]*>/g, '')) ? ['claude'] : []),
    ...(value === 'noreply@vendor.example' ? ['vendor'] : []),
  ].join();
const hiding = hidingBy({ people, stand, verdictOn });

const said = (more: Partial<Observation>): Observation => ({
  type: 'observation',
  thing: 'grant/1042/app',
  nativeId: 'grant/1042/app',
  kind: 'oauth_grant',
  scope: 'customer/C1/user/1042',
  subject: { app: 'app', name: 'An app' },
  principal: { id: '1042', name: 'Ada@corp.example', traits: ['interactive_login'] },
  signals: [],
  permissions: [],
  attributes: {},
  evidence: { source: 'list' },
  ...more,
});

describe('an observation', () => {
  test('loses its holder wherever the holder stands, and keeps all else', () => {
    expect(
      hiding.observation(
        said({
          subject: { app: 'iam/1042', credential: 'key/1042/7', name: 'The key of ada@corp.example' },
          attributes: { arn: 'arn:1042:x', count: 1042, list: ['ADA@corp.example', 'other'], deep: { note: 'by 1042' } },
          evidence: { source: 'list', url: 'https://admin.example/users/ada%40corp.example?id=1042' },
        }),
      ),
    ).toEqual(
      said({
        thing: 'grant/<1042>/app',
        nativeId: 'grant/<1042>/app',
        scope: 'customer/C1/user/<1042>',
        subject: { app: 'iam/<1042>', credential: 'key/<1042>/7', name: 'The key of <ada>@corp.example' },
        principal: { id: '<1042>', name: '<ada>@corp.example', traits: ['interactive_login'] },
        attributes: { arn: 'arn:<1042>:x', count: 1042, list: ['<ada>@corp.example', 'other'], deep: { note: 'by <1042>' } },
        evidence: { source: 'list', url: 'https://admin.example/users/%3Cada%3E%40corp.example?id=<1042>' },
      }),
    );
  });

  test('of a path within a path loses the holder there too', () => {
    const { nativeId } = hiding.observation(said({ nativeId: path('import', 'tokens', path('grant', '1042', 'app')) }));
    expect(nativeId).toBe(path('import', 'tokens', path('grant', '<1042>', 'app')));
  });

  test.each<[string, NonNullable<Observation['principal']>]>([
    ['a program by its traits', { id: '77', name: 'deployer', traits: ['workload'] }],
    ['a program by its name', { id: '77', name: 'build@robots.example', traits: [] }],
    ['what its id says is nobody’s own', { id: 'R1', name: 'analysts', traits: ['interactive_login'] }],
  ])('of %s keeps it', (_title, principal) => {
    const observation = said({ principal, scope: 'customer/C1/role/77', thing: 'grant/77/app', nativeId: 'grant/77/app' });
    expect(hiding.observation(observation)).toEqual(observation);
  });

  test('of whom nothing tells who it is hides it, and one that people sign in to as well', () => {
    const hidden = (traits: NonNullable<Observation['principal']>['traits']) =>
      hiding.observation(said({ principal: { id: '77', name: 'ada', traits } })).principal;
    expect(hidden([])).toEqual({ id: '<77>', name: '<ada>', traits: [] });
    expect(hidden(['workload', 'interactive_login'])).toMatchObject({ id: '<77>', name: '<ada>' });
  });

  test('names nobody in an attribute that is declared to, nor by an address anywhere', () => {
    const { attributes } = hiding.observation(
      said({
        attributes: {
          actor: 'bela-dorn',
          deep: [{ actor: 'cleo', text: 'asked by dario@corp.example, and build@robots.example' }],
          package: 'npm:@scope/name',
          action: 'actions/checkout@v4',
        },
      }),
    );
    expect(attributes).toEqual({
      actor: '<bela-dorn>',
      deep: [{ actor: '<cleo>', text: 'asked by <dario>@corp.example, and build@robots.example' }],
      package: 'npm:@scope/name',
      action: 'actions/checkout@v4',
    });
  });

  test('of somebody whose login is a word of a provider keeps the word where rules read it', () => {
    const { attributes, thing, permissions } = hiding.observation(
      said({
        principal: { id: '1042', name: 'absent', traits: ['interactive_login'] },
        thing: 'absent/7',
        permissions: ['absent:read'],
        attributes: { gate: 'absent', note: 'absent' },
      }),
    );
    expect({ attributes, thing, permissions }).toEqual({
      attributes: { gate: 'absent', note: '<absent>' },
      thing: 'absent/7',
      permissions: ['absent:read'],
    });
  });

  test.each([
    ['ada', 'ada', '<ada>'],
    ['claude-ada', 'claude-ada', 'claude'],
    ['ada.moor.claude', 'ada.moor.claude', 'claude'],
    ['claude', 'claude', 'claude'],
  ])('of %s keeps of a signal what the catalog recognises it by, and nothing else', (name, value, kept) => {
    const { signals } = hiding.observation(said({ principal: { id: '1042', name, traits: [] }, signals: [{ type: 'iam_name', value }] }));
    expect(signals.map(({ value: left }) => left.replaceAll(/^[-.]+|[-.]+$/g, ''))).toEqual([kept]);
    expect(verdictOn(signals[0]!)).toBe(verdictOn({ value }));
  });

  test('of a long text hides every name but the one that the catalog recognises it by', () => {
    const words = 'so many words '.repeat(20);
    const { signals } = hiding.observation(
      said({
        principal: { id: '1042', name: 'claude', traits: [] },
        signals: [{ type: 'commit_trailer', value: `${words}by claude for ada@corp.example` }],
      }),
    );
    expect(signals.map(({ value }) => value)).toEqual([`${words}by claude for <ada>@corp.example`]);
  });

  test('keeps the address that a vendor is known by, and of another its domain', () => {
    const signals = ['noreply@vendor.example', 'claude.moor@corp.example', 'ada@corp.example'].map((value) => ({
      type: 'commit_email',
      value,
    }));
    expect(hiding.observation(said({ signals })).signals.map(({ value }) => value)).toEqual([
      'noreply@vendor.example',
      'claude',
      '<ada>@corp.example',
    ]);
  });
});

describe('a place', () => {
  const segment = fc.oneof(
    fc.constantFrom('user', 'role', 'U123456', 'R7', '1042', 'ada@corp.example', 'ada', 'a/b', 'user/1042'),
    fc.string({ minLength: 1 }),
  );
  const place = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => path(...segments));

  test('is the same wherever it is spoken of: of a statement, of an observation, of whoever asks', () => {
    fc.assert(
      fc.property(place, (scope) => {
        const kept = hiding.place(scope);
        expect(hiding.statement({ type: 'covered', scope }).scope).toBe(kept);
        expect(hiding.observation(said({ scope })).scope).toBe(kept);
        expect(hiding.observation(said({ scope, principal: { id: 'R7', name: 'ada', traits: ['workload'] } })).scope).toBe(kept);
      }),
    );
  });

  test('holds afterwards what it held before, and has as many segments', () => {
    fc.assert(
      fc.property(place, segment, (scope, below) => {
        expect(holds(hiding.place(scope), hiding.place(within(scope, below)))).toBe(true);
        expect(hiding.place(scope).split('/')).toHaveLength(scope.split('/').length);
      }),
    );
  });
});

test('addresses are found behind what is encoded, and in long texts as fast as in short ones', () => {
  expect(hiding.text('https://x.example/?q=to%20ada%40corp.example&by=bela@corp.example')).toBe(
    'https://x.example/?q=to%20%3Cada%3E%40corp.example&by=<bela>@corp.example',
  );
  const started = performance.now();
  for (const part of ['a', 'a@', 'a.', 'a@a.', '%40', '@a-', 'a@b.c1']) {
    const long = part.repeat(256 * 1024);
    expect(hiding.text(long)).toBe(long);
  }
  expect(performance.now() - started).toBeLessThan(20_000);
});

test('what could not be read is told without addresses', () => {
  expect(hiding.statement({ type: 'gap', scope: 'customer/C1/user/7', reason: 'provider_error', effect: 'Ask ada@corp.example' })).toEqual({
    type: 'gap',
    scope: 'customer/C1/user/<7>',
    reason: 'provider_error',
    effect: 'Ask <ada>@corp.example',
  });
});
