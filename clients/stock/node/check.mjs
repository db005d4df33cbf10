// Asks a server of this project through `@open-policy-agent/opa`, which knows nothing of it.
//
// Holds that the client's calls about data are answered as an OPA answers them, and that what is no
// decision is an error there and never leave.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { OPAClient } from "@open-policy-agent/opa";

const opa = new OPAClient(`http://${process.env.EMBARGO_TARGET}`);
let checked = 0;

function same(found, wanted) {
  assert.deepEqual(found, wanted);
  checked += 1;
}

/** A host with one item of the maker that does not exist, or with none of them. */
function facts(name, software = {}) {
  const item = name ? { name, bundle_id: `com.example.${name}` } : { name: "Editor" };
  return { host_id: "stock", software: [{ ...item, ...software }] };
}

async function refused(call, wanted) {
  await assert.rejects(call, wanted);
  checked += 1;
}

same(await opa.evaluate("embargo/allow", facts()), true);
same(await opa.evaluate("embargo/allow", facts("warned")), true);
same(await opa.evaluate("embargo/allow", facts("denied")), false);
same(await opa.evaluate("embargo/allow", facts("reviewed")), false);
// It cannot be told, so that it is neither.
const untold = facts("faulty", { version: "x" });
same(await opa.evaluate("embargo/allow", untold), undefined);
same((await opa.evaluate("embargo/deny", untold)).length, 1);
const toAllowed = (result) => result.allowed;
const job = { extra_vars: { embargo: facts("denied") } };
same(await opa.evaluate("embargo/aap", job, { fromResult: toAllowed }), false);
same(await opa.evaluate("embargo/nothing", facts()), undefined);
// Without input there is nothing to decide about.
same(await opa.evaluate("embargo/allow"), undefined);

const decided = await opa.evaluateDefault(facts("denied"));
same(decided.effect, "deny");
same(decided.findings[0].instrument_id, "example-deny");

// This server has no batches of OPA's own; the client asks one by one where it may.
const batch = { a: facts(), b: facts("denied"), c: { host_id: "" } };
const answers = await opa.evaluateBatch("embargo/allow", batch, { fallback: true });
same([answers.a, answers.b], [true, false]);
same(answers.c.code, "invalid_parameter");

await refused(opa.evaluate("embargo/allow", { host_id: "" }), { code: "invalid_parameter" });
await refused(opa.evaluate("embargo/allow", { hots_id: "h" }), { code: "invalid_parameter" });
await refused(opa.evaluateDefault(), { code: "invalid_parameter" });

const installed = new URL("node_modules/@open-policy-agent/opa/package.json", import.meta.url);
const { version } = JSON.parse(await readFile(installed, "utf8"));
console.log(`@open-policy-agent/opa ${version} (${checked} checks)`);
