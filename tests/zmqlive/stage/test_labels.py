"""What roles say of themselves is read off the wire: in the record, in a live view's feed, in a replay."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import zmq
import zmqlive.view
from machine import PATIENCE
from stage_parts import nothing_left  # noqa: F401
from zmqlive.stage import Stage
from zmqlive.trace import Trace
from zmqlive.view.moment import Fold
from zmqlive.view.still import still_svg

JS = Path(zmqlive.view.__file__).with_name("js")


def half(ctx: zmq.Context[Any], endpoint: str, *words: bytes) -> None:
    """Says each of these words, then waits to be ended."""
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as never:
        push.linger = 0
        push.bind(endpoint)
        never.bind("inproc://never-" + endpoint[-5:])
        for word in words:
            push.send_multipart([word, b"more"])
        never.recv()


def hears(ctx: zmq.Context[Any], *endpoints: str) -> None:
    with ctx.socket(zmq.PULL) as pull:
        for endpoint in endpoints:
            pull.connect(endpoint)
        while True:
            pull.recv_multipart()


def says(role: str, frames: tuple[bytes, ...]) -> str | None:
    return None if frames[0] == b"beat" else f"{role} is {frames[0].decode()}"


def halves(*words: bytes, process: bool = False) -> Stage:
    stage = Stage("Two halves", seconds=60)
    ends = stage.endpoint("tcp", name="a"), stage.endpoint("tcp", name="b")
    stage.add(hears, *ends)
    stage.add(half, ends[0], *words, name="a", process=process)
    stage.add(half, ends[1], b"beat", name="b")
    return stage


def told(stage: Stage) -> list[tuple[str, str]]:
    return [(each.role, each.text) for each in stage.trace().labels]


@pytest.mark.parametrize("process", [False, True])
def test_a_label_is_what_a_role_said_last_and_is_noted_when_it_changes(process: bool) -> None:
    stage = halves(b"passive", b"beat", b"passive", b"active", process=process)
    stage.label(says)
    with stage:
        stage.wait(lambda s: s.received("hears") == 5, timeout=PATIENCE)
        assert told(stage) == [("a", "a is passive"), ("a", "a is active")]
    trace = stage.trace()
    passive, active = trace.labels
    sent = [m.sent for m in trace.messages if trace.role_of(m.source) == "a"]
    assert (passive.t, active.t) == (pytest.approx(sent[0]), pytest.approx(sent[3]))
    assert Trace.from_json(json.loads(json.dumps(trace.to_json()))).labels == trace.labels


def test_an_older_record_has_no_labels() -> None:
    old = Trace().to_json()
    del old["labels"]
    assert Trace.from_json(old).labels == ()


def test_who_is_started_again_says_it_anew() -> None:
    stage = halves(b"active", process=True)
    stage.label(says)
    with stage:
        stage.wait(lambda s: s.received("hears") == 2, timeout=PATIENCE)
        stage.restart("a")
        stage.wait(lambda s: s.received("hears") == 3, timeout=PATIENCE)
        assert told(stage) == [("a", "a is active")] * 2


def test_without_a_rule_nothing_is_noted_and_a_rule_may_come_late() -> None:
    stage = halves(b"active")
    with stage:
        stage.wait(lambda s: s.received("hears") == 2, timeout=PATIENCE)
        assert told(stage) == []
        stage.label(says)
        assert told(stage) == [("a", "a is active")]


def test_a_rule_that_raises_is_told_and_the_record_goes_on() -> None:
    stage = halves(b"active")
    stage.label(lambda role, frames: frames[7])
    with stage:
        stage.wait(lambda s: s.received("hears") == 2, timeout=PATIENCE)
        labels = told(stage)
    assert [role for role, _ in labels] == ["a", "b"] or [role for role, _ in labels] == ["b", "a"]
    assert all("IndexError" in text for _, text in labels)
    assert len(stage.trace().messages) == 2


def test_a_live_view_is_told_and_a_page_that_is_loaded_again() -> None:
    stage = halves(b"passive", b"active")
    stage.label(says)
    with stage:
        feed = stage.feed()
        stage.wait(lambda s: s.received("hears") == 3, timeout=PATIENCE)
        new = [event[2:] for event in feed.poll()["ev"] if event[1] == "l"]
        assert new == [["a", "a is passive"], ["a", "a is active"]]
        assert [event for event in feed.poll()["ev"] if event[1] == "l"] == []
        assert [event[2:] for event in feed.history()["ev"] if event[1] == "l"] == new


# --- pictures


def test_the_still_picture_shows_what_a_role_says_until_it_is_gone() -> None:
    stage = halves(b"active")
    stage.label(says)
    with stage:
        stage.wait(lambda s: s.received("hears") == 2, timeout=PATIENCE)
        replay = stage.trace().replay()
    fold = Fold()
    for event in replay["ev"]:
        fold.apply(event)
    assert fold.standing.labels == {"a": "a is active"}
    assert ">a is active</text>" in picture(replay, fold)
    fold.apply([replay["dur"], "k", "a", "killed", ""])
    assert "a is active" not in picture(replay, fold)


def picture(replay: dict[str, Any], fold: Fold) -> str:
    now = {"roles": fold.standing.roles, "labels": fold.standing.labels, "n": fold.counts()}
    return still_svg({"title": "", "topo": replay["topo"], "now": replay["dur"], **now})


STEPS = """
import {{ State }} from "{state}";
import {{ Store }} from "{store}";
import {{ condition }} from "{boxes}";
const store = new Store({topo});
const view = {{ store, T: 0, state: new State(store), over: () => false }};
const b = {{ node: {{ role: "a", sockets: [0] }} }};
const seen = [];
for (const e of {events}) store.add(e);
for (const T of [5, 15, 25, 35, 45, 55, 15]) {{
  view.T = T;
  view.state.advance(T);
  const c = condition(view, b);
  seen.push([c.kind, c.text]);
}}
console.log(JSON.stringify(seen));
"""


def test_the_browser_shows_it_while_the_role_just_runs_at_any_moment() -> None:
    topo = {"roles": [{"id": "a", "sockets": [0], "state": "running"}], "edges": [],
            "sockets": [{"id": 0, "type": "PUB", "role": "a"}]}
    events = [[0, "k", "a", "running", ""], [10, "l", "a", "active 2"], [20, "k", "a", "frozen", ""],
              [30, "k", "a", "running", ""], [40, "k", "a", "killed", ""], [50, "k", "a", "running", ""]]
    files = {name: (JS / f"{name}.js").as_uri() for name in ("state", "store", "boxes")}
    code = STEPS.format(topo=json.dumps(topo), events=json.dumps(events), **files)
    done = subprocess.run(["node", "--input-type=module", "-e", code], capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        ["running", ""], ["running", "active 2"], ["frozen", "frozen"], ["running", "active 2"],
        ["killed", "killed"], ["running", ""], ["running", "active 2"],
    ]
