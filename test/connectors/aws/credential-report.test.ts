import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reportRows, type ReportRow } from '../../../connectors/aws/credential-report.ts';

const COLUMNS = [
  'user',
  'arn',
  'user_creation_time',
  'password_enabled',
  'mfa_active',
  ...[1, 2].flatMap((slot) =>
    ['active', 'last_rotated', 'last_used_date', 'last_used_region', 'last_used_service'].map((field) => `access_key_${slot}_${field}`),
  ),
  'a_column_of_tomorrow',
];

const row = (cells: Readonly<Record<string, string>>) =>
  COLUMNS.map((column) => cells[column] ?? (column.endsWith('active') || column.endsWith('enabled') ? 'false' : 'N/A')).join(',');
/** The rows that are understood, and how many are not. */
function parseReport(text: string): { rows: ReportRow[]; malformed: number } {
  const all = [...reportRows(text)];
  const rows = all.filter((one) => one !== undefined);
  return { rows, malformed: all.length - rows.length };
}
const report = (...rows: readonly string[]) => [COLUMNS.join(','), ...rows].join('\n');
const only = (cells: Readonly<Record<string, string>>): ReportRow => {
  const { rows, malformed } = parseReport(report(row({ user: 'ada', arn: 'arn:aws:iam::111122223333:user/ada', ...cells })));
  expect({ rows: rows.length, malformed }).toEqual({ rows: 1, malformed: 0 });
  return rows[0]!;
};

describe('a credential report', () => {
  test.each([
    ['2026-10-01T08:00:00Z', '2026-10-01T08:00:00.000Z'],
    ['2026-10-01T08:00:00+00:00', '2026-10-01T08:00:00.000Z'],
    ['N/A', 'N/A'],
    ['no_information', 'no_information'],
    ['not_supported', 'not_supported'],
  ])('keeps the date %s as %s', (written, read) =>
    expect(only({ access_key_1_last_used_date: written }).access_key_1_last_used_date).toBe(read),
  );

  test('keeps what the root user has no answer to apart from yes and no', () => {
    const root = only({ user: '<root_account>', password_enabled: 'not_supported', mfa_active: 'true' });
    expect([root.password_enabled, root.mfa_active]).toEqual(['not_supported', true]);
  });

  test('sets rows aside that it does not understand, and counts them', () => {
    const fine = row({ user: 'ada', arn: 'arn:aws:iam::111122223333:user/ada' });
    const { rows, malformed } = parseReport(
      report(fine, 'half,a,row', row({ user: 'bo', arn: 'b', access_key_1_last_rotated: 'yesterday' }), `x,${fine}`),
    );
    expect({ users: rows.map(({ user }) => user), malformed }).toEqual({ users: ['ada'], malformed: 3 });
  });

  test('reads a quoted name with a comma', () => {
    const text = report(row({ user: '"ada,""2"""', arn: '"arn:aws:iam::111122223333:user/ada,""2"""' }));
    expect(parseReport(text).rows.map(({ user }) => user)).toEqual(['ada,"2"']);
  });

  test.each([
    ['ada,bo', '/'],
    ['a,b,,c,', '/'],
    [',', '/'],
    ['true,false,N/A', '/'],
    ['ada', '/people,all/'],
    ['ada,bo', '/x,arn:aws:iam::999999999999:user/y,z/'],
    ['=1+2,@sum', '/a/b/'],
  ])('tells the name %s below the path %s, quoted or not', (user, path) => {
    const arn = `arn:aws:iam::111122223333:user${path}${user}`;
    const quoted = (text: string) => `"${text}"`;
    const used = { access_key_1_active: 'true', access_key_2_last_used_service: 's3' };
    for (const cells of [
      { user, arn },
      { user: quoted(user), arn },
      { user, arn: quoted(arn) },
      { user: quoted(user), arn: quoted(arn) },
    ])
      expect(only({ ...cells, ...used })).toMatchObject({
        user,
        arn,
        password_enabled: false,
        access_key_1_active: true,
        access_key_2_active: false,
        access_key_2_last_used_service: 's3',
      });
  });

  test('never reads one column for another, whatever a user and its path are called', () => {
    const name = fc.stringMatching(/^[\w+=,.@-]{1,64}$/);
    // A quotation mark in a path would look like a quoted cell; the ARN then names nobody, and nothing is said of anybody.
    const segment = fc.stringMatching(/^[!#-.0-~]{1,20}$/);
    fc.assert(
      fc.property(name, fc.array(segment, { maxLength: 3 }), (user, segments) => {
        const arn = `arn:aws:iam::111122223333:user/${segments.map((part) => `${part}/`).join('')}${user}`;
        const { rows, malformed } = parseReport(report(row({ user, arn, access_key_2_active: 'true' })));
        expect({ rows, malformed }).toMatchObject({
          rows: [{ user, arn, access_key_1_active: false, access_key_2_active: true }],
          malformed: 0,
        });
      }),
    );
  });

  test('sets a row aside whose extra commas are not in its name: the ARN tells', () => {
    const arn = 'arn:aws:iam::111122223333:user/ada';
    const rows = [
      row({ user: 'ada,bo', arn }),
      row({ user: 'ada', arn: `${arn},bo` }),
      row({ user: 'ada', arn, access_key_1_active: 'true,false' }),
    ];
    expect(parseReport(report(...rows))).toEqual({ rows: [], malformed: 3 });
  });

  test('without a header is a fault, not an empty account', () => {
    expect(() => parseReport('')).toThrow('no header');
    expect(() => parseReport('<html>')).toThrow('no header');
  });
});
