"""What one socket writes down: the fastest thing that can hold a record.

Each socket has one `Log`, written by the thread that uses the socket and emptied by the recorder's thread. Two
decisions make it cheap enough to leave on:

* no object per message. Times and frames go into parallel lists; a tuple a message would be tracked by Python's
  garbage collector, which then takes half of the throughput at some hundred thousand messages a second;
* a frame over 64 bytes is kept as its two ends. Keeping the frame itself would defeat the allocator's reuse of
  large blocks and would hold the program's data for ever.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns
from typing import Any

from ..trace import WHOLE

MASK = 63           # while sampling, every 64th message is kept
SAMPLES = 4_000     # of which so many at most, the newest

FIRST = 1_000       # calls of a socket's first, each of which is looked at
AGAIN = 64          # and of each stretch between two collections
ALWAYS = 1 << 60

now = perf_counter_ns   # one clock for all processes of a machine

Frame = bytes | tuple[bytes]    # a frame; in a 1-tuple when more frames of the same message follow


class Log:
    """The record of one socket, as its own thread writes it.

    `send_at`/`send_frame` and `recv_from`/`recv_at`/`recv_frame` run in parallel, an entry a frame: the time (ns) and
    the frame. `recv_from` is when the socket was asked, `recv_at` when it answered. `sizes` holds the true lengths of
    shortened sent frames, `recv_sizes` of received ones, in order. `notes` holds all that is rare: (ns, what, …).
    `sent` and `received` count messages, always exact. `blocked` is when the present blocked send began, or 0;
    `asked` when the socket was last asked for a message (while counting: 1 for as long as it is in recv, else 0),
    `over` when an ask that brought nothing came to its end, `vain` when the last one ended and no message was there.
    For `careful` more calls it is looked at which thread makes them: `users` are the threads that did, and `shared`
    says that they took turns. While `unsure`, the next receive asks whether its message has more frames.
    """

    __slots__ = ("asked", "blocked", "careful", "counting", "id", "multipart", "notes", "over", "owner", "pending",
                 "received", "recv_at", "recv_frame", "recv_from", "recv_sizes", "samples", "send_at", "send_frame",
                 "send_sizes", "sent", "shared", "told_more", "unsure", "unwatch", "user", "users", "vain", "watch")

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
        self.send_at: list[int] = []
        self.send_frame: list[Frame] = []
        self.send_sizes: list[int] = []
        self.recv_from: list[int] = []
        self.recv_at: list[int] = []
        self.recv_frame: list[Frame] = []
        self.recv_sizes: list[int] = []
        self.notes: list[tuple[Any, ...]] = []
        self.samples: deque[tuple[str, int, int, bytes]] = deque(maxlen=SAMPLES)

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


@dataclass(slots=True)
class Switch:
    """On once any socket of the record has sent a frame with more to follow. Asking a socket for RCVMORE costs as much
    as two messages, so receivers ask only where it can matter."""

    on: bool = False


def shorten(frame: Any, sizes: Callable[[int], None]) -> bytes:
    """What is kept of a frame (anything with a buffer): up to 64 bytes all, else its ends, its length to `sizes`."""
    if isinstance(frame, bytes):
        data: Any = frame
    else:
        view = frame.buffer if hasattr(frame, "buffer") else memoryview(frame)
        data = view.cast("B") if view.contiguous and view.nbytes else bytes(view)
    if len(data) <= WHOLE:
        return bytes(data)
    sizes(len(data))
    return bytes(data[:32]) + bytes(data[-33:])


def last(frame: Frame) -> bool:
    """Whether this frame ends its message."""
    return frame.__class__ is not tuple
