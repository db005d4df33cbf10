"""Decisions that were kept, and which of them still hold.

An answer holds for identical facts and action, while now is in [evaluate_time, next_change_time), and as long as the snapshot that
a watch last told is the one that judged. Invariant: while no watch is connected nothing is found. Facts themselves are not kept,
only a digest of them.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

from google.protobuf.timestamp_pb2 import Timestamp

from . import v1
from .answer import EFFECTS, acted
from .errors import ConfigurationError

#: How many decisions are kept unless another bound is set.
DEFAULT_ENTRIES = 10_000

_KEPT = EFFECTS - {v1.EFFECT_INDETERMINATE}


def decision_is_current(decision: v1.Decision, now_ns: int) -> bool:
    """Whether a decision holds at an instant, in nanoseconds since 1970, as far as time is concerned.

    A decision that states no instant or no effect that this release knows never holds, and neither does one from a server whose
    clock is ahead, until `now_ns` has caught up.
    """
    if decision.effect not in EFFECTS or not decision.HasField("evaluate_time"):
        return False
    ended = decision.HasField("next_change_time") and now_ns >= _nanoseconds(decision.next_change_time)
    return now_ns >= _nanoseconds(decision.evaluate_time) and not ended


class KeptDecisions:
    """A bounded number of decisions; those that were not asked for longest go first. For any number of threads."""

    def __init__(self, max_entries: int) -> None:
        if max_entries < 1:
            raise ConfigurationError("a cache needs room for an entry; hint: leave it out, or give at least 1")
        self._max_entries = max_entries
        self._entries: OrderedDict[bytes, v1.Decision] = OrderedDict()
        self._snapshot_id: str | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)

    @property
    def connected(self) -> bool:
        """Whether a watch says which snapshot is active."""
        return self._snapshot_id is not None

    def told(self, state: v1.WatchSnapshotResponse) -> None:
        """Takes in the state that the watch told last."""
        with self._lock:
            self._snapshot_id = state.active.ref.snapshot_id or None

    def lost(self) -> None:
        """Takes in that the watch is not connected."""
        with self._lock:
            self._snapshot_id = None

    def find(self, key: bytes, required_snapshot_id: str, now_ns: int) -> v1.Decision | None:
        """A copy of the decision that was kept, if it holds."""
        with self._lock:
            decision = self._entries.get(key)
            if decision is None or self._snapshot_id is None or decision.snapshot_id != self._snapshot_id:
                return None
            if required_snapshot_id not in ("", decision.snapshot_id) or not decision_is_current(decision, now_ns):
                return None
            self._entries.move_to_end(key)
            copy = v1.Decision()
            copy.CopyFrom(decision)
            return copy

    def keep(self, key: bytes, decision: v1.Decision) -> None:
        """Keeps a decision, unless it is one that may differ when asked for again."""
        # A policy that failed may have failed for want of time.
        if decision.effect not in _KEPT or decision.failures or not decision.HasField("evaluate_time"):
            return
        copy = v1.Decision()
        copy.CopyFrom(decision)
        with self._lock:
            self._entries[key] = copy
            self._entries.move_to_end(key)
            while len(self._entries) > self._max_entries:
                self._entries.popitem(last=False)


def key_of(request: v1.DecideHostRequest) -> bytes | None:
    """What identical questions have in common. None for a question that is not about now."""
    if request.HasField("evaluate_time") or not request.HasField("facts"):
        return None
    facts = request.facts.SerializeToString(deterministic=True)
    return hashlib.sha256(acted(request.action).to_bytes(4, "big", signed=True) + facts).digest()


def _nanoseconds(time: Timestamp) -> int:
    return time.seconds * 1_000_000_000 + time.nanos
