"""The context that an answer is handed: recorded, and not the answer's to end."""

from __future__ import annotations

import threading
import weakref
from typing import Any

import zmq
from zmqlive.recorder import Recorder
from zmqlive.recording import Context

from ..exercise import Wrong, sink_of

# Sockets that an answer closes with unsent messages hold the context for this long, not for ever.
LINGER_MS = 2000


class HandedContext(Context):
    """Makes sockets for the answer, for the check and for its peers; knows which are the answer's.

    owners: socket → the thread that made it. refused: the `Wrong` that met an answer which tried to end the
    context; kept, since the answer may have swallowed it.
    """

    one_thread_each = True  # a socket used from two threads would end the process: it raises instead
    owners: Any = None
    refused: Any = None

    @classmethod
    def make(cls, recorder: Recorder) -> HandedContext:
        """A new context whose sockets `recorder` records."""
        context = cls(recorder=recorder)
        context.owners = weakref.WeakKeyDictionary()
        context.setsockopt(zmq.LINGER, LINGER_MS)
        return context

    def socket(self, *args: Any, **kwargs: Any) -> Any:
        socket = super().socket(*args, **kwargs)
        self.owners[socket] = threading.current_thread()
        return socket

    def term(self) -> None:
        self._refuse_to_answers("term")
        super().term()

    def destroy(self, linger: int | None = None) -> None:
        self._refuse_to_answers("destroy")
        super().destroy(linger)

    def open_sockets(self) -> list[zmq.Socket[Any]]:
        """The sockets of the answer that are not closed."""
        made = list(self.owners.items())
        return [socket for socket, thread in made if sink_of(thread) is not None and not socket.closed]

    def _refuse_to_answers(self, name: str) -> None:
        if sink_of(threading.current_thread()) is not None:
            self.refused = Wrong(
                "your code terminated the context that it was handed",
                tried=f"`ctx.{name}()`, or `with ctx:`, was called",
                expected="who makes a context ends it; close your own sockets and leave the context alone",
            )
            raise self.refused


def hand_over(socket: zmq.Socket[Any]) -> None:
    """Let another thread use this socket from now on, in place of the one that made it."""
    log = getattr(socket, "_log", None)
    if log is not None:
        log.owner = 0
