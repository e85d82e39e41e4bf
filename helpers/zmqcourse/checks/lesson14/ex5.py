"""Exercise 14.5: find the fault: an exchange that anybody can stop."""

from __future__ import annotations

import zmq

from ...exercise import Wrong, exercise, show
from ...trial import Trial, trial
from ..telling import all_is_told, gone
from .calls import called, expect, named

CALLS = 1_500  # more than the mark of a queue and a little
HANG_UPS = 20


@exercise(
    "14.5",
    title="An exchange that stops at night",
    hints=(
        "Two ways lead to the end of `exchange`: a `send_multipart` that waits, and one that raises where nobody "
        "catches it. In the picture it is blocked; who does not read there?",
        "`zmq.DONTWAIT` turns waiting for room into `zmq.Again`, which is a `zmq.ZMQError` too: look for it first.",
        "The notice to the caller can find no room, and no caller, just like the call. Send both by one function that "
        "says what was wrong: `b\"busy\"`, `b\"nobody\"`, or nothing.",
    ),
)
def nobody_stops_the_exchange(mended) -> str:
    """`mended(ctx, endpoint)` hands calls on, says what could not be delivered, and is held up by nobody."""
    with trial() as t:
        endpoint = t.endpoint("inproc")
        t.start(mended, t.ctx, endpoint)
        ann, bob, eve = (named(t, endpoint, name) for name in (b"ann", b"bob", b"\xff\1eve"))
        for name, peer in ((b"ann", ann), (b"bob", bob), (b"\xff\1eve", eve)):
            t.send(peer, name, b"is this me?", expected="a ROUTER bound at `endpoint`")
            called(t, peer, name, name, [b"is this me?"])
        bodies = ([b"two", b"frames"], [b"", b"empty", b"", b"ones", b""], [b"\0\xff" * 40_000], [b"ann"],
                  [b"", b"bob", b"busy"], [])
        for body in bodies:
            t.send(bob, b"\xff\1eve", *body)
            called(t, eve, b"bob", b"\xff\1eve", body)
        for name in (b"zoe", b"", b"an" * 120):
            t.send(ann, name, b"nobody has this name")
            _notice(t, ann, name, b"nobody")
        busy = _one_does_not_read(t, endpoint, ann, bob)
        _one_does_not_listen(t, endpoint, ann, bob)
        _some_hang_up(t, endpoint, ann, bob)
        gone(t, eve)
        t.send(bob, b"\xff\1eve", b"are you still there?")
        _notice(t, bob, b"\xff\1eve", b"nobody")
    return (f"{CALLS:,} calls for one who did not read, {busy:,} of them busy and none lost without a word; a caller "
            f"who did not listen; {HANG_UPS} who hung up")


def _notice(t: Trial, caller: zmq.Socket, name: bytes, why: bytes) -> None:
    tried = f"a call for `{show(name)}`"
    got = t.receive(caller, seconds=1.0, expected=f"{tried}: the caller gets `{show([b'', name, why])}`")
    expect(got, [b"", name, why], "a caller was not told what became of the call", tried=tried)


def _still_serves(t: Trial, ann: zmq.Socket, bob: zmq.Socket, when: str) -> None:
    """Ann and Bob are served; Ann has nothing else to receive."""
    t.send(ann, b"bob", b"and now?", expected=f"somebody who goes on reading, {when}")
    got = t.receive(bob, seconds=1.0, expected=f"a call for Bob arrives, {when}")
    expect(got, [b"ann", b"and now?"], "a call did not arrive as `from, frames…`", tried=f"a call for Bob, {when}")


def _one_does_not_read(t: Trial, endpoint: str, ann: zmq.Socket, bob: zmq.Socket) -> int:
    """How many calls for somebody who does not read were busy."""
    when = "while one of those called does not read"
    slow = named(t, endpoint, b"slow", rcvhwm=10)
    t.send(slow, b"slow", b"is this me?")
    called(t, slow, b"slow", b"slow", [b"is this me?"])
    heard, numbers = [], []
    for n in range(CALLS):
        t.send(ann, b"slow", b"%d" % n, expected=f"somebody who goes on reading, {when}")
        while ann.poll(0):
            heard.append(t.receive(ann))
    _still_serves(t, ann, bob, when)
    while slow.poll(100):
        numbers.append(int(t.receive(slow)[-1]))
    while ann.poll(50):
        heard.append(t.receive(ann))
    wrong = next((each for each in heard if each != [b"", b"slow", b"busy"]), None)
    if wrong is not None:
        raise Wrong("a caller was told something else than `busy`", tried=f"{CALLS:,} calls for one who does not read",
                    seen=f"`{show(wrong)}`", expected=f"`{show([b'', b'slow', b'busy'])}` for each that finds no room")
    if len(numbers) + len(heard) != CALLS or numbers != sorted(set(numbers)):
        raise Wrong("calls were lost without a word, or came twice", tried=f"{CALLS:,} calls for one who does not read",
                    seen=f"{len(numbers):,} arrived, {len(heard):,} callers were told `busy`",
                    expected=f"together {CALLS:,}, each once and in order")
    t.send(ann, b"slow", b"and now?")
    called(t, slow, b"ann", b"slow", [b"and now?"])  # she has read all: she is not busy for ever
    return len(heard)


def _one_does_not_listen(t: Trial, endpoint: str, ann: zmq.Socket, bob: zmq.Socket) -> None:
    """A caller calls nobody, again and again, and never reads a notice."""
    deaf = named(t, endpoint, b"deaf", rcvhwm=10)
    for _ in range(CALLS):
        t.send(deaf, b"zoe", b"", expected="somebody who goes on reading, while a caller does not listen")
    _still_serves(t, ann, bob, "while a caller does not listen")
    gone(t, deaf)


def _some_hang_up(t: Trial, endpoint: str, ann: zmq.Socket, bob: zmq.Socket) -> None:
    """Callers that are gone before they can be told."""
    for n in range(HANG_UPS):
        hasty = named(t, endpoint, b"hasty %d" % n)
        for _ in range(20):
            t.send(hasty, b"zoe", b"never mind")
        hasty.close(linger=1000)
    all_is_told(t)
    _still_serves(t, ann, bob, "after callers have hung up")
