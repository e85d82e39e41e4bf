"""Faults from practice are named, in programs that look otherwise than those the rules were made with; and healthy
systems that look like them are not accused."""

from __future__ import annotations

from pathlib import Path

import pytest
from relatives import HEALTHY, SECONDS, SICK, programs
from systems import free_port, play

pytestmark = pytest.mark.thorough


def kinds(code: str, folder: Path) -> list[str]:
    with play() as it:
        there = [f"tcp://127.0.0.1:{free_port()}" for _ in range(2)]
        for name, text in programs(code).items():
            (folder / f"{name}.py").write_text(text)
            it.start(folder / f"{name}.py", *there)
        it.wait_once_up(SECONDS)
        found = it.system.trace().diagnosis()
    print(it.out.getvalue(), it.system.trace().ledger(), *found, sep="\n")
    return [each.kind for each in found]


@pytest.mark.parametrize("name", SICK)
def test_a_fault_is_named(name: str, tmp_path: Path) -> None:
    kind, code = SICK[name]
    assert set(kinds(code, tmp_path)) == {kind}


@pytest.mark.parametrize("name", HEALTHY)
def test_nobody_healthy_is_accused(name: str, tmp_path: Path) -> None:
    assert kinds(HEALTHY[name], tmp_path) == []
