"""Sockets that write down what they do, the store of what they wrote, and the trace that is built of it."""

from __future__ import annotations

from . import hooks
from .aio import AsyncContext, recorded_async
from .build import DRAINED, DRAINED_VIA, build
from .log import Log, Switch, last, now
from .record import Record
from .remote import Harbour, Ship, ShippedLog
from .sockets import Context, WrongThread, owner_of, recorded
from .store import Kept, Store

__all__ = [
    "DRAINED", "DRAINED_VIA", "AsyncContext", "Context", "Harbour", "Kept", "Log", "Record", "Ship", "ShippedLog",
    "Store", "Switch", "WrongThread", "build", "hooks", "last", "now", "owner_of", "recorded", "recorded_async",
]
