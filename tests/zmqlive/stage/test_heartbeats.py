"""Heartbeats are told from work: in the record, in its figures, in a live view's feed, in a replay."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import zmq
from stage_parts import nothing_left  # noqa: F401
from zmqlive.figures.activity import _work
from zmqlive.stage import Stage
from zmqlive.trace import Trace

BEAT = b"\2"


def office(ctx: zmq.Context[Any], endpoint: str, beats: int) -> None:
    """Gives one job, with the worker's name, and beats until the answer comes, so often at least."""
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        name, _ = router.recv_multipart()
        router.send_multipart([name, b"job", b"7"])
        for _ in range(beats):
            router.send_multipart([name, BEAT])
        while router.recv_multipart()[1:] != [b"done", b"7"]:
            pass


def worker(ctx: zmq.Context[Any], endpoint: str, beats: int) -> None:
    """While it works it reads the beats that come, and beats itself."""
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        dealer.send(b"ready")
        job, what = dealer.recv_multipart()
        assert job == b"job"
        for _ in range(beats):
            assert dealer.recv_multipart() == [BEAT]
            dealer.send(BEAT)
        dealer.send_multipart([b"done", what])


def played(*quiet: bytes, process: bool = False, beats: int = 5) -> Stage:
    stage = Stage("A job and beats", seconds=60)
    stage.heartbeats(*quiet)
    endpoint = stage.endpoint("tcp", name="back")
    stage.add(office, endpoint, beats, name="office")
    stage.add(worker, endpoint, beats, name="worker", process=process)
    with stage:
        assert stage.wait(lambda s: all(role.state == "ended" for role in s.roles))
    return stage


def job(trace: Trace) -> Any:
    return next(m for m in trace.messages if m.frames[-2:] == (b"job", b"7"))


@pytest.mark.parametrize("process", [False, True])
def test_a_heartbeat_is_no_work_and_ends_none(process: bool) -> None:
    trace = played(BEAT, process=process).trace()
    beats = [m for m in trace.messages if m.heartbeat]
    assert len(beats) == 10 and all(BEAT in m.frames and m.done == m.received for m in beats)
    last = max(m.received for m in beats if trace.role_of(m.target) == "worker")
    assert job(trace).done is None or job(trace).done > last, "it was at work all the time"
    done = next(m for m in trace.messages if b"done" in m.frames)
    assert done.parent == job(trace).id, "a heartbeat leads to nothing"
    assert len(_work(trace, trace.seconds)["worker"]) == 1


def test_without_being_told_each_message_is_work() -> None:
    trace = played().trace()
    assert not any(m.heartbeat for m in trace.messages)
    first = min(m.received for m in trace.messages if m.frames == (BEAT,))
    assert job(trace).done <= first, "asking for the next message ends the work"


def test_a_view_is_told_and_a_saved_trace_remembers() -> None:
    stage = played(BEAT)
    trace = stage.trace()
    again = Trace.from_json(trace.to_json())
    assert again.messages == trace.messages
    for events in (stage.feed().poll()["ev"], again.replay()["ev"]):
        sent = [e[6] for e in events if e[1] == "s"]
        assert [carried[3:] for carried in sent] == [[True] if "\2" in carried[1] else [] for carried in sent]
        beats = {e[4] for e in events if e[1] == "s" and "\2" in e[6][1]}
        ends = {e[3]: e[0] for e in events if e[1] == "d"}
        assert len(beats) == 10
        assert all(ends[e[4]] == e[0] for e in events if e[1] == "r" and e[4] in beats), "no ring is drawn for it"


def test_it_may_be_told_while_it_runs() -> None:
    """A view that was there before follows."""
    go = threading.Event()

    def beats(ctx: zmq.Context[Any], endpoint: str) -> None:
        with ctx.socket(zmq.PUSH) as push:
            push.bind(endpoint)
            push.send(BEAT)
            go.wait(60)
            push.send(BEAT)

    def hears(ctx: zmq.Context[Any], endpoint: str) -> None:
        with ctx.socket(zmq.PULL) as pull:
            pull.connect(endpoint)
            pull.recv()
            pull.recv()

    stage = Stage("Later", seconds=60)
    endpoint = stage.endpoint("tcp", name="x")
    stage.add(beats, endpoint)
    stage.add(hears, endpoint)
    feed = stage.feed()
    with stage:
        assert stage.wait(lambda s: s.received("hears") == 1)
        events = feed.poll()["ev"]
        stage.heartbeats(BEAT)
        go.set()
        assert stage.wait(lambda s: s.received("hears") == 2)
    events += feed.poll()["ev"]
    assert [e[6][3:] for e in events if e[1] == "s"] == [[], [True]]
