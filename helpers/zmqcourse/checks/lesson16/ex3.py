"""16.3: what a forked process does with contexts, and how it leaves."""

from __future__ import annotations

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial
from .forking import TRIED, Server, server_of

LATE = 1.6  # seconds that whoever collects the results comes late
MANY = 1_200  # more results than a socket holds


@exercise(
    "16.3",
    title="After the fork",
    hints=(
        "`parents` is of no use here: the threads that would move its bytes stayed in the parent. Leave it alone.",
        "`with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:`, and connect both.",
        "Then `while task := pull.recv(): push.send(task[::-1])`. The `with` closes both sockets and ends the context, "
        "which waits until all that was sent has gone out.",
    ),
)
def the_child_has_a_context_of_its_own(forked) -> str:
    """`forked(parents, tasks, results)` works in a forked process, and loses nothing when that ends."""
    with trial(seconds=14) as t:
        pushes, tasks = zip(*(t.bind(zmq.PUSH) for _ in range(3)), strict=True)
        results = [t.endpoint() for _ in range(3)]
        few = [b"late %d" % number for number in range(50)] + [bytes([n]) * 300_000 for n in range(5)]
        many = [b"many %d" % number for number in range(MANY)]  # the last ones wait for room
        with server_of(t, forked, list(tasks), results) as server:
            for push, each in zip(pushes[1:], (few, many), strict=True):
                server.reached_by(push)
                for task in [*each, b""]:
                    server.send(push, task)
            late = t.deadline(LATE)
            server.reached_by(pushes[0])
            _collector_is_there(t, server, pushes[0], results[0])
            while not late.over and "1" not in server.said:  # a child that waits for its results to go out is there
                server.look()
            _collector_comes(t, server, "1", few, results[1])
            _collector_comes(t, server, "2", many, results[2])
            if not server.until(server.over, 3.0):
                raise Late(
                    "a child does not end",
                    tried=f"{TRIED}, and an empty task",
                    expected="an empty task is the end. (`ctx.term()` waits for ever while a socket is open)",
                )
            if not server.said["parent"]:
                raise Wrong("the parent's own sockets do not work any more", expected="leave `parents` alone")
    return f"{len(few)} and {MANY} results of two children whose collector came {LATE:g} s late: nothing lost"


def _collector_is_there(t: Trial, server: Server, push: zmq.Socket, results: str) -> None:
    pull, _ = t.bind(zmq.PULL, results)
    for task in (b"\x00\xff1", b"ab" * 30_000, b"x", b"ab\x00"):
        server.send(push, task)
        if not server.until(lambda: pull.poll(0), 1.5):
            raise Late(
                "a result did not arrive",
                tried=f"{TRIED}, and a few tasks",
                seen="the child had ended" if "0" in server.said else "",
                expected="each task, reversed, until an empty one comes",
            )
        _reverse(task, pull.recv_multipart())
    server.send(push, b"")
    t.silence(pull, seconds=0.05, expected="an empty task is the end, and has no result")


def _collector_comes(t: Trial, server: Server, child: str, tasks: list[bytes], results: str) -> None:
    pull, _ = t.bind(zmq.PULL, results)
    for number, task in enumerate(tasks):
        gone = child in server.said
        if not server.until(lambda: pull.poll(0), 0.7 if gone else 2.0):
            lost = Wrong if gone and server.said[child] == "" else Late
            raise lost(
                f"{number} of {len(tasks)} results arrived",
                tried=f"{len(tasks)} tasks and an empty one; whoever collects the results comes {LATE:g} s late",
                seen="the child had ended by then, and its results with it" if gone else "",
                expected="what was sent has gone out before the function returns: end the context, with patience. "
                "Python tidies up nothing at `os._exit`",
            )
        _reverse(task, pull.recv_multipart())


def _reverse(task: bytes, got: list[bytes]) -> None:
    if got != [task[::-1]]:
        raise Wrong("a wrong result", tried=f"the task `{show(task)}`", seen=f"`{show(got)}`", expected="it, reversed")
