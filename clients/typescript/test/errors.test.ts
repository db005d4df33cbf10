/** What callers learn from failures that crossed a connection. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { inspect } from "node:util";

import { create } from "@bufbuild/protobuf";

import {
  type CallError,
  Code,
  codeName,
  DeadlineError,
  MalformedError,
  MAX_MESSAGE_BYTES,
  REASONS,
  StatusError,
  TransportError,
  UnsentError,
  v1,
} from "../src/index.js";
import {
  answer,
  badRequest,
  draining,
  fail,
  Fake,
  HOST,
  info,
  newClient,
  overloaded,
  question,
  rejection,
} from "./fake.js";

test("a status keeps its reason, metadata and fields", async (t) => {
  const fake = await Fake.start(t);
  const details = [info("FACTS_INVALID", { a: "b" }), badRequest(["facts.host_id", "is empty"])];
  fake.set("decideHost", fail(Code.InvalidArgument, "the facts are invalid", ...details));
  const error = await rejection(fake.client(t).decideHost(question()));
  assert.ok(error instanceof StatusError);
  assert.deepEqual([error.code, error.reason, error.metadata], [Code.InvalidArgument, "FACTS_INVALID", { a: "b" }]);
  assert.deepEqual(error.fields, [{ field: "facts.host_id", description: "is empty" }]);
  assert.ok(!error.retryable);
  assert.equal(
    error.message,
    "the facts are invalid: `facts.host_id` is empty (INVALID_ARGUMENT, FACTS_INVALID): " +
      `DecideHost at ${fake.endpoint}; hint: correct the named fields`,
  );
  assert.equal(fake.calls("decideHost"), 1, "a request that is at fault is not sent again");
});

test("the remedy that the server knows is the hint", async (t) => {
  const fake = await Fake.start(t);
  const said = "the active snapshot is `b`, and the caller requires `a`\n  hint: read GetSnapshot";
  fake.set("decideHost", fail(Code.FailedPrecondition, said, info("SNAPSHOT_MISMATCH")));
  const error: CallError = await rejection(fake.client(t).decideHost(question()));
  assert.equal(
    error.message,
    "the active snapshot is `b`, and the caller requires `a` (FAILED_PRECONDITION, SNAPSHOT_MISMATCH): " +
      `DecideHost at ${fake.endpoint}; hint: read GetSnapshot`,
  );
});

test("a delay that the server asks for is told", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", overloaded(3_600_500));
  const error: CallError = await rejection(fake.client(t).decideHost(question()));
  assert.deepEqual([error.retryDelayMs, error.metadata["limit"]], [3_600_500, "queue"]);
  assert.equal(fake.calls("decideHost"), 1, "an hour is past the deadline");
});

test("a reason that is not known stays readable", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", fail(Code.Aborted, "no", info("MOON_IN_THE_WRONG_PHASE")));
  const error: CallError = await rejection(fake.client(t).decideHost(question()));
  assert.equal(error.reason, "MOON_IN_THE_WRONG_PHASE");
  assert.match(error.message, /\(ABORTED, MOON_IN_THE_WRONG_PHASE\)/);
});

test("the reason of another domain is none of ours", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", fail(Code.Internal, "no", info("FACTS_INVALID", { a: "b" }, "proxy.example")));
  const error: CallError = await rejection(fake.client(t).decideHost(question()));
  assert.deepEqual([error.reason, error.metadata], [undefined, {}]);
});

test("every reason of the API is known", () => {
  const sent = Object.keys(v1.ErrorReason).filter((name) => Number.isNaN(Number(name)) && name !== "UNSPECIFIED");
  assert.deepEqual([...REASONS].sort(), sent.sort());
});

test("codes have the names by which people search for them", () => {
  assert.deepEqual(
    [Code.Canceled, Code.InvalidArgument, Code.DataLoss, Code.Internal].map(codeName),
    ["CANCELLED", "INVALID_ARGUMENT", "DATA_LOSS", "INTERNAL"],
  );
});

test("a status without details is none of a server of this API", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  const kinds = [
    [Code.Unavailable, TransportError],
    [Code.Canceled, TransportError],
    [Code.Internal, TransportError],
    [Code.DeadlineExceeded, DeadlineError],
    [Code.Unauthenticated, StatusError],
    [Code.Unimplemented, StatusError],
    [Code.InvalidArgument, StatusError],
  ] as const;
  for (const [code, kind] of kinds) {
    fake.set("decideHost", fail(code));
    const error = await rejection(client.decideHost(question()));
    assert.deepEqual([error.constructor, error.code, error.reason], [kind, code, undefined]);
  }
});

test("a server that is not there is a failure of the transport", async (t) => {
  const error = await rejection(newClient(t, "http://127.0.0.1:1").decideHost(question()));
  assert.ok(error instanceof TransportError);
  assert.deepEqual([error.code, error.retryable], [Code.Unavailable, true]);
  assert.match(error.message, /ECONNREFUSED/);
});

test("a connection that breaks is a failure of the transport", async (t) => {
  const listener = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.after(() => listener.close());
  const client = newClient(t, `http://127.0.0.1:${(listener.address() as AddressInfo).port}`);
  const error = await rejection(client.decideHost(question()));
  assert.ok(error instanceof TransportError, inspect(error));
});

test("a peer that speaks no gRPC is an error", async (t) => {
  const listener = createServer((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.after(() => listener.close());
  const client = newClient(t, `http://127.0.0.1:${(listener.address() as AddressInfo).port}`, { deadlineMs: 2_000 });
  const error: CallError = await rejection(client.decideHost(question()));
  assert.ok(error instanceof TransportError || error instanceof DeadlineError, inspect(error));
});

test("a request that no server would take is not sent", async (t) => {
  const fake = await Fake.start(t);
  const file = { path: "a", content: new Uint8Array(MAX_MESSAGE_BYTES) };
  const error = await rejection(fake.client(t).validateBundle([file]));
  assert.ok(error instanceof UnsentError);
  assert.equal(error.code, Code.OutOfRange);
  assert.equal(fake.calls("validateBundle"), 0);
});

test("an answer above 4 MiB arrives, and one above the limit is an error", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  const of = (size: number): unknown => create(v1.ValidateBundleResponseSchema, { snapshotId: "a".repeat(size) });
  fake.set("validateBundle", of(12 << 20));
  const whole = await client.validateBundle([{ path: "a", content: new Uint8Array(12 << 20) }]);
  assert.equal(whole.snapshotId.length, 12 << 20);
  fake.set("validateBundle", of(16 << 20));
  const error: CallError = await rejection(client.validateBundle([]));
  assert.equal(error.code, Code.ResourceExhausted);
});

test("a policy that is missing from its answer is an error", async (t) => {
  const fake = await Fake.start(t);
  fake.set("getPolicy", create(v1.GetPolicyResponseSchema));
  const error = await rejection(fake.client(t).getPolicy("p"));
  assert.ok(error instanceof MalformedError);
  assert.match(error.message, /the answer lacks `policy`/);
});

test("no error shows facts", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  const empty = create(v1.DecideHostResponseSchema);
  for (const step of [draining(), answer(v1.Effect.ALLOW, { hostId: "host-2" }), empty, fail(Code.Internal)]) {
    fake.set("decideHost", step);
    const error = await rejection(client.decideHost(question()));
    assert.doesNotMatch(`${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`, new RegExp(`${HOST}|host-2|Secret`));
  }
});
