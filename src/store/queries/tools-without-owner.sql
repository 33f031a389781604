-- title: Tools without owner
-- question: For which AI tools does nobody answer?
-- names: apps that are named after their holder
-- column integration: id for `noctule show`
-- column name: what the app calls itself
-- column product: as the catalog knows it
-- column connector: of which connector
-- column account: in which account
-- column holders: how many hold it
-- column tier: how much it can change, from 1 to 4
SELECT integration, name, product, connector, account, holders, tier
FROM integrations
WHERE tenant = :tenant AND verdict = 'ai' AND state <> 'gone' AND owned = 'no'
ORDER BY tier DESC, holders DESC, integration
