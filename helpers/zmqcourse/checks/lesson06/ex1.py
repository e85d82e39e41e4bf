"""06.1: two sockets between which exactly so many messages fit."""

from __future__ import annotations

from typing import Any

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, show, trial

ROOMS = (2, 3, 10, 101, 2500)
FULL = 5_000  # sends after which a queue is called unlimited


@exercise(
    "06.1",
    title="Bound the memory",
    hints=(
        "On inproc the two marks add up. Which pairs of marks have the sum `room`?",
        "Set `pull.rcvhwm` and `push.sndhwm` before `bind` and `connect`. A mark of 0 would mean no limit.",
        "`pull.rcvhwm = 1` and `push.sndhwm = room - 1`, then bind the one and connect the other.",
    ),
)
def exactly_so_many_fit(bounded) -> str:
    """`bounded(ctx, endpoint, room)` returns a connected `(push, pull)` between which exactly `room` messages fit."""
    with trial() as t:  # all of them at the same time
        pairs = [(room, *_pair(t, bounded, f"inproc://with-room-for-{room}", room)) for room in ROOMS]
        for room, push, _ in pairs:
            count = _fill(push)
            if count != room:
                raise Wrong(
                    "not as many messages fit as were asked for",
                    tried=f"`bounded(ctx, endpoint, {room})`, then sending until the PUSH was full; nobody read",
                    seen=f"{count} were accepted" if count < FULL else f"{count} were accepted, and no end",
                    expected=f"{room}",
                    look="the first run of the lesson (how many were accepted), and under “When it breaks” a mark set "
                    "too late",
                )
        for room, _, pull in pairs:
            got = t.receive_many(pull, room, expected=f"all {room} messages come out again")
            if got != [[b"%d" % number] for number in range(room)]:
                raise Wrong("not the messages that went in come out", expected="all of them, in order")
    return f"room for {', '.join(map(str, ROOMS))}: each full at exactly so many, and all came out again"


def _pair(t: Trial, bounded, endpoint: str, room: int) -> tuple[zmq.Socket[Any], zmq.Socket[Any]]:
    pair = t.run(bounded, t.ctx, endpoint, room)
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise Wrong("`bounded` did not return two sockets", seen=f"`{show(pair)}`", expected="`return push, pull`")
    push, pull = t.take(pair[0], zmq.PUSH), t.take(pair[1], zmq.PULL)
    for socket in (push, pull):
        met = socket.getsockopt_string(zmq.LAST_ENDPOINT)
        if met != endpoint:
            raise Wrong(
                "the two do not meet at `endpoint`",
                tried=f"`bounded(ctx, {endpoint!r}, {room})`",
                seen=f"`{met}`" if met else "one of them is neither bound nor connected",
                expected=f"`{endpoint}`",
            )
    return push, pull


def _fill(push: zmq.Socket[Any]) -> int:
    """Send until there is no room for a moment; how many were accepted."""
    count = 0
    while count < FULL and push.poll(50, zmq.POLLOUT):
        push.send(b"%d" % count, zmq.DONTWAIT)
        count += 1
    return count
