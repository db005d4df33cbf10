"""The cache of decisions reuses an answer only while it holds, and only while a watch says that its snapshot is active."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from conftest import Library
from fake import HOST, Fail, Fake, Hang, answer, at, decision, draining, facts, question, state

from embargo_client import CallError, ConfigurationError, StatusError, decision_is_current, v1
from embargo_client.keeping import KeptDecisions, key_of

SECOND = 1_000_000_000


class Wall:
    """The time of day, as tests set it."""

    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> int:
        return int(self.now * SECOND)


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def cache(library: Library, fake: Fake, client: Any, wall: Wall) -> Iterator[Any]:
    fake.set("WatchSnapshot", [state("aa"), Hang()])
    fake.set("DecideHost", answer(next_change_time=at(10)))
    cache = library.cache(client, max_entries=2, clock=wall)
    assert cache.wait_until_connected(10)
    yield cache
    cache.close()


def test_the_same_question_is_answered_from_memory(fake: Fake, cache: Any) -> None:
    first, second = cache.decide_host(question()), cache.decide_host(question())
    assert first == second == decision(next_change_time=at(10))
    assert (cache.hits, cache.misses, fake.calls("DecideHost"), len(cache)) == (1, 1, 1, 1)


def test_an_answer_holds_from_its_instant_until_its_next_change(fake: Fake, cache: Any, wall: Wall) -> None:
    cache.decide_host(question())
    for now, hits in [(0.999, 0), (1.0, 1), (9.999, 2), (10.0, 2)]:
        wall.now = now
        cache.decide_host(question())
        assert cache.hits == hits, now


@pytest.mark.parametrize(
    "other",
    [
        v1.DecideHostRequest(facts=facts("host-2"), action=v1.ACTION_INSTALL),
        v1.DecideHostRequest(facts=v1.HostFacts(host_id=HOST), action=v1.ACTION_INSTALL),
        v1.DecideHostRequest(facts=facts(), action=v1.ACTION_USE),
        question(evaluate_time=at(5)),
        question(require_snapshot_id="bb"),
    ],
)
def test_another_question_goes_to_the_server(fake: Fake, cache: Any, other: v1.DecideHostRequest) -> None:
    cache.decide_host(question())
    fake.set("DecideHost", draining())
    with pytest.raises(CallError):
        cache.decide_host(other)
    assert cache.hits == 0


def test_a_snapshot_that_is_required_and_active_is_no_other_question(cache: Any) -> None:
    cache.decide_host(question())
    assert cache.decide_host(question(require_snapshot_id="aa")).snapshot_id == "aa"
    assert cache.hits == 1


@pytest.mark.parametrize(
    "given",
    [
        answer(v1.EFFECT_INDETERMINATE),
        answer(v1.EFFECT_DENY, failures=[v1.PolicyFailure(policy_id="p")]),
        answer(evaluate_time=None),
        answer(snapshot_id="bb"),
    ],
)
def test_an_answer_that_may_differ_next_time_is_not_reused(fake: Fake, cache: Any, given: v1.DecideHostResponse) -> None:
    fake.set("DecideHost", given)
    cache.decide_host(question())
    cache.decide_host(question())
    assert (cache.hits, fake.calls("DecideHost")) == (0, 2)


def test_errors_are_not_kept(fake: Fake, cache: Any) -> None:
    fake.set("DecideHost", Fail(grpc.StatusCode.NOT_FOUND), answer())
    with pytest.raises(StatusError):
        cache.decide_host(question())
    assert cache.decide_host(question()).effect == v1.EFFECT_ALLOW


def test_a_bounded_number_is_kept_and_those_not_asked_for_longest_go(fake: Fake, cache: Any) -> None:
    def echo(request: v1.DecideHostRequest, _: Any) -> Any:
        return answer(host_id=request.facts.host_id)

    fake.set("DecideHost", echo)

    def ask(host_id: str) -> None:
        cache.decide_host(v1.DecideHostRequest(facts=facts(host_id), action=v1.ACTION_INSTALL))

    for host_id in ("a", "b", "a", "c", "a", "b"):
        ask(host_id)
    assert (len(cache), cache.hits, cache.misses) == (2, 2, 4)


def test_what_callers_do_to_an_answer_does_not_reach_the_next_one(cache: Any) -> None:
    for _ in range(3):
        given = cache.decide_host(question())
        assert given.effect == v1.EFFECT_ALLOW
        given.effect = v1.EFFECT_DENY


def test_nothing_is_reused_once_another_snapshot_is_active(library: Library, fake: Fake, client: Any, wall: Wall) -> None:
    turn = threading.Event()

    def play(_: Any, context: Any) -> Iterator[Any]:
        yield state("aa")
        turn.wait(10)
        yield state("bb", 2)
        context.add_callback(turn.clear)
        while turn.is_set():
            turn.wait(0.01)

    fake.set("WatchSnapshot", play)
    fake.set("DecideHost", answer())
    cache = library.cache(client, clock=wall)
    assert cache.wait_until_connected(10)
    cache.decide_host(question())
    cache.decide_host(question())
    assert cache.hits == 1
    turn.set()
    fake.set("DecideHost", answer(snapshot_id="bb"))
    while cache.decide_host(question()).snapshot_id != "bb":
        pass
    hits = cache.hits
    cache.decide_host(question())
    assert cache.hits == hits + 1, "the new snapshot's answers are reused"
    cache.close()


def test_nothing_is_reused_while_the_watch_is_not_connected(library: Library, fakes: Callable[..., Fake], wall: Wall) -> None:
    watched, judge = fakes(), fakes()
    for fake in (watched, judge):
        fake.set("DecideHost", answer())
    watched.set("WatchSnapshot", [state("aa"), Hang()])
    judge.set("WatchSnapshot", [Hang()])
    cache = library.cache(library.client(watched.endpoint, judge.endpoint), clock=wall)
    assert cache.wait_until_connected(10)
    cache.decide_host(question())
    cache.decide_host(question())
    assert cache.hits == 1
    watched.stop()
    judge.wait_for_calls("WatchSnapshot", 1)
    assert not cache.connected
    assert cache.watch_error is not None
    cache.decide_host(question())
    assert (cache.hits, judge.calls("DecideHost")) == (1, 1)
    cache.close()


def test_a_watch_that_the_server_refuses_leaves_a_cache_that_always_asks(library: Library, fake: Fake, client: Any) -> None:
    fake.set("DecideHost", answer())
    fake.set("WatchSnapshot", [Fail(grpc.StatusCode.PERMISSION_DENIED)])
    cache = library.cache(client)
    fake.wait_for_calls("WatchSnapshot", 1)
    assert not cache.wait_until_connected(0.05)
    cache.decide_host(question())
    cache.decide_host(question())
    assert (cache.hits, cache.misses) == (0, 2)
    assert cache.watch_error.code is grpc.StatusCode.PERMISSION_DENIED
    cache.close()


def test_a_cache_that_was_closed_always_asks(fake: Fake, cache: Any) -> None:
    cache.decide_host(question())
    cache.close()
    cache.decide_host(question())
    assert cache.hits == 0


def test_a_gate_may_ask_a_cache(library: Library, fake: Fake, cache: Any) -> None:
    gate = library.gate(cache)
    assert gate.check(question())
    assert gate.check(question())
    assert (cache.hits, fake.calls("DecideHost")) == (1, 1)


def test_facts_are_not_kept() -> None:
    key = key_of(question())
    assert key is not None
    assert HOST.encode() not in key
    assert len(key) == 32


def test_equal_attributes_are_identical_facts_in_any_order() -> None:
    one, other = question(), question()
    for key in ("a", "b", "c"):
        one.facts.attributes[key] = key
    for key in ("c", "b", "a"):
        other.facts.attributes[key] = key
    assert key_of(one) == key_of(other)
    other.facts.attributes["d"] = "d"
    assert key_of(one) != key_of(other)


def test_no_action_and_presence_are_the_same_question() -> None:
    assert key_of(v1.DecideHostRequest(facts=facts())) == key_of(v1.DecideHostRequest(facts=facts(), action=v1.ACTION_PRESENCE))


def test_what_is_no_decision_never_holds() -> None:
    for no_decision in (decision(evaluate_time=None), decision(0), decision(99)):
        assert not decision_is_current(no_decision, 5 * SECOND)
    assert decision_is_current(decision(), 5 * SECOND)


def test_a_cache_has_room_for_an_entry() -> None:
    with pytest.raises(ConfigurationError):
        KeptDecisions(0)
