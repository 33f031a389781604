import { expect, test } from 'vitest';
import { parsePolicyText } from '../../../src/config/policy-file.ts';
import { before, parameter, person, plantLogs } from '../../worlds/google-workspace/plants.ts';
import { openWorld } from '../../worlds/world.ts';

const READERS = ['users', 'grants', 'imports'];
const SIGNED = ['--owner', 'it@acme.example', '--approver', 'ciso@acme.example'];

test('the list of configured apps that the admin console lets download is a seed of the policy', async () => {
  const world = await openWorld('google-workspace');
  const undecided = (await world.scan({ collectors: READERS })).findings.filter(({ rule }) => rule === 'unapproved-ai-tool');
  const [trusted, blocked] = [...new Set(undecided.map(({ appId }) => appId))];
  Object.assign(world.provider.environment, {
    GOOGLE_CONSOLE_APPS: `Type,Id,Access,Org Unit\r\nWeb,${trusted},Trusted,/\r\nWeb,${blocked},Blocked,/\r\n`,
  });
  await world.scan({ collectors: READERS });
  const { code, stdout, stderr } = await world.cli(['policy', 'seed', ...SIGNED, '--configured']);
  expect(code).toBe(0);
  const { approvals } = parsePolicyText(stdout, 'The seed');
  expect(approvals).toMatchObject([
    { apps: [trusted], stage: 'probation', evidence: [expect.stringMatching(/^Administrators: trusted for \/, as of \d{4}-\d\d-\d\d$/)] },
  ]);
  expect(stderr).toContain('apps are left out: no administrator let them in');
  // Without the option, everything about which nothing was decided is on trial.
  const all = parsePolicyText((await world.cli(['policy', 'seed', ...SIGNED])).stdout, 'The seed');
  expect(all.approvals.length).toBeGreaterThan(1);
});

test('what the log tells as trusted is a seed of the policy, with the administrator who trusted it', async () => {
  const world = await openWorld('google-workspace');
  const collectors = ['users', 'grants'];
  const undecided = (await world.scan({ collectors })).findings.find(({ rule }) => rule === 'unapproved-ai-tool')!;
  const parameters = [
    parameter('OAUTH2_APP_ID', undecided.appId),
    parameter('OAUTH2_APP_NAME', 'Some app'),
    parameter('ORG_UNIT_NAME', '/'),
  ];
  plantLogs(world, { admin: [{ name: 'ADD_TO_TRUSTED_OAUTH2_APPS', at: before(3), parameters }] });
  await world.scan({ collectors: [...collectors, 'app_control'] });
  const { stdout } = await world.cli(['policy', 'seed', ...SIGNED, '--configured']);
  expect(parsePolicyText(stdout, 'The seed').approvals).toMatchObject([
    {
      apps: [undecided.appId],
      evidence: [`Administrators: trusted for /, as of ${before(3).toISOString().slice(0, 10)}, by ${person(0).mail}`],
    },
  ]);
});
