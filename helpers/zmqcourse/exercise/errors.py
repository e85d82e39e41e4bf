"""What a learner's exception means, and where in their cell it arose."""

from __future__ import annotations

import asyncio
import linecache
import os
import re
import sys
import traceback
from types import FrameType
from typing import Any

import zmq

_CALLED_WRONGLY = re.compile(r"(\S+)\(\) (?:takes |missing \d+ required |got an unexpected |got some positional)")


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


def culprit(error: BaseException) -> str:
    """Whose code raised it, as seen by who caught it: "answer", "check", or "" where no line of either was under way.

    Libraries raise for whoever called them, so the innermost line that is the learner's or the course's tells. That a
    function of the learner's does not take what it is called with is its own fault, not its caller's.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    called = _CALLED_WRONGLY.match(str(error)) if isinstance(error, TypeError) else None
    if called and any(_is_learners(value, called.group(1)) for f in frames for value in f.f_locals.values()):
        return "answer"
    for frame in reversed(frames):
        if is_learners_file(frame.f_code.co_filename):
            return "answer"
        # Who catches an error is the one who calls: nothing fails there.
        if frame.f_globals is not frames[0].f_globals and _is_course(frame.f_globals.get("__name__", "")):
            return "check"
    return ""


def _is_learners(value: object, name: str) -> bool:
    code = getattr(value, "__code__", None)
    return code is not None and is_learners_file(code.co_filename) and getattr(value, "__qualname__", "") == name


def _is_course(module: str) -> bool:
    return module.partition(".")[0] == __name__.partition(".")[0]


def place_in_check(error: BaseException) -> str:
    """The course's last line on the way to this error, as "lesson07.py, line 30"; "" if there is none."""
    for frame, lineno in reversed(list(traceback.walk_tb(error.__traceback__))):
        if _is_course(frame.f_globals.get("__name__", "")):
            return f"{os.path.basename(frame.f_code.co_filename)}, line {lineno}"
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
