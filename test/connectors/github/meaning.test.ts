import { expect, test } from 'vitest';
import table from '../../../connectors/github/permissions.json' with { type: 'json' };
import { meaning } from '../../../connectors/github/meaning.ts';
import { DATA_CLASSES } from '../../../src/connector/index.ts';

test('a permission means the same for an app and for a token', () => {
  for (const permission of ['contents:write', 'repository.contents:write'])
    expect(meaning(permission)).toMatchObject({ dataClass: 'source_code', access: 'write', known: true });
  for (const permission of [
    'organization_administration:read',
    'organization.administration:read',
    'organization.organization_administration:read',
  ])
    expect(meaning(permission)).toMatchObject({ dataClass: 'admin', access: 'read', plain: 'Read settings of the organisation' });
  expect(meaning('repository.administration:write')).toMatchObject({ dataClass: 'admin', plain: expect.stringContaining('repositories') });
  expect(meaning('metadata:read')).toMatchObject({ dataClass: 'other', access: 'read', known: true });
  expect(meaning('workflows:write')).toMatchObject({ dataClass: 'ci', access: 'write' });
  expect(meaning('secrets:read').dataClass).toBe('secrets');
  expect(meaning('organization_projects:admin').access).toBe('admin');
});

test('what is not known is shown as it is and treated as sensitive', () => {
  for (const permission of ['telepathy:read', 'contents:own', 'contents', '', 'toString:read', 'organization.constructor:write'])
    expect(meaning(permission)).toMatchObject({ known: false, access: 'write', plain: expect.stringContaining(permission) });
});

test('every row of the table names a class of data, in order', () => {
  const names = Object.keys(table.permissions);
  expect(names).toEqual([...names].sort());
  for (const row of Object.values(table.permissions)) expect(DATA_CLASSES).toContain(row.split(' ')[0]);
});

test('what a workflow may do by default can be to change contents', () => {
  expect(meaning('repository.default')).toMatchObject({ dataClass: 'source_code', access: 'write', known: true });
});
