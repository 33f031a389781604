import { expect, test } from 'vitest';
import { fake } from '../../../connectors/github/fake/index.ts';
import { connector } from '../../../connectors/github/index.ts';
import type { Connector } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { runConnector } from '../../../src/testing/runner.ts';

test('AI among the authors is told by address and bot, never by name, and says whether it was approved', async () => {
  const github = await fake.start(createCompany({ people: 12 }));
  try {
    const { collectors } = await runConnector(connector as unknown as Connector, github, { only: ['code_authors'], largestPage: 100 });
    const said = collectors[0]!.events.flatMap((event) => {
      if (event.type !== 'observation') return [];
      const { repository: _id, repositoryName: _name, ...attributes } = event.attributes;
      return [{ name: event.subject.name, signals: event.signals, holder: event.principal?.traits, ...attributes }];
    });
    expect(said).toEqual([
      {
        name: 'noreply@anthropic.com',
        signals: [{ type: 'commit_email', value: 'noreply@anthropic.com' }],
        holder: undefined,
        commits: 2,
        pullRequests: 0,
        merged: 0,
        mergedUnapproved: 0,
        mergedUnseen: 0,
      },
      {
        name: 'devin-ai-integration[bot]',
        signals: [
          { type: 'bot_login', value: 'devin-ai-integration[bot]' },
          { type: 'bot_user_id', value: '158243242' },
        ],
        holder: ['bot_account'],
        gate: 'absent',
        commits: 0,
        pullRequests: 3,
        merged: 2,
        mergedUnapproved: 1,
        mergedUnseen: 0,
      },
    ]);
  } finally {
    await github.close();
  }
});

test('who approved decides: a person, nobody but programs, or nobody can tell', async () => {
  const github = await fake.start(createCompany({ people: 12 }));
  const by = (state: string, __typename?: string) => ({ state, author: __typename === undefined ? null : { __typename } });
  const reviews = (totalCount: number, ...nodes: object[]) => ({ totalCount, nodes });
  const gates: unknown[] = [];
  try {
    for (const [latestOpinionatedReviews, ...others] of [
      [reviews(2, by('APPROVED', 'Bot'), by('APPROVED', 'User'))],
      [reviews(1, by('APPROVED', 'Bot'))],
      [reviews(1, by('CHANGES_REQUESTED', 'User'))],
      [reviews(1, by('APPROVED'))],
      [reviews(6, by('APPROVED', 'Bot'))],
      [null],
      [null, reviews(0)],
    ]) {
      const author = { __typename: 'Bot', login: 'devin-ai-integration', databaseId: 158_243_242 };
      const at = '2026-11-01T08:00:00Z';
      const pull = (said: unknown) => ({ createdAt: at, mergedAt: at, latestOpinionatedReviews: said, author });
      github.plant('POST /graphql', (_request, _nth, usual) => {
        const answer = structuredClone(usual());
        const { data } = answer.body as { data: { organization: { repositories: { nodes: Record<string, unknown>[] } } } };
        for (const [index, node] of data.organization.repositories.nodes.entries())
          node['pullRequests'] = { nodes: index === 0 ? [latestOpinionatedReviews, ...others].map(pull) : [] };
        return answer;
      });
      const { collectors } = await runConnector(connector as unknown as Connector, github, { only: ['code_authors'], largestPage: 100 });
      const told = collectors[0]!.events.flatMap((event) =>
        event.type === 'observation' && event.principal ? [event.attributes['gate']] : [],
      );
      gates.push(...told);
    }
  } finally {
    await github.close();
  }
  expect(gates).toEqual(['present', 'absent', 'absent', 'unseen', 'unseen', 'unseen', 'absent']);
});

test.each([
  ['158243242+devin-ai-integration[bot]@users.noreply.github.com', true],
  ['158243242+renamed-since[bot]@users.noreply.github.com', true],
  // A person may have any number, and any host any name.
  ['158243242+somebody@users.noreply.github.com', false],
  ['158243242+devin-ai-integration[bot]@users.noreply.github.com.example', false],
])('a commit from %s is known by the user id of a bot: %s', async (email, isKnown) => {
  const github = await fake.start(createCompany({ people: 12 }));
  try {
    github.plant('POST /graphql', (_request, _nth, usual) => {
      const answer = usual();
      const { nodes } = (answer.body as { data: { organization: { repositories: { nodes: Authored[] } } } }).data.organization.repositories;
      for (const { defaultBranchRef } of nodes)
        defaultBranchRef.target.history.nodes = [{ committedDate: '2026-11-20T02:00:00Z', message: 'Add tests', author: { email } }];
      return answer;
    });
    const { collectors } = await runConnector(connector as unknown as Connector, github, {
      only: ['code_authors'],
      largestPage: 100,
      interest: (signals) => (signals.some(({ type, value }) => type === 'bot_user_id' && value === '158243242') ? 'ai' : 'none'),
    });
    const names = collectors[0]!.events.flatMap((event) => (event.type === 'observation' ? [event.subject.name] : []));
    expect(names.includes(email)).toBe(isKnown);
  } finally {
    await github.close();
  }
});

interface Authored {
  defaultBranchRef: { target: { history: { nodes: object[] } } };
}
