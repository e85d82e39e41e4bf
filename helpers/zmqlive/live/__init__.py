"""What a running record tells: batches for a view, and where messages wait at this moment."""

from __future__ import annotations

from .feed import Feed
from .snapshot import Queues

__all__ = ["Feed", "Queues"]
