-- One row a product, over all its apps, accounts and providers. What the catalog does not know has none.
CREATE VIEW products AS
SELECT i.tenant, i.product, max(i.body ->> '$.match.productName') AS name, CASE WHEN sum(i.verdict = 'ai') > 0 THEN 'ai' ELSE max(i.verdict) END AS verdict,
  CASE WHEN sum(i.state = 'present') > 0 THEN 'present' WHEN sum(i.state = 'unverified') > 0 THEN 'unverified' ELSE 'gone' END AS state,
  json_group_array(DISTINCT i.app_id ORDER BY i.app_id) AS apps,
  json_group_array(DISTINCT i.connector ORDER BY i.connector) AS connectors,
  (SELECT count(*) FROM finding f WHERE f.tenant = i.tenant AND f.product = i.product AND f.state IN ('open', 'acknowledged')) AS open_findings,
  min(s.started_at) AS first_seen
FROM integration i JOIN scan s ON s.id = i.first_scan
WHERE i.product IS NOT NULL
GROUP BY i.tenant, i.product;
