"""The watch goes on across streams that break, and the cache reuses nothing while it does not hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from conftest import QUICK, Library
from fake import Fail, Fake, Hang, draining, overloaded, state, unavailable

from embargo_client import Client, DeadlineError, Place, StatusError, TransportError
from embargo_client.resumption import WATCH_SILENCE, Resumption
from embargo_client.servers import Ring


def test_a_watch_goes_on_after_its_stream_broke(fake: Fake, client: Any) -> None:
    fake.set("WatchSnapshot", unavailable(), [state("aa"), state("bb", 2), draining()], [state("cc")], [state("dd"), Hang()])
    with client.watch_snapshot() if not hasattr(client, "inner") else Closing(client.watch_snapshot()) as watch:
        told = [next(watch).active.ref.snapshot_id for _ in range(4)]
        assert watch.connected
    assert told == ["aa", "bb", "cc", "dd"]
    assert fake.calls("WatchSnapshot") == 4


class Closing:
    """A watch for asyncio in a `with` statement."""

    def __init__(self, watch: Any) -> None:
        self._watch = watch

    def __enter__(self) -> Any:
        return self._watch

    def __exit__(self, *_: object) -> None:
        self._watch.close()


def test_a_break_is_told_before_the_watch_goes_on(fake: Fake, client: Any) -> None:
    fake.set("WatchSnapshot", [state(), draining()], [state(), Hang()])
    watch = client.watch_snapshot()
    next(watch)
    failure = watch.next_event()
    assert isinstance(failure, StatusError)
    assert (failure.reason, watch.connected, watch.last_error) == ("DRAINING", False, failure)
    next(watch)
    assert watch.connected
    watch.close()
    assert not watch.connected


def test_a_watch_moves_to_another_server(library: Library, fakes: Callable[..., Fake]) -> None:
    first, second = fakes(), fakes()
    first.set("WatchSnapshot", [state("aa"), draining()])
    second.set("WatchSnapshot", [state("bb"), Hang()])
    watch = library.client(first.endpoint, second.endpoint).watch_snapshot()
    assert [next(watch).active.ref.snapshot_id for _ in range(2)] == ["aa", "bb"]
    watch.close()


def test_a_watch_survives_a_server_that_goes_away(library: Library, fakes: Callable[..., Fake]) -> None:
    first, second = fakes(), fakes()
    first.set("WatchSnapshot", [state("aa"), Hang()])
    second.set("WatchSnapshot", [state("bb"), Hang()])
    watch = library.client(first.endpoint, second.endpoint).watch_snapshot()
    next(watch)
    first.stop()
    assert next(watch).active.ref.snapshot_id == "bb"
    watch.close()


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNIMPLEMENTED])
def test_a_watch_ends_with_what_asking_again_does_not_help_against(fake: Fake, client: Any, code: grpc.StatusCode) -> None:
    fake.set("WatchSnapshot", [Fail(code)])
    with pytest.raises(StatusError) as raised:
        next(client.watch_snapshot())
    assert raised.value.code is code
    assert fake.calls("WatchSnapshot") == 1


def test_a_server_that_accepts_the_watch_and_says_nothing_is_left(library: Library, fakes: Callable[..., Fake]) -> None:
    first, second = fakes(), fakes()
    first.set("WatchSnapshot", Hang())
    second.set("WatchSnapshot", [state("bb"), Hang()])
    watch = library.client(first.endpoint, second.endpoint).watch_snapshot(deadline=0.2)
    assert isinstance(watch.next_event(), DeadlineError)
    assert next(watch).active.ref.snapshot_id == "bb"
    watch.close()


def test_a_watch_may_be_silent_for_longer_once_it_has_told_its_state() -> None:
    resumption = Resumption(QUICK, Ring(["a", "b"]), 10.0)
    assert resumption.patience == 10.0
    resumption.heard()
    assert resumption.patience == WATCH_SILENCE > 2 * 30
    resumption.broke(TransportError("gone", Place("WatchSnapshot", "a")))
    assert (resumption.patience, resumption.place.endpoint) == (10.0, "b")


def test_a_server_that_has_too_many_watches_is_asked_again_after_the_delay_that_it_names(fake: Fake, client: Any) -> None:
    fake.set("WatchSnapshot", [overloaded(0.2)], [state(), Hang()])
    start = time.monotonic()
    watch = client.watch_snapshot()
    next(watch)
    assert time.monotonic() - start >= 0.2
    watch.close()


def test_closing_a_watch_ends_a_wait_for_its_next_state(fake: Fake) -> None:
    fake.set("WatchSnapshot", [state(), Hang()])
    with Client(fake.endpoint) as client:
        watch = client.watch_snapshot()
        next(watch)
        ended: list[Any] = []
        waiting = threading.Thread(target=lambda: ended.append(watch.next_event()))
        waiting.start()
        watch.close()
        waiting.join(10)
        assert ended == [None]


def test_a_watch_that_is_closed_leaves_the_server(fake: Fake, client: Any) -> None:
    left = threading.Event()

    def play(_: Any, context: Any) -> Iterator[Any]:
        context.add_callback(left.set)
        yield state()
        left.wait(10)

    fake.set("WatchSnapshot", play)
    watch = client.watch_snapshot()
    next(watch)
    watch.close()
    assert left.wait(10)
    assert list(watch) == []
