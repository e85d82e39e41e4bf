"""Exercise 14.4: a post office that loses no letter."""

from __future__ import annotations

import itertools
import random as randoms

import zmq

from ...exercise import Wrong, exercise, show
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
    t.send(slow, b"")  # also when she says hello, and reads none: her own letter comes after that
    _letter(t, slow, b"slow", ann, b"ann", [b"I have not read them yet"])
    got: list[list[bytes]] = []
    stalls = [-1]  # how many she had whenever none came
    while len(got) < LETTERS:
        if not slow.poll(200):
            if stalls[-1] == len(got):
                break
            stalls.append(len(got))
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
    return LETTERS - stalls[1] if len(stalls) > 1 else 0


def _letter(t: Trial, sender: zmq.Socket, name: bytes, receiver: zmq.Socket, to: bytes, body: list[bytes]) -> None:
    t.send(sender, to, *body)
    called(t, receiver, name, to, body)


def _handled(t: Trial, ann: zmq.Socket, counter: itertools.count) -> None:
    """A letter to herself: when it is back, all that she has sent before has been dealt with."""
    _letter(t, ann, b"ann", ann, b"ann", [b"note %d to myself" % next(counter)])


def soak(post_office, random: randoms.Random, seconds: float) -> str:
    """Letters between eight people, who leave without a word and come back under their names, and read or do not.

    Raises `Wrong` when a letter is lost, comes twice or out of order; else a sentence with the ledger. Who leaves has
    read all letters that were for her: what an office has handed over is not its own any more.
    """
    names = [b"person %d" % n for n in range(8)]
    with trial(seconds=seconds + 120) as t:
        endpoint = t.endpoint("inproc")
        t.start(post_office, t.ctx, endpoint)
        here: dict[bytes, zmq.Socket] = {}
        due: dict[bytes, list[list[bytes]]] = {name: [] for name in names}
        sent = left = 0

        def reads_all(name: bytes) -> None:
            """She reads until all are there; what found no room comes when she says hello again."""
            t.send(here[name], b"")
            while due[name]:
                if not here[name].poll(50):
                    t.send(here[name], b"")
                got = t.receive(here[name], expected=f"{len(due[name]):,} letters are still due for `{show(name)}`")
                expect(got, due[name].pop(0), "letters are lost, out of order or came twice",
                       tried=f"`{show(name)}` reads, after {sent:,} letters, and {left:,} times somebody left")

        def writes(name: bytes, to: bytes, count: int) -> None:
            """The last letter is to herself: when she has it, all have come to the office."""
            nonlocal sent
            for receiver in [*[to] * count, name]:
                frames = [b"%d" % sent, *(random.randbytes(3) for _ in range(random.choice((0, 2))))]
                t.send(here[name], receiver, *frames)
                due[receiver].append([name, *frames])
                sent += 1
            reads_all(name)

        end = t.deadline(seconds)
        while not end.over:
            name = random.choice(names)
            if name not in here:
                here[name] = named(t, endpoint, name, rcvhwm=random.choice((1, 10, 1000)))
                reads_all(name)
            elif random.random() < 0.2:
                reads_all(name)
                gone(t, here.pop(name))
                left += 1
            else:
                writes(name, random.choice(names), random.choice((1, 20, 300)))
        for name in names:
            here.setdefault(name, named(t, endpoint, name))
            reads_all(name)
            t.silence(here[name], seconds=0.02, expected="each letter once")
    return f"{sent:,} letters, {left:,} times somebody left without a word; none lost, none twice, all in their order"
