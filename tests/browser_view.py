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


def let_pass(page: Any, ms: float) -> None:
    """Waits so many milliseconds, and for as many frames as are drawn in them where nobody else is at work (a frame may
    take 40 ms): what a busy machine shows late is not wrong. A page that is hidden draws none, and is waited for by the
    clock."""
    page.evaluate(
        """async ms => {
            const end = performance.now() + ms;
            for (let frames = 0; frames < ms / 40 || performance.now() < end; frames++)
                await Promise.race([new Promise(requestAnimationFrame), new Promise(r => setTimeout(r, 1000))]);
        }""",
        ms,
    )
