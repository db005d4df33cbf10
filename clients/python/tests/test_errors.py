"""What callers learn from failures that crossed a connection."""

from __future__ import annotations

import socket
import threading
from typing import Any

import grpc
import pytest
from conftest import Library
from fake import HOST, Fail, Fake, answer, bad_request, info, overloaded, question, unavailable

from embargo_client import (
    MAX_MESSAGE_BYTES,
    CallError,
    DeadlineError,
    FieldViolation,
    MalformedError,
    Reason,
    StatusError,
    TransportError,
    UnsentError,
    v1,
)
from embargo_client.errors import HINTS


def failure(fake: Fake, client: Any, step: Fail) -> CallError:
    fake.set("DecideHost", step)
    with pytest.raises(CallError) as raised:
        client.decide_host(question())
    return raised.value


def test_a_status_keeps_its_reason_metadata_and_fields(fake: Fake, client: Any) -> None:
    fields = bad_request(facts__host_id="is empty")
    step = Fail(grpc.StatusCode.INVALID_ARGUMENT, "the facts are invalid", info("FACTS_INVALID", a="b"), fields)
    error = failure(fake, client, step)
    assert isinstance(error, StatusError)
    assert (error.code, error.reason, error.metadata) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        Reason.FACTS_INVALID,
        {"a": "b"},
    )
    assert error.fields == (FieldViolation("facts.host_id", "is empty"),)
    assert not error.retryable
    assert str(error) == (
        "the facts are invalid: `facts.host_id` is empty (INVALID_ARGUMENT, FACTS_INVALID): "
        f"DecideHost at {fake.endpoint}; hint: correct the named fields"
    )
    assert fake.calls("DecideHost") == 1, "a request that is at fault is not sent again"


def test_the_remedy_that_the_server_knows_is_the_hint(fake: Fake, client: Any) -> None:
    said = "the active snapshot is `b`, and the caller requires `a`\n  hint: read GetSnapshot"
    error = failure(fake, client, Fail(grpc.StatusCode.FAILED_PRECONDITION, said, info("SNAPSHOT_MISMATCH")))
    assert str(error) == (
        "the active snapshot is `b`, and the caller requires `a` (FAILED_PRECONDITION, SNAPSHOT_MISMATCH): "
        f"DecideHost at {fake.endpoint}; hint: read GetSnapshot"
    )


def test_a_delay_that_the_server_asks_for_is_told(fake: Fake, client: Any) -> None:
    error = failure(fake, client, overloaded(3600.5))
    assert (error.retry_delay, error.metadata["limit"]) == (3600.5, "queue")
    assert fake.calls("DecideHost") == 1, "an hour is past the deadline"


def test_a_reason_that_is_not_known_stays_readable(fake: Fake, client: Any) -> None:
    error = failure(fake, client, Fail(grpc.StatusCode.ABORTED, "no", info("MOON_IN_THE_WRONG_PHASE")))
    assert error.reason == "MOON_IN_THE_WRONG_PHASE"
    assert "(ABORTED, MOON_IN_THE_WRONG_PHASE)" in str(error)


def test_the_reason_of_another_domain_is_none_of_ours(fake: Fake, client: Any) -> None:
    error = failure(fake, client, Fail(grpc.StatusCode.INTERNAL, "no", info("FACTS_INVALID", "proxy.example", a="b")))
    assert (error.reason, error.metadata) == (None, {})


def test_details_that_cannot_be_read_leave_the_code(fake: Fake, client: Any) -> None:
    def broken(_: Any, context: Any) -> None:
        context.set_trailing_metadata((("grpc-status-details-bin", b"\xff" * 9),))
        context.abort(grpc.StatusCode.INTERNAL, "no")

    fake.set("DecideHost", broken)
    with pytest.raises(StatusError) as raised:
        client.decide_host(question())
    assert (raised.value.code, raised.value.reason) == (grpc.StatusCode.INTERNAL, None)


def test_every_reason_of_the_api_is_known_and_has_a_hint() -> None:
    sent = {name.removeprefix("ERROR_REASON_") for name in dict(v1.ErrorReason.items())} - {"UNSPECIFIED"}
    assert {reason.value for reason in Reason} == sent
    assert set(HINTS) == set(Reason)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.UNAVAILABLE, TransportError),
        (grpc.StatusCode.CANCELLED, TransportError),
        (grpc.StatusCode.INTERNAL, TransportError),
        (grpc.StatusCode.DEADLINE_EXCEEDED, DeadlineError),
        (grpc.StatusCode.UNAUTHENTICATED, StatusError),
        (grpc.StatusCode.UNIMPLEMENTED, StatusError),
        (grpc.StatusCode.INVALID_ARGUMENT, StatusError),
    ],
)
def test_a_status_without_details_is_none_of_a_server_of_this_api(
    fake: Fake, client: Any, code: grpc.StatusCode, kind: type[CallError]
) -> None:
    error = failure(fake, client, Fail(code))
    assert (type(error), error.code, error.reason) == (kind, code, None)


def test_an_answer_that_cannot_be_read_is_an_error(library: Library, fakes: Any) -> None:
    fake = fakes()
    # On the wire it is a message of another schema: field 1 is no text but a number.
    fake.set("DecideHost", v1.SourceSpan(path="a", start_line=1))
    with pytest.raises(CallError) as raised:
        library.client(fake.endpoint).decide_host(question())
    assert raised.value.code is not grpc.StatusCode.OK


def test_a_server_that_is_not_there_is_a_failure_of_the_transport(library: Library) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransportError) as raised:
        library.client(f"http://127.0.0.1:{port}").decide_host(question())
    assert raised.value.code is grpc.StatusCode.UNAVAILABLE
    assert raised.value.retryable
    assert "Connection refused" in str(raised.value)


def test_a_connection_that_breaks_is_a_failure_of_the_transport(library: Library) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            while True:
                try:
                    listener.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        client = library.client(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(TransportError):
            client.decide_host(question())
        listener.shutdown(socket.SHUT_RDWR)


def test_a_request_that_no_server_would_take_is_not_sent(fake: Fake, client: Any) -> None:
    file = v1.SourceFile(path="a", content=bytes(MAX_MESSAGE_BYTES))
    with pytest.raises(UnsentError) as raised:
        client.validate_bundle([file])
    assert raised.value.code is grpc.StatusCode.OUT_OF_RANGE
    assert fake.calls("ValidateBundle") == 0


def test_an_answer_above_the_default_of_the_transport_arrives(fake: Fake, client: Any) -> None:
    whole = v1.ValidateBundleResponse(snapshot_id="a" * (12 << 20))
    fake.set("ValidateBundle", whole)
    assert client.validate_bundle([v1.SourceFile(path="a", content=bytes(12 << 20))]) == whole


def test_an_answer_above_the_limit_is_an_error(fake: Fake, client: Any) -> None:
    fake.set("ValidateBundle", v1.ValidateBundleResponse(snapshot_id="a" * (16 << 20)))
    with pytest.raises(CallError):
        client.validate_bundle([])


def test_a_policy_that_is_missing_from_its_answer_is_an_error(fake: Fake, client: Any) -> None:
    fake.set("GetPolicy", v1.GetPolicyResponse())
    with pytest.raises(MalformedError, match="the answer lacks `policy`"):
        client.get_policy("p")


def test_no_error_shows_facts(fake: Fake, client: Any) -> None:
    steps = [unavailable(), answer(host_id="host-2"), v1.DecideHostResponse(), Fail(grpc.StatusCode.INTERNAL)]
    for step in steps:
        fake.set("DecideHost", step)
        with pytest.raises(CallError) as raised:
            client.decide_host(question())
        for shown in (str(raised.value), repr(raised.value)):
            assert HOST not in shown
            assert "host-2" not in shown
            assert "Secret" not in shown
