-- Facts, the ground on which absence may be concluded, and what was judged. Times are ISO 8601 in UTC.

-- Contents of the files that scans were judged by, once each, so that an old verdict can be explained.
CREATE TABLE document (
  hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('config', 'policy', 'catalog')),
  content TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE scan (
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'concluded', 'abandoned')),
  started_at TEXT NOT NULL,
  ended_at TEXT,
  -- What a resumed scan must have in common with the one it goes on with.
  config_hash TEXT NOT NULL,
  catalog_hash TEXT NOT NULL,
  policy_hash TEXT,
  program_version TEXT NOT NULL,
  -- 1 when only some of the configured sources were asked for.
  partial INTEGER NOT NULL DEFAULT 0,
  -- 1 once its findings were written. A scan that died between facts and findings is judged before the next begins.
  judged INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX scan_of_tenant ON scan (tenant, id);

-- How a configured source fared in a scan.
CREATE TABLE source_result (
  scan_id INTEGER NOT NULL REFERENCES scan (id),
  source TEXT NOT NULL,
  connector TEXT NOT NULL,
  account TEXT,
  account_name TEXT,
  state TEXT NOT NULL CHECK (state IN ('running', 'read', 'partly', 'unread')),
  message TEXT,
  PRIMARY KEY (scan_id, source)
) STRICT, WITHOUT ROWID;

-- One reader of one account: what absence is judged by.
CREATE TABLE collector (
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  connector TEXT NOT NULL,
  account TEXT NOT NULL,
  account_scope TEXT NOT NULL,
  collector TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('inventory', 'log')),
  UNIQUE (tenant, connector, account, collector)
) STRICT;

-- One collector at work in one scan.
CREATE TABLE reading (
  id INTEGER PRIMARY KEY,
  scan_id INTEGER NOT NULL REFERENCES scan (id),
  collector_id INTEGER NOT NULL REFERENCES collector (id),
  source TEXT NOT NULL,
  version INTEGER NOT NULL,
  -- How the collector ended; its facts are concluded together with the scan, so that readers see whole scans only.
  state TEXT NOT NULL CHECK (state IN ('running', 'ended', 'failed', 'abandoned', 'unread')),
  started_at TEXT NOT NULL,
  ended_at TEXT,
  cursor TEXT,
  sizes TEXT NOT NULL DEFAULT '{}',
  -- 1 when the collector's version rose: nothing was compared.
  reader_changed INTEGER NOT NULL DEFAULT 0,
  -- 1 when this account was never read by this collector before: all that it saw is newly seen, not new.
  first INTEGER NOT NULL DEFAULT 0,
  UNIQUE (scan_id, collector_id)
) STRICT;
CREATE INDEX reading_of_collector ON reading (collector_id, scan_id);

-- What a collector said about places. At one scope a gap beats covered, covered beats unchanged.
CREATE TABLE statement (
  reading_id INTEGER NOT NULL REFERENCES reading (id),
  scope TEXT NOT NULL,
  statement TEXT NOT NULL CHECK (statement IN ('covered', 'unchanged', 'gap')),
  reason TEXT NOT NULL DEFAULT '',
  permission TEXT,
  effect TEXT,
  by_design INTEGER NOT NULL DEFAULT 0,
  window_from TEXT,
  window_to TEXT,
  -- Time of the first page behind the statement.
  stated_at TEXT NOT NULL,
  PRIMARY KEY (reading_id, scope, statement, reason)
) STRICT, WITHOUT ROWID;

-- The present state of everything that a provider ever stated.
CREATE TABLE observation (
  id INTEGER PRIMARY KEY,
  collector_id INTEGER NOT NULL REFERENCES collector (id),
  native_id TEXT NOT NULL,
  thing TEXT NOT NULL,
  kind TEXT NOT NULL,
  scope TEXT NOT NULL,
  app_id TEXT NOT NULL,
  principal_id TEXT,
  state TEXT NOT NULL CHECK (state IN ('present', 'unverified', 'gone')),
  first_scan INTEGER NOT NULL,
  -- The scan in which `state` began, and the one in which `body` did.
  state_scan INTEGER NOT NULL,
  body_scan INTEGER NOT NULL,
  fingerprint BLOB NOT NULL,
  body TEXT NOT NULL,
  -- Facts that move every night: overwritten, never versioned.
  volatile TEXT
) STRICT;
CREATE UNIQUE INDEX observation_key ON observation (collector_id, native_id);
CREATE INDEX observation_of_app ON observation (app_id);
CREATE INDEX observation_of_thing ON observation (thing);
CREATE INDEX observation_of_principal ON observation (principal_id);

-- Earlier bodies: what an observation said before `until_scan`.
CREATE TABLE observation_version (
  observation_id INTEGER NOT NULL REFERENCES observation (id),
  until_scan INTEGER NOT NULL,
  from_scan INTEGER NOT NULL,
  fingerprint BLOB NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (observation_id, until_scan)
) STRICT, WITHOUT ROWID;

-- What changed in a scan. What appeared stands in `observation.first_scan` alone.
CREATE TABLE diff_entry (
  scan_id INTEGER NOT NULL REFERENCES scan (id),
  observation_id INTEGER NOT NULL REFERENCES observation (id),
  class TEXT NOT NULL CHECK (class IN ('returned', 'changed', 'gone', 'unverified', 'verified', 'reader_changed')),
  -- The state from this scan on.
  state TEXT NOT NULL,
  PRIMARY KEY (scan_id, observation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX diff_of_observation ON diff_entry (observation_id, scan_id);

-- First attempts and repeats of each operation.
CREATE TABLE request_count (
  scan_id INTEGER NOT NULL REFERENCES scan (id),
  source TEXT NOT NULL,
  -- '' = opening the connection.
  collector TEXT NOT NULL,
  operation TEXT NOT NULL,
  first INTEGER NOT NULL,
  repeats INTEGER NOT NULL,
  PRIMARY KEY (scan_id, source, collector, operation)
) STRICT, WITHOUT ROWID;

-- Who is scanning: one at a time for each tenant.
CREATE TABLE lease (
  tenant TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  beat_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One app in one account.
CREATE TABLE integration (
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  connector TEXT NOT NULL,
  account TEXT NOT NULL,
  app_id TEXT NOT NULL,
  name TEXT NOT NULL,
  product TEXT,
  verdict TEXT NOT NULL,
  grade TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('present', 'unverified', 'gone')),
  first_scan INTEGER NOT NULL,
  -- JSON: the match, the reach and the holders, as they were judged.
  body TEXT NOT NULL,
  UNIQUE (tenant, connector, account, app_id)
) STRICT;
CREATE INDEX integration_of_product ON integration (product);

-- One thing that a person has to decide.
CREATE TABLE finding (
  key TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  connector TEXT NOT NULL,
  account TEXT NOT NULL,
  rule TEXT NOT NULL,
  app_id TEXT NOT NULL,
  credential_id TEXT,
  product TEXT,
  severity TEXT NOT NULL,
  rank INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'excepted', 'resolved')),
  first_scan INTEGER NOT NULL,
  state_scan INTEGER NOT NULL,
  unverified_scan INTEGER,
  title TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_open ON finding (tenant, state, rank DESC);
CREATE INDEX finding_of_app ON finding (app_id);

-- What happened to a finding, in order.
CREATE TABLE finding_event (
  scan_id INTEGER NOT NULL REFERENCES scan (id),
  key TEXT NOT NULL REFERENCES finding (key),
  event TEXT NOT NULL CHECK (event IN ('opened', 'changed', 'resolved', 'returned', 'excepted', 'reopened', 'unverified', 'verified')),
  detail TEXT,
  PRIMARY KEY (scan_id, key, event)
) STRICT, WITHOUT ROWID;
