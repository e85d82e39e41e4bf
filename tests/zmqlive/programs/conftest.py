"""What these tests share."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder with a short name: the path of an ipc endpoint has about a hundred bytes."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="zmqlive-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
