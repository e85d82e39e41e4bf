"""The page: what it shows in a browser, and whom it answers."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
from browser_view import open_browser
from environments import ROOT
from machine import PATIENCE
from systems import GUIDE, begin, play, until
from zmqlive.programs import Page

SHOTS = ROOT / "build" / "shots"


@contextmanager
def running(*words: Any, **how: Any) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`python -m zmqlive …` and the address that it has printed; ended by Ctrl-C."""
    process = begin(*words, **how)
    assert process.stdout is not None
    try:
        found = re.search(r"The picture: (\S+)", process.stdout.readline())
        assert found
        yield process, found[1]
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def ask(port: int, path: str, *, host: str = "", method: str = "GET", body: str | None = None,
        kind: str = "application/json") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path, body=body, headers={"Host": host or f"127.0.0.1:{port}"} | (
            {"Content-Type": kind} if body is not None else {}))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def said(page: Any, ledger: str) -> None:
    """Wait for the ledger below the picture. (The page's policy forbids scripts of others, also a test's.)"""
    page.locator("#ledger", has_text=ledger).wait_for(timeout=PATIENCE * 1000)


def number(page: Any, what: str) -> int:
    return int(re.sub(r"\D", "", page.locator(".zl-stat", has_text=what).inner_text()) or 0)


@pytest.mark.browser
def test_the_live_page_in_a_browser(tmp_path: Path) -> None:
    there = f"ipc://{tmp_path}/there"
    with running("run", "--keep", "--until", "slow_client", "--save", tmp_path / "run.zmqlive", GUIDE / "server.py",
                 there, "--", GUIDE / "slow_client.py", "--n", 2, there, 60) as (_, address), open_browser() as browser:
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme, viewport={"width": 1000, "height": 900})
            wrong: list[str] = []
            page.on("pageerror", lambda error, wrong=wrong: wrong.append(str(error)))
            page.on("console", lambda said, wrong=wrong: wrong.append(said.text) if said.type == "error" else None)
            page.goto(address)
            page.wait_for_selector("canvas")
            if scheme == "light":       # it moves
                until(lambda page=page: number(page, "received") > 20)
            said(page, "sent 240 · received 240")
            until(lambda page=page: number(page, "received") == 240)
            assert "Nothing to say" in page.inner_text("#diagnosis")
            assert "server · slow_client" in page.title() and not wrong, wrong
            page.screenshot(path=SHOTS / f"run-{scheme}.png")
            page.close()
    with running("show", tmp_path / "run.zmqlive") as (_, address), open_browser() as browser:
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        page.goto(address)
        said(page, "received 240")
        page.screenshot(path=SHOTS / "run-saved.png")


CREW = """
import multiprocessing, sys, threading, time, zmq
def answer(ctx):
    s = ctx.socket(zmq.REP); s.bind("inproc://desk"); ready.set()
    for _ in range(30): s.send(s.recv())
    s.close()
def listen(there):
    with zmq.Context() as ctx, ctx.socket(zmq.SUB) as s: s.connect(there); s.subscribe(b""); s.recv()
if __name__ == "__main__":
    ready, ctx = threading.Event(), zmq.Context()
    pub = ctx.socket(zmq.PUB); port = pub.bind_to_random_port("tcp://127.0.0.1")
    child = multiprocessing.get_context("fork").Process(target=listen, args=(f"tcp://127.0.0.1:{port}",)); child.start()
    desk = threading.Thread(target=answer, args=(ctx,), name="desk"); desk.start(); ready.wait()
    s = ctx.socket(zmq.REQ); s.connect("inproc://desk")
    for i in range(30): s.send(b"x"); s.recv(); time.sleep(0.02)
    while child.is_alive(): pub.send(b"over"); child.join(0.02)
    desk.join(); s.close(); pub.close(); ctx.term()
"""


@pytest.mark.browser
def test_threads_and_children_stand_in_their_programs_frame(tmp_path: Path) -> None:
    (tmp_path / "crew.py").write_text(CREW)
    with running("run", "--keep", tmp_path / "crew.py", "--n", 2) as (_, address), open_browser() as browser:
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme, viewport={"width": 1000, "height": 700})
            page.goto(address)
            for program in ("crew", "crew 2"):
                page.locator(f".zl canvas[aria-label*='program {program}: ']").wait_for(timeout=PATIENCE * 1000)
                label = page.get_attribute(".zl canvas[aria-label]", "aria-label")
                words = re.search(f"Within the program {program}: ([^.]+)", label)[1].split(", ")
                assert set(words) == {"main", "desk", "ForkProcess-1"}, label
            said(page, "sent ")
            page.screenshot(path=SHOTS / f"run-threads-{scheme}.png")
            page.close()


@pytest.mark.browser
def test_a_page_that_looks_has_the_last_word_when_all_is_over(tmp_path: Path) -> None:
    there = f"ipc://{tmp_path}/there"
    with running("run", GUIDE / "server.py", there, "--", GUIDE / "slow_client.py", there,
                 1_000_000) as (process, address), open_browser() as browser:
        page = browser.new_page()
        page.goto(address)
        until(lambda: number(page, "received") > 5)
        process.send_signal(signal.SIGINT)
        said(page, "sent ")
        process.wait(PATIENCE)
        counts = re.search(r"sent \d+ · received (\d+)", page.inner_text("#ledger"))
        assert counts
        until(lambda: number(page, "received") == int(counts[1]))


@pytest.mark.browser
def test_a_stranger_s_record_runs_no_script(tmp_path: Path) -> None:
    """Names come from whoever made the file; on the page they are text."""
    name = "<img src=x onerror=alert(1)>"
    (tmp_path / f"{name[:4]}.py").write_text("")
    with play(save=tmp_path / "x.zmqlive") as it:
        it.system.expect(os.getpid(), name)
    with running("show", tmp_path / "x.zmqlive") as (_, address), open_browser() as browser:
        page = browser.new_page()
        alerts: list[Any] = []
        page.on("dialog", lambda dialog: (alerts.append(dialog), dialog.dismiss()))
        page.goto(address)
        said(page, "sent 0")
        assert page.query_selector("img") is None and not alerts


def test_only_who_knows_the_secret_is_answered_and_only_here() -> None:
    with play() as it:
        page = Page(it.system, lambda: {"ledger": "none"})
        try:
            port, token = page.port, page.token
            good = f"/{token}/"
            assert ask(port, good)[0] == 200 and ask(port, f"{good}report.json") == (200, '{"ledger": "none"}')
            assert json.loads(ask(port, f"{good}what.json")[1]) == {"title": "a test", "live": True}
            for path in ("/", "/what.json", f"/{token[:-1]}/what.json", f"{good}../x", f"{good}replay.json",
                         f"{good}commands.py", f"{good}..%2fserver.py"):
                assert ask(port, path)[0] == 404, path
            assert ask(port, good, host="evil.example")[0] == 404           # a name that leads here
            assert ask(port, good, host=f"evil.example:{port}")[0] == 404
            assert ask(port, f"{good}say", method="POST", body='{"look": true}')[0] == 200
            assert ask(port, f"{good}say", method="POST", body="{}", kind="text/plain")[0] == 404   # another's form
            assert ask(port, f"{good}say", method="POST", body="not json")[0] == 400
            assert ask(port, f"{good}say", method="POST", body="[1]")[0] == 200
            assert ask(port, f"{good}say", method="POST", body="x" * 20_000)[0] == 404
            listens = {c.laddr.ip for c in psutil.Process().net_connections("tcp")
                       if c.status == "LISTEN" and c.laddr.port == port}
            assert listens == {"127.0.0.1"}
        finally:
            page.close()


def test_batches_come_as_events_and_a_page_that_goes_leaves_nothing() -> None:
    with play() as it:
        page = Page(it.system, dict)
        try:
            host = urlsplit(page.address)
            connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=60)
            connection.request("GET", f"{host.path}events?view=a")
            stream = connection.getresponse()
            assert stream.getheader("Content-Type", "").startswith("text/event-stream")
            seen: list[dict[str, Any]] = []

            def next_with(key: str) -> None:
                while not seen or key not in seen[-1]:
                    line = stream.readline()
                    assert line in (b"\n", b": still here\n") or line.startswith(b"data: "), line
                    seen.extend([json.loads(line[6:])] if line[:1] == b"d" else [])

            next_with("history")        # what was until now comes first,
            next_with("now")            # then what is new
            assert ask(page.port, f"{host.path}say", method="POST", body='{"ask": "history", "view": "a"}')[0] == 200
            next_with("history")
            stream.close()
            connection.close()
            until(lambda: not page._seats)
        finally:
            page.close()
