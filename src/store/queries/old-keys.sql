-- title: Old keys
-- question: Which keys in use are older than so many days?
-- names: holders
-- param days number = 365: at least so old, counted back from the last scan
-- column grant_id: id for `noctule show`
-- column app_name: the key, or what it is for
-- column holder: who holds it
-- column connector: of which connector
-- column account: in which account
-- column granted_at: when it was made
-- column age: in days
SELECT grant_id, app_name, holder, connector, account, granted_at,
  CAST(julianday((SELECT max(started_at) FROM scans WHERE tenant = :tenant)) - julianday(granted_at) AS INTEGER) AS age
FROM grants
WHERE tenant = :tenant AND stands = 1 AND kind = 'api_key' AND state <> 'gone' AND use IS NULL
  AND julianday(granted_at) <= julianday((SELECT max(started_at) FROM scans WHERE tenant = :tenant)) - :days
ORDER BY granted_at, grant_id
