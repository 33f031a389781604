-- Nights: who is still to be told what, and of which scans the history was taken away.

-- What is told to somebody outside, until it was. It names nobody: what it says is read from the facts when it is sent.
CREATE TABLE notice (
  -- The same on every repeat.
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  notifier TEXT NOT NULL,
  made_at TEXT NOT NULL,
  -- It tells of the scans after the first and up to the second; NULL where a night ended without one.
  since_scan INTEGER,
  scan_id INTEGER,
  -- Why a night ended without a scan, as a word of ours.
  failure TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  -- Why the last attempt failed.
  trouble TEXT,
  delivered_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_of_notifier ON notice (tenant, notifier, made_at);

-- When the history of a scan was taken away; NULL = it is all there. Its row stays: dates of first seen are the starts of scans.
ALTER TABLE scan ADD COLUMN pruned_at TEXT;

-- Since when a gap had stood in the last scan that was pruned.
CREATE TABLE earlier_gap (
  collector_id INTEGER NOT NULL REFERENCES collector (id),
  scope TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- '' = none is named.
  permission TEXT NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (collector_id, scope, reason, permission)
) STRICT, WITHOUT ROWID;
