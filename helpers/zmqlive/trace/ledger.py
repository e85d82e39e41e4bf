"""What became of the messages between two roles, added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

# Why a message was not received, in the order in which one is chosen where several of the same content were sent; and
# the ledger's word for it. The first three are what "lost" adds up.
_LOST = ("no room", "misfit", "gone", "")
_SAID = {"no room": "no room", "misfit": "thrown away by the receiver, as it did not fit", "gone": "gone with a peer",
         "": "for no known reason"}
_ORDER = ("waiting", "outside", "unknown", *_LOST, "replaced", "early", "unwanted", "nobody", "elsewhere")
_BESIDE = {"unwanted": "unwanted", "early": "before the subscription", "nobody": "to nobody",
           "replaced": "replaced by newer", "elsewhere": "elsewhere", "outside": "to outside the record",
           "unknown": "unknown", "from_outside": "from outside", "from_unknown": "from somewhere unknown"}


@dataclass(frozen=True, slots=True, repr=False)
class Ledger:
    """What became of the messages between two roles (see `Trace.ledger`).

    `lost` is only what was wanted, had a way and is provably gone: it found no room, its peer went with it, or the
    receiving socket threw it away (`lost_by` says how many of each). `twice`: received more often than sent, or,
    counted with a key, messages that were received more than once. `waiting` may still arrive (`waits_at`: where).

    The rest was not received either, and is no loss: `unwanted` (no subscription matched), `early` (before the
    subscription or the connection was there), `nobody` (a ROUTER knew no such peer), `replaced` (CONFLATE keeps the
    newest), `elsewhere` (another role received it), `outside` (to a peer outside the record, such as another process),
    `unknown` (it cannot be told). Of what was received, `from_outside` came from peers outside the record, and of
    `from_unknown` the sending is not known.

    `exact` is False where not every message was kept: `partial` says of how many, and `sent` to `unknown` count those
    that were. `remarks` are sentences about what makes the numbers doubtful.
    """

    sent: int
    received: int
    lost: int
    twice: int
    waiting: int
    unwanted: int = 0
    early: int = 0
    nobody: int = 0
    replaced: int = 0
    elsewhere: int = 0
    outside: int = 0
    unknown: int = 0
    from_outside: int = 0
    from_unknown: int = 0
    exact: bool = True
    partial: str = field(default="", compare=False)
    lost_by: tuple[tuple[str, int], ...] = field(default=(), compare=False)
    waits_at: tuple[tuple[str, int], ...] = field(default=(), compare=False)
    remarks: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        line = (f"sent {self.sent} · received {self.received} · lost {self.lost} · twice {self.twice}"
                f" · waiting {self.waiting}")
        line += "".join(f" · {said} {n}" for name, said in _BESIDE.items() if (n := getattr(self, name)))
        lines = [self.partial, line] if self.partial else [line]
        if self.lost_by:
            lines.append("lost: " + ", ".join(f"{why} {n}" for why, n in self.lost_by))
        if self.waits_at:
            lines.append("waiting: " + ", ".join(f"{where} {n}" for where, n in self.waits_at))
        return "\n".join((*lines, *self.remarks))

    __repr__ = __str__


def ledger(trace: Any, source: str | None, sink: str | None, key: Callable[[Any], Hashable] | None) -> Ledger:
    """See `Trace.ledger`."""
    what = key or _payload

    def of(role: str, socket: int | None) -> bool:
        return role is None or trace.role_of(socket).startswith(role)

    known = [m for m in trace.messages if m.source is not None]
    arrived = [m for m in known if m.received is not None]
    if sink is not None:
        taken_by = {s.id for s in trace.sockets if of(sink, s.id)}
        arrived = [m for m in arrived if m.target in taken_by]
    came_from = {s.id for s in trace.sockets if of(source, s.id)}
    sent = Counter(map(what, known if source is None else [m for m in known if m.source in came_from]))
    got = Counter(map(what, arrived))
    strange = Counter(m.why for m in trace.messages if m.source is None and of(sink, m.target)) \
        if len(known) < len(trace.messages) else Counter()
    pools: dict[str, Counter[Hashable]] = {why: Counter() for why in _ORDER}
    for m in known if len(arrived) < len(known) else ():
        if m.received is None or not of(sink, m.target):
            pools[_pool(m)][what(m)] += 1
    if key:
        sent = Counter(dict.fromkeys(sent, 1))
        pools = {why: Counter(dict.fromkeys(pool, 1)) for why, pool in pools.items()}
    same = dict.__eq__(sent, got)       # as it mostly is, and quickly told
    missing = Counter() if same else sent - got
    became = {}
    for why, pool in pools.items():
        became[why] = missing & pool
        missing = missing - became[why]
    n = {why: these.total() for why, these in became.items()}
    twice = sum(got[k] > n for k, n in sent.items()) if key else 0 if same else (got - sent).total()
    waits = [m for m in known if m.fate == "waiting" and of(source, m.source) and of(sink, m.target)] \
        if n["waiting"] and not key else []
    return Ledger(
        sent.total(), (len(got) if key else got.total()) + strange.total(), sum(n[why] for why in _LOST),
        twice, n["waiting"], n["unwanted"], n["early"], n["nobody"], n["replaced"], n["elsewhere"],
        n["outside"], n["unknown"] + missing.total(),
        strange["outside"], strange["unknown"], trace.exact, _partial(trace, source, sink, of),
        tuple((_SAID[why], n[why]) for why in _LOST if n[why]), _places(trace, waits), tuple(_remarks(trace.sockets)))


def _payload(m: Any) -> Hashable:
    return m.frames[-1]


def _pool(m: Any) -> str:
    """The category of a message that the sink did not receive."""
    if m.fate in ("waiting", "outside", "unknown"):
        return m.fate
    if m.received is not None:
        return "elsewhere"
    if m.why in _ORDER:
        return m.why if m.why or m.connection is not None or m.fate != "dropped" else "unwanted"
    return ""


def _places(trace: Any, waits: Iterable[Any]) -> tuple[tuple[str, int], ...]:
    """Where messages wait: in front of whom, or still with whom."""
    ends = {c.id: (c.source, c.target) for c in trace.connections}

    def place(m: Any) -> str:
        if m.connection is None or m.why == "sender":
            return f"at {trace.role_of(m.source) or 'its sender'}, which has no connection for it"
        a, b = ends[m.connection]
        return f"in front of {trace.role_of(b if a == m.source else a)}"

    return tuple(Counter(map(place, waits)).most_common())


def _partial(trace: Any, source: str | None, sink: str | None, of: Callable[[Any, int | None], bool]) -> str:
    """The first line of a ledger that does not hold every message, with the counts that are exact all the same."""
    if trace.exact:
        return ""
    sent = sum(s.sent for s in trace.sockets if of(source, s.id))
    received = sum(s.received for s in trace.sockets if of(sink, s.id))
    kept_sent = len({(m.source, m.sent) for m in trace.messages if m.source is not None and of(source, m.source)})
    kept_received = sum(m.received is not None and of(sink, m.target) for m in trace.messages)
    return (f"PARTIAL: sent {sent} and received {received} in all (exact); "
            f"{kept_sent} and {kept_received} of them were kept, and only those are counted below")


def _remarks(sockets: Iterable[Any]) -> Iterable[str]:
    for s in sockets:
        if s.threads:
            yield (f"{s.role}'s {s.type} was used by several threads in turns ({', '.join(s.threads)}): "
                   "a socket is for one thread at a time.")
