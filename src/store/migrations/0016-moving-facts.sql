-- Facts that move every night are kept as they were, of whatever is AI or was ever found: a past scan can be judged by its own dates of last use.

-- The scan since which `volatile` stands. Null = nobody noted it, as before this version: then it stands since `moving_unnoted` at the latest.
ALTER TABLE observation ADD COLUMN volatile_scan INTEGER;

-- One row: the last scan of an older version; 0 = there was none. To write it to every observation took eight seconds of a million, in which no question is answered.
CREATE TABLE moving_unnoted (last_scan INTEGER NOT NULL) STRICT;
INSERT INTO moving_unnoted SELECT coalesce(max(id), 0) FROM scan;

-- What moved, as it was from one scan on and before another.
CREATE TABLE volatile_version (
  observation_id INTEGER NOT NULL REFERENCES observation (id),
  until_scan INTEGER NOT NULL,
  from_scan INTEGER NOT NULL,
  volatile TEXT NOT NULL,
  PRIMARY KEY (observation_id, until_scan)
) STRICT, WITHOUT ROWID;
