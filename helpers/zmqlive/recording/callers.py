"""Who makes a socket: the program, or machinery whose sockets are not the program's."""

from __future__ import annotations

import sys

NOTEBOOK = {"ipykernel", "jupyter_client", "tornado", "IPython"}     # what these make is the notebook's own
MACHINERY = ("zmq.auth", "zmq.utils.garbage", "zmq.utils.monitor")      # and what these make is pyzmq's own
INNER = ("zmq.eventloop", "zmq._future")        # these make a second socket for the same handle, and count on its type
_OURS = ("zmq", "zmqlive")


def machinery(modules: tuple[str, ...] = MACHINERY) -> bool:
    """Whether pyzmq makes a socket for itself: ZAP's and its pipes, the collector's of frames, a monitor's."""
    frame = sys._getframe(1)
    while frame is not None and _package(name := frame.f_globals.get("__name__", "")) in _OURS:
        if name.startswith(modules) or frame.f_code.co_name == "get_monitor_socket":
            return True
        frame = frame.f_back
    return False


def notebook() -> bool:
    """Whether the notebook makes a socket for itself."""
    frame = sys._getframe(1)
    while frame.f_back and _package(frame.f_globals.get("__name__", "")) in _OURS:
        frame = frame.f_back
    return _package(frame.f_globals.get("__name__", "")) in NOTEBOOK


def _package(module: str) -> str:
    return module.split(".")[0]
