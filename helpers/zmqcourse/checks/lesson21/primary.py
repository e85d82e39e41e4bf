"""The check's side of 21.2: the other half of the pair, and clients; the answer is the backup."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import zmq

from ...exercise import Late, Wrong
from ...trial import Trial, show
from ..telling import all_is_told

ACTIVE, PASSIVE = b"active", b"passive"
LIVENESS = 2  # silent beats after which a half is taken for dead
_QUIET_BEAT = 0.05  # seconds, on a quiet machine
LONG = 5  # beats in which a backup has noticed whatever it is to notice
_OFTEN = 4  # words of the primary in a beat


class Said(NamedTuple):
    """What the backup has published."""

    state: bytes
    epoch: int


class Primary:
    """The primary of a pair whose backup is the answer. `says`: what it publishes while it is heard, None: silence.
    `gap`: the longest time, in seconds, that it was not heard although it was to be. `asked`: a client asks before the
    backup starts, and the primary is heard soon after that."""

    def __init__(self, t: Trial, backup: Callable[..., Any], beat: float = 0.0, *, asked: bool = False) -> None:
        self.t, self.beat = t, beat or _QUIET_BEAT * min(t.pace, 8.0)
        self.says: tuple[bytes, bytes] | None = None
        self.heard: list[Said] = []
        self.gap, self._spoke = 0.0, time.monotonic()
        self._pub, peer = t.bind(zmq.PUB)
        self._sub = t.socket(zmq.SUB)
        self._sub.subscribe(b"")
        self.front, news = t.endpoint("tcp"), t.endpoint("tcp")
        self._number = 0
        if asked:
            self.client = t.connect(zmq.DEALER, self.front, reconnect_ivl=5)
            self.asks()
        self._job = t.start(backup, t.ctx, self.front, news, peer, self.beat)
        self._sub.connect(news)
        if not asked:
            self.client = t.connect(zmq.DEALER, self.front)
        expected = "its state once a beat, on a PUB bound to `news`"
        if asked:  # one that takes over at once has done so by now
            self.until(lambda: self.heard, expected, "nothing is published")
            self.says = ACTIVE, b"1"
        self.until(lambda: len(self.heard) >= 2, expected, "nothing is published")
        self.speaks(ACTIVE, 1)

    # --- time goes by

    def look(self) -> bool:
        """Say what there is to say, and take in what the backup has published."""
        now = time.monotonic()
        if self.says and now >= self._spoke + self.beat / _OFTEN:
            self.gap = max(self.gap, now - self._spoke)
            self._pub.send_multipart(list(self.says))
            self._spoke = now
        while self._sub.poll(0):
            self._hears(self._sub.recv_multipart())
        if self._job.done and self._job.complaint() is None:
            raise Wrong("`backup` came to its end", expected="a half that goes is passive, and may be needed again")
        return True

    def _hears(self, frames: list[bytes]) -> None:
        if len(frames) != 2 or frames[0] not in (ACTIVE, PASSIVE) or not frames[1].isdigit():
            expected = "two frames: `active` or `passive`, and the epoch in decimal"
            raise Wrong("that is no state of a half", seen=f"`{show(frames)}`", expected=expected)
        self.heard.append(Said(frames[0], int(frames[1])))

    def until(self, condition: Callable[[], Any], expected: str, said: str, seconds: float = 3.0) -> Any:
        """Wait until this holds; raises `Late`, saying `said`."""
        return self.t.wait(lambda: self.look() and condition(), seconds=seconds, expected=expected, said=said)

    def passes(self, beats: float, words: int = 2) -> None:
        """So many beats of the clock pass, and so many words of the backup's: it had its time, too."""
        end, heard = time.monotonic() + beats * self.beat, len(self.heard)
        done = lambda: time.monotonic() > end and len(self.heard) >= heard + words  # noqa: E731
        self.until(done, "its state once a beat", "its heart does not beat")

    def speaks(self, state: bytes, epoch: int, beats: float = 3) -> None:
        """From now on the primary is heard, and says this; the backup has heard it by the end of this call."""
        self.says, self._spoke = (state, b"%d" % epoch), time.monotonic()
        self._pub.send_multipart(list(self.says))
        all_is_told(self.t)
        self.passes(beats)

    def falls_silent(self, beats: int = LONG) -> None:
        """So many beats of the clock pass, and of the backup's heart, since it heard the last word."""
        self.says = None
        all_is_told(self.t)
        self.passes(beats, words=beats + 1)

    def complaint(self, said: str, **details: str) -> Wrong:
        """`Wrong`, or `Late` where the primary itself was not heard for so long that it may count as dead."""
        kind = Late if self.gap > 0.8 * LIVENESS * self.beat else Wrong
        return kind(said, **details)

    # --- what is asked

    def asks(self, client: zmq.Socket | None = None, *before: bytes) -> list[bytes]:
        """Send a request; the frames that its answer begins with."""
        self._number += 1
        request = [*before, b"%d" % self._number, b"seat"]
        self.t.send(client or self.client, *request)
        return request

    def no_answer(self, beats: float, said: str, tried: str, client: zmq.Socket | None = None) -> None:
        """So many beats pass, and nothing comes."""
        self.passes(beats)
        if (client or self.client).poll(0):
            frames = (client or self.client).recv_multipart()
            raise self.complaint(said, tried=tried, seen=f"`{show(frames)}`", expected="no answer")

    def answered(
        self, request: list[bytes], epoch: int, tried: str, but: str, client: zmq.Socket | None = None
    ) -> None:
        """This request is answered, at this epoch. Raises `Wrong` where the backup goes on and does not answer."""
        socket, heard = client or self.client, len(self.heard)
        self.until(lambda: socket.poll(0) or len(self.heard) > heard + LONG, "an answer", but)
        if not socket.poll(0):
            raise Wrong(but, tried=tried, seen=f"it published {LONG} more times, and did not answer")
        frames = socket.recv_multipart()
        if frames[:-1] != request:
            expected = f"`{show([*request, b'%d' % epoch])}`: the request's frames as they came, and the epoch"
            raise Wrong("that is no answer to the request", tried=tried, seen=f"`{show(frames)}`", expected=expected)
        if frames[-1] != b"%d" % epoch:
            said = "the epoch of an answer is not the number of this take-over"
            raise Wrong(said, tried=tried, seen=f"`{show(frames[-1])}`", expected=f"`{epoch}`")

    def is_(self, state: bytes, epoch: int | None, tried: str, but: str) -> None:
        """It publishes this, when it had time to."""
        heard = len(self.heard)
        self.until(lambda: len(self.heard) >= heard + 2, "its state once a beat", "its heart does not beat")
        last = self.heard[-1]
        if last.state != state:
            raise self.complaint(but, tried=tried, seen=f"it says {last.state.decode()}", expected=state.decode())
        if epoch is not None and last.epoch != epoch:
            said = "the epoch that it publishes is not the highest that it knows of"
            raise Wrong(said, tried=tried, seen=f"{last.epoch}", expected=f"{epoch}")
