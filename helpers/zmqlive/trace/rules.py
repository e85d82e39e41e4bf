"""What ZeroMQ's patterns (RFC 28 and 29) say of a single message: who wants it, and as what a program sees it."""

from __future__ import annotations

from .frame import WHOLE
from .topology import Lane, Sock


def wants(target: Sock, topic: bytes) -> bool:
    """Whether this socket takes messages that begin so: all do, but a SUB or XSUB only what it has subscribed."""
    subs = target.subs if len(topic) <= WHOLE else [s[:32] for s in target.subs]
    return target.type not in ("SUB", "XSUB") or any(map(topic.startswith, subs))


def fits(type: str, wire: tuple[bytes | None, ...], seen: tuple[bytes, ...]) -> bool:
    """Whether a socket of this type shows `wire` to its program as `seen` (RFC 28)."""
    if type == "ROUTER":
        seen = seen[1:]
    elif type in ("REP", "REQ"):
        before = envelope(wire)
        return bool(before) and wire[len(before):] == seen
    return wire == seen or (None in wire and len(wire) == len(seen)
                            and all(w is None or w == s for w, s in zip(wire, seen, strict=True)))


def envelope(wire: tuple[bytes | None, ...]) -> tuple[bytes | None, ...]:
    """The frames up to and with the empty delimiter."""
    return wire[:wire.index(b"") + 1] if b"" in wire else ()


def lane_to(sock: Sock, target: Sock) -> Lane | None:
    """The newest connection from one socket to another."""
    for lane in reversed(sock.out):
        if lane.target is target:
            return lane
    return None


def swap(routes: dict[bytes, Sock], routing_id: bytes, sock: Sock) -> None:
    """`routing_id` is `sock`; whatever was taken for it gets the peer that it had been taken for."""
    before = routes.get(routing_id)
    for other, peer in routes.items():
        if peer is sock and before is not None:
            routes[other] = before
    routes[routing_id] = sock
