"""Admission that fails closed: a permit on an explicit ALLOW or WARN, and a reason for everything else.

Invariant: `Passed` is made in one place, `admit`, from a decision that was checked against its question.
"""

from __future__ import annotations

from enum import Enum
from typing import NoReturn, Protocol

from . import v1
from .answer import Asked
from .errors import CallError, Place


class ClosedReason(str, Enum):
    """Why a gate is closed."""

    #: An instrument in force forbids it.
    DENIED = "denied"
    #: A person must decide.
    REVIEW = "review"
    #: A policy could not be evaluated, or software could not be read, so that a denial cannot be ruled out.
    INDETERMINATE = "indeterminate"
    #: There is no decision, for whatever reason.
    NO_DECISION = "no_decision"

    def __str__(self) -> str:
        return self.value


class Passed:
    """The permit: a server decided ALLOW or WARN on exactly what was asked. It is true; `Closed` is false."""

    __slots__ = ("_decision",)

    def __init__(self, decision: v1.Decision, _by: object = None) -> None:
        if _by is not _ADMITTED:
            raise TypeError("only a gate makes permits")
        self._decision = decision

    @property
    def decision(self) -> v1.Decision:
        """The decision that opened the gate."""
        return self._decision

    @property
    def has_warnings(self) -> bool:
        """Whether the decision is WARN, so that its findings are worth showing."""
        return self._decision.effect == v1.EFFECT_WARN

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"Passed({v1.Effect.Name(self._decision.effect)})"


class Closed:
    """The action must not go ahead."""

    __slots__ = ("_decision", "_error", "_reason")

    def __init__(self, reason: ClosedReason, decision: v1.Decision | None, error: Exception | None) -> None:
        self._reason = reason
        self._decision = decision
        self._error = error

    @property
    def reason(self) -> ClosedReason:
        """Why."""
        return self._reason

    @property
    def decision(self) -> v1.Decision | None:
        """The decision that closed the gate. None exactly where the reason is NO_DECISION."""
        return self._decision

    @property
    def error(self) -> Exception | None:
        """Why there is no decision: a `CallError`, unless something else went wrong on this side."""
        return self._error

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        if self._decision is None:
            # Of an error that is not ours only the kind is said: its text may hold facts.
            error = self._error if isinstance(self._error, CallError) else type(self._error).__name__
            return f"{self._reason}: {error}"
        # Findings name software, which is the host's. What is said is the rule.
        if self._decision.findings:
            return f"{self._reason} by {self._decision.findings[0].instrument_id}"
        if self._decision.failures:
            return f"{self._reason}: policy `{self._decision.failures[0].policy_id}` failed"
        return str(self._reason)

    def __repr__(self) -> str:
        return f"Closed({self})"


#: What a gate says. There is no third state.
GateOutcome = Passed | Closed


class GateClosed(Exception):
    """Raised by `Gate.require` unless the gate is open."""

    def __init__(self, closed: Closed) -> None:
        super().__init__(str(closed))
        #: Why, with the decision if there is one.
        self.closed = closed

    @property
    def reason(self) -> ClosedReason:
        """Why."""
        return self.closed.reason


class Decider(Protocol):
    """What a gate asks: a `Client` or a `DecisionCache`."""

    def decide_host(self, request: v1.DecideHostRequest, *, deadline: float | None = None) -> v1.Decision: ...


class Gate:
    """Lets an action through only if a server says so in time."""

    def __init__(self, decider: Decider, *, deadline: float | None = None) -> None:
        self._decider = decider
        self._deadline = deadline

    def check(self, request: v1.DecideHostRequest) -> GateOutcome:
        """Whether an action may go ahead. Takes no longer than the gate's deadline, and raises nothing."""
        asked = Asked.of(request)
        try:
            return admit(asked, self._decider.decide_host(request, deadline=self._deadline))
        except Exception as error:
            return closed_by(error)

    def require(self, request: v1.DecideHostRequest) -> Passed:
        """The permit. Raises `GateClosed` if there is none."""
        outcome = self.check(request)
        if isinstance(outcome, Passed):
            return outcome
        stop(outcome)


_ADMITTED = object()

_CLOSED_BY = {
    v1.EFFECT_DENY: ClosedReason.DENIED,
    v1.EFFECT_REVIEW: ClosedReason.REVIEW,
    v1.EFFECT_INDETERMINATE: ClosedReason.INDETERMINATE,
}


def admit(asked: Asked, decision: v1.Decision) -> GateOutcome:
    """The only maker of permits. It holds the decision against the question once more, whoever brought it."""
    decision = asked.accept(decision, Place("DecideHost", "the gate"))
    if decision.effect in (v1.EFFECT_ALLOW, v1.EFFECT_WARN):
        return Passed(decision, _ADMITTED)
    return Closed(_CLOSED_BY[decision.effect], decision, None)


def closed_by(error: Exception) -> Closed:
    """A gate that is closed for want of a decision."""
    return Closed(ClosedReason.NO_DECISION, None, error)


def stop(outcome: Closed) -> NoReturn:
    """Raises what closed a gate."""
    raise GateClosed(outcome) from outcome.error
