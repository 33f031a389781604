-- title: One key used by several
-- question: Which keys are used by a person and a program, or held by more than one?
-- names: holders
-- column grant_id: id for `noctule show`
-- column app_name: the key, or what it is for
-- column credential: id of the key
-- column holder: who holds it
-- column connector: of which connector
-- column account: in which account
-- column shared: as the provider's facts tell, such as "human and machine"
-- column holders: how many hold the same key
SELECT min(grant_id) AS grant_id, app_name, credential, min(holder) AS holder, connector, account, max(attributes ->> '$.shared') AS shared,
  count(DISTINCT holder_id) AS holders
FROM grants
WHERE tenant = :tenant AND stands = 1 AND kind = 'api_key' AND state <> 'gone'
GROUP BY connector, account, app, credential
HAVING shared IS NOT NULL OR holders > 1
ORDER BY holders DESC, app_name, grant_id
