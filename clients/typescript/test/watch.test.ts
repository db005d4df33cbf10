/** The watch goes on across streams that break. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { Code, type HandlerContext } from "@connectrpc/connect";

import { DeadlineError, Place, type SnapshotWatch, StatusError, TransportError, WATCH_SILENCE_MS } from "../src/index.js";
import { Resumption } from "../src/resumption.js";
import { Ring } from "../src/servers.js";
import { draining, fail, Fake, HANG, newClient, overloaded, QUICK, rejection, state } from "./fake.js";

async function told(watch: SnapshotWatch, count: number): Promise<(string | undefined)[]> {
  const ids = [];
  for (let number = 0; number < count; number += 1) {
    const event = await watch.next();
    ids.push(event.done === true ? undefined : event.value.active?.ref?.snapshotId);
  }
  return ids;
}

test("a watch goes on after its stream broke", async (t) => {
  const fake = await Fake.start(t);
  const unavailable = fail(Code.Unavailable);
  fake.set("watchSnapshot", unavailable, [state("aa"), state("bb", 2n), draining()], [state("cc")], [state("dd"), HANG]);
  const watch = fake.client(t).watchSnapshot();
  assert.deepEqual(await told(watch, 4), ["aa", "bb", "cc", "dd"]);
  assert.ok(watch.connected);
  assert.equal(fake.calls("watchSnapshot"), 4);
});

test("a break is told before the watch goes on", async (t) => {
  const fake = await Fake.start(t);
  fake.set("watchSnapshot", [state(), draining()], [state(), HANG]);
  const watch = fake.client(t).watchSnapshot();
  await watch.next();
  const failure = await watch.nextEvent();
  assert.ok(failure instanceof StatusError && failure.reason === "DRAINING");
  assert.deepEqual([watch.connected, watch.lastError], [false, failure]);
  await watch.next();
  assert.ok(watch.connected);
  watch.close();
  assert.ok(!watch.connected);
});

test("a watch moves to another server, also when the first one goes away", async (t) => {
  const [first, second] = [await Fake.start(t), await Fake.start(t)];
  first.set("watchSnapshot", [state("aa"), HANG]);
  second.set("watchSnapshot", [state("bb"), HANG]);
  const watch = newClient(t, [first.endpoint, second.endpoint]).watchSnapshot();
  assert.deepEqual(await told(watch, 1), ["aa"]);
  first.stop();
  assert.deepEqual(await told(watch, 1), ["bb"]);
});

test("a watch ends with what asking again does not help against", async (t) => {
  for (const code of [Code.Unauthenticated, Code.Unimplemented]) {
    const fake = await Fake.start(t);
    fake.set("watchSnapshot", fail(code));
    const error = await rejection(fake.client(t).watchSnapshot().next());
    assert.ok(error instanceof StatusError && error.code === code);
    assert.equal(fake.calls("watchSnapshot"), 1);
  }
});

test("a server that accepts the watch and says nothing is left", async (t) => {
  const [first, second] = [await Fake.start(t), await Fake.start(t)];
  first.set("watchSnapshot", HANG);
  second.set("watchSnapshot", [state("bb"), HANG]);
  const watch = newClient(t, [first.endpoint, second.endpoint]).watchSnapshot({ deadlineMs: 300 });
  assert.ok((await watch.nextEvent()) instanceof DeadlineError);
  assert.deepEqual(await told(watch, 1), ["bb"]);
});

test("a watch may be silent for longer once it has told its state", () => {
  const resumption = new Resumption(QUICK, new Ring(["a", "b"]), 10_000);
  assert.equal(resumption.patienceMs, 10_000);
  resumption.heard();
  assert.equal(resumption.patienceMs, WATCH_SILENCE_MS);
  assert.ok(WATCH_SILENCE_MS > 2 * 30_000);
  resumption.broke(new TransportError("gone", new Place("WatchSnapshot", "a")));
  assert.deepEqual([resumption.patienceMs, resumption.place.endpoint], [10_000, "b"]);
});

test("a server that has too many watches is asked again after the delay that it names", async (t) => {
  const fake = await Fake.start(t);
  fake.set("watchSnapshot", overloaded(200), [state(), HANG]);
  const start = performance.now();
  await fake.client(t).watchSnapshot().next();
  assert.ok(performance.now() - start >= 195);
});

test("closing a watch or its client, and giving it up, end a wait for its next state", async (t) => {
  const fake = await Fake.start(t);
  fake.set("watchSnapshot", [state(), HANG]);
  const giveUp = new AbortController();
  const client = fake.client(t);
  const ways: [SnapshotWatch, (watch: SnapshotWatch) => void][] = [
    [client.watchSnapshot(), (watch) => watch.close()],
    [client.watchSnapshot({ signal: giveUp.signal }), () => giveUp.abort()],
    [client.watchSnapshot(), () => client.close()],
  ];
  for (const [watch, end] of ways) {
    await watch.next();
    const waiting = watch.next();
    end(watch);
    assert.ok((await waiting).done);
  }
  assert.ok((await client.watchSnapshot().next()).done, "a client that was closed watches nothing");
});

test("a pause between two streams ends when the watch is closed", async (t) => {
  const fake = await Fake.start(t);
  fake.set("watchSnapshot", overloaded(60_000));
  const watch = fake.client(t).watchSnapshot();
  await watch.nextEvent();
  const waiting = watch.next();
  watch.close();
  assert.ok((await waiting).done);
});

test("a watch that is left ends at the server", async (t) => {
  const fake = await Fake.start(t);
  let left: Promise<unknown> | undefined;
  fake.set("watchSnapshot", (_: unknown, context: HandlerContext) => {
    left = once(context.signal, "abort");
    return [state(), HANG];
  });
  const watch = fake.client(t).watchSnapshot();
  for await (const _ of watch) break;
  await left;
  assert.ok((await watch.next()).done);
});
