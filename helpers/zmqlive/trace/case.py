"""A record as the rules of the diagnosis look at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .topology import place

LESSONS = {     # where each thing is explained: lesson, and the heading there
    "nobody": ("04", "Which side binds?"), "types": ("15", "Exercise 15.1 · which pattern?"),
    "context": ("04", "\"I use inproc, and nothing arrives\""), "hang": ("04", "\"My program hangs in send\""),
    "exit": ("04", "\"My program is done, and does not exit\""), "marks": ("06", "How much fits?"),
    "dealer": ("14", "\"My DEALER asks a REP, and there is no reply\""), "req": ("14", "Many under way"),
    "early": ("09", "\"The first messages are lost\""), "topics": ("09", "Topics"),
    "name": ("14", "\"A restarted DEALER with the same name hears nothing\""),
    "unknown id": ("14", "\"ROUTER drops messages, and says nothing\""),
    "efsm": ("07", "\"Operation cannot be accomplished in current state\""),
    "threads": ("16", "Two threads, one socket"),
    "buffer": ("13", "The line"), "security": ("27", "The refused"),
    "fork": ("16", "Exercise 16.3 · after the fork"), "open": ("10", "\"Too many open files\""),
    "slow": ("06", "Full: wait, or forget?"), "one slow": ("10", "One that is too slow"),
    "died": ("05", "Who binds decides what a death costs"), "answer": ("07", "When the server dies"),
    "spin": ("16", "\"My event loop hangs, though there are messages\"")}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that is wrong: `sentence` says what and what to do, `evidence` what was seen, `lesson` where it is
    explained. `kind` is a word for it, `roles` are the roles that it is about."""

    kind: str
    sentence: str
    evidence: str = ""
    lesson: str = ""
    roles: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n     ".join(filter(None, (self.sentence, self.evidence, self.lesson)))


class Case:
    """The trace, and what several rules ask of it."""

    def __init__(self, trace: Any) -> None:
        self.trace = trace
        self.sockets = trace.sockets
        self.end: float = trace.seconds

    def say(self, kind: str, lesson: str, sockets: Iterable[Any], sentence: str, evidence: str = "") -> Diagnosis:
        number, heading = LESSONS[lesson]
        return Diagnosis(kind, sentence, evidence, f"Lesson {number}: {heading}",
                         tuple(dict.fromkeys(s.role for s in sockets)))

    @staticmethod
    def facts(socket: Any, what: str) -> list[tuple[float, str]]:
        """(seconds, text) of each of the socket's facts of this kind."""
        return [(t, text) for t, kind, text in socket.facts if kind == what]

    @staticmethod
    def called(socket: Any) -> str:
        """The socket in a sentence."""
        return f"{socket.role}'s {socket.type}"

    def place(self, socket: Any, endpoint: str) -> tuple[Any, ...]:
        """Where an endpoint is: the same for all spellings of it. An inproc name is of one context."""
        context = next((text for _, text in self.facts(socket, "context")), "")
        return place(endpoint, context)  # type: ignore[arg-type]

    @cached_property
    def binds(self) -> dict[tuple[Any, ...], list[tuple[float, Any, str]]]:
        """Every bind: (seconds, socket, endpoint), by place."""
        found: dict[tuple[Any, ...], list[tuple[float, Any, str]]] = defaultdict(list)
        for socket in self.sockets:
            for t, endpoint in self.facts(socket, "bind"):
                found[self.place(socket, endpoint)].append((t, socket, endpoint))
        return found

    def connects(self) -> Iterator[tuple[float, Any, str]]:
        """Every connect: (seconds, socket, endpoint)."""
        for socket in self.sockets:
            for t, endpoint in self.facts(socket, "connect"):
                yield t, socket, endpoint

    def lasted(self, socket: Any, since: float) -> float:
        """Seconds from `since` to the socket's close, or the end of the record."""
        return (socket.closed if socket.closed is not None else self.end) - since

    def states(self, socket: Any, endpoint: str) -> list[tuple[float, str]]:
        """What became of a connect, as the socket was told."""
        return [(t, state) for t, where, state in socket.links if where == endpoint]

    @cached_property
    def edges(self) -> dict[int, list[tuple[Any, Any]]]:
        """The connections of each socket: (connection, the socket at its other end)."""
        found: dict[int, list[tuple[Any, Any]]] = defaultdict(list)
        for c in self.trace.connections:
            source, target = self.trace.socket(c.source), self.trace.socket(c.target)
            found[c.source].append((c, target))
            found[c.target].append((c, source))
        return found

    @cached_property
    def waits(self) -> dict[int, list[Any]]:
        """The waits of each socket, and for a message that has not come the open one."""
        found: dict[int, list[Any]] = defaultdict(list)
        for interval in self.trace.waits:
            found[interval.socket].append(interval)
        return found

    def waits_now(self, socket: Any) -> Any:
        """Its wait for a message that goes on at the end of the record; None where there is none."""
        return next((i for i in self.waits[socket.id] if i.end is None), None)

    @cached_property
    def blocked_now(self) -> dict[int, float]:
        """The sockets that wait in send at the end of the record, and since when."""
        return {i.socket: i.start for i in self.trace.blocked if i.end is None}

    @cached_property
    def sent_by(self) -> dict[int, list[Any]]:
        """The messages that each socket sent."""
        found: dict[int, list[Any]] = defaultdict(list)
        for m in self.trace.messages:
            if m.source is not None:
                found[m.source].append(m)
        return found

    @cached_property
    def got_by(self) -> dict[int, list[Any]]:
        """The messages that each socket received."""
        found: dict[int, list[Any]] = defaultdict(list)
        for m in self.trace.messages:
            if m.received is not None and m.target is not None:
                found[m.target].append(m)
        return found

    def peer(self, m: Any) -> Any:
        """The socket at the other end of the connection that a message was on; None where that is not known."""
        if m.target is not None:
            return self.trace.socket(m.target)
        c = self._by_id.get(m.connection)
        return None if c is None else self.trace.socket(c.target if c.source == m.source else c.source)

    @cached_property
    def _by_id(self) -> dict[int, Any]:
        return {c.id: c for c in self.trace.connections}


def some(frames: Iterable[bytes], n: int = 3) -> str:
    """A few of these, to be recognised by."""
    seen = list(dict.fromkeys(frames))
    return ", ".join(map(repr, seen[:n])) + (", …" if len(seen) > n else "")


def count(n: int, what: str) -> str:
    return f"{n:,} {what}" + ("" if n == 1 else "s")
