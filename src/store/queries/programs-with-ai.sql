-- title: Programs that use AI
-- question: Which service accounts, roles and other programs reach AI without a person?
-- names: nobody
-- column grant_id: id for `noctule show`
-- column holder: the program
-- column traits: what its provider says of it
-- column app_name: what the app calls itself
-- column product: as the catalog knows it
-- column kind: grant, key, seat …
-- column connector: of which connector
-- column account: in which account
SELECT grant_id, holder, traits, app_name, product, kind, connector, account
FROM grants
WHERE tenant = :tenant AND stands = 1 AND verdict IN ('ai', 'suspected') AND state <> 'gone'
  AND (instr(traits, '"workload"') > 0 OR instr(traits, '"agent_runtime"') > 0 OR instr(traits, '"key_holder"') > 0)
ORDER BY holder, product, grant_id
