"""What a live view eats: small batches of plain data, whatever the message rate.

Up to 400 messages a second each is told of. They are matched while they are few in the long run, or come in a burst;
beyond that the sockets' own counters speak: matching costs five times as much as all else, and of what is not told of
nobody sees it. Counts stay exact throughout. Times are milliseconds since the record began.
The form of a batch is described in `view/__init__.py`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from ..recording import DRAINED, DRAINED_VIA, Kept, Record, asking, now
from ..trace import FAN_OUT, Edge, Lane, Matcher, Sent, Sock, Topology, altered, carried
from .estimate import (
    Cursor,
    Wanted,
    balance,
    give_up_rest,
    level,
    loose,
    share_received,
    share_sent,
    share_to_all,
    take_back,
)
from .snapshot import Doors, Queues, busy, followed, queues, snapshot, topo

DRAWN = 400         # messages a second that are told of one by one
MATCHED = 500       # messages a second that are still matched, as a mean over SPELL
SPELL = 2.0         # seconds
BURST = 2_500       # messages a second, as a mean over 0.2 s, that are still matched
WAITING = 50_000    # messages waiting on a publisher's connection that are followed; it drops the newest anyway
AT_ONCE = 20_000    # messages that are matched in one poll at most, which takes about 0.2 s
QUIET = 300_000_000     # ns without a message after which a socket's counts are final
ENDING = 3_000_000_000      # ns in which a stage that was told to stop has ended
CALM = 1.0          # seconds of a lower rate before more detail is shown again
HISTORY = 30_000    # events kept for a page that is loaded again
FLAPS = 40          # changes between blocked and free in a batch; of more, only each socket's last is told
NEVER_WAITS = FAN_OUT | {"ROUTER", "REP"}      # for a peer: what they send goes to those who are there, or nowhere
STRIDES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)

Timed = tuple[float, list[Any]]     # an event, and when it was (ns)


class Feed:
    """One view's way through a record. `poll` is for one thread; it costs 5 µs a message and never blocks long."""

    def __init__(self, recorder: Record, actions: Callable[[], list[dict[str, Any]]] | None = None) -> None:
        self._recorder = recorder
        self._actions = actions or recorder.actions
        self._topology = Topology()
        self._matcher = Matcher(self._topology, recorder.store.beats, most=WAITING)
        self._cursors: dict[int, Cursor] = {}
        self._rate = self._steady = 0.0      # messages a second: of late, and over a spell
        self._fast = False
        self._before = self._seen = 0       # ns: the poll before this one, and this one
        self._stride = 1
        self._calm = 0.0
        self._polled = time.perf_counter() - recorder.seconds()     # the first poll looks back to the beginning
        self._told: dict[str, Any] = {"version": -1, "roles": 0, "labels": 0, "marks": 0, "links": 0, "actions": None,
                                      "snap": None}
        self._doors = Doors()
        self._in_work: Callable[[Edge], int | None] = followed      # how the last poll knew what is in work
        self._gone: set[int] = set()        # connections that were closed, whose messages are written off
        self._history: deque[list[Any]] = deque(maxlen=HISTORY)
        self._last: dict[str, Any] = {}

    def poll(self) -> dict[str, Any]:
        """Everything since the last poll."""
        recorder = self._recorder
        ended = self._over()        # asked before collecting: what comes after is still told
        recorder.collect()
        with recorder.lock:
            kept = list(recorder.store.kept)
            fast = self._pace(kept)
            events, new = self._gather(kept, skip=fast)
        events += self._match(kept, new)
        self._write_off()
        if fast:
            self._estimate(kept)
        if not recorder.stopped:        # then what waits goes on waiting, for ever
            self._settle(kept)
        events += self._news()
        events.sort(key=lambda e: e[0])     # to the ns: rounded, what came after may come before
        told = [event for _, event in events]
        batch: dict[str, Any] = {"now": self._now(), "ev": told,
                                 "stride": self._stride, "ended": ended}
        if self._told["version"] != (version := (self._topology.version, len(recorder.roles))):
            self._told["version"] = version
            batch["topo"] = self._last["topo"] = topo(self._topology, recorder.roles)
        by_id = {k.log.id: k for k in kept}
        self._in_work = (lambda e: busy(e, by_id[e.target.id])) if fast else followed
        snap = snapshot(self._topology, {id: k.log for id, k in by_id.items()}, self._stride, self._at_doors(),
                        self._in_work, over=bool(recorder.stopped))
        if recorder.stopped and self._told["snap"]:
            snap["x"] = self._told["snap"]["x"]     # where it all was when it stopped; now the queues are gone
        if snap != self._told["snap"]:
            self._told["snap"] = batch["n"] = self._last["n"] = snap
        if (actions := self._actions()) != self._told["actions"]:
            self._told["actions"] = batch["actions"] = self._last["actions"] = actions
        if recorder.store.counting:
            batch["say"] = "Too fast to keep every message: all are counted, one in 64 is kept."
        self._history.extend(told)
        return batch

    def _over(self) -> bool:
        """Whether nothing more will happen: its roles end after a stage was told to stop, and that is still told."""
        stopped = self._recorder.stopped
        return self._recorder.closed or bool(stopped and now() - stopped > ENDING)

    def history(self) -> dict[str, Any]:
        """All that is kept, as one batch, for a page that is loaded again."""
        return {"now": self._now(), "ev": list(self._history), "stride": self._stride, "ended": False} | self._last

    def queues(self) -> tuple[Queues, ...]:
        """Where messages wait, as of the last poll."""
        return queues(self._topology, self._in_work)

    # --- reading the store

    def _gather(self, kept: list[Kept], *, skip: bool) -> tuple[list[Timed], list[tuple[Any, ...]]]:
        """Advance the cursors: what was blocked and freed, as events, and what is new, in the order of time."""
        topology = self._topology
        out: list[tuple[int, str, int]] = []
        new: list[tuple[Any, ...]] = []
        for link in self._recorder.links[self._told["links"]:]:
            topology.link(*link)
        self._told["links"] = len(self._recorder.links)
        for k in kept:
            if k.log.id not in topology.socks:
                topology.add(k.log.id, k.type, k.role, k.context, k.opened)
            out += self._cursors[k.log.id].read(k, new, skip)
        new.sort(key=lambda e: e[0])
        if len(out) > FLAPS:
            out = list({(socket, "bu"): (t, what, socket) for t, what, socket in out}.values())
        return [(t, [self._ms(t), what, socket]) for t, what, socket in out], new

    def _pace(self, kept: list[Kept]) -> bool:
        """How fast is it, and so how much detail is told. Returns whether it is too fast for matching."""
        t = time.perf_counter()
        dt, self._polled = max(1e-3, t - self._polled), t
        self._before, self._seen = self._seen, now()
        sent = received = 0
        for k in kept:
            cursor = self._cursors.setdefault(k.log.id, Cursor())
            cursor.new_sent, cursor.sent = k.sent - cursor.sent, k.sent
            cursor.new_received, cursor.received = k.received - cursor.received, k.received
            sent += cursor.new_sent
            received += cursor.new_received
        was_fast = self._fast
        rate = max(sent, received) / dt
        self._rate += min(1.0, dt / 0.2) * (rate - self._rate)
        self._steady += min(1.0, dt / SPELL) * (min(rate, BURST) - self._steady)
        want = next((s for s in STRIDES if self._rate / s <= DRAWN), STRIDES[-1])
        if want >= self._stride:
            self._stride, self._calm = want, 0.0
        else:
            self._calm += dt
            if self._calm > CALM:
                self._stride, self._calm = want, 0.0
        most = MATCHED * (0.8 if was_fast else 1.0)     # not to and fro
        too_many = self._steady > most or self._rate > BURST
        self._fast = (self._stride > 1 and too_many) or max(sent, received) > AT_ONCE
        if was_fast and not self._fast:
            self._forget()
        return self._fast

    # --- matching, or not

    def _match(self, kept: list[Kept], new: list[tuple[Any, ...]]) -> list[Timed]:
        matcher, socks = self._matcher, self._topology.socks
        for event in new:
            if event[1] == "note":
                self._topology.note(socks[event[2]], event[0], event[3], event[4])
            elif event[1] == "s":
                matcher.send(event[0], socks[event[2]], event[3], event[4])
            elif event[1] == "r":
                sock = socks[event[2]]
                if not matcher.recv(event[0], event[5], sock, event[3], event[4]):
                    self._unmatched(event[0], sock, event[3])
            elif event[1] == "idle":
                matcher.idle(event[0], socks[event[2]])
        for k in kept:
            sock = socks[k.log.id]
            if sock.role.in_work and k.log.asked > max(m.received for m in sock.role.in_work):
                matcher.idle(k.log.asked, sock)
        out, matcher.out = matcher.out, []
        out += self._doors.watch(out, over=bool(self._recorder.stopped))
        return [] if self._stride > 1 else [(t, e) for what, t, m in out if (e := self._tell(what, t, m))]

    def _tell(self, what: str, t: int, m: Sent) -> list[Any] | None:
        ms, lane = self._ms(t), m.lane
        edge, direction = (lane.edge.id, lane.direction) if lane else (-1, 0)
        if what == "d":
            return [ms, "d", m.target.id if m.target else -1, m.id]
        if what == "x":
            return [ms, "x", edge, direction, m.id]
        if what == "h":
            return [ms, "h", edge, direction, m.id, m.source.id]
        if what == "r":
            return [ms, "r", edge, direction, m.id, m.target.id if m.target else -1, *altered(m)]
        return [ms, "s", edge, direction, m.id, m.source.id, carried(m)] if m.fate != "dropped" else None

    def _at_doors(self) -> dict[int, int]:
        """How many messages wait at the door of each socket."""
        doors, socks = self._doors.counts(), self._topology.socks
        return doors | {id: cursor.loose_sent for id, cursor in (self._cursors.items() if self._fast else ())
                        if cursor.loose_sent and socks[id].type not in NEVER_WAITS and not socks[id].out}

    def _unmatched(self, t: int, sock: Sock, frames: tuple[bytes, ...]) -> None:
        """Something arrived whose sending was not followed: it leaves a queue that held such."""
        lane = max(sock.into, key=lambda lane: lane.untold, default=None)
        if lane and not lane.untold:        # a sibling's, then: which of the two it was on had been a guess
            siblings = [(mine, its) for mine in sock.into for its in mine.source.out if its.untold]
            if siblings:
                lane, other = siblings[0]
                other.untold, lane.untold = other.untold - 1, 1
                other.sent, lane.sent = other.sent - 1, lane.sent + 1
        if lane and lane.untold:
            lane.untold -= 1
            self._matcher.arrived_untold(t, lane, sock, frames)
            take_back(lane)
        else:
            self._matcher.expect(t, sock, frames)

    def _write_off(self) -> None:
        """What was for a peer that is gone went with it, where the sender is the side that was bound: its queue for
        that peer ends with the connection. (A sender that connected keeps its queue for when the peer is back.)"""
        if self._recorder.stopped or self._told["version"] == (self._topology.version, len(self._recorder.roles)):
            return
        for edge in self._topology.edges:
            if edge.closed and edge.id not in self._gone:
                self._gone.add(edge.id)
                for lane in (edge.ahead, edge.back):
                    if lane.target.closed and edge.endpoint in lane.source.binds:
                        self._matcher.gone(edge.closed, lane)

    def _forget(self) -> None:
        """Matching starts anew: what was sent meanwhile was not followed."""
        self._matcher = Matcher(self._topology, self._recorder.store.beats, next_id=self._matcher.next_id, most=WAITING)
        for sock in self._topology.socks.values():
            self._matcher.forget(sock)
            sock.role.in_work.clear()
            sock.role.recent.clear()
            for lane in sock.out:
                lane.untold = lane.depth

    def _settle(self, kept: list[Kept]) -> None:
        """Once a socket is quiet for a moment, its connections are set right by what is certain."""
        t = now()
        frozen = {r.role for r in self._recorder.roles if r.state == "frozen"}
        for k in kept:
            sock, cursor = self._topology.socks[k.log.id], self._cursors[k.log.id]
            if cursor.new_sent or cursor.new_received:
                cursor.active, cursor.asking = t, 0
                continue
            if cursor.unsettled and not self._fast:
                cursor.unsettled = t - cursor.active < QUIET     # what is written down late is still to come
                level(sock.into, "received", k.received - cursor.loose_received)
                if sock.type not in FAN_OUT:
                    level(sock.out, "sent", k.sent - cursor.loose_sent)
                for lane in sock.into:
                    take_back(lane)
                balance(self._topology.socks.values())
            cursor.asking = (cursor.asking or t) if asking(k) else 0
            for lane in sock.into if k.role not in frozen else ():
                sent = max(self._cursors[lane.source.id].active, cursor.active)
                in_vain = max(k.log.vain - sent, t - max(cursor.asking, sent) if cursor.asking else 0)
                if lane.source.type in FAN_OUT and lane.depth and in_vain > _patience(lane):
                    self._matcher.drain(lane, t)
                    give_up_rest(lane)

    def _estimate(self, kept: list[Kept]) -> None:
        """Share the sockets' exact counts out over their connections."""
        socks, cursors = self._topology.socks, self._cursors
        for id, cursor in cursors.items():
            if not cursor.unsettled:
                cursor.unsettled = True     # messages that went out before there was any connection stay out of it
                cursor.loose_sent = loose(cursor.sent - cursor.new_sent, [lane.sent for lane in socks[id].out])
                cursor.loose_received = loose(cursor.received - cursor.new_received,
                                               [lane.received for lane in socks[id].into])
        for k in kept:
            sock, cursor = socks[k.log.id], cursors[k.log.id]
            share_received(sock.into, cursor.new_received, lambda source: cursors[source.id].new_sent)
            cursor.loose_received += 0 if sock.into else cursor.new_received
        for k in kept:
            sock, cursor = socks[k.log.id], cursors[k.log.id]
            if sock.type in FAN_OUT:
                share_to_all(sock.out, cursor.new_sent, self._before, Wanted(k))
            else:
                share_sent(sock.out, cursor.new_sent)
                cursor.loose_sent += 0 if sock.out else cursor.new_sent
        balance(socks.values())

    def _news(self) -> list[Timed]:
        """Roles that changed, what they say of themselves, and marks."""
        record, told = self._recorder, self._told
        roles, marks, labels, began = record.roles, record.marks, record.store.labels.changes, record.began
        out: list[Timed] = [(r.t * 1e9 + began, [round(r.t * 1e3, 1), "k", r.role, r.state, r.text])
                            for r in roles[told["roles"]:]]
        out += [(m.t * 1e9 + began, [round(m.t * 1e3, 1), "m", f"{m.what} {m.where}".strip()])
                for m in marks[told["marks"]:]]
        out += [(t, [self._ms(t), "l", role, text]) for t, role, text in labels[told["labels"]:]]
        told["roles"], told["marks"], told["labels"] = len(roles), len(marks), len(labels)
        return out

    def _now(self) -> float:
        return self._ms(self._recorder.stopped or self._recorder.seconds() * 1e9 + self._recorder.began)

    def _ms(self, t: float) -> float:
        return round((t - self._recorder.began) / 1e6, 1)


def _patience(lane: Lane) -> int:
    """ns that a receiver waits until nothing can be on its way any more; a relay may hold messages back."""
    return DRAINED_VIA if lane.edge.via else DRAINED
