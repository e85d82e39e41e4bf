"""10.1: a forwarder by hand: messages down, subscriptions and unsubscriptions up, at any time, again and again."""

from __future__ import annotations

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial
from ..telling import gone
from .middle import passed, subscriber, told, told_of_leaving

BURST = 300  # messages that come at once, fewer than any mark holds


@exercise(
    "10.1",
    title="The forwarder, by hand",
    hints=(
        "Bind an XSUB and an XPUB, and register both with a `zmq.Poller()`, each for `zmq.POLLIN`. "
        "Which way does each socket's message go?",
        "Out of the XSUB come messages of one frame or several: `recv_multipart`, `send_multipart`. "
        "Out of the XPUB comes one frame, subscription or unsubscription: both go up.",
        "`for socket, _ in poller.poll():` if it is the XSUB, `xpub.send_multipart(xsub.recv_multipart())`; "
        "if it is the XPUB, `event = xpub.recv()`, `xsub.send(event)`, `events.append(event)`.",
    ),
)
def it_goes_both_ways(forward) -> str:
    """`forward(ctx, upstream, downstream, events)` hands messages down and events up, for ever."""
    with trial() as t:
        up, down, events = t.endpoint(name="up"), t.endpoint(name="down"), []
        t.start(forward, t.ctx, up, down, events)
        hall, attic = t.connect(zmq.XPUB, up), t.connect(zmq.XPUB, up)
        first = subscriber(t, down, "hall")
        told(t, {b"\1hall"}, hall, attic, why="a subscriber asked for `hall`")
        second, third = subscriber(t, down, "hall", "second"), subscriber(t, down, "attic")
        more = {b"\1second", b"\1attic"}
        told(t, more, hall, attic, why="two more came while nothing was published")
        passed(t, hall, [b"hall", b"19"], first, second)
        passed(t, attic, [b"attic", b"", b"12", b"\0\1"], third)
        passed(t, hall, [b"hall"], first, second)
        late = t.connect(zmq.XPUB, up)
        all_three = {b"\1hall", b"\1second", b"\1attic"}
        told(t, all_three, late, why="a publisher came when the subscribers were already there")
        passed(t, late, [b"attic", b"13"], third)
        gone(t, third)
        told(t, {b"\0attic"}, hall, attic, late, why="the only subscriber to `attic` went away")
        passed(t, late, [b"hall", b"20"], first, second)
        _written_down(events)
    with trial() as t:
        up, down, events = t.endpoint(name="up"), t.endpoint(name="down"), []
        t.start(forward, t.ctx, up, down, events)
        _they_go_and_come_back(t, up, down)
        _a_burst(t, up, down)
        _written_down_again(events)
    return f"3 publishers, 16 subscribers that came, went and came back, a burst of {BURST}: all told, nothing lost"


def _written_down(events: list[bytes]) -> None:
    wanted = [b"\1hall", b"\1second", b"\1attic", b"\0attic"]
    if not events:
        raise Wrong(
            "messages go both ways, but the list `events` is empty",
            expected="each subscription and unsubscription appended to it (`zmq.proxy` cannot do that)",
        )
    # The two that came in the same moment may have come in either order.
    if set(events) != set(wanted) or (events[0], events[-1]) != (wanted[0], wanted[-1]):
        raise Wrong(
            "`events` does not hold what went up",
            seen=f"`{show(events)}`",
            expected=f"`{wanted}`: each as it came out of the XPUB, with its first byte",
        )


def _written_down_again(events: list[bytes]) -> None:
    if min(events.count(b"\1hall"), events.count(b"\0hall")) < 2:
        raise Wrong(
            "an event went up that `events` does not hold",
            tried="`hall` was wanted, forgotten, wanted again, and forgotten again",
            seen=f"`{show(events)}`",
            expected="each event, each time that it goes up",
        )


def _they_go_and_come_back(t: Trial, up: str, down: str) -> None:
    """Three come for one topic and go: then nobody wants it, until somebody comes back."""
    pub = t.connect(zmq.XPUB, up)
    for topic in (b"hall", b"hall", b"\0any\xff", b""):
        subs = [subscriber(t, down, topic) for _ in range(3)]
        came, went = b"\1" + topic, b"\0" + topic
        told(t, {came}, pub, why=f"three came for `{topic!r}`", everything=not topic)
        _all_three_are_there(t, pub, topic, subs)
        gone(t, subs[0])
        subs[1].unsubscribe(topic)
        subs[1].poll(0)
        passed(t, pub, [topic + b"/still", b"1"], subs[2])
        gone(t, subs[2])
        why = f"three came for `{topic!r}`, and all three have gone again: nobody wants it any more"
        told_of_leaving(t, {went}, down, pub, why=why)


def _all_three_are_there(t: Trial, pub: zmq.Socket, topic: bytes, subs: list[zmq.Socket]) -> None:
    """A publisher hears of the first; the others are there when something has come to them."""
    waiting = list(subs)
    for number in range(100):
        t.send(pub, topic + b"/knock", b"%d" % number)
        waiting = [sub for sub in waiting if not sub.poll(20)]
        if not waiting:
            break
    else:
        raise Late(
            "a subscriber hears nothing",
            tried=f"three came for `{topic!r}`, and a publisher knocked a hundred times",
            seen=f"{len(waiting)} of three have heard nothing",
        )
    t.send(pub, topic + b"/last", b"")
    for sub in subs:
        while t.receive(sub, expected="what is published")[0] != topic + b"/last":
            continue


def _a_burst(t: Trial, up: str, down: str) -> None:
    pub, sub = t.connect(zmq.XPUB, up), subscriber(t, down, "burst")
    told(t, {b"\1burst"}, pub, why="a subscriber asked for `burst`")
    messages = [[b"burst", b"%d" % number, b"", b"more"][: 2 + number % 3] for number in range(BURST)]
    for message in messages:
        t.send(pub, *message)
    if t.receive_many(sub, BURST, expected=f"all {BURST} that were published at once") != messages:
        raise Wrong("messages were mixed up on their way", tried=f"{BURST} messages were published at once")
