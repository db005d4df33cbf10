/** The client: its servers, a deadline, retries, and a function for each method of the API. */

import { setTimeout as sleep } from "node:timers/promises";

import { create, type DescMessage, type MessageInitShape, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";

import { Asked } from "./answer.js";
import { type Connection, connect, type Headers } from "./connection.js";
import {
  type BatchDecisions,
  batchDecisions,
  type InventoryDecisions,
  inventoryDecisions,
  required,
  timeline,
} from "./decisions.js";
import { checkSetup, type ConnectionSettings } from "./endpoint.js";
import { CallError, MalformedError, MAX_MESSAGE_BYTES, Place, TransportError, UnsentError } from "./errors.js";
import type { Decision } from "./gen/embargo/v1/decision_pb.js";
import {
  BatchDecideHostsRequestSchema,
  ComputeDecisionTimelineRequestSchema,
  type ComputeDecisionTimelineResponse,
  DecideHostRequestSchema,
  DecideInventoryRequestSchema,
  ExplainDecisionRequestSchema,
  type ExplainDecisionResponse,
} from "./gen/embargo/v1/decision_service_pb.js";
import type { SourceFileSchema } from "./gen/embargo/v1/policy_pb.js";
import {
  GetPolicyRequestSchema,
  type GetPolicyResponse,
  GetSnapshotRequestSchema,
  type GetSnapshotResponse,
  IdentifySoftwareRequestSchema,
  type IdentifySoftwareResponse,
  ListPoliciesRequestSchema,
  type ListPoliciesResponse,
  RunPolicyTestsRequestSchema,
  type RunPolicyTestsResponse,
  ValidateBundleRequestSchema,
  type ValidateBundleResponse,
} from "./gen/embargo/v1/policy_service_pb.js";
import { Listing, type PolicyTestReport, testReport } from "./policies.js";
import { Resumption } from "./resumption.js";
import { Attempts, checkedDeadline, DEFAULT_DEADLINE_MS, type RetryPolicy } from "./retry.js";
import { Ring } from "./servers.js";
import { fromFailure } from "./status.js";
import { DecisionStream, type StreamItem } from "./stream.js";
import { SnapshotWatch } from "./watch.js";

/** How a client is set up. */
export interface ClientSettings extends ConnectionSettings {
  /** How many milliseconds a call may take with all its attempts. 10,000 by default, 24 h at most. */
  readonly deadlineMs?: number;
  /** How often and after which pauses a call is repeated. */
  readonly retry?: RetryPolicy;
}

/** What may differ from call to call. */
export interface CallOptions {
  /** The deadline of this call. */
  readonly deadlineMs?: number;
  /** Gives the call up when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A `DecideHostRequest`, or what makes one. */
export type DecideHostInit = MessageInitShape<typeof DecideHostRequestSchema>;

/** One attempt's view of a server. */
type Send<Q, A> = (
  server: Connection,
  request: Q,
  options: { timeoutMs: number; headers: Headers; signal?: AbortSignal },
) => Promise<A>;

/**
 * Connections to an Embargo server, or to several that are equals.
 *
 * The first call connects. Every call has a deadline, which is sent to the server and enforced here, with all retries in it. Any
 * `CallError` means that there is no answer; a denial is an answer.
 */
export class Client {
  readonly #servers: readonly Connection[];
  readonly #ring: Ring;
  readonly #headers: Headers;
  readonly #deadlineMs: number;
  readonly #retry: RetryPolicy;
  readonly #watches = new Set<SnapshotWatch>();
  #closed = false;

  /**
   * Sets up a client for `http://HOST:PORT` or `https://HOST:PORT`, or for several such servers of the same policies.
   *
   * Throws `ConfigurationError` for what does not hold together. Nothing is sent yet.
   */
  constructor(endpoints: string | readonly string[], settings: ClientSettings = {}) {
    const checked = checkSetup(endpoints, settings);
    this.#deadlineMs = checkedDeadline(settings.deadlineMs ?? DEFAULT_DEADLINE_MS);
    this.#retry = settings.retry ?? {};
    this.#headers = { "user-agent": "embargo-client-typescript/0.1.0" };
    if (settings.token !== undefined) this.#headers["authorization"] = `Bearer ${settings.token}`;
    this.#ring = new Ring(checked.map(({ given }) => given));
    this.#servers = checked.map((endpoint) => connect(endpoint, settings.tls));
  }

  /** Judges one host and action. */
  async decideHost(request: DecideHostInit, options?: CallOptions): Promise<Decision> {
    const question = create(DecideHostRequestSchema, request);
    const asked = Asked.of(question);
    return this.#call("DecideHost", DecideHostRequestSchema, question, options, {
      send: (server, sent, attempt) => server.decisions.decideHost(sent, attempt),
      accept: (answer, place) => asked.accept(answer.decision, place),
    });
  }

  /** Judges up to 1,000 hosts under one snapshot and at one instant. What concerns one item stands in its answer. */
  async batchDecideHosts(
    request: MessageInitShape<typeof BatchDecideHostsRequestSchema>,
    options?: CallOptions,
  ): Promise<BatchDecisions> {
    const question = create(BatchDecideHostsRequestSchema, request);
    return this.#call("BatchDecideHosts", BatchDecideHostsRequestSchema, question, options, {
      send: (server, sent, attempt) => server.decisions.batchDecideHosts(sent, attempt),
      accept: batchDecisions(question),
    });
  }

  /**
   * Judges hosts as they arrive.
   *
   * The deadline is how long an item may wait for its answer; the stream as a whole has none. It is opened once only, because the
   * items are used up. Correlation ids are unique among the items without an answer.
   */
  streamDecideHosts(
    items: Iterable<StreamItem> | AsyncIterable<StreamItem>,
    options: CallOptions = {},
  ): DecisionStream {
    return new DecisionStream(
      (server, sent, signal) =>
        this.#server(server).decisions.streamDecideHosts(sent, {
          headers: this.#headers,
          signal: options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]),
        }),
      items,
      this.#ring,
      this.#limit(options),
    );
  }

  /** Judges the hosts of which an inventory tells. What concerns one host stands in its answer. */
  async decideInventory(
    request: MessageInitShape<typeof DecideInventoryRequestSchema>,
    options?: CallOptions,
  ): Promise<InventoryDecisions> {
    const question = create(DecideInventoryRequestSchema, request);
    return this.#call("DecideInventory", DecideInventoryRequestSchema, question, options, {
      send: (server, sent, attempt) => server.decisions.decideInventory(sent, attempt),
      accept: inventoryDecisions(question),
    });
  }

  /** Judges one host and says why. The answer's `decision` is set. */
  async explainDecision(
    request: MessageInitShape<typeof ExplainDecisionRequestSchema>,
    options?: CallOptions,
  ): Promise<ExplainDecisionResponse> {
    const question = create(ExplainDecisionRequestSchema, request);
    const asked = Asked.of(question);
    return this.#call("ExplainDecision", ExplainDecisionRequestSchema, question, options, {
      send: (server, sent, attempt) => server.decisions.explainDecision(sent, attempt),
      accept: (answer, place) => {
        asked.accept(answer.decision, place);
        return answer;
      },
    });
  }

  /** Says how the decision changes while time passes. Fails as a whole if one segment has no decision. */
  async computeDecisionTimeline(
    request: MessageInitShape<typeof ComputeDecisionTimelineRequestSchema>,
    options?: CallOptions,
  ): Promise<ComputeDecisionTimelineResponse> {
    const question = create(ComputeDecisionTimelineRequestSchema, request);
    return this.#call("ComputeDecisionTimeline", ComputeDecisionTimelineRequestSchema, question, options, {
      send: (server, sent, attempt) => server.decisions.computeDecisionTimeline(sent, attempt),
      accept: timeline(question),
    });
  }

  /** Gets the active snapshot and how the last attempt to load the policy folder went. No snapshot is no error here. */
  async getSnapshot(options?: CallOptions): Promise<GetSnapshotResponse> {
    return this.#call("GetSnapshot", GetSnapshotRequestSchema, create(GetSnapshotRequestSchema), options, {
      send: (server, sent, attempt) => server.policies.getSnapshot(sent, attempt),
      accept: (answer) => answer,
    });
  }

  /**
   * Watches the active snapshot: its state at once and after every attempt to load the folder, across broken streams.
   *
   * The deadline is for the first state of each stream.
   */
  watchSnapshot(options: CallOptions = {}): SnapshotWatch {
    const giveUp = (): void => watch.close();
    const watch: SnapshotWatch = new SnapshotWatch(
      (server, signal) => this.#server(server).policies.watchSnapshot({}, { headers: this.#headers, signal }),
      new Resumption(this.#retry, this.#ring, this.#limit(options)),
      () => {
        this.#watches.delete(watch);
        options.signal?.removeEventListener("abort", giveUp);
      },
    );
    this.#watches.add(watch);
    options.signal?.addEventListener("abort", giveUp, { once: true });
    if (this.#closed || options.signal?.aborted === true) watch.close();
    return watch;
  }

  /** Lists one page of the policies of the active snapshot. PAGE_TOKEN_INVALID: the server reloaded since the page before. */
  async listPolicies(
    request: MessageInitShape<typeof ListPoliciesRequestSchema> = {},
    options?: CallOptions,
  ): Promise<ListPoliciesResponse> {
    const question = create(ListPoliciesRequestSchema, request);
    const { pageToken } = question;
    return this.#call("ListPolicies", ListPoliciesRequestSchema, question, options, {
      send: (server, sent, attempt) => server.policies.listPolicies(sent, attempt),
      accept: (answer, place) => {
        required(answer.snapshot, "snapshot", place);
        // The same page again would never end.
        if (pageToken !== "" && answer.nextPageToken === pageToken) {
          throw new MalformedError("the next page is the same page again", place);
        }
        return answer;
      },
    });
  }

  /** Lists all policies of one snapshot. Begins anew if the server reloads meanwhile. The deadline bounds each page. */
  async listAllPolicies(options?: CallOptions): Promise<ListPoliciesResponse> {
    const listing = new Listing();
    for (;;) {
      try {
        const whole = listing.took(await this.listPolicies(listing.next(), options));
        if (whole !== undefined) return whole;
      } catch (failure) {
        if (!(failure instanceof CallError)) throw failure;
        listing.failed(failure);
      }
    }
  }

  /** Gets one policy of the active snapshot with its sources. The answer's `policy` is set. */
  async getPolicy(policyId: string, options?: CallOptions): Promise<GetPolicyResponse> {
    const question = create(GetPolicyRequestSchema, { policyId });
    return this.#call("GetPolicy", GetPolicyRequestSchema, question, options, {
      send: (server, sent, attempt) => server.policies.getPolicy(sent, attempt),
      accept: (answer, place) => {
        required(answer.policy, "policy", place);
        required(answer.snapshot, "snapshot", place);
        return answer;
      },
    });
  }

  /** Says which products of the catalogue given software is. */
  async identifySoftware(
    request: MessageInitShape<typeof IdentifySoftwareRequestSchema>,
    options?: CallOptions,
  ): Promise<IdentifySoftwareResponse> {
    const question = create(IdentifySoftwareRequestSchema, request);
    const count = question.software.length;
    return this.#call("IdentifySoftware", IdentifySoftwareRequestSchema, question, options, {
      send: (server, sent, attempt) => server.policies.identifySoftware(sent, attempt),
      accept: (answer, place) => {
        required(answer.snapshot, "snapshot", place);
        if (answer.identifications.some(({ software }) => (software?.index ?? 0) >= count)) {
          throw new MalformedError("an identification is of an item that was not asked about", place);
        }
        return answer;
      },
    });
  }

  /** Compiles a bundle as a reload would, without activating it. Faults of the bundle stand in the answer. */
  async validateBundle(
    files: readonly MessageInitShape<typeof SourceFileSchema>[],
    options?: CallOptions,
  ): Promise<ValidateBundleResponse> {
    const question = create(ValidateBundleRequestSchema, { files: [...files] });
    return this.#call("ValidateBundle", ValidateBundleRequestSchema, question, options, {
      send: (server, sent, attempt) => server.policies.validateBundle(sent, attempt),
      accept: (answer) => answer,
    });
  }

  /** Runs the tests of a bundle, or of the active snapshot. Tests that fail are an answer; a run that breaks off is not. */
  async runPolicyTests(
    request: MessageInitShape<typeof RunPolicyTestsRequestSchema> = {},
    options?: CallOptions,
  ): Promise<PolicyTestReport> {
    const question = create(RunPolicyTestsRequestSchema, request);
    return this.#call("RunPolicyTests", RunPolicyTestsRequestSchema, question, options, {
      send: async (server, sent, attempt) => {
        const events: RunPolicyTestsResponse[] = [];
        for await (const event of server.policies.runPolicyTests(sent, attempt)) events.push(event);
        return events;
      },
      accept: testReport,
    });
  }

  /** Ends the connections, with whatever is going on. */
  close(): void {
    this.#closed = true;
    for (const watch of this.#watches) watch.close();
    for (const server of this.#servers) server.close();
  }

  /** Makes a call with one answer. Each attempt tells the server what is left of the deadline. */
  async #call<Desc extends DescMessage, A, R>(
    method: string,
    schema: Desc,
    request: MessageShape<Desc>,
    options: CallOptions = {},
    { send, accept }: { send: Send<MessageShape<Desc>, A>; accept: (answer: A, place: Place) => R },
  ): Promise<R> {
    const size = toBinary(schema, request).length;
    if (size > MAX_MESSAGE_BYTES) {
      const what = `the request has ${size} bytes and ${MAX_MESSAGE_BYTES} are the most`;
      const place = new Place(method, this.#ring.endpoint(this.#ring.preferred));
      throw new UnsentError(what, place, "send fewer hosts or files at a time", Code.OutOfRange);
    }
    const attempts = new Attempts(this.#retry, this.#limit(options), this.#ring, method);
    const { signal } = options;
    for (;;) {
      const { server, leftMs, place } = attempts.next();
      const checkWanted = (): void => {
        if (this.#closed) throw new TransportError("the client is closed", place, Code.Canceled);
        if (signal?.aborted === true) throw new TransportError("the call was given up", place, Code.Canceled);
      };
      checkWanted();
      let answer: A;
      try {
        // Rounded up for the header, which takes whole milliseconds. What is left is looked at again before the next attempt.
        const timeoutMs = Math.max(1, Math.ceil(leftMs));
        const attempt = { timeoutMs, headers: this.#headers, ...(signal && { signal }) };
        answer = await send(this.#server(server), request, attempt);
      } catch (error) {
        checkWanted();
        const pause = attempts.failed(fromFailure(error, attempts.limitMs, place));
        // It rejects when the call is given up, which is looked at next.
        await sleep(pause, undefined, signal && { signal }).catch(() => {});
        continue;
      }
      return accept(answer, place);
    }
  }

  #server(number: number): Connection {
    const server = this.#servers[number];
    if (server === undefined || this.#closed) throw new ConnectError("the client is closed", Code.Canceled);
    return server;
  }

  #limit({ deadlineMs }: CallOptions): number {
    return deadlineMs === undefined ? this.#deadlineMs : checkedDeadline(deadlineMs);
  }
}
