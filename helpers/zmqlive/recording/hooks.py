"""Where pyzmq leaves Python, the record would go blind: its proxies and pollers.

`install()` puts a Python loop in place of `zmq.proxy` and its relatives for recorded sockets (each hop of a message is
then seen), and lets `zmq.Poller` note that a thread waited. Calls with no recorded socket go to pyzmq unchanged.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import zmq

from .log import now
from .noted import Noted

_installed = threading.Lock()
_proxy, _steerable, _poll = zmq.proxy, getattr(zmq, "proxy_steerable", None), zmq.Poller.poll
_monitored: Any = None      # pyzmq's, once its devices are imported
_POLLIN, _both = int(zmq.POLLIN), int.__and__       # pyzmq's flags are enums, whose own & takes as long as a message
AT_ONCE = 100       # messages handed on in one direction before the other has its turn


def install() -> None:
    """Put the hooks in place, once a process."""
    if not _installed.acquire(blocking=False):
        return
    zmq.proxy = proxy  # type: ignore[assignment]
    if _steerable:
        zmq.proxy_steerable = proxy_steerable  # type: ignore[assignment]
    zmq.Poller.poll = poll  # type: ignore[method-assign]
    when_imported("zmq.devices", _catch_devices)


def _catch_devices(devices: Any) -> None:
    global _monitored
    _monitored = devices.monitoredqueue.monitored_queue
    devices.basedevice.proxy = devices.proxy = proxy
    for module in (devices, devices.monitoredqueue, devices.monitoredqueuedevice):
        module.monitored_queue = monitored_queue


def when_imported(name: str, call: Callable[[Any], None]) -> None:
    """Call with the module of this name: now, or once somebody has imported it."""
    if name in sys.modules:
        call(sys.modules[name])
    else:
        sys.meta_path.insert(0, _Watch(name, call))     # type: ignore[arg-type]


class _Watch:
    """Stands among Python's finders of modules until that one is asked for."""

    def __init__(self, name: str, call: Callable[[Any], None]) -> None:
        self._name, self._call = name, call

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self._name or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)      # type: ignore[arg-type]
        specs = (finder.find_spec(name, path, target) for finder in list(sys.meta_path))
        spec = next(filter(None, specs), None)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_call(module: Any) -> None:
                run(module)
                self._call(module)

            spec.loader.exec_module = run_and_call      # type: ignore[method-assign]
        return spec


def poll(self: zmq.Poller, timeout: Any = None) -> Any:
    """`zmq.Poller.poll`; the recorded sockets that are asked for messages write down that they were."""
    asked = [s for s, flags in self.sockets if _both(flags, _POLLIN) and isinstance(s, Noted)]
    if not asked:
        return _poll(self, timeout)
    since = now()
    for s in asked:
        s._log.asked = since
    try:
        ready = _poll(self, timeout)
    except BaseException:
        for s in asked:
            s._over(since, False)
        raise
    for s in asked:
        s._over(since, not _among(s, ready))
    return ready


def _among(socket: Any, ready: list[tuple[Any, int]]) -> bool:
    """Whether there is a message for this socket."""
    for each, flags in ready:
        if each is socket:
            return bool(flags & _POLLIN)
    return False


def proxy(frontend: zmq.Socket, backend: zmq.Socket, capture: zmq.Socket | None = None) -> None:
    """`zmq.proxy` (man page zmq_proxy): hand messages on in both directions until the context is terminated."""
    if not _recorded(frontend, backend):
        return _proxy(frontend, backend, capture)
    _relay(frontend, backend, capture)


def proxy_steerable(frontend: zmq.Socket, backend: zmq.Socket, capture: zmq.Socket | None = None,
                    control: zmq.Socket | None = None) -> None:
    """`zmq.proxy_steerable`: the same, obeying PAUSE, RESUME, TERMINATE and STATISTICS on `control`."""
    if not _recorded(frontend, backend):
        return _steerable(frontend, backend, capture, control)
    _relay(frontend, backend, capture, control)


def monitored_queue(in_socket: zmq.Socket, out_socket: zmq.Socket, mon_socket: zmq.Socket,
                    in_prefix: bytes = b"in", out_prefix: bytes = b"out") -> Any:
    """`zmq.devices.monitored_queue`: a proxy whose capture socket hears which way each message went."""
    if not _recorded(in_socket, out_socket) or in_socket.type == out_socket.type == zmq.ROUTER:
        return _monitored(in_socket, out_socket, mon_socket, in_prefix, out_prefix)     # two ROUTERs swap addresses
    _relay(in_socket, out_socket, mon_socket, prefixes=([in_prefix], [out_prefix]))


def _recorded(*sockets: Any) -> bool:
    return any(isinstance(s, Noted) for s in sockets)


def _relay(frontend: Any, backend: Any, capture: Any, control: Any = None,
           prefixes: tuple[list[bytes], list[bytes]] = ([], [])) -> None:
    ways = [(frontend, backend)] if frontend is backend else [(frontend, backend), (backend, frontend)]
    counts = [0] * 8        # zmq_proxy_steerable's statistics: messages and bytes in and out, front then back
    paused = False
    while True:
        ready = _ready(control, () if paused else ways)
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
            if ready.get(source, 0) & zmq.POLLIN:
                _hand_on(source, target, capture, counts, i, prefixes[i])


def _ready(control: Any, ways: Any) -> dict[Any, int]:
    """Wait for something to do. Like zmq_proxy, a side is asked for messages only while the other has room."""
    wanted: dict[Any, int] = {} if control is None else {control: zmq.POLLIN}
    for source, target in ways:
        if _has_room(source, target):
            wanted[source] = wanted.get(source, 0) | zmq.POLLIN
        else:
            wanted[target] = wanted.get(target, 0) | zmq.POLLOUT
    poller = zmq.Poller()
    for socket, flags in wanted.items():
        poller.register(socket, flags)
    return dict(poller.poll())


def _has_room(source: Any, target: Any) -> bool:
    """(A socket that is its own target, such as a REP that echoes, is ready to send once it has received.)"""
    return source is target or bool(target.getsockopt(zmq.EVENTS) & zmq.POLLOUT)


def _hand_on(source: Any, target: Any, capture: Any, counts: list[int], way: int, prefix: list[bytes]) -> None:
    """As many messages as are there and find room, as zmq_proxy does, before the other side's turn."""
    for _ in range(AT_ONCE):
        try:
            frames = source.recv_multipart(zmq.DONTWAIT) if _has_room(source, target) else []
        except zmq.Again:
            return
        if not frames:
            return
        if capture is not None:     # first, as in zmq_proxy: who has received the message may rely on it
            capture.send_multipart(prefix + frames)
        target.send_multipart(frames)
        size = sum(map(len, frames))
        for i, n in ((4 * way, 1), (4 * way + 1, size), (4 * (1 - way) + 2, 1), (4 * (1 - way) + 3, size)):
            counts[i] += n
    return True
