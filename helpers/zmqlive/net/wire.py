"""The wires of a `Link`: bytes on their way between two TCP connections, in whatever weather there is.

A `Pair` is a connection that was accepted and the one made to the target for it; each has two lanes, one a
way. A lane holds only what is on its way: when its reader stops reading, the lane stops reading too, so that
back pressure passes through as on a real wire. Nothing here waits or starts a thread: `relay.py` does.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

WAYS = ("there", "back")       # from the connecting side to the target, and the other way
CHUNK = 256 * 1024             # bytes read at a time, at most
IDLE_ROOM = 64 * 1024          # bytes that a lane may hold when nothing but a slow reader keeps them
WIRE_ROOM = 4 * 1024 * 1024    # bytes on the way at once, when there is latency and no bandwidth
ROUTER = 0.1                   # seconds of bandwidth that wait in front of a narrow link
SLICE = 0.02                   # seconds of bandwidth written at once
CATCH_UP = 0.05                # seconds of bandwidth that a late wake-up may make good
RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)    # SO_LINGER: close with RST, not FIN


@dataclass
class Weather:
    """What happens to bytes. `latency`, `jitter` in seconds each way, `bandwidth` in bytes a second each way;
    `vanish` and `held` for each way (there, back), `flips` in how many of the next pieces a bit is turned. `free` is
    when each way's bandwidth is free again, `forwarded` the bytes delivered each way; all connections share them."""

    latency: float = 0.0
    jitter: float = 0.0
    bandwidth: float | None = None
    vanish: list[bool] = field(default_factory=lambda: [False, False])
    held: list[bool] = field(default_factory=lambda: [False, False])
    flips: list[int] = field(default_factory=lambda: [0, 0])
    free: list[float] = field(default_factory=lambda: [0.0, 0.0])
    forwarded: list[int] = field(default_factory=lambda: [0, 0])
    tap: Callable[[int, str, bytes], None] | None = None
    buffer: memoryview = field(default_factory=lambda: memoryview(bytearray(CHUNK)))


class Lane:
    """One way of one pair, from `src` to `dst`."""

    def __init__(self, pair: Pair, way: int, src: socket.socket, dst: socket.socket) -> None:
        self.pair, self.way, self.src, self.dst = pair, way, src, dst
        self.weather = pair.weather
        self.queue: deque[tuple[float, float, memoryview]] = deque()    # time read, jitter, bytes
        self.size = 0         # bytes in the queue
        self.eof = False      # src will say no more
        self.done = False     # and dst has been told
        self.stuck = False    # dst takes nothing at the moment
        self.holed = False    # bytes have vanished: what would follow makes no sense
        self.sink = False     # dst is gone, and src must not learn of it

    @property
    def vanishing(self) -> bool:
        return self.sink or self.weather.vanish[self.way]

    def room(self) -> int:
        """Bytes that may be read now."""
        weather = self.weather
        if self.eof or weather.held[self.way]:
            return 0
        if self.vanishing:
            return CHUNK
        if self.stuck:
            room = IDLE_ROOM
        elif weather.bandwidth:
            room = max(2048, int(weather.bandwidth * (weather.latency + ROUTER)))
        else:
            room = WIRE_ROOM if weather.latency or weather.jitter else IDLE_ROOM
        return max(0, min(CHUNK, room - self.size))

    def due(self) -> float | None:
        """When there is something to write; None if only an event can change anything."""
        if not self.queue or self.stuck or self.weather.held[self.way]:
            return None
        read, jitter, _ = self.queue[0]
        when = read + self.weather.latency + jitter    # looked up now: a change of weather counts at once
        return max(when, self.weather.free[self.way]) if self.weather.bandwidth else when

    def pull(self) -> None:
        """Read what there is; pass it on at once in fair weather."""
        if not (room := self.room()):
            return
        weather = self.weather
        try:
            count = self.src.recv_into(weather.buffer, room)
        except BlockingIOError:
            return
        except OSError:
            self.pair.broke(self.src)
            return
        if self.vanishing:
            self.holed = True
            self.eof = count == 0
            self.pair.settle()
        elif count == 0:
            self.eof = True
            self._finish()
        else:
            if weather.flips[self.way]:
                weather.flips[self.way] -= 1
                weather.buffer[count - 1] ^= 1
            data = weather.buffer[:count]
            if not (self.queue or weather.latency or weather.jitter or weather.bandwidth):
                data = data[self._write(data):]
            if data and self.pair.open:
                jitter = random.uniform(-weather.jitter, weather.jitter) if weather.jitter else 0.0
                self.queue.append((time.monotonic(), max(jitter, -weather.latency), memoryview(bytes(data))))
                self.size += len(data)

    def push(self) -> None:
        """Write what is due."""
        weather = self.weather
        while (when := self.due()) is not None and when <= time.monotonic():
            read, jitter, data = self.queue[0]
            piece = data[:max(1, int(weather.bandwidth * SLICE))] if weather.bandwidth else data
            sent = self._write(piece)
            if not self.pair.open:
                return
            self.size -= sent
            if sent == len(data):
                self.queue.popleft()
            else:
                self.queue[0] = (read, jitter, data[sent:])
        self._finish()

    def lose(self) -> None:
        """What is on its way vanishes."""
        self.holed = self.holed or self.size > 0
        self.queue.clear()
        self.size = 0
        self.stuck = False

    def _write(self, data: memoryview) -> int:
        weather = self.weather
        try:
            sent = self.dst.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.pair.broke(self.dst)
            return 0
        self.stuck = sent < len(data)
        weather.forwarded[self.way] += sent
        if weather.bandwidth:
            start = max(weather.free[self.way], time.monotonic() - CATCH_UP)
            weather.free[self.way] = start + sent / weather.bandwidth
        if weather.tap and sent:
            weather.tap(self.pair.number, WAYS[self.way], bytes(data[:sent]))
        return sent

    def _finish(self) -> None:
        """Pass on that src has said its last, once all that it said has arrived."""
        if self.eof and not self.queue and not self.done and not self.vanishing:
            self.done = True
            with suppress(OSError):    # gone already
                self.dst.shutdown(socket.SHUT_WR)
            if all(lane.done for lane in self.pair.lanes):
                self.pair.close()


class Pair:
    """An accepted connection (end 0) and the one to the target made for it (end 1)."""

    def __init__(self, number: int, accepted: socket.socket, target: socket.socket, *, weather: Weather,
                 closing: Callable[[Pair], None]) -> None:
        self.number = number
        self.weather = weather
        self.ends = (accepted, target)
        self.lanes = (Lane(self, 0, accepted, target), Lane(self, 1, target, accepted))
        self.watched = [0, 0]     # what the relay waits for, of each end
        self.connecting = True
        self.open = True
        self._closing = closing

    @property
    def holed(self) -> bool:
        return any(lane.holed for lane in self.lanes)

    def broke(self, end: socket.socket) -> None:
        """One end is gone. The other learns of it, unless news vanish on that way."""
        outward, inward = self.lanes if end is self.ends[0] else self.lanes[::-1]
        if outward.vanishing:
            outward.eof = outward.holed = inward.sink = True
            inward.lose()
            self.settle()
        else:
            self.close(reset=True)

    def settle(self) -> None:
        """Close once both ends have gone unheard."""
        if all(lane.eof for lane in self.lanes):
            self.close(reset=True)

    def close(self, *, reset: bool = False) -> None:
        """End both connections, with RST where `reset`; what is on its way is lost."""
        if not self.open:
            return
        self.open = False
        self._closing(self)
        for end in self.ends:
            if reset:
                with suppress(OSError):    # not connected any more: nothing to reset
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            end.close()
