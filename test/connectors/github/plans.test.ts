import { expect, test } from 'vitest';
import { fake } from '../../../connectors/github/fake/index.ts';
import { connector } from '../../../connectors/github/index.ts';
import type { Connector } from '../../../src/connector/index.ts';
import { createCompany } from '../../../src/testing/company.ts';
import { runConnector } from '../../../src/testing/runner.ts';

const ALWAYS = [
  'app_listings not_observable: What the app chatgpt-connector-pro says of itself is unknown: it is a private app, or its page was taken down',
  'oauth_apps not_observable: Which OAuth apps members use, and which an owner approved or denied, is unknown: GitHub lists them nowhere; the audit log of GitHub Enterprise tells of some',
  'unread not_observable: AI that only the text of a program shows is unknown: GitHub answers ten searches of code a minute, of default branches alone, and none is sent',
];
/** What every plan but Enterprise Server has, and is not read. */
const CLOUD = [
  'unread not_observable: Which tasks coding agents were given is unknown: GitHub shows them to fine-grained tokens and to user tokens of an App, which a source does not take',
  'unread not_observable: Which sessions of agents an enterprise has on record is unknown: GitHub shows them to enterprises with managed users alone, person by person, and they are not read',
  // No enterprise is named beside a single organisation; the reports of use are switched on here.
  'unread not_observable: Copilot seats that an enterprise gives itself are unknown, unless a source names the enterprise',
  'unread not_observable: Custom agents that an enterprise offers in its organisations are unknown, unless a source names the enterprise and switches `enterprise_agents` on',
];
const SSO = 'Which classic tokens, SSH keys and tokens of apps reach the organisation is unknown';
const KNOWN = 'As whom the identity provider knows the members is unknown';
const LOG = 'Which OAuth apps were let in, who installed apps and what became of tokens is unknown';
const SERVER = 'Enterprise Server does not have them';
/** No enterprise has an organisation of these plans. */
const NO_ENTERPRISE = [
  'enterprise_seats permission_denied: Who holds a Copilot seat in the enterprise is unknown: 404',
  'enterprise_agents permission_denied: Which custom agents the enterprise has is unknown: 404',
];

/** What each plan leaves open, besides what GitHub shows to nobody. `404` stands for GitHub's one answer to everything that is not there. */
const PLANS = {
  free: [
    ...CLOUD,
    ...NO_ENTERPRISE,
    `external_identities not_licensed: ${KNOWN}: not observable on the plan "free": only Enterprise Cloud has them`,
    `sso_credentials not_licensed: ${SSO}: not observable on the plan "free": only Enterprise Cloud has them`,
    `audit_log not_licensed: ${LOG}: not observable on the plan "free": only GitHub Enterprise has them`,
    'copilot_seats permission_denied: Who holds a Copilot seat is unknown: 404',
    'copilot_policy permission_denied: Plan and policies of Copilot are unknown: 404',
    'copilot_policy permission_denied: Where coding agents may work is unknown: 404',
    'copilot_policy permission_denied: What is kept from Copilot is unknown: 404',
    'copilot_spaces permission_denied: Which Copilot Spaces there are is unknown: 404',
    'copilot_usage permission_denied: How much Copilot is used is unknown: 404',
    'leaked_secrets permission_denied: Which keys of AI services leaked into code is unknown: 404',
    'rulesets permission_denied: Whether a person has to approve what an agent proposes is unknown: 404',
    ...['lantern-1', 'telemetry-0', 'telemetry-2'].map(
      (name) => `repository_settings permission_denied: What the coding agent of lanternworks/${name} may use is unknown: 404`,
    ),
  ],
  team: [
    ...CLOUD,
    ...NO_ENTERPRISE,
    `external_identities not_licensed: ${KNOWN}: not observable on the plan "team": only Enterprise Cloud has them`,
    `sso_credentials not_licensed: ${SSO}: not observable on the plan "team": only Enterprise Cloud has them`,
    `audit_log not_licensed: ${LOG}: not observable on the plan "team": only GitHub Enterprise has them`,
  ],
  enterprise: [
    ...CLOUD,
    'external_identities not_observable: GitHub shows no SAML identity provider of the organisation itself: as whom one knows the members is unknown. Where the enterprise signs in for all its organisations, its owners alone are shown it: a source that names the enterprise reads that',
    `sso_credentials permission_denied: ${SSO}: 404`,
  ],
  saml: [...CLOUD],
  server: [
    `external_identities not_licensed: ${KNOWN}: ${SERVER}`,
    `sso_credentials not_licensed: ${SSO}: ${SERVER}`,
    `secret_names not_licensed: Which agents secrets the organisation has is unknown: ${SERVER}`,
    `codespaces_secret_names not_licensed: Which codespaces secrets the organisation has is unknown: ${SERVER}`,
    `variable_names not_licensed: Which agents variables the organisation has is unknown: ${SERVER}`,
    `copilot_seats not_licensed: Who holds a Copilot seat is unknown: ${SERVER}`,
    `copilot_policy not_licensed: Plan and policies of Copilot are unknown: ${SERVER}`,
    `copilot_policy not_licensed: Where coding agents may work is unknown: ${SERVER}`,
    `copilot_policy not_licensed: What is kept from Copilot is unknown: ${SERVER}`,
    `copilot_spaces not_licensed: Which Copilot Spaces there are is unknown: ${SERVER}`,
    `copilot_usage not_licensed: How much Copilot is used is unknown: ${SERVER}`,
    `enterprise_seats not_licensed: Who holds a Copilot seat in the enterprise is unknown: ${SERVER}`,
    `enterprise_agents not_licensed: Which custom agents the enterprise has is unknown: ${SERVER}`,
    `enterprise_identities not_licensed: As whom the identity provider of the enterprise knows its users is unknown: ${SERVER}`,
  ],
} as const;

test.each(Object.entries(PLANS))('the plan "%s" leaves open what it does not have, in words, and nothing else', async (plan, expected) => {
  const github = await fake.start(createCompany({ people: 12 }), { plan: plan as keyof typeof PLANS });
  try {
    const run = await runConnector(connector as unknown as Connector, github, { largestPage: 100 });
    expect(run.refused).toBeUndefined();
    expect(run.collectors.flatMap(({ error }) => error ?? [])).toEqual([]);
    const gaps = run.collectors.flatMap(({ collector, events }) =>
      events.flatMap((event) => (event.type === 'gap' ? [`${collector.id} ${event.reason}: ${shortened(event.effect)}`] : [])),
    );
    expect(gaps.toSorted()).toEqual([...ALWAYS, ...expected].toSorted());
  } finally {
    await github.close();
  }
});

function shortened(effect: string): string {
  return effect.replace(/: the (GitHub App|token): GitHub answers 404, .*/, ': 404');
}
