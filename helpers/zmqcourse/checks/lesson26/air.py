"""What a learner's ear hears: beacons of several peers, each from an address of its own, and garbage in between."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

from ...exercise import Late, Wrong
from ...trial import Trial, show
from .heldup import HeldUp

PATIENCE = 0.3  # of the answer's: seconds of a quiet machine
SILENT = 5  # beacons that a peer sends in a patience
HOSTS = "127.0.0.1", "127.0.0.2", "127.0.0.3"  # where a machine has the first alone, all are there
ME = b"me, myself and I"
Event = tuple[Any, ...]


def name_of(short: str) -> bytes:
    """A peer's name: any 16 bytes, a zero and a line's end among them."""
    return short.encode().ljust(14, b"\xff") + b"\0\n"


def beacon(name: bytes, port: int, *, magic: bytes = b"ZCO\x01") -> bytes:
    return magic + name + port.to_bytes(2, "big")


STRANGER = name_of("stranger")
GARBAGE = (
    b"",
    b"\xff",
    b"ZCO",
    beacon(STRANGER, 5555)[:-1],
    beacon(STRANGER, 5555) + b"!",
    beacon(STRANGER, 5555) + beacon(STRANGER, 5555),
    beacon(STRANGER, 5555, magic=b"ZCO\x02"),
    beacon(STRANGER, 5555, magic=b"ZRE\x01"),
    b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n",
    beacon(STRANGER, 5555).ljust(8000, b"\0"),
    beacon(STRANGER, 0),  # somebody leaves who was never there
    beacon(ME, 5555),  # one's own
)


class Peer:
    """One who sends a beacon now and then, from this host, for this port."""

    def __init__(self, air: Air, short: str, host: str, port: int) -> None:
        self.name, self.port, self.sent, self.beating = name_of(short), port, 0.0, True
        self._air = air
        self.moves(host, port)

    def moves(self, host: str, port: int) -> None:
        """From now on it is there."""
        self.port = port
        self._udp = self._air.speaker(host)
        self.endpoint = f"tcp://{self._udp.getsockname()[0]}:{port}"

    def says(self, port: int | None = None) -> None:
        self._udp.sendto(beacon(self.name, self.port if port is None else port), self._air.where)
        self.sent = time.monotonic()


class Air:
    """The answer's ear, those that it hears, and what it makes of them: `events`, each with its time."""

    def __init__(self, t: Trial, neighbours: Callable[..., Any], patience: float = 0.0) -> None:
        self.t = t
        self._pace = min(t.pace, 4.0)  # asked once: the trial's clock never goes faster than what it told
        self.patience = patience or PATIENCE * min(self._pace**1.25, 4.0)
        self.events: list[tuple[float, Event]] = []
        self.peers: list[Peer] = []
        self.rounds = HeldUp()
        self._over, self._garbage = False, 0
        self._open = ExitStack()
        self.ear = self._open.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.ear.bind((HOSTS[0], 0))
        self.where = self.ear.getsockname()
        self.stray = self.speaker(HOSTS[0])
        self.job = t.start(lambda: self._listens(neighbours), name="neighbours")

    def __enter__(self) -> Air:
        return self

    def __exit__(self, *exc: object) -> None:
        """Wakes whoever waits for a datagram, so that it comes to its end."""
        self._over = True
        for number in range(20):
            with suppress(OSError):
                self.stray.sendto(beacon(name_of(f"last {number}"), 1), self.where)
            if self.job.wait(0.05):
                break
        self._open.close()

    def speaker(self, host: str) -> socket.socket:
        """A socket that sends from this host; where there is no such address, from another port of the first one."""
        udp = self._open.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        try:
            udp.bind((host, 0))
        except OSError:
            udp.bind((HOSTS[0], 0))
        return udp

    def _listens(self, neighbours: Callable[..., Any]) -> None:
        heard = neighbours(self.ear, ME, self.patience)
        if not isinstance(heard, Iterator):
            raise Wrong("`neighbours` is no generator", seen=f"it returned `{show(heard)}`", expected="`yield`")
        for event in heard:
            if self._over:
                return
            self.events.append((time.monotonic(), event))
        if not self._over:
            raise Wrong("`neighbours` came to its end", expected="it listens for ever")

    # --- time passes

    def pump(self) -> bool:
        """Each peer that is due sends its beacon, and a piece of garbage comes with it. Always True."""
        now = time.monotonic()
        self.rounds.round()
        for peer in self.peers:
            if peer.beating and now >= peer.sent + self.patience / SILENT:
                peer.says()
                self.rubbish()
        return True

    def rubbish(self) -> None:
        self.stray.sendto(GARBAGE[self._garbage % len(GARBAGE)], self.where)
        self._garbage += 1

    def until(self, condition: Callable[[], Any], expected: str, said: str, *, patiences: float = 5.0) -> None:
        """Raises `Late` when this does not hold in so many patiences, `Wrong` where the check itself was not held up
        meanwhile, or when the answer has failed."""
        seconds = patiences * self.patience / self._pace + 0.3
        self.rounds.anew()
        try:
            self.t.wait(lambda: self.pump() and condition(), expected=expected, said=said, seconds=seconds)
        except Late as late:
            raise self.rounds.verdict(late, 0.3 * self.patience) from None

    def passes(self, patiences: float) -> None:
        end = time.monotonic() + patiences * self.patience
        self.until(lambda: time.monotonic() >= end, "time passes", "time does not pass", patiences=5 * patiences)

    def kind(self, said: str, **details: str) -> Wrong:
        """What is said of time: `Late` where the check was held up."""
        return self.rounds.kind(0.3 * self.patience)(said, **details)

    # --- what it makes of them

    def next_is(self, wanted: Event, tried: str, *, patiences: float = 4.0, expected: str = "") -> float:
        """Takes the next event, which must be this one; when it came."""
        told = expected or f"`{show(wanted)}`"
        self.until(lambda: self.events, f"{told}: {tried}", f"`{wanted[0]}` does not come", patiences=patiences)
        at, event = self.events.pop(0)
        if not isinstance(event, (tuple, list)) or tuple(event) != wanted:
            raise self._complaint(event, wanted, tried)
        return at

    def nothing(self, tried: str) -> None:
        """No event has come since the last one that was taken."""
        if self.events:
            raise self._complaint(self.events[0][1], None, tried)

    def _complaint(self, event: Any, wanted: Event | None, tried: str) -> Wrong:
        details = {
            "tried": tried,
            "seen": f"`{show(event)}`",
            "expected": f"`{show(wanted)}`" if wanted else "nothing: nobody has come, gone or moved",
        }
        if not isinstance(event, (tuple, list)) or not event or event[0] not in ("came", "gone"):
            return Wrong("that is no news of a neighbour", **details)
        name = event[1] if len(event) > 1 else None
        if name == ME:
            return Wrong("it takes itself for a neighbour", **details)
        known = {peer.name: peer for peer in self.peers}
        if name not in known:
            return Wrong("garbage was taken for a beacon", **details)
        if event[0] == "gone" and known[name].beating:
            return self.kind("one whose beacons come was called gone", **details)
        if event[0] == "came" and wanted is not None and wanted[:2] == tuple(event)[:2]:
            details["expected"] += ": the address that the beacon came from, and the port in it"
            return Wrong("that is not where it is", **details)
        return Wrong("this has been said already" if wanted is None else "that is not the news", **details)
