"""Search in Chromium, by keyboard: all lessons and the glossary, from files, with nothing fetched before it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
FOUND = ".search ol a"


def test_search_by_keyboard(visit: Any, site: Path) -> None:
    page = visit("glossary.html")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("/")
    page.keyboard.type("high-water")
    page.wait_for_selector(FOUND)
    assert asked == [(site / "search.js").as_uri()]
    assert page.locator(FOUND).first.locator("b").inner_text().lower() == "high-water mark"
    assert page.locator(f"{FOUND} mark").count() >= 1
    assert "found" in page.inner_text(".search [role=status]")
    hits = page.eval_on_selector_all(FOUND, "all => all.map(a => a.getAttribute('href'))")
    assert any(hit.startswith("06-back-pressure.html") for hit in hits) and hits[0].startswith("glossary.html#")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('href')") == hits[1]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("credit handful")
    page.wait_for_function(f"document.querySelector('{FOUND}')?.getAttribute('href').startsWith('06-back-pressure.html')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/06-back-pressure.html*")


def test_what_is_nowhere_is_said_and_escape_closes(visit: Any) -> None:
    page = visit("00-start-here.html")
    page.click(".find")
    page.keyboard.type("xylophone")
    page.wait_for_function("document.querySelector('.search [role=status]').textContent.startsWith('Nothing has all')")
    assert page.locator(FOUND).count() == 0
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('.search').open")


def test_a_slash_in_a_field_is_a_slash(visit: Any) -> None:
    page = visit("glossary.html")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('afterbegin', '<input class=own>')")
    page.focus(".own")
    page.keyboard.type("a/b")
    assert page.input_value(".own") == "a/b" and not page.evaluate("document.querySelector('.search').open")
