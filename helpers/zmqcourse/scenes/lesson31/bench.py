"""Everybody around a server of TICK: a source, a reader of the feed, who asks; and what was heard, whoever heard it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import zmq

from ...exercise import Wrong
from ...trial import Trial
from .gate import Gate
from .score import Score
from .words import ERROR, LAST, REPLAY, SNAPSHOT, Update, pack, replay_in, short, snapshot_in, table, told

LONG = 3.0  # quiet seconds after which nothing comes any more
MOMENT = 0.2  # quiet seconds in which a message crosses this machine
WAY = [b""]  # an envelope: here that of a REQ


class Bench:
    """A server at work. `heard`: number → update, from the feed or a replay. `highest`: the greatest number that was
    said in any way. With more `patience` all is waited for that many times as long."""

    def __init__(self, t: Trial, server: Callable[..., Any], score: Score, disk: Gate | None = None, *,
                 patience: float = 1.0) -> None:
        self.t, self.score, self.disk = t, score, disk
        self.long, self.moment = LONG * patience, MOMENT * min(patience, 2.0)
        self.publish, self.feed, self.asks = (t.endpoint("tcp") for _ in range(3))
        self.heard: dict[int, Update] = {}
        self.order: list[int] = []  # of the numbers on the feed, in this life
        self.news: list[Update] = []  # what came with them
        self.snapshots: list[tuple[int, dict[bytes, bytes]]] = []  # that must be true after the next fault
        self.highest = self.made = self.kills = 0
        ends = self.publish, self.feed, self.asks
        if disk is None:
            t.start(server, t.ctx, *ends)
        else:
            self.name = t.role(server, *ends, disk, name=getattr(server, "__name__", "server")).name
        self.meets(0)

    def meets(self, known: int) -> None:
        """A source, a reader and a client, all new; the reader has heard the newest update of the source. So many were
        known before."""
        self.push = self.t.connect(zmq.PUSH, self.publish, linger=0, reconnect_ivl=20, sndhwm=0)
        self.sub = self.t.connect(zmq.SUB, self.feed, linger=0, reconnect_ivl=20, rcvhwm=0, subscribe=b"")
        self.client = self.t.connect(zmq.DEALER, self.asks, linger=0, reconnect_ivl=20, rcvhwm=0)
        self.order, self.news = [], []
        probes: list[Update] = []

        def is_heard() -> bool:
            if not self.sub.poll(50):
                probes.append(self.sends(b"probe"))
            self.listens()
            return bool(probes) and self.news[-1:] == probes[-1:]

        self.t.wait(is_heard, seconds=self.long, expected="an update on the feed for each that is published",
                    said="nothing comes on the feed")
        self.score.count(2, self.order[-1] == known + len(probes), "an update does not take the next number",
                         tried=f"{len(probes)} updates, when {known} was the last number", seen=f"{self.order[-1]}",
                         expected=f"{known + len(probes)}")

    # --- the source and the feed

    def sends(self, key: bytes, value: bytes | None = None) -> Update:
        """An update, by default with a value that no other has."""
        self.made += 1
        update = Update(key, b"%d" % self.made if value is None else value)
        self.t.send(self.push, *update, expected="a PULL bound at `publish`")
        return update

    def listens(self) -> None:
        """Reads all that has come on the feed, and looks at each."""
        while self.sub.poll(0):
            frames = self.sub.recv_multipart()
            found = told(frames)
            if not self.score.count(1, found is not None, "that is no update", seen=short(frames),
                                    expected="key, number (eight bytes), value"):
                raise Wrong("that is no update on the feed", seen=short(frames))
            number, update = found
            self.score.count(2, not self.order or number > self.order[-1], "the numbers on the feed do not rise",
                             seen=f"{number} after {self.order[-1] if self.order else 0}",
                             expected="each once, in their order")
            self.order.append(number)
            self.news.append(update)
            self.means(number, update, "on the feed")

    def means(self, number: int, update: Update, where: str) -> None:
        """Somebody was told so."""
        self._can_be(number, where)
        before = self.heard.setdefault(number, update)
        self.score.count(8, before == update, "one number has two meanings", tried=f"number {number}, {where}",
                         seen=f"{short(tuple(update))}, after {short(tuple(before))}",
                         expected="what was heard once under a number is what it means for ever")
        self.highest = max(self.highest, number)

    def _can_be(self, number: int, where: str) -> None:
        """No number is greater than there were updates: what counts on after such a one would count for ever."""
        expected = f"{self.made} at most: so many updates there were"
        if not self.score.count(2, number <= self.made, "a number that no update can have", tried=where,
                                seen=f"{number}", expected=expected):
            raise Wrong("a number that no update can have", tried=where, seen=f"{number}", expected=expected)

    def tells(self, updates: Sequence[Update], what: str) -> None:
        """These were sent, with no fault since: each is told, in this order, each with the next number."""
        place = len(self.order)
        first = self.highest + 1

        def all_there() -> bool:
            self.listens()
            return len(self.order) - place >= len(updates) or updates[-1] in self.news[place:]

        self.t.wait(all_there, seconds=self.long, expected=f"{len(updates)} updates on the feed: {what}",
                    said=f"an update is not told on the feed: {what}")
        numbers = self.order[place : place + len(updates)]
        found = self.news[place : place + len(updates)]
        at = next((at for at, each in enumerate(updates) if found[at : at + 1] != [each]), 0)
        self.score.count(1, found == list(updates), "an update is not told as it came", tried=what,
                         seen=short([tuple(each) for each in found[at : at + 1]]),
                         expected=short([tuple(updates[at])]))
        wanted = list(range(first, first + len(updates)))
        self.score.count(2, numbers == wanted, "an update does not take the next number", tried=what,
                         seen=f"{short(numbers)}", expected=short(wanted))

    # --- who asks

    def ask(self, *request: bytes, way: Sequence[bytes] = WAY, client: Any = None, said: str = "") -> list[bytes]:
        """The answer, without its envelope, which must be that of the question."""
        socket = client or self.client
        self.t.send(socket, *way, *request, expected="a ROUTER bound at `ask`")
        return self.hears(socket, way, said or f"{short(request)} is not answered")

    def hears(self, socket: Any, way: Sequence[bytes], said: str) -> list[bytes]:
        def comes() -> bool:
            self.listens()
            return bool(socket.poll(5))

        self.t.wait(comes, seconds=self.long, expected="an answer at once", said=said)
        frames = socket.recv_multipart()
        back, answer = frames[: len(way)], frames[len(way) :]
        if not self.score.count(6, back == list(way), "the envelope does not come back as it was",
                                tried=f"a request in the envelope {short(list(way))}", seen=short(frames),
                                expected="all frames up to the first empty one as they came, then the answer"):
            raise Wrong("an answer is not in the envelope of its question", seen=short(frames))
        return answer

    def snapshot(self, prefix: bytes = b"") -> tuple[int, dict[bytes, bytes]]:
        """Number and table, which must be the one of that number."""
        tried = f"SNAPSHOT of {short(prefix)}"
        frames = self.ask(SNAPSHOT, prefix)
        found = snapshot_in(frames)
        if not self.score.count(3, found is not None, "that is no snapshot", tried=tried, seen=short(frames),
                                expected="SNAPSHOT, number (eight bytes), key, value, key, value …"):
            raise Wrong("an answer is not a snapshot", seen=short(frames))
        number, rows = found
        self._can_be(number, "in a snapshot")
        keys = [key for key, _ in rows]
        self.score.count(3, len(keys) == len(set(keys)), "a key is twice in a snapshot", tried=tried, seen=short(keys))
        self.highest = max(self.highest, number)
        return number, dict(rows)

    def replay(self, first: int, last: int) -> list[tuple[int, Update]]:
        """What is said to be told under these numbers."""
        tried = f"REPLAY {first} to {last}"
        frames = self.ask(REPLAY, pack(first), pack(last))
        found = replay_in(frames)
        if not self.score.count(4, found is not None, "that is no replay", tried=tried, seen=short(frames),
                                expected="REPLAY, then key, number, value of each"):
            raise Wrong("an answer is not a replay", seen=short(frames))
        for number, update in found:
            self.means(number, update, "in a replay")
        return found

    # --- faults

    def dies(self, how: str, *, power: bool = False) -> None:
        """SIGKILL, maybe together with the power; a new process on the same disk; and what has become of all that was
        heard."""
        assert self.disk is not None
        self.t.stage.kill(self.name)
        self.listens()
        if power:
            self.disk.power_cut()
        self.kills += 1
        self.disk.release()
        self.score.fault = how
        for socket in self.push, self.sub, self.client:
            socket.close(linger=0)
        self.t.stage.restart(self.name)
        self.client = self.t.connect(zmq.DEALER, self.asks, linger=0, reconnect_ivl=20, rcvhwm=0)
        self.sub = self.t.connect(zmq.SUB, self.feed, linger=0, reconnect_ivl=20, rcvhwm=0, subscribe=b"")
        known = self.audits()
        self.client.close(linger=0)
        self.sub.close(linger=0)
        self.meets(known)
        self.audits()

    def audits(self) -> int:
        """All that was ever heard is in the replay; its numbers follow each other; the snapshot is what comes of it,
        and so were those that were heard before. Gives its number."""
        number, rows = self.snapshot()
        found = self.replay(1, LAST)
        numbers = [each for each, _ in found]
        there = dict(found)
        gone = [each for each in self.heard if each not in there]
        self.score.count(7, not gone and number >= self.highest, "what was heard is forgotten",
                         tried="REPLAY of everything, and a SNAPSHOT",
                         seen=f"the newest number that was heard is {self.highest}; now the snapshot's is {number}"
                         + (f", and {short(gone[:3])}{' …' if len(gone) > 3 else ''} in no replay" if gone else ""),
                         expected="whatever anybody has heard, on the feed or in an answer, is there")
        top = max(numbers, default=0)
        self.score.count(4, numbers == list(range(1, len(numbers) + 1)), "a replay is not each number once, in order",
                         tried="REPLAY of everything", seen=_around(numbers), expected=f"1 to {top}")
        wanted = table([there[each] for each in sorted(there) if each <= number])
        self.score.count(3, rows == wanted and number == top, "a snapshot is not the newest value of each key",
                         tried="SNAPSHOT of everything, and REPLAY", seen=f"number {number}, {short(rows)}",
                         expected=f"number {top}, {short(wanted)}")
        for number_then, rows_then in self.snapshots:
            wanted = table([there[each] for each in sorted(there) if each <= number_then])
            self.score.count(7, rows_then == wanted, "a snapshot has told what is not kept", seen=short(rows_then),
                             expected=f"{short(wanted)}, as the replay has it up to its number, {number_then}")
        self.snapshots.clear()
        return number

    def first_of_two(self, way: Sequence[bytes], *request: bytes) -> list[bytes]:
        """The answer to this in this envelope, whole; a plain question stands behind it: its answer comes second, and
        if it comes first the other was not answered. [] then."""
        self.t.send(self.client, *way, *request, expected="a ROUTER bound at `ask`")
        self.t.send(self.client, *WAY, SNAPSHOT, b"plain")
        came: list[list[bytes]] = []

        def plain_came() -> bool:
            self.listens()
            if self.client.poll(5):
                came.append(self.client.recv_multipart())
            return bool(came) and came[-1][:2] == [*WAY, SNAPSHOT]

        self.t.wait(plain_came, seconds=self.long, expected="two answers",
                    said=f"a SNAPSHOT is not answered that stands behind {short([*way, *request])}")
        return came[0] if len(came) > 1 else []

    def is_refused(self, *request: bytes) -> None:
        answer = self.first_of_two(WAY, *request)
        self.score.count(5, len(answer) == 3 and answer[:2] == [*WAY, ERROR], "a request that is none is not refused",
                         tried=f"a request {short(list(request))}", seen=short(answer) if answer else "no answer",
                         expected="ERROR, and a reason")


def _around(numbers: list[int]) -> str:
    """Where they do not follow each other."""
    for at, number in enumerate(numbers):
        if number != at + 1:
            return f"… {short(numbers[max(0, at - 2) : at + 3])} …"
    return short(numbers[-3:])
