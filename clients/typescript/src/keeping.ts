/**
 * Decisions that were kept, and which of them still hold.
 *
 * An answer holds for identical facts and action, while now is in [evaluateTime, nextChangeTime), and as long as the snapshot that
 * a watch last told is the one that judged. Invariant: while no watch is connected nothing is found. Facts themselves are not kept,
 * only a digest of them.
 */

import { createHash } from "node:crypto";

import { clone, type JsonObject, type JsonValue, toBinary } from "@bufbuild/protobuf";

import { acted, EFFECTS, nanoseconds } from "./answer.js";
import { ConfigurationError } from "./errors.js";
import { type Decision, DecisionSchema, Effect } from "./gen/embargo/v1/decision_pb.js";
import type { DecideHostRequest } from "./gen/embargo/v1/decision_service_pb.js";
import { HostFactsSchema } from "./gen/embargo/v1/host_pb.js";
import type { WatchSnapshotResponse } from "./gen/embargo/v1/policy_service_pb.js";

/** How many decisions are kept unless another bound is set. */
export const DEFAULT_ENTRIES = 10_000;

const MILLISECOND = 1_000_000n;

/**
 * Whether a decision holds at an instant, in milliseconds since 1970, as far as time is concerned.
 *
 * A decision that states no instant or no effect that this release knows never holds, and neither does one from a server whose
 * clock is ahead, until `nowMs` has caught up.
 */
export function decisionIsCurrent(decision: Decision, nowMs: number): boolean {
  if (!EFFECTS.has(decision.effect) || decision.evaluateTime === undefined || !Number.isFinite(nowMs)) return false;
  // The clock tells whole milliseconds: now is somewhere within one, all of which must lie before the change.
  const now = BigInt(Math.floor(nowMs));
  const begun = nanoseconds(decision.evaluateTime) / MILLISECOND <= now;
  const change = decision.nextChangeTime && nanoseconds(decision.nextChangeTime);
  return begun && (change === undefined || (now + 1n) * MILLISECOND <= change);
}

/** A bounded number of decisions; those that were not asked for longest go first. */
export class KeptDecisions {
  readonly #entries = new Map<string, Decision>();
  #snapshotId: string | undefined;

  constructor(private readonly maxEntries: number) {
    if (!(maxEntries >= 1)) {
      throw new ConfigurationError("a cache needs room for an entry; hint: leave it out, or give at least 1");
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Whether a watch says which snapshot is active. */
  get connected(): boolean {
    return this.#snapshotId !== undefined;
  }

  /** Takes in the state that the watch told last. */
  told(state: WatchSnapshotResponse): void {
    this.#snapshotId = state.active?.ref?.snapshotId || undefined;
  }

  /** Takes in that the watch is not connected. */
  lost(): void {
    this.#snapshotId = undefined;
  }

  /** A copy of the decision that was kept, if it holds. */
  find(key: string, requiredSnapshotId: string, nowMs: number): Decision | undefined {
    const decision = this.#entries.get(key);
    if (decision === undefined || this.#snapshotId === undefined || decision.snapshotId !== this.#snapshotId) {
      return undefined;
    }
    if (requiredSnapshotId !== "" && requiredSnapshotId !== decision.snapshotId) return undefined;
    if (!decisionIsCurrent(decision, nowMs)) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, decision);
    return clone(DecisionSchema, decision);
  }

  /** Keeps a decision, unless it is one that may differ when asked for again. */
  keep(key: string, decision: Decision): void {
    if (!EFFECTS.has(decision.effect) || decision.effect === Effect.INDETERMINATE) return;
    // A policy that failed may have failed for want of time.
    if (decision.failures.length > 0 || decision.evaluateTime === undefined) return;
    this.#entries.delete(key);
    this.#entries.set(key, clone(DecisionSchema, decision));
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.maxEntries) break;
      this.#entries.delete(oldest);
    }
  }
}

/** What identical questions have in common. Undefined for a question that is not about now. */
export function keyOf(request: DecideHostRequest): string | undefined {
  if (request.evaluateTime !== undefined || request.facts === undefined) return undefined;
  const { attributes } = request.facts;
  const facts = attributes === undefined ? request.facts : { ...request.facts, attributes: sortedObject(attributes) };
  const action = Buffer.alloc(4);
  action.writeInt32BE(acted(request.action));
  return createHash("sha256").update(action).update(toBinary(HostFactsSchema, facts)).digest("base64");
}

/** The same object with its keys in order, which have none of their own. */
function sortedObject(object: JsonObject): JsonObject {
  // Not by assignment: a key `__proto__` would be lost, and with it the difference between two hosts.
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, sortedValue(object[key] ?? null)]),
  );
}

function sortedValue(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortedValue);
  return typeof value === "object" && value !== null ? sortedObject(value) : value;
}
