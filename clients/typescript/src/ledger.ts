/**
 * The items of a stream that were sent and are not answered.
 *
 * Invariant: an item is answered at most once, by a decision on the host and action that it names; and a stream never ends as if it
 * were complete while items are unanswered.
 */

import { toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";

import { Asked } from "./answer.js";
import { type ItemDecision, itemDecision } from "./decisions.js";
import { DeadlineError, MalformedError, MAX_MESSAGE_BYTES, type Place, UnsentError } from "./errors.js";
import {
  type StreamDecideHostsRequest,
  StreamDecideHostsRequestSchema,
  type StreamDecideHostsResponse,
} from "./gen/embargo/v1/decision_service_pb.js";

/** Pairs answers with items. */
export class Ledger {
  // In the order of sending, so that the first is the oldest.
  readonly #open = new Map<string, { asked: Asked; sent: number }>();
  #finished: number | undefined;

  constructor(
    private readonly place: Place,
    private readonly limitMs: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** Takes in an item that is about to be sent. Refuses one that could not be paired or that no server takes. */
  note(item: StreamDecideHostsRequest): void {
    const place = this.place.item(item.correlationId);
    const size = toBinary(StreamDecideHostsRequestSchema, item).length;
    if (size > MAX_MESSAGE_BYTES) {
      const what = `the item has ${size} bytes and ${MAX_MESSAGE_BYTES} are the most`;
      throw new UnsentError(what, place, "send less about the host", Code.OutOfRange);
    }
    if (this.#open.has(item.correlationId)) {
      const what = "another item with this id waits for its answer";
      throw new UnsentError(what, place, "number the items", Code.InvalidArgument);
    }
    this.#open.set(item.correlationId, { asked: Asked.of(item), sent: this.clock() });
  }

  /** Takes in that no more items are sent. */
  finish(): void {
    this.#finished = this.clock();
  }

  /** The answer to the item that it belongs to. */
  settle({ result }: StreamDecideHostsResponse): ItemDecision {
    if (result === undefined) throw new MalformedError("the answer lacks `result`", this.place);
    const noted = this.#open.get(result.correlationId);
    if (noted === undefined) {
      throw new MalformedError(`no item waits for the answer \`${result.correlationId}\``, this.place);
    }
    this.#open.delete(result.correlationId);
    return itemDecision(noted.asked, result, this.place);
  }

  /** The ids of the items that were sent and have no answer. */
  get unanswered(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** Takes in that the server sends no more answers. */
  close(): void {
    if (this.#open.size > 0) {
      throw new MalformedError(`the stream ended with ${this.#open.size} items unanswered`, this.place);
    }
  }

  /**
   * How many milliseconds a caller that has waited since then goes on waiting.
   *
   * Nobody is late while nothing is asked, and time in which answers were not taken is not the server's. Throws `DeadlineError`
   * when the oldest item, or the end of the stream, is late.
   */
  patience(since: number): number {
    const [oldest] = this.#open.values();
    const from = oldest?.sent ?? this.#finished;
    const left = from === undefined ? this.limitMs : Math.max(since, from) + this.limitMs - this.clock();
    if (left <= 0) throw new DeadlineError(this.limitMs, this.place);
    return left;
  }
}
