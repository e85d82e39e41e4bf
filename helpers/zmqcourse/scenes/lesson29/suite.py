"""A test, run by real pytest in a process of its own, against a kitchen that is right, faulty, or slow.

    with Suite(test, {"right": Case(), "late": Case(late={"first": 0.5})}) as suite:
        for result in suite.results(): …
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cloudpickle
from zmqlive.roles import interrupts

PATIENCE = 30.0  # seconds that a test waits for what should come
LONG = 60.0  # seconds for a whole suite, which takes a few

_CONFTEST = "from zmqcourse.scenes.lesson29.within import *  # noqa: F403\n"
_TEST = '''import pickle
from pathlib import Path

test_kitchen = pickle.loads(Path("answer").read_bytes())
'''


@dataclass(frozen=True)
class Case:
    """One run of the test: what is wrong with the kitchen (see `kitchens.FAULTS`), where it is late by how many
    seconds, and for how many the test is to wait for what should come."""

    fault: str = "none"
    late: Mapping[str, float] = field(default_factory=dict)
    patience: float = PATIENCE


@dataclass(frozen=True)
class Result:
    """How it went: whether the test passed, what it said (the error's type, and its text), how many seconds it took,
    and the endpoints with which it started a kitchen."""

    name: str
    passed: bool
    kind: str
    said: str
    seconds: float
    started: tuple[str, ...]


class Suite:
    """pytest at work; its results as they come."""

    def __init__(self, test: Callable[..., Any], cases: Mapping[str, Case]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="suite-")
        self._results = (where := Path(self._folder.name)) / "results"
        self._results.touch()
        (where / "answer").write_bytes(cloudpickle.dumps(test))
        (where / "cases").write_text(json.dumps({name: asdict(case) for name, case in cases.items()}), "utf-8")
        (where / "conftest.py").write_text(_CONFTEST, "utf-8")
        (where / "test_kitchen.py").write_text(_TEST, "utf-8")
        (where / "pytest.ini").write_text("[pytest]\n", "utf-8")
        self._said = (where / "said").open("w+b")
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, json.dumps(sys.path)],
            cwd=where, stdin=subprocess.DEVNULL, stdout=self._said, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def so_far(self) -> list[Result]:
        """What is known by now."""
        lines = self._results.read_text("utf-8").splitlines(keepends=True)
        return [_result(json.loads(line)) for line in lines if line.endswith("\n")]

    @property
    def began(self) -> bool:
        """Whether pytest is at the first test, or past it."""
        return (self._results.parent / "began").exists()

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    @property
    def said(self) -> str:
        """What pytest printed."""
        self._said.seek(0)
        return self._said.read().decode("utf-8", "replace")

    def results(self, seconds: float = LONG) -> Iterator[Result]:
        """Each result as it comes, until pytest has ended, or for so many seconds."""
        told, step = 0, 0.02
        for _ in range(int(seconds / step)):
            over, come = self.ended, self.so_far()
            yield from come[told:]
            told = len(come)
            if over:
                return
            interrupts.original(step)

    def __enter__(self) -> Suite:
        return self

    def __exit__(self, *error: object) -> None:
        if not self.ended:
            self._process.kill()
        self._process.wait()
        self._said.close()
        self._folder.cleanup()


# plugins of other packages are not asked: the test is to be run as it would be in an empty project
_START = """
import json, os, sys
sys.path[:] = json.loads(sys.argv[1])
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "--tb=short"]))
"""


def _result(told: dict[str, Any]) -> Result:
    return Result(**{**told, "started": tuple(told["started"])})


def passes(test: Callable[..., Any], cases: Mapping[str, Case | tuple[str, Mapping[str, float]]]) -> dict[str, bool]:
    """Whether this test passes, for each case."""
    made = {name: case if isinstance(case, Case) else Case(*case) for name, case in cases.items()}
    with Suite(test, made) as suite:
        found = {result.name: result.passed for result in suite.results()}
        assert list(found) == list(cases), suite.said
    return found
