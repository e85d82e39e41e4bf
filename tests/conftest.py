"""What all tests share."""

from __future__ import annotations

import gc
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from machine import PATIENCE, pace
from site_reader import built
from xdist.scheduler import LoadScopeScheduling
from zmqlive import Stage

# Lesson 03 runs with every queue that it finds. Where all are installed, three runs of it at a time would take minutes:
# here it gets a few quick ones. test_brokers.py runs them all.
os.environ.setdefault("ZMQCOURSE_BENCH", "zeromq nng redis")


@pytest.fixture(autouse=True)
def no_progress_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests leave the learner's own progress alone; those about progress name a file of theirs."""
    monkeypatch.setenv("ZMQCOURSE_PROGRESS", "off")


@pytest.fixture(autouse=True)
def a_stage_waits_patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """`stage.wait` without a time limit of its own ends what hangs; a busy machine is no failure."""
    monkeypatch.setattr(Stage.wait, "__defaults__", (PATIENCE,))


@pytest.fixture(autouse=True, scope="module")
def what_a_file_leaves_is_told_there() -> Iterator[None]:
    """A socket that nobody closed is complained of when it is collected: in the file that left it, not in another."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static site: the one that ZMQ_SITE names, else one that is built of two lessons."""
    return built(tmp_path_factory.mktemp("site") / "course")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="only what `make test` leaves to `make test-all`")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Three for each core to use: tests wait for more than half of their time; five of the thorough ones, most of which
    wait for an answer that does not come."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return (5 if config.getoption("--thorough") else 3) * cores


# What goes to a worker as one: a file, or of these files the lessons that leave the same remainder by this number: each
# group starts a JupyterLab. The longest first: it must not come last, when the other workers have nothing left to do.
SPLIT = {"test_lessons": 100, "test_lessons_twice": 100, "test_checks": 100, "test_soak": 100, "test_lessons_run": 4}
# they share a site that was built once
TOGETHER = {"test_site_browser": "test_site", "test_steer_browser": "test_site", "test_search_browser": "test_site"}
LONGEST = (
    "test_lessons_run", "test_brokers", "test_lessons", "test_lessons_browser", "test_view_browser",
    "test_pyzmq_suite", "test_load", "test_relatives", "test_lessons_twice", "test_soak", "test_checks",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = config.getoption("--thorough")
    others = [item for item in items if bool(item.get_closest_marker("thorough")) != wanted]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


class Together(LoadScopeScheduling):
    """Sends what belongs together to one worker. (`--dist loadgroup` of pytest-xdist 3.8 writes the group into a test's
    id, where pytest 9.2 no longer looks for it, and so scatters the groups.)"""

    def _split_scope(self, nodeid: str) -> str:
        """A file, or the lessons of it that leave the same remainder: a lesson is known by the two digits with which
        the test's parameter begins."""
        file, lesson = Path(nodeid.partition("::")[0]).stem, re.search(r"\[(\d\d)", nodeid)
        if lesson and file in SPLIT:
            return f"{file}-{int(lesson[1]) % SPLIT[file]}"
        return TOGETHER.get(file, file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together | None:
    return Together(config, log) if config.option.dist == "loadgroup" else None


def pytest_report_header() -> str:
    return f"pace: all takes {pace():.1f} times as long as on a quiet machine of some years of age (tests/machine.py)"


def pytest_configure(config: pytest.Config) -> None:
    """Whoever is told to end, or loses its terminal, ends as after Ctrl-C."""
    # a shell's background job has Ctrl-C ignored, and so would have all that tests start and interrupt
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        for name in ("SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.default_int_handler)


def pytest_keyboard_interrupt() -> None:
    """After Ctrl-C nothing goes on. Workers are ended hard by xdist, and what they had started would live on."""
    for _ in range(2):      # again: a worker may have started one more while its siblings were looked for
        for process in psutil.Process().children(recursive=True):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                pass


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tables that tests have filled row by row (by `record_property`, which also comes from xdist's workers)."""
    tables: dict[str, dict[str, None]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, row in getattr(report, "user_properties", ()):
                if name.startswith("table of") and report.when == "call":
                    tables.setdefault(name, {})[str(row)] = None
    for name, rows in tables.items():
        terminalreporter.section(name)
        # the first row is the heading, the same from each test
        for row in [next(iter(rows)), *sorted(list(rows)[1:])]:
            terminalreporter.line(row)
