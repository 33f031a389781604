import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import type { FindingsAbout, FindingView } from './finding-view.ts';
import { unreadLines } from './unread.ts';

/** Of the schema at schema.ocsf.io/1.6.0: category Findings, class Detection Finding. */
const VERSION = '1.6.0';
const CATEGORY = 2;
const CLASS = 2004;

/** Findings as events of OCSF, one a line. */
export function* ocsf(findings: Iterable<FindingView>, about: FindingsAbout): Generator<string> {
  const unread = unreadLines(about.unread).map(({ line }) => text(line));
  for (const finding of findings) yield `${jsonText(eventOf(finding, about, unread))}\n`;
}

const ACTIVITY = { 1: 'Create', 2: 'Update', 3: 'Close' } as const;
const SEVERITY: Readonly<Record<string, readonly [number, string]>> = {
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
};
const STATUS: Readonly<Record<FindingView['state'], readonly [number, string]>> = {
  open: [1, 'New'],
  acknowledged: [2, 'In Progress'],
  excepted: [3, 'Suppressed'],
  resolved: [4, 'Resolved'],
};
const CONFIDENCE: Readonly<Record<string, readonly [number, string]>> = {
  exact: [3, 'High'],
  strong: [3, 'High'],
  likely: [2, 'Medium'],
  suspected: [1, 'Low'],
};

function eventOf(finding: FindingView, { version, tenant, scan, rules, names }: FindingsAbout, unread: readonly string[]) {
  const { body } = finding;
  const activity = activityOf(finding, scan.id);
  const [severityId, severity] = SEVERITY[finding.severity] ?? [0, 'Unknown'];
  const [statusId, status] = STATUS[finding.state];
  const [confidenceId, confidence] = CONFIDENCE[body.match.grade] ?? [0, 'Unknown'];
  const firstSeen = Date.parse(finding.firstSeen);
  return {
    activity_id: activity,
    activity_name: ACTIVITY[activity],
    category_uid: CATEGORY,
    category_name: 'Findings',
    class_uid: CLASS,
    class_name: 'Detection Finding',
    type_uid: CLASS * 100 + activity,
    type_name: `Detection Finding: ${ACTIVITY[activity]}`,
    time: Date.parse(scan.startedAt),
    severity_id: severityId,
    severity,
    status_id: statusId,
    status,
    confidence_id: confidenceId,
    confidence,
    risk_score: finding.risk,
    message: text(finding.title),
    metadata: {
      version: VERSION,
      product: { name: 'Noctule', vendor_name: 'Noctule', version },
      tenant_uid: tenant,
      uid: `${finding.key}/${scan.id}`,
      labels: [names === 'nobody' ? 'names no persons' : `names persons: ${names}`],
    },
    finding_info: {
      uid: finding.key,
      title: text(finding.title),
      desc: text([body.why, ...body.details].join(' ')),
      types: [finding.rule],
      analytic: { uid: finding.rule, name: rules[finding.rule]?.title ?? finding.rule, type_id: 1, type: 'Rule' },
      created_time: firstSeen,
      first_seen_time: firstSeen,
      tags: finding.controls.map((name) => ({ name: 'control', value: name })),
    },
    remediation: { desc: text([body.remedy, ...(body.steps === undefined ? [] : [body.steps])].join(' ')) },
    resources: [
      { uid: finding.appId, name: text(finding.name), type: 'integration', namespace: `${finding.connector}/${finding.account}` },
    ],
    unmapped: {
      product: finding.product,
      credential: finding.credentialId,
      can: body.can,
      holders: body.holders,
      state: finding.state,
      unverified_since: finding.unverifiedSince,
      scan_read_everything: unread.length === 0,
      unread,
    },
  };
}

function activityOf({ state, firstScan }: FindingView, scan: number): keyof typeof ACTIVITY {
  if (state === 'resolved') return 3;
  return firstScan === scan ? 1 : 2;
}

function text(from: string): string {
  return terminalText(from, 2_000);
}
