"""Asking a message, colours with a meaning, looking closer, saving: in Chromium, with records of real sockets."""

# ruff: noqa: E501 (the scripts for the page are JavaScript)

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq
from browser_view import let_pass, open_browser
from view_feeds import fan_out, replay_from
from zmqlive import Stage
from zmqlive.view.page import page_html

pytestmark = pytest.mark.browser

ROOT = "document.querySelector('.zl')"
VIEW = f"{ROOT}.zmqlive.view"
LONG = bytes(range(256)) * 2


def client(ctx: zmq.Context, front: str, name: str) -> None:
    with ctx.socket(zmq.REQ) as req:
        req.connect(front)
        for number in range(3):
            req.send_multipart([name.encode(), b"order %d" % number])
            req.recv()


def broker(ctx: zmq.Context, front: str, back: str) -> None:
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        zmq.proxy(frontend, backend)


def worker(ctx: zmq.Context, back: str) -> None:
    with ctx.socket(zmq.REP) as rep:
        rep.connect(back)
        while True:
            rep.recv_multipart()
            time.sleep(0.1)
            rep.send(LONG)


@pytest.fixture(scope="module")
def orders() -> dict[str, Any]:
    """Two clients, a broker that is `zmq.proxy`, one slow worker: three orders each, answered with 512 bytes."""
    with Stage("Orders", seconds=60) as stage:
        front, back = (stage.endpoint("inproc", name=name) for name in ("front", "back"))
        stage.add(broker, front, back)
        stage.add(worker, back)
        stage.wait(lambda s: len(s.trace().connections) == 1)
        for name in ("ann", "bob"):
            stage.add(client, front, name, name=name)
        stage.wait(lambda s: s.received("ann") + s.received("bob") == 6, timeout=20)
    return stage.trace().replay()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as chromium:
        yield chromium


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens a replay, paused; no error may come, and no request leaves the page."""
    opened, problems = [], []

    def open_page(replay: dict[str, Any], *, width: int = 900, html: str = "", **context: Any) -> Any:
        opened.append(browser.new_context(viewport={"width": width, "height": 900}, **context))
        page = opened[-1].new_page()
        page.set_default_timeout(8000)
        page.on("pageerror", lambda e: problems.append(str(e)))
        page.on("request", lambda r: None if r.url.startswith(("file:", "data:", "blob:")) else problems.append(r.url))
        file = tmp_path / f"{len(opened)}.html"
        file.write_text(html or page_html(replay), encoding="utf-8")
        page.goto(file.as_uri())
        page.wait_for_function(f"{ROOT}?.zmqlive && {VIEW}.frames > 1")
        page.click(".zl-play")
        return page

    yield open_page
    for each in opened:
        each.close()
    assert problems == []


def seek(page: Any, t: float) -> None:
    page.evaluate(f"t => new Promise(done => {{ const r = {ROOT}, bar = r.querySelector('.zl-scrub input');"
                  " bar.step = 'any'; bar.value = t * 1000 / Math.max(1000, r.zmqlive.store().now, r.zmqlive.end()); bar.dispatchEvent(new Event('input'));"
                  " setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 140); })", t)


def middle_of(page: Any, message: int) -> list[float]:
    """Where a message's dot is, in px of the canvas."""
    return page.evaluate(f"id => {{ const v = {VIEW}, m = v.state.msgs.get(id); return [m.x * v.cam.k + v.cam.x, m.y * v.cam.k + v.cam.y]; }}", message)


def waiting() -> dict[str, Any]:
    """Messages with topics that wait for one that never comes; one of bytes, and a long one."""
    replay = replay_from(fan_out(1), rate=1, seconds=0.1)
    loads = [["hall", "21.5"], ["attic", "3"], ["hall", "22"], ["kitchen", "\x00\xff"], ["hall", "a" * 32 + "b" * 33]]
    replay["ev"] = [[100.0 * (i + 1), "s", 0, 0, i, 0, [9 if i < 4 else 900, frames, None]] for i, frames in enumerate(loads)]
    return replay | {"dur": 3000}


# --- ask -----------------------------------------------------------------------------------------------------------


def test_a_click_on_a_dot_tells_what_it_carries_and_how_it_stands(show: Any) -> None:
    page = show(waiting())
    seek(page, 2000)
    page.click(".zl-dots", position=dict(zip("xy", middle_of(page, 3), strict=True)))
    card = page.locator(".zl-card")
    card.wait_for()
    said = card.inner_text()
    assert "Message 3" in said and "producer → worker 1" in said and "3 before it" in said and "age 1.6 s" in said
    assert [code.inner_text() for code in card.locator("code").all()] == ["kitchen", "00 ff"]
    assert "3 before it" in page.inner_text(".zl-say")
    page.click("[aria-label='The message after it']")
    card.locator("code", has_text="aaaa … bbbb").wait_for()
    assert "its two ends" in card.inner_text() and "900 B in all" in card.inner_text()
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")


def test_a_message_is_followed_through_the_broker_and_back(show: Any, orders: dict[str, Any]) -> None:
    page = show(orders)
    seek(page, orders["dur"] / 2)
    page.evaluate(f"{ROOT}.querySelector('.zl-dots').focus()")
    page.keyboard.press("ArrowRight")
    asked = page.evaluate(f"{VIEW}.asked.id")
    book = page.evaluate(f"id => {VIEW}.store.book.chain(id).map(p => [p.id, p.sent, p.received, p.done])", asked)
    assert len(book) == 4, "to the broker, to the worker, and back by the same way"
    answered = book[-1][2]
    seek(page, answered + 30)
    page.wait_for_function(f"{ROOT}.querySelectorAll('.zl-been tr').length === 8")
    rows = [row.inner_text().split("\t")[0] for row in page.locator(".zl-been tr").all()]
    name = "ann" if rows[0].startswith("ann") else "bob"
    assert rows == [f"{name} → broker", "broker", "broker → worker", "worker", "worker → broker", "broker", f"broker → {name}", name]
    assert "over 64 bytes" in page.inner_text(".zl-frames")
    took = page.evaluate(f"{ROOT}.querySelector('.zl-been tr:nth-of-type(4) .zl-took').textContent")
    assert 80 < float(took.split()[0]) * (1000 if took.endswith(" s") else 1) < 5000, "so long the worker had it"
    # Its mark is in the picture all the way: at the worker while it is there.
    assert page.evaluate(f"id => {VIEW}.store.book.first({VIEW}.store.book.pages.get(id)).id", book[-1][0]) == book[0][0]
    work = next(e for e in orders["ev"] if e[1] == "r" and e[4] == book[1][0])[0]
    seek(page, work + 50)
    assert page.inner_text(".zl-say").endswith("is in the hands of worker.")


def test_it_goes_by_keyboard_and_is_said(show: Any) -> None:
    page = show(waiting())
    seek(page, 2000)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "zl-dots":
            break
    else:
        page.focus(".zl-dots")
    heard = []
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        let_pass(page, 60)
        heard.append(page.inner_text(".zl-say"))
    assert [h.split(" waits")[0] for h in heard] == ["Message 0, “21.5”,", "Message 1, “3”,", "Message 2, “22”,"]
    assert page.get_attribute(".zl-say", "aria-live") == "polite"
    page.keyboard.press("Escape")
    assert page.evaluate(f"{VIEW}.asked") is None


def test_a_message_is_found_by_its_content(show: Any) -> None:
    page = show(waiting())
    seek(page, 50)  # before any of them
    page.click(".zl-to-find")
    page.keyboard.type("hall")
    assert "3 found" in page.inner_text(".zl-finder")
    page.click(".zl-found button >> nth=2")
    page.wait_for_selector(".zl-card")
    assert page.evaluate(f"[{VIEW}.asked.id, {ROOT}.zmqlive.clock.T >= 100]") == [0, True]
    page.fill(".zl-finder input", "nowhere")
    assert "nothing found" in page.inner_text(".zl-finder")


def test_what_the_author_follows_is_marked_and_the_reader_may_ask_for_another(show: Any) -> None:
    page = show(waiting() | {"options": {"follow": "producer"}})
    seek(page, 350)
    assert "“22” waits" in page.inner_text(".zl-say") and page.is_hidden(".zl-card")
    seek(page, 450)
    assert "“00 ff” waits" in page.inner_text(".zl-say")
    page.focus(".zl-dots")
    page.keyboard.press("ArrowLeft")
    seek(page, 550)
    assert page.inner_text(".zl-card-said") == "22"
    page.keyboard.press("Escape")
    assert page.evaluate(f"{VIEW}.asked") is None, "none, until there is a new one"


# --- colours -------------------------------------------------------------------------------------------------------


def test_colours_have_shapes_and_a_legend_and_the_reader_may_change_them(show: Any) -> None:
    page = show(waiting() | {"options": {"colour": "topic"}})
    seek(page, 2000)
    legend = page.locator(".zl-legend li")
    assert legend.all_inner_texts() == ["hall", "attic", "kitchen"]
    shapes = [item.locator("path").get_attribute("d") for item in legend.all()]
    colours = [item.locator("path").get_attribute("fill") for item in legend.all()]
    assert len(set(shapes)) == len(set(colours)) == 3
    seen = page.evaluate(f"[0, 1, 2, 3, 4].map(id => {VIEW}.colours.of({VIEW}, id, {VIEW}.geo.edges.get(0)).colour)")
    assert seen == [colours[i] for i in (0, 1, 0, 2, 0)]
    page.select_option(".zl-colour", "worker")
    assert legend.all_inner_texts() == ["worker 1"] or let_pass(page, 150) or legend.all_inner_texts() == ["worker 1"]
    page.select_option(".zl-colour", "line")
    legend.first.wait_for(state="detached")


# --- closer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [700, 1000, 1200])
def test_more_than_half_of_the_view_is_picture(show: Any, width: int) -> None:
    page = show(replay_from(fan_out(1, transport="tcp")), width=width)
    picture, whole = (page.locator(s).bounding_box()["height"] for s in (".zl-stage", ".zl"))
    assert picture > whole / 2


def test_what_is_followed_stays_in_sight(show: Any, orders: dict[str, Any]) -> None:
    page = show(orders)
    seek(page, orders["dur"] / 2)
    page.focus(".zl-dots")
    page.keyboard.press("ArrowRight")
    for _ in range(5):
        page.keyboard.press("+")
    hops = page.evaluate(f"{VIEW}.store.book.chain({VIEW}.asked.id).filter(p => p.received !== null).map(p => [p.id, p.received])")
    assert len(hops) > 2
    for id, received in hops:
        seek(page, received)
        x, y = page.evaluate(f"(v => [v.mark.x * v.cam.k + v.cam.x, v.mark.y * v.cam.k + v.cam.y])({VIEW})")
        width, height = page.evaluate(f"[{VIEW}.stage.W, {VIEW}.stage.H]")
        assert 0 < x < width and 0 < y < height, id


def test_zoom_is_around_the_mouse(show: Any) -> None:
    page = show(waiting())
    seek(page, 2000)
    x, y = middle_of(page, 3)
    page.focus(".zl-dots")
    page.evaluate(f"""([x, y]) => {{ const c = {ROOT}.querySelector('.zl-dots'), r = c.getBoundingClientRect();
        c.dispatchEvent(new WheelEvent('wheel', {{ deltaY: -300, ctrlKey: true, clientX: r.left + x, clientY: r.top + y, cancelable: true }})); }}""", [x, y])
    let_pass(page, 100)
    assert page.evaluate(f"{VIEW}.zoom.z") > 3
    assert middle_of(page, 3) == pytest.approx([x, y], abs=2)
    page.click(".zl-dots", position={"x": x, "y": y})
    assert page.evaluate(f"{VIEW}.asked.id") == 3, "a click hits what it shows"
    page.click(".zl-whole")
    page.wait_for_selector(".zl-whole", state="hidden")
    assert page.evaluate(f"{VIEW}.zoom.z") == 1


# --- save ----------------------------------------------------------------------------------------------------------


def save(page: Any, kind: str, to: Path) -> str:
    with page.expect_download() as coming:
        page.select_option(".zl-save", kind)
    assert coming.value.suggested_filename == f"orders.{kind}"
    coming.value.save_as(to)
    return to.read_text(encoding="utf-8")


def test_a_saved_page_replays_the_same_with_nothing_else(show: Any, orders: dict[str, Any], tmp_path: Path) -> None:
    page = show(orders)
    html = save(page, "html", tmp_path / "saved.html")
    again = show(orders, html=html)
    for t in (orders["dur"] / 3, orders["dur"]):
        counts = []
        for each in (page, again):
            seek(each, t)
            counts.append(each.evaluate(f"{VIEW}.state.totals()"))
        assert counts[0] == counts[1]
    assert again.evaluate(f"{VIEW}.store.book.find('order 2').length") >= 2


def test_a_saved_moving_picture_moves_and_follows_the_theme(show: Any, orders: dict[str, Any], browser: Any, tmp_path: Path) -> None:
    svg = save(show(orders), "svg", tmp_path / "saved.svg")
    root = ET.fromstring(svg)
    assert root.tag.endswith("svg") and "<script" not in svg and "http://www.w3.org/2000/svg" in svg
    assert svg.count("http") == 1 and "prefers-reduced-motion" in svg
    boxes = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"ann", "bob", "broker", "worker", "Orders"} <= boxes
    pictures = {}
    for name, look in {"light": {}, "dark": {"color_scheme": "dark"}, "calm": {"reduced_motion": "reduce"}}.items():
        page = browser.new_page(viewport={"width": 900, "height": 400}, **look)
        page.goto((tmp_path / "saved.svg").as_uri())
        let_pass(page, 200)
        pictures[name] = [let_pass(page, 250) or page.screenshot() for _ in range(4)]
        page.close()
    assert len(set(pictures["light"])) > 1 and not set(pictures["light"]) & set(pictures["dark"])
    assert len(set(pictures["calm"])) == 1


def test_less_motion_is_the_same_answer(show: Any) -> None:
    page = show(waiting(), reduced_motion="reduce")
    seek(page, 2000)
    page.focus(".zl-dots")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".zl-card")
    assert "first in line" in page.inner_text(".zl-card")


def test_a_view_is_kept_in_sight_and_fills_the_screen(show: Any) -> None:
    page = show(waiting())
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div style=height:4000px></div>')")
    page.click(".zl-to-pin")
    assert page.get_attribute(".zl-to-pin", "aria-pressed") == "true"
    page.evaluate("scrollTo(0, 3000)")
    let_pass(page, 200)
    box = page.locator(".zl").bounding_box()
    assert box["y"] > 0 and box["y"] + box["height"] < 900, "in sight, wherever the page is"
    seek(page, 350)
    assert page.evaluate(f"{VIEW}.T") == pytest.approx(350)
    page.click(".zl-to-pin")
    assert page.locator(".zl").bounding_box()["y"] < 0, "back in its place"
    page.evaluate("scrollTo(0, 0)")
    before = page.evaluate(f"{VIEW}.stage.H")
    page.click(".zl-to-full")
    page.wait_for_function(f"document.fullscreenElement === {ROOT} && {VIEW}.stage.W >= 880")
    page.click(".zl-to-full")
    page.wait_for_function(f"!document.fullscreenElement && {VIEW}.stage.H === {before}")


def test_a_heartbeat_is_drawn_small(show: Any) -> None:
    replay = waiting()
    replay["ev"][2][6].append(True)
    page = show(replay)
    page.evaluate("""() => { const its = CanvasRenderingContext2D.prototype, draw = its.drawImage; window.drawn = [];
        its.drawImage = function (...all) { drawn.push(all[3]); return draw.apply(this, all); }; }""")
    page.evaluate("window.drawn.length = 0")
    seek(page, 2000)
    sizes = page.evaluate("[...new Set(window.drawn.filter(w => w > 0))].sort((a, b) => a - b)")
    assert len(sizes) == 2 and sizes[0] < 0.75 * sizes[1], sizes
