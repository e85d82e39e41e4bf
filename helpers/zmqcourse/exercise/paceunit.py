"""The unit of work by which a trial measures the machine, in a process of its own: see `pace`.

    python paceunit.py PORT        reports to the UDP socket at this port of the loopback

Each datagram that comes back asks for a report now, and for more in the seconds after it. A process of its own, since
an answer that computes holds this one's interpreter, which says nothing about the machine. Only Python's own library
is imported: it has to be there in a moment, and small.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time

# What the three parts take on a quiet machine of the usual kind, in seconds: the median of 200 on a virtual machine
# with two cores, Python 3.11, Linux 6. `PYTHON` is one of the three pieces.
PYTHON, TRIPS, WAITS = 0.0007, 0.00055, 0.0033
QUIET = 3 * PYTHON + TRIPS + WAITS

EVERY = 0.2      # seconds from one report to the next
GOES_ON = 3.0    # seconds for which it reports after it was asked
IDLE = 20.0      # seconds after which it ends when nobody asks


class Unit:
    """Some Python, a byte that goes forth and back between two threads over tcp, and short timed waits."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self._near = socket.create_connection(server.getsockname())
            self._far, _ = server.accept()
        for end in (self._near, self._far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._never = threading.Event()
        self._fastest = 1.0
        threading.Thread(target=self._echo, daemon=True).start()

    def measure(self) -> tuple[float, float]:
        """The seconds that it took in the time of a quiet usual machine, and in that of this machine when it is quiet.

        How fast this machine is when left alone is told by the quickest piece of Python so far: short enough to be
        finished before another process has its turn.
        """
        began = time.perf_counter()
        for _ in range(3):
            since = time.perf_counter()
            sum(i * i % 7 for i in range(14_000))
            self._fastest = min(self._fastest, time.perf_counter() - since)
        for _ in range(30):
            self._near.sendall(b"x")
            self._near.recv(1)
        for _ in range(3):
            self._never.wait(0.001)
        took = (time.perf_counter() - began) / QUIET
        return took, took / max(1.0, self._fastest / PYTHON)

    def _echo(self) -> None:
        while byte := self._far.recv(1):
            self._far.sendall(byte)


def main(port: int) -> None:
    """Reports `time.monotonic()` at the end of the measurement, and its two numbers, until nobody asks any more."""
    unit, parent = Unit(), os.getppid()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect(("127.0.0.1", port))
        until = time.monotonic() + GOES_ON
        while os.getppid() == parent:
            line.send(" ".join(map(repr, (time.monotonic(), *unit.measure()))).encode())
            line.settimeout(EVERY if time.monotonic() < until else IDLE)
            try:
                line.recv(16)
                until = time.monotonic() + GOES_ON
            except TimeoutError:
                if time.monotonic() > until + IDLE / 2:
                    return


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]))
    except (OSError, KeyboardInterrupt):
        sys.exit(0)    # nobody listens any more
