"""ZMTP, the protocol between two ZeroMQ sockets over tcp and ipc, made readable: bytes in, items out (RFC 23 and 37).

`Decoder` reads one direction of one connection, however its bytes are cut; `Tape` is a `tap` for a `Link`, and keeps
what both sides of each connection said. No sockets, no threads.
"""

from __future__ import annotations

from .decode import Decoder, Item, properties
from .tape import Heard, Tape

__all__ = ["Decoder", "Heard", "Item", "Tape", "properties"]
