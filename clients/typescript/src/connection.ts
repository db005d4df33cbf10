/** One server's connection, and the services over it. */

import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";

import { type Client as ServiceClient, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";

import { type Endpoint, secureOptions, type Tls } from "./endpoint.js";
import { MAX_MESSAGE_BYTES } from "./errors.js";
import { DecisionService } from "./gen/embargo/v1/decision_service_pb.js";
import { PolicyService } from "./gen/embargo/v1/policy_service_pb.js";

/** What is sent with every call. */
export type Headers = Record<string, string>;

/** A connection that is silent for 20 s is probed, and dropped 10 s later. */
const PROBE = { pingIntervalMs: 20_000, pingTimeoutMs: 10_000 };

/** The services of one server. */
export interface Connection {
  readonly decisions: ServiceClient<typeof DecisionService>;
  readonly policies: ServiceClient<typeof PolicyService>;
  close(): void;
}

/** Sets a connection up. It is made by the first call, and anew by the first one after it broke. */
export function connect(endpoint: Endpoint, tls: Tls | undefined): Connection {
  const sessions = new Sessions(endpoint.url, PROBE, endpoint.secure ? secureOptions(tls) : {});
  const transport = createGrpcTransport({
    baseUrl: endpoint.url,
    sessionManager: sessions,
    readMaxBytes: MAX_MESSAGE_BYTES,
    writeMaxBytes: MAX_MESSAGE_BYTES,
  });
  return {
    decisions: createClient(DecisionService, transport),
    policies: createClient(PolicyService, transport),
    close: () => sessions.abort(),
  };
}

/**
 * The HTTP/2 sessions of a connection, one after the other.
 *
 * A session can fail once more after its manager has let go of it, for instance when the peer speaks another protocol. Node would
 * end the process for that, though the calls have long been told.
 */
class Sessions extends Http2SessionManager {
  readonly #guarded = new WeakSet<ClientHttp2Session>();

  override async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: Parameters<Http2SessionManager["request"]>[3],
  ): Promise<ClientHttp2Stream> {
    const stream = await super.request(method, path, headers, options);
    const { session } = stream;
    if (session !== undefined && !this.#guarded.has(session as ClientHttp2Session)) {
      this.#guarded.add(session as ClientHttp2Session);
      session.on("error", () => {});
    }
    return stream;
  }
}
