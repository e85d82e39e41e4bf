"""The parts of the comparison that need no broker: notes, ledger, results, the keeper, a bench short of things."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
from environments import HELPERS, ROOT
from machine import PATIENCE, pace
from stage_parts import eventually
from zmqcourse.brokers import KEYS, Bench, Results, Row, Size, base, found, make
from zmqcourse.brokers.base import DISK, WINDOW, BatchSender, Terms, WindowSender
from zmqcourse.brokers.bench import ONLY
from zmqcourse.brokers.crew import Crew, Failed, Stopped
from zmqcourse.brokers.home import Home, HomeError, answers
from zmqcourse.brokers.ledger import first_done, in_order, ledger
from zmqcourse.brokers.notes import CAPACITY, ENDED, FAILED, Notes, body, number
from zmqcourse.brokers.results import CANNOT, LEFT, MISSING, RAN

posix = pytest.mark.skipif(os.name != "posix", reason="looks at processes as POSIX has them")
SMALL = Size(tasks=30, work=0.002, stopped=200, seconds=0.3)


# --- notes and ledger


def written(path: Path, started: list[int], done: list[int]) -> Notes:
    notes = Notes(path, create=True)
    for each in started:
        notes.start(each)
    for each in done:
        notes.done(each)
    return notes


def test_notes_are_seen_by_another_reader_at_once_and_outlive_the_writer(tmp_path):
    path = tmp_path / "notes"
    writer = written(path, [3, 4], [3])
    reader = Notes(path)
    assert (reader.count, [n for n, _ in reader.started_notes], reader.is_ready, reader.state) == (1, [3, 4], False, 0)
    writer.ready()
    writer.end("no room")
    writer.close()
    assert reader.is_ready and reader.state == FAILED and reader.error == "no room"
    reader.end()
    assert reader.state == ENDED
    reader.close()


def test_who_is_held_waits_in_the_task_that_it_has_begun(tmp_path):
    notes = Notes(tmp_path / "notes", create=True)
    notes.held = True
    thread = threading.Thread(target=notes.start, args=(7,))
    thread.start()
    assert eventually(lambda: notes.is_halted)
    assert [n for n, _ in notes.started_notes] == [7] and notes.count == 0
    notes.held = False
    thread.join(PATIENCE)
    assert not thread.is_alive() and not notes.is_halted
    notes.close()


def test_who_is_gated_is_ready_and_takes_nothing_yet(tmp_path):
    notes = Notes(tmp_path / "notes", create=True)
    notes.gated = True
    thread = threading.Thread(target=lambda: (notes.ready(), notes.start(1)))
    thread.start()
    assert eventually(lambda: notes.is_ready, 5) and notes.started_notes == []
    notes.gated = False
    thread.join(5)
    assert [n for n, _ in notes.started_notes] == [1]
    notes.close()


def test_a_window_lets_so_many_wait_for_their_confirms_and_no_more():
    sent, taken, over = [], [], threading.Event()

    class Sender(WindowSender):
        def send(self, body: bytes) -> None:
            sent.append(body)

    sender = Sender()
    bodies = [body(n) for n in range(WINDOW + 5)]
    thread = threading.Thread(target=lambda: (sender.send_all(bodies, taken.append), over.set()))
    thread.start()
    assert eventually(lambda: len(sent) == WINDOW, 5) and taken == []
    sender.confirmed(sent[0])
    assert eventually(lambda: len(sent) == WINDOW + 1, 5) and taken == bodies[:1] and not over.is_set()
    for each in bodies[1:]:
        assert eventually(lambda each=each: each in sent, 5)
        sender.confirmed(each)
    thread.join(5)
    assert taken == bodies and over.is_set()


def test_a_message_that_is_refused_ends_a_window():
    class Sender(WindowSender):
        def send(self, body: bytes) -> None:
            self.refused("no room")

    with pytest.raises(RuntimeError, match="no room"):
        Sender().send_all([body(1), body(2)], lambda _: None)


def test_a_batch_counts_as_sent_when_all_of_it_is():
    batches = []

    class Sender(BatchSender):
        together = 3

        def hand_over(self, batch, taken):
            batches.append(len(batch))
            for each in batch:
                taken(each)

    taken = []
    Sender().send_all(iter([body(n) for n in range(7)]), taken.append)
    assert batches == [3, 3, 1] and len(taken) == 7


def test_notes_beyond_the_capacity_are_counted_but_not_kept(tmp_path):
    notes = written(tmp_path / "notes", [], list(range(CAPACITY + 5)))
    assert notes.count == CAPACITY + 5 and len(notes.done_notes) == CAPACITY
    notes.close()


def test_a_task_carries_its_number():
    assert number(body(42, 1000)) == 42 and len(body(42, 1000)) == 1000 and body(1).isascii()


def test_the_ledger_counts_lost_twice_and_redelivered(tmp_path):
    # 0 done by both; 1 begun by a, who died, and done by b; 2 done; 3 begun and never done; 4 never seen
    a = written(tmp_path / "a", [0, 1], [0])
    b = written(tmp_path / "b", [2, 0, 1, 3], [2, 0, 1])
    counted = ledger(5, [a, b])
    assert (counted.sent, counted.done, counted.lost, counted.twice, counted.redelivered) == (5, 3, 2, 1, 2)
    assert [n for n, _ in first_done([a, b])] == [0, 2, 1]
    assert in_order(a) and not in_order(b)
    for notes in (a, b):
        notes.close()


# --- results


def row(key: str, state: str = RAN, experiment: str = "crash", **result) -> Row:
    plain = {"lost": 0, "twice": 0, "redelivered": 1, "recovered": 0.5, "curve": ([-0.1, 0.5], [1, 2]), "sent": 2}
    plain["at_kill"] = {"sent": 2, "done": 1}
    terms = asdict(Terms(DISK, "at once", "by a word", "100", "10", "each, by an ack"))
    return Row(key, key.title(), experiment, state, "the reason" if state != RAN else "", terms, plain | result)


def test_every_system_has_a_row_whatever_became_of_it():
    rows = [row("a", lost=3, recovered=None), row("b", CANNOT), row("c", MISSING), row("d", "failed"), row("e", LEFT)]
    text = repr(Results(rows).table("crash"))
    assert [line.split()[0] for line in text.splitlines()] == ["system", "A", "B", "C", "D", "E"]
    assert all(words in text for words in ("never", "cannot: the reason", "failed: the reason", "each, by an ack"))
    page = Results(rows).table("crash")._repr_html_()
    assert page.count("<tr>") == 6 and page.count("colspan=7") == 4
    assert page.startswith("<details><summary>The table: 1 of 5 ran here")
    assert "<script>" not in Results([Row("x", "<script>", "crash", MISSING, "<b>")]).table("crash")._repr_html_()


def test_recorded_rows_stand_in_for_what_is_not_here_and_are_marked(tmp_path):
    recorded = Results([row("b", twice=7), row("c", CANNOT), row("d", twice=9)], note="Recorded.")
    recorded.save(tmp_path / "kept.json")
    kept = Results.load(tmp_path / "kept.json")
    here = Results([row("a"), row("b", MISSING), row("c", LEFT), row("d", "failed"), row("e", MISSING)], elsewhere=kept)
    assert here.numbers("crash", "twice") == {"A": 0, "B°": 7}
    text = repr(here.table("crash"))
    assert "C°" in text and "cannot: the reason" in text and "failed: the reason" in text
    assert text.endswith("° not run here. Recorded.")
    assert here.row("crash", "b").state == MISSING
    assert "B° 0 lost, 7 done twice" in here.picture("crash").summary and "B°" in here.recovery().summary


def test_the_first_table_says_how_to_get_what_is_missing():
    start = {"kind": "queue", "runs": "b", "seconds": 1.0, "mb": 3.0}
    elsewhere = Results([row("b", experiment="start", **start)])
    here = Results([Row("b", "B", "start", MISSING, "not here: apt-get install b")], elsewhere=elsewhere)
    assert "apt-get install b" in repr(here.table("start"))
    assert here.facts()[0]["name"] == "B°"    # known from elsewhere, all the same


def test_each_experiment_has_a_picture_that_names_every_system_that_ran():
    stopped = {"answer": "blocks", "accepted": 7, "sending": 0.1, "sent": 9, "lost": 0, "set": "marks of 1"}
    rows = [
        row("a"),
        row("a", experiment="work", rate=250.0),
        row("a", experiment="fan-out", got=[3, 2, 3], late=0, sent=3),
        row("a", experiment="stopped", **stopped),
        row("a", experiment="limited", **stopped | {"answer": "drops", "lost": 3}),
        row("b", MISSING, experiment="work"),
    ]
    results = Results(rows)
    assert "A 250 a server, on disk (250; under way: 100)" in results.picture("work").summary
    assert "A 2 each of three got" in results.picture("fan-out").summary and "B" not in results.picture("work").summary
    said = results.picture("stopped").summary
    assert "A 7 blocks (blocks after 7 (marks of 1))" in said and "with a limit 7 drops" in said
    assert "There is nothing" not in said and "<svg" in results.picture("crash").svg()


def test_a_system_has_one_dict_of_facts_though_it_has_two_rows():
    start = {"kind": "log", "runs": "", "seconds": 0.1, "mb": 0.0}
    here = Results([row("a", experiment="start", **start), row("a-usual", experiment="start", **start)])
    assert [fact["name"] for fact in here.facts()] == ["A"]


def test_facts_say_none_where_there_is_nothing_to_say():
    start = {"kind": "library", "runs": "", "seconds": 0.1, "mb": 0.0}
    here = Results([row("a", experiment="start", **start), row("a"), Row("a", "A", "fan-out", CANNOT, "no")])
    nothing = {"late": None, "stopped": None}
    measured = {"name": "A", "server": False, "lost": 0, "twice": 0, "recovered": 0.5}
    assert here.facts() == [{**measured, **nothing}]


def test_what_the_lesson_shows_was_recorded_with_all_systems():
    kept = Results.load(ROOT / "assets" / "brokers.json")
    for experiment in ("start", "work", "fan-out", "crash", "stopped", "limited"):
        rows = kept.of(experiment)
        what = "stopped" if experiment == "limited" else experiment
        assert [one.key for one in rows] == [key for key in KEYS if what in ("start", *make(key).experiments)]
        assert all(one.terms == asdict(make(one.key).terms) for one in rows), "recorded on the terms of today"
        assert {one.state for one in rows} <= {RAN, CANNOT}
    answers = {*kept.numbers("stopped", "answer").values(), *kept.numbers("limited", "answer").values()}
    assert answers == {"blocks", "drops", "error", "takes all"}
    assert "Recorded on" in kept.note
    for experiment in ("start", "work", "fan-out", "crash", "stopped"):
        assert repr(kept.table(experiment)) and kept.table(experiment)._repr_html_()
        assert experiment == "start" or "ZeroMQ" in kept.picture(experiment).summary


# --- systems, without a server


def test_every_system_says_what_it_is_and_how_to_get_it():
    for key in KEYS:
        system = make(key)
        assert system.key == key and system.name and system.runs and all(asdict(system.terms).values())
        assert system.kind in ("library", "queue", "log", "bus")
        assert system.install or key == "zeromq"
    assert set(found()) == set(KEYS) and found()["zeromq"] == ""
    with pytest.raises(ValueError, match="no system called 'zero'"):
        make("zero")


def test_the_package_imports_with_no_client_at_all():
    clients = sorted({name.split(".")[0] for key in KEYS for name in make(key).clients} - {"zmq"})
    code = f"""
        import sys
        for name in {clients!r}:
            sys.modules[name] = None     # an import of it fails
        from zmqcourse.brokers import KEYS, make
        print([make(key).name for key in KEYS] and "ok")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": str(HELPERS)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stdout.strip() == "ok", done.stderr


# --- the keeper


@posix
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of processes that left their session")
def test_the_keeper_ends_what_left_its_session_and_removes_the_folder():
    home = Home()
    (home.folder / "some file").touch() if os.access(home.folder, os.W_OK) else None
    stray = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(1000)\ntime.sleep(1000)"
    home.start("/usr/bin/env", "sh", "-c", "exec python3 -c \"$CODE\"", env={"CODE": stray, "PATH": os.environ["PATH"]})
    keeper = psutil.Process(home._keeper.pid)
    if not eventually(lambda: len(keeper.children(recursive=True)) >= 2, 5):
        home.close()
        pytest.skip("no python3 that an unprivileged user may run")
    children, folder = keeper.children(recursive=True), home.folder
    home.close()
    assert not folder.exists() and not any(child.is_running() for child in children)


@posix
def test_a_server_that_ends_is_told_with_its_last_words():
    home = Home()
    with pytest.raises(HomeError, match=r"ended.*no licence"):
        home.start("/bin/sh", "-c", "echo no licence; exit 3", port=home.port())
    home.close()
    home = Home()
    with pytest.raises(HomeError, match="does-not-exist"):
        home.start("/does-not-exist")
    assert home.run("/bin/sh", "-c", "echo hello").strip() == "hello"
    with pytest.raises(HomeError, match="sh failed: bad"):
        home.run("/bin/sh", "-c", "echo bad; exit 1")
    folder = home.folder
    home.close()
    assert not folder.exists()


def test_nobody_answers_at_a_port_that_is_only_held():
    home = Home()
    assert not answers(home.port())
    home.close()


# --- the bench


def test_a_bench_of_one_runs_all_and_leaves_nothing():
    said: list[str] = []
    before = len(psutil.Process().children(recursive=True))
    with Bench(["zeromq"], size=SMALL, say=said.append) as bench:
        folder = bench._running["zeromq"].folder
        for experiment in ("work", "fan-out", "crash"):
            bench.run(experiment)
        for _ in range(4):      # who is killed may have nothing in hand
            if bench.results.row("crash", "zeromq").result["lost"]:
                break
            bench.run("crash")
        assert bench.found == ["zeromq"] and folder.exists()
        assert list((folder / "notes").glob("*.notes")) == []
    assert bench.found == [] and not folder.exists()
    assert eventually(lambda: len(psutil.Process().children(recursive=True)) == before)
    assert [line.split()[2] for line in said][:4] == ["start", "work", "fan-out", "crash"]
    assert bench.results.row("crash", "zeromq").result["lost"] >= 1
    bench.close()


def test_what_is_missing_or_comes_too_late_is_a_row_and_no_error(monkeypatch):
    monkeypatch.setattr(base, "_has", lambda name: name == "zmq")
    with Bench(["zeromq", "rabbitmq"], size=SMALL, say=lambda _: None) as bench:
        bench.run("fan-out", seconds=-1)
        assert bench.found == ["zeromq"]
        assert bench.results.row("fan-out", "zeromq").state == LEFT
        gone = bench.results.row("fan-out", "rabbitmq")
        assert gone.state == MISSING and "apt-get install rabbitmq-server" in gone.why
    with Bench(["zeromq"], seconds=-1, say=lambda _: None) as bench:
        assert bench.found == [] and bench.results.row("start", "zeromq").state == LEFT


def test_one_that_fails_does_not_stop_the_others(monkeypatch):
    broken = make("nng").__class__
    monkeypatch.setattr(broken, "missing", lambda self: "")
    monkeypatch.setattr(broken, "start", lambda self, home: home.start("/does-not-exist"))
    said: list[str] = []
    with Bench(["zeromq", "nng"], size=SMALL, say=said.append) as bench:
        bench.run("work")
        assert bench.results.row("work", "zeromq").state == RAN
        assert bench.results.row("work", "nng").state == "failed"
    assert any("failed" in line for line in said)


def test_a_new_bench_closes_the_one_before_and_an_environment_variable_chooses(monkeypatch):
    monkeypatch.setenv(ONLY, "zeromq")
    first = Bench(say=lambda _: None)
    second = Bench(say=lambda _: None)
    assert first.found == [] and second.found == ["zeromq"]
    second.close()


def test_what_still_comes_when_time_is_over_is_not_lost_but_waits(tmp_path):
    crew = Crew(make("zeromq"), tmp_path)
    try:
        ticks = iter(range(10_000))
        assert crew.settle(lambda: next(ticks), 5, 0.1) is False, "it was still changing"
        assert crew.settle(lambda: 7, 0.1, 5) is True, "nothing more came"
        assert crew.settle(lambda: next(ticks), 5, 5, enough=lambda: True) is True
    finally:
        crew.close()


def test_an_interrupt_ends_an_experiment_soon():
    with Bench(["zeromq"], size=SMALL, say=lambda _: None) as bench:
        timer = threading.Timer(0.3, bench._enough.set)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Stopped):
            bench.run("stopped")
        assert time.monotonic() - began < 5 * pace()
        timer.join()
        bench.run("fan-out")    # and the next can be run
        assert bench.results.row("fan-out", "zeromq").state == RAN


def test_a_worker_that_fails_says_why(tmp_path):
    system = make("zeromq", {"url": "nonsense://"})
    crew = Crew(system, tmp_path)
    try:
        with pytest.raises(Failed, match=r"worker: ZMQError"):
            crew.begin_all("worker", "queue", 1, others=1)
    finally:
        crew.clear()
        crew.close()


@posix
def test_the_command_prints_all_tables_and_saves(tmp_path):
    command = [sys.executable, "-m", "zmqcourse.brokers", "zeromq", "--save", str(tmp_path / "kept.json")]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(HELPERS)}, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    assert all(f"\n{name}\nsystem" in done.stdout for name in ("start", "work", "fan-out", "crash", "stopped"))
    assert len(json.loads((tmp_path / "kept.json").read_text())["rows"]) == 6
