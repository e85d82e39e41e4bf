"""Which notebook cell is running, and how a thread prints into it. Outside a notebook nothing happens.

IPython is never imported here, only asked when it is already there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cell:
    """The cell that runs now. `key` is the same each time it runs, `execution` is not; both may be ""."""

    key: str = ""
    execution: str = ""
    parent: Any = None

    def adopt(self) -> None:
        """Prints of the calling thread go to this cell, not to whichever ran last (ipykernel 7 and later)."""
        if not self.parent:
            return
        try:
            set_parent = getattr(_shell(), "set_thread_parent", None)
            if set_parent is not None:  # ipykernel 7.4
                set_parent(self.parent)
                return
            for stream in (sys.stdout, sys.stderr):
                own = getattr(stream, "_parent_header", None)
                if isinstance(own, ContextVar):  # which each thread has for itself
                    own.set(self.parent["header"])
        except Exception:  # a kernel that does it differently: the print lands in the newest cell
            return


def this_cell() -> Cell:
    """The cell that is being run; an empty one outside a notebook."""
    get_parent = getattr(_shell(), "get_parent", None)
    try:
        parent = get_parent() if get_parent is not None else None
        execution = str(parent["header"]["msg_id"]) if parent else ""
    except Exception:  # not ipykernel
        return Cell()
    if not parent:
        return Cell()
    # JupyterLab and VS Code say which cell; other programs do not, and then the same code is the same cell.
    key = (parent.get("metadata") or {}).get("cellId") or (parent.get("content") or {}).get("code") or ""
    return Cell(str(key), execution, parent)


def on_interrupt(callback: Callable[[], None]) -> None:
    """Calls `callback` whenever a cell ends by KeyboardInterrupt."""
    events = getattr(_shell(), "events", None)
    if events is None:
        return

    def finished(result: Any) -> None:
        if isinstance(getattr(result, "error_in_exec", None), KeyboardInterrupt):
            callback()

    try:
        events.register("post_run_cell", finished)
    except Exception:
        return


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    get = getattr(ipython, "get_ipython", None)
    return get() if get is not None else None
