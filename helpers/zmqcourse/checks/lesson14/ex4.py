"""Exercise 14.4: a post office that loses no letter."""

from __future__ import annotations

import itertools

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, trial
from ..telling import gone
from .calls import called, expect, named

LETTERS = 2_500  # more than two marks of 1000


@exercise(
    "14.4",
    title="A post office",
    hints=(
        "With `router_mandatory`, `send_multipart(…, zmq.DONTWAIT)` raises a `zmq.ZMQError` when there is nobody of "
        "that name, and when there is no room for him. Then the letter goes onto a shelf: a dictionary, name → list.",
        "If there is something on the shelf, a new letter goes behind it, even when its receiver has just come: else "
        "it would overtake. On hello, empty the shelf in order, oldest first.",
        "Put every letter on the shelf. Then, for a letter and for hello alike: `while shelf:` send `shelf[0]`, and "
        "only if that raised nothing, `shelf.pop(0)`. Let every error through whose `errno` is neither "
        "`zmq.EHOSTUNREACH` nor `zmq.EAGAIN`.",
    ),
)
def no_letter_is_lost_and_none_overtakes(post_office) -> str:
    """`post_office(ctx, endpoint)` delivers letters in order, and keeps those for peers that are not there yet."""
    with trial() as t:
        endpoint = t.endpoint("inproc")  # there a peer that has connected is known at once
        t.start(post_office, t.ctx, endpoint)
        ann, bob = named(t, endpoint, b"ann"), named(t, endpoint, b"bob")
        for peer in (ann, bob):
            t.send(peer, b"", expected="a ROUTER bound at `endpoint`")
            t.silence(peer, seconds=0.02, expected="no answer to hello where there is no letter")
        counter = itertools.count()
        _letter(t, bob, b"bob", ann, b"ann", [b"hello"])
        for n in range(2):
            t.send(ann, b"zoe", b"letter %d" % n, b"", b"of several frames")
            t.send(ann, b"\0yan", b"for another one")
            _handled(t, ann, counter)
        t.send(bob, b"zoe", b"letter 2")
        _letter(t, bob, b"bob", ann, b"ann", [b"", b"is served at once"])
        zoe = named(t, endpoint, b"zoe")  # she is there, and has not yet said hello
        t.send(ann, b"zoe", b"letter 3")
        _handled(t, ann, counter)
        t.send(zoe, b"")
        wanted = [[b"ann", b"letter %d" % n, b"", b"of several frames"] for n in range(2)]
        wanted += [[b"bob", b"letter 2"], [b"ann", b"letter 3"]]
        tried = "three letters for Zoe, who was not there; she connected, a fourth letter came, she said hello"
        got = [t.receive(zoe, seconds=1.0, expected=f"{tried}: now she gets all four") for _ in wanted]
        expect(got, wanted, "Zoe did not get her letters as they were sent, in their order", tried=tried)
        t.send(zoe, b"")
        t.silence(zoe, seconds=0.1, expected="each letter once, also when she says hello again")
        _letter(t, ann, b"ann", zoe, b"zoe", [b"now you are here"])
        _letter(t, zoe, b"zoe", bob, b"bob", [b"thank you", b""])
        for peer in (ann, bob):
            t.silence(peer, seconds=0.02, expected="letters for others come to the others alone")
        _who_leaves_comes_back(t, endpoint, ann, zoe, counter)
        kept = _a_slow_reader(t, ann, named(t, endpoint, b"slow", rcvhwm=1), counter)
    return (f"letters for two who came late, for one who left and came back, and {LETTERS:,} for a slow one, {kept:,} "
            "of which found no room at first; none lost, none twice, none out of order")


def _who_leaves_comes_back(t: Trial, endpoint: str, ann: zmq.Socket, zoe: zmq.Socket, counter: itertools.count) -> None:
    gone(t, zoe)
    for n in range(2):
        t.send(ann, b"zoe", b"while you were away %d" % n)
        _handled(t, ann, counter)
    zoe = named(t, endpoint, b"zoe")
    t.send(zoe, b"")
    for n in range(2):
        called(t, zoe, b"ann", b"zoe", [b"while you were away %d" % n])
    t.silence(zoe, seconds=0.03, expected="each letter once")


def _a_slow_reader(t: Trial, ann: zmq.Socket, slow: zmq.Socket, counter: itertools.count) -> int:
    """Somebody who is there, and does not read for a while: how many of her letters found no room."""
    t.send(slow, b"")
    for n in range(LETTERS):
        t.send(ann, b"slow", b"%d" % n, expected="somebody who goes on reading, though one receiver is slow")
    _handled(t, ann, counter)  # others are served while there is no room for her
    got: list[list[bytes]] = []
    at_once = None
    while len(got) < LETTERS:
        if not slow.poll(200):
            if at_once == len(got):
                break
            at_once = len(got)
            t.send(slow, b"")  # she says hello: what was kept comes now, as far as there is room
        while slow.poll(0):
            got.append(t.receive(slow))
    wanted = [[b"ann", b"%d" % n] for n in range(LETTERS)]
    tried = f"{LETTERS:,} letters for somebody who is there and does not read for a while; then she reads, says hello"
    missing = [n for n in range(LETTERS) if wanted[n] not in got] if len(got) < LETTERS else []
    if missing:
        raise Wrong(f"{len(missing):,} letters for a slow reader are lost", tried=tried,
                    seen=f"{len(got):,} arrived; the first that did not is number {missing[0]}",
                    expected="what finds no room is kept as well")
    expect(got, wanted, "letters for a slow reader are not in order, or came twice", tried=tried)
    t.silence(slow, seconds=0.03, expected="each letter once")
    return LETTERS - (at_once or LETTERS)


def _letter(t: Trial, sender: zmq.Socket, name: bytes, receiver: zmq.Socket, to: bytes, body: list[bytes]) -> None:
    t.send(sender, to, *body)
    called(t, receiver, name, to, body)


def _handled(t: Trial, ann: zmq.Socket, counter: itertools.count) -> None:
    """A letter to herself: when it is back, all that she has sent before has been dealt with."""
    _letter(t, ann, b"ann", ann, b"ann", [b"note %d to myself" % next(counter)])
