"""StreamDecideHosts: every item has an answer or is an error."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from conftest import Library
from fake import Fail, Fake, Hang, decision, draining, facts, info

from embargo_client import CallError, DeadlineError, MalformedError, NoDecisionError, StatusError, UnsentError, v1


def item(correlation_id: str) -> v1.StreamDecideHostsRequest:
    return v1.StreamDecideHostsRequest(correlation_id=correlation_id, facts=facts(), action=v1.ACTION_INSTALL)


def decided(correlation_id: str, effect: int = v1.EFFECT_ALLOW, **more: Any) -> v1.StreamDecideHostsResponse:
    result = v1.DecideResult(correlation_id=correlation_id, decision=decision(effect, **more))
    return v1.StreamDecideHostsResponse(result=result)


def after_all_items(*events: Any) -> Any:
    """Answers once all items have come."""

    def play(items: Iterator[Any], _: Any) -> Iterator[Any]:
        list(items)
        yield from events

    return play


def collected(stream: Any) -> tuple[list[Any], BaseException | None]:
    """The answers, and the error that ended them."""
    answers: list[Any] = []
    try:
        for answer in stream:
            answers.append(answer)
    except CallError as error:
        return answers, error
    return answers, None


def test_answers_are_paired_with_their_items_in_any_order(fake: Fake, client: Any) -> None:
    failed = Fail(grpc.StatusCode.INVALID_ARGUMENT, "no", info("FACTS_INVALID")).packed()
    refused = v1.StreamDecideHostsResponse(result=v1.DecideResult(correlation_id="c", error=failed))
    nothing = v1.StreamDecideHostsResponse(result=v1.DecideResult(correlation_id="d"))
    other = decided("a", host_id="host-2")
    fake.set("StreamDecideHosts", after_all_items(decided("b", v1.EFFECT_DENY), other, refused, nothing))
    answers, error = collected(client.stream_decide_hosts([item("a"), item("b"), item("c"), item("d")]))
    assert error is None
    by_id = {answer.correlation_id: answer for answer in answers}
    assert [answer.correlation_id for answer in answers] == ["b", "a", "c", "d"]
    assert by_id["b"].decision.effect == v1.EFFECT_DENY
    assert isinstance(by_id["a"].error, NoDecisionError)
    assert (by_id["c"].error.reason, by_id["c"].error.place.correlation_id) == ("FACTS_INVALID", "c")
    for failure in (by_id["a"], by_id["c"], by_id["d"]):
        with pytest.raises(CallError):
            failure.decision  # noqa: B018


def test_answers_arrive_while_items_are_still_sent(fake: Fake, client: Any) -> None:
    first_answered = threading.Event()

    def items() -> Iterator[v1.StreamDecideHostsRequest]:
        yield item("a")
        assert first_answered.wait(10)
        yield item("b")

    def play(asked: Iterator[Any], _: Any) -> Iterator[Any]:
        for each in asked:
            yield decided(each.correlation_id)

    fake.set("StreamDecideHosts", play)
    # A second thread, since a generator that waits would hold an event loop up.
    stream = client.stream_decide_hosts(items() if not hasattr(client, "inner") else [item("a"), item("b")])
    assert next(stream).correlation_id == "a"
    first_answered.set()
    assert next(stream).correlation_id == "b"
    assert list(stream) == []


@pytest.mark.parametrize(
    ("events", "answered", "says"),
    [
        ([decided("a"), decided("a"), decided("b")], 1, "no item waits for the answer `a`"),
        ([decided("z")], 0, "no item waits for the answer `z`"),
        ([decided("a")], 1, "the stream ended with 1 items unanswered"),
        ([], 0, "the stream ended with 2 items unanswered"),
        ([decided("a"), v1.StreamDecideHostsResponse()], 1, "the answer lacks `result`"),
    ],
)
def test_answers_that_do_not_pair_with_items_end_the_stream(
    fake: Fake, client: Any, events: list[Any], answered: int, says: str
) -> None:
    fake.set("StreamDecideHosts", after_all_items(*events))
    answers, error = collected(client.stream_decide_hosts([item("a"), item("b")]))
    assert len(answers) == answered
    assert isinstance(error, MalformedError)
    assert says in str(error)


def test_a_status_ends_the_stream_after_the_answers_before_it(fake: Fake, client: Any) -> None:
    fake.set("StreamDecideHosts", after_all_items(decided("a"), draining()))
    stream = client.stream_decide_hosts([item("a"), item("b")])
    answers, error = collected(stream)
    assert [answer.correlation_id for answer in answers] == ["a"]
    assert isinstance(error, StatusError)
    assert error.retryable
    assert stream.unanswered == ["b"], "so that the caller may send them elsewhere"
    assert list(stream) == [], "nothing follows the end"


def test_a_server_that_leaves_items_unanswered_is_late(fake: Fake, client: Any) -> None:
    fake.set("StreamDecideHosts", after_all_items(decided("a"), Hang()))
    stream = client.stream_decide_hosts([item("a"), item("b")], deadline=2.0)
    assert next(stream).correlation_id == "a"
    start = time.monotonic()
    with pytest.raises(DeadlineError):
        next(stream)
    assert time.monotonic() - start < 10


def test_a_server_that_does_not_end_the_stream_is_late(fake: Fake, client: Any) -> None:
    fake.set("StreamDecideHosts", after_all_items(decided("a"), Hang()))
    stream = client.stream_decide_hosts([item("a")], deadline=2.0)
    assert next(stream).correlation_id == "a"
    with pytest.raises(DeadlineError):
        next(stream)


def test_no_time_at_all_opens_no_stream(fake: Fake, client: Any) -> None:
    with pytest.raises(DeadlineError):
        next(client.stream_decide_hosts([item("a")], deadline=0))
    assert fake.calls("StreamDecideHosts") == 0


def test_an_id_that_waits_for_its_answer_is_not_sent_again(fake: Fake, client: Any) -> None:
    fake.set("StreamDecideHosts", after_all_items())
    _, error = collected(client.stream_decide_hosts([item("a"), item("a")]))
    assert isinstance(error, UnsentError)
    assert error.place.correlation_id == "a"


def test_what_the_callers_own_items_fail_with_is_raised_as_it_is(fake: Fake, client: Any) -> None:
    def items() -> Iterator[v1.StreamDecideHostsRequest]:
        yield item("a")
        raise ZeroDivisionError

    fake.set("StreamDecideHosts", after_all_items())
    with pytest.raises(ZeroDivisionError):
        list(client.stream_decide_hosts(items()))


def test_a_stream_that_is_given_up_is_cancelled_at_the_server(fake: Fake, client: Any) -> None:
    left = threading.Event()

    def play(items: Iterator[Any], context: Any) -> Iterator[Any]:
        context.add_callback(left.set)
        yield decided(next(items).correlation_id)
        left.wait(10)

    fake.set("StreamDecideHosts", play)
    stream = client.stream_decide_hosts([item("a"), item("b")])
    next(stream)
    stream.close()
    assert left.wait(10)


def test_a_long_stream_is_answered_whole(fake: Fake, client: Any) -> None:
    def play(items: Iterator[Any], _: Any) -> Iterator[Any]:
        for each in items:
            yield decided(each.correlation_id)

    fake.set("StreamDecideHosts", play)
    count = 2000
    answers, error = collected(client.stream_decide_hosts(item(str(number)) for number in range(count)))
    assert error is None
    assert {answer.correlation_id for answer in answers} == {str(number) for number in range(count)}
    assert len(answers) == count


def test_the_next_stream_begins_at_another_server_after_one_that_was_unavailable(library: Library, fakes: Any) -> None:
    first, second = fakes(), fakes()
    first.set("StreamDecideHosts", draining())
    second.set("StreamDecideHosts", after_all_items(decided("a")))
    client = library.client(first.endpoint, second.endpoint)
    _, error = collected(client.stream_decide_hosts([item("a")]))
    assert isinstance(error, StatusError)
    answers, error = collected(client.stream_decide_hosts([item("a")]))
    assert (len(answers), error) == (1, None)
