"""Lesson 05: at most once, at least once, and effects that happen once."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import zmq

from ..exercise import Wrong, exercise
from ..trial import Job, Trial, trial

# ---- 05.1 -----------------------------------------------------------------------------------------------


@exercise(
    "05.1",
    title="At least once, or say so",
    hints=(
        "One try is: send both frames, wait for your own number on `ack`. Several tries are a loop around that.",
        "A late ack of another message ends `ack.poll`, but not the wait: note a deadline, "
        "`time.monotonic() + patience`, and poll again for what is left of it. `poll` counts in milliseconds.",
        "`while ack.poll(max(0, deadline - time.monotonic()) * 1000):` and inside, "
        "`if ack.recv() == number: return True`. After all tries, `return False`.",
    ),
)
def delivered_or_told(deliver) -> None:
    """`deliver(push, ack, number, text, patience, tries)` repeats until its own ack comes, `tries` sends in all."""
    with trial() as t:
        pull, tasks = t.bind(zmq.PULL)
        back, acks = t.bind(zmq.PUSH)
        push, ack = t.connect(zmq.PUSH, tasks), t.connect(zmq.PULL, acks)

        job = t.start(deliver, push, ack, b"1", b"tea", 0.5, 3)
        _sent(t, pull, [b"1", b"tea"])
        t.send(back, b"1")
        _answered(t, job, True, "the ack came at once")
        t.silence(pull, expected="a single send: its ack came at once")

        t.send(back, b"1")  # the late, second ack of a message that was repeated
        job = t.start(deliver, push, ack, b"2", b"coffee", 0.4, 3)
        _sent(t, pull, [b"2", b"coffee"])
        _repeated_in_time(t, pull, back, job)
        t.send(back, b"2")
        _answered(t, job, True, "the second try was acknowledged")

        job = t.start(deliver, push, ack, b"3", b"soup", 0.2, 2)
        began = time.monotonic()
        for _ in range(2):
            _sent(t, pull, [b"3", b"soup"])
        _answered(t, job, False, "no ack ever came; two tries of 0.2 s")
        if time.monotonic() - began < 0.3:
            raise Wrong(
                "`deliver` gave up too early",
                tried="`deliver(push, ack, b'3', b'soup', 0.2, 2)`, with no ack",
                seen=f"it returned after {time.monotonic() - began:.2f} s",
                expected="0.4 s: the last try is waited for, too",
            )
        t.silence(pull, expected="two sends for `tries=2`, and none after `deliver` has returned")


def _sent(t: Trial, pull: zmq.Socket, expected: list[bytes]) -> None:
    frames = t.receive(pull, seconds=1.2, expected=f"the message `{expected}`, again after each `patience` without ack")
    if frames != expected:
        raise Wrong("this is not the message", seen=f"`{frames}`", expected=f"`{expected}`, the same in every try")


def _repeated_in_time(t: Trial, pull: zmq.Socket, back: zmq.Socket, job: Job) -> None:
    """Others' acks come in every 0.1 s, and not its own: the repeat has to come after 0.4 s all the same."""
    began = time.monotonic()
    tried = "no ack for `2`; late acks of `1` all the time; patience 0.4 s"
    for _ in range(10):
        if pull.poll(100):
            break
        if job.done:
            t.finish(job)  # says what it raised, if it did
            raise Wrong(
                "`deliver` came back without its ack",
                tried=tried,
                seen=f"it returned `{job.value!r}`",
                expected="acks of other messages are read and ignored",
            )
        t.send(back, b"1")
    waited = time.monotonic() - began
    if not 0.25 < waited < 0.9:
        raise Wrong(
            "the message was repeated too early" if waited < 0.4 else "the message was not repeated in time",
            tried=tried,
            seen=f"after {waited:.1f} s " + ("it came again" if waited < 0.4 else "it had not come again"),
            expected="again after 0.4 s: others' acks make the wait neither shorter nor longer",
        )
    _sent(t, pull, [b"2", b"coffee"])


def _answered(t: Trial, job: Job, expected: bool, why: str) -> None:
    answer = t.finish(job, seconds=1.2)
    if answer is not expected:
        raise Wrong(
            "`deliver` gave the wrong answer",
            tried=f"`{job.call}`: {why}",
            seen=f"it returned `{answer!r}`",
            expected=f"`{expected}`",
        )


# ---- 05.2 -----------------------------------------------------------------------------------------------


class _Effect:
    """What the worker is to do once for each number: notes its calls, and waits at the gate."""

    def __init__(self) -> None:
        self.calls: list[bytes] = []
        self.gate = threading.Event()

    def __call__(self, text: bytes) -> None:
        self.calls.append(text)
        self.gate.wait(1.0)

    __name__ = "effect"


@exercise(
    "05.2",
    title="Same id, one effect, two acks",
    hints=(
        "The worker of design 3 remembers the numbers that it has done. What does it do for one that it knows?",
        "Remember *numbers*, all of them, in a set made before the loop; the text does not tell a repeat.",
        "`if number not in done:` effect, then `done.add(number)`. After that, in either case: `ack.send(number)`.",
    ),
)
def one_effect_for_each_number(once) -> None:
    """`once(ctx, tasks, acks, effect)` calls `effect(text)` once a number, and acknowledges every task after it."""
    with trial() as t:
        push, tasks = t.bind(zmq.PUSH)
        pull, acks = t.bind(zmq.PULL)
        effect = _Effect()
        t.start(once, t.ctx, tasks, acks, effect)

        t.send(push, b"1", b"tea", expected="a PULL that is connected to `tasks`")
        t.wait(lambda: effect.calls, expected="`effect(b'tea')` is called for the task `[b'1', b'tea']`", seconds=1)
        t.silence(pull, seconds=0.15, expected="no ack while the effect is still under way")
        effect.gate.set()
        _acknowledged(t, pull, b"1", "the first task is acknowledged")

        for number, text, said in (
            (b"1", b"tea", "a repeat is acknowledged again: the first ack may be what was lost"),
            (b"2", b"tea", "a new number with a text that was there before"),
            (b"3", b"soup", "a new task"),
            (b"1", b"tea", "a repeat of one that was done a while ago"),
        ):
            t.send(push, number, text)
            _acknowledged(t, pull, number, said)
        for _ in range(2):
            t.send(push, b"4", b"rice")
        for _ in range(2):
            _acknowledged(t, pull, b"4", "two copies, one behind the other: two acks")
        t.silence(pull, expected="one ack for each task that came in")
        expected = [b"tea", b"tea", b"soup", b"rice"]
        if effect.calls != expected:
            raise Wrong(
                "these are not the effects that were wanted",
                tried="the tasks `1 tea`, `1 tea`, `2 tea`, `3 soup`, `1 tea`, `4 rice`, `4 rice`",
                seen=f"`effect` was called with {', '.join(f'`{call!r}`' for call in effect.calls)}",
                expected=f"{', '.join(f'`{call!r}`' for call in expected)}: once for each number",
            )


def _acknowledged(t: Trial, pull: zmq.Socket, number: bytes, said: str, seconds: float = 1.2) -> None:
    frames = t.receive(pull, seconds=seconds, expected=f"the ack `{number!r}`: {said}")
    if frames != [number]:
        raise Wrong("this is not the ack", tried=said, seen=f"`{frames}`", expected=f"the number alone, `{[number]}`")


# ---- 05.3 -----------------------------------------------------------------------------------------------

# Makes the second of the two writes take a moment, whichever it is: what is between two commits can be seen.
_SLOW = """
CREATE VIEW moment AS WITH RECURSIVE counter(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM counter WHERE x < 200000)
    SELECT count(*) AS x FROM counter;
CREATE TRIGGER slow_seen BEFORE INSERT ON seen WHEN (SELECT balance FROM account) = 130
    BEGIN SELECT x FROM moment; END;
CREATE TRIGGER slow_account BEFORE UPDATE ON account WHEN (SELECT count(*) FROM seen) = 2
    BEGIN SELECT x FROM moment; END;
"""
_QUICK = "DROP TRIGGER slow_seen; DROP TRIGGER slow_account; DROP VIEW moment;"


class _Bank:
    """The file that the worker keeps its books in, seen from outside."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write("CREATE TABLE account (balance INTEGER); INSERT INTO account VALUES (0);"
                   "CREATE TABLE seen (id PRIMARY KEY);")

    def write(self, script: str) -> None:
        with closing(sqlite3.connect(self.path)) as db:
            db.executescript(script)

    def state(self) -> tuple[int, int]:
        """What has been committed: the balance, and how many numbers have been seen."""
        with closing(sqlite3.connect(self.path)) as db:
            return db.execute("SELECT balance, (SELECT count(*) FROM seen) FROM account").fetchone()


@exercise(
    "05.3",
    title="Once, whatever happens",
    hints=(
        "A set in memory dies with the worker; the table `seen` does not. When must a number be written to it?",
        "Number and amount belong into one transaction: one `with db:` around both. The ack comes after it, when it is "
        "committed.",
        'Inside `with db:`, `new = db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (number,)).rowcount`, and the '
        "`UPDATE` only `if new`. Then, outside, `ack.send(number)`.",
    ),
)
def booked_once(book) -> None:
    """`book(ctx, tasks, acks, path)` adds each number's amount once, through repeats, kills and restarts."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, trial(seconds=5) as t:
        bank = _Bank(Path(folder, "bank.db"))
        push, tasks = t.bind(zmq.PUSH)
        pull, acks = t.bind(zmq.PULL)
        role = t.role(book, tasks, acks, str(bank.path))

        for said in ("the task `1`, 100", "the task `1` again"):
            _book(t, push, pull, b"1", b"100")
            _balance(bank, 100, f"{said}; then the balance was read, when the ack was there")

        bank.write(_SLOW)
        t.send(push, b"2", b"30", expected="a worker that goes on")
        worst = "the task `2`, 30, and SIGKILL when half of it could be seen in the file; restarted, the task again"
        calm = "the tasks `1`, 100, and `2`, 30; SIGKILL, restarted, both again"
        half = t.wait(lambda: _half_or_acked(bank, pull), seconds=3, expected="an ack for the task `2`") == "half"
        if not half:
            _acknowledged(t, pull, b"2", "a task that takes a moment to write down", seconds=2.5)
            _balance(bank, 130, "the task `2`, 30, with a slow disk; the balance when the ack was there")
        t.stage.kill(role.name)
        while pull.poll(50):  # an ack that was still sent
            pull.recv()
        bank.write(_QUICK)
        t.stage.restart(role.name)
        _book(t, push, pull, b"2", b"30")
        _balance(bank, 130, worst if half else calm)
        _book(t, push, pull, b"1", b"100")
        _balance(bank, 130, calm)


def _half_or_acked(bank: _Bank, pull: zmq.Socket) -> str:
    balance, seen = bank.state()
    if (balance == 130) != (seen == 2):
        return "half"
    return "acked" if pull.poll(0) else ""


def _book(t: Trial, push: zmq.Socket, pull: zmq.Socket, number: bytes, amount: bytes) -> None:
    t.send(push, number, amount, expected="a PULL that is connected to `tasks`")
    _acknowledged(t, pull, number, "every task is acknowledged, new or repeated", seconds=2.5)


def _balance(bank: _Bank, expected: int, tried: str) -> None:
    balance, _ = bank.state()
    if balance != expected:
        raise Wrong(
            "an amount was booked twice" if balance > expected else "an acknowledged amount is not in the account",
            tried=tried,
            seen=f"the balance is {balance}",
            expected=f"{expected}: number and amount in one transaction, and the ack after its commit",
        )


# ---- 05.4 -----------------------------------------------------------------------------------------------

LIFETIME = 1.0


class _Screen:
    """Shows readings; the one that is called `busy` takes so many seconds."""

    def __init__(self, busy: float) -> None:
        self.shown: list[bytes] = []
        self.busy = busy
        self.ready = threading.Event()

    def __call__(self, value: bytes) -> None:
        self.shown.append(value)
        if value == b"busy":
            self.ready.wait(self.busy)

    __name__ = "screen"


@exercise(
    "05.4",
    title="Stale is worse than lost",
    hints=(
        "A reading's age is the time now minus its moment. When is *now*: when it was sent, or when you get to it?",
        "The moment is text in a frame: `float(moment)` reads it. `time.time()` is the same clock, in seconds.",
        "In the loop: `moment, value = pull.recv_multipart()`, then "
        "`if time.time() - float(moment) <= lifetime:` show it.",
    ),
)
def only_fresh_readings_are_shown(fresh_only) -> None:
    """`fresh_only(ctx, readings, lifetime, screen)` calls `screen(value)` for what is not too old when it is read."""
    with trial() as t:
        push, readings = t.bind(zmq.PUSH)
        screen = _Screen(busy=0.7)
        t.start(fresh_only, t.ctx, readings, LIFETIME, screen)
        for value, age in (
            (b"20", 0.3),
            (b"an old one", 60.0),
            (b"21", 0.3),
            (b"just too old", LIFETIME + 0.3),
            (b"busy", 0.0),
            (b"old when you get to it", LIFETIME - 0.35),
        ):
            t.send(push, _moment(age), value, expected="a PULL that is connected to `readings`")
        _shown(t, screen, b"busy")
        time.sleep(0.5)  # the screen is busy, and what waits gets older
        for value in (b"22", b"23"):
            t.send(push, _moment(0.3), value)
        screen.ready.set()
        _shown(t, screen, b"23")
        expected = [b"20", b"21", b"busy", b"22", b"23"]
        if screen.shown != expected:
            raise Wrong(
                "the screen did not show what was fresh, and only that",
                tried=f"readings of different age, lifetime {LIFETIME} s; at `busy` the screen took half a second, "
                "in which one that waited became too old",
                seen=", ".join(f"`{value!r}`" for value in screen.shown),
                expected=", ".join(f"`{value!r}`" for value in expected),
            )


def _moment(age: float) -> bytes:
    return str(time.time() - age).encode()


def _shown(t: Trial, screen: _Screen, value: bytes) -> None:
    t.wait(
        lambda: value in screen.shown,
        expected=f"`screen({value!r})` is called: that reading is fresh, whatever came before it",
        seconds=1,
    )
