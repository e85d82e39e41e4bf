"""The check's server of a table, whose ways can be slow, cut and swallow; the answer keeps a copy of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import zmq

from ...exercise import Late, Wrong
from ...trial import Trial, show
from .words import ASK, END, HUGZ, difference, pack

OFTEN = 0.05  # seconds, on a quiet machine, between two HUGZ
MOMENT = 0.4  # in which a right answer does what it has all it needs for
LONG = 4.0  # after which it will not
ENOUGH = 25  # messages that have been read after something: more than what came before it and was not read yet


class Office:
    """A table, its number and its epoch. `asks` counts the snapshots that were asked for, `open` holds those that are
    not answered yet; `prompt`: they are answered at once. `hugs`: it says HUGZ. `held`: subscriptions are on their way
    from the beginning, and do not arrive."""

    def __init__(
        self,
        t: Trial,
        answer: Callable[..., Any],
        *more: Any,
        rows: dict[bytes, bytes] | None = None,
        held: bool = False,
    ) -> None:
        self.t = t
        self.router, snapshots = t.bind(zmq.ROUTER, sndhwm=0)
        self.pub, updates = t.bind(zmq.XPUB, sndhwm=0, xpub_verbose=1)
        self.snapshots, self.updates = t.link(snapshots, name="snapshots"), t.link(updates, name="updates")
        if held:
            self.updates.hold("there")
        self.table = dict(rows or {})
        self.number, self.epoch = len(self.table), uuid4().bytes
        self.asks = self.lives = self.changes = self.subscribed = 0
        self.open: deque[bytes] = deque()
        self.prompt = self.hugs = True
        self.more = more
        self.listening = False
        self._hug, self._looked, self._gap, self._enough = 0.0, time.monotonic(), 0.0, 0
        self.copy: dict[bytes, bytes] = {}
        self.job = t.start(answer, t.ctx, self.snapshots.endpoint, self.updates.endpoint, self.copy, *more)

    # --- what it does

    def set(self, key: bytes, value: bytes, *, lost: bool = False) -> None:
        """A change, told to all; `lost`: to nobody, as when it is lost on its way."""
        self.number += 1
        self.changes += 1
        if value:
            self.table[key] = value
        else:
            self.table.pop(key, None)
        if not lost:
            self.tell(key, self.number, value)

    def tell(self, key: bytes, number: int, value: bytes) -> None:
        self.pub.send_multipart([key, pack(number), self.epoch, b"", value], zmq.DONTWAIT)

    def hugz(self) -> None:
        self.tell(HUGZ, self.number, b"")
        self._hug = time.monotonic()

    def answer(self, *, rows: int | None = None, pause: float = 0.0) -> None:
        """The oldest open request is answered: with the first so many rows only, and no end, where `rows` is given;
        with a pause of so many seconds before each fifth row. A row's own number says nothing (RFC 12)."""
        who = self.open.popleft()
        self._enough = self.reads + len(self.table) + ENOUGH
        for place, (key, value) in enumerate(list(self.table.items())[:rows]):
            if pause and place % 5 == 0:
                time.sleep(pause)
            self.router.send_multipart([who, key, pack(0), self.epoch, b"", value])
        if rows is None:
            self.router.send_multipart([who, END, pack(self.number), self.epoch, b"", b""])
        self._looked = time.monotonic()

    def look(self) -> None:
        """Takes in what has come, answers and says HUGZ."""
        now = time.monotonic()
        self._gap, self._looked = max(self._gap, now - self._looked), now
        while self.pub.poll(0):
            self.listening = self.pub.recv().startswith(b"\1")
            self.subscribed += self.listening
        while self.router.poll(0):
            who, *request = self.router.recv_multipart()
            if request != [ASK, b""]:
                raise Wrong("that is no request for a snapshot", seen=f"`{show(request)}`", expected=f"`{[ASK, b'']}`")
            self.asks += 1
            self.open.append(who)
        while self.prompt and self.open:
            self.answer()
        if self.hugs and time.monotonic() - self._hug > OFTEN:
            self.hugz()

    # --- what happens to it

    def quiet(self) -> None:
        """No HUGZ, and no answer, from now on; the answer listens, so it hears what is told."""
        self.until(lambda: self.listening, "a SUB that subscribes to all, at `updates`", said="nobody subscribes again")
        self.prompt = self.hugs = False

    def opens_a_hole(self, train: int, value: bytes = b"1") -> int:
        """The update of this train is lost, and that of the next one comes. The snapshot that is then asked for is not
        answered yet. How many had been asked for before."""
        self.quiet()
        asked = self.asks
        self.set(b"train %d" % train, b"lost", lost=True)
        self.set(b"train %d" % (train + 1), value)
        said = "a number is missing, and nobody asks"
        self.until(lambda: self.asks > asked, "a request for a snapshot", said=said)
        return asked

    def restarts(self, rows: dict[bytes, bytes], number: int, *, silent: float = 0.0) -> None:
        """It is killed, and with it all that it was asked and has not said; `silent` seconds later another one is
        there, which knows nothing of it. (Who waits for a snapshot is not at its SUB, and subscribes when it is.)"""
        self.snapshots.cut()
        self.updates.cut()
        self.look_away()
        if silent:
            end = self.t.deadline(silent)
            self.t.wait(lambda: end.over, seconds=60, expected="a while without a server")
            self._looked = time.monotonic()
        self.table, self.number, self.epoch = dict(rows), number, uuid4().bytes
        self.lives += 1
        self.look_away()
        self.listening = False
        self.snapshots.mend()
        self.updates.mend()

    def look_away(self) -> None:
        """What the dead one was asked is forgotten."""
        prompt, hugs = self.prompt, self.hugs
        self.prompt = self.hugs = False
        self.look()
        self.open.clear()
        self.prompt, self.hugs = prompt, hugs

    # --- what the answer makes of it

    def until(self, condition: Callable[[], Any], expected: str, *, said: str, seconds: float = LONG) -> Any:
        """Wait, while the server does its work. Raises `Late`, saying `said`."""

        def holds() -> Any:
            self.look()
            return condition()

        return self.t.wait(holds, seconds=seconds, expected=expected, said=said)

    def passes(self, seconds: float) -> None:
        end = self.t.deadline(seconds)
        self.until(lambda: end.over, "a while to pass", said="a while did not pass", seconds=seconds + 60)

    @property
    def same(self) -> bool:
        return dict(self.copy) == self.table

    @property
    def reads(self) -> int:
        """How many messages the answer has read so far, from both ways."""
        return self.t.stage.received(self.job.name)

    def joined(self) -> None:
        """The answer has subscribed, and its copy is whole."""
        self.until(lambda: self.subscribed, "a SUB that subscribes to all, at `updates`", said="nobody has subscribed")
        self.until(lambda: self.same, "the same rows as the server's", said="the copy is not filled")

    def whole(self, tried: str, but: str, *, seconds: float = LONG) -> None:
        """The copy becomes the same as the table. Raises `Late`, saying `but`, when it does not; `Wrong` when the
        answer has heard enough HUGZ since the last snapshot, and has not asked for another."""
        self._enough = max(self._enough, self.reads + ENOUGH)

        def settled() -> bool:
            return self.same or (not self.open and self.reads > self._enough)

        try:
            self.until(settled, "the same rows as the server's", said=but, seconds=seconds)
        except Late as late:
            raise self._differs(late, tried) from None
        self._same_in_a_moment(tried, but)

    def marked(self, tried: str, but: str) -> None:
        """One more change is made. When the answer has read it, its copy must be the same as the table. Raises `Wrong`,
        saying `but`, when it is not."""
        key, value = b"mark", b"%d" % self.number
        enough = self.reads + ENOUGH
        self.set(key, value)

        def settled() -> bool:
            return self.same or self.copy.get(key) == value or self.reads > enough

        self.until(settled, f"`{show([key, value])}` in the copy", said="changes do not come")
        self._same_in_a_moment(tried, but)

    def _same_in_a_moment(self, tried: str, but: str) -> None:
        end = self.t.deadline(MOMENT)
        self.until(lambda: self.same or end.over, "a moment", said=but, seconds=60)
        if not self.same:
            raise self._differs(Wrong(but), tried)

    def _differs(self, wrong: Wrong, tried: str) -> Wrong:
        seen, expected = difference(dict(self.copy), self.table)
        wrong.details.update(tried=tried, seen=f"your copy has {seen}", expected=expected)
        return wrong

    def asked_no_more_than(self, count: int, tried: str, but: str) -> None:
        """Raises `Wrong`, saying `but`, when more snapshots were asked for than this; `Late` where the server was kept
        waiting itself, so that it may have been asked again for good reason."""
        self.passes(4 * OFTEN)
        if self.asks > count:
            seen = f"{self.asks - count} snapshots more than that were asked for"
            kind = Late if self._gap > MOMENT / 2 else Wrong
            raise kind(
                but, tried=tried, seen=seen, expected="one snapshot when a number is missing, none while none is"
            )
