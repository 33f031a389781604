import type { Stamp } from '../connector/index.ts';
import type { Reach } from '../policy/integration.ts';
import type { Origin } from '../policy/judged.ts';
import type { Supervision } from '../policy/supervision.ts';
import type { FoundIntegration } from '../store/read.ts';

/** An app in an account as machines get it: every field, with the body spelled out. */
export interface IntegrationView extends Omit<FoundIntegration, 'body' | 'id'> {
  /** For `show`. */
  id: string;
  body: IntegrationBody;
}

/** What was judged of it, as it is kept. */
export interface IntegrationBody {
  match: { grade: string; product?: string; productName?: string; vendor?: string; reasons: readonly { why: string }[] };
  kinds: readonly string[];
  reach: readonly Reach[];
  holders: { count: number; some: readonly string[]; leavers: number; administrators: number };
  since: Stamp | 'unknown';
  lastUsed: Stamp | 'unknown';
  /** Of AI alone. */
  supervision?: Supervision;
  origin?: Origin;
}
