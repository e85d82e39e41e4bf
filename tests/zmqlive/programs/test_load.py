"""Many messages: none goes unrecorded, what collects them takes its share and no more, and memory has an end."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from browser_view import open_browser
from systems import begin, free_port, play, together, until
from test_page import SHOTS, number, said
from zmqlive.programs import Saved

BLAST = '''
import sys, time, zmq
kind, there, n, rate = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
ctx = zmq.Context()
s = ctx.socket(zmq.PUSH if kind == "push" else zmq.PULL)
s.bind(there) if kind == "push" else s.connect(there)
if sys.argv[5:]:
    sys.stdin.readline()        # the starting shot
t0 = time.perf_counter()
for i in range(n):
    if kind == "pull":
        s.recv()
        continue
    s.send(b"%d" % i)
    if rate and i % 50 == 0:
        time.sleep(max(0, t0 + i / rate - time.perf_counter()))
s.close(); ctx.term()
print(kind, n)
'''


@pytest.fixture
def blast(tmp_path: Path) -> Path:
    file = tmp_path / "blast.py"
    file.write_text(BLAST)
    return file


def pairs(it: object, blast: Path, n: int, each: int, rate: float) -> None:
    """`n` pairs over tcp. (Over ipc, what the kernel still holds is lost when a sender ends while its receiver's queue
    is full: the ledger says so, and plain pyzmq does the same.)"""
    for _ in range(n):
        there = f"tcp://127.0.0.1:{free_port()}"
        it.start(blast, "pull", there, each, rate, "--", blast, "push", there, each, rate)  # type: ignore[attr-defined]


@pytest.mark.thorough
@pytest.mark.browser
def test_eight_programs_at_twenty_thousand_a_second_with_the_page_open(
        blast: Path, tmp_path: Path, record_property: pytest.RecordProperty) -> None:
    """What the collector takes is its processor time for as many messages as make a second of that traffic: on a
    machine that is busy with other things, and a browser is one, the traffic itself takes longer."""
    each, pairs, a_second = 60_000, 4, 20_000
    words = []
    for _ in range(pairs):
        there = f"tcp://127.0.0.1:{free_port()}"
        words += ["--", blast, "pull", there, each, 0, "--", blast, "push", there, each, a_second / pairs, "wait"]
    process = begin("run", "--save", tmp_path / "run.zmqlive", "--limit", 10_000_000, *words[1:],
                    stdin=subprocess.PIPE)
    try:
        address = re.search(r"The picture: (\S+)", process.stdout.readline())[1]
        collector = psutil.Process(process.pid)
        with open_browser() as browser:
            page = browser.new_page(viewport={"width": 1000, "height": 900})
            page.goto(address)
            page.locator(".zl canvas[aria-label*='blast 8 (PUSH)']").wait_for(timeout=600_000)
            process.stdin.write("\n")
            process.stdin.flush()
            until(lambda: number(page, "received") > 1000)
            began, used, before = time.monotonic(), spent(collector), number(page, "received")
            until(lambda: number(page, "received") >= 0.9 * pairs * each)
            took, used, seen = time.monotonic() - began, spent(collector) - used, number(page, "received") - before
            until(lambda: number(page, "received") == pairs * each)
            said(page, f"received {pairs * each}")
            page.screenshot(path=SHOTS / "run-load.png")
        out, _ = process.communicate(timeout=600)
    finally:
        process.kill()
    share = used / (seen / a_second)
    print(f"\n{share:.2f} of a core to collect; {seen / took:,.0f} messages a second here, {used / took:.2f} of a core")
    record_property("share of a core", f"{share:.2f}")
    n = pairs * each
    assert process.returncode == 0 and f"sent {n} · received {n} · lost 0 · twice 0 · waiting 0\n" in out, out
    assert "PARTIAL" not in out and "No diagnosis" in out and share < 0.5


def spent(process: psutil.Process) -> float:
    """Seconds of processor time, without its children's."""
    times = process.cpu_times()
    return times.user + times.system


TRIES = 4
LIMIT, STEPS = 50_000, (250_000, 500_000, 1_000_000, 2_000_000)
# What a command on the command line has taken of memory at most, as its last line. (ru_maxrss would be at least what
# the process held that started it.)
MOST = ("import sys; from zmqlive.programs import main; code = main(sys.argv[1:]); "
        "print(1024 * next(int(line.split()[1]) for line in open('/proc/self/status') if line.startswith('VmHWM'))); "
        "sys.exit(code)")


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux tells it")
def test_a_million_messages_in_bounded_memory(blast: Path, tmp_path: Path,
                                              record_property: pytest.RecordProperty) -> None:
    """Two million entries, as in hours of a quieter system: past the limit memory does not grow, neither for what
    collects, nor for what reads the file again."""
    file, pair = tmp_path / "long.zmqlive", STEPS[-1] // 4
    held: dict[int, int] = {}
    with play(save=file, limit=LIMIT) as it:
        def measure() -> None:
            for step in STEPS[:-1]:
                until(lambda step=step: it.system.sent() + it.system.received() >= step)
                held[step] = psutil.Process().memory_info().rss

        pairs(it, blast, 2, pair, 0)
        measuring = together(measure)
        assert it.wait() == 0
        for thread in measuring:
            thread.join()
        held[STEPS[-1]] = psutil.Process().memory_info().rss
        assert {s.role: s.sent + s.received for s in it.system.trace().sockets} == {
            name: pair for name in ("blast", "blast 2", "blast 3", "blast 4")}
        assert len(list(Path(it.system.folder).iterdir())) < 12       # what was read is gone
    grown = max(held.values()) - held[STEPS[0]]
    print(f"\n{file.stat().st_size / 1e6:.0f} MB saved; held at", {n: f"{m / 1e6:.0f} MB" for n, m in held.items()})
    record_property("grown after the limit", f"{grown / 1e6:.0f} MB")
    assert file.stat().st_size > 50_000_000 and grown < 40_000_000, held
    for words, says in ((("ledger",), f"PARTIAL: sent {STEPS[-1] // 2} and received {STEPS[-1] // 2} in all (exact)"),
                        (("diagnose",), ""), (("show", "--seconds", 1), "The picture: ")):
        done = subprocess.run([sys.executable, "-c", MOST, *map(str, words), "--limit", str(LIMIT), str(file)],
                              capture_output=True, encoding="utf-8", timeout=600)
        *said, most = done.stdout.splitlines()
        print(words[0], f"{int(most) / 1e6:.0f} MB at most")
        assert says in "\n".join(said) and done.stderr == "" and int(most) < 250_000_000, done


def test_a_short_burst_is_kept_whole(blast: Path, tmp_path: Path) -> None:
    with play(save=tmp_path / "burst.zmqlive") as it:
        pairs(it, blast, 1, 30_000, 0)
        assert it.wait() == 0
        ledger = it.system.trace().ledger()
    assert (ledger.sent, ledger.received, ledger.lost, ledger.from_unknown) == (30_000, 30_000, 0, 0), ledger
    assert Saved(tmp_path / "burst.zmqlive").trace().ledger() == ledger


CHURN = '''
import sys, threading, zmq
ctx, n = zmq.Context(), int(sys.argv[1])
rep = ctx.socket(zmq.REP); rep.bind("inproc://s")
def serve():
    for _ in range(n): rep.send(rep.recv())
server = threading.Thread(target=serve, name="server"); server.start()
for i in range(n):
    with ctx.socket(zmq.REQ) as s: s.connect("inproc://s"); s.send(b"question %d" % i); s.recv()
server.join(); rep.close(); ctx.term()
'''


@pytest.mark.thorough
def test_a_socket_for_each_question(tmp_path: Path) -> None:
    """What is kept of a closed socket is little, and three times as many take about three times the time to be matched.
    (Other work on the machine slows either: the least of some tries counts.)"""
    (tmp_path / "churn.py").write_text(CHURN)
    grown, works = 0.0, {2_000: [], 6_000: []}
    for _ in range(TRIES):
        for n, each in works.items():
            with play(limit=1_000_000) as it:
                before = psutil.Process().memory_info().rss
                it.start(tmp_path / "churn.py", n)
                assert it.wait() == 0
                if n == max(works) and not grown:
                    grown = (psutil.Process().memory_info().rss - before) / n
                began = time.thread_time()      # the collector has a thread of its own
                ledger = it.system.trace().ledger()
                each.append((time.thread_time() - began) / n)
                assert (ledger.sent, ledger.received, ledger.lost) == (2 * n, 2 * n, 0)
        few, many = map(min, works.values())
        if many < 2 * few:
            break
    print(f"\n{grown:,.0f} bytes a socket; {few * 1e6:.0f} and {many * 1e6:.0f} µs a socket to match")
    assert grown < 12_000 and many < 2 * few
