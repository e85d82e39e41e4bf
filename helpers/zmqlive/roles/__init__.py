"""One role, in a thread or in a process of its own: how it begins, sleeps, lingers, fails and ends.

The parts are loaded when they are first asked for: the process of a role does without half of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..later import later

if TYPE_CHECKING:
    from . import interrupts
    from .authenticators import end_those_of
    from .cell import Cell, on_interrupt, this_cell
    from .ending import end_stage, protect, terminate
    from .errors import RoleFailed, StageError, StageTimeout, explain
    from .interpreter import Understudy
    from .linger import Lingering
    from .process import RoleProcess
    from .role import Role
    from .thread import RoleThread, current, note_owner

_WHERE = {
    "Cell": "cell", "Lingering": "linger", "Role": "role", "RoleFailed": "errors", "RoleProcess": "process",
    "RoleThread": "thread", "StageError": "errors", "StageTimeout": "errors", "Understudy": "interpreter",
    "current": "thread", "end_stage": "ending", "end_those_of": "authenticators", "explain": "errors",
    "interrupts": "interrupts", "note_owner": "thread", "on_interrupt": "cell", "protect": "ending",
    "terminate": "ending", "this_cell": "cell"}

__all__ = [
    "Cell", "Lingering", "Role", "RoleFailed", "RoleProcess", "RoleThread", "StageError", "StageTimeout", "Understudy",
    "current", "end_stage", "end_those_of", "explain", "interrupts", "note_owner", "on_interrupt", "protect",
    "terminate", "this_cell",
]

__getattr__ = later(__name__, _WHERE)
