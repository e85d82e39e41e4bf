"""Sends and receives, put together: which message arrived where, when, and what became of the others.

Messages are matched by what they carry and by order within a connection. The envelopes that REQ, REP, ROUTER and
DEALER add and take away (RFC 28) are worked out from the socket types, so a request is followed through any number of
brokers. Where two messages with the same content could have come from two senders, the one sent first is taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Set
from itertools import chain

from .rules import UNKNOWN, envelope, first, guess, lane_to, late, misnamed, nobody, rest, swap, take_out, wake, wants
from .sent import GONE, NO_ROOM, NOBODY, OVERTAKEN, REPLACED, Orphan, Sent, cause, take_in
from .topology import FAN_OUT, Lane, Sock, Topology, want

ORPHANS = 1_000     # receives kept that wait for their send to be written down
LATE = 2_000_000_000    # ns that they wait at most


class Matcher:
    """Takes notes, sends and receives in the order of time, and emits ("s" | "r" | "x" | "d", ns, message) to `out`;
    or, where nobody watches, gathers what was sent in `sent`, which takes less time.

    A receive may come before its send has been written down: it waits in `orphans` for that. A message with a frame
    that is one of `beats` is a heartbeat.
    """

    def __init__(self, topology: Topology, beats: Set[bytes] = frozenset(), *, next_id: int = 0, most: int = 1 << 62,
                 watched: bool = True) -> None:
        self.topology, self._beats = topology, beats
        self._most = most       # messages waiting on a fan-out connection that are followed
        self.next_id = next_id
        self.watched = watched
        self.out: list[tuple[str, int, Sent]] = []
        self.sent: list[Sent] = []
        self.orphans: dict[bytes, deque[Orphan]] = {}       # by payload

    # --- sending

    def send(self, t: int, sock: Sock, frames: tuple[bytes, ...], size: int) -> None:
        """`sock` sent a message."""
        if sock.type in FAN_OUT:
            self._send_to_all(t, sock, frames, size)
        else:
            self._send_to_one(t, sock, frames, size)
        if frames[-1] in self.orphans:
            self._adopt(t, frames[-1])

    def _send_to_all(self, t: int, sock: Sock, frames: tuple[bytes, ...], size: int) -> None:
        control = sock.type == "XSUB" and frames[0][:1] in (b"\0", b"\1")
        if control:
            sock.upstream.append((t, frames[0]))
            if frames[0][:1] == b"\1":
                want(sock, t, frames[0][1:])
            elif frames[0][1:] in sock.subs:
                sock.subs.remove(frames[0][1:])
            return
        wanted = [lane for lane in sock.out if not lane.edge.closed and wants(lane.target, frames[0])]
        for lane in wanted:
            msg = self._new(t, sock, frames, frames, size)
            msg.lane = lane
            lane.sent += 1
            if lane.target.conflate and lane.waiting:       # unless it has been taken in this moment
                self._drop(lane, lane.waiting[-1], t, REPLACED)
            if len(lane.waiting) < self._most:
                lane.waiting.append(msg)
                lane.payloads[frames[-1]] += 1
            else:
                self._drop(lane, msg, t, NO_ROOM)
            if self.watched:
                lane.weigh(size, len(frames))
                self.out.append(("s", t, msg))
            if (capacity := lane.edge.capacity) is not None and lane.depth > capacity:
                self._drop(lane, msg, t, NO_ROOM)       # should it arrive all the same, it is taken back
        if not wanted:
            msg = self._new(t, sock, frames, frames, size)
            msg.fate = "dropped"
            if self.watched:
                self.out.append(("s", t, msg))

    def _send_to_one(self, t: int, sock: Sock, frames: tuple[bytes, ...], size: int) -> None:
        destination: Sock | None = None
        wire: tuple[bytes | None, ...] = frames
        if sock.type == "REQ":
            wire = (None, b"", *frames) if sock.correlate else (b"", *frames)
        elif sock.type == "ROUTER":
            destination, wire = sock.routes.get(frames[0]), frames[1:]
        elif sock.type == "REP":        # whom it answers may be unknown; an empty frame is sent in any case
            destination = sock.request.source if sock.request else None
            wire = (*(envelope(sock.request.wire) if sock.request else (b"",)), *frames)
        wire = wire or (b"",)
        msg = self._new(t, sock, frames, wire, size)
        key = destination.id if destination else UNKNOWN, frames[-1]
        if (queue := sock.pending.get(key)) is None:
            sock.pending[key] = queue = deque()
        queue.append(msg)
        if sock.closed:         # it had written this down too late
            wake(sock)
        if destination is None and nobody(sock, frames[0]):
            msg.fate, msg.why = "dropped", NOBODY       # should it arrive all the same, it is taken back
        else:
            msg.lane = lane_to(sock, destination) if destination else guess(sock)
        if lane := msg.lane:
            lane.sent += 1
        if self.watched:
            if lane:
                lane.weigh(size, len(wire))
            self.out.append(("s", t, msg))

    def _new(self, t: int, sock: Sock, frames: tuple[bytes, ...], wire: tuple[bytes | None, ...], size: int) -> Sent:
        msg = Sent(self.next_id, sock, frames, wire, size, t, heartbeat=self._beats_in(frames))
        self.next_id += 1
        if not self.watched:
            self.sent.append(msg)
        if led_to_it := cause(msg):
            msg.parent = led_to_it.id
        return msg

    def _beats_in(self, frames: tuple[bytes, ...]) -> bool:
        return bool(self._beats) and not self._beats.isdisjoint(frames)

    # --- receiving

    def recv(self, t: int, since: int, sock: Sock, frames: tuple[bytes, ...], size: int) -> bool:
        """`sock` received a message that it had asked for at `since`. Returns whether its send is known."""
        if sock.role.in_work and not self._beats_in(frames):
            self.idle(since, sock)
        return self._recv(t, sock, frames)

    def expect(self, t: int, sock: Sock, frames: tuple[bytes, ...], size: int = 0) -> Orphan:
        """The send of what `sock` received at `t` is not known yet: it may still be written down."""
        orphan = Orphan(t, sock, frames, size)
        if sock.type == "ROUTER" and frames[0] not in sock.routes:
            sock.strangers.add(frames[0])
        if sock.into:
            self.orphans.setdefault(frames[-1], deque(maxlen=ORPHANS)).append(orphan)
            if len(self.orphans) > ORPHANS:
                del self.orphans[next(iter(self.orphans))]
        return orphan

    def _recv(self, t: int, sock: Sock, frames: tuple[bytes, ...]) -> bool:
        if sock.type == "XPUB" and len(frames) == 1 and frames[0][:1] in (b"\0", b"\1"):
            return self._subscription(t, sock, frames)
        msg = self._find(sock, frames)
        if msg is None:
            if sock.type == "REP":
                sock.request = None     # who is asking now is not known
            return False
        lane = lane_to(msg.source, sock)
        if msg.lane is not lane:
            if msg.lane:
                msg.lane.sent -= 1
            if lane:
                lane.sent += 1
            msg.lane = lane
        self._arrived(msg, t, sock, frames)
        if sock.type == "ROUTER":
            sock.routes[frames[0]] = msg.source
            sock.strangers.discard(frames[0])
        elif sock.type == "REP":
            sock.request = msg
        return True

    def _find(self, sock: Sock, frames: tuple[bytes, ...]) -> Sent | None:
        best: Sent | None = None
        payload = frames[-1]
        lanes, resting = sock.coming, False
        if len(lanes) == 1 and lanes[0].source.type not in FAN_OUT:
            source = lanes[0].source
            for key in ((sock.id, payload), (UNKNOWN, payload)):
                queue = source.pending.get(key)
                if queue and (best := first(queue, sock, frames)):
                    take_out(best, queue, source.pending, key)
                    return best
        if sock.type == "ROUTER" and (known := sock.routes.get(frames[0])):
            lanes = [lane for lane in lanes if lane.source is known] if len(lanes) > 1 else lanes
        for lane in lanes:
            if lane.source.type in FAN_OUT:
                found = first(lane.waiting, sock, frames) if lane.payloads.get(payload) else None
            else:
                pending = lane.source.pending
                if not pending:
                    resting = resting or bool(lane.edge.closed)
                    continue
                found = first(pending.get((sock.id, payload)), sock, frames) \
                    or first(pending.get((UNKNOWN, payload)), sock, frames)
            if found and (best is None or found.sent < best.sent):
                best = found
        best = best or misnamed(sock, frames) or self._misrouted(sock, frames)
        if best is not None:
            self._take(best, sock)
        if resting:
            rest(sock)
        return best or late(sock, frames)

    def _misrouted(self, sock: Sock, frames: tuple[bytes, ...]) -> Sent | None:
        """An answer that was thought to go to another peer. Two peers whose messages were alike, such as workers that
        say READY, may have been taken for each other: now it shows which is which."""
        for source in (lane.source for lane in sock.into if not sock.routing_id):
            alike = source.type in ("ROUTER", "REP") and any(payload == frames[-1] for _, payload in source.pending)
            for other in source.out if alike else ():
                if found := first(source.pending.get((other.target.id, frames[-1])), sock, frames):
                    if source.type == "ROUTER":
                        swap(source.routes, found.frames[0], sock)
                    return found
        return None

    def _take(self, msg: Sent, sock: Sock) -> None:
        """Remove a message from what is on its way; on a fan-out lane, those before it will not come any more."""
        if msg.source.type in FAN_OUT:
            lane = msg.lane
            while (first := lane.waiting.popleft()) is not msg:
                lane.payloads[first.frames[-1]] -= 1
                self._drop(lane, first, first.sent, OVERTAKEN)
            lane.payloads[msg.frames[-1]] -= 1
            lane.dropped -= msg.fate == "dropped"
            return
        pending = msg.source.pending
        for destination in chain((sock.id, UNKNOWN), (lane.target.id for lane in msg.source.out)):
            key = destination, msg.frames[-1]
            if key in pending and msg in pending[key]:
                take_out(msg, pending[key], pending, key)
                return

    def gone(self, t: int, lane: Lane) -> None:
        """The receiver is gone, and its place in the sender with it: what was on its way to it is lost."""
        for queue in lane.source.pending.values():
            for msg in queue:
                if msg.lane is lane:
                    self._drop(lane, msg, t, GONE)

    def _drop(self, lane: Lane, msg: Sent, t: int, why: str) -> None:
        if msg.fate != "dropped":
            msg.fate, msg.why = "dropped", why
            lane.dropped += 1
            if self.watched:
                self.out.append(("x", t, msg))

    def _arrived(self, msg: Sent, t: int, sock: Sock, frames: tuple[bytes, ...]) -> None:
        if msg.sent > t:    # a send that was blocked is written down after it went through
            msg.sent = t
        if frames != msg.frames:
            msg.as_sent = msg.frames
        msg.target, msg.received, msg.frames, msg.fate, msg.why = sock, t, frames, "received", ""
        if lane := msg.lane:
            lane.received += 1
            if msg.sent > lane.newest:
                lane.newest, lane.taken = msg.sent, t
            if msg.source.type in FAN_OUT:
                # Of several with the same content it may have been a later one.
                heard = lane.may_have_heard if lane.payloads.get(frames[-1]) else lane.heard_of
                for topic in sock.subs:
                    if topic not in lane.heard_of and frames[0].startswith(topic):
                        heard.setdefault(topic, msg.sent)
                        if heard is lane.may_have_heard:
                            lane.heard_of[topic] = t        # what is sent from now on is sent to one who hears
        take_in(sock.role, msg)
        if self.watched:
            self.out += [("r", t, msg), ("d", t, msg)] if msg.heartbeat else [("r", t, msg)]

    def arrived_untold(self, t: int, lane: Lane, sock: Sock, frames: tuple[bytes, ...]) -> None:
        """What was sent while messages were only counted has arrived over this lane."""
        msg = Sent(self.next_id, lane.source, frames, frames, 0, t, lane)
        self.next_id += 1
        self._arrived(msg, t, sock, frames)

    def _subscription(self, t: int, sock: Sock, frames: tuple[bytes, ...]) -> bool:
        """A subscription has travelled up to an XPUB."""
        for lane in sock.into:
            for i in range(lane.heard, len(lane.source.upstream)):
                sent, frame = lane.source.upstream[i]
                if frame == frames[0] and sent <= t:
                    lane.heard = i + 1      # each publisher hears it; those before were known to this one already
                    msg = self._new(sent, lane.source, frames, frames, len(frame))
                    msg.lane = lane
                    lane.sent += 1
                    if self.watched:
                        self.out.append(("s", sent, msg))
                    self._arrived(msg, t, sock, frames)
                    return True
        return False

    def idle(self, t: int, sock: Sock) -> None:
        """The role of `sock` asked for the next message: it is done with those it had in hand."""
        role = sock.role
        for msg in role.in_work:
            msg.done = max(t, msg.received)
            if self.watched:
                self.out.append(("d", msg.done, msg))
        role.in_work.clear()

    def _adopt(self, sent: int, payload: bytes) -> None:
        left = []
        for orphan in self.orphans.pop(payload):
            if sent - orphan.t < LATE:
                orphan.found = self._recv(orphan.t, orphan.sock, orphan.frames)
                left += [] if orphan.found else [orphan]
        if left:
            self.orphans[payload] = deque(left, maxlen=ORPHANS)

    def drain(self, lane: Lane, t: int) -> None:
        """The receiver waits in vain: what was on its way on this fan-out lane has been dropped."""
        for msg in lane.waiting:
            self._drop(lane, msg, t, NO_ROOM)
        lane.given_up.extend(lane.waiting)
        lane.clear()

    def forget(self, sock: Sock) -> None:
        """Some of what `sock` sent, or its peers received, was only counted: what is on its way is not followed."""
        sock.pending.clear()
        for lane in sock.out:
            lane.clear()
            lane.given_up.clear()
