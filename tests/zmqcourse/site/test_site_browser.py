"""The static site in Chromium: every page opens in silence, every view replays, in both themes and on a phone.

Opened as files, from a folder: nothing serves them. As in `test_site`, ZMQ_SITE names a site that was built.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from browser_view import let_pass
from site_reader import ROOT, lessons, pages
from zmqcourse.site.films import film
from zmqcourse.site.pages import HERE

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FIGURE = "document.querySelectorAll('.flow')[{}]"
#: A figure's view is there, moves, and then shows another picture than before.
MOVES = """async figure => {
  figure.scrollIntoView({ block: 'center', behavior: 'instant' });
  const until = async (what, ms) => { const end = performance.now() + ms;
    while (!what() && performance.now() < end) await new Promise(r => setTimeout(r, 40)); return what(); };
  if (!await until(() => figure.querySelector('.zl canvas'), 8000)) return 'no view';
  const view = figure.querySelector('.zl'), { clock } = view.zmqlive, dots = view.querySelector('.zl-dots');
  if (!await until(() => view.zmqlive.view.shown > 0, 12000)) return 'no message';
  const first = dots.toDataURL(), at = clock.T;
  if (!await until(() => clock.T !== at && dots.toDataURL() !== first, 6000)) return 'stands still';
  return view.querySelector('.zl-stage').offsetHeight > 60 ? '' : 'has no height';
}"""


def go(page: Any, selector: str) -> Any:
    place = page.locator(selector).first
    place.evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    return place


def shot(page: Any, name: str) -> None:
    folder = Path(os.environ.get("ZMQ_SHOTS") or ROOT / "build" / "shots")
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(folder / f"site-{name}.png"))


def test_every_page_opens_every_view_replays_and_all_fits_a_phone(visit: Any, site: Path) -> None:
    for found in pages(site):
        page = visit(found.file.name)
        count = page.locator(".flow").count()
        assert count == len(found.all("figure", cls="flow"))
        for number in range(count):
            said = page.evaluate(f"({MOVES})({FIGURE.format(number)})")
            assert said == "", f"{found.file.name}, view {number + 1} {said}"
        assert page.evaluate(SIDEWAYS) <= 0, found.file.name
        page.set_viewport_size(PHONE)
        let_pass(page, 150)
        assert page.evaluate(SIDEWAYS) <= 0, found.file.name
        page.close()


def test_on_a_phone(visit: Any) -> None:
    page = visit("06-back-pressure.html", viewport=PHONE, device_scale_factor=2, has_touch=True)
    assert not page.locator(".contents nav").is_visible()  # folded
    go(page, ".flow .flow-still")
    page.wait_for_selector(".zl canvas")
    let_pass(page, 900)
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate("(e => e.scrollWidth <= e.clientWidth + 1)(document.querySelector('.zl'))")
    shot(page, "phone")


def test_light_and_dark(visit: Any) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        page = visit("06-back-pressure.html", color_scheme=scheme)
        go(page, ".flow .flow-still")
        page.wait_for_selector(f".zl[data-theme={scheme}]")
        colour = "getComputedStyle(document.{}).{}"
        figure = "querySelector('.zmqlive-figure')"
        seen[scheme] = (
            page.evaluate(colour.format("body", "backgroundColor")),
            page.evaluate(f"getComputedStyle(document.{figure}).getPropertyValue('--zf-ink')"),
            page.evaluate(f"getComputedStyle(document.{figure}.querySelector('text')).fill"),
        )
        let_pass(page, 600)
        shot(page, scheme)
    assert seen["light"][0] == "rgb(255, 255, 255)" and seen["dark"][0] == "rgb(17, 20, 24)"
    assert seen["light"][2] != seen["dark"][2]


def test_the_switch_goes_before_the_system_and_is_kept(visit: Any) -> None:
    page = visit("06-back-pressure.html", color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.get_attribute(".theme", "aria-pressed") == "true"
    page.click(".theme")
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    go(page, ".flow .flow-still")
    page.wait_for_selector(".zl[data-theme=light]")
    page.reload()
    assert page.evaluate(background) == "rgb(255, 255, 255)"
    page.click(".theme")  # as the system has it: nothing is kept
    assert page.evaluate(background) == "rgb(17, 20, 24)"
    assert page.evaluate("localStorage.getItem('zmqcourse.theme')") is None


def test_a_prediction_is_made_and_recalled(visit: Any) -> None:
    page = visit("06-back-pressure.html")
    happened = page.locator("#recall-06\\.a [data-happened]")
    assert not happened.is_visible()
    page.locator("#predict-06\\.a input").first.focus()
    page.keyboard.press("ArrowRight")
    assert "Noted" in page.inner_text("#predict-06\\.a .predict-said")
    page.click("text=see what happened")
    assert happened.is_visible() and "20 were accepted" in happened.inner_text()
    assert page.inner_text("#recall-06\\.a [data-said]") == "20"
    page.reload()
    assert page.inner_text("#recall-06\\.a [data-said]") == "20" and happened.is_visible()
    assert page.locator("#predict-06\\.a input:checked").get_attribute("value") == "20"
    page.locator("#recall-06\\.b .recall-open").click()  # one who does not want to predict
    assert page.locator("#recall-06\\.b [data-happened]").is_visible()


def test_a_record_can_be_paused_scrubbed_stepped_and_loops(visit: Any) -> None:
    page = visit("00-start-here.html")
    go(page, ".flow")
    page.wait_for_selector(".zl canvas")
    clock = "document.querySelector('.zl').zmqlive.clock"
    assert page.evaluate(f"{clock}.loop")
    page.select_option("select[aria-label='Speed of replay']", "4")
    page.evaluate(
        "{ let last = 0; window.rounds = 0;"
        f" setInterval(() => {{ const t = {clock}.T; rounds += t < last; last = t; }}, 15) }}"
    )
    page.wait_for_function("rounds > 0")
    page.focus(".zl")
    page.keyboard.press(" ")
    page.eval_on_selector(".zl-scrub input", "e => { e.value = 500; e.dispatchEvent(new Event('input')); }")
    at = page.evaluate(f"{clock}.T")
    assert at > 500
    page.wait_for_function(f"{clock.replace('clock', 'view.state')}.T === {at}")  # drawn
    page.keyboard.press(".")
    assert page.evaluate(f"{clock}.T") > at and page.get_attribute(".zl", "data-mode") == "pause"


def test_a_film_plays_and_goes_to_any_step(visit: Any, site: Path) -> None:
    page = visit("404.html")
    html = film([f"<b>step {n}</b>" for n in (1, 2, 3)], "film-1", lambda step: step)
    page.evaluate("html => { document.querySelector('main').innerHTML = html }", html)
    page.evaluate("script => { (0, eval)(`{${script}}`) }", (HERE / "js" / "films.js").read_text(encoding="utf-8"))
    assert page.inner_text(".film-picture") == "step 3"
    page.eval_on_selector(".film input", "e => { e.value = 2; e.dispatchEvent(new Event('input')); }")
    assert page.inner_text(".film-picture") == "step 2" and page.inner_text(".film output") == "2 / 3"
    page.click(".film button")
    assert page.inner_text(".film-picture") == "step 3"
    page.wait_for_function("document.querySelector('.film button').textContent === 'Play'")
    page.click(".film button")
    assert page.inner_text(".film-picture") == "step 1"


def test_reduced_motion_shows_a_full_moment_that_stands_still(visit: Any) -> None:
    page = visit("06-back-pressure.html", reduced_motion="reduce")
    go(page, ".flow")
    page.wait_for_selector(".zl canvas")
    page.wait_for_function("document.querySelector('.zl .zl-sent b').textContent !== '0'")
    clock = "document.querySelector('.zl').zmqlive.clock.T"
    at = page.evaluate(clock)
    let_pass(page, 400)
    assert page.evaluate(clock) == at > 0 and page.get_attribute(".zl", "data-mode") == "pause"


def test_without_javascript_all_can_be_read(visit: Any, site: Path) -> None:
    page = visit(lessons(site)[0].file.name, java_script_enabled=False)
    assert page.locator(".flow-still svg").first.is_visible()
    assert page.locator("[data-happened]").first.is_visible() and page.locator(".theme").is_hidden()
    page.locator("summary", has_text="Solution").first.click()
    assert page.locator(".solution details[open] pre").first.is_visible()


def test_print_shows_still_pictures(visit: Any) -> None:
    page = visit("06-back-pressure.html")
    go(page, ".flow")
    page.wait_for_selector(".zl canvas")
    assert page.locator(".flow-still svg").first.is_hidden()
    page.emulate_media(media="print")
    assert page.locator(".flow-still svg").first.is_visible() and page.locator(".flow-live").first.is_hidden()
    assert page.locator(".top").is_hidden() and page.locator(".recall [data-happened]").first.is_visible()


def test_the_contents_lead_there_and_the_keyboard_too(visit: Any) -> None:
    page = visit("06-back-pressure.html", reduced_motion="reduce")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.click(".contents a >> nth=3")
    heading = page.get_attribute(".contents a >> nth=3", "href")
    page.wait_for_function(f"Math.abs(document.querySelector('{heading}').getBoundingClientRect().top - 80) < 120")
    page.wait_for_function(f"document.querySelector('.contents a[aria-current]').hash === '{heading}'")


def test_the_first_view_is_there_soon_and_moves_fluently(visit: Any, capsys: pytest.CaptureFixture[str]) -> None:
    page = visit("index.html")
    page.wait_for_selector(".zl canvas")
    ready = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    # What this machine can do at this moment, with nothing to draw, is the measure: other tests run beside this one.
    count = """() => new Promise(done => { let n = 0; const begin = performance.now();
      const look = () => ++n && performance.now() - begin < 900 ? requestAnimationFrame(look)
        : done(n * 1000 / (performance.now() - begin)); look(); })"""
    drawn = """() => new Promise(done => { const v = document.querySelector('.zl').zmqlive.view, first = v.frames,
      begin = performance.now();
      setTimeout(() => done((v.frames - first) * 1000 / (performance.now() - begin)), 1200); })"""
    best = 0.0
    for _ in range(4):
        best = max(best, page.evaluate(drawn)) if best < 50 else best
    empty = visit("404.html")
    possible = empty.evaluate(count)
    with capsys.disabled():
        print(f"\nready after {ready:.0f} ms; {best:.1f} frames a second, {possible:.1f} on a page where nothing moves")
    assert best >= min(50, 0.65 * possible)
