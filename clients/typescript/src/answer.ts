/**
 * Whether what came back is a decision on what was asked.
 *
 * Invariant: there is one way from a message to a decision that callers see, `Asked.accept`, and it refuses whatever it does not
 * know.
 */

import type { Timestamp } from "@bufbuild/protobuf/wkt";

import type { DecideResult, InventoryResult } from "./gen/embargo/v1/decision_service_pb.js";
import { Action, type Decision, Effect } from "./gen/embargo/v1/decision_pb.js";
import { NoDecisionError, type Place } from "./errors.js";
import { fromItem } from "./status.js";

/** The effects of the API. It gains none within v1. */
export const EFFECTS: ReadonlySet<number> = new Set([
  Effect.ALLOW,
  Effect.WARN,
  Effect.REVIEW,
  Effect.INDETERMINATE,
  Effect.DENY,
]);

/** What a request says about the decision that it asks for. */
export interface Question {
  readonly facts?: { readonly hostId: string } | undefined;
  readonly action: number;
  readonly evaluateTime?: Timestamp | undefined;
  readonly requireSnapshotId: string;
}

/** What was asked, as far as an answer repeats it. */
export class Asked {
  readonly #hostId: string;
  readonly #action: number;
  readonly #instant: bigint | undefined;
  readonly #snapshotId: string;

  private constructor(hostId: string, action: number, instant: bigint | undefined, snapshotId: string) {
    this.#hostId = hostId;
    this.#action = action;
    this.#instant = instant;
    this.#snapshotId = snapshotId;
  }

  static of(question: Question): Asked {
    const instant = question.evaluateTime && nanoseconds(question.evaluateTime);
    return new Asked(question.facts?.hostId ?? "", acted(question.action), instant, question.requireSnapshotId);
  }

  /** The same question about another host. */
  about(hostId: string): Asked {
    return new Asked(hostId, this.#action, this.#instant, this.#snapshotId);
  }

  /** The same question at another instant. */
  at(instant: Timestamp): Asked {
    return new Asked(this.#hostId, this.#action, nanoseconds(instant), this.#snapshotId);
  }

  /** The decision, if it is one on what was asked. */
  accept(decision: Decision | undefined, place: Place): Decision {
    if (decision === undefined) throw new NoDecisionError("the answer holds no decision", place);
    const objection = this.#objection(decision);
    if (objection !== undefined) throw new NoDecisionError(objection, place);
    return decision;
  }

  /** The same for an item of a batch, a stream or an inventory. */
  acceptItem(result: DecideResult["result"] | InventoryResult["result"], place: Place): Decision {
    if (result.case === "error") throw fromItem(result.value, place);
    return this.accept(result.case === "decision" ? result.value : undefined, place);
  }

  #objection(decision: Decision): string | undefined {
    // Hosts are personal data, so that neither of two that differ is named.
    if (decision.effect === Effect.UNSPECIFIED) return "the decision has no effect";
    if (!EFFECTS.has(decision.effect)) return `the decision has the unknown effect ${decision.effect}`;
    // A question about no host has no answer, even if the answer names none either.
    if (this.#hostId === "" || decision.hostId !== this.#hostId) return "the decision is on another host than was asked";
    if (decision.action !== this.#action) {
      return `the decision is on action ${decision.action}, asked was ${this.#action}`;
    }
    const answered = decision.evaluateTime && nanoseconds(decision.evaluateTime);
    if (this.#instant !== undefined && answered !== this.#instant) {
      return "the decision is for another instant than was asked";
    }
    if (this.#snapshotId !== "" && decision.snapshotId !== this.#snapshotId) {
      return `the decision is by snapshot \`${decision.snapshotId}\`, required was \`${this.#snapshotId}\``;
    }
    return undefined;
  }
}

/** The action that a server judges: PRESENCE where none is named. */
export function acted(action: number): number {
  return action === Action.UNSPECIFIED ? Action.PRESENCE : action;
}

/** An instant in nanoseconds since 1970. */
export function nanoseconds(time: Timestamp): bigint {
  return time.seconds * 1_000_000_000n + BigInt(time.nanos);
}
