import { copyFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { fake as aws } from '../../connectors/aws/fake/index.ts';
import { fake as github } from '../../connectors/github/fake/index.ts';
import { fake as google } from '../../connectors/google-workspace/fake/index.ts';
import { dawn, runNight, smallCompany, sourceOf } from '../scan/night.ts';
import { temporaryFolder } from '../store/facts.ts';
import { rowsOf } from '../store/logical-dump.ts';
import { actsOnTerminal, noctule } from './run.ts';

interface Shown {
  key: string;
  aliases: string[];
  connector: string;
  account: string;
  id: string;
  name: string;
  class: string;
  confidence: string;
  reasons: string[];
  kinds: string[];
  traits: string[];
  sameAs: { other: { connector: string; account: string; id: string }; name: string; by: string; standing: string | null }[];
  standing: string | null;
}

type Told = Shown & { grants: { id: string }[]; grantCount: number };

describe('identities', () => {
  const file = temporaryFolder();
  const [database, afterwards] = [file(), file()];
  const company = smallCompany(40);
  const run = (...args: string[]) => noctule([...args, '--db', database]);
  const asked = async (...args: string[]) =>
    JSON.parse((await run('identities', '--format', 'json', '--limit', '5000', ...args)).stdout) as Shown[];
  const heldBy = async ({ connector, account, id }: Pick<Shown, 'connector' | 'account' | 'id'>) =>
    JSON.parse(
      (await run('grants', '--holder', id, '--connector', connector, '--account', account, '--format', 'json', '--limit', '0')).stdout,
    ) as { id: string }[];
  let all: Shown[];

  beforeAll(async () => {
    const started = await Promise.all(
      Object.entries({ aws, github, google }).map(async ([name, fake]) => ({ name, provider: await fake.start(company) })),
    );
    const environment = Object.assign({}, ...started.map(({ provider }) => provider.environment)) as Record<string, string>;
    const sources = await Promise.all(started.map(({ name, provider }) => sourceOf({ name, config: provider.config })));
    await runNight(database, { sources, environment, from: dawn(company, 0) });
    // A second scan, so that there is an earlier one to ask about.
    await runNight(database, { sources: sources.slice(0, 1), environment, from: dawn(company, 1), partial: true });
    // And elsewhere one of the directory alone, in which somebody has left since.
    copyFileSync(database, afterwards);
    for (const { provider } of started) provider.night(1);
    await runNight(afterwards, { sources: sources.slice(2), environment, from: dawn(company, 2), partial: true });
    for (const { provider } of started) await provider.close();
    all = await asked();
  });

  test('each stands there once, with one class, how sure that is, and why', () => {
    expect(all.length).toBeGreaterThan(80);
    expect(new Set(all.map(({ connector, account, id }) => JSON.stringify([connector, account, id]))).size).toBe(all.length);
    for (const one of all)
      expect([one.class, one.reasons.length > 0], one.name).toEqual([expect.stringMatching(/^(human|machine|ai)$/), true]);
  });

  test('people of a directory are human, agents are AI, roles of programs are machines', () => {
    const people = all.filter(({ traits }) => traits.includes('directory_person'));
    expect(new Set(people.map((one) => one.class))).toEqual(new Set(['human']));
    const agents = all.filter(({ traits }) => traits.includes('agent_runtime'));
    expect(agents.length).toBeGreaterThan(3);
    expect(new Set(agents.map((one) => one.class))).toEqual(new Set(['ai']));
    expect(all.find(({ name }) => name === 'coderabbitai')).toMatchObject({ class: 'ai', confidence: 'sure' });
    expect(all.find(({ name }) => name === 'codecov')).toMatchObject({ class: 'machine' });
  });

  test('the view has one row a thing, also of a person whom two lists name', () => {
    const twice = rowsOf(database, 'SELECT thing, count(*) FROM identities GROUP BY tenant, connector, account, thing HAVING count(*) > 1');
    expect(twice).toEqual([]);
    const listed = rowsOf<{ traits: string; state: string }>(
      database,
      `SELECT v.traits, v.state FROM identities v WHERE v.connector = 'aws' AND (SELECT count(*) FROM observation o WHERE o.thing = v.thing AND o.kind = 'identity') > 1`,
    );
    expect(listed.length).toBeGreaterThan(0);
    for (const { traits, state } of listed) expect([traits, state]).toEqual([expect.stringContaining('"interactive_login"'), 'present']);
    const both = rowsOf<{ traits: string }>(
      database,
      `SELECT traits FROM identities WHERE connector = 'aws' AND traits LIKE '%administrator%'`,
    );
    for (const { traits } of both) expect(JSON.parse(traits)).toEqual((JSON.parse(traits) as string[]).toSorted());
  });

  test('nobody is taken for the same person because a login reads like an address', () => {
    // People have ada.moor.3@… here and ada-moor-3 there. The machine user's login reads like one of them, and no identity provider knows it.
    const github = all.filter(({ connector }) => connector === 'github');
    const tied = github.filter(({ sameAs }) => sameAs.length > 0);
    expect(tied.length).toBeGreaterThan(10);
    expect(github.length).toBeGreaterThan(tied.length);
    for (const { sameAs } of tied)
      expect(sameAs.filter(({ other }) => other.connector !== 'aws')).toEqual([
        {
          name: expect.stringContaining('@'),
          other: expect.objectContaining({ connector: 'google-workspace' }),
          by: 'SAML NameID = verified address',
          standing: 'active',
        },
      ]);
    // An IAM user has no address, and whoever made one by hand in Identity Center vouches for nothing.
    const cloud = all.filter(({ connector, sameAs }) => connector === 'aws' && sameAs.length > 0);
    expect(cloud.filter(({ id, name }) => id.startsWith('AIDA') || name === 'emergency')).toEqual([]);
  });

  test('somebody of Identity Center is the same person on all planes, with the evidence', () => {
    const cloud = all.filter(({ connector, sameAs }) => connector === 'aws' && sameAs.length > 0);
    expect(cloud.length).toBeGreaterThan(10);
    // Who has a seat and is assigned to an application, is known by a login, and by an address that the identity provider gave.
    const person = cloud.find(({ name }) => name === company.person(2).handle)!;
    expect(person).toMatchObject({
      class: 'human',
      confidence: 'sure',
      kinds: ['control', 'seat'],
      name: expect.not.stringContaining('@'),
    });
    const ties = (of: Shown) => of.sameAs.map(({ other, name, by }) => [other.connector, name, by]);
    const { email } = company.person(2);
    expect(ties(person)).toEqual([
      ['github', expect.stringContaining(company.person(2).given.toLowerCase()), 'SCIM address = SAML NameID'],
      ['google-workspace', email, 'SCIM address = verified address'],
    ]);
    const mail = all.find(({ connector, name }) => connector === 'google-workspace' && name === email)!;
    expect(mail.sameAs.map(({ other }) => other.connector).toSorted()).toEqual(['aws', 'github']);
    expect(ties(mail)).toContainEqual(['aws', company.person(2).handle, 'verified address = SCIM address']);
    // Of most the user name is the address as well.
    const most = cloud.find(({ name }) => name === company.person(1).email)!;
    expect(new Set(most.sameAs.map(({ by }) => by.split(' = ')[0]))).toEqual(new Set(['SCIM userName', 'SCIM address']));
  });

  test('who left one plane and is still on another is listed, with how the same person stands there', async () => {
    const ask = (...args: string[]) => noctule([...args, '--db', afterwards]);
    const list = async (...args: string[]) =>
      JSON.parse((await ask('identities', '--format', 'json', '--limit', '0', ...args)).stdout) as Shown[];
    const hasLeft = ({ standing }: { standing: string | null }) => standing === 'suspended';
    const { email } = company.person(6);
    const [mail] = await list('--id', email, '--connector', 'google-workspace');
    expect(mail!.standing).toBe('suspended');
    const still = await list('--left-elsewhere');
    expect(new Set(still.map(({ id }) => id))).toEqual(new Set(mail!.sameAs.map(({ other }) => other.id)));
    expect(new Set(still.map(({ connector }) => connector))).toEqual(new Set(['aws', 'github']));
    for (const one of still)
      expect([hasLeft(one), new Set(one.sameAs.filter(hasLeft).map(({ name }) => name))]).toEqual([false, new Set([email])]);
    expect(await asked('--left-elsewhere')).toEqual([]);
    const { stdout } = await ask('identities', '--left-elsewhere');
    expect(stdout.split('google-workspace (suspended) ')).toHaveLength(1 + still.length);
    expect((await ask('show', still[0]!.key)).stdout).toContain(`google-workspace (suspended) ${email} (`);
  });

  test('what the list prints first can be pasted into show, which tells what the same person holds on every plane', async () => {
    const { stdout } = await run('identities', '--limit', '3');
    expect(stdout.split('\n').slice(2, 5).join('\n')).toContain(all[0]!.key);
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
    expect((await asked('--id', all[0]!.key)).map(({ id }) => id)).toEqual([all[0]!.id]);
    // Several values tie the user of Identity Center to the same person elsewhere.
    const tied = all.find(
      ({ kinds, sameAs }) => kinds.includes('seat') && sameAs.length > new Set(sameAs.map(({ other }) => JSON.stringify(other))).size,
    )!;
    const others = all.filter((one) => tied.sameAs.some(({ other }) => other.id === one.id && other.connector === one.connector));
    expect(others.length).toBeGreaterThan(0);
    const told = JSON.parse((await run('show', tied.key, '--format', 'json')).stdout) as Told;
    expect(told).toMatchObject(tied);
    const grants: string[] = [];
    for (const of of [tied, ...others])
      for (const holder of [of.id, ...of.aliases]) grants.push(...(await heldBy({ ...of, id: holder })).map(({ id }) => id));
    expect(grants.length).toBeGreaterThan(1);
    expect([told.grantCount, told.grants.map(({ id }) => id)]).toEqual([new Set(grants).size, grants.slice(0, 20)]);
    const text = (await run('show', tied.key.slice(0, 9))).stdout;
    expect(text).toMatch(new RegExp(`^HUMAN  .*\\n\\nIdentity    ${tied.key}\\n`));
    for (const { key } of others) expect(text).toContain(key);
    expect(text).toContain(`Holds (${grants.length})`);
    expect(actsOnTerminal(text)).toEqual([]);
    const machine = all.find((one) => one.class === 'machine')!;
    expect((await run('show', machine.key, '--as-of', '1')).stdout).toContain(`Class       machine (${machine.confidence})`);
    expect((await run('show', 'p000000000000')).code).toBe(2);
  });

  test('who is known by name alone where a key is listed is shown with that key', async () => {
    const holder = all.find(({ connector, aliases, kinds }) => connector === 'aws' && aliases.length > 0 && kinds.includes('api_key'))!;
    const keys = (await Promise.all(holder.aliases.map((id) => heldBy({ ...holder, id })))).flat();
    expect(keys.length).toBeGreaterThan(0);
    const told = JSON.parse((await run('show', holder.key, '--format', 'json')).stdout) as Told;
    expect(told.grants.map(({ id }) => id)).toEqual(expect.arrayContaining(keys.map(({ id }) => id)));
  });

  test('can be chosen by class, by certainty, by connector and by name', async () => {
    const unclear = await asked('--confidence', 'unclear');
    expect(unclear.map(({ id }) => id)).toEqual(all.filter(({ confidence }) => confidence === 'unclear').map(({ id }) => id));
    const machines = await asked('--class', 'machine', '--connector', 'aws');
    expect(machines.map(({ id }) => id)).toEqual(
      all.filter((one) => one.class === 'machine' && one.connector === 'aws').map(({ id }) => id),
    );
    expect(await asked('--class', 'machine', '--class', 'ai')).toEqual(all.filter((one) => one.class !== 'human'));
    const known = all.find(({ aliases }) => aliases.length > 0)!;
    expect(await asked('--id', known.aliases[0]!)).toContainEqual(known);
    const one = all.find(({ confidence }) => confidence === 'sure')!;
    expect(await asked('--id', one.id)).toContainEqual(one);
    const { stdout, stderr } = await run('identities', '--limit', '3');
    expect(stdout.trimEnd().split('\n')).toHaveLength(5);
    expect(stderr).toContain('There are more than these 3');
    expect(actsOnTerminal(stdout)).toEqual([]);
  });

  test('the word of an analyst stands above the facts, is audited without a name, and can be taken back', async () => {
    const person = all.find((one) => one.connector === 'google-workspace' && one.class === 'human')!;
    const before = all.length;
    const given = await run('classify', person.key, 'machine', '--reason', 'Shared mailbox of the help desk');
    expect([given.code, given.stdout, given.stderr]).toEqual([0, '', `${person.name} of google-workspace is machine (declared).\n`]);
    const now = await asked();
    expect(now).toHaveLength(before);
    const [declared] = now.filter(({ id }) => id === person.id);
    expect(declared).toMatchObject({ class: 'machine', confidence: 'declared' });
    expect(declared!.reasons[0]).toMatch(/\(claimed\) said so on \d{4}-\d\d-\d\d: Shared mailbox of the help desk$/);
    // As it was judged then, nobody had said so.
    expect((await asked('--as-of', '1', '--id', person.id))[0]).toMatchObject({ class: 'human', confidence: 'sure' });
    const trail = JSON.parse((await run('audit', 'log', '--limit', '9', '--format', 'json')).stdout) as {
      action: string;
      subject: string;
      details: object;
    }[];
    const event = trail.find(({ action }) => action === 'identity.classified');
    expect(event).toMatchObject({ action: 'identity.classified', details: { before: null, after: 'machine' } });
    expect(JSON.stringify(event)).not.toContain(person.id);
    expect(JSON.stringify(event)).not.toContain('help desk');
    await run('classify', person.name, 'facts', '--reason', 'It was given to a person');
    expect(await asked()).toEqual(all);
    expect((await run('audit', 'verify')).code).toBe(0);
  });

  test.each([
    [['classify', 'nobody', 'human', '--reason', 'why'], 'There is no identity nobody'],
    [['classify', 'nobody', 'robot', '--reason', 'why'], '"robot" is no class'],
    [['classify', 'nobody', 'human'], 'Why it is so has to be said'],
    [['classify', 'nobody', 'human', '--reason', ' '], 'Why it is so has to be said'],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
