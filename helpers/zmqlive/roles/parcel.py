"""Sending a role to another process: by value, as a notebook's functions have no module to import from.

What cannot be sent (a slider, a socket, a lock) is named, so that a learner need not guess which of the
cell's names it is.
"""

from __future__ import annotations

import io
import pickle
import struct
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

import zmq

from ..later import extra
from .errors import StageError

with extra("notebook"):
    import cloudpickle

READY, EVENTS, STATE, OUTPUT = b"R", b"E", b"S", b"O"  # what a child says
HEAD = struct.Struct("!cI")  # each with its letter and the length of what follows


class _Cannot(TypeError):
    pass


class _Pickler(cloudpickle.Pickler):
    """Refuses what could be pickled and would be of no use over there."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, (zmq.Socket, zmq.Context)):
            raise _Cannot
        if any(base.__module__.partition(".")[0] == "ipywidgets" for base in type(obj).__mro__):
            raise _Cannot
        return super().reducer_override(obj)


def pack(name: str, function: Callable[..., Any], args: tuple[Any, ...]) -> bytes:
    """The role as bytes for `unpack`. Raises StageError naming what cannot be sent."""
    for arg in args:
        if isinstance(arg, str) and arg.startswith("inproc:"):
            raise StageError(
                f"{name} has a process of its own, and {arg} is reached only inside one process: "
                "give it a tcp or ipc endpoint."
            )
    try:
        return pickle.dumps((name, sys.path)) + _dump((function, args))
    except Exception as exc:
        raise StageError(
            f"{name} cannot be sent to a process of its own, because of {_culprit(function, args)}: "
            "give the role plain values, or let it run in a thread (without process=True)."
        ) from exc


def unpack(data: bytes) -> tuple[str, Callable[[], tuple[Callable[..., Any], tuple[Any, ...]]]]:
    """The role's name, and what gives its function and arguments (that fails where a module is missing).

    `sys.path` becomes the sender's.
    """
    # The path has to be there before the function is: it comes first, as a pickle of its own.
    file = io.BytesIO(data)
    name, sys.path[:] = pickle.load(file)
    return name, lambda: pickle.load(file)


def _dump(value: Any) -> bytes:
    file = io.BytesIO()
    _Pickler(file).dump(value)
    return file.getvalue()


def _sendable(value: Any) -> bool:
    try:
        _dump(value)
    except Exception:
        return False
    return True


def _culprit(function: Callable[..., Any], args: tuple[Any, ...]) -> str:
    for i, arg in enumerate(args, start=1):
        if not _sendable(arg):
            return f"its argument {i}, {_kind(arg)}"
    for name, value in _used(function, set()):
        if not _sendable(value):
            return f"`{name}`, {_kind(value)}, which it uses"
    return f"{_kind(function)}"


def _used(function: Any, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """The names that a function uses from outside, those of the functions that it calls first."""
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType) or id(function) in seen:
        return
    seen.add(id(function))
    inner = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
    found = [(name, cell.cell_contents) for name, cell in inner]
    found += [(n, function.__globals__[n]) for n in _names(function.__code__) if n in function.__globals__]
    for _, value in found:
        yield from _used(value, seen)
    yield from found


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _names(const)


def _kind(value: Any) -> str:
    kind = type(value).__name__
    return f"{'an' if kind[:1] in 'AEIOUaeiou' else 'a'} {kind}"
