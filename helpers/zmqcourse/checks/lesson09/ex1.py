"""09.1: a form for topics in which one name is never the beginning of another."""

from __future__ import annotations

from string import ascii_uppercase

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, show, trial

LONG = b"STATION" * 12
WANTED = (b"A", b"AB", b"ABCD", b"Z", LONG)
OTHERS = (
    *(bytes([first, second]) for first in b"AZ" for second in ascii_uppercase.encode() if [first, second] != [65, 66]),
    b"ABC", b"ABCDE", b"ABCDEFGHI", b"AAAA", b"B", b"BA", b"BAB", b"ZZZ", LONG + b"S", LONG[:-1], LONG * 2,
    b"A" * 11, b"A" * 101, b"ABCDEFGHIJKL", b"ABCD" * 26,
)  # fmt: skip
END = b"\xff\xfeend"  # the check's own topic: what was published before it has come before it, or does not come
VALUES = (b"21.5", b"A/B: C|D\0", b"", b"AB", b" \n\t", bytes(range(256)) * 2, bytes(100_000))


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
def one_station_only(publish, subscribe, receive) -> str:
    """`publish(pub, station, value)`, `subscribe(sub, station)`, `receive(sub)` keep stations apart."""
    with trial(seconds=6) as t:
        pub, endpoint = t.bind(zmq.XPUB, sndhwm=0, xpub_verbose=True)
        subs = {station: _subscribed(t, pub, endpoint, subscribe, station) for station in WANTED}
        for station in OTHERS:
            t.run(publish, pub, station, b"not for you")
        for station in WANTED:
            t.run(publish, pub, station, b"for you")
        pub.send(END)
        for station, sub in subs.items():
            _only_its_own(t, sub, station)
        sent = [(station, value) for value in VALUES for station in WANTED]
        for station, value in sent:
            t.run(publish, pub, station, value)
        for station, sub in subs.items():
            for value in VALUES:
                _received(t, receive, sub, (station, value))
            t.silence(sub, seconds=0.02, expected=f"`{show(station)}` only, and each value once")
    return (
        f"values for {len(OTHERS) + len(WANTED)} stations, five of them wanted; {len(sent)} values of 0 to "
        f"{max(map(len, VALUES)):,} bytes, all of them came back; nothing strange has travelled"
    )


def _subscribed(t: Trial, pub: zmq.Socket, endpoint: str, subscribe, station: bytes) -> zmq.Socket:
    sub = t.connect(zmq.SUB, endpoint, rcvhwm=0)
    t.run(subscribe, sub, station)
    sub.subscribe(END)
    event = t.receive(pub, expected="the subscriptions of a socket")
    if event == [b"\1" + END]:
        raise Wrong(
            "`subscribe` has not subscribed to anything",
            tried=f"`subscribe(sub, {show(station)})`",
            expected="it calls `sub.subscribe(…)`",
        )
    while t.receive(pub, expected="the subscriptions of a socket") != [b"\1" + END]:
        continue
    if event == [b"\1"]:
        raise Wrong(
            "that is a subscription to everything",
            tried=f"`subscribe(sub, {station!r})`",
            expected="only what is for this station travels to the socket",
        )
    return sub


def _only_its_own(t: Trial, sub: zmq.Socket, station: bytes) -> None:
    came = []
    while (frames := t.receive(sub, expected="what is published")) != [END]:
        came.append(frames)
    if not came:
        raise Wrong(
            f"a message for its own station did not reach the socket that wants `{show(station)}`",
            tried="`subscribe(sub, station)`, then `publish(pub, station, value)`",
            expected="topics are published in the form in which they are subscribed to",
        )
    strange = next((frames for frames in came if b"not for you" in b"".join(frames)), None)
    if strange is not None:
        raise Wrong(
            f"a message for another station travelled to the socket that wants `{show(station)}`",
            tried=f"values were published for {len(OTHERS)} other stations: `AA`, `ABC`, `ABCDE`, `BA`, `AZ` …",
            seen=f"it was sent `{show(strange)}`",
            expected="nothing: the subscription itself keeps other stations away",
            look="the table of prefixes: `room1` is the beginning of `room10`",
        )


def _received(t: Trial, receive, sub: zmq.Socket, expected: tuple[bytes, bytes]) -> None:
    tried = f"`publish(pub, {show(expected[0])}, {show(expected[1])})`"
    t.wait(lambda: sub.poll(0), seconds=1.0, expected=f"{tried} reaches its subscriber")
    got = t.run(receive, sub, seconds=1.0)
    if not isinstance(got, (tuple, list)) or tuple(got) != expected:
        raise Wrong(
            "`receive` did not return what was published",
            tried=f"{tried}, then `receive(sub)`",
            seen=f"it returned `{show(got)}`",
            expected=f"`({show(expected[0])}, {show(expected[1])})`: the value may hold any bytes, your delimiter too",
        )
