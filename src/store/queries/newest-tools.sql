-- title: Newest tools
-- question: Which AI tools were seen first lately?
-- names: apps that are named after their holder
-- param days number = 30: at most so many days before the last scan
-- column integration: id for `noctule show`
-- column first_seen: start of the scan that saw it first
-- column granted_at: the earliest date that a provider tells
-- column name: what the app calls itself
-- column product: as the catalog knows it
-- column connector: of which connector
-- column account: in which account
-- column holders: how many hold it
SELECT integration, first_seen, granted_at, name, product, connector, account, holders
FROM integrations
WHERE tenant = :tenant AND verdict IN ('ai', 'suspected') AND state <> 'gone'
  AND first_seen >= strftime('%Y-%m-%dT%H:%M:%fZ', (SELECT max(started_at) FROM scans WHERE tenant = :tenant), '-' || :days || ' days')
ORDER BY first_seen DESC, coalesce(granted_at, '') DESC, integration
