"""What one socket writes down: the fastest thing that can hold a record.

Each socket has one `Log`, written by the thread that uses the socket and emptied by the recorder's thread. It has two
forms with one face. In Python, times and frames go into parallel lists, and become columns when they are collected: a
tuple a message would be tracked by the garbage collector, which then takes half of the throughput at some hundred
thousand messages a second, and cutting a frame where it is sent costs more than sending it. With the extension
(`packed.native` says whether it is there), they go into columns at once.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable
from time import perf_counter_ns
from types import SimpleNamespace
from typing import Any

from .packed import Columns, Entry, pack
from .packed.native import fast

MASK = 63           # while sampling, every 64th message is kept
SAMPLES = 4_000     # of which so many at most, the newest

FIRST = 1_000       # calls of a socket's first, each of which is looked at
AGAIN = 64          # and of each stretch between two collections
ALWAYS = 1 << 60

now = perf_counter_ns   # one clock for all processes of a machine


class Switch:
    """On once any socket of the record has sent a frame with more to follow. Asking a socket for RCVMORE costs as much
    as two messages, so receivers ask only where it can matter."""

    __slots__ = ("on",)

    def __init__(self, on: bool = False) -> None:
        self.on = on


class _Tally:
    """What both ways of recording read and write most."""

    __slots__ = ("asked", "blocked", "careful", "counting", "owner", "received", "sent", "told_more", "unsure", "user")


class Log(fast.Tally if fast else _Tally):      # type: ignore[misc]
    """The record of one socket, as its own thread writes it.

    `send_at`/`send_frame` and `recv_at`/`recv_frame` take an entry a frame, the frame last: the time (ns) and an
    `Entry`; where a receive had to wait, the time is (when the socket was asked, when it answered). `notes` holds all
    that is rare: (ns, what, …). `sent` and `received` count messages, always exact. `blocked` is when the present
    blocked send began, or 0; `asked` when the socket was last asked for a message that was not there yet (while
    counting: 1 for as long as it waits, else 0), `over` when an ask that brought nothing came to its end, `vain` when
    the last one ended and no message was there. For `careful` more calls it is looked at which thread makes them:
    `users` are the threads that did, and `shared` says that they took turns. While `unsure`, the next receive asks
    whether its message has more frames.
    """

    __slots__ = ("id", "multipart", "notes", "over", "pages", "pending", "recv_at", "recv_frame", "samples",
                 "send_at", "send_frame", "shared", "unwatch", "users", "vain", "watch")

    def __init__(self, id: int, multipart: Switch) -> None:
        self.id = id
        self.multipart = multipart
        self.sent = self.received = self.asked = self.over = self.vain = self.blocked = 0
        self.counting = self.shared = self.told_more = False
        self.unsure = True
        self.careful, self.user = FIRST, 0
        self.users: dict[int, str] = {}
        self.pending: Callable[[], bool] | None = None      # asyncio: whether a coroutine waits for a message
        self.owner = 0          # the thread that may use the socket, in a stage; 0 where pyzmq's own rules hold
        self.watch: Callable[..., None] | None = None       # see `monitors`
        self.unwatch: Callable[[Log], None] | None = None
        self._new_pages()
        self.notes: list[tuple[Any, ...]] = []
        self.samples: deque[tuple[str, int, int, bytes]] = deque(maxlen=SAMPLES)

    def _new_pages(self) -> None:
        self.pages: tuple[Any, Any] | None = (fast.Page(False), fast.Page(True)) if fast else None
        if self.pages:
            sends, recvs = self.pages
            self.send_at, self.send_frame, self.recv_at, self.recv_frame = (
                SimpleNamespace(append=put) for put in (sends.at, sends.frame, recvs.at, recvs.frame))
        else:
            self.send_at, self.send_frame, self.recv_at, self.recv_frame = [], [], [], []   # type: ignore[assignment]

    def shed(self) -> bool:
        """The socket is closed: give the room back that its pages have taken, if all on them has been read."""
        empty = not any(map(len, self.pages or (self.send_frame, self.recv_frame)))
        if empty:
            self._new_pages()
        return empty

    def drain(self) -> tuple[Columns | None, Columns | None]:
        """All entries since the last time, of sends and of receives (None: there are none)."""
        if self.pages:
            return tuple(Columns(*page.drain()) if len(page) else None for page in self.pages)   # type: ignore
        return _taken(self.send_frame, self.send_at, asks=False), _taken(self.recv_frame, self.recv_at, asks=True)

    def more(self) -> None:
        """The frame received last has more to follow, as has been found since."""
        if self.pages:
            self.pages[1].more()
        elif self.recv_frame:       # else it has just been collected, once a socket at most
            self.recv_frame[-1] = (self.recv_frame[-1],)

    def note(self, what: str, *more: Any) -> None:
        """Write down something rare, with the time."""
        self.notes.append((now(), what, *more))

    def ended(self, t: int, in_vain: bool) -> None:
        """An ask that brought nothing to hand has ended: no message was there (`in_vain`), or nobody took it."""
        self.over = t
        if in_vain:
            self.vain = t

    def look_again(self) -> None:
        """Called between two collections: the next few calls are looked at."""
        self.unsure = True
        if self.careful < AGAIN:
            self.careful = AGAIN

    def belongs_to(self, thread: int) -> None:
        """No other thread may use this socket (0: any may)."""
        self.owner, self.careful = thread, ALWAYS if thread else FIRST


def _taken(frames: list[Entry], times: list[Any], *, asks: bool) -> Columns | None:
    """Take what these lists hold. The socket's thread may append in between, but not within one of these calls; the
    frame is appended last, so there are at least as many times."""
    n = len(frames)
    if not n:
        return None
    kinds, data, sizes = pack(frames[:n])
    at = since = times[:n]
    del frames[:n], times[:n]
    if asks and tuple in set(map(type, at)):
        since = [t[0] if t.__class__ is tuple else t for t in at]
        at = [t[1] if t.__class__ is tuple else t for t in at]
    return Columns(array("q", at).tobytes(), array("q", since).tobytes() if asks else b"", kinds, data,
                   array("q", sizes).tobytes())
