import { defineCollector, path, within, type Gap, type Observation, type Signal } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';
import { listPages, readAll } from './pages.ts';
import { extension, extensionHolder, type Extension } from './schema.ts';

/** Extensions in managed browsers: what they may do, and, of those that look like AI, who has them. */
export const chromeExtensions = defineCollector<Config, Client>({
  id: 'chrome_extensions',
  title: 'Extensions in managed browsers',
  version: 1,
  kinds: ['app_installation', 'usage'],
  mode: 'inventory',
  optional: true,
  operations: ['chromemanagement.customers.reports.countInstalledApps', 'chromemanagement.customers.reports.findInstalledAppProfiles'],
  permissions: [{ id: SCOPES.chrome, purpose: 'List extensions of managed browsers and who has them', required: true }],
  limits: ['Only browsers and profiles that are managed and report are counted', 'Extensions of other browsers are not seen'],
  volatile: ['profiles', 'browsers'],
  requests: (sizes) => sizes.pages('extensions', 100) + sizes.of('extensionHolderPages'),

  async *collect({ account, client, cursor, interest }) {
    const place = within(account.scope, 'extension');
    if (cursor === 'read') return yield { type: 'covered', scope: place };
    const loss = { scope: account.scope, effect: 'Which extensions managed browsers have is unknown', permission: SCOPES.chrome };
    const list = await readAll({
      loss,
      what: 'extension',
      schema: extension,
      place: () => place,
      ask: (pageToken) => client.extensions({ pageToken }),
    });
    if (list.gap) return yield list.gap;
    yield* list.gaps;
    if (list.items.length === 0) return yield nothingManaged(account.scope);
    const genuine = list.items.filter(({ appId }) => ID.test(appId));
    if (genuine.length < list.items.length) yield malformedIds(place, list.items.length - genuine.length);
    let pages = 0;
    let unasked = 0;
    for (const item of genuine) {
      const scope = within(place, item.appId);
      yield observationOf(scope, item);
      if (!['ai', 'suspected'].includes(interest(signalsOf(item)))) {
        unasked++;
        continue;
      }
      const holders = within(account.scope, 'extension_holder', item.appId);
      const ask = (pageToken: string | undefined) => client.extensionHolders({ extension: item.appId, pageToken });
      const lost = { scope: holders, effect: `Who has the extension ${item.appId} is unknown`, permission: SCOPES.chrome };
      let whole = true;
      for await (const page of listPages({ loss: lost, what: 'profile', schema: extensionHolder, ask })) {
        pages++;
        if (page.gap) {
          whole = false;
          yield page.gap;
          break;
        }
        yield* page.gaps;
        for (const { email } of page.items) yield holderOf(holders, item, email);
      }
      if (whole) yield { type: 'covered', scope: holders };
    }
    if (unasked > 0) {
      const effect = `Who has ${unasked} extensions was not asked: nothing about them looks like AI`;
      yield { type: 'gap', scope: within(account.scope, 'extension_holder'), reason: 'not_of_interest', effect };
    }
    yield { type: 'checkpoint', cursor: 'read', sizes: { extensions: list.items.length, extensionHolderPages: pages } };
    yield { type: 'covered', scope: place };
  },
});

/** https://developer.chrome.com/docs/extensions/reference/manifest/key */
const ID = /^[a-p]{32}$/;

function malformedIds(place: string, count: number): Gap {
  const effect = `${count} extensions have an id that the Web Store does not give: they were left out`;
  return { type: 'gap', scope: within(place, 'others'), reason: 'provider_error', effect };
}

/** An empty report says that nothing reports, not that there is nothing. */
export function nothingManaged(scope: string): Gap {
  return { type: 'gap', scope, reason: 'not_observable', effect: 'No managed browser reports: what browsers hold and visit is unknown' };
}

function signalsOf(item: Extension): Signal[] {
  return [{ type: 'extension_id', value: item.appId }, ...(item.displayName ? [{ type: 'extension_name', value: item.displayName }] : [])];
}

function observationOf(scope: string, item: Extension): Observation {
  return {
    type: 'observation',
    thing: path('extension', item.appId),
    nativeId: item.appId,
    kind: 'app_installation',
    scope,
    subject: { app: item.appId, name: item.displayName ?? item.appId },
    signals: signalsOf(item),
    permissions: (item.permissions ?? []).map((permission) => `extension:${permission}`).sort(),
    attributes: {
      installedBy: item.appInstallType ?? null,
      risk: item.riskAssessment?.overallRiskLevel ?? null,
      profiles: item.profileCount ?? 0,
      browsers: item.browserDeviceCount ?? 0,
    },
    evidence: {
      source: 'chromemanagement.customers.reports.countInstalledApps',
      url: 'https://admin.google.com/ac/chrome/reports/appUsage',
    },
  };
}

/** Google names the profile's user by an address alone: the list of people, which goes by ids, says nothing of his standing. */
function holderOf(scope: string, item: Extension, email: string): Observation {
  const id = path('extension_holder', item.appId, email.toLowerCase());
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'usage',
    scope,
    subject: { app: item.appId, name: item.displayName ?? item.appId },
    principal: { id: email.toLowerCase(), name: email, traits: [] },
    signals: signalsOf(item),
    permissions: [],
    attributes: {},
    evidence: { source: 'chromemanagement.customers.reports.findInstalledAppProfiles' },
  };
}
