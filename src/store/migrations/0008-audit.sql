-- What was done and decided, each event naming the one before it by its hash. It is added to and never changed:
-- whoever holds the file can break that, and `noctule audit verify` says where.
CREATE TABLE audit_event (
  tenant TEXT NOT NULL,
  number INTEGER NOT NULL,
  previous TEXT NOT NULL,
  at TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  details TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (tenant, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_event_is_not_changed BEFORE UPDATE ON audit_event
BEGIN
  SELECT RAISE(ABORT, 'The audit trail is added to and never changed');
END;

CREATE TRIGGER audit_event_is_not_taken_away BEFORE DELETE ON audit_event
BEGIN
  SELECT RAISE(ABORT, 'The audit trail is added to and never changed');
END;

-- REPLACE takes the old row away without a word to the trigger above.
CREATE TRIGGER audit_event_is_not_replaced BEFORE INSERT ON audit_event
WHEN EXISTS (SELECT 1 FROM audit_event WHERE tenant = NEW.tenant AND number = NEW.number)
BEGIN
  SELECT RAISE(ABORT, 'The audit trail is added to and never changed');
END;

-- Who began it; NULL = a Noctule that did not keep it.
ALTER TABLE scan ADD COLUMN actor TEXT;
