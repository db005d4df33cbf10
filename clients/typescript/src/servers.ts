/**
 * The servers that a client may ask, and which of them is asked first.
 *
 * They are equals: the same policies, and idempotent methods. One that was unavailable or late is not asked first any longer, so
 * that only the calls that met its end pay for it.
 */

import { Code } from "@connectrpc/connect";

import type { CallError } from "./errors.js";

/** Servers in a circle, at least one, by number. */
export class Ring {
  #preferred = 0;

  constructor(private readonly endpoints: readonly string[]) {}

  get size(): number {
    return this.endpoints.length;
  }

  /** The server to begin with. */
  get preferred(): number {
    return this.#preferred;
  }

  /** The endpoint of a server, as it was given. */
  endpoint(server: number): string {
    return this.endpoints[server] ?? "";
  }

  /** The server to go on with. */
  after(server: number): number {
    return (server + 1) % this.size;
  }

  /** Takes in how a call to a server failed. */
  note(server: number, failure: CallError): void {
    // One that is overloaded is left by that call only, for all of its callers at once would overload the next. And only if nobody
    // has left it already: they would lead past a server that works.
    const leaves = failure.code === Code.Unavailable || failure.code === Code.DeadlineExceeded;
    if (leaves && this.#preferred === server) this.#preferred = this.after(server);
  }
}
