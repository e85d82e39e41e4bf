"""What a running record tells: batches for a view, and where messages wait at this moment; loaded when asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .feed import Feed
    from .snapshot import Queues

_WHERE = {"Feed": "feed", "Queues": "snapshot"}

__all__ = ["Feed", "Queues"]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("." + _WHERE[name], __name__), name)
