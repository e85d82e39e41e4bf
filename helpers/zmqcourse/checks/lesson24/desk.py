"""A server of the check's that speaks ZMTP by hand: it says what it likes, when and in what pieces it likes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from typing import Any

from zmqlive.roles import interrupts
from zmqlive.zmtp import Decoder, Item

from ...exercise import Wrong
from ...trial import Job, Trial, show
from .said import greeting, ready

PAUSE = 0.02  # quiet seconds between two pieces: so that they come as two
HELD = 0.2  # for which READY is held back, where that is what is looked at
REQ = ("REQ", "DEALER")
READY = ready(b"REP")


class Desk:
    """Listens; takes one caller, the answer's, and reads what it says. `items` is that so far, `job` its call."""

    def __init__(self, t: Trial) -> None:
        self.t = t
        self.items: list[Item] = []
        self.job: Job | None = None
        self._decoder = Decoder()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._conn: socket.socket | None = None
        self.port = self._listener.getsockname()[1]
        self._ended = False

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *exc: object) -> None:
        for each in (self._conn, self._listener):
            if each is not None:
                each.close()

    # --- what it says

    def takes(self) -> None:
        """The caller is there."""
        self._listener.setblocking(False)

        def came() -> bool:
            try:
                self._conn = self._listener.accept()[0]
            except BlockingIOError:
                return False
            self._conn.setblocking(False)
            self._conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return True

        self.t.wait(came, seconds=3.0, expected="a connection to `port`", said="nobody connected")

    def says(self, *pieces: bytes) -> None:
        """Each on its own, a moment apart."""
        for number, piece in enumerate(pieces):
            if number:
                self.passes(PAUSE)
            while piece and not self._ended:
                self.looks()
                try:
                    piece = piece[self._conn.send(piece) :]  # type: ignore[union-attr]
                except BlockingIOError:
                    interrupts.original(0.001)
                except OSError:
                    self._ended = True

    def passes(self, seconds: float) -> None:
        end = self.t.deadline(seconds)
        while not end.over:
            self.looks()
            interrupts.original(0.002)

    def hangs_up(self) -> None:
        self.looks()
        self._conn.close()  # type: ignore[union-attr]

    # --- what it hears

    def looks(self) -> bool:
        """Takes in what has come. Always True."""
        while not self._ended:
            try:
                data = self._conn.recv(65536)  # type: ignore[union-attr]
            except BlockingIOError:
                break
            except OSError:
                data = b""
            self._ended = not data
            self.items += self._decoder.feed(data)
        for item in self.items:
            if item.kind == "garbage":
                seen = f"after {len(self.items) - 1} items: `{show(item.raw[:40])}`"
                raise Wrong("what your client says is no ZMTP 3", seen=seen, expected="greeting, READY, then frames")
        return True

    def hears(self, what: str, ok: Any) -> None:
        """Waits until `ok()` holds for what it has heard; `what` is expected."""
        said = "what the server waits for does not come"
        self.t.wait(lambda: self.looks() and (ok() or self._ended), seconds=3.0, expected=what, said=said)
        if not ok():
            if self.job is not None:
                self.t.finish(self.job, seconds=1.0)  # which tells its error, if that was why
            raise Wrong("your client hung up", seen=f"it had said {self.told()}", expected=what)

    def hears_the_end(self) -> None:
        """The caller has closed its connection: all that it said has been heard."""
        expected = "an end of the connection when the answer has come"
        said = "your client does not close its connection"
        self.t.wait(lambda: self.looks() and self._ended, seconds=3.0, expected=expected, said=said)

    def told(self) -> str:
        return "; ".join(item.said for item in self.items) or "nothing"

    @property
    def frames(self) -> list[bytes]:
        return [item.body for item in self.items if item.kind == "frame"]

    def commands(self, name: str) -> list[Item]:
        return [item for item in self.items if item.name == name]

    # --- a conversation

    def calls(self, answer: Callable[..., Any], *args: Any) -> Job:
        """Starts the answer, with this server's port."""
        self.job = self.t.start(answer, self.port, *args, name="mended")
        return self.job

    def begins(
        self,
        *,
        pieces: Iterable[bytes] = (greeting(),),
        told: bytes = READY,
        after: bytes = b"",
        held: float = PAUSE,
    ) -> None:
        """Greetings and READY (`told`), `after` at once behind it. READY is held back for so many quiet seconds: raises
        `Wrong` when a frame comes before it was said."""
        self.takes()
        self.says(*pieces)
        self.hears("a greeting", lambda: self.items)
        self.passes(held)
        if self.frames:
            raise Wrong(
                "a frame was sent before the server's READY had come",
                tried="the server waited a moment before it said READY",
                seen=self.told(),
                expected="greeting, READY; then wait for the server's READY; then frames",
            )
        self.says(told + after)
        self.hears("READY", lambda: self.commands("READY"))
        kind = self._decoder.socket_type
        if kind not in REQ:
            raise Wrong("a REP takes no peer of this type", seen=f"Socket-Type `{kind}`", expected="`REQ`")

    def question(self, question: bytes) -> None:
        """Raises `Wrong` when what is asked is not this, behind an empty frame."""
        size = len(question)
        self.hears(f"an empty frame, and a question of {size:,} bytes", lambda: self._asked())
        frames = [item for item in self.items if item.kind == "frame"]
        bodies = [item.body for item in frames]
        if len(frames) < 2 or bodies[0]:
            raise Wrong("the empty frame is missing", seen=self.told(), expected="an empty frame, more follows; body")
        if len(frames) > 2 or bodies[1] != question[: len(bodies[1])] or frames[1].size - _head(frames[1]) != size:
            raise Wrong("another question came", seen=self.told(), expected=f"`{show(question)}`, {size:,} bytes")

    def _asked(self) -> bool:
        last = next((item for item in reversed(self.items) if item.kind == "frame"), None)
        return last is not None and not last.more


def _head(item: Item) -> int:
    return 9 if item.raw[0] & 2 else 2


def value_of(t: Trial, job: Job, wanted: list[bytes], tried: str) -> None:
    """Raises `Wrong` when the call does not return these frames."""
    got = t.finish(job)
    expected = f"`{show(wanted)}`"
    if isinstance(got, (bytes, bytearray)) or not isinstance(got, (list, tuple)):
        raise Wrong("`mended` returned no list of frames", tried=tried, seen=f"`{show(got)}`", expected=expected)
    frames = [bytes(each) if isinstance(each, (bytes, bytearray, memoryview)) else each for each in got]
    if frames == wanted:
        return
    said = "the answer is not what the server said"
    if frames == [b"", *wanted]:
        said = "the empty frame in front is no part of the answer"
    elif frames and len(frames) < len(wanted) and frames == wanted[: len(frames)]:
        said = "an answer of several frames is cut off"
    elif any(each[:1] == b"\4" or each[1:5] == b"PING" for each in frames if isinstance(each, bytes)):
        said = "a command was taken for a frame"
    raise Wrong(said, tried=tried, seen=f"`{show(frames)}`", expected=expected)
