"""Pictures of real runs: the README's moving ones, recorded and filmed in Chromium frame by frame; the one that lesson
00 opens with, as the view itself saves it; and lessons 06 and 04 as they look in JupyterLab.

    make film        writes assets/readme-light.gif, readme-dark.gif, 00-first.svg, readme-blocked.png, readme-dark.png
"""

from __future__ import annotations

import io
import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zmq
from browser_lab import DARK, LIGHT, Notebook, open_lab
from browser_view import open_browser
from PIL import Image
from zmqcourse.scenes.lesson00 import open_desk
from zmqlive import FlowView, Stage, Trace

ASSETS = Path(__file__).resolve().parents[1] / "assets"
BEGIN, SECONDS, FRAMES_A_SECOND = 0.6, 6, 12
SIZE = {"width": 860, "height": 640}
COLOURS = 255    # of the GIF's palette
OPENING = {"width": 800, "height": 640}
SCREEN, SCALE = {"width": 1180, "height": 860}, 1.5


def client(ctx: zmq.Context, front: str, name: bytes, pause: float) -> None:
    with ctx.socket(zmq.REQ) as req:
        req.connect(front)
        for number in itertools.count():
            req.send(b"%s %d" % (name, number))
            req.recv()
            time.sleep(pause)


def broker(ctx: zmq.Context, front: str, back: str) -> None:
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        zmq.proxy(frontend, backend)


def worker(ctx: zmq.Context, back: str, work: float) -> None:
    with ctx.socket(zmq.REP) as rep:
        rep.connect(back)
        while True:
            job = rep.recv()
            time.sleep(work)
            rep.send(b"done: " + job)


def record() -> Trace:
    """A shared queue with four clients and three workers, one of them slow."""
    with Stage("Four clients, one broker, three workers: the last one is slow", seconds=30) as stage:
        front, back = (stage.endpoint("inproc", name=name) for name in ("front", "back"))
        stage.add(broker, front, back)
        for name, work in (("worker 1", 0.15), ("worker 2", 0.15), ("worker 3", 0.9)):
            stage.add(worker, back, work, name=name)
        stage.wait(lambda s: len(s.trace().connections) == 3)
        for number, pause in enumerate((0.1, 0.2, 0.3, 0.4), 1):
            stage.add(client, front, b"job %d" % number, pause, name=f"client {number}")
        stage.wait(lambda s: s.trace().seconds > BEGIN + SECONDS + 0.2, timeout=20)
    return stage.trace()


def frames(page: Any) -> Iterator[Image.Image]:
    """One picture after the other, at moments of the record and not of the clock on the wall."""
    page.evaluate("document.querySelector('.zl').zmqlive.clock.mode = 'pause'")
    end = page.evaluate("document.querySelector('.zl').zmqlive.store().ev.at(-1)[0]")
    for number in range(SECONDS * FRAMES_A_SECOND):
        page.evaluate(
            "part => new Promise(done => { const bar = document.querySelector('.zl-scrub input');"
            " bar.step = 'any'; bar.value = part * bar.max; bar.dispatchEvent(new Event('input'));"
            " requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))); })",
            (BEGIN + number / FRAMES_A_SECOND) * 1000 / end,
        )
        yield Image.open(io.BytesIO(page.locator(".zl").screenshot())).convert("RGB")


def film(trace: Trace, theme: str, file: Path) -> None:
    """Write the animated GIF, in the light or the dark theme."""
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        replay = Path(folder, "replay.html")
        FlowView.page(trace, replay)
        page = browser.new_page(viewport=SIZE, color_scheme=theme)
        page.goto(replay.as_uri())
        page.wait_for_function("document.querySelector('.zl')?.zmqlive?.view.shown > 0")
        page.add_style_tag(content=".zl-tail, .zl-foot, .zl-slot { display: none !important }")
        pictures = list(frames(page))
    sheet = Image.new("RGB", (pictures[0].width, 8 * pictures[0].height))    # all colours are on one of these
    for place, picture in enumerate(pictures[:: len(pictures) // 8][:8]):
        sheet.paste(picture, (0, place * picture.height))
    palette = sheet.quantize(COLOURS)
    drawn = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    drawn[0].save(file, save_all=True, append_images=drawn[1:], duration=1000 // FRAMES_A_SECOND, loop=0, optimize=True)
    print(f"{file.name}: {len(drawn)} frames, {file.stat().st_size / 1000:,.0f} kB")


def opening(file: Path) -> None:
    """Write the picture of lesson 00: a message of yours comes last, waits, and is read."""
    desk = open_desk()
    desk.stage.wait(lambda s: s.received("clerk") >= 2, timeout=20)
    desk.outbox.append("Hello!")
    desk.stage.wait(lambda s: s.received("clerk") >= 5, timeout=30)
    end = desk.stage.trace().seconds + 1.5
    desk.stage.wait(lambda s: s.trace().seconds > end, timeout=20)
    desk.stage.stop()
    desk.picture.close()
    replay = desk.stage.trace().replay() | {"options": {"follow": "you"}}
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        page = browser.new_page(viewport=OPENING, color_scheme="light")
        FlowView.page(replay, Path(folder, "desk.html"))
        page.goto(Path(folder, "desk.html").as_uri())
        page.wait_for_function("document.querySelector('.zl')?.zmqlive?.view.shown > 0")
        page.click(".zl-play")
        page.evaluate("document.querySelector('.zl').zmqlive.view.T = 0")
        with page.expect_download() as saved:
            page.select_option(".zl-save", "svg")
        saved.value.save_as(file)
    print(f"{file.name}: {file.stat().st_size / 1000:,.0f} kB")


def screens() -> None:
    """Write the two screenshots: a blocked producer in the light theme, workers with their queues in the dark one."""
    with tempfile.TemporaryDirectory() as folder, open_lab(Path(folder)) as lab, open_browser() as browser:
        for lesson, file, theme, ready in (
            ("06-back-pressure", "readme-blocked", LIGHT, "s.blocked !== null"),
            ("04-why-zeromq", "readme-dark", DARK, "s.recv > 20"),
        ):
            page = browser.new_context(viewport=SCREEN, device_scale_factor=SCALE).new_page()
            notebook = Notebook(page, lab, f"{lesson}.ipynb")
            notebook.theme(theme)
            notebook.command("application:toggle-left-area")
            notebook.run_to("stage")
            if theme == DARK:
                notebook.execute("stage.grow('worker')")
            notebook.go("stage")
            view = "document.querySelector('.zl').zmqlive.view"
            notebook.wait(f"[...{view}.state.sockets.values()].some(s => {ready})")
            page.locator(".zl").evaluate("view => view.scrollIntoView({ block: 'center' })")
            page.wait_for_timeout(600)    # until it is drawn there
            page.screenshot(path=str(ASSETS / f"{file}.png"))
            print(f"{file}.png: {(ASSETS / f'{file}.png').stat().st_size / 1000:,.0f} kB")
            notebook.execute("stage.stop()")
            notebook.close()


if __name__ == "__main__":
    screens()
    opening(ASSETS / "00-first.svg")
    recorded = record()
    for theme in ("light", "dark"):
        film(recorded, theme, ASSETS / f"readme-{theme}.gif")
