"""A lab for ZeroMQ: plain pyzmq code, recorded and shown while it runs.

    from zmqlive import Stage, record, show

* `record()` records any pyzmq program, `Stage` runs roles in the background; both give a `Trace`.
* `watch()` records programs that run elsewhere, and `python -m zmqlive run` runs them.
* `show(stage)` shows it live, `figures` draws from a trace, `Link` puts weather between two sockets, `Disk` gives a log
  file a power switch.
* `way()` says how sockets are recorded here, by an extension in C or in Python, and why.

The parts are loaded when they are first asked for, so that a process that only needs sockets loads no widgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .later import later

if TYPE_CHECKING:
    from . import figures
    from .net import Disk, Link
    from .programs import watch
    from .recorder import Recorder, record
    from .recording import AsyncContext, Context, way
    from .roles import RoleFailed, StageError, StageTimeout, explain
    from .stage import Stage
    from .trace import Ledger, Message, Trace
    from .view import FlowView, show

_WHERE = {
    "AsyncContext": "recording", "Context": "recorder", "Disk": "net", "FlowView": "view", "Ledger": "trace",
    "Link": "net", "Message": "trace", "Recorder": "recorder", "RoleFailed": "roles", "Stage": "stage",
    "StageError": "roles", "StageTimeout": "roles", "Trace": "trace", "explain": "roles", "figures": "figures",
    "record": "recorder", "show": "view", "watch": "programs", "way": "recording"}

__all__ = ["AsyncContext", "Context", "Disk", "FlowView", "Ledger", "Link", "Message", "Recorder", "RoleFailed",
           "Stage", "StageError", "StageTimeout", "Trace", "explain", "figures", "record", "show", "watch", "way"]

__getattr__ = later(__name__, _WHERE)


def __dir__() -> list[str]:
    return __all__
