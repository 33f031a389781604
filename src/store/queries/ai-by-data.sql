-- title: AI that reaches a class of data
-- question: Which AI tools can read, or also change, mail, files, secrets or another class of data?
-- names: apps that are named after their holder
-- param data_class text = mail: a class of data, as `source_code`, `mail`, `files`, `calendar`, `secrets`, `directory`, `cloud`
-- column integration: id for `noctule show`
-- column name: what the app calls itself
-- column product: as the catalog knows it
-- column connector: of which connector
-- column account: in which account
-- column access: read, write or admin
-- column can: in plain words
-- column holders: how many hold it
SELECT integration, name, product, connector, account, access, can, holders
FROM reach
WHERE tenant = :tenant AND verdict IN ('ai', 'suspected') AND state <> 'gone' AND data_class = :data_class
ORDER BY access = 'read', holders DESC, integration
