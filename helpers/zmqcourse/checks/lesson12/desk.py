"""A reader that is taken by the hand: one message at a time, the next when the check says so."""

from __future__ import annotations

import contextlib
import threading
import time
from itertools import count
from pathlib import Path

import zmq

from ...exercise import Wrong, show
from ...trial import Job, Trial

SETTLED = 0.05      # seconds in which a role gets back to where it waits
IDLE = 0.3          # quiet seconds in which nothing is there
WAKES = 40          # times a second that a role which sleeps may wake up: a poll with a limit is no sin
PROCESSOR = 0.01    # of its time that it may need the processor, and a few milliseconds
MORE = [b"", b"\xff\x00 two\n", b"x" * 300]  # frames that follow the first one of each message


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
        self.t.wait(lambda: len(self.got) > before, seconds=2.0, expected=expected)
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
        sleeps(self.t, job)
        if len(self.got) > len(self.order):
            raise Wrong("`handle` was called although nothing had come", seen=f"`handle({show(self.got[-1])})`")


def sleeps(t: Trial, job: Job, tried: str = "nothing was sent") -> None:
    """For a while nothing is there to do: this call must neither need the processor nor wake up often. (Waking up is
    counted: how long a thread has to wait for the processor says nothing about it.)"""
    time.sleep(SETTLED)
    before, began = _needs(job), time.monotonic()
    quiet = t.deadline(IDLE)
    while not quiet.over:
        time.sleep(0.02)
    seconds = time.monotonic() - began
    processor, woke = (now - then for now, then in zip(_needs(job), before, strict=True))
    if woke > WAKES * seconds or processor > 0.005 + PROCESSOR * seconds:
        raise Wrong(
            "it does not sleep while there is nothing to do",
            tried=f"{tried}, for {seconds:.1f} s",
            seen=f"it woke up {woke:.0f} times, and needed the processor for {1000 * processor:.0f} ms",
            expected="wait in `poll` without a limit: it comes back as soon as something is there",
        )


def _needs(job: Job) -> tuple[float, float]:
    """Seconds of processor time that this call's thread has had, and how often it has gone to sleep; 0 where the system
    does not tell (the second is known on Linux only)."""
    processor, slept = 0.0, 0.0
    if hasattr(time, "pthread_getcpuclockid") and job.thread.is_alive():
        with contextlib.suppress(OSError):
            processor = time.clock_gettime(time.pthread_getcpuclockid(job.thread.ident))
    with contextlib.suppress(OSError, IndexError, ValueError):
        status = Path(f"/proc/self/task/{job.thread.native_id}/status").read_text()
        slept = float(status.split("voluntary_ctxt_switches:")[1].split()[0])
    return processor, slept


def alone(desk: Desk, job: Job, names: tuple[str, ...]) -> None:
    """Each class by itself, the most urgent last; then nothing for a while."""
    for name in names:
        desk.send(name)
        others = ", ".join(f"`{other}`" for other in names if other != name)
        desk.next(f"a message for `{name}` is handled, while there is none for {others}", idle=True)
        desk.rest()
    desk.idles(job)
