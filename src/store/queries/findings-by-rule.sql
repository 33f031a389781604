-- title: Findings by rule
-- question: How many findings of each rule need a decision?
-- names: nobody
-- column rule: the rule
-- column severity: how grave
-- column findings: how many need a decision
-- column apps: of how many apps
-- column oldest: when the first of them was found
SELECT rule, severity, count(*) AS findings, count(DISTINCT integration) AS apps, min(first_seen) AS oldest
FROM findings
WHERE tenant = :tenant AND state IN ('open', 'acknowledged')
GROUP BY rule, severity
ORDER BY max(rank) DESC, findings DESC, rule
