"""Lesson 12: who is served next: fairness measured, classes of messages, three to one."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import zmq

from ..exercise import Wrong, exercise
from ..trial import Job, Trial, expect_type, show, trial

IDLE = 0.2  # seconds in which nothing is there
BUSY = 0.6  # the share of them in which a role that sleeps may want the processor
MORE = [b"", b"\xff\x00 two\n", b"x" * 300]  # frames that follow the first one of each message

# ---- 12.1 ---------------------------------------------------------------------------------------------------


@exercise(
    "12.1",
    title="Measure it",
    hints=(
        "Go through `trace.messages`: `m.received` is None for what was not read; `trace.role_of(m.source)` and "
        "`trace.role_of(m.target)` say who sent it and who got it. The lesson's `served` does nearly that.",
        "Count, in a `Counter` or a dict, the messages that `reader` received, by the role that sent them.",
        "`jain([count[name] for name in senders])`: a `Counter` says 0 for those who sent in vain.",
    ),
)
def the_index_is_right(fairness) -> None:
    """`fairness(trace, reader, senders)` is Jain's index of what `reader` received from each of the senders."""
    _index(fairness, 1.0, ("ann", 4, 4), ("bob", 4, 4))
    _index(fairness, 15**2 / (3 * 99), ("ann", 9, 9), ("bob", 3, 3), ("eve", 3, 3))
    _index(fairness, 1.0, ("ann", 6, 2), ("bob", 2, 2), ("eve", 9, 2))
    _index(fairness, 0.5, ("ann", 5, 3), ("bob", 5, 3), ("eve", 5, 0), ("zoe", 5, 0))
    _index(fairness, 1.0, ("ann", 3, 3), ("ann", 3, 3), ("bob", 6, 6))


def _index(fairness, wanted: float, *plan: tuple[str, int, int]) -> None:
    """The plan says of each socket: its role, how many messages it sends, and how many of them the desk reads."""
    with trial() as t, ExitStack() as sockets:
        _record(t, sockets, plan)
        senders = list(dict.fromkeys(name for name, *_ in plan))
        value = t.run(fairness, t.trace, "desk", senders, seconds=2)
        expect_type(value, (int, float), "what `fairness` returned")
        if abs(value - wanted) > 1e-6:
            said = "; ".join(f"a socket of `{name}` sent {sent}, `desk` read {read}" for name, sent, read in plan)
            raise Wrong(
                "this is not the index of what the reader received",
                tried=f"{said}. A stranger sent to `desk` as well, and `ann` and `desk` to others",
                seen=f"`fairness(trace, 'desk', {senders})` returned {value:.4g}",
                expected=f"{wanted:.4g}",
                look="the formula, and who counts: each role of the list, once, even with 0, and nobody else",
            )


def _record(t: Trial, sockets: ExitStack, plan: tuple[tuple[str, int, int], ...]) -> None:
    """Real messages for the trace: the plan's, and some that are none of its business."""

    def socket(kind: int, role: str, endpoint: str) -> zmq.Socket:
        with t.stage.recorder.role(role):
            made = sockets.enter_context(t.ctx.socket(kind))
        made.linger = 0
        made.bind(endpoint) if kind == zmq.PULL else made.connect(endpoint)
        return made

    desk, other = (socket(zmq.PULL, name, f"inproc://{name}") for name in ("desk", "other"))
    waiting = []
    elsewhere = [("stranger", 2, 2, desk), ("desk", 3, 3, other), ("ann", 7, 7, other)]
    for name, sent, read, pull in [(*each, desk) for each in plan] + elsewhere:
        push = socket(zmq.PUSH, name, "inproc://desk" if pull is desk else "inproc://other")
        for number in range(read):
            push.send_multipart([b"%s %d" % (name.encode(), number), bytes(50 * len(waiting))])
            pull.recv_multipart()
        waiting.append((push, sent - read))
    for push, left in waiting:  # last, so that nobody's turn comes into it
        for number in range(left):
            push.send_multipart([b"waits", b"%d %d" % (id(push), number)])


# ---- a reader that is taken by the hand ---------------------------------------------------------------------


class Desk:
    """What a reader under test hands its messages to. It lets one message at a time be handled: while the check
    sends more, one is in hand, and `next` lets go of it and says which one comes then."""

    def __init__(self, t: Trial, names: tuple[str, ...]) -> None:
        self.t = t
        self.ends = {name: t.endpoint("inproc", name=name) for name in names}
        self.sent: dict[str, list[bytes]] = {name: [] for name in names}  # and not handled so far
        self.got: list[list[bytes]] = []
        self.order = ""
        self._number = count()
        self._may_go = threading.Semaphore(0)
        self._over = False

    def handle(self, frames: list[bytes]) -> None:
        """Handed to the answer; returns when the check says so."""
        self.got.append(frames)
        while not self._over and not self._may_go.acquire(timeout=0.02):
            pass

    def __enter__(self) -> Desk:
        self.pushes = {name: self.t.connect(zmq.PUSH, endpoint) for name, endpoint in self.ends.items()}
        return self

    def __exit__(self, *error: object) -> None:
        self._over = True

    def send(self, name: str, many: int = 1) -> None:
        for _ in range(many):
            first = b"%s %d" % (name.encode(), next(self._number))
            self.sent[name].append(first)
            self.t.send(self.pushes[name], first, *MORE, expected=f"a PULL bound for `{name}`")

    def next(self, expected: str, *, idle: bool = False) -> str:
        """The class of the message that is handled after the one in hand (`idle`: there is none in hand)."""
        before = len(self.order)
        if not idle:
            self._may_go.release()
        self.t.wait(lambda: len(self.got) > before, seconds=1.2, expected=expected)
        frames = self.got[before]
        name = self._name_of(frames)
        first = self.sent[name].pop(0)
        if frames != [first, *MORE]:
            raise Wrong(
                "a message was not handled as it was sent",
                tried=f"`{show([first, *MORE])}`",
                seen=f"`handle({show(frames)})`",
                expected="all frames of a message, in one list, each once, in the order of its class",
            )
        self.order += name[0]
        return name

    def _name_of(self, frames: list[bytes]) -> str:
        if isinstance(frames, list) and frames and isinstance(frames[0], bytes):
            name = frames[0].split(b" ")[0].decode("latin-1")
            if self.sent.get(name):
                return name
        raise Wrong(
            "`handle` was called with something else than the next message",
            seen=f"`handle({show(frames)})`",
            expected="a list with all frames of one message (`recv_multipart`), and each message once",
        )

    def rest(self) -> None:
        """Let go of the one in hand; nothing more is there."""
        self._may_go.release()

    def idles(self, job: Job) -> None:
        """While nothing is there, nothing is handled, and the role sleeps."""
        before, began = _busy(job), time.monotonic()
        time.sleep(IDLE)
        if len(self.got) > len(self.order):
            raise Wrong("`handle` was called although nothing had come", seen=f"`handle({show(self.got[-1])})`")
        used = (_busy(job) - before) / (time.monotonic() - began)
        if used > BUSY:
            raise Wrong(
                "it does not sleep while there is nothing to do",
                tried=f"nothing was sent for {IDLE:g} s",
                seen=f"it kept the processor busy for {used:.0%} of this time",
                expected="wait in `poll` without a limit: it comes back as soon as something is there",
            )


def _busy(job: Job) -> float:
    """Seconds in which this call had the processor or waited for it; 0 where the system (it is not Linux) does not
    tell. On a machine that is busy itself, even an endless loop has the processor for a small part of the time."""
    try:
        had, waited, _ = Path(f"/proc/self/task/{job.thread.native_id}/schedstat").read_text().split()
    except (OSError, ValueError):
        return 0.0
    return (int(had) + int(waited)) / 1e9


def _alone(desk: Desk, job: Job, names: tuple[str, ...]) -> None:
    """Each class by itself, the most urgent last; then nothing for a while."""
    for name in names:
        desk.send(name)
        others = ", ".join(f"`{other}`" for other in names if other != name)
        desk.next(f"a message for `{name}` is handled, while there is none for {others}", idle=True)
        desk.rest()
    desk.idles(job)


# ---- 12.2 ---------------------------------------------------------------------------------------------------


@exercise(
    "12.2",
    title="Several classes",
    hints=(
        "The lesson's `two_desks` with a list of sockets. Keep them in the order of `endpoints`.",
        "Each round: `ready = dict(poller.poll())`, the first socket of your list that is in `ready`, one message.",
        "`first = next(pull for pull in pulls if pull in ready)`, then `handle(first.recv_multipart())`, and no more "
        "in this round.",
    ),
)
def the_most_urgent_is_next(by_class) -> None:
    """`by_class(ctx, endpoints, handle)` handles one message of the most urgent class that has any, again and again."""
    names = ("high", "mid", "low")
    with trial() as t, Desk(t, names) as desk:
        job = t.start(by_class, t.ctx, list(desk.ends.values()), desk.handle)
        _alone(desk, job, names[::-1])
        desk.send("low")
        desk.next("a message for `low` is handled", idle=True)
        for name in names[::-1]:
            desk.send(name, 3)
        _in_order(desk, ["high", "high", "high", "mid"], "3 messages of each class, while one was handled")
        desk.send("high", 2)
        _in_order(desk, ["high", "high", "mid", "mid", "low"], "2 of `high`, while one of `mid` was handled")
        desk.send("mid")
        desk.send("high")
        _in_order(desk, ["high", "mid", "low", "low"], "one of `mid`, then one of `high`, while `low` was handled")
        desk.rest()
        desk.idles(job)
    with trial() as t, Desk(t, ("only",)) as desk:  # the number of classes is the caller's
        t.start(by_class, t.ctx, list(desk.ends.values()), desk.handle)
        desk.send("only", 2)
        desk.next("with one endpoint, its messages are handled", idle=True)
        desk.next("with one endpoint, its messages are handled")


def _in_order(desk: Desk, wanted: list[str], tried: str) -> None:
    for number, name in enumerate(wanted):
        got = desk.next(f"a message of `{name}`: some are waiting")
        if got != name:
            so_far = ", ".join([f"`{each}`" for each in wanted[:number]] + [f"`{got}`"])
            raise Wrong(
                f"a message of `{got}` was handled while one of `{name}` was waiting",
                tried=f"three classes, `high`, `mid`, `low`; {tried}",
                seen=f"handled after that: {so_far}",
                expected=", ".join(f"`{each}`" for each in wanted) + ": look anew after each single message",
            )


# ---- 12.3 ---------------------------------------------------------------------------------------------------


@exercise(
    "12.3",
    title="Three to one",
    hints=(
        "Begin with `two_desks`. What has to be remembered from one message to the next?",
        "How many urgent ones came since the last normal one. Below three, or while no normal one is there: urgent.",
        "`if first in ready and (ahead < 3 or second not in ready):` an urgent one, `ahead += 1`; else a normal one, "
        "`ahead = 0`.",
    ),
)
def three_and_one(three_to_one) -> None:
    """`three_to_one(ctx, urgent, normal, handle)`: while both have something three of one, one of the other."""
    names = ("urgent", "normal")
    with trial() as t, Desk(t, names) as desk:
        job = t.start(three_to_one, t.ctx, *desk.ends.values(), desk.handle)
        _alone(desk, job, names[::-1])
        desk.send("normal")
        desk.next("a normal message is handled", idle=True)
        _both(desk, "20 urgent and 10 normal messages came while a normal one was handled", 20, 10)
        _empty(desk)
        for name, other in (names, names[::-1]):
            _only(desk, name, other)
            _both(desk, f"12 messages for `{name}` came alone, and then 12 urgent and 8 normal ones", 12, 8)
            _empty(desk)
        desk.rest()
        desk.idles(job)


def _only(desk: Desk, name: str, other: str) -> None:
    """Twelve of one class, one of them in hand at the end."""
    desk.rest()
    desk.send(name, 12)
    desk.next(f"a message for `{name}` is handled", idle=True)
    for _ in range(11):
        desk.next(f"the next `{name}` message, although there is none for `{other}`")


def _both(desk: Desk, tried: str, urgent: int, normal: int) -> None:
    """The order of what is handled while both have something."""
    desk.send("urgent", urgent)
    desk.send("normal", normal)
    began = len(desk.order)
    while len(desk.sent["urgent"]) > 2 and len(desk.sent["normal"]) > 2:
        desk.next("the next message, urgent or normal: both are waiting")
    order = desk.order[began:]
    first, *between = order.split("n")[:-1] or [order]
    late, ahead = len(first) > 3 or "n" not in order, [len(run) for run in between]
    if late or any(run != 3 for run in ahead):
        raise Wrong(
            "this is not three to one",
            tried=tried,
            seen=f"handled, u for urgent and n for normal: `{order}`",
            expected="three urgent ones between two normal ones, and never more than three before a normal one; "
            "nobody waits, and nobody is owed anything from before",
        )


def _empty(desk: Desk) -> None:
    """Handle what is left, in any order."""
    while any(desk.sent.values()):
        desk.next("what is left is handled, although only one class has something")
