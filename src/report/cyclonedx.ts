import type { UnreadSource } from '../store/read-unread.ts';
import type { IntegrationView } from './integration-view.ts';
import { jsonText } from '../text/json.ts';
import { terminalText } from '../text/terminal.ts';
import { unreadLines } from './unread.ts';

export interface InventoryAbout {
  /** Of Noctule. */
  version: string;
  tenant: string;
  scan: { id: number; startedAt: string };
  /** Of this file alone: a random UUID. */
  serial: string;
  /** Whom it names. */
  names: string;
  /** What that scan did not read whole. */
  unread: readonly UnreadSource[];
}

/** An inventory of AI services as CycloneDX 1.7 (ECMA-424), service by service. */
export function* cyclonedx(integrations: Iterable<IntegrationView>, about: InventoryAbout): Generator<string> {
  const head = {
    bomFormat: 'CycloneDX',
    specVersion: '1.7',
    serialNumber: `urn:uuid:${about.serial}`,
    version: 1,
    metadata: {
      timestamp: about.scan.startedAt,
      tools: { components: [{ type: 'application', name: 'noctule', version: about.version }] },
      properties: [
        ...properties({ tenant: about.tenant, scan: about.scan.id, 'names-of-persons': about.names }),
        ...properties({ 'scan-read-everything': about.unread.length === 0 }),
        ...unreadLines(about.unread).flatMap(({ line }) => properties({ unread: line })),
      ],
    },
  };
  yield `${jsonText(head).slice(0, -1)},"services":[`;
  let before = '\n';
  for (const integration of integrations) {
    yield `${before}${jsonText(serviceOf(integration))}`;
    before = ',\n';
  }
  yield '\n]}\n';
}

function serviceOf({ id, connector, account, appId, name, product, verdict, grade, state, firstSeen, body }: IntegrationView) {
  const { match, reach, holders, supervision, origin } = body;
  return {
    'bom-ref': [connector, account, appId].join('/'),
    ...(match.vendor !== undefined && { provider: { name: text(match.vendor) } }),
    name: text(match.productName ?? name),
    description: text(name),
    // What belongs to the organisation itself stays within its walls.
    'x-trust-boundary': origin?.is !== 'own',
    ...(reach.length > 0 && {
      data: reach.map(({ dataClass, access, plain }) => ({
        flow: access === 'read' ? 'inbound' : 'bi-directional',
        classification: dataClass,
        description: text(plain),
      })),
    }),
    properties: properties({
      integration: id,
      connector,
      account,
      app: appId,
      product,
      verdict,
      grade,
      state,
      kinds: body.kinds.join(' '),
      holders: holders.count,
      'first-seen': firstSeen,
      sanctioned: supervision?.sanctioned,
    }),
  };
}

function properties(all: Readonly<Record<string, string | number | boolean | null | undefined>>) {
  return Object.entries(all).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [{ name: `noctule:${name}`, value: text(String(value)) }],
  );
}

function text(from: string): string {
  return terminalText(from, 1_000);
}
