"""Stage with roles in threads: start, stop, bounds; real sockets, nothing left behind."""

from __future__ import annotations

import gc
import json
import threading
import time

import pytest
from machine import PATIENCE, pace
from stage_parts import (  # noqa: F401
    ME,
    calls_in_progress,
    consumer,
    eventually,
    left_open,
    no_more_than,
    nothing,
    nothing_left,
    producer,
    raises,
    recv_blocked,
    send_blocked,
    stopped_in,
    waiting,
)
from zmqlive.roles import StageError, interrupts
from zmqlive.stage import Stage


def test_messages_flow_and_are_counted():
    with Stage("flow") as stage:
        endpoint = stage.endpoint("tcp", name="tasks")
        stage.add(producer, endpoint)
        workers = stage.add(consumer, endpoint, name="worker", count=3)
        stage.wait(lambda s: s.received("worker") >= 50)
        assert [w.name for w in workers] == ["worker 1", "worker 2", "worker 3"]
        assert stage.sent("producer") >= 50
    assert {r.state for r in stage.roles} == {"stopped"}
    assert stage.leftovers == []


def test_100_sockets_in_50_roles_stop_within_a_second():
    before = left_open()
    took = []
    for _ in range(5):
        stage = Stage("many")
        stage.add(send_blocked, count=25)
        stage.add(recv_blocked, count=25)
        stage.start()
        stage.wait(lambda s: calls_in_progress(s) == 50 and len(s._cast.lingering.open) == 100, timeout=PATIENCE)
        took.append(stopped_in(stage))
        assert stage.leftovers == []
        assert eventually(lambda: no_more_than(before))
    print(
        f"stop of 100 sockets in 50 roles, all blocked: "
        f"median {sorted(took)[2] * 1e3:.0f} ms, worst {max(took) * 1e3:.0f} ms"
    )
    assert max(took) < 1.0 * pace()


def test_start_and_stop_200_times_without_growth():
    def once() -> None:
        stage = Stage("again")
        endpoint = stage.endpoint()
        stage.add(producer, endpoint)
        stage.add(consumer, endpoint, count=2)
        stage.start()
        stage.wait(lambda s: s.received() >= 3)
        stage.stop()
        assert stage.leftovers == []

    def used() -> tuple[int, list[str], int]:
        gc.collect()
        eventually(lambda: threading.active_count() == threads)
        return ME.memory_info().rss, *left_open()[:2]

    threads = threading.active_count()
    for _ in range(20):
        once()
    first, names, fds = used()
    began = time.perf_counter()
    for _ in range(180):
        once()
    seconds = time.perf_counter() - began
    last, *rest = used()
    print(
        f"200 stages: {seconds / 180 * 1e3:.0f} ms each, "
        f"memory after the first 20 {(last - first) / 1e6:+.1f} MB"
    )
    assert rest == [names, fds]
    assert last - first < 8e6


def test_stop_twice_and_from_two_threads():
    stage = Stage("twice")
    stage.add(waiting)
    stage.start()
    threads = [threading.Thread(target=stage.stop) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    stage.stop()
    assert not stage.running


def test_a_role_may_stop_its_own_stage():
    def ends_it(ctx, box):
        box[0].stop()
        time.sleep(1000)

    box = []
    stage = Stage("own end")
    box.append(stage)
    stage.add(ends_it, box)
    stage.start()
    assert stage._stopped.wait(PATIENCE)
    assert stage.leftovers == []


def test_a_stopped_stage_is_not_used_again():
    stage = Stage("over")
    stage.stop()
    with pytest.raises(StageError, match="Make a new one"):
        stage.start()
    with pytest.raises(StageError, match="Make a new one"):
        stage.add(nothing)


def test_two_stages_side_by_side_do_not_meet():
    with Stage("one") as one, Stage("two") as two:
        for stage in (one, two):
            endpoint = stage.endpoint("tcp", name="tasks")
            stage.add(producer, endpoint)
            stage.add(consumer, endpoint)
        for stage in (one, two):
            stage.wait(lambda s: s.received() >= 20)
        one.stop()
        seen = two.received()
        two.wait(lambda s: s.received() >= seen + 20)
        assert time.sleep is not interrupts.original
    assert one.endpoint("inproc", name="x") == "inproc://x"


def test_a_role_joins_late_and_restarts():
    with Stage("late") as stage:
        endpoint = stage.endpoint("tcp")
        stage.add(consumer, endpoint, growable=True)
        stage.add(producer, endpoint)
        stage.wait(lambda s: s.received("consumer") >= 5)
        stage.act("add:consumer")
        stage.wait(lambda s: s.received("consumer 2") >= 5)
        assert {a["id"] for a in stage.actions()} == {"add:consumer", "stop"}
        stage.add(nothing)
        stage.wait(lambda s: s.role("nothing").state == "ended")
        assert "restart:nothing" in {a["id"] for a in stage.actions()}
        stage.restart("nothing")
        stage.wait(lambda s: s.role("nothing").state == "ended")
    assert stage.actions() == []


def test_bounds_on_time_and_messages():
    brief = Stage("brief", seconds=0.3).start()
    assert brief._stopped.wait(PATIENCE)
    few = Stage("few", messages=50)
    endpoint = few.endpoint()
    few.add(producer, endpoint)
    few.add(consumer, endpoint)
    few.start()
    assert few._stopped.wait(PATIENCE)
    assert few.sent() >= 50
    assert [m.what for s in (brief, few) for m in s.recorder.marks] == [
        "stopped by itself after 0.3 seconds",
        "stopped by itself after 50 messages",
    ]


def test_a_link_is_cut_mended_and_closed_with_the_stage():
    with Stage("link") as stage:
        endpoint = stage.endpoint("tcp")
        link = stage.link(endpoint, name="wan")
        stage.add(producer, endpoint)
        stage.add(consumer, link.endpoint)
        stage.wait(lambda s: s.received() >= 10)
        stage.act("cut:wan")
        assert "mend:wan" in {a["id"] for a in stage.actions()}
        stage.act("mend:wan")
        seen = stage.received()
        stage.wait(lambda s: s.received() >= seen + 10)
        assert [(m.what, m.where) for m in stage.recorder.marks] == [("cut", "wan"), ("mend", "wan")]
    assert link.state == "closed"


@pytest.mark.parametrize(("button", "state"), [("half_open", "half-open"), ("hold", "held")])
def test_a_link_that_carries_nothing_is_mended(button: str, state: str):
    with Stage("link") as stage:
        endpoint = stage.endpoint("tcp")
        link = stage.link(endpoint, name="wan")
        stage.add(producer, endpoint)
        stage.add(consumer, link.endpoint)
        stage.wait(lambda s: s.received() >= 10)
        stage.act(f"{button}:wan")
        assert link.state == state
        assert {"mend:wan"} == {a["id"] for a in stage.actions() if a["id"].endswith(":wan")}
        stage.act("mend:wan")
        seen = stage.received()
        stage.wait(lambda s: s.received() >= seen + 10)


def test_a_link_is_slowed_down_and_as_quick_as_before():
    with Stage("link") as stage:
        endpoint = stage.endpoint("tcp")
        link = stage.link(endpoint, name="wan", latency=0.01)
        stage.add(producer, endpoint)
        stage.add(consumer, link.endpoint)
        stage.wait(lambda s: s.received() >= 1)
        stage.act("slow:wan")
        assert link.latency >= 0.5
        assert "quick:wan" in {a["id"] for a in stage.actions()}
        slowed = stage.received()
        stage.act("quick:wan")
        stage.wait(lambda s: s.received() > slowed)
        assert round(link.latency, 6) == 0.01
        assert "slow:wan" in {a["id"] for a in stage.actions()}


def test_a_view_is_fed():
    with Stage("view") as stage:
        endpoint = stage.endpoint("inproc", name="q")
        stage.add(producer, endpoint)
        stage.add(consumer, endpoint, count=1)
        feed = stage.feed()
        heard = []

        def moving() -> bool:
            heard.append(json.loads(json.dumps(feed.poll())))
            return any(event[1] == "r" for batch in heard for event in batch["ev"])

        assert eventually(moving)
        topo = next(batch["topo"] for batch in heard if "topo" in batch)
        assert {role["id"] for role in topo["roles"]} == {"producer", "consumer 1"}
        assert [a["id"] for a in heard[0]["actions"]] == ["add:consumer", "stop"]
        stage.act("stop")
        assert not stage.running
        last = feed.poll()
        assert last["ended"] and last["actions"] == []
