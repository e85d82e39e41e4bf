"""Brokers for a moment: two sockets by hand, one that was back too soon, one for a question."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import zmq
from zmqlive import Stage
from zmqlive.trace import Trace

from .hands import PATIENCE
from .words import C_REQUEST, CLIENT, HEARTBEAT, READY, REQUEST, W_FINAL, WORKER, Policy, Role, registered


def router_and_two() -> tuple[zmq.Context[Any], zmq.Socket[Any], zmq.Socket[Any], zmq.Socket[Any]]:
    """A context, a ROUTER that is bound, and two DEALERs at it: Ann and Bob, by their routing ids."""
    ctx = zmq.Context()
    router, ann, bob = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER), ctx.socket(zmq.DEALER)
    router.bind("inproc://services")
    for dealer, name in (ann, b"ann"), (bob, b"bob"):
        dealer.routing_id = name
        dealer.connect("inproc://services")
    return ctx, router, ann, bob


@contextmanager
def running(
    broker: Role, worker: Role, work: Policy, dead: Policy, lost: Policy, *, workers: int = 1
) -> Iterator[tuple[zmq.Context[Any], str]]:
    """A broker and so many workers of "resize"; a context for their client, and where the broker is."""
    with Stage("Resize", seconds=60) as stage, zmq.Context() as ctx:
        endpoint = stage.endpoint("tcp", name="services")
        stage.add(broker, endpoint, dead, lost, name="broker")
        stage.add(worker, endpoint, b"resize", work, name="worker", count=workers)
        stage.start()
        stage.wait(registered(workers), timeout=30)
        yield ctx, endpoint


def two_at_once(broker: Role, worker: Role, dead: Policy, lost: Policy, *bodies: list[bytes]) -> list[list[bytes]]:
    """One DEALER sends these requests to two free workers, one right after the other; the answers, as they come. A
    worker sends back what it was asked; the one that is asked for "slow" answers when the client has heard another."""
    heard = threading.Event()

    def works(body: list[bytes]) -> Iterator[None]:
        while body[-1] == b"slow" and not heard.wait(0.05):
            yield

    answers = []
    with running(broker, worker, works, dead, lost, workers=2) as (ctx, endpoint), ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for body in bodies:
            dealer.send_multipart([CLIENT, C_REQUEST, b"resize", *body])
        for _ in bodies:
            answers.append(dealer.recv_multipart()[3:])
            heard.set()
    return answers


# --- a supervisor that is quick


def quick_restart(broker: Role, dead: Policy, lost: Policy, ask: Role) -> tuple[Stage, bool]:
    """Bob, the only worker, dies with Ann's job in hand, and says READY under his name before anybody has noticed. The
    stage, stopped, and whether Ann was answered in four seconds."""
    heard: list[bool] = []
    with Stage("A quick supervisor", seconds=60) as stage:
        endpoint = stage.endpoint("tcp", name="services")

        def bob(ctx: zmq.Context[Any]) -> None:
            for life in range(2):
                with ctx.socket(zmq.DEALER) as dealer:
                    dealer.linger, dealer.routing_id = 0, b"bob"
                    dealer.connect(endpoint)
                    dealer.send_multipart([WORKER, READY, b"resize"])
                    _bobs_life(dealer, crashes=life == 0)
                time.sleep(0.2)  # less than a beat

        def ann(ctx: zmq.Context[Any]) -> None:
            heard.append(bool(ask(ctx, endpoint, b"resize", b"photo", patience=PATIENCE)))

        stage.add(broker, endpoint, dead, lost, name="broker")
        stage.add(bob, name="Bob")
        stage.start()
        stage.wait(registered(1), timeout=30)
        stage.add(ann, name="Ann")
        stage.wait(lambda _: heard, timeout=30)
    return stage, heard[0]


def _bobs_life(dealer: zmq.Socket[Any], *, crashes: bool) -> None:
    while True:
        if dealer.poll(150):
            _, command, *rest = dealer.recv_multipart()
            if command == REQUEST and crashes:
                return
            if command == REQUEST:
                dealer.send_multipart([WORKER, W_FINAL, *rest])
        dealer.send_multipart([WORKER, HEARTBEAT])


def story(trace: Trace) -> list[str]:
    """What was said, in words, but for the heartbeats."""
    names = {
        (CLIENT, b"\1"): "REQUEST", (CLIENT, b"\2"): "PARTIAL", (CLIENT, b"\3"): "FINAL", (WORKER, b"\1"): "READY",
        (WORKER, b"\2"): "REQUEST", (WORKER, b"\3"): "PARTIAL", (WORKER, b"\4"): "FINAL", (WORKER, b"\6"): "DISCONNECT",
    }  # fmt: skip
    lines = []
    for m in trace.messages:
        at = next((n for n in (0, 1) if m.frames[n] in (CLIENT, WORKER)), 0)
        word = names.get((m.frames[at], m.frames[at + 1]))
        if word:
            lines.append(f"{trace.role_of(m.source)} → {trace.role_of(m.target) or '?'}: {word}")
    return lines
