-- title: What ends soon
-- question: Which access of AI tools ends within so many days?
-- names: holders
-- param days number = 90: within so many days after the last scan
-- column grant_id: id for `noctule show`
-- column expires_at: when it ends
-- column kind: grant, key, seat …
-- column app_name: what the app calls itself
-- column product: as the catalog knows it
-- column holder: who holds it
-- column connector: of which connector
-- column account: in which account
SELECT grant_id, expires_at, kind, app_name, product, holder, connector, account
FROM grants
WHERE tenant = :tenant AND stands = 1 AND verdict IN ('ai', 'suspected') AND state <> 'gone' AND expires_at <> 'never'
  AND expires_at BETWEEN (SELECT max(started_at) FROM scans WHERE tenant = :tenant)
  AND strftime('%Y-%m-%dT%H:%M:%fZ', (SELECT max(started_at) FROM scans WHERE tenant = :tenant), '+' || :days || ' days')
ORDER BY expires_at, grant_id
