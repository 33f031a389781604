-- What was judged earlier, and what has to be judged again.

-- Apps of which a scan brought news that no judgement has seen yet.
CREATE TABLE app_to_judge (
  tenant TEXT NOT NULL,
  connector TEXT NOT NULL,
  account TEXT NOT NULL,
  app_id TEXT NOT NULL,
  PRIMARY KEY (tenant, connector, account, app_id)
) STRICT, WITHOUT ROWID;

-- The moment by whose date approvals and exceptions were held to be in force.
ALTER TABLE scan ADD COLUMN judged_at TEXT;

-- The scan since which a finding, or an integration, is as it stands here. A date of last use that moved makes no version.
ALTER TABLE finding ADD COLUMN body_scan INTEGER NOT NULL DEFAULT 0;
UPDATE finding SET body_scan = state_scan;
ALTER TABLE integration ADD COLUMN body_scan INTEGER NOT NULL DEFAULT 0;
UPDATE integration SET body_scan = first_scan;

-- What a finding was before `until_scan`.
CREATE TABLE finding_version (
  key TEXT NOT NULL REFERENCES finding (key),
  until_scan INTEGER NOT NULL,
  from_scan INTEGER NOT NULL,
  product TEXT,
  severity TEXT NOT NULL,
  rank INTEGER NOT NULL,
  state TEXT NOT NULL,
  unverified_scan INTEGER,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (key, until_scan)
) STRICT, WITHOUT ROWID;

-- What an integration was before `until_scan`.
CREATE TABLE integration_version (
  integration_id INTEGER NOT NULL REFERENCES integration (id),
  until_scan INTEGER NOT NULL,
  from_scan INTEGER NOT NULL,
  name TEXT NOT NULL,
  product TEXT,
  verdict TEXT NOT NULL,
  grade TEXT NOT NULL,
  state TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (integration_id, until_scan)
) STRICT, WITHOUT ROWID;

-- Which collectors list people, and where.
CREATE INDEX observation_of_people ON observation (collector_id, scope) WHERE kind = 'identity';

-- Places that a log vouched for and that count as unread all the same: they were not read whole for too long or never,
-- or the log was found to miss changes.
-- It is no statement of the collector's, and decides nothing about what lies below.
CREATE TABLE stale_place (
  reading_id INTEGER NOT NULL REFERENCES reading (id),
  scope TEXT NOT NULL,
  PRIMARY KEY (reading_id, scope)
) STRICT, WITHOUT ROWID;

-- What could not be read, by the collector's own word or for want of a recent reading.
CREATE VIEW gap_of_reading AS
SELECT reading_id, scope, reason, permission, effect, by_design FROM statement WHERE statement = 'gap'
UNION ALL
SELECT reading_id, scope, 'stale', NULL, 'A log vouched for this place and may not: the place was not read whole for too long, or the log misses changes', 0 FROM stale_place;

DROP VIEW gaps;
CREATE VIEW gaps AS
SELECT s.id AS scan, s.tenant, s.started_at AS scanned_at, r.source, c.connector, c.account, c.collector, g.scope, g.reason, g.permission, g.effect,
  g.by_design
FROM gap_of_reading g JOIN reading r ON r.id = g.reading_id JOIN collector c ON c.id = r.collector_id JOIN scan s ON s.id = r.scan_id
WHERE s.state = 'concluded';
