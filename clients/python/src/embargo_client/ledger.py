"""The items of a stream that were sent and are not answered.

Invariant: an item is answered at most once, by a decision on the host and action that it names; and a stream never ends as if it
were complete while items are unanswered.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import grpc

from . import v1
from .answer import Asked
from .decisions import ItemDecision, item_decision
from .errors import MAX_MESSAGE_BYTES, DeadlineError, MalformedError, Place, UnsentError


class Ledger:
    """Pairs answers with items. Items are noted by one thread and settled by another."""

    def __init__(self, place: Place, limit: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._place = place
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        # In the order of sending, so that the first is the oldest.
        self._open: dict[str, tuple[Asked, float]] = {}
        self._finished: float | None = None

    def note(self, item: v1.StreamDecideHostsRequest) -> None:
        """Takes in an item that is about to be sent. Refuses one that could not be paired or that no server takes."""
        place = self._place.item(item.correlation_id)
        size = item.ByteSize()
        if size > MAX_MESSAGE_BYTES:
            cause = f"the item has {size} bytes and {MAX_MESSAGE_BYTES} are the most"
            raise UnsentError(cause, place, "send less about the host", grpc.StatusCode.OUT_OF_RANGE)
        with self._lock:
            if item.correlation_id in self._open:
                cause, hint = "another item with this id waits for its answer", "number the items"
                raise UnsentError(cause, place, hint, grpc.StatusCode.INVALID_ARGUMENT)
            self._open[item.correlation_id] = (Asked.of(item), self._clock())

    def finish(self) -> None:
        """Takes in that no more items are sent."""
        with self._lock:
            self._finished = self._clock()

    def settle(self, answer: v1.StreamDecideHostsResponse) -> ItemDecision:
        """The answer to the item that it belongs to."""
        if not answer.HasField("result"):
            raise MalformedError("the answer lacks `result`", self._place)
        with self._lock:
            noted = self._open.pop(answer.result.correlation_id, None)
        if noted is None:
            raise MalformedError(f"no item waits for the answer `{answer.result.correlation_id}`", self._place)
        return item_decision(noted[0], answer.result, self._place)

    def unanswered(self) -> list[str]:
        """The ids of the items that were sent and have no answer."""
        with self._lock:
            return list(self._open)

    def close(self) -> None:
        """Takes in that the server sends no more answers."""
        count = len(self.unanswered())
        if count:
            raise MalformedError(f"the stream ended with {count} items unanswered", self._place)

    def patience(self, since: float) -> float:
        """How many seconds a caller that has waited since then goes on waiting.

        Nobody is late while nothing is asked, and time in which answers were not taken is not the server's. Raises
        `DeadlineError` when the oldest item, or the end of the stream, is late.
        """
        now = self._clock()
        with self._lock:
            oldest = next((sent for _, sent in self._open.values()), self._finished)
        left = self._limit if oldest is None else max(since, oldest) + self._limit - now
        if left <= 0:
            raise DeadlineError(self._limit, self._place)
        return left
