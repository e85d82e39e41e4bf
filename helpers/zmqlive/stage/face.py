"""What the buttons, the diagnosis and the keeper ask of a stage: they know it by this alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ..net import Link
from ..recorder import Recorder
from ..roles import Cell, Role


class AnyStage(Protocol):
    """A stage, as its parts see it."""

    cell: Cell
    links: list[Link]
    recorder: Recorder

    @property
    def running(self) -> bool: ...
    @property
    def roles(self) -> Sequence[Role]: ...
    @property
    def families(self) -> Sequence[str]: ...
    def sent(self, role: str = "") -> int: ...
    def grow(self, family: str) -> Any: ...
    def stop(self) -> None: ...
