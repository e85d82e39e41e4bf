"""What waits in the operating system's buffers: bytes of each TCP connection on loopback, from Linux's socket tables.

ZeroMQ's high-water marks do not count these (zmq_socket(7), "high water mark"), and on loopback they hold megabytes.
Elsewhere than on Linux there is no such table, and `waiting` returns None.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED = b"01"


def waiting(ports: Collection[int] | None = None) -> dict[int, tuple[int, int]] | None:
    """For each of these listening ports (None: for all), the bytes on their way to and from its side: {port: (to it,
    from it)}.

    Bytes count in the sender's buffer until the other side's kernel has them, then in the receiver's until they are
    read. All connections to a port are added up. A busy machine's tables are long: only lines about these ports are
    looked at closely.
    """
    known = False
    found: dict[int, tuple[int, int]] = {}
    wanted = None if ports is None else {b"%04X" % port for port in ports}
    for table in _TABLES:
        try:
            lines = table.read_bytes().splitlines()[1:]
        except FileNotFoundError:
            continue
        except OSError:
            return None
        known = known or bool(lines)
        for line in lines:
            _, local, remote, state, queues, _ = line.split(None, 5)
            if state != _ESTABLISHED or (wanted is not None and not wanted & {local[-4:], remote[-4:]}):
                continue
            to_send, to_read = (int(n, 16) for n in queues.split(b":"))
            _add(found, int(local[-4:], 16), to_read, to_send)          # if this is the listening side
            _add(found, int(remote[-4:], 16), to_send, to_read)         # if that is
    return found if known else None


def _add(found: dict[int, tuple[int, int]], port: int, towards: int, away: int) -> None:
    a, b = found.get(port, (0, 0))
    found[port] = a + towards, b + away
