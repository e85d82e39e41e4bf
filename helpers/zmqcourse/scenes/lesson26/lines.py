"""Sensors and their readers at two ends of a line, either of them bound, and what an outage of the line costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import zmq
from zmq.utils.monitor import recv_monitor_message
from zmqlive import Stage
from zmqlive.net import Link

Role = Callable[..., Any]
BINDS = ("sensor", "reader")
FAULTS = ("cut", "hold", "half-open")
OUTAGE = 1.0  # seconds
PATIENCE = 30.0  # seconds for what a busy machine does late, and does
UP = 20  # readings, after which a line is up
BACK = 30  # readings after the end of an outage, by which whoever lost the connection has another one
HEARTBEATS = {"heartbeat_ivl": 100, "heartbeat_timeout": 300}  # milliseconds
KEEPALIVE = {"tcp_keepalive": 1, "tcp_keepalive_idle": 1, "tcp_keepalive_intvl": 1, "tcp_keepalive_cnt": 1}  # seconds


class Line(NamedTuple):
    """One sensor, one reader, and what the reader has seen."""

    name: str
    link: Link
    seen: list[int]

    @property
    def missed(self) -> int:
        """Numbers that are missing between the first and the last that were seen."""
        seen = list(self.seen)
        return seen[-1] - seen[0] + 1 - len(set(seen)) if seen else 0


def _lay(
    stage: Stage, name: str, binds: str, sensor: Role, reader: Role, options: Mapping[str, int], of: str = ""
) -> Line:
    """A line on this stage at whose ends these two roles are; who `binds` is at the target. `of`: told with their
    names."""
    target = stage.endpoint("tcp", name=name)
    line = Line(name, stage.link(target, name=name), [])
    for role, function, more in ("reader", reader, [line.seen]), ("sensor", sensor, []):
        bound = role == binds
        endpoint = target if bound else line.link.endpoint
        called = f"{role}{' binds' * bound}{of}"
        stage.add(function, endpoint, bound, options, *more, name=called)
    return line


def _break(link: Link, fault: str) -> None:
    {"cut": link.cut, "hold": link.hold, "half-open": link.half_open}[fault]()


def _until_up(stage: Stage, lines: list[Line]) -> None:
    stage.wait(lambda _: all(len(line.seen) > UP for line in lines), timeout=PATIENCE)


def _until_back(stage: Stage, lines: list[Line]) -> None:
    """Each reader sees what was sent when the line had been mended for a while."""
    had = {line.name: len(line.seen) for line in lines}
    stage.wait(lambda _: all(len(line.seen) > had[line.name] + BACK for line in lines), timeout=PATIENCE)


class TwoLines:
    """Two lines, in front of the reader; at one the sensor binds, at the other the reader does. `stage` runs."""

    def __init__(self, sensor: Role, reader: Role) -> None:
        self.stage = Stage("Two lines", seconds=900)
        self.lines = {
            binds: _lay(self.stage, f"line {number}", binds, sensor, reader, {})
            for number, binds in enumerate(BINDS, 1)
        }
        self.stage.start()
        _until_up(self.stage, list(self.lines.values()))

    @property
    def missed(self) -> dict[str, int]:
        """Who binds → readings that have been missed since the start."""
        return {binds: line.missed for binds, line in self.lines.items()}

    def out(self, fault: str) -> dict[str, int]:
        """Both lines have this fault for a second, whatever was done to them before. Who binds → readings missed."""
        lines = list(self.lines.values())
        for line in lines:
            if line.link.state != "up":
                line.link.mend()
        _until_back(self.stage, lines)
        before = self.missed
        for line in lines:
            _break(line.link, fault)
        time.sleep(OUTAGE)
        for line in lines:
            line.link.mend()
        _until_back(self.stage, lines)
        return {binds: missed - before[binds] for binds, missed in self.missed.items()}


def outages(sensor: Role, reader: Role) -> dict[str, list[int]]:
    """Each of `FAULTS` for a second, without and with heartbeats, on lines of both kinds, all at the same time.

    Kind of line → readings missed for each fault.
    """
    kinds = {
        f"{binds} binds{', heartbeats' if options else ''}": (binds, options)
        for options in ({}, HEARTBEATS)
        for binds in BINDS
    }
    with Stage("Outages", seconds=120) as stage:
        lines = {
            kind: [
                _lay(stage, f"{kind}, {fault}", binds, sensor, reader, options, f", {kind}, {fault}")
                for fault in FAULTS
            ]
            for kind, (binds, options) in kinds.items()
        }
        every = [line for three in lines.values() for line in three]
        _until_up(stage, every)
        for three in lines.values():
            for line, fault in zip(three, FAULTS, strict=True):
                _break(line.link, fault)
        time.sleep(OUTAGE)
        for line in every:
            line.link.mend()
        _until_back(stage, every)
        return {kind: [line.missed for line in three] for kind, three in lines.items()}


# --- who notices


OPTIONS: dict[str, tuple[Mapping[str, int], Mapping[str, int]]] = {  # what the reader sets, and the sensor
    "nothing": ({}, {}),
    "keepalive, at both": (KEEPALIVE, KEEPALIVE),
    "heartbeats, at the reader": (HEARTBEATS, {}),
    "the same, with a ttl": ({**HEARTBEATS, "heartbeat_ttl": 500}, {}),
    "heartbeats, at both": (HEARTBEATS, HEARTBEATS),
}
BEATING = 0.5  # seconds in which they have heard several heartbeats of each other
LONG = 2.5  # seconds: more than any of these takes


def who_notices() -> dict[str, list[float | None]]:
    """Lines that swallow everything: what was set, and where → the seconds until the reader gave its connection up, and
    the sensor (None: not in `LONG` seconds)."""
    with zmq.Context() as ctx:
        with _watched(ctx) as ends:
            _look(ends, lambda: all(each.up for each in ends))
            began = time.monotonic() + BEATING
            _look(ends, lambda: time.monotonic() > began)
            for each in ends:
                each.gone = None
                each.link.half_open()
            _look(ends, lambda: time.monotonic() > began + LONG)
            gone = [each.gone - began if each.gone else None for each in ends]
    return {kind: gone[2 * n : 2 * n + 2] for n, kind in enumerate(OPTIONS)}


class _End:
    """One end of a line, and its monitor."""

    def __init__(self, ctx: zmq.Context[Any], kind: int, options: Mapping[str, int]) -> None:
        self.socket = ctx.socket(kind)
        self.socket.linger = 0
        for name, value in options.items():
            setattr(self.socket, name, value)
        self.monitor = self.socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
        self.up = False
        self.gone: float | None = None
        self.link: Any = None

    def look(self) -> None:
        while self.monitor.poll(0):
            event = recv_monitor_message(self.monitor)["event"]
            self.up = self.up or event == zmq.EVENT_HANDSHAKE_SUCCEEDED
            if event == zmq.EVENT_DISCONNECTED and self.gone is None:
                self.gone = time.monotonic()

    def close(self) -> None:
        self.socket.disable_monitor()
        self.monitor.close()
        self.socket.close()


@contextmanager
def _watched(ctx: zmq.Context[Any]) -> Iterator[list[_End]]:
    """A reader and a sensor for each of `OPTIONS`, in turn; the sensors bind."""
    ends: list[_End] = []
    links: list[Link] = []
    try:
        for of_reader, of_sensor in OPTIONS.values():
            reader, sensor = _End(ctx, zmq.SUB, of_reader), _End(ctx, zmq.PUB, of_sensor)
            ends += [reader, sensor]
            sensor.socket.bind("tcp://127.0.0.1:*")
            reader.link = sensor.link = Link(sensor.socket.getsockopt_string(zmq.LAST_ENDPOINT))
            links.append(reader.link)
            reader.socket.subscribe("")
            reader.socket.connect(reader.link.endpoint)
        yield ends
    finally:
        for each in (*ends, *links):
            each.close()


def _look(ends: list[_End], condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        for each in ends:
            each.look()
        time.sleep(0.01)
