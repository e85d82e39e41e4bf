"""Programs side by side, each in a process of its own: started, heard, and ended together as a shell would end them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ..hook import PARENT
from .watch import Watch

GRACE = 5.0         # seconds that programs have to end after Ctrl-C
HARD = 2.0          # and after SIGTERM
LOOK = 0.05         # seconds between two looks at who has ended
_GROUP: dict[str, Any] = {"start_new_session": True} if os.name == "posix" else {}


@dataclass(frozen=True)
class Command:
    """One program of the command line, and how many of it."""

    words: tuple[str, ...]
    count: int = 1

    @property
    def name(self) -> str:
        words = [word for word in self.words if word != "-m"]
        path = Path(next((word for word in words if word.endswith(".py")), words[0]))
        return path.parent.name if path.stem == "__main__" else path.stem if path.suffix == ".py" else path.name

    def line(self) -> list[str]:
        """What is started: a Python file and `-m module` by this Python, anything else as it is."""
        python = self.words[0].endswith(".py") or self.words[0] == "-m"
        return [*([sys.executable] if python else []), *self.words]


def commands(words: Sequence[str]) -> list[Command]:
    """`a.py -- b.py --n 3 x -- c.py` as programs: `--n` right behind a program's name says how many; all the rest is
    the program's own. Raises ValueError for a command line that names none, or a count that is none."""
    found: list[Command] = []
    part: list[str] = []
    for word in [*words, "--"]:
        if word != "--":
            part.append(word)
        elif part:
            found.append(_command(part))
            part = []
    if not found:
        raise ValueError("Which programs? Name them with -- in between: zmqlive run server.py -- client.py")
    return found


def _command(part: list[str]) -> Command:
    named = 2 if part[0] == "-m" else 1
    if len(part) < named:
        raise ValueError("-m of what?")
    program, rest, count = part[:named], part[named:], 1
    if rest[:1] == ["--n"]:
        if not rest[1:] or not rest[1].isdigit() or not 0 < int(rest[1]) <= 1000:
            raise ValueError(f"--n {' '.join(rest[1:2])}: how many of {program[-1]}? A number, from 1 on.")
        count, rest = int(rest[1]), rest[2:]
    if program[0].endswith(".py") and not Path(program[0]).exists():
        raise ValueError(f"There is no {program[0]}.")
    return Command((*program, *rest), count)


@dataclass
class Running:
    """One process."""

    role: str
    process: subprocess.Popen[bytes]
    code: int | None = None
    asked: bool = False         # to end, by us
    ears: list[threading.Thread] = field(default_factory=list)


class Runner:
    """Runs programs and records them in `system`. For one thread; `interrupt` may come from a signal handler."""

    def __init__(self, system: Watch, *, out: IO[str] | None = None) -> None:
        self.system = system
        self.programs: list[Running] = []
        self._interrupts = 0
        self._out, self._talk = out or sys.stdout, threading.Lock()
        self._typed: threading.Thread | None = None

    def start(self, command: Command) -> None:
        """Start all of a command. Raises OSError when it cannot be started."""
        for _ in range(command.count):
            with self.system.starting:
                process = subprocess.Popen(
                    command.line(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    env={**os.environ, **self.system.environment(), "PYTHONUNBUFFERED": "1",
                         PARENT: str(os.getpid())}, **_GROUP)
                one = Running(self.system.expect(process.pid, command.name), process)
            self.programs.append(one)
            ear = threading.Thread(target=self._hear, args=(one,), name=f"output of {one.role}", daemon=True)
            one.ears.append(ear)
            ear.start()

    def interrupt(self) -> None:
        """Ctrl-C: all are to end. Again: those that do not are told more clearly, at once."""
        self._interrupts += 1

    @property
    def interrupted(self) -> bool:
        return self._interrupts > 0

    def wait(self, *, seconds: float | None = None, until: str = "") -> int:
        """Until all have ended, so many seconds are over, those whose names begin with `until` have ended, or Ctrl-C;
        then all are ended. Returns the worst of their exit codes (128 and the signal's number for a signal)."""
        self._listen()
        end = None if seconds is None else time.monotonic() + seconds
        while not self._interrupts and self._look():
            if end is not None and time.monotonic() > end:
                break
            if until and all(one.code is not None for one in self.programs if one.role.startswith(until)):
                break
            time.sleep(LOOK)
        if any(one.code is None for one in self.programs):
            self._end()
        for one in self.programs:
            if one.asked or (one.code or 0) < 0:        # it could not see to the end of its own children
                _signal_group(one.process.pid, signal.SIGTERM)
        for one in self.programs:
            for ear in one.ears:
                ear.join(1.0)       # a child of it may hold its output open
        return max([130 if self._interrupts else 0, *map(_badness, self.programs)])

    # --- ending

    def _end(self) -> None:
        """As a shell: Ctrl-C to each, in the order in which they were started; what stays is told more clearly."""
        self.system.stopping()
        for number, patience in ((signal.SIGINT, GRACE), (signal.SIGTERM, HARD), (_KILL, 60.0)):
            for one in self.programs:
                if one.code is None:
                    one.asked = number != _KILL
                    _signal(one.process, number)
            until, before = time.monotonic() + patience, self._interrupts
            while self._look() and time.monotonic() < until and (number == _KILL or self._interrupts == before):
                time.sleep(LOOK)
            if not self._look():
                return

    def _look(self) -> bool:
        """Book who has ended. Returns whether somebody runs."""
        for one in self.programs:
            if one.code is None and (code := one.process.poll()) is not None:
                one.code = code
                self.system.ended(one.process.pid, one.role, *_how(one))
        return any(one.code is None for one in self.programs)

    # --- what they say, and what is typed

    def _hear(self, one: Running) -> None:
        assert one.process.stdout is not None
        for line in one.process.stdout:
            text = line.decode(errors="replace").rstrip("\r\n")
            with self._talk, contextlib.suppress(OSError):      # nobody listens any more: the program goes on
                print(f"{one.role} | {text}", file=self._out, flush=True)
        one.process.stdout.close()

    def _listen(self) -> None:
        """What is typed goes to every program."""
        self._typed = threading.Thread(target=self._hand_on, name="keyboard", daemon=True)
        self._typed.start()

    def _hand_on(self) -> None:
        pipes = [one.process.stdin for one in self.programs if one.process.stdin is not None]
        for pipe in pipes:
            if hasattr(os, "set_blocking"):
                os.set_blocking(pipe.fileno(), False)       # a program that does not read must not hold up the others
        try:
            while line := os.read(0, 4096):
                for pipe in pipes:
                    _type(pipe, line)
        except OSError:
            pass            # there is no keyboard
        for pipe in pipes:
            _close(pipe)


_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    if _GROUP:
        _signal_group(process.pid, number)      # its children as well, as a terminal does
        return
    with contextlib.suppress(OSError, ValueError):      # gone this moment, or a system without this signal
        process.send_signal(number)


def _signal_group(leader: int, number: int) -> None:
    if _GROUP:
        with contextlib.suppress(OSError):      # there is nobody left in it
            os.killpg(leader, number)


def _type(pipe: Any, line: bytes) -> None:
    with contextlib.suppress(OSError, ValueError):
        os.write(pipe.fileno(), line)


def _close(pipe: Any) -> None:
    with contextlib.suppress(OSError):
        pipe.close()


def _how(one: Running) -> tuple[str, str]:
    """State and text for the picture."""
    code = one.code or 0
    if code == 0:
        return "ended", ""
    if one.asked and -code in (signal.SIGINT, signal.SIGTERM):
        return "stopped", ""
    if code < 0:
        name = signal.Signals(-code).name if -code in list(signal.Signals) else f"signal {-code}"
        return "killed" if -code == _KILL else "failed", name
    return "failed", f"exit code {code}"


def _badness(one: Running) -> int:
    code = one.code or 0
    if one.asked and -code in (signal.SIGINT, signal.SIGTERM):
        return 0
    return 128 - code if code < 0 else code
