"""The answers of StreamDecideHosts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import cast

import grpc

from . import v1
from .decisions import ItemDecision
from .errors import CallError, DeadlineError, Place, TransportError
from .ledger import Ledger
from .reading import Ended, Reader, Stream
from .servers import Ring
from .status import Failed, from_rpc


class DecisionStream(Iterator[ItemDecision]):
    """Answers in no particular order. An exception is the end: items that have no answer by then were not judged.

    Use it in a `with` statement, or `close` it, if it may not be read to its end.
    """

    def __init__(
        self,
        open_stream: Callable[[Iterator[v1.StreamDecideHostsRequest]], Stream],
        items: Iterable[v1.StreamDecideHostsRequest],
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
        self._stream: Stream | None = None
        if limit <= 0:
            raise DeadlineError(limit, self._place)
        self._stream = open_stream(self._sent(items))
        self._reader: Reader[v1.StreamDecideHostsResponse] = Reader(self._stream, "embargo-stream")
        if self._fault is not None:
            self._stream.cancel()

    @property
    def unanswered(self) -> list[str]:
        """The ids of the items that were sent and have no answer."""
        return self._ledger.unanswered()

    def __next__(self) -> ItemDecision:
        if self._ended:
            raise StopIteration
        try:
            event = self._event()
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
        raise StopIteration

    def close(self) -> None:
        """Gives the stream up."""
        self._ended = True
        self._reader.close()

    def __enter__(self) -> DecisionStream:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _event(self) -> v1.StreamDecideHostsResponse | Ended:
        since = time.monotonic()
        while True:
            event = self._reader.get(self._ledger.patience(since))
            if event is not None:
                return event

    def _finish(self, end: Ended) -> None:
        """Raises whatever keeps the end from being a good one."""
        # What the caller's own items failed with explains the rest.
        if self._fault is not None:
            raise self._fault
        if isinstance(end.error, grpc.RpcError):
            raise from_rpc(cast(Failed, end.error), self._limit, self._place)
        if end.error is not None:
            raise TransportError("the stream could not be read", self._place) from end.error
        self._ledger.close()

    def _sent(self, items: Iterable[v1.StreamDecideHostsRequest]) -> Iterator[v1.StreamDecideHostsRequest]:
        """The items, each noted before it is sent. gRPC takes them on a thread of its own."""
        try:
            for item in items:
                self._ledger.note(item)
                yield item
        except Exception as error:
            # gRPC would log it, and the stream would end as if the server were at fault.
            self._fault = error
            if self._stream is not None:
                self._stream.cancel()
            return
        self._ledger.finish()
