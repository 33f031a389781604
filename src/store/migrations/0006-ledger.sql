-- Two refusals at one place are two lines of the ledger: each names the permission that would open it.
DROP VIEW gaps;
DROP VIEW gap_of_reading;
ALTER TABLE statement RENAME TO statement_before;
CREATE TABLE statement (
  reading_id INTEGER NOT NULL REFERENCES reading (id),
  scope TEXT NOT NULL,
  statement TEXT NOT NULL CHECK (statement IN ('covered', 'unchanged', 'gap')),
  reason TEXT NOT NULL DEFAULT '',
  -- '' = none is named.
  permission TEXT NOT NULL DEFAULT '',
  effect TEXT,
  by_design INTEGER NOT NULL DEFAULT 0,
  window_from TEXT,
  window_to TEXT,
  -- Time of the first page behind the statement.
  stated_at TEXT NOT NULL,
  spot_check INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (reading_id, scope, statement, reason, permission)
) STRICT, WITHOUT ROWID;
INSERT INTO statement SELECT reading_id, scope, statement, reason, coalesce(permission, ''), effect, by_design, window_from, window_to, stated_at, spot_check
FROM statement_before;
DROP TABLE statement_before;

-- 1 where the collector ended and had said nothing of the place: not a log, but a reader that forgot to speak.
ALTER TABLE stale_place ADD COLUMN unsaid INTEGER NOT NULL DEFAULT 0;

CREATE VIEW gap_of_reading AS
SELECT reading_id, scope, reason, nullif(permission, '') AS permission, effect, by_design FROM statement WHERE statement = 'gap'
UNION ALL
SELECT reading_id, scope, 'stale', NULL, CASE unsaid
  WHEN 1 THEN 'The collector ended and said nothing of this place'
  ELSE 'A log vouched for this place and may not: the place was not read whole for too long, or the log misses changes' END, 0
FROM stale_place;

CREATE VIEW gaps AS
SELECT s.id AS scan, s.tenant, s.started_at AS scanned_at, r.source, c.connector, c.account, c.collector, g.scope, g.reason, g.permission, g.effect,
  g.by_design
FROM gap_of_reading g JOIN reading r ON r.id = g.reading_id JOIN collector c ON c.id = r.collector_id JOIN scan s ON s.id = r.scan_id
WHERE s.state = 'concluded';

-- Nothing is looked up by it, and each new fact paid for it.
DROP INDEX observation_of_thing;

-- The catalog by which it was decided how deep to read; the scan's is the one by which it was judged.
ALTER TABLE reading ADD COLUMN catalog_hash TEXT;
UPDATE reading SET catalog_hash = (SELECT catalog_hash FROM scan WHERE id = scan_id);

-- Nothing says which apps were judged before that was kept: all of them are once.
INSERT OR IGNORE INTO app_to_judge
SELECT DISTINCT c.tenant, c.connector, c.account, o.app_id FROM observation o JOIN collector c ON c.id = o.collector_id
WHERE o.kind NOT IN ('identity', 'control');
