"""Who makes a socket: the program, or machinery whose sockets are not the program's; and which role of the program, as
it was told, else by the thread (or gevent's greenlet) in which it is made."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

NOTEBOOK = {"ipykernel", "jupyter_client", "tornado", "IPython"}     # what these make is the notebook's own
MACHINERY = ("zmq.auth", "zmq.utils.garbage", "zmq.utils.monitor")      # and what these make is pyzmq's own
INNER = ("zmq.eventloop", "zmq._future")        # these make a second socket for the same handle, and count on its type
_OURS = ("zmq", "zmqlive")

_role: ContextVar[str] = ContextVar("role")


@contextmanager
def role(name: str) -> Iterator[None]:
    """What is made inside belongs to the role `name`."""
    token = _role.set(name)
    try:
        yield
    finally:
        _role.reset(token)


class Names:
    """Gives each thread that makes sockets a name: its own or its function's, numbered where there are several."""

    def __init__(self) -> None:
        self._known: dict[str, list[int]] = {}

    def here(self) -> str:
        """The name of the role that runs here."""
        if name := _role.get(""):
            return name
        name, who = _runner()
        if not who:
            return name
        runners = self._known.setdefault(name, [])
        if who not in runners:
            runners.append(who)
        i = runners.index(who)
        return name if i == 0 else f"{name} {i + 1}"


def _runner() -> tuple[str, int]:
    gevent = sys.modules.get("gevent")
    if gevent is not None and isinstance(green := gevent.getcurrent(), gevent.Greenlet):
        return getattr(green._run, "__name__", "greenlet"), id(green)
    thread = threading.current_thread()
    if thread is threading.main_thread():
        return "main", 0
    match = re.fullmatch(r"Thread-\d+ \((.+)\)", thread.name)
    return match[1] if match else thread.name, thread.ident or 0


def machinery(modules: tuple[str, ...] = MACHINERY) -> bool:
    """Whether pyzmq makes a socket for itself: ZAP's and its pipes, the collector's of frames, a monitor's."""
    frame = sys._getframe(1)
    # (a program's own class of contexts may have a `socket` that asks ours)
    while frame is not None and (
            _package(name := frame.f_globals.get("__name__", "")) in _OURS or frame.f_code.co_name == "socket"):
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
