-- title: Powerful apps that nobody knows
-- question: Which apps that the catalog does not know can change something that matters?
-- names: apps that are named after their holder
-- column integration: id for `noctule show`
-- column name: what the app calls itself
-- column app: its id
-- column connector: of which connector
-- column account: in which account
-- column holders: how many hold it
-- column can: what it can change, in plain words
SELECT integration, name, app, connector, account, max(holders) AS holders, group_concat(can, '; ') AS can
FROM reach
WHERE tenant = :tenant AND verdict IN ('unknown', 'suspected') AND state <> 'gone' AND access IN ('write', 'admin') AND data_class NOT IN ('other', 'profile')
GROUP BY integration
ORDER BY holders DESC, integration
