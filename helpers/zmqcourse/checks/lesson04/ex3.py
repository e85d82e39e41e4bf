"""04.3: a bound PULL and a connected PUSH, whatever the transport."""

from __future__ import annotations

import zmq

from ...exercise import Wrong, exercise, show
from ...trial import Trial, trial


@exercise(
    "04.3",
    title="One function, three transports",
    hints=(
        "With `*` as port, the PULL is given a free one. Where can you read which?",
        "After `bind`, `pull.last_endpoint` is the address as it turned out; that is where the PUSH connects.",
        "`with` would close the sockets when the function returns; here the caller closes them.",
    ),
)
def pairs_over_three_transports(open_pair) -> str:
    """`open_pair(ctx, endpoint)` returns `push, pull`, connected, whatever the transport; two may be open at once."""
    with trial() as t:
        near = [t.endpoint("ipc")] if zmq.has("ipc") else []
        ends = ["inproc://numbers", *near, t.endpoint("tcp"), "tcp://127.0.0.1:*", "tcp://127.0.0.1:*"]
        pairs = [(endpoint, *_pair(t, open_pair, endpoint)) for endpoint in ends]
        if len({id(socket) for _, *pair in pairs for socket in pair}) < 2 * len(pairs):
            raise Wrong(
                "two calls gave the same socket",
                tried=f"`open_pair(ctx, {ends[-1]!r})`, twice",
                expected="a pair of its own for each call: several may be open at once",
            )
        for number, (endpoint, push, pull) in enumerate(pairs):
            _talks(t, push, pull, b"through pair %d" % number, f"what the PUSH sends reaches the PULL (`{endpoint}`)")
            there = pull.getsockopt_string(zmq.LAST_ENDPOINT)
            if not there.startswith(endpoint.rstrip("*")):
                raise Wrong(
                    "the PULL is not bound where it was to be",
                    tried=f"`open_pair(ctx, {endpoint!r})`",
                    seen=f"it is bound to `{there}`" if there else "it is not bound",
                    expected=f"it is bound to `{endpoint}`",
                )
            stranger = t.connect(zmq.PUSH, there)
            _talks(t, stranger, pull, b"from stranger %d" % number, f"the PULL is the one that is bound (`{endpoint}`)")
    return f"{len(ends)} pairs, all open at once, over {3 if near else 2} transports"


def _pair(t: Trial, open_pair, endpoint: str) -> tuple[zmq.Socket, zmq.Socket]:
    got = t.run(open_pair, t.ctx, endpoint)
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        raise Wrong(
            "`open_pair` did not return two sockets",
            tried=f"`open_pair(ctx, {endpoint!r})`",
            seen=f"it returned `{show(got)}`",
            expected="`return push, pull`",
        )
    return t.take(got[0], zmq.PUSH), t.take(got[1], zmq.PULL)


def _talks(t: Trial, push: zmq.Socket, pull: zmq.Socket, words: bytes, expected: str) -> None:
    t.send(push, words, expected=expected)
    got = t.receive(pull, seconds=1, expected=expected)
    if got != [words]:
        raise Wrong("another message arrived", seen=f"`{show(got)}`", expected=f"`[{words!r}]`: {expected}")
