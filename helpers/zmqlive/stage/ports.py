"""Endpoints that nobody else has: free loopback ports, names in a private folder.

A free port that is only looked up may be taken by another program before it is used. Here the port stays held
by a bound socket that does not listen, with SO_REUSEADDR. libzmq sets the same option and may bind beside it;
the system no longer hands the port out.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
import warnings

import zmq

from ..roles import StageError

_IPC_LIMIT = 100  # bytes: the path of a Unix socket must fit in about 104


class Endpoints:
    """The endpoints of one stage; all are given back by `close`."""

    def __init__(self) -> None:
        self._named: dict[tuple[str, str], str] = {}
        self._held: list[socket.socket] = []
        self._folder: str | None = None
        self._count = 0

    def get(self, transport: str = "tcp", *, name: str = "") -> str:
        """A free endpoint. The same transport and name give the same one; without a name it is always new.

        Raises StageError for a transport other than tcp, ipc or inproc.
        """
        if transport not in ("tcp", "ipc", "inproc"):
            raise StageError(f"{transport!r} is no transport of this course: use 'tcp', 'ipc' or 'inproc'.")
        if transport == "ipc" and not zmq.has("ipc"):
            warnings.warn("ipc does not exist on this system, so this endpoint is tcp.", stacklevel=3)
            transport = "tcp"
        known = self._named.get((transport, name)) if name else None
        if known:
            return known
        endpoint = getattr(self, f"_{transport}")(name)
        self._named[transport, name or endpoint] = endpoint
        return endpoint

    def close(self) -> None:
        """Gives the ports back and removes the private folder."""
        for held in self._held:
            held.close()
        self._held.clear()
        self._named.clear()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _tcp(self, name: str) -> str:
        held, port = _free_port()
        if held:
            self._held.append(held)
        return f"tcp://127.0.0.1:{port}"

    def _ipc(self, name: str) -> str:
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="zmq-")
            if len(self._folder) > _IPC_LIMIT - 24:
                shutil.rmtree(self._folder)
                self._folder = tempfile.mkdtemp(prefix="zmq-", dir="/tmp")
        path = f"{self._folder}/{self._safe(name)}"
        return f"ipc://{path[:_IPC_LIMIT]}"

    def _inproc(self, name: str) -> str:
        return f"inproc://{self._safe(name)}"

    def _safe(self, name: str) -> str:
        self._count += 1
        return "".join(c if c.isalnum() or c in "-_." else "-" for c in name) or f"endpoint-{self._count}"


def _free_port() -> tuple[socket.socket | None, int]:
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        if _can_share(port):
            return held, port
    except BaseException:
        held.close()
        raise
    held.close()
    return None, port


def _can_share(port: int) -> bool:
    """Whether a second socket may bind to a port that is held. Where not, the port is only looked up."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as second:
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        second.setsockopt(socket.SOL_SOCKET, exclusive or socket.SO_REUSEADDR, 1)
        try:
            second.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
