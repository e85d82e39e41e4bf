"""The record of a socket that writes into a spool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..recording import Entry, ShippedLog, Switch, now, unwrap
from . import form
from .spool import LOOK, Spool

OFTEN = 2_000       # times a second that a socket is asked in vain, at which it is not waiting any more
SECOND = 1_000_000_000


class SpooledLog(ShippedLog):
    """Messages and notes are written at once, so that killing the program loses none. That it is being asked, which
    changes with each `recv` and `poll`, is told by `tell`, some 30 times a second."""

    __slots__ = ("_counted", "_in_vain", "_looked", "_skipped", "_spool", "_told", "_told_threads", "closed",
                 "context", "ended_context", "linger", "type", "where")

    def __init__(self, id: int, multipart: Switch, spool: Spool) -> None:
        self._spool, self._told, self._told_threads = spool, (0, 0, 0), False
        self._skipped = [0, 0, 0]       # since when (ns), and how many sent and received messages found no room
        self._in_vain, self._looked, self._counted = 0, now(), 0
        self.closed = self.ended_context = False
        self.context, self.linger, self.type = 0, -1, "socket"
        self.where: dict[str, tuple[str, str]] = {}     # endpoint -> bound or connected, and what became of it
        super().__init__(id, multipart, spool.write)

    @ShippedLog.asked.setter
    def asked(self, t: int) -> None:
        self._asked = t

    def ended(self, t: int, in_vain: bool) -> None:
        self.over = t
        if in_vain:
            self.vain = t
            self._in_vain += 1

    def opened(self, type: str, role: str, context: int) -> None:
        self.context, self.type = context, type
        self._spool.write(form.opened(self.id, now(), type, role, context & form.TIMES - 1))

    def inherit(self, parent: int, tell: Callable[[int, int], None]) -> None:
        """After a fork, in the child: the socket is its parent's, and whoever uses it here is told of."""
        if not self.closed:
            self._spool = _Elsewhere(lambda: tell(parent, self.id))     # type: ignore[assignment]
            self.__class__ = InheritedLog

    def tell(self) -> None:
        """How it stands now; and look again which threads use it."""
        self.look_again()
        stands = (self.asked, self.over, self.vain)
        if stands != self._told:
            self._told = stands
            self._spool.write(form.state(self.id, *stands))
        if self.shared and not self._told_threads:
            self._told_threads = True
            self._spool.write(form.threads(self.id, list(self.users.values())))
        if self._skipped[0]:
            self._catch_up()
        if (t := now()) - self._looked > SECOND:
            if self._in_vain > OFTEN and self._counted == self.received:
                self._noted((t, "spins", self._in_vain))
            self._looked, self._in_vain, self._counted = t, 0, self.received

    def _sent(self, entry: Entry) -> None:
        if not (self._spool.full and self._no_room(1, entry)):
            self._spool.write(form.sent(self.id, self._at, *unwrap(entry)))

    def _received(self, entry: Entry) -> None:
        if not (self._spool.full and self._no_room(2, entry)):
            self._spool.write(form.received(self.id, self._at, *unwrap(entry)))

    def _noted(self, note: tuple[Any, ...]) -> None:
        self._remember(*note[1:])
        self._spool.write(form.noted(self.id, note))

    def _remember(self, what: str, *more: Any) -> None:
        """What `zmqlive dump` tells of it."""
        if what == "close":
            self.closed, self.linger = True, more[1]
        elif what in ("bind", "connect"):
            self.where[more[0]] = ("bound" if what == "bind" else "connected to", "")
        elif what in ("unbind", "disconnect"):
            self.where.pop(more[0], None)
        elif what == "link" and self.where.get(more[0], ("",))[0] == "connected to":
            self.where[more[0]] = ("connected to", more[1])
        elif what == "termed":
            self.ended_context = True

    def _no_room(self, which: int, entry: Entry) -> bool:
        skipped = self._skipped
        skipped[0] = skipped[0] or (self._at[1] if isinstance(self._at, tuple) else self._at)
        skipped[which] += not isinstance(entry, tuple)
        if not sum(skipped[1:]) % LOOK:
            self._spool.look()
        return True

    def _catch_up(self) -> None:
        """There is room again, or this is the end: say how many were not written."""
        self._spool.look()
        if not self._spool.full or self.closed:
            self._spool.write(form.counted(self.id, self._skipped[0], now(), *self._skipped[1:]))
            self._skipped = [0, 0, 0]


class InheritedLog(SpooledLog):
    """In a forked child: who asks such a socket uses it, although no message will ever come to it there."""

    __slots__ = ()

    @SpooledLog.asked.setter
    def asked(self, t: int) -> None:
        self._asked = t
        self._spool.used()      # type: ignore[attr-defined]


class _Elsewhere:
    """Takes a spool's place in a forked child: the first message, or the first ask for one, says that the socket is
    used there."""

    full = False

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell: Callable[[], None] | None = tell

    def write(self, entry: bytes) -> None:
        if entry[4:5] in b"SR":
            self.used()

    def used(self) -> None:
        if self._tell is not None:
            tell, self._tell = self._tell, None
            tell()

    def look(self) -> None:
        """There is always room."""
