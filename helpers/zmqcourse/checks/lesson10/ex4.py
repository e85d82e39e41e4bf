"""10.4: find the fault: a middle that greets latecomers, and whose sensors never sleep again."""

from __future__ import annotations

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, trial
from ..telling import gone
from .middle import drained, greeted, passed, subscriber, told, told_of_leaving

ROUNDS = 3


@exercise(
    "10.4",
    title="Find the fault: sensors that never sleep",
    hints=(
        "Write down what goes up: how often a 1 for `hall`, how often a 0? The XSUB adds up before it tells a "
        "publisher that nobody is left.",
        "`xpub_verbose` reports everyone who comes, and still only the last one who goes: three up, one down.",
        "Either count downstream yourself and send up only the first 1 and the last 0; or let the XPUB report everyone "
        "who goes as well: one letter more.",
    ),
)
def they_may_sleep_again(mended) -> str:
    """`mended(ctx, upstream, downstream)`: a middle that greets latecomers and tells publishers when nobody is left."""
    with trial(seconds=6) as t:
        up, down = t.endpoint(name="up"), t.endpoint(name="down")
        t.start(mended, t.ctx, up, down)
        pub, other = t.connect(zmq.XPUB, up), t.connect(zmq.XPUB, up)
        for number in range(ROUNDS):
            _they_come_and_go(t, (pub, other), down, b"%d" % number)
        _one_of_two_topics(t, pub, down)
    return f"{ROUNDS} times three came for a topic, each was greeted, and when the last had gone the publishers knew"


def _they_come_and_go(t: Trial, pubs: tuple[zmq.Socket, zmq.Socket], down: str, round_: bytes) -> None:
    newest = [b"hall", round_, b"C"]
    first = subscriber(t, down, "hall")
    told(t, {b"\1hall"}, *pubs, why="somebody came for `hall`, which nobody else wants")
    drained(first, 60)  # what was the newest when nobody listened any more
    passed(t, pubs[0], newest, first)
    second = subscriber(t, down, "hall")
    greeted(t, second, [newest], "a second one came for `hall`")
    third = subscriber(t, down, "ha")
    greeted(t, third, [newest], "a third one came for `ha`, the beginning of `hall`")
    fourth = subscriber(t, down, "hall")
    greeted(t, fourth, [newest], "a fourth one came for `hall`")
    gone(t, first, third)
    for sub in (second, fourth):
        drained(sub, 20)
    passed(t, pubs[1], [b"hall", b"", b"\0"], second, fourth)  # some have gone, and not the last
    fourth.unsubscribe("hall")
    fourth.poll(0)
    gone(t, second)
    why = "four had come, and all have gone again: nobody wants the hall any more"
    told_of_leaving(t, {b"\0hall", b"\0ha"}, down, *pubs, why=why)
    _sleeps(t, pubs[0])


def _sleeps(t: Trial, pub: zmq.Socket) -> None:
    """What nobody wants does not travel: the event that says so must not be taken back."""
    while pub.poll(30):
        event = pub.recv()
        if event in (b"\1hall", b"\1ha"):
            raise Wrong(
                "the publishers were told that somebody listens, and nobody does",
                tried="four had come for `hall`, and all have gone again",
                seen=f"a publisher was told `{event!r}`",
            )


def _one_of_two_topics(t: Trial, pub: zmq.Socket, down: str) -> None:
    """Those for one topic go, one for another stays and still hears."""
    attic, cellar = subscriber(t, down, "attic"), [subscriber(t, down, "cellar") for _ in range(2)]
    told(t, {b"\1attic", b"\1cellar"}, pub, why="one came for `attic`, two for `cellar`")
    passed(t, pub, [b"attic", b"11"], attic)
    cellar.append(subscriber(t, down, "cellar", "mark"))
    told(t, {b"\1mark"}, pub, why="somebody came for `cellar` and for `mark`")
    passed(t, pub, [b"cellar", b"8"], *cellar)
    t.silence(attic, seconds=0.05, expected="the attic's value is sent again when somebody asks for it, not for others")
    gone(t, *cellar)
    told_of_leaving(t, {b"\0cellar"}, down, pub, why="all who had come for `cellar` have gone")
    passed(t, pub, [b"attic", b"12"], attic)
