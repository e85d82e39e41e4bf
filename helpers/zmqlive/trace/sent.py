"""A message on its way, as the matcher sees it; the words for what became of it; and what it is to who receives it."""

from __future__ import annotations

from dataclasses import dataclass

from .topology import Lane, Role, Sock

# Why a message was not received (`trace.Message.why`).
UNWANTED, EARLY, NOBODY, OUTSIDE = "unwanted", "early", "nobody", "outside"
NO_ROOM, REPLACED, MISFIT, GONE, OVERTAKEN = "no room", "replaced", "misfit", "gone", "overtaken"

RECENT = 2_000      # messages a role received whose payload is remembered, to tell where the next hop came from
_LEADS_ON = {"PULL", "SUB", "PAIR", "ROUTER"}     # what arrives here is work; at a REQ or DEALER it may be an answer


@dataclass(slots=True, eq=False)
class Sent:
    """A message on its way; the matcher's mutable form of `trace.Message`. Times in ns."""

    id: int
    source: Sock
    frames: tuple[bytes, ...]
    wire: tuple[bytes | None, ...]      # what travels; None: the request id of REQ_CORRELATE, not known
    size: int
    sent: int
    lane: Lane | None = None            # a guess until it is received
    target: Sock | None = None
    received: int = 0
    done: int = 0
    parent: int | None = None
    fate: str = "waiting"
    why: str = ""
    as_sent: tuple[bytes, ...] | None = None    # where they differ from what was received
    heartbeat: bool = False             # it says that somebody lives: no work for who receives it


@dataclass(slots=True, eq=False)
class Orphan:
    """A message that was received, and whose sending is not known (yet)."""

    t: int
    sock: Sock
    frames: tuple[bytes, ...]
    size: int
    found: bool = False


def take_in(role: Role, msg: Sent) -> None:
    """A role has received a message: it is its work from now on. A heartbeat is none."""
    if msg.heartbeat:
        msg.done = msg.received
    else:
        role.in_work.append(msg)
        role.last_in = msg
    role.recent[msg.frames[-1]] = msg
    if len(role.recent) > RECENT:
        role.recent.popitem(last=False)


def cause(msg: Sent) -> Sent | None:
    """The message one hop before: the one with the same payload, else what its role received last. A heartbeat comes
    of itself."""
    sock, role = msg.source, msg.source.role
    before = sock.request if sock.type == "REP" else role.recent.get(msg.frames[-1])
    if before is None and not msg.heartbeat and role.last_in is not None and role.last_in.target.type in _LEADS_ON:
        return role.last_in
    return before
