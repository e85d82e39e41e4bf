"""The view without a browser: layout, the joined module, the pump, requests, the still picture, pages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from machine import PATIENCE
from view_feeds import TOPOLOGIES, FakeSource, fan_out, pub_sub, replay_from
from zmqlive.view import FlowView, show, status_text, still_svg
from zmqlive.view import assemble as joined
from zmqlive.view.page import block, page_html
from zmqlive.view.pump import seat_for
from zmqlive.view.seat import GRACE, HEARTBEAT, LEASE
from zmqlive.view.sources import replay_of
from zmqlive.view.still import snapshot_of

JS = Path(joined.__file__).parent / "js"
WIDTHS = (480, 760, 1100)


def wait_for(condition: Any, timeout: float = 5.0) -> None:
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "not within the time limit"
        time.sleep(0.01)


# --- layout
# --------------------------------------------------------------------------------------------------------


def run_layouts(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lays out every {topo, W} with the modules as they are, in node, or else in Chromium."""
    code = """
    const out = jobs.map(({topo, W}) => {
      const graph = graphOf(topo), L = layout(graph, W);
      return {H: L.H, W: L.W, vertical: L.vertical, size: L.size, ids: graph.nodes.map(n => n.id),
        routes: graph.routes.length,
        boxes: [...L.boxes.values()].map(b => [b.id, b.x, b.y, b.w, b.h]),
        edges: [...L.edges.values()].map(e => ({id: e.id, inBox: e.inBox, lanes: e.lanes.map(l => ({
          ends: [l.pts[0], l.pts[1], l.pts[94], l.pts[95]], rect: l.rect && [l.rect.x, l.rect.y, l.rect.w,
          l.rect.h], q: l.q, box: [0, 1].flatMap(k => [Math.min(...[...l.pts].filter((_, i) => i % 2 === k)),
          Math.max(...[...l.pts].filter((_, i) => i % 2 === k))])}))}))};
    });"""
    node = shutil.which("node")
    if node:
        script = (
            f'import {{ graphOf }} from "{(JS / "graph.js").as_uri()}";'
            f'import {{ layout }} from "{(JS / "layout.js").as_uri()}";'
            'import { readFileSync } from "node:fs";const jobs = JSON.parse(readFileSync(0, "utf8"));'
            f"{code}console.log(JSON.stringify(out));"
        )
        done = subprocess.run(
            [node, "--input-type=module", "-e", script],
            input=json.dumps(jobs),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    from browser_view import open_browser

    with open_browser() as browser:
        page = browser.new_page()
        scope = joined.script().split("const module_store")[0]
        return page.evaluate(
            f"(jobs) => {{ {scope} const {{ graphOf }} = module_graph, {{ layout }} = module_layout;"
            f"{code} return out; }}",
            jobs,
        )


@pytest.fixture(scope="module")
def layouts() -> dict[tuple[str, int], dict[str, Any]]:
    keys = [(name, width) for name in TOPOLOGIES for width in WIDTHS]
    found = run_layouts([{"topo": TOPOLOGIES[name]().topo, "W": width} for name, width in keys])
    return dict(zip(keys, found, strict=True))


def overlap(a: list[float], b: list[float], air: float = 0.0) -> bool:
    return (
        a[0] < b[0] + b[2] + air
        and b[0] < a[0] + a[2] + air
        and a[1] < b[1] + b[3] + air
        and b[1] < a[1] + a[3] + air
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", list(TOPOLOGIES))
def test_boxes_do_not_overlap_and_stay_inside(layouts: Any, name: str, width: int) -> None:
    plan = layouts[name, width]
    boxes = {b[0]: b[1:] for b in plan["boxes"]}
    assert sorted(boxes) == sorted(plan["ids"])
    for x, y, w, h in boxes.values():
        assert x >= 2 and y >= 2 and x + w <= width - 2 and y + h <= plan["H"] - 2
        assert w >= 66 and h >= 30
    items = list(boxes.items())
    for i, (one, a) in enumerate(items):
        for two, b in items[i + 1 :]:
            assert not overlap(a, b, air=8), f"{one} and {two} touch"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", list(TOPOLOGIES))
def test_edges_and_tubes_have_room(layouts: Any, name: str, width: int) -> None:
    plan = layouts[name, width]
    boxes = [b[1:] for b in plan["boxes"]]
    tubes = []
    assert len(plan["edges"]) == plan["routes"]
    for edge in plan["edges"]:
        for lane in edge["lanes"]:
            x0, x1, y0, y1 = lane["box"]
            assert x0 >= 0 and x1 <= width and y0 >= 0 and y1 <= plan["H"], "an edge leaves the picture"
            assert lane["q"] is not None and 0 <= lane["q"][0] <= lane["q"][1] <= 1
            if lane["rect"]:
                tubes.append(lane["rect"])
    for i, tube in enumerate(tubes):
        assert not any(overlap(tube, b) for b in boxes), "a tube lies on a box"
        assert not any(overlap(tube, other) for other in tubes[i + 1 :]), "two tubes touch"


def test_the_same_topology_gives_the_same_layout(layouts: Any) -> None:
    keys = [("broker 10 10", 760), ("mixed 40", 1100), ("ring", 480)]
    again = run_layouts([{"topo": TOPOLOGIES[name]().topo, "W": width} for name, width in keys])
    assert again == [layouts[k] for k in keys]


def test_heights_stay_modest(layouts: Any) -> None:
    for (name, width), plan in layouts.items():
        limit = 860 if width >= 760 else 1150  # all types of 40 sockets are to be read
        assert plan["H"] <= limit, f"{name} at {width} px is {plan['H']} px high"


def test_two_groups_keep_apart_and_a_role_that_talks_to_itself_is_split(layouts: Any) -> None:
    groups = {b[0]: b for b in layouts["two groups", 760]["boxes"]}
    assert groups["client"][2] > max(groups[f"worker {i}"][2] + groups[f"worker {i}"][4] for i in (1, 2, 3))
    ids = layouts["pair in a role", 760]["ids"]
    assert {"main#0", "main#1"} <= set(ids)


def test_a_restarted_worker_keeps_its_place() -> None:
    net = fan_out(3)
    before = run_layouts([{"topo": net.topo, "W": 760}])[0]
    net.sockets[1]["closed"] = True
    net.roles[1]["sockets"].append(len(net.sockets))
    net.sockets.append({**net.sockets[1], "id": len(net.sockets), "closed": False})
    net.join(0, len(net.sockets) - 1)
    after = run_layouts([{"topo": net.topo, "W": 760}])[0]
    assert [b[1:] for b in before["boxes"]] == [b[1:] for b in after["boxes"]]


# --- the joined module
# ---------------------------------------------------------------------------------------------


def test_every_file_is_joined_once_and_after_what_it_imports() -> None:
    assert sorted(joined.ORDER) == sorted(p.stem for p in JS.glob("*.js"))
    for i, name in enumerate(joined.ORDER):
        for used in re.findall(r'from "\./(\w+)\.js"', (JS / f"{name}.js").read_text(encoding="utf-8")):
            assert used in joined.ORDER[:i], f"{name} imports {used}, which comes later"


def test_the_joined_module_is_one_module_without_requests() -> None:
    text = joined.script()
    assert "import " not in "\n".join(
        line for line in text.splitlines() if not line.lstrip().startswith(("//", "*", "/*"))
    )
    assert "</script" not in text
    assert text.count("export default") == 1 and "export { mount, mountAll }" in text
    assert not re.search(r"https?://", (text + joined.style()).replace("http://www.w3.org/2000/svg", ""))  # a name
    assert len(text) + len(joined.style()) < 200_000


@pytest.mark.skipif(
    shutil.which("node") is None, reason="node is not installed; the browser tests load the same module"
)
def test_each_module_can_be_imported_alone() -> None:
    files = json.dumps([(JS / f"{name}.js").as_uri() for name in joined.ORDER])
    code = f"for (const f of {files}) await import(f);"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", code], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr


def test_no_script_is_an_attic() -> None:
    for path in JS.glob("*.js"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) < 300, f"{path.name} has {len(lines)} lines"


def test_the_view_does_not_import_zmq() -> None:
    code = (
        "import sys; sys.modules['zmq'] = None; import zmqlive.view, zmqlive.view.page; "
        "print([m for m in sys.modules if m.split('.')[0] == 'zmq' and sys.modules[m] is not None])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


# --- the pump
# ------------------------------------------------------------------------------------------------------


class QuietFeed:
    """Gives what it is told to, then nothing."""

    def __init__(self, *batches: dict[str, Any]) -> None:
        self.batches = list(batches)

    def poll(self) -> dict[str, Any]:
        return self.batches.pop(0) if self.batches else {"now": 1.0, "ev": [], "ended": False}

    def history(self) -> dict[str, Any]:
        return {"now": 1.0, "ev": [[0.5, "m", "old"]]}


class QuietSource:
    title = "Quiet"

    def __init__(self, *batches: dict[str, Any]) -> None:
        self._feed = QuietFeed(*batches)

    def feed(self) -> QuietFeed:
        return self._feed

    def actions(self) -> list[dict[str, Any]]:
        return []

    def act(self, action_id: str) -> None:
        raise RuntimeError("cannot\nbe done")


def test_batches_are_few_whatever_the_rate() -> None:
    source, sent = FakeSource(fan_out(3), rate=400, work=5), []
    seat = seat_for(source, sent.append)
    seat.start()
    time.sleep(1.0)
    seat.stop()
    assert not seat.running
    assert 12 <= len(sent) <= 30
    assert sent[0]["topo"]["sockets"] and sent[0]["actions"]
    assert sum(len(b["ev"]) for b in sent) > 300
    assert all("topo" not in b for b in sent[1:])


def test_silence_costs_a_heartbeat_a_second() -> None:
    sent: list[dict[str, Any]] = []
    seat = seat_for(QuietSource(), sent.append)
    seat.start()
    time.sleep(1.6 * HEARTBEAT)
    seat.stop()
    assert 1 <= len(sent) <= 4


def test_the_pump_ends_when_the_flow_has_ended() -> None:
    sent: list[dict[str, Any]] = []
    source = QuietSource({"now": 0.0, "ev": [[0, "m", "x"]]}, {"now": 5.0, "ev": [], "ended": True})
    seat = seat_for(source, sent.append)
    seat.start()
    wait_for(lambda: not seat.running)
    assert sent[-1]["ended"] and sent[-1]["actions"] == []


def test_a_broken_feed_is_said_and_not_silent() -> None:
    source, sent = QuietSource(), []
    source._feed.poll = lambda: 1 / 0  # type: ignore[method-assign]
    seat = seat_for(source, sent.append)
    seat.start()
    wait_for(lambda: not seat.running)
    assert "division" in sent[-1]["error"] and sent[-1]["ended"]


# --- who looks


class CountedFeed:
    """Counts how often it is asked; each answer is one event."""

    def __init__(self) -> None:
        self.polls = 0

    def poll(self) -> dict[str, Any]:
        self.polls += 1
        now = float(self.polls)
        return {"now": now, "ev": [[now, "m", str(self.polls)]], "n": {"e": {}, "k": now}}

    def history(self) -> dict[str, Any]:
        return {"now": float(self.polls), "ev": [[float(k), "m", str(k)] for k in range(1, self.polls + 1)]}


class CountedSource(QuietSource):
    def __init__(self) -> None:
        self._feed = CountedFeed()
        self.feeds = 0

    def feed(self) -> Any:
        self.feeds += 1
        return self._feed


def heard(batches: list[dict[str, Any]]) -> list[str]:
    """The events of these batches, without those that a history among them has already."""
    known, out = 0, []
    for batch in batches:
        if batch["i"] > known:
            known = batch["i"]
            out += [e[2] for e in batch["ev"]]
    return out


def test_what_nobody_looks_at_is_asked_for_once_a_second_and_nothing_is_missed() -> None:
    source, sent = CountedSource(), []
    seat = seat_for(source, sent.append)
    seat.look("page", False)
    seat.start()
    time.sleep(2.3 * HEARTBEAT)
    asked = source._feed.polls
    assert 2 <= asked <= 4 and len(sent) <= asked
    seat.look("page", True)  # at once, and then all the time
    wait_for(lambda: source._feed.polls >= asked + 8)
    assert seat.looking
    seat.look("page", False)
    time.sleep(0.2)
    asked = source._feed.polls
    time.sleep(1.5 * HEARTBEAT)
    assert source._feed.polls <= asked + 3
    seat.stop()
    seat.flush()
    assert heard(sent) == [str(k) for k in range(1, source._feed.polls + 1)]


def test_views_of_one_source_share_its_feed_and_each_gets_all_of_it() -> None:
    source = CountedSource()
    told: list[list[dict[str, Any]]] = [[], [], []]
    seats = []
    for sent in told:
        seats.append(seat_for(source, sent.append))
        seats[-1].start()
        wait_for(lambda: source._feed.polls >= 3 * len(seats))
    seats[2].look("page", False)
    time.sleep(1.2 * HEARTBEAT)
    assert len(told[2]) < len(told[0]) - 10, "one view is looked at, another is not"
    assert source.feeds == 1
    seats[0].stop()
    assert seats[1].running and not seats[0].running
    for seat in seats:
        seat.stop()
        seat.flush()
    for sent in told[1:]:
        events = heard(sent)
        assert events == [str(k) for k in range(1, len(events) + 1)] and len(events) > 10
    assert not seats[1].running
    again = seat_for(source, told[0].append)  # and a new one begins anew
    again.start()
    assert again.running and source.feeds == 2
    again.stop()


def test_a_page_that_says_no_more_is_taken_to_be_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    seat, t = seat_for(CountedSource(), lambda batch: None), [100.0]
    monkeypatch.setattr("zmqlive.view.seat.time.monotonic", lambda: t[0])
    seat._begun = t[0]
    assert seat.looking  # it may not have had the time to say so
    t[0] += GRACE + 1
    assert not seat.looking
    seat.look("one", True)
    seat.look("two", True)
    seat.look("one", False)
    assert seat.looking
    t[0] += LEASE + 1
    assert not seat.looking
    seat.look("two", True)
    assert seat.looking


def test_the_view_hears_who_looks(live: Any) -> None:
    view = live(FakeSource())
    view._on_request(view.control, {"look": False, "view": "abc"}, [])
    assert not view._pump.looking
    view._on_request(view.control, {"look": True, "view": "abc"}, [])
    assert view._pump.looking


# --- the widget
# ----------------------------------------------------------------------------------------------------


@pytest.fixture
def live() -> Any:
    """A live view whose messages to the browser are kept in ``view.told``."""
    made = []

    def make(source: Any, **kw: Any) -> FlowView:
        told: list[Any] = []
        original = FlowView.send
        FlowView.send = lambda _self, content, buffers=None: told.append(content)  # type: ignore[method-assign]
        try:
            view = FlowView(source, **kw)
        finally:
            FlowView.send = original  # type: ignore[method-assign]
        view.told = told  # type: ignore[attr-defined]
        view.send = lambda content, buffers=None: told.append(content)  # type: ignore[method-assign]
        made.append(view)
        return view

    yield make
    for view in made:
        view.close()


def test_history_is_given_to_the_one_who_asks(live: Any) -> None:
    view = live(FakeSource(rate=100))
    time.sleep(0.3)
    view._on_request(view, {"ask": "history", "view": "abc"}, [])
    wait_for(lambda: any("history" in m for m in view.told))
    answer = next(m for m in view.told if "history" in m)
    assert (
        answer["view"] == "abc"
        and answer["history"]["topo"]
        and answer["history"]["ev"]
        and answer["history"]["actions"]
    )


def test_a_button_acts_in_a_thread_of_its_own(live: Any) -> None:
    source = FakeSource()
    view = live(source)
    view._on_request(view.control, {"act": "kill:worker 1"}, [])
    wait_for(lambda: source.acted)
    assert source.acted == [("kill:worker 1", "zmqlive-view-request")]


def test_a_button_that_fails_says_so_in_one_sentence(live: Any) -> None:
    view = live(QuietSource())
    view._on_request(view.control, {"act": "kill:x"}, [])
    wait_for(lambda: any("error" in m for m in view.told))
    error = next(m["error"] for m in view.told if "error" in m)
    assert error == "“kill:x” did not work: cannot be done"


@pytest.mark.parametrize("content", [None, "text", 3, {}, {"ask": "money"}, {"act": None}])
def test_nonsense_from_the_browser_is_harmless(live: Any, content: Any) -> None:
    view = live(QuietSource())
    view._on_request(view, content, [])
    assert view._pump is not None and view._pump.running


def test_close_ends_the_thread_and_leaves_the_source_alone(live: Any) -> None:
    source = FakeSource()
    view = live(source)
    pump = view._pump
    view.close()
    assert pump is not None and not pump.running and not source.ended


def test_freeze_keeps_a_replay(live: Any) -> None:
    view = live(FakeSource(rate=100))
    time.sleep(0.4)
    assert view.freeze() is view
    assert not view.live and view.replay is not None and view.replay["ev"] and view.replay["topo"]["edges"]
    assert not view._pump.running


def test_running_a_cell_again_closes_its_old_view(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import zmqlive.view.flowview as module

    run = ["cell 1", "run 1"]
    monkeypatch.setattr(module, "_where", lambda: (run[0], run[1]))
    first, second = live(FakeSource()), live(FakeSource())
    assert first._pump.running and second._pump.running  # two views of one run live together
    run[1] = "run 2"
    third = live(FakeSource())
    assert not first._pump.running and not second._pump.running and third._pump.running


def test_a_live_view_keeps_no_history_of_its_own(live: Any) -> None:
    view = live(FakeSource(rate=300, work=5))
    time.sleep(0.5)
    kept = json.dumps(view._pump.snapshot())
    assert len(kept) < 6_000


def test_a_listener_hears_of_each_view_and_each_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr(FlowView, "listeners", [lambda view, batch: heard.append((view, batch))])
    source = FakeSource(rate=100)
    view = FlowView(source, controls=())
    replay = FlowView(replay_from(fan_out(1), seconds=0.5))
    wait_for(lambda: any(batch.get("ev") for _, batch in heard))
    assert heard[0] == (view, {}) and (replay, {}) in heard
    assert view.source is source and replay.source is None and view.controls == ()
    view.close(), replay.close()


def test_a_replay_needs_no_pump_and_a_wrong_source_is_refused() -> None:
    view = FlowView(replay_from(fan_out(2), seconds=1.0))
    assert view._pump is None and view.replay["ev"] and view.title == "Replay"
    view.close()
    with pytest.raises(TypeError, match="not int"):
        FlowView(3)


def test_a_trace_is_replayed() -> None:
    class Trace:
        def replay(self) -> dict[str, Any]:
            return replay_from(fan_out(1), seconds=0.5, title="From a trace")

    view = FlowView(Trace())
    assert view.title == "From a trace" and not view.live
    assert replay_of(Trace())["v"] == 1
    view.close()


def test_what_a_cell_shows_has_text_and_a_still_picture() -> None:
    import ipywidgets

    view = show(
        replay_from(fan_out(3), seconds=2.0, title="Shown"), ipywidgets.FloatSlider(description="delay")
    )
    data, _ = view._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert (
        data["application/vnd.jupyter.widget-view+json"]["model_id"] != view.model_id
    )  # the box with the slider
    assert data["text/plain"].startswith("[Shown]") and data["image/svg+xml"].startswith("<svg")
    view.close()


# --- still picture and pages
# ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(TOPOLOGIES))
def test_the_still_picture_is_sound(name: str) -> None:
    replay = replay_from(TOPOLOGIES[name](), seconds=1.5, title=f"<{name}>")
    root = ET.fromstring(still_svg(replay))
    height = float(root.attrib["viewBox"].split()[3])
    rects = [r.attrib for r in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(rects) > len(replay["topo"]["roles"])
    for r in rects:
        assert float(r["x"]) >= 0 and float(r["x"]) + float(r["width"]) <= 760.5
        assert float(r["y"]) >= 0 and float(r["y"]) + float(r["height"]) <= height + 0.5


def test_the_still_picture_shows_the_fullest_moment() -> None:
    now = snapshot_of(replay_from(fan_out(1), seconds=3.0, rate=60, work=200))
    assert now["n"]["blocked"] == [0] and now["n"]["e"][0][2] == 10
    svg = still_svg(now)
    assert "BLOCKED" in svg and "10 / 10 full" in svg
    assert "blocked: producer" in status_text(now) and "10 of 10 waiting" in status_text(now)


def test_dropped_messages_are_told() -> None:
    now = snapshot_of(replay_from(pub_sub(2), seconds=3.0, rate=80, work=200))
    assert "dropped" in status_text(now)


def test_empty_things_are_shown_too() -> None:
    empty = {"title": "Empty", "topo": {}, "n": {}}
    assert ET.fromstring(still_svg(empty)) is not None
    assert status_text(empty).startswith("[Empty] 0 sockets")
    assert status_text({})


def test_a_page_holds_all_it_needs(tmp_path: Path) -> None:
    replay = replay_from(fan_out(2), seconds=1.0, title="</script><b>")
    replay["note"] = "<!-- </script>"
    path = tmp_path / "flow.html"
    FlowView.page(replay, path)
    text = path.read_text(encoding="utf-8")
    assert text == page_html(replay)
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", text)
    data = re.search(r'<script type="application/json" id="zmqlive-replay">(.*?)</script>', text, re.DOTALL)
    assert data and json.loads(data[1]) == json.loads(json.dumps(replay))


def test_several_pictures_share_a_page() -> None:
    replay = replay_from(fan_out(1), seconds=0.5)
    one, two = block(replay, "a"), block(replay, "b")
    assert 'data-zmqlive="a"' in one and 'id="b"' in two and '<script type="module"' not in one
