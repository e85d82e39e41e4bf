"""A file to be moved, and two sockets to look at its pieces by hand."""

from __future__ import annotations

import atexit
import os
import tempfile
from pathlib import Path
from typing import Any

import zmq


def a_file(pieces: int, piece: int) -> Path:
    """A file of so many pieces of `piece` random bytes, in the system's folder for such. The same one each time in this
    program; it goes with the program, if nobody has removed it before."""
    path = Path(tempfile.gettempdir()) / f"zmqcourse-23-{os.getpid()}.bin"
    with path.open("wb") as file:
        for _ in range(pieces):
            file.write(os.urandom(piece))
    atexit.unregister(_remove)
    atexit.register(_remove, path)
    return path


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def by_hand() -> tuple[zmq.Context[Any], zmq.Socket[Any], zmq.Socket[Any]]:
    """A context, a ROUTER that is bound, and Ann, a DEALER at it."""
    ctx = zmq.Context()
    router, ann = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    router.bind("inproc://file")
    ann.routing_id = b"ann"
    ann.connect("inproc://file")
    return ctx, router, ann
