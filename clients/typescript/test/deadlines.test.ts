/** Deadlines and retries, over a connection and under a clock that stands still. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Code, ConfigurationError, DeadlineError, MAX_DEADLINE_MS, Place, StatusError, TransportError, v1 } from "../src/index.js";
import { Attempts, checkedDeadline, pauseMs } from "../src/retry.js";
import { Ring } from "../src/servers.js";
import { answer, draining, fail, Fake, HANG, info, overloaded, question, rejection } from "./fake.js";

const UNAVAILABLE = fail(Code.Unavailable, "starting");

test("a call that hangs ends at its deadline", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", HANG);
  const start = performance.now();
  const error = await rejection(fake.client(t).decideHost(question(), { deadlineMs: 1_000 }));
  assert.ok(error instanceof DeadlineError);
  assert.match(error.message, /no answer within 1000 ms/);
  const taken = performance.now() - start;
  assert.ok(taken >= 990 && taken < 8_000, `${taken} ms`);
  assert.ok(fake.calls("decideHost") <= 1, "a deadline is not tried again");
});

test("the server is told what is left with every attempt", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", overloaded(500), answer());
  await fake.client(t).decideHost(question());
  const [first, second] = fake.asked.map(({ timeoutMs }) => timeoutMs ?? Infinity);
  assert.ok(first !== undefined && second !== undefined && first <= 10_000 && second <= first - 400, `${first} ${second}`);
});

test("an unavailable server is tried again until it answers", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, answer(v1.Effect.DENY));
  assert.equal((await fake.client(t).decideHost(question())).effect, v1.Effect.DENY);
  assert.equal(fake.calls("decideHost"), 4);
});

test("attempts run out", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", draining());
  assert.ok((await rejection(fake.client(t).decideHost(question()))) instanceof StatusError);
  assert.equal(fake.calls("decideHost"), 4);
});

test("of all statuses only UNAVAILABLE is tried again", async (t) => {
  for (const code of Object.values(Code).filter((each) => typeof each === "number")) {
    const fake = await Fake.start(t);
    const client = fake.client(t);
    fake.set("decideHost", fail(code), answer());
    if (code === Code.Unavailable) await client.decideHost(question());
    else await rejection(client.decideHost(question()));
    assert.equal(fake.calls("decideHost"), code === Code.Unavailable ? 2 : 1, Code[code]);
  }
});

test("an overloaded server is asked again after the delay that it names", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", overloaded(200), answer());
  const start = performance.now();
  await fake.client(t).decideHost(question());
  assert.ok(performance.now() - start >= 195);
});

test("an overloaded server that names no delay is not asked again", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", overloaded(), answer());
  assert.ok((await rejection(fake.client(t).decideHost(question()))) instanceof StatusError);
  assert.equal(fake.calls("decideHost"), 1);
});

test("a passed deadline that the server tells is its status", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", fail(Code.DeadlineExceeded, "late", info("DEADLINE_PASSED")));
  const error = await rejection(fake.client(t).decideHost(question()));
  assert.ok(error instanceof StatusError && error.reason === "DEADLINE_PASSED");
});

test("a cancellation in the words of a timeout is a deadline", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", fail(Code.Canceled, "Timeout expired"));
  assert.ok((await rejection(fake.client(t).decideHost(question()))) instanceof DeadlineError);
});

test("a call that is given up ends, in an attempt and between two", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  for (const step of [HANG, overloaded(5_000)]) {
    fake.set("decideHost", step);
    const before = fake.calls("decideHost");
    const giveUp = new AbortController();
    const given = rejection(client.decideHost(question(), { signal: giveUp.signal }));
    await fake.waitForCalls("decideHost", before + 1);
    giveUp.abort();
    const error = await given;
    assert.ok(error instanceof TransportError && error.code === Code.Canceled, String(error));
    assert.equal(fake.calls("decideHost"), before + 1);
  }
  const given = await rejection(client.decideHost(question(), { signal: AbortSignal.abort() }));
  assert.equal(given.code, Code.Canceled);
});

test("a deadline has bounds", () => {
  assert.equal(checkedDeadline(1e12), MAX_DEADLINE_MS);
  assert.equal(checkedDeadline(-1), 0);
  assert.throws(() => checkedDeadline(NaN), ConfigurationError);
  assert.throws(() => checkedDeadline("10" as never), ConfigurationError);
});

const PLACE = new Place("DecideHost", "a");

test("neither attempts nor pauses go past the deadline", () => {
  let now = 100;
  const attempts = new Attempts({ maxAttempts: 1000 }, 5_000, new Ring(["a"]), "DecideHost", () => now);
  const failure = new StatusError(Code.Unavailable, "no", PLACE, { retryDelayMs: 2_000 });
  assert.equal(attempts.next().leftMs, 5_000);
  now += attempts.failed(failure);
  assert.ok(attempts.next().leftMs <= 3_000);
  now += 2_000;
  assert.throws(() => attempts.failed(failure), StatusError);
  now += 10_000;
  assert.throws(() => attempts.next(), DeadlineError);
});

test("pauses grow to their bound and differ", () => {
  const pauses = Array.from({ length: 200 }, (_, round) => pauseMs({}, round + 1));
  assert.ok(pauses.every((pause) => pause >= 0 && pause <= 1_000));
  assert.ok(Array.from({ length: 100 }, () => pauseMs({}, 1)).every((pause) => pause <= 50));
  assert.ok(new Set(pauses).size > 190);
});

test("the next server is asked without a pause as long as there is one", () => {
  const attempts = new Attempts({}, 60_000, new Ring(["a", "b", "c"]), "DecideHost", () => 0);
  const failure = new StatusError(Code.Unavailable, "no", PLACE, { retryDelayMs: 1_000 });
  const asked = [];
  const pauses = [];
  for (let round = 0; round < 3; round += 1) {
    asked.push(attempts.next().place.endpoint);
    pauses.push(attempts.failed(failure));
  }
  assert.deepEqual(asked, ["a", "b", "c"]);
  assert.deepEqual(pauses.slice(0, 2), [0, 0]);
  assert.ok((pauses[2] ?? 0) >= 1_000);
});
