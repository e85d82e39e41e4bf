"""Lesson 09: topics, subscriptions that have to arrive, and what a reader makes of what it hears."""

from __future__ import annotations

import time

import zmq

from ..exercise import Wrong, exercise
from ..trial import Trial, expect_type, trial

QUIET = 0.25  # seconds of silence after which a reader's answer has to return
AT_ONCE = (
    "all messages, at once when the last subscriber is there. "
    "(Of a prefix that it knows already, an XPUB tells you again only with `xpub_verbose`)"
)


@exercise(
    "09.1",
    title="A without AB",
    hints=(
        "A prefix does not know where a name ends. Which byte, that is in no station's name, could say so?",
        'Publish under `station + b"/"`, and subscribe to just that: `A/` is not the beginning of `AB/`.',
        'Two frames, `[station + b"/", value]`, keep the value whole, whatever is in it. '
        "`topic[:-1]` is the station again.",
    ),
)
def one_station_only(publish, subscribe, receive) -> None:
    """`publish(pub, station, value)`, `subscribe(sub, station)`, `receive(sub)` keep stations apart."""
    with trial() as t:
        pub, endpoint = t.bind(zmq.XPUB)
        a, ab = (_subscribed(t, pub, endpoint, subscribe, station) for station in (b"A", b"AB"))
        for station in (b"ABC", b"B", b"BA", b"AA"):
            t.run(publish, pub, station, b"not for you")
        for sub, station in ((a, b"A"), (ab, b"AB")):
            if sub.poll(200):
                raise Wrong(
                    f"a message for another station travelled to the socket that wants `{station!r}`",
                    tried="values were published for `ABC`, `B`, `BA` and `AA`",
                    seen=f"it was sent `{sub.recv_multipart()}`",
                    expected="nothing: the subscription itself keeps other stations away",
                    look="the table of prefixes: `room1` is the beginning of `room10`",
                )
        values = [b"21.5", b"A/B: C|D\0", b"", b"AB"]
        sent = [(station, value) for value in values for station in (b"AB", b"A")]
        for station, value in sent:
            t.run(publish, pub, station, value)
        for sub, wanted in ((a, b"A"), (ab, b"AB")):
            for value in values:
                _received(t, receive, sub, (wanted, value))
            t.silence(sub, seconds=0.05, expected=f"`{wanted!r}` only, and each value once")


def _subscribed(t: Trial, pub: zmq.Socket, endpoint: str, subscribe, station: bytes) -> zmq.Socket:
    sub = t.connect(zmq.SUB, endpoint)
    t.run(subscribe, sub, station)
    asked = f"a subscription: `subscribe(sub, {station!r})` calls `sub.subscribe(…)`"
    event = t.receive(pub, seconds=1.0, expected=asked)
    if event == [b"\1"]:
        raise Wrong(
            "that is a subscription to everything",
            tried=f"`subscribe(sub, {station!r})`",
            expected="only what is for this station travels to the socket",
        )
    return sub


def _received(t: Trial, receive, sub: zmq.Socket, expected: tuple[bytes, bytes]) -> None:
    if not sub.poll(1000):
        raise Wrong(
            "a message for its own station did not reach the subscriber",
            tried=f"`subscribe(sub, {expected[0]!r})`, then `publish(pub, {expected[0]!r}, {expected[1]!r})`",
            expected="topics are published in the same form in which they are subscribed to",
        )
    got = t.run(receive, sub, seconds=1.0)
    if not isinstance(got, (tuple, list)) or tuple(got) != expected:
        raise Wrong(
            "`receive` did not return what was published",
            tried=f"`publish(pub, {expected[0]!r}, {expected[1]!r})`, then `receive(sub)`",
            seen=f"it returned `{got!r}`",
            expected=f"`{expected!r}`: the value may hold any bytes, your delimiter among them",
        )


@exercise(
    "09.2",
    title="Lose no first message",
    hints=(
        "Not a PUB: which socket publishes, and can be read as well? What does it read?",
        "Receive one subscription for each subscriber before you send. Two may want the same topic: "
        "how do you hear of both?",
        "An XPUB with `pub.xpub_verbose = True`; bind it, then `pub.recv()` once for each subscriber.",
    ),
)
def nothing_is_lost_at_the_start(publish_when_heard) -> None:
    """`publish_when_heard(ctx, endpoint, subscribers, messages)` sends when all have subscribed, at once."""
    _all_hear(publish_when_heard, [("news/", 0.0), ("", 0.1), ("news/", 1.2)])  # no sleep is long enough here
    _all_hear(publish_when_heard, [("", 0.0), ("", 0.0), ("", 0.0)])  # and here each one is too long


def _all_hear(publish_when_heard, subscribers: list[tuple[str, float]]) -> None:
    """Subscribers (topic, seconds from the start) must all hear all, and none before the last has come."""
    messages = [[b"news/", b"%d" % number] for number in range(200)]
    with trial() as t:
        endpoint = t.endpoint("tcp")
        began = time.monotonic()
        job = t.start(publish_when_heard, t.ctx, endpoint, len(subscribers), messages)
        subs: list[zmq.Socket] = []
        for topic, seconds in subscribers:
            while (left := began + seconds - time.monotonic()) > 0:
                _nothing_yet(subs, left, f"{len(subs)} of {len(subscribers)} had subscribed")
            sub = t.socket(zmq.SUB, rcvhwm=0)
            sub.subscribe(topic)
            sub.connect(endpoint)
            subs.append(sub)
        for i, sub in enumerate(subs):
            first = t.receive(sub, seconds=1.3, expected=AT_ONCE)
            if first != messages[0]:
                raise Wrong(
                    f"subscriber {i + 1} of {len(subs)} did not hear the first message first",
                    seen=f"the first that it heard is `{first}`",
                    expected=f"`{messages[0]}`",
                )
            rest = t.receive_many(sub, len(messages) - 1, expected=f"all {len(messages)}, at each subscriber")
            if rest != messages[1:]:
                raise Wrong("not all messages, in order and each once", seen=f"`{_short(rest)}`")
        t.finish(job, seconds=1.0)
        for sub in subs:
            t.silence(sub, seconds=0.02, expected="each message once")


def _nothing_yet(subs: list[zmq.Socket], seconds: float, when: str) -> None:
    poller = zmq.Poller()
    for sub in subs:
        poller.register(sub, zmq.POLLIN)
    if not subs:
        time.sleep(min(seconds, 0.05))
    elif found := poller.poll(min(seconds, 0.05) * 1000):
        raise Wrong(
            "it was published before all subscribers were there",
            seen=f"`{found[0][0].recv_multipart()}` arrived when {when}",
            expected="the first message waits for the last subscription",
        )


@exercise(
    "09.3",
    title="The newest of each topic",
    hints=(
        "`sub.poll(milliseconds)` says whether something comes in that time. How often do you ask?",
        "A dict with the topic as key: what happens to the old value when you set it again?",
        "`while sub.poll(quiet * 1000):` receive two frames, `values[topic] = value`. "
        "After the loop, return the dict.",
    ),
)
def only_the_newest_values(newest) -> None:
    """`newest(sub, quiet)` reads until nothing has come for `quiet` seconds: `{topic: last value}`."""
    with trial() as t:
        pub, sub = _meet(t)
        began = time.monotonic()
        _dict_is(t.run(newest, sub, QUIET, seconds=1.5), {}, "`newest(sub, 0.25)` when nothing is there")
        if time.monotonic() - began < QUIET * 0.8:
            raise Wrong(
                "it did not wait until it was quiet",
                tried=f"`newest(sub, {QUIET})` when nothing is there",
                seen=f"it returned after {time.monotonic() - began:.3f} s",
                expected=f"after {QUIET} s: `quiet` is in seconds, and `poll` counts milliseconds",
            )
        pub.send_multipart([b"attic", b"cold"])
        for number in range(2000):
            pub.send_multipart([(b"hall", b"kitchen", b"cellar")[number % 3], b"%d" % number])
        pub.send_multipart([b"hall", b""])
        expected = {b"attic": b"cold", b"hall": b"", b"kitchen": b"1999", b"cellar": b"1997"}
        _dict_is(t.run(newest, sub, QUIET), expected, "2002 messages of four topics waited")
    with trial() as t:
        pub, sub = _meet(t)
        job = t.start(newest, sub, 0.4)
        for number in range(6):
            pub.send_multipart([b"hall", b"%d" % number])
            time.sleep(0.12)
        _dict_is(t.finish(job), {b"hall": b"5"}, "six messages came, 0.12 s apart; `quiet` was 0.4 s")


def _meet(t: Trial, **options) -> tuple[zmq.Socket, zmq.Socket]:
    """An XPUB and a SUB that hears it, with no limits unless some are given."""
    options = {"hwm": 0} | options
    pub, endpoint = t.bind(zmq.XPUB, options.get("endpoint", "tcp://127.0.0.1:*"), sndhwm=options["hwm"])
    sub = t.connect(zmq.SUB, endpoint, rcvhwm=options["hwm"])
    sub.subscribe("")
    t.receive(pub)
    return pub, sub


def _dict_is(got: object, expected: dict, tried: str) -> None:
    expect_type(got, dict, "what your function returned")
    if got != expected:
        raise Wrong(
            "that is not the right dict",
            tried=tried,
            seen=f"it returned `{_short(got)}`",
            expected=f"`{expected}`",
        )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 160 else text[:120] + " … " + text[-20:]


@exercise(
    "09.4",
    title="What did I miss?",
    hints=(
        "Two dicts by topic: the last number that you heard, and how many are missing so far.",
        "With 4 before and 7 now, 5 and 6 are missing: `number - last - 1`. "
        "What does this give for the first one, and after a restart?",
        "For the first of a topic take `number - 1` as the last one. "
        "`max(0, skipped)` takes care of a publisher that began again.",
    ),
)
def gaps_are_counted(missed) -> None:
    """`missed(sub, quiet)` reads until it is quiet: by topic, how many are missing between those heard."""
    stories = [
        ("a gap in one topic of two", "hall 0, attic 7, hall 1, hall 5, attic 8", {"hall": 3, "attic": 0}),
        ("you joined late", "hall 40, hall 41, hall 43", {"hall": 1}),
        ("the publisher started again", "hall 7, hall 8, hall 0, hall 1, hall 4", {"hall": 2}),
        ("started again at a number that was heard before", "hall 3, hall 3, hall 9", {"hall": 5}),
    ]
    for what, story, expected in stories:
        with trial() as t:
            pub, sub = _meet(t)
            for message in story.split(", "):
                pub.send_multipart([*message.encode().split(), b"21.5"])
            wanted = {topic.encode(): count for topic, count in expected.items()}
            _dict_is(t.run(missed, sub, QUIET), wanted, f"{what}: `{story}`")
    _real_drops(missed)


def _real_drops(missed) -> None:
    """A burst into marks of 10 and 10; after some were read, one more of each topic goes through."""
    topics = (b"hall", b"attic")
    with trial() as t:
        pub, sub = _meet(t, endpoint="inproc://house", hwm=10)
        for number in range(50):
            for topic in topics:
                pub.send_multipart([topic, b"%d" % number, b"21.5"])
        heard = [sub.recv_multipart() for _ in range(14)]
        t.wait(lambda: pub.poll(0, zmq.POLLOUT), expected="room for more", seconds=1)
        for topic in topics:
            pub.send_multipart([topic, b"50", b"21.5"])
        last = int(heard[-1][1]) + 3  # of the twenty that fitted, six still wait: three of each topic
        expected = dict.fromkeys(topics, 50 - last - 1)
        tried = "100 messages in a burst, into marks of 10 and 10; then number 50 of each topic"
        _dict_is(t.run(missed, sub, QUIET), expected, tried)
