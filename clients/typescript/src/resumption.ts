/**
 * How a watch goes on after its stream broke, without the waiting itself.
 *
 * A server repeats its state every 30 s, so that a longer silence means a connection that is dead without having said so.
 */

import { Code } from "@connectrpc/connect";

import { type CallError, Place } from "./errors.js";
import { pauseMs, type RetryPolicy } from "./retry.js";
import type { Ring } from "./servers.js";

/** The longest silence of a watch in milliseconds: more than two of the server's intervals of 30 s. */
export const WATCH_SILENCE_MS = 75_000;

/** What a watch does not come back from: asking again would end the same way until somebody changes something. */
const FINAL: ReadonlySet<Code> = new Set([
  Code.InvalidArgument,
  Code.NotFound,
  Code.FailedPrecondition,
  Code.PermissionDenied,
  Code.Unauthenticated,
  Code.Unimplemented,
]);

/** Which server is watched next, how long it may be silent, and how long to wait before. */
export class Resumption {
  #server: number;
  #heard = false;
  #breaks = 0;

  constructor(
    private readonly policy: RetryPolicy,
    private readonly ring: Ring,
    private readonly openingMs: number,
  ) {
    this.#server = ring.preferred;
  }

  /** The server that is watched. */
  get server(): number {
    return this.#server;
  }

  get place(): Place {
    return new Place("WatchSnapshot", this.ring.endpoint(this.#server));
  }

  /** How many milliseconds the server may be silent: until its first state the client's deadline, then longer. */
  get patienceMs(): number {
    return this.#heard ? WATCH_SILENCE_MS : this.openingMs;
  }

  /** Takes in that the server told its state. */
  heard(): void {
    this.#heard = true;
    this.#breaks = 0;
  }

  /** Takes in how the stream ended. Returns the pause before the next one, or throws the failure if there is none. */
  broke(failure: CallError): number {
    this.ring.note(this.#server, failure);
    if (FINAL.has(failure.code)) throw failure;
    this.#heard = false;
    this.#breaks += 1;
    this.#server = this.ring.after(this.#server);
    return (failure.retryDelayMs ?? 0) + pauseMs(this.policy, this.#breaks);
  }
}
