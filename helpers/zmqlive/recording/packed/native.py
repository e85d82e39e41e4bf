"""Which way sockets are recorded here: by the extension `_fast`, or in Python; and why.

The extension is built by `pip install` where there is a C compiler, and left out where there is none. It needs to see
libzmq's functions, which pyzmq's wheels for Linux show. `ZMQLIVE_NATIVE=0` in the environment switches it off. What is
written down is the same either way.
"""

from __future__ import annotations

import importlib
import os
import sys
from time import perf_counter_ns
from typing import Any

import zmq
import zmq.backend
import zmq.error

OFF = ("0", "off", "no", "false")


def _load() -> tuple[Any, str]:
    """The extension, or None; and the reason in either case."""
    if os.environ.get("ZMQLIVE_NATIVE", "").lower() in OFF:
        return None, f"ZMQLIVE_NATIVE is {os.environ['ZMQLIVE_NATIVE']}"
    if sys.implementation.name != "cpython" or sys.platform != "linux":
        return None, f"the extension is for CPython on Linux, and this is {sys.implementation.name} on {sys.platform}"
    if "t" in sys.abiflags:
        return None, "the extension needs Python's global lock, and this Python is one without"
    try:
        extension = importlib.import_module("zmqlive.recording._fast")
    except ImportError as error:
        return None, f"the extension was not built ({error})"
    return _prove(extension)


def _prove(fast: Any) -> tuple[Any, str]:
    """The extension, where it finds what it needs of pyzmq and reads the same clock."""
    kind = zmq.backend.Socket
    try:
        pyzmqs = sys.modules[kind.__module__].__file__
        found = fast.find(pyzmqs, vars(kind)["_closed"], vars(kind)["underlying"], zmq.error._check_rc)
    except (KeyError, AttributeError, TypeError) as error:
        return None, f"this pyzmq ({zmq.__version__}) is built another way: {error!r}"
    if not found:
        return None, f"libzmq's functions are not to be seen in {pyzmqs}"
    before, between, after = perf_counter_ns(), fast.now(), perf_counter_ns()
    if not before <= between <= after:
        return None, "the extension reads another clock than Python"
    return fast, f"libzmq {zmq.zmq_version()}, called by the extension _fast"


fast, why = _load()


def way() -> str:
    """How sockets are recorded in this process, and why, in one line: "native: …" or "Python: …"."""
    return f"{'native' if fast else 'Python'}: {why}"
