-- title: AI that can write to source code
-- question: Which AI tools can change the contents of repositories or pull requests?
-- names: apps that are named after their holder
-- param verdict text = ai: what the catalog says of the app: ai, suspected, ai_feature
-- column integration: id for `noctule show`
-- column name: what the app calls itself
-- column product: as the catalog knows it
-- column connector: of which connector
-- column account: in which account
-- column access: write or admin
-- column can: in plain words
-- column holders: how many hold it
SELECT integration, name, product, connector, account, access, can, holders
FROM reach
WHERE tenant = :tenant AND verdict = :verdict AND state <> 'gone' AND data_class = 'source_code' AND access IN ('write', 'admin')
ORDER BY access, holders DESC, integration
