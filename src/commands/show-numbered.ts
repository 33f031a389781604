import type { Deciding } from '../policy/deciding.ts';
import { debtTold } from '../policy/metrics.ts';
import { powerTold, SUPERVISION_IDS } from '../policy/supervision.ts';
import type { Recognised } from '../policy/standing.ts';
import { stampText } from '../report/stamp.ts';
import type { IntegrationView } from '../report/integration-view.ts';
import type { FoundFinding, FoundIntegration, ListReader, ScanRow } from '../store/read.ts';
import { terminalText } from '../text/terminal.ts';
import { grantView, type GrantView } from './grants.ts';
import { integrationView } from './integrations.ts';
import { decisionAbout } from './show-policy.ts';
import { field, holderLines } from './show-field.ts';

/** How many grants of an app are listed. */
const SHOWN = 20;

/** An id of a list, and when it is asked about. */
export interface AskedFor {
  id: string;
  number: number;
  tenant: string;
  asOf: number | undefined;
  /** By whose policy it was judged. */
  scan: ScanRow;
}

/** An app with what is found of it and what it rests on, or one grant with the app that it belongs to. */
export type Numbered = {
  integration: IntegrationView | null;
  grant: GrantView | null;
  findings: Pick<FoundFinding, 'key' | 'rule' | 'severity' | 'state' | 'title'>[];
  /** Of the app; of a grant none. */
  grants: GrantView[];
  /** How many of them there are. */
  grantCount: number;
  /** What the policy says of the app. */
  decidedBy: Deciding[];
};

/** What an id means; undefined = there is nothing of that number. */
export async function about(
  reader: ListReader,
  { id, number, tenant, asOf, scan }: AskedFor,
): Promise<{ found: Numbered; decision: readonly string[] } | undefined> {
  const isGrant = id.startsWith('g');
  const grant = isGrant ? reader.grant(tenant, number, asOf) : undefined;
  const ofApp = isGrant ? grant?.integration : number;
  const integration = ofApp === undefined || ofApp === null ? undefined : reader.integration(tenant, ofApp, asOf);
  if (isGrant ? !grant : !integration) return undefined;
  const found = integration
    ? reader.findings({ tenant, app: integration.appId, connector: integration.connector, account: integration.account, asOf, limit: -1 })
    : [];
  const grants =
    integration && !isGrant
      ? { tenant, app: integration.appId, connector: integration.connector, account: integration.account, asOf }
      : undefined;
  const { decidedBy, lines } = integration ? await decisionAbout(reader, scan, recognised(integration)) : { decidedBy: [], lines: [] };
  const told = {
    integration: integration ? integrationView(integration) : null,
    grant: grant ? grantView(grant) : null,
    findings: found.map(({ key, rule, severity, state, title }) => ({ key, rule, severity, state, title })),
    grants: grants ? Array.from(reader.grants({ ...grants, sort: 'app', limit: SHOWN }), grantView) : [],
    grantCount: grants ? reader.countOfApp({ ...grants, appId: grants.app }, asOf) : 0,
    decidedBy,
  };
  return { found: told, decision: lines };
}

function recognised({ connector, account, appId, product, grade }: FoundIntegration): Recognised {
  return {
    connector,
    account,
    appId,
    match: { grade: grade as Recognised['match']['grade'], ...(product !== null && { product }) },
  };
}

/** The same for people. */
export function text({ integration, grant, findings, grants, grantCount }: Numbered, decision: readonly string[]): string {
  const lines = [
    ...(grant ? grantLines(grant) : []),
    ...(integration
      ? [...(grant ? [''] : []), ...integrationLines(integration), ...decision]
      : ['', 'No app is judged by it: it lists who or what there is, or how something is set.']),
    ...(integration ? ['', `Findings (${findings.length})`, ...findings.map(findingLine)] : []),
    ...(integration && !grant
      ? [
          '',
          `What it rests on (${grantCount}${grantCount > grants.length ? `, the first ${grants.length}` : ''})`,
          ...grants.map(grantLine),
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function integrationLines({
  id,
  name,
  appId,
  connector,
  account,
  product,
  verdict,
  grade,
  state,
  firstSeen,
  body,
}: IntegrationView): string[] {
  const { match, reach, holders, supervision, since, lastUsed } = body;
  return [
    `APP  ${terminalText(name)}`,
    '',
    field('Integration', `${id}  (${state})`),
    field('Where', `${connector}, account ${terminalText(account)}`),
    field('App', `${terminalText(name)}, id ${terminalText(appId)}`),
    field(
      'Product',
      product === null
        ? `unknown: ${verdict}`
        : `${terminalText(match.productName ?? product)} (${terminalText(product)}): ${verdict}, match ${grade}`,
    ),
    ...match.reasons.slice(0, 5).map(({ why }) => field('', terminalText(why))),
    ...(reach.length === 0
      ? [field('Can', 'nothing that is known')]
      : reach.map(({ plain }, index) => field(index === 0 ? 'Can' : '', terminalText(plain)))),
    ...holderLines(holders),
    field('Since', stampText(since)),
    field('Last used', stampText(lastUsed)),
    field('First seen', `${firstSeen.slice(0, 10)} (by Noctule)`),
    ...(supervision
      ? [
          field('Approved', supervision.sanctioned ? 'yes, and it keeps to that' : 'no'),
          field('Trust debt', debtTold(supervision)),
          ...powerTold(supervision, reach).map((line) => field('', line)),
          field('', `watched over: ${SUPERVISION_IDS.map((one) => `${one} ${supervision.answers[one]}`).join(', ')}`),
        ]
      : []),
  ];
}

function grantLines({ id, kind, state, connector, account, collector, thing, holderId, body, volatile, firstSeen }: GrantView): string[] {
  const { subject, principal, permissions, grantedAt, expiresAt, use, evidence } = body;
  return [
    `${kind.replaceAll('_', ' ').toUpperCase()}  ${terminalText(subject.name)}`,
    '',
    field('Statement', `${id}  (${state}, by ${collector})`),
    field('Where', `${connector}, account ${terminalText(account)}`),
    field('Of', terminalText(thing)),
    ...(subject.credential === undefined ? [] : [field('Credential', terminalText(subject.credential))]),
    field(
      'Holder',
      principal
        ? `${terminalText(principal.name)}, id ${terminalText(holderId ?? principal.id)}${principal.standing ? `, ${principal.standing}` : ''}`
        : 'nobody in particular',
    ),
    ...(principal && principal.traits.length > 0 ? [field('', principal.traits.join(', '))] : []),
    ...(permissions.length === 0
      ? [field('Permissions', 'none are told')]
      : permissions.map((one, index) => field(index === 0 ? 'Permissions' : '', terminalText(one)))),
    ...(use === undefined ? [] : [field('Use', use)]),
    field('Granted', stampText(grantedAt)),
    field('Last used', stampText(volatile?.lastUsedAt)),
    field('Expires', stampText(expiresAt)),
    field('First seen', `${firstSeen.slice(0, 10)} (by Noctule)`),
    field('Read by', terminalText(evidence.source)),
    ...(evidence.url === undefined ? [] : [field('', terminalText(evidence.url, 500))]),
  ];
}

function findingLine({ key, severity, state, title }: Numbered['findings'][number]): string {
  return `  ${key.slice(0, 8)}  ${severity.padEnd(8)}  ${state.padEnd(12)}  ${terminalText(title)}`;
}

function grantLine({ id, kind, state, body, collector }: GrantView): string {
  return `  ${id.padEnd(8)}  ${state.padEnd(10)} ${kind}  ${terminalText(body.principal?.name ?? body.subject.name)}  [${collector}]`;
}
