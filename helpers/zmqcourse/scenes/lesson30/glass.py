"""A socket of a process that nobody records, drawn from what passes over the link in front of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from zmqlive import Recorder, Stage
from zmqlive.zmtp import Decoder, Item, properties

ALL = 1 << 24  # bytes of an item that are looked at
BEFORE = 2_000_000  # ns: what was delivered this moment had been sent a moment ago
Heard = Callable[[str, list[bytes]], object]
MARKS = 1000  # messages: libzmq's own high-water mark, which a kernel leaves as it is


class Glass:
    """What a process behind a stage's links sends and receives there, read as ZMTP; the stage's record keeps it as that
    of a role. `tap(endpoint, heard)` makes a `tap` for the link to that endpoint; which type of socket it is, its READY
    says."""

    def __init__(self, stage: Stage, role: str) -> None:
        self._elsewhere = Recorder(sink=stage.recorder.ingest)
        self._elsewhere.close()  # it keeps nothing that its thread would have to look after
        self._role, self._lock = role, threading.Lock()

    def tap(self, endpoint: str, heard: Heard) -> _Side:
        """`heard(way, frames)` is told of each message as well; subscriptions are none."""
        return _Side(self, endpoint, heard)

    def opened(self, kind: str, endpoint: str) -> Any:
        with self._lock:
            log = self._elsewhere.new_log()
            log.opened(kind, self._role, 0)
            log.note("bind", endpoint, MARKS, MARKS)
            return log


class _Side:
    """The bound side of one link."""

    def __init__(self, glass: Glass, endpoint: str, heard: Heard) -> None:
        self._glass, self._endpoint, self._heard = glass, endpoint, heard
        self._log: Any = None
        self._kind = ""
        self._last = 0  # ns: when it received something
        self._decoders: dict[tuple[int, str], Decoder] = {}
        self._frames: dict[tuple[int, str], list[bytes]] = {}
        self._names: dict[int, bytes] = {}  # connection → the routing id that its socket has asked for

    def __call__(self, connection: int, way: str, data: bytes) -> None:
        key = connection, way
        if key not in self._decoders:
            self._decoders[key] = Decoder(keep=ALL)
        for item in self._decoders[key].feed(data):
            if item.name == "READY":
                self._greets(connection, way, properties(item.body))
            elif item.name in ("SUBSCRIBE", "CANCEL"):
                self._received((b"\x01" if item.name == "SUBSCRIBE" else b"\x00") + item.body)
            elif item.kind == "frame":
                self._frame(key, item)

    def _greets(self, connection: int, way: str, told: dict[str, bytes]) -> None:
        if way == "there":
            self._names[connection] = told.get("Identity", b"") or b"\0" + connection.to_bytes(4, "big")
        elif self._log is None:
            self._kind = told.get("Socket-Type", b"").decode()
            self._log = self._glass.opened(self._kind, self._endpoint)

    def _frame(self, key: tuple[int, str], item: Item) -> None:
        frames = self._frames.setdefault(key, [])
        frames.append(item.body)
        if item.more:
            return
        del self._frames[key]
        connection, way = key
        self._heard(way, frames)
        if self._kind == "ROUTER":
            frames = [self._names.get(connection, b"?"), *frames]
        (self._received if way == "there" else self._sent)(*frames)

    def _received(self, *frames: bytes) -> None:
        if self._log:
            self._last = now = time.perf_counter_ns()
            for frame in frames[:-1]:
                self._log.put_received(now, (frame,))
            self._log.put_received(now, frames[-1])

    def _sent(self, *frames: bytes) -> None:
        if self._log:
            then = max(time.perf_counter_ns() - BEFORE, self._last + 1)
            for frame in frames[:-1]:
                self._log.put_sent(then, (frame,))
            self._log.put_sent(then, frames[-1])
