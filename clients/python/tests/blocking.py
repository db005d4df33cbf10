"""The client for asyncio behind the functions of the one that waits, so that one test holds both to the same promises."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

_LONG = 20.0


class Loop:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, make: Callable[[], Any]) -> Any:
        """What `make` makes inside the loop, awaited if it is to be."""

        async def made() -> Any:
            result = make()
            return await result if inspect.isawaitable(result) else result

        return asyncio.run_coroutine_threadsafe(made(), self._loop).result(_LONG)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_LONG)
        self._loop.close()


class Blocking:
    """An object whose methods are called inside a loop and waited for."""

    def __init__(self, loop: Loop, inner: Any) -> None:
        self._loop = loop
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            result = self._loop.run(lambda: found(*args, **kwargs))
            return Blocking(self._loop, result) if isinstance(result, AsyncIterator) else result

        return call

    def __len__(self) -> int:
        return len(self.inner)

    def __iter__(self) -> Blocking:
        return self

    def __next__(self) -> Any:
        async def following() -> Any:
            try:
                return await self.inner.__anext__()
            except StopAsyncIteration:
                return StopIteration

        event = self._loop.run(following)
        if event is StopIteration:
            raise StopIteration
        return event
