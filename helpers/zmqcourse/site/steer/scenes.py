"""Runs the scenes of a lesson again, at other settings and with each of their buttons pressed, so that a page without a
kernel can be steered: it chooses among runs that happened. Runs in the lesson's kernel, once the lesson is over.

A scene is its cell, run anew with the names as they were. A slider that the cell makes gets its setting as it is made,
one that was there before the cell runs. Scenes run one after the other: sliders are shared, and so are functions.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython import get_ipython
from ipywidgets import Button, Widget
from zmqlive.roles import StageError
from zmqlive.stage import Stage, keeper

from ..recording import Keeping, View, lesson, told
from .settings import PRESS, own_of, plan

BUDGET = 300.0  # seconds for all runs of a lesson: what does not fit is left out
BUTTONS = 8  # of one view, at most, one of each kind first
PRESSED = 1 / 3  # of a run's time are over when its button is pressed
NO_BEGINNING = {"stop", "restart", "thaw", "mend", "quick"}  # buttons that end a scene, or undo what another one did
LATE = 15.0  # seconds until a scene shows something, at most
_POLL = 0.02


@dataclass(frozen=True)
class Scene:
    """A live view that can be run again: its cell, and which of that cell's views it is."""

    kept: View
    place: int

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """What can be pressed: the author's own buttons, and those that break something."""
        own = [each for each in self.kept.view.controls if isinstance(each, Button)]
        found = [
            {"id": PRESS + b.description, "label": b.description, "role": None, "title": b.tooltip or ""} for b in own
        ]
        breaking = [each for each in self.kept.offered if each["id"].partition(":")[0] not in NO_BEGINNING]
        kinds = [each["label"] for each in breaking]
        firsts = [kinds.index(each["label"]) == i for i, each in enumerate(breaking)]
        chosen = sorted(range(len(breaking)), key=lambda i: not firsts[i])[: BUTTONS - len(found)]
        return found + [breaking[i] for i in sorted(chosen)]


def scenes_of(views: dict[str, View]) -> dict[str, Scene]:
    """The views of stages whose cell is known."""
    seen: dict[str, int] = {}
    found = {}
    for id, kept in views.items():
        if isinstance(kept.source, Stage) and kept.code:
            place = seen.setdefault(kept.code, 0)
            seen[kept.code] += 1
            found[id] = Scene(kept, place)
    return found


def steer(path: str, seconds: float) -> None:
    """Run all scenes, so many seconds each, and write {view: {"knobs", "own", "buttons", "runs"}}."""
    ends = time.monotonic() + BUDGET
    keeper.stop_all()
    scenes = scenes_of(lesson.views)
    out: dict[str, Any] = {}
    for id, scene in scenes.items():
        knobs = scene.kept.knobs
        values, _ = plan(knobs)
        out[id] = {"knobs": values, "own": own_of(knobs, values), "buttons": scene.buttons, "runs": []}
    # Sliders first, of all scenes: what the budget does not hold are some buttons.
    for pressed in (False, True):
        for id, scene in scenes.items():
            told_of = out[id]
            asked = [each["id"] for each in told_of["buttons"]] if pressed else plan(scene.kept.knobs)[1]
            for each in asked:
                if time.monotonic() + seconds > ends:
                    break
                setting = told_of["own"] if pressed else each
                names = [knob["description"] for knob in scene.kept.knobs]
                values = {name: known[i] for name, known, i in zip(names, told_of["knobs"], setting, strict=True)}
                if made := run(scene, values, seconds, each if pressed else ""):
                    told_of["runs"].append({"act" if pressed else "at": each, **made})
            Path(path).write_text(json.dumps(out), encoding="utf-8")


def run(scene: Scene, values: dict[str, Any], seconds: float, button: str = "") -> dict[str, Any] | None:
    """One run with the sliders at these values, by their names: {"replay", "press": ms or None}. None where nothing was
    sent, the button was not there or did not work, or the cell raised."""
    shell = get_ipython()
    shell.user_ns.update(scene.kept.names)
    for widget in scene.kept.view.controls:
        put(widget, values)
    with Keeping() as keeping, moving(values):
        done = shell.run_cell(scene.kept.code, store_history=False)
        made = [each for each in keeping.views.values() if isinstance(each.source, Stage)]
        if not done.success or len(made) <= scene.place:
            keeper.stop_all()
            return None
        kept = made[scene.place]
        for widget in kept.view.controls:
            put(widget, values)  # the cell itself may have moved it
        with contextlib.suppress(StageError):  # a scene whose start is in a later cell; else it runs
            kept.source.start()
        press = watch(kept, seconds * 1000, button)
        keeper.stop_all()
        replay = kept.replay()
    for each in keeping.views.values():
        each.view.close()
    worked = press is not None or not button
    return {"replay": replay, "press": press} if worked and any(e[1] == "s" for e in replay["ev"]) else None


def watch(kept: View, span: float, button: str) -> float | None:
    """Look at a scene for so many ms, and press the button on the way. Returns when; None if it did not work."""
    until(kept, span * PRESSED if button else span, span / 1000)
    if not button:
        return None
    at = kept.now
    try:
        press(kept, button)
    except (StageError, StopIteration):  # a role of later cells, say
        return None
    until(kept, max(span, at + span * (1 - PRESSED)), span / 1000)
    return at


def until(kept: View, ms: float, seconds: float) -> None:
    """Wait until a scene has been shown so far, or has ended."""
    ends = time.monotonic() + seconds + LATE
    while kept.now < ms and time.monotonic() < ends and kept.source.running:
        time.sleep(_POLL)


def press(kept: View, button: str) -> None:
    if not button.startswith(PRESS):
        kept.source.act(button)
        return
    name = button.removeprefix(PRESS)
    next(each for each in kept.view.controls if isinstance(each, Button) and each.description == name).click()


def put(widget: Any, values: dict[str, Any]) -> None:
    if told(widget) and widget.description in values:
        widget.value = values[widget.description]


@contextlib.contextmanager
def moving(values: dict[str, Any]) -> Iterator[None]:
    """Each slider that is made gets its value by its name."""
    Widget.on_widget_constructed(lambda widget: put(widget, values))
    try:
        yield
    finally:
        Widget.on_widget_constructed(None)
