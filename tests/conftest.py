"""What all tests share."""

from __future__ import annotations

import os

import pytest

# Lesson 03 runs with every queue that it finds. Where all are installed, three runs of it at a time would take minutes:
# here it gets a few quick ones. test_brokers.py runs them all.
os.environ.setdefault("ZMQCOURSE_BENCH", "zeromq nng redis")


@pytest.fixture(autouse=True)
def no_progress_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests leave the learner's own progress alone; those about progress name a file of theirs."""
    monkeypatch.setenv("ZMQCOURSE_PROGRESS", "off")


# Files go to the workers one by one: the longest must not come last, when the others have nothing left to do.
LONGEST = (
    "test_lessons_browser", "test_brokers", "test_lessons", "test_checks", "test_pyzmq_suite", "test_view_browser",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


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
