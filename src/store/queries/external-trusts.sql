-- title: External trusts
-- question: Who outside may act in our accounts, and under which conditions?
-- names: nobody
-- column grant_id: id for `noctule show`
-- column trusted: who is trusted
-- column product: as the catalog knows it
-- column holder: the role that may be taken
-- column account: in which account
-- column conditioned: 1 where a condition narrows it
-- column external_id: 1 where it asks for an external id
SELECT grant_id, app_name AS trusted, product, holder, account, attributes ->> '$.conditioned' AS conditioned, attributes ->> '$.externalIdBound' AS external_id
FROM grants
WHERE tenant = :tenant AND stands = 1 AND kind = 'trust' AND state <> 'gone' AND coalesce(attributes ->> '$.internal', 0) = 0
ORDER BY conditioned, trusted, grant_id
