"""A pair of servers, of which one is to be at work: cut in two, mended, killed; and how long that takes."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import zmq
from ipywidgets import Button, HBox
from zmqlive import Stage, figures
from zmqlive.figures import Plot
from zmqlive.net import Link

Role = Callable[..., Any]
NAMES = ("primary", "backup")
ACTIVE, PASSIVE = b"active", b"passive"
BEAT = 0.25  # seconds, the lesson's
PATIENCE = 0.3
QUIET = 6 * BEAT  # seconds: several times what a half needs to miss the other


def label(role: str, frames: tuple[bytes, ...]) -> str | None:
    """What a half says that it is."""
    return b" ".join(frames).decode() if frames[0] in (ACTIVE, PASSIVE) else None


class Pair:
    """Two halves in processes of their own, a line between them (a link each way) and Ann, who asks whoever answered
    her last, and after a while the other. `stage` runs; `controls` are its buttons."""

    def __init__(self, half: Role, title: str = "A pair") -> None:
        stage = self.stage = Stage(title, seconds=900)
        stage.label(label)
        stage.heartbeats(ACTIVE, PASSIVE)
        self.fronts = [stage.endpoint("tcp", name=f"{name}'s door") for name in NAMES]
        news = [stage.endpoint("tcp", name=f"{name}'s news") for name in NAMES]
        lines = zip(("there", "back"), news, strict=True)
        self.line: list[Link] = [stage.link(end, name=f"line {way}") for way, end in lines]
        for me, name in enumerate(NAMES):
            peer = self.line[1 - me].endpoint
            stage.add(half, self.fronts[me], news[me], peer, name.encode(), name=name, process=True)
        self.answers: dict[str, list[bytes]] = {}
        self._newcomers = itertools.count(1)
        stage.start()
        stage.wait(lambda _: len(self.says()) == 2, timeout=60)
        self._client("Ann", 0)
        stage.wait(lambda _: len(self.at_work()) == 1, timeout=60)
        self.controls = HBox([self._button(words, deed) for words, deed in (
            ("Cut the line", self.cut), ("Mend it", self.mend), ("A newcomer asks", self.newcomer))])

    def _button(self, words: str, deed: Callable[[], object]) -> Button:
        button = Button(description=words, layout={"width": "auto"})
        button.on_click(lambda _: deed() if self.stage.running else None)
        return button

    def _client(self, name: str, first: int) -> None:
        self.answers[name] = []
        self.stage.add(_asks, self.fronts, first, self.answers[name], name=name)

    # --- what they are

    def says(self) -> dict[str, str]:
        """What each half that lives has said last, if it has spoken since it was started."""
        trace = self.stage.trace()
        left = {each.role: each.t for each in trace.roles if each.state not in ("running", "frozen")}
        last = {each.role: each.text for each in trace.labels if each.t > left.get(each.role, 0)}
        return {name: text for name, text in last.items() if not self.stage.role(name).gone}

    def at_work(self) -> list[str]:
        return [name for name, text in self.says().items() if text.startswith("active")]

    # --- what is done to them

    def cut(self) -> None:
        for link in self.line:
            if link.state == "up":
                link.cut()

    def mend(self) -> None:
        for link in self.line:
            if link.state != "up":
                link.mend()

    def newcomer(self) -> str:
        """Somebody new, who happens to ask first the half that is not at work. Waits until it is answered."""
        name = f"newcomer {next(self._newcomers)}"
        self._client(name, 1 if self.at_work() != ["backup"] else 0)
        self.stage.wait(lambda _: self.answers[name], timeout=30)
        return name

    def settle(self) -> None:
        """Whatever was done before: both halves live, hear each other, and one is at work."""
        self.mend()
        for name in NAMES:
            if self.stage.role(name).state == "frozen":
                self.stage.thaw(name)
        if self._settled():
            return
        # Of two at work one leaves, or both, when they hear of each other, and that may be later: so both begin anew.
        for name in NAMES:
            if not self.stage.role(name).gone:
                self.stage.kill(name)
        for name in NAMES:
            self.stage.restart(name)
        self.stage.wait(lambda _: self._settled(), timeout=60)

    def _settled(self) -> bool:
        return len(self.says()) == 2 and len(self.at_work()) == 1

    def split(self) -> tuple[int, int]:
        """The line is cut. How many are at work when the halves have missed each other for long, and how many when one
        newcomer has been answered."""
        self.settle()
        self.cut()
        end = time.monotonic() + QUIET
        self.stage.wait(lambda _: time.monotonic() > end, timeout=QUIET + 30)
        before = len(self.at_work())
        self.newcomer()
        self.stage.wait(lambda _: len(self.at_work()) > before, timeout=30)
        return before, len(self.at_work())


def _asks(ctx: zmq.Context[Any], fronts: Sequence[str], first: int, answers: list[bytes]) -> None:
    """Ten times a second, whoever answered last. Both sockets stay open, so that the picture shows who knows whom."""
    at = first
    with ctx.socket(zmq.DEALER) as one, ctx.socket(zmq.DEALER) as other:
        for dealer, front in zip((one, other), fronts, strict=True):
            dealer.linger = 0
            dealer.connect(front)
        for number in itertools.count():
            while not (answer := _told((one, other)[at], b"%d" % number)):
                at = 1 - at
            answers.append(answer)
            time.sleep(0.1)


def _told(dealer: zmq.Socket[Any], number: bytes) -> bytes | None:
    """Who answers this request; answers to older ones are put aside."""
    dealer.send_multipart([b"", number, b"seat"])
    end = time.monotonic() + PATIENCE
    while (left := end - time.monotonic()) > 0 and dealer.poll(left * 1000):
        _, got, name, *_ = dealer.recv_multipart()
        if got == number:
            return name
    return None


def with_epochs(ctx: zmq.Context[Any], front: str, news: str, peer: str, name: bytes, beat: float = BEAT) -> None:
    """A half that counts take-overs, and goes where it hears of a newer one, or, as the backup, of an equal one."""
    with ctx.socket(zmq.ROUTER) as router, ctx.socket(zmq.PUB) as pub, ctx.socket(zmq.SUB) as sub:
        router.bind(front)
        pub.bind(news)
        sub.subscribe(b"")
        sub.connect(peer)
        me, other, epoch, heard, due = PASSIVE, b"", 0, time.monotonic(), 0.0
        while True:
            if time.monotonic() >= due:
                due = time.monotonic() + beat
                pub.send_multipart([me, b"%d" % epoch])
            while sub.poll(0):
                other, number = sub.recv_multipart()
                heard, newer = time.monotonic(), int(number) + (name == b"backup") > epoch
                me = PASSIVE if other == ACTIVE and newer else me
                epoch = max(epoch, int(number))
            if router.poll(20):
                *way, number, _ = router.recv_multipart()
                vote = time.monotonic() - heard > 2 * beat or (name == b"primary" and other == PASSIVE)
                if me == PASSIVE and vote:
                    me, epoch = ACTIVE, epoch + 1
                if me == ACTIVE:
                    router.send_multipart([*way, number, name, b"%d" % epoch])


def left_at_work(half: Role) -> int:
    """The line is cut, a newcomer makes two be at work, and the line is mended: how many halves still run then."""
    pair = Pair(half, "Mended")
    with pair.stage:
        pair.split()
        pair.mend()
        pair.stage.wait(lambda _: len(pair.at_work()) < 2, timeout=30)
        end = time.monotonic() + QUIET
        pair.stage.wait(lambda _: time.monotonic() > end, timeout=QUIET + 30)
        return len(pair.says())


# --- how long


class Took(NamedTuple):
    """Until the backup's first answer, in seconds, after the primary was killed."""

    beat: float
    patience: float
    seconds: float


def fail_over(half: Role, beats: Sequence[float], patiences: Sequence[float]) -> list[Took]:
    """For each beat and each patience of a client, twice: the primary goes, and when the backup answers."""
    took: list[Took] = []
    jobs = []
    with Stage("Many pairs", seconds=120) as stage:
        for beat, patience, again in itertools.product(beats, patiences, range(2)):
            ends = [stage.endpoint("tcp", name=f"{beat} {patience} {again} {n}") for n in range(4)]
            jobs.append(threading.Thread(target=_one_fail_over, args=(half, ends, beat, patience, again, took)))
        for job in jobs:
            job.start()
        for job in jobs:
            job.join(60)
    return took


def _one_fail_over(half: Role, ends: list[str], beat: float, patience: float, again: int, took: list[Took]) -> None:
    contexts = [zmq.Context() for _ in range(3)]
    fronts, news = ends[:2], ends[2:]

    def lives(me: int) -> None:
        contexts[me].linger = 0
        with suppress(zmq.ContextTerminated):
            half(contexts[me], fronts[me], news[me], news[1 - me], NAMES[me].encode(), beat)

    halves = [threading.Thread(target=lives, args=(me,)) for me in range(2)]
    for each in halves:
        each.start()
    try:
        _answered_by(contexts[2], fronts, NAMES[0], patience)
        time.sleep(3 * beat + again * beat / 2)
        contexts[0].term()
        began = time.monotonic()
        if _answered_by(contexts[2], fronts, NAMES[1], patience):
            took.append(Took(beat, patience, time.monotonic() - began))
    finally:
        for context in contexts:
            context.term()
        for each in halves:
            each.join(5)


def _answered_by(ctx: zmq.Context[Any], fronts: list[str], name: str, patience: float) -> bool:
    """Ask one after the other until this one has answered."""
    end, at = time.monotonic() + 30, 0
    while time.monotonic() < end:
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(fronts[at])
            req.send_multipart([b"1", b"seat"])
            if req.poll(patience * 1000):
                if req.recv_multipart()[1] == name.encode():
                    return True
                time.sleep(0.02)
            else:
                at = 1 - at
    return False


def failed_over(took: Sequence[Took]) -> Plot:
    """What was measured, beside the time to notice: two beats after the last word, which was up to a beat old."""
    beats = sorted({each.beat for each in took})
    curves: dict[str, Any] = {"two beats": (beats, [2 * beat for beat in beats]), "one beat": (beats, beats)}
    for patience in sorted({each.patience for each in took}):
        mine = [each for each in took if each.patience == patience]
        curves[f"a client's patience {patience:g} s"] = ([e.beat for e in mine], [e.seconds for e in mine], "dots")
    return figures.chart("Until the backup answers", curves, x="beat, seconds", y="seconds")


# --- who has seen the newer one


def overtaken(clerk: Role) -> list[str]:
    """Two halves are at work, at epochs 1 and 2; the second one is slow once. What a clerk with seven orders was told,
    a line each."""
    said: list[str] = []
    with Stage("Overtaken", seconds=60) as stage:
        fronts = [stage.endpoint("tcp", name=name) for name in NAMES]

        def plays(ctx: zmq.Context[Any], me: int) -> None:
            with ctx.socket(zmq.REP) as rep:
                rep.bind(fronts[me])
                while True:
                    number, order = rep.recv_multipart()
                    if (me == 0 and number in (b"2", b"3")) or (me == 1 and number == b"5"):
                        time.sleep(1)
                    rep.send_multipart([number, order + b" by " + NAMES[me].encode(), b"%d" % (me + 1)])

        for me, name in enumerate(NAMES):
            stage.add(plays, me, name=name)
        stage.wait(lambda s: len(s.trace().sockets) == 2, timeout=30)

        def client(ctx: zmq.Context[Any]) -> None:
            orders = [b"order %d" % number for number in range(7)]
            for answer in clerk(ctx, fronts, orders, 0.4):
                said.append(f"{answer[0].decode()}, epoch {int(answer[1])}" if answer else "no answer")

        stage.add(client, name="clerk")
        stage.wait(lambda s: s.role("clerk").gone, timeout=50)
    return said
