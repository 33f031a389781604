-- title: Resolved lately
-- question: Which findings were settled in the last scans?
-- names: apps that are named after their holder
-- param scans number = 30: of so many last scans
-- column id: id of the finding, for `noctule show`
-- column at: start of the scan that saw it
-- column kind: the rule
-- column name: what the finding says
-- column connector: of which connector
-- column account: in which account
SELECT id, at, kind, name, connector, account
FROM changes
WHERE tenant = :tenant AND about = 'finding' AND change = 'resolved'
  AND scan IN (SELECT scan FROM scans WHERE tenant = :tenant ORDER BY scan DESC LIMIT :scans)
ORDER BY scan DESC, id
