"""The playground: a description becomes plain pyzmq, which runs as it stands; mistakes get one sentence."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from environments import ROOT
from machine import PATIENCE
from zmqcourse.lessons import notebook
from zmqcourse.playground import Mistake, play, read, write
from zmqcourse.playground.fitting import check
from zmqcourse.playground.playing import Playground

BROKER = """
client x 3: REQ connects front, every 0.1
broker:     ROUTER binds front, DEALER binds back
worker x 2: REP connects back, works 0.05, mark 5
line front: tcp, latency 0.02
line back:  inproc
"""
SYSTEMS = {
    "broker": BROKER,
    "pipeline": "a: PUSH binds x, every 0.05\nb x 2: PULL connects x, PUSH connects y, works 0.05\n"
                "c: PULL binds y, mark 3",
    "topics": "house: PUB binds news, topics hall attic, every 0.05\n"
              "panel: SUB connects to news, topics hall, works 0.1",
    "forwarder": "p: PUB connects up, every 0.05\nf: XSUB binds up, XPUB binds down\ns x 2: SUB connects down",
    "async": "client: DEALER connects q, every 0.05\nserver: ROUTER binds q, works 0.01",
    "hands": "asker: DEALER binds w, every 0.05\nhand x 2: DEALER connects w, works 0.05",
    "answers": "asker: DEALER connects w, every 0.05\nrep: REP binds w",
    "pair": "boss: PAIR binds line1, every 0.05\nhand: PAIR connects line1, works 0.01\nline line1: inproc",
    "names": "time: PUSH binds x, every 0.05\nclass: PULL connects x\nslow worker: PULL connects x",
}


# That messages arrive is told by a witness: the copied text is run as it is, and its receives are counted.
WITNESS = """
import zmq
received = []

class Counting(zmq.Socket):
    def recv_multipart(self, *args, **more):
        received.append(super().recv_multipart(*args, **more))
        return received[-1]

    def recv(self, *args, **more):
        received.append(super().recv(*args, **more))
        return received[-1]

zmq.Context._socket_class = Counting
"""


@pytest.fixture
def playing() -> Iterator[list[Playground]]:
    made: list[Playground] = []
    yield made
    for each in made:
        each.stop()


def free_endpoints(names: list[str]) -> dict[str, str]:
    found = {}
    for name in names:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            found[name] = f"tcp://127.0.0.1:{one.getsockname()[1]}"
    return found


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_role_of_a_system_runs_and_messages_arrive(name: str, playing: list[Playground]) -> None:
    playing.append(play(SYSTEMS[name]))
    stage = playing[0].stage
    assert playing[0].problem == "" and stage is not None
    takers = [r.name for r in stage.roles if re.match(r"client|worker|c$|panel|s |server|hand|rep|slow|class", r.name)]
    assert takers
    stage.wait(lambda s: all(s.received(taker) >= 2 for taker in takers), timeout=PATIENCE)
    assert {role.name for role in stage.roles if role.gone} == set()


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_program_runs_when_it_is_copied(name: str, tmp_path) -> None:
    system = check(read(SYSTEMS[name]))
    code = write(system, free_endpoints(list(system.lines)), seconds=0.6)
    (tmp_path / "witness.py").write_text(WITNESS)
    (tmp_path / "copied.py").write_text(code)
    run = "import witness, runpy; runpy.run_path('copied.py', run_name='__main__'); print(len(witness.received))"
    done = subprocess.run([sys.executable, "-c", run], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert int(done.stdout) >= 2, code


def test_the_notebook_holds_a_system_and_its_suggestions_are_right() -> None:
    cells = {cell.id: cell.source for cell in notebook.read(ROOT / "notebooks" / "playground.ipynb").cells}
    described = re.search(r'play\("""\n(.*)\n"""\)', cells["play"], re.S)[1]
    assert len(described.splitlines()) <= 6 and len(check(read(described)).roles) == 3
    lines = [each for each in re.findall(r"`([^`]+)`", cells["words"] + cells["try"]) if ":" in each]
    assert len(lines) >= 8
    for line in lines:
        read(line)
    *_, producer, worker, near, asker, hand = lines
    check(read(f"{producer}\n{worker}\n{near}"))
    check(read(f"{asker}\n{hand}"))


def test_it_is_plain_pyzmq_in_the_fields_words() -> None:
    system = check(read(BROKER))
    code = write(system, {"front": "tcp://127.0.0.1:5555", "back": "inproc://back"})
    assert "import zmq\n" in code and "zmqlive" not in code and "zmqcourse" not in code
    assert 'FRONT = "tcp://127.0.0.1:5555"' in code and "zmq.proxy(frontend, backend)" in code
    assert "rep.sndhwm = rep.rcvhwm = 5" in code and "time.sleep(0.05)" in code
    assert "req.connect(TO_FRONT)" in code and "by way of a relay: latency 0.02" in code
    assert max(map(len, code.splitlines())) < 100
    compile(code, "program", "exec")


def test_weather_is_on_the_line(playing: list[Playground]) -> None:
    playing.append(play("a: PUSH connects x, every 0.05\nb: PULL binds x\nline x: tcp, latency 0.3"))
    stage = playing[0].stage
    stage.wait(lambda s: s.received("b") >= 3, timeout=PATIENCE)
    assert stage.links[0].name == "x" and stage.links[0].forwarded.there > 0
    first = next(m for m in stage.trace().messages if m.received is not None)
    assert first.received - first.sent > 0.25


def test_it_is_built_anew_while_one_looks_and_a_mistake_leaves_it_alone(playing: list[Playground]) -> None:
    playing.append(play("a: PUSH binds x\nb: PULL connects x"))
    ground = playing[0]
    first, picture = ground.stage, ground._box.children[0]
    ground.build("a: PUSH binds x\nb: PUSH connects x")
    assert ground.problem == "Line 2: a PUSH does not talk to a PUSH; PUSH talks to PULL."
    assert ground.problem in ground._said.value
    assert ground.stage is first and first.running and ground._box.children[0] is picture
    ground.text.value = "a: PUSH binds x\nb x 4: PULL connects x"
    ground._button.click()
    assert ground.problem == "" and not first.running and ground.stage.running
    assert len(ground.stage.roles) == 5 and ground._box.children[0] is not picture
    assert "[b] * 4" in ground.code and "[b] * 4" in ground._program.value
    other = play("a: PUSH binds x\nb: PULL connects x")
    playing.append(other)
    assert not ground.stage.running and other.stage.running    # one runs at a time


def test_a_description_that_begins_with_a_mistake_shows_it_and_can_be_mended(playing: list[Playground]) -> None:
    playing.append(play("a: PUHS binds x"))
    assert repr(playing[0]) == playing[0].problem == "Line 1: “PUHS” is no socket type; did you mean PUSH?"
    assert playing[0].stage is None and "text/plain" in dict(playing[0]._repr_mimebundle_())
    playing[0].build("a: PUSH binds x\nb: PULL connects x")
    assert playing[0].stage.running


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "There is no role yet"),
        ("producer PUSH binds x", "Line 1: a role is `name: SOCKET binds line`, and “producer PUSH binds x” has no"),
        ("a: PUSH binds x\n\nb:", "Line 3: b has no socket"),
        ("a: PUSH binds x\na: PULL connects x", "two roles named a: for more of the same, write `a x 2`"),
        ("a x 0: PUSH binds x", "Line 1: there must be at least one a."),
        ("a x 50: PUSH connects x\nb x 50: PULL connects x", "That makes 100 roles; 60 are the most"),
        ("a x 2: PUSH binds x\nb: PULL connects x", "exactly one binds a line, and x is bound by 2 of a."),
        ("a: PUSH connects x\nb: PULL connects x", "exactly one binds a line, and x is bound by nobody."),
        ("a: PUSH binds x", "nobody connects to x, where a has bound."),
        ("a: PUSH binds x\nb: SUB connects x", "Line 2: a SUB does not talk to a PUSH; PUSH talks to PULL."),
        ("a: REQ binds x\nb: REQ connects x", "a REQ does not talk to a REQ; REQ talks to REP and ROUTER."),
        ("a: PAIR binds x\nb x 2: PAIR connects x", "PAIR joins exactly two"),
        ("a: PUSH binds x, evry 5\nb: PULL connects x", "“evry” is no setting; did you mean every?"),
        ("a: PUSH binds x, every soon\nb: PULL connects x", "`every` needs a number, such as `every 5`, not “soon”"),
        ("a: PUSH binds x, every -1\nb: PULL connects x", "`every` needs a number"),
        ("a: PUSH binds x, mark 0\nb: PULL connects x", "`mark` is at least 1"),
        ("a: PUSH binds x, works 1\nb: PULL connects x", "`works` is for who takes messages"),
        ("a: PUSH binds x\nb: PULL connects x, every 1", "`every` is for who sends of its own accord, and b does not."),
        ("a: PUSH binds x, topics q\nb: PULL connects x", "`topics` are for PUB and SUB, and a is PUSH."),
        ('a: PUB binds x, topics ") + evil(\nb: SUB connects x', "`topics` names some"),
        ("a: REQ connects x, REP binds x", "a cannot hand on between REQ and REP"),
        ("a: XPUB binds x\nb: SUB connects x", "an XPUB needs its other half"),
        ("a: PUSH binds x, PUSH binds y, PUSH binds z", "a has 3 sockets"),
        ("a: PUSH binds x\nb: PULL connects x\nline x: inproc, latency 1", "only a tcp line has weather, and x is"),
        ("a: PUSH binds x\nb: PULL connects x\nline y: tcp", "nobody is on y"),
        ("a: PUSH binds x\nb: PULL connects x\nline x: udp", "“udp” is no word for a line"),
        ("2nd: PUSH binds x", "“2nd” is no name of a role"),
    ],
)
def test_a_mistake_is_said_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(Mistake) as told:
        check(read(text))
    words = str(told.value)
    assert said in words and words.endswith((".", "?")) and "\n" not in words and len(words) < 170
