"""21.3: find the fault: a client that goes back to the half that was overtaken."""

from __future__ import annotations

import random as randoms
from collections.abc import Callable

from ...exercise import Late, Wrong, exercise
from ...trial import Trial, show, trial
from .street import Street, Try

OLDER = "an answer was taken from a half that had been overtaken"
Epochs = Callable[[int, int], int | None]  # of an order and a half (0, 1): the epoch at which it answers; None: silence


@exercise(
    "21.3",
    title="Find the fault: yesterday's answer",
    hints=(
        "In the table: at which order does the epoch go down, and what had the clerk been told before? Which line of "
        "`clerk` looks at the epoch at all?",
        "A half that was overtaken does not know it; the clerk does, once it has seen a higher number. So the highest "
        "epoch of all that it has ever been told is to be kept, and that for both halves and all orders.",
        "An answer with a lower epoch counts like none at all: ask the other half. Compare numbers, `int(epoch)`: as "
        "bytes, 10 comes before 9.",
    ),
)
def it_never_goes_back(mended) -> str:
    """`mended(ctx, fronts, orders, patience)`: for each order `[answer, epoch]`, never of an older epoch; or None."""
    for scene in (_as_before, _back_to_the_older, _both_fall_silent, _rather_none, _twice_overtaken, _nine_and_ten):
        with trial(seconds=14) as t:
            scene(t, mended)
    return (
        "two halves at work at once, in five ways: no answer older than one before it was taken, none of an equal or a "
        "newer epoch was refused, and where only the older one answered there was none"
    )


def _round(
    t: Trial, mended, epochs: Epochs, wanted: list[int | None], tried: str, *, refused: str, older: str = OLDER
) -> Street:
    """An order for each in `wanted`, the epoch at which it is to be answered. `refused`: what is said where one was not
    answered that could have been, `older`: where an older half's answer was taken."""
    count = len(wanted)
    street = Street(t, places=2)
    orders = [b"order %d" % number for number in range(count)]
    answer_of = lambda came, epoch: [b"done: " + came.request, b"%d" % epoch]  # noqa: E731

    def fate(came: Try) -> list[bytes] | None:
        number = int(came.request.rpartition(b" ")[2] or b"0")
        epoch = epochs(number, came.place)
        return None if epoch is None else answer_of(came, epoch)

    street.begins(mended, orders)
    value = street.plays(fate, seconds=10, most=4 * count)
    try:
        found = [each if each is None else [bytes(frame) for frame in each] for each in value]
    except TypeError:
        raise Wrong("`mended` returned no list of answers", seen=f"`{show(value)}`", tried=tried) from None
    _no_older(found, tried, older)
    right = [None if epoch is None else [b"done: " + order, b"%d" % epoch] for order, epoch in zip(orders, wanted)]  # noqa: B905
    lost = next((n for n, (one, other) in enumerate(zip(found, right)) if one is None and other), None)  # noqa: B905
    if lost is not None and len(found) == count:
        raise street.complaint(refused, tried=tried, seen=f"None for order {lost}", expected=f"`{show(right[lost])}`")
    street.answers(found, right, tried)
    return street


def _no_older(found: list[list[bytes] | None], tried: str, said: str = OLDER) -> None:
    highest = 0
    for number, each in enumerate(found):
        if each is None:
            continue
        if len(each) != 2 or not each[1].isdigit():
            expected = "`[answer, epoch]` for each, or None"
            raise Wrong("that is no answer of a half", tried=tried, seen=f"`{show(each)}`", expected=expected)
        if int(each[1]) < highest:
            raise Wrong(
                said,
                tried=tried,
                seen=f"order {number} at epoch {int(each[1])}, after one at epoch {highest}",
                expected="the other half's answer, or None",
            )
        highest = int(each[1])


def _as_before(t: Trial, mended) -> None:
    """What the clerk did right: it stays with whoever answers, and goes on when that falls silent."""
    tried = "the primary answered at epoch 1 until order 4, and then the backup at epoch 2; the other was silent"
    epochs = lambda number, place: (place + 1) if (place == 1) == (number >= 4) else None  # noqa: E731
    refused = "an answer of an equal or a newer epoch was refused"
    street = _round(t, mended, epochs, [1] * 4 + [2] * 4, tried, refused=refused)
    asked = [(int(came.request[6:]), came.place) for came in street.tries]
    if asked != [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (4, 1), (5, 1), (6, 1), (7, 1)]:
        said = "it does not stay with the half that answers"
        seen = ", ".join(f"order {number} at the {('primary', 'backup')[place]}" for number, place in asked)
        raise street.complaint(said, tried=tried, seen=seen)


def _back_to_the_older(t: Trial, mended) -> None:
    """The newer one is slow once for each of two orders; the older one is always at hand."""
    seen: dict[int, int] = {}

    def epochs(number: int, place: int) -> int | None:
        if place == 0:
            return None if number == 1 else 1
        seen[number] = seen.get(number, 0) + 1
        return None if number in (2, 4) and seen[number] == 1 else 2

    tried = "both were at work, at epochs 1 and 2; the newer one did not answer its first try of orders 2 and 4"
    refused = "it gave an order up that the other half would have answered"
    _round(t, mended, epochs, [1, 2, 2, 2, 2, 2], tried, refused=refused)


def _rather_none(t: Trial, mended) -> None:
    """The newer one dies; the older one is at work, and becomes the newest at last."""

    def epochs(number: int, place: int) -> int | None:
        if place == 1:
            return 2 if number == 1 else None
        return None if number == 1 else 1 if number < 4 else 3

    tried = "the backup answered once, at epoch 2, and died; the primary was at epoch 1, and took over at order 4"
    older = "an older answer was taken rather than none"
    refused = "a half that was overtaken once is never believed again"
    _round(t, mended, epochs, [1, 2, None, None, 3, 3], tried, refused=refused, older=older)


def _twice_overtaken(t: Trial, mended) -> None:
    """Both answer older ones, each another: what was refused is no measure for what comes next."""

    def epochs(number: int, place: int) -> int | None:
        if number == 0:
            return 5 if place == 0 else None
        if number == 1:
            return 3 if place == 0 else 4
        return 5 if place == 1 else 3

    tried = "an answer at epoch 5; then one half was at epoch 3 and the other at 4; then one was at 5 again"
    older = "what was refused became the measure for what came next"
    refused = "the newest half is not believed any more"
    _round(t, mended, epochs, [5, None, 5, 5], tried, refused=refused, older=older)


def _nine_and_ten(t: Trial, mended) -> None:
    def epochs(number: int, place: int) -> int | None:
        if place == 0:
            return 9 if number != 1 else None
        return 10 if number == 1 or number > 3 else None

    tried = "the primary was at epoch 9, the backup at 10; the backup did not answer orders 2 and 3"
    said = "of 9 and 10 it takes 9 for the newer epoch"
    _round(t, mended, epochs, [9, 10, None, None, 10, 10], tried, refused=said, older=said)


def _both_fall_silent(t: Trial, mended) -> None:
    """Nobody answers one order; that does not make it forget."""
    tries = [0] * 5

    def epochs(number: int, place: int) -> int | None:
        tries[number] += place
        if number == 2 or (number == 3 and tries[3] < 2 and place == 1):
            return None
        return 2 if place == 1 and number > 0 else 1 if place == 0 and number != 1 else None

    tried = "epochs 1 and 2; nobody answered order 2; of order 3, the newer one did not answer the first try"
    older, refused = "when nobody had answered, it had forgotten the epoch", "the newest half is not believed any more"
    _round(t, mended, epochs, [1, 2, None, 2, 2], tried, refused=refused, older=older)


# --- the same for longer


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """Halves that are overtaken, fall silent and answer again at random. A call in which the check's halves were kept
    waiting tells nothing, and is not counted."""
    calls = taken = none = 0
    with trial(seconds=seconds + 60) as t:
        over = t.deadline(seconds)
        while not over.over:
            count, street = random.randrange(1, 40), Street(t, places=2)
            now = [1, 2]

            def fate(came: Try, now: list[int] = now) -> list[bytes] | None:
                if random.random() < 0.1:
                    now[random.randrange(2)] = max(now) + random.randrange(1, 4)
                return None if random.random() < 0.2 else [b"done: " + came.request, b"%d" % now[came.place]]

            street.begins(mended, [b"order %d" % number for number in range(count)])
            value = list(street.plays(fate, seconds=60, most=400))
            for router in street.routers:
                router.close(linger=0)
            if len(value) != count:
                raise Wrong("not every order has its answer", seen=f"{len(value)} of {count}")
            _no_older(value, "halves fell silent and were overtaken at random")
            for number, each in enumerate(value):
                if each is not None and each[0] != b"done: order %d" % number:
                    raise Wrong("an answer is not the one to its order", seen=f"`{show(each)}` for order {number}")
            calls += 1
            taken += sum(each is not None for each in value)
            none += sum(each is None for each in value)
    if not taken:
        raise Late("the check's halves were never in time")
    return f"{calls} calls, {taken} orders answered, none by a half older than one before; {none} not answered"
