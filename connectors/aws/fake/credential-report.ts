import { AwsError } from './aws-error.ts';
import type { AccessKey, Root, User, World } from './model.ts';
import { type Fields, timestamp } from './xml.ts';

/** The one report that IAM keeps of an account. It is four hours old at most, so every night needs its own. */
export interface ReportDesk {
  generate(world: World): Fields;
  read(world: World): Fields;
}

/** Whoever polls first, with either operation, finds the report unfinished; the next one finds it ready. */
export function createReportDesk(): ReportDesk {
  let report: { of: World; ready: boolean } | undefined;
  return {
    generate(world) {
      if (report?.of !== world) {
        report = { of: world, ready: false };
        return { State: 'STARTED', Description: 'No report exists. Starting a new report generation task' };
      }
      if (report.ready) return { State: 'COMPLETE' };
      report.ready = true;
      return { State: 'INPROGRESS' };
    },
    read(world) {
      // AWS gives the same poor message for all three; only the code tells them apart.
      if (!report) throw new AwsError(410, 'ReportNotPresent', 'Unknown');
      if (report.of !== world) throw new AwsError(410, 'ReportExpired', 'Unknown');
      if (!report.ready) {
        report.ready = true;
        throw new AwsError(404, 'ReportInProgress', 'Unknown');
      }
      return { Content: Buffer.from(csvOf(world)).toString('base64'), ReportFormat: 'text/csv', GeneratedTime: world.now };
    },
  };
}

const COLUMNS = [
  'user',
  'arn',
  'user_creation_time',
  'password_enabled',
  'password_last_used',
  'password_last_changed',
  'password_next_rotation',
  'mfa_active',
  'access_key_1_active',
  'access_key_1_last_rotated',
  'access_key_1_last_used_date',
  'access_key_1_last_used_region',
  'access_key_1_last_used_service',
  'access_key_2_active',
  'access_key_2_last_rotated',
  'access_key_2_last_used_date',
  'access_key_2_last_used_region',
  'access_key_2_last_used_service',
  'cert_1_active',
  'cert_1_last_rotated',
  'cert_2_active',
  'cert_2_last_rotated',
];
const NO_CERTIFICATES = ['false', 'N/A', 'false', 'N/A'];

/** Root first, users by name, no line break at the end. */
function csvOf(world: World): string {
  return [COLUMNS, rootRow(world.account, world.root), ...world.users.map(userRow)].map((row) => row.join(',')).join('\n');
}

function rootRow(account: string, root: Root): string[] {
  return [
    '<root_account>',
    `arn:aws:iam::${account}:root`,
    date(root.created),
    'not_supported',
    root.passwordUsed ? date(root.passwordUsed) : 'no_information',
    'not_supported',
    'not_supported',
    String(root.mfa),
    ...keyColumns(root.keys[0]),
    ...keyColumns(root.keys[1]),
    ...NO_CERTIFICATES,
  ];
}

function userRow(user: User): string[] {
  const password = user.password
    ? ['true', user.password.lastUsed ? date(user.password.lastUsed) : 'no_information', date(user.password.changed)]
    : ['false', 'N/A', 'N/A'];
  return [
    user.name,
    user.arn,
    date(user.created),
    ...password,
    'N/A',
    String(user.mfa),
    ...keyColumns(user.keys[0]),
    ...keyColumns(user.keys[1]),
    ...NO_CERTIFICATES,
  ];
}

function keyColumns(key: AccessKey | undefined): string[] {
  if (!key) return ['false', 'N/A', 'N/A', 'N/A', 'N/A'];
  const use = key.lastUsed ? [date(key.lastUsed.at), key.lastUsed.region ?? 'N/A', key.lastUsed.service] : ['N/A', 'N/A', 'N/A'];
  return [String(key.active), date(key.rotated), ...use];
}

/** The report's own spelling of UTC. */
function date(at: Date): string {
  return timestamp(at).replace('Z', '+00:00');
}
