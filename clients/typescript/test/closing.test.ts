/** What is going on when a client is closed ends at once and with an error that says so, and nothing brings the process down. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";

import { CallError, Code, TransportError, v1 } from "../src/index.js";
import { answer, facts, Fake, HANG, question, rejection, state } from "./fake.js";

const ITEM = { correlationId: "a", facts: facts(), action: v1.Action.INSTALL };
const CLIENT = new URL("../src/index.js", import.meta.url).href;

/** Runs a program in a process of its own. */
function run(program: string): Promise<{ code: number; out: string; err: string }> {
  const imported = `import { Client, DecisionCache, v1 } from ${JSON.stringify(CLIENT)};\n${program}`;
  return new Promise((resolve) => {
    const settings = { timeout: 20_000 };
    execFile(process.execPath, ["--input-type=module", "--eval", imported], settings, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err });
    });
  });
}

test("a client that was closed calls nobody", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", answer());
  const client = fake.client(t);
  client.close();
  client.close();
  const error = await rejection(client.decideHost(question()));
  assert.ok(error instanceof TransportError);
  assert.match(error.message, /the client is closed/);
  assert.ok((await rejection(client.streamDecideHosts([ITEM]).next())) instanceof CallError);
  assert.equal(fake.asked.length, 0);
});

test("a call, a stream and a watch end with their client", async (t) => {
  const fake = await Fake.start(t);
  const client = fake.client(t);
  fake.set("decideHost", HANG);
  fake.set("streamDecideHosts", HANG);
  fake.set("watchSnapshot", [state(), HANG]);
  const watch = client.watchSnapshot();
  await watch.next();
  const waiting = [rejection(client.decideHost(question())), rejection(client.streamDecideHosts([ITEM]).next())];
  await fake.waitForCalls("decideHost", 1);
  await fake.waitForCalls("streamDecideHosts", 1);
  client.close();
  const [called, streamed] = await Promise.all(waiting);
  assert.ok(called instanceof TransportError && called.code === Code.Canceled, String(called));
  assert.ok(streamed instanceof TransportError, String(streamed));
  assert.ok((await watch.next()).done);
  assert.equal(fake.calls("decideHost"), 1, "a call that ended with its client is not made again");
});

test("a call whose connection broke off is made again", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", HANG, answer());
  const called = fake.client(t).decideHost(question());
  await fake.waitForCalls("decideHost", 1);
  fake.disconnect();
  assert.equal((await called).effect, v1.Effect.ALLOW);
  assert.equal(fake.calls("decideHost"), 2);
});

test("a process ends though its client was not closed", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", answer(v1.Effect.ALLOW, { action: v1.Action.PRESENCE }));
  const ended = await run(`
    const client = new Client("${fake.endpoint}");
    const { effect } = await client.decideHost({ facts: { hostId: "host-1" } });
    console.log(v1.Effect[effect]);
  `);
  assert.deepEqual(ended, { code: 0, out: "ALLOW\n", err: "" });
});

test("a peer that speaks another protocol does not bring the process down", async (t) => {
  const listener = createServer((socket) => {
    socket.on("error", () => {});
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  t.after(() => listener.close());
  const ended = await run(`
    const client = new Client("http://127.0.0.1:${(listener.address() as AddressInfo).port}", { deadlineMs: 2_000 });
    const cache = new DecisionCache(client);
    for (let call = 0; call < 3; call += 1) {
      await client.decideHost({ facts: { hostId: "host-1" } }).catch((error) => console.log(error.name));
    }
    cache.close();
    client.close();
  `);
  assert.deepEqual([ended.code, ended.err], [0, ""]);
  assert.match(ended.out, /^(?:(?:Transport|Deadline)Error\n){3}$/);
});

test("a server that goes away does not bring the process down", async (t) => {
  const fake = await Fake.start(t);
  fake.set("watchSnapshot", [state(), HANG]);
  const running = run(`
    const client = new Client("${fake.endpoint}");
    const watch = client.watchSnapshot();
    await watch.next();
    const failure = watch.nextEvent();
    await client.decideHost({ facts: { hostId: "host-1" } });
    console.log((await failure).name);
    client.close();
  `);
  fake.set("decideHost", answer(v1.Effect.ALLOW, { action: v1.Action.PRESENCE }));
  await fake.waitForCalls("decideHost", 1);
  fake.disconnect();
  assert.deepEqual(await running, { code: 0, out: "TransportError\n", err: "" });
});
