"""What has become of the messages that nobody is known to have received.

A message is lost only where that is certain: it was wanted, it had a way, and it cannot arrive any more. Where two
things may be true the word is "unknown".
"""

from __future__ import annotations

from ..trace import (
    EARLY,
    FAN_OUT,
    GONE,
    MISFIT,
    NO_ROOM,
    NOBODY,
    OUTSIDE,
    OVERTAKEN,
    UNWANTED,
    Lane,
    Sent,
    Sock,
    Topology,
    envelope,
)
from .store import Kept

ZAP = "inproc://zeromq.zap.01"      # where libzmq itself asks who may come in (RFC 27)
DRAINED = 50_000_000        # ns that a receiver has been waiting in vain: nothing is on its way to it any more
DRAINED_VIA = 3_000_000_000     # the same behind a relay, which may hold messages back
Verdict = tuple[str, str]       # fate, why
WAITING, UNKNOWN, LOST = ("waiting", ""), ("unknown", ""), ("lost", GONE)


class Judge:
    """Knows what the sockets did until `end` (ns). What closed from `stopped` on was closed by a stage's stop, and what
    was in its queues still counts as waiting; `frozen` are the roles that cannot take what is there."""

    def __init__(self, topology: Topology, kept: dict[int, Kept], end: int, stopped: int, frozen: set[str]) -> None:
        self._topology, self._kept, self._end, self._stopped = topology, kept, end, stopped
        self._frozen = frozen
        self._outside: dict[int, bool | None] = {}

    def judge(self, m: Sent) -> None:
        """Set fate and reason of a message that was not received."""
        fate, why = self._verdict(m)
        if fate in ("dropped", "lost") and self._kept[m.source.id].log.shared:
            fate, why = UNKNOWN     # several threads at once: what they wrote down is not what the socket did
        m.fate, m.why = fate, why
        if fate in ("outside", "unknown"):
            m.lane = None

    def origin(self, sock: Sock) -> str:
        """Where a message came from that no recorded socket is known to have sent."""
        alone = not sock.into and any(e.startswith(("tcp:", "ipc:")) for e in (*sock.binds, *sock.connects))
        return OUTSIDE if self.outside(sock) or (alone and not sock.watched) else "unknown"

    # --- peers outside the record

    def outside(self, sock: Sock) -> bool | None:
        """Whether it has had a peer outside the record; None where that cannot be known."""
        if sock.id not in self._outside:
            self._outside[sock.id] = self._has_strangers(sock)
        return self._outside[sock.id]

    def _has_strangers(self, sock: Sock) -> bool | None:
        unsure = False
        for endpoint, key in (*sock.binds.items(), *sock.connects.items()):
            if endpoint == ZAP and endpoint in sock.binds:
                return True
            if not endpoint.startswith(("tcp:", "ipc:")):
                continue
            if endpoint in sock.binds:
                callers = [other for other in self._topology.socks.values() if key in other.connects.values()]
                known = sock.watched and all(other.watched for other in callers)
                if known and sock.ups[key] > sum(other.ups[key] for other in callers):
                    return True
            else:
                known = sock.watched or key in self._topology.bound
                if known and key not in self._topology.bound and sock.ups[key]:
                    return True
            unsure = unsure or not known
        return None if unsure else False

    # --- verdicts

    def _verdict(self, m: Sent) -> Verdict:
        if m.fate == "dropped":
            if m.why == NOBODY:
                return self._to_outside(m, m.frames[0] in m.source.strangers) or ("dropped", NOBODY)
            if m.why == OVERTAKEN:
                return self._overtaken(m, m.lane)
            return ("dropped", m.why) if m.why else self._untaken(m)
        if m.source.type in FAN_OUT:
            return self._published(m, m.lane)
        if m.source.type in ("ROUTER", "REP"):
            return self._addressed(m)
        return self._handed_out(m) if m.source.out else self._unmet(m)

    def _to_outside(self, m: Sent, known: bool = False) -> Verdict | None:
        return ("outside", OUTSIDE) if known or self.outside(m.source) else None

    def _untaken(self, m: Sent) -> Verdict:
        """A publication that no subscription matched when it was sent."""
        later = any((t > m.sent or lane.edge.opened > m.sent) and m.frames[0].startswith(topic)
                    for lane in m.source.out for t, topic in lane.target.wanted)
        if verdict := self._to_outside(m):
            return verdict
        if later:
            return "dropped", EARLY
        return UNKNOWN if self.outside(m.source) is None else ("dropped", UNWANTED)

    def _overtaken(self, m: Sent, lane: Lane) -> Verdict:
        """A later publication arrived: this one was dropped for want of room, unless nothing that this subscription
        asks for had come before."""
        topics = [topic for _, topic in lane.target.wanted if m.frames[0].startswith(topic)]
        hears = any(lane.heard_of.get(topic, m.sent) < m.sent for topic in topics)
        if lane.target.type in ("SUB", "XSUB") and not hears:
            perhaps = any(lane.may_have_heard.get(topic, m.sent) < m.sent for topic in topics)
            return UNKNOWN if perhaps else ("dropped", EARLY)
        return LOST if lane.edge.was_cut(m.sent) else ("dropped", NO_ROOM)

    def _published(self, m: Sent, lane: Lane) -> Verdict:
        dropped = self._overtaken(m, lane)
        if self._gone(lane):
            return LOST if dropped[1] == NO_ROOM else UNKNOWN
        if lane.source.closed and lane.source.linger == 0 and not self._by_stop(lane.source):
            return UNKNOWN
        return dropped if self._drained(lane, m) else WAITING

    def _addressed(self, m: Sent) -> Verdict:
        """What a ROUTER or a REP sent had one receiver."""
        lane = m.lane
        if lane is None:
            known = bool(m.source.strangers) if m.source.type == "REP" else m.frames[0] in m.source.strangers
            return self._to_outside(m, known) or UNKNOWN
        if self._gone(lane) and m.sent >= lane.edge.closed:
            return "dropped", NOBODY
        if _misfit(lane.target, m):
            return "dropped", MISFIT
        late = lane.newest > m.sent
        if late and m.source.type == "ROUTER" and lane.target.type != "REQ" and not lane.edge.was_cut(m.sent):
            return "dropped", NO_ROOM       # also where the peer has left since
        if self._gone(lane):
            return LOST
        if late or self._drained(lane, m):
            if lane.target.type == "REQ":       # it throws away what does not answer its latest question
                return ("dropped", MISFIT) if late or lane.target.correlate else UNKNOWN
            return ("dropped", NO_ROOM) if m.source.type == "ROUTER" else UNKNOWN
        return WAITING

    def _unmet(self, m: Sent) -> Verdict:
        """What a PUSH, DEALER, REQ or PAIR sent that has met no recorded socket."""
        source, outside = m.source, self.outside(m.source)
        if outside or (outside is None and not source.connects):    # without a peer the send would not have gone out
            return "outside", OUTSIDE
        if source.closed and not self._by_stop(source):
            return LOST if source.linger == 0 and outside is False else UNKNOWN
        return UNKNOWN if outside is None else ("waiting", "sender")

    def _handed_out(self, m: Sent) -> Verdict:
        """What one of several may have got: which one is told by receiving alone."""
        lanes, source = m.source.out, m.source
        if all(_misfit(lane.target, m) for lane in lanes):
            return "dropped", MISFIT
        overtaken = len(lanes) == 1 and lanes[0].newest > m.sent    # a later one on the only connection has arrived
        if overtaken and not self.outside(source):
            return self._at_sender(m) if _calls_in_vain(source) else LOST
        there = [lane for lane in lanes if not self._gone(lane)]
        waits = [lane for lane in there if not self._drained(lane, m)]
        if self.outside(source):
            return UNKNOWN if waits else ("outside", OUTSIDE)
        if source.closed and source.linger == 0 and not self._by_stop(source) and there:
            return UNKNOWN
        if not waits and _calls_in_vain(source):
            return self._at_sender(m)
        if waits:
            if m.lane in waits:
                return WAITING if m.lane.edge.state in ("", "up") else ("waiting", "sender")
            if m.lane is None or not self._gone(m.lane):
                m.lane = waits[0]
                return WAITING
            return UNKNOWN                      # with the peer that is gone, or in front of one of these
        if len(there) < len(lanes):             # none of those that are there has it
            return UNKNOWN if any(self._kept_for(lane) for lane in lanes if self._gone(lane)) else LOST
        if any(lane.edge.state not in ("", "up") for lane in there):
            return "waiting", "sender"
        return UNKNOWN if self._end - m.sent > DRAINED_VIA else WAITING

    def _at_sender(self, m: Sent) -> Verdict:
        """It waits for a peer that has not come yet."""
        m.lane = None
        return "waiting", "sender"

    # --- what is known of a connection

    def _by_stop(self, sock: Sock) -> bool:
        return bool(self._stopped and sock.closed >= self._stopped)

    def _gone(self, lane: Lane) -> bool:
        """Whether the receiver has left. (A sender that has closed goes on delivering.)"""
        if lane.target.closed:
            return not self._by_stop(lane.target)
        return bool(lane.edge.closed) and not lane.source.closed

    def _kept_for(self, lane: Lane) -> bool:
        """A sender that connected keeps its queue for when the peer is back; one that bound does not."""
        return lane.edge.transport != "inproc" and not lane.source.closed and lane.edge.dialled[0] == lane.source.id

    def _drained(self, lane: Lane, m: Sent) -> bool:
        """Whether the receiver has asked for messages in vain so long after this one was sent that it is not on its way
        any more. While one from before it was still on its way, so may this one have been."""
        kept = self._kept[lane.target.id]
        if kept.role in self._frozen:       # it asked, and cannot take what is there
            return False
        patience, log = DRAINED_VIA if lane.edge.via else DRAINED, kept.log
        if asking(kept) and self._end - max(m.sent, log.asked) > patience:
            return True
        return log.vain - max(m.sent, lane.taken) > patience


def asking(kept: Kept) -> bool:
    """Whether the socket is being asked for a message at this moment."""
    log = kept.log
    if log.counting and log.asked == 1:
        return True
    if log.pending is not None and log.pending():
        return True
    return log.asked > max(log.over, kept.recvs.at[-1] if kept.recvs.at else 1)


def _calls_in_vain(sock: Sock) -> bool:
    """Whether it has connected to where it met nobody: a queue of its own goes there."""
    return any((sock.id, endpoint) not in {lane.edge.dialled for lane in sock.out} for endpoint in sock.connects)


def _misfit(target: Sock, m: Sent) -> bool:
    """Whether the receiving socket throws it away: a REP and a REQ want an empty frame before the content. What a REP
    sends has the envelope of what it was asked."""
    if m.source.type == "REP":
        return False
    if target.type == "REP":
        return not envelope(m.wire)
    if target.type == "REQ":
        at = 1 if target.correlate else 0
        return len(m.wire) <= at or m.wire[at] != b""
    return False
