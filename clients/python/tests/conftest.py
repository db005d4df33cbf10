"""What tests run against: a scripted server, and both clients of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from blocking import Blocking, Loop
from fake import Fake

import embargo_client
from embargo_client import RetryPolicy, aio

#: Retries that cost no time.
QUICK = RetryPolicy(first_pause=1e-5, longest_pause=1e-5)


class Library:
    """One of the two clients: its names, with functions that wait."""

    def __init__(self, loop: Loop | None) -> None:
        self._loop = loop
        self._clients: list[Any] = []

    def client(self, *endpoints: str, **settings: Any) -> Any:
        client = self._make("Client", list(endpoints), **{"retry": QUICK, **settings})
        self._clients.append(client)
        return client

    def gate(self, decider: Any, **settings: Any) -> Any:
        return self._make("Gate", getattr(decider, "inner", decider), **settings)

    def cache(self, client: Any, **settings: Any) -> Any:
        return self._make("DecisionCache", getattr(client, "inner", client), **settings)

    def stop(self) -> None:
        for client in self._clients:
            client.close()
        if self._loop is not None:
            self._loop.stop()

    def _make(self, name: str, *args: Any, **settings: Any) -> Any:
        if self._loop is None:
            return getattr(embargo_client, name)(*args, **settings)
        return Blocking(self._loop, self._loop.run(lambda: getattr(aio, name)(*args, **settings)))


@pytest.fixture(params=["waiting", "asyncio"])
def library(request: pytest.FixtureRequest) -> Iterator[Library]:
    library = Library(Loop() if request.param == "asyncio" else None)
    yield library
    library.stop()


@pytest.fixture
def fakes() -> Iterator[Callable[..., Fake]]:
    started: list[Fake] = []

    def start(*args: Any) -> Fake:
        started.append(Fake(*args))
        return started[-1]

    yield start
    for fake in started:
        fake.stop()


@pytest.fixture
def fake(fakes: Callable[..., Fake]) -> Fake:
    return fakes()


@pytest.fixture
def client(library: Library, fake: Fake) -> Any:
    return library.client(fake.endpoint)
