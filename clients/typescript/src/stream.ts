/** The answers of StreamDecideHosts. */

import { create, type MessageInitShape } from "@bufbuild/protobuf";

import type { ItemDecision } from "./decisions.js";
import { CallError, DeadlineError, Place } from "./errors.js";
import {
  type StreamDecideHostsRequest,
  StreamDecideHostsRequestSchema,
  type StreamDecideHostsResponse,
} from "./gen/embargo/v1/decision_service_pb.js";
import { Ledger } from "./ledger.js";
import { LATE, Reader } from "./reading.js";
import type { Ring } from "./servers.js";
import { fromFailure } from "./status.js";

/** What is sent on a stream. */
export type StreamItem = MessageInitShape<typeof StreamDecideHostsRequestSchema>;

/** Opens a stream at a server. */
export type OpenStream = (
  server: number,
  items: AsyncIterable<StreamDecideHostsRequest>,
  signal: AbortSignal,
) => AsyncIterable<StreamDecideHostsResponse>;

/**
 * Answers in no particular order. What is thrown is the end: items that have no answer by then were not judged.
 *
 * Read it with `for await`, which gives the stream up when it is left early; or `close` it.
 */
export class DecisionStream implements AsyncIterableIterator<ItemDecision> {
  readonly #ring: Ring;
  readonly #server: number;
  readonly #limitMs: number;
  readonly #place: Place;
  readonly #ledger: Ledger;
  readonly #open: () => Reader<StreamDecideHostsResponse>;
  #reader: Reader<StreamDecideHostsResponse> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #fault: { readonly error: unknown } | undefined;
  #ended = false;

  constructor(open: OpenStream, items: Iterable<StreamItem> | AsyncIterable<StreamItem>, ring: Ring, limitMs: number) {
    this.#ring = ring;
    this.#server = ring.preferred;
    this.#limitMs = limitMs;
    this.#place = new Place("StreamDecideHosts", ring.endpoint(this.#server));
    this.#ledger = new Ledger(this.#place, limitMs);
    this.#open = () => new Reader((signal) => open(this.#server, this.#sent(items), signal));
  }

  /** The ids of the items that were sent and have no answer. */
  get unanswered(): readonly string[] {
    return this.#ledger.unanswered;
  }

  /** The next answer, or the end. */
  next(): Promise<IteratorResult<ItemDecision>> {
    const next = this.#turn.then(() => this.#next());
    this.#turn = next.catch(() => {});
    return next;
  }

  /** Gives the stream up. */
  close(): void {
    this.#ended = true;
    this.#reader?.close();
  }

  async return(): Promise<IteratorResult<ItemDecision>> {
    this.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #next(): Promise<IteratorResult<ItemDecision>> {
    if (this.#ended) return { done: true, value: undefined };
    try {
      const event = await this.#event();
      if (this.#ended) return { done: true, value: undefined };
      if (event.done !== true) return { done: false, value: this.#ledger.settle(event.value) };
      // What the caller's own items failed with explains the rest.
      if (this.#fault !== undefined) throw this.#fault.error;
      this.#ledger.close();
    } catch (error) {
      if (this.#ended) return { done: true, value: undefined };
      this.close();
      if (error instanceof CallError) this.#ring.note(this.#server, error);
      throw error;
    }
    this.close();
    return { done: true, value: undefined };
  }

  async #event(): Promise<IteratorResult<StreamDecideHostsResponse>> {
    if (this.#limitMs <= 0) throw new DeadlineError(this.#limitMs, this.#place);
    const since = performance.now();
    for (;;) {
      const patience = this.#ledger.patience(since);
      let event: IteratorResult<StreamDecideHostsResponse> | typeof LATE;
      try {
        this.#reader ??= this.#open();
        event = await this.#reader.next(patience);
      } catch (failure) {
        if (this.#fault !== undefined) throw this.#fault.error;
        throw fromFailure(failure, this.#limitMs, this.#place);
      }
      if (event !== LATE) return event;
    }
  }

  /** The items, each noted before it is sent. */
  async *#sent(items: Iterable<StreamItem> | AsyncIterable<StreamItem>): AsyncGenerator<StreamDecideHostsRequest> {
    try {
      for await (const item of items) {
        const message = create(StreamDecideHostsRequestSchema, item);
        this.#ledger.note(message);
        yield message;
      }
    } catch (error) {
      // The transport would make a failure of the server of it.
      this.#fault = { error };
      this.#reader?.close();
      return;
    }
    this.#ledger.finish();
  }
}
