"""Which role makes a socket: as it was told, else by the thread (or gevent's greenlet) in which it is made."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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
