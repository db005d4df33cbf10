"""A server whose every answer is scripted, and which notes how it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2, status_pb2

from embargo_client import v1
from embargo_client._generated.embargo.v1 import decision_service_pb2_grpc, policy_service_pb2_grpc

HOST = "host-1"

_MANY_STREAMS = 24


class Fail:
    """A status to answer with."""

    def __init__(self, code: grpc.StatusCode, message: str = "no", *details: Message) -> None:
        self.code = code
        self.message = message
        self.details = details

    def packed(self) -> status_pb2.Status:
        status = status_pb2.Status(code=self.code.value[0], message=self.message)
        for detail in self.details:
            packed = AnyMessage()
            packed.Pack(detail)
            status.details.append(packed)
        return status

    def abort(self, context: Any) -> None:
        if self.details:
            context.set_trailing_metadata((("grpc-status-details-bin", self.packed().SerializeToString()),))
        context.abort(self.code, self.message)


class Hang:
    """No answer until the caller leaves."""


Step = Any  # A message or a list of them, `Fail`, `Hang`, or a function of the request and the context.


class Fake:
    """A running server. Each method does the steps of its script, the last one again and again."""

    def __init__(self, credentials: grpc.ServerCredentials | None = None) -> None:
        self._scripts: dict[str, list[Step]] = {}
        self._lock = threading.Condition()
        self.asked: dict[str, list[Any]] = {}
        self.metadata: list[dict[str, Any]] = []
        self.remaining: list[float | None] = []
        self._leaving = threading.Event()
        options = [("grpc.max_receive_message_length", 17 << 20), ("grpc.max_send_message_length", 17 << 20)]
        self._server = grpc.server(ThreadPoolExecutor(_MANY_STREAMS), options=[*options, ("grpc.so_reuseport", 0)])
        decision_service_pb2_grpc.add_DecisionServiceServicer_to_server(self, self._server)
        policy_service_pb2_grpc.add_PolicyServiceServicer_to_server(self, self._server)
        if credentials is None:
            self.port = self._server.add_insecure_port("127.0.0.1:0")
        else:
            self.port = self._server.add_secure_port("127.0.0.1:0", credentials)
        self._server.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def set(self, method: str, *steps: Step) -> None:
        with self._lock:
            self._scripts[method] = list(steps)

    def calls(self, method: str) -> int:
        return len(self.asked.get(method, []))

    def wait_for_calls(self, method: str, count: int) -> None:
        with self._lock:
            if not self._lock.wait_for(lambda: self.calls(method) >= count, 10):
                raise AssertionError(f"{method} was called {self.calls(method)} times, not {count}")

    def stop(self) -> None:
        self._leaving.set()
        self._server.stop(None).wait()

    def __getattr__(self, method: str) -> Callable[[Any, Any], Any]:
        if not method[:1].isupper():
            raise AttributeError(method)
        streamed = method in ("StreamDecideHosts", "WatchSnapshot", "RunPolicyTests")
        return (lambda request, context: self._events(method, request, context)) if streamed else self._unary(method)

    def _unary(self, method: str) -> Callable[[Any, Any], Any]:
        def answer(request: Any, context: Any) -> Any:
            step = self._step(method, request, context)
            if isinstance(step, Hang):
                self._hang(context)
            return step

        return answer

    def _events(self, method: str, request: Any, context: Any) -> Iterator[Any]:
        if method == "StreamDecideHosts":
            request = self._noted(method, request)
        step = self._step(method, request, context)
        for event in [step] if isinstance(step, Hang) else step:
            if isinstance(event, Fail):
                event.abort(context)
            elif isinstance(event, Hang):
                self._hang(context)
            else:
                yield event

    def _noted(self, method: str, requests: Iterator[Any]) -> Iterator[Any]:
        for request in requests:
            with self._lock:
                self.asked.setdefault(f"{method}.items", []).append(request)
                self._lock.notify_all()
            yield request

    def _step(self, method: str, request: Any, context: Any) -> Any:
        with self._lock:
            self.asked.setdefault(method, []).append(request)
            self.metadata.append(dict(context.invocation_metadata()))
            self.remaining.append(context.time_remaining())
            steps = self._scripts.get(method, [])
            step = steps.pop(0) if len(steps) > 1 else steps[0] if steps else None
            self._lock.notify_all()
        if step is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, "the script is empty")
        if callable(step):
            return step(request, context)
        if isinstance(step, Fail):
            step.abort(context)
        return step

    def _hang(self, context: Any) -> None:
        left = threading.Event()
        if context.add_callback(left.set):
            while not left.wait(0.02) and not self._leaving.is_set():
                pass


def facts(host_id: str = HOST) -> v1.HostFacts:
    return v1.HostFacts(host_id=host_id, software=[v1.Software(name="Secret Editor")])


def question(**more: Any) -> v1.DecideHostRequest:
    return v1.DecideHostRequest(facts=facts(), action=v1.ACTION_INSTALL, **more)


def decision(effect: int = v1.EFFECT_ALLOW, **more: Any) -> v1.Decision:
    given: dict[str, Any] = {"host_id": HOST, "action": v1.ACTION_INSTALL, "snapshot_id": "aa", "evaluate_time": at(1)}
    return v1.Decision(effect=effect, **{**given, **more})  # type: ignore[arg-type]


def answer(effect: int = v1.EFFECT_ALLOW, **more: Any) -> v1.DecideHostResponse:
    return v1.DecideHostResponse(decision=decision(effect, **more))


def state(snapshot_id: str = "aa", generation: int = 1) -> v1.WatchSnapshotResponse:
    ref = v1.SnapshotRef(snapshot_id=snapshot_id, generation=generation)
    return v1.WatchSnapshotResponse(active=v1.Snapshot(ref=ref))


def at(seconds: int, nanos: int = 0) -> Timestamp:
    return Timestamp(seconds=seconds, nanos=nanos)


def info(reason: str, domain: str = "embargo.v1", **metadata: str) -> Any:
    return error_details_pb2.ErrorInfo(reason=reason, domain=domain, metadata=metadata)


def retry_after(seconds: float) -> Any:
    delay = Duration(seconds=int(seconds), nanos=int(seconds % 1 * 1e9))
    return error_details_pb2.RetryInfo(retry_delay=delay)


def bad_request(**fields: str) -> Any:
    violation = error_details_pb2.BadRequest.FieldViolation
    named = [violation(field=field.replace("__", "."), description=text) for field, text in fields.items()]
    return error_details_pb2.BadRequest(field_violations=named)


def overloaded(seconds: float | None) -> Fail:
    delay = [] if seconds is None else [retry_after(seconds)]
    return Fail(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy", info("OVERLOADED", limit="queue"), *delay)


def draining() -> Fail:
    return Fail(grpc.StatusCode.UNAVAILABLE, "draining", info("DRAINING"))


def unavailable(message: str = "starting") -> Fail:
    return Fail(grpc.StatusCode.UNAVAILABLE, message)
