"""00.1: a greeting that arrives.

A model for the other lessons. A check is a story: what the other side does, what the answer is asked to do,
what must arrive. Its docstring is for authors; everything in `hints` and `Wrong` is for learners.
"""

from __future__ import annotations

import zmq

from ...exercise import Wrong, exercise
from ...trial import trial

# Endpoints, and how far away they are, in seconds.
ENDS = (("tcp://127.0.0.1:*", 0.0), ("inproc://greetings", 0.0), ("tcp://127.0.0.1:*", 0.1))


@exercise(
    "00.1",
    title="A greeting that arrives",
    hints=(
        "A message goes out through a socket. Which of the lesson's two types sends: PUSH or PULL?",
        "Three steps: make a PUSH socket with `ctx.socket(zmq.PUSH)`, connect it to `endpoint`, send bytes.",
        "Begin with `with ctx.socket(zmq.PUSH) as push:`. Inside it: `push.connect(endpoint)`, then "
        '`push.send(b"Hello!")`.',
    ),
)
def greeting_arrives(greet) -> str:
    """`greet(ctx, endpoint)` sends one message, not empty, to the PULL socket bound at `endpoint`.

    Asked several times, so that nothing is remembered from the first time and a second call works as well; once over
    inproc, which only a socket of the context that was handed over reaches; once from afar, where a greeting that is
    thrown away by closing is still on its way.
    """
    for end, away in ENDS:
        with trial() as t:
            pull, endpoint = t.bind(zmq.PULL, end)
            expected = "one greeting at the PULL socket bound to `endpoint`"
            if away:
                endpoint = t.link(endpoint, latency=away).endpoint
                expected += f", {away:g} s away"
            t.run(greet, t.ctx, endpoint)
            greeting = t.receive(pull, expected=expected)
            if not any(greeting):
                raise Wrong(
                    "a message arrived, but it is empty", expected='some bytes in it, such as `b"Hello!"`'
                )
            t.silence(pull, expected="one greeting for each call")
    return f"{len(ENDS)} greetings to {len(ENDS)} endpoints, each of them arrived once"
