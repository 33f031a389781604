import { expect, test } from 'vitest';
import { openWorld } from '../worlds/world.ts';

const COLLECTORS = ['app_installations'];

test('`show` of a finding and of its app tells whose word it is, with what that entry says of itself and no more', async () => {
  const world = await openWorld('github');
  const { findings } = await world.scan({ collectors: COLLECTORS });
  const [first, second] = findings.filter(({ rule }) => rule === 'unapproved-ai-tool');
  const approval = {
    apps: [first!.appId],
    owner: 'design \u001b[31m',
    controlOwner: 'security',
    businessProcess: 'support',
    approver: 'ciso',
    reason: 'r',
    evidence: ['DOC-1', 'DOC-2'],
    ticket: 'T-1',
    expires: '2020-01-31',
  };
  const denial = { apps: [second!.appId], reason: 'Trains on what it sees', redirect: 'Cortex' };
  const policy = { formatVersion: 1, approvals: [{ ...approval, apps: ['another'] }, approval], denials: [denial] };
  const night = await world.scan({ night: 1, collectors: COLLECTORS, policy });
  const keyOf = (rule: string) => night.findings.find((finding) => finding.rule === rule)!.key;
  const told = async (...args: string[]) => {
    const { code, stdout } = await world.cli(['show', ...args]);
    expect(code).toBe(0);
    return stdout;
  };
  const ended = [
    'Policy      approvals[1], which has ended',
    '            owner: design',
    '            control owner: security',
    '            business process: support',
    '            evidence: DOC-1, DOC-2',
    '            ticket: T-1',
    '            until 2020-01-31',
  ];
  const plain = (text: string) => text.split('\n').map((line) => line.trimEnd().replace(/design.*$/, 'design'));
  expect(plain(await told(keyOf('approval-expired')))).toEqual(expect.arrayContaining(ended));
  const denied = await told(keyOf('denied-ai-tool'));
  expect(denied).toContain('  - Use instead: Cortex\n');
  expect(denied).toContain('Policy      denials[0]\n            reason: Trains on what it sees\n            use instead: Cortex\n');
  const { decidedBy } = JSON.parse(await told(keyOf('denied-ai-tool'), '--format', 'json')) as { decidedBy: unknown };
  expect(decidedBy).toMatchObject([{ list: 'denials', index: 0, entry: denial }]);
  const apps = (await world.cli(['integrations', '--format', 'json'])).stdout;
  const app = (JSON.parse(apps) as { id: string; appId: string }[]).find(({ appId }) => appId === first!.appId)!;
  const shown = await told(app.id);
  expect(plain(shown)).toEqual(expect.arrayContaining(ended));
  expect(shown).not.toContain('\u001b');
});
