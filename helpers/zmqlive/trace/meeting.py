"""The diagnosis, first part: who does not meet whom, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from .case import Case, Diagnosis
from .topology import can_meet

SOON = 1.0      # seconds in which a peer may still come
LONG = 0.5      # seconds for which something has to have failed that should have been quick


def nobody_there(case: Case) -> Iterator[Diagnosis]:
    """Connected to where nobody has bound."""
    for t, socket, endpoint in case.connects():
        bound = case.binds.get(case.place(socket, endpoint), ())
        there = [(since, other, where) for since, other, where in bound if case.lasted(other, t) > 0]
        met = any(_leads_to(endpoint, where) or _common(case, socket, other, t, since) < SOON
                  for since, other, where in there)
        if met or case.lasted(socket, t) < SOON:
            continue
        states = case.states(socket, endpoint)
        told = [state for _, state in states]
        if "up" in told or (not told and not endpoint.startswith("inproc:")):
            continue            # somebody outside the record is there, or nobody knows
        if _relayed(case, socket, endpoint):
            continue
        if told[-1:] == ["refused"]:
            if not there:
                yield _refused(case, socket, endpoint, states[-1][0], None)
            continue
        near, lesson = _left(case, bound) or _near(case, socket, endpoint)
        waits = sum(m.fate == "waiting" for m in case.sent_by[socket.id])
        yield case.say("nobody bound", lesson, [socket],
                       f"{case.called(socket)} connects to {endpoint}, and nobody is bound there. {near}",
                       f"{case.lasted(socket, t):.1f} s passed without a peer there"
                       + (f"; {waits} of its messages wait for one." if waits else "."))


def _relayed(case: Case, socket: Any, endpoint: str) -> bool:
    """A link of the lab lies between: then its connection is known by another endpoint."""
    return any(c.via for c, _ in case.edges[socket.id])


def _leads_to(endpoint: str, bound: str) -> bool:
    """Whether who connects there is sure to reach who has bound this port: a machine has several addresses, also of its
    own."""
    host, own = (where.rpartition(":")[0].rpartition("/")[2] for where in (endpoint, bound))
    return not endpoint.startswith("tcp:") or own in (host, "*", "0.0.0.0", "[::]")


def _common(case: Case, a: Any, b: Any, *since: float) -> float:
    """Seconds for which both were there since the last of these times."""
    return min(case.lasted(a, max(since)), case.lasted(b, max(since)))


def _left(case: Case, bound: Any) -> tuple[str, str] | None:
    """Somebody was there, and has gone."""
    closed = bound and bound[-1][1].closed
    return (f"{case.called(bound[-1][1])} had, and closed at {closed:.2f} s.", "nobody") if closed else None


def _near(case: Case, socket: Any, endpoint: str) -> tuple[str, str]:
    """What somebody has bound that may have been meant, and where to read on."""
    transport, _, rest = endpoint.partition("://")
    bound = [(other, where) for binds in case.binds.values() for _, other, where in binds]
    same = [(other, where) for other, where in bound if where == endpoint]
    if transport == "inproc" and same:
        other = same[0][0]
        return (f"{case.called(other)} has bound the same name in another context: inproc reaches only within one "
                "context, so share it, or use ipc or tcp."), "context"
    alike = [(other, where) for other, where in bound if where.startswith(f"{transport}://") and (
        transport != "tcp" or where.rpartition(":")[2] == rest.rpartition(":")[2])]
    alike = alike or [(other, where) for other, where in bound if can_meet(socket.type, other.type)]
    if not alike:
        return "Start the one that binds, or see whether its address is this one.", "nobody"
    other, where = alike[0]
    return f"{case.called(other)} has bound {where}: is that what was meant?", "nobody"


def wrong_types(case: Case) -> Iterator[Diagnosis]:
    """Two at one address whose types do not speak to each other."""
    seen = set()
    for _, socket, endpoint in case.connects():
        for _, other, where in case.binds.get(case.place(socket, endpoint), ()):
            pair = (socket.role, socket.type, other.role, other.type)
            if not can_meet(socket.type, other.type) and pair not in seen and _together(case, socket, other) > LONG:
                seen.add(pair)
                yield case.say("wrong types", "types", [socket, other],
                               f"{case.called(socket)} connects to {case.called(other)} at {where}: "
                               f"a {socket.type} and a {other.type} never exchange a message.",
                               f"It was sent {socket.sent} and {other.sent} messages, received {socket.received} and "
                               f"{other.received}; neither side gets an error.")


def _together(case: Case, a: Any, b: Any) -> float:
    """Seconds for which both were there."""
    since = max(a.opened, b.opened)
    return min(case.lasted(a, since), case.lasted(b, since))


def refused(case: Case) -> Iterator[Diagnosis]:
    """A handshake that failed, and went on failing."""
    for _, socket, endpoint in case.connects():
        states = case.states(socket, endpoint)
        if not states or states[-1][1] != "refused" or "up" in [state for _, state in states]:
            continue
        for _, other, _ in case.binds.get(case.place(socket, endpoint), ()):
            until = min(other.closed or case.end, socket.closed or case.end)
            if can_meet(socket.type, other.type) and until - states[-1][0] > LONG:
                yield _refused(case, socket, endpoint, states[-1][0], other)
                break


def _refused(case: Case, socket: Any, endpoint: str, t: float, other: Any) -> Diagnosis:
    who = case.called(other) if other else "whoever listens there"
    return case.say("handshake failed", "security", [socket, *filter(None, [other])],
                    f"{case.called(socket)} reaches {endpoint}, and the handshake with {who} fails: the two do not "
                    "agree on security (one has CURVE or PLAIN and the other has not, a key or a password is wrong, "
                    "or the authenticator says no), or it is no ZeroMQ socket.",
                    f"Refused at {t:.2f} s, and it never came about. Neither send nor recv says so; a monitor does.")


def one_name_twice(case: Case) -> Iterator[Diagnosis]:
    """Two peers of one routing id at a ROUTER."""
    by_router: dict[tuple[int, str], list[Any]] = defaultdict(list)
    for socket in case.sockets:
        names = case.facts(socket, "ROUTING_ID")
        for c, other in case.edges[socket.id]:
            if other.type == "ROUTER" and names and not case.facts(other, "ROUTER_HANDOVER"):
                by_router[other.id, names[-1][1]].append((c.opened, socket))
    for (router, name), peers in by_router.items():
        peers.sort(key=lambda peer: peer[0])
        for (_, first), (t, second) in pairwise(peers):
            if first is not second and min(case.lasted(first, t), case.lasted(second, t)) > 0.1:
                at = case.trace.socket(router)
                yield case.say("one name twice", "name", [first, second, at],
                               f"{case.called(first)} and {case.called(second)} have the same routing id "
                               f"{name.encode('latin-1')!r} at {case.called(at)}: the ROUTER hears the first only. "
                               "Give each its own, or set ROUTER_HANDOVER.",
                               f"The second connected at {t:.2f} s, while the first was there; it sent {second.sent} "
                               f"and received {second.received}.")
                break


def never_subscribed(case: Case) -> Iterator[Diagnosis]:
    """A SUB that asked for nothing."""
    for socket in case.sockets:
        heard = [c for c, _ in case.edges[socket.id]]
        if socket.type == "SUB" and not case.facts(socket, "SUBSCRIBE") and heard:
            published = sum(other.sent for _, other in case.edges[socket.id])
            if published or case.lasted(socket, heard[0].opened) > SOON:
                yield case.say("never subscribed", "topics", [socket],
                               f"{case.called(socket)} has never subscribed, so nothing is for it: subscribe to "
                               "b\"\" for everything.", f"{published} messages were published to its connections.")


def bound_to_nobody(case: Case) -> Iterator[Diagnosis]:
    """A socket with neither bind nor connect."""
    for socket in case.sockets:
        alone = not case.facts(socket, "bind") and not case.facts(socket, "connect")
        waits = case.waits_now(socket) is not None or socket.id in case.blocked_now
        if alone and waits and case.lasted(socket, socket.opened) > SOON:
            yield case.say("neither bound nor connected", "nobody", [socket],
                           f"{case.called(socket)} has neither bound nor connected, so it can meet nobody, and waits.")


RULES = (nobody_there, wrong_types, refused, one_name_twice, never_subscribed, bound_to_nobody)
