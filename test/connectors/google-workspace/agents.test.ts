import { describe, expect, it } from 'vitest';
import { connector } from '../../../connectors/google-workspace/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { google, read } from './one-collector.ts';

describe('agents in Google Cloud', () => {
  it('tells which grants agents hold elsewhere, of whom, and that the secret of their client is not asked for', async () => {
    const server = await google();
    const masks: (string | null)[] = [];
    server.watch(({ url }) => void (url.pathname.endsWith('/authProviders') && masks.push(url.searchParams.get('fields'))));
    const { observations } = await read(server, 'agent_grants');
    const [notes, ...rest] = observations;
    expect(notes).toMatchObject({
      kind: 'vendor_integration',
      permissions: ['read_content'],
      signals: [{ type: 'domain', value: 'api.notes.example' }],
      attributes: { worksFor: 'people who let it in', agents: [expect.stringMatching(/^principal:.*invoices$/) as string] },
    });
    const people = createCompany({ people: 12, today: new Date() });
    expect(
      rest.map(({ kind, subject, use, attributes }) => [
        kind,
        subject.name,
        use,
        (attributes['inTheNameOf'] as { user: string } | undefined)?.user,
        attributes['worksFor'] ?? attributes['state'],
      ]),
    ).toEqual([
      ['oauth_grant', 'notes-of-people', undefined, people.person(1).email, 'ACTIVE'],
      ['oauth_grant', 'notes-of-people', undefined, people.person(2).email, 'SUSPENDED'],
      ['oauth_grant', 'notes-of-people', undefined, people.person(3).email, 'ACTIVE'],
      ['vendor_integration', 'warehouse', undefined, undefined, 'itself'],
    ]);
    // Without limits to scopes, an agent may ask for any.
    expect(rest.at(-1)!.attributes['scopes']).toBe('any');
    expect(masks).toHaveLength(1);
    expect(masks[0]).not.toMatch(/secret|apiKey|clientId/i);
  });

  it('names the agent behind a grant where one alone has used the provider, and a further one changes no grant', async () => {
    const workloads = async (more: readonly string[]) => {
      const server = await google();
      server.plant('agentidentity.projects.locations.authProviders.queryWorkloads', (_request, _nth, usual) => {
        const answer = usual();
        const { workloadIds } = answer.body as { workloadIds: string[] };
        return { ...answer, body: { workloadIds: [...workloadIds, ...more] } };
      });
      const { observations } = await read(server, 'agent_grants');
      const ofNotes = observations.filter(({ subject }) => subject.name === 'notes-of-people');
      return {
        provider: ofNotes[0]!,
        grants: ofNotes.slice(1),
        others: observations.filter(({ subject }) => subject.name === 'warehouse'),
      };
    };
    const alone = await workloads([]);
    const [agent] = alone.provider.attributes['agents'] as [string];
    expect(agent).toMatch(/^principal:\/\/.*\/invoices$/);
    expect(alone.grants.map(({ principal }) => principal)).toEqual(
      alone.grants.map(() => ({ id: agent, name: agent, traits: ['agent_runtime', 'workload'] })),
    );
    expect(alone.grants).toHaveLength(3);
    expect(alone.provider.principal?.id).toBe(agent);
    // Two agents use it.
    expect(alone.others.map(({ principal }) => principal)).toEqual([undefined]);
    const [two, three] = [await workloads(['principal://second']), await workloads(['principal://second', 'principal://third'])];
    expect(two.grants.map(({ principal }) => principal)).toEqual([undefined, undefined, undefined]);
    expect(three.provider.attributes['agents']).toEqual([agent, 'principal://second', 'principal://third']);
    expect(three.grants).toEqual(two.grants);
  });

  it('takes the grants of a deleted provider alone for over', async () => {
    const server = await google();
    server.plant('agentidentity.projects.locations.authProviders.list', (_request, _nth, usual) => {
      const answer = usual();
      const { authProviders } = answer.body as { authProviders: object[] };
      return { ...answer, body: { authProviders: authProviders.map((one, at) => ({ ...one, deleted: at === 0 })) } };
    });
    server.plant('agentidentity.projects.locations.authProviders.authorizations.list', (_request, _nth, usual) => {
      const answer = usual();
      const { authorizations = [] } = answer.body as { authorizations?: object[] };
      return { ...answer, body: { authorizations: authorizations.map((one) => ({ ...one, state: 'NOT_REVOKED' })) } };
    });
    const { observations } = await read(server, 'agent_grants');
    expect(observations.map(({ subject, use }) => [subject.name, use])).toEqual([
      ['notes-of-people', 'inactive'],
      ['notes-of-people', 'inactive'],
      ['notes-of-people', 'inactive'],
      ['notes-of-people', 'inactive'],
      ['warehouse', undefined],
    ]);
    server.plant('agentidentity.projects.locations.authProviders.list', (_request, _nth, usual) => usual());
    const after = await read(server, 'agent_grants');
    expect(after.observations.map(({ use, attributes }) => [use, attributes['state']])).toEqual([
      [undefined, 'ENABLED'],
      [undefined, 'NOT_REVOKED'],
      [undefined, 'NOT_REVOKED'],
      [undefined, 'NOT_REVOKED'],
      [undefined, 'ENABLED'],
    ]);
  });

  it.each([
    ['agent_registry', 'agentregistry.locations.list', 'Which agents are registered is unknown'],
    ['agent_tools', 'agentregistry.mcpServers.list', 'Which tools agents have is unknown'],
    ['agent_tools', 'agentregistry.bindings.list', 'Which tools agents have is unknown'],
    ['agent_grants', 'agentidentity.authProviders.queryWorkloads', 'Which grants agents hold is unknown'],
    ['agent_grants', 'agentidentity.authorizations.list', 'Which grants agents hold is unknown'],
  ])('says of %s that %s is missing, and names no other', async (collector, permission, effect) => {
    const server = await google();
    server.revoke(permission);
    const { gaps } = await read(server, collector);
    expect(new Set(gaps.map((gap) => `${gap.reason} ${gap.permission} ${gap.effect}`))).toEqual(
      new Set([`permission_denied ${permission} ${effect}`]),
    );
    const others = connector.collectors.find(({ id }) => id === collector)!.permissions.map(({ id }) => id);
    expect(others).toContain(permission);
  });

  it('tells which tools agents have, which of them may destroy something, and who may call what', async () => {
    const { observations } = await read(await google(), 'agent_tools');
    expect(
      observations.map(({ kind, subject, signals }) => [kind, subject.name, signals.map(({ type, value }) => `${type} ${value}`)]),
    ).toEqual([
      ['vendor_integration', 'Ledger', ['mcp_server ledger.tools.example', 'domain ledger.tools.example', 'app_name Ledger']],
      ['control', 'invoices-ledger', []],
      ['control', 'support-invoices', []],
      ['vendor_integration', 'Nothing yet', ['app_name Nothing yet']],
    ]);
    const [ledger, bound, plain] = observations;
    // A tool that says nothing of itself may do anything.
    expect(ledger!.attributes).toMatchObject({
      tools: ['add_entry', 'close_year', 'export', 'read_balance'],
      mayDestroy: ['close_year', 'export'],
      toolCount: 4,
    });
    expect([bound!.permissions, bound!.attributes['caller'], bound!.attributes['called']]).toEqual([
      ['read_content'],
      'urn:agent:lanternworks:invoices',
      'urn:mcp:lanternworks:ledger',
    ]);
    const [provider] = (await read(await google(), 'agent_grants')).observations;
    expect([bound!.attributes['tokensFrom'], plain!.attributes['tokensFrom']]).toEqual([
      expect.stringMatching(new RegExp(`/${provider!.subject.name}$`)),
      null,
    ]);
  });
});
