"""Lesson 10: the middle between publishers and subscribers, and what travels through it both ways."""

from __future__ import annotations

import zmq

from ..exercise import Wrong, exercise
from ..trial import Trial, expect_type, trial

QUIET = 0.2  # seconds of silence after which `demand` has to return
SOON = 1.2  # seconds in which something has to come through a middle that is there


def _subscriber(t: Trial, endpoint: str, *topics: str) -> zmq.Socket:
    sub = t.connect(zmq.SUB, endpoint)
    for topic in topics:
        sub.subscribe(topic)
    return sub


def _leaves(*subs: zmq.Socket) -> None:
    for sub in subs:
        sub.close(linger=0)


def _drained(sub: zmq.Socket, milliseconds: int = 150) -> list[list[bytes]]:
    """What comes until nothing has come for so long."""
    messages = []
    while len(messages) < 1000 and sub.poll(milliseconds):
        messages.append(sub.recv_multipart())
    return messages


# --- 10.1


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
def it_goes_both_ways(forward) -> None:
    """`forward(ctx, upstream, downstream, events)` hands messages down and events up, for ever."""
    with trial() as t:
        up, down, events = t.endpoint(name="up"), t.endpoint(name="down"), []
        t.start(forward, t.ctx, up, down, events)
        hall, attic = t.connect(zmq.XPUB, up), t.connect(zmq.XPUB, up)
        first = _subscriber(t, down, "hall")
        _told(t, {b"\1hall"}, hall, attic, why="a subscriber asked for `hall`")
        second, third = _subscriber(t, down, "hall", "second"), _subscriber(t, down, "attic")
        more = {b"\1second", b"\1attic"}
        _told(t, more, hall, attic, why="two more came while nothing was published")
        _passed(t, hall, [b"hall", b"19"], first, second)
        _passed(t, attic, [b"attic", b"", b"12", b"\0\1"], third)
        _passed(t, hall, [b"hall"], first, second)
        late = t.connect(zmq.XPUB, up)
        all_three = {b"\1hall", b"\1second", b"\1attic"}
        _told(t, all_three, late, why="a publisher came when the subscribers were already there")
        _passed(t, late, [b"attic", b"13"], third)
        _leaves(third)
        _told(t, {b"\0attic"}, hall, attic, late, why="the only subscriber to `attic` went away")
        _passed(t, late, [b"hall", b"20"], first, second)
        _written_down(events)


def _told(t: Trial, wanted: set[bytes], *publishers: zmq.Socket, why: str) -> None:
    """Each publisher must be told these events, in any order; what it knows already may come again."""
    for number, pub in enumerate(publishers, 1):
        expected = " and ".join(f"`{event!r}`" for event in sorted(wanted))
        heard = {t.receive(pub, seconds=SOON, expected=f"{expected} at each publisher: {why}")[0]}
        while not heard >= wanted and pub.poll(200):
            heard.add(pub.recv())
        if b"\1" in heard:
            raise Wrong(
                "the forwarder asked the publishers for everything",
                tried=why,
                seen=f"the publishers heard `{heard}`",
                expected=f"{expected}: only what somebody downstream wants travels",
            )
        if not heard >= wanted:
            raise Wrong(
                "the publishers were not told what they should be",
                tried=why,
                seen=f"publisher {number} heard `{heard}`",
                expected=f"{expected}, as it came out of the XPUB",
            )


def _passed(t: Trial, pub: zmq.Socket, message: list[bytes], *subs: zmq.Socket) -> None:
    pub.send_multipart(message)
    for sub in subs:
        got = t.receive(sub, seconds=SOON, expected=f"`{message}` at each of {len(subs)} subscribers")
        if got != message:
            raise Wrong(
                "a message did not come through as it was",
                tried=f"`{message}` was published",
                seen=f"the subscriber got `{got}`",
                expected="all its frames, in one message: `send_multipart(recv_multipart())`",
            )
        t.silence(sub, seconds=0.03, expected="each message once")


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
            seen=f"`{events}`",
            expected=f"`{wanted}`: each as it came out of the XPUB, with its first byte",
        )


# --- 10.2


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
def latecomers_are_greeted(last_values) -> None:
    """`last_values(ctx, upstream, downstream)` hands messages on, and greets latecomers."""
    kitchen, hall = [b"kitchen/", b"2", b"C"], [b"hall/", b"7"]
    with trial() as t:
        up, down = t.endpoint(name="up"), t.endpoint(name="down")
        t.start(last_values, t.ctx, up, down)
        pub = t.connect(zmq.XPUB, up)
        probe = _subscriber(t, down, "probe/")
        _wants_everything(t, pub)
        for message in ([b"kitchen/", b"1", b"C"], kitchen, hall, [b"probe/", b""]):
            pub.send_multipart(message)
        t.receive(probe, seconds=SOON, expected="what is published goes on to those who want it")
        panels = []
        for which in ("first", "second", "third"):
            panels.append(_subscriber(t, down, "kitchen/"))
            _greeted(t, panels[-1], [kitchen], f"the {which} latecomer asked for `kitchen/`")
        _greeted(
            t,
            _subscriber(t, down, "kit"),
            [kitchen],
            "a latecomer asked for `kit`, the beginning of `kitchen/`",
        )
        t.silence(_subscriber(t, down, "garden/"), seconds=0.1, expected="`garden/` has no value yet")
        visitor = _subscriber(t, down, "hall/")
        _greeted(t, visitor, [hall], "a latecomer asked for `hall/`")
        _greeted(t, _subscriber(t, down, "kitchen/"), [kitchen], "another latecomer asked for `kitchen/`")
        t.silence(
            visitor,
            seconds=0.1,
            expected="`hall/` is sent again when somebody asks for `hall/`, not for others",
        )
        logger = _subscriber(t, down, "")
        _greeted(t, logger, [kitchen, hall, [b"probe/", b""]], "a latecomer asked for everything")
        _leaves(visitor)
        t.silence(
            logger,
            seconds=0.2,
            expected="nothing is sent when somebody *leaves* (an event that begins with 0)",
        )
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


def _greeted(t: Trial, sub: zmq.Socket, expected: list[list[bytes]], tried: str) -> None:
    count = len(expected)
    got = [t.receive(sub, seconds=SOON, expected=f"{tried}: it gets `{expected[0]}` at once")]
    got += _drained(sub, 100) if count == 1 else []
    while len(got) < count and sub.poll(SOON * 1000):
        got.append(sub.recv_multipart())
    if sorted(got) != sorted(expected):
        raise Wrong(
            "a latecomer did not get the newest message of what it asked for, once",
            tried=tried,
            seen=f"it got `{got}`",
            expected=f"`{expected}`",
        )


def _stays_up_to_date(t: Trial, up: str, down: str, panels: list[zmq.Socket]) -> None:
    newer, other = [b"kitchen/", b"3", b"C"], t.connect(zmq.XPUB, up)
    _wants_everything(t, other)
    for panel in panels:
        _drained(panel, 20)
    other.send_multipart(newer)
    for panel in panels:
        got = t.receive(
            panel, seconds=SOON, expected=f"`{newer}`, from a second publisher, at each subscriber"
        )
        if got != newer:
            raise Wrong("another message came than was published", seen=f"`{got}`", expected=f"`{newer}`")
    _greeted(t, _subscriber(t, down, "kitchen/"), [newer], "a latecomer asked for `kitchen/` when it was 3")


# --- 10.3


@exercise(
    "10.3",
    title="Who wants what?",
    hints=(
        "An XPUB reports the first and the last. `xpub_verbose` adds all who come; "
        "with one letter more it adds all who go.",
        '`xpub_verboser = True`. Each event is one frame: `event[:1]` is `b"\\1"` or `b"\\0"`, '
        "`event[1:]` the topic.",
        "`while xpub.poll(quiet * 1000):` receive, add 1 or -1 to `wanted[topic]`, delete it at 0, "
        "ignore any other first byte. After the loop, `return wanted`.",
    ),
)
def demand_is_counted(listen, demand) -> None:
    """`listen(ctx, endpoint)` gives an XPUB; `demand(xpub, quiet, wanted)` counts by topic."""
    with trial() as t:
        endpoint = t.endpoint("inproc", name="demand")
        xpub = t.take(t.run(listen, t.ctx, endpoint), zmq.XPUB)
        wanted: dict[bytes, int] = {}

        def now(expected: dict[bytes, int], tried: str) -> None:
            _is_counted(t, demand, xpub, wanted, expected, tried)

        now({}, "nobody has come")
        three = [_subscriber(t, endpoint, "hall") for _ in range(3)]
        both = _subscriber(t, endpoint, "attic", "hall")
        logger = _subscriber(t, endpoint, "")
        now(
            {b"hall": 4, b"attic": 1, b"": 1},
            "four came for `hall`, one of them for `attic` too, one for everything",
        )
        _leaves(three[0], both)
        now({b"hall": 2, b"": 1}, "two closed their sockets: one for `hall`, one for `hall` and `attic`")
        three[1].unsubscribe("hall")
        three[1].subscribe("cellar")
        now({b"hall": 1, b"cellar": 1, b"": 1}, "one changed from `hall` to `cellar`")
        stranger = t.connect(zmq.XSUB, endpoint)
        for frame in (b"hello", b"\1attic", b"\2attic"):
            stranger.send(frame)
        now(
            {b"hall": 1, b"cellar": 1, b"attic": 1, b"": 1},
            "an XSUB came for `attic`; it also sent `hello` and `\\x02attic`, which are no subscriptions",
        )
        _leaves(three[1], three[2], stranger, logger)
        now({}, "all have gone")
        _waits_until_quiet(t, demand, xpub, endpoint)


def _is_counted(t: Trial, demand, xpub: zmq.Socket, wanted: dict, expected: dict, tried: str) -> None:
    for _ in range(3):  # a socket that closes is gone a moment later
        got = t.run(demand, xpub, QUIET, wanted, seconds=2.0)
        expect_type(got, dict, "what `demand` returned")
        if got == expected:
            break
    else:
        raise Wrong(
            "`demand` counted wrongly",
            tried=tried,
            seen=f"it returned `{got}`",
            expected=f"`{expected}`",
        )
    if wanted != expected:
        raise Wrong(
            "`demand` did not keep the dict that it was handed up to date",
            tried=tried,
            seen=f"`wanted` is `{wanted}`, and `{got}` was returned",
            expected="the same dict each time: what was counted before must not be forgotten",
        )


def _waits_until_quiet(t: Trial, demand, xpub: zmq.Socket, endpoint: str) -> None:
    counted: dict[bytes, int] = {}
    job = t.start(demand, xpub, 0.5, counted)
    for _ in range(3):
        _subscriber(t, endpoint, "hall")
        job.wait(0.15)
    if job.done or t.finish(job, seconds=2.0) != {b"hall": 3}:
        raise Wrong(
            "`demand` did not read until it was quiet",
            tried="three came for `hall`, 0.15 s apart; `quiet` was 0.5 s",
            seen=f"it returned `{job.value}`",
            expected="`{b'hall': 3}`: `quiet` is in seconds, and `poll` counts milliseconds",
        )
