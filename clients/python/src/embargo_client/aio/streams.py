"""The answers of StreamDecideHosts, for asyncio."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from types import TracebackType
from typing import Any, cast

import grpc

from .. import v1
from ..call import readable
from ..decisions import ItemDecision
from ..errors import CallError, DeadlineError, Place, TransportError
from ..ledger import Ledger
from ..reading import Ended
from ..servers import Ring
from ..status import Failed, from_rpc
from .reading import LATE, Reader

Items = Iterable[v1.StreamDecideHostsRequest] | AsyncIterable[v1.StreamDecideHostsRequest]


class DecisionStream(AsyncIterator[ItemDecision]):
    """Answers in no particular order. An exception is the end: items that have no answer by then were not judged.

    Use it in an `async with` statement, or `close` it, if it may not be read to its end.
    """

    def __init__(
        self,
        open_stream: Callable[[AsyncIterator[v1.StreamDecideHostsRequest]], Any],
        items: Items,
        ring: Ring,
        limit: float,
    ) -> None:
        self._ring = ring
        self._server = ring.preferred
        self._limit = limit
        self._place = Place("StreamDecideHosts", ring.endpoint(self._server))
        self._ledger = Ledger(self._place, limit)
        self._fault: BaseException | None = None
        self._ended = False
        if limit <= 0:
            raise DeadlineError(limit, self._place)
        self._reader = Reader(open_stream(self._sent(items)))

    @property
    def unanswered(self) -> list[str]:
        """The ids of the items that were sent and have no answer."""
        return self._ledger.unanswered()

    async def __anext__(self) -> ItemDecision:
        if self._ended:
            raise StopAsyncIteration
        try:
            event = await self._event()
            if not isinstance(event, Ended):
                return self._ledger.settle(event)
            self._finish(event)
        except CallError as failure:
            self._ring.note(self._server, failure)
            self.close()
            raise
        except BaseException:
            self.close()
            raise
        self.close()
        raise StopAsyncIteration

    def close(self) -> None:
        """Gives the stream up."""
        self._ended = True
        self._reader.close()

    async def __aenter__(self) -> DecisionStream:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    async def _event(self) -> v1.StreamDecideHostsResponse | Ended:
        since = time.monotonic()
        while True:
            event = await self._reader.get(self._ledger.patience(since))
            if event is not LATE:
                return cast("v1.StreamDecideHostsResponse | Ended", readable(event, self._place))

    def _finish(self, end: Ended) -> None:
        """Raises whatever keeps the end from being a good one."""
        # What the caller's own items failed with explains the rest.
        if self._fault is not None:
            raise self._fault
        if isinstance(end.error, grpc.RpcError):
            raise from_rpc(cast(Failed, end.error), self._limit, self._place)
        if isinstance(end.error, asyncio.CancelledError):
            raise TransportError("the stream was given up", self._place, grpc.StatusCode.CANCELLED)
        self._ledger.close()

    async def _sent(self, items: Items) -> AsyncIterator[v1.StreamDecideHostsRequest]:
        """The items, each noted before it is sent."""
        try:
            if isinstance(items, AsyncIterable):
                async for item in items:
                    self._ledger.note(item)
                    yield item
            else:
                for item in items:
                    self._ledger.note(item)
                    yield item
        except Exception as error:
            # gRPC would log it, and the stream would end as if the server were at fault.
            self._fault = error
            self._reader.close()
            return
        self._ledger.finish()
