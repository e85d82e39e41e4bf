"""Programs whose threads are roles, in Chromium: a frame with the program's name around its boxes, and nobody else's."""

# ruff: noqa: E501 (the scripts for the page are JavaScript)

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_view import open_browser
from environments import ROOT as PROJECT
from machine import PATIENCE
from view_feeds import Net, replay_from
from zmqlive.view.page import page_html

pytestmark = pytest.mark.browser

ROOT = "document.querySelector('.zl')"
VIEW = f"{ROOT}.zmqlive.view"
SHOTS = PROJECT / "build" / "shots"
# Boxes outside of their program's frame, and boxes that somebody else's frame touches.
WRONG = f"""(() => {{
  const inside = (b, r) => b.x >= r.x && b.y >= r.y && b.x + b.w <= r.x + r.w && b.y + b.h <= r.y + r.h;
  const meets = (b, r) => b.x < r.x + r.w && r.x < b.x + b.w && b.y < r.y + r.h && r.y < b.y + b.h;
  const all = [...{VIEW}.geo.boxes.values()], frames = {VIEW}.programs, {{ W, H }} = {VIEW}.geo;
  return [
    ...all.filter(b => b.node.program && !frames.some(f => f.program === b.node.program && f.rects.some(r => inside(b, r)))).map(b => `outside: ${{b.node.label}}`),
    ...all.filter(b => frames.some(f => f.program !== b.node.program && f.rects.some(r => meets(b, r)))).map(b => `touched: ${{b.node.label}}`),
    ...frames.filter(f => f.rects.some(r => r.x < 0 || r.y < 0 || r.x + r.w > W || r.y + r.h > H)).map(f => `cut: ${{f.program}}`),
  ];
}})()"""


def server() -> Net:
    """Two clients, one of two threads; a server whose proxy hands work to four threads; a log of its own."""
    net = Net(cap=(20, 20), transport="tcp")
    callers = [net.role(name, "REQ")[0] for name in ("client", "gui/net", "client 2")]
    (shown,) = net.role("gui", "PAIR")
    (pair,) = net.role("gui/screen", "PAIR")
    front, back = net.role("server", "ROUTER", "DEALER")
    for caller in callers:
        net.join(caller, front)
    net.join(pair, shown)
    for i in range(4):
        rep, push = net.role(f"server/worker-{i + 1}", "REP", "PUSH")
        net.join(back, rep)
        if not i:
            (log,) = net.role("logger", "PULL")
        net.join(push, log)
    return net


def torn() -> Net:
    """A program on both sides of another one."""
    net = Net(cap=(20, 20), transport="tcp")
    (ask,), (pull, push), (sink,) = net.role("app/ask", "PUSH"), net.role("worker", "PULL", "PUSH"), net.role("app/sink", "PULL")
    net.join(ask, pull)
    net.join(push, sink)
    return net


def many() -> Net:
    """So many threads that their column is folded, and programs beside them."""
    net = Net(cap=(20, 20), transport="tcp")
    (source,) = net.role("source", "PUSH")
    for i in range(14):
        net.join(source, net.role(f"crew/desk {chr(97 + i)}", "PULL")[0])
        if i % 3 == 0:
            net.join(source, net.role(f"other {chr(97 + i)}", "PULL")[0])
    return net


@pytest.fixture
def show(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    problems: list[str] = []
    with open_browser() as browser:
        def show(net: Net, width: int = 1000, **how: Any) -> Any:
            page = browser.new_page(viewport={"width": width, "height": 900}, **how)
            page.on("pageerror", lambda e: problems.append(str(e)))
            file = tmp_path / f"{len(browser.contexts)}.html"
            file.write_text(page_html(replay_from(net, rate=5, work=20, seconds=6)), encoding="utf-8")
            page.goto(file.as_uri())
            page.set_default_timeout(1000 * PATIENCE)
            page.wait_for_selector(".zl canvas[aria-label*='Sockets of']", state="attached")
            page.wait_for_function(f"{VIEW}.frames > 3 && !{VIEW}.tween")
            return page

        yield show
    assert problems == []


@pytest.mark.parametrize("width", [1300, 1000, 700, 380])
@pytest.mark.parametrize("net", [server, torn, many])
def test_each_box_is_in_its_programs_frame_and_nobody_elses(show: Callable[..., Any], net: Callable[[], Net],
                                                            width: int) -> None:
    page = show(net(), width)
    page.screenshot(path=SHOTS / f"programs-{net.__name__}-{width}.png")
    assert page.evaluate(WRONG) == []
    assert set(page.evaluate(f"{VIEW}.programs.map(f => f.program)")) == {
        "server": {"gui", "server"}, "torn": {"app"}, "many": {"crew"}}[net.__name__]


def test_frames_are_whole_where_nothing_stands_between(show: Callable[..., Any]) -> None:
    assert set(show(server()).evaluate(f"{VIEW}.programs.map(f => f.parts)")) == {1}
    assert show(torn()).evaluate(f"{VIEW}.programs.map(f => [f.part, f.parts])") == [[1, 2], [2, 2]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_within_and_words_for_screen_readers(show: Callable[..., Any], scheme: str) -> None:
    page = show(server(), color_scheme=scheme)
    page.screenshot(path=SHOTS / f"programs-{scheme}.png")
    names = page.evaluate(f"[...{VIEW}.geo.boxes.values()].map(b => [b.node.label, b.node.short ?? null])")
    assert ["server", "main"] in names and ["server/worker-2", "worker-2"] in names and ["client 2", None] in names
    said = page.get_attribute(".zl canvas[aria-label]", "aria-label")
    assert "Within the program server: main, worker-1, worker-2, worker-3, worker-4." in said
    assert "Within the program gui: " in said


def test_a_program_without_threads_has_no_frame(show: Callable[..., Any]) -> None:
    net = Net()
    net.join(net.role("a", "PUSH")[0], net.role("b", "PULL")[0])
    page = show(net)
    assert page.evaluate(f"{VIEW}.programs") == []
    assert "Within" not in page.get_attribute(".zl canvas[aria-label]", "aria-label")


def test_a_program_whose_sockets_are_all_in_threads_has_no_empty_box(show: Callable[..., Any]) -> None:
    net = Net()
    net.roles.append({"id": "app", "sockets": [], "state": "running"})
    net.join(net.role("app/a", "PUSH")[0], net.role("app/b", "PULL")[0])
    page = show(net)
    assert page.evaluate(f"[...{VIEW}.geo.boxes.values()].map(b => b.node.short)") == ["a", "b"]
    assert page.evaluate(WRONG) == []
