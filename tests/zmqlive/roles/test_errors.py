"""Plain pyzmq mistakes, each made for real, told in one sentence."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zmq
from machine import PATIENCE
from zmqlive.recorder import Recorder
from zmqlive.roles.errors import RoleFailed, StageError, StageTimeout, explain, place, tell


@pytest.fixture(params=["pyzmq", "recorded"])
def ctx(request) -> Iterator[zmq.Context]:
    if request.param == "pyzmq":
        with zmq.Context() as context:
            context.linger = 0
            yield context
        return
    recorder = Recorder()
    with recorder.context() as context:
        context.linger = 0
        yield context
    recorder.close()


def mistake(ctx: zmq.Context, kind: int, act: Callable[[zmq.Socket], object]) -> str:
    with ctx.socket(kind) as socket:
        with pytest.raises(Exception) as caught:
            act(socket)
        return explain(caught.value)


def sends_after_close(socket: zmq.Socket) -> None:
    socket.close()
    socket.send(b"x")


def sends_to_nobody(socket: zmq.Socket) -> None:
    socket.router_mandatory = 1
    socket.bind("inproc://router")
    socket.send_multipart([b"nobody", b"x"])


MISTAKES = [
    (zmq.PUSH, lambda s: s.send("text"), "A message is bytes, and this is a str"),
    (
        zmq.PUSH,
        lambda s: s.send_multipart([b"a", "b"]),
        "Frame 1 of the message is 'b', but each frame is bytes",
    ),
    (zmq.PUSH, lambda s: s.send(5), "A message is bytes, and this is an int"),
    (zmq.PUSH, lambda s: s.send_string(b"x"), "takes a str"),
    (zmq.SUB, lambda s: s.setsockopt(zmq.SUBSCRIBE, "topic"), "This option wants bytes"),
    (zmq.REQ, lambda s: s.recv(zmq.NOBLOCK), "Not this socket's turn: a REQ sends, then receives"),
    (zmq.REP, lambda s: s.send(b"x"), "a REP receives, then replies"),
    (zmq.PULL, lambda s: s.send(b"x"), "This type of socket cannot do that"),
    (zmq.PUSH, lambda s: s.recv(), "a PUSH or PUB only sends"),
    (zmq.PUSH, sends_after_close, "This socket is closed already"),
    (zmq.PUSH, lambda s: s.bind("tcp//x"), "'tcp//x' is not an endpoint"),
    (zmq.PUSH, lambda s: s.connect("tcp://127.0.0.1"), "'tcp://127.0.0.1' is not an endpoint"),
    (
        zmq.PUSH,
        lambda s: s.connect("http://127.0.0.1:80"),
        "'http://127.0.0.1:80' names an unknown transport",
    ),
    (
        zmq.PUSH,
        lambda s: s.setsockopt(zmq.SUBSCRIBE, b""),
        "this option does not exist for this type of socket",
    ),
    (zmq.PUSH, lambda s: s.unbind("tcp://127.0.0.1:1"), "nothing of this socket is bound or connected to it"),
    (zmq.PUSH, lambda s: s.send(b"x", zmq.NOBLOCK), "Nothing could be done at once"),
    (zmq.PULL, lambda s: s.recv(zmq.NOBLOCK), "no message to receive"),
    (zmq.ROUTER, sends_to_nobody, "No peer with this routing id is connected"),
]


@pytest.mark.parametrize(("kind", "act", "says"), MISTAKES, ids=[says[:30] for _, _, says in MISTAKES])
def test_one_sentence_for_each_mistake(ctx, kind, act, says):
    sentence = mistake(ctx, kind, act)
    assert says in sentence
    assert "\n" not in sentence
    assert sentence.endswith((".", "?", ")"))


def test_a_port_in_use(ctx):
    with ctx.socket(zmq.PULL) as first:
        port = first.bind_to_random_port("tcp://127.0.0.1")
        sentence = mistake(ctx, zmq.PULL, lambda s: s.bind(f"tcp://127.0.0.1:{port}"))
    assert sentence.startswith(f"tcp://127.0.0.1:{port} is already in use: another socket is bound to it.")


def test_an_inproc_name_in_use(ctx):
    with ctx.socket(zmq.PULL) as first:
        first.bind("inproc://name")
        assert "already in use" in mistake(ctx, zmq.PULL, lambda s: s.bind("inproc://name"))


def test_a_context_that_ends(ctx):
    socket = ctx.socket(zmq.PULL)
    ender = threading.Thread(target=ctx.term)
    ender.start()
    with pytest.raises(zmq.ContextTerminated) as caught:
        socket.recv()
    socket.close()
    ender.join(PATIENCE)
    assert (
        explain(caught.value) == "The context was terminated, so this call ends: close the socket and leave."
    )


def test_a_socket_of_another_thread():
    recorder = Recorder()
    with recorder.context() as ctx, ctx.socket(zmq.PULL) as socket:
        socket._log.owner = -1  # as if made by another thread
        with pytest.raises(zmq.ZMQError) as caught:
            socket.recv(zmq.NOBLOCK)
        socket._log.owner = 0
    recorder.close()
    assert explain(caught.value).startswith("A socket belongs to the thread that made it")


def test_other_exceptions_keep_their_name():
    assert explain(KeyError("x")) == "KeyError: 'x'"
    assert explain(ZeroDivisionError()) == "ZeroDivisionError"
    assert explain(TypeError("f() takes no arguments")) == "TypeError: f() takes no arguments"
    assert explain(StageError("What it says.")) == "What it says."
    assert explain(zmq.ZMQError(zmq.ENOMEM if hasattr(zmq, "ENOMEM") else 12)).startswith("ZMQError: ")


def test_the_place_is_in_the_learners_code():
    code = compile("def role(ctx):\n    json.loads('not json')\n", "/tmp/ipykernel_1/2.py", "exec")
    names: dict = {"json": __import__("json")}
    exec(code, names)
    with pytest.raises(ValueError) as caught:
        names["role"](None)
    at = place(caught.value)
    assert at is not None and at.line == 2 and at.function == "role"
    assert "line 2 of your cell" in tell("role", caught.value)


def test_a_place_in_a_file_shows_its_line():
    with pytest.raises(KeyError) as caught:
        {}["x"]
    assert re.search(rf"\(line \d+ of {Path(__file__).name}: `\{{\}}\[\"x\"\]`\)", tell("role", caught.value))


def test_a_notebook_shows_the_sentence_alone():
    assert RoleFailed("worker failed: …", role="worker")._render_traceback_() == [
        "RoleFailed: worker failed: …"
    ]
    assert issubclass(StageTimeout, TimeoutError) and issubclass(StageTimeout, StageError)
