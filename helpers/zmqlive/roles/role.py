"""What a stage knows of one role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .process import RoleProcess
    from .thread import RoleThread

GONE = ("ended", "failed", "killed", "stopped")


@dataclass(eq=False)
class Role:
    """A role of a stage, as `Stage.add` returns it.

    `state` is 'ready', 'running', 'frozen', 'ended', 'failed', 'killed' or 'stopped'; `text` is the sentence
    that goes with it, and `error` the exception that the role raised. `pid` is the process of a role with
    `process=True`, while it has one.
    """

    name: str
    function: Callable[..., Any] = field(repr=False)
    args: tuple[Any, ...] = field(default=(), repr=False)
    process: bool = False
    family: str = ""
    state: str = "ready"
    text: str = ""
    told: bool = field(default=False, repr=False)  # whether its failure has been shown to anybody
    error: BaseException | None = field(default=None, repr=False)
    run: RoleThread | RoleProcess | None = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        return self.run.pid if self.run is not None and self.run.alive else None

    @property
    def gone(self) -> bool:
        """Whether its function is over, however it ended."""
        return self.state in GONE
