"""What may be behind a port that is no ZeroMQ: servers of plain sockets, each with a way of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from .said import greeting, ready

DRIP = 0.35  # seconds between two bytes: less than what is left of a patience when it is begun anew
Way = Callable[[socket.socket, threading.Event], None]


@contextmanager
def listening(way: Way) -> Iterator[int]:
    """A server that treats each caller in this way, in a thread; its port."""
    over, threads = threading.Event(), []

    def serve() -> None:
        while not over.is_set():
            try:
                conn = listener.accept()[0]
            except TimeoutError:
                continue
            threads.append(threading.Thread(target=treat, args=(conn,), daemon=True))
            threads[-1].start()

    def treat(conn: socket.socket) -> None:
        with conn, suppress(OSError):
            conn.settimeout(0.05)
            way(conn, over)
            while not over.is_set():
                with suppress(TimeoutError):
                    if not conn.recv(4096):
                        return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        server = threading.Thread(target=serve, daemon=True)
        server.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            for thread in [server, *threads]:
                thread.join(5)


def closed_port() -> int:
    """A port at which nobody listens (any more)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


# --- ways


def silent(conn: socket.socket, over: threading.Event) -> None:
    """Says nothing."""


def web(conn: socket.socket, over: threading.Event) -> None:
    """Says what a web server does to what it does not understand, as soon as something comes."""
    _something(conn, over)
    conn.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nBad Request" * 2)
    conn.shutdown(socket.SHUT_WR)


def banner(conn: socket.socket, over: threading.Event) -> None:
    conn.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3 and some more words, so that it is long\r\n")


def telnet(conn: socket.socket, over: threading.Event) -> None:
    """Begins with 0xff, as ZMTP does."""
    conn.sendall(b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27" * 8)


def echo(conn: socket.socket, over: threading.Event) -> None:
    """Says what it hears."""
    while not over.is_set():
        with suppress(TimeoutError):
            data = conn.recv(4096)
            if not data:
                return
            conn.sendall(data)


def drip(conn: socket.socket, over: threading.Event) -> None:
    """Says a byte of a greeting now and then, and never comes to its end: longer than any patience of the check's."""
    for byte in greeting()[:-1]:
        conn.sendall(bytes([byte]))
        if over.wait(DRIP):
            return


def mute(conn: socket.socket, over: threading.Event) -> None:
    """Greets, and says no more."""
    conn.sendall(greeting())


def old(conn: socket.socket, over: threading.Event) -> None:
    """ZMTP 2.0: signature, revision 1, a PULL, an empty identity."""
    conn.sendall(b"\xff" + bytes(7) + b"\x01\x7f\x01\x07\x00\x00")


def hangs_up(conn: socket.socket, over: threading.Event) -> None:
    conn.shutdown(socket.SHUT_RDWR)


def goes_away(conn: socket.socket, over: threading.Event) -> None:
    """Hangs up in the middle of its greeting."""
    conn.sendall(greeting()[:20])
    conn.shutdown(socket.SHUT_RDWR)


def three_point_0(conn: socket.socket, over: threading.Event) -> None:
    """ZMTP 3.0, after a while and in pieces; in its READY other properties stand in front."""
    over.wait(1.2)
    hello = greeting(minor=0)
    told = ready(b"PUSH", before=[(b"Identity", b"Socket-Type"), (b"X-Owner", b"p" * 300)])
    for piece in (hello[:1], hello[1:10], hello[10:12], hello[12:63], hello[63:]):
        conn.sendall(piece)
        over.wait(0.01)
    _something(conn, over, 64)
    for piece in (told[:1], told[1:30], told[30:]):
        conn.sendall(piece)
        over.wait(0.01)


STRANGERS: dict[str, Way] = {
    "a server that says nothing": silent,
    "a web server": web,
    "an ssh server": banner,
    "a telnet server, which begins with 0xff": telnet,
    "an echo server": echo,
    "somebody who says a byte of a greeting now and then": drip,
    "a server that greets as ZMTP 3.1, and says no more": mute,
    "ZMTP 2.0": old,
    "a server that hangs up": hangs_up,
    "a server that hangs up in its greeting": goes_away,
}


def _something(conn: socket.socket, over: threading.Event, count: int = 1) -> None:
    """So many bytes have come, or it is over."""
    while count > 0 and not over.is_set():
        with suppress(TimeoutError):
            data = conn.recv(4096)
            if not data:
                return
            count -= len(data)
