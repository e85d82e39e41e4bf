"""What a running record tells: batches for a view, and where messages wait at this moment; loaded when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..later import later

if TYPE_CHECKING:
    from .feed import Feed
    from .snapshot import Queues

_WHERE = {"Feed": "feed", "Queues": "snapshot"}

__all__ = ["Feed", "Queues"]

__getattr__ = later(__name__, _WHERE)
