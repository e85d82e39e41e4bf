"""Lets nbval say of each exercise whether it is solved, to do or wrong, or that there is no verdict.

Loaded by pytest through the entry point ``zmqcourse``; it acts only on notebooks that hold exercises (cells
with ``course`` metadata) and are run by nbval. Only a wrong answer or a failing ordinary cell fails the run.

    pytest --nbval-lax --nbval-current-env notebooks             where you are
    pytest --nbval-lax … --require=todo notebooks                as shipped: everything is to do
    pytest --nbval-lax … --solutions --require=solved notebooks  with the folded solutions put in
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest

from ..exercise import BUSY, FAILED, MARK, MIME, NO_VERDICT, SOLVED, STATES, TODO, VARIABLE, WORD, WRONG, Clock
from ..learner import bar
from .notebook import KINDS, LessonError, mark, solve
from .watching import VERDICTS

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_REPORT = {
    SOLVED: ("solved", "S", "SOLVED"),
    TODO: ("to do", "o", "TO DO"),
    WRONG: ("failed", "W", "WRONG"),
    BUSY: ("no verdict", "b", "BUSY"),
    FAILED: ("no verdict", "f", "CHECK FAILED"),
}
_MARKUP = {SOLVED: "green", TODO: "yellow", WRONG: "red", BUSY: "yellow", FAILED: "yellow"}
# The cell limit is in seconds of a quiet machine, but no cell has more than so many by the wall clock.
_LONGEST = 150.0
_NOT_RUN = "not run: the kernel had died before"


class CellFailed(Exception):
    """Shown as its one line, without a traceback."""


class KernelDied(CellFailed):
    """The kernel's process ended while a cell ran, as libzmq makes it when a socket is misused."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("zmqcourse", "exercises of the course (with --nbval-lax)")
    group.addoption("--solutions", action="store_true", help="run each exercise with its folded solution")
    group.addoption(
        "--require",
        choices=["any", TODO, SOLVED],
        default="any",
        help="fail unless every exercise is in this state (any: fail only when an answer is wrong)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.option.solutions:
        # Kernels inherit this: the learner's progress is not what the solutions solve.
        os.environ[VARIABLE] = "off"


def _is_cell(item: Any) -> bool:
    """Whether this is a cell of a notebook of ours, run by nbval."""
    nb = getattr(getattr(item, "parent", None), "nb", None)
    return (
        nb is not None
        and hasattr(item, "cell_num")
        and any(mark(c, kind) for c in nb.cells for kind in KINDS)
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    if not _is_cell(item):
        return
    cell: Any = item.cell  # type: ignore[attr-defined]
    parent: Any = item.parent
    item.name = f"Cell {item.cell_num} {cell.get('id', '')}".strip()  # type: ignore[attr-defined]
    item._nodeid = f"{parent.nodeid}::{item.name}"
    line = f"{parent.nodeid}::{item.name}"
    item.reportinfo = lambda: (item.path, 0, line)  # type: ignore[method-assign]
    if mark(cell, "check"):
        item.options["check"] = False  # type: ignore[attr-defined]  # the verdict decides, not saved output
    id = mark(cell, "exercise")
    if id and item.config.option.solutions:
        cell.source = _solutions(parent)[id]


def _solutions(parent: Any) -> dict[str, str]:
    if not hasattr(parent, "course_solutions"):
        try:
            parent.course_solutions = {mark(c, "exercise"): c.source for c in solve(parent.nb).cells}
        except LessonError as error:
            raise pytest.UsageError(f"{parent.path.name}: {error}") from error
    return parent.course_solutions


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    if not _is_cell(item):
        return (yield)
    cell: Any = item.cell  # type: ignore[attr-defined]
    parent: Any = item.parent
    _watch(parent)
    result, error = None, None
    try:
        result = yield
    except Exception as raised:
        error = _own_words(item, raised)
    finally:
        kernel = parent.kernel
        if parent.timed_out and kernel is not None and kernel.is_alive():
            parent.timed_out = False  # interrupted and well: the cells after it are run as ever
    if error is None and _raised_nothing(item):
        error = CellFailed("tagged raises-exception, but nothing was raised")
    if id := mark(cell, "exercise"):
        # The check cell speaks for the exercise: it is told what became of this one.
        parent.course_broken = {**getattr(parent, "course_broken", {}), **({id: error} if error else {})}
    elif id := mark(cell, "check"):
        _settle(item, id, *_outcome(item, id, error))
    elif error is not None:
        raise error
    return result


def _watch(parent: Any) -> None:
    """Have nbval notice a dead kernel within half a second rather than after the whole cell limit."""
    kernel = parent.kernel
    if kernel is None or getattr(kernel, "course_watch", False):
        return

    def await_reply(msg_id: str, timeout: float | None = None) -> None:
        limit = timeout or 3600
        clock, latest = Clock(), time.monotonic() + max(limit, _LONGEST)
        while True:
            try:
                message = kernel.get_message("shell", timeout=min(0.5, max(0.01, limit - clock.now())))
            except Empty:
                if not kernel.is_alive():
                    raise KernelDied("the kernel died in this cell") from None
                if clock.over(limit) or time.monotonic() > latest:
                    raise
                continue
            if message["parent_header"].get("msg_id") == msg_id:
                if message["content"]["status"] == "aborted":
                    raise RuntimeError("the kernel refused to run the cell")
                return

    kernel.await_reply, kernel.course_watch = await_reply, True


def _own_words(item: Any, error: Exception) -> Exception:
    """What nbval raised, said plainly where it is about the kernel."""
    parent = item.parent
    if "Kernel dead on test start" in str(error):
        item.test_outputs = None
        return KernelDied(_NOT_RUN)
    if isinstance(error, KernelDied) or parent.kernel is None or not parent.kernel.is_alive():
        if getattr(item, "test_outputs", None) is None:
            item.test_outputs = None
        return KernelDied("the kernel died in this cell" + _stopped(error))
    return error


def _stopped(error: Exception) -> str:
    return " (it did not answer and was stopped)" if "Failed to interrupt" in str(error) else ""


def _raised_nothing(item: Any) -> bool:
    if "raises-exception" not in item.cell.metadata.get("tags", []) or item.test_outputs is None:
        return False
    return not any(output.output_type == "error" for output in item.test_outputs)


def _outcome(item: Any, id: str, error: Exception | None) -> tuple[str, str]:
    """State and message of an exercise, also when its check never came to say it."""
    broken = getattr(item.parent, "course_broken", {}).get(id)
    if broken is not None:
        return _state_of(item, broken)
    verdicts = [o["data"][MIME] for o in item.test_outputs or () if MIME in o.get("data", {})]
    if verdicts:
        return verdicts[-1]["state"], verdicts[-1]["message"]
    if error is not None:
        return _state_of(item, error)
    return WRONG, "its check cell showed no verdict"


def _state_of(item: Any, error: Exception) -> tuple[str, str]:
    text = str(error)
    if isinstance(error, KernelDied):
        return (TODO if text == _NOT_RUN else WRONG), text
    if "Timeout of" in text:
        limit = item.config.option.nbval_cell_timeout
        return (
            WRONG,
            f"stopped after {limit:g} s: something waits for ever (a recv()? a loop without an end?)",
        )
    lines = _ANSI.sub("", getattr(error, "inner_traceback", "") or text).strip().splitlines()
    last = lines[-1].strip()[:200] if lines else text
    if last.startswith(("ToDo", "NotImplementedError")):
        return TODO, last.partition(":")[2].strip() or "not tried yet"
    return WRONG, f"its cell failed: {last}"


def _settle(item: Any, id: str, state: str, message: str) -> None:
    """Let the item pass, or fail in one line; the summary reads the properties."""
    item.user_properties += [
        ("exercise", id),
        ("state", state),
        ("message", message),
        ("notebook", item.path.name),
    ]
    wanted = item.config.option.require
    if wanted == "any":
        if state == WRONG:
            raise CellFailed(f"exercise {id}: {message}")
    elif state != wanted:
        raise CellFailed(
            f"exercise {id} is {WORD[state]}, and had to be {WORD[wanted]}: {message}".rstrip(": ")
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: Any = yield
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, CellFailed):
        report.longrepr = str(error)
        if str(error) == _NOT_RUN:  # one failure is enough: the cell in which it died
            report.outcome, report.longrepr = "skipped", (str(item.path), 0, str(error))
    return report


def pytest_report_teststatus(report: Any, config: pytest.Config) -> Any:
    said = dict(getattr(report, "user_properties", ()) or ())
    if report.when != "call" or "state" not in said:
        return None
    state = said["state"]
    if report.failed and state != WRONG:  # --require was not met
        return None
    category, letter, word = _REPORT[state]
    return category, letter, (word, {_MARKUP[state]: True})


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            said = dict(getattr(report, "user_properties", ()) or ())
            if "state" in said and report.when == "call":
                rows[said["notebook"], said["exercise"]] = said
    if path := os.environ.get(VERDICTS):    # for who called this: see `watching`
        Path(path).write_text(json.dumps([*rows.values(), *_broken(terminalreporter)]), encoding="utf-8")
    if not rows or hasattr(config, "workerinput"):    # one of several processes: the first speaks for all
        return
    terminalreporter.section("exercises")
    for (notebook, id), said in sorted(rows.items()):
        line = f"{MARK[said['state']]} {notebook}  {id}  {WORD[said['state']]:<7} {said['message']}".rstrip()
        terminalreporter.line(line, **{_MARKUP[said["state"]]: True})
    counts = {state: sum(said["state"] == state for said in rows.values()) for state in STATES}
    total = f"{counts[SOLVED]}/{len(rows)} solved, {counts[TODO]} to do, {counts[WRONG]} wrong"
    if without := sum(counts[state] for state in NO_VERDICT):
        total += f", {without} without a verdict"
    terminalreporter.line(f"[{bar(counts[SOLVED], len(rows))}] {total}")
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(job_summary(rows, total))
    if path := os.environ.get("GITHUB_OUTPUT"):    # for the badge
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"total={total}\n")


def _broken(terminalreporter: Any) -> list[dict[str, str]]:
    """The ordinary cells that failed, in the form of exercises that have no id."""
    failed = [*terminalreporter.stats.get("failed", ()), *terminalreporter.stats.get("error", ())]
    return [
        {"notebook": Path(report.fspath).name, "exercise": "", "state": WRONG, "message": _last_line(report)}
        for report in failed
        if "state" not in dict(getattr(report, "user_properties", ()) or ())
    ]


def _last_line(report: Any) -> str:
    lines = [line for line in _ANSI.sub("", str(report.longrepr)).splitlines() if line.strip()]
    cell = report.nodeid.partition("::")[2]
    return f"{cell}: {lines[-1].strip()[:200]}" if lines else cell


def job_summary(rows: dict[tuple[str, str], dict[str, str]], total: str) -> str:
    """The exercises as a Markdown table, for the summary page of a GitHub workflow."""
    lines = [f"### Exercises: {total}", "", "| | lesson | exercise | |", "|-|-|-|-|"]
    for (notebook, id), said in sorted(rows.items()):
        message = said["message"].replace("|", "\\|").replace("\n", " ")
        lines.append(f"| {MARK[said['state']]} | {notebook} | {id} | {message} |")
    return "\n".join(lines) + "\n\n"
