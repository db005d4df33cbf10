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
from ..errors import CallError, DeadlineError, Place
from ..ledger import Ledger
from ..servers import Ring
from ..status import Failed, from_rpc

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
        self._reading: asyncio.Task[Any] | None = None
        if limit <= 0:
            raise DeadlineError(limit, self._place)
        self._stream = open_stream(self._sent(items))

    @property
    def unanswered(self) -> list[str]:
        """The ids of the items that were sent and have no answer."""
        return self._ledger.unanswered()

    async def __anext__(self) -> ItemDecision:
        if self._ended:
            raise StopAsyncIteration
        try:
            answer = await self._next()
            if answer is not None:
                return self._ledger.settle(answer)
            if self._fault is not None:
                raise self._fault
            self._ledger.close()
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
        self._stream.cancel()
        if self._reading is not None:
            self._reading.cancel()

    async def __aenter__(self) -> DecisionStream:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    async def _next(self) -> v1.StreamDecideHostsResponse | None:
        """The next message; None at a good end."""
        since = time.monotonic()
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read())
        while True:
            # The wait ends, and the reading goes on: a read that is cancelled ends the call.
            done, _ = await asyncio.wait({self._reading}, timeout=self._ledger.patience(since))
            if done:
                break
        reading, self._reading = self._reading, None
        return cast("v1.StreamDecideHostsResponse | None", reading.result())

    async def _read(self) -> v1.StreamDecideHostsResponse | None:
        try:
            answer = await self._stream.read()
        except grpc.RpcError as error:
            failed = error
        except asyncio.CancelledError:
            # gRPC says so, too, when the items failed and the call was given up for it.
            if self._fault is None:
                raise
            return None
        else:
            if answer is grpc.aio.EOF:
                return None
            return cast(v1.StreamDecideHostsResponse, readable(answer, self._place))
        if self._fault is not None:
            raise self._fault
        raise from_rpc(cast(Failed, failed), self._limit, self._place)

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
            self._stream.cancel()
            return
        self._ledger.finish()
