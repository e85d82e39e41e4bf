"""One role, in a thread or in a process of its own: how it begins, sleeps, lingers, fails and ends."""

from __future__ import annotations

from . import interrupts
from .cell import Cell, on_interrupt, this_cell
from .ending import end_stage, protect, terminate
from .errors import RoleFailed, StageError, StageTimeout, explain
from .linger import Lingering
from .process import RoleProcess
from .role import Role
from .thread import RoleThread, current, note_owner

__all__ = [
    "Cell", "Lingering", "Role", "RoleFailed", "RoleProcess", "RoleThread", "StageError", "StageTimeout", "current",
    "end_stage", "explain", "interrupts", "note_owner", "on_interrupt", "protect", "terminate", "this_cell",
]
