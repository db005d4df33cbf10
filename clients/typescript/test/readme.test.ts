/** The README's examples run as they stand. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";

import { create } from "@bufbuild/protobuf";

import { v1 } from "../src/index.js";
import { decision, Fake, HANG, state, type Step } from "./fake.js";

// This file runs as build/test/readme.test.js.
const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const EXAMPLES = [...README.matchAll(/```ts\n(.*?)```/gs)].map(([, example]) => example ?? "");
const FOLDER = new URL(`../readme-${process.pid}/`, import.meta.url);

interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs an example in a process of its own, as it stands: it has no types that would have to go. */
function run(number: number, fake: Fake): Promise<Ended> {
  mkdirSync(FOLDER, { recursive: true });
  const file = fileURLToPath(new URL(`${number}.mjs`, FOLDER));
  writeFileSync(file, EXAMPLES[number] ?? "");
  const env = { ...process.env, EMBARGO_URL: fake.endpoint };
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { env, cwd: fileURLToPath(FOLDER) }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

function judged(request: { facts?: v1.HostFacts | undefined; action: v1.Action }): v1.Decision {
  const action = request.action || v1.Action.PRESENCE;
  return decision(v1.Effect.ALLOW, { hostId: request.facts?.hostId ?? "", action });
}

async function serving(t: TestContext): Promise<Fake> {
  const fake = await Fake.start(t);
  fake.set("decideHost", (request: Step) => create(v1.DecideHostResponseSchema, { decision: judged(request) }));
  fake.set("watchSnapshot", [state(), HANG]);
  fake.set("streamDecideHosts", async function* (items: AsyncIterable<v1.StreamDecideHostsRequest>) {
    for await (const item of items) {
      const value = judged(item);
      if (item.correlationId === "1") value.effect = 99 as v1.Effect;
      const result = { correlationId: item.correlationId, result: { case: "decision" as const, value } };
      yield create(v1.StreamDecideHostsResponseSchema, { result });
    }
  });
  return fake;
}

test("there are the examples that are tested", () => {
  assert.equal(EXAMPLES.length, 4);
});

test("the gate opens", async (t) => {
  assert.deepEqual(await run(0, await serving(t)), { code: 0, out: "go ahead: ALLOW\n", err: "" });
});

test("the gate stays closed", async (t) => {
  const fake = await serving(t);
  fake.set("decideHost", create(v1.DecideHostResponseSchema));
  const { code, out, err } = await run(0, fake);
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /^stop: no_decision: the answer holds no decision: DecideHost at /);
});

test("a fleet is judged", async (t) => {
  const { code, out, err } = await run(1, await serving(t));
  assert.deepEqual([code, err], [0, ""]);
  const [first, second, third] = out.split("\n");
  assert.deepEqual([first, third], ["0 ALLOW", "2 ALLOW"]);
  assert.match(second ?? "", /^1 not judged: the decision has the unknown effect 99: item `1` of StreamDecideHosts at /);
});

test("a client is set up with files that are there", async (t) => {
  const { code, err } = await run(2, await serving(t));
  assert.equal(code, 1);
  assert.match(err, /no such file or directory, open 'ca\.pem'/);
});

test("a cache answers a gate, and the process ends when both are closed", async (t) => {
  assert.deepEqual(await run(3, await serving(t)), { code: 0, out: "go ahead\n", err: "" });
});
