"""Lesson 26's scenes, with the lesson's own sensor, reader, peer and dashboard."""

from __future__ import annotations

import itertools
import json
import os
import select
import socket
import sys
import time
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import lessons
import pytest
import zmq
from zmqcourse.scenes import lesson26 as scene
from zmqcourse.scenes.lesson26 import cable


@pytest.fixture(scope="module")
def parts() -> Any:
    """What the lesson's cells define."""
    namespace: dict[str, Any] = {
        "__name__": "__main__",
        "itertools": itertools,
        "select": select,
        "socket": socket,
        "time": time,
        "uuid4": uuid4,
        "zmq": zmq,
    }
    file = next(file for file in lessons.FILES if file.name.startswith("26"))
    for id in ("roles", "join", "beacon", "peer", "follows"):
        lessons.run_cell(next(cell.source for cell in lessons.cells(file) if cell.id == id), namespace)
    return SimpleNamespace(**namespace)


def test_a_cut_costs_the_side_that_binds_and_a_hold_up_nobody(parts: Any) -> None:
    lines = scene.TwoLines(parts.sensor, parts.reader)
    try:
        cut = lines.out("cut")
        assert cut["sensor"] > 20 and cut["reader"] < 0.2 * cut["sensor"]
        lines.lines["sensor"].link.half_open()  # the reader's own hand, before: it is mended first
        held = lines.out("hold")
        assert max(held.values()) < 0.2 * cut["sensor"]
        assert sum(lines.missed.values()) >= cut["sensor"]
    finally:
        lines.stage.stop()


def test_heartbeats_cost_what_tcp_would_have_brought(parts: Any) -> None:
    missed = scene.outages(parts.sensor, parts.reader)
    held = scene.FAULTS.index("hold")
    plain, beating = missed["sensor binds"][held], missed["sensor binds, heartbeats"][held]
    assert plain < 0.3 * beating
    assert missed["reader binds, heartbeats"][held] < 0.8 * beating
    assert missed["sensor binds"][scene.FAULTS.index("half-open")] > 20


def test_heartbeats_tell_the_side_that_has_set_them() -> None:
    noticed = scene.who_notices()
    told = {kind: [seconds is not None for seconds in sides] for kind, sides in noticed.items()}
    assert told == {
        "nothing": [False, False],
        "keepalive, at both": [False, False],
        "heartbeats, at the reader": [True, False],
        "the same, with a ttl": [True, True],
        "heartbeats, at both": [True, True],
    }


def _network() -> tuple[str, list[tuple[int, str]]]:
    return os.readlink("/proc/self/ns/net"), socket.if_nameindex()


def test_a_pulled_cable_brings_everything_in_the_end_and_leaves_this_machine_as_it_was() -> None:
    if not sys.platform.startswith("linux"):
        assert isinstance(scene.pulled(), str)
        return
    before = _network()
    said = scene.pulled()
    assert _network() == before
    if isinstance(said, str):
        pytest.skip(said)
    assert said["nothing"] == (0, None)
    for kind in "TCP keepalive", "ZeroMQ heartbeats":
        assert said[kind].lost > 0 and said[kind].noticed < cable.OUT


def test_where_there_is_no_cable_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "Linux" in scene.pulled()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(cable.shutil, "which", {"ip": "/sbin/ip"}.get)
    assert scene.pulled() == "There is no `unshare` on this machine."
    monkeypatch.setattr(cable.shutil, "which", lambda _: "there")
    monkeypatch.setattr(cable, "_run", lambda _: "unshare failed: Operation not permitted")
    assert scene.pulled() == "This machine does not allow it: unshare failed: Operation not permitted"


def test_what_a_cable_program_says_is_passed_on() -> None:
    assert cable._run([sys.executable, "-c", f"print({json.dumps(json.dumps({'nothing': [0, None]}))})"]) == {
        "nothing": [0, None]
    }
    assert cable._run([sys.executable, "-c", "raise SystemExit('not permitted')"]) == "not permitted"


def test_peers_find_each_other_and_one_who_comes_late(parts: Any) -> None:
    party = scene.Party(parts.peer)
    try:
        if party.said:
            pytest.skip(party.said)
        assert party.greeted() == {"peer 1": 2, "peer 2": 2, "peer 3": 2}
        party.stage.grow("peer")
        assert party.greeted() == dict.fromkeys(("peer 1", "peer 2", "peer 3", "peer 4"), 3)
    finally:
        party.stage.stop()


def test_a_party_without_a_meeting_place_says_why(parts: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from zmqcourse.scenes.lesson26 import meeting

    monkeypatch.setattr(meeting, "EVERYBODY", "203.0.113.5")  # not this machine's
    party = scene.Party(parts.peer)
    assert party.greeted() == {} and "no broadcast" in capsys.readouterr().out
    party.stage.stop()


def test_a_dashboard_that_does_not_look_is_deaf_after_the_deployment(parts: Any) -> None:
    deaf = scene.Deployment(parts.follows)
    assert deaf.kept[b"old"] > 4 and deaf.kept[b"new"] == 0

    def follows(ctx: zmq.Context[Any], where: Any, patience: float, keep: Any) -> None:
        while True:
            with ctx.socket(zmq.SUB) as sub:
                sub.subscribe("")
                sub.connect(where())
                while sub.poll(patience * 1000):
                    if news := sub.recv():
                        keep(news)

    mended = scene.Deployment(follows)
    assert mended.kept[b"new"] > 0 and f"{mended.kept[b'new']} of them kept" in mended.ledger
