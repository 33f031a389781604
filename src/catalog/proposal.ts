import type { Signal } from '../connector/index.ts';
import type { Match } from './match.ts';
import type { Overlay } from './overlay.ts';
import { signals as signalSchema, type Signals } from './product.ts';

/** What is known of an app that has no name yet. */
export interface Nameless {
  appId: string;
  name: string;
  match: Pick<Match, 'verdict' | 'reasons'>;
  holders: number;
  reach: readonly { dataClass: string; access: 'read' | 'write' | 'admin'; plain: string }[];
  signals: readonly Signal[];
}

/** By what an app is best recognised again, the surest first; names of roles and users say whose they are, and no product. */
const TELLING = [
  'oauth_client_id',
  'github_app_id',
  'extension_id',
  'aws_account_id',
  'credential_service',
  'bot_user_id',
  'github_app',
  'oidc_issuer',
  'domain',
  'action',
  'package',
  'secret_name',
  'app_name',
] as const;

/**
 * The apps most worth naming, as an overlay to review. Worth is a sum: 4 where the evidence is AI-like, the binary logarithm of the holders,
 * and up to 3 for the most that the app may do to anything but profiles. Each is proposed as AI, so that an overlay that nobody reviewed
 * shows too much and not too little.
 */
export function proposalOf(apps: readonly Nameless[], limit: number, tenant: string): Overlay {
  const ranked = apps
    .flatMap((app) => {
      const signal = tellingOf(app.signals);
      return signal ? [{ app, signal, worth: worthOf(app) }] : [];
    })
    .sort((a, b) => b.worth - a.worth || (a.app.appId < b.app.appId ? -1 : 1));
  const ids = new Set<string>();
  const values = new Set<string>();
  const products: Overlay['products'] = [];
  for (const { app, signal } of ranked) {
    const key = `${signal.type} ${signal.value}`;
    if (products.length === limit) break;
    // The same app in another account.
    if (values.has(key)) continue;
    values.add(key);
    const id = freeId(app.name, ids);
    products.push({
      id,
      name: app.name.trim() || app.appId,
      vendor: app.name.trim() || app.appId,
      category: 'other',
      tier: 'ai',
      note: noteOf(app),
      signals: { [signal.type]: [signal.value] },
    });
  }
  return { $schema: './catalog.schema.json', formatVersion: 1, tenant, products, claims: [], notAi: [] };
}

function tellingOf(signals: readonly Signal[]): Signal | undefined {
  for (const type of TELLING) {
    const found = signals.find((signal) => signal.type === type && isForm(type, signal.value));
    if (found) return found;
  }
  return undefined;
}

/** What the catalog would not take as a value is no use in a proposal. */
function isForm(type: keyof Signals, value: string): boolean {
  return signalSchema.shape[type].safeParse([{ value, source: 'https://example.com/' }]).success;
}

const ACCESS = { read: 1, write: 2, admin: 3 } as const;

function worthOf({ match, holders, reach }: Nameless): number {
  const power = reach.map(({ dataClass, access }) => (dataClass === 'profile' ? 0 : ACCESS[access]));
  return (match.verdict === 'suspected' ? 4 : 0) + Math.log2(1 + holders) + Math.max(0, ...power);
}

function noteOf({ match, holders, reach }: Nameless): string {
  const why = match.reasons[0]?.why;
  return [
    'Review: correct name, vendor and tier, or move it to "notAi"',
    `${holders} ${holders === 1 ? 'holder' : 'holders'}`,
    ...reach.slice(0, 2).map(({ plain }) => plain),
    ...(why === undefined ? [] : [why]),
  ].join('; ');
}

function freeId(name: string, taken: Set<string>): string {
  const slug =
    name
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.join('-')
      .slice(0, 60)
      .replace(/-$/, '') ?? 'app';
  let id = `review/${slug}`;
  for (let number = 2; taken.has(id); number++) id = `review/${slug}-${number}`;
  taken.add(id);
  return id;
}
