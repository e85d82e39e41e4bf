"""Exercise 14.3: answers when it is time."""

from __future__ import annotations

import time

import zmq

from ...exercise import Late, Wrong, exercise, show
from ...trial import Trial, trial
from .calls import expect

SHORT, LONG = 0.1, 0.8  # seconds until an alarm
BACKLOG = 3_000  # requests that wait when the answer begins, so that there is always one


@exercise(
    "14.3",
    title="Answer when it is time",
    hints=(
        "`*envelope, after = router.recv_multipart()` takes the last frame off, however many there are. What is left "
        "is all you need to answer later.",
        "Keep a list of `(when, envelope)`, with `when` in `time.monotonic()`'s seconds. In each round send what is "
        "due, and take it off the list.",
        "Between two rounds `router.poll(...)`: until the next alarm is due, or any time if there is none. If it "
        "returns something, receive one request.",
    ),
)
def each_alarm_in_its_time(alarms) -> str:
    """`alarms(ctx, endpoint)` answers each request after as many milliseconds as its last frame says."""
    with trial() as t:
        endpoint = t.endpoint()
        t.start(alarms, t.ctx, endpoint)
        req, dealer, other = (t.connect(kind, endpoint) for kind in (zmq.REQ, zmq.DEALER, zmq.DEALER))
        _set(t, req, [], SHORT)
        _rings(t, req, [], SHORT, time.monotonic(), "a request by a REQ")
        began = _set(t, dealer, [b"long"], LONG)
        callers = {b"no envelope": (dealer, []), b"a number": (dealer, [b"7"]), b"a REQ": (req, []),
                   b"behind a broker": (other, [b"\0\1\2\3\4", b"", b"9", b""])}
        for name, (caller, front) in callers.items():
            since = _set(t, caller, front, SHORT)
            _rings(t, caller, front, SHORT, since, f"{name.decode()}, while a long alarm is set")
        for n in (4, 2, 3, 1):  # the last one set is the first to ring
            _set(t, other, [b"%d" % n], n * SHORT)
        early = [t.receive(other, seconds=1.0, expected="four alarms, set one after the other")[0] for _ in range(4)]
        expect(early, [b"1", b"2", b"3", b"4"], "alarms did not ring in the order of their times",
                tried="four alarms, of which the last one set is the first to ring")
        _rings(t, dealer, [b"long"], LONG, began, "the long alarm")
        for socket in (req, dealer, other):
            t.silence(socket, seconds=0.03, expected="each alarm rings once")
        for n in (2, 1):  # two alarms of one caller, alike in all that stands in front
            twins = _set(t, dealer, [], n * SHORT)
        for n in (1, 2):
            _rings(t, dealer, [], n * SHORT, twins, "two alarms of one caller")
    busy = _rings_while_requests_come(alarms)
    return f"{3 + len(callers) + 6} alarms, each in its time, one of them while {busy:,} other requests came"


def _rings_while_requests_come(alarms) -> int:
    """How many requests came until the alarm rang; there is always one waiting, from the beginning."""
    with trial() as t:
        endpoint = t.endpoint("inproc")
        others = t.connect(zmq.DEALER, endpoint, sndhwm=0)
        for _ in range(BACKLOG):
            others.send(b"600000")
        t.start(alarms, t.ctx, endpoint)
        caller = t.connect(zmq.DEALER, endpoint)
        since, count = _set(t, caller, [b"amid many"], SHORT), BACKLOG
        while not caller.poll(0):
            for _ in range(50):
                others.send(b"600000")
            count += 50
            if time.monotonic() > since + 10 * SHORT * t.pace:
                raise Late("an alarm does not ring while requests keep coming",
                           tried=f"an alarm of {SHORT * 1000:g} ms, and all the time requests for alarms much later",
                           seen=f"nothing after {time.monotonic() - since:.1f} s and {count:,} requests",
                           expected="each alarm rings when it is time, whatever else comes")
        _rings(t, caller, [b"amid many"], SHORT, since, "an alarm while requests keep coming")
    return count


def _set(t: Trial, caller: zmq.Socket, front: list[bytes], seconds: float) -> float:
    t.send(caller, *front, b"%d" % (seconds * 1000), expected="a ROUTER bound at `endpoint`")
    return time.monotonic()


def _rings(t: Trial, caller: zmq.Socket, front: list[bytes], seconds: float, since: float, who: str) -> None:
    tried = f"{who}: `{show([*front, b'%d' % (seconds * 1000)])}`"
    got = t.receive(caller, seconds=max(0.1, since + seconds + 0.5 - time.monotonic()),
                    expected=f"{tried}: the answer after {seconds * 1000:g} ms, whatever else is set")
    expect(got, [*front, b"ring"], "an answer is not what came in, with `b\"ring\"` at its end", tried=tried)
    if time.monotonic() < since + 0.8 * seconds:
        raise Wrong("an alarm rang too early", tried=tried, seen=f"after {time.monotonic() - since:.2f} s")
