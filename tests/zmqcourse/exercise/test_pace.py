"""The pace of the machine, and what a check makes of it: on a busy one it does not convict by the clock."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import lessons
import pytest
import zmq
from zmqcourse.exercise import Late, Wrong, judging, pace, progress
from zmqcourse.exercise.checking import NotSolved, check
from zmqcourse.exercise.judging import attempt
from zmqcourse.exercise.pace import MOST, Clock, Deadline, Report
from zmqcourse.trial import trial

pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),    # threads that are ended
]
QUIET, CROWDED = 1.0, 6.0


class Reports:
    """Stands in for the process that measures: reports as a test wants them, as if one came ten times a second."""

    working = True
    since = 0.0

    def __init__(self, crowd: float, *, speed: float = 1.0) -> None:
        self.crowd, self.speed, self.began = crowd, speed, time.monotonic()

    def ask(self, *, now: bool = False) -> None:
        pass

    def read(self, *, patience: float = 0.0) -> None:
        pass

    def close(self) -> None:
        pass

    @property
    def reports(self) -> list[Report]:
        count = int((time.monotonic() - self.began) / 0.1) + 2
        return [Report(self.began + n * 0.1 - 0.1, self.crowd * self.speed, self.crowd) for n in range(count)]


def machine(monkeypatch: pytest.MonkeyPatch, crowd: float, **options: float) -> None:
    monkeypatch.setattr(pace, "meter", Reports(crowd, **options))


@contextmanager
def load(count: int, seconds: float) -> Iterator[None]:
    """So many processes that compute, for so long at most."""
    code = f"import time\nend = time.monotonic() + {seconds}\nprint(flush=True)\nwhile time.monotonic() < end: pass"
    busy = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(count)]
    try:
        for each in busy:
            assert each.stdout
            each.stdout.readline()
        yield
    finally:
        for each in busy:
            each.kill()
            each.wait()
            each.stdout.close()


def reported(clock: Clock, count: int) -> None:
    since = time.monotonic()
    end = since + 600
    while sum(report.at > since for report in pace.meter.reports) < count:
        assert time.monotonic() < end, "the process that measures says nothing"
        clock.now()
        time.sleep(0.02)


def test_beside_processes_that_compute_all_takes_longer_and_the_clock_goes_slower() -> None:
    with load(12, 60):
        began, clock = time.monotonic(), Clock()
        reported(clock, 6)
        assert clock.busy
        assert 1.5 < clock.pace <= MOST
        assert clock.now() < (time.monotonic() - began) / 1.5


def test_an_answer_that_computes_is_not_a_busy_machine() -> None:
    """It holds the interpreter, not the machine: what it does itself says nothing about others."""
    done = threading.Event()

    def spin() -> None:
        while not done.is_set():
            pass

    thread = threading.Thread(target=spin)
    clock = Clock()
    thread.start()
    try:
        reported(clock, 4)
        share = (time.process_time() - clock._processor) / (time.monotonic() - clock._start)
        assert not clock.busy or share < 0.8    # others may be at work on this machine as well
    finally:
        done.set()
        thread.join()


def test_the_clock_counts_the_seconds_of_a_quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, 5.0)
    began, clock = time.monotonic(), Clock()
    while not clock.over(0.1):
        time.sleep(0.01)
    assert 0.45 < time.monotonic() - began < 0.7 + 5 * 0.1


def test_a_load_that_begins_in_the_middle_counts_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    start = clock._start

    class Later(Reports):
        @property
        def reports(self) -> list[Report]:
            return [Report(start + 1.0, 1.0, 1.0), Report(start + 2.0, 10.0, 10.0), Report(start + 3.0, 10.0, 10.0)]

    monkeypatch.setattr(pace, "meter", Later(1.0))
    assert clock._counted(start + 3.0) == pytest.approx(1.2)


def test_a_clock_stands_still_while_paused_and_is_never_over_then(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, QUIET)
    clock = Clock()
    with clock.paused():
        time.sleep(0.2)
        assert not clock.over(0.1)
    assert clock.now() < 0.1
    assert not Deadline(clock, 5).over


def test_a_slow_machine_is_not_a_busy_one(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, QUIET, speed=4.0)
    clock = Clock()
    time.sleep(0.3)
    assert clock.pace == 4.0
    assert not clock.busy


def test_a_while_in_which_nobody_asked_for_the_time_is_counted_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that waited for something else: its next deadline must not be over when the first report comes."""
    meter = Reports(QUIET)
    monkeypatch.setattr(pace, "meter", meter)
    clock = Clock()
    before = [Report(clock._start, 1.0, 1.0)]
    monkeypatch.setattr(Reports, "reports", before)
    now = clock._start + 60.0
    assert clock._counted(now) < 60.0 / MOST + 2    # as if the machine were too busy for a report …
    meter.since = now
    assert clock._counted(now) == pytest.approx(60.0)    # … but none was asked for


def test_who_was_given_a_patience_by_the_pace_has_it_though_the_machine_has_become_quiet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine(monkeypatch, 6.0)
    began, clock = time.monotonic(), Clock()
    patience = 0.05 * clock.pace
    machine(monkeypatch, 1.0)
    end = Deadline(clock, 0.1)
    while not end.over:
        time.sleep(0.01)
    assert time.monotonic() - began > 2 * patience


def test_no_bound_is_stretched_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, 1000.0)
    began, clock = time.monotonic(), Clock()
    while not clock.over(0.02):
        time.sleep(0.01)
    assert time.monotonic() - began < 0.02 * MOST + 1


def test_without_the_process_that_measures_the_clock_is_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise OSError("no processes here")

    monkeypatch.setattr(pace.subprocess, "Popen", refuse)
    monkeypatch.setattr(pace, "meter", pace.Meter())
    began, clock = time.monotonic(), Clock()
    while not clock.over(0.2):
        time.sleep(0.01)
    assert 0.2 <= time.monotonic() - began < 5
    assert clock.pace == 1.0
    assert not clock.busy


# --- verdicts


class Once:
    """A check that counts how often it is tried, and is late the first so many times."""

    def __init__(self, late: int, kind: type[Wrong] = Late) -> None:
        self.late, self.kind, self.tried = late, kind, 0

    def __call__(self, answer: object) -> str | None:
        self.tried += 1
        time.sleep(0.35)
        if self.tried <= self.late:
            raise self.kind("nothing arrived")
        return "nothing lost"


@pytest.mark.parametrize(
    ("crowd", "late", "kind", "state", "tried"),
    [
        (QUIET, 9, Late, "wrong", 1),         # at once, or a hanging answer would take three times as long
        (QUIET, 0, Late, "solved", 1),
        (CROWDED, 1, Late, "solved", 2),
        (CROWDED, 2, Late, "solved", 3),
        (CROWDED, 9, Late, "busy", 3),
        (CROWDED, 9, Wrong, "wrong", 1),      # what is wrong whatever the time is wrong on a busy machine, too
    ],
)
def test_late_is_wrong_on_a_quiet_machine_and_tried_again_on_a_busy_one(
    monkeypatch: pytest.MonkeyPatch, crowd: float, late: int, kind: type[Wrong], state: str, tried: int
) -> None:
    machine(monkeypatch, crowd)
    checking = Once(late, kind)
    outcome = attempt(checking, (None,))
    assert (outcome.state, checking.tried) == (state, tried)
    if state == "solved":
        assert outcome.said == "nothing lost"
    if state == "busy":
        assert "This machine is very busy" in outcome.said
        assert outcome.details == (("late", "nothing arrived"),)


def test_it_is_not_tried_again_when_much_time_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, CROWDED)
    monkeypatch.setattr(judging, "AGAIN_WITHIN", 0.1)
    checking = Once(9)
    assert attempt(checking, (None,)).state == "busy"
    assert checking.tried == 1


def test_no_verdict_leaves_progress_as_it_was_and_says_so_in_strict_mode(
    monkeypatch: pytest.MonkeyPatch, tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    from zmqcourse.exercise import checking as exercises

    monkeypatch.setenv("ZMQCOURSE_PROGRESS", str(tmp_path / "p.json"))
    monkeypatch.setattr(exercises, "_exercises", {found.id: found for found in exercises.every()})
    machine(monkeypatch, CROWDED)
    checking = Once(0)
    exercises.exercise("98.1", title="Once", hints=())(lambda answer: checking(answer))
    check("98.1", 1)
    assert "solved: nothing lost" in capsys.readouterr().out
    checking.late = 99
    check("98.1", 1)
    assert "98.1 no verdict: This machine is very busy" in capsys.readouterr().out
    assert progress.load()["exercises"]["98.1"]["state"] == "solved"
    monkeypatch.setenv("ZMQCOURSE_STRICT", "1")
    with pytest.raises(NotSolved, match="very busy"):
        check("98.1", 1)


def test_what_a_trial_waits_for_in_vain_is_late() -> None:
    waits = {
        "receive": lambda t, pull: t.receive(pull, seconds=0.1),
        "wait": lambda t, pull: t.wait(lambda: False, expected="x", seconds=0.1),
        "finish": lambda t, pull: t.run(lambda: time.sleep(5), seconds=0.1),
        "receive many": lambda t, pull: t.receive_many(pull, 2),
        "send": lambda t, pull: t.send(t.connect(zmq.PUSH, "tcp://127.0.0.1:1", immediate=1), b"x"),
    }
    for name, wait in waits.items():
        with pytest.raises(Wrong) as raised, trial(seconds=0.3) as t:
            wait(t, t.bind(zmq.PULL)[0])
        assert isinstance(raised.value, Late), name


def _slow_to_come(ctx, endpoint) -> None:
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        push.send(b"here")
        while True:
            time.sleep(0.01)


def test_what_a_process_takes_to_start_is_not_counted() -> None:
    with trial(seconds=15) as t:
        pull, endpoint = t.bind(zmq.PULL)
        before = t.clock.now()
        t.role(_slow_to_come, endpoint)
        t.stage.restart("_slow_to_come")
        assert t.clock.now() - before < 0.1
        assert len([each for each in t.trace.sockets if each.role == "_slow_to_come"]) == 2
        t.receive(pull)


def test_a_process_that_the_machine_is_too_busy_to_start_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def course(answer: object) -> None:
        with trial() as t:
            t.role(_slow_to_come, t.endpoint())

    machine(monkeypatch, CROWDED)
    monkeypatch.setattr("zmqlive.roles.process.START_LIMIT", 0.1)
    monkeypatch.setattr("zmqlive.roles.worked.Worked.every", 0.05)
    monkeypatch.setattr(pace, "_OWN_SHARE", 100.0)    # so little time has passed that this process had all of it
    outcome = attempt(course, (None,))
    assert outcome.state == "busy", outcome
    assert "did not start" in dict(outcome.details)["late"]


# --- whose fault it is


def answer(source: str):
    namespace: dict[str, object] = {}
    lessons.run_cell("import threading, time\nimport zmq\n", namespace)
    lessons.run_cell(source, namespace)
    return namespace["answer"]


COURSE_CODE = {
    "calls it": "def course(answer):\n    return answer(1)",
    "looks into what it gives": "def course(answer):\n    return int(answer(1)[0])",
    "looks into what it gives in a trial": (
        "def course(answer):\n    with trial() as t:\n        return int(t.run(answer, 1)[0])"
    ),
    "hands it a function": (
        "def course(answer):\n    with trial() as t:\n        t.run(answer, lambda text: int(text))"
    ),
}


def course(name: str):
    """A check, as if from a module of the course."""
    namespace: dict[str, object] = {"__name__": "zmqcourse.checks.lesson98", "trial": trial}
    exec(compile(COURSE_CODE[name], "lesson98.py", "exec"), namespace)
    return namespace["course"]


@pytest.mark.parametrize(
    ("name", "source", "state", "says"),
    [
        ("calls it", "def answer(x): return 1 / 0", "wrong", "your code raised `ZeroDivisionError"),
        ("calls it", "def answer(): return 1", "wrong", "keep it as the stub has it"),
        ("calls it", "def answer(x): raise NotImplementedError", "todo", "not tried yet"),
        ("looks into what it gives", "def answer(x): return [b'name']", "failed", "The check itself failed"),
        ("looks into what it gives in a trial", "def answer(x): return [b'x']", "failed", "could not make sense of"),
        ("looks into what it gives in a trial", "def answer(x): return 1 / 0", "wrong", "raised `ZeroDivisionError"),
        ("hands it a function", "def answer(f): f('x')", "failed", "The check itself failed"),
        ("hands it a function", "def answer(f): f()", "wrong", "raised `TypeError"),
    ],
)
def test_who_failed_is_told_by_whose_line_it_was(name: str, source: str, state: str, says: str) -> None:
    outcome = attempt(course(name), (answer(source),))
    assert (outcome.state, says in outcome.said) == (state, True), outcome
    if state == "failed":
        assert "not your answer's fault" in outcome.said
        assert ("where", "lesson98.py, line " + outcome.details[-1][1].split()[-1]) in outcome.details


# --- what was handed over


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("socket.rcvtimeo = 100", "changed `rcvtimeo` of the socket that it was handed"),
        ("socket.setsockopt(zmq.LINGER, 5)", "changed `linger`"),
        ("socket.rcvhwm = 7", "changed `rcvhwm`"),
        ("socket.connect('inproc://elsewhere')", "one more endpoint"),
        ("socket.close()", "closed the socket that it was handed"),
        (
            "threading.Thread(target=lambda: [time.sleep(0.01) for _ in range(500)], daemon=True).start()",
            "left a thread running",
        ),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_handed_socket_comes_back_as_it_was(body: str, says: str, wrapped: bool) -> None:
    take = "    socket = socket['a'][0] if isinstance(socket, dict) else socket\n"
    with pytest.raises(Wrong, match=says), trial() as t:
        pull, _ = t.bind(zmq.PULL)
        t.run(answer(f"def answer(socket):\n{take}    {body}"), {"a": [pull]} if wrapped else pull)


def test_an_option_that_is_put_back_and_all_plain_use_are_fine() -> None:
    source = (
        "def answer(socket):\n    before = socket.rcvtimeo\n    socket.rcvtimeo = 50\n"
        "    try:\n        return socket.recv()\n    finally:\n        socket.rcvtimeo = before\n"
    )
    with trial() as t:
        pull, endpoint = t.bind(zmq.PULL)
        t.connect(zmq.PUSH, endpoint).send(b"x")
        t.wait(lambda: pull.poll(0), expected="it is there")
        assert t.run(answer(source), pull) == b"x"
        fresh = t.socket(zmq.PULL)
        t.run(answer("def answer(socket):\n    socket.bind('inproc://mine')"), fresh)
