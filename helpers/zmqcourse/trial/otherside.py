"""The check's own side of a trial: its sockets, its roles, a stage for processes and links."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import zmq
from zmqlive.net import Link
from zmqlive.trace import Trace

from ..exercise import MOST, Clock, Deadline, Wrong, show, socket_name
from .handed import HandedContext, hand_over
from .trialstage import TrialStage


class OtherSide:
    """What an answer meets. `ctx` is the context to hand to it; the check's sockets come from it too.

    `stage` is a zmqlive stage for what threads cannot show: roles in processes, which can be killed and
    frozen, and links that can be cut. Its sockets and those of `ctx` are in one record, `trace`.

    All seconds here and in `Trial` are those of a quiet machine: on a busy one they last longer (see `pace`). `clock`
    counts them.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.clock = Clock()
        self.stage = TrialStage(self.clock, seconds=seconds)
        self.ctx = HandedContext.make(self.stage.recorder)
        self._sockets = ExitStack()
        self._peers: list[threading.Thread] = []
        self._peer_errors: list[BaseException] = []
        self._limit = Deadline(self.clock, seconds)

    @property
    def left(self) -> float:
        """Seconds left for this trial."""
        return self._limit.left

    @property
    def pace(self) -> float:
        """How many times as long as on a quiet usual machine all takes just now; 1.0 at least."""
        return self.clock.pace

    def deadline(self, seconds: float) -> Deadline:
        """For a loop of the check's own: `.over` when so many seconds have passed, or the trial's time has."""
        return Deadline(self.clock, min(seconds, self.left))

    @property
    def trace(self) -> Trace:
        """What all sockets did so far; roles are called after their functions, the check itself "check"."""
        return self.stage.trace()

    def socket(self, kind: int, **options: Any) -> zmq.Socket[Any]:
        """A socket of the check's own, closed when the trial ends. Options by name, such as `rcvhwm=1`."""
        with self.stage.recorder.role("check"):
            socket = self.ctx.socket(kind)
        self._sockets.callback(socket.close, linger=0)
        # ends a check that waits in a call of its own for a peer that has gone; far beyond the trial's time
        socket.sndtimeo = socket.rcvtimeo = int(1000 * (self.seconds * MOST + 60))
        for option, value in options.items():
            setattr(socket, option, value)
        return socket

    def bind(
        self, kind: int, endpoint: str = "tcp://127.0.0.1:*", **options: Any
    ) -> tuple[zmq.Socket[Any], str]:
        """A socket of the check's own, bound, and the endpoint to connect to."""
        socket = self.socket(kind, **options)
        socket.bind(endpoint)
        return socket, socket.getsockopt_string(zmq.LAST_ENDPOINT)

    def connect(self, kind: int, endpoint: str, **options: Any) -> zmq.Socket[Any]:
        """A socket of the check's own, connected."""
        socket = self.socket(kind, **options)
        socket.connect(endpoint)
        return socket

    def take(self, socket: Any, kind: int) -> zmq.Socket[Any]:
        """A socket that the answer returned is the check's from now on, to use and to close.

        Raises `Wrong` when it is no open socket of this type.
        """
        wanted = zmq.SocketType(kind).name
        if not isinstance(socket, zmq.Socket):
            raise Wrong(f"your code returned `{show(socket)}` where a {wanted} socket is wanted")
        if socket.closed:
            raise Wrong(
                "your code returned a socket that is closed",
                expected="leave it open: whoever gets it closes it (`with` closes it on the way out)",
            )
        hand_over(socket)
        self.ctx.owners[socket] = threading.current_thread()
        self._sockets.callback(socket.close, linger=0)
        if socket.getsockopt(zmq.TYPE) != kind:
            raise Wrong(f"your code returned a {socket_name(socket)} socket where a {wanted} is wanted")
        return socket

    def endpoint(self, transport: str = "tcp", *, name: str = "") -> str:
        """A free endpoint on this machine, for whoever binds: the answer, a peer."""
        return self.stage.endpoint(transport, name=name)

    def link(self, target: str, *, name: str = "link", **weather: Any) -> Link:
        """A relay in front of `target` that can be slow, cut and mended; connect to its `endpoint`."""
        return self.stage.link(target, name=name, **weather)

    def peer(self, fn: Callable[..., Any], *args: Any) -> threading.Thread:
        """Run a role of the check, `fn(ctx, *args)`, in its own thread, until it ends or the trial does."""

        def role() -> None:
            try:
                with self.stage.recorder.role(fn.__name__):
                    fn(self.ctx, *args)
            except zmq.ContextTerminated:
                pass
            except BaseException as error:
                self._peer_errors.append(error)

        thread = threading.Thread(target=role, name=f"check's {fn.__name__}", daemon=True)
        thread.start()
        self._peers.append(thread)
        return thread
