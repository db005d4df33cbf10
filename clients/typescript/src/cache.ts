/** A cache of decisions that a watch keeps honest. */

import { setTimeout as sleep } from "node:timers/promises";

import { create } from "@bufbuild/protobuf";

import type { CallOptions, Client, DecideHostInit } from "./client.js";
import { CallError } from "./errors.js";
import type { Decision } from "./gen/embargo/v1/decision_pb.js";
import { DecideHostRequestSchema } from "./gen/embargo/v1/decision_service_pb.js";
import { DEFAULT_ENTRIES, KeptDecisions, keyOf } from "./keeping.js";
import type { SnapshotWatch } from "./watch.js";

/** How a cache is set up. */
export interface CacheSettings {
  /** How many decisions are kept. 10,000 by default. */
  readonly maxEntries?: number;
  /** The time of day, in milliseconds since 1970. */
  readonly clock?: () => number;
}

/**
 * Answers identical questions from memory while the answer holds, and asks the server otherwise.
 *
 * An answer is reused for identical facts and action while now is in [evaluateTime, nextChangeTime), and while the watch is
 * connected and says that the snapshot which judged is active. Errors and INDETERMINATE are never kept. A question with an
 * `evaluateTime` always goes to the server. `close` it, or its watch keeps the process alive.
 */
export class DecisionCache {
  readonly #client: Client;
  readonly #clock: () => number;
  readonly #kept: KeptDecisions;
  readonly #watch: SnapshotWatch;
  readonly #waiting = new Set<() => void>();
  #hits = 0;
  #misses = 0;
  #watchError: CallError | undefined;

  constructor(client: Client, settings: CacheSettings = {}) {
    this.#client = client;
    this.#clock = settings.clock ?? Date.now;
    this.#kept = new KeptDecisions(settings.maxEntries ?? DEFAULT_ENTRIES);
    this.#watch = client.watchSnapshot();
    void this.#follow();
  }

  /** Judges one host and action, or says again how it was judged. Rejects as `Client.decideHost` does. */
  async decideHost(request: DecideHostInit, options: CallOptions = {}): Promise<Decision> {
    const question = create(DecideHostRequestSchema, request);
    const key = keyOf(question);
    if (key !== undefined) {
      const found = this.#kept.find(key, question.requireSnapshotId, this.#clock());
      if (found !== undefined) {
        this.#hits += 1;
        return found;
      }
    }
    this.#misses += 1;
    const decision = await this.#client.decideHost(question, options);
    if (key !== undefined) this.#kept.keep(key, decision);
    return decision;
  }

  /** Waits until the watch has told which snapshot is active. Gives whether it has. */
  async waitUntilConnected(milliseconds: number): Promise<boolean> {
    if (this.connected) return true;
    const late = new AbortController();
    let told = (): void => {};
    const connected = new Promise<void>((resolve) => {
      told = resolve;
      this.#waiting.add(told);
    });
    await Promise.race([connected, sleep(milliseconds, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
    this.#waiting.delete(told);
    return this.connected;
  }

  /** Whether the watch is connected. Nothing is reused while it is not. */
  get connected(): boolean {
    return this.#kept.connected;
  }

  /** Why the watch broke last, or why it has ended. */
  get watchError(): CallError | undefined {
    return this.#watchError;
  }

  /** How many questions were answered from memory. */
  get hits(): number {
    return this.#hits;
  }

  /** How many questions went to the server. */
  get misses(): number {
    return this.#misses;
  }

  /** How many decisions are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** Ends the watch. Questions go to the server from then on. */
  close(): void {
    this.#watch.close();
    this.#kept.lost();
  }

  async #follow(): Promise<void> {
    try {
      for (let event = await this.#watch.nextEvent(); event !== undefined; event = await this.#watch.nextEvent()) {
        if (event instanceof CallError) {
          this.#watchError = event;
          this.#kept.lost();
          continue;
        }
        this.#kept.told(event);
        if (this.connected) for (const told of this.#waiting) told();
      }
    } catch (error) {
      if (error instanceof CallError) this.#watchError = error;
    } finally {
      // Whatever ended the following, nobody says any longer what is active.
      this.#kept.lost();
    }
  }
}
