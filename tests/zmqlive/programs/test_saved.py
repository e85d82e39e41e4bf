"""A record in a file: the same as it was live, and what is no record is refused in a sentence."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from systems import free_port, play, zmqlive
from zmqlive.hook import form
from zmqlive.programs import BadFile, Saved
from zmqlive.programs.saved import BLOCK, MAGIC
from zmqlive.programs.saved import block as as_block


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    there = f"tcp://127.0.0.1:{free_port()}"
    with play(save=folder / "run.zmqlive") as it:
        it.start("server.py", there, "--", "client.py", "--n", 2, there, 100)
        it.wait(until="client")
        live = it.system.trace()
    assert live.ledger().received == 400
    (folder / "live.json").write_text(json.dumps(live.to_json()))
    return folder / "run.zmqlive"


MOTLEY = """
import sys, threading, time, zmq
ctx, there = zmq.Context(), sys.argv[1]
router = ctx.socket(zmq.ROUTER); router.bind(there)
dealer = ctx.socket(zmq.DEALER); dealer.routing_id = b"ann"; dealer.connect(there); dealer.sndhwm = 3
for i in range(5): dealer.send_multipart([b"", b"x" * 200, b"y"]); router.recv_multipart()
router.send_multipart([b"ann", b"", b"z"]); dealer.recv_multipart(); router.send_multipart([b"bob", b"q"])
pub, sub = ctx.socket(zmq.XPUB), ctx.socket(zmq.SUB); port = pub.bind_to_random_port("tcp://127.0.0.1")
sub.subscribe(b"a"); sub.connect(f"tcp://127.0.0.1:{port}"); pub.recv()
for i in range(10): pub.send(b"a%d" % i); pub.send(b"b%d" % i)
for i in range(5): sub.recv()
req = ctx.socket(zmq.REQ); req.connect("inproc://nobody")
try: req.recv()
except zmq.ZMQError: pass
lock, gate = threading.Lock(), threading.Barrier(2)
def work():
    for i in range(5):
        gate.wait()
        with lock: dealer.send(b"t")
crew = [threading.Thread(target=work, name=name) for name in "XY"]; [t.start() for t in crew]; [t.join() for t in crew]
time.sleep(0.3); sub.unsubscribe(b"a"); sub.disconnect(f"tcp://127.0.0.1:{port}"); router.unbind(there)
for socket in (router, dealer, pub, sub, req): socket.close(0)
ctx.term()
"""


@pytest.fixture(scope="module")
def motley(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record in which records and notes of all kinds occur."""
    folder = tmp_path_factory.mktemp("motley")
    (folder / "motley.py").write_text(MOTLEY)
    with play(save=folder / "run.zmqlive") as it:
        it.start(folder / "motley.py", f"tcp://127.0.0.1:{free_port()}")
        assert it.wait() == 0
    return folder / "run.zmqlive"


def test_a_saved_record_says_the_same(saved: Path) -> None:
    live = json.loads((saved.parent / "live.json").read_text())
    again = Saved(saved).trace().to_json()
    assert again["messages"] == live["messages"] and again["roles"] == live["roles"]
    assert [{**s, "closed": 0} for s in again["sockets"]] == [{**s, "closed": 0} for s in live["sockets"]]


def test_one_that_was_cut_off_is_shown_as_far_as_it_goes(saved: Path, tmp_path: Path) -> None:
    data = saved.read_bytes()
    cut = tmp_path / "cut.zmqlive"
    cut.write_bytes(data[:-(len(data) // 3)])
    half = Saved(cut)
    assert "ends in the middle" in half.remark and 0 < half.trace().ledger().received < 400
    done = zmqlive("ledger", cut)
    assert done.returncode == 0 and done.stderr.count("\n") == 1 and "ends in the middle" in done.stderr


def block(data: bytes, program: int = 0) -> bytes:
    return as_block(program, data)


BEGIN = block(form.about({"what": "record", "title": "t", "began": 1}))
PROGRAM = block(form.about({"what": "program", "form": 1, "name": "p", "pid": 1, "t": 2}), 1)
SOCKET = block(form.opened(0, 3, "PUSH", "main", 9), 1)
STRANGE = {
    "empty": b"", "text": b"To be, or not to be", "pickle": b"\x80\x04cos\nsystem\n(S'true'\ntR.",
    "later": b"ZMQLIVE\x09" + BEGIN, "only the magic": MAGIC, "no beginning": MAGIC + PROGRAM,
    "two beginnings": MAGIC + BEGIN + BEGIN, "a huge block": MAGIC + BEGIN + BLOCK.pack(1 << 31, 1, 0),
    "a checksum": MAGIC + BEGIN + BLOCK.pack(3, 1, 0) + b"abc",
    "half a record": MAGIC + BEGIN + block(form.HEAD.pack(100, ord("S"), 0), 1),
    "a huge record": MAGIC + BEGIN + PROGRAM + block(form.HEAD.pack(1 << 31, ord("S"), 0), 1),
    "nobody's socket": MAGIC + BEGIN + PROGRAM + block(form.sent(7, 5, b"x", 1, False), 1),
    "nobody": MAGIC + BEGIN + SOCKET, "twice": MAGIC + BEGIN + PROGRAM + SOCKET + SOCKET,
    "a long frame": MAGIC + BEGIN + PROGRAM + SOCKET + block(form.sent(0, 5, b"x" * 1000, 1000, False), 1),
    "a late time": MAGIC + BEGIN + PROGRAM + SOCKET + block(form.sent(0, 1 << 63, b"x", 1, False), 1),
    "a short record": MAGIC + BEGIN + PROGRAM + SOCKET + block(form.HEAD.pack(2, ord("R"), 0) + b"ab", 1),
    "a wrong note": MAGIC + BEGIN + PROGRAM + SOCKET + block(form.noted(0, (5, "bind", 3)), 1),
    "a note of lists": MAGIC + BEGIN + PROGRAM + SOCKET + block(form.noted(0, (5, "link", [], {})), 1),
    "not JSON": MAGIC + BEGIN + PROGRAM + block(form.HEAD.pack(3, ord("J"), 0) + b"{{{", 1),
    "deep JSON": MAGIC + BEGIN + block(form.HEAD.pack(200_000, ord("J"), 0) + b"[" * 200_000, 0),
    "a later program": MAGIC + BEGIN + block(form.about({"what": "program", "form": 7, "name": "p", "pid": 1}), 1),
    "a name that moves the cursor": MAGIC + BEGIN + block(
        form.about({"what": "program", "form": 1, "name": "\x1b[2J", "pid": 1, "t": 2}), 1),
}


@pytest.mark.parametrize("what", STRANGE)
def test_what_is_no_record_is_refused_in_a_sentence(tmp_path: Path, what: str) -> None:
    file = tmp_path / "strange.zmqlive"
    file.write_bytes(STRANGE[what])
    with pytest.raises(BadFile) as refused:
        Saved(file)
    said = str(refused.value)
    print(said)
    assert said.startswith("strange.zmqlive ") and said.endswith(".") and "\n" not in said and said.isprintable()


@pytest.mark.parametrize("command", ["show", "ledger", "diagnose"])
def test_the_command_line_refuses_it_too(tmp_path: Path, command: str) -> None:
    file = tmp_path / "strange.zmqlive"
    file.write_bytes(STRANGE["pickle"])
    for name in (file, tmp_path / "missing.zmqlive"):
        done = zmqlive(command, name)
        assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1, done


@pytest.mark.parametrize("count", [300, pytest.param(6000, marks=pytest.mark.thorough)])
def test_whatever_a_stranger_does_to_it_is_shown_or_refused(motley: Path, count: int) -> None:
    """Thousands of damaged records, most with right checksums: each is read, drawn and diagnosed, or refused; in
    bounded time and memory. A failure says which case it was: `strangers.py FILE CASE 1` does it again."""
    seed = 0 if count < 1000 else 100_000
    done = subprocess.run([sys.executable, Path(__file__).with_name("strangers.py"), motley, str(seed), str(count)],
                          capture_output=True, encoding="utf-8", timeout=600 + count)
    assert done.returncode == 0, done.stderr
    refused, taken = map(int, done.stdout.split())
    assert refused + taken == count and min(refused, taken) > count // 10


def test_no_damage_gets_through(saved: Path, tmp_path: Path) -> None:
    """A byte changed anywhere is noticed; bytes that keep their checksum, but are no record, as well."""
    data, chance = saved.read_bytes(), random.Random(15)
    for _ in range(60):
        at = chance.randrange(len(data))
        (tmp_path / "x").write_bytes(data[:at] + bytes([data[at] ^ chance.randrange(1, 256)]) + data[at + 1:])
        try:
            assert Saved(tmp_path / "x").remark     # a length that was changed may look like the file's early end
        except BadFile:
            pass
    for _ in range(300):
        record = chance.randbytes(4)[:1] + b"\0\0\0" + bytes([chance.choice(b"SRAONTCJX")]) + b"\0\0\0\0"
        noise = record + chance.randbytes(record[0])
        (tmp_path / "x").write_bytes(MAGIC + BEGIN + PROGRAM + SOCKET + block(noise, 1))
        try:
            Saved(tmp_path / "x").trace().ledger()
        except BadFile as refused:
            assert str(refused).isprintable()


def test_notes_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(MAGIC + BEGIN + PROGRAM + SOCKET + block(form.noted(0, (5, "meet", 1, 2)), 1)
                                 + block(form.HEAD.pack(1, ord("Z"), 0) + b"?", 1))
    assert [s.type for s in Saved(tmp_path / "x").trace().sockets] == ["PUSH"]
