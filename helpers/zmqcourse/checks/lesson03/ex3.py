"""03.3: the ledger of what was handed out, and is not back."""

from __future__ import annotations

import time
from typing import Any

import zmq

from ...exercise import Late, Wrong, exercise, show
from ...trial import Trial, expect_type, trial

NOTHING = b"3.png"  # of this one nothing is left: its result is empty
AT_ONCE = 1.0  # seconds that the way home may take at most, of a patience of more than two


class Helper:
    """A worker of the check's: may die after so many tasks, say everything twice, begin with a stranger's name."""

    def __init__(self, tasks: str, done: str) -> None:
        self.tasks, self.done = tasks, done
        self.answered: list[tuple[bytes, float]] = []
        self.sent: list[float] = []
        self.taken: list[bytes] = []
        self.mortal, self.alive = False, True

    def work(
        self,
        ctx: zmq.Context,
        dies_at: int | None = None,
        pause: float = 0.003,
        twice: bool = False,
        stranger: bytes = b"",
        strangers: int = 1,
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
                while stranger and strangers:
                    self.answered.append((stranger, time.monotonic()))
                    push.send_multipart([stranger, b"of yesterday"])
                    time.sleep(pause)
                    strangers -= 1
                self.answered.append((name, time.monotonic()))  # before it is sent: who has it may look here at once
                for _ in range(2 if twice else 1):
                    push.send_multipart([name, small(name)])
                self.sent.append(time.monotonic())


def small(name: bytes) -> bytes:
    return b"" if name == NOTHING else b"small " + name


class Run:
    """One call of the answer with these workers, in chains: the next one comes when the one before has died."""

    def __init__(
        self, t: Trial, master: Any, names: list[bytes], patience: float, *chains: list[dict[str, Any]], said: str
    ) -> None:
        self.names, self.patience, self.said = names, patience, said
        tasks, done = t.endpoint(name="tasks"), t.endpoint(name="done")
        helpers: list[Helper] = []

        def work(ctx: zmq.Context, chain: list[dict[str, Any]]) -> None:
            for options in chain:
                helpers.append(helper := Helper(tasks, done))
                helper.work(ctx, **options)

        for chain in chains:
            t.peer(work, chain)
        self.began = time.monotonic()
        value = t.run(master, t.ctx, tasks, done, list(names), patience)
        self.ended = time.monotonic()
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            seen = f"it returned `{show(value)}`"
            raise Wrong("`master` did not return two things", seen=seen, expected="`return results, missing`")
        end = t.deadline(1.0)
        while any(helper.alive and helper.mortal for helper in helpers) and not end.over:
            time.sleep(0.01)  # whoever came back too soon is told of all that was still to come
        self.results, missing = value
        expect_type(self.results, dict, "the first thing that `master` returned")
        expect_type(missing, (list, tuple), "the second thing that `master` returned")
        self.missing = list(missing)
        answers = [answer for helper in helpers for answer in helper.answered]
        self.answered = {name for name, _ in answers}
        sent = [when for helper in helpers for when in helper.sent]
        self.times = sorted([self.began, *(when for _, when in answers), *sent])

    def right(self) -> None:
        """The results are those that came, the missing ones those that did not, in order."""
        names, answered = self.names, self.answered
        expected = {name: small(name) for name in names if name in answered}
        if strangers := [name for name in self.results if name not in names]:
            raise Wrong("the results hold a name that was not asked for", tried=self.said, seen=f"`{strangers[0]!r}`")
        if self.results != expected:
            lacking = [name for name in expected if name not in self.results]
            seen = f"{len(lacking)} of {len(expected)} are not there" if lacking else "a result is not what was sent"
            said = "the results are not those that came"
            raise self._late()(said, tried=self.said, seen=seen, expected="every result that arrived")
        want = [name for name in names if name not in answered]
        if sorted(self.missing) != sorted(want):
            raise Wrong(
                "what is missing was not said rightly",
                tried=self.said,
                seen=f"{len(self.missing)} names: `{self.missing[:4]}`",
                expected=f"the {len(want)} whose results never came: `{want[:4]}`",
            )
        if self.missing != want:
            raise Wrong("the missing ones are right, but not in the order of `names`", seen=f"`{self.missing[:6]}`")

    def _late(self) -> type[Wrong]:
        """Whether the workers themselves were silent for so long that a right answer gives up."""
        gaps = [b - a for a, b in zip(self.times, self.times[1:], strict=False)]
        return Late if max(gaps, default=0.0) > self.patience / 2 else Wrong


def _named(count: int) -> list[bytes]:
    return [b"%d.png" % number for number in range(count - 2)] + [b"", b"\xff\x00"]


@exercise(
    "03.3",
    title="What did you lose?",
    hints=(
        "Three steps: bind both and send all names; collect while something comes; compare what came with `names`.",
        "`pull.poll(patience * 1000)` is 0 when nothing came for so long. Where nobody works, a PUSH that is bound "
        "waits in `send` for ever, unless its `sndtimeo` (milliseconds) says how long.",
        "`while len(results) < len(names) and pull.poll(patience * 1000):` then `name, small = pull.recv_multipart()`; "
        "keep it if `name in names`. At last `[name for name in names if name not in results]`.",
    ),
)
def knows_what_is_missing(master) -> str:
    """`master(ctx, tasks, done, names, patience)` returns the results, and the names that have none."""
    names = _named(20)
    with trial(seconds=4) as t:
        run = Run(t, master, names, 2.2, [{}], [{}], said="two workers, nobody dies")
        if not run.answered:
            expected = "a PUSH that is bound at `tasks`: the workers connect"
            raise Wrong("no worker got anything", tried=run.said, expected=expected)
        run.right()
        took = run.ended - run.times[-1]
        if took > AT_ONCE:
            raise Late(
                "`master` went on waiting when all results were there",
                tried="two workers, nobody dies, a patience of 2.2 s",
                seen=f"it came back {took:.1f} s after the last one",
                expected="at once, when the last result is in",
            )
    with trial(seconds=4) as t:
        said = "a worker that begins with a name of yesterday, says all twice, and dies at work; then another comes"
        dying = {"dies_at": 15, "twice": True, "stranger": b"yesterday.png"}
        died = Run(t, master, names, 0.7, [dying, {}], said=said)
        died.right()
    with trial(seconds=4) as t:
        said = "one slow worker: each result comes within `patience`, all together take longer"
        Run(t, master, _named(8), 0.6, [{"pause": 0.12}], said=said).right()
    with trial(seconds=4) as t:
        said = "a worker that hands in yesterday's results first, for longer than `patience`, never silent for so long"
        yesterday = {"pause": 0.15, "stranger": b"yesterday.png", "strangers": 5, "dies_at": 3}
        Run(t, master, _named(4), 0.6, [yesterday], said=said).right()
    for nobody, given in ("no worker at all", names), ("no names at all", []):
        with trial(seconds=3) as t:
            Run(t, master, given, 0.3, said=nobody).right()
    return f"{len(names)} names, a worker killed with {len(died.missing)} of them, a slow one, and nobody at all"
