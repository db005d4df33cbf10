"""Why a call gave no answer.

Kept apart are a status that was answered (`StatusError`), no answer at all (`TransportError`, `DeadlineError`), an answer that is
none (`NoDecisionError`, `MalformedError`), and a request that was not sent (`UnsentError`). None of them stands for ALLOW. No text
here holds facts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import grpc

#: The largest message that a server takes or gives: 16 MiB.
MAX_MESSAGE_BYTES = 16 * 1024 * 1024


class Reason(str, Enum):
    """Why a server gave no answer: `google.rpc.ErrorInfo.reason` of domain `embargo.v1`.

    `CallError.reason` is a plain string that compares equal to these, so that a newer server's reason stays readable.
    """

    FACTS_INVALID = "FACTS_INVALID"
    REQUEST_INVALID = "REQUEST_INVALID"
    BATCH_TOO_LARGE = "BATCH_TOO_LARGE"
    PAGE_TOKEN_INVALID = "PAGE_TOKEN_INVALID"
    BUNDLE_INVALID = "BUNDLE_INVALID"
    BUNDLE_REJECTED = "BUNDLE_REJECTED"
    POLICY_NOT_FOUND = "POLICY_NOT_FOUND"
    SNAPSHOT_MISMATCH = "SNAPSHOT_MISMATCH"
    NO_SNAPSHOT = "NO_SNAPSHOT"
    DRAINING = "DRAINING"
    OVERLOADED = "OVERLOADED"
    ANSWER_TOO_LARGE = "ANSWER_TOO_LARGE"
    DEADLINE_PASSED = "DEADLINE_PASSED"
    SERVER_FAULT = "SERVER_FAULT"
    INVENTORY_INVALID = "INVENTORY_INVALID"
    RATE_LIMITED = "RATE_LIMITED"
    DECISION_LOG_UNAVAILABLE = "DECISION_LOG_UNAVAILABLE"
    CREDENTIALS_MISSING = "CREDENTIALS_MISSING"
    CREDENTIALS_INVALID = "CREDENTIALS_INVALID"
    SCOPE_MISSING = "SCOPE_MISSING"

    def __str__(self) -> str:
        return self.value


#: What would put a failure right, by its reason.
HINTS: dict[str, str] = {
    Reason.FACTS_INVALID: "correct the named fields",
    Reason.REQUEST_INVALID: "correct the named fields",
    Reason.BATCH_TOO_LARGE: "send smaller batches, or a stream",
    Reason.PAGE_TOKEN_INVALID: "list from the start",
    Reason.BUNDLE_INVALID: "check the paths and sizes of the files",
    Reason.BUNDLE_REJECTED: "validate the bundle to see its faults",
    Reason.POLICY_NOT_FOUND: "list the policies to see which there are",
    Reason.SNAPSHOT_MISMATCH: "require the active snapshot, or none if any may answer",
    Reason.NO_SNAPSHOT: "see the server's log for why its policies did not load, or ask another",
    Reason.DRAINING: "ask another server",
    Reason.OVERLOADED: "ask again later, or add servers",
    Reason.ANSWER_TOO_LARGE: "ask for less at a time",
    Reason.DEADLINE_PASSED: "allow more time",
    Reason.SERVER_FAULT: "the server's log says more",
    Reason.INVENTORY_INVALID: "export the inventory again, or name its format",
    Reason.RATE_LIMITED: "ask less often, or about many hosts in one call",
    Reason.DECISION_LOG_UNAVAILABLE: ("ask again later or another; the server's log says what keeps its decision log"),
    Reason.CREDENTIALS_MISSING: "give the client a token or a certificate",
    Reason.CREDENTIALS_INVALID: "renew the token or the certificate; `cause` says what is wrong with it",
    Reason.SCOPE_MISSING: "ask who runs the server for the scope",
}

_OTHER_PEER = "check that the endpoint is an Embargo server of this version"

#: What would put a failure right in which no server of this API had a part, by its code.
TRANSPORT_HINTS: dict[grpc.StatusCode, str] = {
    grpc.StatusCode.UNAVAILABLE: "check that the server runs and can be reached",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "ask for less at a time",
    grpc.StatusCode.INTERNAL: _OTHER_PEER,
    grpc.StatusCode.UNKNOWN: _OTHER_PEER,
}

#: The same for a status that has no reason.
CODE_HINTS: dict[grpc.StatusCode, str] = {
    grpc.StatusCode.UNIMPLEMENTED: _OTHER_PEER,
    grpc.StatusCode.UNAUTHENTICATED: "ask who runs the endpoint for access",
    grpc.StatusCode.PERMISSION_DENIED: "ask who runs the endpoint for access",
}


_TOLD_HINT = "\n  hint: "


@dataclass(frozen=True)
class Place:
    """Which call to which server, and which item of it."""

    #: The method, such as `DecideHost`.
    method: str
    #: The endpoint, as it was given.
    endpoint: str
    #: The correlation id of the item, if it is about one.
    correlation_id: str | None = None

    def item(self, correlation_id: str) -> Place:
        return replace(self, correlation_id=correlation_id)

    def __str__(self) -> str:
        of = "" if self.correlation_id is None else f"item `{self.correlation_id}` of "
        return f"{of}{self.method} at {self.endpoint}"


@dataclass(frozen=True)
class FieldViolation:
    """A field of the request that breaks its stated rule."""

    #: Its path, such as `facts.software[17].sha256`.
    field: str
    #: What is wrong with it.
    description: str


class ConfigurationError(ValueError):
    """What a client was set up with does not hold together. Nothing was sent."""


class CallError(Exception):
    """Why a call gave no answer. It never stands for ALLOW."""

    def __init__(self, cause: str, place: Place, hint: str | None, code: grpc.StatusCode) -> None:
        super().__init__(f"{cause}: {place}" + (f"; hint: {hint}" if hint else ""))
        #: What went wrong, for people.
        self.cause = cause
        #: Which call it was.
        self.place = place
        #: What would put it right, if that is known.
        self.hint = hint
        #: The status code, or the one that stands for it best. Never OK.
        self.code = code
        #: The reason that the server gives. None if no Embargo server made the failure.
        self.reason: str | None = None
        #: What belongs to the reason, such as `activeSnapshotId`.
        self.metadata: dict[str, str] = {}
        #: The fields of the request that are at fault, at most 16.
        self.fields: tuple[FieldViolation, ...] = ()
        #: How many seconds the server asks to wait before the call is made again.
        self.retry_delay: float | None = None

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed a little later."""
        return False


class StatusError(CallError):
    """A status was answered: by an Embargo server if there is a reason, else by something on the way to it."""

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        place: Place,
        *,
        reason: str | None = None,
        metadata: dict[str, str] | None = None,
        fields: tuple[FieldViolation, ...] = (),
        retry_delay: float | None = None,
    ) -> None:
        # An error whose code is OK contradicts itself and must not pass for a success.
        code = grpc.StatusCode.UNKNOWN if code is grpc.StatusCode.OK else code
        # A server writes its own remedy below what it says, and knows more than the code does.
        said, _, told = message.partition(_TOLD_HINT)
        hint = told or (CODE_HINTS.get(code) if reason is None else HINTS.get(reason))
        super().__init__(_said(code, said, reason, fields), place, hint, code)
        #: What the server says, for people. Its wording is not part of the contract.
        self.message = message
        self.reason = reason
        self.metadata = dict(metadata or {})
        self.fields = fields
        self.retry_delay = retry_delay

    @property
    def retryable(self) -> bool:
        if self.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
            return self.retry_delay is not None
        return self.code is grpc.StatusCode.UNAVAILABLE


class TransportError(CallError):
    """No server of this API answered: the connection failed, or something on the way said no."""

    def __init__(self, cause: str, place: Place, code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE) -> None:
        super().__init__(cause, place, TRANSPORT_HINTS.get(code), code)

    @property
    def retryable(self) -> bool:
        return self.code is grpc.StatusCode.UNAVAILABLE


class DeadlineError(CallError):
    """There was no answer in time."""

    def __init__(self, limit: float, place: Place) -> None:
        hint = "allow more time or check the server's load"
        super().__init__(f"no answer within {limit:g} s", place, hint, grpc.StatusCode.DEADLINE_EXCEEDED)
        #: How many seconds were waited.
        self.limit = limit


class NoDecisionError(CallError):
    """There was an answer, and it holds no decision on what was asked."""

    def __init__(self, cause: str, place: Place) -> None:
        super().__init__(cause, place, _OTHER_PEER, grpc.StatusCode.INTERNAL)


class MalformedError(CallError):
    """There was an answer, and it breaks the contract."""

    def __init__(self, cause: str, place: Place) -> None:
        super().__init__(cause, place, _OTHER_PEER, grpc.StatusCode.INTERNAL)


class UnsentError(CallError):
    """The request cannot be right, so that it was not sent."""

    def __init__(self, cause: str, place: Place, hint: str, code: grpc.StatusCode) -> None:
        super().__init__(cause, place, hint, code)


def _said(code: grpc.StatusCode, message: str, reason: str | None, fields: tuple[FieldViolation, ...]) -> str:
    named = ", ".join(f"`{violation.field}` {violation.description}" for violation in fields)
    kind = code.name if reason is None else f"{code.name}, {reason}"
    return f"{message or 'the call failed'}{': ' if named else ''}{named} ({kind})"
