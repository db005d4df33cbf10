"""A cache of decisions that a watch keeps honest, for asyncio."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType

from .. import v1
from ..errors import CallError
from ..keeping import DEFAULT_ENTRIES, KeptDecisions, key_of
from .client import Client


class DecisionCache:
    """Answers identical questions from memory while the answer holds, and asks the server otherwise.

    It promises what `embargo_client.DecisionCache` promises. Make it inside a running loop.
    """

    def __init__(self, client: Client, *, max_entries: int = DEFAULT_ENTRIES, clock: Callable[[], int] = time.time_ns) -> None:
        self._client = client
        self._clock = clock
        self._kept = KeptDecisions(max_entries)
        self._told = asyncio.Event()
        self._hits = self._misses = 0
        self._watch_error: CallError | None = None
        self._watch = client.watch_snapshot()
        self._following = asyncio.get_running_loop().create_task(self._follow())

    async def decide_host(self, request: v1.DecideHostRequest, *, deadline: float | None = None) -> v1.Decision:
        """Judges one host and action, or says again how it was judged. Raises as `Client.decide_host` does."""
        key = key_of(request)
        if key is not None:
            found = self._kept.find(key, request.require_snapshot_id, self._clock())
            if found is not None:
                self._hits += 1
                return found
        self._misses += 1
        decision = await self._client.decide_host(request, deadline=deadline)
        if key is not None:
            self._kept.keep(key, decision)
        return decision

    async def wait_until_connected(self, seconds: float) -> bool:
        """Waits until the watch has told which snapshot is active. Gives whether it has."""
        try:
            await asyncio.wait_for(self._told.wait(), seconds)
        except asyncio.TimeoutError:
            return False
        return True

    @property
    def connected(self) -> bool:
        """Whether the watch is connected. Nothing is reused while it is not."""
        return self._kept.connected

    @property
    def watch_error(self) -> CallError | None:
        """Why the watch broke last, or why it has ended."""
        return self._watch_error

    @property
    def hits(self) -> int:
        """How many questions were answered from memory."""
        return self._hits

    @property
    def misses(self) -> int:
        """How many questions went to the server."""
        return self._misses

    def __len__(self) -> int:
        return len(self._kept)

    async def close(self) -> None:
        """Ends the watch. Questions go to the server from then on."""
        self._watch.close()
        self._following.cancel()
        await asyncio.wait({self._following})

    async def __aenter__(self) -> DecisionCache:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def _follow(self) -> None:
        try:
            while (event := await self._watch.next_event()) is not None:
                if isinstance(event, CallError):
                    self._watch_error = event
                    self._lost()
                    continue
                self._kept.told(event)
                if self._kept.connected:
                    self._told.set()
                else:
                    self._told.clear()
        except CallError as error:
            self._watch_error = error
        finally:
            # Whatever ended the task, nobody says any longer what is active.
            self._lost()

    def _lost(self) -> None:
        self._kept.lost()
        self._told.clear()
