"""Which changes a role has been told, read from a record of RFC 12's five frames."""

from __future__ import annotations

from typing import NamedTuple

from zmqlive.trace import Message, Trace

END, HUGZ = b"KTHXBAI", b"HUGZ"


class Heard(NamedTuple):
    """A number that came with an update, of which epoch, and when it was received."""

    number: int
    epoch: bytes
    t: float


def snapshots(trace: Trace, role: str) -> list[Heard]:
    """The ends of the snapshots that this role has received."""
    return [_heard(m) for m in trace.messages if _to(trace, m, role) and m.frames[0] == END]


def updates(trace: Trace, role: str) -> list[Heard]:
    """The updates that this role has received, in their order."""
    subs = {socket.id for socket in trace.sockets if socket.type == "SUB"}
    return [_heard(m) for m in trace.messages if _to(trace, m, role) and m.target in subs and m.frames[0] != HUGZ]


def missing(trace: Trace, role: str) -> int:
    """How many changes were made after the snapshot of this role, and before the last update that it received, and
    were not told to it. One epoch only."""
    last = snapshots(trace, role)[-1]
    numbers = {each.number for each in updates(trace, role) if each.number > last.number}
    return max(numbers) - last.number - len(numbers) if numbers else 0


def _to(trace: Trace, message: Message, role: str) -> bool:
    return trace.role_of(message.target) == role and message.received is not None and len(message.frames) == 5


def _heard(message: Message) -> Heard:
    return Heard(int.from_bytes(message.frames[1], "big"), message.frames[2], message.received)
