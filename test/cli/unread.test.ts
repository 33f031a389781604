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
  const refused = await noctule(['scan', '-c', site.config]);
  expect([refused.code, refused.stdout]).toEqual([4, '']);
  const note = 'Nothing of workspace was read in that scan: `noctule coverage` says why.\n';
  expect(await notes()).toEqual([note, note, note]);
  expect((await site.scan()).code).toBe(0);
  expect(await notes()).toEqual(['', '', '']);
});
