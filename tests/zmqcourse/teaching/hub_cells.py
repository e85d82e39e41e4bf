"""What a class's kernels are asked besides their lessons: did any stage hear what nobody of its own has sent?

The source of this file is sent to each learner's kernel, where it becomes a module of this name: a lesson's own names
stay as they are. It keeps every stage that the lesson makes, and records the plain sockets that cells make besides.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import zmq
import zmqlive
from zmqlive import Stage
from zmqlive.stage import keeper

TRANSPORTS = ("inproc", "ipc", "tcp")

_stages: list[Stage] = []
_plain: list[Any] = []
_undo: list[Callable[[], Any]] = []
_talks: dict[str, tuple[Stage, list[bytes]]] = {}


def watch() -> None:
    """From now on, keep all stages, and what plain sockets send: a lesson may publish from its own cell."""
    known = keeper.made

    def made(stage: Stage, cell: Any) -> None:
        _stages.append(stage)
        known(stage, cell)

    keeper.made = made
    _undo.append(lambda: setattr(keeper, "made", known))
    _plain.append(zmqlive.record())
    _undo.append(_plain[-1].close)


def unwatch() -> None:
    """Keep and record no more."""
    while _undo:
        _undo.pop()()


def traced() -> dict[str, Any]:
    """Of the stages since the last such call: how many, messages received, those that nobody here has sent."""
    stages = list(_stages)
    _stages.clear()
    sent_plainly = {frame for record in _plain for kept in _all_kept(record)
                    for _, _, frames, _ in kept.sends.messages() for frame in frames}
    received, foreign = 0, []
    for stage in stages:
        trace = stage.trace()
        matched = Counter((m.target, m.frames[-1]) for m in trace.messages
                          if m.received is not None and m.source is not None)     # None: from outside the record
        for kept in _all_kept(stage.recorder):
            if kept.type == "XPUB":     # what it receives are subscriptions
                continue
            heard = Counter((kept.log.id, frames[-1]) for _, _, frames, _ in kept.recvs.messages())
            received += heard.total()
            foreign += [(stage.title, kept.role, repr(payload)) for (_, payload), _ in (heard - matched).items()
                        if payload not in sent_plainly]
    return {"stages": len(stages), "received": received, "foreign": foreign}


def _all_kept(recorder: Any) -> list[Any]:
    recorder.collect()
    return list(recorder.store.kept)


# --- the same moment in all kernels


def begin(name: str) -> list[str]:
    """Say `name` over and over, on a stage for each transport, named alike for every learner; the endpoints."""

    def speaker(ctx: zmq.Context, endpoint: str) -> None:
        with ctx.socket(zmq.PUSH) as push:
            push.connect(endpoint)
            while True:
                push.send(name.encode())
                time.sleep(0.02)

    def listener(ctx: zmq.Context, endpoint: str, said: list[bytes]) -> None:
        with ctx.socket(zmq.PULL) as pull:
            pull.bind(endpoint)
            while True:
                said.append(pull.recv())

    endpoints = []
    for transport in TRANSPORTS:
        stage, said = Stage(f"class over {transport}", seconds=600), []
        endpoints.append(stage.endpoint(transport, name="class"))
        stage.add(listener, endpoints[-1], said)
        stage.add(speaker, endpoints[-1])
        stage.start()
        _talks[transport] = stage, said
    return endpoints


def intrude(endpoint: str, what: str) -> None:
    """Send to somebody else's stage: the count that a test makes of foreign messages must be able to fail."""
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        push.send(what.encode())


def finish(name: str, at_least: int, seconds: float) -> dict[str, dict[str, int]]:
    """Wait until each listener has heard so many; what was heard by transport, and what of it was not `name`."""
    heard = {}
    for stage, said in _talks.values():
        stage.wait(lambda s, said=said: len(said) >= at_least, timeout=seconds)
    for transport, (stage, said) in _talks.items():
        stage.stop()
        heard[transport] = {"heard": len(said), "foreign": sum(each != name.encode() for each in said)}
    return heard
