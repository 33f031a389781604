/**
 * The contract between Noctule and a provider. A connector states facts and never judges:
 * it yields observations, says which places it has read, and turns refusals into gaps.
 */
export { canonicalJson, type Json } from './json.ts';
export { holds, lastSegment, outward, path, within, type Scope } from './scope.ts';
export {
  CONTEXT_KINDS,
  KINDS,
  TRAITS,
  type Expiry,
  type Kind,
  type Observation,
  type Principal,
  type Signal,
  type Stamp,
  type Standing,
  type Subject,
  type Trait,
} from './observation.ts';
export {
  GAP_REASONS,
  type Checkpoint,
  type Covered,
  type Gap,
  type GapReason,
  type ScanEvent,
  type Statement,
  type Unchanged,
} from './statements.ts';
export {
  DATA_CLASSES,
  defineCollector,
  defineConnector,
  type Access,
  type Collector,
  type Connector,
  type Credential,
  type DataClass,
  type Meaning,
  type Operation,
  type OperationId,
  type People,
  type Permission,
  type PermissionDocument,
  type PersonEvidence,
  type Sizes,
} from './declaration.ts';
export type { Account, Clock, CollectContext, ConnectContext, Connection, ConnectTools, Delta, Member, Pace, Quota } from './context.ts';
export { AnswerTimedOut, ConfigError, ProviderFault, RedirectRefused, Refusal, UndeclaredRequest } from './errors.ts';
export { isPseudonym, pseudonymsIn } from './pseudonym.ts';
export { isLoopbackAddress, isSafeAddress } from './address.ts';
export { reading, type Loss } from './reading.ts';
export { ahead, concurrent, pagesAhead } from './concurrent.ts';
export { NotUnderstood, pageGuard, parseItems } from './paging.ts';
export { createCalls, type Calls, type Classify, type Fate } from './calls.ts';
export { USER_AGENT } from './version.ts';
export { createWire, type CountRequest, type Wire, type WireOrigin, type WireOrigins } from './wire.ts';
