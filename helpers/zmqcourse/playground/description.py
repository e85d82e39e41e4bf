"""Reads the lines of a description. What is wrong with one is said in one sentence, with the line's number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches

SOCKETS = ("REQ", "REP", "DEALER", "ROUTER", "PUB", "SUB", "XPUB", "XSUB", "PUSH", "PULL", "PAIR")
TRANSPORTS = ("tcp", "inproc", "ipc")
WEATHER = ("latency", "jitter", "bandwidth")
MOST = 60  # roles, of all kinds together

_ROLE = re.compile(r"([A-Za-z][\w ]*?)\s*(?:[x×]\s*(\d+))?")
_SOCKET = re.compile(r"(\S+)\s+(binds?|connects?)(?:\s+to)?\s+([A-Za-z]\w*)", re.I)


class Mistake(ValueError):
    """What is wrong with a description, in one sentence."""


@dataclass(frozen=True)
class Socket:
    """One socket of a role: its type, whether it binds, and the line that it is on."""

    type: str
    binds: bool
    line: str


@dataclass
class Role:
    """A kind of role, of which there are `count`. every, works: seconds, None where nothing is said."""

    name: str
    at: int  # its line in the description
    count: int = 1
    sockets: list[Socket] = field(default_factory=list)
    every: float | None = None
    works: float | None = None
    mark: int | None = None
    topics: tuple[str, ...] = ()

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(socket.type for socket in self.sockets)


@dataclass
class Line:
    """What sockets meet on: its transport, and its weather as `zmqlive.Link` takes it."""

    name: str
    at: int
    transport: str = "tcp"
    weather: dict[str, float] = field(default_factory=dict)


@dataclass
class System:
    """All roles and all lines, as they were described."""

    roles: list[Role]
    lines: dict[str, Line]


def read(text: str) -> System:
    """The system that these lines describe. Raises `Mistake`; that it all fits together is `fitting`'s to say."""
    roles: list[Role] = []
    lines: dict[str, Line] = {}
    for at, raw in enumerate(text.strip("\n").splitlines(), 1):
        said = raw.partition("#")[0].strip()
        if not said:
            continue
        head, colon, rest = said.partition(":")
        if not colon:
            raise Mistake(f"Line {at}: a role is `name: SOCKET binds line`, and “{said}” has no colon.")
        clauses = [clause.strip() for clause in rest.split(",") if clause.strip()]
        if head.strip().lower().startswith("line "):
            line = _line(head.strip()[5:].strip(), clauses, at)
            lines[line.name] = line
        else:
            roles.append(_role(head.strip(), clauses, at))
    for role in roles:
        for socket in role.sockets:
            lines.setdefault(socket.line, Line(socket.line, role.at))
    return System(roles, lines)


def _role(head: str, clauses: list[str], at: int) -> Role:
    found = _ROLE.fullmatch(head)
    if not found:
        raise Mistake(f"Line {at}: “{head}” is no name of a role; one is `worker`, three are `worker x 3`.")
    role = Role(found[1], at, int(found[2] or 1))
    if not role.count:
        raise Mistake(f"Line {at}: there must be at least one {role.name}.")
    for clause in clauses:
        if socket := _SOCKET.fullmatch(clause):
            type = _known(socket[1].upper(), SOCKETS, "socket type", at)
            role.sockets.append(Socket(type, socket[2].lower().startswith("b"), socket[3]))
        else:
            _setting(role, clause, at)
    if not role.sockets:
        raise Mistake(f"Line {at}: {role.name} has no socket; give it one, such as `PULL binds jobs`.")
    return role


def _setting(role: Role, clause: str, at: int) -> None:
    word, _, value = clause.partition(" ")
    word = _known(word.lower(), ("every", "works", "mark", "topics", "topic"), "setting", at)
    if word.startswith("topic"):
        role.topics = tuple(value.split())
        if not role.topics or not all(re.fullmatch(r"[\w./-]+", topic, re.ASCII) for topic in role.topics):
            raise Mistake(f"Line {at}: `topics` names some, such as `topics hall kitchen`.")
    elif word == "mark":
        role.mark = int(_number(word, value, at))
        if role.mark < 1:
            raise Mistake(f"Line {at}: `mark` is at least 1 (ZeroMQ takes 0 for “no limit”, and memory has one).")
    else:
        setattr(role, word, _number(word, value, at))


def _line(name: str, clauses: list[str], at: int) -> Line:
    if not re.fullmatch(r"[A-Za-z]\w*", name):
        raise Mistake(f"Line {at}: “{name}” is no name of a line; take one word.")
    line = Line(name, at)
    for clause in clauses:
        word, _, value = clause.lower().partition(" ")
        word = _known(word, (*TRANSPORTS, *WEATHER), "word for a line", at)
        if word in TRANSPORTS:
            line.transport = word
        else:
            line.weather[word] = _number(word, value, at)
    if line.weather and line.transport != "tcp":
        raise Mistake(f"Line {at}: only a tcp line has weather, and {name} is {line.transport}.")
    return line


def _known(word: str, words: tuple[str, ...], what: str, at: int) -> str:
    if word in words:
        return word
    near = get_close_matches(word, words, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(words)}."
    raise Mistake(f"Line {at}: “{word}” is no {what}; {hint}")


def _number(word: str, value: str, at: int) -> float:
    try:
        number = float(value.removesuffix("s").strip())
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:
        raise Mistake(f"Line {at}: `{word}` needs a number, such as `{word} 5`, not “{value}”.")
    return number
