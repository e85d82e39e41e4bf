"""Lesson 24's scenes, with the lesson's own client by hand."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

import lessons
import pytest
import zmq
from zmqcourse.scenes import lesson24 as scene


@pytest.fixture(scope="module")
def parts() -> Any:
    """What the lesson's cells define."""
    namespace: dict[str, Any] = {"__name__": "__main__", "zmq": zmq, "socket": socket}
    lessons.run_cell(lessons.load(lessons.CASES / "lesson24.py").SETUP, namespace)
    file = next(file for file in lessons.FILES if file.name.startswith("24"))
    for id in ("in-turn", "old"):
        source = next(cell.source for cell in lessons.cells(file) if cell.id == id)
        lessons.run_cell(source.partition("\nname, *")[0], namespace)
    return SimpleNamespace(**namespace)


@pytest.mark.parametrize("name", list(scene.STRANGERS))
def test_a_zap_domain_keeps_out_what_does_not_begin_as_zmtp_3(name: str) -> None:
    talk = scene.says(scene.STRANGERS[name])
    assert scene.delivered(talk, zap_domain=b"inside") == []
    assert scene.delivered(talk, plain_server=True) == []


def test_strangers_words_are_delivered_as_zmtp_1_0_has_them(parts: Any) -> None:
    assert scene.delivered(scene.says(scene.STRANGERS["9 bytes"])) == [[b"hello"]]
    name, *messages = parts.as_1_0(scene.STRANGERS["a browser"])
    assert name.startswith(b"T / HTTP/1.1") and len(messages) > 1
    assert scene.delivered(scene.says(scene.STRANGERS["a browser"])) == [[each] for each in messages]
    assert len(scene.delivered(scene.says(scene.STRANGERS["noise"]))) > 3
    assert scene.delivered(scene.says(scene.STRANGERS["ssh"])) == []


def test_who_waits_for_ready_is_heard_and_who_does_not_is_not(parts: Any) -> None:
    assert scene.delivered(parts.in_turn) == [[b"hello"]]
    assert scene.delivered(parts.in_turn, zap_domain=b"inside") == [[b"hello"]]
    assert scene.delivered(parts.at_once) == []


def test_a_huge_promise_is_waited_for_until_there_is_a_limit(parts: Any) -> None:
    def promises(conn: socket.socket) -> None:
        parts.in_turn(conn)
        conn.sendall(b"\x02" + (100_000_000).to_bytes(8, "big"))

    assert scene.still_waits(promises)
    assert scene.still_waits(scene.says(scene.STRANGERS["ssh"]))
    assert not scene.still_waits(scene.says(scene.STRANGERS["ssh"]), zap_domain=b"inside")
    assert not scene.still_waits(promises, maxmsgsize=1_000_000)


def test_a_client_that_reads_too_little_gets_rubbish(parts: Any) -> None:
    assert scene.answered(parts.ask, b"world")[0] == [b"world"]
    assert scene.answered(parts.ask, bytes(300))[0] == [b""]
    got, tape = scene.answered(parts.ask, b"world", beats=True)
    assert got == [b"", b"world"]
    assert any(each.item.name == "PING" for each in tape.heard)


def test_strangers_come_to_both_doors() -> None:
    def door(ctx: zmq.Context[Any], endpoint: str, domain: bytes, took: Any) -> None:
        with ctx.socket(zmq.PULL) as pull:
            if domain:
                pull.zap_domain = domain
            pull.bind(endpoint)
            while True:
                took.append(pull.recv_multipart())

    doors = scene.Doors(door)
    try:
        assert [button.description for button in doors.buttons.children] == list(scene.STRANGERS)
        for _ in range(2):
            assert doors.press("9 bytes") == {"open": [[b"hello"]], "bolted": []}
        doors.buttons.children[0].click()
        assert doors.took["open"][2:] and not doors.took["bolted"]
    finally:
        doors.stage.stop()
