import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import type { FindingsAbout, FindingView } from './finding-view.ts';
import { unreadLines } from './unread.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** Longest text of a message, in characters. */
const LONGEST = 2_000;

/**
 * Findings as SARIF 2.1.0 (OASIS), result by result. What a finding is about is no file, so each stands at a logical location; a viewer that
 * wants lines of code has none to show.
 */
export function* sarif(findings: Iterable<FindingView>, about: FindingsAbout): Generator<string> {
  const ids = Object.keys(about.rules);
  const head = {
    tool: {
      driver: {
        name: 'Noctule',
        semanticVersion: about.version,
        rules: Object.entries(about.rules).map(([id, { title, why, severity }]) => ({
          id,
          shortDescription: { text: plain(title) },
          fullDescription: { text: plain(why) },
          help: { text: plain(severity) },
        })),
      },
    },
    automationDetails: { id: `noctule/${about.tenant}/${about.scan.id}` },
    invocations: [
      {
        executionSuccessful: about.unread.length === 0,
        startTimeUtc: about.scan.startedAt,
        endTimeUtc: about.scan.endedAt,
        toolExecutionNotifications: unreadLines(about.unread).map(({ level, line }) => ({ level, message: { text: plain(line) } })),
      },
    ],
    columnKind: 'utf16CodeUnits',
    properties: { namesOfPersons: about.names },
  };
  yield `{"$schema":${jsonText(SCHEMA)},"version":"2.1.0","runs":[${jsonText(head).slice(0, -1)},"results":[`;
  let before = '\n';
  for (const finding of findings) {
    yield `${before}${jsonText(resultOf(finding, ids.indexOf(finding.rule), about.scan.id))}`;
    before = ',\n';
  }
  yield '\n]}]}\n';
}

const LEVEL: Readonly<Record<string, 'error' | 'warning' | 'note'>> = { critical: 'error', high: 'error', medium: 'warning', low: 'note' };

function resultOf(finding: FindingView, ruleIndex: number, scan: number) {
  const { body, connector, account, appId } = finding;
  return {
    ruleId: finding.rule,
    // A rule of an earlier release may be gone.
    ...(ruleIndex >= 0 && { ruleIndex }),
    level: LEVEL[finding.severity] ?? 'none',
    message: { text: plain([`${finding.title}.`, body.why, ...body.details].join(' ')) },
    locations: [
      { logicalLocations: [{ name: finding.name, fullyQualifiedName: [connector, account, appId].join('/'), kind: 'resource' }] },
    ],
    partialFingerprints: { 'noctuleFinding/v1': finding.key },
    baselineState: baselineOf(finding, scan),
    suppressions: suppressionsOf(finding),
    properties: {
      id: finding.id,
      severity: finding.severity,
      risk: finding.risk,
      state: finding.state,
      connector,
      account,
      app: appId,
      product: finding.product,
      holders: body.holders,
      can: body.can,
      firstSeen: finding.firstSeen,
      unverifiedSince: finding.unverifiedSince,
      controls: finding.controls,
      remedy: body.remedy,
      ...(body.steps !== undefined && { steps: body.steps }),
    },
  };
}

function baselineOf({ state, firstScan }: FindingView, scan: number): 'absent' | 'new' | 'unchanged' {
  if (state === 'resolved') return 'absent';
  return firstScan === scan ? 'new' : 'unchanged';
}

function suppressionsOf({ state }: FindingView): { kind: 'external'; status: string }[] {
  if (state === 'excepted') return [{ kind: 'external', status: 'accepted' }];
  return state === 'acknowledged' ? [{ kind: 'external', status: 'underReview' }] : [];
}

/** A plain-text message: brackets would make a link (3.11.6 of the standard), braces a placeholder (3.11.5). */
function plain(text: string): string {
  return terminalText(text, LONGEST)
    .replace(/[\\[\]]/g, '\\$&')
    .replace(/[{}]/g, '$&$&');
}
