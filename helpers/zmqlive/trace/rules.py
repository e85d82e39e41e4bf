"""What ZeroMQ's patterns (RFC 28 and 29) say of a single message: who wants it, whose turn it is, and as what a program
sees it."""

from __future__ import annotations

from collections import deque

from .frame import WHOLE
from .sent import Sent
from .topology import FAN_OUT, Lane, Sock

UNKNOWN = -1        # as destination: any peer
_AS_IS = {"PULL", "SUB", "XSUB", "XPUB", "PAIR", "DEALER"}      # what travels is what the program sees


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


def first(queue: deque[Sent] | None, sock: Sock, frames: tuple[bytes, ...]) -> Sent | None:
    for msg in queue or ():
        if (msg.wire == frames and sock.type in _AS_IS) or fits(sock.type, msg.wire, frames):
            return msg
    return None


def misnamed(sock: Sock, frames: tuple[bytes, ...]) -> Sent | None:
    """At a ROUTER, under an id that it made up, and whose peer, as far as it was known, has sent nothing like this: two
    peers whose messages were alike have been taken for each other, and now it shows which is which."""
    known = sock.routes.get(frames[0]) if sock.type == "ROUTER" else None
    if known is None or known.routing_id:
        return None
    others = [lane.source for lane in sock.into if not lane.source.routing_id]
    found = [first(other.pending.get((to, frames[-1])), sock, frames) for other in others for to in (sock.id, UNKNOWN)]
    best = min(filter(None, found), key=lambda msg: msg.sent, default=None)
    if best is not None:
        swap(sock.routes, frames[0], best.source)
    return best


def late(sock: Sock, frames: tuple[bytes, ...]) -> Sent | None:
    """It had been given up, and arrives all the same."""
    for lane in sock.coming:
        for i, msg in enumerate(lane.given_up):
            if fits(sock.type, msg.wire, frames):
                del lane.given_up[i]
                lane.dropped -= 1
                return msg
    return None


def take_out(msg: Sent, queue: deque[Sent], pending: dict[tuple[int, bytes], deque[Sent]],
            key: tuple[int, bytes]) -> None:
    """It is not on its way any more."""
    if queue[0] is msg:
        queue.popleft()
    else:
        queue.remove(msg)
    if not queue:
        del pending[key]
    if msg.fate == "dropped" and msg.lane:      # it was given up too early
        msg.lane.dropped -= 1


def nobody(sock: Sock, address: bytes) -> bool:
    """Whether a ROUTER's message to this address goes nowhere: no peer has given itself that name. (An id that the
    ROUTER made up begins with a 0; who connects a ROUTER may name the other side himself.)"""
    return sock.type == "ROUTER" and address[:1] != b"\0" and not sock.connects


def guess(sock: Sock) -> Lane | None:
    """The peer whose turn it is. ZeroMQ does not tell which one a message went to; receiving does."""
    if len(sock.out) == 1:
        return sock.out[0]
    lanes = [lane for lane in sock.out if not lane.edge.closed]
    for i in range(len(lanes)):
        lane = lanes[(sock.turn + i) % len(lanes)]
        if (capacity := lane.edge.capacity) is None or lane.depth < capacity:
            sock.turn = (sock.turn + i + 1) % len(lanes)
            return lane
    return lanes[0] if lanes else None


def rest(sock: Sock) -> None:
    """Look no more at connections that were closed and over which nothing is on its way: a server that runs for long
    has had many."""
    for lane in sock.coming:
        lane.rests = bool(lane.edge.closed) and not lane.source.pending and lane.source.type not in FAN_OUT
    sock.coming = [lane for lane in sock.coming if not lane.rests]


def wake(sock: Sock) -> None:
    """Something is on its way from this socket after all."""
    for lane in sock.out:
        if lane.rests:
            lane.rests = False
            lane.target.coming.append(lane)
