"""Which of the kernel's shells hears the browser."""

from __future__ import annotations

import contextlib
from typing import Any


def hear_while_busy(widget: Any) -> None:
    """Lets what the browser says to this widget be heard while a cell is busy, where the front end can.

    JupyterLab sends comm messages to a subshell of the kernel, which is free while the main shell runs a
    cell. But ipykernel 7 redirects them to the shell that last *sent* on the comm, and a widget made in a
    cell was opened by the main shell. There is no public call for this; forgetting the redirection lets the
    browser's choice stand. Elsewhere (other kernels, other versions) nothing happens, and messages wait for
    the cell as they always did.
    """
    comm = getattr(widget, "comm", None)
    with contextlib.suppress(AttributeError):
        del comm._reply_subshell_id
