"""The client for asyncio: the names of `embargo_client`, with calls that are awaited.

`from embargo_client.aio import Client, Gate, DecisionCache`. What is not about waiting, such as `CallError` and `v1`, stands in
`embargo_client` for both.
"""

from .cache import DecisionCache
from .client import Client
from .gate import Gate
from .streams import DecisionStream
from .watch import SnapshotWatch

__all__ = ["Client", "DecisionCache", "DecisionStream", "Gate", "SnapshotWatch"]
