-- title: Secrets of AI vendors exposed to many repositories
-- question: Which keys of AI services can every repository use, or several of them?
-- names: nobody
-- column grant_id: id for `noctule show`
-- column app_name: name of the secret
-- column product: as the catalog knows it
-- column connector: of which connector
-- column account: in which account
-- column store: where it is kept
-- column visibility: who can use it: all, private, selected
-- column finding: id for `noctule show`, where those are many: it says how many were chosen
SELECT grant_id, app_name, product, connector, account, attributes ->> '$.store' AS store, attributes ->> '$.visibility' AS visibility,
  (SELECT f.finding FROM findings f WHERE f.tenant = g.tenant AND f.connector = g.connector AND f.account = g.account AND f.app = g.app
     AND f.rule = 'ai-secret-for-everything' AND f.state <> 'resolved') AS finding
FROM grants g
WHERE tenant = :tenant AND stands = 1 AND kind = 'secret_name' AND verdict IN ('ai', 'suspected') AND state <> 'gone' AND visibility IN ('all', 'private', 'selected')
ORDER BY visibility, app_name, grant_id
