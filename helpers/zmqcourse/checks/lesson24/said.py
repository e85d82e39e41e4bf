"""ZMTP 3 in bytes, as the check's own sides say it (RFC 23 and 37)."""

from __future__ import annotations

import random as randoms
from collections.abc import Iterable

MORE, LONG, COMMAND = 1, 2, 4
GREETING = 64  # bytes


def greeting(mechanism: bytes = b"NULL", *, minor: int = 1) -> bytes:
    return b"\xff" + bytes(8) + b"\x7f\x03" + bytes([minor]) + mechanism.ljust(20, b"\0") + bytes(32)


def frame(body: bytes, *, more: bool = False, long: bool = False) -> bytes:
    """`long`: with a length of eight bytes, although one would do."""
    return _headed(body, MORE * more, long=long)


def command(name: bytes, data: bytes = b"", *, long: bool = False) -> bytes:
    return _headed(bytes([len(name)]) + name + data, COMMAND, long=long)


def message(*frames: bytes) -> bytes:
    return b"".join(frame(body, more=n < len(frames)) for n, body in enumerate(frames, 1))


def ready(kind: bytes, *, before: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
    """READY of a socket of this type; `before`: properties that stand in front."""
    told = [*before, (b"Socket-Type", kind)]
    return command(b"READY", b"".join(_property(name, value) for name, value in told))


def _property(name: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + len(value).to_bytes(4, "big") + value


def _headed(body: bytes, flags: int, *, long: bool) -> bytes:
    if long or len(body) > 255:
        return bytes([flags | LONG]) + len(body).to_bytes(8, "big") + body
    return bytes([flags, len(body)]) + body


def cut(data: bytes, random: randoms.Random, most: int) -> list[bytes]:
    """The same bytes in pieces of 0 to `most`."""
    pieces = []
    while data:
        size = random.randint(0, most)
        pieces.append(data[:size])
        data = data[size:]
    return pieces
