-- title: Unread places
-- question: What could the last scan not read, though it should?
-- names: ids of people whose access could not be read
-- column source: the configured source
-- column collector: what was being read
-- column scope: the place
-- column reason: why not
-- column permission: what would open it
-- column effect: what is not seen for it
SELECT source, collector, scope, reason, permission, effect
FROM gaps
WHERE tenant = :tenant AND scan = (SELECT max(scan) FROM scans WHERE tenant = :tenant AND state = 'concluded') AND by_design = 0
ORDER BY source, collector, scope, reason
