/** How a client reaches its servers: endpoints, TLS, client certificates, tokens, and several servers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { type Certificate, createCA, createCert } from "mkcert";

import { Client, type ClientSettings, ConfigurationError, Gate, TransportError, v1 } from "../src/index.js";
import { checkSetup, parseEndpoint } from "../src/endpoint.js";
import { answer, draining, fail, Fake, newClient, question, rejection, state } from "./fake.js";

const TOKEN = "s3cret";

/** An authority that is made for these tests. */
function authority(): Promise<Certificate> {
  return createCA({ organization: "Example", countryCode: "US", state: "TX", locality: "Austin", validity: 1 });
}

function issue(ca: Certificate, name = "localhost"): Promise<Certificate> {
  return createCert({ domains: [name], validity: 1, ca });
}

function secure(fake: Fake): string {
  fake.set("decideHost", answer());
  return `https://localhost:${fake.port}`;
}

const CA = await authority();
const SERVER = await issue(CA);
const SHOWN = { key: SERVER.key, cert: SERVER.cert };

test("a server is verified by the authority that is given", async (t) => {
  const endpoint = secure(await Fake.start(t, SHOWN));
  for (const ca of [CA.cert, Buffer.from(CA.cert)]) {
    assert.equal((await newClient(t, endpoint, { tls: { ca } }).decideHost(question())).effect, v1.Effect.ALLOW);
  }
  for (const settings of [{ tls: { ca: (await authority()).cert } }, {}]) {
    const error = await rejection(newClient(t, endpoint, settings).decideHost(question()));
    assert.ok(error instanceof TransportError, inspect(error));
  }
});

test("nothing in the environment turns verification off", async (t) => {
  const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  process.removeAllListeners("warning");
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  t.after(() => {
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
  });
  const endpoint = secure(await Fake.start(t, SHOWN));
  assert.ok((await rejection(newClient(t, endpoint).decideHost(question()))) instanceof TransportError);
});

test("a server of another name is not believed", async (t) => {
  const other = await issue(CA, "embargo.internal");
  const endpoint = secure(await Fake.start(t, { key: other.key, cert: other.cert }));
  const error = await rejection(newClient(t, endpoint, { tls: { ca: CA.cert } }).decideHost(question()));
  assert.ok(error instanceof TransportError, inspect(error));
  const named = { ca: CA.cert, serverName: "embargo.internal" };
  assert.ok(await newClient(t, endpoint, { tls: named }).decideHost(question()));
});

test("a client shows its certificate", async (t) => {
  const asking = { ...SHOWN, ca: CA.cert, requestCert: true, rejectUnauthorized: true };
  const endpoint = secure(await Fake.start(t, asking));
  const { cert: certificate, key } = await issue(CA, "client.example");
  assert.ok(await newClient(t, endpoint, { tls: { ca: CA.cert, certificate, key } }).decideHost(question()));
  const error = await rejection(newClient(t, endpoint, { tls: { ca: CA.cert } }).decideHost(question()));
  assert.ok(error instanceof TransportError, inspect(error));
});

test("a token is sent with every call", async (t) => {
  const fake = await Fake.start(t, SHOWN);
  const client = newClient(t, secure(fake), { tls: { ca: CA.cert }, token: TOKEN });
  fake.set("getSnapshot", create(v1.GetSnapshotResponseSchema));
  fake.set("watchSnapshot", [state()]);
  fake.set("streamDecideHosts", []);
  await client.decideHost(question());
  await client.getSnapshot();
  for await (const _ of client.streamDecideHosts([]));
  for await (const _ of client.watchSnapshot()) break;
  const sent = fake.asked.map(({ headers }) => headers.get("authorization"));
  assert.deepEqual(sent, Array(4).fill(`Bearer ${TOKEN}`));
  assert.doesNotMatch(inspect([client, new Gate(client)], { depth: 9, showHidden: true }), new RegExp(TOKEN));
});

test("a token goes to this host in plain text", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", answer());
  await fake.client(t, { token: TOKEN }).decideHost(question());
  const headers = fake.asked[0]?.headers;
  assert.equal(headers?.get("authorization"), `Bearer ${TOKEN}`);
  assert.match(headers?.get("user-agent") ?? "", /^embargo-client-typescript\//);
});

test("what does not hold together is refused before anything is sent", () => {
  const exposed = "the token would cross the network in plain text";
  const cases: [string | string[], ClientSettings, string][] = [
    ["http://embargo.example:8181", { token: TOKEN }, exposed],
    ["http://10.0.0.1:8181", { token: TOKEN }, exposed],
    [["http://127.0.0.1:1", "http://10.0.0.1:1"], { token: TOKEN }, exposed],
    ["http://127.0.0.1.example:8181", { token: TOKEN }, exposed],
    ["https://embargo.example", { token: `${TOKEN}\n` }, "the token is empty or has characters"],
    ["https://embargo.example", { token: "" }, "the token is empty or has characters"],
    ["http://127.0.0.1:8181", { tls: {} }, "has no TLS, and TLS is set up"],
    ["https://embargo.example", { tls: { certificate: "a" } }, "of certificate and key one is missing"],
    ["https://embargo.example", { tls: { certificate: TOKEN, key: TOKEN } }, "ca, certificate or key cannot be read"],
    ["127.0.0.1:8181", {}, "the endpoint is not an address; hint: write it as"],
    ["localhost:8181", {}, "is not an endpoint"],
    ["ftp://127.0.0.1", {}, "is not an endpoint"],
    ["http://", {}, "the endpoint is not an address"],
    ["http://127.0.0.1:99999", {}, "the endpoint is not an address"],
    ["http://127.0.0.1/v1", {}, "has a path"],
    [`http://me:${TOKEN}@127.0.0.1`, {}, "the endpoint names a user"],
    [[], {}, "there is no endpoint"],
    ["http://127.0.0.1:1", { deadlineMs: NaN }, "the deadline is not a number"],
  ];
  for (const [endpoints, settings, says] of cases) {
    assert.throws(
      () => new Client(endpoints, settings),
      (error: unknown) => {
        assert.ok(error instanceof ConfigurationError, inspect(error));
        assert.ok(error.message.includes(says), error.message);
        assert.ok(!error.message.includes(TOKEN), error.message);
        return true;
      },
    );
  }
});

test("a token crosses the network in plain text only where it is asked for", () => {
  const [endpoint] = checkSetup("http://embargo.example:8181", { token: TOKEN, allowTokenOverPlainText: true });
  assert.equal(endpoint?.loopback, false);
});

test("an endpoint names a host and a port", () => {
  const cases = [
    ["http://127.0.0.1:8181", "http://127.0.0.1:8181", true],
    ["http://localhost", "http://localhost", true],
    ["https://[::1]:8181/", "https://[::1]:8181", true],
    ["https://embargo.example", "https://embargo.example", false],
    ["http://192.168.0.1:1", "http://192.168.0.1:1", false],
  ] as const;
  for (const [given, url, loopback] of cases) {
    assert.deepEqual(parseEndpoint(given), { given, url, loopback, secure: given.startsWith("https") });
  }
});

test("another server answers for one that is unavailable", async (t) => {
  const [first, second] = [await Fake.start(t), await Fake.start(t)];
  first.set("decideHost", draining());
  second.set("decideHost", answer());
  const client = newClient(t, [first.endpoint, second.endpoint]);
  await client.decideHost(question());
  await client.decideHost(question());
  const calls = [first.calls("decideHost"), second.calls("decideHost")];
  assert.deepEqual(calls, [1, 2], "one that was unavailable is not asked first");
});

test("another server answers for one that is not there", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", answer());
  assert.ok(await newClient(t, ["http://127.0.0.1:1", fake.endpoint]).decideHost(question()));
});

test("all servers are asked before a call fails", async (t) => {
  const fakes = [await Fake.start(t), await Fake.start(t), await Fake.start(t)];
  for (const fake of fakes) fake.set("decideHost", fail(Code.Unavailable));
  await rejection(newClient(t, fakes.map(({ endpoint }) => endpoint)).decideHost(question()));
  assert.deepEqual(fakes.map((fake) => fake.calls("decideHost")), [2, 1, 1]);
});

test("a connection that broke is made anew", async (t) => {
  const fake = await Fake.start(t);
  fake.set("decideHost", answer());
  const client = fake.client(t);
  await client.decideHost(question());
  fake.disconnect();
  assert.ok(await client.decideHost(question()));
});
