-- Questions: ids that can be pasted, what is asked most as views of its own, and the indexes behind the lists.
-- Columns are added at the end of a view; those that were there keep their names and their places. docs/views.md tells of each.

DROP VIEW findings;
CREATE VIEW findings AS
SELECT f.key AS finding, f.tenant, f.connector, f.account, f.rule, f.severity, f.state, f.title, f.app_id AS app, i.name AS app_name,
  f.product, f.credential_id AS credential,
  CAST(f.body ->> '$.holders.count' AS INTEGER) AS holders,
  CAST(f.body ->> '$.holders.leavers' AS INTEGER) AS leavers,
  s.started_at AS first_seen,
  (SELECT started_at FROM scan WHERE id = f.unverified_scan) AS unverified_since,
  CAST(f.body ->> '$.holders.administrators' AS INTEGER) AS administrators,
  (SELECT started_at FROM scan WHERE id = f.state_scan) AS state_since,
  substr(f.product, 1, instr(f.product, '/') - 1) AS vendor,
  'i' || i.id AS integration, f.rank
FROM finding f
JOIN scan s ON s.id = f.first_scan
JOIN integration i ON i.tenant = f.tenant AND i.connector = f.connector AND i.account = f.account AND i.app_id = f.app_id;

DROP VIEW integrations;
CREATE VIEW integrations AS
SELECT i.tenant, i.connector, i.account, i.app_id AS app, i.name, i.product, i.verdict, i.grade, i.state,
  CAST(i.body ->> '$.holders.count' AS INTEGER) AS holders,
  CASE WHEN i.body ->> '$.since' = 'unknown' THEN NULL ELSE i.body ->> '$.since.at' END AS granted_at,
  CASE WHEN i.body ->> '$.lastUsed' = 'unknown' THEN NULL ELSE i.body ->> '$.lastUsed.at' END AS last_used_at,
  s.started_at AS first_seen,
  'i' || i.id AS integration,
  substr(i.product, 1, instr(i.product, '/') - 1) AS vendor,
  i.body ->> '$.match.productName' AS product_name, i.body ->> '$.match.vendor' AS vendor_name,
  i.body ->> '$.kinds' AS kinds,
  CAST(i.body ->> '$.holders.leavers' AS INTEGER) AS leavers,
  CAST(i.body ->> '$.holders.administrators' AS INTEGER) AS administrators,
  CAST(i.body ->> '$.supervision.tier' AS INTEGER) AS tier,
  i.body ->> '$.supervision.sanctioned' AS sanctioned,
  i.body ->> '$.supervision.answers.owner' AS owned,
  i.body ->> '$.supervision.answers.ends' AS ends
FROM integration i JOIN scan s ON s.id = i.first_scan;

-- One row an app and a class of data that it can reach.
CREATE VIEW reach AS
SELECT i.tenant, i.connector, i.account, 'i' || i.id AS integration, i.app_id AS app, i.name, i.product,
  substr(i.product, 1, instr(i.product, '/') - 1) AS vendor, i.verdict, i.state,
  r.value ->> '$.dataClass' AS data_class, r.value ->> '$.access' AS access, r.value ->> '$.plain' AS can, r.value ->> '$.permissions' AS permissions,
  CAST(i.body ->> '$.holders.count' AS INTEGER) AS holders, s.started_at AS first_seen
FROM integration i JOIN scan s ON s.id = i.first_scan, json_each(i.body, '$.reach') r;

DROP VIEW grants;
CREATE VIEW grants AS
SELECT c.tenant, c.connector, c.account, c.collector, c.mode, o.kind, o.thing, o.state, o.app_id AS app, o.body ->> '$.subject.name' AS app_name,
  o.principal_id AS holder_id, o.body ->> '$.principal.name' AS holder, o.body ->> '$.principal.standing' AS standing,
  o.body ->> '$.permissions' AS permissions,
  o.body ->> '$.grantedAt.at' AS granted_at, o.body ->> '$.grantedAt.from' AS granted_from,
  o.volatile ->> '$.lastUsedAt.at' AS last_used_at, o.volatile ->> '$.lastUsedAt.from' AS last_used_from,
  CASE WHEN o.body ->> '$.expiresAt' = 'never' THEN 'never' ELSE o.body ->> '$.expiresAt.at' END AS expires_at,
  s.started_at AS first_seen,
  'g' || o.id AS grant_id, o.body ->> '$.subject.credential' AS credential, o.body ->> '$.use' AS use,
  o.body ->> '$.principal.traits' AS traits, o.body ->> '$.attributes' AS attributes,
  i.product, substr(i.product, 1, instr(i.product, '/') - 1) AS vendor, i.verdict, 'i' || i.id AS integration,
  -- An event never goes; what inventories list is told by them.
  c.mode = 'inventory' OR NOT EXISTS (SELECT 1 FROM observation l JOIN collector lc ON lc.id = l.collector_id
    WHERE l.app_id = o.app_id AND l.thing = o.thing AND lc.mode = 'inventory'
      AND lc.tenant = c.tenant AND lc.connector = c.connector AND lc.account = c.account) AS stands
FROM observation o JOIN collector c ON c.id = o.collector_id JOIN scan s ON s.id = o.first_scan
LEFT JOIN integration i ON i.tenant = c.tenant AND i.connector = c.connector AND i.account = c.account AND i.app_id = o.app_id
WHERE o.kind NOT IN ('identity', 'control');

DROP VIEW products;
CREATE VIEW products AS
SELECT i.tenant, i.product, max(i.body ->> '$.match.productName') AS name, CASE WHEN sum(i.verdict = 'ai') > 0 THEN 'ai' ELSE max(i.verdict) END AS verdict,
  CASE WHEN sum(i.state = 'present') > 0 THEN 'present' WHEN sum(i.state = 'unverified') > 0 THEN 'unverified' ELSE 'gone' END AS state,
  json_group_array(DISTINCT i.app_id ORDER BY i.app_id) AS apps,
  json_group_array(DISTINCT i.connector ORDER BY i.connector) AS connectors,
  (SELECT count(*) FROM finding f WHERE f.tenant = i.tenant AND f.product = i.product AND f.state IN ('open', 'acknowledged')) AS open_findings,
  min(s.started_at) AS first_seen,
  substr(i.product, 1, instr(i.product, '/') - 1) AS vendor, max(i.body ->> '$.match.vendor') AS vendor_name
FROM integration i JOIN scan s ON s.id = i.first_scan
WHERE i.product IS NOT NULL
GROUP BY i.tenant, i.product;

-- One row a thing that happened in a scan: to what inventories state, and to findings.
CREATE VIEW changes AS
SELECT c.tenant, o.first_scan AS scan, s.started_at AS at, 'fact' AS about,
  CASE WHEN r.first = 1 THEN 'newly_seen' ELSE 'appeared' END AS change, 'g' || o.id AS id, o.kind, c.connector, c.account,
  o.app_id AS app, o.body ->> '$.subject.name' AS name, o.body ->> '$.principal.name' AS holder
FROM observation o JOIN collector c ON c.id = o.collector_id JOIN scan s ON s.id = o.first_scan
LEFT JOIN reading r ON r.scan_id = o.first_scan AND r.collector_id = o.collector_id
WHERE c.mode = 'inventory' AND coalesce(r.reader_changed, 0) = 0
UNION ALL
SELECT c.tenant, d.scan_id, s.started_at, 'fact', d.class, 'g' || o.id, o.kind, c.connector, c.account,
  o.app_id, o.body ->> '$.subject.name', o.body ->> '$.principal.name'
FROM diff_entry d JOIN observation o ON o.id = d.observation_id JOIN collector c ON c.id = o.collector_id JOIN scan s ON s.id = d.scan_id
WHERE c.mode = 'inventory' AND d.class <> 'reader_changed'
UNION ALL
SELECT f.tenant, e.scan_id, s.started_at, 'finding', e.event, f.key, f.rule, f.connector, f.account,
  f.app_id, f.title, NULL
FROM finding_event e JOIN finding f ON f.key = e.key JOIN scan s ON s.id = e.scan_id;

-- One row a source and a scan.
CREATE VIEW sources AS
SELECT s.id AS scan, s.tenant, s.started_at AS scanned_at, r.source, r.connector, r.account, r.account_name, r.state, r.message
FROM source_result r JOIN scan s ON s.id = r.scan_id WHERE s.state = 'concluded';

-- Findings in the order of their list, with all that they are chosen by: a page is found without a look at the bodies.
CREATE INDEX finding_list ON finding (tenant, rank DESC, key, state, severity, rule, product, connector, account, app_id);
CREATE INDEX finding_of_rule ON finding (tenant, rule, rank DESC);
CREATE INDEX finding_of_severity ON finding (tenant, severity, rank DESC, key, state);
CREATE INDEX finding_of_product ON finding (tenant, product, rank DESC, key, state);
CREATE INDEX integration_list ON integration (tenant, first_scan DESC, id DESC, verdict, state, connector, account, product);
CREATE INDEX integration_of_verdict ON integration (tenant, verdict, app_id, connector, account);
-- Whoever asks for a product asks for that of a tenant.
DROP INDEX integration_of_product;
CREATE INDEX integration_of_product ON integration (tenant, product, first_scan DESC, id DESC);
-- It grows at its end alone: what a night brings is all of one scan.
CREATE INDEX observation_of_scan ON observation (first_scan);
-- What is told of an app is looked up thing by thing.
DROP INDEX observation_of_app;
CREATE INDEX observation_of_app ON observation (app_id, thing);
