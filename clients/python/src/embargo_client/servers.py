"""The servers that a client may ask, and which of them is asked first.

They are equals: the same policies, and idempotent methods. One that was unavailable or late is not asked first any longer, so that
only the calls that met its end pay for it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import grpc

from .errors import CallError

#: How a call ends at a server that is better left. One that is overloaded is left by that call only, for all of its callers at
#: once would overload the next.
_LEFT_AFTER = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})


class Ring:
    """Servers in a circle, at least one, by number."""

    def __init__(self, endpoints: Sequence[str]) -> None:
        self._endpoints = tuple(endpoints)
        self._preferred = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._endpoints)

    @property
    def preferred(self) -> int:
        """The server to begin with."""
        return self._preferred

    def endpoint(self, server: int) -> str:
        """The endpoint of a server, as it was given."""
        return self._endpoints[server]

    def after(self, server: int) -> int:
        """The server to go on with."""
        return (server + 1) % len(self._endpoints)

    def note(self, server: int, failure: CallError) -> None:
        """Takes in how a call to a server failed."""
        with self._lock:
            # Only if nobody has left it already: they would lead past a server that works.
            if failure.code in _LEFT_AFTER and self._preferred == server:
                self._preferred = self.after(server)
