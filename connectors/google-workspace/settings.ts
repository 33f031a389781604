import { z } from 'zod';
import { defineCollector, path, within, type Gap, type Json, type Observation } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';
import { listPages, readAll } from './pages.ts';
import { setting, unit, type Setting } from './schema.ts';

/** Google allows few of these reads in a minute and does not say how many. */
const BETWEEN_PAGES_MS = 1000;

/**
 * Settings of the admin console that decide about apps: what apps may do that nobody configured, and which services are on.
 * Of several for one unit the one with the largest order holds. https://cloud.google.com/identity/docs/concepts/supported-policy-api-settings
 */
export const settings = defineCollector<Config, Client>({
  id: 'settings',
  title: 'Settings about apps and services',
  version: 2,
  kinds: ['control'],
  mode: 'inventory',
  optional: true,
  operations: ['directory.orgunits.list', 'cloudidentity.policies.list'],
  permissions: [
    { id: SCOPES.units, purpose: 'Tell for which units a setting holds, and which units are gone', required: true },
    { id: SCOPES.settings, purpose: 'Read settings; Google answers super administrators alone', required: true },
  ],
  limits: ['Which single apps are trusted or blocked is no setting: that stands in the administrators’ log alone'],
  volatile: [],
  requests: (sizes) => 1 + sizes.pages('settings', 100),

  async *collect({ account, client, cursor, sleep }) {
    if (cursor === 'read') return yield { type: 'covered', scope: account.scope };
    const loss = { scope: account.scope, effect: 'What the admin console sets about apps is unknown' };
    const units = await readAll({ loss: { ...loss, permission: SCOPES.units }, what: 'unit', schema: unit, ask: () => client.units() });
    if (units.gap) return yield units.gap;
    // Without a unit, its settings would look like those of one that is gone.
    if (units.gaps[0]) return yield units.gaps[0];
    const paths = new Map(units.items.map(({ orgUnitId, orgUnitPath }) => [orgUnitId.replace(/^id:/, ''), orgUnitPath]));
    const holding = new Map<string, Held>();
    let counted = 0;
    const ask = (pageToken: string | undefined) => client.settings({ pageToken });
    for await (const page of listPages({ loss: { ...loss, permission: SCOPES.settings }, what: 'setting', schema: setting, ask })) {
      if (page.gap) return yield page.whole ? page.gap : forbidden(page.gap);
      // The one that could not be read may be the one that holds.
      if (page.gaps[0]) return yield page.gaps[0];
      counted += page.items.length;
      for (const item of page.items) hold(holding, item, paths);
      if (page.next !== null) await sleep(BETWEEN_PAGES_MS);
    }
    for (const held of holding.values()) yield observationOf(account.scope, held);
    yield { type: 'checkpoint', cursor: 'read', sizes: { settings: counted } };
    yield { type: 'covered', scope: account.scope };
  },
});

/** The scope is delegated, and its subject is not enough for Google. */
function forbidden(gap: Gap): Gap {
  if (gap.reason !== 'permission_denied') return gap;
  const effect = `${gap.effect}: Google tells it to super administrators alone, and "subject" is none`;
  return { ...gap, permission: 'the role of a super administrator to "subject"', effect };
}

interface Held {
  type: string;
  /** Id of the unit or group; `top` = everybody. */
  target: string;
  /** For people to read. */
  place: string;
  order: number;
  byGoogle: boolean;
  value: Readonly<Record<string, Json>>;
}

const WANTED = /^(?:api_controls\.\w+|workspace_marketplace\.\w+|\w+\.service_status)$/;
const TOP = 'top';

function hold(holding: Map<string, Held>, item: Setting, paths: ReadonlyMap<string, string>): void {
  const type = item.setting.type.replace(/^settings\//, '');
  if (!WANTED.test(type)) return;
  const { orgUnit, group, sortOrder = 0 } = item.policyQuery ?? {};
  const unitId = orgUnit?.replace(/^orgUnits\//, '');
  const place = group ?? (unitId === undefined ? '/' : paths.get(unitId));
  // Settings outlive the units that they were made for.
  if (place === undefined) return;
  const target = group ?? (place === '/' ? TOP : unitId!);
  const key = `${type} ${target}`;
  const before = holding.get(key);
  if (before && before.order >= sortOrder) return;
  holding.set(key, { type, target, place, order: sortOrder, byGoogle: item.type !== 'ADMIN', value: item.setting.value ?? {} });
}

function observationOf(account: string, held: Held): Observation {
  const about = path('setting', held.type, held.target);
  return {
    type: 'observation',
    thing: about,
    nativeId: about,
    kind: 'control',
    scope: within(account, 'setting', held.type, held.target),
    subject: { app: about, name: held.type },
    signals: [],
    permissions: [],
    attributes: { unit: held.place, setBy: held.byGoogle ? 'Google' : 'an administrator', ...meant(held), value: held.value },
    evidence: { source: 'cloudidentity.policies.list', url: 'https://admin.google.com/ac/owl' },
  };
}

/** Google spells the levels in two ways, and calls the one that blocks nothing a block. */
const LEVELS: Readonly<Record<string, string>> = {
  UNSPECIFIED_UBER_BLOCK: 'allowed',
  ACCESS_LEVEL_UNSPECIFIED: 'allowed',
  ALLOW_SIGN_IN_SCOPES_ONLY: 'sign-in only',
  ALLOW_SIGN_IN_ONLY: 'sign-in only',
  BLOCK_ALL_SCOPES: 'blocked',
  BLOCK_ALL: 'blocked',
};

function meant({ type, value }: Held): Record<string, Json> {
  const { accessLevel, serviceState, trustInternalApps } = value;
  if (type === 'api_controls.unconfigured_third_party_apps' && typeof accessLevel === 'string')
    return { state: LEVELS[accessLevel] ?? accessLevel };
  if (type === RESTRICTED) return restrictions(value['services']);
  if (typeof serviceState === 'string') return { state: serviceState === 'ENABLED' ? 'on' : 'off' };
  return typeof trustInternalApps === 'boolean' ? { state: trustInternalApps ? 'trusted' : 'not trusted' } : {};
}

const RESTRICTED = 'api_controls.google_services';
const restrictedServices = z.array(z.object({ scopesGroup: z.string().min(1), isEnabled: z.boolean().optional() }));

/** Google lists those services alone that somebody restricted: which of them are open to trusted apps only, and that the others are to all. */
function restrictions(services: Json | undefined): Record<string, Json> {
  const listed = restrictedServices.safeParse(services);
  // Without a list, or in another shape than is known, it may restrict anything.
  if (!listed.success) return {};
  const restricted = listed.data.filter(({ isEnabled }) => isEnabled !== true).map(({ scopesGroup }) => scopesGroup);
  const state = restricted.length > 0 ? `restricted: ${restricted.toSorted().join(', ')}` : 'nothing restricted';
  return { state, others: 'not restricted' };
}
