-- title: Missing permissions
-- question: Which permission would open the most places that the last scan could not read?
-- names: nobody
-- column connector: of which connector
-- column permission: what to grant
-- column places: how many places it would open
-- column collectors: what would be read
SELECT connector, permission, count(*) AS places, group_concat(DISTINCT collector) AS collectors
FROM gaps
WHERE tenant = :tenant AND scan = (SELECT max(scan) FROM scans WHERE tenant = :tenant AND state = 'concluded') AND permission IS NOT NULL
GROUP BY connector, permission
ORDER BY places DESC, connector, permission
