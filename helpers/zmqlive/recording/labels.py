"""What roles say of themselves: a label each, read off the messages that they send."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .packed import START, Stream

LETTERS = 40        # of a label; a box has room for fewer

Says = Callable[[str, tuple[bytes, ...]], Any]      # role, frames → its label, or None: this message says nothing of it


class Labels:
    """Follows what each role says of itself. `changes` are (ns, role, label), a socket's first word among them.

    `says` is asked for each message that is kept, in the order in which its role sent them; a long frame has only its
    two ends by then. Where it raises, the label tells the error: it runs in the recorder's thread.
    """

    def __init__(self) -> None:
        self.says: Says | None = None
        self.changes: list[tuple[int, str, str]] = []
        self._read: dict[int, Any] = {}     # socket → how far it has been read
        self._now: dict[str, str] = {}
        self._spoke: set[int] = set()       # sockets: a role that began again says anew what it said before

    def follow(self, sends: Iterable[tuple[int, str, Stream]]) -> None:
        """Look at what sockets have sent since the last time: each one's id, its role, all that is kept of it."""
        if self.says is None:
            return
        new = []
        for id, role, stream in sends:
            since = self._read.get(id, START)
            self._read[id] = until = stream.after(since)
            if until != since:
                new += [(at, id, role, frames) for at, _, frames, _ in stream.messages(since)]
        for at, id, role, frames in sorted(new, key=lambda each: each[0]):
            label = self._label(role, frames)
            if label is not None and (label != self._now.get(role) or id not in self._spoke):
                self.changes.append((at, role, label))
                self._now[role] = label
                self._spoke.add(id)

    def _label(self, role: str, frames: tuple[bytes, ...]) -> str | None:
        assert self.says
        try:
            label = self.says(role, frames)
        except Exception as error:
            label = f"no label: {error!r}"
        return None if label is None else str(label)[:LETTERS]
