"""From what the sockets wrote down to a frozen `Trace`."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Any

from ..trace import (
    FAN_OUT,
    OUTSIDE,
    Connection,
    Count,
    Interval,
    Label,
    Message,
    Orphan,
    Sent,
    SocketInfo,
    Topology,
    Trace,
)
from .fates import Judge, asking
from .log import now
from .matching import Matching
from .noted import facts
from .store import Kept, Record

WAITED = 100_000            # ns: a shorter stay in recv is not waiting


def build(recorder: Record, before: Matching | None = None) -> tuple[Trace, Matching]:
    """All that the recorder holds, matched; with what `before` has matched already. The recorder's lock is held
    meanwhile."""
    # Millions of small objects are made and none is garbage: looking for cycles among them would take twice the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        matching = before
        if matching is None or not matching.advance(recorder.store, recorder.links):
            matching = Matching(recorder.links, recorder.store.beats)
            matching.advance(recorder.store, recorder.links)
        return _build(recorder, matching), matching
    finally:
        if collecting:
            gc.enable()


def unexplained(trace: Trace) -> bool:
    """Whether something was received a moment ago of which no sending is known: the sender's thread may have been
    interrupted between sending and writing it down."""
    just_now = takewhile(lambda m: m.sent > trace.seconds - 0.1, reversed(trace.messages))
    return any(m.source is None and m.why != OUTSIDE for m in just_now)


def _build(recorder: Record, matching: Matching) -> Trace:
    store, began = recorder.store, recorder.began
    end = recorder.stopped or now()
    topology, messages = matching.topology, matching.messages
    states = {r.role: r.state for r in recorder.roles if r.t * 1e9 <= end - began}
    judge = Judge(topology, {k.log.id: k for k in store.kept}, end, recorder.stopped,
                  {role for role, state in states.items() if state == "frozen"})
    judged = [(m, m.lane, m.fate, m.why) for m in messages if m.fate != "received"]
    for m, *_ in judged:
        judge.judge(m)
    exact = not (store.gaps or store.forgotten)
    next_id = matching.next_id
    if store.gaps:
        samples = _samples(store.kept, topology, next_id)
        messages = samples + [m for m in messages if m.received or m.sent > store.gaps[-1][1] > 0]
        messages.sort(key=lambda m: m.sent)
        next_id += len(samples)

    def seconds(t: int) -> float:
        return (t - began) / 1e9

    def maybe(t: int) -> float | None:
        return seconds(t) if t else None

    def closed(t: int) -> float | None:
        return maybe(t) if not recorder.stopped or t < recorder.stopped else None

    # Where not all was kept, a send that is not known may have been forgotten.
    strangers = _strangers(judge, [o for o in matching.orphans if exact or not o.sock.into], next_id, seconds)
    told = _in_order(_told(messages, began, _present(store.kept, topology)), strangers)
    for m, lane, fate, why in judged:       # it may still arrive
        m.lane, m.fate, m.why = lane, fate, why
    return Trace(
        title=recorder.title, seconds=seconds(end), exact=exact, note=_note(recorder),
        sockets=tuple(_info(k, topology, seconds, closed) for k in store.kept),
        connections=tuple(Connection(
            e.id, e.source.id, e.target.id, e.transport, e.endpoint, seconds(e.opened), closed(e.closed), e.capacity,
            e.via, tuple((seconds(t), state) for t, state in e.states)) for e in topology.edges),
        messages=told,
        blocked=tuple(i for k in store.kept for i in _blocked(k, seconds)),
        waits=tuple(i for k in store.kept for i in _waits(k, seconds)),
        roles=tuple(recorder.roles), marks=tuple(recorder.marks),
        labels=tuple(Label(role, seconds(t), text) for t, role, text in store.labels.changes),
        counts=tuple(Count(seconds(t), k.log.id, sent, received) for k in store.kept for t, sent, received in k.counts))


def _present(kept: list[Kept], topology: Topology) -> dict[int, int]:
    """What roles are done with whose sockets are being asked for messages at this moment: since when, by `id`."""
    asked: dict[str, list[int]] = {}
    for k in kept:
        if k.log.asked > (k.recvs.at[-1] if k.recvs.at else 1):
            asked.setdefault(k.role, []).append(k.log.asked)
    return {id(m): min(later) for role, times in asked.items() for m in topology.roles[role].in_work
            if (later := [t for t in times if t >= m.received])}


def _told(messages: list[Sent], began: int, present: dict[int, int]) -> list[Message]:
    told, new = [], tuple.__new__       # a named tuple's own way of making one takes three times as long
    for m in messages:
        received, lane = m.received, m.lane
        done = m.done or present.get(id(m), 0)
        told.append(new(Message, (
            m.id, m.source.id, m.target.id if m.target else None, lane.edge.id if lane else None,
            (m.sent - began) / 1e9, (received - began) / 1e9 if received else None,
            (done - began) / 1e9 if done else None, m.frames, m.size, m.parent, m.fate, m.as_sent, m.why,
            m.heartbeat)))
    return told


def _in_order(messages: list[Message], strangers: list[Message]) -> tuple[Message, ...]:
    return tuple(sorted(messages + strangers, key=lambda m: m.sent)) if strangers else tuple(messages)


def _strangers(judge: Judge, orphans: list[Orphan], first_id: int, seconds: Callable[[int], float]) -> list[Message]:
    """What was received, and sent by nobody who is known. (A subscription that comes up to an XPUB is none.)"""
    return [Message(first_id + i, None, o.sock.id, None, seconds(o.t), seconds(o.t), seconds(o.t), o.frames, o.size,
                    why=judge.origin(o.sock))
            for i, o in enumerate(orphans) if not o.found and not _subscription(o)]


def _subscription(orphan: Orphan) -> bool:
    return orphan.sock.type == "XPUB" and len(orphan.frames) == 1 and orphan.frames[0][:1] in (b"\0", b"\1")


def _samples(kept: list[Kept], topology: Topology, next_id: int) -> list[Sent]:
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
                found.append(Sent(next_id + len(found), s, (frame,), (frame,), len(frame), min(at, into[n]), edge.ahead,
                                  t, into[n], fate="received"))
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
    for since, at in [pair for pair in zip(k.recvs.since, k.recvs.at, strict=True) if pair[1] - pair[0] > WAITED]:
        yield Interval(k.log.id, seconds(since), seconds(at))
    if asking(k) and k.log.asked > 1 and k.log.asked not in over:
        yield Interval(k.log.id, seconds(k.log.asked), None)
