"""Lesson 04: sockets, endpoints, who binds, transports."""

from __future__ import annotations

import zmq

from ..exercise import Wrong, exercise
from ..trial import trial


@exercise(
    "04.1",
    title="A worker from scratch",
    hints=(
        "A PULL cannot send and a PUSH cannot receive, so the worker needs one of each.",
        "Both endpoints are bound by others: the worker connects, the PULL to `tasks` and the PUSH to `results`.",
        'Inside `while True:`, `number = int(pull.recv())` reads the digits, and `b"%d" % number` writes them.',
    ),
)
def squares_come_back(square_worker) -> None:
    """`square_worker(ctx, tasks, results)` hands back the square of each number, and goes on until it is stopped."""
    with trial() as t:
        push, tasks = t.bind(zmq.PUSH)
        pull, results = t.bind(zmq.PULL)
        t.start(square_worker, t.ctx, tasks, results)
        numbers = [3, 12, 0, 1000]
        for number in numbers:
            t.send(push, b"%d" % number, expected="a PULL that is connected to `tasks`")
        expected = [[b"%d" % number**2] for number in numbers]
        got = t.receive_many(pull, len(numbers), expected=f"a result for each of {len(numbers)} tasks")
        if got != expected:
            raise Wrong(
                "the results are not the squares",
                tried=f"the tasks {_shown(numbers)}",
                seen=_shown(frames[0] if len(frames) == 1 else frames for frames in got),
                expected=_shown(frames[0] for frames in expected),
            )
        t.silence(pull, expected="one result for each task")


def _shown(values) -> str:
    return ", ".join(f"`{value!r}`" for value in values)


@exercise(
    "04.2",
    title="The side that stays",
    hints=(
        "Who comes and goes here, and who stays? That one binds, whether it sends or receives.",
        "A PULL, bound to `endpoint`, hears all senders that connect, early ones too.",
        "`[pull.recv() for _ in range(count)]` takes `count` lines; return it from inside the `with`.",
    ),
)
def lines_are_collected(collect) -> None:
    """`collect(ctx, endpoint, count)` binds and returns the first `count` lines, of early and late senders."""
    with trial() as t:
        endpoint = t.endpoint("tcp")
        early = t.connect(zmq.PUSH, endpoint)
        early.send(b"early 1")
        early.send(b"early 2")
        job = t.start(collect, t.ctx, endpoint, 4)
        late = t.connect(zmq.PUSH, endpoint)
        late.send(b"late 1")
        late.send(b"late 2")
        try:
            lines = t.finish(job, seconds=2.5)
        except Wrong as wrong:
            expected = "four lines are on their way to `endpoint`; nobody is bound there unless you are"
            raise wrong.add(expected=expected) from None
        expected = [b"early 1", b"early 2", b"late 1", b"late 2"]
        if not isinstance(lines, list) or not all(isinstance(line, bytes) for line in lines):
            raise Wrong(
                "`collect` did not return a list of bytes",
                seen=f"it returned `{lines!r}`",
                expected="each line as it came, in a list",
            )
        if sorted(lines) != expected:
            raise Wrong(
                "these are not the four lines that were sent",
                seen=_shown(lines),
                expected=_shown(expected) + ", in any order",
            )


@exercise(
    "04.3",
    title="One function, three transports",
    hints=(
        "With `*` as port, the PULL is given a free one. Where can you read which?",
        "After `bind`, `pull.last_endpoint` is the address as it turned out; that is where the PUSH connects.",
        "`with` would close the sockets when the function returns; here the caller closes them.",
    ),
)
def pairs_over_three_transports(open_pair) -> None:
    """`open_pair(ctx, endpoint)` returns `(push, pull)`, connected, whatever the transport; two may be open at once."""
    with trial() as t:
        near = [t.endpoint("ipc")] if zmq.has("ipc") else []
        for endpoint in ["inproc://numbers", *near, "tcp://127.0.0.1:*", "tcp://127.0.0.1:*"]:
            pair = t.run(open_pair, t.ctx, endpoint)
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise Wrong(
                    "`open_pair` did not return two sockets",
                    seen=f"it returned `{pair!r}`",
                    expected="`return push, pull`",
                )
            push, pull = t.take(pair[0], zmq.PUSH), t.take(pair[1], zmq.PULL)
            t.send(push, b"through the pair", expected=f"the PUSH is connected to the PULL (`{endpoint}`)")
            t.receive(pull, seconds=1, expected=f"what the PUSH sends reaches the PULL (`{endpoint}`)")
            stranger = t.connect(zmq.PUSH, pull.getsockopt_string(zmq.LAST_ENDPOINT))
            t.send(stranger, b"from a stranger")
            t.receive(pull, seconds=1, expected=f"the PULL is the one that is bound (`{endpoint}`)")
