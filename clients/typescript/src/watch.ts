/** The states of WatchSnapshot, across streams that break. */

import { setTimeout as sleep } from "node:timers/promises";

import { CallError, DeadlineError, TransportError } from "./errors.js";
import type { WatchSnapshotResponse } from "./gen/embargo/v1/policy_service_pb.js";
import { LATE, Reader } from "./reading.js";
import type { Resumption } from "./resumption.js";
import { fromFailure } from "./status.js";

/** Opens a watch at a server. */
export type OpenWatch = (server: number, signal: AbortSignal) => AsyncIterable<WatchSnapshotResponse>;

/**
 * States, without an end of their own: a stream that breaks or falls silent is begun anew, at another server if there is one.
 *
 * Throws only what asking again does not help against, such as UNAUTHENTICATED. Between a break and the next state `connected` is
 * false, and what was told before may not hold any longer. Read it with `for await`, which ends the watch when it is left; or
 * `close` it.
 */
export class SnapshotWatch implements AsyncIterableIterator<WatchSnapshotResponse> {
  readonly #open: OpenWatch;
  readonly #resumption: Resumption;
  readonly #closed = new AbortController();
  #reader: Reader<WatchSnapshotResponse> | undefined;
  #pauseMs = 0;
  #connected = false;
  #lastError: CallError | undefined;

  /** `onClose` is called once, by the first `close`. */
  constructor(open: OpenWatch, resumption: Resumption, onClose: () => void) {
    this.#open = open;
    this.#resumption = resumption;
    this.#closed.signal.addEventListener("abort", onClose, { once: true });
  }

  /** Whether the state that was told last came from the stream that is open. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Why the stream broke last. */
  get lastError(): CallError | undefined {
    return this.#lastError;
  }

  /** The next state. The end comes only after `close`. */
  async next(): Promise<IteratorResult<WatchSnapshotResponse>> {
    for (;;) {
      const event = await this.nextEvent();
      if (event === undefined) return { done: true, value: undefined };
      if (!(event instanceof CallError)) return { done: false, value: event };
    }
  }

  /** The next state, or why the stream broke. Undefined after `close`. */
  async nextEvent(): Promise<WatchSnapshotResponse | CallError | undefined> {
    if (this.#reader === undefined && this.#pauseMs > 0) {
      // It rejects when the watch is closed, which is looked at next.
      await sleep(this.#pauseMs, undefined, { signal: this.#closed.signal }).catch(() => {});
    }
    if (this.#closed.signal.aborted) return undefined;
    const event = await this.#read();
    if (this.#closed.signal.aborted) return undefined;
    if (!(event instanceof CallError)) {
      this.#resumption.heard();
      this.#connected = true;
      return event;
    }
    this.#connected = false;
    this.#reader?.close();
    this.#reader = undefined;
    this.#lastError = event;
    this.#pauseMs = this.#resumption.broke(event);
    return event;
  }

  /** Ends the watch. */
  close(): void {
    this.#closed.abort();
    this.#connected = false;
    this.#reader?.close();
  }

  async return(): Promise<IteratorResult<WatchSnapshotResponse>> {
    this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #read(): Promise<WatchSnapshotResponse | CallError> {
    const { server, place, patienceMs } = this.#resumption;
    try {
      this.#reader ??= new Reader((signal) => this.#open(server, signal));
      const event = await this.#reader.next(patienceMs);
      if (event === LATE) return new DeadlineError(patienceMs, place);
      return event.done === true ? new TransportError("the watch ended", place) : event.value;
    } catch (failure) {
      return fromFailure(failure, patienceMs, place);
    }
  }
}
