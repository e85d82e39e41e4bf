"""Workers that are killed, idle, at work, or by what they are asked; and clients that wait."""

from __future__ import annotations

import itertools
import queue
import time
from contextlib import suppress
from typing import Any

import zmq
from ipywidgets import Button
from zmqlive import Stage
from zmqlive.trace import Message

from .words import HEARTBEAT, READY, REQUEST, W_FINAL, WORKER, Policy, Role, registered, said

CREW = 4  # workers of the one service
PATIENCE = 4.0  # seconds for which Ann waits: several times what a broker takes to notice, and the work


def one_each(broker: Role, worker: Role, work: Policy, dead: Policy, lost: Policy) -> Stage:
    """Three workers, each another service; "store" came last, and is a process of its own. The stage, running."""
    stage = Stage("One worker for each service", seconds=600)
    stage.heartbeats(HEARTBEAT)
    endpoint = stage.endpoint("tcp", name="services")
    stage.add(broker, endpoint, dead, lost, name="broker")
    stage.start()
    for number, service in enumerate(("resize", "count", "store"), 1):
        stage.add(worker, endpoint, service.encode(), work, name=service, process=service == "store")
        stage.wait(registered(number), timeout=60)
    return stage


def asks_until_404(stage: Stage, ask: Role, service: bytes, seconds: float) -> float | None:
    """A client asks whether this service is offered, again and again; after how many seconds it was told 404, or None
    when it was not told so in `seconds`."""
    endpoint = stage.endpoint("tcp", name="services")
    found: list[float | None] = []

    def client(ctx: zmq.Context[Any]) -> None:
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if ask(ctx, endpoint, b"mmi.service", service) == [b"404"]:
                found.append(time.monotonic() - began)
                return
            time.sleep(0.1)
        found.append(None)

    before = sum(role.name.startswith("client") for role in stage.roles)
    stage.add(client, name=f"client {before + 1}" if before else "client")
    stage.wait(lambda s: found, timeout=seconds + 60)
    return found[0]


class Crew:
    """Four workers of one service, each in a process of its own. Ann asks for one photo after the other; Eve sends what
    she is told to, once for each press of `button`. `stage` runs; `answered` are Ann's photos, `hung` those for which
    she waited in vain.
    """

    def __init__(self, broker: Role, worker: Role, work: Policy, ask: Role, dead: Policy, lost: Policy) -> None:
        self.answered: list[int] = []
        self.hung: list[int] = []
        self.button = Button(description="Send the poison")
        self._pressed: queue.Queue[None] = queue.Queue()
        self.button.on_click(lambda _: self._pressed.put(None))
        self.stage = stage = Stage("Four who resize", seconds=600)
        stage.heartbeats(HEARTBEAT)
        self._endpoint = stage.endpoint("tcp", name="services")
        self._ask = ask
        stage.add(broker, self._endpoint, dead, lost, name="broker")
        stage.add(worker, self._endpoint, b"resize", work, name="worker", count=CREW, process=True)
        stage.start()
        stage.wait(registered(CREW), timeout=60)
        stage.add(self._ann, name="Ann")
        stage.add(self._eve, name="Eve")

    def _ann(self, ctx: zmq.Context[Any]) -> None:
        for number in itertools.count(1):
            answer = self._ask(ctx, self._endpoint, b"resize", b"photo %d" % number, patience=PATIENCE)
            (self.answered if answer else self.hung).append(number)

    def _eve(self, ctx: zmq.Context[Any]) -> None:
        while True:
            with suppress(queue.Empty):
                self._pressed.get(timeout=0.05)
                self._ask(ctx, self._endpoint, b"resize", b"poison", patience=1)
            time.sleep(0)  # where the stage ends her

    @property
    def alive(self) -> list[str]:
        return [role.name for role in self.stage.roles if role.name.startswith("worker") and not role.gone]

    def at_work(self) -> str:
        """The worker that has Ann's photo in hand, "" if none: it was given it, and has not answered."""
        trace, given = self.stage.trace(), self._given()
        if not given:
            return ""
        last = given[-1]
        answers = [m for m in said(trace, WORKER, W_FINAL, by="worker") if m.frames[-1] == last.frames[-1]]
        name = trace.role_of(last.target)
        return name if not answers and name in self.alive else ""

    def _given(self) -> list[Message]:
        return [m for m in said(self.stage.trace(), WORKER, REQUEST, by="broker") if m.frames[-1][:5] == b"photo"]

    def kill_at_work(self) -> bool:
        """Kill the worker that has Ann's photo in hand, and wait until she has given it up or been served. Whether she
        was served. (Kill is a button in the picture, too.)"""
        if len(self.alive) < 2:  # the reader has been at work, too
            self.restart_all()
        given = len(self._given())  # the next one, which has just begun
        self.stage.wait(lambda _: len(self._given()) > given and self.at_work(), timeout=60)
        before, hung = len(self.answered), len(self.hung)
        self.stage.kill(self.at_work() or self.alive[0])
        self.stage.wait(lambda _: len(self.answered) > before or len(self.hung) > hung, timeout=60)
        return len(self.hung) == hung

    def restart_all(self) -> None:
        """Start those who are dead again, and wait until the broker knows them."""
        dead = [role.name for role in self.stage.roles if role.name.startswith("worker") and role.gone]
        known = len(said(self.stage.trace(), WORKER, READY, to="broker"))
        for name in dead:
            self.stage.restart(name)
        self.stage.wait(registered(known + len(dead)), timeout=60)

    def poison(self) -> int:
        """Eve sends one poisoned request; how many workers that has cost when a while nobody more has died."""
        self.restart_all()
        self._pressed.put(None)
        self.stage.wait(lambda _: len(self.alive) < CREW, timeout=60)
        calm = time.monotonic()
        left = len(self.alive)
        while left and time.monotonic() - calm < PATIENCE:
            time.sleep(0.05)
            if len(self.alive) < left:
                left, calm = len(self.alive), time.monotonic()
        return CREW - left
