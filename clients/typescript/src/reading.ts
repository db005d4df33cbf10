/**
 * Reads the messages of a stream with a limit on each wait.
 *
 * A wait that ends does not end the reading: the message that comes later is given to the next wait.
 */

/** The wait ended before there was a message. */
export const LATE = Symbol("late");

/** The messages of one stream. */
export class Reader<M> {
  readonly #messages: AsyncIterator<M>;
  readonly #controller = new AbortController();
  #reading: Promise<IteratorResult<M>> | undefined;

  constructor(open: (signal: AbortSignal) => AsyncIterable<M>) {
    this.#messages = open(this.#controller.signal)[Symbol.asyncIterator]();
  }

  /** The next message or the end. Rejects with what broke the stream. */
  async next(milliseconds: number): Promise<IteratorResult<M> | typeof LATE> {
    this.#reading ??= this.#messages.next();
    // It is awaited below or by the next wait; until then nobody else takes note of it.
    this.#reading.catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<typeof LATE>((resolve) => {
      timer = setTimeout(resolve, milliseconds, LATE);
    });
    try {
      const event = await Promise.race([this.#reading, late]);
      if (event !== LATE) this.#reading = undefined;
      return event;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the stream, and any wait with it. */
  close(): void {
    this.#controller.abort();
  }
}
