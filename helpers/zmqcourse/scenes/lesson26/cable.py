"""A real cable between two machines, and somebody who pulls it: two network namespaces of Linux, joined by a veth pair.

Both are made for this by `unshare`, belong to the two processes in them, and are gone with these. No other namespace,
interface or address of this machine is looked at, let alone changed; as a rule no rights are needed.

The near process, started by `pulled`, has the sensors; it starts the far one, which has the readers, pulls the cable at
its end, puts it back, and prints what came of it as JSON.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import zmq
from zmq.utils.monitor import recv_monitor_message
from zmqlive.deathwish import die_with_parent

OUT = 2.5  # seconds for which the cable is out: TCP tries again after 0.2, 0.6, 1.4, 3.0 seconds of silence
LIMIT = 40.0  # seconds for all of it
OFTEN = 0.01  # seconds between two readings
KINDS: dict[str, dict[str, int]] = {
    "nothing": {},
    "TCP keepalive": {  # seconds: idle for 1, then a probe, and 1 more for its answer
        "tcp_keepalive": 1,
        "tcp_keepalive_idle": 1,
        "tcp_keepalive_intvl": 1,
        "tcp_keepalive_cnt": 1,
    },
    "ZeroMQ heartbeats": {"heartbeat_ivl": 100, "heartbeat_timeout": 300},  # milliseconds
}
NEAR, FAR = "10.26.0.1", "10.26.0.2"
PORT = 5560  # and those after it: nobody else is in there


class Pulled(NamedTuple):
    """How a reader fared: readings that it missed, and the seconds of silence after which its connection was given up
    (None: never)."""

    lost: int
    noticed: float | None


def pulled() -> dict[str, Pulled] | str:
    """Pull a real cable for `OUT` seconds: what each of `KINDS` comes to, set at both ends; or why that cannot be done
    here, a sentence."""
    if not sys.platform.startswith("linux"):
        return "There are no network namespaces on this system: they are Linux's."
    for tool in "unshare", "ip":
        if shutil.which(tool) is None:
            return f"There is no `{tool}` on this machine."
    for how in ["--user", "--map-root-user"], []:
        said = _run(["unshare", *how, "--net", "--", *_python("near")])
        if isinstance(said, dict):
            return {kind: Pulled(*values) for kind, values in said.items()}
    return f"This machine does not allow it: {said}"


def _python(role: str) -> list[str]:
    return [sys.executable, __file__, role]


def _run(command: Sequence[str]) -> dict[str, Any] | str:
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            out, errors = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            return "it did not come to its end."
    if process.returncode == 0:
        return json.loads(out)
    return (errors.strip().splitlines() or ["it ended without a word"])[-1]


# --- inside


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, timeout=LIMIT)


def _up(interface: str, address: str) -> None:
    _ip("addr", "add", f"{address}/24", "dev", interface)
    _ip("link", "set", interface, "up")


def _near() -> None:
    """The sensors, and the far process, whose word is passed on."""
    far = subprocess.Popen(
        ["unshare", "--net", "--", *_python("far")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        far.stdout.readline()  # it is in a namespace of its own
        _ip("link", "add", "near", "type", "veth", "peer", "name", "far", "netns", str(far.pid))
        _up("near", NEAR)
        with zmq.Context() as ctx:
            pubs = [ctx.socket(zmq.PUB) for _ in KINDS]
            for number, (pub, options) in enumerate(zip(pubs, KINDS.values(), strict=True)):
                _set(pub, options)
                pub.bind(f"tcp://{NEAR}:{PORT + number}")
            print("go", file=far.stdin, flush=True)
            over = threading.Event()
            threading.Thread(target=_send, args=(pubs, over)).start()
            print(far.stdout.readline())
            over.set()
    finally:
        far.kill()
        far.wait()


def _send(pubs: Sequence[zmq.Socket[bytes]], over: threading.Event) -> None:
    number = 0
    while not over.wait(OFTEN):
        for pub in pubs:
            pub.send(b"%d" % number)
        number += 1
    for pub in pubs:
        pub.close()


def _far() -> None:
    """The readers: they come, the cable goes, and comes back."""
    print("here", flush=True)
    sys.stdin.readline()
    _up("far", FAR)
    with zmq.Context() as ctx:
        readers = [_Reader(ctx, number, options) for number, options in enumerate(KINDS.values())]
        _until(readers, lambda: all(len(each.seen) > 20 for each in readers))
        _ip("link", "set", "far", "down")
        began = time.monotonic()
        _until(readers, lambda: time.monotonic() > began + OUT)
        _ip("link", "set", "far", "up")
        had = [len(each.seen) for each in readers]
        _until(readers, lambda: all(len(each.seen) > had[n] + 20 for n, each in enumerate(readers)))
        told = [(each.missed, each.gone and each.gone - began) for each in readers]
        print(json.dumps(dict(zip(KINDS, told, strict=True))), flush=True)
        for each in readers:
            each.close()


class _Reader:
    def __init__(self, ctx: zmq.Context[Any], number: int, options: dict[str, int]) -> None:
        self.sub = ctx.socket(zmq.SUB)
        self.monitor = self.sub.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self.seen: list[int] = []
        self.gone: float | None = None
        _set(self.sub, options)
        self.sub.subscribe("")
        self.sub.connect(f"tcp://{NEAR}:{PORT + number}")

    @property
    def missed(self) -> int:
        return self.seen[-1] - self.seen[0] + 1 - len(self.seen)

    def look(self) -> None:
        while self.sub.poll(0):
            self.seen.append(int(self.sub.recv()))
        while self.monitor.poll(0):
            recv_monitor_message(self.monitor)
            self.gone = self.gone or time.monotonic()

    def close(self) -> None:
        self.sub.disable_monitor()
        self.monitor.close()
        self.sub.close()


def _set(socket: zmq.Socket[bytes], options: dict[str, int]) -> None:
    socket.linger = 0
    for name, value in options.items():
        setattr(socket, name, value)


def _until(readers: Sequence[_Reader], condition: Any) -> None:
    end = time.monotonic() + LIMIT / 4
    while not condition():
        for each in readers:
            each.look()
        if time.monotonic() > end:
            raise TimeoutError("nothing came through the cable")
        time.sleep(OFTEN / 2)


if __name__ == "__main__":
    die_with_parent()
    {"near": _near, "far": _far}[sys.argv[1]]()
