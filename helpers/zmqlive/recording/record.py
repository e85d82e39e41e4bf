"""What the builder of a trace and the feed of a view ask of a recorder: they know it by this alone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ..trace import Mark, RoleEvent
from .store import Store


class Record(Protocol):
    """A record that may still be written to. `began` and `stopped` are in ns, `stopped` is 0 until the stage's stop."""

    title: str
    began: int
    stopped: int
    store: Store
    lock: AbstractContextManager[Any]       # held while the store is read
    links: Sequence[tuple[str, str, str]]
    roles: Sequence[RoleEvent]
    marks: Sequence[Mark]

    @property
    def closed(self) -> bool: ...
    def collect(self) -> None: ...
    def seconds(self) -> float: ...
    def actions(self) -> list[dict[str, Any]]: ...
