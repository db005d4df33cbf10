/**
 * What a client is set up with: endpoints, TLS and a token, checked once, before anything is sent.
 *
 * Invariant: a token leaves over plain text only towards this host itself, unless the caller asks for more; TLS that was asked for
 * is never left out, and a server's certificate is always verified.
 */

import type { SecureClientSessionOptions } from "node:http2";
import { isIPv4 } from "node:net";
import { createSecureContext } from "node:tls";

import { ConfigurationError } from "./errors.js";

/** PEM, as read from a file. */
export type Pem = string | Buffer;

/** How an `https` endpoint is verified, and how this client shows who it is. */
export interface Tls {
  /** The authorities that may vouch for the server. Those that Node brings along, if undefined. */
  readonly ca?: Pem;
  /** This client's certificate chain, for servers that ask for one. Given together with `key`. */
  readonly certificate?: Pem;
  /** The private key of `certificate`. */
  readonly key?: Pem;
  /** The name that the server's certificate must have, if it is not the endpoint's host. */
  readonly serverName?: string;
}

/** A server's address. */
export interface Endpoint {
  /** As it was given. */
  readonly given: string;
  readonly secure: boolean;
  /** Without a path. */
  readonly url: string;
  /** Whether it is this host itself, so that nobody listens on the way. */
  readonly loopback: boolean;
}

/** What belongs to how connections are made. */
export interface ConnectionSettings {
  readonly tls?: Tls;
  readonly token?: string;
  readonly allowTokenOverPlainText?: boolean;
}

/** Reads `http://HOST:PORT` or `https://HOST:PORT`. */
export function parseEndpoint(given: string): Endpoint {
  const hint = "hint: write it as `https://HOST:PORT` or `http://HOST:PORT`";
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    throw new ConfigurationError(`the endpoint is not an address; ${hint}`);
  }
  if (url.username !== "" || url.password !== "") {
    // Not shown: it may be a secret.
    throw new ConfigurationError("the endpoint names a user; hint: give a token instead");
  }
  if ((url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "" || url.search || url.hash) {
    throw new ConfigurationError(`\`${given}\` is not an endpoint; ${hint}`);
  }
  if (url.pathname !== "/") throw new ConfigurationError(`\`${given}\` has a path, and gRPC has none; ${hint}`);
  const host = url.hostname;
  const loopback = host === "localhost" || host === "[::1]" || (isIPv4(host) && host.startsWith("127."));
  return { given, secure: url.protocol === "https:", url: url.origin, loopback };
}

/** The endpoints, if everything holds together. */
export function checkSetup(given: string | readonly string[], settings: ConnectionSettings): readonly Endpoint[] {
  const endpoints = (typeof given === "string" ? [given] : given).map(parseEndpoint);
  const plain = endpoints.filter(({ secure }) => !secure);
  if (endpoints.length === 0) {
    throw new ConfigurationError("there is no endpoint; hint: give at least one, such as `http://127.0.0.1:8181`");
  }
  if (settings.tls !== undefined && plain[0] !== undefined) {
    throw new ConfigurationError(`\`${plain[0].given}\` has no TLS, and TLS is set up; hint: write \`https://\``);
  }
  if (settings.token !== undefined) checkToken(settings.token, plain, settings.allowTokenOverPlainText ?? false);
  return endpoints;
}

/** What Node makes TLS connections with. */
export function secureOptions(tls: Tls = {}): SecureClientSessionOptions {
  if ((tls.certificate === undefined) !== (tls.key === undefined)) {
    throw new ConfigurationError("of certificate and key one is missing; hint: give both or neither");
  }
  const options: SecureClientSessionOptions = { rejectUnauthorized: true };
  if (tls.ca !== undefined) options.ca = tls.ca;
  if (tls.certificate !== undefined) options.cert = tls.certificate;
  if (tls.key !== undefined) options.key = tls.key;
  if (tls.serverName !== undefined) options.servername = tls.serverName;
  try {
    createSecureContext(options);
  } catch {
    // What OpenSSL says is left out: it may repeat what it read.
    throw new ConfigurationError("ca, certificate or key cannot be read; hint: give the content of PEM files");
  }
  return options;
}

function checkToken(token: string, plain: readonly Endpoint[], allowed: boolean): void {
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new ConfigurationError("the token is empty or has characters that no header takes; hint: strip line ends");
  }
  const exposed = plain.find(({ loopback }) => !loopback);
  if (exposed !== undefined && !allowed) {
    throw new ConfigurationError(
      `the token would cross the network in plain text: \`${exposed.given}\`; ` +
        "hint: use `https://`, or set allowTokenOverPlainText",
    );
  }
}
