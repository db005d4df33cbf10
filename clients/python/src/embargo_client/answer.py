"""Whether what came back is a decision on what was asked.

Invariant: there is one way from a message to a decision that callers see, `Asked.accept`, and it refuses whatever it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from google.protobuf.timestamp_pb2 import Timestamp

from . import v1
from .errors import NoDecisionError, Place
from .status import from_item

#: The effects of the API. It gains none within v1.
EFFECTS = frozenset({v1.EFFECT_ALLOW, v1.EFFECT_WARN, v1.EFFECT_REVIEW, v1.EFFECT_INDETERMINATE, v1.EFFECT_DENY})


@dataclass(frozen=True)
class Asked:
    """What was asked, as far as an answer repeats it."""

    host_id: str = field(repr=False)
    action: int
    #: Seconds and nanoseconds. None if the request left the instant to the server.
    instant: tuple[int, int] | None
    snapshot_id: str

    @classmethod
    def of(cls, request: v1.DecideHostRequest | v1.ExplainDecisionRequest | v1.StreamDecideHostsRequest) -> Asked:
        instant = instant_of(request.evaluate_time) if request.HasField("evaluate_time") else None
        return cls(request.facts.host_id, acted(request.action), instant, request.require_snapshot_id)

    def about(self, host_id: str) -> Asked:
        """The same question about another host."""
        return replace(self, host_id=host_id)

    def at(self, instant: tuple[int, int]) -> Asked:
        """The same question at another instant."""
        return replace(self, instant=instant)

    def accept(self, decision: v1.Decision | None, place: Place) -> v1.Decision:
        """The decision, if it is one on what was asked."""
        cause = "the answer holds no decision" if decision is None else self._objection(decision)
        if decision is None or cause is not None:
            raise NoDecisionError(cause or "the answer holds no decision", place)
        return decision

    def accept_item(self, result: v1.DecideResult | v1.InventoryResult, place: Place) -> v1.Decision:
        """The same for an item of a batch, a stream or an inventory."""
        if result.HasField("error"):
            raise from_item(result.error, place)
        return self.accept(result.decision if result.HasField("decision") else None, place)

    def _objection(self, decision: v1.Decision) -> str | None:
        # Hosts are personal data, so that neither of two that differ is named.
        if decision.effect == v1.EFFECT_UNSPECIFIED:
            return "the decision has no effect"
        if decision.effect not in EFFECTS:
            return f"the decision has the unknown effect {decision.effect}"
        # A question about no host has no answer, even if the answer names none either.
        if not self.host_id or decision.host_id != self.host_id:
            return "the decision is on another host than was asked"
        if decision.action != self.action:
            return f"the decision is on action {decision.action}, asked was {self.action}"
        answered = instant_of(decision.evaluate_time) if decision.HasField("evaluate_time") else None
        if self.instant is not None and answered != self.instant:
            return "the decision is for another instant than was asked"
        if self.snapshot_id and decision.snapshot_id != self.snapshot_id:
            return f"the decision is by snapshot `{decision.snapshot_id}`, required was `{self.snapshot_id}`"
        return None


def acted(action: int) -> int:
    """The action that a server judges: PRESENCE where none is named."""
    return v1.ACTION_PRESENCE if action == v1.ACTION_UNSPECIFIED else action


def instant_of(time: Timestamp) -> tuple[int, int]:
    """An instant that compares in the order of time."""
    return time.seconds, time.nanos
