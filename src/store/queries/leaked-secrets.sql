-- title: Leaked secrets of AI services
-- question: Which secrets were seen where others can read them, and are they still valid?
-- names: nobody
-- column grant_id: id for `noctule show`
-- column app_name: what sort of secret
-- column product: as the catalog knows it
-- column place: where it was seen
-- column alert: open or resolved
-- column validity: whether the provider found it to work
-- column opened_at: since when it is known
SELECT grant_id, app_name, product, attributes ->> '$.repositoryName' AS place, attributes ->> '$.state' AS alert, attributes ->> '$.validity' AS validity,
  attributes ->> '$.openedAt' AS opened_at
FROM grants
WHERE tenant = :tenant AND stands = 1 AND kind = 'exposure' AND state <> 'gone'
ORDER BY alert, opened_at, grant_id
