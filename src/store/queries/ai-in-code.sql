-- title: AI in code
-- question: Which AI products are named in repositories, and in how many?
-- names: nobody
-- column product: as the catalog knows it
-- column verdict: what the catalog says of it
-- column repositories: in how many
-- column places: in how many files and workflows
-- column such_as: one of the repositories
SELECT product, verdict, count(DISTINCT attributes ->> '$.repository') AS repositories, count(*) AS places, min(attributes ->> '$.repositoryName') AS such_as
FROM grants
WHERE tenant = :tenant AND stands = 1 AND kind = 'code_evidence' AND state <> 'gone' AND product IS NOT NULL
GROUP BY product, verdict
ORDER BY repositories DESC, product
