"""The other end of `process`: plays one role in a process of its own.

Whatever happens to the parent, this process ends: on Linux the kernel kills it (also when it is frozen),
elsewhere the end of stdin does, and a frozen one is continued and hung up on by the system, as a member of an
orphaned process group.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import signal
import struct
import sys
import threading
from typing import Any

from ..deathwish import die_with_parent
from ..recorder import Recorder
from . import interrupts
from .ending import protect, terminate
from .errors import explain, place
from .linger import Lingering
from .parcel import EVENTS, HEAD, OUTPUT, READY, STATE, unpack
from .thread import RoleThread, halt, note_owner

_OUTPUT_LIMIT = 100_000  # characters of a role's output that are shown
_PATIENCE, _LIMIT = 0.2, 0.35  # seconds at a stop; the parent kills a little later


class Channel:
    """Writes to the parent, each thing whole and at once, so that a kill loses nothing that was said."""

    def __init__(self) -> None:
        self._file = os.dup(1)
        os.dup2(2, 1)  # what C code prints to stdout goes where its errors go
        self._lock = threading.Lock()

    def say(self, kind: bytes, content: bytes) -> None:
        data = memoryview(HEAD.pack(kind, len(content)) + content)
        with self._lock:
            while data:
                data = data[os.write(self._file, data) :]


class Printer(io.TextIOBase):
    """Stands in for sys.stdout: what a role prints appears in its stage's cell, up to a limit."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._left = _OUTPUT_LIMIT
        self._line = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._line += text
        if "\n" in text or len(self._line) > 1000:
            self.flush()
        return len(text)

    def flush(self) -> None:
        text, self._line = self._line, ""
        if self._left > 0 and text:
            self._left -= len(text)
            more = "" if self._left > 0 else "\n… and more, which is not shown.\n"
            self._channel.say(OUTPUT, (text + more).encode(errors="replace"))


class Part:
    """The one role of this process, from its arrival to its end."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._name = "the role"
        self._started = threading.Event()
        self._stopping = threading.Event()

    def play(self, package: bytes) -> None:
        """Returns when the role is over and all that it sent is delivered."""
        self._name, contents = unpack(package)
        try:
            function, args = contents()
        except Exception as exc:
            self._on_state("failed", "", exc)
            return
        self._recorder = Recorder(sink=lambda entry: self._channel.say(EVENTS, entry))
        self._context = self._recorder.context()
        self._context.__dict__["one_thread_each"] = True
        self._lingering = Lingering(self._context, on_open=note_owner, plain=True)
        protect(self._context)
        self._run = RoleThread(
            self._name,
            function,
            args,
            context=self._context,
            on_state=self._on_state,
            surroundings=self._recorder.role,
            async_context=self._async_context,
        )
        interrupts.begin()
        threading.Thread(target=self._obey, name="orders", daemon=True).start()
        self._channel.say(READY, interrupts.clock().to_bytes(8, "big"))
        self._started.wait()
        while not self._run.join(3600.0):
            continue
        if self._stopping.is_set():
            self._stopping.clear()
            threading.Event().wait(_LIMIT)  # `_stop` ends the process
        terminate(self._context)
        self._recorder.close()

    def _obey(self) -> None:
        """Does what the parent says; when it says nothing any more, it is gone."""
        while order := os.read(0, 1):
            if order == b"g":
                self._run.start()
                self._started.set()
            elif order == b"s":
                self._stop()
        os._exit(1)

    def _stop(self) -> None:
        self._stopping.set()
        self._lingering.stop()
        if self._run.alive:
            halt([self._run], terminate=lambda: terminate(self._context), patience=_PATIENCE, limit=_LIMIT)
        self._recorder.close()
        os._exit(0)

    def _async_context(self) -> Any:
        from ..recording import AsyncContext  # which brings asyncio along
        context = AsyncContext(self._context, recorder=self._recorder)
        context.__dict__["one_thread_each"] = True
        self._lingering.attach(context)
        return context

    def _on_state(self, state: str, text: str, exc: BaseException | None) -> None:
        """Tells the parent, with the place in the code: it knows the cell's text, this process does not."""
        sys.stdout.flush()
        at, error = None, None
        if exc is not None:
            at, text = place(exc), f"{self._name} failed: {explain(exc)}"
            with contextlib.suppress(Exception):
                error = pickle.dumps(exc)
        self._channel.say(STATE, pickle.dumps((state, text, tuple(at) if at else None, error)))


def _guard(parent: int) -> None:
    """An own process group, as an interrupt of the notebook is not for us; and death with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    if os.name == "posix" and os.getppid() != parent:
        os._exit(1)  # it died before it could be watched


def _read(length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = os.read(0, length - len(data))
        if not more:
            os._exit(1)
        data += more
    return data


def main() -> None:
    """Run by `python -m zmqlive.roles.inside` with the parent at the other end of stdin and stdout."""
    if os.name == "posix":
        os.setpgid(0, 0)
    _guard(*struct.unpack("!Q", _read(8)))
    (length,) = struct.unpack("!Q", _read(8))   # the role, which may come much later
    channel: Any = Channel()
    sys.stdout = sys.stderr = Printer(channel)
    try:
        Part(channel).play(_read(length))
    except OSError:
        os._exit(1)  # nobody listens any more


if __name__ == "__main__":
    main()
