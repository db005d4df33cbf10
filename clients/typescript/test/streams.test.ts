/** StreamDecideHosts: every item has an answer or is an error. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { create } from "@bufbuild/protobuf";
import { Code, type HandlerContext } from "@connectrpc/connect";

import {
  CallError,
  DeadlineError,
  type DecisionStream,
  type ItemDecision,
  MalformedError,
  NoDecisionError,
  StatusError,
  UnsentError,
  v1,
} from "../src/index.js";
import { decision, draining, facts, Fake, HANG, newClient, rejection, type Step } from "./fake.js";

function item(correlationId: string): v1.StreamDecideHostsRequest {
  return create(v1.StreamDecideHostsRequestSchema, { correlationId, facts: facts(), action: v1.Action.INSTALL });
}

function result(correlationId: string, value: Step): v1.StreamDecideHostsResponse {
  return create(v1.StreamDecideHostsResponseSchema, { result: { correlationId, result: value } });
}

function decided(correlationId: string, effect: number = v1.Effect.ALLOW, more = {}): v1.StreamDecideHostsResponse {
  return result(correlationId, { case: "decision", value: decision(effect, more) });
}

/** Answers once all items have come. */
function afterAllItems(...events: Step[]): Step {
  return async function* (items: AsyncIterable<unknown>) {
    for await (const _ of items);
    yield* events;
  };
}

async function* answerEach(items: AsyncIterable<v1.StreamDecideHostsRequest>): AsyncGenerator<Step> {
  for await (const { correlationId } of items) yield decided(correlationId);
}

/** The answers, and the error that ended them. */
async function collected(stream: DecisionStream): Promise<[ItemDecision[], unknown]> {
  const answers: ItemDecision[] = [];
  try {
    for await (const answer of stream) answers.push(answer);
  } catch (error) {
    return [answers, error];
  }
  return [answers, undefined];
}

test("answers are paired with their items in any order", async (t) => {
  const fake = await Fake.start(t);
  const failed = result("c", { case: "error", value: { code: 3, message: "no" } });
  const other = decided("a", v1.Effect.ALLOW, { hostId: "host-2" });
  const nothing = result("d", undefined);
  const fine = result("e", { case: "error", value: { code: 0, message: "fine" } });
  fake.set("streamDecideHosts", afterAllItems(decided("b", v1.Effect.DENY), other, failed, nothing, fine));
  const [answers, error] = await collected(fake.client(t).streamDecideHosts(["a", "b", "c", "d", "e"].map(item)));
  assert.equal(error, undefined);
  assert.deepEqual(answers.map(({ correlationId }) => correlationId), ["b", "a", "c", "d", "e"]);
  const [b, a, c, d, e] = answers;
  assert.equal(b?.decision.effect, v1.Effect.DENY);
  assert.ok(a?.error instanceof NoDecisionError && d?.error instanceof NoDecisionError);
  assert.deepEqual([c?.error?.code, c?.error?.place.correlationId], [Code.InvalidArgument, "c"]);
  assert.equal(e?.error?.code, Code.Unknown, "an error whose code is OK is an error");
  for (const none of [a, c, d, e]) assert.throws(() => none?.decision, CallError);
});

test("answers arrive while items are still sent", async (t) => {
  const fake = await Fake.start(t);
  fake.set("streamDecideHosts", answerEach);
  let answered = (): void => {};
  const firstAnswered = new Promise<void>((resolve) => (answered = resolve));
  const stream = fake.client(t).streamDecideHosts(
    (async function* () {
      yield item("a");
      await firstAnswered;
      yield item("b");
    })(),
  );
  assert.equal((await stream.next()).value?.correlationId, "a");
  answered();
  assert.equal((await stream.next()).value?.correlationId, "b");
  assert.ok((await stream.next()).done);
});

test("answers that do not pair with items end the stream", async (t) => {
  const nothing = create(v1.StreamDecideHostsResponseSchema);
  const cases: [Step[], number, string][] = [
    [[decided("a"), decided("a"), decided("b")], 1, "no item waits for the answer `a`"],
    [[decided("z")], 0, "no item waits for the answer `z`"],
    [[decided("a")], 1, "the stream ended with 1 items unanswered"],
    [[], 0, "the stream ended with 2 items unanswered"],
    [[decided("a"), nothing], 1, "the answer lacks `result`"],
  ];
  const fake = await Fake.start(t);
  const client = fake.client(t);
  for (const [events, answered, says] of cases) {
    fake.set("streamDecideHosts", afterAllItems(...events));
    const [answers, error] = await collected(client.streamDecideHosts([item("a"), item("b")]));
    assert.equal(answers.length, answered);
    assert.ok(error instanceof MalformedError);
    assert.ok(error.message.includes(says), error.message);
  }
});

test("a status ends the stream after the answers before it", async (t) => {
  const fake = await Fake.start(t);
  fake.set("streamDecideHosts", afterAllItems(decided("a"), draining()));
  const stream = fake.client(t).streamDecideHosts([item("a"), item("b")]);
  const [answers, error] = await collected(stream);
  assert.deepEqual(answers.map(({ correlationId }) => correlationId), ["a"]);
  assert.ok(error instanceof StatusError && error.retryable);
  assert.deepEqual(stream.unanswered, ["b"], "so that the caller may send them elsewhere");
  assert.ok((await stream.next()).done, "nothing follows the end");
});

test("a server that leaves items unanswered, or the stream open, is late", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  fake.set("streamDecideHosts", afterAllItems(decided("a"), HANG));
  for (const items of [[item("a"), item("b")], [item("a")]]) {
    const stream = client.streamDecideHosts(items, { deadlineMs: 2_000 });
    assert.equal((await stream.next()).value?.correlationId, "a");
    const start = performance.now();
    assert.ok((await rejection(stream.next())) instanceof DeadlineError);
    assert.ok(performance.now() - start < 10_000);
  }
});

test("no time at all opens no stream", async (t) => {
  const fake = await Fake.start(t);
  const error = await rejection(fake.client(t).streamDecideHosts([item("a")], { deadlineMs: 0 }).next());
  assert.ok(error instanceof DeadlineError);
  assert.equal(fake.calls("streamDecideHosts"), 0);
});

test("an id that waits for its answer is not sent again", async (t) => {
  const fake = await Fake.start(t);
  fake.set("streamDecideHosts", afterAllItems());
  const [, error] = await collected(fake.client(t).streamDecideHosts([item("a"), item("a")]));
  assert.ok(error instanceof UnsentError);
  assert.equal(error.place.correlationId, "a");
});

test("what the caller's own items fail with is thrown as it is", async (t) => {
  const fake = await Fake.start(t);
  fake.set("streamDecideHosts", afterAllItems());
  const own = new Error("own");
  const [, error] = await collected(
    fake.client(t).streamDecideHosts(
      (function* () {
        yield item("a");
        throw own;
      })(),
    ),
  );
  assert.equal(error, own);
});

test("a stream that is left early is cancelled at the server", async (t) => {
  const fake = await Fake.start(t);
  let left: Promise<unknown> | undefined;
  fake.set("streamDecideHosts", (_: unknown, context: HandlerContext) => {
    left = once(context.signal, "abort");
    return [decided("a"), HANG];
  });
  for await (const answer of fake.client(t).streamDecideHosts([item("a"), item("b")])) {
    assert.equal(answer.correlationId, "a");
    break;
  }
  await left;
});

test("a long stream is answered whole", async (t) => {
  const fake = await Fake.start(t);
  fake.set("streamDecideHosts", answerEach);
  const ids = Array.from({ length: 2_000 }, (_, number) => String(number));
  const [answers, error] = await collected(fake.client(t).streamDecideHosts(ids.map(item)));
  assert.equal(error, undefined);
  assert.deepEqual(answers.map(({ correlationId }) => correlationId), ids);
});

test("answers may be asked for before the ones before them came", async (t) => {
  const fake = await Fake.start(t);
  fake.set("streamDecideHosts", answerEach);
  const stream = fake.client(t).streamDecideHosts([item("a"), item("b")]);
  const events = await Promise.all([stream.next(), stream.next(), stream.next()]);
  assert.deepEqual(events.map(({ value }) => value?.correlationId), ["a", "b", undefined]);
});

test("the next stream begins at another server after one that was unavailable", async (t) => {
  const [first, second] = [await Fake.start(t), await Fake.start(t)];
  first.set("streamDecideHosts", draining());
  second.set("streamDecideHosts", afterAllItems(decided("a")));
  const client = newClient(t, [first.endpoint, second.endpoint]);
  assert.ok((await collected(client.streamDecideHosts([item("a")])))[1] instanceof StatusError);
  const [answers, error] = await collected(client.streamDecideHosts([item("a")]));
  assert.deepEqual([answers.length, error], [1, undefined]);
});
