"""The record of a socket in another process: each entry goes out at once, so that killing the process loses none.

`ShippedLog` takes a `Log`'s place in the child; `Harbour` makes ordinary logs of the entries in the parent. An entry is
`marshal`led, which is Python's fastest form for tuples of numbers and bytes; both ends run the same Python.
"""

from __future__ import annotations

import marshal
import os
from collections.abc import Callable
from typing import Any

from .log import Log, Outlet, Switch
from .packed import Entry, unwrap

Ship = Callable[[bytes], None]


class ShippedLog(Log):
    """A log that keeps nothing: `ship` gets each entry as bytes."""

    __slots__ = ("_asked", "_at", "_key", "_ship")

    def __init__(self, id: int, multipart: Switch, ship: Ship) -> None:
        self._key, self._asked = (os.getpid(), id), 0
        self._ship = lambda *entry: ship(marshal.dumps((self._key, *entry)))
        super().__init__(id, multipart)
        self.pages, self.in_lists = None, False     # and so no extension writes here
        for name, put in (("send_at", self._later), ("send_frame", self._put_sent), ("recv_at", self._later),
                          ("recv_frame", self._put_received), ("notes", self._noted)):
            setattr(self, name, Outlet(put))

    @property
    def asked(self) -> int:
        return self._asked

    @asked.setter
    def asked(self, t: int) -> None:
        self._asked = t
        if t:
            self._ship("asked", t)

    def ended(self, t: int, in_vain: bool) -> None:
        self._ship("over", t, in_vain)

    def more(self) -> None:
        """Never needed: where entries are shipped, each receive asks."""

    def opened(self, type: str, role: str, context: int) -> None:
        """Tell of the socket itself."""
        self._ship("open", type, role, context)

    def _later(self, t: int | tuple[int, int]) -> None:
        self._at = t

    def _sent(self, entry: Entry) -> None:
        self._ship("s", self._at, *unwrap(entry))

    def _received(self, entry: Entry) -> None:
        self._ship("r", self._at, *unwrap(entry))

    def _noted(self, note: tuple[Any, ...]) -> None:
        self._ship("note", note)


class Harbour:
    """Where entries from other processes arrive. `open(type, role, context)` gives a `Log` for each new socket."""

    def __init__(self, open: Callable[[str, str, Any], Log]) -> None:
        self._open = open
        self._logs: dict[tuple[int, int], Log] = {}

    def unload(self, entry: bytes) -> None:
        """Book one entry. For one thread per sending process."""
        self.book(*marshal.loads(entry))

    def book(self, key: tuple[int, int], what: str, *more: Any) -> None:
        """Book one entry of the socket `key`, a process and a number in it. Raises KeyError for one that was never
        opened."""
        if what == "open":
            type, role, context = more
            self._logs[key] = self._open(type, role, (key[0], context))
            return
        log = self._logs[key]
        if what == "s":
            at, *frame = more
            log.put_sent(at, _entry(*frame))
        elif what == "r":
            at, *frame = more
            log.put_received(at, _entry(*frame))
        elif what == "asked":
            log.asked = more[0]
        elif what == "over":
            log.ended(*more)
        elif what == "threads":
            log.shared, log.users = True, dict(enumerate(more))
        elif what == "state":
            log.asked, log.over, log.vain = more
        elif what == "counted":     # messages that were not kept
            log.n_sent, log.n_received = log.n_sent + more[0], log.n_received + more[1]
        else:
            t, name, *_ = more[0]
            if name in ("block", "free"):
                log.blocked = t if name == "block" else 0
            log.notes.append(more[0])


def _entry(kept: bytes, size: int, more: bool) -> Entry:
    entry: Entry = kept if size == len(kept) else [kept, size]
    return (entry,) if more else entry
