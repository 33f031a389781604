-- title: Agents
-- question: Which agents run or are set up, and as whom do they act?
-- names: nobody
-- column grant_id: id for `noctule show`
-- column app_name: the agent
-- column product: as the catalog knows it
-- column connector: of which connector
-- column account: in which account
-- column role: the role as which it acts, where the provider tells
-- column status: as its provider says
-- column first_seen: start of the scan that saw it first
SELECT grant_id, app_name, product, connector, account, attributes ->> '$.roleArn' AS role, attributes ->> '$.status' AS status, first_seen
FROM grants
WHERE tenant = :tenant AND stands = 1 AND kind = 'agent' AND state <> 'gone'
ORDER BY connector, account, app_name, grant_id
