"""Who comes to a port without having been asked: what each of them says first, and what a PULL makes of it."""

from __future__ import annotations

import random
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import zmq

Talk = Callable[[socket.socket], Any]
PATIENCE = 20.0  # seconds for the other side to read what was sent, and to close
SOON = 50  # milliseconds: what was read has been handed over by then
HELD = 0.5  # seconds without a word: the other side waits for more

BROWSER = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) "
    b"Gecko/20100101 Firefox/128.0\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    b"Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n\r\n"
)


def _tls() -> bytes:
    """How a client of TLS begins, as this Python's ssl does."""
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(into, out, server_hostname="localhost")
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return out.read()


STRANGERS: dict[str, bytes] = {
    "a browser": BROWSER,
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "TLS": _tls(),
    "noise": random.Random(24).randbytes(4096),
    "9 bytes": b"\x01\x00\x06\x00hello",  # an empty name, and a frame, as ZMTP 1.0 had them
}


def says(data: bytes) -> Talk:
    """Somebody who says this, and waits."""
    return lambda conn: conn.sendall(data)


def calls(port: int, talk: Talk) -> None:
    """Somebody connects, talks, and goes; returns when the other side has read all of it, or has closed first."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as conn:
        talk(conn)
        conn.shutdown(socket.SHUT_WR)
        while conn.recv(4096):
            pass


def delivered(talk: Talk, **options: Any) -> list[list[bytes]]:
    """The messages that a bound PULL with these options receives from somebody who talks like this."""
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull:
        pull.linger = 0
        for name, value in options.items():
            setattr(pull, name, value)
        calls(pull.bind_to_random_port("tcp://127.0.0.1"), talk)
        messages = []
        while pull.poll(SOON):
            messages.append(pull.recv_multipart())
        return messages


def still_waits(talk: Talk, **options: Any) -> bool:
    """Whether a bound PULL with these options keeps the connection of somebody who talks like this and then stops."""
    kept = False

    def stops(conn: socket.socket) -> None:
        nonlocal kept
        talk(conn)
        conn.settimeout(HELD)
        try:
            kept = bool(conn.recv(1))
        except TimeoutError:
            kept = True

    delivered(stops, **options)
    return kept
