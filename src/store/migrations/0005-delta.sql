-- Nights on which a change log is asked what has to be read.
ALTER TABLE reading ADD COLUMN delta_since TEXT;
-- 1 on a night on which everything is read all the same, and held against what the log says.
ALTER TABLE reading ADD COLUMN sweep INTEGER NOT NULL DEFAULT 0;
-- 1 where the log was found to miss changes: it is not believed, and the next reading reads everything.
ALTER TABLE reading ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE statement ADD COLUMN spot_check INTEGER NOT NULL DEFAULT 0;

-- Places that differed in a sweep from what the log said. A log that is late names them on the next night; one that misses changes never does.
CREATE TABLE suspected_place (
  reading_id INTEGER NOT NULL REFERENCES reading (id),
  scope TEXT NOT NULL,
  PRIMARY KEY (reading_id, scope)
) STRICT, WITHOUT ROWID;
