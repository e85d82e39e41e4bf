"""The lessons in JupyterLab in Chromium: a stage that runs, its sliders and buttons; verdicts. `test_lessons_run.py`
runs each of them from its first cell to its last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import lessons
import psutil
import pytest
from browser_lab import DARK, LIGHT, Lab, Notebook, open_lab
from browser_view import let_pass, open_browser
from machine import until
from zmqcourse.lessons import notebook

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
FILES = lessons.FILES
WIDE = {"width": 1280, "height": 900}
VIEW = "document.querySelector('.zl')"  # the one view that is there while a stage runs
# what ipywidgets shows after a reload when it has not heard of a widget within two seconds, as on a busy machine
NOT_FOUND = "document.querySelector('.jp-Notebook').innerText.includes('model not found')"
OURS = "sorted(t.name for t in __import__('threading').enumerate() if t.name.startswith(('role ', 'zmqlive')))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with open_browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def lab(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with open_lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture
def open_lesson(browser: Any, lab: Lab) -> Iterator[Callable[[str], Notebook]]:
    """Opens the lesson of this number in a page of its own; at the end nothing may have gone wrong in the page."""
    opened: list[Notebook] = []

    def open_one(number: str) -> Notebook:
        name = next(file.name for file in FILES if file.name.startswith(number))
        lab.set("apputils-extension/themes", theme=LIGHT)
        opened.append(Notebook(browser.new_context(viewport=WIDE).new_page(), lab, name))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()
    assert [error for each in opened for error in each.errors] == []


def number(nb: Notebook, what: str) -> int:
    """A figure in the head of the view: sent, recv, waiting, drop."""
    return int(nb.page.inner_text(f".zl-{what} b").replace(",", ""))


def said(nb: Notebook) -> str:
    return nb.page.inner_text(".zl-say")


def picture(nb: Notebook) -> str:
    return nb.page.evaluate(f"{VIEW}.querySelector('.zl-dots').toDataURL()")


def moves(nb: Notebook) -> bool:
    """Wait until two frames differ."""
    first = picture(nb)
    return until(lambda: picture(nb) != first)


def wait_for(nb: Notebook, words: str) -> None:
    """Wait until the sentence under the picture holds these words."""
    nb.wait(f"{VIEW}.querySelector('.zl-say').textContent.includes({words!r})")


def slide(nb: Notebook, label: str, *keys: str) -> None:
    """Press keys on the slider with this label."""
    nb.page.focus(f".widget-hslider:has(.widget-label:text-is('{label}')) .noUi-handle")
    for key in keys:
        nb.page.keyboard.press(key)


def press(nb: Notebook, action: str) -> None:
    nb.page.click(f".zl-act[data-act='{action}']")


# --- a stage that runs ---------------------------------------------------------------------------------------------


def test_a_slider_changes_the_flow_and_blocked_appears_and_goes(open_lesson: Any) -> None:
    nb = open_lesson("06")
    nb.run_to("stage")
    nb.go("stage")
    nb.wait(f"{VIEW}?.zmqlive.view.shown > 0")
    assert moves(nb)
    wait_for(nb, "producer is blocked")
    assert nb.page.get_attribute(".zl-say", "data-bad") == "1"
    until(lambda: nb.ask("stage.recorder.blocked('producer')") == ["producer"])
    nb.shot("06-blocked-light")
    frames = nb.page.evaluate(f"{VIEW}.zmqlive.view.frames")

    slide(nb, "work, s", "Home")  # no work at all
    until(lambda: nb.ask("work.value") == 0)
    wait_for(nb, "Flowing")
    before = number(nb, "recv")
    nb.wait(f"+{VIEW}.querySelector('.zl-recv b').textContent.replace(',', '') > {before} + 30")
    assert "blocked" not in said(nb)
    assert nb.page.evaluate(f"{VIEW}.zmqlive.view.frames") > frames + 10

    slide(nb, "work, s", "End")  # a second each
    wait_for(nb, "producer is blocked")

    nb.theme(DARK)
    nb.go("stage")
    nb.shot("06-blocked-dark")
    pause_step_and_scrub(nb)
    reload(nb)
    restart_and_run_again(nb)


def pause_step_and_scrub(nb: Notebook) -> None:
    page = nb.page
    slide(nb, "work, s", "Home", *["ArrowRight"] * 5)
    wait_for(nb, "Flowing")
    page.click(".zl-play")
    let_pass(page, 200)
    still, sent = picture(nb), nb.ask("stage.sent('producer')")
    until(lambda: nb.ask("stage.sent('producer')") > sent + 2)  # the sockets go on
    assert picture(nb) == still
    time = f"{VIEW}.zmqlive.clock.T"
    was = page.evaluate(time)
    for _ in range(3):
        page.click(".zl-bar button:text-is('Step')")
        until(lambda: "producer" in said(nb) or "worker" in said(nb) or "message" in said(nb))
        assert page.evaluate(time) >= was     # several events may have one time
        was = page.evaluate(time)
    shown = number(nb, "sent")
    page.eval_on_selector(".zl-scrub input", "e => { e.value = 250; e.dispatchEvent(new Event('input')); }")
    nb.wait(f"{time} < {was} / 2")
    nb.wait(f"+{VIEW}.querySelector('.zl-sent b').textContent.replace(',', '') < {shown}")
    nb.shot("06-scrubbed-dark")
    page.click(".zl-live")
    nb.wait(f"{time} > {was}")
    assert moves(nb)


def reload(nb: Notebook) -> None:
    """A page that is loaded anew gets the view's whole past from the kernel."""
    nb.command("docmanager:save")
    begins = f"{VIEW}?.zmqlive?.store().ev[0]?.[0]"
    sent, first = nb.ask("stage.sent('producer')"), nb.page.evaluate(begins)
    there = f"{VIEW}?.zmqlive.store().ev.length > 50"
    for _ in range(5):
        nb.page.reload()
        nb.ready()
        nb.go("stage")
        nb.wait(f"{there} || {NOT_FOUND}")
        if nb.page.evaluate(there):
            break
        nb.errors[:] = [error for error in nb.errors if "widget model not found" not in error]
    else:
        pytest.fail("JupyterLab has not found the view in five reloads")
    nb.wait(f"Math.abs({begins} - {first}) <= 1")       # what is new may come before what was
    nb.wait(f"+{VIEW}.querySelector('.zl-sent b').textContent.replace(',', '') >= {sent}")
    assert moves(nb)


def restart_and_run_again(nb: Notebook) -> None:
    """After a restart the old view says that it has no news; running on leaves one stage, nothing of the old one."""
    old = nb.kernel()
    ports = {c.laddr.port for c in old.net_connections() if c.status == psutil.CONN_LISTEN}
    nb.restart()
    nb.wait("document.querySelector('.zl-banner:not([hidden])')?.innerText.includes('No news from the kernel')")
    nb.shot("06-restarted-dark")
    new = nb.kernel()
    assert not old.is_running() and new.children() == []
    nb.run_to("stage")
    nb.go("stage")
    nb.wait(f"{VIEW}.zmqlive.view.shown > 0 && document.querySelectorAll('.zl').length === 1")
    assert nb.page.is_hidden(".zl-banner")
    once = nb.ask(OURS)
    assert sorted(name for name in once if name.startswith("role ")) == ["role producer", "role worker"]
    for _ in range(2):  # the same cell again ends what it had started
        nb.run("stage")
    until(lambda: nb.ask(OURS) == once)
    threads, listening = new.num_threads(), len([c for c in new.net_connections() if c.status == psutil.CONN_LISTEN])
    nb.run("stage")
    until(lambda: nb.ask(OURS) == once and new.num_threads() <= threads)
    assert len([c for c in new.net_connections() if c.status == psutil.CONN_LISTEN]) == listening <= len(ports) + 1


def test_verdicts_of_a_wrong_and_of_a_right_answer(open_lesson: Any) -> None:
    nb = open_lesson("00")
    solution = notebook.solutions(notebook.read(FILES[0]))["00.1"]
    answers = {"wrong": solution.replace('b"', '"'), "solved": solution}
    assert answers["wrong"] != solution
    nb.run_to("ex-00-1")
    for state, answer in answers.items():
        nb.write("ex-00-1", answer)
        nb.run("ex-00-1")
        nb.run("ex-00-1-check")
        box = nb.go("ex-00-1-check").locator(f".zmqcourse-{state}")
        box.wait_for()
        words = box.inner_text()
        assert ("not yet" in words and "seen" in words and "line" in words) if state == "wrong" else "solved" in words
        nb.shot(f"00-verdict-{state}-light")
    nb.run("map")
    assert "1/" in nb.go("map").locator(".zmqcourse-map").inner_text()


def test_buttons_of_the_picture_act(open_lesson: Any) -> None:
    nb = open_lesson("04")
    nb.run_to("stage")
    nb.go("stage")
    nb.wait(f"{VIEW}?.zmqlive.view.shown > 0")
    press(nb, "add:worker")
    nb.wait(f"{VIEW}.zmqlive.view.geo.boxes.has('worker 2')")
    press(nb, "add:worker")
    nb.wait(f"{VIEW}.zmqlive.view.geo.boxes.has('worker 3')")
    until(lambda: nb.ask("stage.received('worker 3')") > 0)
    nb.wait(f"{VIEW}.zmqlive.store().ev.some(e => e[1] === 'k' && e[2] === 'worker 3')")
    nb.shot("04-three-workers-light")
    press(nb, "stop")
    nb.wait(f"{VIEW}.querySelector('.zl-live').textContent === 'Ended'")
    until(lambda: nb.ask(OURS) == [])
    nb.shot("04-ended-light")
