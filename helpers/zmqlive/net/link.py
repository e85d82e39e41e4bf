"""`Link`: a network with weather, between two endpoints on this machine.

It is a TCP relay. Connect to `link.endpoint` instead of the target's endpoint, and everything that passes
can be delayed, narrowed, cut or swallowed while the program runs; ZeroMQ's own sockets on both sides notice
what they would notice on a real network.

    with Link("tcp://127.0.0.1:5555", latency=0.05) as link:
        socket.connect(link.endpoint)
        link.cut()
        link.mend()
"""

from __future__ import annotations

import math
import socket
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

from .relay import Relay
from .wire import WAYS, Weather

OnMark = Callable[[str], None]
Tap = Callable[[int, str, bytes], None]


class Forwarded(NamedTuple):
    """Bytes delivered: `there` to the target, `back` to the connecting side."""

    there: int
    back: int


class Link:
    """A TCP relay to `target` ("tcp://host:port"), listening on a free port of 127.0.0.1.

    `latency` and `jitter` are seconds each way (each delay is latency ± jitter; order is kept), `bandwidth`
    is bytes a second each way, shared by all connections, None for no limit. All three may be set at any
    time.

    `on_mark(what)` is told, in the thread that did it, what was done: "cut", "mend", "half-open", "hold",
    "flip there", "reset", "latency 50 ms" …. `tap(connection, way, data)` is handed every piece just after
    its delivery, in the relay's thread; `connection` is a number, `way` "there" or "back". A tap that raises
    is taken off, and a mark says so.

    It closes itself when nothing refers to it any more.

    Raises ValueError, in one sentence, for a target that no TCP connection can be made to.
    """

    def __init__(self, target: str, *, name: str = "link", latency: float = 0.0, jitter: float = 0.0,
                 bandwidth: float | None = None, on_mark: OnMark | None = None,
                 tap: Tap | None = None) -> None:
        family, address = parse_target(target)
        self.name = name
        self.target = target
        self._on_mark = on_mark
        self._tap = tap
        self._closed = False
        self._weather = Weather(_seconds("latency", latency), _seconds("jitter", jitter), _rate(bandwidth))
        if tap:
            tapped = weakref.WeakMethod(self._tapped)    # the relay's thread must not keep this object alive
            self._weather.tap = lambda *piece: (call := tapped()) and call(*piece)
        self._relay = Relay(family, address, name=name, weather=self._weather)
        weakref.finalize(self, self._relay.close)

    def __repr__(self) -> str:
        return f"<Link {self.name!r} {self.endpoint} to {self.target}, {self.state}>"

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def endpoint(self) -> str:
        """What to connect to."""
        return f"tcp://127.0.0.1:{self._relay.port}"

    @property
    def state(self) -> str:
        """'up', 'cut', 'half-open', 'held' or 'closed': the worst that holds."""
        if self._closed:
            return "closed"
        if not self._relay.listening:
            return "cut"
        return "half-open" if any(self._weather.vanish) else "held" if any(self._weather.held) else "up"

    @property
    def connections(self) -> int:
        """Connections that pass through it now."""
        return len(self._relay.pairs)

    @property
    def forwarded(self) -> Forwarded:
        """Bytes delivered so far, each way."""
        return Forwarded(*self._weather.forwarded)

    # --- weather

    @property
    def latency(self) -> float:
        """Seconds each way. A change also counts for what is on its way."""
        return self._weather.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._set("latency", _seconds("latency", seconds), f"latency {seconds * 1000:g} ms")

    @property
    def jitter(self) -> float:
        """Seconds more or less than the latency, each way."""
        return self._weather.jitter

    @jitter.setter
    def jitter(self, seconds: float) -> None:
        self._set("jitter", _seconds("jitter", seconds), f"jitter {seconds * 1000:g} ms")

    @property
    def bandwidth(self) -> float | None:
        """Bytes a second each way, None for no limit."""
        return self._weather.bandwidth

    @bandwidth.setter
    def bandwidth(self, rate: float | None) -> None:
        what = f"bandwidth {rate / 1000:g} kB/s" if rate else "bandwidth unlimited"
        self._set("bandwidth", _rate(rate), what)

    # --- faults

    def cut(self) -> None:
        """Close every connection and refuse new ones until `mend()`. Both sides are told at once; what was on
        its way is lost."""
        def act() -> None:
            self._relay.refuse()
            for pair in list(self._relay.pairs):
                pair.close()
        self._do(act, "cut")

    def half_open(self, way: str = "both") -> None:
        """Swallow every byte on this way ("there", "back" or "both") until `mend()`. The connections stay up,
        and nobody is told: TCP cannot tell a dead wire from nothing to say. Heartbeats can."""
        ways = _ways(way)

        def act() -> None:
            self._weather.vanish[:] = [one in ways for one in WAYS]
            for pair in list(self._relay.pairs):
                for lane in pair.lanes:
                    if lane.vanishing:
                        lane.lose()
                self._relay.refresh(pair)
        self._do(act, "half-open" if way == "both" else f"half-open {way}")

    def hold(self, way: str = "both") -> None:
        """Carry nothing on this way until `mend()`, and lose nothing either: a hold-up, as TCP's own
        resending makes of a short outage."""
        ways = _ways(way)

        def act() -> None:
            self._weather.held[:] = [one in ways for one in WAYS]
            for pair in self._relay.pairs:
                self._relay.refresh(pair)
        self._do(act, "hold" if way == "both" else f"hold {way}")

    def flip(self, way: str = "there") -> None:
        """Turn one bit of the next piece on this way, the lowest of its last byte, as somebody on the way might.
        What TCP itself would notice, and send again, is not meant: the relay passes it on as if it had been said."""
        ways = _ways(way)

        def act() -> None:
            self._weather.flips[:] = [n + (one in ways) for n, one in zip(self._weather.flips, WAYS, strict=True)]
        self._do(act, "flip" if way == "both" else f"flip {way}")

    def reset(self) -> None:
        """Break every connection with a TCP reset, as a firewall or a rebooted machine does. New ones work at
        once."""
        def act() -> None:
            for pair in list(self._relay.pairs):
                pair.close(reset=True)
        self._do(act, "reset")

    def mend(self) -> None:
        """End a cut, a half-open state or a hold. ZeroMQ's sockets reconnect by themselves. A connection
        that lost bytes half-open is reset: what would follow in it makes no sense. Latency, jitter and
        bandwidth stay as they are."""
        def act() -> None:
            self._weather.vanish[:] = self._weather.held[:] = [False, False]
            self._relay.listen()
            for pair in list(self._relay.pairs):
                if pair.holed:
                    pair.close(reset=True)
                else:
                    for lane in pair.lanes:
                        lane.push()
                    self._relay.refresh(pair)
        self._do(act, "mend")

    def close(self) -> None:
        """End it: connections, port and thread are gone when this returns. Harmless when called again."""
        self._closed = True
        self._relay.close()

    # --- inside

    def _set(self, name: str, value: float | None, what: str) -> None:
        if value == getattr(self._weather, name):
            return

        def act() -> None:
            setattr(self._weather, name, value)
            self._weather.free[:] = [0.0, 0.0]    # an old, slower bandwidth's debt would outlive it
            for pair in self._relay.pairs:
                self._relay.refresh(pair)
        self._do(act, what)

    def _do(self, act: Callable[[], None], what: str) -> None:
        if self._closed:
            raise RuntimeError(f"The link {self.name!r} is closed: make a new one.")
        self._relay.call(act)
        self._mark(what)

    def _mark(self, what: str) -> None:
        if self._on_mark:
            self._on_mark(what)

    def _tapped(self, connection: int, way: str, data: bytes) -> None:
        try:
            self._tap(connection, way, data)
        except Exception as error:    # somebody else's mistake must not stop the wire
            self._weather.tap = None
            self._mark(f"tap taken off: {error!r}")


def parse_target(target: Any) -> tuple[int, Any]:
    """The address family and socket address of "tcp://host:port". Raises ValueError in one sentence."""
    wanted = "a Link needs the endpoint that the other side is bound to, like 'tcp://127.0.0.1:5555'"
    if isinstance(target, bytes):
        target = target.decode("utf-8", "replace")
    if not isinstance(target, str) or not target.startswith("tcp://"):
        kind = target.split("://")[0] if isinstance(target, str) and "://" in target else repr(target)
        raise ValueError(f"{wanted}, and carries TCP only, not {kind}.")
    host, colon, port = target.removeprefix("tcp://").rpartition(":")
    if port == "*" or port == "0":
        raise ValueError(f"{wanted}: bind first, then pass socket.last_endpoint, which names the port that "
                         f"{target!r} was given.")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"{wanted}, not {target!r}.")
    if host in ("*", "0.0.0.0"):
        host = "127.0.0.1"    # bound everywhere, so here too
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ValueError(f"{wanted}; there is no host {host!r}.") from error
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)    # IPv4 first
    return family, address


def _ways(way: str) -> tuple[str, ...]:
    if way not in (*WAYS, "both"):
        raise ValueError(f"a way is 'there' (to the target), 'back' or 'both', not {way!r}.")
    return WAYS if way == "both" else (way,)


def _seconds(name: str, value: float) -> float:
    if not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise ValueError(f"{name} is a number of seconds, 0 or more, not {value!r}.")
    return float(value)


def _rate(value: float | None) -> float | None:
    if value is None:
        return None
    if not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise ValueError(f"bandwidth is a number of bytes a second above 0, or None for none, not {value!r}.")
    return float(value)
