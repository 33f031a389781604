import type { FindingBody } from '../policy/findings.ts';
import type { FoundFinding } from '../store/read.ts';
import type { UnreadSource } from '../store/read-unread.ts';

/** A finding as machines get it: every field, with the body spelled out. */
export interface FindingView extends Omit<FoundFinding, 'body'> {
  /** The beginning of its key, for `show`. */
  id: string;
  body: FindingBody;
  /** The sum that `show` prints part by part. */
  risk: number;
  /** Who looks after it; '' = nobody. */
  assigned: string;
  comments: number;
  /** Ids of frameworks that its rule cites. */
  controls: readonly string[];
}

/** What stands once at the head of an export of findings. */
export interface FindingsAbout {
  /** Of Noctule. */
  version: string;
  tenant: string;
  /** The scan by which they were judged. */
  scan: { id: number; startedAt: string; endedAt: string };
  /** Every rule that there is. */
  rules: Readonly<Record<string, { title: string; why: string; severity: string }>>;
  /** Whom it names. */
  names: string;
  /** What that scan did not read whole: of it, nothing that is missing is gone. */
  unread: readonly UnreadSource[];
}
