"""Reads the messages of a stream with a limit on each wait, for asyncio.

A wait that ends does not end the reading: gRPC would end the call with it, and could not tell that from its own cancellation.
"""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from ..reading import Ended


class Reader:
    """The messages of one stream."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._reading: asyncio.Task[Any] | None = None

    async def get(self, seconds: float) -> Any:
        """The next message, or `Ended`. `LATE` if neither came in time. None stands for a message that cannot be read."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read())
        done, _ = await asyncio.wait({self._reading}, timeout=seconds)
        if not done:
            return LATE
        reading, self._reading = self._reading, None
        return reading.result()

    def close(self) -> None:
        """Ends the stream, and any wait with it."""
        self._stream.cancel()

    async def _read(self) -> Any:
        try:
            message = await self._stream.read()
        except grpc.RpcError as error:
            return Ended(error)
        except asyncio.CancelledError as error:
            # The call was cancelled: by `close`, or because the client was closed. Else nobody cancels this task but a loop that
            # ends.
            return Ended(error)
        return Ended(None) if message is grpc.aio.EOF else message


#: The wait ended before there was a message.
LATE = object()
