-- title: Keys that never expire
-- question: Which keys in use have no end?
-- names: holders
-- param verdict text = null: what the catalog says of what the key is for: ai, suspected; not given = whatever it is
-- column grant_id: id for `noctule show`
-- column app_name: the key, or what it is for
-- column credential: id of the key
-- column holder: who holds it
-- column product: as the catalog knows it
-- column connector: of which connector
-- column account: in which account
-- column granted_at: when it was made
-- column last_used_at: when it was used last, where a provider tells
SELECT grant_id, app_name, credential, holder, product, connector, account, granted_at, last_used_at
FROM grants
WHERE tenant = :tenant AND stands = 1 AND kind = 'api_key' AND state <> 'gone' AND use IS NULL AND expires_at = 'never' AND (:verdict IS NULL OR verdict = :verdict)
ORDER BY granted_at, grant_id
