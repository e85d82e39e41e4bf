"""What a learner's exception means, and where in their cell it arose."""

from __future__ import annotations

import asyncio
import linecache
import re
import sys
import traceback
from types import FrameType
from typing import Any

import zmq


def explain(error: BaseException) -> str:
    """One sentence on what this error means and what to do about it; "" where Python says it well itself."""
    called_wrongly = r"takes .* positional argument|missing \d+ required|unexpected keyword"
    if isinstance(error, TypeError) and re.search(called_wrongly, str(error)) and not where(error):
        return "The first line of a function says what it is called with: keep it as the stub has it."
    if isinstance(error, (zmq.ZMQError, zmq.ZMQBindError, TypeError)):
        from zmqlive.roles import explain as explain_zmq

        sentence = explain_zmq(error)
        return "" if sentence.startswith(type(error).__name__) else sentence
    if isinstance(error, NameError):
        return "This name was never set: a typing error, or a missing import?"
    if isinstance(error, UnicodeDecodeError):
        return "These bytes are not text: compare them as bytes."
    return ""


def describe(error: BaseException) -> str:
    """The error as Python names it, in one short line."""
    text = " ".join(str(error).split())
    name = type(error).__name__
    return f"{name}: {text[:200]}" if text else name


def is_learners_file(filename: str) -> bool:
    """Whether this is code from a notebook's cell (or from a test's stand-in for one)."""
    return "ipykernel_" in filename or filename.startswith(("<ipython-input", "<cell "))


def where(error: BaseException) -> str:
    """The learner's last line on the way to this error, as "line 3 of your cell: `…`"; "" if none is."""
    for frame, lineno in reversed(list(traceback.walk_tb(error.__traceback__))):
        if is_learners_file(frame.f_code.co_filename):
            return _line(frame, lineno)
    return ""


def where_now(ident: int | None) -> str:
    """The learner's line at which the thread with this id is right now; "" if it is in no such line."""
    frame = sys._current_frames().get(ident or 0)
    while frame is not None:
        if is_learners_file(frame.f_code.co_filename):
            return _line(frame, frame.f_lineno)
        frame = frame.f_back
    return ""


def where_awaiting(task: asyncio.Task[Any]) -> str:
    """The learner's line at which this task waits; "" if it is in no such line."""
    for frame in reversed(task.get_stack()):
        if is_learners_file(frame.f_code.co_filename):
            return _line(frame, frame.f_lineno)
    return ""


def _line(frame: FrameType, number: int) -> str:
    source = linecache.getline(frame.f_code.co_filename, number, frame.f_globals).strip()
    return f"line {number} of your cell" + (f": `{source[:120]}`" if source else "")
