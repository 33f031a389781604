import { expect, test } from 'vitest';
import type { Json } from '../../src/connector/index.ts';
import { compromisedHits } from '../../src/policy/compromised.ts';
import { controlHits } from '../../src/policy/control-rules.ts';
import type { Integration } from '../../src/policy/integration.ts';
import { policy } from './apps.ts';
import { app, reach, thing, verdict } from './invented.ts';

type Control = NonNullable<Integration['controls']>[number];
const control = (thingId: string, attributes: Readonly<Record<string, Json>>): Control => ({ thing: thingId, name: 'Reviews', attributes });
const WRITES = [reach('source_code', 'write')];
const told = (more: Partial<Integration>) => {
  const one = app(more);
  return controlHits(one, one.things).map(({ rule, severity, details }) => [rule, severity, ...details]);
};

test('an AI tool that may change code has nobody to approve it where it may go around a rule that others keep', () => {
  const around = control('control/ruleset/1', { bypass: ['Integration:app-1:always'], gate: 'absent', enforcement: 'active' });
  expect(told({ reach: WRITES, controls: [around] })).toEqual([['no-approval-gate', 'high', 'My Brain need not keep “Reviews”']]);
  expect(told({ reach: WRITES, controls: [around], appId: 'app-1@code.lanternworks.example' })).toHaveLength(1);
});

test('there is none to speak of where a person stands between, where nobody can see, or where it only reads', () => {
  const bypass = (...entries: string[]) => control('control/ruleset/1', { bypass: entries, gate: 'absent', enforcement: 'active' });
  expect([
    told({ reach: WRITES, controls: [bypass('Integration:app-2:always', 'Integration:*:always')] }),
    told({ reach: WRITES, controls: [control('control/ruleset/1', { gate: 'unseen', enforcement: 'active' })] }),
    told({ reach: WRITES, controls: [control('control/ruleset/1', { bypass: ['Integration:app-1:always'], on: false })] }),
    told({ reach: WRITES, controls: [control('control/workflow_approval', { gate: 'absent' })] }),
    told({ reach: WRITES, controls: [control('control/environment/1/2', { gate: 'absent', repository: '1' })] }),
    told({ reach: [reach('source_code', 'read')], controls: [bypass('Integration:app-1:always')] }),
    told({ reach: WRITES, controls: [bypass('Integration:app-1:always')], match: verdict('suspected') }),
    told({ reach: WRITES, controls: [bypass('Integration:app-1:always')], things: [thing(1, { use: 'inactive' })] }),
    told({ reach: WRITES }),
  ]).toEqual(Array.from({ length: 9 }, () => []));
});

test('an app is one of several that may go around a rule, workflows are code, and ten rules are named', () => {
  const bypass = (...entries: Json[]) => control('control/ruleset/1', { bypass: entries });
  const around = bypass(null, 'Integration:app-2:always', 'Integration:app-1:always');
  expect(told({ reach: WRITES, controls: [around] })).toHaveLength(1);
  expect(told({ reach: [reach('ci', 'write')], controls: [around] })).toHaveLength(1);
  expect(told({ reach: WRITES, controls: Array.from({ length: 11 }, () => around) })[0]).toHaveLength(12);
});

test('what an AI tool proposed counts without a person, where its pull requests were merged unapproved', () => {
  const merged = (gate: string, more: Parameters<typeof thing>[1] = {}) =>
    thing(1, { kind: 'code_evidence', attributes: { gate, repositoryName: 'lw/web' }, ...more });
  const said = 'What My Brain proposed was merged in lw/web without the approval of a person';
  const around = control('control/ruleset/1', { bypass: ['Integration:app-1:always'] });
  expect(told({ things: [merged('absent')] })).toEqual([['no-approval-gate', 'high', said]]);
  expect(told({ things: [merged('absent', { attributes: { gate: 'absent' } })] })[0]).toContain(said.replace('lw/web', 'a repository'));
  // Of one app there is one finding, and nobody has to ask which.
  expect(told({ things: [merged('absent')], reach: WRITES, controls: [around] })).toEqual([
    ['no-approval-gate', 'high', 'My Brain need not keep “Reviews”', said],
  ]);
  expect([
    told({ things: [merged('present')] }),
    told({ things: [merged('unseen')] }),
    told({ things: [merged('absent', { kind: 'agent' })] }),
    told({ things: [merged('absent')], match: verdict('suspected') }),
  ]).toEqual([[], [], [], []]);
});

const LISTED = { reason: 'Its tokens were stolen', source: 'CASE-7' };
test('what is known to be compromised is critical by the id of the app, of a client or of a credential, whatever was approved', () => {
  const found = (id: string, more: Partial<Integration> = {}) =>
    compromisedHits(app(more), policy({ compromised: [{ id, ...LISTED, since: '2026-10-01' }] })).map(({ severity, details }) => [
      severity,
      ...details,
    ]);
  expect(found('APP-1')).toEqual([['critical', 'APP-1 of My Brain: Its tokens were stolen, since 2026-10-01 (CASE-7)']]);
  expect(found('app-1')).toEqual([['critical', 'app-1: Its tokens were stolen, since 2026-10-01 (CASE-7)']]);
  // Letters that are alike in capitals only are not the same id.
  expect(found('groß', { clients: ['GROSS'] })).toEqual([]);
  const two = app({ things: [thing(1, { credential: 'AKIA1' }), thing(2, { credential: 'AKIA2' }), thing(3, { credential: 'AKIA3' })] });
  const listed = policy({ compromised: ['akia2', 'AKIA1', 'akia1'].map((id) => ({ id, ...LISTED })) });
  expect(compromisedHits(two, listed).map(({ details, things }) => [details, things.map(({ id }) => id)])).toEqual([
    [['AKIA1', 'akia1', 'akia2'].map((id) => `${id} of My Brain: Its tokens were stolen (CASE-7)`), ['grant/2', 'grant/1']],
  ]);
  expect(found('client-9', { clients: ['client-9'] })).toHaveLength(1);
  expect(found('AKIA1', { things: [thing(1, { credential: 'AKIA1' }), thing(2)] })).toHaveLength(1);
  expect([
    found('My Brain'),
    found('app-2'),
    found('app-1', { state: 'gone' }),
    found('AKIA1', { things: [thing(1, { credential: 'AKIA1', state: 'gone' })] }),
  ]).toEqual([[], [], [], []]);
});
