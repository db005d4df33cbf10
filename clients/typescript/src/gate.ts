/**
 * Admission that fails closed: a permit on an explicit ALLOW or WARN, and a reason for everything else.
 *
 * Invariant: `Passed` is made in one place, `admit`, from a decision that was checked against its question.
 */

import { create } from "@bufbuild/protobuf";

import { Asked } from "./answer.js";
import type { CallOptions, DecideHostInit } from "./client.js";
import { CallError, Place } from "./errors.js";
import { type Decision, Effect } from "./gen/embargo/v1/decision_pb.js";
import { DecideHostRequestSchema } from "./gen/embargo/v1/decision_service_pb.js";

/**
 * Why a gate is closed: an instrument in force forbids it; a person must decide; a policy could not be evaluated, or software could
 * not be read, so that a denial cannot be ruled out; or there is no decision, for whatever reason.
 */
export type ClosedReason = "denied" | "review" | "indeterminate" | "no_decision";

/** What a gate asks: a `Client` or a `DecisionCache`. */
export interface Decider {
  decideHost(request: DecideHostInit, options?: CallOptions): Promise<Decision>;
}

const ADMITTED = Symbol("admitted");

/** The permit: a server decided ALLOW or WARN on exactly what was asked. */
export class Passed {
  readonly open = true;
  readonly #decision: Decision;

  /** Only a gate makes permits. */
  constructor(by: typeof ADMITTED, decision: Decision) {
    if (by !== ADMITTED) throw new TypeError("only a gate makes permits");
    this.#decision = decision;
  }

  /** The decision that opened the gate. */
  get decision(): Decision {
    return this.#decision;
  }

  /** Whether the decision is WARN, so that its findings are worth showing. */
  get hasWarnings(): boolean {
    return this.#decision.effect === Effect.WARN;
  }
}

/** The action must not go ahead. */
export class Closed {
  readonly open = false;
  readonly #decision: Decision | undefined;
  readonly #error: unknown;

  constructor(
    /** Why. */
    readonly reason: ClosedReason,
    decision: Decision | undefined,
    error: unknown,
  ) {
    this.#decision = decision;
    this.#error = error;
  }

  /** The decision that closed the gate. Undefined exactly where the reason is `no_decision`. */
  get decision(): Decision | undefined {
    return this.#decision;
  }

  /** Why there is no decision: a `CallError`, unless something else went wrong on this side. */
  get error(): unknown {
    return this.#error;
  }

  toString(): string {
    const decision = this.#decision;
    if (decision === undefined) {
      // Of an error that is not ours only the kind is said: its text may hold facts.
      const error = this.#error;
      if (error instanceof CallError) return `${this.reason}: ${error.message}`;
      return `${this.reason}: ${error instanceof Error ? error.name : "an unknown error"}`;
    }
    // Findings name software, which is the host's. What is said is the rule.
    const [finding] = decision.findings;
    const [failure] = decision.failures;
    if (finding !== undefined) return `${this.reason} by ${finding.instrumentId}`;
    if (failure !== undefined) return `${this.reason}: policy \`${failure.policyId}\` failed`;
    return this.reason;
  }
}

/** What a gate says. There is no third state. It is an object and therefore true: look at `open`. */
export type GateOutcome = Passed | Closed;

/** Thrown by `Gate.require` unless the gate is open. */
export class GateClosed extends Error {
  override readonly name = "GateClosed";
  readonly #closed: Closed;

  constructor(closed: Closed) {
    super(closed.toString());
    this.#closed = closed;
  }

  /** Why, with the decision if there is one. */
  get closed(): Closed {
    return this.#closed;
  }

  /** Why. */
  get reason(): ClosedReason {
    return this.#closed.reason;
  }
}

/** Lets an action through only if a server says so in time. */
export class Gate {
  readonly #decider: Decider;
  readonly #options: CallOptions;

  constructor(decider: Decider, options: CallOptions = {}) {
    this.#decider = decider;
    this.#options = options;
  }

  /** Whether an action may go ahead. Takes no longer than the gate's deadline, and rejects never. */
  async check(request: DecideHostInit): Promise<GateOutcome> {
    try {
      const question = create(DecideHostRequestSchema, request);
      const asked = Asked.of(question);
      return admit(asked, await this.#decider.decideHost(question, this.#options));
    } catch (error) {
      return new Closed("no_decision", undefined, error);
    }
  }

  /** The permit. Rejects with `GateClosed` if there is none. */
  async require(request: DecideHostInit): Promise<Passed> {
    const outcome = await this.check(request);
    if (outcome instanceof Passed) return outcome;
    throw new GateClosed(outcome);
  }
}

/** The only maker of permits. It holds the decision against the question once more, whoever brought it. */
function admit(asked: Asked, brought: Decision): GateOutcome {
  const decision = asked.accept(brought, new Place("DecideHost", "the gate"));
  switch (decision.effect) {
    case Effect.ALLOW:
    case Effect.WARN:
      return new Passed(ADMITTED, decision);
    case Effect.DENY:
      return new Closed("denied", decision, undefined);
    case Effect.REVIEW:
      return new Closed("review", decision, undefined);
    default:
      return new Closed("indeterminate", decision, undefined);
  }
}
