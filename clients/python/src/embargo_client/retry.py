"""When a call is made again, without the waiting itself.

Every method of the API is idempotent, so that what may be repeated turns on the failure alone. A call is repeated at the next
server, and without a pause as long as there is one that it has not asked. Invariant: neither attempts nor pauses go past the
deadline.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from .errors import CallError, ConfigurationError, DeadlineError, Place
from .servers import Ring

#: How many seconds a call may take with all its attempts, unless another deadline is set.
DEFAULT_DEADLINE = 10.0

#: The longest deadline: 24 h. Longer ones are shortened to it.
MAX_DEADLINE = 24 * 60 * 60.0


@dataclass(frozen=True)
class RetryPolicy:
    """How often a call is made and how long the pauses between are.

    A pause is random between nothing and a bound that doubles from `first_pause` to `longest_pause`, so that clients that failed
    together do not return together. A server's own retry delay is waited out first.
    """

    #: The most attempts, the first included.
    max_attempts: int = 4
    #: The bound of the pause after the first attempt, in seconds.
    first_pause: float = 0.05
    #: The most that the bound grows to, in seconds.
    longest_pause: float = 1.0

    @classmethod
    def none(cls) -> RetryPolicy:
        """One attempt only."""
        return cls(max_attempts=1)

    def pause(self, attempts: int) -> float:
        """A random pause after so many attempts."""
        # Beyond 2^30 the bound is reached by any first pause that makes sense.
        bound = min(self.first_pause * 2.0 ** min(attempts - 1, 30), self.longest_pause)
        return random.uniform(0.0, bound)


def checked_deadline(seconds: float) -> float:
    """A deadline within bounds. One that has passed already is allowed and lets no call through."""
    if math.isnan(seconds):
        raise ConfigurationError("the deadline is not a number; hint: give seconds, such as 10.0")
    return min(max(seconds, 0.0), MAX_DEADLINE)


@dataclass(frozen=True)
class Attempt:
    """One attempt at a call."""

    #: The number of the server to ask.
    server: int
    #: How many seconds are left.
    left: float
    place: Place


class Attempts:
    """The attempts at one call: which server comes next, how much time is left, and when to give up."""

    def __init__(
        self,
        policy: RetryPolicy,
        limit: float,
        ring: Ring,
        method: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._limit = limit
        self._ring = ring
        self._method = method
        self._clock = clock
        self._end = clock() + limit
        self._made = 0
        self._server = ring.preferred

    @property
    def limit(self) -> float:
        """How many seconds the call has in all."""
        return self._limit

    def next(self) -> Attempt:
        """The attempt to make now. Raises `DeadlineError` if no time is left."""
        self._made += 1
        place = Place(self._method, self._ring.endpoint(self._server))
        left = self._end - self._clock()
        if left <= 0:
            raise DeadlineError(self._limit, place)
        return Attempt(self._server, left, place)

    def failed(self, failure: CallError) -> float:
        """Takes in how the attempt failed. Returns the pause before the next one, or raises the failure if there is none."""
        self._ring.note(self._server, failure)
        if self._made >= self._policy.max_attempts or not failure.retryable:
            raise failure
        self._server = self._ring.after(self._server)
        rounds = self._made - (len(self._ring) - 1)
        if rounds <= 0:
            return 0.0
        pause = (failure.retry_delay or 0.0) + self._policy.pause(rounds)
        if self._clock() + pause >= self._end:
            # Waiting for an attempt that has no time left would only delay the bad news.
            raise failure
        return pause
