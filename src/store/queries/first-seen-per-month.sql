-- title: First seen per month
-- question: How many AI tools came to light in each month, and how many were given in it?
-- names: nobody
-- column month: as 2026-03
-- column seen: AI tools that a scan of that month saw first
-- column granted: AI tools whose earliest grant is dated in that month
SELECT month, sum(seen) AS seen, sum(granted) AS granted
FROM (
  SELECT substr(first_seen, 1, 7) AS month, 1 AS seen, 0 AS granted FROM integrations WHERE tenant = :tenant AND verdict = 'ai'
  UNION ALL
  SELECT substr(granted_at, 1, 7), 0, 1 FROM integrations WHERE tenant = :tenant AND verdict = 'ai' AND granted_at IS NOT NULL
)
GROUP BY month
ORDER BY month
