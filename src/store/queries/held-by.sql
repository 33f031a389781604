-- title: Everything that somebody holds
-- question: What does this person or program hold?
-- names: the holder
-- param holder_id text: its id, in the last column of `noctule identities`
-- column grant_id: id for `noctule show`
-- column kind: grant, key, seat …
-- column app_name: what the app calls itself
-- column product: as the catalog knows it
-- column verdict: what the catalog says of it
-- column connector: of which connector
-- column account: in which account
-- column holder: what the holder is called
-- column permissions: as the provider names them
-- column state: present, unverified or gone
SELECT grant_id, kind, app_name, product, verdict, connector, account, holder, permissions, state
FROM grants
WHERE tenant = :tenant AND stands = 1 AND holder_id = :holder_id
ORDER BY state = 'gone', verdict = 'ai' DESC, app_name, grant_id
