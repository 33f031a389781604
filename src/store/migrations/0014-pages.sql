-- Pages of findings. Their rows are long: in a tree of keys each level holds whole rows, and to find one, several are read over.
-- With numbers of their own the rows come one after the other, and the key leads to the number. Nothing else changes.
-- Tables that refer to findings keep doing so by name, and views are looked up when they are asked.
PRAGMA legacy_alter_table = ON;
CREATE TABLE finding_by_number (
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
  body TEXT NOT NULL,
  -- The scan since which it is as it stands here.
  body_scan INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO finding_by_number (key, tenant, connector, account, rule, app_id, credential_id, product, severity, rank, state, first_scan, state_scan,
  unverified_scan, title, body, body_scan)
SELECT key, tenant, connector, account, rule, app_id, credential_id, product, severity, rank, state, first_scan, state_scan,
  unverified_scan, title, body, body_scan FROM finding ORDER BY key;
DROP TABLE finding;
ALTER TABLE finding_by_number RENAME TO finding;
PRAGMA legacy_alter_table = OFF;

-- The key stands at the end of each where it did without being named; a page of one rule is found without a look at the rows.
CREATE INDEX finding_open ON finding (tenant, state, rank DESC, key);
CREATE INDEX finding_of_app ON finding (app_id, key);
CREATE INDEX finding_list ON finding (tenant, rank DESC, key, state, severity, rule, product, connector, account, app_id);
CREATE INDEX finding_of_rule ON finding (tenant, rule, rank DESC, key, state);
CREATE INDEX finding_of_severity ON finding (tenant, severity, rank DESC, key, state);
CREATE INDEX finding_of_product ON finding (tenant, product, rank DESC, key, state);
