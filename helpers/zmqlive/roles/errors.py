"""Errors of a stage, and plain pyzmq errors told in one sentence.

    StageError              something asked of a stage that it cannot do
    ├── RoleFailed          a role raised; the role's own exception is the cause
    └── StageTimeout        a condition did not come true in time

In a notebook each shows its sentence alone, without a traceback: the sentence says what happened and what to
do.
"""

from __future__ import annotations

import errno
import linecache
import os
import re
import sysconfig
import traceback
from types import TracebackType
from typing import NamedTuple

import zmq


class StageError(Exception):
    """Something asked of a stage that it cannot do. The text says what, and what to do instead."""

    def _render_traceback_(self) -> list[str]:
        # IPython calls this instead of drawing a traceback through code that the learner did not write.
        return [f"{type(self).__name__}: {self}"]


class RoleFailed(StageError):
    """A role raised an exception; `role` is its name, `__cause__` the exception itself."""

    def __init__(self, sentence: str, *, role: str = "") -> None:
        super().__init__(sentence)
        self.role = role


class StageTimeout(StageError, TimeoutError):
    """What a stage waited for did not happen in time."""


class Place(NamedTuple):
    """A line of the learner's code."""

    filename: str
    line: int
    function: str = ""

    def __str__(self) -> str:
        of = "your cell" if _is_cell(self.filename) else os.path.basename(self.filename)
        code = linecache.getline(self.filename, self.line).strip()
        return f"line {self.line} of {of}" + (f": `{code}`" if code else "")


def explain(exc: BaseException) -> str:
    """One sentence that says what happened and what to do, for any exception that pyzmq code raises."""
    if isinstance(exc, StageError):
        return str(exc)
    if isinstance(exc, zmq.ZMQError):
        return _explain_zmq(exc)
    if isinstance(exc, zmq.ZMQBindError):
        return f"No free port was found: {exc}. Ask for fewer sockets, or a wider range of ports."
    if isinstance(exc, TypeError):
        return _explain_type_error(exc)
    text = str(exc)
    return f"{type(exc).__name__}: {text}" if text else type(exc).__name__


def place(exc: BaseException) -> Place | None:
    """The innermost line that is not Python's own, a library's, or ours: where the learner looks first."""
    found = None
    tb: TracebackType | None = exc.__traceback__
    for frame, line in traceback.walk_tb(tb):
        filename = frame.f_code.co_filename
        if not is_library(filename):
            found = Place(filename, line, frame.f_code.co_name)
    return found


def tell(role: str, exc: BaseException, at: Place | None = None) -> str:
    """The sentence for a role that raised: who, what, where."""
    at = at or place(exc)
    return f"{role} failed: {explain(exc)}" + (f" ({at})" if at else "")


_TEXT_FOR_BYTES = (
    'A message is bytes, and this is a str: write b"…", or text.encode(), or use send_string / send_json.'
)
_OPTION_TEXT = (
    'This option wants bytes, and this is a str: write b"…", or use the method that ends in _string.'
)


def _explain_type_error(exc: TypeError) -> str:
    text = str(exc)
    if "send_string" in text:
        return _TEXT_FOR_BYTES
    if "setsockopt_string" in text:
        return _OPTION_TEXT
    if frame := re.match(r"Frame (\d+) \((.*)\) does not support the buffer", text, re.DOTALL):
        what = frame[2] if len(frame[2]) < 60 else frame[2][:57] + "…"
        return f"Frame {frame[1]} of the message is {what}, but each frame is bytes: encode it first."
    if "bytes-like object is required" in text:
        kind = text.rpartition("not ")[2].strip("'")
        return f"A message is bytes, and this is {_a(kind)}: encode it (str(x).encode()) or use send_json."
    if "multiple" not in text and ("str objects only" in text or "strings only" in text):
        return "This method takes a str, and was given something else: for bytes use the one without _string."
    return f"TypeError: {text}"


def _explain_zmq(exc: zmq.ZMQError) -> str:
    address = re.search(r"\(addr='(.*?)'\)", str(exc))
    where = address[1] if address else ""
    sentence = _SENTENCES.get(exc.errno or 0)
    if sentence is None:
        return f"{type(exc).__name__}: {exc}"
    if exc.errno == errno.EINVAL:
        return sentence.format(where=where) if where else _EINVAL_OPTION
    return sentence.format(where=where or "this endpoint")


_EINVAL_OPTION = (
    "Invalid argument: this option does not exist for this type of socket, or not with this value "
    "(only a SUB can subscribe, for example)."
)
_SENTENCES: dict[int, str] = {
    zmq.EADDRINUSE: (
        "{where} is already in use: another socket is bound to it. If that is the one you want to talk to, connect "
        "instead of bind; otherwise close it, or bind to a free endpoint (tcp://127.0.0.1:* takes any)."
    ),
    zmq.EFSM: (
        "Not this socket's turn: a REQ sends, then receives, then sends again; a REP receives, then replies. "
        "Do the other step first."
    ),
    zmq.ETERM: "The context was terminated, so this call ends: close the socket and leave.",
    zmq.ENOTSUP: (
        "This type of socket cannot do that: a PUSH or PUB only sends, a PULL or SUB only receives. "
        "Is it the type that you meant?"
    ),
    zmq.EFAULT: (
        "A socket belongs to the thread that made it, and this is another one: make a socket in each thread "
        "(they may share the context)."
    ),
    zmq.ENOTSOCK: "This socket is closed already: make a new one, or close it later.",
    errno.EINVAL: (
        "'{where}' is not an endpoint to go to: one looks like tcp://127.0.0.1:5555, ipc:///tmp/name or inproc://name. "
        "A * is for bind alone; last_endpoint then tells what became of it."
    ),
    zmq.EHOSTUNREACH: (
        "No peer with this routing id is connected, and with ROUTER_MANDATORY a ROUTER says so. "
        "Is the first frame the routing id, and has that peer connected?"
    ),
    zmq.EPROTONOSUPPORT: "'{where}' names an unknown transport: use tcp://, ipc:// or inproc://.",
    zmq.ENOCOMPATPROTO: "This type of socket cannot use that transport: use tcp, ipc or inproc.",
    zmq.EADDRNOTAVAIL: (
        "{where} is not an address of this machine: bind to 127.0.0.1, or connect to it instead."
    ),
    errno.ENODEV: "{where} cannot be bound: it names no address or network card of this machine.",
    errno.ENOENT: (
        "{where} is not there: nothing of this socket is bound or connected to it "
        "(or the folder does not exist)."
    ),
    errno.EACCES: "{where} may not be used: you lack the permission (ports below 1024 need more rights).",
    zmq.EAGAIN: (
        "Nothing could be done at once: there was no message to receive or no room to send, "
        "and the call was told not to wait longer (NOBLOCK, or a time limit on the socket)."
    ),
    errno.EMFILE: "Too many sockets: close those that you do not need, or raise the context's MAX_SOCKETS.",
    zmq.ECONNREFUSED: "Nobody is bound to {where}: bind first, or check the name.",
}
_SENTENCES.setdefault(
    errno.EADDRINUSE, _SENTENCES[zmq.EADDRINUSE]
)  # on Windows libzmq has numbers of its own

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LIBRARIES = tuple(
    {
        os.path.dirname(os.path.abspath(zmq.__file__)),
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platstdlib"),
        _HERE,
    }
)


def is_library(filename: str) -> bool:
    """Whether a file is Python's own, an installed library's, or this package's."""
    if filename.startswith("<frozen") or "site-packages" in filename or "dist-packages" in filename:
        return True
    # zmq/backend/cython/_zmq.py shows up with a path relative to its own build
    return filename.startswith((*_LIBRARIES, "zmq" + os.sep, "zmq/"))


def _is_cell(filename: str) -> bool:
    return "ipykernel_" in filename or filename.startswith("<")


def _a(kind: str) -> str:
    return f"an {kind}" if kind[:1] in "aeiou" else f"a {kind}"
