"""12.3: three urgent messages, one normal one."""

from __future__ import annotations

from ...exercise import Wrong, exercise
from ...trial import trial
from .desk import Desk, alone


@exercise(
    "12.3",
    title="Three to one",
    hints=(
        "Begin with `two_desks`. What has to be remembered from one message to the next?",
        "How many urgent ones came since the last normal one. Below three, or while no normal one is there: urgent.",
        "`if first in ready and (ahead < 3 or second not in ready):` an urgent one, `ahead += 1`; else a normal one, "
        "`ahead = 0`.",
    ),
)
def three_and_one(three_to_one) -> str:
    """`three_to_one(ctx, urgent, normal, handle)`: while both have something three of one, one of the other."""
    names = ("urgent", "normal")
    with trial(seconds=12) as t, Desk(t, names) as desk:
        job = t.start(three_to_one, t.ctx, *desk.ends.values(), desk.handle)
        alone(desk, job, names[::-1])
        desk.send("normal")
        desk.next("a normal message is handled", idle=True)
        _both(desk, "20 urgent and 10 normal messages came while a normal one was handled", 20, 10)
        _empty(desk)
        for name, other in (names, names[::-1]):
            _only(desk, name, other)
            _both(desk, f"12 messages for `{name}` came alone, and then 12 urgent and 8 normal ones", 12, 8)
            _empty(desk)
        desk.rest()
        desk.idles(job)
        handled = len(desk.order)
    return (f"{handled} messages: both classes waiting, each of them alone for a while, and then both again; asleep "
            "while nothing was there")


def _only(desk: Desk, name: str, other: str) -> None:
    """Twelve of one class, one of them in hand at the end."""
    desk.rest()
    desk.send(name, 12)
    desk.next(f"a message for `{name}` is handled", idle=True)
    for _ in range(11):
        desk.next(f"the next `{name}` message, although there is none for `{other}`")


def _both(desk: Desk, tried: str, urgent: int, normal: int) -> None:
    """The order of what is handled while both have something."""
    desk.send("urgent", urgent)
    desk.send("normal", normal)
    began = len(desk.order)
    while len(desk.sent["urgent"]) > 2 and len(desk.sent["normal"]) > 2:
        desk.next("the next message, urgent or normal: both are waiting")
    order = desk.order[began:]
    first, *between = order.split("n")[:-1] or [order]
    late, ahead = len(first) > 3 or "n" not in order, [len(run) for run in between]
    if late or any(run != 3 for run in ahead):
        raise Wrong(
            "this is not three to one",
            tried=tried,
            seen=f"handled, u for urgent and n for normal: `{order}`",
            expected="three urgent ones between two normal ones, and never more than three before a normal one; "
            "nobody waits, and nobody is owed anything from before",
        )


def _empty(desk: Desk) -> None:
    """Handle what is left, in any order."""
    while any(desk.sent.values()):
        desk.next("what is left is handled, although only one class has something")
