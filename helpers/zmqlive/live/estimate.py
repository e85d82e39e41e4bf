"""Counts of connections when messages come too fast to be followed: the sockets' exact counts, shared out.

What a socket sent and received is known; over which of its connections, only as far as the numbers on both ends allow.
`balance` keeps the books consistent: no connection delivers more than it took, and when all has arrived, none
holds any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..recording import START, Kept
from ..trace import FAN_OUT, Lane, Sock, wants


def held(lane: Lane) -> int:
    """Messages waiting by the books; below 0 while more arrived than went in."""
    return lane.sent - lane.received - lane.dropped


def share_received(lanes: list[Lane], n: int, new_sent: Callable[[Sock], int]) -> None:
    """`n` messages came in over these lanes: by what their sources had to give."""
    if len(lanes) > 1:
        offers = [max(0, held(lane)) + new_sent(lane.source) for lane in lanes]
        left, total = n, sum(offers)
        for lane, offer in zip(lanes[1:], offers[1:], strict=True):
            part = min(left, n * offer // total) if total else 0
            lane.received += part
            left -= part
        n = left
    if lanes:
        lanes[0].received += n


def share_sent(lanes: list[Lane], n: int) -> None:
    """`n` messages went out over these lanes, each over one: so that none is behind what it delivered."""
    lanes = [lane for lane in lanes if not lane.edge.closed] or lanes
    for lane in lanes:
        behind = min(n, max(0, -held(lane)))
        lane.sent += behind
        n -= behind
    for i, lane in enumerate(lanes):
        lane.sent += n // len(lanes) + (i < n % len(lanes))


def share_to_all(lanes: list[Lane], n: int, since: int, wanted: Callable[[Lane], float]) -> None:
    """`n` messages went out over these lanes since `since` (ns), each over all that want it: a share `wanted`."""
    for lane in lanes:
        if lane.edge.closed or lane.edge.opened > since:    # how many it missed before it was there nobody knows
            lane.sent = max(lane.sent, lane.received + lane.dropped)
            continue
        share = wanted(lane)
        lane.guessed = lane.guessed or 0 < share < 1
        lane.sent += round(n * share)
        if not lane.guessed:
            take_back(lane)
        lane.sent += max(0, -held(lane))
        capacity = lane.edge.capacity
        if capacity is not None and held(lane) > capacity:
            _give_up(lane, held(lane) - capacity)


def give_up_rest(lane: Lane) -> None:
    """A receiver on a fan-out lane waits in vain: what was on its way has been dropped."""
    _give_up(lane, held(lane))
    lane.guessed = False


def take_back(lane: Lane) -> None:
    """More has arrived than was left on the lane: some of it had been given up too soon."""
    lane.dropped -= min(lane.dropped, max(0, -held(lane)))


def _give_up(lane: Lane, n: int) -> None:
    if lane.guessed:        # then they may as well never have been wanted
        lane.sent -= n
    else:
        lane.dropped += n


def balance(socks: Iterable[Sock]) -> None:
    """Move counts between connections until none has delivered more than it took."""
    one_by_one = [sock for sock in socks if sock.type not in FAN_OUT]
    for sock in one_by_one:     # what it cannot have sent was another's
        over = -sum(map(held, sock.out))
        for lane in sock.out:
            for other in lane.target.into if over > 0 else ():
                if other.source is not sock and other.source.type not in FAN_OUT:
                    part = max(0, min(over, sum(map(held, other.source.out)), lane.received))
                    lane.received -= part
                    other.received += part
                    over -= part
    for sock in one_by_one:
        for lane in sock.out:
            for other in sock.out if held(lane) < 0 else ():
                part = max(0, min(-held(lane), held(other)))
                other.sent -= part
                lane.sent += part


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


class Wanted:
    """The share of a publisher's messages that a lane's subscriptions let through, from its latest ones."""

    def __init__(self, k: Kept) -> None:
        recent = [frame for kind, _, _, frame in list(k.samples)[-50:] if kind == "s"] if k.log.counting else []
        if not recent or k.sends.in_parts:      # a sample is a last frame, which is no topic then
            recent = k.sends.first_frames(200)
        self._topics = recent

    def __call__(self, lane: Lane) -> float:
        if not self._topics:
            return 1.0
        return sum(wants(lane.target, topic) for topic in self._topics) / len(self._topics)


class Cursor:
    """How far a feed has read one socket."""

    __slots__ = ("active", "asking", "loose_received", "loose_sent", "new_received", "new_sent", "note", "received",
                 "recv", "send", "sent", "spell", "unsettled")

    def __init__(self) -> None:
        self.send = self.recv = START
        self.note = self.spell = 0
        self.sent = self.received = self.new_sent = self.new_received = 0
        self.loose_sent = self.loose_received = 0   # while estimating: messages that are on none of its connections
        self.active = 0                             # ns: when it last sent or received
        self.asking = 0                             # ns: since when it has been asked in vain
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
            new += [(at, "s", id, f, size) for at, _, f, size in k.sends.messages(self.send)]
            new += [(at, "r", id, f, size, since) for at, since, f, size in k.recvs.messages(self.recv)]
        self.send, self.recv = k.sends.after(self.send), k.recvs.after(self.recv)
        return [(t, "b" if what == "block" else "u", id) for t, what, *_ in spells if what != "wait"]


def loose(total: int, on_lanes: list[int]) -> int:
    """How many of a socket's messages were on none of its connections. One or two may be a thread that was interrupted
    between counting a message and keeping it, and mean nothing."""
    loose = total - sum(on_lanes)
    return loose if loose > 2 else 0
