import { SEVERITIES } from '../policy/judged.ts';

/** Why a command ended as it did. Several may hold at once; `--summary` names them all, the exit code is the gravest. */
export type Condition =
  | 'findings'
  | 'coverage-gap'
  | 'source-refused'
  | 'sink-failed'
  | 'storage'
  | 'undelivered'
  | 'usage'
  | 'internal'
  | 'interrupted';

export const EXIT_CODES = {
  ok: 0,
  /** Findings over `--fail-on`. */
  findings: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** Something could not be read, and `--fail-on coverage-gap` was asked for. */
  'coverage-gap': 3,
  /** A whole source could not be read: it refused its credential, or did not answer. */
  'source-refused': 4,
  /** The database is locked, damaged or full. */
  storage: 5,
  /** Somebody could not be told, or written to; what was found is safe, and it is tried again. */
  undelivered: 6,
  /** A tracker refused, did not answer, or nobody can tell what it wrote. What it missed waits for the next time. */
  'sink-failed': 6,
  /** A bug of ours. */
  internal: 70,
  /** Stopped by a signal; the next scan goes on from there. */
  interrupted: 130,
} as const;

/** The gravest first. */
const PRECEDENCE: readonly Condition[] = [
  'interrupted',
  'internal',
  'storage',
  'usage',
  'source-refused',
  'coverage-gap',
  'findings',
  'sink-failed',
  'undelivered',
];

export function exitCode(conditions: ReadonlySet<Condition>): number {
  const gravest = PRECEDENCE.find((condition) => conditions.has(condition));
  return gravest ? EXIT_CODES[gravest] : EXIT_CODES.ok;
}

/** What `--fail-on` takes: findings of a severity or above, or anything that could not be read. */
export const FAIL_ON = [...SEVERITIES, 'coverage-gap'] as const;
export type FailOn = (typeof FAIL_ON)[number];
