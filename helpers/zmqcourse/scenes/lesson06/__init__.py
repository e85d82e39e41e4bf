"""Lesson 06: how much a socket takes that has nobody, and a bad hour at a gateway."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import zmq
from zmqlive import Stage
from zmqlive.trace import Trace

EVENTS, ALARM_EVERY = 3000, 100
SIZE = 10_000  # bytes of an event
WORK = 0.002  # seconds that the centre takes for each


def blocked(trace: Trace) -> float:
    """The share of the run's time in which senders were blocked, 0 to 1."""
    return sum((each.end or trace.seconds) - each.start for each in trace.blocked) / trace.seconds


@dataclass
class Hour:
    """What came of a bad hour: the record, and in words what the centre saw."""

    trace: Trace
    alarms_sent: int
    alarms: int = 0
    most: int = 0
    oldest: float = 0.0

    def __str__(self) -> str:
        return (
            f"alarms: {self.alarms_sent} rang, {self.alarms} arrived\n"
            f"under way between gateway and centre: {self.most} at most\n"
            f"the oldest reading was {self.oldest:.1f} s old when the centre looked at it"
        )


@dataclass
class Centre:
    """What the slow centre notes: how old each message was when it got to it, by kind."""

    seen: list[tuple[bytes, float]] = field(default_factory=list)

    def __call__(self, ctx: zmq.Context[Any], centre: str, credits: str, handful: int) -> None:
        with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as credit:
            pull.bind(centre)
            credit.bind(credits)
            owed = handful  # what it would give, as soon as there is somebody who takes it
            while True:
                while owed and credit.poll(0, zmq.POLLOUT):
                    credit.send(b"")
                    owed -= 1
                if pull.poll(20):
                    kind, value = pull.recv_multipart()
                    self.seen.append((kind, time.time() - float(value.split()[0])))
                    time.sleep(WORK)
                    owed += 1

    __name__ = "centre"


def sensors(ctx: zmq.Context[Any], events: str) -> None:
    """Readings, large ones, and now and then an alarm; as fast as somebody takes them."""
    with ctx.socket(zmq.PUSH) as push:
        push.bind(events)
        for number in range(EVENTS):
            kind = b"reading" if number % ALARM_EVERY else b"alarm"
            push.send_multipart([kind, (b"%f " % time.time()).ljust(SIZE, b".")])
            time.sleep(0.0005)


def bad_hour(gateway: Callable[..., None], handful: int = 5) -> Hour:
    """Sensors, this gateway, and a centre that is slower than they are, over tcp; what came of it."""
    notes = Centre()
    with Stage("The gateway", seconds=60) as stage:
        events, centre, credits = (stage.endpoint("tcp", name=name) for name in ("events", "centre", "credits"))
        stage.add(sensors, events)
        stage.add(gateway, events, centre, credits, name="gateway")
        stage.add(notes, centre, credits, handful, name="centre")
        stage.start()
        most = 0
        end = 0.0
        while not end or (time.monotonic() < end and stage.received("centre") < stage.sent("gateway")):
            most = max(most, stage.sent("gateway") - stage.received("centre"))
            end = end or (time.monotonic() + 15 if stage.role("sensors").gone else 0.0)
            time.sleep(0.02)
        trace = stage.trace()
    ages = [age for kind, age in notes.seen if kind == b"reading"]
    alarms = sum(kind == b"alarm" for kind, _ in notes.seen)
    return Hour(trace, EVENTS // ALARM_EVERY, alarms, most, max(ages, default=0.0))
