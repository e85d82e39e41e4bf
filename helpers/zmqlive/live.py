"""What a live view eats: small batches of plain data, whatever the message rate.

Up to 400 messages a second each is told of, up to 2,500 they are matched but only counted, and beyond that the
sockets' own counters speak. Counts stay exact throughout. Times are milliseconds since the record began.
The form of a batch is described in `view/__init__.py`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .match import Matcher, Sent
from .picture import Queues, queues, snapshot, topo
from .store import Kept
from .topology import FAN_OUT, Lane, Topology

if TYPE_CHECKING:
    from .recorder import Recorder

DRAWN = 400         # messages a second that are told of one by one
MATCHED = 2_500     # messages a second that are still matched
AT_ONCE = 20_000    # messages that are matched in one poll at most, which takes about 0.2 s
CALM = 1.0          # seconds of a lower rate before more detail is shown again
HISTORY = 30_000    # events kept for a page that is loaded again
FLAPS = 40          # changes between blocked and free in a batch; of more, only each socket's last is told
STRIDES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)


class Feed:
    """One view's way through a record. `poll` is for one thread; it costs about 5 µs a message and never blocks long."""

    def __init__(self, recorder: Recorder, actions: Callable[[], list[dict[str, Any]]] | None = None) -> None:
        self._recorder = recorder
        self._actions = actions or recorder.actions
        self._topology = Topology()
        self._matcher = Matcher(self._topology)
        self._cursors: dict[int, _Cursor] = {}
        self._rate = 0.0
        self._stride = 1
        self._calm = 0.0
        self._polled = time.perf_counter() - recorder.seconds()     # the first poll looks back to the beginning
        self._told: dict[str, Any] = {"version": -1, "roles": 0, "marks": 0, "links": 0, "actions": None, "snap": None}
        self._history: deque[list[Any]] = deque(maxlen=HISTORY)
        self._last: dict[str, Any] = {}

    def poll(self) -> dict[str, Any]:
        """Everything since the last poll."""
        recorder = self._recorder
        ended = bool(recorder.stopped) or recorder.closed       # before collecting: what comes after is still told
        recorder.collect()
        with recorder.lock:
            kept = list(recorder.store.kept)
            fast = self._pace(kept)
            events, new = self._gather(kept, skip=fast)
        if fast:
            self._estimate()
        events += self._match(kept, new)
        self._settle(kept)
        events += self._news()
        events.sort(key=lambda e: e[0])
        batch: dict[str, Any] = {"now": self._now(), "ev": events,
                                 "stride": self._stride, "ended": ended}
        if self._told["version"] != (version := (self._topology.version, len(recorder.roles))):
            self._told["version"] = version
            batch["topo"] = self._last["topo"] = topo(self._topology, recorder.roles)
        snap = snapshot(self._topology, {k.log.id: k.log for k in kept}, self._stride)
        if recorder.stopped and self._told["snap"]:
            snap["x"] = self._told["snap"]["x"]     # where it all was when it stopped; now the queues are gone
        if snap != self._told["snap"]:
            self._told["snap"] = batch["n"] = self._last["n"] = snap
        if (actions := self._actions()) != self._told["actions"]:
            self._told["actions"] = batch["actions"] = self._last["actions"] = actions
        if recorder.store.counting:
            batch["say"] = "Too fast to keep every message: all are counted, one in 64 is kept."
        self._history.extend(events)
        return batch

    def history(self) -> dict[str, Any]:
        """All that is kept, as one batch, for a page that is loaded again."""
        return {"now": self._now(), "ev": list(self._history), "stride": self._stride, "ended": False} | self._last

    def queues(self) -> tuple[Queues, ...]:
        """Where messages wait, as of the last poll."""
        return queues(self._topology, {log.id: log for log, _ in self._recorder.store.logs()})

    # --- reading the store -----------------------------------------------------------------------------------

    def _gather(self, kept: list[Kept], *, skip: bool) -> tuple[list[list[Any]], list[tuple[Any, ...]]]:
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
        for event in new:
            if event[1] == "note":
                topology.note(topology.socks[event[2]], event[0], event[3], event[4])
        if len(out) > FLAPS:
            out = list({(socket, "bu"): (t, what, socket) for t, what, socket in out}.values())
        return [[self._ms(t), what, socket] for t, what, socket in out], new

    def _pace(self, kept: list[Kept]) -> bool:
        """How fast is it, and so how much detail is told. Returns whether it is too fast for matching."""
        t = time.perf_counter()
        dt, self._polled = max(1e-3, t - self._polled), t
        sent = received = 0
        for k in kept:
            cursor = self._cursors.setdefault(k.log.id, _Cursor())
            cursor.new_sent, cursor.sent = k.log.sent - cursor.sent, k.log.sent
            cursor.new_received, cursor.received = k.log.received - cursor.received, k.log.received
            sent += cursor.new_sent
            received += cursor.new_received
        was_fast = self._rate > MATCHED
        share = min(1.0, dt / 0.2)
        self._rate += share * (max(sent, received) / dt - self._rate)
        want = next((s for s in STRIDES if self._rate / s <= DRAWN), STRIDES[-1])
        if want >= self._stride:
            self._stride, self._calm = want, 0.0
        else:
            self._calm += dt
            if self._calm > CALM:
                self._stride, self._calm = want, 0.0
        fast = self._rate > MATCHED or max(sent, received) > AT_ONCE
        if was_fast and not fast:
            self._forget()
        return fast

    # --- matching, or not ------------------------------------------------------------------------------------

    def _match(self, kept: list[Kept], new: list[tuple[Any, ...]]) -> list[list[Any]]:
        matcher, socks = self._matcher, self._topology.socks
        for event in new:
            if event[1] == "s":
                matcher.send(event[0], socks[event[2]], event[3], event[4])
            elif event[1] == "r":
                sock = socks[event[2]]
                if not matcher.recv(event[0], event[5], sock, event[3], event[4]):
                    self._unmatched(sock)
            elif event[1] == "idle":
                matcher.idle(event[0], socks[event[2]])
        for k in kept:
            sock = socks[k.log.id]
            if sock.role.in_work and k.log.asked > max(m.received for m in sock.role.in_work):
                matcher.idle(k.log.asked, sock)
        out, matcher.out = matcher.out, []
        return [] if self._stride > 1 else [e for what, t, m in out if (e := self._tell(what, t, m))]

    def _tell(self, what: str, t: int, m: Sent) -> list[Any] | None:
        ms, lane = self._ms(t), m.lane
        edge, direction = (lane.edge.id, lane.direction) if lane else (-1, 0)
        if what == "d":
            return [ms, "d", m.target.id if m.target else -1, m.id]
        if what == "x":
            return [ms, "x", edge, direction, m.id]
        if what == "r":
            return [ms, "r", edge, direction, m.id, m.target.id if m.target else -1]
        return [ms, "s", edge, direction, m.id, m.source.id] if m.fate != "dropped" else None

    def _unmatched(self, sock: Any) -> None:
        """Something arrived whose sending was not followed: it leaves the queue that holds the most."""
        lanes = [lane for lane in sock.into if lane.depth and not lane.waiting]
        if lanes:
            max(lanes, key=lambda lane: lane.depth).received += 1
            self._matcher.orphans.pop()

    def _forget(self) -> None:
        """Matching starts anew: what was sent meanwhile was not followed."""
        self._matcher = Matcher(self._topology, next_id=self._matcher.next_id)
        for sock in self._topology.socks.values():
            sock.pending.clear()
            sock.role.in_work.clear()
            sock.role.recent.clear()
            for lane in sock.out:
                lane.waiting.clear()
                lane.payloads.clear()

    def _settle(self, kept: list[Kept]) -> None:
        """After estimating: set each socket's connections right by its exact counts, once it is quiet for a moment."""
        for k in kept:
            sock, cursor = self._topology.socks[k.log.id], self._cursors[k.log.id]
            if not cursor.unsettled or cursor.new_sent or cursor.new_received or self._rate > MATCHED:
                continue
            cursor.unsettled = False
            if sock.into:
                level(sock.into, "received", k.log.received)
            if sock.out and sock.type not in FAN_OUT:
                level(sock.out, "sent", k.log.sent)

    def _estimate(self) -> None:
        """Share the sockets' exact counts out over their connections."""
        for sock in self._topology.socks.values():
            self._cursors[sock.id].unsettled = True
            share_received(sock.into, self._cursors[sock.id].new_received, self._cursors)
        for sock in self._topology.socks.values():
            share_sent(sock.out, self._cursors[sock.id].new_sent, fan_out=sock.type in FAN_OUT)

    def _news(self) -> list[list[Any]]:
        """Roles that changed, and marks."""
        roles, marks, told = self._recorder.roles, self._recorder.marks, self._told
        out: list[list[Any]] = [[round(r.t * 1e3, 1), "k", r.role, r.state, r.text] for r in roles[told["roles"]:]]
        out += [[round(m.t * 1e3, 1), "m", f"{m.what} {m.where}".strip()] for m in marks[told["marks"]:]]
        told["roles"], told["marks"] = len(roles), len(marks)
        return out

    def _now(self) -> float:
        return self._ms(self._recorder.stopped or self._recorder.seconds() * 1e9 + self._recorder.began)

    def _ms(self, t: float) -> float:
        return round((t - self._recorder.began) / 1e6, 1)


class _Cursor:
    """How far a feed has read one socket."""

    __slots__ = ("new_received", "new_sent", "note", "received", "recv", "recv_size", "send", "send_size", "sent", "spell",
                 "unsettled")

    def __init__(self) -> None:
        self.send = self.send_size = self.recv = self.recv_size = self.note = self.spell = 0
        self.sent = self.received = self.new_sent = self.new_received = 0
        self.unsettled = False

    def read(self, k: Kept, new: list[tuple[Any, ...]], skip: bool) -> list[tuple[int, str, int]]:
        """Put new notes, and messages unless they are skipped, into `new`; returns what was blocked and freed."""
        id = k.log.id
        new += [(t, "note", id, what, tuple(more)) for t, what, *more in k.notes[self.note:]]
        self.note = len(k.notes)
        spells = k.spells[max(0, self.spell - k.spells_dropped):]
        self.spell = k.spells_dropped + len(k.spells)
        if not skip:
            new += [(t, "idle", id) for t, what, *_ in spells if what == "wait"]
            new += [(at, "s", id, f, size) for at, _, f, size in k.sends.messages(self.send, self.send_size)]
            new += [(at, "r", id, f, size, since)
                        for at, since, f, size in k.recvs.messages(self.recv, self.recv_size)]
        self.send, self.send_size = _whole_messages(k.sends, self.send), k.sends.dropped_sizes + len(k.sends.size)
        self.recv, self.recv_size = _whole_messages(k.recvs, self.recv), k.recvs.dropped_sizes + len(k.recvs.size)
        return [(t, "b" if what == "block" else "u", id) for t, what, *_ in spells if what != "wait"]


def _whole_messages(stream: Any, start: int) -> int:
    """Where the next reading starts: behind the last message that is whole."""
    n = len(stream.frame)
    while n > max(0, start - stream.dropped) and stream.frame[n - 1].__class__ is tuple:
        n -= 1
    return stream.dropped + n


def share_received(lanes: list[Lane], n: int, cursors: dict[int, _Cursor]) -> None:
    """`n` messages came in over these lanes: by what their sources had to give."""
    if len(lanes) > 1:
        offers = [lane.depth + cursors[lane.source.id].new_sent for lane in lanes]
        total = sum(offers) or len(lanes)
        for lane, offer in zip(lanes[1:], offers[1:], strict=True):
            part = n * (offer or total == len(lanes)) // total if total else 0
            lane.received += part
            n -= part
    if lanes:
        lanes[0].received += n


def share_sent(lanes: list[Lane], n: int, *, fan_out: bool) -> None:
    """`n` messages went out over these lanes: to all that want them, or so that none is behind what it delivered."""
    open_ = [lane for lane in lanes if not lane.edge.closed] or lanes
    for lane in open_:
        if fan_out:
            lane.sent += n
            capacity = lane.edge.capacity
            if capacity is not None and lane.depth > capacity:
                lane.dropped += lane.depth - capacity
        else:
            behind = max(0, lane.received + lane.dropped - lane.sent)
            lane.sent += behind
            n -= behind
    if not fan_out and open_:
        each, rest = divmod(n, len(open_))
        for i, lane in enumerate(open_):
            lane.sent += each + (i < rest)


def level(lanes: list[Lane], what: str, total: int) -> None:
    """Make the lanes' counts add up to `total`."""
    off = total - sum(getattr(lane, what) for lane in lanes)
    if off > 0:
        setattr(lanes[0], what, getattr(lanes[0], what) + off)
    for lane in lanes:
        if off < 0:
            part = min(-off, getattr(lane, what))
            setattr(lane, what, getattr(lane, what) - part)
            off += part
