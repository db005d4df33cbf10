"""Reads the messages of a stream on a thread of its own, so that waiting for the next one can have a limit.

gRPC's own iterator waits for as long as the stream lives.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Any, Generic, Protocol, TypeVar

M = TypeVar("M")

#: How many messages are read ahead. Beyond it the server is made to wait.
_AHEAD = 64


class Stream(Protocol):
    """A stream of messages as gRPC gives it."""

    def __iter__(self) -> Iterator[Any]: ...
    def cancel(self) -> Any: ...


class Ended:
    """The stream is over: in order, or by the error."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class Reader(Generic[M]):
    """The messages of one stream."""

    def __init__(self, stream: Stream, name: str) -> None:
        self._stream = stream
        self._read: deque[M | Ended] = deque()
        self._changed = threading.Condition()
        self._closed = False
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def get(self, seconds: float) -> M | Ended | None:
        """The next message, or the end. None if neither came in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._read or self._closed, seconds):
                return None
            if not self._read:
                return Ended(None)
            event = self._read.popleft()
            self._changed.notify_all()
            return event

    def close(self) -> None:
        """Ends the stream and the thread. What was read and not taken is dropped."""
        with self._changed:
            self._closed = True
            self._read.clear()
            self._changed.notify_all()
        self._stream.cancel()

    def _run(self) -> None:
        try:
            for message in self._stream:
                self._put(message)
            self._put(Ended(None))
        except BaseException as error:
            self._put(Ended(error))

    def _put(self, event: M | Ended) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._read) < _AHEAD or self._closed)
            if not self._closed:
                self._read.append(event)
                self._changed.notify_all()
