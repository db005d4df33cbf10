"""The gate for asyncio. Its outcomes are those of `embargo_client.gate`."""

from __future__ import annotations

from typing import Protocol

from .. import v1
from ..answer import Asked
from ..gate import GateOutcome, Passed, admit, closed_by, stop


class Decider(Protocol):
    """What a gate asks: a `Client` or a `DecisionCache`."""

    async def decide_host(self, request: v1.DecideHostRequest, *, deadline: float | None = None) -> v1.Decision: ...


class Gate:
    """Lets an action through only if a server says so in time."""

    def __init__(self, decider: Decider, *, deadline: float | None = None) -> None:
        self._decider = decider
        self._deadline = deadline

    async def check(self, request: v1.DecideHostRequest) -> GateOutcome:
        """Whether an action may go ahead. Takes no longer than the gate's deadline, and raises nothing but a cancellation.

        Await it: a coroutine that was not awaited is true.
        """
        asked = Asked.of(request)
        try:
            return admit(asked, await self._decider.decide_host(request, deadline=self._deadline))
        except Exception as error:
            return closed_by(error)

    async def require(self, request: v1.DecideHostRequest) -> Passed:
        """The permit. Raises `GateClosed` if there is none."""
        outcome = await self.check(request)
        if isinstance(outcome, Passed):
            return outcome
        stop(outcome)
