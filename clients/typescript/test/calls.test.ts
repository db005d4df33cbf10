/** The calls with one answer, besides DecideHost. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";

import {
  type BatchDecisions,
  CallError,
  type Client,
  type InventoryDecisions,
  MalformedError,
  NoDecisionError,
  StatusError,
  v1,
} from "../src/index.js";
import { at, decision, facts, fail, Fake, HOST, info, rejection, type Step } from "./fake.js";

function decided(effect: number = v1.Effect.ALLOW, more = {}): Step {
  return { case: "decision", value: decision(effect, more) };
}

function failed(code: number): Step {
  return { case: "error", value: { code, message: "no" } };
}

function batch(fake: Fake, client: Client, ids: string, results: [string, Step?][], more = {}): Promise<BatchDecisions> {
  const given = results.map(([correlationId, result]) => ({ correlationId, ...(result && { result }) }));
  const sent = { results: given, snapshot: { generation: 1n }, evaluateTime: at(1), ...more };
  fake.set("batchDecideHosts", create(v1.BatchDecideHostsResponseSchema, sent as never));
  const items = [...ids].map((correlationId) => ({ correlationId, facts: facts(), action: v1.Action.INSTALL }));
  return client.batchDecideHosts({ items });
}

test("the items of a batch succeed or fail one by one", async (t) => {
  const fake = await Fake.start(t);
  const answers = await batch(fake, fake.client(t), "abcdef", [
    ["a", decided(v1.Effect.DENY)],
    ["b", failed(3)],
    ["c", decided(99)],
    ["d"],
    ["e", decided(v1.Effect.ALLOW, { hostId: "host-2" })],
    ["f", failed(0)],
  ]);
  const [a, b, c, d, e, f] = answers.items;
  assert.equal(a?.decision.effect, v1.Effect.DENY);
  assert.deepEqual([b?.error?.code, b?.error?.place.correlationId], [Code.InvalidArgument, "b"]);
  for (const none of [c, d, e]) assert.ok(none?.error instanceof NoDecisionError);
  assert.equal(f?.error?.code, Code.Unknown, "an error whose code is OK is an error");
  for (const none of [b, c, d, e, f]) assert.throws(() => none?.decision, CallError);
  assert.deepEqual([answers.snapshot.generation, answers.evaluateTime], [1n, at(1)]);
  assert.doesNotMatch(`${inspect(answers, { depth: 9 })} ${JSON.stringify(answers.items)}`, new RegExp(HOST));
});

test("a batch whose answers do not pair with its items fails", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  const [a, b] = [["a", decided()] as [string, Step], ["b", decided()] as [string, Step]];
  const cases: [[string, Step?][], object, string][] = [
    [[a], {}, "the batch has 2 items and 1 answers"],
    [[a, b, ["c", decided()]], {}, "the batch has 2 items and 3 answers"],
    [[b, a], {}, "no item waits for the answer `b`"],
    [[a, a], {}, "no item waits for the answer `a`"],
    [[a, b], { snapshot: undefined }, "the answer lacks `snapshot`"],
    [[a, b], { evaluateTime: undefined }, "the answer lacks `evaluate_time`"],
  ];
  for (const [results, more, says] of cases) {
    const error = await rejection(batch(fake, client, "ab", results, more));
    assert.ok(error instanceof MalformedError && error.message.includes(says), inspect(error));
  }
});

function inventory(fake: Fake, client: Client, ...results: Step[]): Promise<InventoryDecisions> {
  const sent = { format: "facts", results, snapshot: { generation: 1n }, evaluateTime: at(1) };
  fake.set("decideInventory", create(v1.DecideInventoryResponseSchema, sent));
  return client.decideInventory({ document: new Uint8Array([1]), action: v1.Action.INSTALL });
}

test("the hosts of an inventory succeed or fail one by one", async (t) => {
  const fake = await Fake.start(t);
  const remarks = [{ kind: v1.InventoryRemark_Kind.SKIPPED, place: "line 1" }];
  const answers = await inventory(
    fake,
    fake.client(t),
    { hostId: HOST, recordCount: 2, softwareCount: 1, remarks, result: decided() },
    { hostId: "host-2", result: decided() },
    { hostId: "host-3", result: failed(3) },
    { hostId: "host-4" },
  );
  const [told, other, refused, nothing] = answers.hosts;
  assert.deepEqual([told?.hostId, told?.recordCount, told?.softwareCount], [HOST, 2, 1]);
  assert.equal(told?.remarks[0]?.place, "line 1");
  assert.deepEqual(told?.decision, decision());
  assert.ok(other?.error instanceof NoDecisionError && nothing?.error instanceof NoDecisionError);
  assert.equal(refused?.error?.code, Code.InvalidArgument);
  assert.doesNotMatch(`${inspect(answers, { depth: 9 })} ${JSON.stringify(answers.hosts)}`, /host-\d/);
});

test("an inventory without hosts is no answer", async (t) => {
  const fake = await Fake.start(t);
  assert.ok((await rejection(inventory(fake, fake.client(t)))) instanceof MalformedError);
});

test("an explanation comes with a decision on what was asked", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  const request = { facts: facts(), action: v1.Action.INSTALL };
  const explained = (given?: v1.Decision): Step =>
    create(v1.ExplainDecisionResponseSchema, given === undefined ? {} : { decision: given });
  fake.set("explainDecision", explained(decision(v1.Effect.DENY)));
  assert.equal((await client.explainDecision(request)).decision?.effect, v1.Effect.DENY);
  for (const none of [explained(), explained(decision(v1.Effect.ALLOW, { hostId: "host-2" }))]) {
    fake.set("explainDecision", none);
    assert.ok((await rejection(client.explainDecision(request))) instanceof NoDecisionError);
  }
});

type Segment = MessageInitShape<typeof v1.TimelineSegmentSchema>;

function segment(start: number, end: number, effect: number = v1.Effect.ALLOW, judged = start): Segment {
  return { startTime: at(start), endTime: at(end), decision: decision(effect, { evaluateTime: at(judged) }) };
}

function timeline(fake: Fake, client: Client, segments: Segment[], more = {}): Promise<Step> {
  fake.set("computeDecisionTimeline", create(v1.ComputeDecisionTimelineResponseSchema, { segments, ...more }));
  const request = { facts: facts(), action: v1.Action.INSTALL, startTime: at(1), endTime: at(9) };
  return client.computeDecisionTimeline(request);
}

test("a timeline covers what was asked for", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  const whole = await timeline(fake, client, [segment(1, 5), segment(5, 9, v1.Effect.DENY)]);
  assert.equal(whole.segments.length, 2);
  assert.equal((await timeline(fake, client, [segment(1, 5)], { truncateTime: at(5) })).segments.length, 1);
});

test("a timeline with a hole is no answer", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  const cases: [Segment[], new (...args: never[]) => CallError][] = [
    [[], MalformedError],
    [[segment(1, 5), segment(6, 9)], MalformedError],
    [[segment(2, 9)], MalformedError],
    [[segment(1, 5)], MalformedError],
    [[segment(1, 5), segment(5, 9, 99)], NoDecisionError],
    [[segment(1, 9, v1.Effect.ALLOW, 2)], NoDecisionError],
    [[{ startTime: at(1), endTime: at(9) }], NoDecisionError],
    [[{ startTime: at(1), decision: decision() }], MalformedError],
  ];
  for (const [segments, kind] of cases) {
    const error = await rejection(timeline(fake, client, segments));
    assert.ok(error instanceof kind, inspect(error));
  }
});

function page(ids: string, nextPageToken = ""): Step {
  const policies = [...ids].map((policyId) => ({ policyId }));
  return create(v1.ListPoliciesResponseSchema, { policies, nextPageToken, snapshot: { generation: 1n } });
}

const RELOADED = fail(Code.InvalidArgument, "no", info("PAGE_TOKEN_INVALID"));

async function listed(client: Client): Promise<string> {
  return (await client.listAllPolicies()).policies.map(({ policyId }) => policyId).join("");
}

test("all pages make up a listing", async (t) => {
  const fake = await Fake.start(t);
  fake.set("listPolicies", page("ab", "1"), page("c"));
  assert.equal(await listed(fake.client(t)), "abc");
  const asked = fake.asked.map(({ request }) => [request.pageSize, request.pageToken]);
  assert.deepEqual(asked, [
    [1_000, ""],
    [1_000, "1"],
  ]);
});

test("a listing begins anew when the server reloads between pages, and not for ever", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  fake.set("listPolicies", page("x", "1"), RELOADED, page("a", "2"), page("b"));
  assert.equal(await listed(client), "ab");
  const before = fake.calls("listPolicies");
  fake.set("listPolicies", ...Array(9).fill([page("x", "1"), RELOADED]).flat());
  assert.ok((await rejection(listed(client))) instanceof StatusError);
  assert.equal(fake.calls("listPolicies") - before, 6);
});

test("a page that repeats ends a listing", async (t) => {
  const fake = await Fake.start(t);
  fake.set("listPolicies", page("a", "1"));
  assert.match((await rejection(listed(fake.client(t)))).message, /the same page again/);
});

test("an identification is of an item that was asked about", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  const told = (index: number): Step =>
    create(v1.IdentifySoftwareResponseSchema, {
      identifications: [{ software: { index }, productId: "p" }],
      snapshot: { generation: 1n },
    });
  const request = { software: [{ name: "X" }] };
  fake.set("identifySoftware", told(0));
  assert.equal((await client.identifySoftware(request)).identifications[0]?.productId, "p");
  fake.set("identifySoftware", told(1));
  assert.ok((await rejection(client.identifySoftware(request))) instanceof MalformedError);
});

function ran(passed: boolean): Step {
  return create(v1.RunPolicyTestsResponseSchema, { event: { case: "result", value: { name: "t", passed } } });
}

function summed(passedCount: number, failedCount: number): Step {
  return create(v1.RunPolicyTestsResponseSchema, { event: { case: "summary", value: { passedCount, failedCount } } });
}

test("a test run that came to its end is a report", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  fake.set("runPolicyTests", [ran(true), ran(false), summed(1, 1)]);
  const report = await client.runPolicyTests();
  assert.deepEqual([report.results.map(({ passed }) => passed), report.passed], [[true, false], false]);
  fake.set("runPolicyTests", [ran(true), summed(1, 0)]);
  assert.ok((await client.runPolicyTests()).passed);
});

test("a test run that broke off or lost a result is no report", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  const runs = [
    [],
    [ran(true)],
    [ran(true), create(v1.RunPolicyTestsResponseSchema)],
    [summed(0, 0), ran(false)],
    [ran(true), summed(1, 1)],
    [ran(true), summed(0, 0), summed(1, 0)],
  ];
  for (const events of runs) {
    fake.set("runPolicyTests", events);
    assert.ok((await rejection(client.runPolicyTests())) instanceof MalformedError);
  }
  fake.set("runPolicyTests", [ran(true), fail(Code.Internal, "no", info("SERVER_FAULT"))]);
  assert.ok((await rejection(client.runPolicyTests())) instanceof StatusError);
});

test("a bundle with faults, and no snapshot, are answers", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  fake.set("validateBundle", create(v1.ValidateBundleResponseSchema, { diagnostics: [{ code: "rego-parse-error" }] }));
  const { diagnostics } = await client.validateBundle([{ path: "a.rego" }]);
  assert.equal(diagnostics[0]?.code, "rego-parse-error");
  fake.set("getSnapshot", create(v1.GetSnapshotResponseSchema));
  assert.equal((await client.getSnapshot()).active, undefined);
});
