"""What an answer is handed: a context, recorded and not the answer's to end; sockets, to be left as they were."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from typing import Any

import zmq
from zmqlive.recorder import Recorder
from zmqlive.recording import Context

from ..exercise import Wrong, sink_of

# Sockets that an answer closes with unsent messages hold the context for this long, not for ever.
LINGER_MS = 2000
# Options that change by themselves.
_ALIVE = {"EVENTS", "RCVMORE", "TOPICS_COUNT"}


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


class Handed:
    """A socket that was handed to an answer, and how it was then: its options, and where it is."""

    def __init__(self, socket: zmq.Socket[Any]) -> None:
        self.socket = socket
        self._before = _options(socket)

    def complaint(self, name: str, call: str) -> Wrong | None:
        """What there is to say about the state in which the answer of this name left it. In the thread that uses it."""
        if self.socket.closed:
            return Wrong(
                f"`{name}` closed the socket that it was handed",
                tried=f"`{call}`",
                expected="who makes a socket closes it; leave it open",
            )
        now = _options(self.socket)
        for option, before in self._before.items():
            if now.get(option) == before or (option == "LAST_ENDPOINT" and not before):
                continue
            if option == "LAST_ENDPOINT":
                said = f"`{name}` bound or connected the socket that it was handed to one more endpoint"
            else:
                said = f"`{name}` changed `{option.lower()}` of the socket that it was handed"
            return Wrong(
                said,
                tried=f"`{call}`",
                seen=f"`{now.get(option)!r}` in place of `{before!r}`",
                expected="whoever handed it over goes on using it: leave it as it was (`poll` waits as well)",
            )
        return None


def sockets_in(value: Any) -> Iterator[zmq.Socket[Any]]:
    """The sockets that an argument is or holds."""
    if isinstance(value, zmq.Socket):
        yield value
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from sockets_in(each)
    elif isinstance(value, dict):
        for each in (*value.keys(), *value.values()):
            yield from sockets_in(each)


def _options(socket: zmq.Socket[Any]) -> dict[str, Any]:
    """All options that can be read, by name."""
    found = {}
    for option in zmq.SocketOption:
        if option.name in _ALIVE:
            continue
        try:
            found[option.name] = socket.getsockopt(option)
        except zmq.ZMQError:      # not one of this type of socket's, or not to be read
            continue
    return found
