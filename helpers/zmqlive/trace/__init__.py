"""What was recorded, as plain data: messages, topology, matching, ledger, replay. No sockets, no threads."""

from __future__ import annotations

from .data import Connection, Count, Interval, Ledger, Mark, Message, RoleEvent, SocketInfo, Trace
from .frame import SHORTENED, WHOLE
from .match import Matcher
from .rules import wants
from .sent import Orphan, Sent
from .topology import FAN_OUT, Edge, Lane, Sock, Topology, place

__all__ = [
    "FAN_OUT", "SHORTENED", "WHOLE", "Connection", "Count", "Edge", "Interval", "Lane", "Ledger", "Mark", "Matcher",
    "Message", "Orphan", "RoleEvent", "Sent", "Sock", "SocketInfo", "Topology", "Trace", "place", "wants",
]
