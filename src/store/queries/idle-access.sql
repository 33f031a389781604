-- title: Access that nobody uses
-- question: What do AI tools hold that was last used long ago?
-- names: holders
-- param days number = 90: not used for so many days, counted back from the last scan
-- column grant_id: id for `noctule show`
-- column kind: grant, key, seat …
-- column app_name: what the app calls itself
-- column product: as the catalog knows it
-- column holder: who holds it
-- column connector: of which connector
-- column account: in which account
-- column last_used_at: when it was used last
-- column last_used_from: who says so: a list, a log, a report
SELECT grant_id, kind, app_name, product, holder, connector, account, last_used_at, last_used_from
FROM grants
WHERE tenant = :tenant AND stands = 1 AND verdict IN ('ai', 'suspected') AND state <> 'gone' AND use IS NULL
  AND julianday(last_used_at) <= julianday((SELECT max(started_at) FROM scans WHERE tenant = :tenant)) - :days
ORDER BY last_used_at, grant_id
