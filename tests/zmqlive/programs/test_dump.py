"""What a program that stands still says of itself, without being ended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from systems import play, until, zmqlive

STILL = {
    "recv": ("s = ctx.socket(zmq.PULL); s.bind(there); print('there'); s.recv()",
             ["thread MainThread: in recv of the PULL that has bound ipc://", ", since ", "still.py:4 in <module>"]),
    "send": ("s = ctx.socket(zmq.PUSH); s.bind(there); print('there'); s.send(b'x')",
             ["in send of the PUSH that has bound ipc://", ", since "]),
    "poll": ("s = ctx.socket(zmq.REQ); s.connect(there); s.send(b'?'); print('there'); s.poll()",
             ["in poll of the REQ that has connected to ipc://", "(retrying)", "sent 1, received 0"]),
    "term": ("s = ctx.socket(zmq.PUSH); s.connect(there); s.send(b'?'); s.close(); print('there'); ctx.term()",
             ["in term of its context", "closed, and lingers for ever: the PUSH that had connected to ipc://"]),
    "thread": ("import threading\ndef work():\n    s = ctx.socket(zmq.PULL); s.bind(there); print('there'); s.recv()\n"
               "t = threading.Thread(target=work, name='desk'); t.start(); t.join()",
               ["thread MainThread: in no call of ZeroMQ", "thread desk: in recv of the PULL that has bound"]),
}


@pytest.mark.parametrize("where", STILL)
def test_where_it_stands(tmp_path: Path, where: str) -> None:
    code, says = STILL[where]
    (tmp_path / "still.py").write_text(f"import zmq\nctx = zmq.Context()\nthere = 'ipc://{tmp_path}/x'\n{code}\n")
    with play() as it:
        it.start(tmp_path / "still.py")
        until(lambda: it.said("still"))
        pid = it.pid("still")
        until(lambda: all(each in zmqlive("dump", pid).stdout for each in says))
        done = zmqlive("dump", pid)
        print(done.stdout)
        assert done.returncode == 0 and done.stderr == ""
        assert not [file for file in it.system.folder.iterdir() if "ask" in file.name]
        assert it.runner.programs[0].process.poll() is None     # it goes on
        if where == "term":
            it.runner.programs[0].process.kill()


def test_a_process_that_is_none_of_ours() -> None:
    for pid in (os.getpid(), 1 << 30):
        done = zmqlive("dump", pid)
        assert done.returncode == 2 and done.stdout == "" and done.stderr.count("\n") == 1, done
