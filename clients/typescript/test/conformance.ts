/**
 * Runs the cases of clients/conformance through the client, against the server that EMBARGO_TARGET names.
 *
 * A runner never skips: a key or a call that it does not know is a failure.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import {
  clearField,
  create,
  type DescMessage,
  equals,
  fromJson,
  type JsonValue,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { parse } from "yaml";

import {
  type BatchDecisions,
  CallError,
  type CallOptions,
  Client,
  codeName,
  DecisionCache,
  Gate,
  type HostDecision,
  type InventoryDecisions,
  type ItemDecision,
  v1,
} from "../src/index.js";

type Json = JsonValue | undefined;
type JsonMap = { [key: string]: JsonValue };
type Kind = keyof typeof KEYS;
type Case = { name: string; kind: Kind } & JsonMap;

// This file runs as build/test/conformance.js.
const CASES = process.env["EMBARGO_CONFORMANCE"] || fileURLToPath(new URL("../../../conformance", import.meta.url));

/** The keys of a case besides its name, by the one that says what is asked. */
const KEYS = {
  call: ["deadline", "request", "want", "absent", "error"],
  stream: ["want"],
  watch: ["want"],
  gate: ["want"],
  cache: ["want"],
};

/** What was wanted and what came. */
class Failed extends Error {}

type Ask = (client: Client, request: JsonValue, options: CallOptions) => Promise<JsonValue>;

/** A call whose function takes the request as it is. */
function asked<Desc extends DescMessage, A>(
  schema: Desc,
  ask: (client: Client, request: MessageShape<Desc>, options: CallOptions) => Promise<A>,
  made: (answer: A) => JsonValue,
): Ask {
  return async (client, request, options) => made(await ask(client, fromJson(schema, request), options));
}

const CALLS: { [call: string]: Ask } = {
  DecideHost: asked(
    v1.DecideHostRequestSchema,
    (client, request, options) => client.decideHost(request, options),
    (decision) => ({ decision: toJson(v1.DecisionSchema, decision) }),
  ),
  BatchDecideHosts: asked(
    v1.BatchDecideHostsRequestSchema,
    (client, request, options) => client.batchDecideHosts(request, options),
    (batch) => ({
      results: batch.items.map((item) => ({ correlationId: item.correlationId, ...itemData(item) })),
      ...shared(batch),
    }),
  ),
  DecideInventory: asked(
    v1.DecideInventoryRequestSchema,
    (client, request, options) => client.decideInventory(request, options),
    (inventory) => ({ format: inventory.format, results: inventory.hosts.map(hostData), ...shared(inventory) }),
  ),
  ExplainDecision: asked(
    v1.ExplainDecisionRequestSchema,
    (client, request, options) => client.explainDecision(request, options),
    (answer) => toJson(v1.ExplainDecisionResponseSchema, answer),
  ),
  ComputeDecisionTimeline: asked(
    v1.ComputeDecisionTimelineRequestSchema,
    (client, request, options) => client.computeDecisionTimeline(request, options),
    (answer) => toJson(v1.ComputeDecisionTimelineResponseSchema, answer),
  ),
  GetSnapshot: asked(
    v1.GetSnapshotRequestSchema,
    (client, _, options) => client.getSnapshot(options),
    (answer) => toJson(v1.GetSnapshotResponseSchema, answer),
  ),
  ListPolicies: asked(
    v1.ListPoliciesRequestSchema,
    (client, request, options) => client.listPolicies(request, options),
    (answer) => toJson(v1.ListPoliciesResponseSchema, answer),
  ),
  GetPolicy: asked(
    v1.GetPolicyRequestSchema,
    (client, { policyId }, options) => client.getPolicy(policyId, options),
    (answer) => toJson(v1.GetPolicyResponseSchema, answer),
  ),
  IdentifySoftware: asked(
    v1.IdentifySoftwareRequestSchema,
    (client, request, options) => client.identifySoftware(request, options),
    (answer) => toJson(v1.IdentifySoftwareResponseSchema, answer),
  ),
  ValidateBundle: asked(
    v1.ValidateBundleRequestSchema,
    (client, { files }, options) => client.validateBundle(files, options),
    (answer) => toJson(v1.ValidateBundleResponseSchema, answer),
  ),
  RunPolicyTests: asked(
    v1.RunPolicyTestsRequestSchema,
    (client, request, options) => client.runPolicyTests(request, options),
    ({ summary }) => ({ summary: toJson(v1.RunPolicyTestsResponse_TestSummarySchema, summary) }),
  ),
};

/** What an item of a batch, a stream or an inventory is in a message. */
function itemData(item: ItemDecision | HostDecision): JsonMap {
  if (item.error !== undefined) return { error: { code: item.error.code } };
  return { decision: toJson(v1.DecisionSchema, item.decision) };
}

function hostData(host: HostDecision): JsonValue {
  const { hostId, recordCount, softwareCount, remarks } = host;
  const counts = create(v1.InventoryResultSchema, { hostId, recordCount, softwareCount, remarks: [...remarks] });
  return { ...(toJson(v1.InventoryResultSchema, counts) as JsonMap), ...itemData(host) };
}

function shared({ snapshot, evaluateTime }: BatchDecisions | InventoryDecisions): JsonMap {
  return {
    snapshot: toJson(v1.SnapshotRefSchema, snapshot),
    evaluateTime: toJson(TimestampSchema, evaluateTime),
  };
}

async function call(client: Client, { call, request, deadline, want, absent, error }: Case): Promise<void> {
  const options = deadline === undefined ? {} : { deadlineMs: Number.parseFloat(String(deadline)) * 1_000 };
  let answer: JsonValue;
  try {
    answer = await (CALLS[String(call)] as Ask)(client, request ?? {}, options);
  } catch (failure) {
    if (!(failure instanceof CallError)) throw failure;
    if (error === undefined) throw new Failed(`wanted an answer, came ${failure}`);
    return differs(error, failure);
  }
  if (error !== undefined) throw new Failed(`wanted ${shown(error)}, came ${shown(answer)}`);
  matches(want, answer);
  for (const path of (absent ?? []) as string[]) {
    if (found(answer, path)) throw new Failed(`wanted no \`${path}\`, came ${shown(answer)}`);
  }
}

async function stream(client: Client, { stream, want }: Case): Promise<void> {
  const items = (stream as JsonValue[]).map((item) => fromJson(v1.StreamDecideHostsRequestSchema, item));
  const wanted = new Map(Object.entries(want as JsonMap));
  for await (const answer of client.streamDecideHosts(items)) {
    const { correlationId } = answer;
    const wish = wanted.get(correlationId) as JsonMap | undefined;
    if (!wanted.delete(correlationId) || wish === undefined) {
      throw new Failed(`came a second or an unasked answer for \`${correlationId}\``);
    }
    if ("error" in wish) {
      if (answer.error === undefined) throw new Failed(`wanted ${shown(wish)}, came a decision for \`${correlationId}\``);
      differs(wish["error"], answer.error);
    } else {
      matches(wish, itemData(answer), correlationId);
    }
  }
  if (wanted.size > 0) throw new Failed(`no answers for ${[...wanted.keys()]}`);
}

async function watch(client: Client, { want }: Case): Promise<void> {
  const watching = client.watchSnapshot();
  try {
    // Not the next state: a watch whose server is not there looks for it without an end.
    const event = await watching.nextEvent();
    if (event === undefined || event instanceof CallError) throw new Failed(`wanted a state, came ${event}`);
    matches(want, toJson(v1.WatchSnapshotResponseSchema, event));
  } finally {
    watching.close();
  }
}

async function gate(client: Client, { gate, want }: Case): Promise<void> {
  const outcome = await new Gate(client).check(fromJson(v1.DecideHostRequestSchema, gate as JsonValue));
  const came = outcome.open ? "open" : outcome.reason;
  if (came !== want) throw new Failed(`wanted ${want}, came ${came}`);
}

async function cache(client: Client, { cache, want }: Case): Promise<void> {
  const kept = new DecisionCache(client);
  try {
    if (!(await kept.waitUntilConnected(10_000))) throw new Failed(`the watch did not connect: ${kept.watchError}`);
    const request = fromJson(v1.DecideHostRequestSchema, cache as JsonValue);
    const first = await kept.decideHost(request);
    if (kept.hits > 0) throw new Failed("the first answer was reused");
    const second = await kept.decideHost(request);
    matches(want, { reused: kept.hits === 1 });
    for (const decision of [first, second]) {
      clearField(decision, v1.DecisionSchema.field.evaluateTime);
      clearField(decision, v1.DecisionSchema.field.decisionId);
    }
    if (!equals(v1.DecisionSchema, first, second)) throw new Failed("the second answer differs from the first");
  } finally {
    kept.close();
  }
}

const RUNNERS = { call, stream, watch, gate, cache };

/** Holds an error against what was wanted. */
function differs(want: Json, error: CallError): void {
  const unknown = Object.keys(want as JsonMap).filter((key) => !["code", "reason", "fields", "metadata"].includes(key));
  if (unknown.length > 0) throw new Failed(`unknown keys of an error: ${unknown}`);
  const came: JsonMap = { code: codeName(error.code), fields: error.fields.map(({ field }) => field), metadata: error.metadata };
  matches(want, error.reason === undefined ? came : { ...came, reason: error.reason }, "error");
}

/** Throws unless `want` is a part of what came. */
function matches(want: Json, came: Json, path = ""): void {
  const differ = (): Failed => new Failed(`${path}: wanted ${shown(want)}, came ${shown(came)}`);
  if (Array.isArray(want)) {
    if (!Array.isArray(came) || came.length !== want.length) throw differ();
    for (const [position, value] of want.entries()) matches(value, came[position], `${path}.${position}`);
  } else if (typeof want === "object" && want !== null) {
    if (typeof came !== "object" || came === null || Array.isArray(came)) throw differ();
    for (const [key, value] of Object.entries(want)) matches(value, came[key], `${path}.${key}`);
  } else if (want !== came) {
    throw differ();
  }
}

/** Whether there is something at a dotted path. */
function found(came: Json, path: string): boolean {
  let at: Json = came;
  for (const key of path.split(".")) {
    if (typeof at !== "object" || at === null) return false;
    at = Array.isArray(at) ? at[Number(key)] : at[key];
  }
  return at !== undefined;
}

function shown(value: Json): string {
  return JSON.stringify(value) ?? "nothing";
}

function cases(): Case[] {
  const files = readdirSync(CASES).filter((file) => file.endsWith(".yaml"));
  if (files.length === 0) {
    throw new Failed(`there are no cases: ${CASES}; hint: EMBARGO_CONFORMANCE names the folder that has them`);
  }
  const names = new Set<string>();
  const read = (file: string): Case[] => {
    const document: { cases: Case[] } = parse(readFileSync(join(CASES, file), "utf8"));
    return document.cases.map((given) => {
      const kinds = (Object.keys(KEYS) as Kind[]).filter((kind) => kind in given);
      const [kind] = kinds;
      const named = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(given.name ?? "") && !names.has(given.name);
      if (!named || kind === undefined || kinds.length !== 1) {
        throw new Failed(`${file}: \`${given.name}\` has no name of its own, or does not ask one thing`);
      }
      names.add(given.name);
      const unknown = Object.keys(given).filter((key) => !["name", kind, ...KEYS[kind]].includes(key));
      const callKnown = kind !== "call" || Object.hasOwn(CALLS, String(given["call"]));
      if (unknown.length > 0 || !callKnown || "want" in given === "error" in given) {
        throw new Failed(`${file}: \`${given.name}\` has keys or a call that are not known: ${unknown}`);
      }
      return { ...given, kind };
    });
  };
  return files.flatMap(read);
}

async function main(): Promise<void> {
  const target = process.env["EMBARGO_TARGET"];
  if (!target) {
    const command = "embargo with --policies clients/conformance/policies -- clients/typescript/check.sh";
    throw new Failed(`EMBARGO_TARGET names no server; hint: run \`${command}\``);
  }
  const told = cases();
  const client = new Client(`http://${target}`);
  let failed = 0;
  for (const each of told) {
    try {
      await RUNNERS[each.kind](client, each);
    } catch (error) {
      // Whatever goes wrong in a case is its failure, and the others are run all the same.
      failed += 1;
      console.error(`${each.name}: ${error instanceof Failed ? error.message : String(error)}`);
    }
  }
  client.close();
  if (failed > 0) throw new Failed(`conformance: ${failed} of ${told.length} failed`);
  console.log(`conformance: ${told.length} passed`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Failed ? error.message : error);
  process.exitCode = 1;
}
