"""Sockets that write down what they do, the store of what they wrote, and the trace that is built of it.

What a program needs that is recorded and nothing more is loaded at once, the rest when it is first asked for: asyncio,
and all that a trace is built with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..later import later
from . import everywhere, hooks, names
from .log import Log, Switch, now
from .monitors import Monitors
from .noted import closes_itself, is_recorded
from .packed import START, Entry, unwrap
from .packed.native import way
from .remote import Harbour, Ship, ShippedLog
from .sockets import Context, WrongThread, owner_of
from .store import Kept, Record, Store, collect_until_closed

if TYPE_CHECKING:
    from .aio import AsyncContext
    from .building import build, unexplained
    from .fates import DRAINED, DRAINED_VIA, asking

_LATER = {"AsyncContext": "aio", "DRAINED": "fates", "DRAINED_VIA": "fates", "asking": "fates", "build": "building",
          "unexplained": "building"}

__all__ = [
    "DRAINED", "DRAINED_VIA", "START", "AsyncContext", "Context", "Entry", "Harbour", "Kept", "Log", "Monitors",
    "Record", "Ship", "ShippedLog", "Store", "Switch", "WrongThread", "asking", "build", "closes_itself",
    "collect_until_closed", "everywhere", "hooks", "is_recorded", "names", "now", "owner_of", "unexplained", "unwrap",
    "way",
]

__getattr__ = later(__name__, _LATER)
