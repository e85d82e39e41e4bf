"""Lesson 03: choosing a queue by what was measured, and a small job that leaves its broker."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import zmq

from ..exercise import Wrong, exercise
from ..trial import Trial, expect_type, trial

# --- 03.1

NEEDS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "orders": lambda fact: fact["lost"] == 0 and fact["recovered"] is not None and fact["recovered"] <= 10,
    "audit": lambda fact: fact["lost"] == 0 and bool(fact["late"]),
    "sensors": lambda fact: not fact["server"] and fact["stopped"] in ("blocks", "error"),
}


def _fact(name: str, server: bool, lost: Any, recovered: Any, late: Any, stopped: Any, twice: Any = 0) -> dict:
    found = {"lost": lost, "twice": twice, "recovered": recovered, "late": late, "stopped": stopped}
    return {"name": name, "server": server, **found}


# As the lesson measures them; then systems that nobody has met, so that no answer knows their names.
KNOWN = (
    _fact("ZeroMQ", False, 99, None, 0, "blocks"),
    _fact("RabbitMQ", True, 0, 0.5, 0, "stores"),
    _fact("Kafka protocol (Tansu)", True, 0, 4.2, 300, "stores", 12),
    _fact("beanstalkd", True, 0, 0.7, None, "stores"),
    _fact("NATS core", True, 71, None, 0, "stores"),
    _fact("Redis streams", True, 0, 1.2, 300, "stores", 4),
    _fact("MQTT (mosquitto)", True, 64, None, 0, "drops"),
)
STRANGE = (
    _fact("slow log", True, 0, 31.5, 12, "error", 3),
    _fact("never measured", False, None, None, None, None),
    _fact("just in time", True, 0, 10, 0, "blocks", 250),
    _fact("kind library", False, 0, 0.2, 0, "error"),
    _fact("rude library", False, 7, None, 0, "drops"),
    _fact("one newcomer", True, 0, None, 1, "drops"),
    _fact("leaky log", True, 1, None, 300, "stores"),
    _fact("ants", False, 3, None, 0, "blocks"),
)


def _told(fact: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value!r}" for key, value in fact.items() if key != "name")


def _names(chosen: Any, need: str) -> list[str]:
    if not isinstance(chosen, dict) or need not in chosen:
        expected = '`{"orders": […], "audit": […], "sensors": […]}`'
        seen = f"`{chosen!r}`"[:200]
        raise Wrong(f"`choose` did not return a dict with a list of {need}", seen=seen, expected=expected)
    names = chosen[need]
    expect_type(names, (list, tuple), f'what you return as `"{need}"`')
    if wrong := [name for name in names if not isinstance(name, str)]:
        raise Wrong(f'`"{need}"` holds something that is no name', seen=f"`{wrong[0]!r}`"[:200], expected="names only")
    return list(names)


@exercise(
    "03.1",
    title="Choose by what was measured",
    hints=(
        "One list at a time: go through `facts`, and keep the name where all that this need asks for is true.",
        "What is `None` cannot be compared: ask `is not None` first. A `late` of 0 means that it got nothing.",
        '`[each["name"] for each in facts if each["lost"] == 0 and each["late"]]` is the list for the audit.',
    ),
)
def chooses_by_needs(choose) -> None:
    """`choose(facts)` returns, for each of three needs, the names of the systems that meet it."""
    for facts in (KNOWN, STRANGE, KNOWN[::-1] + STRANGE[::2], ()):
        with trial() as t:
            chosen = t.run(choose, [dict(fact) for fact in facts])
        for need, fits in NEEDS.items():
            names, expected = _names(chosen, need), [fact["name"] for fact in facts if fits(fact)]
            for fact in facts:
                if (fact["name"] in names) != fits(fact):
                    chose = "chose" if fact["name"] in names else "did not choose"
                    raise Wrong(
                        f'for `"{need}"` you {chose} {fact["name"]!r}',
                        tried=f"`choose(facts)` with {len(facts)} systems, some of which you have never heard of",
                        seen=f"{fact['name']}: {_told(fact)}",
                        expected=f"`{expected}`",
                    )
            if names != expected:
                raise Wrong(
                    f'`"{need}"` has the right names, but not once each and in the order of `facts`',
                    seen=f"`{names}`",
                    expected=f"`{expected}`",
                )


# --- 03.2


NAMES = (b"cat.png", b"\xff\xd8\x00 raw", b"", b"dog.png", b"ape.png", b"b" * 3000, b"1", b"END", b"eel.png", b"2")


class Shrink:
    """The work: notes what it was called with."""

    def __init__(self, seconds: float = 0.002) -> None:
        self.seconds = seconds
        self.calls: list[bytes] = []

    def __call__(self, name: bytes) -> bytes:
        if not isinstance(name, bytes):
            raise Wrong(
                "`shrink` was not called with the name as it came",
                seen=f"it got `{name!r}`, a `{type(name).__name__}`"[:200],
                expected="the bytes that were received: a name can be any bytes",
            )
        time.sleep(self.seconds)
        self.calls.append(name)
        return b"small " + name[::-1]


@exercise(
    "03.2",
    title="The worker, without a broker",
    hints=(
        "Two sockets, both connected: one takes in, one hands out. `producer` and `worker` in the lesson have both.",
        "In a loop: receive a name, call `shrink`, and send name and result together with `send_multipart`.",
        "`name = pull.recv()`, then `push.send_multipart([name, shrink(name)])`, within `while True:`.",
    ),
)
def shrinks_and_reports(shrinker) -> None:
    """`shrinker(ctx, tasks, done, shrink)` reports each name that it is given with its result, in two frames."""
    with trial(seconds=2.5) as t:
        push, tasks = t.bind(zmq.PUSH)
        pull, done = t.bind(zmq.PULL)
        shrink = Shrink()
        t.start(shrinker, t.ctx, tasks, done, shrink)
        for name in NAMES:
            t.send(push, name, expected="a PULL that is connected to `tasks`")
            _reported(t, pull, shrink, name)
        t.silence(pull, expected="one report for each name")
    with trial() as t:  # two of them share the work
        push, tasks = t.bind(zmq.PUSH)
        pull, done = t.bind(zmq.PULL)
        shrink = Shrink(0.005)
        for number in (1, 2):
            t.start(shrinker, t.ctx, tasks, done, shrink, name=f"shrinker {number}")
        t.wait(lambda: len(_takers(t)) == 2, expected="both workers connected to `tasks`")
        sent = [b"%d.png" % number for number in range(24)]
        for name in sent:
            t.send(push, name)
        got = t.receive_many(pull, len(sent), expected="a report for each name, whichever worker it went to")
        if Counter(map(_first, got)) != Counter(sent):
            missing = [name for name in sent if name not in map(_first, got)]
            raise Wrong(
                "not every name was reported once",
                tried=f"two workers and {len(sent)} names",
                seen=f"none for `{missing[:3]}`",
                expected="one report each",
            )


def _takers(t: Trial) -> list[Any]:
    """The connections over which the check's PUSH hands out."""
    trace = t.trace
    kinds = {socket.id: (socket.role, socket.type) for socket in trace.sockets}
    return [each for each in trace.connections if ("check", "PUSH") in (kinds[each.source], kinds[each.target])]


def _first(frames: list[bytes]) -> bytes:
    return frames[0]


def _reported(t: Trial, pull: zmq.Socket, shrink: Shrink, name: bytes) -> None:
    shown = name if len(name) < 40 else name[:10] + b"..."
    frames = t.receive(pull, seconds=2.5, expected=f"a report of `{shown!r}`")
    if shrink.calls.count(name) != 1:
        raise Wrong(
            f"`shrink` was called {'more than once' if shrink.calls else 'not at all'} before the report came",
            tried=f"the name `{shown!r}`",
            expected="first the work, once, and then the report",
        )
    expected = [name, b"small " + name[::-1]]
    if frames != expected:
        how = "one frame" if len(frames) == 1 else f"{len(frames)} frames"
        if frames == expected[::-1]:
            how = "the two frames, in the wrong order"
        raise Wrong(
            "the report is not the name and its result",
            tried=f"the name `{shown!r}`",
            seen=f"{how}: `{frames!r}`"[:200],
            expected="two frames: the name, then what `shrink(name)` returned",
        )


# --- 03.3


class Helper:
    """A worker of the check's: may die after so many tasks, say everything twice, begin with a stranger's name."""

    def __init__(self, tasks: str, done: str) -> None:
        self.tasks, self.done = tasks, done
        self.answered: list[bytes] = []
        self.taken: list[bytes] = []
        self.mortal, self.alive = False, True

    def __call__(
        self,
        ctx: zmq.Context,
        dies_at: int | None = None,
        pause: float = 0.003,
        twice: bool = False,
        stranger: bytes = b"",
    ) -> None:
        self.mortal = dies_at is not None
        with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
            pull.connect(self.tasks)
            push.connect(self.done)
            push.linger = 500
            while True:
                name = pull.recv()
                self.taken.append(name)
                if dies_at is not None and len(self.taken) > dies_at:
                    self.alive = False
                    return  # with this one in its hands, and what waits behind it
                time.sleep(pause)
                if stranger:
                    push.send_multipart([stranger, b"of yesterday"])
                    stranger = b""
                self.answered.append(name)  # before it is sent: who has the result may look here at once
                for _ in range(2 if twice else 1):
                    push.send_multipart([name, b"small " + name])


def _named(count: int) -> list[bytes]:
    return [b"%d.png" % number for number in range(count - 2)] + [b"", b"\xff\x00"]


def _master(t: Trial, master: Any, names: list[bytes], patience: float, *chains: list[dict[str, Any]]) -> tuple:
    """Run it with these workers, in chains: the next one comes when the one before has died. The results and missing
    names that it returned, and the names that were answered."""
    tasks, done = t.endpoint(name="tasks"), t.endpoint(name="done")
    helpers: list[Helper] = []

    def work(ctx: zmq.Context, chain: list[dict[str, Any]]) -> None:
        for options in chain:
            helpers.append(helper := Helper(tasks, done))
            helper(ctx, **options)

    for chain in chains:
        t.peer(work, chain)
    value = t.run(master, t.ctx, tasks, done, list(names), patience)
    if not isinstance(value, tuple) or len(value) != 2:
        seen = f"it returned `{value!r}`"[:200]
        raise Wrong("`master` did not return two things", seen=seen, expected="`return results, missing`")
    end = time.monotonic() + 1
    while any(helper.alive and helper.mortal for helper in helpers) and time.monotonic() < end:
        time.sleep(0.01)  # whoever came back too soon is told of all that was still to come
    results, missing = value
    expect_type(results, dict, "the first thing that `master` returned")
    expect_type(missing, (list, tuple), "the second thing that `master` returned")
    return results, list(missing), [name for helper in helpers for name in helper.answered]


def _same(said: str, results: dict, missing: list[bytes], names: list[bytes], answered: list[bytes]) -> None:
    """The results are those that came, the missing ones those that did not."""
    expected = {name: b"small " + name for name in names if name in answered}
    if strangers := [name for name in results if name not in names]:
        raise Wrong("the results hold a name that was not asked for", tried=said, seen=f"`{strangers[0]!r}`")
    if results != expected:
        lacking = [name for name in expected if name not in results]
        seen = f"{len(lacking)} of {len(expected)} are not there" if lacking else "a result is not what the worker sent"
        raise Wrong("the results are not those that came", tried=said, seen=seen, expected="every result that arrived")
    want = [name for name in names if name not in answered]
    if sorted(missing) != sorted(want):
        raise Wrong(
            "what is missing was not said rightly",
            tried=said,
            seen=f"{len(missing)} names: `{missing[:4]}`",
            expected=f"the {len(want)} whose results never came: `{want[:4]}`",
        )
    if missing != want:
        raise Wrong("the missing ones are right, but not in the order of `names`", seen=f"`{missing[:6]}`")


@exercise(
    "03.3",
    title="What did you lose?",
    hints=(
        "Three steps: bind both and send all names; collect while something comes; compare what came with `names`.",
        "`pull.poll(patience * 1000)` is 0 when nothing came for so long. And stop when each name has its result.",
        "`while len(results) < len(names) and pull.poll(patience * 1000):` then `name, small = pull.recv_multipart()`; "
        "keep it if `name in names`. At last `[name for name in names if name not in results]`.",
    ),
)
def knows_what_is_missing(master) -> None:
    """`master(ctx, tasks, done, names, patience)` returns the results, and the names that have none."""
    names = _named(20)
    with trial(seconds=3) as t:
        began = time.monotonic()
        results, missing, _ = _master(t, master, names, 2.2, [{}], [{}])
        took = time.monotonic() - began
        _same("two workers, nobody dies", results, missing, names, names)
        if took > 1.8:
            raise Wrong(
                "`master` went on waiting when all results were there",
                tried="two workers, nobody dies, a patience of 2.2 s",
                seen=f"it came back after {took:.1f} s",
                expected="at once, when the last result is in",
            )
    with trial(seconds=3) as t:
        said = "a worker that begins with a name of yesterday, says all twice, and dies at work; then another comes"
        dying = {"dies_at": 15, "twice": True, "stranger": b"yesterday.png"}
        results, missing, answered = _master(t, master, names, 0.7, [dying, {}])
        _same(said, results, missing, names, answered)
    with trial(seconds=3) as t:
        names = _named(8)
        said = "one slow worker: each result comes within `patience`, all together take longer"
        results, missing, _ = _master(t, master, names, 0.6, [{"pause": 0.12}])
        _same(said, results, missing, names, names)
