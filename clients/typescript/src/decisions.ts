/**
 * What the calls of DecisionService give, made of what the server sent.
 *
 * Invariant: what leaves here as a decision has a known effect and is about the host, action, instant and snapshot that were asked
 * for.
 */

import type { Timestamp } from "@bufbuild/protobuf/wkt";

import { Asked, nanoseconds } from "./answer.js";
import { CallError, MalformedError, type Place } from "./errors.js";
import type { Decision } from "./gen/embargo/v1/decision_pb.js";
import type {
  BatchDecideHostsRequest,
  BatchDecideHostsResponse,
  ComputeDecisionTimelineRequest,
  ComputeDecisionTimelineResponse,
  DecideInventoryRequest,
  DecideInventoryResponse,
  DecideResult,
  InventoryRemark,
  InventoryResult,
} from "./gen/embargo/v1/decision_service_pb.js";
import type { SnapshotRef } from "./gen/embargo/v1/policy_pb.js";

/** A decision, or why there is none. */
type Outcome = { readonly decision: Decision } | { readonly error: CallError };

/** The answer to one item of a batch or stream. The other items are not concerned. */
export class ItemDecision {
  readonly #outcome: Outcome;

  constructor(
    /** The id that the item was sent with. */
    readonly correlationId: string,
    outcome: Outcome,
  ) {
    this.#outcome = outcome;
  }

  /** The decision. Throws `error` if there is none, so that nothing can be taken for one. */
  get decision(): Decision {
    return decided(this.#outcome);
  }

  /** Why there is no decision. Undefined if there is one. */
  get error(): CallError | undefined {
    return "error" in this.#outcome ? this.#outcome.error : undefined;
  }
}

/** The answer for one host of an inventory. The other hosts are not concerned. */
export class HostDecision {
  readonly #result: InventoryResult;
  readonly #outcome: Outcome;

  constructor(result: InventoryResult, outcome: Outcome) {
    this.#result = result;
    this.#outcome = outcome;
  }

  /** The host, as the facts name it. */
  get hostId(): string {
    return this.#result.hostId;
  }

  /** How many records of software the document has for the host. */
  get recordCount(): number {
    return this.#result.recordCount;
  }

  /** How many of them are items of the facts. */
  get softwareCount(): number {
    return this.#result.softwareCount;
  }

  /** What is not in the facts, or is there in other words. */
  get remarks(): readonly InventoryRemark[] {
    return this.#result.remarks;
  }

  /** The decision. Throws `error` if there is none, so that nothing can be taken for one. */
  get decision(): Decision {
    return decided(this.#outcome);
  }

  /** Why there is no decision. Undefined if there is one. */
  get error(): CallError | undefined {
    return "error" in this.#outcome ? this.#outcome.error : undefined;
  }
}

/** The answers to a batch. */
export interface BatchDecisions {
  /** One for each item and in the order of the items. */
  readonly items: readonly ItemDecision[];
  /** The snapshot that answered all of them. */
  readonly snapshot: SnapshotRef;
  /** The instant at which all of them were judged. */
  readonly evaluateTime: Timestamp;
}

/** The answers to an inventory. */
export interface InventoryDecisions {
  /** The format that the document was read as. */
  readonly format: string;
  /** The hosts, in the order of the document; at least one. */
  readonly hosts: readonly HostDecision[];
  /** The snapshot that judged all of them. */
  readonly snapshot: SnapshotRef;
  /** The instant at which all of them were judged. */
  readonly evaluateTime: Timestamp;
}

/** Pairs the answers of a batch with its items. */
export function batchDecisions(request: BatchDecideHostsRequest): (
  answer: BatchDecideHostsResponse,
  place: Place,
) => BatchDecisions {
  const { evaluateTime, requireSnapshotId } = request;
  const asked = request.items.map(({ correlationId, facts, action }) => ({
    correlationId,
    question: Asked.of({ facts, action, evaluateTime, requireSnapshotId }),
  }));
  return (answer, place) => {
    const { results } = answer;
    // An answer that is missing, superfluous or out of order makes all of them doubtful.
    if (results.length !== asked.length) {
      throw new MalformedError(`the batch has ${asked.length} items and ${results.length} answers`, place);
    }
    const items = asked.map(({ correlationId, question }, position) => {
      const result = results[position];
      if (result?.correlationId !== correlationId) {
        throw new MalformedError(`no item waits for the answer \`${result?.correlationId}\``, place);
      }
      return itemDecision(question, result, place);
    });
    return {
      items,
      snapshot: required(answer.snapshot, "snapshot", place),
      evaluateTime: required(answer.evaluateTime, "evaluate_time", place),
    };
  };
}

/** Makes an item's answer out of what the server sent for it. */
export function itemDecision(asked: Asked, { correlationId, result }: DecideResult, place: Place): ItemDecision {
  return new ItemDecision(correlationId, outcome(() => asked.acceptItem(result, place.item(correlationId))));
}

/** Makes the answers to an inventory out of what the server sent. */
export function inventoryDecisions(request: DecideInventoryRequest): (
  answer: DecideInventoryResponse,
  place: Place,
) => InventoryDecisions {
  const { action, evaluateTime, requireSnapshotId } = request;
  const asked = Asked.of({ action, evaluateTime, requireSnapshotId });
  return (answer, place) => {
    if (answer.results.length === 0) throw new MalformedError("the answer lacks `results`", place);
    const hosts = answer.results.map(
      (told) => new HostDecision(told, outcome(() => asked.about(told.hostId).acceptItem(told.result, place))),
    );
    return {
      format: answer.format,
      hosts,
      snapshot: required(answer.snapshot, "snapshot", place),
      evaluateTime: required(answer.evaluateTime, "evaluate_time", place),
    };
  };
}

/** Accepts a timeline that covers what was asked for, with a decision for each segment. */
export function timeline(request: ComputeDecisionTimelineRequest): (
  answer: ComputeDecisionTimelineResponse,
  place: Place,
) => ComputeDecisionTimelineResponse {
  const { facts, action, requireSnapshotId } = request;
  const asked = Asked.of({ facts, action, requireSnapshotId });
  const start = request.startTime && nanoseconds(request.startTime);
  const end = request.endTime && nanoseconds(request.endTime);
  return (answer, place) => {
    if (answer.segments.length === 0) throw new MalformedError("the answer lacks `segments`", place);
    let reached = start;
    for (const segment of answer.segments) {
      const begun = required(segment.startTime, "segments.start_time", place);
      const ended = required(segment.endTime, "segments.end_time", place);
      if (reached !== undefined && nanoseconds(begun) !== reached) {
        throw new MalformedError("the timeline has a gap or an overlap", place);
      }
      reached = nanoseconds(ended);
      asked.at(begun).accept(segment.decision, place);
    }
    // What comes after it would look as if nothing changed.
    if (reached !== (answer.truncateTime ? nanoseconds(answer.truncateTime) : end)) {
      throw new MalformedError("the timeline ends before the instant that was asked for", place);
    }
    return answer;
  };
}

/** A part of an answer that is always set. */
export function required<T>(part: T | undefined, name: string, place: Place): T {
  if (part === undefined) throw new MalformedError(`the answer lacks \`${name}\``, place);
  return part;
}

function outcome(accept: () => Decision): Outcome {
  try {
    return { decision: accept() };
  } catch (error) {
    if (error instanceof CallError) return { error };
    throw error;
  }
}

function decided(outcome: Outcome): Decision {
  if ("error" in outcome) throw outcome.error;
  return outcome.decision;
}
