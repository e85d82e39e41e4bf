"""What waits in the operating system's buffers: bytes of each TCP connection on loopback, from Linux's socket tables.

ZeroMQ's high-water marks do not count these (zmq_socket(7), "high water mark"), and on loopback they hold megabytes.
Elsewhere than on Linux there is no such table, and `waiting` returns None.
"""

from __future__ import annotations

from pathlib import Path

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED = "01"


def waiting() -> dict[int, tuple[int, int]] | None:
    """For each listening port, the bytes on their way to and from its side: {port: (to the port, from the port)}.

    Bytes count in the sender's buffer until the other side's kernel has them, then in the receiver's until they are
    read. All connections to a port are added up.
    """
    try:
        lines = [line for table in _TABLES if table.exists() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return None
    if not lines:
        return None
    found: dict[int, tuple[int, int]] = {}
    for line in lines:
        _, local, remote, state, queues, *_ = line.split()
        if state != _ESTABLISHED:
            continue
        to_send, to_read = (int(n, 16) for n in queues.split(":"))
        here, there = (int(end.rpartition(":")[2], 16) for end in (local, remote))
        _add(found, here, to_read, to_send)         # if `here` is the listening side
        _add(found, there, to_send, to_read)        # if `there` is
    return found


def _add(found: dict[int, tuple[int, int]], port: int, towards: int, away: int) -> None:
    a, b = found.get(port, (0, 0))
    found[port] = a + towards, b + away
