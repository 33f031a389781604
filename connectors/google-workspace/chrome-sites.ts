import { defineCollector, path, within, type Observation, type Signal, type Stamp } from '../../src/connector/index.ts';
import { nothingManaged } from './chrome-extensions.ts';
import type { Client } from './client.ts';
import type { Config } from './config.ts';
import { SCOPES } from './operations.ts';
import { listPages, readAll } from './pages.ts';
import { site, visitor, type Site, type Visitor } from './schema.ts';

/**
 * Web apps that managed browsers visit: the only sight of sign-ups with a password, which leave no grant.
 * Who visits is asked only of what looks like AI, to the catalog or to Google's own category.
 */
export const chromeSites = defineCollector<Config, Client>({
  id: 'chrome_sites',
  title: 'Web apps that managed browsers visit',
  version: 1,
  kinds: ['usage'],
  mode: 'log',
  optional: true,
  operations: ['chromemanagement.customers.reports.findSaasUsage', 'chromemanagement.customers.reports.findSaasUsageProfiles'],
  permissions: [
    { id: SCOPES.chrome, purpose: 'Read which web apps managed browsers visit, and who visits those that look like AI', required: true },
  ],
  limits: ['Only browsers and profiles that are managed and report are counted', 'A visit does not say that somebody has an account there'],
  volatile: ['users', 'visits', 'uploads', 'firstVisit'],
  requests: (sizes) => sizes.pages('sites', 200) + sizes.of('visitorPages'),

  async *collect({ account, client, cursor, interest, now }) {
    const to = now().toISOString();
    if (cursor !== undefined) return yield { type: 'covered', scope: account.scope, window: { from: cursor as string, to } };
    const loss = { scope: account.scope, effect: 'Which web apps managed browsers visit is unknown', permission: SCOPES.chrome };
    const list = await readAll({ loss, what: 'web app', schema: site, ask: (pageToken) => client.sites({ pageToken }) });
    if (list.gap) return yield list.gap;
    yield* list.gaps;
    if (list.items.length === 0) yield nothingManaged(within(account.scope, 'site'));
    let pages = 0;
    let skipped = 0;
    for (const item of list.items) {
      if (!AI.test(item.category ?? '') && !['ai', 'suspected'].includes(interest(signalsOf(item)))) {
        skipped++;
        continue;
      }
      const scope = within(account.scope, 'site', idOf(item));
      yield observationOf(scope, item);
      const ask = (pageToken: string | undefined) => client.visitors({ site: item.app, pageToken });
      const lost = { scope, effect: `Who visits ${idOf(item)} is unknown`, permission: SCOPES.chrome };
      for await (const page of listPages({ loss: lost, what: 'profile', schema: visitor, ask })) {
        pages++;
        if (page.gap) {
          yield page.gap;
          break;
        }
        yield* page.gaps;
        for (const one of page.items) yield visitOf(scope, item, one);
      }
    }
    if (skipped > 0) {
      const effect = `${skipped} web apps were left out: neither the catalog nor Google's category calls them AI`;
      yield { type: 'gap', scope: within(account.scope, 'site'), reason: 'not_of_interest', effect };
    }
    const from = list.items.map(({ firstNavigationTime }) => firstNavigationTime ?? to).sort()[0] ?? to;
    yield { type: 'checkpoint', cursor: from, sizes: { sites: list.items.length, visitorPages: pages } };
    yield { type: 'covered', scope: account.scope, window: { from, to } };
  },
});

/** Google's own word for it in the category of a web app. */
const AI = /\bAI\b|artificial intelligence|chatbot/i;

/** Google has no id for a web app: its main host is the steadiest that it has. */
function idOf(item: Site): string {
  return (item.primaryDomain ?? item.app).toLowerCase();
}

function signalsOf(item: Site): Signal[] {
  const hosts = new Set([...(item.primaryDomain ? [item.primaryDomain] : []), ...(item.domains ?? [])].map((host) => host.toLowerCase()));
  return [...[...hosts].map((value) => ({ type: 'domain', value })), { type: 'app_name', value: item.app }];
}

function lastUse(at: string | undefined): { lastUsedAt?: Stamp } {
  return at === undefined ? {} : { lastUsedAt: { at: new Date(at).toISOString(), from: 'report' } };
}

function observationOf(scope: string, item: Site): Observation {
  return {
    type: 'observation',
    thing: path('site', idOf(item)),
    nativeId: path('site', idOf(item)),
    kind: 'usage',
    scope,
    subject: { app: path('site', idOf(item)), name: item.app },
    signals: signalsOf(item),
    permissions: [],
    ...lastUse(item.lastNavigationTime),
    attributes: {
      category: item.category ?? null,
      vendor: item.organization ?? null,
      users: item.distinctUsersCount ?? null,
      visits: item.visitsCount ?? null,
      uploads: item.contentTransferDetails?.contentTransferCount ?? null,
      firstVisit: item.firstNavigationTime ?? null,
    },
    evidence: { source: 'chromemanagement.customers.reports.findSaasUsage', url: 'https://admin.google.com/ac/chrome/reports' },
  };
}

/** Google names the visitor by an address alone: the list of people, which goes by ids, says nothing of his standing. */
function visitOf(scope: string, item: Site, one: Visitor): Observation {
  const email = one.email.toLowerCase();
  const id = path('site_visit', idOf(item), email);
  return {
    type: 'observation',
    thing: id,
    nativeId: id,
    kind: 'usage',
    scope,
    subject: { app: path('site', idOf(item)), name: item.app },
    principal: { id: email, name: one.email, traits: [] },
    signals: signalsOf(item),
    permissions: [],
    ...lastUse(one.lastNavigationTime),
    attributes: { firstVisit: one.firstNavigationTime ?? null },
    evidence: { source: 'chromemanagement.customers.reports.findSaasUsageProfiles' },
  };
}
