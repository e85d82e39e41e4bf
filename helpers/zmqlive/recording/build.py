"""From what the sockets wrote down to a frozen `Trace`."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import takewhile
from operator import itemgetter
from typing import Any

from ..trace import FAN_OUT, Connection, Count, Interval, Lane, Matcher, Message, Sent, SocketInfo, Topology, Trace
from .log import now
from .record import Record
from .store import Kept

WAITED = 100_000            # ns: a shorter stay in recv is not waiting
DRAINED = 50_000_000        # ns that a receiver has been waiting in vain: nothing is on its way to it any more
DRAINED_VIA = 3_000_000_000     # the same behind a relay, which may hold messages back

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
    messages = _run(matcher, events)
    _fates(topology, messages, {k.log.id: k for k in store.kept}, end, recorder)
    exact = not store.gaps
    if not exact:
        messages = [m for m in messages if m.received or m.sent > store.gaps[-1][1] > 0]
        messages += _samples(store.kept, topology, matcher)
        messages.sort(key=lambda m: m.sent)

    def seconds(t: int) -> float:
        return (t - began) / 1e9

    def maybe(t: int) -> float | None:
        return seconds(t) if t else None

    def closed(t: int) -> float | None:
        return maybe(t) if not recorder.stopped or t < recorder.stopped else None

    return Trace(
        title=recorder.title, seconds=seconds(end), exact=exact, note=_note(recorder),
        sockets=tuple(_info(k, topology, seconds, closed) for k in store.kept),
        connections=tuple(Connection(
            e.id, e.source.id, e.target.id, e.transport, e.endpoint, seconds(e.opened), closed(e.closed), e.capacity,
            e.via) for e in topology.edges),
        messages=tuple(Message(
            m.id, m.source.id, m.target.id if m.target else None, m.lane.edge.id if m.lane else None, seconds(m.sent),
            maybe(m.received), maybe(m.done), m.frames, m.size, m.parent, m.fate, m.as_sent) for m in messages),
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
    if asking := _asking(kept):
        yield asking, IDLE, id
    for at, _, frames, size in kept.sends.messages():
        yield at, SEND, id, frames, size
    for at, since, frames, size in kept.recvs.messages():
        yield at, RECV, id, frames, size, since


def _asking(kept: Kept) -> int:
    """Since when the socket has been asked, once or again and again, for a message that has not come; or 0."""
    last = kept.recvs.at[-1] if kept.recvs.at else 1
    if kept.log.asked <= last:
        return 0
    in_vain = takewhile(lambda spell: spell[0] > last, reversed(kept.spells))
    return min((t for t, what, *_ in in_vain if what == "wait"), default=kept.log.asked)


def _gaps(gaps: list[list[int]], all_kept: list[Kept]) -> Iterator[tuple[Any, ...]]:
    """The sockets that were only counted for a while, at the end of it."""
    for start, end in gaps:
        for kept in all_kept:
            if end and any(start <= t <= end for t, _, _ in kept.counts):
                yield end, GAP, kept.log.id


def _run(matcher: Matcher, events: list[tuple[Any, ...]]) -> list[Sent]:
    socks, topology, out = matcher.topology.socks, matcher.topology, matcher.out
    messages: list[Sent] = []
    for event in events:
        sock = socks[event[2]]
        kind = event[1]
        if kind == SEND:
            matcher.send(event[0], sock, event[3], event[4])
            messages += [m for what, _, m in out if what == "s"]
            out.clear()
        elif kind == RECV:
            if not matcher.recv(event[0], event[5], sock, event[3], event[4]):
                matcher.expect(event[0], sock, event[3])
            messages += [m for what, _, m in out if what == "s"]
            out.clear()
        elif kind == NOTE:
            topology.note(sock, event[0], event[3], event[4])
        elif kind == GAP:
            for each in (sock, *(lane.source for lane in sock.into)):
                matcher.forget(each)
        else:
            matcher.idle(event[0], sock)
    return messages


def _fates(topology: Topology, messages: list[Sent], kept: dict[int, Kept], end: int, recorder: Record) -> None:
    """What has become of the messages that were not received: still waiting somewhere, or gone."""
    stopped = recorder.stopped
    states = {r.role: r.state for r in recorder.roles if r.t * 1e9 <= end - recorder.began}

    def open_(lane: Lane) -> bool:
        closed = lane.edge.closed
        return not closed or bool(stopped and closed >= stopped)

    def drained(lane: Lane) -> bool:
        k = kept[lane.target.id]
        if states.get(k.role) == "frozen":      # it asked, and cannot take what is there
            return False
        asking = _asking(k)
        return asking > 0 and end - asking > (DRAINED_VIA if lane.edge.via else DRAINED)

    alive = {edge_lane: open_(edge_lane) and not drained(edge_lane)
             for e in topology.edges for edge_lane in (e.ahead, e.back)}
    for m in messages:
        if m.fate != "waiting":
            continue
        if m.source.type in FAN_OUT:
            m.fate = "waiting" if m.lane and alive[m.lane] else "dropped"
        elif m.source.type in ("ROUTER", "REP"):
            m.fate = "waiting" if m.lane and alive[m.lane] else "lost"
        elif m.source.out:
            # Which peer a PUSH gave it to is told by receiving alone. Its turn is the best guess: what was for a peer
            # that is gone went with it.
            gone = m.lane is not None and not open_(m.lane)
            m.fate = "waiting" if not gone and any(alive[lane] for lane in m.source.out) else "lost"
        elif m.source.closed and not (stopped and m.source.closed >= stopped):
            m.fate = "lost"


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
                      k.log.sent, k.log.received)


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
    if _asking(k) and k.log.asked not in over:
        yield Interval(k.log.id, seconds(k.log.asked), None)
