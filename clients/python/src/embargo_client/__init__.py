"""The Python client of Embargo: typed calls with a deadline and retries, typed errors, and a gate that fails closed.

`Client` and what belongs to it wait; `embargo_client.aio` has the same names for asyncio. `embargo_client.v1` has the messages.
"""

from . import v1
from .cache import DecisionCache
from .client import Client
from .decisions import BatchDecisions, HostDecision, InventoryDecisions, ItemDecision
from .endpoint import Tls
from .errors import (
    MAX_MESSAGE_BYTES,
    CallError,
    ConfigurationError,
    DeadlineError,
    FieldViolation,
    MalformedError,
    NoDecisionError,
    Place,
    Reason,
    StatusError,
    TransportError,
    UnsentError,
)
from .gate import Closed, ClosedReason, Gate, GateClosed, GateOutcome, Passed
from .keeping import decision_is_current
from .policies import PolicyTestReport
from .resumption import WATCH_SILENCE
from .retry import DEFAULT_DEADLINE, MAX_DEADLINE, RetryPolicy
from .streams import DecisionStream
from .watch import SnapshotWatch

__all__ = [
    "DEFAULT_DEADLINE",
    "MAX_DEADLINE",
    "MAX_MESSAGE_BYTES",
    "WATCH_SILENCE",
    "BatchDecisions",
    "CallError",
    "Client",
    "Closed",
    "ClosedReason",
    "ConfigurationError",
    "DeadlineError",
    "DecisionCache",
    "DecisionStream",
    "FieldViolation",
    "Gate",
    "GateClosed",
    "GateOutcome",
    "HostDecision",
    "InventoryDecisions",
    "ItemDecision",
    "MalformedError",
    "NoDecisionError",
    "Passed",
    "Place",
    "PolicyTestReport",
    "Reason",
    "RetryPolicy",
    "SnapshotWatch",
    "StatusError",
    "Tls",
    "TransportError",
    "UnsentError",
    "decision_is_current",
    "v1",
]
