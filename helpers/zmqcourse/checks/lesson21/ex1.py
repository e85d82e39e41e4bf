"""21.1: one server at a time, and stay with the one that answers."""

from __future__ import annotations

import random as randoms
import time
from collections import Counter

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial
from .street import NAMES, Street, Try


@exercise(
    "21.1",
    title="Stay with whoever answers",
    hints=(
        "What has to outlive a request? Only the place in the list of the server that answered last: a number that is "
        "made before the loop over the requests, and not inside it.",
        "Two loops: for each request, at most two rounds of tries. After a try without an answer the place goes one "
        "further, `(place + 1) % len(endpoints)`, and it stays there for the next request, too.",
        "A socket of its own for each try, closed with `linger = 0`, leaves nothing behind: no old answer, no old "
        "request. Wait until a deadline, and not for so long after each message; what carries another number is put "
        "aside. (The lesson's `ask` takes the first thing that comes, so look at what it does with a wrong number.)",
    ),
)
def it_stays_with_whoever_answers(sticky) -> str:
    """`sticky(ctx, endpoints, requests, patience)`: the answers, None where nobody gave one in two rounds."""
    for scene in (
        _all_there,
        _one_after_the_other_dies,
        _nobody_answers,
        _old_numbers,
        _only_old_numbers,
        _comes_back,
    ):
        with trial(seconds=14) as t:
            scene(t, sticky)
    return (
        "three servers died one after the other, and each cost one patience; old numbers answered nothing; two rounds "
        "for nobody, and on; a server that came back was handed nothing old"
    )


def _echo(came: Try) -> list[bytes]:
    return [b"done: " + came.request if came.request else b""]


def _done(requests: list[bytes]) -> list[bytes]:
    return [b"done: " + request if request else b"" for request in requests]


def _all_there(t: Trial, sticky) -> None:
    street = Street(t)
    requests = [b"photo", b"photo", b"", b"\x00\xff", b"photo" * 20_000, b"0"]
    street.begins(sticky, requests)
    value = street.plays(_echo)
    tried = f"{len(requests)} requests, some equal, one of them empty and its answer, too; all three servers answered"
    others = [came for came in street.tries if came.place]
    if others:
        said = "another server was asked although the first one answers"
        raise street.complaint(said, tried=tried, seen=f"{len(others)} tries at others", expected="one at a time")
    street.answers(value, _done(requests), tried)
    numbers = Counter(came.number for came in street.tries)
    if len(numbers) != len(requests):
        said, seen = "two requests have the same number", f"{len(numbers)} numbers for {len(requests)} requests"
        raise street.complaint(said, tried=tried, seen=seen, expected="a number of its own each")


def _one_after_the_other_dies(t: Trial, sticky) -> None:
    """First, second and third fall silent in turn; then the first answers again."""
    requests = [b"%d" % number for number in range(12)]
    street = Street(t)
    falls = {0: 0, 1: 4, 2: 8}  # server → the request at which it falls silent; the first one is back by then

    def fate(came: Try) -> list[bytes] | None:
        number = int(came.request) if came.request.isdigit() else 0
        silent = number >= falls[came.place] and not (came.place == 0 and number >= 8)
        return None if silent else _echo(came)

    street.begins(sticky, requests)
    value = street.plays(fate)
    tried = "the first server was silent; the second fell silent at request 4, the third at request 8"
    wanted = [(0, 0), (0, 1), (1, 1), (2, 1), (3, 1), (4, 1), (4, 2), (5, 2), (6, 2), (7, 2), (8, 2), (8, 0),
              (9, 0), (10, 0), (11, 0)]  # fmt: skip
    got = [(int(came.request), came.place) for came in street.tries]
    for before, mine, right in zip([(-1, -1), *got], got, wanted, strict=False):
        if mine != right:
            raise street.complaint(_out_of_turn(before, mine, right), tried=tried, seen=_where(mine),
                                   expected=_where(right))  # fmt: skip
    street.answers(value, _done(requests), tried)
    if len(got) != len(wanted):
        said = "a server is asked that need not be"
        raise street.complaint(said, tried=tried, seen=f"{len(got)} tries", expected=f"{len(wanted)}")
    waits = [after.at - came.at for came, after in zip(street.tries, street.tries[1:], strict=False)
             if came.request == after.request]  # fmt: skip
    if min(waits) < 0.7 * street.patience:
        raise street.complaint(
            "it did not wait for as long as it was to",
            tried=f"{tried}; a patience of {street.patience:g} s",
            seen=f"{min(waits):.2f} s until the next server was asked",
        )


def _out_of_turn(before: tuple[int, int], mine: tuple[int, int], right: tuple[int, int]) -> str:
    if mine[0] != right[0]:
        return "a request is asked again that was answered" if mine[0] < right[0] else "a request was given up too soon"
    if mine[0] == before[0]:
        return "the server after the silent one was not asked next"
    return "a new request does not begin with the server that answered last"


def _where(each: tuple[int, int]) -> str:
    return f"request {each[0]} at {NAMES[each[1]]}"


def _nobody_answers(t: Trial, sticky) -> None:
    """Nobody has an answer to the one in the middle, which begins with the second server."""
    requests = [b"0", b"nobody knows", b"2"]
    street = Street(t)
    street.begins(sticky, requests)

    def fate(came: Try) -> list[bytes] | None:
        silent = came.request == requests[1] or (came.request == requests[0] and came.place == 0)
        return None if silent else _echo(came)

    value = street.plays(fate, most=15)
    tried = "the second server answered the first of three requests, nobody the second, and all the third at once"
    rounds = Counter(came.place for came in street.tries if came.request == requests[1])
    if rounds != Counter({0: 2, 1: 2, 2: 2}):
        seen = ", ".join(f"{rounds[place]} tries at {name}" for place, name in enumerate(NAMES))
        raise street.complaint(
            "a request that nobody answers had not just two rounds", tried=tried, seen=seen, expected="two at each"
        )
    street.answers(value, [b"done: 0", None, b"done: 2"], tried)


def _old_numbers(t: Trial, sticky) -> None:
    """Before each answer comes one to another number."""
    requests = [b"%d" % number for number in range(5)]
    street = Street(t)

    def fate(came: Try) -> list[bytes] | None:
        older = [each.number for each in street.tries if each.number != came.number]
        street.send(came, older[-1] if older else b"no number", b"old")
        return _echo(came)

    street.begins(sticky, requests)
    value = street.plays(fate, seconds=12)
    tried = "each answer came after one that carried the number of the request before it"
    if value is not None and b"old" in list(value):
        raise Wrong("an answer was taken that carried another number", tried=tried, seen=f"`{show(value)}`")
    if value is not None and None not in list(value):  # who has one try a socket may have heard only the old ones
        street.answers(value, _done(requests), tried)


def _only_old_numbers(t: Trial, sticky) -> None:
    """The first server goes on and on giving answers to something else."""
    street = Street(t)
    street.begins(sticky, [b"photo"])
    first: list[Try] = []
    sent = [0.0, 0.0]  # how many, and when the last one

    def fate(came: Try) -> list[bytes] | None:
        if came.place:
            return _echo(came)
        first.append(came)
        return None

    def fed() -> bool:
        street.look(fate)
        if first and time.monotonic() > sent[1] + street.patience / 4:
            street.send(first[0], b"another", b"old")
            sent[:] = sent[0] + 1, time.monotonic()
        return sent[0] > 20 or any(came.place for came in street.tries)

    expected = "the next server, when the patience is over"
    t.wait(fed, seconds=8, expected=expected, said="no other server was asked")
    if sent[0] > 20:
        raise Wrong(
            "each message that comes gives a server a new patience",
            tried="the first server gave answers to another number, four in a patience",
            seen="21 of them, and no other server was asked",
            expected="a patience ends at its time, whatever comes",
        )
    street.answers(street.plays(fate), [b"done: photo"], "the first server answered only what nobody had asked")


def _comes_back(t: Trial, sticky) -> None:
    """Nobody is at the first endpoint; somebody comes when it has been passed over."""
    requests = [b"%d" % number for number in range(24)]
    street = Street(t, away=(0,))

    def fate(came: Try) -> list[bytes] | None:
        if came.place == 0:
            raise Wrong(
                "a server that came back was handed an old request",
                tried="nobody was at the first endpoint; the second server answered; then the first was there again",
                seen=f"request {int(came.request)} came to it, which the second had answered long ago",
                expected="what was for a dead server goes with its try: close the socket, with linger 0",
            )
        if came.request == b"3":
            street.comes(0)
        time.sleep(street.patience / 8)
        return _echo(came)

    street.begins(sticky, requests)
    value = street.plays(fate, seconds=12)
    street.answers(value, _done(requests), "nobody was at the first endpoint for a while")


# --- the same for longer


def soak(sticky, random: randoms.Random, seconds: float) -> str:
    """Servers that fall silent and answer again at random: nobody is asked out of turn. A call in which the check's
    servers were kept waiting tells nothing, and is not counted."""
    calls = asked = tries = 0
    with trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            street = Street(t)
            requests = [b"%d" % number for number in range(random.randrange(1, 40))]
            silent = {(n, place): random.random() < 0.15 for n in range(len(requests)) for place in range(3)}
            street.begins(sticky, requests)
            value = street.plays(lambda c, s=silent: None if s[int(c.request), c.place] else _echo(c), seconds=60,
                                 most=400)  # fmt: skip
            for router in street.routers:
                router.close(linger=0)
            if street.gap > 0.4 * street.patience:
                continue
            place, wanted = 0, []
            for number in range(len(requests)):
                for _ in range(6):
                    wanted.append((number, place))
                    if not silent[number, place]:
                        break
                    place = (place + 1) % 3
            got = [(int(came.request), came.place) for came in street.tries]
            if _until_given_up(got, silent) != _until_given_up(wanted, silent):
                raise Wrong("a server was asked out of turn", seen=f"`{show(got)}`", expected=f"`{show(wanted)}`")
            nobody = {n for n in range(len(requests)) if all(silent[n, place] for place in range(3))}
            street.answers(value, [None if n in nobody else b"done: %d" % n for n in range(len(requests))], "at random")
            calls, asked, tries = calls + 1, asked + len(requests), tries + len(got)
    if not calls:
        raise Late("the check's servers were never in time")
    return f"{calls} calls, {asked} requests in {tries} tries: each at the server that answered last, or the next"


def _until_given_up(tries: list[tuple[int, int]], silent: dict[tuple[int, int], bool]) -> list[tuple[int, int]]:
    """Up to the first request that nobody answers: after it, where to go on is left open."""
    until = next((n for n, _ in tries if all(silent[n, place] for place in range(3))), None)
    return [each for each in tries if until is None or each[0] <= until]
