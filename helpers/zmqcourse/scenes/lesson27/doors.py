"""Servers with locks of all kinds, and everybody who tries to get in: who does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

import zmq
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils.monitor import recv_monitor_message

from ..lesson24 import STRANGERS
from ..lesson24.strangers import calls, says

Options = Mapping[str, Any]
Lock = tuple[Options, Callable[[ThreadAuthenticator], Any] | None]
PATIENCE = 20.0  # seconds for a caller to be let in or turned away
SOON = 50  # milliseconds: what was said before a connection closed has been handed over by then
RAW = ("a browser", "noise")  # of lesson 24's strangers
_NO = (
    zmq.EVENT_HANDSHAKE_FAILED_AUTH,
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL,
    zmq.EVENT_DISCONNECTED,
)


def who_gets_in(locks: Mapping[str, Lock], callers: Mapping[str, Options]) -> dict[str, dict[str, bool]]:
    """For each lock (options of a PULL, and what configures its authenticator, or None for no handler at all): whether
    a message of each caller (options of a PUSH) arrives; and of two strangers who do not speak ZMTP."""
    return {name: _at(lock, callers) for name, lock in locks.items()}


def _at(lock: Lock, callers: Mapping[str, Options]) -> dict[str, bool]:
    options, configure = lock
    with ExitStack() as stack:
        ctx = stack.enter_context(zmq.Context())
        ctx.linger = 0
        if configure:
            auth = ThreadAuthenticator(ctx)
            auth.start()
            stack.callback(auth.stop)
            configure(auth)
        pull = stack.enter_context(_with(ctx.socket(zmq.PULL), options))
        port = pull.bind_to_random_port("tcp://127.0.0.1")
        came = {name: _says_something(pull, port, STRANGERS[name]) for name in RAW}
        pushes = {name: stack.enter_context(_with(ctx.socket(zmq.PUSH), each)) for name, each in callers.items()}
        return came | _let_in(pull, port, pushes)


def _with(socket: Any, options: Options) -> Any:
    for name, value in options.items():
        setattr(socket, name, value)
    return socket


def _says_something(pull: Any, port: int, words: bytes) -> bool:
    """Whether the PULL is handed anything of these bytes."""
    calls(port, says(words))
    came = False
    while pull.poll(SOON):
        pull.recv_multipart()
        came = True
    return came


def _let_in(pull: Any, port: int, pushes: Mapping[str, Any]) -> dict[str, bool]:
    """Each sends its name, and is let in, or told that it is not (which its own program never hears)."""
    monitors = {name: push.get_monitor_socket() for name, push in pushes.items()}
    for name, push in pushes.items():
        push.connect(f"tcp://127.0.0.1:{port}")
        push.send(name.encode())
    came: dict[str, bool] = {}
    end = time.monotonic() + PATIENCE
    while len(came) < len(pushes) and time.monotonic() < end:
        while pull.poll(5):
            came[pull.recv().decode()] = True
        for name, monitor in monitors.items():
            while monitor.poll(0):
                if recv_monitor_message(monitor)["event"] in _NO and name not in came:
                    came[name] = False
    for push in pushes.values():
        push.disable_monitor()
    for monitor in monitors.values():
        monitor.close(linger=0)
    return {name: came[name] for name in pushes}
