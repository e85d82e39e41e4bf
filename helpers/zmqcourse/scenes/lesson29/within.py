"""The conftest of a suite: the lesson's fixtures, a kitchen for each case, and what pytest reports, line by line."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import zmq

from .fixtures import ctx, start
from .kitchens import FAULTS, SlowContext

__all__ = [
    "case", "ctx", "kitchen", "kitchens_ctx", "patience", "pytest_collection_finish", "pytest_generate_tests",
    "pytest_runtest_makereport", "pytest_unconfigure", "start",
]  # fmt: skip

_started: list[str] = []
_MOMENT = 0.2  # seconds for a kitchen to end when its context does


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    cases = json.loads(Path("cases").read_text("utf-8"))
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", [pytest.param((name, case), id=name) for name, case in cases.items()])


@pytest.fixture
def case() -> Any:
    """Its name and what it is; see `suite.Case`."""


@pytest.fixture
def patience(case: Any) -> float:
    return case[1]["patience"]


@pytest.fixture
def kitchens_ctx(case: Any) -> Iterator[SlowContext]:
    context = SlowContext()
    context.linger = 0
    context.late, context.over = case[1]["late"], threading.Event()
    yield context
    context.over.set()
    ending = threading.Thread(target=context.term, daemon=True)  # a kitchen that is at work raises then
    ending.start()
    ending.join(_MOMENT)


@pytest.fixture
def kitchen(case: Any) -> Callable[..., None]:
    cooks = FAULTS[case[1]["fault"]]

    def kitchen(context: Any, orders: str, meals: str) -> None:
        _started.extend((orders, meals))
        with suppress(zmq.ContextTerminated):
            cooks(context, orders, meals)

    return kitchen


def pytest_collection_finish(session: pytest.Session) -> None:
    Path("began").touch()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Iterator[None]:
    yield
    error = call.excinfo
    if call.when == "call" or error is not None:
        told = {
            "name": item.callspec.params["case"][0] if hasattr(item, "callspec") else "",
            "passed": error is None,
            "kind": "" if error is None else error.type.__name__,
            "said": "" if error is None else str(error.value)[:300],
            "seconds": call.duration,
            "started": list(_started),
        }
        _started.clear()
        with Path("results").open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")


def pytest_unconfigure() -> None:
    os._exit(0)  # whatever a test or a kitchen has left behind
