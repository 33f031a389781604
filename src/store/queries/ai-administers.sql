-- title: AI that administers something
-- question: Which AI tools have administrative access to anything?
-- names: apps that are named after their holder
-- column integration: id for `noctule show`
-- column name: what the app calls itself
-- column product: as the catalog knows it
-- column connector: of which connector
-- column account: in which account
-- column data_class: what it administers
-- column can: in plain words
SELECT integration, name, product, connector, account, data_class, can
FROM reach
WHERE tenant = :tenant AND verdict IN ('ai', 'suspected') AND state <> 'gone' AND (access = 'admin' OR data_class = 'admin')
ORDER BY integration, data_class
