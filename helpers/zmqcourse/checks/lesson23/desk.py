"""The check's server of a file: it sees what is asked for and what is written, and answers as a scene has it."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

import zmq

from ...exercise import Late, Wrong
from ...trial import Job, Trial, show

PIECE = 100  # bytes, as given to the answer
NEVER = 600.0  # seconds of patience, where nothing is to be asked for again
QUIET = 0.01  # seconds without a question, after which the next answer goes out


class Asked(NamedTuple):
    """A piece that was asked for: by whom, where it begins, at what time it was read."""

    who: bytes
    offset: int
    at: float


class Desk:
    """An answer under trial, and the server that it asks. `open` are the questions that were not answered; `times`
    counts how often each piece was asked for, `asks` has when; `written` is what was handed to `write`; `silence` the
    longest time, in seconds, from a question or an answer to the next answer; `gap` between two looks."""

    def __init__(
        self, t: Trial, answer: Callable[..., Any], data: bytes, *, window: int, patience: float, endpoint: str = ""
    ) -> None:
        self.t, self.data, self.window, self.patience = t, data, window, patience
        self.router, here = (None, endpoint) if endpoint else t.bind(zmq.ROUTER)
        self.open: list[Asked] = []
        self.times: Counter[int] = Counter()
        self.asks: defaultdict[int, list[float]] = defaultdict(list)
        self.written = bytearray()
        self.silence, self._since = 0.0, 0.0
        self.gap, self._looked = 0.0, time.monotonic()
        self.asked_at = time.monotonic()
        self.job: Job = t.start(answer, t.ctx, here, PIECE, window, patience, self.write)

    def opens(self) -> None:
        """The server is there at last."""
        self.router = self.t.socket(zmq.ROUTER)
        self.router.bind(self.job.args[1])

    # --- what the answer does

    def write(self, data: bytes) -> None:
        """Handed to the answer."""
        place = len(self.written)
        if not isinstance(data, bytes):
            raise Wrong(
                "what was handed to `write` is not bytes", seen=f"`{show(data)}`", expected="bytes of the file"
            )
        if self.data[place : place + len(data)] != data:
            at = self.data.find(data) if data else -1
            said = (
                "`write` was handed the same bytes twice" if 0 <= at < place else "the file is not written in order"
            )
            seen = f"at {place}, {len(data)} bytes" + (f" that stand at {at} in the file" if at >= 0 else "")
            raise Wrong(said, seen=seen, expected="each piece once, from the first to the last")
        self.written += data

    def takes(self) -> bool:
        """Read what was asked for; whether there was something."""
        now = time.monotonic()
        self.gap, self._looked = max(self.gap, now - self._looked), now
        some = False
        while self.router.poll(0):
            some = True
            self._take(self.router.recv_multipart())
        self.asked_at = now if some else self.asked_at
        return some

    def _take(self, frames: list[bytes]) -> None:
        who, *rest = frames
        if len(rest) != 2 or not all(frame.isdigit() for frame in rest):
            raise Wrong("that is no `offset, size`", seen=f"`{show(rest)}`", expected="two frames, both of digits")
        offset, size = map(int, rest)
        if size != PIECE or offset % PIECE:
            expected = f"`{PIECE}` bytes at a multiple of `{PIECE}`"
            raise Wrong("something else than a piece was asked for", seen=f"`{show(rest)}`", expected=expected)
        if offset >= len(self.written) + self.window * PIECE:
            raise Wrong(
                "more than a window is kept in memory",
                tried=f"a window of {self.window} pieces",
                seen=f"a question for piece {offset // PIECE}, while {len(self.written) // PIECE} pieces were written",
                expected="nothing is asked for that lies a window beyond what was written",
            )
        self.times[offset] += 1
        self.asks[offset].append(time.monotonic())
        if not self.open:
            self._since = time.monotonic()
        self.open.append(Asked(who, offset, time.monotonic()))

    # --- what the server does

    def answers(self, asked: Asked, times: int = 1) -> None:
        """Answer this question, so often."""
        if asked in self.open:
            self.open.remove(asked)
        data = self.data[asked.offset : asked.offset + PIECE]
        now = time.monotonic()
        self.silence, self._since = max(self.silence, now - self._since), now
        for _ in range(times):
            self.t.send(self.router, asked.who, b"%d" % asked.offset, data)

    def wait(self, condition: Callable[[], Any], *, expected: str, said: str, seconds: float = 2.0) -> None:
        """Wait until this holds, while questions are read. Raises `Late`, saying `said`."""

        def holds() -> Any:
            self.takes()
            return condition()

        self.t.wait(holds, seconds=seconds, expected=expected, said=said)

    def calm(self, seconds: float = 0.15) -> None:
        """Questions are read until none has come for so long: nothing more is asked for than may be."""
        while self.takes() or time.monotonic() - self.asked_at < seconds:
            self.router.poll(10)

    def is_full(self, why: str, *, calm: bool = True) -> None:
        """A window of pieces has been asked for; with `calm` nothing more comes for a while."""
        self.wait(
            lambda: len({asked.offset for asked in self.open}) >= self.window,
            expected=f"{self.window} pieces asked for: {why}",
            said="fewer pieces are asked for than the window allows",
        )
        if calm:
            self.calm()

    def serves(
        self,
        lost: Callable[[int, int], bool],
        *,
        order: Callable[[list[Asked]], Asked],
        seconds: float,
        said: str = "",
    ) -> None:
        """Answer until the call is over, one at a time, whenever nothing more is being asked for. `lost(piece, n)`: is
        the answer to the nth question for this piece lost?"""

        def over() -> bool:
            if not self.takes() and self.open and time.monotonic() - self.asked_at > QUIET:
                asked = order(self.open)
                if lost(asked.offset // PIECE, self.times[asked.offset]):
                    self.open.remove(asked)
                else:
                    self.answers(asked)
            return self.job.wait(0)

        said = said or f"`{self.job.name}` did not come to its end"
        self.t.wait(over, seconds=seconds, expected="the whole file, and an end", said=said)

    # --- what came of it

    def ends(self, why: str, *, seconds: float = 2.0) -> None:
        """The call returns how many bytes were written, and that is all of the file."""
        got = self.t.finish(self.job, seconds=seconds)
        if self.written != self.data:
            raise Wrong(
                "the file is not whole",
                tried=why,
                seen=f"{len(self.written)} of {len(self.data)} bytes were written, and then it returned",
            )
        if got != len(self.data) or isinstance(got, bool):
            seen = f"`{show(got)}`"
            raise Wrong(
                "it does not return how many bytes there are", tried=why, seen=seen, expected=f"`{len(self.data)}`"
            )

    def asked_once(self, why: str, said: str, *, lost: Callable[[int], int] = lambda piece: 0) -> None:
        """Raises `Wrong`, saying `said`, when a piece was asked for more often than once, and once more for each time
        that it was `lost`; `Late` where the machine itself may have made the silence that was taken for a loss."""
        again = [piece for piece, times in self.pieces() if times > 1 + lost(piece)]
        if again:
            waited = self.gap > self.patience / 2 or self.silence > 0.8 * self.patience or self.t.clock.busy
            seen = f"piece {again[0]} was asked for {self.times[again[0] * PIECE]} times"
            raise (Late if waited else Wrong)(said, tried=why, seen=f"{seen}; so it went with {len(again)} in all")

    def pieces(self) -> list[tuple[int, int]]:
        """Each piece that was asked for, and how often."""
        return [(offset // PIECE, times) for offset, times in self.times.items()]


def file_of(pieces: int, rest: int = 0) -> bytes:
    """A file of so many whole pieces and some bytes more, of which no two pieces are alike."""
    counted = b"".join(b"%0*d" % (PIECE, number) for number in range(7, 8 + pieces))
    return counted[: pieces * PIECE + rest]
