"""Chromium for the tests of the view."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The browser to use: the one that CHROMIUM names, or the system's."""
    named = os.environ.get("CHROMIUM")
    if named and os.path.exists(named):
        return named
    return next(
        (p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome")) if p), None
    )


@contextmanager
def open_browser() -> Iterator[Any]:
    """A headless Chromium; the test is skipped when there is none (set CHROMIUM to its path)."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine (set CHROMIUM to its path)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
