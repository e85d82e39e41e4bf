"""Lesson 27's scenes, with the lesson's own doors and callers; and no key in what is kept of it."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import lessons
import pytest
import zmq
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils.monitor import recv_monitor_message
from zmqcourse.scenes import lesson27 as scene
from zmqlive.net import Link

pytestmark = pytest.mark.skipif(not zmq.has("curve"), reason="built without CURVE")
FILE = next(file for file in lessons.FILES if file.name.startswith("27"))


@pytest.fixture(scope="module")
def parts() -> Any:
    """What the lesson's cells define."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for id in ("setup", "keys", "roles", "guarded", "callers", "locks"):
        lessons.run_cell(next(cell.source for cell in lessons.cells(FILE) if cell.id == id), namespace)
    return SimpleNamespace(**namespace)


def test_no_key_stands_in_the_notebook() -> None:
    """40 letters of Z85 in one piece, or 24 bytes and more as hex, are what a key looks like."""
    letters = r"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}"
    key = re.compile(letters + r"|(?:\\x[0-9a-f]{2}){24}|(?:[0-9a-f]{2} ?){24}")
    assert all(key.search(text) for text in (zmq.curve_keypair()[0].decode(), repr(bytes(32)), bytes(32).hex(" ")))
    outputs = [output for cell in lessons.code(FILE) for output in cell.outputs]
    assert outputs and {each.output_type for each in outputs} == {"stream"}
    assert not [each.text for each in outputs if key.search(each.text)]
    sources = "\n".join(cell.source for cell in lessons.cells(FILE))
    assert not re.findall(rf"""["']{letters}["']""", sources)


def test_who_gets_in(parts: Any) -> None:
    found = scene.who_gets_in(parts.locks, parts.callers)
    let_in = {lock: [who for who, came in row.items() if came] for lock, row in found.items()}
    anybody = ["a browser", "noise", "NULL"]
    assert let_in == {
        "NULL": anybody,
        "NULL, deny": anybody,
        "NULL, deny, domain": [],
        "PLAIN": [],
        "PLAIN, passwords": ["PLAIN, right"],
        "CURVE": ["CURVE, Ann", "CURVE, Eve"],
        "CURVE, started": [],
        "CURVE, ALLOW_ANY": ["CURVE, Ann", "CURVE, Eve"],
        "CURVE, list": ["CURVE, Ann"],
    }


def test_curve_alone_lets_everybody_in(parts: Any) -> None:
    callers = {"Ann": parts.with_key(parts.ann), "Eve": parts.with_key(parts.eve)}
    stage, inside = scene.at_the_door(parts.door, parts.caller, callers)
    stage.stop()
    assert inside == {"Ann", "Eve"} and stage.leftovers == []


def test_a_list_is_asked_once(parts: Any) -> None:
    guests = parts.Guests(parts.ann)
    keys = {"Ann": parts.ann, "Bob": parts.bob}
    hall = scene.Hall(parts.guarded, parts.caller, guests, keys, parts.with_key)
    try:
        ann, bob = hall.boxes.children
        assert (ann.value, bob.value) == (True, False)
        bob.value = True
        assert guests.keys == {parts.ann.public, parts.bob.public}
        hall.passes(5)
        assert hall.came("Bob") == 0
        assert hall.bob_again() >= 3
        hall.lists("Ann", False)
        assert not ann.value and guests.keys == {parts.bob.public}
        assert hall.passes(5) >= 5
    finally:
        hall.stage.stop()
    assert hall.stage.leftovers == []


@pytest.mark.parametrize(("key", "lock"), [("NULL", "NULL"), ("PLAIN, right", "PLAIN, passwords")])
def test_without_curve_what_was_said_can_be_read_said_again_and_changed(parts: Any, key: str, lock: str) -> None:
    with scene.server(parts.locks[lock]) as pull:
        heard = scene.overhear(pull, parts.callers[key], b"pay 100")
        assert heard.tells(b"pay 100") and heard.tells(b"secret") == ("PLAIN" in key)
        assert scene.say_again(pull, heard) == [b"pay 100"]
        assert scene.turn_one_bit(pull, parts.callers[key], b"pay 100") == [b"pay 101"]


def test_with_curve_it_cannot(parts: Any) -> None:
    with scene.server(parts.locks["CURVE, list"]) as pull:
        heard = scene.overhear(pull, parts.callers["CURVE, Ann"], b"pay 100")
        assert not heard.tells(b"pay 100")
        assert [each.item.name for each in heard.tape.heard][2:6] == ["HELLO", "WELCOME", "INITIATE", "READY"]
        assert scene.say_again(pull, heard) == []
        assert scene.turn_one_bit(pull, parts.callers["CURVE, Ann"], b"pay 100") == []
        with scene.client(parts.callers["CURVE, Ann"]) as push, Link(pull.last_endpoint.decode()) as link:
            push.connect(link.endpoint)     # others still come in
            push.send(b"pay 200")
            assert pull.poll(20_000) and pull.recv() == b"pay 200"


def test_who_watches_the_server_makes_a_hole_of_one_bit_and_heartbeats_find_it(parts: Any) -> None:
    lock, key = parts.locks["CURVE, list"], parts.with_key(parts.ann)
    assert scene.after_one_bit(lock, key) > 0
    if zmq.zmq_version() != "4.3.5":
        pytest.skip("what the lesson says of 4.3.5 may have been mended")
    assert scene.after_one_bit(lock, key, watched=True) == 0
    beats = {"heartbeat_ivl": 100, "heartbeat_timeout": 300}
    assert scene.after_one_bit(lock, key | beats, watched=True) > 0


def test_who_binds_a_new_socket_is_rid_of_a_guest_who_was_struck_off(parts: Any) -> None:
    guests = parts.Guests(parts.ann, parts.bob)
    lock = parts.curve, lambda auth: auth.configure_curve_callback("*", guests)
    with scene.server(lock) as pull:
        endpoint = pull.last_endpoint
        with scene.client(parts.with_key(parts.ann), endpoint) as ann, scene.client(parts.with_key(parts.bob)) as bob:
            monitor = bob.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
            bob.connect(endpoint)
            for push in (ann, bob):
                push.send(b"hello")
                assert pull.poll(20_000) and pull.recv() == b"hello"
            guests.keys.discard(parts.bob.public)
            pull.close(linger=0)
            with pull.context.socket(zmq.PULL) as again:
                for name, value in parts.curve.items():
                    setattr(again, name, value)
                for _ in range(200):
                    try:
                        again.bind(endpoint)
                        break
                    except zmq.ZMQError:        # the old one takes a moment to let go
                        zmq.zmq_poll([], 20)
                assert monitor.poll(20_000)
                ann.send(b"back")
                assert again.poll(20_000) and again.recv() == b"back"
            bob.disable_monitor()
            monitor.close(linger=0)


def test_a_till_that_believes_what_it_is_told(parts: Any) -> None:
    source = next(cell.source for cell in lessons.cells(FILE) if cell.id == "evening").partition("happened,")[0]
    namespace: dict[str, Any] = {"zmq": zmq}
    lessons.run_cell(source, namespace)
    keys = {"Ann": parts.ann, "Bob": parts.bob}
    happened, orders = scene.evening(namespace["till"], parts.server, keys, parts.with_key)
    assert happened[-1] == "Bob sends b'ann: 9 cake'"
    assert orders == [(b"Ann", b"ann: 2 tea"), (b"Bob", b"bob: 1 tea"), (b"Ann", b"ann: 9 cake")]


@pytest.mark.parametrize("kind", [zmq.PUSH, zmq.DEALER, zmq.REQ, zmq.SUB])
@pytest.mark.parametrize("disconnects", [True, False])
def test_who_was_refused_comes_in_when_it_connects_again(parts: Any, kind: int, disconnects: bool) -> None:
    comes_in = disconnects or kind == zmq.PUSH
    peers = {zmq.PUSH: zmq.PULL, zmq.SUB: zmq.PUB}
    guests = parts.Guests()
    with zmq.Context() as ctx, ctx.socket(peers.get(kind, zmq.ROUTER)) as bound, ctx.socket(kind) as socket:
        auth = ThreadAuthenticator(ctx)
        auth.start()
        auth.configure_curve_callback("*", guests)
        for each, options in ((bound, parts.curve), (socket, parts.with_key(parts.bob))):
            each.linger = 0
            for name, value in options.items():
                setattr(each, name, value)
        bound.bind("tcp://127.0.0.1:*")
        with socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_SUCCEEDED) as monitor:
            socket.connect(bound.last_endpoint)
            assert monitor.poll(20_000) and recv_monitor_message(monitor)["event"] == zmq.EVENT_HANDSHAKE_FAILED_AUTH
            guests.keys.add(parts.bob.public)
            if disconnects:
                socket.disconnect(bound.last_endpoint)
            socket.connect(bound.last_endpoint)
            assert bool(monitor.poll(20_000 if comes_in else 500)) == comes_in
            socket.disable_monitor()
        auth.stop()
