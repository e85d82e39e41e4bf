"""What stands on both sides of a middle in lesson 10: publishers that are told, subscribers that hear."""

from __future__ import annotations

from itertools import count

import zmq

from ...exercise import Wrong
from ...trial import Trial, show

_marks = count()
SOON = 1.5  # seconds in which something has to come through a middle that is there


def subscriber(t: Trial, endpoint: str, *topics: bytes | str) -> zmq.Socket:
    sub = t.connect(zmq.SUB, endpoint, rcvhwm=0)
    for topic in topics:
        sub.subscribe(topic)
    return sub


def leave(*subs: zmq.Socket) -> None:
    for sub in subs:
        sub.close(linger=0)


def drained(sub: zmq.Socket, milliseconds: int = 150) -> list[list[bytes]]:
    """What comes until nothing has come for so long."""
    messages = []
    while len(messages) < 1000 and sub.poll(milliseconds):
        messages.append(sub.recv_multipart())
    return messages


def told(t: Trial, wanted: set[bytes], *publishers: zmq.Socket, why: str, everything: bool = False) -> None:
    """Each publisher must be told these events, in any order; what it knows already may come again. `everything`:
    somebody wants all there is."""
    for number, pub in enumerate(publishers, 1):
        expected = " and ".join(f"`{event!r}`" for event in sorted(wanted))
        heard: set[bytes] = set()
        while not heard >= wanted:
            seen = f"publisher {number} has heard `{heard or 'nothing'}`"
            heard.add(t.receive(pub, seconds=SOON, expected=f"{expected} at each publisher: {why}. {seen}")[0])
            if b"\1" in heard and not everything:
                raise Wrong(
                    "the forwarder asked the publishers for everything",
                    tried=why,
                    seen=f"the publishers heard `{heard}`",
                    expected=f"{expected}: only what somebody downstream wants travels",
                )


def told_of_leaving(t: Trial, wanted: set[bytes], down: str, *publishers: zmq.Socket, why: str) -> None:
    """Each publisher must be told that these have gone. Somebody comes after them, twice: what has not been said by
    then will not be."""
    heard: list[set[bytes]] = [set() for _ in publishers]
    for _ in range(2):
        topic = b"mark %d" % next(_marks)
        mark = subscriber(t, down, topic)
        for known, pub in zip(heard, publishers, strict=True):
            while b"\1" + topic not in known:
                known.add(t.receive(pub, seconds=SOON, expected=f"what is wanted, at each publisher: {why}")[0])
        leave(mark)
    for number, known in enumerate(heard, 1):
        if not known >= wanted:
            raise Wrong(
                "the publishers were not told that nobody listens any more",
                tried=why,
                seen=f"publisher {number} heard `{sorted(each for each in known if b'mark' not in each)}`",
                expected=" and ".join(f"`{event!r}`" for event in sorted(wanted)),
            )


def passed(t: Trial, pub: zmq.Socket, message: list[bytes], *subs: zmq.Socket) -> None:
    """What this publisher publishes must come to each of these subscribers, as it was and once."""
    t.send(pub, *message)
    for sub in subs:
        got = t.receive(sub, seconds=SOON, expected=f"`{show(message)}` at each of {len(subs)} subscribers")
        if got != message:
            raise Wrong(
                "a message did not come through as it was",
                tried=f"`{show(message)}` was published",
                seen=f"the subscriber got `{show(got)}`",
                expected="all its frames, in one message: `send_multipart(recv_multipart())`",
            )
        t.silence(sub, seconds=0.02, expected="each message once")


def greeted(t: Trial, sub: zmq.Socket, expected: list[list[bytes]], tried: str) -> None:
    """This latecomer must get just these messages, in any order, once each."""
    count = len(expected)
    got = [t.receive(sub, seconds=SOON, expected=f"{tried}: it gets `{show(expected[0])}` at once")]
    while len(got) < count:
        got.append(t.receive(sub, seconds=SOON, expected=f"{tried}: it gets {count} messages; {len(got)} have come"))
    got += drained(sub, 60)
    if sorted(got) != sorted(expected):
        raise Wrong(
            "a latecomer did not get the newest message of what it asked for, once",
            tried=tried,
            seen=f"it got `{show(got)}`",
            expected=f"`{show(expected)}`",
        )
