-- title: Delegation to AI
-- question: What may act as every user, and is it AI?
-- names: nobody
-- column grant_id: id for `noctule show`
-- column app_name: what may act
-- column verdict: what the catalog says of it
-- column product: as the catalog knows it
-- column account: in which account
-- column permissions: as the provider names them
-- column granted_at: since when
SELECT grant_id, app_name, verdict, product, account, permissions, granted_at
FROM grants
WHERE tenant = :tenant AND stands = 1 AND kind = 'delegation' AND state <> 'gone' AND coalesce(verdict, 'unknown') <> 'not_ai'
ORDER BY verdict = 'ai' DESC, app_name, grant_id
