"""Exercise 19.1: what it asks, in a line."""

from __future__ import annotations

import zmq

from ...exercise import Wrong, exercise
from ...trial import trial


@exercise(
    "19.1",
    title="One message",
    hints=("A nudge.", "The pieces.", "Nearly the code."),
)
def it_arrives_once(greet) -> None:
    """`greet(ctx, endpoint)` sends `hello`, once."""
    with trial() as t:
        pull, endpoint = t.bind(zmq.PULL)
        t.run(greet, t.ctx, endpoint)
        got = t.receive(pull, expected="`hello`")
        if got != [b"hello"]:
            raise Wrong("another message arrived", seen=f"`{got}`", expected='`[b"hello"]`')
        t.silence(pull, expected="one message")
