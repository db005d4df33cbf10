"""What gRPC says about a failed call, read into a `CallError`.

A status that a peer sent and a failure that the library made up by itself look the same to a caller of gRPC. They are told apart by
what the API promises: every status that a server of it makes carries its details.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from .errors import CallError, DeadlineError, FieldViolation, Place, StatusError, TransportError

#: The domain of our reasons. Another domain's are not ours to read.
ERROR_DOMAIN = "embargo.v1"

_DETAILS = "grpc-status-details-bin"
#: What some servers answer when they let go of a call because its deadline passed.
_EXPIRED = "Timeout expired"

#: The codes that gRPC itself ends a call with. Without details they are taken for its own, or for those of something on the way.
_OF_TRANSPORT = frozenset(
    {
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.UNKNOWN,
    }
)

_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


class Failed(Protocol):
    """A failed call, as both of gRPC's libraries describe it."""

    def code(self) -> grpc.StatusCode: ...
    def details(self) -> str | None: ...
    def trailing_metadata(self) -> Iterable[tuple[str, str | bytes]] | None: ...


def code_of(number: int) -> grpc.StatusCode:
    """The code of a number; UNKNOWN for one that gRPC does not have."""
    return _CODES.get(number, grpc.StatusCode.UNKNOWN)


def from_rpc(failed: Failed, limit: float, place: Place) -> CallError:
    """Reads what gRPC made of an attempt that had `limit` seconds."""
    code = failed.code()
    details = _details(failed)
    message = failed.details() or ""
    if details is not None:
        return _status(code, message, details, place)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED or (code is grpc.StatusCode.CANCELLED and message == _EXPIRED):
        return DeadlineError(limit, place)
    if code in _OF_TRANSPORT:
        return TransportError(message or "the connection failed", place, code)
    return StatusError(code, message, place)


def from_item(status: status_pb2.Status, place: Place) -> StatusError:
    """Reads the status that stands in place of one item's decision."""
    return _status(code_of(status.code), status.message, status, place)


def _details(failed: Failed) -> status_pb2.Status | None:
    for key, value in failed.trailing_metadata() or ():
        if key == _DETAILS and isinstance(value, bytes):
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                # Details that cannot be read leave the code, which says less and nothing false.
                return status_pb2.Status()
    return None


def _status(code: grpc.StatusCode, message: str, details: status_pb2.Status, place: Place) -> StatusError:
    reason: str | None = None
    metadata: dict[str, str] = {}
    fields: tuple[FieldViolation, ...] = ()
    retry_delay: float | None = None
    info, request, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    for detail in details.details:
        try:
            if detail.Unpack(info) and info.domain == ERROR_DOMAIN:
                reason, metadata = info.reason, dict(info.metadata)
            elif detail.Unpack(request):
                fields = tuple(FieldViolation(each.field, each.description) for each in request.field_violations)
            elif detail.Unpack(retry) and retry.HasField("retry_delay"):
                retry_delay = max(0.0, retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9)
        except DecodeError:
            continue
    return StatusError(code, message, place, reason=reason, metadata=metadata, fields=fields, retry_delay=retry_delay)
