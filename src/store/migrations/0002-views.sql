-- The interface for analysts: names and columns of these views are kept from release to release.

-- One row a finding.
CREATE VIEW findings AS
SELECT f.key AS finding, f.tenant, f.connector, f.account, f.rule, f.severity, f.state, f.title, f.app_id AS app, i.name AS app_name,
  f.product, f.credential_id AS credential,
  CAST(f.body ->> '$.holders.count' AS INTEGER) AS holders,
  CAST(f.body ->> '$.holders.leavers' AS INTEGER) AS leavers,
  s.started_at AS first_seen,
  (SELECT started_at FROM scan WHERE id = f.unverified_scan) AS unverified_since
FROM finding f
JOIN scan s ON s.id = f.first_scan
JOIN integration i ON i.tenant = f.tenant AND i.connector = f.connector AND i.account = f.account AND i.app_id = f.app_id;

-- One row an app in an account, AI or not.
CREATE VIEW integrations AS
SELECT i.tenant, i.connector, i.account, i.app_id AS app, i.name, i.product, i.verdict, i.grade, i.state,
  CAST(i.body ->> '$.holders.count' AS INTEGER) AS holders,
  CASE WHEN i.body ->> '$.since' = 'unknown' THEN NULL ELSE i.body ->> '$.since.at' END AS granted_at,
  CASE WHEN i.body ->> '$.lastUsed' = 'unknown' THEN NULL ELSE i.body ->> '$.lastUsed.at' END AS last_used_at,
  s.started_at AS first_seen
FROM integration i JOIN scan s ON s.id = i.first_scan;

-- One row a statement of a provider: who holds what, with which permissions.
CREATE VIEW grants AS
SELECT c.tenant, c.connector, c.account, c.collector, c.mode, o.kind, o.thing, o.state, o.app_id AS app, o.body ->> '$.subject.name' AS app_name,
  o.principal_id AS holder_id, o.body ->> '$.principal.name' AS holder, o.body ->> '$.principal.standing' AS standing,
  o.body ->> '$.permissions' AS permissions,
  o.body ->> '$.grantedAt.at' AS granted_at, o.body ->> '$.grantedAt.from' AS granted_from,
  o.volatile ->> '$.lastUsedAt.at' AS last_used_at, o.volatile ->> '$.lastUsedAt.from' AS last_used_from,
  CASE WHEN o.body ->> '$.expiresAt' = 'never' THEN 'never' ELSE o.body ->> '$.expiresAt.at' END AS expires_at,
  s.started_at AS first_seen
FROM observation o JOIN collector c ON c.id = o.collector_id JOIN scan s ON s.id = o.first_scan
WHERE o.kind NOT IN ('identity', 'control');

-- One row a person, role or account that a provider lists.
CREATE VIEW identities AS
SELECT c.tenant, c.connector, c.account, o.thing, o.state, o.principal_id AS id, o.body ->> '$.principal.name' AS name,
  o.body ->> '$.principal.standing' AS standing, o.body ->> '$.principal.traits' AS traits, s.started_at AS first_seen
FROM observation o JOIN collector c ON c.id = o.collector_id JOIN scan s ON s.id = o.first_scan
WHERE o.kind = 'identity';

-- One row a place that a concluded scan could not read.
CREATE VIEW gaps AS
SELECT s.id AS scan, s.tenant, s.started_at AS scanned_at, r.source, c.connector, c.account, c.collector, t.scope, t.reason, t.permission, t.effect,
  t.by_design
FROM statement t JOIN reading r ON r.id = t.reading_id JOIN collector c ON c.id = r.collector_id JOIN scan s ON s.id = r.scan_id
WHERE t.statement = 'gap' AND s.state = 'concluded';

-- One row a scan.
CREATE VIEW scans AS SELECT id AS scan, tenant, state, started_at, ended_at, catalog_hash, policy_hash FROM scan WHERE state <> 'running';
