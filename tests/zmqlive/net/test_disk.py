"""`Disk`: what a kill takes and what a power cut takes, told apart on real files."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from environments import HELPERS
from machine import PATIENCE
from zmqlive import Stage
from zmqlive.net import Disk

# A program that writes in one of three ways, says so, and waits to be killed.
PROGRAM = """
import io, sys
sys.path.insert(0, sys.argv[2])
from zmqlive.net import Disk
disk = Disk(sys.argv[1])
log = io.BufferedWriter(disk)
log.write(b"synced ")
log.flush()
disk.sync()
log.write(b"flushed ")
log.flush()
log.write(b"buffered ")
print("written", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """What a program left behind that was killed when it had written."""
    path = tmp_path / "log"
    command = [sys.executable, "-c", PROGRAM, str(path), str(HELPERS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stdout.readline().split() == [b"written"]
        program.kill()
        program.wait(PATIENCE)
    return path


def test_a_kill_takes_what_is_in_the_program_and_no_more(killed: Path) -> None:
    assert killed.read_bytes() == b"synced flushed "


def test_a_power_cut_takes_what_was_not_synced_as_well(killed: Path) -> None:
    with Disk(killed) as disk:
        assert (disk.size, disk.synced, disk.syncs) == (15, 7, 1)
        assert disk.power_cut() == 8
    assert killed.read_bytes() == b"synced "


def test_what_was_there_before_is_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"old ")
    with Disk(path) as disk:
        disk.write(b"new")
        assert disk.power_cut() == 3
    assert path.read_bytes() == b"old "


def test_it_goes_on_after_a_power_cut(tmp_path: Path) -> None:
    with Disk(tmp_path / "log") as disk:
        disk.write(b"1 ")
        disk.sync()
        disk.write(b"2 ")
        disk.power_cut()
        assert disk.power_cut() == 0
        disk.write(b"3 ")
        disk.sync()
        assert (disk.power_cut(), disk.syncs) == (0, 2)
        assert disk.path.read_bytes() == b"1 3 "


def test_two_objects_know_of_one_another(tmp_path: Path) -> None:
    with Disk(tmp_path / "log") as there, Disk(tmp_path / "log") as here:
        there.write(b"1 ")
        there.sync()
        there.write(b"2 ")
        assert (here.size, here.synced, here.syncs) == (4, 2, 1)
        assert here.power_cut() == 2


def test_it_is_a_raw_file_and_takes_all_of_it(tmp_path: Path) -> None:
    much = os.urandom(3_000_000)
    with Disk(tmp_path / "log") as disk:
        log = io.BufferedWriter(disk)
        log.write(b"a")
        assert disk.size == 0
        log.write(much)
        log.flush()
        assert disk.path.read_bytes() == b"a" + much
        assert disk.writable() and not disk.readable()
        log.detach()


def test_a_sync_takes_as_long_as_the_disk_is_slow(tmp_path: Path) -> None:
    with Disk(tmp_path / "log", latency=0.2) as disk:
        began = time.monotonic()
        disk.sync()
        assert time.monotonic() - began >= 0.2


def test_a_role_in_another_process_writes_to_the_same_one_and_the_cut_is_on_the_time_line(tmp_path: Path) -> None:
    def writer(ctx: object, disk: Disk) -> None:
        disk.write(b"1 ")
        disk.sync()
        disk.write(b"2 ")
        time.sleep(PATIENCE)

    with Stage(seconds=PATIENCE) as stage:
        disk = stage.disk(tmp_path / "log", name="orders", latency=0.01)
        stage.add(writer, disk, process=True)
        stage.wait(lambda _: disk.size == 4, timeout=PATIENCE)
        stage.kill("writer")
        assert disk.power_cut() == 2
        marks = [(mark.where, mark.what) for mark in stage.trace().marks]
        assert marks == [("orders", "power cut, 2 bytes lost")] and not disk.closed
    assert disk.closed and disk.path.read_bytes() == b"1 "


def test_a_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Disk(tmp_path / "nowhere" / "log")


def test_closed_twice_does_no_harm(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "log")
    disk.close()
    disk.close()
    assert disk.closed and "closed" in repr(disk)
    with pytest.raises(OSError, match="descriptor"):
        disk.write(b"1")
