"""What roles say of themselves: a label each, read off the messages that they send."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .packed import START

if TYPE_CHECKING:
    from .store import Kept

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

    def follow(self, kept: Sequence[Kept]) -> None:
        """Look at what these sockets have sent since the last time."""
        if self.says is None:
            return
        new = []
        for k in kept:
            since = self._read.get(k.log.id, START)
            self._read[k.log.id] = until = k.sends.after(since)
            if until != since:
                new += [(at, k, frames) for at, _, frames, _ in k.sends.messages(since)]
        for at, k, frames in sorted(new, key=lambda each: each[0]):
            label = self._label(k.role, frames)
            if label is not None and (label != self._now.get(k.role) or k.log.id not in self._spoke):
                self.changes.append((at, k.role, label))
                self._now[k.role] = label
                self._spoke.add(k.log.id)

    def _label(self, role: str, frames: tuple[bytes, ...]) -> str | None:
        assert self.says
        try:
            label = self.says(role, frames)
        except Exception as error:
            label = f"no label: {error!r}"
        return None if label is None else str(label)[:LETTERS]
