-- title: What was gone and came back
-- question: Which access was taken away and is there again?
-- names: holders
-- column id: id for `noctule show`
-- column at: start of the scan that saw it again
-- column kind: grant, key, seat …
-- column name: what it is
-- column holder: who holds it
-- column connector: of which connector
-- column account: in which account
SELECT id, at, kind, name, holder, connector, account
FROM changes
WHERE tenant = :tenant AND about = 'fact' AND change = 'returned'
ORDER BY scan DESC, id
