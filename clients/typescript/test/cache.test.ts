/** The cache of decisions reuses an answer only while it holds, and only while a watch says that its snapshot is active. */

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";

import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";

import {
  CallError,
  type Client,
  ConfigurationError,
  DecisionCache,
  decisionIsCurrent,
  Gate,
  StatusError,
  v1,
} from "../src/index.js";
import { KeptDecisions, keyOf } from "../src/keeping.js";
import { answer, at, decision, draining, facts, fail, Fake, HANG, HOST, newClient, question, rejection, state } from "./fake.js";

interface Setup {
  fake: Fake;
  cache: DecisionCache;
  wall: { now: number };
}

async function cached(t: TestContext, client?: Client, maxEntries = 2): Promise<Setup> {
  const fake = await Fake.start(t);
  const wall = { now: 5_000 };
  fake.set("watchSnapshot", [state("aa"), HANG]);
  fake.set("decideHost", answer(v1.Effect.ALLOW, { nextChangeTime: at(10) }));
  const cache = new DecisionCache(client ?? fake.client(t), { maxEntries, clock: () => wall.now });
  t.after(() => cache.close());
  assert.ok(await cache.waitUntilConnected(10_000));
  return { fake, cache, wall };
}

test("the same question is answered from memory", async (t) => {
  const { fake, cache } = await cached(t);
  const first = await cache.decideHost(question());
  assert.deepEqual(await cache.decideHost(question()), first);
  assert.deepEqual([cache.hits, cache.misses, fake.calls("decideHost"), cache.size], [1, 1, 1, 1]);
});

test("an answer holds from its instant until its next change", async (t) => {
  const { cache, wall } = await cached(t);
  await cache.decideHost(question());
  for (const [now, hits] of [[999, 0], [1_000, 1], [9_999, 2], [10_000, 2]] as const) {
    wall.now = now;
    await cache.decideHost(question());
    assert.equal(cache.hits, hits, String(now));
  }
});

test("another question goes to the server", async (t) => {
  const { fake, cache } = await cached(t);
  await cache.decideHost(question());
  fake.set("decideHost", draining());
  const others = [
    { facts: facts("host-2"), action: v1.Action.INSTALL },
    { facts: { hostId: HOST }, action: v1.Action.INSTALL },
    { facts: facts(), action: v1.Action.USE },
    question({ evaluateTime: at(5) }),
    question({ requireSnapshotId: "bb" }),
    {},
  ];
  for (const other of others) assert.ok((await rejection(cache.decideHost(other))) instanceof CallError);
  assert.equal(cache.hits, 0);
});

test("a snapshot that is required and active is no other question", async (t) => {
  const { cache } = await cached(t);
  await cache.decideHost(question());
  await cache.decideHost(question({ requireSnapshotId: "aa" }));
  assert.equal(cache.hits, 1);
});

test("an answer that may differ next time is not reused", async (t) => {
  const { fake, cache } = await cached(t);
  const given = [
    answer(v1.Effect.INDETERMINATE),
    answer(v1.Effect.DENY, { failures: [{ policyId: "p" } as never] }),
    answer(v1.Effect.ALLOW, { evaluateTime: undefined as never }),
    answer(v1.Effect.ALLOW, { snapshotId: "bb" }),
  ];
  for (const each of given) {
    fake.set("decideHost", each);
    await cache.decideHost(question());
    await cache.decideHost(question());
    assert.equal(cache.hits, 0);
  }
});

test("errors are not kept", async (t) => {
  const { fake, cache } = await cached(t);
  fake.set("decideHost", fail(Code.NotFound), answer());
  assert.ok((await rejection(cache.decideHost(question()))) instanceof StatusError);
  assert.equal((await cache.decideHost(question())).effect, v1.Effect.ALLOW);
});

test("a bounded number is kept, and those not asked for longest go", async (t) => {
  const { fake, cache } = await cached(t);
  fake.set("decideHost", (request: v1.DecideHostRequest) => answer(v1.Effect.ALLOW, { hostId: request.facts?.hostId ?? "" }));
  for (const hostId of ["a", "b", "a", "c", "a", "b"]) {
    await cache.decideHost({ facts: facts(hostId), action: v1.Action.INSTALL });
  }
  assert.deepEqual([cache.size, cache.hits, cache.misses], [2, 2, 4]);
});

test("what callers do to an answer does not reach the next one", async (t) => {
  const { cache } = await cached(t);
  for (let number = 0; number < 3; number += 1) {
    const given = await cache.decideHost(question());
    assert.equal(given.effect, v1.Effect.ALLOW);
    given.effect = v1.Effect.DENY;
  }
});

test("nothing is reused once another snapshot is active", async (t) => {
  const fake = await Fake.start(t);
  let turn = (): void => {};
  const turned = new Promise<void>((resolve) => (turn = resolve));
  fake.set("watchSnapshot", async function* () {
    yield state("aa");
    await turned;
    yield state("bb", 2n);
    yield HANG;
  });
  fake.set("decideHost", answer());
  const cache = new DecisionCache(fake.client(t), { clock: () => 5_000 });
  assert.ok(await cache.waitUntilConnected(10_000));
  await cache.decideHost(question());
  await cache.decideHost(question());
  assert.equal(cache.hits, 1);
  turn();
  fake.set("decideHost", answer(v1.Effect.ALLOW, { snapshotId: "bb" }));
  // An answer from memory takes no turn of the event loop, which the watch needs.
  while ((await cache.decideHost(question())).snapshotId !== "bb") await setImmediate();
  const { hits } = cache;
  await cache.decideHost(question());
  assert.equal(cache.hits, hits + 1, "the new snapshot's answers are reused");
});

test("nothing is reused while the watch is not connected", async (t) => {
  const [watched, judge] = [await Fake.start(t), await Fake.start(t)];
  for (const fake of [watched, judge]) fake.set("decideHost", answer());
  watched.set("watchSnapshot", [state("aa"), HANG]);
  judge.set("watchSnapshot", HANG);
  const cache = new DecisionCache(newClient(t, [watched.endpoint, judge.endpoint]), { clock: () => 5_000 });
  assert.ok(await cache.waitUntilConnected(10_000));
  await cache.decideHost(question());
  await cache.decideHost(question());
  assert.equal(cache.hits, 1);
  watched.stop();
  await judge.waitForCalls("watchSnapshot", 1);
  assert.ok(!cache.connected);
  assert.ok(cache.watchError instanceof CallError);
  await cache.decideHost(question());
  assert.deepEqual([cache.hits, judge.calls("decideHost")], [1, 1]);
});

test("a watch that the server refuses leaves a cache that always asks", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", answer());
  fake.set("watchSnapshot", fail(Code.PermissionDenied));
  const cache = new DecisionCache(fake.client(t));
  assert.ok(!(await cache.waitUntilConnected(50)));
  await cache.decideHost(question());
  await cache.decideHost(question());
  assert.deepEqual([cache.hits, cache.misses, cache.watchError?.code], [0, 2, Code.PermissionDenied]);
});

test("a cache that was closed always asks", async (t) => {
  const { cache } = await cached(t);
  await cache.decideHost(question());
  cache.close();
  await cache.decideHost(question());
  assert.equal(cache.hits, 0);
});

test("a gate may ask a cache", async (t) => {
  const { fake, cache } = await cached(t);
  const gate = new Gate(cache);
  assert.ok((await gate.check(question())).open);
  assert.ok((await gate.check(question())).open);
  assert.deepEqual([cache.hits, fake.calls("decideHost")], [1, 1]);
});

test("equal attributes are identical facts in any order, and others are not", () => {
  const key = (attributes: object): string | undefined =>
    keyOf(create(v1.DecideHostRequestSchema, { facts: { hostId: HOST, attributes: attributes as never } }));
  const nested = key({ a: [{ x: 1, y: 2 }], b: null });
  assert.equal(key({ b: null, a: [{ y: 2, x: 1 }] }), nested);
  const others = [{ a: [{ x: 1, y: 3 }], b: null }, { a: [{ x: 1, y: 2 }] }, { a: [{ y: 2 }, { x: 1 }], b: null }];
  for (const other of others) assert.notEqual(key(other), nested);
  assert.ok(nested !== undefined && !nested.includes(HOST), "facts are not kept");
});

test("no action and presence are the same question", () => {
  const key = (action: v1.Action): string | undefined => keyOf(create(v1.DecideHostRequestSchema, { facts: facts(), action }));
  assert.equal(key(v1.Action.UNSPECIFIED), key(v1.Action.PRESENCE));
  assert.notEqual(key(v1.Action.USE), key(v1.Action.PRESENCE));
});

test("what is no decision never holds", () => {
  for (const none of [decision(v1.Effect.ALLOW, { evaluateTime: undefined as never }), decision(0), decision(99)]) {
    assert.ok(!decisionIsCurrent(none, 5_000));
  }
  assert.ok(decisionIsCurrent(decision(), 5_000));
  assert.ok(!decisionIsCurrent(decision(), NaN));
  const soon = decision(v1.Effect.ALLOW, { nextChangeTime: at(5, 500_000) });
  assert.ok(!decisionIsCurrent(soon, 5_000), "the change lies within the millisecond that the clock tells");
});

test("a cache has room for an entry", () => {
  assert.throws(() => new KeptDecisions(0), ConfigurationError);
  assert.throws(() => new KeptDecisions(NaN), ConfigurationError);
});
