"""What all tests share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def no_progress_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests leave the learner's own progress alone; those about progress name a file of theirs."""
    monkeypatch.setenv("ZMQCOURSE_PROGRESS", "off")
