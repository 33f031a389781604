import { defineCollector, path, type Kind, type Observation } from '../../src/connector/index.ts';
import type { Client } from './client.ts';
import { webPage, type Config } from './config.ts';
import { readLists, UNCOUNTED } from './inventory.ts';
import { LISTS } from './operations.ts';
import { credentialAuthorization, type CredentialAuthorization } from './schema.ts';
import { idOf } from './server.ts';

const LIST = 'GET /orgs/{org}/credential-authorizations';

/**
 * Credentials that members let into an organisation with SAML single sign-on: classic tokens, SSH keys, and the tokens that OAuth
 * apps and GitHub Apps hold for people. Nowhere else does GitHub list any of these.
 */
export const ssoCredentials = defineCollector<Config, Client>({
  id: 'sso_credentials',
  title: 'Credentials authorised for single sign-on',
  version: 1,
  kinds: ['api_key', 'oauth_grant'],
  mode: 'inventory',
  operations: [LIST],
  permissions: [
    { id: LISTS[LIST].app, purpose: 'List the credentials that members authorised', required: false, orElse: [LISTS[LIST].token] },
  ],
  limits: [
    'Only an organisation with SAML single sign-on, on Enterprise Cloud, has this list',
    'An OAuth app is told by the note on its token alone: GitHub gives no id of the app',
    'Holders are named by login alone',
    UNCOUNTED,
  ],
  volatile: [],
  requests: (sizes) => sizes.pages('sso_credentials', 100),

  collect: (context) =>
    readLists(context, [
      {
        list: LIST,
        place: ['sso_credentials'],
        what: 'authorised credential',
        effect: 'Which classic tokens, SSH keys and tokens of apps reach the organisation is unknown',
        size: 'sso_credentials',
        schema: credentialAuthorization,
        key: ['credential_id'],
        observe: (row, scope): Observation => ({
          type: 'observation',
          thing: path('credential', row.credential_id),
          nativeId: path('credential', row.credential_id),
          kind: kindOf(row),
          scope,
          subject: { app: path('credential', idOf(context.config, row.credential_id)), credential: row.credential_id, name: nameOf(row) },
          principal: { id: path('login', row.login.toLowerCase()), name: row.login, traits: [] },
          signals: nameOf(row) === row.credential_type ? [] : [{ type: 'app_name', value: nameOf(row) }],
          permissions: [...(row.scopes ?? [])].sort(),
          grantedAt: { at: row.credential_authorized_at, from: 'listed' },
          ...(row.credential_accessed_at && { lastUsedAt: { at: row.credential_accessed_at, from: 'listed' } }),
          ...(row.authorized_credential_expires_at && { expiresAt: { at: row.authorized_credential_expires_at, from: 'listed' } }),
          attributes: { credentialType: row.credential_type },
          evidence: { source: LIST, url: webPage(context.config, `/orgs/${context.account.name}/people`) },
        }),
      },
    ]),
});

/** `personal access token`, `SSH key`, `OAuth app token`, `GitHub app token`. */
function kindOf({ credential_type: type }: CredentialAuthorization): Kind {
  return /app token$/i.test(type) ? 'oauth_grant' : 'api_key';
}

function nameOf(row: CredentialAuthorization): string {
  return row.authorized_credential_note || row.authorized_credential_title || row.credential_type;
}
