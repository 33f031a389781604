import { expect, test } from 'vitest';
import { fake } from '../../../connectors/github/fake/index.ts';
import { connector } from '../../../connectors/github/index.ts';
import type { Connector } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { runConnector } from '../../../src/testing/runner.ts';

/** What is stated of each ruleset and branch protection: its gate, whether it demands anything, and who may go around. */
async function gatesOf(collector: string, change: (body: Record<string, never>) => void = () => {}): Promise<unknown[][]> {
  const github = await fake.start(createCompany({ people: 12 }));
  try {
    for (const operation of ['GET /orgs/{org}/rulesets/{ruleset_id}', 'POST /graphql'])
      github.plant(operation, (_request, _nth, usual) => {
        const answer = structuredClone(usual());
        change(answer.body as Record<string, never>);
        return answer;
      });
    const { collectors } = await runConnector(connector as unknown as Connector, github, { only: [collector], largestPage: 100 });
    return collectors[0]!.events.flatMap((event) =>
      event.type === 'observation'
        ? [[event.subject.name, event.attributes['gate'], event.attributes['on'] ?? null, event.attributes['bypass'] ?? null]]
        : [],
    );
  } finally {
    await github.close();
  }
}

test('a ruleset around which a team or a user may go is no gate that anybody can see, and one that is tried gates nothing', async () => {
  expect(await gatesOf('rulesets')).toEqual([
    ['main needs a review', 'present', true, []],
    ['agents may merge', 'absent', true, ['Integration:1236702:always']],
    ['to be tried', 'absent', false, []],
  ]);
  const by = (type: string) => (body: Record<string, never>) =>
    Object.assign(body, { bypass_actors: [{ actor_id: 7, actor_type: type, bypass_mode: 'always' }] });
  const first = async (type: string) => (await gatesOf('rulesets', by(type)))[0];
  expect([await first('Team'), await first('OrganizationAdmin')]).toEqual([
    ['main needs a review', 'unseen', true, []],
    ['main needs a review', 'present', true, []],
  ]);
});

test('a repository says of its branches what they demand, also where that is nothing', async () => {
  expect((await gatesOf('repository_rules')).slice(0, 3)).toEqual([
    ['release needs two', 'present', true, []],
    ['main', 'absent', true, ['Integration:1236702:always']],
    ['No rules of its own', 'absent', null, null],
  ]);
  interface Rules {
    rulesets: { nodes: { bypassActors: unknown }[] };
    branchProtectionRules: { nodes: { bypassPullRequestAllowances: unknown }[] };
  }
  const people = { totalCount: 1, nodes: [{ deployKey: false, bypassMode: 'ALWAYS', actor: { __typename: 'User', databaseId: 7 } }] };
  const changed = await gatesOf('repository_rules', (body) => {
    const { data } = body as unknown as { data: { organization: { repositories: { nodes: Rules[] } } } };
    for (const { rulesets, branchProtectionRules } of data.organization.repositories.nodes) {
      for (const rule of rulesets.nodes) rule.bypassActors = people;
      for (const rule of branchProtectionRules.nodes) rule.bypassPullRequestAllowances = people;
    }
  });
  expect(changed.slice(0, 2)).toEqual([
    ['release needs two', 'unseen', true, []],
    ['main', 'unseen', true, []],
  ]);
});

test('what is not read of single repositories without the profile "deep" is said, and no more where it is read', async () => {
  const { collect } = (connector as unknown as Connector).collectors.find(({ id }) => id === 'unread')!;
  const gapsOf = async (config: object, on: readonly string[]) => {
    const context = { account: { id: '1', name: 'lw', scope: 'organization/1' }, config, isOn: (id: string) => on.includes(id) };
    const gaps: string[] = [];
    for await (const event of collect(context as never)) if (event.type === 'gap') gaps.push(event.scope.split('/').at(-1)!);
    return gaps;
  };
  const deep = ['repository_settings', 'repository_rules', 'repository_packages'];
  const organization = { organization: 'lw', baseUrl: 'https://api.github.com' };
  expect((await gapsOf(organization, [])).slice(-3)).toEqual(deep);
  expect(await gapsOf({ ...organization, baseUrl: 'https://github.lw.example/api/v3' }, [])).toEqual(['code_search', ...deep]);
  expect((await gapsOf(organization, deep)).filter((place) => deep.includes(place))).toEqual([]);
});
