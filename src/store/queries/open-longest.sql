-- title: Open longest
-- question: Which findings have waited longest for a decision?
-- names: apps that are named after their holder
-- param severity text = null: of this severity; not given = of any
-- column finding: id for `noctule show`
-- column first_seen: start of the scan that found it
-- column severity: how grave
-- column rule: the rule
-- column title: what it says
-- column connector: of which connector
-- column account: in which account
SELECT finding, first_seen, severity, rule, title, connector, account
FROM findings
WHERE tenant = :tenant AND state IN ('open', 'acknowledged') AND (:severity IS NULL OR severity = :severity)
ORDER BY first_seen, rank DESC, finding
