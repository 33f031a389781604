-- title: Tools that most people hold
-- question: Which AI products have the most holders, over all planes?
-- names: nobody
-- column product: as the catalog knows it
-- column holders: how many hold its apps, those of several counted for each
-- column apps: of how many apps
-- column connectors: on which planes
-- column leavers: how many of the holders have left
SELECT product, sum(holders) AS holders, count(*) AS apps, group_concat(DISTINCT connector) AS connectors, sum(leavers) AS leavers
FROM integrations
WHERE tenant = :tenant AND verdict = 'ai' AND product IS NOT NULL AND state <> 'gone'
GROUP BY product
ORDER BY holders DESC, product
