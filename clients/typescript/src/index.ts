/**
 * The TypeScript client of Embargo: typed calls with a deadline and retries, typed errors, and a gate that fails closed.
 *
 * `v1` has the messages.
 */

export * as v1 from "./v1.js";
export { Code } from "@connectrpc/connect";
export { type CacheSettings, DecisionCache } from "./cache.js";
export { type CallOptions, Client, type ClientSettings, type DecideHostInit } from "./client.js";
export { type BatchDecisions, HostDecision, type InventoryDecisions, ItemDecision } from "./decisions.js";
export type { ConnectionSettings, Pem, Tls } from "./endpoint.js";
export {
  CallError,
  codeName,
  ConfigurationError,
  DeadlineError,
  type FieldViolation,
  type KnownReason,
  MalformedError,
  MAX_MESSAGE_BYTES,
  NoDecisionError,
  Place,
  type Reason,
  REASONS,
  StatusError,
  TransportError,
  UnsentError,
} from "./errors.js";
export { Closed, type ClosedReason, type Decider, Gate, GateClosed, type GateOutcome, Passed } from "./gate.js";
export { decisionIsCurrent } from "./keeping.js";
export type { PolicyTestReport } from "./policies.js";
export { WATCH_SILENCE_MS } from "./resumption.js";
export { DEFAULT_DEADLINE_MS, MAX_DEADLINE_MS, type RetryPolicy } from "./retry.js";
export { DecisionStream, type StreamItem } from "./stream.js";
export { SnapshotWatch } from "./watch.js";
