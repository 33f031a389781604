import { expect, test } from 'vitest';
import { noctule } from './run.ts';
import { workspace } from './workspace.ts';

test('lists of a scan that could not read a source say so, and those of one that could do not', async () => {
  const site = await workspace({ people: 3 });
  const notes = async () => {
    const lists = await Promise.all(['findings', 'integrations', 'grants'].map((list) => site.run(list, '--format', 'json')));
    expect(lists.map(({ code }) => code)).toEqual([0, 0, 0]);
    return lists.map(({ stderr }) => stderr.replace(/^Names of persons in it: .*\n/, ''));
  };
  const whole = async () => {
    const [sarif, bom] = await Promise.all([site.run('findings', '--format', 'sarif'), site.run('integrations', '--format', 'cyclonedx')]);
    const { executionSuccessful, toolExecutionNotifications: told } = JSON.parse(sarif.stdout).runs[0].invocations[0];
    const property = JSON.parse(bom.stdout).metadata.properties.find(
      ({ name }: { name: string }) => name === 'noctule:scan-read-everything',
    );
    return [executionSuccessful, told.map(({ message }: { message: { text: string } }) => message.text.slice(0, 27)), property.value];
  };
  const refused = await noctule(['scan', '-c', site.config]);
  expect([refused.code, refused.stdout]).toEqual([4, '']);
  const note = 'Nothing of workspace was read in that scan: `noctule coverage` says why.\n';
  expect(await notes()).toEqual([note, note, note]);
  expect(await whole()).toEqual([false, ['Nothing of workspace was re'], 'false']);
  expect((await site.scan()).code).toBe(0);
  expect(await notes()).toEqual(['', '', '']);
  expect((await whole())[0]).toBe(true);
});
