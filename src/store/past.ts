/**
 * Tables as they stood when a scan had been judged, as SQL. What is stored of the past is what changed. Of facts that move every night that is
 * kept for what is AI or was ever found; where it is not, they are unknown.
 */

/** SQL of the state of the observation `o` after a scan. */
export function stateAt(scan: string): string {
  return `coalesce((SELECT d.state FROM diff_entry d WHERE d.observation_id = o.id AND d.scan_id <= ${scan} ORDER BY d.scan_id DESC LIMIT 1), 'present')`;
}

/** SQL of what the observation `o`, or another, said in a scan. */
export function at(scan: string, column: 'body' | 'fingerprint', o = 'o'): string {
  return `coalesce((SELECT v.${column} FROM observation_version v WHERE v.observation_id = ${o}.id AND v.until_scan > ${scan} ORDER BY v.until_scan LIMIT 1), ${o}.${column})`;
}

/** SQL of the scan since which the moving facts of the observation `o` stand. Where nobody noted it, that is the last one of an older version. */
export const MOVED_SCAN = 'coalesce(o.volatile_scan, (SELECT last_scan FROM moving_unnoted))';

/** SQL of the moving facts of the observation `o` in a scan; NULL = there were none, or nobody kept them. */
function movingAt(scan: string): string {
  return `CASE WHEN ${MOVED_SCAN} <= ${scan} THEN o.volatile ELSE (SELECT v.volatile FROM volatile_version v
    WHERE v.observation_id = o.id AND v.until_scan > ${scan} AND v.from_scan <= ${scan}) END`;
}

/** All observations of a scan and before, as they stood in it. */
export function observationsAt(scan: number): string {
  const n = String(scan);
  return `(SELECT o.id, o.collector_id, o.native_id, o.first_scan, ${stateAt(n)} AS state, ${at(n, 'body')} AS body, ${movingAt(n)} AS volatile
    FROM observation o WHERE o.first_scan <= ${n})`;
}

/** Findings as they were judged in a scan; `undefined` = as they stand. */
export function findingsAt(scan: number | undefined): string {
  if (scan === undefined) return 'finding';
  const same = ['key', 'tenant', 'connector', 'account', 'rule', 'app_id', 'credential_id', 'first_scan'];
  const then = ['product', 'severity', 'rank', 'state', 'unverified_scan', 'title'];
  const columns = (from: string) =>
    [...same.map((name) => `f.${name}`), ...then.map((name) => `${from}.${name}`), lastUseUnknown(from)].join(', ');
  return `(SELECT ${columns('f')} FROM finding f WHERE f.body_scan <= ${scan}
    UNION ALL SELECT ${columns('v')} FROM finding_version v JOIN finding f ON f.key = v.key WHERE v.from_scan <= ${scan} AND v.until_scan > ${scan})`;
}

/** Integrations as they were judged in a scan; `undefined` = as they stand. */
export function integrationsAt(scan: number | undefined): string {
  if (scan === undefined) return 'integration';
  const same = ['id', 'tenant', 'connector', 'account', 'app_id', 'first_scan'];
  const then = ['name', 'product', 'verdict', 'grade', 'state'];
  const columns = (from: string) =>
    [...same.map((name) => `i.${name}`), ...then.map((name) => `${from}.${name}`), lastUseUnknown(from)].join(', ');
  return `(SELECT ${columns('i')} FROM integration i WHERE i.body_scan <= ${scan}
    UNION ALL SELECT ${columns('v')} FROM integration_version v JOIN integration i ON i.id = v.integration_id
      WHERE v.from_scan <= ${scan} AND v.until_scan > ${scan})`;
}

function lastUseUnknown(from: string): string {
  return `json_replace(json_set(${from}.body, '$.lastUsed', 'unknown'), '$.taken', 'unknown') AS body`;
}
