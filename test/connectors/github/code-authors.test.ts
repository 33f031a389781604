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
      },
    ]);
  } finally {
    await github.close();
  }
});
