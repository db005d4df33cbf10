"""What is going on when a client is closed, or a caller gives up, ends at once and with an error that says so."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import pytest
from fake import Fake, Hang, facts, question, state

from embargo_client import CallError, Client, TransportError, aio, v1

ITEM = v1.StreamDecideHostsRequest(correlation_id="a", facts=facts(), action=v1.ACTION_INSTALL)


def test_a_client_that_was_closed_calls_nobody(fake: Fake, client: Any) -> None:
    client.close()
    with pytest.raises(TransportError, match="the client is closed"):
        client.decide_host(question())
    assert list(client.watch_snapshot()) == []
    assert fake.calls("DecideHost") == 0


def test_a_call_ends_with_its_client(fake: Fake, client: Any) -> None:
    fake.set("DecideHost", Hang())
    failures: list[BaseException] = []

    def call() -> None:
        try:
            client.decide_host(question())
        except BaseException as error:
            failures.append(error)

    waiting = threading.Thread(target=call)
    waiting.start()
    fake.wait_for_calls("DecideHost", 1)
    client.close()
    waiting.join(10)
    (failure,) = failures
    assert isinstance(failure, TransportError)
    assert failure.code is grpc.StatusCode.CANCELLED


def test_a_stream_and_a_watch_end_with_their_client(fake: Fake, client: Any) -> None:
    fake.set("StreamDecideHosts", Hang())
    fake.set("WatchSnapshot", [state(), Hang()])
    stream, watch = client.stream_decide_hosts([ITEM]), client.watch_snapshot()
    next(watch)
    client.close()
    with pytest.raises(CallError):
        next(stream)
    assert list(watch) == []


async def given_up(fake: Fake, method: str, wait: Callable[[aio.Client], Awaitable[Any]]) -> None:
    async with aio.Client(fake.endpoint) as client:
        waiting = asyncio.ensure_future(wait(client))
        await asyncio.to_thread(fake.wait_for_calls, method, 1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


def test_a_cancelled_task_stays_cancelled_whatever_it_waits_for(fake: Fake) -> None:
    waits: dict[str, Callable[[aio.Client], Awaitable[Any]]] = {
        "DecideHost": lambda client: aio.Gate(client).check(question()),
        "StreamDecideHosts": lambda client: client.stream_decide_hosts([ITEM]).__anext__(),
        "WatchSnapshot": lambda client: client.watch_snapshot().__anext__(),
    }
    for method, wait in waits.items():
        fake.set(method, Hang())
        asyncio.run(given_up(fake, method, wait))


def test_a_process_ends_though_nothing_was_closed(fake: Fake) -> None:
    fake.set("WatchSnapshot", [state(), Hang()])
    fake.set("StreamDecideHosts", Hang())
    program = f"""
from embargo_client import Client, DecisionCache, v1
client = Client({fake.endpoint!r})
cache = DecisionCache(client)
assert cache.wait_until_connected(10)
stream = client.stream_decide_hosts([v1.StreamDecideHostsRequest(correlation_id="a")])
print("done")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")


def test_closing_twice_is_closing(client: Any) -> None:
    with Client("http://127.0.0.1:1") as waiting:
        waiting.close()
    client.close()
    client.close()
