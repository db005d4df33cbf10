"""How a watch goes on after its stream broke, without the waiting itself.

A server repeats its state every 30 s, so that a longer silence means a connection that is dead without having said so.
"""

from __future__ import annotations

import grpc

from .errors import CallError, Place
from .retry import RetryPolicy
from .servers import Ring

#: The longest silence of a watch in seconds: more than two of the server's intervals of 30 s.
WATCH_SILENCE = 75.0

#: What a watch does not come back from: asking again would end the same way until somebody changes something.
_FINAL = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.UNIMPLEMENTED,
    }
)


class Resumption:
    """Which server is watched next, how long it may be silent, and how long to wait before."""

    def __init__(self, policy: RetryPolicy, ring: Ring, opening: float) -> None:
        self._policy = policy
        self._ring = ring
        self._opening = opening
        self._server = ring.preferred
        self._heard = False
        self._breaks = 0

    @property
    def server(self) -> int:
        """The server that is watched."""
        return self._server

    @property
    def place(self) -> Place:
        return Place("WatchSnapshot", self._ring.endpoint(self._server))

    @property
    def patience(self) -> float:
        """How many seconds the server may be silent: until its first state the client's deadline, then longer."""
        return WATCH_SILENCE if self._heard else self._opening

    def heard(self) -> None:
        """Takes in that the server told its state."""
        self._heard = True
        self._breaks = 0

    def broke(self, failure: CallError) -> float:
        """Takes in how the stream ended. Returns the pause before the next one, or raises the failure if there is none."""
        self._ring.note(self._server, failure)
        if failure.code in _FINAL:
            raise failure
        self._heard = False
        self._breaks += 1
        self._server = self._ring.after(self._server)
        return (failure.retry_delay or 0.0) + self._policy.pause(self._breaks)
