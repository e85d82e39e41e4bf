"""12.2: classes of messages, the most urgent first."""

from __future__ import annotations

from ...exercise import Wrong, exercise
from ...trial import trial
from .desk import Desk, alone


@exercise(
    "12.2",
    title="Several classes",
    hints=(
        "The lesson's `two_desks` with a list of sockets. Keep them in the order of `endpoints`.",
        "Each round: `ready = dict(poller.poll())`, the first socket of your list that is in `ready`, one message.",
        "`first = next(pull for pull in pulls if pull in ready)`, then `handle(first.recv_multipart())`, and no more "
        "in this round.",
    ),
)
def the_most_urgent_is_next(by_class) -> str:
    """`by_class(ctx, endpoints, handle)` handles one message of the most urgent class that has any, again and again."""
    names = ("high", "mid", "low")
    with trial(seconds=10) as t, Desk(t, names) as desk:
        job = t.start(by_class, t.ctx, list(desk.ends.values()), desk.handle)
        alone(desk, job, names[::-1])
        desk.send("low")
        desk.next("a message for `low` is handled", idle=True)
        for name in names[::-1]:
            desk.send(name, 3)
        _in_order(desk, ["high", "high", "high", "mid"], "3 messages of each class, while one was handled")
        desk.send("high", 2)
        _in_order(desk, ["high", "high", "mid", "mid", "low"], "2 of `high`, while one of `mid` was handled")
        desk.send("mid")
        desk.send("high")
        _in_order(desk, ["high", "mid", "low", "low"], "one of `mid`, then one of `high`, while `low` was handled")
        desk.send("low", 30)
        for _ in range(5):      # a long row of the least urgent ones, and each time one that overtakes it
            desk.send("high")
            _in_order(desk, ["high", "low", "low"], "one of `high`, while 30 of `low` were waiting")
        _in_order(desk, ["low"] * 20, "30 of `low`, and nothing else")
        desk.rest()
        desk.idles(job)
        handled = len(desk.order)
    for many in (1, 7):  # the number of classes is the caller's
        names = tuple(f"{letter}-class" for letter in "abcdefg"[:many])
        with trial(seconds=6) as t, Desk(t, names) as desk:
            t.start(by_class, t.ctx, list(desk.ends.values()), desk.handle)
            desk.send(names[-1])
            desk.next(f"with {many} endpoints, a message of the last one is handled", idle=True)
            for name in names:
                desk.send(name, 2)
            _in_order(desk, [name for name in names for _ in range(2)],
                      "2 messages of each class, while one was handled")
            handled += len(desk.order)
    return (f"{handled} messages, one, three and seven classes, newcomers while one was handled; asleep while nothing "
            "was there")


def _in_order(desk: Desk, wanted: list[str], tried: str) -> None:
    for number, name in enumerate(wanted):
        got = desk.next(f"a message of `{name}`: some are waiting")
        if got != name:
            so_far = ", ".join([f"`{each}`" for each in wanted[:number]] + [f"`{got}`"])
            raise Wrong(
                f"a message of `{got}` was handled while one of `{name}` was waiting",
                tried=f"classes {', '.join(f'`{each}`' for each in desk.ends)}, the most urgent first; {tried}",
                seen=f"handled after that: {so_far}",
                expected=", ".join(f"`{each}`" for each in wanted) + ": look anew after each single message",
            )
