"""From what the sockets wrote down to a frozen `Trace`."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from itertools import takewhile
from operator import itemgetter
from typing import Any

from ..trace import (
    FAN_OUT,
    OUTSIDE,
    Connection,
    Count,
    Interval,
    Matcher,
    Message,
    Orphan,
    Sent,
    SocketInfo,
    Topology,
    Trace,
)
from .fates import Judge, asking
from .log import now
from .noted import facts
from .record import Record
from .store import Kept

WAITED = 100_000            # ns: a shorter stay in recv is not waiting

NOTE, SEND, RECV, IDLE, GAP = range(5)


def build(recorder: Record) -> Trace:
    """Match all that the recorder holds. The recorder's lock is held meanwhile."""
    # Millions of small objects are made and none is garbage: looking for cycles among them would take twice the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _build(recorder)
    finally:
        if collecting:
            gc.enable()


def unexplained(trace: Trace) -> bool:
    """Whether something was received a moment ago of which no sending is known: the sender's thread may have been
    interrupted between sending and writing it down."""
    just_now = takewhile(lambda m: m.sent > trace.seconds - 0.1, reversed(trace.messages))
    return any(m.source is None and m.why != OUTSIDE for m in just_now)


def _build(recorder: Record) -> Trace:
    store, began = recorder.store, recorder.began
    end = recorder.stopped or now()
    topology = Topology()
    for link in recorder.links:
        topology.link(*link)
    matcher = Matcher(topology)
    events: list[tuple[Any, ...]] = []
    for kept in store.kept:
        topology.add(kept.log.id, kept.type, kept.role, kept.context, kept.opened)
        events += _events(kept)
    events += _gaps(store.gaps, store.kept)
    events.sort(key=itemgetter(0))
    messages, orphans = _run(matcher, events)
    states = {r.role: r.state for r in recorder.roles if r.t * 1e9 <= end - began}
    judge = Judge(topology, {k.log.id: k for k in store.kept}, end, recorder.stopped,
                  {role for role, state in states.items() if state == "frozen"})
    for m in messages:
        if m.fate != "received":
            judge.judge(m)
    exact = not (store.gaps or store.forgotten)
    if store.gaps:
        messages = [m for m in messages if m.received or m.sent > store.gaps[-1][1] > 0]
        messages += _samples(store.kept, topology, matcher)
        messages.sort(key=lambda m: m.sent)

    def seconds(t: int) -> float:
        return (t - began) / 1e9

    def maybe(t: int) -> float | None:
        return seconds(t) if t else None

    def closed(t: int) -> float | None:
        return maybe(t) if not recorder.stopped or t < recorder.stopped else None

    # Where not all was kept, a send that is not known may have been forgotten.
    strangers = _strangers(judge, [o for o in orphans if exact or not o.sock.into], matcher.next_id, seconds)
    return Trace(
        title=recorder.title, seconds=seconds(end), exact=exact, note=_note(recorder),
        sockets=tuple(_info(k, topology, seconds, closed) for k in store.kept),
        connections=tuple(Connection(
            e.id, e.source.id, e.target.id, e.transport, e.endpoint, seconds(e.opened), closed(e.closed), e.capacity,
            e.via, tuple((seconds(t), state) for t, state in e.states)) for e in topology.edges),
        messages=_in_order([Message(
            m.id, m.source.id, m.target.id if m.target else None, m.lane.edge.id if m.lane else None, seconds(m.sent),
            maybe(m.received), maybe(m.done), m.frames, m.size, m.parent, m.fate, m.as_sent, m.why) for m in messages],
            strangers),
        blocked=tuple(i for k in store.kept for i in _blocked(k, seconds)),
        waits=tuple(i for k in store.kept for i in _waits(k, seconds)),
        roles=tuple(recorder.roles), marks=tuple(recorder.marks),
        counts=tuple(Count(seconds(t), k.log.id, sent, received) for k in store.kept for t, sent, received in k.counts))


def _events(kept: Kept) -> Iterator[tuple[Any, ...]]:
    id = kept.log.id
    for t, what, *more in kept.notes:
        yield t, NOTE, id, what, tuple(more)
    for t, what, *_ in kept.spells:
        if what == "wait":
            yield t, IDLE, id
    if kept.log.asked > (kept.recvs.at[-1] if kept.recvs.at else 1):
        yield kept.log.asked, IDLE, id
    for at, _, frames, size in kept.sends.messages():
        yield at, SEND, id, frames, size
    for at, since, frames, size in kept.recvs.messages():
        yield at, RECV, id, frames, size, since


def _gaps(gaps: list[list[int]], all_kept: list[Kept]) -> Iterator[tuple[Any, ...]]:
    """The sockets that were only counted for a while, at the end of it."""
    for start, end in gaps:
        for kept in all_kept:
            if end and any(start <= t <= end for t, _, _ in kept.counts):
                yield end, GAP, kept.log.id


def _run(matcher: Matcher, events: list[tuple[Any, ...]]) -> tuple[list[Sent], list[Orphan]]:
    """The messages that were sent, and those received of which no sending is known (`found`: it came up later)."""
    socks, topology, out = matcher.topology.socks, matcher.topology, matcher.out
    messages: list[Sent] = []
    orphans: list[Orphan] = []
    for event in events:
        sock = socks[event[2]]
        kind = event[1]
        if kind == SEND:
            matcher.send(event[0], sock, event[3], event[4])
            messages += [m for what, _, m in out if what == "s"]
            out.clear()
        elif kind == RECV:
            if not matcher.recv(event[0], event[5], sock, event[3], event[4]):
                orphans.append(matcher.expect(event[0], sock, event[3], event[4]))
            messages += [m for what, _, m in out if what == "s"]
            out.clear()
        elif kind == NOTE:
            topology.note(sock, event[0], event[3], event[4])
        elif kind == GAP:
            for each in (sock, *(lane.source for lane in sock.into)):
                matcher.forget(each)
        else:
            matcher.idle(event[0], sock)
    return messages, orphans


def _in_order(messages: list[Message], strangers: list[Message]) -> tuple[Message, ...]:
    return tuple(sorted(messages + strangers, key=lambda m: m.sent)) if strangers else tuple(messages)


def _strangers(judge: Judge, orphans: list[Orphan], first_id: int, seconds: Callable[[int], float]) -> list[Message]:
    """What was received, and sent by nobody who is known. (A subscription that comes up to an XPUB is none.)"""
    return [Message(first_id + i, None, o.sock.id, None, seconds(o.t), seconds(o.t), seconds(o.t), o.frames, o.size,
                    why=judge.origin(o.sock))
            for i, o in enumerate(orphans) if not o.found and not _subscription(o)]


def _subscription(orphan: Orphan) -> bool:
    return orphan.sock.type == "XPUB" and len(orphan.frames) == 1 and orphan.frames[0][:1] in (b"\0", b"\1")


def _samples(kept: list[Kept], topology: Topology, matcher: Matcher) -> list[Sent]:
    """Sampled messages of sockets that have only each other: the n-th sent is the n-th received."""
    by_id = {k.log.id: k for k in kept}
    found = []
    for edge in topology.edges:
        s, t = edge.source, edge.target
        if len(s.out) != 1 or len(t.into) != 1 or s.type in FAN_OUT:
            continue
        into = {n: at for kind, n, at, _ in by_id[t.id].samples if kind == "r"}
        for kind, n, at, frame in by_id[s.id].samples:
            if kind == "s" and n in into:
                matcher.next_id += 1
                found.append(Sent(matcher.next_id, s, (frame,), (frame,), len(frame), min(at, into[n]), edge.ahead, t,
                                  into[n], fate="received"))
    return found


def _note(recorder: Record) -> str:
    store, notes = recorder.store, []

    def s(t: int) -> str:
        return f"{(t - recorder.began) / 1e9:.1f} s"

    if store.gaps:
        spans = ", ".join(f"{s(a)} to {s(b) if b else 'the end'}" for a, b in store.gaps[:3])
        notes.append(f"Too fast to keep every message from {spans}{' …' if len(store.gaps) > 3 else ''}: "
                     "all were counted, one in 64 was kept.")
    if store.forgotten:
        notes.append(f"To stay within {store.limit:,} frames, messages before {s(store.forgotten)} were dropped from "
                     "the record; the counts include them.")
    return " ".join(notes)


def _info(k: Kept, topology: Topology, seconds: Any, closed: Any) -> SocketInfo:
    sock = topology.socks[k.log.id]
    return SocketInfo(sock.id, sock.type, sock.role.name, "", seconds(sock.opened), closed(sock.closed),
                      tuple(sock.binds), tuple(sock.connects), sock.sndhwm, sock.rcvhwm, tuple(sock.subs),
                      k.sent, k.received, tuple(k.log.users.values()) if k.log.shared else (),
                      tuple((seconds(t), endpoint, state) for endpoint, states in sock.links.items()
                            for t, state in states), facts(k.notes, k.opened, k.context, seconds))


def _blocked(k: Kept, seconds: Any) -> Iterator[Interval]:
    start = None
    for t, what, *_ in k.spells:
        if what == "block" and start is None:
            start = t
        elif what == "free" and start is not None:
            yield Interval(k.log.id, seconds(start), seconds(t))
            start = None
    if start is not None:
        yield Interval(k.log.id, seconds(start), None)


def _waits(k: Kept, seconds: Any) -> Iterator[Interval]:
    over = set()
    for t, what, *more in k.spells:
        if what == "wait":
            over.add(t)
            yield Interval(k.log.id, seconds(t), seconds(more[0]))
    for since, at in zip(k.recvs.since, k.recvs.at, strict=False):
        if at - since > WAITED:
            yield Interval(k.log.id, seconds(since), seconds(at))
    if asking(k) and k.log.asked > 1 and k.log.asked not in over:
        yield Interval(k.log.id, seconds(k.log.asked), None)
