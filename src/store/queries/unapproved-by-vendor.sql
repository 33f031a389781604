-- title: Unapproved by vendor
-- question: Of which vendors does the organisation use products that nobody approved?
-- names: nobody
-- column vendor: as products are called
-- column products: which
-- column findings: how many need a decision
-- column gravest: the highest severity
-- column holders: how many hold them, those of several counted for each
SELECT vendor, group_concat(DISTINCT product) AS products, count(*) AS findings,
  CASE max(instr('low   medium high  critical', severity)) WHEN 1 THEN 'low' WHEN 7 THEN 'medium' WHEN 14 THEN 'high' ELSE 'critical' END AS gravest,
  sum(holders) AS holders
FROM findings
WHERE tenant = :tenant AND rule = 'unapproved-ai-tool' AND state IN ('open', 'acknowledged') AND vendor IS NOT NULL
GROUP BY vendor
ORDER BY findings DESC, vendor
