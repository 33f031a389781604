/** A view of the database that analysts may rely on: names, order and meaning of its columns are kept from release to release. */
export interface View {
  /** What one row is. */
  row: string;
  /** Whom it names. */
  names: string;
  /** Every column in its order, with what it says and when it says nothing (NULL). */
  columns: Readonly<Record<string, string>>;
  examples: readonly { title: string; sql: string }[];
}

const WHERE = {
  tenant: 'whose facts',
  connector: 'of which provider: `github`, `aws`, `google-workspace`',
  account: "the provider's own id of the account",
};
const APP = 'id of the app, as its provider writes it';
const PRODUCT = 'the product, as the catalog calls it, `vendor/product`; NULL = the catalog knows none';
const VENDOR = 'the part of the product before its slash';
const FIRST = 'start of the scan that saw it first, ISO 8601 in UTC, as all times';
const INTEGRATION = 'id of the app in this account, for `noctule show`: `i` and its number in this database';
const STATE = '`present`, `unverified` where the last reading could not see it, `gone`';

export const VIEWS: Readonly<Record<string, View>> = {
  findings: {
    row: 'a thing that somebody has to decide',
    names: 'apps and keys that are named after their holder',
    columns: {
      finding: 'its key, for `noctule show`',
      ...WHERE,
      rule: 'why it was found; docs/governance.md lists the rules',
      severity: '`low`, `medium`, `high`, `critical`',
      state: '`open`, `acknowledged`, `excepted`, `resolved`',
      title: 'the rule and the app in words',
      app: APP,
      app_name: 'what the app calls itself',
      product: PRODUCT,
      credential: 'the one credential that it is about; NULL = it is about the app',
      holders: 'how many hold it',
      leavers: 'how many of them have left',
      first_seen: 'start of the scan that found it',
      unverified_since: 'start of the scan since which what it rests on could not be read; NULL = it was read',
      administrators: 'how many of the holders administer the account',
      state_since: 'start of the scan in which its state began',
      vendor: VENDOR,
      integration: INTEGRATION,
      rank: 'the higher, the further up in `noctule findings`',
    },
    examples: [
      {
        title: 'Open findings by rule',
        sql: `SELECT rule, count(*) AS open FROM findings WHERE state = 'open' GROUP BY rule ORDER BY open DESC`,
      },
      {
        title: 'Found in the last week, the most powerful first',
        sql: `SELECT finding, severity, title, first_seen FROM findings WHERE first_seen >= date('now', '-7 days') ORDER BY rank DESC`,
      },
    ],
  },
  integrations: {
    row: 'an app in an account, AI or not',
    names: 'apps and keys that are named after their holder',
    columns: {
      ...WHERE,
      app: APP,
      name: 'what the app calls itself',
      product: PRODUCT,
      verdict: '`ai`, `ai_feature`, `suspected`, `not_ai`, `unknown`',
      grade: 'how sure that is: `exact`, `strong`, `likely`, `suspected`, `no`',
      state: STATE,
      holders: 'how many hold it',
      granted_at: 'the earliest date that a provider tells; NULL = none does',
      last_used_at: 'the last use that a provider tells; NULL = none does',
      first_seen: FIRST,
      integration: INTEGRATION,
      vendor: VENDOR,
      product_name: 'the product in words',
      vendor_name: 'the vendor in words',
      kinds: 'JSON array of what it is seen as: `oauth_grant`, `api_key`, `trust` …',
      leavers: 'how many of the holders have left',
      administrators: 'how many of the holders administer the account',
      tier: 'of AI alone: from 1 for little to 4 for what can change everything',
      sanctioned: 'of AI alone: 1 where an approval in force covers it, and it keeps to that',
      owned: 'of AI alone: `yes` where an approval names somebody who answers for it, else `no`',
      ends: 'of AI alone: whether everything that it holds ends by itself: `yes`, `no`, `unknown`',
    },
    examples: [
      {
        title: 'AI tools by number of holders',
        sql: `SELECT name, connector, holders FROM integrations WHERE verdict = 'ai' AND state <> 'gone' ORDER BY holders DESC`,
      },
      {
        title: 'What the catalog does not know yet',
        sql: `SELECT integration, name, app FROM integrations WHERE verdict = 'unknown' AND state = 'present' ORDER BY holders DESC`,
      },
    ],
  },
  reach: {
    row: 'a class of data that an app can reach',
    names: 'apps and keys that are named after their holder',
    columns: {
      ...WHERE,
      integration: INTEGRATION,
      app: APP,
      name: 'what the app calls itself',
      product: PRODUCT,
      vendor: VENDOR,
      verdict: 'as in `integrations`',
      state: STATE,
      data_class:
        '`source_code`, `mail`, `files`, `calendar`, `contacts`, `secrets`, `directory`, `cloud`, `ai_models`, `ci`, `admin`, `profile`, `other`',
      access: '`read`, `write`, `admin`',
      can: 'the same in plain words',
      permissions: 'JSON array of the permissions that give it, as the provider names them',
      holders: 'how many hold the app',
      first_seen: FIRST,
    },
    examples: [
      {
        title: 'Who can change what',
        sql: `SELECT data_class, count(DISTINCT integration) AS apps FROM reach WHERE verdict = 'ai' AND access <> 'read' GROUP BY data_class`,
      },
    ],
  },
  grants: {
    row: 'a statement of a provider about who or what holds, may or uses something',
    names: 'holders',
    columns: {
      ...WHERE,
      collector: 'which list or log says so',
      mode: '`inventory`: what is not in it is gone; `log`: it tells of events',
      kind: '`oauth_grant`, `app_installation`, `api_key`, `service_account`, `trust`, `seat`, `secret_name`, `agent`, `code_evidence` …',
      thing: 'what it speaks of: the same from every list and log of a connector',
      state: STATE,
      app: APP,
      app_name: 'what the app calls itself',
      holder_id: 'id of who holds it; NULL = nobody in particular',
      holder: 'name or address of who holds it',
      standing: '`active`, `suspended`, `archived`, `deleted`, `not_a_member`; NULL = the provider does not say',
      permissions: 'JSON array, as the provider names them',
      granted_at: 'since when; NULL = it is not told',
      granted_from: 'who says so: `listed`, `log`, `report`, `import`',
      last_used_at: 'when it was used last; NULL = it is not told, which is not "never"',
      last_used_from: 'who says so',
      expires_at: 'when it ends, or `never`; NULL = it is not told',
      first_seen: FIRST,
      grant_id: 'for `noctule show`: `g` and its number in this database',
      credential: 'id of the key or token, where it is about one',
      use: 'NULL where it can be used, else why not: `inactive` …',
      traits: 'JSON array of what the provider says of the holder: `administrator`, `workload`, `bot_account` …',
      attributes: 'JSON object of what else the provider says; what is in it depends on connector and kind, and is no part of this promise',
      product: PRODUCT,
      vendor: VENDOR,
      verdict: 'of its app, as in `integrations`; NULL = it is not judged yet',
      integration: INTEGRATION,
      stands:
        '1 where an inventory says it, or a log says it of what no inventory ever listed; 0 = an event about what inventories list, which never goes',
    },
    examples: [
      {
        title: 'What people who left still hold',
        sql: `SELECT holder, standing, app_name FROM grants WHERE standing <> 'active' AND state <> 'gone'`,
      },
      {
        title: 'Permissions of AI, one a row',
        sql: `SELECT DISTINCT g.product, p.value AS permission FROM grants g, json_each(g.permissions) p WHERE g.verdict = 'ai' ORDER BY 1, 2`,
      },
    ],
  },
  identities: {
    row: 'a person, role or account that a provider lists',
    names: 'everybody who is listed',
    columns: {
      ...WHERE,
      thing: 'what it is to its connector',
      state: STATE,
      id: "the provider's own id of it",
      name: 'name or address',
      standing: 'as in `grants`',
      traits: 'JSON array, as in `grants`',
      first_seen: FIRST,
    },
    examples: [
      {
        title: 'Administrators',
        sql: `SELECT connector, name FROM identities WHERE instr(traits, '"administrator"') > 0 AND state <> 'gone'`,
      },
    ],
  },
  products: {
    row: 'a product over all its apps, accounts and providers',
    names: 'nobody',
    columns: {
      tenant: WHERE.tenant,
      product: 'as the catalog calls it',
      name: 'the product in words',
      verdict: 'the gravest of its apps',
      state: STATE,
      apps: 'JSON array of the ids of its apps',
      connectors: 'JSON array of the providers where it is',
      open_findings: 'how many findings of it need a decision',
      first_seen: FIRST,
      vendor: VENDOR,
      vendor_name: 'the vendor in words',
    },
    examples: [{ title: 'On more than one plane', sql: `SELECT name, connectors FROM products WHERE json_array_length(connectors) > 1` }],
  },
  changes: {
    row: 'a thing that happened in a scan',
    names: 'holders of what changed',
    columns: {
      tenant: WHERE.tenant,
      scan: 'number of the scan',
      at: 'its start',
      about: '`fact`: what inventories state; `finding`: what was judged',
      change:
        'of facts `appeared`, `newly_seen` (its list was read for the first time), `returned`, `changed`, `gone`, `unverified`, `verified`; of findings `opened`, `changed`, `resolved`, `returned`, `excepted`, `reopened`, `unverified`, `verified`',
      id: 'for `noctule show`',
      kind: 'kind of the fact, or rule of the finding',
      connector: WHERE.connector,
      account: WHERE.account,
      app: APP,
      name: 'what the app calls itself now, or the title of the finding',
      holder: 'who holds it; NULL for findings',
    },
    examples: [
      {
        title: 'What each scan brought',
        sql: `SELECT scan, about, change, count(*) AS number FROM changes GROUP BY scan, about, change ORDER BY scan, about, change`,
      },
      {
        title: 'What came and went',
        sql: `SELECT at, change, kind, name FROM changes WHERE about = 'fact' AND change IN ('appeared', 'gone', 'returned') ORDER BY scan DESC`,
      },
    ],
  },
  gaps: {
    row: 'a place that a concluded scan could not read',
    names: 'ids of people whose access could not be read',
    columns: {
      scan: 'number of the scan',
      tenant: WHERE.tenant,
      scanned_at: 'its start',
      source: 'the configured source',
      connector: WHERE.connector,
      account: WHERE.account,
      collector: 'what was being read',
      scope: 'the place, from wide to narrow',
      reason: '`permission_denied`, `not_licensed`, `not_observable`, `rate_limited`, `stale` …',
      permission: 'what would open it; NULL = nothing is known to',
      effect: 'what is not seen for it',
      by_design: '1 where no permission would help',
    },
    examples: [
      {
        title: 'What could have been read',
        sql: `SELECT source, scope, permission FROM gaps WHERE by_design = 0 AND scan = (SELECT max(scan) FROM scans)`,
      },
    ],
  },
  scans: {
    row: 'a scan that has ended',
    names: 'nobody',
    columns: {
      scan: 'its number',
      tenant: WHERE.tenant,
      state: '`concluded` or `abandoned`',
      started_at: 'when it began',
      ended_at: 'when it ended',
      catalog_hash: 'by which catalog it was judged',
      policy_hash: 'by which policy; NULL = there was none',
    },
    examples: [
      {
        title: 'How long they took',
        sql: `SELECT scan, round((julianday(ended_at) - julianday(started_at)) * 86400) AS seconds FROM scans`,
      },
    ],
  },
  sources: {
    row: 'a source in a concluded scan',
    names: 'nobody',
    columns: {
      scan: 'number of the scan',
      tenant: WHERE.tenant,
      scanned_at: 'its start',
      source: 'the configured source',
      connector: WHERE.connector,
      account: 'the account that it read; NULL = it did not get so far',
      account_name: 'what that is called',
      state: '`read`, `partly`, `unread`',
      message: 'why it was not read',
    },
    examples: [
      {
        title: 'When each was read last',
        sql: `SELECT source, max(scanned_at) AS read_at FROM sources WHERE state <> 'unread' GROUP BY source`,
      },
    ],
  },
};
