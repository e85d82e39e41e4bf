"""Lesson 14: whom does this answer go to: numbers on questions, names on letters, answers when it is time."""

from __future__ import annotations

import itertools
import time

import zmq

from ..exercise import Wrong, exercise
from ..trial import Trial, expect_type, show, trial

PATIENCE = 0.5
SHORT, LONG = 0.1, 0.8  # seconds until an alarm


def _expect(got: object, wanted: object, said: str, *, tried: str, look: str = "") -> None:
    if got != wanted:
        raise Wrong(said, tried=tried, seen=f"`{show(got)}`", expected=f"`{show(wanted)}`", look=look)


def _named(t: Trial, endpoint: str, name: bytes) -> zmq.Socket:
    return t.connect(zmq.DEALER, endpoint, routing_id=name)


# ---- 14.1 ---------------------------------------------------------------------------------------------------


@exercise(
    "14.1",
    title="Many questions at once",
    hints=(
        "First send all of them, each with its place in the list as its number: `[b\"%d\" % number, question]`. "
        "Only then begin to receive.",
        "An answer is `number, answer`: put it into `answers[int(number)]`. Done is when each place has its answer, "
        "not when so many messages have come.",
        "Work out `end = time.monotonic() + patience` once; then `dealer.poll(...)` for the milliseconds that are "
        "left, until nothing is missing or `poll` returns 0.",
    ),
)
def answers_find_their_questions(ask_all) -> None:
    """`ask_all(ctx, endpoint, questions, patience)` has all questions under way and returns answers in their order."""
    questions = [b"how warm?", b"2 + 2", b"how warm?", b"", b"5", b"\xff\0"]
    with trial() as t:
        router, endpoint = t.bind(zmq.ROUTER)
        job = t.start(ask_all, t.ctx, endpoint, questions, 3.0)
        asked = _asked(t, router, questions)
        answers = {number: b"answer %d" % place for place, number in enumerate(asked)}
        numbers = list(asked)
        order = [*reversed(numbers[2:]), *numbers[:2]]
        for n, number in enumerate(order):
            t.send(router, *asked[number], number, answers[number])
            if n < 3:  # this one comes twice, the second time beside others
                t.send(router, *asked[number], number, answers[number])
            elif n == 3:
                t.send(router, *asked[order[0]], order[0], answers[order[0]])
        got = t.finish(job, seconds=2.0)
        tried = f"{len(questions)} questions; the answers came in another order, some of them twice"
        _listed(got, [answers[number] for number in asked], questions, tried)
    for _ in range(3):  # where the machine was so busy that the check itself fell silent, look again
        if _one_never_comes(ask_all, questions[:3]) < PATIENCE / 2:
            break


def _one_never_comes(ask_all, questions: list[bytes]) -> float:
    """One answer never comes, others come again and again; returns the longest pause between these."""
    with trial() as t:
        router, endpoint = t.bind(zmq.ROUTER)
        began = last = time.monotonic()
        job, pause = t.start(ask_all, t.ctx, endpoint, questions, PATIENCE), 0.0
        asked = _asked(t, router, questions)
        first, _, third = asked
        while not job.wait(0.05) and time.monotonic() < began + 3 * PATIENCE:
            for number in third, first:
                t.send(router, *asked[number], number, b"answer " + number)
            last, pause = time.monotonic(), max(pause, time.monotonic() - last)
        if not job.done:
            raise Wrong("`ask_all` goes on after its patience is over",
                        tried=f"`patience` was {PATIENCE} s; one answer never came, others came again and again",
                        seen=f"it was still waiting after {time.monotonic() - began:.1f} s",
                        expected="what is missing then is `None`; an answer that comes does not start the time anew")
        seconds, pause = job.ended - began, max(pause, job.ended - last)
        wanted = [b"answer " + first, None, b"answer " + third]
        _listed(t.finish(job), wanted, questions, "three questions; the second was never answered")
        if seconds < 0.7 * PATIENCE:
            raise Wrong("`ask_all` gave up too early", tried=f"`patience` was {PATIENCE} s, one answer was missing",
                        seen=f"it returned after {seconds:.2f} s", expected="it waits until the patience is over")
        return pause


def _asked(t: Trial, router: zmq.Socket, questions: list[bytes]) -> dict[bytes, list[bytes]]:
    """Number → what stood in front of it (who), in the order of the questions; none is answered yet."""
    found: list[list[bytes]] = []
    while len(found) < len(questions):
        found.append(t.receive(router, seconds=1.0, expected=f"all {len(questions)} questions, before any is answered"))
        if len(found[-1]) != 3:
            raise Wrong("a question is not two frames", seen=f"the server received `{show(found[-1][1:])}`",
                        expected="`number, question`; the server is no REP, so there is no empty frame")
    t.silence(router, seconds=0.03, expected="each question once")
    numbers = [number for _, number, _ in found]
    if len(set(numbers)) < len(numbers):
        raise Wrong("two questions have the same number", seen=f"the numbers are `{show(numbers)}`",
                    expected="a number of its own for each, also where two questions are the same")
    left = [(number, who, question) for who, number, question in found]
    asked: dict[bytes, list[bytes]] = {}
    for question in questions:
        place = next((each for each in left if each[2] == question), None)
        if place is None:
            raise Wrong("a question did not come as it was asked", tried=f"`{show(questions)}`",
                        seen=f"the server received `{show([body for _, _, body in left])}`")
        left.remove(place)
        asked[place[0]] = [place[1]]
    return asked


def _listed(got: object, wanted: list, questions: list[bytes], tried: str) -> None:
    expect_type(got, (list, tuple), "what `ask_all` returned")
    # Of two questions that are the same, either may have been sent first.
    twins = [n for n, question in enumerate(questions) if questions.count(question) > 1]
    same = list(got)
    if len(same) == len(wanted) and [same[n] for n in twins] == [wanted[n] for n in reversed(twins)]:
        for n in twins:
            same[n] = wanted[n]
    _expect(same, wanted, "the answers are not those to the questions, in their order", tried=tried,
            look="which question each answer belongs to; one that comes twice is still one answer")


# ---- 14.2 ---------------------------------------------------------------------------------------------------


@exercise(
    "14.2",
    title="A switchboard",
    hints=(
        "What Ann sends as `bob, hello` is received by a ROUTER as `ann, bob, hello`.",
        "What a ROUTER sends goes to the peer named in the first frame, which is taken off. So Bob's name has to "
        "stand first, and Ann's next.",
        "`sender, to, *frames = router.recv_multipart()`, then send `[to, sender, *frames]`, for ever.",
    ),
)
def calls_go_to_their_names(switchboard) -> None:
    """`switchboard(ctx, endpoint)` hands `to, frames…` on as `from, frames…`."""
    with trial() as t:
        endpoint = t.endpoint()
        t.start(switchboard, t.ctx, endpoint)
        peers = {name: _named(t, endpoint, name) for name in (b"ann", b"bob", b"\xff\1eve")}
        for name, peer in peers.items():  # a call to oneself: from then on the ROUTER knows the name
            t.send(peer, name, b"is this me?", expected="a ROUTER bound at `endpoint`")
            _called(t, peer, name, name, [b"is this me?"])
        ann, bob, eve = peers.values()
        t.send(ann, b"bob", b"hello")
        _called(t, bob, b"ann", b"bob", [b"hello"])
        for body in ([b"two", b"frames"], [b"", b"empty", b"", b"ones", b""], [b"\0\xff" * 40_000], [b"ann"]):
            t.send(bob, b"\xff\1eve", *body)
            _called(t, eve, b"bob", b"\xff\1eve", body)
        t.send(ann, b"zoe", b"nobody has this name")
        t.send(ann, b"bob", b"after that")
        _called(t, bob, b"ann", b"bob", [b"after that"])
        stranger = t.connect(zmq.DEALER, endpoint)
        t.send(stranger, b"ann", b"I have no name")
        who, *body = t.receive(ann, seconds=1.0, expected="a call from a peer whose name the ROUTER has made up")
        _expect(body, [b"I have no name"], "a call did not arrive as it was sent", tried="a peer without a name called")
        t.send(ann, who, b"but I can answer you")
        _called(t, stranger, b"ann", who, [b"but I can answer you"])
        for peer in peers.values():
            t.silence(peer, seconds=0.03, expected="each call comes to one peer, once")


def _called(t: Trial, peer: zmq.Socket, sender: bytes, to: bytes, body: list[bytes]) -> None:
    tried = f"`{show(sender)}` sent `{show([to, *body])}`"
    got = t.receive(peer, seconds=1.0, expected=f"{tried}: `{show(to)}` gets `{show([sender, *body])}`")
    _expect(got, [sender, *body], "a call did not arrive as `from, frames…`", tried=tried)


# ---- 14.3 ---------------------------------------------------------------------------------------------------


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
def each_alarm_in_its_time(alarms) -> None:
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
        _expect(early, [b"1", b"2", b"3", b"4"], "alarms did not ring in the order of their times",
                tried="four alarms, of which the last one set is the first to ring")
        _rings(t, dealer, [b"long"], LONG, began, "the long alarm")
        for socket in (req, dealer, other):
            t.silence(socket, seconds=0.03, expected="each alarm rings once")


def _set(t: Trial, caller: zmq.Socket, front: list[bytes], seconds: float) -> float:
    t.send(caller, *front, b"%d" % (seconds * 1000), expected="a ROUTER bound at `endpoint`")
    return time.monotonic()


def _rings(t: Trial, caller: zmq.Socket, front: list[bytes], seconds: float, since: float, who: str) -> None:
    tried = f"{who}: `{show([*front, b'%d' % (seconds * 1000)])}`"
    got = t.receive(caller, seconds=max(0.1, since + seconds + 0.5 - time.monotonic()),
                    expected=f"{tried}: the answer after {seconds * 1000:g} ms, whatever else is set")
    _expect(got, [*front, b"ring"], "an answer is not what came in, with `b\"ring\"` at its end", tried=tried)
    if time.monotonic() < since + 0.8 * seconds:
        raise Wrong("an alarm rang too early", tried=tried, seen=f"after {time.monotonic() - since:.2f} s")


# ---- 14.4 ---------------------------------------------------------------------------------------------------


@exercise(
    "14.4",
    title="A post office",
    hints=(
        "With `router_mandatory`, `send_multipart` raises a `zmq.ZMQError` when there is nobody of that name. Then "
        "the letter goes onto a shelf: a dictionary, name → list.",
        "If there is something on the shelf, a new letter goes behind it, even when its receiver has just come: else "
        "it would overtake. On hello, empty the shelf in order, oldest first.",
        "Put every letter on the shelf. Then, for a letter and for hello alike: `while shelf:` send `shelf[0]`, and "
        "only if that raised nothing, `shelf.pop(0)`. Let every error through whose `errno` is not `zmq.EHOSTUNREACH`.",
    ),
)
def no_letter_is_lost_and_none_overtakes(post_office) -> None:
    """`post_office(ctx, endpoint)` delivers letters in order, and keeps those for peers that are not there yet."""
    with trial() as t:
        endpoint = t.endpoint("inproc")  # there a peer that has connected is known at once
        t.start(post_office, t.ctx, endpoint)
        ann, bob = _named(t, endpoint, b"ann"), _named(t, endpoint, b"bob")
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
        zoe = _named(t, endpoint, b"zoe")  # she is there, and has not yet said hello
        t.send(ann, b"zoe", b"letter 3")
        _handled(t, ann, counter)
        t.send(zoe, b"")
        wanted = [[b"ann", b"letter %d" % n, b"", b"of several frames"] for n in range(2)]
        wanted += [[b"bob", b"letter 2"], [b"ann", b"letter 3"]]
        tried = "three letters for Zoe, who was not there; she connected, a fourth letter came, she said hello"
        got = [t.receive(zoe, seconds=1.0, expected=f"{tried}: now she gets all four") for _ in wanted]
        _expect(got, wanted, "Zoe did not get her letters as they were sent, in their order", tried=tried)
        t.send(zoe, b"")
        t.silence(zoe, seconds=0.1, expected="each letter once, also when she says hello again")
        _letter(t, ann, b"ann", zoe, b"zoe", [b"now you are here"])
        _letter(t, zoe, b"zoe", bob, b"bob", [b"thank you", b""])
        for peer in (ann, bob):
            t.silence(peer, seconds=0.02, expected="letters for others come to the others alone")


def _letter(t: Trial, sender: zmq.Socket, name: bytes, receiver: zmq.Socket, to: bytes, body: list[bytes]) -> None:
    t.send(sender, to, *body)
    _called(t, receiver, name, to, body)


def _handled(t: Trial, ann: zmq.Socket, counter: itertools.count) -> None:
    """A letter to herself: when it is back, all that she has sent before has been dealt with."""
    _letter(t, ann, b"ann", ann, b"ann", [b"note %d to myself" % next(counter)])
