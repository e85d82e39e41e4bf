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
    as two messages, so receivers ask only where it can matter: they are `unsure` from then on."""

    __slots__ = ("_logs", "on")

    def __init__(self, on: bool = False) -> None:
        self.on = on
        self._logs: list[Log] = []

    def join(self, log: Log) -> None:
        """A new log, which is unsure, and asks `on` when it no longer is."""
        if not self.on:
            self._logs.append(log)

    def turn_on(self) -> None:
        if not self.on:
            self.on = True      # first: see `join`
            for log in self._logs:
                log.unsure = True
            self._logs.clear()


class _PythonTally:
    """The numbers of a log that are read and written most.

    A message that is kept is not counted as well, for that takes half as long again: the lists know how many there are.
    `n_sent` counts what is not kept, and is written by the socket's thread alone; `taken_sent` what was taken out of
    the list, and is written by the recorder's alone; `known_sent` is how many of those kept `n_sent` includes.
    """

    __slots__ = ("asked", "blocked", "careful", "counting", "known_received", "known_sent", "n_received", "n_sent",
                 "over", "owner", "shut", "taken_received", "taken_sent", "told_more", "unsure", "user", "vain")
    send_frame: Any
    recv_frame: Any

    @property
    def sent(self) -> int:
        # In one line, within which Python's lock is not given away.
        return self.n_sent - self.known_sent + self.taken_sent + len(self.send_frame)

    @property
    def received(self) -> int:
        return self.n_received - self.known_received + self.taken_received + len(self.recv_frame)

    def all_sent(self) -> int:
        """All that was sent, said by the socket's own thread: `n_sent` includes from here on what was kept so far."""
        kept = self.taken_sent + len(self.send_frame)
        if kept != self.known_sent:
            self.n_sent, self.known_sent = self.n_sent + kept - self.known_sent, kept
        return self.n_sent

    def all_received(self) -> int:
        kept = self.taken_received + len(self.recv_frame)
        if kept != self.known_received:
            self.n_received, self.known_received = self.n_received + kept - self.known_received, kept
        return self.n_received


class _FastTally(fast.Tally if fast else object):      # type: ignore[misc]
    """The same, where the extension keeps them."""

    __slots__ = ()

    def all_sent(self) -> int:
        return self.sent

    def all_received(self) -> int:
        return self.received


class Log(_FastTally if fast else _PythonTally):      # type: ignore[misc]
    """The record of one socket, as its own thread writes it.

    `send_at`/`send_frame` and `recv_at`/`recv_frame` take an entry a frame, the frame last: the time (ns) and an
    `Entry`; where a receive had to wait, the time is (when the socket was asked, when it answered). `put_sent` and
    `put_received` do that for entries of any kind. `notes` holds all that is rare: (ns, what, …). `sent` and `received`
    count messages, always exact; who counts one that is not kept adds it to `n_sent` or `n_received`. `blocked` is when
    the present blocked send began, or 0; `asked` when the socket was last asked for a message that was not there yet
    (while counting: 1 for as long as it waits, else 0), `over` when an ask that brought nothing came to its end, `vain`
    when the last one ended and no message was there. For `careful` more calls it is looked at which thread makes them:
    `users` are the threads that did, and `shared` says that they took turns. While `unsure`, the next receive asks
    whether its message has more frames. A socket that is `shut`, maybe through another object on the same handle (a
    shadow, as asyncio's sockets have one), is left to pyzmq.
    """

    __slots__ = ("id", "in_lists", "multipart", "notes", "pages", "pending", "recv_at", "recv_frame", "samples",
                 "send_at", "send_frame", "shared", "unwatch", "users", "watch")

    def __init__(self, id: int, multipart: Switch) -> None:
        self.id = id
        self.multipart = multipart
        self.n_sent = self.n_received = self.asked = self.over = self.vain = self.blocked = 0
        self.counting = self.shared = self.shut = self.told_more = False
        self.unsure = True
        multipart.join(self)
        self.careful, self.user = FIRST, 0
        self.users: dict[int, str] = {}
        self.pending: Callable[[], bool] | None = None      # asyncio: whether a coroutine waits for a message
        self.owner = 0          # the thread that may use the socket, in a stage; 0 where pyzmq's own rules hold
        self.watch: Callable[..., None] | None = None       # see `monitors`
        self.unwatch: Callable[[Log], None] | None = None
        if not fast:
            self.known_sent = self.known_received = self.taken_sent = self.taken_received = 0
        self._new_pages()
        self.notes: list[tuple[Any, ...]] = []
        self.samples: deque[tuple[str, int, int, bytes]] = deque(maxlen=SAMPLES)

    def _new_pages(self) -> None:
        self.pages: tuple[Any, Any] | None = (fast.Page(False), fast.Page(True)) if fast else None
        self.in_lists = not fast
        if self.pages:
            sends, recvs = self.pages
            self.send_at, self.recv_at = Outlet(sends.at), Outlet(recvs.at)
            self.send_frame, self.recv_frame = Outlet(self._put_sent), Outlet(self._put_received)
        else:
            self.send_at, self.send_frame, self.recv_at, self.recv_frame = [], [], [], []   # type: ignore[assignment]

    def shed(self) -> bool:
        """The socket is closed: give the room back that its pages have taken, if all on them has been read."""
        empty = not any(map(len, self.pages or (self.send_frame, self.recv_frame)))
        if empty:
            self._new_pages()
        return empty

    def _put_sent(self, entry: Entry) -> None:
        """Put into an outlet."""
        self.n_sent += entry.__class__ is not tuple
        self._sent(entry)

    def _put_received(self, entry: Entry) -> None:
        self.n_received += entry.__class__ is not tuple
        self._received(entry)

    def _sent(self, entry: Entry) -> None:
        self.pages[0].frame(entry)      # type: ignore[index]

    def _received(self, entry: Entry) -> None:
        self.pages[1].frame(entry)      # type: ignore[index]

    def put_sent(self, at: Any, entry: Entry) -> None:
        """Put an entry of any kind."""
        self.n_sent -= self.in_lists and entry.__class__ is tuple     # which the list counts, and is no message yet
        self.send_at.append(at)
        self.send_frame.append(entry)

    def put_received(self, at: Any, entry: Entry) -> None:
        self.n_received -= self.in_lists and entry.__class__ is tuple
        self.recv_at.append(at)
        self.recv_frame.append(entry)

    def drain(self) -> tuple[Columns | None, Columns | None]:
        """All entries since the last time, of sends and of receives (None: there are none).

        The socket's thread may append meanwhile, but not within one of the lines that take away."""
        if self.pages:
            return tuple(Columns(*page.drain()) if len(page) else None for page in self.pages)   # type: ignore
        sends, n = _columns(self.send_frame, self.send_at, asks=False)
        del self.send_frame[:n]; self.taken_sent += n  # noqa: E702  (see `sent`)
        del self.send_at[:n]
        recvs, n = _columns(self.recv_frame, self.recv_at, asks=True)
        del self.recv_frame[:n]; self.taken_received += n  # noqa: E702
        del self.recv_at[:n]
        return sends, recvs

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


class Outlet:
    """Takes a list's place: what is put there has left."""

    __slots__ = ("append",)

    def __init__(self, append: Callable[[Any], None]) -> None:
        self.append = append

    def __len__(self) -> int:
        return 0


def _columns(frames: list[Entry], times: list[Any], *, asks: bool) -> tuple[Columns | None, int]:
    """What these lists hold, and how many that is. The frame is appended last, so there are at least as many times."""
    n = len(frames)
    if not n:
        return None, 0
    kinds, data, sizes = pack(frames[:n])
    at = since = times[:n]
    if asks and tuple in set(map(type, at)):
        since = [t[0] if t.__class__ is tuple else t for t in at]
        at = [t[1] if t.__class__ is tuple else t for t in at]
    return Columns(array("q", at).tobytes(), array("q", since).tobytes() if asks else b"", kinds, data,
                   array("q", sizes).tobytes()), n
