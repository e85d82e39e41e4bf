"""Public bug reports: whether the diagnosis names the cause, as the table in helpers/zmqlive/README.md says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from environments import HELPERS
from reports import REPORTS, SECONDS, Report
from systems import free_port, play


@pytest.mark.thorough
@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.where.replace(" ", "-"))
def test_a_report(report: Report, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(report.code)
    with play() as it:
        it.start(tmp_path / "program.py", f"tcp://127.0.0.1:{free_port()}")
        it.wait_once_up(SECONDS)
        found = it.system.trace().diagnosis()
    for each in found:
        print(f"\n{each}")
    kinds = [each.kind for each in found]
    assert kinds == ([report.kind] if report.kind else []), (kinds, it.out.getvalue())


def test_the_table_says_the_same() -> None:
    text = (HELPERS / "zmqlive" / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+?) \| [^|]+? \| ([^|]+?) \|$", text, re.MULTILINE))
    assert {r.where: rows.get(r.where) for r in REPORTS} == {r.where: r.kind or "not named" for r in REPORTS}
