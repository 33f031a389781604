-- title: One product everywhere
-- question: Under which apps, accounts and planes is this product used?
-- names: apps that are named after their holder
-- param product text: as the catalog calls it, `openai/chatgpt`
-- column integration: id for `noctule show`
-- column connector: of which connector
-- column account: in which account
-- column app: id of the app
-- column name: what it calls itself
-- column grade: how surely it is the product
-- column holders: how many hold it
-- column sanctioned: 1 where an approval in force covers it
-- column first_seen: start of the scan that saw it first
-- column state: present, unverified or gone
SELECT integration, connector, account, app, name, grade, holders, sanctioned, first_seen, state
FROM integrations
WHERE tenant = :tenant AND product = :product
ORDER BY state = 'gone', holders DESC, integration
