-- title: Grants of leavers
-- question: Who has left, is suspended or was deleted, and still holds access?
-- names: holders
-- param verdict text = null: what the catalog says of the app: ai, suspected; not given = whatever the app is
-- column grant_id: id for `noctule show`
-- column holder: who holds it
-- column standing: suspended, archived, deleted or not_a_member
-- column app_name: what the app calls itself
-- column product: as the catalog knows it
-- column connector: of which connector
-- column account: in which account
-- column granted_at: since when
-- column last_used_at: when it was used last, where a provider tells
SELECT grant_id, holder, standing, app_name, product, connector, account, granted_at, last_used_at
FROM grants
WHERE tenant = :tenant AND stands = 1 AND state <> 'gone' AND standing <> 'active' AND (:verdict IS NULL OR verdict = :verdict)
ORDER BY holder, app_name, grant_id
