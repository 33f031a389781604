-- title: What a vendor can reach
-- question: Which data could this vendor, or whoever breaches it, read or change?
-- names: apps that are named after their holder
-- param vendor text: the vendor, as products are called: the part before the slash in `openai/chatgpt`
-- column data_class: class of data
-- column access: the most that it can do: read, write or admin
-- column apps: how many of its apps can
-- column holders: how many hold these apps, those of several counted for each
-- column connectors: on which planes
SELECT data_class, CASE WHEN sum(access = 'admin') > 0 THEN 'admin' WHEN sum(access = 'write') > 0 THEN 'write' ELSE 'read' END AS access,
  count(DISTINCT integration) AS apps, sum(holders) AS holders, group_concat(DISTINCT connector) AS connectors
FROM reach
WHERE tenant = :tenant AND product >= :vendor || '/' AND product < :vendor || '0' AND state <> 'gone'
GROUP BY data_class
ORDER BY access, data_class
