"""Where pyzmq leaves Python, the record would go blind: its proxies and pollers, and sockets of plain contexts.

`install()` puts a Python loop in place of `zmq.proxy` for recorded sockets (each hop of a message is then seen), and
lets `zmq.Poller` note that a thread waited. Calls with no recorded socket go to pyzmq unchanged.
"""

from __future__ import annotations

import threading
from typing import Any

import zmq
import zmq.devices.basedevice
import zmq.devices.proxydevice

from .log import now
from .sockets import _Noted

_installed = threading.Lock()
_proxy, _steerable, _poll = zmq.proxy, getattr(zmq, "proxy_steerable", None), zmq.Poller.poll


def install() -> None:
    """Put the hooks in place, once a process."""
    if not _installed.acquire(blocking=False):
        return
    zmq.proxy = zmq.devices.basedevice.proxy = zmq.devices.proxy = proxy  # type: ignore[assignment]
    if _steerable:
        zmq.proxy_steerable = proxy_steerable  # type: ignore[assignment]
    zmq.Poller.poll = poll  # type: ignore[method-assign]


def poll(self: zmq.Poller, timeout: Any = None) -> Any:
    """`zmq.Poller.poll`; the recorded sockets that are asked for messages write down that they were."""
    asked = [s for s, flags in self.sockets if flags & zmq.POLLIN and isinstance(s, _Noted)]
    if not asked:
        return _poll(self, timeout)
    since = now()
    for s in asked:
        s._log.asked = since
    try:
        return _poll(self, timeout)
    finally:
        for s in asked:
            s._waited(since)


def proxy(frontend: zmq.Socket, backend: zmq.Socket, capture: zmq.Socket | None = None) -> None:
    """`zmq.proxy` (man page zmq_proxy): hand messages on in both directions until the context is terminated."""
    if not any(isinstance(s, _Noted) for s in (frontend, backend)):
        return _proxy(frontend, backend, capture)
    _relay(frontend, backend, capture, None)


def proxy_steerable(frontend: zmq.Socket, backend: zmq.Socket, capture: zmq.Socket | None = None,
                    control: zmq.Socket | None = None) -> None:
    """`zmq.proxy_steerable`: the same, obeying PAUSE, RESUME, TERMINATE and STATISTICS on `control`."""
    if not any(isinstance(s, _Noted) for s in (frontend, backend)):
        return _steerable(frontend, backend, capture, control)
    _relay(frontend, backend, capture, control)


def _relay(frontend: Any, backend: Any, capture: Any, control: Any) -> None:
    ways = [(frontend, backend)] if frontend is backend else [(frontend, backend), (backend, frontend)]
    counts = [0] * 8        # zmq_proxy_steerable's statistics: messages and bytes in and out, front then back
    paused = False
    full: set[Any] = set()      # targets without room: what is for them stays where it is
    while True:
        poller = zmq.Poller()
        if control is not None:
            poller.register(control, zmq.POLLIN)
        if not paused:
            for source, target in ways:
                wanted = zmq.POLLIN if target not in full else 0
                poller.register(source, wanted | (zmq.POLLOUT if source in full else 0))
        ready = dict(poller.poll())
        full = {target for target in full if not ready.get(target, 0) & zmq.POLLOUT}
        if control is not None and control in ready:
            command = control.recv()
            if command == b"TERMINATE":
                return
            paused = {b"PAUSE": True, b"RESUME": False}.get(command, paused)
            if command == b"STATISTICS":
                control.send_multipart([n.to_bytes(8, "little") for n in counts])
            elif control.getsockopt(zmq.TYPE) == zmq.REP:
                control.send(b"")
            continue
        for i, (source, target) in enumerate(ways):
            if ready.get(source, 0) & zmq.POLLIN and not _hand_on(source, target, capture, counts, i):
                full.add(target)


def _hand_on(source: Any, target: Any, capture: Any, counts: list[int], way: int) -> bool:
    """As many messages as are there and find room, as zmq_proxy does; at most 100 before the other side's turn.
    Whether there was room for all that were there."""
    for _ in range(100):
        if not target.getsockopt(zmq.EVENTS) & zmq.POLLOUT:
            return False
        try:
            frames = source.recv_multipart(zmq.DONTWAIT)
        except zmq.Again:
            return True
        target.send_multipart(frames)
        if capture is not None:
            capture.send_multipart(frames)
        size = sum(map(len, frames))
        for i, n in ((4 * way, 1), (4 * way + 1, size), (4 * (1 - way) + 2, 1), (4 * (1 - way) + 3, size)):
            counts[i] += n
    return True
