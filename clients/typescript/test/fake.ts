/** A server whose every answer is scripted, and which notes how it was asked. */

import { once } from "node:events";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";
import { Client, type ClientSettings, v1 } from "../src/index.js";

export const HOST = "host-1";

/** No answer until the caller leaves. */
export const HANG = Symbol("hang");

/** A message or a list of them, an error, `HANG`, or a function of the request. */
export type Step = any;

/** The methods that send several messages. */
const STREAMED = new Set(["streamDecideHosts", "watchSnapshot", "runPolicyTests"]);

/** Retries that cost no time. */
export const QUICK = { firstPauseMs: 0.01, longestPauseMs: 0.01 };

/** A running server. Each method does the steps of its script, the last one again and again. It stops with its test. */
export class Fake {
  readonly asked: { method: string; request: Step; headers: Headers; timeoutMs: number | undefined }[] = [];
  readonly #scripts = new Map<string, Step[]>();
  readonly #waiting = new Set<() => void>();
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  readonly #server: http2.Http2Server | http2.Http2SecureServer;
  port = 0;

  private constructor(tls?: http2.SecureServerOptions) {
    const routes = connectNodeAdapter({
      readMaxBytes: 17 << 20,
      writeMaxBytes: 17 << 20,
      routes: (router) => {
        for (const service of [v1.DecisionService, v1.PolicyService]) {
          for (const method of service.methods) {
            const { localName } = method;
            const answer = STREAMED.has(localName) ? this.#events(localName) : this.#unary(localName);
            router.rpc(method, answer as never);
          }
        }
      },
    });
    this.#server = tls === undefined ? http2.createServer(routes) : http2.createSecureServer(tls, routes);
    this.#server.on("session", (session: http2.ServerHttp2Session) => {
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
    });
  }

  static async start(test: TestContext, tls?: http2.SecureServerOptions): Promise<Fake> {
    const fake = new Fake(tls);
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    fake.port = (fake.#server.address() as AddressInfo).port;
    test.after(() => fake.stop());
    return fake;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  client(test: TestContext, settings: ClientSettings = {}): Client {
    return newClient(test, this.endpoint, settings);
  }

  set(method: string, ...steps: Step[]): void {
    this.#scripts.set(method, steps);
  }

  calls(method: string): number {
    return this.asked.filter((call) => call.method === method).length;
  }

  async waitForCalls(method: string, count: number): Promise<void> {
    const late = AbortSignal.timeout(30_000);
    while (this.calls(method) < count) {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.add(resolve);
        late.onabort = () => reject(new Error(`${method} was called ${this.calls(method)} times, not ${count}`));
      });
    }
  }

  disconnect(): void {
    for (const session of this.#sessions) session.destroy();
  }

  stop(): void {
    this.disconnect();
    this.#server.close();
  }

  #unary(method: string): Step {
    return async (request: Step, context: HandlerContext) => this.#step(method, request, context);
  }

  #events(method: string): Step {
    const fake = this;
    return async function* (request: Step, context: HandlerContext): AsyncGenerator<Step> {
      const steps = await fake.#step(method, request, context);
      for await (const step of Symbol.asyncIterator in steps || Symbol.iterator in steps ? steps : [steps]) {
        if (step instanceof Error) throw step;
        if (step === HANG) await left(context);
        else yield step;
      }
    };
  }

  async #step(method: string, request: Step, context: HandlerContext): Promise<Step> {
    this.asked.push({ method, request, headers: context.requestHeader, timeoutMs: context.timeoutMs() });
    const steps = this.#scripts.get(method) ?? [];
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
    let step = steps.length > 1 ? steps.shift() : steps[0];
    if (typeof step === "function") step = await step(request, context);
    if (step instanceof Error) throw step;
    if (step === HANG) return left(context);
    if (step === undefined) throw new ConnectError("the script is empty", Code.Unimplemented);
    return step;
  }
}

/** Waits until the caller leaves. */
export async function left(context: HandlerContext): Promise<never[]> {
  if (!context.signal.aborted) await once(context.signal, "abort");
  return [];
}

/** A client that is closed with its test. */
export function newClient(test: TestContext, endpoints: string | string[], settings: ClientSettings = {}): Client {
  const client = new Client(endpoints, { retry: QUICK, ...settings });
  test.after(() => client.close());
  return client;
}

export function facts(hostId = HOST): v1.HostFacts {
  return create(v1.HostFactsSchema, { hostId, software: [{ name: "Secret Editor" }] });
}

export function question(more: MessageInitShape<typeof v1.DecideHostRequestSchema> = {}): v1.DecideHostRequest {
  return create(v1.DecideHostRequestSchema, { facts: facts(), action: v1.Action.INSTALL, ...more } as never);
}

type Given = Partial<v1.Decision>;

export function decision(effect: number = v1.Effect.ALLOW, more: Given = {}): v1.Decision {
  const given = { hostId: HOST, action: v1.Action.INSTALL, snapshotId: "aa", evaluateTime: at(1), ...more };
  return create(v1.DecisionSchema, { effect, ...given } as never);
}

export function answer(effect: number = v1.Effect.ALLOW, more: Given = {}): v1.DecideHostResponse {
  return create(v1.DecideHostResponseSchema, { decision: decision(effect, more) });
}

export function state(snapshotId = "aa", generation = 1n): v1.WatchSnapshotResponse {
  return create(v1.WatchSnapshotResponseSchema, { active: { ref: { snapshotId, generation } } });
}

export function at(seconds: number, nanos = 0): Timestamp {
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos });
}

/** A detail of an error. */
export interface Detail {
  desc: DescMessage;
  value: never;
}

export function fail(code: Code, message = "no", ...details: Detail[]): ConnectError {
  return new ConnectError(message, code, undefined, details);
}

export function info(reason: string, metadata: Record<string, string> = {}, domain = "embargo.v1"): Detail {
  return { desc: ErrorInfoSchema, value: { reason, domain, metadata } as never };
}

export function badRequest(...fields: [string, string][]): Detail {
  const fieldViolations = fields.map(([field, description]) => ({ field, description }));
  return { desc: BadRequestSchema, value: { fieldViolations } as never };
}

export function retryAfter(milliseconds: number): Detail {
  return { desc: RetryInfoSchema, value: { retryDelay: durationFromMs(milliseconds) } as never };
}

export function draining(): ConnectError {
  return fail(Code.Unavailable, "draining", info("DRAINING"));
}

export function overloaded(milliseconds?: number): ConnectError {
  const delay = milliseconds === undefined ? [] : [retryAfter(milliseconds)];
  return fail(Code.ResourceExhausted, "busy", info("OVERLOADED", { limit: "queue" }), ...delay);
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Step> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not rejected");
}
