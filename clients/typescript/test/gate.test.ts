/**
 * The gate fails closed: of everything that a server or a network can do, an explicit ALLOW or WARN on exactly what was asked alone
 * opens it.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { inspect } from "node:util";

import { create } from "@bufbuild/protobuf";

import {
  CallError,
  Closed,
  Code,
  DeadlineError,
  Gate,
  GateClosed,
  NoDecisionError,
  Passed,
  TransportError,
  v1,
} from "../src/index.js";
import { answer, at, decision, facts, fail, Fake, HANG, HOST, newClient, question, rejection } from "./fake.js";

async function gated(test: TestContext, deadlineMs = 5_000): Promise<{ fake: Fake; gate: Gate }> {
  const fake = await Fake.start(test);
  return { fake, gate: new Gate(fake.client(test), { deadlineMs }) };
}

test("of all effects only ALLOW and WARN open it", async (t) => {
  const { fake, gate } = await gated(t);
  const closed: Record<number, string> = {
    [v1.Effect.DENY]: "denied",
    [v1.Effect.REVIEW]: "review",
    [v1.Effect.INDETERMINATE]: "indeterminate",
  };
  const opened = [];
  for (const effect of [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 99, -(2 ** 31), 2 ** 31 - 1]) {
    fake.set("decideHost", answer(effect));
    const outcome = await gate.check(question());
    if (outcome.open) {
      assert.deepEqual(outcome.decision, decision(effect));
      opened.push(effect);
    } else {
      assert.equal(outcome.reason, closed[effect] ?? "no_decision");
    }
  }
  assert.deepEqual(opened, [v1.Effect.ALLOW, v1.Effect.WARN]);
});

test("every status closes it", async (t) => {
  const { fake, gate } = await gated(t);
  for (let code = 1; code <= 16; code += 1) {
    fake.set("decideHost", fail(code));
    const outcome = await gate.check(question());
    assert.ok(!outcome.open && outcome.error instanceof CallError);
    assert.deepEqual([outcome.reason, outcome.error.code], ["no_decision", code]);
  }
});

test("a decision on anything else than was asked closes it", async (t) => {
  const { fake, gate } = await gated(t);
  const asked = question({ evaluateTime: at(1), requireSnapshotId: "aa" });
  fake.set("decideHost", answer());
  assert.ok((await gate.check(asked)).open, "otherwise the rest proves nothing");
  const others: Partial<v1.Decision>[] = [
    { hostId: "host-2" },
    { hostId: "" },
    { action: v1.Action.PRESENCE },
    { action: v1.Action.UNSPECIFIED },
    { snapshotId: "bb" },
    { snapshotId: "" },
    { evaluateTime: at(2) },
    { evaluateTime: at(1, 1) },
    { evaluateTime: undefined as never },
  ];
  for (const other of others) {
    fake.set("decideHost", answer(v1.Effect.ALLOW, other));
    const outcome = await gate.check(asked);
    assert.ok(!outcome.open && outcome.reason === "no_decision" && outcome.error instanceof NoDecisionError);
  }
});

test("an answer without a decision closes it", async (t) => {
  const { fake, gate } = await gated(t);
  fake.set("decideHost", create(v1.DecideHostResponseSchema));
  const outcome = await gate.check(question());
  assert.ok(!outcome.open && outcome.error instanceof NoDecisionError);
});

test("a question about no host closes it", async (t) => {
  const { fake, gate } = await gated(t);
  fake.set("decideHost", answer(v1.Effect.ALLOW, { hostId: "" }));
  assert.ok(!(await gate.check({ action: v1.Action.INSTALL })).open);
});

test("an action that is not named is presence", async (t) => {
  const { fake, gate } = await gated(t);
  fake.set("decideHost", answer(v1.Effect.ALLOW, { action: v1.Action.PRESENCE }));
  assert.ok((await gate.check({ facts: facts() })).open);
});

test("a server that hangs closes it at its own deadline", async (t) => {
  const { fake, gate } = await gated(t, 100);
  fake.set("decideHost", HANG);
  const start = performance.now();
  const outcome = await gate.check(question());
  assert.ok(!outcome.open && outcome.error instanceof DeadlineError);
  const taken = performance.now() - start;
  assert.ok(taken >= 95 && taken < 8_000, `${taken} ms`);
});

test("a peer that accepts and says nothing closes it", async (t) => {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const sockets: { destroy(): void }[] = [];
  listener.on("connection", (socket) => sockets.push(socket));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  const client = newClient(t, `http://127.0.0.1:${(listener.address() as AddressInfo).port}`);
  const outcome = await new Gate(client, { deadlineMs: 200 }).check(question());
  assert.ok(!outcome.open && outcome.error instanceof DeadlineError);
});

test("a server that cannot be reached closes it", async (t) => {
  const outcome = await new Gate(newClient(t, "http://127.0.0.1:1")).check(question());
  assert.ok(!outcome.open && outcome.error instanceof TransportError);
});

test("no time at all closes it", async (t) => {
  const { fake, gate } = await gated(t, 0);
  fake.set("decideHost", answer());
  const outcome = await gate.check(question());
  assert.ok(!outcome.open && outcome.error instanceof DeadlineError);
  assert.equal(fake.calls("decideHost"), 0);
});

test("a client that was closed closes it", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", answer());
  const client = fake.client(t);
  client.close();
  assert.ok(!(await new Gate(client).check(question())).open);
  assert.equal(fake.calls("decideHost"), 0);
});

test("a request that is none closes it", async (t) => {
  const { fake, gate } = await gated(t);
  fake.set("decideHost", answer());
  for (const none of [undefined, null, { facts: 7 }, { facts: { hostId: 7 } }]) {
    const outcome = await gate.check(none as never);
    assert.ok(!outcome.open && outcome.reason === "no_decision");
  }
});

test("an ALLOW after a retry opens it", async (t) => {
  const { fake, gate } = await gated(t);
  fake.set("decideHost", fail(Code.Unavailable), answer(v1.Effect.WARN));
  assert.ok((await gate.require(question())).hasWarnings);
});

test("what is required is thrown when it is closed", async (t) => {
  const { fake, gate } = await gated(t);
  fake.set("decideHost", answer(v1.Effect.DENY));
  const denied = await rejection(gate.require(question()));
  assert.ok(denied instanceof GateClosed);
  assert.equal(denied.reason, "denied");
  assert.deepEqual(denied.closed.decision, decision(v1.Effect.DENY));
});

test("nobody else makes permits", () => {
  assert.throws(() => new Passed(Symbol("admitted") as never, decision()), TypeError);
});

test("what a closed gate says names the rule and nothing of the host", async (t) => {
  const { fake, gate } = await gated(t);
  const finding = { instrumentId: "example-ban", message: "Secret Editor is forbidden" };
  fake.set("decideHost", answer(v1.Effect.DENY, { findings: [finding as never] }));
  const denied = await gate.check(question());
  assert.equal(String(denied), "denied by example-ban");
  fake.set("decideHost", answer(v1.Effect.INDETERMINATE, { failures: [{ policyId: "restrictions.example" } as never] }));
  assert.equal(String(await gate.check(question())), "indeterminate: policy `restrictions.example` failed");
  fake.set("decideHost", answer());
  const outcomes = [denied, await gate.check(question()), new Closed("no_decision", undefined, new Error("Secret"))];
  for (const shown of [...outcomes, new GateClosed(denied as Closed)]) {
    const text = `${inspect(shown, { depth: 9 })} ${JSON.stringify(shown)} ${shown instanceof Passed ? "" : shown}`;
    assert.doesNotMatch(text, new RegExp(`Secret|${HOST}`));
  }
});
