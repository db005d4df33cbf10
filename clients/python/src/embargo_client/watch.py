"""The states of WatchSnapshot, across streams that break."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import cast

import grpc

from . import v1
from .errors import CallError, DeadlineError, TransportError
from .reading import Ended, Reader, Stream
from .resumption import Resumption
from .status import Failed, from_rpc


class SnapshotWatch(Iterator[v1.WatchSnapshotResponse]):
    """States, without an end of their own: a stream that breaks or falls silent is begun anew, at another server if there is one.

    Raises only what asking again does not help against, such as UNAUTHENTICATED. Between a break and the next state `connected` is
    false, and what was told before may not hold any longer. Use it in a `with` statement, or `close` it.
    """

    def __init__(self, open_stream: Callable[[int], Stream], resumption: Resumption) -> None:
        self._open_stream = open_stream
        self._resumption = resumption
        self._pause = 0.0
        self._reader: Reader[v1.WatchSnapshotResponse] | None = None
        self._connected = False
        self._last_error: CallError | None = None
        self._closed = threading.Event()

    @property
    def connected(self) -> bool:
        """Whether the state that was told last came from the stream that is open."""
        return self._connected

    @property
    def last_error(self) -> CallError | None:
        """Why the stream broke last."""
        return self._last_error

    def __next__(self) -> v1.WatchSnapshotResponse:
        while True:
            event = self.next_event()
            if event is None:
                raise StopIteration
            if not isinstance(event, CallError):
                return event

    def next_event(self) -> v1.WatchSnapshotResponse | CallError | None:
        """The next state, or why the stream broke. None after `close`."""
        reader = self._opened()
        if reader is None:
            return None
        event = reader.get(self._resumption.patience)
        if self._closed.is_set():
            return None
        if event is not None and not isinstance(event, Ended):
            self._resumption.heard()
            self._connected = True
            return event
        self._connected = False
        self._reader = None
        reader.close()
        failure = self._failure(event)
        self._last_error = failure
        self._pause = self._resumption.broke(failure)
        return failure

    def close(self) -> None:
        """Ends the watch. May be called from any thread."""
        self._closed.set()
        self._connected = False
        reader = self._reader
        if reader is not None:
            reader.close()

    def __enter__(self) -> SnapshotWatch:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _opened(self) -> Reader[v1.WatchSnapshotResponse] | None:
        if self._reader is None:
            if self._closed.wait(self._pause):
                return None
            try:
                stream = self._open_stream(self._resumption.server)
            except ValueError:
                # gRPC says so once the client is closed, and a watch ends with its client.
                return None
            self._reader = Reader(stream, "embargo-watch")
        if self._closed.is_set():
            # It was closed meanwhile, by a thread that did not see the new stream.
            self._reader.close()
            return None
        return self._reader

    def _failure(self, event: Ended | None) -> CallError:
        resumption = self._resumption
        if event is None:
            return DeadlineError(resumption.patience, resumption.place)
        if isinstance(event.error, grpc.RpcError):
            return from_rpc(cast(Failed, event.error), resumption.patience, resumption.place)
        return TransportError("the watch ended", resumption.place)
