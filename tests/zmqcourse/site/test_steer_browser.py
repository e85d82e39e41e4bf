"""Steering in Chromium: a slider and a button on a page choose another run, in the same picture, at the same moment."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser
ZL = "document.querySelector('.zl')"
BOXES = f"JSON.stringify([...{ZL}.zmqlive.view.geo.boxes].map(([id, b]) => [id, b.x, b.y, b.w, b.h]))"
CLOCK = f"{ZL}.zmqlive.clock"


def opened(visit: Any, name: str) -> Any:
    page = visit(name)
    page.locator(".flow").first.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_function(f"{ZL}?.zmqlive.view.shown > 0")
    page.wait_for_selector(".zl-slot [data-knob]")    # right below the picture
    return page


def test_a_slider_chooses_another_run_and_nothing_jumps(visit: Any) -> None:
    page = opened(visit, "06-back-pressure.html")
    page.focus(".zl")
    page.keyboard.press(" ")
    page.eval_on_selector(".zl-scrub input", "e => { e.value = 200; e.dispatchEvent(new Event('input')); }")
    at, boxes, top = page.evaluate(f"{CLOCK}.T"), page.evaluate(BOXES), page.evaluate(f"{ZL}.offsetTop")
    height = page.evaluate(f"{ZL}.offsetHeight")
    mark = page.locator("[data-knob]").first
    assert mark.is_enabled() and mark.get_attribute("aria-valuetext") == "5"
    mark.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.steer-said').textContent === 'The run with HWM 16.'")
    page.wait_for_function(f"{ZL}.zmqlive.store().topo.sockets[0].sndhwm === 16")
    assert mark.get_attribute("aria-valuetext") == "16" and page.evaluate("document.activeElement.dataset.knob") == "0"
    assert page.evaluate(f"{CLOCK}.T") == pytest.approx(at, abs=1) and page.get_attribute(".zl", "data-mode") == "pause"
    page.wait_for_function(f"{ZL}.zmqlive.view.tween === null")
    assert page.evaluate(BOXES) == boxes and page.evaluate(f"{ZL}.offsetTop") == top
    assert page.evaluate(f"{ZL}.offsetHeight") == height
    # Of three sliders one at a time was moved: the first one goes back.
    page.locator("[data-knob]").nth(2).focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("document.querySelector('.steer-said').textContent.startsWith('The run with work')")
    assert mark.get_attribute("aria-valuetext") == "5"
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.steer-said').textContent === 'The lesson’s own run.'")


def test_two_sliders_go_together(visit: Any) -> None:
    page = visit("06-back-pressure.html")
    page.locator(".flow").nth(1).evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    knobs = page.locator("#view-2 [data-knob]")
    page.wait_for_selector("#view-2 .zl-slot [data-knob]:enabled")
    for number in (0, 1):
        knobs.nth(number).focus()
        page.keyboard.press("End")
    said = "document.querySelector('#view-2 .steer-said').textContent"
    page.wait_for_function(f"/pause, s [\\d.]+, work, s [\\d.]+/.test({said})")


def test_the_readers_first_deed_is_to_send_one(visit: Any) -> None:
    page = visit("00-start-here.html")
    page.locator(".flow").first.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_function(f"{ZL}?.zmqlive.view.shown > 0")
    assert '"you"' in page.evaluate(BOXES)
    height = page.evaluate(f"{ZL}.offsetHeight")
    page.click(".zl-slot [data-act='press:Send one']")
    page.wait_for_function("document.querySelector('.steer-said').textContent.startsWith('“Send one” was pressed')")
    own = f"{ZL}.zmqlive.store().topo.sockets.find(s => s.role === 'you').id"
    page.wait_for_function(f"{ZL}.zmqlive.view.state.socket({own}).sent === 1")
    page.wait_for_function(f"{ZL}.querySelector('.zl-say').textContent.includes('“Hello!”')")
    assert page.get_attribute("[data-act='press:Send one']", "aria-pressed") == "true"
    assert page.evaluate(f"{ZL}.offsetHeight") == height
    page.click(".zl-actions [data-act='']")    # as it was
    page.wait_for_function("document.querySelector('.steer-said').textContent === 'The lesson’s own run.'")


def test_without_a_script_the_sliders_tell_how_they_stood(visit: Any) -> None:
    page = visit("06-back-pressure.html", java_script_enabled=False)
    assert page.locator(".knob b").first.inner_text() == "5" and page.locator("[data-knob]").first.is_disabled()
