"""What was recorded, as plain data: messages, topology, matching, ledger, replay. No sockets, no threads.

Its parts are loaded when they are first asked for: a program that is recorded needs but a few of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..later import later

if TYPE_CHECKING:
    from .case import Diagnosis
    from .data import Connection, Count, Interval, Label, Mark, Message, RoleEvent, SocketInfo, Trace
    from .frame import SHORTENED, WHOLE, altered, carried
    from .ledger import Ledger
    from .match import Matcher
    from .replay import door_mark
    from .rules import envelope, wants
    from .sent import EARLY, GONE, MISFIT, NO_ROOM, NOBODY, OUTSIDE, OVERTAKEN, UNWANTED, Orphan, Sent
    from .topology import DOWN, FAN_OUT, Edge, Lane, Sock, Topology
    from .where import place

_WHERE = {
    "Connection": "data", "Count": "data", "DOWN": "topology", "Diagnosis": "case", "EARLY": "sent", "Edge": "topology",
    "FAN_OUT": "topology", "GONE": "sent", "Interval": "data", "Label": "data",
    "Lane": "topology", "Ledger": "ledger",
    "MISFIT": "sent", "Mark": "data", "Matcher": "match", "Message": "data", "NOBODY": "sent", "NO_ROOM": "sent",
    "OUTSIDE": "sent", "OVERTAKEN": "sent", "Orphan": "sent", "RoleEvent": "data", "SHORTENED": "frame",
    "Sent": "sent", "Sock": "topology", "SocketInfo": "data", "Topology": "topology", "Trace": "data",
    "UNWANTED": "sent", "WHOLE": "frame", "door_mark": "replay", "envelope": "rules", "place": "where",
    "altered": "frame", "carried": "frame", "wants": "rules",
}

__all__ = [
    "DOWN", "EARLY", "FAN_OUT", "GONE", "MISFIT", "NOBODY", "NO_ROOM", "OUTSIDE", "OVERTAKEN", "SHORTENED", "UNWANTED",
    "WHOLE", "Connection", "Count", "Diagnosis", "Edge", "Interval", "Label", "Lane", "Ledger", "Mark", "Matcher",
    "Message", "Orphan", "RoleEvent", "Sent", "Sock", "SocketInfo", "Topology", "Trace", "altered", "carried",
    "door_mark", "envelope", "place", "wants",
]

__getattr__ = later(__name__, _WHERE)
