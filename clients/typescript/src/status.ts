/**
 * What the transport says about a failed call, read into a `CallError`.
 *
 * A status that a peer sent and a failure that the transport made up by itself look much the same. They are told apart by what the
 * API promises: every status that a server of it makes carries its details.
 */

import { fromBinary, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import type { Status } from "./gen/google/rpc/status_pb.js";
import { type CallError, DeadlineError, type Place, StatusError, type StatusDetails, TransportError } from "./errors.js";

/** The domain of our reasons. Another domain's are not ours to read. */
export const ERROR_DOMAIN = "embargo.v1";

/** What some servers answer when they let go of a call because its deadline passed. */
const EXPIRED = "Timeout expired";

/** How a call looks whose connection went away: to Node it is as if this side had cancelled it. */
const CUT_OFF = "http/2 stream closed with error code";

/**
 * The codes that a transport itself ends a call with. Without details they are taken for its own, or for those of something on the
 * way.
 */
const OF_TRANSPORT: ReadonlySet<Code> = new Set([
  Code.Canceled,
  Code.Internal,
  Code.ResourceExhausted,
  Code.Unavailable,
  Code.Unknown,
]);

/** A detail of a status: a message by the name of its type. */
interface Detail {
  readonly type: string;
  readonly value: Uint8Array;
}

/** Reads what an attempt that had `limitMs` ended with. */
export function fromFailure(failure: unknown, limitMs: number, place: Place): CallError {
  const error = ConnectError.from(failure);
  const details = error.details.filter((detail): detail is Detail => "value" in detail && "type" in detail);
  if (details.length > 0) return status(error.code, error.rawMessage, details, place);
  if (error.code === Code.DeadlineExceeded || (error.code === Code.Canceled && error.rawMessage === EXPIRED)) {
    return new DeadlineError(limitMs, place);
  }
  // An answer that is too large once it is unpacked is no broken connection, though Node has a code for it, too.
  const broken = error.code === Code.ResourceExhausted ? undefined : connectionFault(error);
  if (broken !== undefined) return new TransportError(broken, place);
  if (error.code === Code.Canceled && error.rawMessage.startsWith(CUT_OFF)) {
    return new TransportError("the connection broke off", place);
  }
  if (OF_TRANSPORT.has(error.code)) {
    return new TransportError(error.rawMessage || "the connection failed", place, error.code);
  }
  return new StatusError(error.code, error.rawMessage, place);
}

/** Reads the status that stands in place of one item's decision. */
export function fromItem(sent: Status, place: Place): StatusError {
  // An error whose code is OK, or none that there is, contradicts itself and must not pass for a success.
  const code = Code[sent.code] === undefined ? Code.Unknown : (sent.code as Code);
  const details = sent.details.map(({ typeUrl, value }) => ({ type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value }));
  return status(code, sent.message, details, place);
}

/** What Node says about a connection that failed, below whatever the transport made of it. */
function connectionFault(error: ConnectError): string | undefined {
  let fault: string | undefined;
  const seen = new Set<unknown>();
  for (let cause: unknown = error.cause; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    seen.add(cause);
    if ("code" in cause && typeof cause.code === "string") fault = cause.message || cause.code;
    // A host with several addresses fails once for each.
    if (cause instanceof AggregateError && cause.errors[0] instanceof Error) fault = cause.errors[0].message;
  }
  return fault;
}

function status(code: Code, message: string, sent: readonly Detail[], place: Place): StatusError {
  const details: StatusDetails = {};
  for (const detail of sent) {
    const info = read(ErrorInfoSchema, detail);
    if (info !== undefined && info.domain === ERROR_DOMAIN) {
      details.reason = info.reason;
      details.metadata = { ...info.metadata };
    }
    const request = read(BadRequestSchema, detail);
    if (request !== undefined) {
      details.fields = request.fieldViolations.map(({ field, description }) => ({ field, description }));
    }
    const retry = read(RetryInfoSchema, detail);
    if (retry?.retryDelay !== undefined) details.retryDelayMs = Math.max(0, durationMs(retry.retryDelay));
  }
  return new StatusError(code, message, place, details);
}

/** A detail of a kind. Undefined for one of another kind, or one that cannot be read, which says less and nothing false. */
function read<Desc extends DescMessage>(schema: Desc, detail: Detail): MessageShape<Desc> | undefined {
  if (detail.type !== schema.typeName) return undefined;
  try {
    return fromBinary(schema, detail.value);
  } catch {
    return undefined;
  }
}
