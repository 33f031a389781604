-- One thing that a person has to decide about, over all findings that are decided together: what a ticket is about. Its id stays when the
-- catalog later names the app; the key, the product or, while that is unknown, the id of the app, follows what is known.
CREATE TABLE decision (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  connector TEXT NOT NULL,
  rule_group TEXT NOT NULL,
  product TEXT,
  app_id TEXT,
  first_scan INTEGER NOT NULL,
  -- The decision under which its findings go on.
  merged_into TEXT REFERENCES decision (id),
  CHECK ((product IS NULL) <> (app_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX decision_of_tenant ON decision (tenant);
CREATE UNIQUE INDEX decision_of_product ON decision (tenant, connector, rule_group, product) WHERE product IS NOT NULL;
CREATE UNIQUE INDEX decision_of_app ON decision (tenant, connector, rule_group, app_id) WHERE app_id IS NOT NULL;

CREATE TABLE decision_finding (
  key TEXT PRIMARY KEY REFERENCES finding (key),
  decision TEXT NOT NULL REFERENCES decision (id),
  -- Of a finding that is resolved: scans that read the places that it rested on, and did not see it.
  read_gone INTEGER NOT NULL DEFAULT 0,
  read_scan INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_of_decision ON decision_finding (decision);

-- A tracker, as the configuration names it.
CREATE TABLE ticket_sink (
  tenant TEXT NOT NULL,
  sink TEXT NOT NULL,
  -- What was open in this scan, and has not moved since, gets no ticket.
  baseline_scan INTEGER NOT NULL,
  PRIMARY KEY (tenant, sink)
) STRICT, WITHOUT ROWID;

-- What is known of a ticket. One that comes after another about the same decision is its next generation.
CREATE TABLE ticket (
  decision TEXT NOT NULL REFERENCES decision (id),
  sink TEXT NOT NULL,
  generation INTEGER NOT NULL,
  -- Its id in the tracker; NULL until it is known to be made.
  remote_id TEXT,
  label TEXT,
  url TEXT,
  -- As it was seen last.
  remote_state TEXT CHECK (remote_state IN ('open', 'closed', 'missing')),
  content_hash TEXT,
  -- JSON: what was last told in a comment, in numbers and words of ours.
  told TEXT,
  closed_by TEXT CHECK (closed_by IN ('noctule', 'human')),
  closed_at TEXT,
  last_comment_day TEXT,
  last_sync TEXT,
  -- When it is looked whether the tracker made it twice.
  verify_at TEXT,
  -- Writes so far, for the keys of writes.
  writes INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (decision, sink, generation)
) STRICT, WITHOUT ROWID;

-- What is to be written to trackers, in order. Written together with the change of the findings that asks for it.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  sink TEXT NOT NULL,
  decision TEXT NOT NULL,
  generation INTEGER NOT NULL,
  op TEXT NOT NULL CHECK (op IN ('create', 'update', 'comment', 'close', 'reopen')),
  -- JSON.
  payload TEXT NOT NULL,
  idempotency_key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'unknown', 'done', 'dead')),
  attempts INTEGER NOT NULL DEFAULT 0,
  not_before TEXT NOT NULL,
  -- The last scan when it was asked for.
  scan_id INTEGER NOT NULL,
  queued_at TEXT NOT NULL,
  -- Begin of the last attempt.
  sent_at TEXT,
  -- Why the last attempt failed.
  message TEXT,
  FOREIGN KEY (decision, sink, generation) REFERENCES ticket (decision, sink, generation)
) STRICT;
CREATE INDEX outbox_waiting ON outbox (tenant, sink, id) WHERE state <> 'done';
CREATE INDEX outbox_of_scan ON outbox (tenant, sink, scan_id) WHERE op = 'create';
CREATE INDEX outbox_of_ticket ON outbox (decision, sink, generation);

-- What analysts did with a finding. It may name people, so it stands here and not in the audit trail, which tells of it by its number.
CREATE TABLE finding_act (
  key TEXT NOT NULL REFERENCES finding (key),
  number INTEGER NOT NULL,
  act TEXT NOT NULL CHECK (act IN ('acknowledged', 'assigned', 'commented')),
  -- The words, or to whom it was assigned; '' = none, nobody.
  text TEXT NOT NULL,
  -- JSON, of an acknowledgement: what was seen. The finding returns to open when it grows beyond that.
  seen TEXT,
  actor TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (key, number)
) STRICT, WITHOUT ROWID;
