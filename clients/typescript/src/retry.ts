/**
 * When a call is made again, without the waiting itself.
 *
 * Every method of the API is idempotent, so that what may be repeated turns on the failure alone. A call is repeated at the next
 * server, and without a pause as long as there is one that it has not asked. Invariant: neither attempts nor pauses go past the
 * deadline.
 */

import { type CallError, ConfigurationError, DeadlineError, Place } from "./errors.js";
import type { Ring } from "./servers.js";

/** How many milliseconds a call may take with all its attempts, unless another deadline is set. */
export const DEFAULT_DEADLINE_MS = 10_000;

/** The longest deadline: 24 h. Longer ones are shortened to it. */
export const MAX_DEADLINE_MS = 24 * 60 * 60 * 1000;

/**
 * How often a call is made and how long the pauses between are.
 *
 * A pause is random between nothing and a bound that doubles from `firstPauseMs` to `longestPauseMs`, so that clients that failed
 * together do not return together. A server's own retry delay is waited out first.
 */
export interface RetryPolicy {
  /** The most attempts, the first included. 4 by default. */
  readonly maxAttempts?: number;
  /** The bound of the pause after the first attempt. 50 by default. */
  readonly firstPauseMs?: number;
  /** The most that the bound grows to. 1,000 by default. */
  readonly longestPauseMs?: number;
}

/** A random pause after so many attempts. */
export function pauseMs(policy: RetryPolicy, attempts: number): number {
  const { firstPauseMs = 50, longestPauseMs = 1_000 } = policy;
  // Beyond 2^30 the bound is reached by any first pause that makes sense.
  return Math.random() * Math.min(firstPauseMs * 2 ** Math.min(attempts - 1, 30), longestPauseMs);
}

/** A deadline within bounds. One that has passed already is allowed and lets no call through. */
export function checkedDeadline(milliseconds: number): number {
  if (typeof milliseconds !== "number" || Number.isNaN(milliseconds)) {
    throw new ConfigurationError("the deadline is not a number; hint: give milliseconds, such as 10_000");
  }
  return Math.min(Math.max(milliseconds, 0), MAX_DEADLINE_MS);
}

/** One attempt at a call. */
export interface Attempt {
  /** The number of the server to ask. */
  readonly server: number;
  /** How many milliseconds are left. */
  readonly leftMs: number;
  readonly place: Place;
}

/** The attempts at one call: which server comes next, how much time is left, and when to give up. */
export class Attempts {
  readonly #end: number;
  #made = 0;
  #server: number;

  constructor(
    private readonly policy: RetryPolicy,
    readonly limitMs: number,
    private readonly ring: Ring,
    private readonly method: string,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.#end = clock() + limitMs;
    this.#server = ring.preferred;
  }

  /** The attempt to make now. Throws `DeadlineError` if no time is left. */
  next(): Attempt {
    this.#made += 1;
    const place = new Place(this.method, this.ring.endpoint(this.#server));
    const leftMs = this.#end - this.clock();
    if (leftMs <= 0) throw new DeadlineError(this.limitMs, place);
    return { server: this.#server, leftMs, place };
  }

  /** Takes in how the attempt failed. Returns the pause before the next one, or throws the failure if there is none. */
  failed(failure: CallError): number {
    this.ring.note(this.#server, failure);
    if (this.#made >= (this.policy.maxAttempts ?? 4) || !failure.retryable) throw failure;
    this.#server = this.ring.after(this.#server);
    const rounds = this.#made - (this.ring.size - 1);
    if (rounds <= 0) return 0;
    const pause = (failure.retryDelayMs ?? 0) + pauseMs(this.policy, rounds);
    // Waiting for an attempt that has no time left would only delay the bad news.
    if (this.clock() + pause >= this.#end) throw failure;
    return pause;
  }
}
