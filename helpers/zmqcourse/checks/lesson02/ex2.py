"""02.2: what was sold and not done, from a trace."""

from __future__ import annotations

from ...exercise import Wrong, exercise
from ...trial import expect_type, trial
from .shop import PLAYS, played


@exercise(
    "02.2",
    title="What was not done?",
    hints=(
        "Two sets of numbers: what the shop sent, what workers sent. What is in the first and not in the second?",
        "`trace.role_of(m.source) == \"shop\"` picks the shop's. Of the worker's, leave out those with an empty frame.",
        "`int(m.frames[0])` is the number; `sorted(sold - reported)` with two sets is the answer.",
    ),
)
def what_was_not_done(undone) -> str:
    """`undone(trace)` lists, sorted, the numbers that the shop sent and no worker reported."""
    for play, what in PLAYS:
        trace, expected = played(play)
        with trial() as t:
            got = t.run(undone, trace)
        expect_type(got, list, "what `undone` returned")
        if got != expected:
            raise Wrong(
                "that is not what was left undone",
                tried=f"the trace of a real run: {what}",
                seen=f"`{got}`",
                expected=f"`{expected}`: what the shop sent and no worker reported",
            )
    return f"{len(PLAYS)} runs, among them a killed worker and a queue that was gone"
