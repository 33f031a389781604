-- title: How the sources fared
-- question: Was every source read in the last scans?
-- names: nobody
-- param scans number = 14: so many last scans
-- column scan: number of the scan
-- column scanned_at: when it began
-- column source: the configured source
-- column account_name: which account it read
-- column state: read, partly or unread
-- column message: why not
SELECT scan, scanned_at, source, account_name, state, message
FROM sources
WHERE tenant = :tenant AND scan IN (SELECT scan FROM scans WHERE tenant = :tenant ORDER BY scan DESC LIMIT :scans)
ORDER BY scan DESC, source
