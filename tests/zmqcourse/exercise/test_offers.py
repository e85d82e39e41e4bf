"""What a verdict offers: hints to unfold, the record of what was tried, the way on; all of it text and plain HTML."""

from __future__ import annotations

import gc
import json
import re
import threading
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lessons
import pytest
import zmq
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from zmqcourse.exercise import MIME, check, checking, exercise, records, replay, replaying, todo
from zmqcourse.lessons import notebook
from zmqcourse.trial import trial

SENDS = (
    "def answer(ctx, endpoint):\n    with ctx.socket(zmq.PUSH) as push:\n        push.connect(endpoint)\n"
    "        for n in range(3): push.send(b'%d' % n)\n"
)


@pytest.fixture(autouse=True)
def one_exercise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exercise 98.1 wants three messages."""
    monkeypatch.setattr(checking, "_exercises", {})
    monkeypatch.setattr(records, "_kept", type(records._kept)())

    @exercise("98.1", title="Three", hints=("Send <b>one</b>.", "Send `2`.", "Send three."))
    def three(answer) -> str:
        with trial() as t:
            pull, endpoint = t.bind(zmq.PULL)
            t.run(answer, t.ctx, endpoint)
            t.receive_many(pull, 3)
        return "3 messages; nothing lost"


def answer(source: str = SENDS) -> Any:
    namespace: dict[str, object] = {"zmq": zmq, "todo": todo}
    lessons.run_cell(source, namespace)
    return namespace["answer"]


def shown(monkeypatch: pytest.MonkeyPatch, given: Any) -> list[Any]:
    """What `check` shows."""
    seen: list[Any] = []
    monkeypatch.setattr(checking, "_show", seen.append)
    check("98.1", given)
    return seen


def test_what_is_solved_says_what_it_survived_and_offers_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    [verdict] = shown(monkeypatch, answer())
    text, html = str(verdict), verdict._repr_mimebundle_()["text/html"]
    assert "✔ 98.1 solved: 3 messages; nothing lost" in text
    assert "its record: 2 sockets, 3 messages sent, 3 received" in text
    assert "3 messages; nothing lost" in html
    assert re.search(r'<details class="zmqcourse-record"><summary[^>]*>Look at what your answer did</summary>', html)
    assert 'src="data:image/svg+xml;base64,' in html
    assert "<script" not in html
    assert verdict.data() == {"exercise": "98.1", "state": "solved", "message": "3 messages; nothing lost."}


@pytest.mark.parametrize("source", ["def answer(ctx, endpoint): todo('send three')", "def answer(*a): 1 / 0"])
def test_what_is_not_solved_offers_hints_one_inside_the_other(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    [verdict] = shown(monkeypatch, answer(source))
    html = verdict._repr_mimebundle_()["text/html"]
    assert 'a hint: hint("98.1")' in str(verdict)
    assert html.count("<details class=\"zmqcourse-hint\">") == 3
    assert html.index(">Hint</summary>") < html.index("Send &lt;b&gt;one&lt;/b&gt;.") < html.index("Hint 2 of 3")
    assert "Send <code>2</code>." in html
    assert "zmqcourse-record" not in html
    assert not records.has("98.1")


def test_to_do_does_not_repeat_the_stub_but_its_data_does(monkeypatch: pytest.MonkeyPatch) -> None:
    [verdict] = shown(monkeypatch, answer("def answer(ctx, endpoint): todo('send three')"))
    bundle = verdict._repr_mimebundle_()
    assert "send three" not in str(verdict) and "send three" not in bundle["text/html"]
    assert "○ 98.1 to do: Three" in str(verdict)
    assert bundle[MIME]["message"] == "send three."
    [blank] = shown(monkeypatch, ...)
    assert "put your answer in the place of" in str(blank)


def test_the_way_leads_to_the_next_exercise_then_to_the_next_lesson(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "notebooks").mkdir()
    for name, ids in (("97-a.ipynb", ["97.1"]), ("98-b.ipynb", ["98.1", "98.2"]), ("99-c.ipynb", ["99.1"])):
        cells: list[Any] = []
        for id in ids:
            cells += [
                new_markdown_cell(f"### Exercise {id}", id=f"text-{id[-1]}"),
                new_code_cell("", id=f"stub-{id[-1]}", metadata={"course": {"exercise": id}}),
            ]
        notebook.write(new_notebook(cells=cells), tmp_path / "notebooks" / name)
    monkeypatch.chdir(tmp_path / "notebooks")
    [verdict] = shown(monkeypatch, answer())
    assert str(verdict).splitlines()[-1] == "    next: exercise 98.2"
    assert '<a href="98-b.ipynb#cell-id=text-2">exercise 98.2</a>' in verdict._repr_mimebundle_()["text/html"]
    from zmqcourse.exercise import offers

    last = offers.what_comes_next("98.2")
    assert last is not None and last.text == "next: lesson 99" and 'href="99-c.ipynb"' in last.html()
    assert offers.what_comes_next("99.1") is None
    assert offers.what_comes_next("55.1") is None


def test_a_record_is_kept_until_the_next_check_and_not_more_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    shown(monkeypatch, answer())
    first = replay("98.1").replay
    assert first["title"] == "98.1 Three" and first["ev"]
    shown(monkeypatch, answer("def answer(*a): 1 / 0"))
    with pytest.raises(LookupError, match="run its check once more"):
        replay("98.1")
    shown(monkeypatch, answer())
    recorder = SimpleNamespace(sent=lambda: 1, received=lambda: 0, title="")
    for n in range(2, 2 + records.MOST):
        records.keep(f"98.{n}", recorder, "x")
    assert not records.has("98.1") and records.has("98.2")
    records.keep("98.3", SimpleNamespace(sent=lambda: 10**6, received=lambda: 0), "too much to match for nothing")
    assert not records.has("98.3")


def test_nothing_of_a_trial_runs_on_or_is_held_by_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    contexts = []

    @exercise("98.2", title="Held", hints=())
    def held(answer) -> None:
        with trial() as t:
            contexts.append(weakref.ref(t.ctx))
            pull, endpoint = t.bind(zmq.PULL)
            t.run(answer, t.ctx, endpoint)
            t.receive_many(pull, 3)

    before = set(threading.enumerate())
    check("98.2", answer())
    assert records.has("98.2")
    gc.collect()
    assert contexts[0]() is None
    assert set(threading.enumerate()) - before == set()
    records.replay("98.2")
    kept = records._kept["98.2"]
    assert isinstance(kept, records.Record)    # once looked at, only the replay is left
    json.dumps(kept.replay)


def test_the_button_plays_the_record_and_is_closed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "_in_notebook", lambda: True)
    _, player = shown(monkeypatch, answer())
    assert player._repr_mimebundle_()["text/plain"].endswith('from zmqcourse import replay; replay("98.1")')
    [button] = player.children
    assert button.description == "Play what your answer did"
    button.click()
    button.click()    # pressed twice, it is there once
    _, view = player.children
    assert view.replay["title"] == "98.1 Three"
    assert not view.live
    _, newer = shown(monkeypatch, answer())
    assert (player.comm, view.comm) == (None, None)
    records.forget("98.1")
    newer.children[0].click()
    assert "run its check once more" in newer.children[1].value
