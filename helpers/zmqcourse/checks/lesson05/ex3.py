"""05.3: money that is booked once, through repeats, kills and restarts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import zmq

from ...exercise import Wrong, exercise
from ...trial import Trial, trial
from .acks import acknowledged

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
def booked_once(book) -> str:
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
            acknowledged(t, pull, b"2", "a task that takes a moment to write down", seconds=2.5)
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
        _in_any_order(t, push, pull, bank)
        _many_at_once(t, push, pull, bank)
    return (
        f"killed when {'half of a task could be seen' if half else 'a task was done'}, restarted; numbers in any "
        f"order, {sum(times for *_, times in LATER)} tasks more, some of them repeats, and {AT_ONCE} at once: each "
        "amount booked once"
    )


AT_ONCE = 20  # tasks that come without a pause

# number, amount, how many times in a row
LATER = (
    (b"9", b"5", 2),
    (b"7", b"5", 1),
    (b"12", b"0", 2),
    (b"11", b"4000000000", 1),
    (b"9", b"5", 1),
    (b"2", b"30", 1),
)


def _in_any_order(t: Trial, push: zmq.Socket[Any], pull: zmq.Socket[Any], bank: _Bank) -> None:
    """Smaller numbers after larger ones: their first copies were lost on the road."""
    for number, amount, times in LATER:
        for _ in range(times):
            _book(t, push, pull, number, amount)
    tried = "numbers in any order, some of them twice: 9, 9, 7, 12, 12, 11, 9, 2"
    _balance(bank, 130 + 5 + 5 + 4_000_000_000, tried)


def _many_at_once(t: Trial, push: zmq.Socket[Any], pull: zmq.Socket[Any], bank: _Bank) -> None:
    """More tasks wait while one is booked: its ack means no less for that."""
    before, _ = bank.state()
    numbers = [b"%d" % (100 + count) for count in range(AT_ONCE)]
    for number in numbers:
        t.send(push, number, b"1", expected="a PULL that is connected to `tasks`")
    for count, number in enumerate(numbers, 1):
        acknowledged(t, pull, number, "every task is acknowledged, also when more are waiting", seconds=2.5)
        balance, _ = bank.state()
        if balance < before + count:
            tried = f"{AT_ONCE} tasks at once, of which {count} were acknowledged"
            raise _other_balance(balance, before + count, tried)
    _balance(bank, before + AT_ONCE, f"{AT_ONCE} tasks at once, 1 each")


def _half_or_acked(bank: _Bank, pull: zmq.Socket[Any]) -> str:
    balance, seen = bank.state()
    if (balance == 130) != (seen == 2):
        return "half"
    return "acked" if pull.poll(0) else ""


def _book(t: Trial, push: zmq.Socket[Any], pull: zmq.Socket[Any], number: bytes, amount: bytes) -> None:
    t.send(push, number, amount, expected="a PULL that is connected to `tasks`")
    acknowledged(t, pull, number, "every task is acknowledged, new or repeated", seconds=2.5)


def _balance(bank: _Bank, expected: int, tried: str) -> None:
    balance, _ = bank.state()
    if balance != expected:
        raise _other_balance(balance, expected, tried)


def _other_balance(balance: int, expected: int, tried: str) -> Wrong:
    return Wrong(
        "an amount was booked twice" if balance > expected else "an acknowledged amount is not in the account",
        tried=tried,
        seen=f"the balance is {balance}",
        expected=f"{expected}: number and amount in one transaction, and the ack after its commit",
    )
