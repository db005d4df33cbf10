"""The states of WatchSnapshot, across streams that break, for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, cast

import grpc

from .. import v1
from ..call import readable
from ..errors import CallError, DeadlineError, TransportError
from ..reading import Ended
from ..resumption import Resumption
from ..status import Failed, from_rpc
from .reading import LATE, Reader


class SnapshotWatch(AsyncIterator[v1.WatchSnapshotResponse]):
    """States, without an end of their own: a stream that breaks or falls silent is begun anew, at another server if there is one.

    Raises only what asking again does not help against, such as UNAUTHENTICATED. Between a break and the next state `connected` is
    false, and what was told before may not hold any longer. Use it in an `async with` statement, or `close` it.
    """

    def __init__(self, open_stream: Callable[[int], Any], resumption: Resumption) -> None:
        self._open_stream = open_stream
        self._resumption = resumption
        self._pause = 0.0
        self._reader: Reader | None = None
        self._connected = False
        self._last_error: CallError | None = None
        self._closed = False

    @property
    def connected(self) -> bool:
        """Whether the state that was told last came from the stream that is open."""
        return self._connected

    @property
    def last_error(self) -> CallError | None:
        """Why the stream broke last."""
        return self._last_error

    async def __anext__(self) -> v1.WatchSnapshotResponse:
        while True:
            event = await self.next_event()
            if event is None:
                raise StopAsyncIteration
            if not isinstance(event, CallError):
                return event

    async def next_event(self) -> v1.WatchSnapshotResponse | CallError | None:
        """The next state, or why the stream broke. None after `close`."""
        if self._reader is None and not self._closed:
            await asyncio.sleep(self._pause)
        if self._closed:
            return None
        try:
            event = await self._read()
        except BaseException:
            self.close()
            raise
        if self._closed:
            return None
        if not isinstance(event, CallError):
            self._resumption.heard()
            self._connected = True
            return event
        self._connected = False
        self._cancel()
        self._last_error = event
        self._pause = self._resumption.broke(event)
        return event

    def close(self) -> None:
        """Ends the watch."""
        self._closed = True
        self._connected = False
        self._cancel()

    async def __aenter__(self) -> SnapshotWatch:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _cancel(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    async def _read(self) -> v1.WatchSnapshotResponse | CallError:
        place, patience = self._resumption.place, self._resumption.patience
        try:
            if self._reader is None:
                self._reader = Reader(self._open_stream(self._resumption.server))
            event = await self._reader.get(patience)
        except grpc.aio.UsageError:
            # gRPC says so once the client is closed, and a watch ends with its client.
            self.close()
            return TransportError("the client is closed", place)
        if event is LATE:
            return DeadlineError(patience, place)
        if not isinstance(event, Ended):
            try:
                return cast(v1.WatchSnapshotResponse, readable(event, place))
            except CallError as error:
                return error
        if isinstance(event.error, grpc.RpcError):
            return from_rpc(cast(Failed, event.error), patience, place)
        return TransportError("the watch ended", place)
