"""30.2: what a listener on iopub knows: whether a cell runs, and how long each took."""

from __future__ import annotations

import random as randoms
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import zmq

from ...exercise import Wrong, exercise
from ...kernels import SLEEPS, Info, Kernel, at, cell, message, read
from ...trial import Trial, show, trial

INFO: Info = {"key": "a key of the check's"}
BEGAN = datetime(2026, 3, 29, 0, 59, 59, 900_000, tzinfo=timezone.utc)
Said = tuple[str, float | None]


@exercise(
    "30.2",
    title="Busy or idle?",
    hints=(
        "One flag is not enough: `idle` tells that *one* request is over, and its parent header says which. Keep a "
        "dict, from a cell's `msg_id` to the time of its `busy`.",
        "Only what has an `execute_request` for a parent is a cell. Some messages have an empty parent header, and "
        "`starting` means that nothing is under way any more.",
        "The times are in the headers' `date`: `datetime.fromisoformat(date.replace('Z', '+00:00'))`. An `idle` of a "
        "cell that is not in your dict ends nothing that you know of.",
    ),
)
def busy_or_idle(listen) -> str:
    """`listen(messages)`: after each message the state, and the seconds of a cell that has ended with it."""
    count = 0
    for tried, story in _stories():
        with trial() as t:
            _hears(t, listen, story.frames, tried)
            count += len(story.frames)
    with Kernel() as kernel, trial(seconds=30) as t:
        real = _recorded(t, kernel)
        _hears(t, listen, real, "what a real kernel said")
    return f"{count} messages, of cells beside each other and without an end; {len(real)} more, of a real kernel"


class Story:
    """Messages on iopub, as they come, a tenth of a second between two."""

    def __init__(self) -> None:
        self.frames: list[list[bytes]] = []
        self._requests = 0

    def request(self, kind: str = "execute_request") -> dict[str, Any]:
        self._requests += 1
        return {"msg_id": f"request {self._requests}", "msg_type": kind, "session": "somebody", "date": _date(0)}

    def says(self, kind: str, content: Any, parent: Any, *, later: float = 0.1) -> None:
        self._at = getattr(self, "_at", 0.0) + later
        frames = message(INFO, kind, content, parent)
        header, _, _ = read(frames)
        frames[2] = frames[2].replace(header["date"].encode(), _date(self._at).encode())
        topic = f"kernel.30.{kind}".encode()
        self.frames.append([topic, *frames] if parent else frames)

    def status(self, state: str, parent: Any, **more: Any) -> None:
        self.says("status", {"execution_state": state}, parent, **more)

    def cell(self, *, seconds: float = 0.5) -> None:
        mine = self.request()
        self.status("busy", mine)
        self.says("execute_input", {"code": "…"}, mine, later=0)
        self.says("stream", {"name": "stdout", "text": "idle"}, mine, later=0)
        self.status("idle", mine, later=seconds)


def _date(seconds: float) -> str:
    return (BEGAN + timedelta(seconds=seconds)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _stories() -> Iterator[tuple[str, Story]]:
    story = Story()
    story.cell()
    story.cell(seconds=90.25)
    yield "two cells, one after the other", story

    story = Story()
    story.says("iopub_welcome", {"subscription": ""}, {})
    story.cell()
    yield "a greeting, which has no parent", story

    story = Story()
    mine, asks = story.request(), story.request("kernel_info_request")
    story.status("busy", mine)
    story.status("busy", asks)
    story.status("idle", asks)
    story.status("idle", mine)
    story.status("busy", asks)
    story.status("idle", asks)
    yield "somebody asked on control while a cell ran, and when none did", story

    story = Story()
    one, two = story.request(), story.request()
    story.status("busy", one)
    story.status("busy", two)
    story.status("idle", one)
    story.status("idle", two)
    yield "two cells beside each other, the second in a subshell", story

    story = Story()
    story.status("idle", story.request())
    story.cell()
    yield "the listener came late, and a cell ended whose beginning it had missed", story

    story = Story()
    story.status("busy", story.request())
    story.status("starting", {})
    story.cell()
    yield "a cell was under way when the kernel was started again", story


def truth(messages: Sequence[list[bytes]]) -> list[Said]:
    """What is to be said after each of them."""
    said: list[Said] = []
    began: dict[str, datetime] = {}
    for frames in messages:
        header, parent, content = read(frames)
        took = None
        if header["msg_type"] == "status":
            state, name = content["execution_state"], parent.get("msg_id", "")
            when = datetime.fromisoformat(header["date"].replace("Z", "+00:00"))
            if state == "starting":
                began.clear()
            elif state == "busy" and parent.get("msg_type") == "execute_request":
                began[name] = when
            elif state == "idle" and name in began:
                took = (when - began.pop(name)).total_seconds()
        said.append(("busy" if began else "idle", took))
    return said


class _Feed:
    """Messages that know how many of them were taken."""

    def __init__(self, messages: Sequence[list[bytes]]) -> None:
        self._messages, self.taken = messages, 0

    def __iter__(self) -> Iterator[list[bytes]]:
        for frames in self._messages:
            self.taken += 1
            yield list(frames)


def _hears(t: Trial, listen: Any, messages: Sequence[list[bytes]], tried: str) -> None:
    wanted, feed = truth(messages), _Feed(messages)
    got: list[Any] = []
    at_: list[int] = []

    def reads() -> None:
        for each in listen(iter(feed)):
            got.append(each)
            at_.append(feed.taken)
            if len(got) > len(wanted):
                return

    t.run(reads, name="listen")
    for number, mine in enumerate(wanted):
        if number >= len(got):
            seen, expected = f"{len(got)} in all", f"one for each of {len(wanted)} messages"
            raise Wrong("after a message nothing was said", tried=tried, seen=seen, expected=expected)
        if at_[number] != number + 1:
            expected = "an answer to each message before the next one is taken"
            raise Wrong("the state is told too late", tried=tried, expected=expected)
        _same(mine, got[number], f"{tried}; message {number + 1}: {_said(messages[number])}")
    if len(got) > len(wanted):
        raise Wrong("more was said than there were messages", tried=tried)


def _said(frames: list[bytes]) -> str:
    header, parent, content = read(frames)
    what = content["execution_state"] if header["msg_type"] == "status" else header["msg_type"]
    return f"{what}, of {parent['msg_type']}" if parent else f"{what}"


def _same(mine: Said, yours: Any, tried: str) -> None:
    expected, seen = f"`{mine}`", f"`{show(yours)}`"
    if not isinstance(yours, (tuple, list)) or len(yours) != 2 or yours[0] not in ("busy", "idle"):
        raise Wrong("that is no pair of a state and seconds", tried=tried, seen=seen, expected=expected)
    state, took = yours
    if state != mine[0]:
        said = "it is called idle while a cell runs" if mine[0] == "busy" else "it is called busy, and no cell runs"
        raise Wrong(said, tried=tried, seen=seen, expected=expected)
    number = took is not None and isinstance(took, (int, float)) and not isinstance(took, bool)
    if mine[1] is None and took is not None:
        raise Wrong("seconds were told where no cell has ended", tried=tried, seen=seen, expected=expected)
    if mine[1] is not None and (not number or abs(took - mine[1]) > 0.001):
        said = "the seconds are not those between the kernel's `busy` and its `idle`"
        raise Wrong(said, tried=tried, seen=seen, expected=expected)


def _recorded(t: Trial, kernel: Kernel) -> list[list[bytes]]:
    """What a real kernel says: a cell, and a question on control meanwhile."""
    iopub, shell, control = (
        t.connect(kind, at(kernel.info, name), linger=0)
        for kind, name in ((zmq.SUB, "iopub"), (zmq.DEALER, "shell"), (zmq.DEALER, "control"))
    )
    iopub.subscribe("")
    heard: list[list[bytes]] = []

    def hears(what: str, since: int = 0) -> None:
        def turn() -> bool:
            while iopub.poll(20):
                heard.append(iopub.recv_multipart())
            if not heard:
                shell.send_multipart(message(kernel.info, "kernel_info_request", {}))
            return any(_said(frames).endswith(what) for frames in heard[since:])

        t.wait(turn, expected=what, said="the check's own kernel does not say it", seconds=20)

    hears("")
    shell.send_multipart(message(kernel.info, "execute_request", cell(SLEEPS)))
    hears("busy, of execute_request")
    before = len(heard)
    control.send_multipart(message(kernel.info, "kernel_info_request", {}))
    hears("idle, of kernel_info_request", before)
    control.send_multipart(message(kernel.info, "interrupt_request", {}))
    hears("idle, of execute_request")
    return heard


# --- the same for longer


def soak(listen, random: randoms.Random, seconds: float) -> str:
    """Random stories."""
    stories = messages = 0
    with trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            story, open_ = Story(), []
            for _ in range(random.randrange(1, 40)):
                kind = random.choice(("execute_request", "execute_request", "kernel_info_request", "comm_msg"))
                if random.random() < 0.03:
                    story.status("starting", {})
                    open_ = []
                elif open_ and random.random() < 0.5:
                    story.status("idle", open_.pop(random.randrange(len(open_))))
                elif random.random() < 0.1:
                    story.status("idle", story.request(kind))
                else:
                    open_.append(story.request(kind))
                    story.status("busy", open_[-1], later=random.uniform(0, 100))
            _hears(t, listen, story.frames, "a random story")
            t.jobs.clear()
            stories, messages = stories + 1, messages + len(story.frames)
    return f"{stories:,} random stories, {messages:,} messages"
