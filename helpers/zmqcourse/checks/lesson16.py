"""Lesson 16: who may touch a socket: PAIR between threads, asyncio, and a context for each process."""

from __future__ import annotations

import inspect
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import cloudpickle
import zmq
from zmqlive import AsyncContext

from ..exercise import ToDo, Wrong, exercise
from ..trial import Job, Trial, expect_type, show, trial

JOBS = [b"", b"stop", b"\x00\xff", b"", b"END", b"none", b"\x00", b"10" * 40_000, b"last"]
FEW = 10  # messages that a socket of the check's second context holds
FORK = hasattr(os, "fork")
TRIED = "`forked(parents, tasks, results)` in a forked process"


# ---- 16.1 ---------------------------------------------------------------------------------------------------


@exercise(
    "16.1",
    title="Work for another thread",
    hints=(
        "Two PAIRs: one that you make and bind here, one that the thread makes and connects. Only the name travels.",
        'Any bytes can be a job, so say which is which with a frame in front: `[b"job", job]`, and `[b"stop"]`. '
        '`f"inproc://{uuid.uuid4()}"` is a name that nobody else has.',
        "Send one job, receive its answer, and so on: then no queue can fill. At the end send the stop, and `join()`.",
    ),
)
def another_thread_does_the_work(elsewhere) -> None:
    """`elsewhere(ctx, work, jobs)` has the work done in another thread, over a PAIR; answers in order."""
    with trial() as t:
        _once(t, elsewhere)
    with trial() as t:
        _many_jobs(t, elsewhere)
    with trial() as t:
        _two_at_once(t, elsewhere)


def _reversed(job: bytes) -> bytes:
    return b"<" + job[::-1] + b">"


def _once(t: Trial, elsewhere) -> None:
    threads: list[threading.Thread] = []

    def work(job: bytes) -> bytes:
        threads.append(threading.current_thread())
        return _reversed(job)

    for jobs in (JOBS, []):
        job = t.start(elsewhere, t.ctx, work, list(jobs))
        try:
            _right(t.finish(job, seconds=1.5), jobs)
        except Wrong as wrong:
            raise wrong.add(expected='answers to all jobs, also to `b""` and `b"stop"`, and then the end') from None
        if job.thread in threads:
            raise Wrong(
                "the work was done in the thread that had called `elsewhere`",
                seen="`work` ran in the same thread",
                expected="a thread of its own, which gets the jobs over a PAIR",
            )
    trace = t.trace
    pairs = {socket.id for socket in trace.sockets if socket.type == "PAIR"}
    carried = sum(m.source in pairs and m.target in pairs and m.received is not None for m in trace.messages)
    if carried < 2 * len(JOBS):
        raise Wrong(
            "the jobs and answers did not go over a PAIR",
            seen=f"{len(pairs)} PAIR sockets, and {carried} messages that one of them received from another",
            expected="a PAIR in each of the two threads; jobs go one way, answers the other",
        )


def _right(answers: object, jobs: list[bytes]) -> None:
    expect_type(answers, list, "what `elsewhere` returned")
    wanted = [_reversed(job) for job in jobs]
    if answers != wanted:
        place = next((n for n, (a, b) in enumerate(zip(answers, wanted, strict=False)) if a != b), len(answers))
        raise Wrong(
            "these are not the answers to the jobs, in their order",
            tried=f"{len(jobs)} jobs; number {place + 1} is `{show(jobs[place])}`" if place < len(jobs) else "",
            seen=f"{len(answers)} answers"
            + (f"; number {place + 1} is `{show(answers[place])}`" if place < len(answers) else ""),
            expected=f"{len(wanted)}: `work(job)` for each, whatever bytes it may be",
        )


def _many_jobs(t: Trial, elsewhere) -> None:
    t.ctx.setsockopt(zmq.SNDHWM, FEW)
    t.ctx.setsockopt(zmq.RCVHWM, FEW)
    jobs = [b"%d" % number for number in range(10 * FEW)]
    job = t.start(elsewhere, t.ctx, _reversed, jobs)
    if not job.wait(2.0):
        raise Wrong(
            f"`elsewhere` did not come back with {len(jobs)} jobs",
            tried=f"sockets with high-water marks of {FEW}, and more jobs than they hold",
            seen=f"it was still at {job.where()}" if job.where() else "it was still waiting",
            expected="answers are taken in while jobs go out: when both directions are full, both sides wait for ever",
        )
    _right(t.finish(job), jobs)


def _two_at_once(t: Trial, elsewhere) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(job: bytes) -> bytes:
        begun.set()
        go.wait(3)
        return _reversed(job)

    first = t.start(elsewhere, t.ctx, slow, [b"a", b"b"])
    t.wait(begun.is_set, seconds=1.5, expected="the first job is begun")
    second = t.start(elsewhere, t.ctx, _reversed, [b"c", b"d"])
    try:
        answers = t.finish(second, seconds=1.5)
    except Wrong as wrong:
        raise wrong.add(expected="calls at the same time, with one context, do not get into each other's way") from None
    finally:
        go.set()
    _right(answers, [b"c", b"d"])
    _right(t.finish(first, seconds=1.5), [b"a", b"b"])


# ---- 16.2 ---------------------------------------------------------------------------------------------------


@exercise(
    "16.2",
    title="A desk that never sleeps",
    hints=(
        "`*envelope, question = await router.recv_multipart()`, and the answer goes to the same `envelope`.",
        "If the loop that receives also waits for the work, one question holds up all others. Put the work into a "
        "coroutine of its own and start it with `asyncio.create_task(…)`; the loop goes on receiving.",
        "In there: `try: answer = await asyncio.to_thread(work, question)`, `except Exception: answer = b\"?\"`, then "
        "`await router.send_multipart([*envelope, answer])`. Only `work` goes to another thread, never the socket.",
    ),
)
def the_desk_answers_while_work_is_slow(desk) -> None:
    """`async def desk(ctx, front, work)` answers each question by `work`, which blocks, several at the same time."""
    if callable(desk) and not inspect.iscoroutinefunction(desk):
        raise Wrong("`desk` is an ordinary function", expected="a coroutine: its first line begins with `async def`")
    with trial() as t, _asyncio_of(t) as ctx:
        _ask(t, ctx, desk)


@contextmanager
def _asyncio_of(t: Trial) -> Iterator[AsyncContext]:
    """The trial's context as one of `zmq.asyncio`; its sockets are closed whatever happens."""
    ctx = AsyncContext(t.ctx, recorder=t.stage.recorder)
    ctx.__dict__["one_thread_each"] = True  # a socket that is used in `to_thread` raises, and does no harm
    ctx.__dict__["term"] = int  # the trial ends the one context that is behind both
    ctx.setsockopt(zmq.LINGER, 0)
    try:
        yield ctx
    finally:
        for job in t.jobs:
            job.wake()
            job.wait(1.0)
        for socket in list(ctx._sockets):
            socket.close(linger=0)


def _ask(t: Trial, ctx: AsyncContext, desk) -> None:
    gate, at_work, asked = threading.Event(), [], []

    def work(question: bytes) -> bytes:
        asked.append(question)
        if question == b"bad":
            raise ValueError("such a question!")
        if question.startswith(b"slow"):
            at_work.append(question)
            gate.wait(3)  # a database that takes its time
        return b"<" + question + b">"

    front = t.endpoint()
    job = t.start(desk, ctx, front, work)
    clients = [t.connect(zmq.REQ, front) for _ in range(4)]
    try:
        for number, body in enumerate((b"hello", b"\x00\xff" * 10_000, b"", b"bad", b"after")):
            _question(t, clients[number % 2], body, b"?" if body == b"bad" else b"<" + body + b">")
        for number, client in enumerate(clients[:3]):
            t.send(client, b"slow %d" % number)
        _all_at_work(t, job, at_work)
        _question(t, clients[3], b"quick", b"<quick>", "three questions are being worked on; a fourth client asks")
    finally:
        gate.set()
    for number, client in enumerate(clients[:3]):
        _answer(t, client, b"<slow %d>" % number, "three questions at the same time, one client each")
    if len(asked) != 9:
        raise Wrong("`work` was called more than once for a question", expected="one call for each question")


def _all_at_work(t: Trial, job: Job, at_work: list[bytes]) -> None:
    try:
        t.wait(lambda: len(at_work) >= 3, seconds=1.5, expected="")
    except Wrong as wrong:
        if job.done:
            raise
        raise Wrong(
            "one question holds up the others",
            tried="three clients ask at the same time, and the work takes long",
            seen=f"{len(at_work)} of the 3 questions {'was' if len(at_work) == 1 else 'were'} being worked on",
            expected="all three: the loop goes on receiving while the work is done in other threads",
        ) from wrong


def _question(t: Trial, client: zmq.Socket, body: bytes, wanted: bytes, tried: str = "") -> None:
    t.send(client, body, expected="a ROUTER bound at `front`")
    _answer(t, client, wanted, tried or f"a client asked `{show(body)}`")


def _answer(t: Trial, client: zmq.Socket, wanted: bytes, tried: str) -> None:
    bad = '; `b"?"` where the work raised' if wanted == b"?" else ""
    where = "an answer to each question, sent in the loop's own thread" + bad
    try:
        got = t.receive(client, seconds=1.5, expected=where)
    except Wrong as wrong:
        wrong.details["tried"] = tried
        raise
    if got != [wanted]:
        raise Wrong(
            "a wrong answer", tried=tried, seen=f"`{show(got)}`", expected=f"`{show([wanted])}`, to whoever asked"
        )


# ---- 16.3 ---------------------------------------------------------------------------------------------------


@exercise(
    "16.3",
    title="After the fork",
    hints=(
        "`parents` is of no use here: the threads that would move its bytes stayed in the parent. Leave it alone.",
        "`with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:`, and connect both.",
        'Then `while task := pull.recv(): push.send(task[::-1])`. The `with` closes both sockets and ends the context, '
        "which waits until all that was sent has gone out.",
    ),
)
def the_child_has_a_context_of_its_own(forked) -> None:
    """`forked(parents, tasks, results)` works in a forked process, and loses nothing when that ends."""
    with trial(seconds=10) as t:
        (first, one), (second, two) = (t.bind(zmq.PUSH) for _ in range(2))
        results = [t.endpoint(), t.endpoint()]
        with _server(forked, [one, two], results) as server:
            _collector_is_there(t, server, first, results[0])
            _collector_comes_late(t, server, second, results[1])
            if not server.until(server.over, 2.0):
                raise Wrong(
                    "a child does not end",
                    tried=f"{TRIED}, and an empty task",
                    expected="an empty task is the end. (`ctx.term()` waits for ever while a socket is open)",
                )
            if not server.said["parent"]:
                raise Wrong("the parent's own sockets do not work any more", expected="leave `parents` alone")


def _collector_is_there(t: Trial, server: Server, push: zmq.Socket, results: str) -> None:
    pull, _ = t.bind(zmq.PULL, results)
    server.reached_by(push)
    for task in (b"\x00\xff1", b"ab" * 30_000, b"x"):
        sent = server.until(lambda: push.poll(0, zmq.POLLOUT), 1.5) and push.send(task) is None
        if not (sent and server.until(lambda: pull.poll(0), 1.5)):
            raise Wrong(
                "a result did not arrive",
                tried=f"{TRIED}, and a few tasks",
                seen="the child had ended" if "0" in server.said else "",
                expected="each task, reversed, until an empty one comes",
            )
        _reverse(task, pull.recv_multipart())
    t.send(push, b"")
    t.silence(pull, seconds=0.05, expected="an empty task is the end, and has no result")


def _collector_comes_late(t: Trial, server: Server, push: zmq.Socket, results: str) -> None:
    tasks = [b"late %d" % number for number in range(50)]
    server.reached_by(push)
    for task in [*tasks, b""]:
        t.send(push, task)
    server.until(lambda: "1" in server.said, 0.4)  # a child that waits for its results to go out is still there
    pull, _ = t.bind(zmq.PULL, results)
    for number, task in enumerate(tasks):
        if not server.until(lambda: pull.poll(0), 0.7 if "1" in server.said else 1.5):
            raise Wrong(
                f"{number} of {len(tasks)} results arrived",
                tried=f"{len(tasks)} tasks and an empty one; whoever collects the results came late",
                seen="the child had ended by then, and its results with it" if "1" in server.said else "",
                expected="what was sent has gone out before the function returns: end the context, with patience",
            )
        _reverse(task, pull.recv_multipart())


def _reverse(task: bytes, got: list[bytes]) -> None:
    if got != [task[::-1]]:
        raise Wrong("a wrong result", tried=f"the task `{show(task)}`", seen=f"`{show(got)}`", expected="it, reversed")


class Server:
    """A program of its own, which has a context and sockets in use and then forks two children."""

    def __init__(self, report: Path) -> None:
        self.report = report

    @property
    def said(self) -> dict:
        """What is known: "0" and "1", how a child ended ("" is well); "parent", if its sockets still work."""
        lines = self.report.read_text(encoding="utf-8").split("\n")[:-1]
        return dict(json.loads(line) for line in lines)

    def over(self) -> bool:
        return "parent" in self.said

    def until(self, condition: Callable[[], object], seconds: float) -> bool:
        """Whether it came true in time. Raises what is to be said of a child that failed."""
        end = time.monotonic() + seconds
        while not condition():
            for child in "0", "1":
                how = self.said.get(child, "")
                if how.startswith("todo:"):
                    raise ToDo(how.removeprefix("todo:"))
                if how:
                    raise Wrong(f"`forked` {how}", tried=TRIED)
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        return True

    def reached_by(self, push: zmq.Socket) -> None:
        self.until(lambda: "begun" in self.said, 10)  # a busy machine may be slow to start a program
        if not self.until(lambda: push.poll(0, zmq.POLLOUT), 2.0):
            raise Wrong(
                "no PULL of the child came to `tasks`",
                tried=TRIED,
                expected="a connection. (A context that was made before the fork has no threads in the child)",
            )


@contextmanager
def _server(forked: Callable, tasks: list[str], results: list[str]) -> Iterator[Server]:
    try:
        package = cloudpickle.dumps((forked, tasks, results))
    except Exception as error:
        raise Wrong(f"your function could not be sent to another process: {error}") from None
    with tempfile.TemporaryDirectory() as folder:
        file, report = Path(folder, "function"), Path(folder, "report")
        file.write_bytes(pickle.dumps((package, sys.path)))
        report.touch()
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, file, report],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield Server(report)
        finally:
            with suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL) if FORK else process.kill()
            process.wait()


PROGRAM = """
import json, os, pickle, signal, sys, threading, time
import zmq
package, sys.path = pickle.load(open(sys.argv[1], "rb"))
from zmqcourse.exercise import describe, where

def say(what, how):
    with open(sys.argv[2], "a", encoding="utf-8") as report:
        report.write(json.dumps([what, how]) + "\\n")

def child(number):
    how = ""
    try:
        forked, tasks, results = pickle.loads(package)
        forked(ctx, tasks[number], results[number])
    except NotImplementedError as error:
        how = "todo:" + str(error)
    except BaseException as error:
        how = "raised `" + describe(error) + "` " + where(error)
    say(str(number), how)

def works():
    push.send(b"still there")
    return bool(pull.poll(1000)) and pull.recv() == b"still there"

ctx = zmq.Context.instance()            # made, and used, before the fork
pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
pull.bind("tcp://127.0.0.1:*")
push.connect(pull.last_endpoint)
works()
say("begun", True)
if hasattr(os, "fork"):
    children = []
    for number in range(2):
        pid = os.fork()
        if not pid:
            signal.alarm(8)
            child(number)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    say("parent", works())
else:                                   # no fork here: processes are spawned, and inherit nothing that works
    ctx.destroy(linger=0)
    for number in range(2):
        child(number)
    say("parent", True)
"""
