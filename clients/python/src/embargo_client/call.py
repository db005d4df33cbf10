"""A call as data: what is sent where, and what makes an answer of what comes back.

The clients with and without asyncio share everything but the sending, so that what counts as an answer is written once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import grpc
from google.protobuf.message import Message

from .errors import MAX_MESSAGE_BYTES, MalformedError, Place, UnsentError

#: What the client gives.
R = TypeVar("R")

DECISIONS = "DecisionService"
POLICIES = "PolicyService"


@dataclass(frozen=True)
class Call(Generic[R]):
    """One call with one answer, or with a few that make up one."""

    service: str
    method: str
    request: Message = field(repr=False)
    #: Makes what the client gives out of what the server sent, or raises what is wrong with it.
    accept: Callable[[Any, Place], R] = field(repr=False)
    #: Whether the server sends several messages, all of which make up the answer.
    gathered: bool = False

    def answer(self, sent: Any, place: Place) -> R:
        """What the client gives."""
        return self.accept([readable(each, place) for each in sent] if self.gathered else readable(sent, place), place)

    def check_size(self, endpoint: str) -> None:
        """Refuses a request that no server would take."""
        size = self.request.ByteSize()
        if size > MAX_MESSAGE_BYTES:
            cause = f"the request has {size} bytes and {MAX_MESSAGE_BYTES} are the most"
            place = Place(self.method, endpoint)
            raise UnsentError(cause, place, "send fewer hosts or files at a time", grpc.StatusCode.OUT_OF_RANGE)


def readable(message: Any, place: Place) -> Any:
    """The message, unless it is what gRPC for asyncio gives for one that is not of this schema."""
    if message is None:
        raise MalformedError("the answer cannot be read", place)
    return message


def require(message: Message, part: str, place: Place) -> None:
    """Refuses an answer that lacks a part which is always set."""
    if not message.HasField(part):
        raise MalformedError(f"the answer lacks `{part}`", place)
