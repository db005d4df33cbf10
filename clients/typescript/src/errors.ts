/**
 * Why a call gave no answer.
 *
 * Kept apart are a status that was answered (`StatusError`), no answer at all (`TransportError`, `DeadlineError`), an answer that is
 * none (`NoDecisionError`, `MalformedError`), and a request that was not sent (`UnsentError`). None of them stands for ALLOW. No
 * text and no property here holds facts.
 */

import { Code } from "@connectrpc/connect";

/** The largest message that a server takes or gives: 16 MiB. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** What would put a failure right, by its reason. */
const HINTS = {
  FACTS_INVALID: "correct the named fields",
  REQUEST_INVALID: "correct the named fields",
  BATCH_TOO_LARGE: "send smaller batches, or a stream",
  PAGE_TOKEN_INVALID: "list from the start",
  BUNDLE_INVALID: "check the paths and sizes of the files",
  BUNDLE_REJECTED: "validate the bundle to see its faults",
  POLICY_NOT_FOUND: "list the policies to see which there are",
  SNAPSHOT_MISMATCH: "require the active snapshot, or none if any may answer",
  NO_SNAPSHOT: "see the server's log for why its policies did not load, or ask another",
  DRAINING: "ask another server",
  OVERLOADED: "ask again later, or add servers",
  ANSWER_TOO_LARGE: "ask for less at a time",
  DEADLINE_PASSED: "allow more time",
  SERVER_FAULT: "the server's log says more",
  INVENTORY_INVALID: "export the inventory again, or name its format",
  RATE_LIMITED: "ask less often, or about many hosts in one call",
  DECISION_LOG_UNAVAILABLE:
    "ask again later or another; the server's log says what keeps its decision log",
  CREDENTIALS_MISSING: "give the client a token or a certificate",
  CREDENTIALS_INVALID: "renew the token or the certificate; `cause` says what is wrong with it",
  SCOPE_MISSING: "ask who runs the server for the scope",
} as const;

/** A reason that this release knows: `google.rpc.ErrorInfo.reason` of domain `embargo.v1`. */
export type KnownReason = keyof typeof HINTS;

/** Why a server gave no answer. The set may grow, so that a newer server's reason is kept as it came. */
export type Reason = KnownReason | (string & {});

/** The reasons that this release knows. */
export const REASONS = Object.keys(HINTS) as readonly KnownReason[];

const OTHER_PEER = "check that the endpoint is an Embargo server of this version";

/** What would put a failure right in which no server of this API had a part, by its code. */
const TRANSPORT_HINTS: Partial<Record<Code, string>> = {
  [Code.Unavailable]: "check that the server runs and can be reached",
  [Code.ResourceExhausted]: "ask for less at a time",
  [Code.Internal]: OTHER_PEER,
  [Code.Unknown]: OTHER_PEER,
};

/** The same for a status that has no reason. */
const CODE_HINTS: Partial<Record<Code, string>> = {
  [Code.Unimplemented]: OTHER_PEER,
  [Code.Unauthenticated]: "ask who runs the endpoint for access",
  [Code.PermissionDenied]: "ask who runs the endpoint for access",
};

const TOLD_HINT = "\n  hint: ";

/** Which call to which server, and which item of it. */
export class Place {
  constructor(
    /** The method, such as `DecideHost`. */
    readonly method: string,
    /** The endpoint, as it was given. */
    readonly endpoint: string,
    /** The correlation id of the item, if it is about one. */
    readonly correlationId?: string,
  ) {}

  item(correlationId: string): Place {
    return new Place(this.method, this.endpoint, correlationId);
  }

  toString(): string {
    const item = this.correlationId === undefined ? "" : `item \`${this.correlationId}\` of `;
    return `${item}${this.method} at ${this.endpoint}`;
  }
}

/** A field of the request that breaks its stated rule. */
export interface FieldViolation {
  /** Its path, such as `facts.software[17].sha256`. */
  readonly field: string;
  /** What is wrong with it. */
  readonly description: string;
}

/** What a client was set up with does not hold together. Nothing was sent. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** Why a call gave no answer. It never stands for ALLOW. */
export abstract class CallError extends Error {
  /** The reason that the server gives. Undefined if no Embargo server made the failure. */
  readonly reason: Reason | undefined = undefined;
  /** What belongs to the reason, such as `activeSnapshotId`. */
  readonly metadata: Readonly<Record<string, string>> = {};
  /** The fields of the request that are at fault, at most 16. */
  readonly fields: readonly FieldViolation[] = [];
  /** How many milliseconds the server asks to wait before the call is made again. */
  readonly retryDelayMs: number | undefined = undefined;

  constructor(
    /** What went wrong, for people. */
    readonly what: string,
    /** Which call it was. */
    readonly place: Place,
    /** What would put it right, if that is known. */
    readonly hint: string | undefined,
    /** The status code, or the one that stands for it best. */
    readonly code: Code,
  ) {
    super(`${what}: ${place}${hint === undefined ? "" : `; hint: ${hint}`}`);
  }

  /** Whether the same call may succeed a little later. */
  get retryable(): boolean {
    return false;
  }
}

/** What a status says besides its code and message. */
export interface StatusDetails {
  reason?: Reason;
  metadata?: Readonly<Record<string, string>>;
  fields?: readonly FieldViolation[];
  retryDelayMs?: number;
}

/** A status was answered: by an Embargo server if there is a reason, else by something on the way to it. */
export class StatusError extends CallError {
  override readonly name = "StatusError";
  override readonly reason: Reason | undefined;
  override readonly metadata: Readonly<Record<string, string>>;
  override readonly fields: readonly FieldViolation[];
  override readonly retryDelayMs: number | undefined;

  constructor(
    code: Code,
    /** What the server says, for people. Its wording is not part of the contract. */
    readonly said: string,
    place: Place,
    details: StatusDetails = {},
  ) {
    const hints: Partial<Record<string, string>> = HINTS;
    // A server writes its own remedy below what it says, and knows more than the code does.
    const [cause = "", told] = said.split(TOLD_HINT, 2);
    const hint = told ?? (details.reason === undefined ? CODE_HINTS[code] : hints[details.reason]);
    super(shown(code, cause, details), place, hint, code);
    this.reason = details.reason;
    this.metadata = details.metadata ?? {};
    this.fields = details.fields ?? [];
    this.retryDelayMs = details.retryDelayMs;
  }

  override get retryable(): boolean {
    return this.code === Code.Unavailable || (this.code === Code.ResourceExhausted && this.retryDelayMs !== undefined);
  }
}

/** No server of this API answered: the connection failed, or something on the way said no. */
export class TransportError extends CallError {
  override readonly name = "TransportError";

  constructor(what: string, place: Place, code: Code = Code.Unavailable) {
    super(what, place, TRANSPORT_HINTS[code], code);
  }

  override get retryable(): boolean {
    return this.code === Code.Unavailable;
  }
}

/** There was no answer in time. */
export class DeadlineError extends CallError {
  override readonly name = "DeadlineError";

  constructor(
    /** How many milliseconds were waited. */
    readonly limitMs: number,
    place: Place,
  ) {
    super(`no answer within ${limitMs} ms`, place, "allow more time or check the server's load", Code.DeadlineExceeded);
  }
}

/** There was an answer, and it holds no decision on what was asked. */
export class NoDecisionError extends CallError {
  override readonly name = "NoDecisionError";

  constructor(what: string, place: Place) {
    super(what, place, OTHER_PEER, Code.Internal);
  }
}

/** There was an answer, and it breaks the contract. */
export class MalformedError extends CallError {
  override readonly name = "MalformedError";

  constructor(what: string, place: Place) {
    super(what, place, OTHER_PEER, Code.Internal);
  }
}

/** The request cannot be right, so that it was not sent. */
export class UnsentError extends CallError {
  override readonly name = "UnsentError";
}

/** The name of a code in the gRPC documents, by which people search for it. */
export function codeName(code: Code): string {
  if (code === Code.Canceled) return "CANCELLED";
  return (Code[code] ?? "UNKNOWN").replace(/([a-z])([A-Z])/g, "$1_$2").toUpperCase();
}

function shown(code: Code, said: string, { reason, fields = [] }: StatusDetails): string {
  const named = fields.map(({ field, description }) => `\`${field}\` ${description}`).join(", ");
  const kind = reason === undefined ? codeName(code) : `${codeName(code)}, ${reason}`;
  return `${said || "the call failed"}${named && ": "}${named} (${kind})`;
}
