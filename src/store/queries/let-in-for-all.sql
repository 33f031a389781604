-- title: Let in for all
-- question: What did administrators let in for everybody, and which of them did?
-- names: administrators
-- column grant_id: id for `noctule show`
-- column app_name: what was let in
-- column kind: delegation, app_installation …
-- column verdict: what the catalog says of it
-- column product: as the catalog knows it
-- column account: in which account
-- column administrator: address of who did, or the id where the log tells no address; empty where it names nobody
-- column granted_at: when
SELECT grant_id, app_name, kind, verdict, product, account,
  coalesce(attributes ->> '$.decidedBy.email', attributes ->> '$.decidedBy.user') AS administrator, granted_at
FROM grants
WHERE tenant = :tenant AND stands = 1 AND state <> 'gone' AND json_type(attributes, '$.decidedBy') IS NOT NULL AND coalesce(verdict, 'unknown') <> 'not_ai'
ORDER BY verdict = 'ai' DESC, granted_at DESC, grant_id
