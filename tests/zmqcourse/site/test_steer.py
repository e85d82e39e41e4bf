"""Steering without a kernel: which settings are run, that a scene truly runs at them, and that one run takes the place
of another in the same picture."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from view_feeds import fan_out, replay_from
from zmqcourse.site import running
from zmqcourse.site.recording import Keeping
from zmqcourse.site.steer.runs import NEVER, align, runs_of
from zmqcourse.site.steer.settings import own_of, plan, settings_of
from zmqlive.view import FlowView

pytestmark = [pytest.mark.filterwarnings("ignore::ResourceWarning")]

SCENE = '''
import time, zmq
from ipywidgets import Button, Checkbox, FloatSlider, IntSlider
from zmqlive import Stage, show
hwm = IntSlider(value=5, min=1, max=50, description="HWM")
'''
CELL = '''
def producer(ctx, endpoint, hwm, pause):
    with ctx.socket(zmq.PUSH) as push:
        push.sndhwm = hwm.value
        push.bind(endpoint)
        while True:
            push.send(b"x")
            time.sleep(pause.value)

def worker(ctx, endpoint):
    with ctx.socket(zmq.PULL) as pull:
        pull.rcvhwm = 1
        pull.connect(endpoint)
        while True:
            pull.recv()
            time.sleep(0.2)

pause = FloatSlider(value=0.05, min=0.01, max=2, step=0.01, description="pause, s")
stage = Stage("Steered", seconds=60)
jobs = stage.endpoint("inproc", name="jobs")
stage.add(producer, jobs, hwm, pause)
stage.add(worker, jobs, count=1)
show(stage, hwm, pause)
'''


@pytest.fixture(scope="module")
def steered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The one view of a small lesson, with its other runs."""
    cells = [new_markdown_cell("# Small", id="title"), new_code_cell(SCENE, id="a"), new_code_cell(CELL, id="b")]
    cells.append(new_code_cell("stage.start(); stage.wait(lambda s: s.received('worker') > 2, timeout=60)", id="s"))
    late = "stage.add(worker, jobs, name='late', growable=True)\n"
    late += "stage.wait(lambda s: s.received('late') > 4, timeout=60)"
    cells.append(new_code_cell(late, id="l"))
    cells.append(new_code_cell("stage.stop(); hwm = pause = None", id="c"))   # what comes later does not matter
    file = tmp_path_factory.mktemp("steer") / "76-small.ipynb"
    file.write_text(nbformat.writes(new_notebook(cells=cells)))
    [kept] = running.run(file, look=0.5, steer=1.5).views.values()
    return kept


def unpacked(told: dict[str, Any]) -> list[dict[str, Any]]:
    return json.loads(gzip.decompress(base64.b64decode(told["packed"])))


@pytest.mark.parametrize(
    "knob, many",
    [
        ({"value": 0.5, "min": 0.02, "max": 2, "step": 0.02}, 5),
        ({"value": 5, "min": 1, "max": 50, "step": 1}, 5),
        ({"value": 0.03, "min": 0, "max": 1, "step": 0.01}, 3),
        ({"value": 0, "min": 0, "max": 3, "step": 0.1}, 3),
        ({"value": 0.25, "min": 0, "max": 2, "step": 0.05}, 3),
        ({"value": 0.8, "min": 0, "max": 3, "step": 0.1}, 5),
        ({"value": 2.0, "min": 0.02, "max": 2, "step": 0.02}, 3),
    ],
)
def test_settings_are_few_apart_and_on_the_slider(knob: dict[str, Any], many: int) -> None:
    found = settings_of(knob, many)
    assert knob["value"] in found and found == sorted(set(found)) and 2 <= len(found) <= many
    assert all(knob["min"] <= value <= knob["max"] for value in found)
    for value in found:
        steps = (value - knob["min"]) / knob["step"]
        assert abs(steps - round(steps)) < 1e-6
    others = [value for value in found if value > 0 and value != knob["value"]]
    assert others and all(not 0.6 < value / (knob["value"] or 1e9) < 1.7 for value in others), found


def test_choices_are_run_each_and_what_is_no_slider_once() -> None:
    assert settings_of({"value": True}, 5) == [False, True]
    assert settings_of({"value": "go", "options": ("go", "stop")}, 5) == ["go", "stop"]
    assert settings_of({"value": "Hello!"}, 5) == ["Hello!"]


def test_two_sliders_are_run_in_all_combinations_and_of_more_one_is_moved_at_a_time() -> None:
    knob = {"description": "k", "value": 5, "min": 1, "max": 50, "step": 1}
    for count, runs in ((1, 4), (2, 8), (3, 6), (4, 8)):
        knobs = [knob] * count
        values, settings = plan(knobs)
        own = own_of(knobs, values)
        assert len(settings) == runs and own not in settings
        assert count < 3 or all(sum(i != o for i, o in zip(s, own, strict=True)) == 1 for s in settings)


def test_each_setting_is_a_run_that_happened(steered: dict[str, Any]) -> None:
    told = steered["steer"]
    assert told["own"] == [1, 1] and told["knobs"][0] == [2, 5, 16]
    by = {tuple(run["at"]): run["replay"] for run in told["runs"] if "at" in run}
    assert len(by) == 8 and steered["replay"]["title"] == "Steered"
    for (mark, _), replay in by.items():   # a slider that was there before the cell, and lost its name after it
        caps = {socket["sndhwm"] for socket in replay["topo"]["sockets"] if socket["type"] == "PUSH"}
        assert caps == {told["knobs"][0][mark]}
    sent = {at: sum(event[1] == "s" for event in replay["ev"]) for at, replay in by.items()}
    assert sent[2, 0] > sent[2, 2] >= 1    # a slider that the cell makes: a long pause, few messages


def test_the_last_words_of_an_earlier_view_do_not_make_it_this_runs() -> None:
    earlier = FlowView(replay_from(fan_out(1), seconds=0.2))
    with Keeping() as keeping:
        earlier._tell_listeners({"now": 200.0})
        mine = FlowView(replay_from(fan_out(1), seconds=0.2))
        mine._tell_listeners({"now": 10.0})
    assert list(keeping.views) == [mine.model_id] and keeping.views[mine.model_id].now == 10.0


def test_a_button_is_pressed_in_a_run_of_its_own(steered: dict[str, Any]) -> None:
    [run] = [run for run in steered["steer"]["runs"] if run.get("act") == "add:worker"]
    replay, press = run["replay"], run["press"]
    assert 0 < press < replay["dur"]
    # None that ends the scene; one of a role that a later cell added is not there in a run of this cell.
    assert [button["id"] for button in steered["steer"]["buttons"]] == ["add:worker", "add:late"]
    assert [button["id"] for button in runs_of(steered)["buttons"]] == ["add:worker"]
    late = [s for s in replay["topo"]["sockets"] if s["role"] == "worker 2"]
    assert len(late) == 1 and late[0]["born"] >= press - 50


def test_the_page_gets_them_small_and_offers_only_what_there_is(steered: dict[str, Any]) -> None:
    told = runs_of(steered)
    assert [knob["open"] for knob in told["knobs"]] == [[0, 1, 2], [0, 1, 2]]
    assert told["knobs"][0]["values"] == ["2", "5", "16"] and len(told["runs"]) == len(unpacked(told))
    assert len(told["packed"]) < 60_000
    one = [run for run in steered["steer"]["runs"] if run.get("at") == [0, 1]]
    less = {**steered, "steer": {**steered["steer"], "runs": one}}
    told = runs_of(less)
    assert [knob["open"] for knob in told["knobs"]] == [[0, 1], [1]] and told["buttons"] == []
    assert runs_of({**steered, "steer": {**steered["steer"], "runs": []}}) is None
    assert runs_of({key: steered[key] for key in ("replay", "knobs")}) is None


def test_a_run_is_numbered_as_the_one_whose_place_it_takes() -> None:
    like = replay_from(fan_out(3), rate=100, work=5, seconds=2)
    other = json.loads(json.dumps(like))
    # The same roles, made in another order; one is not there.
    swap = {0: 3, 3: 0}
    number = lambda id: swap.get(id, id)  # noqa: E731
    gone = like["topo"]["roles"][-1]["id"]
    for socket in other["topo"]["sockets"]:
        socket["id"] = number(socket["id"])
    for role in other["topo"]["roles"]:
        role["sockets"] = [number(id) for id in role["sockets"]]
    for edge in other["topo"]["edges"]:
        edge["a"], edge["b"], edge["id"] = number(edge["a"]), number(edge["b"]), edge["id"] + 7
    other["topo"]["roles"] = [role for role in reversed(other["topo"]["roles"]) if role["id"] != gone]
    lost = {s["id"] for s in other["topo"]["sockets"] if s["role"] == gone}
    other["topo"]["sockets"] = [s for s in other["topo"]["sockets"] if s["role"] != gone]
    other["topo"]["edges"] = [e for e in other["topo"]["edges"] if not {e["a"], e["b"]} & lost]
    edges = {e["id"] for e in other["topo"]["edges"]}
    other["ev"] = [
        [e[0], e[1], e[2] + 7, e[3], e[4], number(e[5]), *e[6:]]
        for e in like["ev"] if e[1] in "sr" and e[2] + 7 in edges
    ]
    made = align(other, like)
    for part in ("roles", "sockets", "edges"):
        assert [item["id"] for item in made["topo"][part]] == [item["id"] for item in like["topo"][part]], part
    born = {s["role"]: s.get("born", 0) for s in made["topo"]["sockets"]}
    assert born.pop(gone) == NEVER and NEVER not in born.values()
    kept = {e["id"] for e in made["topo"]["edges"] if e.get("born") != NEVER}
    assert made["ev"] == [e for e in like["ev"] if e[1] in "sr" and e[2] in kept]


def test_a_run_is_kept_until_the_lesson_or_its_code_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, kept = tmp_path / "06-some.ipynb", tmp_path / "kept"
    cells = [new_markdown_cell("# Some", id="title"), new_code_cell("print(1)", id="a")]
    file.write_text(nbformat.writes(new_notebook(cells=cells)))
    first = running.kept_run(file, kept)
    assert {each.suffix for each in kept.iterdir()} == {".ipynb", ".json"}
    monkeypatch.setattr(running, "run", lambda *args, **more: pytest.fail("it was run again"))
    assert running.kept_run(file, kept).seconds == first.seconds
    monkeypatch.undo()
    before = running.fingerprint(file)
    assert running.fingerprint(file, 1.0) != before
    cells[1].source = "print(2)"
    file.write_text(nbformat.writes(new_notebook(cells=cells)))
    assert running.fingerprint(file) != before
    running.kept_run(file, kept)
    assert len(list(kept.iterdir())) == 2    # the old one is gone
    read, used = Path.read_bytes, []
    monkeypatch.setattr(Path, "read_bytes", lambda self: used.append(self.as_posix()) or read(self))
    running.fingerprint(file)
    assert any("scenes/lesson06" in each for each in used) and not any("lesson09" in each for each in used)
    assert any("zmqlive/recorder.py" in each for each in used) and not any("site/pages.py" in each for each in used)




def test_a_lesson_is_not_lost_for_what_was_not_steered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "76-some.ipynb"
    file.write_text(nbformat.writes(new_notebook(cells=[new_code_cell("print('fine')", id="a")])))
    monkeypatch.setattr(running, "_SCENES", "(1 / 0)")
    made = running.run(file, steer=1.0)
    assert made.nb.cells[0].outputs[0].text == "fine\n" and len(made.nb.cells) == 1
    said = "76-some.ipynb: not all other runs were recorded: ZeroDivisionError: division by zero\n"
    assert capfd.readouterr().err == said
