"""Keys, and callers with them, as the checks of this lesson make them; every key is new."""

from __future__ import annotations

from typing import Any, NamedTuple

import zmq
from zmq.utils import z85
from zmq.utils.monitor import recv_monitor_message

from ...exercise import CheckFailed, Wrong
from ...trial import Job, Trial, show

PATIENCE = 1.5  # quiet seconds for what takes milliseconds on a quiet machine
IN = zmq.EVENT_HANDSHAKE_SUCCEEDED
OUT = (
    zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_DISCONNECTED
)


class Key(NamedTuple):
    """Both in their 40 letters."""

    public: bytes
    secret: bytes

    @classmethod
    def new(cls) -> Key:
        if not zmq.has("curve"):
            raise CheckFailed("this ZeroMQ was built without CURVE; `pip install pyzmq` brings one that has it", "")
        return cls(*zmq.curve_keypair())

    @property
    def raw(self) -> bytes:
        """The public one as a handler is told it: 32 bytes."""
        return z85.decode(self.public)


def server(key: Key) -> dict[str, Any]:
    """Options of a socket that has this key."""
    return {"curve_server": 1, "curve_secretkey": key.secret}


def client(mine: Key, theirs: Key) -> dict[str, Any]:
    """Options of one that comes with this key, and knows that server's."""
    return {"curve_serverkey": theirs.public, "curve_publickey": mine.public, "curve_secretkey": mine.secret}


class Caller:
    """A PUSH of the check's that connects, and learns by its monitor what has come of it. A context manager."""

    def __init__(self, t: Trial, endpoint: str, options: dict[str, Any]) -> None:
        self.t = t
        self.socket = t.socket(zmq.PUSH, linger=0, **options)
        self._monitor = self.socket.get_monitor_socket(IN | OUT)
        self.socket.connect(endpoint)

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *exc: object) -> None:
        self.socket.disable_monitor()
        self._monitor.close(linger=0)
        self.socket.close(linger=0)

    def says(self, message: bytes) -> None:
        self.t.send(self.socket, message)

    def news(self) -> int:
        """The next event that tells whether it is in (`IN`) or out (any other); 0 if there is none."""
        return int(recv_monitor_message(self._monitor)["event"]) if self._monitor.poll(0) else 0

    def let_in(self, said: str, expected: str) -> bool:
        """Whether its handshake succeeds. Raises `Late`, saying `said`, when nothing comes of it."""
        return self.t.wait(self.news, seconds=PATIENCE, said=said, expected=expected) == IN


def still_runs(job: Job) -> None:
    """Raises `Wrong` when an answer that is to run for ever has come to an end without an error."""
    if job.done and job.error is None:
        seen = f"it returned {show(job.value)}"
        raise Wrong(f"`{job.name}` came to its end", seen=seen, expected="it goes on for ever")


def user_of(message: zmq.Frame) -> str:
    """Its User-Id, "" where it has none."""
    try:
        return str(message.get("User-Id"))
    except zmq.ZMQError:
        return ""
