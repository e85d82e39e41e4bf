"""FlowView: the live picture of a stage, a recorder or a trace, in a notebook or on a page of its own.

    show(stage, delay_slider)              # live, the learner's sliders below
    FlowView(trace)                        # replay
    FlowView.page(trace, "flow.html")      # the same replay in a file: no kernel, no network

A view eats what ``source.feed()`` gives and never touches a socket; this package does not import zmq.

A source has ``.title``, ``.feed()``, ``.actions()`` and ``.act(id)``. Its feed has ``poll()`` (what is new,
as a batch) and ``history()`` (all that is kept, as one batch). A batch is plain data; times are milliseconds
since the record began:

    {"now": ms, "topo": TOPO when it changed, "ev": [EV…], "n": COUNTS when they changed,
     "stride": k, "say": "", "ended": False}

    TOPO   {"roles":   [{"id", "sockets": [socket…], "state"}],
            "sockets": [{"id", "type", "role", "name", "endpoint", "sndhwm", "rcvhwm", "closed",
                         "door": what waits at most at its door, or None}],
            "edges":   [{"id", "a": socket, "b": socket, "transport", "cap": [sender's, receiver's],
                         "cap_total": or None, "via": link's name or "", "up", "duplex",
                         "state": "connecting" | "up" | "refused" | "gone" | "retrying", "" where nobody told}]}
           a → b is the natural flow (direction 0)
    EV     [t, "s", edge or -1, direction, message, socket, CARRIED]    sent; the edge may be a prediction; -1: to
                                                               nobody yet, it waits at its socket's door
           [t, "h", edge, direction, message, socket]          somebody has come: it waits on this edge
           [t, "r", edge, direction, message, socket]          received; the edge is certain; a seventh place holds the
                                                               frames where they are others than were sent
           [t, "d", socket, message]                           the receiver has finished with it
           [t, "x", edge, direction, message]                  dropped
           [t, "b", socket]   [t, "u", socket]                 blocked in send, and free again
           [t, "k", role, state, text]                         running, ended, failed, killed, frozen, stopped
           [t, "l", role, text]                                what it says of itself from now on (`Stage.label`)
           [t, "m", text]                                      a mark: "cut wan", "mend wan", "worker added"
    CARRIED [bytes, [frame as Latin-1 text…], message one hop before or None]; may be missing; a frame of 65 characters
           is the first 32 and the last 33 bytes of a longer one; a fourth place, true, where it is a heartbeat
    COUNTS {"e": {edge: [sent, received, waiting, dropped, and the same for direction 1]},
            "x": {edge: [in the sender's queue, kernel, receiver's queue, in work, kernel's bytes]},
            "s": {socket: [sent, received]}, "door": {socket: waiting at its door}, "blocked": [socket…],
            "stride": k}
           in "x" None is what cannot be known; "door" and "blocked" are told whole

With a stride k > 1 messages are not told one by one: the view draws a dot for k messages from the growth of
the counts. Batches of a live view are numbered ("i"); a history says up to which one it goes.

A page says {"look": true or false, "view": its name} when it begins and ends to be seen, and again every ten
seconds; what nobody sees is told once a second.

An action is {"id", "label", "role": role or link or None, "enabled", "title"}.

A replay is {"v": 1, "title", "dur": ms, "topo", "ev", "note"}: its topology has all that ever was ("born" and
"gone" in ms), its events hold COUNTS as [t, "n", COUNTS].
It may have "options": {"colour", "follow", "xray"} as of a `FlowView`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..later import later
from .assemble import script, style
from .page import page_html
from .pump import seat_for
from .seat import Seat
from .sources import replay_of
from .still import snapshot_of, status_text, still_svg

if TYPE_CHECKING:
    from .flowview import FlowView, show

__all__ = ["FlowView", "Seat", "page_html", "replay_of", "script", "seat_for", "show", "snapshot_of", "status_text",
           "still_svg", "style"]

# a page of its own needs no widget
__getattr__ = later(__name__, {"FlowView": "flowview", "show": "flowview"})
