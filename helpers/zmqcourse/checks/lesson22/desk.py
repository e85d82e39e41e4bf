"""The check as everybody around a server of a table: who changes it, who listens to all, who asks."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import zmq

from ...exercise import Wrong
from ...trial import Trial, show
from .words import ASK, END, HUGZ, Said, difference, said

IDLE = 0.7  # seconds without a row, in the middle of a snapshot
LONG = 4.0  # seconds, on a quiet machine, after which nothing comes any more


class Told(NamedTuple):
    """An update, as it came, and when: time.monotonic()."""

    at: float
    said: Said


class Desk:
    """The answer, and who listens to all that it says. `log`: the updates, the first of which has number 1."""

    def __init__(self, t: Trial, serve: Callable[..., Any]) -> None:
        self.t, self.serve = t, serve
        self.snapshots, self.updates, self.collector = (t.endpoint("tcp") for _ in range(3))
        self.log: list[Told] = []
        self.hugged: list[float] = []  # when HUGZ came
        self._mortal: set[bytes] = set()
        self.epoch = b""
        self.sub = t.connect(zmq.SUB, self.updates, rcvhwm=0, subscribe=b"")
        self.push = t.connect(zmq.PUSH, self.collector, sndhwm=0)
        self.dealer = t.connect(zmq.DEALER, self.snapshots, rcvhwm=0)
        t.start(serve, t.ctx, self.snapshots, self.updates, self.collector)
        self.wait(lambda: self.hugs, "HUGZ on `updates`, while nothing changes", "no HUGZ comes")

    @property
    def hugs(self) -> int:
        return len(self.hugged)

    @property
    def number(self) -> int:
        return len(self.log)

    # --- what it says

    def take(self) -> None:
        """Reads all that has come, and sees to its order."""
        while self.sub.poll(0):
            each = said(self.sub.recv_multipart())
            self._same_epoch(each)
            if each.key == HUGZ:
                self.hugged.append(time.monotonic())
                if each.number != self.number:
                    seen, expected = f"{each.number}", f"{self.number}, the last change's"
                    raise Wrong("HUGZ does not carry the number of the last change", seen=seen, expected=expected)
                continue
            if each.number != self.number + 1:
                tried = "changes, one after the other; each takes the next number, also one that ends a row"
                seen, expected = f"{each.number} after {self.number}", f"{self.number + 1}"
                raise Wrong(
                    "the numbers of the updates do not follow each other", tried=tried, seen=seen, expected=expected
                )
            self.log.append(Told(time.monotonic(), each))

    def _same_epoch(self, each: Said) -> None:
        if not each.epoch:
            raise Wrong(
                "no epoch in the third frame", seen=f"`{show(list(each))}`", expected="what tells this server's life"
            )
        self.epoch = self.epoch or each.epoch
        if each.epoch != self.epoch:
            raise Wrong(
                "the epoch has changed although it is the same server",
                seen=f"`{show(each.epoch)}` after `{show(self.epoch)}`",
                expected="one for as long as it runs",
            )

    def wait(self, condition: Callable[[], Any], expected: str, but: str, seconds: float = LONG) -> Any:
        def holds() -> Any:
            self.take()
            return condition()

        return self.t.wait(holds, expected=expected, said=but, seconds=seconds)

    def table(self, number: int) -> dict[bytes, bytes]:
        """What the table was after so many changes."""
        table: dict[bytes, bytes] = {}
        for told in self.log[:number]:
            if told.said.value:
                table[told.said.key] = told.said.value
            else:
                table.pop(told.said.key, None)
        return table

    # --- what it is told and asked

    def change(self, key: bytes, value: bytes, properties: bytes = b"") -> None:
        self.push.send_multipart([key, b"", b"", properties, value], zmq.DONTWAIT)

    def changed(self, *changes: tuple[bytes, ...], but: str = "a change is not told to all") -> None:
        """Each (key, value) or (key, value, properties) is told, in this order, as it came; rows may end in between."""
        self.take()
        wanted = deque((key, value, *(more or (b"",))) for key, value, *more in changes)
        self._mortal |= {key for key, _, properties in wanted if properties}
        read, many = self.number, len(wanted)
        for each in changes:
            self.change(*each)

        def all_told() -> bool:
            nonlocal read
            for told in self.log[read:]:
                read += 1
                self._is_next(wanted, told.said)
            return not wanted

        self.wait(all_told, f"{many} updates", but)

    def _is_next(self, wanted: deque[tuple[bytes, ...]], one: Said) -> None:
        if wanted and (one.key, one.value, one.properties) == wanted[0]:
            wanted.popleft()
        elif one.value or one.key not in self._mortal:
            seen = f"`{show([one.key, one.properties, one.value])}`"
            expected = f"`{show([*wanted[0][::2], wanted[0][1]])}`" if wanted else "nothing more"
            raise Wrong("an update is not the change that was made", seen=seen, expected=expected)

    def ask(self, dealer: zmq.Socket[Any]) -> None:
        dealer.send_multipart([ASK, b""], zmq.DONTWAIT)

    def read(self, dealer: zmq.Socket[Any], tried: str) -> dict[bytes, bytes]:
        """A snapshot, which must be that of one moment. When its end is missing, another one is asked for: what comes
        then comes behind it."""
        rows: dict[bytes, bytes] = {}
        ends: list[int] = []
        idle, asked = self.t.deadline(IDLE), 1

        def arrives() -> bool:
            nonlocal idle, asked
            while len(ends) < asked and dealer.poll(0):
                idle = self.t.deadline(IDLE)
                each = said(dealer.recv_multipart())
                self._same_epoch(each)
                if each.key == END:
                    ends.append(each.number)
                elif not ends and each.key in rows:
                    seen = f"{len(rows)} rows, and then no KTHXBAI, or one row twice"
                    raise Wrong(
                        "a snapshot is not whole", tried=tried, seen=seen, expected="each row once, and KTHXBAI"
                    )
                elif not ends:
                    rows[each.key] = each.value
            if rows and not ends and asked == 1 and idle.over:
                asked = 2  # what comes for this comes behind what is missing
                self.ask(dealer)
            return len(ends) == asked

        self.wait(arrives, "rows, then KTHXBAI", "no whole snapshot comes")
        end = ends[0]
        self.wait(lambda: self.number >= end, f"change {end}, which the snapshot has", "it was not told to all")
        wanted = self.table(end)
        if rows == wanted:
            return rows
        if empty := [key for key, value in rows.items() if not value]:
            said_, seen = "a row that was deleted is in the snapshot", f"`{show(empty[0])}`, with an empty value"
            raise Wrong(said_, tried=tried, seen=seen, expected="no such row")
        seen, expected = difference(rows, wanted)
        touched = {told.said.key for told in self.log[max(0, end - 500) : end + 500]}  # while it was under way
        dropped = [key for key in wanted if key not in rows and key not in touched]
        if dropped:
            seen, expected = f"{len(rows)} rows; `{show(dropped[0])}` is missing", f"{len(wanted)} rows, each once"
            raise Wrong("a snapshot is not whole", tried=tried, seen=seen, expected=expected)
        seen = f"the snapshot of number {end} has {seen}"
        raise Wrong("a snapshot is not of one moment", tried=tried, seen=seen, expected=expected)

    def snapshot(self, tried: str) -> dict[bytes, bytes]:
        self.ask(self.dealer)
        return self.read(self.dealer, tried)
