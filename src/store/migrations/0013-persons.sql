-- Tenants that keep pseudonyms instead of people's names.

-- A tenant that stands here was begun that way, and stays so. The check tells keys apart, and nothing of the key.
CREATE TABLE pseudonymous_tenant (
  tenant TEXT PRIMARY KEY,
  key_check TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The name behind a pseudonym, encrypted: the key is in no database. A scan needs it to ask a provider again, and `persons reveal` to tell it.
CREATE TABLE pseudonym (
  tenant TEXT NOT NULL,
  pseudonym TEXT NOT NULL,
  sealed BLOB NOT NULL,
  -- What the audit trail calls the person by where the name was revealed: drawn at random, and gone with the row.
  mark TEXT,
  PRIMARY KEY (tenant, pseudonym)
) STRICT, WITHOUT ROWID;
