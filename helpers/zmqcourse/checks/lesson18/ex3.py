"""18.3: find the fault: a watcher that slept, and calls all those dead whose heartbeats it has not read."""

from __future__ import annotations

import random as randoms
import time
from typing import Any

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, show, trial
from .beats import BEAT, LONG, complaint, interval_of

LIVENESS = 5
NAMES = ("Ada", "Bob", "Cid", "Eve", "Fay", "Gus", "Dan")


@exercise(
    "18.3",
    title="Find the fault: everybody dead at seven",
    hints=(
        "Follow the watcher through its sleep. It wakes in `poll`; what does the clock say then, and where are the "
        "heartbeats that came meanwhile? They were sent. Whose silence is it?",
        "Reading first is not enough: when it wakes, what has come still lies in the kernel, and needs a moment to be "
        "handed over. Count what *you* have seen: whoever was silent in `liveness` of your own intervals is gone; "
        "your sleep is only one of them.",
        "`missed = {}`, name → intervals without a word. A message sets its sender's to 0. When "
        "`time.monotonic() >= tick`, all are one more, and `tick = time.monotonic() + interval` (not `tick += "
        "interval`, or you make up for all the intervals of your sleep at once). More than `liveness`: gone.",
    ),
)
def the_sleep_is_its_own(mended) -> str:
    """`mended(ctx, back, interval, liveness, news)`: the lesson's `watch`, which may be frozen, and thawed."""
    with trial(seconds=30) as t:
        hall = Hall(t, mended)
        _one_stops(hall)
        _all_sleep_but_they(hall)
        _one_stops_meanwhile(hall)
        _somebody_talks_all_the_time(hall)
    return (
        f"{len(NAMES)} peers, one of them slow; the watcher was frozen {hall.sleeps} times for more than twice as long "
        f"as it is patient; all who stopped, {len(hall.stopped)} times, were called gone, once, and nobody else"
    )


class Peer:
    """One who sends a heartbeat each `every` seconds."""

    def __init__(self, socket: zmq.Socket[Any], every: float) -> None:
        self.socket, self.every = socket, every
        self.beating, self.sent, self.beats = True, 0.0, 0


class Hall:
    """The answer in a process of its own, and those that it watches. The last of them is slow: two intervals a beat."""

    def __init__(self, t: Trial, mended: Any, interval: float = 0.0) -> None:
        self.t, self.interval = t, interval or interval_of(t)
        self.pull, self.news = t.bind(zmq.PULL)
        back = t.endpoint()
        self.line = t.link(back)
        self.role = t.role(mended, back, self.interval, LIVENESS, self.news, name="mended")
        self.peers: dict[bytes, Peer] = {}
        self.said: list[tuple[bytes, bytes]] = []
        self.stopped: list[bytes] = []
        self.held_up, self.sleeps = 0.0, 0
        for number, name in enumerate(NAMES):
            socket = t.connect(zmq.DEALER, self.line.endpoint, linger=0, routing_id=name.encode())
            slow = 2.0 if number == len(NAMES) - 1 else 0.5
            self.peers[name.encode()] = Peer(socket, slow * self.interval)
        self.until(lambda: len(self.said) >= len(NAMES), "`name, there` for each who is heard for the first time")
        self.only({(name, b"there") for name in self.peers}, "all were there, and beat")

    def pump(self) -> None:
        for peer in self.peers.values():
            now = time.monotonic()
            if peer.beating and now >= peer.sent + peer.every:
                if peer.beats:
                    self.held_up = max(self.held_up, now - peer.sent - peer.every)
                peer.socket.send(BEAT, zmq.DONTWAIT)
                peer.sent, peer.beats = now, peer.beats + 1
        while self.pull.poll(0):
            frames = self.pull.recv_multipart()
            if len(frames) != 2 or frames[0] not in self.peers or frames[1] not in (b"there", b"gone"):
                expected = "two frames: the name, and `there` or `gone`"
                raise Wrong("that is no news of a peer", seen=f"`{show(frames)}`", expected=expected)
            self.said.append((frames[0], frames[1]))

    def until(self, condition: Any, expected: str, *, intervals: float = 40, said: str = "no news came") -> Any:
        def turn() -> Any:
            self.pump()
            return condition()

        seconds = intervals * self.interval / min(self.t.pace, 4.0)
        return self.t.wait(turn, expected=expected, seconds=seconds, said=said)

    def goes_on(self, intervals: int) -> None:
        """They beat for so many intervals more, as the first of them that does counts them."""
        self.beats(2 * intervals)

    def beats(self, count: int) -> None:
        first = next(peer for peer in self.peers.values() if peer.beating)
        goal = first.beats + count
        self.until(lambda: first.beats >= goal, "time passes", intervals=10 * count)

    def only(self, wanted: set[tuple[bytes, bytes]], tried: str) -> None:
        """Raises unless this is what was said, each once; then counts anew."""
        said, self.said = self.said, []
        if sorted(said) == sorted(wanted):
            return
        dead = [name for name, what in said if what == b"gone" and (name, what) not in wanted]
        if dead:
            raise complaint(
                self.held_up,
                (LIVENESS - 3) * self.interval,
                "one who lives was called gone",
                tried=tried,
                seen=f"`gone` of {b', '.join(dead).decode()}, whose heartbeats came all the time",
                expected="the sleep was the watcher's, and not the silence of those it watches",
            )
        expected = f"`{show(sorted(wanted))}`"
        raise Wrong("the news are not right", tried=tried, seen=f"`{show(said)}`", expected=expected)

    def stops(self, name: bytes) -> None:
        """This one's heart stops for good."""
        self.peers[name].beating = False
        self.stopped.append(name)

    def is_called_gone(self, name: bytes, tried: str) -> None:
        """It is said within some intervals; nothing else is, then or for some time after."""
        self.until(
            lambda: (name, b"gone") in self.said,
            f"`{name.decode()}, gone` after interval × liveness, {LIVENESS} intervals: {tried}",
            intervals=5 * LIVENESS,
            said="one who is dead was not called gone",
        )
        self.goes_on(LIVENESS + 2)
        self.only({(name, b"gone")}, tried)

    def comes_back(self, name: bytes) -> None:
        self.peers[name].beats = 0
        self.peers[name].beating = True
        self.until(lambda: self.said, f"`{name.decode()}, there`: one who was gone beats again")
        self.only({(name, b"there")}, "one who was gone beats again")

    def sleep(self) -> None:
        """The watcher is frozen for more than twice as long as it is patient; they beat on, and what they send arrives
        when it has been awake for a moment, less than an interval."""
        self.sleeps += 1
        self.line.hold("there")
        self.t.stage.freeze("mended")
        self.goes_on(2 * LIVENESS + 2)
        self.t.stage.thaw("mended")
        self.beats(1)
        self.line.mend()


def _one_stops(hall: Hall) -> None:
    hall.goes_on(2 * LIVENESS)
    hall.only(set(), "all beat, one of them slowly")
    hall.stops(b"Bob")
    hall.is_called_gone(b"Bob", "the heart of one stopped")
    hall.comes_back(b"Bob")


def _all_sleep_but_they(hall: Hall) -> None:
    hall.sleep()
    hall.goes_on(2 * LIVENESS)
    hall.only(set(), "the watcher was frozen, and thawed; nobody stopped")


def _one_stops_meanwhile(hall: Hall) -> None:
    hall.stops(b"Cid")
    hall.goes_on(2)  # what it had sent is read, and it is not overdue
    hall.sleep()
    hall.is_called_gone(b"Cid", "the heart of one stopped; then the watcher was frozen, and thawed")
    hall.comes_back(b"Cid")


def _somebody_talks_all_the_time(hall: Hall) -> None:
    hall.peers[b"Ada"].every = hall.interval / 20
    hall.stops(b"Bob")
    hall.until(
        lambda: (b"Bob", b"gone") in hall.said,
        f"`Bob, gone` after {LIVENESS} intervals, whoever else talks meanwhile",
        intervals=5 * LIVENESS,
        said="one who is dead was not called gone",
    )
    hall.only({(b"Bob", b"gone")}, "one talked all the time, another one's heart stopped")


# --- the same for longer


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """The watcher sleeps at random times; peers stop at random times, then or while it is awake, and come back."""
    with trial(seconds=seconds + 60) as t:
        hall, over = Hall(t, mended, LONG), t.deadline(seconds)
        while not over.over:
            hall.goes_on(random.randrange(1, 6))
            victim = random.choice((b"Ada", b"Bob", b"Cid"))
            kind = random.randrange(3)
            if kind == 0:
                hall.sleep()
                hall.goes_on(2 * LIVENESS)
                hall.only(set(), "the watcher was frozen, and thawed; nobody stopped")
                continue
            hall.stops(victim)
            if kind == 2:
                hall.goes_on(random.randrange(3))
                hall.sleep()
            hall.is_called_gone(victim, "one stopped")
            hall.comes_back(victim)
    return f"{hall.sleeps} sleeps, {len(hall.stopped)} peers stopped and called gone once, nobody else"


