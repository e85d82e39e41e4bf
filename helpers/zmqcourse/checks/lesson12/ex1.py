"""12.1: Jain's index of what a reader received from whom."""

from __future__ import annotations

from contextlib import ExitStack

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, expect_type, trial

# Of each socket: its role, how many messages it sends, how many of them the desk reads; and the index.
PLANS: tuple[tuple[float, tuple[tuple[str, int, int], ...]], ...] = (
    (1.0, (("ann", 4, 4), ("bob", 4, 4))),
    (15**2 / (3 * 99), (("ann", 9, 9), ("bob", 3, 3), ("eve", 3, 3))),
    (1.0, (("ann", 6, 2), ("bob", 2, 2), ("eve", 9, 2))),
    (0.5, (("ann", 5, 3), ("bob", 5, 3), ("eve", 5, 0), ("zoe", 5, 0))),
    (1.0, (("ann", 3, 3), ("ann", 3, 3), ("bob", 6, 6))),
    (49 / 50, (("ann", 3, 3), ("bob", 4, 4))),
    (1 / 3, (("ann", 40, 40), ("ann 2", 2, 0), ("eve", 2, 0))),
    (0.9, (("ann", 4, 4), ("ann 2", 2, 2))),
    (1.0, (("solo", 3, 1),)),
)
# What stands first in the messages of each, whoever sends them: a name in a message is only what somebody wrote.
SAYS = (b"ann", b"bob", b"ann", b"eve", b"", b"desk")


@exercise(
    "12.1",
    title="Measure it",
    hints=(
        "Go through `trace.messages`: `m.received` is None for what was not read; `trace.role_of(m.source)` and "
        "`trace.role_of(m.target)` say who sent it and who got it.",
        "Count, in a `Counter` or a dict, the messages that `reader` received, by the role that sent them.",
        "`jain([count[name] for name in senders])`: a `Counter` says 0 for those who sent in vain.",
    ),
)
def the_index_is_right(fairness) -> str:
    """`fairness(trace, reader, senders)` is Jain's index of what `reader` received from each of the senders."""
    for wanted, plan in PLANS:
        _index(fairness, wanted, plan)
    return (f"{len(PLANS)} records of real messages, whatever was written in them: sockets of one role, senders in "
            "vain, strangers, and messages for somebody else")


def _index(fairness, wanted: float, plan: tuple[tuple[str, int, int], ...]) -> None:
    with trial() as t, ExitStack() as sockets:
        _record(t, sockets, plan)
        senders = list(dict.fromkeys(name for name, *_ in plan))
        value = t.run(fairness, t.trace, "desk", senders)
        expect_type(value, (int, float), "what `fairness` returned")
        if abs(value - wanted) > 1e-6:
            said = "; ".join(f"a socket of `{name}` sent {sent}, `desk` read {read}" for name, sent, read in plan)
            raise Wrong(
                "this is not the index of what the reader received",
                tried=f"{said}. A stranger sent to `desk` as well, and `{senders[0]}` and `desk` to others; all "
                "of them write any names into their messages",
                seen=f"`fairness(trace, 'desk', {senders})` returned {value:.4g}",
                expected=f"{wanted:.4g}",
                look="the formula, and who counts: each role of the list, once, even with 0, and nobody else",
            )


def _record(t: Trial, sockets: ExitStack, plan: tuple[tuple[str, int, int], ...]) -> None:
    """Real messages for the trace: the plan's, and some that are none of its business."""

    def socket(kind: int, role: str, endpoint: str) -> zmq.Socket:
        with t.stage.recorder.role(role):
            made = sockets.enter_context(t.ctx.socket(kind))
        made.linger = 0
        made.bind(endpoint) if kind == zmq.PULL else made.connect(endpoint)
        return made

    desk, other = (socket(zmq.PULL, name, f"inproc://{name}") for name in ("desk", "other"))
    waiting = []
    elsewhere = [("stranger", 2, 2, desk), ("desk", 3, 3, other), (plan[0][0], 7, 7, other)]
    for name, sent, read, pull in [(*each, desk) for each in plan] + elsewhere:
        push = socket(zmq.PUSH, name, "inproc://desk" if pull is desk else "inproc://other")
        for number in range(read):
            push.send_multipart([b"%s %d" % (SAYS[number % len(SAYS)], number), bytes(50 * len(waiting))])
            pull.recv_multipart()
        waiting.append((push, sent - read))
    for push, left in waiting:  # last, so that nobody's turn comes into it
        for number in range(left):
            push.send_multipart([b"waits", b"%d %d" % (id(push), number)])
