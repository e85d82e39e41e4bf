"""The record of several programs, as one: what `zmqlive.show`, `trace()` and `ledger()` take.

It is fed the bytes that each program wrote, in the form of `hook/form.py`, whether they come from a folder in which the
programs write at this moment (`watch`) or from a file (`saved`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from ..hook import Strange, form
from ..recorder import LIMIT, Recorder
from ..recording import Harbour, Kept, Log, now
from ..trace import RoleEvent

MOST_PROGRAMS, MOST_SOCKETS = 100_000, 1_000_000        # of one record; beyond that it is no record of anything


class System(Recorder):
    """A recorder of programs. Every message is kept as long as there is room for it (`limit` frames)."""

    def __init__(self, title: str = "", *, limit: int = LIMIT) -> None:
        self._parts: dict[int, _Part] = {}
        self._numbers: Counter[str] = Counter()
        self._expected: dict[int, str] = {}
        self._harbour_of_all = Harbour(self._open_here)
        self._at = 0
        self._shut: list[Log] = []      # of sockets that were closed of late
        self.newest = 0         # ns: the latest time that any entry tells of
        self.told_to_stop = 0   # ns: who is asked for a message then is asked for ever, as far as anybody knows
        super().__init__(title, exact=True, limit=limit)

    def collect(self) -> None:
        super().collect()
        shut = self._shut[:]
        left = [log for log in shut if not log.shed()]
        self._shut[:len(shut)] = left

    # --- programs and their names

    def expect(self, pid: int, name: str) -> str:
        """A program was started as process `pid`: it is in the picture already. Returns its name, with a number."""
        role = self._expected[pid] = self._numbered(form.plain(name, 80))
        self.told(role, now(), "running")
        return role

    def told(self, role: str, t: int, state: str, text: str = "") -> None:
        """What became of a program, as its parent knows."""
        self._say(role, t, state, text)

    def _numbered(self, name: str) -> str:
        self._numbers[name] += 1
        return name if self._numbers[name] == 1 else f"{name} {self._numbers[name]}"

    def name_of(self, program: int) -> str:
        """The box in which a program is drawn; "" while it has not said who it is."""
        part = self._parts.get(program)
        return part.role if part else ""

    def programs(self) -> dict[str, int]:
        """The programs that are there, and their process numbers."""
        return {part.role: part.pid for part in self._parts.values() if not part.over}

    # --- what they wrote

    def book(self, program: int, data: bytes) -> None:
        """Take whole records of one program. Raises `Strange` for what is none."""
        part, harbour = self._parts.get(program), self._harbour_of_all
        for socket, what, *more in form.records(data):
            if what in ("s", "r"):
                try:
                    harbour.book((program, socket), what, *more)
                except KeyError:
                    raise Strange("a message of a socket that was never opened") from None
                self._at = more[0] if what == "s" else more[0][1]
            elif what == "about":
                part = self._about(program, part, more[0])
            elif part is None:
                raise Strange("a program that does not say who it is")
            else:
                self._rare(program, part, socket, what, more)
        self.newest = max(self.newest, self._at)

    def _about(self, program: int, part: _Part | None, what: dict[str, Any]) -> _Part | None:
        if what.get("what") == "program" and part is None:
            if what.get("form") != form.VERSION:
                raise Strange(f"a program's record of form {what.get('form')!r}, where this version reads "
                              f"{form.VERSION}")
            if program >= MOST_PROGRAMS:
                raise Strange(f"more than {MOST_PROGRAMS:,} programs")
            pid, t = number(what, "pid"), number(what, "t")
            name = self._within(number(what, "parent") if "parent" in what else 0, word(what, "name"))
            part = self._parts[program] = _Part(self._named(program, pid, name), pid)
            self._say(part.role, t, "running")
        elif what.get("what") == "bye" and part is not None:
            part.bye = True
        elif what.get("what") == "inherited" and part is not None:
            self._inherited(part.role, number(what, "pid"), number(what, "socket"), number(what, "t"))
        return part

    def _within(self, parent: int, name: str) -> str:
        """The name of a child of `multiprocessing`: in its parent's box, which may be one of several of that file."""
        own = next((part.role for part in self._parts.values() if part.pid == parent and not part.over), "")
        return f"{own}/{name.partition('/')[2]}" if own and "/" in name else name

    def _inherited(self, child: str, parent: int, socket: int, t: int) -> None:
        """A child has used a socket that its parent had made before the fork."""
        for program, part in self._parts.items():
            if part.pid == parent and (kept := part.sockets.get((program, socket))):
                kept.log.notes.append((t, "forked", child))

    def _named(self, program: int, pid: int, name: str) -> str:
        return self._expected.pop(pid, "") or self._numbered(name)

    def _rare(self, program: int, part: _Part, socket: int, what: str, more: list[Any]) -> None:
        key = program, socket
        if what == "open":
            if key in part.sockets or len(self.store.kept) >= MOST_SOCKETS:
                raise Strange("a socket that is opened twice" if key in part.sockets else "too many sockets")
            type, thread, context, t = more
            role = part.role if thread == "main" else f"{part.role}/{thread}"
            self._harbour_of_all.book(key, "open", type, role, context)
            part.sockets[key] = part.open[key] = kept = self.store.kept[-1]
            kept.opened = t
            if role not in part.roles:
                part.roles.append(role)
            return
        if key not in part.sockets:
            raise Strange("a socket that was never opened")
        if what == "counted":
            start, end, *counts = more
            self.store.gaps.append([start, end])
            self._harbour_of_all.book(key, what, *counts)
        elif not (what == "state" and 0 < self.told_to_stop < more[1]):
            self._harbour_of_all.book(key, what, *more)
            if what == "note":
                self.newest = max(self.newest, more[0][0])
                if more[0][1] == "close":
                    part.open.pop(key, None)
                    self._shut.append(part.sockets[key].log)

    def _open_here(self, type: str, role: str, context: Any) -> Log:
        log = self.new_log()
        with self.lock:
            self.store.add(log, type, role, context)
        return log

    # --- how they ended

    def stopping(self) -> None:
        super().stopping()
        self.told_to_stop = self.stopped

    def gone(self, program: int, t: int = 0, state: str = "", text: str = "") -> None:
        """A program is no more, since `t` (ns): 'ended', 'failed' or 'killed'. What it had not closed went with it."""
        part = self._parts.get(program)
        if part is None or part.over:
            return
        part.over, t = True, t or now()
        for kept in part.open.values():
            if not self.told_to_stop:
                kept.log.ended(t, False)
            kept.log.notes.append((t, "close", True))
        said = state or ("ended" if part.bye else "killed")
        for role in part.roles:
            self._say(role, t, said, text if role == part.role else "")

    def of_process(self, pid: int) -> int | None:
        """The number of the living program that is process `pid`; None where there is none."""
        return next((n for n, part in self._parts.items() if part.pid == pid and not part.over), None)

    def process_of(self, program: int) -> int:
        """The process number that a program has told; 0 while it has not."""
        part = self._parts.get(program)
        return part.pid if part else 0

    def _say(self, role: str, t: int, state: str, text: str = "") -> None:
        last = next((event.state for event in reversed(self.roles) if event.role == role), "")
        if last != state:
            self.roles.append(RoleEvent(role, (t - self.began) / 1e9, state, text))


class _Part:
    """What is known of one program."""

    def __init__(self, role: str, pid: int) -> None:
        self.role, self.pid = role, pid
        self.roles = [role]     # it, and its threads that have sockets
        self.sockets: dict[tuple[int, int], Kept] = {}
        self.open: dict[tuple[int, int], Kept] = {}     # those of them that are not closed
        self.bye = self.over = False


def word(of: dict[str, Any], key: str) -> str:
    value = of.get(key)
    if not isinstance(value, str) or not value.isprintable() or len(value) > 200:
        raise Strange(f"a {key} that is none")
    return value


def number(of: dict[str, Any], key: str) -> int:
    value = of.get(key)
    if not isinstance(value, int) or not 0 <= value <= form.TIMES:
        raise Strange(f"a {key} that is none")
    return value
