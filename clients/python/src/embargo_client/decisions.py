"""The calls of DecisionService and what they give.

Invariant: what leaves here as a decision has a known effect and is about the host, action, instant and snapshot that were asked
for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from google.protobuf.timestamp_pb2 import Timestamp

from . import v1
from .answer import Asked, acted, instant_of
from .call import DECISIONS, Call, require
from .errors import CallError, MalformedError, Place


@dataclass(frozen=True)
class ItemDecision:
    """The answer to one item of a batch or stream: a decision, or why there is none. The other items are not concerned."""

    #: The id that the item was sent with.
    correlation_id: str
    #: Why there is no decision. None if there is one.
    error: CallError | None
    _decision: v1.Decision | None = field(repr=False)

    @property
    def decision(self) -> v1.Decision:
        """The decision. Raises `error` if there is none, so that nothing can be taken for one."""
        return _decided(self._decision, self.error)


@dataclass(frozen=True)
class HostDecision:
    """The answer for one host of an inventory: a decision, or why there is none."""

    #: The host, as the facts name it.
    host_id: str = field(repr=False)
    #: How many records of software the document has for the host.
    record_count: int
    #: How many of them are items of the facts.
    software_count: int
    #: What is not in the facts, or is there in other words.
    remarks: Sequence[v1.InventoryRemark] = field(repr=False)
    #: Why there is no decision. None if there is one.
    error: CallError | None
    _decision: v1.Decision | None = field(repr=False)

    @property
    def decision(self) -> v1.Decision:
        """The decision. Raises `error` if there is none, so that nothing can be taken for one."""
        return _decided(self._decision, self.error)


@dataclass(frozen=True)
class BatchDecisions:
    """The answers to a batch."""

    #: One for each item and in the order of the items.
    items: tuple[ItemDecision, ...]
    #: The snapshot that answered all of them.
    snapshot: v1.SnapshotRef
    #: The instant at which all of them were judged.
    evaluate_time: Timestamp


@dataclass(frozen=True)
class InventoryDecisions:
    """The answers to an inventory."""

    #: The format that the document was read as.
    format: str
    #: The hosts, in the order of the document; at least one.
    hosts: tuple[HostDecision, ...]
    #: The snapshot that judged all of them.
    snapshot: v1.SnapshotRef
    #: The instant at which all of them were judged.
    evaluate_time: Timestamp


def decide_host(request: v1.DecideHostRequest) -> Call[v1.Decision]:
    asked = Asked.of(request)

    def accept(answer: v1.DecideHostResponse, place: Place) -> v1.Decision:
        return asked.accept(answer.decision if answer.HasField("decision") else None, place)

    return Call(DECISIONS, "DecideHost", request, accept)


def batch_decide_hosts(request: v1.BatchDecideHostsRequest) -> Call[BatchDecisions]:
    instant = instant_of(request.evaluate_time) if request.HasField("evaluate_time") else None
    asked = [
        (item.correlation_id, Asked(item.facts.host_id, acted(item.action), instant, request.require_snapshot_id))
        for item in request.items
    ]

    def accept(answer: v1.BatchDecideHostsResponse, place: Place) -> BatchDecisions:
        # An answer that is missing, superfluous or out of order makes all of them doubtful.
        if len(answer.results) != len(asked):
            raise MalformedError(f"the batch has {len(asked)} items and {len(answer.results)} answers", place)
        require(answer, "snapshot", place)
        require(answer, "evaluate_time", place)
        items = []
        for (correlation_id, question), result in zip(asked, answer.results, strict=True):
            if result.correlation_id != correlation_id:
                raise MalformedError(f"no item waits for the answer `{result.correlation_id}`", place)
            items.append(item_decision(question, result, place))
        return BatchDecisions(tuple(items), answer.snapshot, answer.evaluate_time)

    return Call(DECISIONS, "BatchDecideHosts", request, accept)


def item_decision(asked: Asked, result: v1.DecideResult, place: Place) -> ItemDecision:
    """Makes an item's answer out of what the server sent for it."""
    try:
        decision = asked.accept_item(result, place.item(result.correlation_id))
    except CallError as error:
        return ItemDecision(result.correlation_id, error, None)
    return ItemDecision(result.correlation_id, None, decision)


def decide_inventory(request: v1.DecideInventoryRequest) -> Call[InventoryDecisions]:
    instant = instant_of(request.evaluate_time) if request.HasField("evaluate_time") else None
    asked = Asked("", acted(request.action), instant, request.require_snapshot_id)

    def accept(answer: v1.DecideInventoryResponse, place: Place) -> InventoryDecisions:
        if not answer.results:
            raise MalformedError("the answer lacks `results`", place)
        require(answer, "snapshot", place)
        require(answer, "evaluate_time", place)
        hosts = tuple(_host_decision(asked, result, place) for result in answer.results)
        return InventoryDecisions(answer.format, hosts, answer.snapshot, answer.evaluate_time)

    return Call(DECISIONS, "DecideInventory", request, accept)


def _host_decision(asked: Asked, result: v1.InventoryResult, place: Place) -> HostDecision:
    decision: v1.Decision | None = None
    failure: CallError | None = None
    try:
        decision = asked.about(result.host_id).accept_item(result, place)
    except CallError as error:
        failure = error
    remarks = tuple(result.remarks)
    return HostDecision(result.host_id, result.record_count, result.software_count, remarks, failure, decision)


def explain_decision(request: v1.ExplainDecisionRequest) -> Call[v1.ExplainDecisionResponse]:
    asked = Asked.of(request)

    def accept(answer: v1.ExplainDecisionResponse, place: Place) -> v1.ExplainDecisionResponse:
        asked.accept(answer.decision if answer.HasField("decision") else None, place)
        return answer

    return Call(DECISIONS, "ExplainDecision", request, accept)


def compute_decision_timeline(
    request: v1.ComputeDecisionTimelineRequest,
) -> Call[v1.ComputeDecisionTimelineResponse]:
    asked = Asked(request.facts.host_id, acted(request.action), None, request.require_snapshot_id)

    def accept(answer: v1.ComputeDecisionTimelineResponse, place: Place) -> v1.ComputeDecisionTimelineResponse:
        if not answer.segments:
            raise MalformedError("the answer lacks `segments`", place)
        reached: tuple[int, int] | None = None
        if request.HasField("start_time"):
            reached = instant_of(request.start_time)
        for segment in answer.segments:
            require(segment, "start_time", place)
            require(segment, "end_time", place)
            start = instant_of(segment.start_time)
            if reached is not None and start != reached:
                raise MalformedError("the timeline has a gap or an overlap", place)
            reached = instant_of(segment.end_time)
            asked.at(start).accept(segment.decision if segment.HasField("decision") else None, place)
        end = answer.truncate_time if answer.HasField("truncate_time") else request.end_time
        if reached != instant_of(end):
            # What comes after it would look as if nothing changed.
            raise MalformedError("the timeline ends before the instant that was asked for", place)
        return answer

    return Call(DECISIONS, "ComputeDecisionTimeline", request, accept)


def _decided(decision: v1.Decision | None, error: CallError | None) -> v1.Decision:
    if error is not None:
        raise error
    if decision is None:
        raise AssertionError("an answer has a decision or an error")
    return decision
