-- title: Seats that are not used
-- question: Which paid seats were not used for long, or never?
-- names: holders
-- param days number = 30: not used for so many days, counted back from the last scan
-- column grant_id: id for `noctule show`
-- column holder: who has the seat
-- column product: as the catalog knows it
-- column connector: of which connector
-- column account: in which account
-- column granted_at: since when
-- column last_used_at: when it was used last; empty = nobody tells of any use
SELECT grant_id, holder, product, connector, account, granted_at, last_used_at
FROM grants
WHERE tenant = :tenant AND stands = 1 AND kind = 'seat' AND state <> 'gone'
  AND (last_used_at IS NULL OR julianday(last_used_at) <= julianday((SELECT max(started_at) FROM scans WHERE tenant = :tenant)) - :days)
ORDER BY last_used_at, holder, grant_id
