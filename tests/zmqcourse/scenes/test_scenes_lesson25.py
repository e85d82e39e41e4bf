"""Lesson 25's scenes, with the lesson's own roles."""

from __future__ import annotations

import sys
import threading
from types import SimpleNamespace
from typing import Any

import lessons
import pytest
import zmq
from zmqcourse.scenes import lesson25 as scene
from zmqcourse.scenes.lesson25.endings import place

FILE = next(file for file in lessons.FILES if file.name.startswith("25"))
CELLS = {cell.id: cell.source for cell in lessons.code(FILE)}


@pytest.fixture(scope="module")
def parts() -> Any:
    """What the lesson's cells define."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for id in ("setup", "feed", "listens", "look", "works", "goes", "clerk"):
        lessons.run_cell(CELLS[id], namespace)
    return SimpleNamespace(**namespace)


def test_a_line_is_connected_to_while_nobody_is_behind_it(parts: Any) -> None:
    hall = scene.hall(parts.feed, parts.listens)
    try:
        for _ in range(2):
            told = [each.what for each in scene.again(hall)]
            assert told.count("CONNECTED") > told.count("HANDSHAKE_SUCCEEDED") == 1
            assert told[0] == "DISCONNECTED"
        assert {each.text for each in hall.trace().labels} >= {"disconnected", "handshake succeeded"}
        heard = hall.received("listener")
        hall.wait(lambda s: s.received("listener") > heard, 60)
        hall.freeze("feed")
        before = len(scene.news_of(hall))
        hall.wait(lambda s: len(scene.news_of(s)) > before, 60)
        assert [each.what for each in scene.news_of(hall)[before:]] == ["silent"]
        assert scene.again(hall)  # whatever was done before
    finally:
        hall.stop()


def test_no_signal_tells_of_all_faults(parts: Any) -> None:
    told = {
        signal: {fault for fault, seconds in zip(scene.FAULTS, each, strict=True) if seconds is not None}
        for signal, each in scene.signals(parts.feed, parts.listens).items()
    }
    silences = {"killed", "frozen", "line dead", "hangs"}
    assert told["DISCONNECTED"] == {"killed"}
    assert told["DISCONNECTED, with HEARTBEAT_IVL"] >= {"killed", "frozen", "line dead"}
    assert told["age of the last message"] >= silences
    assert "bursts" in told["numbers"] and not told["numbers"] & silences


def test_heartbeats_lose_what_tcp_would_have_bridged(parts: Any) -> None:
    hold = scene.HoldUp(parts.feed, parts.listens)
    try:
        missed = hold.press()
        assert missed["beating"] > 20 > missed["plain"] == 0
        button, slider = hold.controls
        assert slider is hold.seconds and button.description == "Hold up both lines"
    finally:
        hold.stage.stop()


def test_linger_counts_when_it_is_set_in_time(parts: Any) -> None:
    assert scene.woken(parts.works, False) is None
    assert scene.woken(parts.works, True) is not None


def test_what_linger_does_to_the_last_words(parts: Any) -> None:
    said = scene.at_the_end(parts.goes).summary
    assert "LINGER −1, sink comes late 10 arrived, 0 lost" in said
    assert "LINGER −1, sink never comes  (still waits)" in said
    assert "LINGER 0, sink comes late 0 arrived, 10 lost" in said
    assert "LINGER 500, sink is there 10 arrived, 0 lost" in said
    assert "LINGER 500, sink never comes 0 arrived, 10 lost" in said


def test_an_evening_shows_both_faults(parts: Any) -> None:
    back, away = scene.evening(parts.clerk).splitlines()
    assert back.endswith(": 0 of 200 readings arrived")
    assert away.endswith("it is at `clerk: push.send(readings.get(timeout=0.1))`")


def test_where_a_thread_stands() -> None:
    with place() as nowhere, zmq.Context() as ctx:
        event = threading.Event()
        thread = threading.Thread(target=event.wait)
        assert scene.stands(thread) == ""
        thread.start()
        nowhere.come()
        with ctx.socket(zmq.PUSH) as push:
            push.connect(nowhere.endpoint)
            push.send(b"hello")
        event.set()
        thread.join()
        assert scene.stands(thread) == ""
    assert nowhere.took == [b"hello"]


@pytest.mark.parametrize("there", [True, False])
def test_metrics_are_exported_where_their_client_is_and_else_nothing_breaks(
    there: bool, parts: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if there:
        pytest.importorskip("prometheus_client")
    else:
        monkeypatch.setitem(sys.modules, "prometheus_client", None)
    news = [SimpleNamespace(what=what) for what in ("CONNECTED", "missed 93", "silent", "missed 4", "CONNECTED")]
    scenes = SimpleNamespace(news_of=lambda stage: news)
    lessons.run_cell(CELLS["metrics"], {"scene": scenes, "hold": SimpleNamespace(stage=None)})
    said = capsys.readouterr().out
    if there:
        assert "feed_missed_total 97.0" in said and 'feed_events_total{event="CONNECTED"} 2.0' in said
    else:
        assert said == "prometheus_client is not installed\n"
