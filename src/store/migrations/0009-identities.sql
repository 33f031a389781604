-- What analysts said of an identity: human, machine or AI, whatever the facts say. The last word counts; NULL takes the earlier ones back.
-- It names people, so it stands here and not in the audit trail, which tells of it by a mark: it can be forgotten.
-- The mark is drawn at random for each identity. It goes with the rows, and then nobody can tell any more whom an event was about.
CREATE TABLE identity_override (
  tenant TEXT NOT NULL,
  connector TEXT NOT NULL,
  account TEXT NOT NULL,
  principal_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  class TEXT CHECK (class IN ('human', 'machine', 'ai')),
  reason TEXT NOT NULL,
  actor TEXT NOT NULL,
  at TEXT NOT NULL,
  mark TEXT NOT NULL,
  PRIMARY KEY (tenant, connector, account, principal_id, number)
) STRICT, WITHOUT ROWID;

-- One row a person, role or account that a provider lists, however many of its lists do.
DROP VIEW identities;
CREATE VIEW identities AS
SELECT c.tenant, c.connector, c.account, o.thing,
  CASE WHEN sum(o.state = 'present') > 0 THEN 'present' WHEN sum(o.state = 'unverified') > 0 THEN 'unverified' ELSE 'gone' END AS state,
  min(o.principal_id) AS id, min(o.body ->> '$.principal.name') AS name, max(o.body ->> '$.principal.standing') AS standing,
  (SELECT json_group_array(DISTINCT t.value ORDER BY t.value) FROM observation i JOIN collector l ON l.id = i.collector_id, json_each(i.body, '$.principal.traits') t
   WHERE i.principal_id = min(o.principal_id) AND i.thing = o.thing AND i.kind = 'identity' AND (i.state <> 'gone' OR min(o.state = 'gone') = 1)
     AND l.tenant = c.tenant AND l.connector = c.connector AND l.account = c.account) AS traits,
  min(s.started_at) AS first_seen
FROM observation o JOIN collector c ON c.id = o.collector_id JOIN scan s ON s.id = o.first_scan
WHERE o.kind = 'identity'
GROUP BY c.tenant, c.connector, c.account, o.thing;
