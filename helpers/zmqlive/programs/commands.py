"""Any system of ZeroMQ programs in one picture.

zmqlive run [OPTIONS] server.py -- worker.py --n 3 -- client.py
                                   run programs as they are, each in a process of its own, and record them
zmqlive watch [OPTIONS]            record programs that are started elsewhere; it says with what in their environment
zmqlive show FILE                  a saved record as a page in the browser
zmqlive ledger FILE                what became of its messages
zmqlive diagnose FILE              what is wrong, with the evidence
zmqlive dump PID                   what each thread of a recorded program is doing now, without ending it
zmqlive hook on|off|state          let ZMQLIVE alone record a program of this Python, without PYTHONPATH

`zmqlive COMMAND --help` has the options. Without the script: `python -m zmqlive …`.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..trace import Trace
from .dump import dump
from .environment import hook
from .run import Runner, commands
from .saved import BadFile, Saved
from .server import Page
from .system import LIMIT, System
from .watch import Watch

Options = argparse.Namespace


def report(trace: Trace) -> dict[str, Any]:
    """Ledger and diagnosis, as the page shows them."""
    return {"seconds": round(trace.seconds, 1), "ledger": str(trace.ledger()),
            "diagnosis": [{"sentence": d.sentence, "evidence": d.evidence, "lesson": d.lesson}
                          for d in trace.diagnosis()]}


def _print_report(system: System) -> None:
    trace = system.trace()
    print(f"\n{trace.ledger()}")
    _print_diagnosis(trace)


def _print_diagnosis(trace: Trace) -> None:
    found = trace.diagnosis()
    print("\n".join(["", "Diagnosis:", *(f"  {i}. {d}" for i, d in enumerate(found, 1))]) if found
          else "\nNo diagnosis: nothing that was recorded is known to be a fault.")


# --- run and watch


def run(options: Options) -> int:
    """Run programs side by side; the exit code is the worst of theirs."""
    try:
        programs = commands(options.programs)
        system = Watch(" · ".join(dict.fromkeys(p.name for p in programs)), save=options.save, limit=options.limit)
    except (ValueError, OSError) as error:
        return _refuse(error)
    runner = Runner(system)
    if hasattr(signal, "SIGTTIN"):      # in a shell's background, reading the keyboard would stop us
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    told: list[int] = []        # signals: whoever is told to end otherwise than by Ctrl-C keeps no page either
    with _page(system, options) as page, _on_interrupt(runner.interrupt, told):
        code = 0
        try:
            for program in programs:
                runner.start(program)
        except OSError as error:
            runner.interrupt()
            code = _refuse(error)
        code = max(code, runner.wait(seconds=options.seconds, until=options.until or ""))
        _finish(system)
        if page and options.keep and set(told) <= {signal.SIGINT}:
            system.close()      # the picture has ended, and says so, also to who looks later
            _stay(page)
    return code


def watch(options: Options) -> int:
    """Record whoever comes, until Ctrl-C."""
    try:
        system = Watch(folder=options.at, save=options.save, limit=options.limit)
    except OSError as error:
        return _refuse(error)
    over = threading.Event()
    with _page(system, options), _on_interrupt(over.set):
        print(f"Start programs with\n\n    {system.invitation()} python …\n\nCtrl-C ends the record, not the programs.",
              flush=True)
        _wait(over, options.seconds)
        _finish(system)
    return 0


def _finish(system: Watch) -> None:
    system.collect()
    trace_end = system.problems
    system.end()
    for problem in trace_end:
        print(f"zmqlive: {problem}", file=sys.stderr)
    _print_report(system)
    sys.stdout.flush()


@contextlib.contextmanager
def _page(system: System, options: Options) -> Iterator[Page | None]:
    if options.no_page:
        yield None
        system.close()
        return
    page = Page(system, lambda: report(system.trace()))
    try:
        _tell(page, options)
        yield page
    finally:
        system.close()
        page.farewell()
        page.close()


def _tell(page: Page, options: Options) -> None:
    print(f"The picture: {page.address}", flush=True)
    if options.open:
        webbrowser.open(page.address)


def _stay(page: Page) -> None:
    over = threading.Event()
    with _on_interrupt(over.set):
        print(f"\nThe page stays until Ctrl-C: {page.address}", flush=True)
        _wait(over, None)


def _wait(over: threading.Event, seconds: float | None) -> None:
    """In steps: on some systems a signal does not end a long wait."""
    left = seconds if seconds is not None else float("inf")
    while left > 0 and not over.wait(min(0.2, left)):
        left -= 0.2


@contextlib.contextmanager
def _on_interrupt(do: Callable[[], None], told: list[int] | None = None) -> Iterator[None]:
    """Ctrl-C, and being told to end, do this; `told` gets the signals."""
    def hear(number: int, _frame: object) -> None:
        if told is not None:
            told.append(number)
        do()

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, hear) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- saved records


def show(options: Options) -> int:
    """Serve a saved record as a page, until Ctrl-C."""
    saved = Saved(options.file, limit=options.limit)
    _remark(saved)
    trace = saved.trace()
    page = Page(_Kept(trace), lambda: report(trace), live=False)
    try:
        _tell(page, options)
        if not options.seconds:
            print("It stays until Ctrl-C.", flush=True)
        over = threading.Event()
        with _on_interrupt(over.set):
            _wait(over, options.seconds)
    finally:
        page.close()
    return 0


class _Kept:
    """A trace, as what a page asks."""

    def __init__(self, trace: Trace) -> None:
        self.title, self.trace = trace.title, lambda: trace


def ledger(options: Options) -> int:
    """Print what became of a saved record's messages."""
    saved = Saved(options.file, limit=options.limit)
    _remark(saved)
    print(saved.trace().ledger(options.source, options.sink))
    return 0


def diagnose(options: Options) -> int:
    """Print what is wrong in a saved record. Exit code 0 when nothing is, else 1."""
    saved = Saved(options.file, limit=options.limit)
    _remark(saved)
    trace = saved.trace()
    _print_diagnosis(trace)
    return 1 if trace.diagnosis() else 0


def _remark(saved: Saved) -> None:
    if saved.remark:
        print(f"zmqlive: {saved.remark}", file=sys.stderr)


def _refuse(error: Exception) -> int:
    print(f"zmqlive: {error}", file=sys.stderr)
    return 2


# --- the command line


def parser() -> argparse.ArgumentParser:
    """Everything that can be asked."""
    top = argparse.ArgumentParser("zmqlive", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(do: Callable[[Options], int], usage: str | None = None) -> argparse.ArgumentParser:
        one = kinds.add_parser(do.__name__, help=do.__doc__, description=do.__doc__, usage=usage)
        one.set_defaults(do=do)
        return one

    def recording(one: argparse.ArgumentParser) -> None:
        one.add_argument("--save", metavar="FILE", help="write the record to this file as it comes")
        one.add_argument("--seconds", type=float, metavar="S", help="end after so many seconds")
        one.add_argument("--no-page", action="store_true", help="serve no page")
        page(one)

    def page(one: argparse.ArgumentParser) -> None:
        one.add_argument("--open", action="store_true", help="open the page in the browser")
        limit(one)

    def limit(one: argparse.ArgumentParser) -> None:
        one.add_argument("--limit", type=int, default=LIMIT, metavar="N",
                         help="frames that are kept in memory, the newest (%(default)s); counts stay exact")

    one = command(run, "zmqlive run [OPTIONS] PROGRAM [--n COUNT] [ITS OWN ARGUMENTS] [-- PROGRAM …]")
    recording(one)
    one.add_argument("--until", metavar="NAME", help="end all when the programs whose names begin so have ended")
    one.add_argument("--keep", action="store_true", help="the page stays when all have ended, until Ctrl-C")
    one.epilog = "A PROGRAM is a Python file, -m MODULE, or any command; `--n 3` right behind it starts three."
    one = command(watch)
    recording(one)
    one.add_argument("--at", metavar="FOLDER", help="the folder that programs write into (default: a new one)")
    one = command(show)
    page(one)
    one.add_argument("--seconds", type=float, metavar="S", help="end after so many seconds")
    one.add_argument("file")
    one = command(ledger)
    limit(one)
    one.add_argument("--source", metavar="NAME", help="only what programs sent whose names begin so")
    one.add_argument("--sink", metavar="NAME", help="only what programs received whose names begin so")
    one.add_argument("file")
    one = command(diagnose)
    limit(one)
    one.add_argument("file")
    one = command(dump)
    one.add_argument("pid", type=int)
    one = command(hook)
    one.add_argument("what", choices=["on", "off", "state"])
    return top


def _programs_begin(words: list[str]) -> int:
    """Where on the command line of `run` its own options end: what follows is the programs' and theirs alone."""
    at = 1
    while words[:1] == ["run"] and at < len(words):
        if words[at] in ("--save", "--seconds", "--until", "--limit"):
            at += 2
        elif words[at].startswith("-") and words[at] not in ("-m", "--"):
            at += 1
        else:
            return at
    return len(words)


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
    words = list(sys.argv[1:] if words is None else words)
    begin = _programs_begin(words)
    options = parser().parse_args(words[:begin])
    options.programs = words[begin:]
    try:
        return options.do(options)
    except (BadFile, OSError) as error:
        return _refuse(error)
