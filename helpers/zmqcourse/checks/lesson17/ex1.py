"""17.1: a client that asks again with the same id, and for which a late answer is an answer."""

from __future__ import annotations

import random as randoms
import time

import zmq

from ...exercise import Late, Wrong, exercise
from ...trial import Job, Trial, expect_type, show, trial
from ..lesson07.servers import back, ends, gone
from .tries import Try, answer, next_try, of, same_id

WARM = b"how warm?"


@exercise(
    "17.1",
    title="Ask again, and take what comes late",
    hints=(
        "A late answer can only be heard on a socket that is still open, and only by somebody who does not throw it "
        "away: not a REQ that correlates. A DEALER sends and receives as it likes; the empty frame is yours then.",
        "One id for each request, made before its first try (`uuid4().bytes`). What comes in counts when it carries "
        "the id of the request that you are waiting for, whichever try it answers; everything else is put aside.",
        "For each wait: send, then `deadline = time.monotonic() + wait`, and in a loop "
        "`left = deadline - time.monotonic()`; when `left <= 0` or `dealer.poll(left * 1000)` says no, the next try. "
        "An answer with another id goes back to the top of that loop, with what is left of the time.",
    ),
)
def late_is_an_answer(persist) -> str:
    """`persist(ctx, endpoint, requests, waits)`: the answers in order, and None where none came in all its tries."""
    _answered_at_once(persist)
    _answered_late(persist)
    _old_answers_all_the_time(persist)
    _never_answered(persist)
    _the_server_goes_and_returns(persist)
    _nobody_there(persist)
    return (
        "two programs, equal requests, no id used twice; an answer to the first of three tries was taken, two more of "
        "them did no harm; four waits kept to the end; a server that died, and none at all"
    )


def _answered_at_once(persist) -> None:
    """Two programs ask the same, one of them twice; what one of them counts, the other does not know."""
    asked = {WARM: b"20", b"": b"", b"\x00\xff" * 20_000: b"\x00", b"pay": b"paid"}
    requests = [*asked, WARM, WARM]
    with trial(seconds=8) as t:
        router, endpoint = t.bind(zmq.ROUTER)
        ids: list[bytes] = []
        t.role(persist, endpoint, requests, [round(t.pace, 2)] * 3, name="another program")
        _all_at_once(t, router, requests, asked, ids)
        t.wait(lambda: t.stage.role("another program").gone, expected="`persist` returns when all is answered")
        for _ in range(2):
            job = t.start(persist, t.ctx, endpoint, requests, [round(t.pace, 2)] * 3)
            _all_at_once(t, router, requests, asked, ids)
            _returned(t, job, [asked[each] for each in requests], "every request was answered at once")
        t.silence(router, seconds=0.05, expected="once answered, a request is not asked again")


def _all_at_once(
    t: Trial, router: zmq.Socket, requests: list[bytes], asked: dict[bytes, bytes], ids: list[bytes]
) -> None:
    for request in requests:
        came = of(t, router, request, "the requests in their order, each when the one before it is answered")
        if came.id in ids:
            raise Wrong(
                "two requests carry the same id",
                tried="two programs asked the same, one of them in two calls, and some of it more than once",
                seen=f"`{show(came.id)}` came a second time, with `{show(came.request)}`",
                expected="every request has an id of its own, equal ones too, and no two programs ever make the same: "
                "`uuid4()`",
                look="lesson 07, find the fault: an id names an order",
            )
        ids.append(came.id)
        answer(t, router, came, asked[request])


def _answered_late(persist) -> None:
    """The answer to the first try comes in the third; the others, once the next request has been asked."""
    with trial(seconds=8) as t:
        router, endpoint = t.bind(zmq.ROUTER)
        waits = [round(each * t.pace, 2) for each in (0.1, 0.1, 1.2, 1.2)]
        job = t.start(persist, t.ctx, endpoint, [WARM, WARM], waits)
        first = of(t, router, WARM, "the request")
        tries = [first, *(of(t, router, WARM, "the request once more, after its wait") for _ in range(2))]
        for each in tries[1:]:
            same_id(first, each)
        answer(t, router, first, b"late")
        came = of(t, router, WARM, "the next request, for this one has its answer", seconds=3.0)
        if came.id == first.id:
            raise Late(
                "an answer to an older try was thrown away",
                tried=f"`{job.call}`: three tries were made, then the first of them was answered",
                seen="it asked a fourth time",
                expected="the next request: work that was done for this one is its answer, whichever try it belongs to",
                look="the request number that a correlating REQ puts on each try",
            )
        for each in tries:
            answer(t, router, each, b"once more")
        answer(t, router, came, b"in time")
        _returned(t, job, [b"late", b"in time"], "the first request was answered late, and then three times more")


def _never_answered(persist) -> None:
    with trial(seconds=8) as t:
        router, endpoint = t.bind(zmq.ROUTER)
        waits = [round(each * t.pace, 2) for each in (0.1, 0.3, 0.2, 0.4)]
        began = time.monotonic()
        job = t.start(persist, t.ctx, endpoint, [b"psst", b"well?"], waits)
        tries: list[Try] = []
        while len(tries) <= len(waits):
            came = next_try(t, router, f"`psst`, try {len(tries) + 1} of {len(waits)}, then the next request")
            _not_too_soon(job, time.monotonic() - began, waits[: len(tries)])
            _not_too_late(job, time.monotonic() - began, waits[: len(tries)])
            if came.request == b"well?":
                break
            tries.append(came)
            same_id(tries[0], came)
        if len(tries) != len(waits):
            many = f"{len(tries)} times" if came.request == b"well?" else "once more"
            raise Wrong(
                "that is not a try for each wait",
                tried=f"`{job.call}`, never answered",
                seen=f"it was asked {many}",
                expected=f"{len(waits)} waits, {len(waits)} tries; then `None`, and the next request",
            )
        for each in tries:
            answer(t, router, each, b"too late")
        answer(t, router, came, b"well")
        why = "the first request was answered only when it had been given up, the second at once"
        _returned(t, job, [None, b"well"], why)


def _not_too_soon(job: Job, seconds: float, waits: list[float]) -> None:
    """What comes after these waits cannot have come sooner, however busy the machine."""
    if seconds < 0.95 * sum(waits) - 0.01:
        raise Wrong(
            "it asked again before the wait was over",
            tried=f"`{job.call}`, not answered",
            seen=f"try {len(waits) + 1} came after {seconds:.2f} s",
            expected=f"after {sum(waits):.2f} s: each try has a wait of its own, and only its own answer ends that",
        )


def _not_too_late(job: Job, seconds: float, waits: list[float]) -> None:
    if seconds > 2 * sum(waits) + 0.5:
        raise Late(
            "it waited longer than it was told",
            tried=f"`{job.call}`, not answered",
            seen=f"try {len(waits) + 1} came after {seconds:.2f} s",
            expected=f"after {sum(waits):.2f} s",
        )


def _old_answers_all_the_time(persist) -> None:
    """What answers another request makes the wait neither shorter nor longer, and is not taken."""
    with trial(seconds=8) as t:
        router, endpoint = t.bind(zmq.ROUTER)
        wait = round(0.3 * t.pace, 2)
        job = t.start(persist, t.ctx, endpoint, [WARM, WARM], [wait] * 4)
        first = of(t, router, WARM, "the first request")
        began = time.monotonic()
        answer(t, router, first, b"20")
        second = of(t, router, WARM, "the second request")
        while not (came := router.poll(20)) and time.monotonic() - began < 8 * wait and not job.done:
            answer(t, router, first, b"20")
        waited = time.monotonic() - began
        if came:
            _not_too_soon(job, waited, [wait])
        if waited > 4 * wait:
            raise Late(
                "old answers made it wait longer",
                tried=f"`{job.call}`: the answer to the first request came again and again, the second had none",
                seen=f"after {waited:.1f} s it had not asked again",
                expected=f"after {wait:.2g} s: a deadline for the whole wait, whatever comes in meanwhile",
            )
        again = of(t, router, WARM, "the second request once more, whatever else came in")
        same_id(second, again)
        answer(t, router, again, b"21")
        _returned(t, job, [b"20", b"21"], "while it waited for the second answer, the first came again and again")


def _the_server_goes_and_returns(persist) -> None:
    with trial(seconds=8) as t:
        endpoint = t.endpoint("tcp")
        router = back(t, endpoint)
        job = t.start(persist, t.ctx, endpoint, [b"pay"], [round(0.3 * t.pace, 2)] * 8)
        first = of(t, router, b"pay", "the request")
        gone(router, endpoint)  # it took the request with it
        router = back(t, endpoint)
        again = of(t, router, b"pay", "the request again, to the server that has come back")
        same_id(first, again)
        answer(t, router, again, b"paid")
        _returned(t, job, [b"paid"], "the server died with the first try, and came back")


def _nobody_there(persist) -> None:
    with trial() as t:
        endpoint, waits = t.endpoint("tcp"), [0.1, 0.1]
        job = t.start(persist, t.ctx, endpoint, [b"one", b"two"], waits)
        if not ends(t, job, 2.0):
            raise Late(
                "`persist` hangs while no server is there",
                tried=f"`{job.call}`, and nobody bound there",
                seen=f"after 2 s it was still at {job.where()}",
                expected="`[None, None]`, after its waits",
            )
        _returned(t, job, [None, None], "nobody was there")
        _returned(t, t.start(persist, t.ctx, endpoint, [], waits), [], "no requests at all")


def _returned(t: Trial, job: Job, expected: list[bytes | None], why: str) -> None:
    value = t.finish(job, seconds=2.0)
    expect_type(value, (list, tuple), f"what `{job.name}` returned")
    if list(value) != expected:
        raise Wrong(
            f"`{job.name}` returned other answers",
            tried=f"`{job.call}`: {why}",
            seen=f"`{show(value)}`",
            expected=f"`{show(expected)}`: for each request what answers its own id",
        )


# --- the same for longer


def soak(persist, random: randoms.Random, seconds: float) -> str:
    """A server that answers at once, late, twice or never, at random; every answer must be one given to its request."""
    asked = tries = late = none = 0
    with trial(seconds=seconds + 60) as t:
        waits = [0.03 * t.pace, 0.06 * t.pace, 0.12 * t.pace]
        over = t.deadline(seconds)
        while not over.over:
            router, endpoint = t.bind(zmq.ROUTER)
            requests = [random.choice((WARM, b"", b"pay")) for _ in range(20)]
            job = t.start(persist, t.ctx, endpoint, requests, waits)
            given: dict[bytes, set[bytes]] = {}
            times: dict[bytes, int] = {}
            held: list[Try] = []
            while not job.done:
                if router.poll(2):
                    came = next_try(t, router, "a try")
                    tries += 1
                    given.setdefault(came.id, set())
                    times[came.id] = times.get(came.id, 0) + 1
                    fate = random.choice(("now", "now", "now", "twice", "late", "late", "never"))
                    late += fate == "late"
                    if fate == "late":
                        held.append(came)
                    else:
                        _give(t, router, [came] * {"now": 1, "twice": 2, "never": 0}[fate], given)
                if random.random() < 0.1:
                    _give(t, router, held, given)
                    held.clear()
            router.close(linger=0)
            value = list(t.finish(job))
            if len(requests) - value.count(None) <= len(given) < len(requests) == len(value):
                continue    # all tries of one were given up before this server was let go on: it tells nothing
            if len(value) != len(requests) or len(given) != len(requests) or max(times.values()) > len(waits):
                raise Wrong("requests or tries do not add up", seen=f"{len(value)} answers, {len(given)} ids")
            for got, right in zip(value, given.values(), strict=True):
                if got is not None and got not in right:
                    raise Wrong("an answer of another request was taken", seen=f"`{show(got)}`")
            asked, none = asked + len(requests), none + value.count(None)
    if not asked:
        raise Late("the check's server was never in time")
    return (
        f"{asked} requests in {tries} tries, {late} answers held back, some given twice: "
        f"{asked - none} answered right, {none} given up, none with another's answer"
    )


def _give(t: Trial, router: zmq.Socket, tries: list[Try], given: dict[bytes, set[bytes]]) -> None:
    """Answer each of these; no two answers are the same."""
    for each in tries:
        body = b"%d" % sum(map(len, given.values()))
        given[each.id].add(body)
        answer(t, router, each, body)
