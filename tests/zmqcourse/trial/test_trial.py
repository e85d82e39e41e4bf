"""Trials: whatever a learner's code does ends in time, is told in one sentence, and leaves nothing behind."""

from __future__ import annotations

import _thread
import asyncio
import re
import subprocess
import sys
import threading
import time

import lessons
import pytest
import zmq
from environments import ROOT
from machine import PATIENCE
from zmq.utils.garbage import gc
from zmqcourse.exercise import Clock, ToDo, Wrong
from zmqcourse.trial import expect_type, trial

# Dropped sockets and threads that die of their end are what these answers are about.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]


def answer(source: str):
    """The function `answer` that this source defines, as if from a notebook's cell."""
    namespace: dict[str, object] = {}
    lessons.run_cell("import asyncio, multiprocessing, sys, threading, time\nimport zmq\n", namespace)
    lessons.run_cell(source, namespace)
    return namespace["answer"]


def complaint(source: str, *, seconds: float = 1.0) -> tuple[Wrong, float]:
    """What a trial says that hands a context and an endpoint to this answer, and the quiet seconds that it took."""
    clock = Clock()
    with pytest.raises(Wrong) as raised:
        with trial(seconds=seconds) as t:
            pull, endpoint = t.bind(zmq.PULL)
            t.run(answer(source), t.ctx, endpoint)
            t.receive(pull)
    return raised.value, clock.now()


NOT_BACK = re.compile(r"`answer` did not come back in (1|0\.\d) s")    # what is left of one second when it is called
HANGS = {
    "recv": "    with ctx.socket(zmq.PULL) as s:\n        s.connect(endpoint)\n        s.recv()",
    "sleep": "    time.sleep(1000)",
    "loop": "    while True: pass",
    "loop that swallows": "    while True:\n        try:\n            while True: pass\n"
    "        except BaseException: pass",
    "recv, own context": "    s = zmq.Context().socket(zmq.PULL)\n    s.connect(endpoint)\n    s.recv()",
    "poll": "    s = ctx.socket(zmq.PULL)\n    s.poll()",
    "lock": "    threading.Event().wait()",
}


@pytest.mark.parametrize("source", HANGS.values(), ids=HANGS)
def test_an_answer_that_hangs_is_ended_and_told_where(source: str) -> None:
    wrong, seconds = complaint("def answer(ctx, endpoint):\n" + source)
    assert NOT_BACK.fullmatch(wrong.message), wrong.message
    assert "of your cell" in wrong.details["seen"]
    assert seconds < 3  # so that the usual 4 seconds stay below 6


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("raise SystemExit", "ended with `sys.exit()`"),
        ("sys.exit(3)", "ended with `sys.exit()`"),
        ("raise KeyboardInterrupt", "raised `KeyboardInterrupt`"),
        ("raise GeneratorExit", "raised `GeneratorExit`"),
        ("1 / 0", "raised `ZeroDivisionError: division by zero`"),
        ("ctx.term()", "terminated the context"),
        ("ctx.destroy()", "terminated the context"),
        ("with ctx: pass", "terminated the context"),
        ("try: ctx.term()\n    except BaseException: pass", "terminated the context"),
        ("pass", "nothing arrived"),
        ("ctx.socket(zmq.PUSH).send('text')", "text.encode()"),
        ("ctx.socket(zmq.PULL).connect('tcp//x')", "one looks like tcp://127.0.0.1:5555"),
        ("ctx.socket(zmq.REP).send(b'')", "REP receives"),
        ("ctx.socket(zmq.PUSH).bind(endpoint)", "already in use"),
    ],
)
def test_what_an_answer_does_becomes_one_sentence(body: str, says: str) -> None:
    wrong, seconds = complaint(f"def answer(ctx, endpoint):\n    {body}")
    assert says in wrong.message
    assert seconds < 2


def test_an_error_names_the_line_and_keeps_its_cause() -> None:
    wrong, _ = complaint("def answer(ctx, endpoint):\n    x = 1\n    return x / 0")
    assert wrong.details["seen"] == "line 3 of your cell: `return x / 0`"
    assert isinstance(wrong.__cause__, ZeroDivisionError)


def test_a_million_lines_neither_flood_nor_stall(capsys: pytest.CaptureFixture[str]) -> None:
    source = "def answer(ctx, endpoint):\n    for i in range(1_000_000):\n        print('line', i)"
    clock = Clock()
    with trial(seconds=20) as t:
        t.run(answer(source), t.ctx, "")
    assert clock.now() < 15
    lines = t.printed.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… and 999,980 more lines"
    assert capsys.readouterr().out == ""


def test_one_endless_line_is_cut_too() -> None:
    with trial() as t:
        t.run(lambda: print("x" * 10_000_000, end=""))
    assert len(t.printed) < 5000


def test_printing_without_end_is_ended(capsys: pytest.CaptureFixture[str]) -> None:
    wrong, seconds = complaint("def answer(ctx, endpoint):\n    while True: print('x')")
    assert "did not come back" in wrong.message
    assert seconds < 3
    assert capsys.readouterr().out == ""


def test_prints_of_the_notebook_itself_come_through(capsys: pytest.CaptureFixture[str]) -> None:
    with trial() as t:
        t.run(lambda: print("the answer's"))
        print("the notebook's")
    assert capsys.readouterr().out == "the notebook's\n"
    assert t.printed == "the answer's"


def test_a_thread_left_running_is_named_and_silenced(capsys: pytest.CaptureFixture[str]) -> None:
    wrong, seconds = complaint(
        "def pump():\n"
        "    while True:\n        print('pumping')\n        time.sleep(0.01)\n"
        "def answer(ctx, endpoint):\n"
        "    threading.Thread(target=pump, name='pump').start()\n"
        "    with ctx.socket(zmq.PUSH) as s:\n        s.connect(endpoint)\n        s.send(b'x')\n"
    )
    assert wrong.message == "your code left a thread running: pump"
    assert seconds < 3
    assert not [thread for thread in threading.enumerate() if thread.name == "pump"]
    assert capsys.readouterr().out == ""


def test_the_first_to_send_without_a_copy_is_not_blamed_for_pyzmqs_thread() -> None:
    gc.stop()       # as in a new process
    source = (
        "def answer(ctx, endpoint):\n"
        "    with ctx.socket(zmq.PUSH) as s:\n        s.connect(endpoint)\n        s.send(bytes(100_000), copy=False)\n"
    )
    for _ in range(2):      # the thread is not ended with the first answer
        with trial() as t:
            pull, endpoint = t.bind(zmq.PULL)
            t.run(answer(source), t.ctx, endpoint)
            assert t.receive(pull) == [bytes(100_000)]


def test_threads_that_are_joined_are_welcome() -> None:
    source = (
        "def answer(ctx, endpoint):\n"
        "    def send():\n"
        "        with ctx.socket(zmq.PUSH) as s:\n            s.connect(endpoint)\n            s.send(b'x')\n"
        "    threads = [threading.Thread(target=send) for _ in range(3)]\n"
        "    for t in threads: t.start()\n    for t in threads: t.join()\n"
    )
    with trial() as t:
        pull, endpoint = t.bind(zmq.PULL)
        t.run(answer(source), t.ctx, endpoint)
        assert t.receive_many(pull, 3) == [[b"x"]] * 3


def test_a_socket_in_two_threads_is_told_and_does_not_end_the_process() -> None:
    wrong, _ = complaint(
        "def answer(ctx, endpoint):\n"
        "    s = ctx.socket(zmq.PUSH)\n    s.connect(endpoint)\n"
        "    problems = []\n"
        "    def send():\n"
        "        try: s.send(b'x')\n"
        "        except zmq.ZMQError as e: problems.append(e)\n"
        "    t = threading.Thread(target=send); t.start(); t.join(); s.close()\n"
        "    raise problems[0]\n"
    )
    assert "belongs to the thread that made it" in wrong.message


ITS_OWN = """
import lessons, zmq
from zmqcourse.exercise import Clock
from zmqcourse.trial import trial
from zmqcourse.exercise import Wrong
names = {"zmq": zmq}
lessons.run_cell('''
def answer():
    with zmq.Context() as mine, mine.socket(zmq.DEALER) as dealer:
BODY
''', names)
for _ in range(20):
    try:
        with trial() as t:
            t.run(names["answer"], seconds=0.05)
    except Wrong:
        pass
print("survived")
"""


@pytest.mark.parametrize(
    "body",
    [
        'dealer.bind("inproc://mine"); dealer.recv()',
        'dealer.linger = 150; dealer.connect("tcp://127.0.0.1:9"); dealer.send(b"")',  # it is ended already
    ],
)
def test_a_context_of_the_answers_own_is_ended_once(body: str) -> None:
    """By its `with` and by the trial at the same time, the process would end with a failed assertion."""
    source = ITS_OWN.replace("BODY", "        " + body)
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT / "tests", capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.stdout == "survived\n", done.stderr[-500:]


def test_a_child_process_left_running_is_ended() -> None:
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    with trial(seconds=10) as t:
        child = t.run(_start_child, context)
    child.join(5)
    assert child.exitcode is not None


def _start_child(context):
    child = context.Process(target=time.sleep, args=(100,), daemon=True)
    child.start()
    return child


def test_a_socket_left_open_is_told_and_closed() -> None:
    source = (
        "kept = []\ndef answer(ctx, endpoint):\n    kept.append(ctx.socket(zmq.DEALER))\n    return kept[0]"
    )
    socket = None
    with pytest.raises(Wrong, match="left a DEALER socket open"):
        with trial() as t:
            socket = t.run(answer(source), t.ctx, "")
    assert socket.closed


def test_a_handed_socket_may_be_used_and_not_closed() -> None:
    with trial() as t:
        push, endpoint = t.bind(zmq.PUSH)
        pull = t.connect(zmq.PULL, endpoint)
        t.run(lambda s: s.send(b"x"), push)
        assert t.receive(pull) == [b"x"]
    with pytest.raises(Wrong, match="closed the socket that it was handed"):
        with trial() as t:
            t.run(lambda s: s.close(), t.socket(zmq.PUSH))


def test_an_answer_that_hangs_on_a_handed_socket_is_ended() -> None:
    with pytest.raises(Wrong, match="did not come back"):
        with trial(seconds=0.5) as t:
            pull, _ = t.bind(zmq.PULL)
            t.run(lambda s: s.recv(), pull)
    assert pull.closed


def test_a_role_in_the_background_ends_with_the_trial() -> None:
    source = (
        "def answer(ctx, source, sink):\n"
        "    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:\n"
        "        pull.connect(source)\n        push.connect(sink)\n"
        "        while True:\n            push.send(pull.recv().upper())\n"
    )
    with trial() as t:
        push, source_end = t.bind(zmq.PUSH)
        pull, sink_end = t.bind(zmq.PULL)
        job = t.start(answer(source), t.ctx, source_end, sink_end)
        for word in (b"a", b"b"):
            push.send(word)
        assert t.receive_many(pull, 2) == [[b"A"], [b"B"]]
        assert not job.done
    assert job.done
    assert isinstance(job.error, zmq.ContextTerminated)


def test_a_role_in_the_background_that_fails_is_told_at_once() -> None:
    clock = Clock()
    with pytest.raises(Wrong, match="ZeroDivisionError"):
        with trial() as t:
            pull, _ = t.bind(zmq.PULL)
            t.start(answer("def answer(): 1 / 0"))
            t.receive(pull)
    assert clock.now() < 1


def test_how_many_came_is_told() -> None:
    with pytest.raises(Wrong, match="2 of 5 messages arrived at the check's PULL socket"):
        with trial() as t:
            pull, endpoint = t.bind(zmq.PULL, "inproc://x")
            push = t.connect(zmq.PUSH, endpoint)
            push.send(b"1")
            push.send(b"2")
            t.run(lambda: None)
            t.receive_many(pull, 5)


def test_silence_is_refused_when_there_is_none() -> None:
    with pytest.raises(Wrong, match="one message too many"):
        with trial() as t:
            pull, endpoint = t.bind(zmq.PULL)
            t.connect(zmq.PUSH, endpoint).send(b"x")
            t.silence(pull, seconds=2)


def test_a_peer_serves_the_answer_and_its_own_faults_are_not_the_learners() -> None:
    def shout(ctx, endpoint) -> None:
        with ctx.socket(zmq.REP) as rep:
            rep.bind(endpoint)
            while True:
                rep.send(rep.recv().upper())

    source = (
        "def answer(ctx, endpoint):\n"
        "    with ctx.socket(zmq.REQ) as req:\n"
        "        req.connect(endpoint)\n        req.send(b'hi')\n        return req.recv()\n"
    )
    with trial() as t:
        endpoint = t.endpoint("tcp")
        t.peer(shout, endpoint)
        assert t.run(answer(source), t.ctx, endpoint) == b"HI"

    def broken(ctx) -> None:
        raise LookupError("the check is broken")

    with pytest.raises(LookupError):
        with trial() as t:
            t.peer(broken)
            t.wait(lambda: False, expected="nothing", seconds=2)


def test_waiting_for_what_does_not_come_says_what_was_expected() -> None:
    with pytest.raises(Wrong, match="what was to happen did not") as raised:
        with trial(seconds=0.3) as t:
            t.start(answer("def answer():\n    time.sleep(60)"))
            t.wait(lambda: False, expected="a miracle")
    assert raised.value.details["expected"] == "a miracle"
    assert "line 2 of your cell" in raised.value.details["seen"]


def test_an_interrupt_ends_the_trial_and_goes_on_up() -> None:
    clock = Clock()
    with pytest.raises(KeyboardInterrupt):
        with trial(seconds=20) as t:
            job = t.start(answer("def answer():\n    time.sleep(1000)"))
            t.wait(lambda: "line 2" in job.where(), expected="it sleeps")
            _thread.interrupt_main()
            t.finish(job)
    assert clock.now() < 5
    assert job.done


def test_async_answers_run_as_well() -> None:
    async def double(x: int) -> int:
        await asyncio.sleep(0.01)
        return 2 * x

    with trial() as t:
        assert t.run(double, 21) == 42


def test_an_async_answer_that_hangs_is_cancelled_and_told_where() -> None:
    wrong, seconds = complaint("async def answer(ctx, endpoint):\n    await asyncio.sleep(1000)")
    assert NOT_BACK.fullmatch(wrong.message), wrong.message
    assert wrong.details["seen"].endswith("line 2 of your cell: `await asyncio.sleep(1000)`")
    assert seconds < 2


def test_a_stub_is_to_do_wherever_it_is_called() -> None:
    def stub() -> None:
        raise ToDo("write me")

    with pytest.raises(ToDo, match="write me"):
        with trial() as t:
            t.run(stub)
    with pytest.raises(ToDo, match="write me"):
        with trial() as t:
            pull, _ = t.bind(zmq.PULL)
            t.start(stub)
            t.receive(pull)


def test_what_is_no_function_is_told() -> None:
    with pytest.raises(Wrong, match="not a function"):
        with trial() as t:
            t.run(None)


def test_expect_type_tells_bytes_from_text() -> None:
    expect_type(b"x", bytes, "the reply")
    with pytest.raises(Wrong) as raised:
        expect_type("x", bytes, "the reply")
    assert raised.value.message == "the reply is `'x'`, a `str`"
    assert 'b"…"' in raised.value.details["expected"]


def test_the_trace_knows_the_answer_by_its_name() -> None:
    source = (
        "def answer(ctx, endpoint):\n"
        "    with ctx.socket(zmq.PUSH) as s:\n        s.connect(endpoint)\n"
        "        for i in range(10): s.send(b'%d' % i)\n"
    )
    with trial() as t:
        pull, endpoint = t.bind(zmq.PULL)
        t.run(answer(source), t.ctx, endpoint)
        t.receive_many(pull, 10)
        trace = t.trace
    assert {(s.role, s.type): (s.sent, s.received) for s in trace.sockets} == {
        ("check", "PULL"): (0, 10),
        ("answer", "PUSH"): (10, 0),
    }


def _work(ctx, endpoint) -> None:
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        while True:
            push.send(b"working")
            time.sleep(0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="signals that kill and freeze are POSIX's")
def test_an_answer_in_a_process_can_be_frozen_and_killed() -> None:
    with trial(seconds=15) as t:
        pull, endpoint = t.bind(zmq.PULL)
        t.role(_work, endpoint)
        t.receive(pull)
        t.stage.freeze("_work")
        while pull.poll(300):
            pull.recv()
        t.stage.thaw("_work")
        t.receive(pull)
        t.stage.kill("_work")
        t.wait(lambda: t.stage.role("_work").gone, expected="it is gone")


def test_an_answer_in_a_process_that_fails_is_told_once(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Wrong, match="ZeroDivisionError"):
        with trial(seconds=15) as t:
            pull, _ = t.bind(zmq.PULL)
            role = t.role(_fail)
            end = time.monotonic() + PATIENCE
            while not role.told and time.monotonic() < end:     # its stage is quicker than the check
                time.sleep(0.01)
            t.receive(pull)
    assert t.printed == "before it fails"
    assert "".join(capfd.readouterr()) == ""


def _fail(ctx) -> None:
    print("before it fails")
    raise ZeroDivisionError


def test_a_link_can_be_cut() -> None:
    with trial() as t:
        pull, endpoint = t.bind(zmq.PULL)
        link = t.link(endpoint)
        push = t.connect(zmq.PUSH, link.endpoint)
        push.send(b"before")
        assert t.receive(pull) == [b"before"]
        link.cut()
        push.send(b"while cut")
        t.silence(pull)
        link.mend()
        t.receive(pull)


def test_a_hundred_trials_leave_no_thread_behind() -> None:
    source = (
        "def answer(ctx, endpoint):\n"
        "    with ctx.socket(zmq.PUSH) as s:\n        s.connect(endpoint)\n        s.send(b'x')\n"
    )
    fn = answer(source)
    before = set(threading.enumerate())
    for _ in range(100):
        with trial() as t:
            pull, endpoint = t.bind(zmq.PULL)
            t.run(fn, t.ctx, endpoint)
            t.receive(pull)
    end = time.monotonic() + 5
    while (left := set(threading.enumerate()) - before) and time.monotonic() < end:
        next(iter(left)).join(0.05)
    assert not left
