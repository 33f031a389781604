-- title: What could not be verified
-- question: Which access was there, and could not be read since?
-- names: holders
-- column grant_id: id for `noctule show`
-- column kind: grant, key, seat …
-- column app_name: what the app calls itself
-- column verdict: what the catalog says of it
-- column holder: who held it
-- column connector: of which connector
-- column account: in which account
-- column first_seen: start of the scan that saw it first
SELECT grant_id, kind, app_name, verdict, holder, connector, account, first_seen
FROM grants
WHERE tenant = :tenant AND stands = 1 AND state = 'unverified'
ORDER BY verdict = 'ai' DESC, app_name, grant_id
