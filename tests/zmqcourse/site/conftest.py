"""What the tests of the site in a browser share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_view import open_browser
from machine import PATIENCE

WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as chromium:
        yield chromium


@pytest.fixture
def visit(browser: Any, site: Path) -> Iterator[Callable[..., Any]]:
    """Opens a page of the site; in the end nothing was complained of, and nothing asked for beyond the folder."""
    contexts, problems = [], []

    def open_page(name: str, **context: Any) -> Any:
        contexts.append(browser.new_context(**({"viewport": WIDE} | context)))
        page = contexts[-1].new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.on("console", lambda m: problems.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        inside = (site.as_uri() + "/", "data:", "blob:")
        page.on("request", lambda r: None if r.url.startswith(inside) else problems.append(r.url))
        page.goto((site / name).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
