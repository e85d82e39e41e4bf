"""Sockets that write down what they do, the store of what they wrote, and the trace that is built of it."""

from __future__ import annotations

from . import everywhere, hooks, names
from .aio import AsyncContext
from .build import build, unexplained
from .fates import DRAINED, DRAINED_VIA, asking
from .log import Log, Switch, now
from .monitors import Monitors
from .noted import closes_itself, is_recorded
from .packed import START
from .packed.native import way
from .remote import Harbour, Ship, ShippedLog
from .sockets import Context, WrongThread, owner_of
from .store import Kept, Record, Store, collect_until_closed

__all__ = [
    "DRAINED", "DRAINED_VIA", "START", "AsyncContext", "Context", "Harbour", "Kept", "Log", "Monitors", "Record",
    "Ship", "ShippedLog", "Store", "Switch", "WrongThread", "asking", "build", "closes_itself", "collect_until_closed",
    "everywhere", "hooks", "is_recorded", "names", "now", "owner_of", "unexplained", "way",
]
