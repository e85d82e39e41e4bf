"""What was recorded, as plain data: messages, topology, matching, ledger, replay. No sockets, no threads."""

from __future__ import annotations

from .data import Connection, Count, Interval, Mark, Message, RoleEvent, SocketInfo, Trace
from .frame import SHORTENED, WHOLE, altered, carried
from .ledger import Ledger
from .match import Matcher
from .replay import door_mark
from .rules import envelope, wants
from .sent import EARLY, GONE, MISFIT, NO_ROOM, NOBODY, OUTSIDE, OVERTAKEN, UNWANTED, Orphan, Sent
from .topology import DOWN, FAN_OUT, Edge, Lane, Sock, Topology, place

__all__ = [
    "DOWN", "EARLY", "FAN_OUT", "GONE", "MISFIT", "NOBODY", "NO_ROOM", "OUTSIDE", "OVERTAKEN", "SHORTENED",
    "UNWANTED", "WHOLE", "Connection", "Count", "Edge", "Interval", "Lane", "Ledger", "Mark", "Matcher", "Message",
    "Orphan", "RoleEvent", "Sent", "Sock", "SocketInfo", "Topology", "Trace", "altered", "carried", "door_mark",
    "envelope", "place", "wants",
]
