"""How a program stands at this moment: which thread waits in which call of which socket, and since when.

`zmqlive dump PID` puts a file into the folder; the program's recording thread finds it and writes the answer beside it.
The program is not stopped for that, and no signal is sent. (A thread that keeps Python's lock all the time, within a
library of its own, keeps the answer back too.)
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

import zmq

from ..recording import now
from .logs import SpooledLog

_CALLS = {"recv": "recv", "recv_into": "recv_into", "send": "send", "send_blocked": "send", "send_special": "send"}
_LAB = f"{Path(__file__).parents[1]}{os.sep}"
_OURS = "zmqlive-"      # how the lab's threads are called


def question(folder: Path, pid: int) -> Path:
    """The file that asks process `pid`; the answer has the same name and `.answer` after it."""
    return folder / f"ask-{pid}"


def answer(folder: Path, logs: Iterable[SpooledLog]) -> None:
    """Answer, if there is a question."""
    ask = question(folder, os.getpid())
    if not ask.exists():
        return
    with contextlib.suppress(OSError):
        ask.unlink()
        new = ask.with_name(ask.name + ".new")
        new.write_text(standing(list(logs)), encoding="utf-8")
        new.rename(ask.with_name(ask.name + ".answer"))


def standing(logs: list[SpooledLog]) -> str:
    """The threads, then the sockets that are open or that linger."""
    frames, t = sys._current_frames(), now()
    lines = []
    for thread in threading.enumerate():
        frame = frames.get(thread.ident or 0)
        if frame is not None and not thread.name.startswith(_OURS):
            lines += [f"thread {thread.name}: {_doing(frame, t)}", f"    at {_place(frame)}"]
    lines += [line for log in logs if (line := _socket(log, t))]
    return "\n".join(lines) + "\n"


def _doing(frame: FrameType | None, t: int) -> str:
    """What a thread does, by the innermost call that the lab knows."""
    while frame is not None:
        name, me = frame.f_code.co_name, frame.f_locals.get("self")
        if name == "poll" and isinstance(me, zmq.Poller):       # pyzmq's own: ours may be none of Python's
            asked = [log for s, _ in me.sockets if (log := getattr(s, "_log", None)) is not None]
            since = max((log.asked for log in asked), default=0)
            return f"in poll of {', '.join(map(_called, asked)) or 'sockets'}{_since(since, t)}"
        if frame.f_code.co_filename.startswith(_LAB):
            if name in _CALLS and isinstance(me, zmq.Socket):
                log = getattr(me, "_log", None)
                return f"in {_CALLS[name]} of {_called(log)}{_since(_began(log, name), t)}"
            if name == "_term":
                return "in term of its context, which waits for the sockets below"
        frame = frame.f_back
    return "in no call of ZeroMQ"


def _began(log: Any, call: str) -> int:
    return 0 if log is None else log.blocked if call.startswith("send") else log.asked


def _called(log: Any) -> str:
    return "a socket" if log is None else f"the {log.type} that has {_where(log)}"


def _where(log: SpooledLog) -> str:
    return ", ".join(f"{how} {endpoint}" + (f" ({state})" if state else "")
                     for endpoint, (how, state) in log.where.items()) or "neither bound nor connected"


def _since(began: int, t: int) -> str:
    return f", since {(t - began) / 1e9:.1f} s" if began else ""


def _place(frame: FrameType) -> str:
    """The innermost line of the program's own."""
    at: FrameType | None = frame
    while at is not None and any(part in at.f_code.co_filename for part in (_LAB, f"{os.sep}zmq{os.sep}")):
        at = at.f_back
    at = at or frame
    return f"{at.f_code.co_filename}:{at.f_lineno} in {at.f_code.co_name}"


def _socket(log: SpooledLog, t: int) -> str:
    told = f"sent {log.sent}, received {log.received}"
    if not log.closed:
        return f"open: the {log.type} that has {_where(log)}; {told}"
    if log.linger == 0 or log.ended_context:
        return ""
    lasts = "for ever" if log.linger < 0 else f"{log.linger} ms"
    return f"closed, and lingers {lasts}: the {log.type} that had {_where(log)}; {told}"
