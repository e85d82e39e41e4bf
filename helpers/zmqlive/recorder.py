"""The recorder: gathers what the sockets write down, keeps a bounded store of it, and answers with a `Trace`.

    recorder = Recorder("my system")
    ctx = recorder.context()            # a zmq.Context whose sockets are recorded
    …
    trace = recorder.trace()

or, for a program that was written for plain pyzmq and stays as it is:

    with zmqlive.record() as trace:
        main()
    print(trace.ledger())
"""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import zmq
from zmq.backend import Socket as Backend

from . import live, recording  # their parts come when they are first asked for
from . import trace as data
from .recording import Context, Log, Ship, ShippedLog, everywhere, hooks, is_recorded, names, now

if TYPE_CHECKING:
    from .live import Feed, Queues
    from .recording import AsyncContext
    from .trace import Ledger, Mark, RoleEvent, Trace

EXACT = 100_000         # messages a second (sent and received count apart) up to which each one is kept
LATE = (0.002, 0.01, 0.03, 0.0)     # seconds that a trace waits for what a sender has not written down yet
LIMIT = 400_000         # frames kept, about 100 bytes each and three times as much while they are being matched

hooks.install()     # now, and not with the first recorder: a program may take `zmq.proxy` as a value before that

_recording = everywhere.running      # the innermost `record` is the one that records


class Recorder:
    """Records the sockets of its contexts.

    `exact=True` keeps every message at any rate; otherwise more than 100,000 a second are counted, and a sample of them
    kept. `limit` bounds the memory: so many frames are kept, the oldest go first; counts stay exact. With a `sink`,
    nothing is kept: each entry goes there as bytes at once, for another process's recorder to `ingest`.
    Raises nothing of its own; `close()` ends its thread, and a recorder that is dropped ends by itself.
    """

    def __init__(self, title: str = "", *, exact: bool = False, limit: int = LIMIT, sink: Ship | None = None) -> None:
        self.title = title
        self._keep_all = exact
        self.began = now()
        self.store = recording.Store(limit)
        self.roles: list[RoleEvent] = []
        self.marks: list[Mark] = []
        self.links: list[tuple[str, str, str]] = []     # (endpoint, what it leads to, name) of each relay
        self.stopped = 0        # ns: what closes from here on was closed by the stage's stop, and loses nothing
        self._multipart = recording.Switch(on=sink is not None)
        self._sink = sink
        self._harbour = recording.Harbour(self._open)
        self._monitors = recording.Monitors()
        self.lock = threading.Lock()
        self._names = names.Names()
        self._closed = threading.Event()
        self._retired = False
        self._matching: Any = None      # what the last trace has matched
        threading.Thread(target=recording.collect_until_closed, args=(weakref.ref(self), self._closed),
                         name="zmqlive-recorder", daemon=True).start()
        weakref.finalize(self, self._closed.set)
        weakref.finalize(self, self._monitors.close)
        everywhere.alive.add(self)

    # --- what is recorded

    def context(self, io_threads: int = 1) -> Context:
        """A new `zmq.Context` whose sockets are recorded here."""
        return Context(io_threads, recorder=self)

    def async_context(self, io_threads: int = 1) -> AsyncContext:
        """A new `zmq.asyncio.Context` whose sockets are recorded here."""
        return recording.AsyncContext(io_threads, recorder=self)

    def socket_maker(self, context: Any, base: Any) -> Callable[..., Any]:
        """What a context calls in place of `base(context, type)` to get a recorded socket."""
        def make(context: Any, socket_type: int, **kwargs: Any) -> Any:
            if not isinstance(base, type):      # any function may make a context's sockets
                return self.adopt(base(context, socket_type, **kwargs))
            log = self.new_log()
            socket = everywhere.recorded_class(base, log)(context, socket_type, **kwargs)
            self._enter(log, socket)
            return socket
        return make

    def adopt(self, socket: Any) -> Any:
        """Record a socket that was made without us, from here on."""
        if not is_recorded(socket):
            log = self.new_log()
            everywhere.give_class(socket, log)
            self._enter(log, socket)
        return socket

    def _enter(self, log: Log, socket: Any) -> None:
        context, kind = socket.context, Backend.get(socket, zmq.TYPE)
        if kind in (zmq.ROUTER, zmq.STREAM):
            self._multipart.turn_on()       # they put a routing id before each message
        name = zmq.SocketType(kind).name if kind in list(zmq.SocketType) else str(kind)
        log.watch, log.unwatch = self._monitors.watch, self._monitors.release
        if getattr(context, "one_thread_each", False):
            log.belongs_to(threading.get_ident())
        if isinstance(log, ShippedLog):
            log.opened(name, self.role_name(), context.underlying)
        else:
            # What a trace and a view need is loaded with the first socket: later there may be no descriptors left.
            assert live.Feed and recording.build
            with self.lock:
                self.store.add(log, name, self.role_name(), context.underlying)

    def new_log(self) -> Log:
        """What a new socket writes to."""
        with self.lock:
            id = self.store.next_id()
        return ShippedLog(id, self._multipart, self._sink) if self._sink else Log(id, self._multipart)

    def _open(self, type: str, role: str, context: Any) -> Log:
        """A log for a socket of another process."""
        with self.lock:
            self._multipart.turn_on()       # what it sends, sockets here may receive
            log = Log(self.store.next_id(), self._multipart)
            self.store.add(log, type, role, context)
        return log

    def ingest(self, entry: bytes) -> None:
        """Book what another process's recorder gave to its `sink`; entries of one process in their order."""
        self._harbour.unload(entry)

    def role(self, name: str) -> AbstractContextManager[None]:
        """Sockets made inside belong to the role `name` (a thread's or a task's part in the system)."""
        return names.role(name)

    def role_name(self) -> str:
        """The name of the role that runs here: as given by `role`, else the thread's, or its function's."""
        return self._names.here()

    def note_role(self, name: str, state: str, text: str = "") -> None:
        """A role became 'running', 'ended', 'failed', 'killed', 'frozen' or 'stopped'."""
        self.roles.append(data.RoleEvent(name, self.seconds(), state, text))

    def mark(self, what: str, where: str = "") -> None:
        """Something was done to the system from outside: it gets a flag on the time line."""
        self.marks.append(data.Mark(self.seconds(), what, where))

    def link(self, endpoint: str, target: str, name: str) -> None:
        """A relay listens at `endpoint` and leads to `target`: sockets on both sides of it have met."""
        self.links.append((endpoint, target, name))

    def stopping(self) -> None:
        """From now on sockets close because all is being stopped: what is in their queues is waiting, not lost."""
        self.stopped = self.stopped or now()

    def role_died(self, name: str) -> None:
        """The role's process is gone, and its sockets with it."""
        for log, kept in self.store.logs():
            if kept.role == name:
                log.note("close", True)

    def seconds(self) -> float:
        """Seconds since the record began."""
        return (now() - self.began) / 1e9

    # --- what comes out

    def collect(self) -> None:
        """Empty the sockets' logs into the store, and go from keeping to counting and back as the rate asks."""
        self._monitors.drain()
        with self.lock:
            if self._retired:
                return
            self.store.collect(None if self._keep_all else EXACT)

    def sent(self, role: str = "") -> int:
        """Messages sent by roles whose names begin with `role`: exact, at this moment."""
        return sum(log.sent for log, info in self.store.logs() if info.role.startswith(role))

    def received(self, role: str = "") -> int:
        """Messages received by roles whose names begin with `role`: exact, at this moment."""
        return sum(log.received for log, info in self.store.logs() if info.role.startswith(role))

    def blocked(self, role: str = "", *, seconds: float = 0.0) -> list[str]:
        """The roles whose names begin with `role` that have been blocked in a send for so many seconds by now."""
        since = now() - seconds * 1e9
        return [info.role for log, info in self.store.logs()
                if 0 < log.blocked <= since and info.role.startswith(role)]

    def trace(self) -> Trace:
        """All that was recorded so far, matched, as frozen data."""
        for patience in LATE:
            self.collect()
            with self.lock:
                before, self._matching = self._matching, None   # of no use if this fails
                trace, self._matching = recording.build(self, before)
            if not recording.unexplained(trace):
                break
            threading.Event().wait(patience)
        return trace

    def queues(self) -> tuple[Queues, ...]:
        """Where messages wait now, for each open connection: sender's queue, kernel, receiver's queue, in work."""
        feed = self.feed()
        feed.poll()
        return feed.queues()

    def feed(self) -> Feed:
        """What a live view reads (see `live`); each view has its own."""
        return live.Feed(self)

    def actions(self) -> list[dict[str, Any]]:
        """What a view may offer to break: a recorder on its own has nothing."""
        return []

    def act(self, action: str) -> None:
        """Raises ValueError: a recorder offers no actions, a `Stage` does."""
        raise ValueError(f"There is no action {action!r} here.")

    def close(self) -> None:
        """End the recorder's thread. What was recorded stays readable."""
        self._closed.set()
        self.collect()
        self._monitors.close()
        with self.lock:
            self._retired = True
            self.store.retire()

    def let_go(self, context: int, *, over: bool = False) -> None:
        """The context at this address is about to end, or has ended."""
        self._monitors.release_context(context)
        for log in (log for log, kept in self.store.logs() if kept.context == context):
            log.note("termed" if over else "term")

    def abandon(self) -> None:
        """This is a forked child, where nobody will ask for the record."""
        self.lock = threading.Lock()        # the other one may be held by a thread that is not here
        self._closed.set()
        self._retired = True
        self._monitors.forget()
        self.store.retire()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed.is_set()


Context.new_recorder = Recorder


class Answers:
    """Beside a recorder: it answers a trace's questions (`ledger()`, `messages` …). Each reads what was recorded until
    then; once nothing more will be, all read the same trace."""

    trace: Callable[[], Trace]
    _retired: bool
    _last: Trace | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or (not hasattr(data.Trace, name) and name not in data.Trace.__dataclass_fields__):
            raise AttributeError(name)
        final, trace = self._retired, self._last or self.trace()
        if final:
            self._last = trace
        return getattr(trace, name)


class record(Answers, Recorder):
    """Record every socket that any pyzmq code in this process makes from here on, without a change to it.

        with zmqlive.record() as trace:
            main()
        print(trace.ledger())

    or, as one line at the top of a program (below its `from __future__ …`), `trace = zmqlive.record()`; then
    `trace.close()` ends it, or the program's end. With `at_exit=print` the ledger is printed then, also when the
    program ends with Ctrl-C or an exception (`at_exit` may be any function that takes a `Ledger`).

    It is a `Recorder`, and answers a trace's questions too (`trace.ledger()` …): each reads what was recorded until
    then. Not recorded are sockets that exist already, the notebook's and pyzmq's own, and forked processes.
    """

    def __init__(self, title: str = "", *, exact: bool = False, limit: int = LIMIT,
                 at_exit: Callable[[Ledger], object] | None = None) -> None:
        super().__init__(title, exact=exact, limit=limit)
        self._at_exit = at_exit
        if at_exit:
            atexit.register(self._end, os.getpid())
        _recording.append(self)

    def _end(self, pid: int) -> None:
        if pid == os.getpid():
            self.close()

    def __enter__(self) -> record:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Record no more."""
        if self in _recording:
            _recording.remove(self)
        super().close()
        say, self._at_exit = self._at_exit, None
        if say:
            say(self.trace().ledger())
