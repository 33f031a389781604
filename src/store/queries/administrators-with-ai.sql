-- title: Administrators who hold AI
-- question: Which administrators gave an AI tool access?
-- names: holders
-- column grant_id: id for `noctule show`
-- column holder: who holds it
-- column app_name: what the app calls itself
-- column product: as the catalog knows it
-- column kind: grant, key, seat …
-- column connector: of which connector
-- column account: in which account
SELECT grant_id, holder, app_name, product, kind, connector, account
FROM grants
WHERE tenant = :tenant AND stands = 1 AND verdict IN ('ai', 'suspected') AND state <> 'gone' AND instr(traits, '"administrator"') > 0
ORDER BY holder, product, grant_id
