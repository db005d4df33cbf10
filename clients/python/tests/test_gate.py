"""The gate fails closed: of everything that a server or a network can do, an explicit ALLOW or WARN on exactly what was asked alone
opens it."""

from __future__ import annotations

import socket
import time
from typing import Any

import grpc
import pytest
from conftest import Library
from fake import HOST, Fail, Fake, Hang, answer, at, decision, facts, question, unavailable

from embargo_client import CallError, Closed, ClosedReason, DeadlineError, GateClosed, NoDecisionError, Passed, TransportError, v1


@pytest.fixture
def gate(library: Library, client: Any) -> Any:
    return library.gate(client, deadline=5.0)


def test_of_all_effects_only_allow_and_warn_open_it(fake: Fake, gate: Any) -> None:
    closed = {
        v1.EFFECT_DENY: ClosedReason.DENIED,
        v1.EFFECT_REVIEW: ClosedReason.REVIEW,
        v1.EFFECT_INDETERMINATE: ClosedReason.INDETERMINATE,
    }
    opened = []
    for effect in [*range(-1, 17), 99, -(2**31), 2**31 - 1]:
        fake.set("DecideHost", answer(effect))
        outcome = gate.check(question())
        if isinstance(outcome, Passed):
            assert outcome
            assert outcome.decision == decision(effect)
            opened.append(effect)
        else:
            assert not outcome
            assert outcome.reason == closed.get(effect, ClosedReason.NO_DECISION)
    assert opened == [v1.EFFECT_ALLOW, v1.EFFECT_WARN]


def test_every_status_closes_it(fake: Fake, gate: Any) -> None:
    for code in grpc.StatusCode:
        if code is grpc.StatusCode.OK:
            continue
        fake.set("DecideHost", Fail(code))
        outcome = gate.check(question())
        assert (outcome.reason, outcome.error.code) == (ClosedReason.NO_DECISION, code)


@pytest.mark.parametrize(
    "given",
    [
        {"host_id": "host-2"},
        {"host_id": ""},
        {"action": v1.ACTION_PRESENCE},
        {"action": v1.ACTION_UNSPECIFIED},
        {"snapshot_id": "bb"},
        {"snapshot_id": ""},
        {"evaluate_time": at(2)},
        {"evaluate_time": at(1, 1)},
        {"evaluate_time": None},
    ],
)
def test_a_decision_on_anything_else_than_was_asked_closes_it(fake: Fake, gate: Any, given: dict[str, Any]) -> None:
    asked = question(evaluate_time=at(1), require_snapshot_id="aa")
    fake.set("DecideHost", answer())
    assert gate.check(asked), "otherwise the rest proves nothing"
    fake.set("DecideHost", answer(**given))
    outcome = gate.check(asked)
    assert outcome.reason == ClosedReason.NO_DECISION
    assert isinstance(outcome.error, NoDecisionError)


def test_an_answer_without_a_decision_closes_it(fake: Fake, gate: Any) -> None:
    fake.set("DecideHost", v1.DecideHostResponse())
    assert isinstance(gate.check(question()).error, NoDecisionError)


def test_a_question_about_no_host_closes_it(fake: Fake, gate: Any) -> None:
    fake.set("DecideHost", answer(host_id=""))
    assert not gate.check(v1.DecideHostRequest(action=v1.ACTION_INSTALL))


def test_an_action_that_is_not_named_is_presence(fake: Fake, gate: Any) -> None:
    fake.set("DecideHost", answer(action=v1.ACTION_PRESENCE))
    assert gate.check(v1.DecideHostRequest(facts=facts()))


def test_a_server_that_hangs_closes_it_at_its_own_deadline(library: Library, fake: Fake, client: Any) -> None:
    fake.set("DecideHost", Hang())
    start = time.monotonic()
    outcome = library.gate(client, deadline=0.1).check(question())
    assert isinstance(outcome.error, DeadlineError)
    assert 0.1 <= time.monotonic() - start < 5


def test_a_peer_that_accepts_and_says_nothing_closes_it(library: Library) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = library.client(f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert isinstance(library.gate(client, deadline=0.2).check(question()).error, DeadlineError)


def test_a_server_that_cannot_be_reached_closes_it(library: Library) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    gate = library.gate(library.client(f"http://127.0.0.1:{port}"))
    assert isinstance(gate.check(question()).error, TransportError)


def test_no_time_at_all_closes_it(library: Library, fake: Fake, client: Any) -> None:
    fake.set("DecideHost", answer())
    assert isinstance(library.gate(client, deadline=0.0).check(question()).error, DeadlineError)
    assert fake.calls("DecideHost") == 0


def test_a_client_that_was_closed_closes_it(fake: Fake, client: Any, gate: Any) -> None:
    fake.set("DecideHost", answer())
    client.close()
    assert gate.check(question()).reason == ClosedReason.NO_DECISION


def test_an_allow_after_a_retry_opens_it(fake: Fake, gate: Any) -> None:
    fake.set("DecideHost", unavailable(), answer(v1.EFFECT_WARN))
    assert gate.require(question()).has_warnings


def test_what_is_required_is_raised_when_it_is_closed(fake: Fake, gate: Any) -> None:
    fake.set("DecideHost", answer(v1.EFFECT_DENY))
    with pytest.raises(GateClosed) as denied:
        gate.require(question())
    assert denied.value.reason == ClosedReason.DENIED
    assert denied.value.closed.decision == decision(v1.EFFECT_DENY)
    fake.set("DecideHost", Fail(grpc.StatusCode.INTERNAL))
    with pytest.raises(GateClosed) as failed:
        gate.require(question())
    assert isinstance(failed.value.__cause__, CallError)


def test_nobody_else_makes_permits() -> None:
    with pytest.raises(TypeError):
        Passed(decision())


def test_what_a_closed_gate_says_names_the_rule_and_nothing_of_the_host(fake: Fake, gate: Any) -> None:
    finding = v1.Finding(instrument_id="example-ban", message="Secret Editor is forbidden", effect=v1.EFFECT_DENY)
    fake.set("DecideHost", answer(v1.EFFECT_DENY, findings=[finding]))
    closed = gate.check(question())
    assert str(closed) == "denied by example-ban"
    failure = v1.PolicyFailure(policy_id="restrictions.example")
    fake.set("DecideHost", answer(v1.EFFECT_INDETERMINATE, failures=[failure]))
    assert str(gate.check(question())) == "indeterminate: policy `restrictions.example` failed"
    fake.set("DecideHost", answer(v1.EFFECT_ALLOW))
    for shown in (closed, gate.check(question()), Closed(ClosedReason.NO_DECISION, None, KeyError("Secret"))):
        assert "Secret" not in f"{shown!r} {shown}"
        assert HOST not in f"{shown!r} {shown}"
