"""10.2: a last value cache: whoever comes gets the newest message of each topic that it asks for."""

from __future__ import annotations

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, trial
from ..telling import gone
from .middle import SOON, drained, greeted, leave, subscriber

MANY = 200  # topics of a house


@exercise(
    "10.2",
    title="A last value cache",
    hints=(
        "Two sockets and a poller, as in 10.1, and a dict: topic → last message. "
        "Who must hear every topic, before anybody asks for it?",
        'A SUB with `subscribe("")` towards the publishers; an XPUB with `xpub_verbose = True` towards the '
        "subscribers, so that the second one for a topic is reported as well.",
        'When the XPUB gives `event`, and `event[:1] == b"\\1"`: send the last message of each topic with '
        "`topic.startswith(event[1:])`.",
    ),
)
def latecomers_are_greeted(last_values) -> str:
    """`last_values(ctx, upstream, downstream)` hands messages on, and greets latecomers."""
    with trial() as t:
        up, down = t.endpoint(name="up"), t.endpoint(name="down")
        t.start(last_values, t.ctx, up, down)
        _each_latecomer(t, up, down)
    with trial() as t:
        up, down = t.endpoint(name="up"), t.endpoint(name="down")
        t.start(last_values, t.ctx, up, down)
        _names_that_look_alike(t, up, down)
    return (
        f"17 latecomers, for one topic, for several, for all of {MANY}; names within names, a topic that everybody "
        "had left, a publisher that had gone: each was greeted with the newest, nobody else was disturbed"
    )


def _each_latecomer(t: Trial, up: str, down: str) -> None:
    kitchen, hall = [b"kitchen/", b"2", b"C"], [b"hall/", b"7"]
    pub = t.connect(zmq.XPUB, up)
    probe = subscriber(t, down, "probe/")
    _wants_everything(t, pub)
    for message in ([b"kitchen/", b"1", b"C"], kitchen, hall, [b"probe/", b""]):
        pub.send_multipart(message)
    t.receive(probe, seconds=SOON, expected="what is published goes on to those who want it")
    panels = []
    for which in ("first", "second", "third"):
        panels.append(subscriber(t, down, "kitchen/"))
        greeted(t, panels[-1], [kitchen], f"the {which} latecomer asked for `kitchen/`")
    tried = "a latecomer asked for `kit`, the beginning of `kitchen/`"
    greeted(t, subscriber(t, down, "kit"), [kitchen], tried)
    t.silence(subscriber(t, down, "garden/"), seconds=0.1, expected="`garden/` has no value yet")
    visitor = subscriber(t, down, "hall/")
    greeted(t, visitor, [hall], "a latecomer asked for `hall/`")
    greeted(t, subscriber(t, down, "kitchen/"), [kitchen], "another latecomer asked for `kitchen/`")
    expected = "`hall/` is sent again when somebody asks for `hall/`, not for others"
    t.silence(visitor, seconds=0.1, expected=expected)
    logger = subscriber(t, down, "")
    greeted(t, logger, [kitchen, hall, [b"probe/", b""]], "a latecomer asked for everything")
    leave(visitor)
    t.silence(logger, seconds=0.2, expected="nothing is sent when somebody *leaves* (an event that begins with 0)")
    _stays_up_to_date(t, up, down, panels)


def _wants_everything(t: Trial, pub: zmq.Socket) -> None:
    expected = "the cache asks for everything: what it never heard it cannot hand out"
    heard = t.receive(pub, seconds=SOON, expected=expected)
    while heard != [b"\1"] and pub.poll(150):
        heard = pub.recv_multipart()
    if heard != [b"\1"]:
        raise Wrong(
            "the cache does not hear every topic",
            tried="a publisher connected to `upstream` when nobody wanted its topics",
            seen=f"the publisher was told `{heard[0]!r}`",
            expected=expected + ' (`subscribe("")`)',
        )


def _stays_up_to_date(t: Trial, up: str, down: str, panels: list[zmq.Socket]) -> None:
    newer, other = [b"kitchen/", b"3", b"C"], t.connect(zmq.XPUB, up)
    _wants_everything(t, other)
    for panel in panels:
        drained(panel, 20)
    other.send_multipart(newer)
    for panel in panels:
        got = t.receive(panel, seconds=SOON, expected=f"`{newer}`, from a second publisher, at each subscriber")
        if got != newer:
            raise Wrong("another message came than was published", seen=f"`{got}`", expected=f"`{newer}`")
    greeted(t, subscriber(t, down, "kitchen/"), [newer], "a latecomer asked for `kitchen/` when it was 3")


def _names_that_look_alike(t: Trial, up: str, down: str) -> None:
    """Topics within topics; one that everybody has left; a publisher that has gone."""
    pub = t.connect(zmq.XPUB, up)
    probe = subscriber(t, down, "probe/")
    _wants_everything(t, pub)
    alike = [[topic, b"1"] for topic in (b"hall/kitchen/", b"kitchen/", b"kitchen/1/", b"", b"\1kitchen/")]
    for message in (*alike, *([b"many/%d" % number, b"%d" % number] for number in range(MANY)), [b"probe/", b""]):
        pub.send_multipart(message)
    t.receive(probe, seconds=SOON, expected="what is published goes on to those who want it")  # and all before it
    inner = subscriber(t, down, "hall/")
    greeted(t, inner, [alike[0]], "a latecomer asked for `hall/`")
    greeted(t, subscriber(t, down, b"\1"), [alike[4]], "a latecomer asked for `\\x01`")
    outer = subscriber(t, down, "kitchen/")
    tried = "a latecomer asked for `kitchen/`; there are `kitchen/`, `kitchen/1/` and `hall/kitchen/`"
    greeted(t, outer, alike[1:3], tried)
    t.silence(inner, seconds=0.05, expected="`hall/kitchen/` does not *begin* with `kitchen/`: it is not sent again")
    greeted(t, subscriber(t, down, "kitchen/1/"), [alike[2]], "a latecomer asked for `kitchen/1/`")
    again = drained(outer, 60)
    if alike[1] in again:
        raise Wrong(
            "a topic was sent again that nobody had asked for",
            tried="a latecomer asked for `kitchen/1/`",
            seen=f"somebody who wants `kitchen/` got `{again}`",
            expected="the topic begins with the subscription, not the subscription with the topic",
        )
    greeted(t, subscriber(t, down, "many/"), [[b"many/%d" % n, b"%d" % n] for n in range(MANY)], f"{MANY} topics fit")
    gone(t, outer)
    pub.send_multipart([b"kitchen/", b"2"])
    pub.send_multipart([b"hall/kitchen/", b"2"])
    t.receive(inner, seconds=SOON, expected="what is published goes on to those who want it")
    pub.close()  # what it has said stays true
    back = subscriber(t, down, "kitchen/")
    tried = "the last one for `kitchen/` had left, its value changed, its publisher has gone; now somebody came back"
    greeted(t, back, [[b"kitchen/", b"2"], alike[2]], tried)
