"""The client for asyncio: a coroutine for each method of the API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from types import TracebackType
from typing import Any, TypeVar, cast
from weakref import WeakSet

import grpc

from .. import decisions, policies, v1
from .._generated.embargo.v1 import decision_service_pb2_grpc, policy_service_pb2_grpc
from ..call import DECISIONS, POLICIES, Call
from ..decisions import BatchDecisions, InventoryDecisions
from ..endpoint import Setup, Tls
from ..errors import CallError, TransportError
from ..policies import PolicyTestReport
from ..resumption import Resumption
from ..retry import DEFAULT_DEADLINE, Attempt, Attempts, RetryPolicy, checked_deadline
from ..servers import Ring
from ..status import Failed, from_rpc
from .streams import DecisionStream, Items
from .watch import SnapshotWatch

R = TypeVar("R")


class Client:
    """Connections to an Embargo server, or to several that are equals. Belongs to one loop.

    The first call connects. Every call has a deadline, which is sent to the server and enforced here, with all retries in it. Any
    `CallError` means that there is no answer; a denial is an answer.
    """

    def __init__(
        self,
        endpoints: str | Sequence[str],
        *,
        tls: Tls | None = None,
        token: str | None = None,
        allow_token_over_plain_text: bool = False,
        deadline: float = DEFAULT_DEADLINE,
        retry: RetryPolicy | None = None,
    ) -> None:
        """Sets up a client for `http://HOST:PORT` or `https://HOST:PORT`, or for several such servers of the same policies.

        Raises `ConfigurationError` for what does not hold together. Nothing is sent yet.
        """
        setup = Setup.check(endpoints, tls, token, allow_token_over_plain_text)
        self._deadline = checked_deadline(deadline)
        self._retry = retry or RetryPolicy()
        self._metadata = setup.metadata
        self._ring = Ring([endpoint.given for endpoint in setup.endpoints])
        self._channels: list[grpc.aio.Channel] = []
        for endpoint in setup.endpoints:
            options = setup.options(endpoint)
            if endpoint.secure:
                self._channels.append(grpc.aio.secure_channel(endpoint.target, setup.credentials(), options))
            else:
                self._channels.append(grpc.aio.insecure_channel(endpoint.target, options))
        self._closed = False
        # Not every release of gRPC ends these with their channel.
        self._streams: WeakSet[Any] = WeakSet()
        self._stubs: list[dict[str, Any]] = [
            {
                DECISIONS: decision_service_pb2_grpc.DecisionServiceStub(channel),
                POLICIES: policy_service_pb2_grpc.PolicyServiceStub(channel),
            }
            for channel in self._channels
        ]

    async def decide_host(self, request: v1.DecideHostRequest, *, deadline: float | None = None) -> v1.Decision:
        """Judges one host and action."""
        return await self._run(decisions.decide_host(request), deadline)

    async def batch_decide_hosts(self, request: v1.BatchDecideHostsRequest, *, deadline: float | None = None) -> BatchDecisions:
        """Judges up to 1,000 hosts under one snapshot and at one instant. What concerns one item stands in its answer."""
        return await self._run(decisions.batch_decide_hosts(request), deadline)

    def stream_decide_hosts(self, items: Items, *, deadline: float | None = None) -> DecisionStream:
        """Judges hosts as they arrive.

        The deadline is how long an item may wait for its answer; the stream as a whole has none. It is opened once only, because
        the items are used up. Correlation ids are unique among the items without an answer.
        """

        def open_stream(sent: AsyncIterator[v1.StreamDecideHostsRequest]) -> Any:
            stub = self._stubs[self._ring.preferred][DECISIONS]
            return self._opened(stub.StreamDecideHosts(sent, metadata=self._metadata))

        return DecisionStream(open_stream, items, self._ring, self._limit(deadline))

    async def decide_inventory(self, request: v1.DecideInventoryRequest, *, deadline: float | None = None) -> InventoryDecisions:
        """Judges the hosts of which an inventory tells. What concerns one host stands in its answer."""
        return await self._run(decisions.decide_inventory(request), deadline)

    async def explain_decision(
        self, request: v1.ExplainDecisionRequest, *, deadline: float | None = None
    ) -> v1.ExplainDecisionResponse:
        """Judges one host and says why. The answer's `decision` is set."""
        return await self._run(decisions.explain_decision(request), deadline)

    async def compute_decision_timeline(
        self, request: v1.ComputeDecisionTimelineRequest, *, deadline: float | None = None
    ) -> v1.ComputeDecisionTimelineResponse:
        """Says how the decision changes while time passes. Fails as a whole if one segment has no decision."""
        return await self._run(decisions.compute_decision_timeline(request), deadline)

    async def get_snapshot(self, *, deadline: float | None = None) -> v1.GetSnapshotResponse:
        """Gets the active snapshot and how the last attempt to load the policy folder went. No snapshot is no error here."""
        return await self._run(policies.get_snapshot(), deadline)

    def watch_snapshot(self, *, deadline: float | None = None) -> SnapshotWatch:
        """Watches the active snapshot: its state at once and after every attempt to load the folder, across broken streams.

        The deadline is for the first state of each stream.
        """

        def open_stream(server: int) -> Any:
            stub = self._stubs[server][POLICIES]
            return self._opened(stub.WatchSnapshot(v1.WatchSnapshotRequest(), metadata=self._metadata))

        return SnapshotWatch(open_stream, Resumption(self._retry, self._ring, self._limit(deadline)))

    async def list_policies(
        self, page_size: int = 0, page_token: str = "", *, deadline: float | None = None
    ) -> v1.ListPoliciesResponse:
        """Lists one page of the policies of the active snapshot. PAGE_TOKEN_INVALID: the server reloaded since the page before."""
        return await self._run(policies.list_policies(page_size, page_token), deadline)

    async def list_all_policies(self, *, deadline: float | None = None) -> v1.ListPoliciesResponse:
        """Lists all policies of one snapshot. Begins anew if the server reloads meanwhile. The deadline bounds each page."""
        listing = policies.Listing()
        while True:
            try:
                page = await self._run(listing.next(), deadline)
            except CallError as failure:
                listing.failed(failure)
                continue
            whole = listing.took(page)
            if whole is not None:
                return whole

    async def get_policy(self, policy_id: str, *, deadline: float | None = None) -> v1.GetPolicyResponse:
        """Gets one policy of the active snapshot with its sources."""
        return await self._run(policies.get_policy(policy_id), deadline)

    async def identify_software(
        self, request: v1.IdentifySoftwareRequest, *, deadline: float | None = None
    ) -> v1.IdentifySoftwareResponse:
        """Says which products of the catalogue given software is."""
        return await self._run(policies.identify_software(request), deadline)

    async def validate_bundle(self, files: Iterable[v1.SourceFile], *, deadline: float | None = None) -> v1.ValidateBundleResponse:
        """Compiles a bundle as a reload would, without activating it. Faults of the bundle stand in the answer."""
        return await self._run(policies.validate_bundle(files), deadline)

    async def run_policy_tests(self, request: v1.RunPolicyTestsRequest, *, deadline: float | None = None) -> PolicyTestReport:
        """Runs the tests of a bundle, or of the active snapshot. Tests that fail are an answer; a run that breaks off is not."""
        return await self._run(policies.run_policy_tests(request), deadline)

    async def close(self) -> None:
        """Ends the connections, with whatever is going on."""
        self._closed = True
        for stream in list(self._streams):
            stream.cancel()
        for channel in self._channels:
            await channel.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    def _limit(self, deadline: float | None) -> float:
        return self._deadline if deadline is None else checked_deadline(deadline)

    def _opened(self, stream: Any) -> Any:
        self._streams.add(stream)
        return stream

    async def _run(self, call: Call[R], deadline: float | None) -> R:
        call.check_size(self._ring.endpoint(self._ring.preferred))
        attempts = Attempts(self._retry, self._limit(deadline), self._ring, call.method)
        while True:
            attempt = attempts.next()
            if self._closed:
                raise TransportError("the client is closed", attempt.place, grpc.StatusCode.CANCELLED)
            try:
                answer = await self._send(call, attempt)
            except grpc.RpcError as error:
                failure: CallError = from_rpc(cast(Failed, error), attempts.limit, attempt.place)
            except asyncio.CancelledError:
                # gRPC ends calls like this, too, when their client is closed. Otherwise it is the caller who gives up.
                if not self._closed:
                    raise
                failure = TransportError("the client is closed", attempt.place, grpc.StatusCode.CANCELLED)
            else:
                return call.answer(answer, attempt.place)
            await asyncio.sleep(attempts.failed(failure))

    async def _send(self, call: Call[R], attempt: Attempt) -> Any:
        method = getattr(self._stubs[attempt.server][call.service], call.method)
        answer = method(call.request, timeout=attempt.left, metadata=self._metadata)
        return [message async for message in answer] if call.gathered else await answer
