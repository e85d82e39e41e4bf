"""Many messages: none goes unrecorded, what collects them takes its share and no more, and memory has an end."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest
from systems import free_port, play, together, until, zmqlive
from zmqlive.programs import Page, Saved

BLAST = '''
import sys, time, zmq
kind, there, n, rate = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
ctx = zmq.Context()
s = ctx.socket(zmq.PUSH if kind == "push" else zmq.PULL)
s.bind(there) if kind == "push" else s.connect(there)
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
def test_eight_programs_at_twenty_thousand_a_second_with_the_page_open(blast: Path, tmp_path: Path,
                                                                       record_property: pytest.RecordProperty) -> None:
    each, seconds = 60_000, 12      # 4 pairs at 5,000 a second
    with play(save=tmp_path / "run.zmqlive", limit=10_000_000) as it:
        page = Page(it.system, dict)
        over: list[bool] = []

        def look() -> None:
            with urlopen(f"{page.address}events?view=x", timeout=600) as stream:
                while not over and stream.readline():
                    pass

        pairs(it, blast, 4, each, 5_000)
        until(lambda: len(it.system.store.kept) == 8)
        began, used = time.monotonic(), psutil.Process().cpu_times()
        looking = together(look)
        until(lambda: it.system.received() >= 4 * each * 0.9)
        took, now = time.monotonic() - began, psutil.Process().cpu_times()
        share = (now.user + now.system - used.user - used.system) / took
        assert it.wait() == 0
        over.append(True)
        page.close()
        for thread in looking:
            thread.join(60)
        trace = it.system.trace()
    ledger = trace.ledger()
    print(f"\n{share:.2f} of a core to collect, {took:.1f} s, {ledger}")
    record_property("share of a core", f"{share:.2f}")
    assert trace.exact and (ledger.sent, ledger.received) == (4 * each, 4 * each)
    assert (ledger.lost, ledger.twice, ledger.unknown, ledger.from_unknown, ledger.waiting) == (0, 0, 0, 0, 0)
    assert took > seconds * 0.7 and share < 0.5


@pytest.mark.thorough
def test_a_million_messages_in_bounded_memory(blast: Path, tmp_path: Path) -> None:
    file = tmp_path / "long.zmqlive"
    with play(save=file, limit=50_000) as it:
        before = psutil.Process().memory_info().rss
        pairs(it, blast, 2, 250_000, 0)
        assert it.wait() == 0
        grown = psutil.Process().memory_info().rss - before
        assert {s.role: s.sent + s.received for s in it.system.trace().sockets} == {
            "blast": 250_000, "blast 2": 250_000, "blast 3": 250_000, "blast 4": 250_000}
        assert not any(Path(it.system.folder).glob("*.1")) or len(list(Path(it.system.folder).iterdir())) < 12
    assert file.stat().st_size > 25_000_000 and grown < 120_000_000, grown
    code = ("import psutil, sys; from zmqlive.programs import Saved; s = Saved(sys.argv[1], limit=50_000); "
            "print(s.sent(), s.received(), psutil.Process().memory_info().rss)")
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, encoding="utf-8", timeout=600)
    sent, received, held = map(int, done.stdout.split())
    print(f"\n{file.stat().st_size / 1e6:.0f} MB, grown by {grown / 1e6:.0f} MB; read again within {held / 1e6:.0f} MB")
    assert (sent, received) == (500_000, 500_000) and held < 200_000_000
    said = zmqlive("ledger", "--limit", 20_000, file)
    assert said.stdout.startswith("PARTIAL: sent 500000 and received 500000 in all (exact)"), said


def test_a_short_burst_is_kept_whole(blast: Path, tmp_path: Path) -> None:
    with play(save=tmp_path / "burst.zmqlive") as it:
        pairs(it, blast, 1, 30_000, 0)
        assert it.wait() == 0
        ledger = it.system.trace().ledger()
    assert (ledger.sent, ledger.received, ledger.lost, ledger.from_unknown) == (30_000, 30_000, 0, 0), ledger
    assert Saved(tmp_path / "burst.zmqlive").trace().ledger() == ledger
