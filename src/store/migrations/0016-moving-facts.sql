-- Facts that move every night are kept as they were, of whatever is AI or was ever found: a past scan can be judged by its own dates of last use.

-- The scan since which `volatile` stands. Null = nobody noted it, as before this version.
ALTER TABLE observation ADD COLUMN volatile_scan INTEGER;
UPDATE observation SET volatile_scan = (SELECT max(id) FROM scan) WHERE volatile IS NOT NULL;

-- What moved, as it was from one scan on and before another.
CREATE TABLE volatile_version (
  observation_id INTEGER NOT NULL REFERENCES observation (id),
  until_scan INTEGER NOT NULL,
  from_scan INTEGER NOT NULL,
  volatile TEXT NOT NULL,
  PRIMARY KEY (observation_id, until_scan)
) STRICT, WITHOUT ROWID;
