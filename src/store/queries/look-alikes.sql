-- title: Look-alikes
-- question: Which apps bear the name of an approved one under another id?
-- names: apps that are named after their holder
-- column finding: id for `noctule show`
-- column app_name: what the app calls itself
-- column app: its id
-- column product: whose name it bears
-- column connector: of which connector
-- column account: in which account
-- column holders: how many hold it
-- column first_seen: start of the scan that found it
SELECT finding, app_name, app, product, connector, account, holders, first_seen
FROM findings
WHERE tenant = :tenant AND rule = 'look-alike-of-approved' AND state IN ('open', 'acknowledged')
ORDER BY holders DESC, finding
