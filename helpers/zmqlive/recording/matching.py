"""The matching behind a trace, kept from one to the next: whoever asks again pays for what is new only.

That works as long as what is new comes after all that was matched before, in time, and nothing of it has been dropped;
otherwise all is matched anew. The result is the same.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from operator import itemgetter
from typing import Any

from ..trace import Matcher, Orphan, Sent, Topology
from .packed import START, Place
from .store import Kept, Store

NOTE, SEND, RECV, IDLE, GAP = range(5)
Event = tuple[Any, ...]     # (ns, kind, the log's id, …)


class _Read:
    """How far one socket has been read."""

    __slots__ = ("notes", "recvs", "sends", "spells")

    def __init__(self) -> None:
        self.notes = self.spells = 0
        self.sends: Place = START
        self.recvs: Place = START


class Matching:
    """Topology, messages in the order in which they were sent, and those received of which no sending is known."""

    def __init__(self, links: Sequence[tuple[str, str, str]], beats: Set[bytes] = frozenset()) -> None:
        self.topology = Topology()
        for link in links:
            self.topology.link(*link)
        self._links = len(links)
        self._matcher = Matcher(self.topology, beats, watched=False)
        self._read: dict[int, _Read] = {}
        self._newest = 0        # ns
        self.orphans: list[Orphan] = []

    @property
    def messages(self) -> list[Sent]:
        return self._matcher.sent

    @property
    def next_id(self) -> int:
        """An id that no message has."""
        return self._matcher.next_id

    def advance(self, store: Store, links: Sequence[tuple[str, str, str]]) -> bool:
        """Match what is new in the store. False: that cannot be told from what is known, so begin anew."""
        if len(links) != self._links or ((store.gaps or store.forgotten) and self._read):
            return False
        events: list[Event] = []
        for kept in store.kept:
            if kept.log.id not in self._read:
                self._read[kept.log.id] = _Read()
                self.topology.add(kept.log.id, kept.type, kept.role, kept.context, kept.opened)
            events += self._new(kept, self._read[kept.log.id])
        events += _gaps(store)
        events.sort(key=itemgetter(0))
        if events and events[0][0] <= self._newest:
            return False
        if events:
            self._newest = events[-1][0]
            self._run(events)
        return True

    def _new(self, kept: Kept, read: _Read) -> list[Event]:
        id = kept.log.id
        events: list[Event] = [(t, NOTE, id, what, tuple(more)) for t, what, *more in kept.notes[read.notes:]]
        events += [(t, IDLE, id) for t, what, *_ in kept.spells[max(0, read.spells - kept.spells_dropped):]
                   if what == "wait"]
        events += [(at, SEND, id, frames, size) for at, _, frames, size in kept.sends.messages(read.sends)]
        events += [(at, RECV, id, frames, size, since) for at, since, frames, size in kept.recvs.messages(read.recvs)]
        read.notes, read.spells = len(kept.notes), kept.spells_dropped + len(kept.spells)
        read.sends, read.recvs = kept.sends.after(read.sends), kept.recvs.after(read.recvs)
        return events

    def _run(self, events: list[Event]) -> None:
        matcher, socks, topology = self._matcher, self.topology.socks, self.topology
        send, recv = matcher.send, matcher.recv
        for event in events:
            kind, sock = event[1], socks[event[2]]
            if kind == SEND:
                send(event[0], sock, event[3], event[4])
            elif kind == RECV:
                if not recv(event[0], event[5], sock, event[3], event[4]):
                    self.orphans.append(matcher.expect(event[0], sock, event[3], event[4]))
            elif kind == NOTE:
                topology.note(sock, event[0], event[3], event[4])
            elif kind == GAP:
                for each in (sock, *(lane.source for lane in sock.into)):
                    matcher.forget(each)
            else:
                matcher.idle(event[0], sock)


def _gaps(store: Store) -> list[Event]:
    """The sockets that were only counted for a while, at the end of it."""
    return [(end, GAP, kept.log.id) for start, end in store.gaps for kept in store.kept
            if end and any(start <= t <= end for t, _, _ in kept.counts)]
