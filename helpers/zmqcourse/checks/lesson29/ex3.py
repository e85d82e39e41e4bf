"""29.3: find the fault: a test that passes where all is right and fails where something is wrong, each time."""

from __future__ import annotations

import random as randoms
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import zmq
from zmqlive.roles import interrupts

from ...exercise import Late, ToDo, Wrong, exercise
from ...scenes import lesson29 as scene
from ...trial import Trial, show, trial

QUICK = 2.0  # quiet seconds: a test that takes longer with a right kitchen waits for something that does not come
SOON = 0.3  # quiet seconds of patience with a kitchen that is wrong
BEGINS = 20.0  # quiet seconds for pytest to begin
HANGS = 3.0  # quiet seconds after which a test does not end by itself
LATER = 0.3  # quiet seconds by which a kitchen is later than the test took when it was quick
AS_SLOW = 2.0  # of the machine's pace: by more than this nothing is made later
EVER = 60.0  # seconds of patience with a kitchen that is right
MUCH_LATER = 1.5  # quiet seconds, more than anybody should guess
PLACES = {
    "connect": "before it connects",
    "no order": "before it goes on after what is no order",
    "close": "between `close` and its end",
}


@exercise(
    "29.3",
    title="Find the fault: a test that nobody believes",
    hints=(
        "Each `sleep` says: \"by now it has happened\". Wait for the thing itself: `meals.poll(1000 * patience)`, or "
        "`meals.rcvtimeo = round(1000 * patience)`, which raises `zmq.Again` when nothing comes. Where it comes, "
        "nobody waits.",
        "That nothing comes cannot be waited for. But the kitchen does one order after the other: send a good order "
        "after what is none, and its meal must be the next that you hear. That tells of a meal too many as well.",
        "`orders.send` waits too, when nobody is there: `orders.sndtimeo`. Three good orders at least, all different. "
        "And at the end `ended.join(patience)`, which says nothing by itself: assert `not ended.is_alive()`.",
    ),
)
def a_test_to_rely_on(mended) -> str:
    """`mended(ctx, start, patience)`: a test of the kitchen."""
    with trial(seconds=60) as t:
        quiet = _first(t, mended)
        cases = {**_faulty(t), **_late(t, quiet.seconds), **_faulty_and_late(t, quiet.seconds)}
        with _Held(quiet.started):
            _all(t, mended, cases, lambda result: _judge(result, cases))
    right = sum(case.fault == "none" for case in cases.values())
    return (
        f"passed with a right kitchen {right + 1} times, {right} of them while it was late somewhere; "
        f"failed with each of {len(cases) - right} kitchens that were wrong"
    )


def _faulty(t: Trial) -> dict[str, scene.Case]:
    return {fault: scene.Case(fault, patience=SOON * t.pace) for fault in scene.FAULTS if fault != "none"}


def _late(t: Trial, took: float) -> dict[str, scene.Case]:
    slow = min(t.pace, AS_SLOW)
    late, much = took + LATER * slow, took + MUCH_LATER * slow
    patience = EVER + 10 * took  # it is paid only where it runs out, and that is refused
    cases = {
        f"a right kitchen that is {late:.1f} s late, {words}": scene.Case(late={place: late}, patience=patience)
        for place, words in PLACES.items()
    }
    words = f"a right kitchen that is {much:.1f} s late, before its first meal"
    return {**cases, words: scene.Case(late={"first": much}, patience=patience)}


def _faulty_and_late(t: Trial, took: float) -> dict[str, scene.Case]:
    late = took + LATER * min(t.pace, AS_SLOW)
    return {
        f"{fault}, and is {late:.1f} s late with it": scene.Case(fault, {"again": late}, SOON * t.pace + 2 * late)
        for fault in ("it makes a meal of what is no order", "it sends each meal twice")
    }


class _Held:
    """The ports that the test had before are somebody else's now."""

    def __init__(self, endpoints: Iterable[str]) -> None:
        self._ctx = zmq.Context()
        self._ctx.linger = 0
        self._sockets: list[Any] = []
        self._ports = [each for each in endpoints if each.startswith("tcp://127.0.0.1:")]

    def __enter__(self) -> None:
        for endpoint in self._ports:
            self._sockets.append(holder := self._ctx.socket(zmq.PAIR))
            with suppress(zmq.ZMQError):  # somebody has it, which is just as well
                holder.bind(endpoint)

    def __exit__(self, *error: object) -> None:
        self._ctx.destroy(linger=0)


def _first(t: Trial, mended: Any) -> scene.Result:
    """With a right kitchen on a quiet day, and how long that takes."""
    found: list[scene.Result] = []
    _all(t, mended, {"a right kitchen": scene.Case()}, lambda result: found.append(result) or _passes(result))
    quiet = found[0]
    if len(quiet.started) != 2:
        raise Wrong(
            "the test passed, and has started no kitchen" if not quiet.started else "the test started several kitchens",
            expected="`start(orders, meals)`, once",
        )
    if quiet.seconds > QUICK * t.pace:
        raise _waits(f"{quiet.seconds:.1f} s")
    return quiet


def _waits(seen: str) -> Wrong:
    return Wrong(
        "the test waits although everything has come",
        tried="a right kitchen, which is not late", seen=seen,
        expected="no wait that runs out, and no sleep, where all is right",
    )  # fmt: skip


def _all(t: Trial, mended: Any, cases: Mapping[str, scene.Case], judge: Callable[[scene.Result], Any]) -> int:
    """Runs them all, and has each judged as it comes; how many there were."""
    come = 0
    names = list(cases)
    with scene.Suite(mended, cases) as suite:
        limit, began = t.deadline(BEGINS), False
        while True:
            over = suite.ended
            if suite.began and not began:
                limit, began = t.deadline(HANGS), True
            for result in suite.so_far()[come:]:
                _is_one(result, names, come)
                judge(result)
                come += 1
                limit = t.deadline(HANGS)
            if come == len(names):
                return come
            if over or (limit.over and not began):
                raise (Wrong if over else Late)("pytest did not run the test", seen=f"`{show(suite.said[-400:])}`")
            if limit.over:
                raise _hangs(names[come], cases[names[come]])
            interrupts.original(0.02)


def _is_one(result: scene.Result, names: list[str], come: int) -> None:
    if result.kind == "ToDo":
        raise ToDo(result.said)
    if result.name != names[come]:
        said = "the test does not use the fixtures that it has: ctx, start, patience"
        raise Wrong(said, seen=f"`{result.kind}: {show(result.said)}`" if result.kind else "")


def _hangs(name: str, case: scene.Case) -> Wrong:
    if case.fault == "none":
        return _waits(f"it was still running ({name})")
    return Wrong(
        "the test does not end", tried=f"a kitchen that is wrong: {name}", seen="it waits, longer than `patience`",
        expected="it fails: each of its waits has an end, `send` among them",
    )  # fmt: skip


def _judge(result: scene.Result, cases: Mapping[str, scene.Case]) -> None:
    if cases[result.name].fault == "none":
        _passes(result)
    else:
        _fails(result)


def _passes(result: scene.Result) -> None:
    if result.passed:
        return
    seen = f"`{result.kind}{': ' if result.said else ''}{show(result.said)}`"
    if "in use" in result.said:
        raise Wrong(
            "the test wants the ports that it had before",
            tried="its ports belong to somebody else now", seen=seen, expected="a bind that takes any free port",
        )  # fmt: skip
    raise Wrong("the test fails, and the kitchen is right", tried=result.name, seen=seen, expected="it passes")


def _fails(result: scene.Result) -> None:
    if result.passed:
        raise Wrong(
            "the test passes, and the kitchen is wrong",
            tried=f"a kitchen that is wrong: {result.name}", seen="it passed", expected="it fails",
        )  # fmt: skip


# --- the same for longer


def soak(mended, random: randoms.Random, seconds: float) -> str:
    """Kitchens that are right or wrong, late in random places."""
    passed = failed = 0
    with trial(seconds=seconds + 120) as t:
        over = t.deadline(seconds)
        while not over.over:
            late = {place: random.uniform(0, 0.2) for place in PLACES if random.random() < 0.5}
            cases = {f"{n}: {late}": scene.Case(late=late) for n in range(3)}
            for fault in random.sample([*scene.FAULTS][1:], 3):
                cases[fault] = scene.Case(fault, late, 2.0 * t.pace)
            _all(t, mended, cases, lambda result, cases=cases: _judge(result, cases))
            passed, failed = passed + 3, failed + 3
    return f"passed {passed} times with a kitchen that was right, failed {failed} times with one that was wrong"
