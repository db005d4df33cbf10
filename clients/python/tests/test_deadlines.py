"""Deadlines and retries, over a connection and under a clock that stands still."""

from __future__ import annotations

import time
from typing import Any

import grpc
import pytest
from conftest import QUICK, Library
from fake import Fail, Fake, Hang, answer, draining, info, overloaded, question, unavailable

from embargo_client import CallError, ConfigurationError, DeadlineError, Place, RetryPolicy, StatusError, v1
from embargo_client.retry import MAX_DEADLINE, Attempts, checked_deadline
from embargo_client.servers import Ring


def test_a_call_that_hangs_ends_at_its_deadline(fake: Fake, client: Any) -> None:
    fake.set("DecideHost", Hang())
    start = time.monotonic()
    with pytest.raises(DeadlineError, match="no answer within 1 s"):
        client.decide_host(question(), deadline=1.0)
    assert 0.99 <= time.monotonic() - start < 8
    assert fake.calls("DecideHost") <= 1, "a deadline is not tried again"


def test_the_server_is_told_what_is_left_with_every_attempt(fake: Fake, client: Any) -> None:
    fake.set("DecideHost", overloaded(0.5), answer())
    client.decide_host(question())
    first, second = fake.remaining
    assert first is not None
    assert second is not None
    # gRPC rounds up when it tells the server, by about a hundredth.
    assert second < first - 0.3 < 10


def test_an_unavailable_server_is_tried_again_until_it_answers(fake: Fake, client: Any) -> None:
    fake.set("DecideHost", unavailable(), unavailable(), unavailable(), answer(v1.EFFECT_DENY))
    assert client.decide_host(question()).effect == v1.EFFECT_DENY
    assert fake.calls("DecideHost") == 4


def test_attempts_run_out(fake: Fake, client: Any) -> None:
    fake.set("DecideHost", draining())
    with pytest.raises(StatusError) as raised:
        client.decide_host(question())
    assert raised.value.code is grpc.StatusCode.UNAVAILABLE
    assert fake.calls("DecideHost") == 4


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
def test_of_all_statuses_only_unavailable_is_tried_again(fake: Fake, client: Any, code: grpc.StatusCode) -> None:
    fake.set("DecideHost", Fail(code), answer())
    if code is grpc.StatusCode.UNAVAILABLE:
        client.decide_host(question())
    else:
        with pytest.raises(CallError):
            client.decide_host(question())
    assert fake.calls("DecideHost") == (2 if code is grpc.StatusCode.UNAVAILABLE else 1)


def test_an_overloaded_server_is_asked_again_after_the_delay_that_it_names(fake: Fake, client: Any) -> None:
    fake.set("DecideHost", overloaded(0.2), answer())
    start = time.monotonic()
    client.decide_host(question())
    assert time.monotonic() - start >= 0.2


def test_an_overloaded_server_that_names_no_delay_is_not_asked_again(fake: Fake, client: Any) -> None:
    fake.set("DecideHost", overloaded(None), answer())
    with pytest.raises(StatusError):
        client.decide_host(question())
    assert fake.calls("DecideHost") == 1


def test_a_passed_deadline_that_the_server_tells_is_its_status(fake: Fake, client: Any) -> None:
    fake.set("DecideHost", Fail(grpc.StatusCode.DEADLINE_EXCEEDED, "late", info("DEADLINE_PASSED")))
    with pytest.raises(StatusError) as raised:
        client.decide_host(question())
    assert raised.value.reason == "DEADLINE_PASSED"


def test_a_cancellation_in_the_words_of_a_timeout_is_a_deadline(fake: Fake, client: Any) -> None:
    fake.set("DecideHost", Fail(grpc.StatusCode.CANCELLED, "Timeout expired"))
    with pytest.raises(DeadlineError):
        client.decide_host(question())


def test_a_deadline_has_bounds() -> None:
    assert checked_deadline(1e9) == MAX_DEADLINE
    assert checked_deadline(-1) == 0
    with pytest.raises(ConfigurationError):
        checked_deadline(float("nan"))


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


PLACE = Place("DecideHost", "a")


def test_neither_attempts_nor_pauses_go_past_the_deadline() -> None:
    clock = Clock()
    attempts = Attempts(RetryPolicy(max_attempts=1000), 5.0, Ring(["a"]), "DecideHost", clock)
    failure = StatusError(grpc.StatusCode.UNAVAILABLE, "no", PLACE, retry_delay=2.0)
    assert attempts.next().left == 5.0
    clock.now += attempts.failed(failure)
    assert attempts.next().left <= 3.0
    clock.now += 2.0
    with pytest.raises(StatusError):
        attempts.failed(failure)
    clock.now += 10
    with pytest.raises(DeadlineError):
        attempts.next()


def test_pauses_grow_to_their_bound_and_differ() -> None:
    policy = RetryPolicy(first_pause=0.05, longest_pause=1.0)
    pauses = [policy.pause(round) for round in range(1, 200)]
    assert all(0 <= pause <= 1.0 for pause in pauses)
    assert all(pause <= 0.05 for pause in (policy.pause(1) for _ in range(100)))
    assert len(set(pauses)) > 190


def test_the_next_server_is_asked_without_a_pause_as_long_as_there_is_one() -> None:
    attempts = Attempts(RetryPolicy(first_pause=1.0), 60.0, Ring(["a", "b", "c"]), "DecideHost", Clock())
    failure = StatusError(grpc.StatusCode.UNAVAILABLE, "no", PLACE, retry_delay=1.0)
    asked, pauses = [], []
    for _ in range(3):
        asked.append(attempts.next().place.endpoint)
        pauses.append(attempts.failed(failure))
    assert asked == ["a", "b", "c"]
    assert pauses[:2] == [0.0, 0.0]
    assert pauses[2] >= 1.0


def test_one_attempt_is_all_that_there_is_without_retries(library: Library, fake: Fake) -> None:
    fake.set("DecideHost", draining(), answer())
    with pytest.raises(StatusError):
        library.client(fake.endpoint, retry=RetryPolicy.none()).decide_host(question())
    assert QUICK.max_attempts == 4
