"""What both sides of each connection say, in the order in which it passed through a link."""

from __future__ import annotations

import time
from typing import NamedTuple

from .decode import Decoder, Item

MOST = 2_000        # items that are kept, the first of them: a conversation is looked at from its beginning


class Heard(NamedTuple):
    """One item: `t` seconds after the tape was made, over which connection (a number), and on which way: "there" is
    from the side that connects to the side that is bound, "back" the other."""

    t: float
    connection: int
    way: str
    item: Item


class Tape:
    """Give it to a link: `stage.link(endpoint, tap=tape)`, or `Link(endpoint, tap=tape)`; a link needs one of its own.

    The first `most` items are kept in `heard`; `left_out` counts the others. `heard` only grows: it may be read while
    the link is at work.
    """

    def __init__(self, most: int = MOST) -> None:
        self.heard: list[Heard] = []
        self.left_out = 0
        self._most, self._began = most, time.monotonic()
        self._decoders: dict[tuple[int, str], Decoder] = {}

    def __call__(self, connection: int, way: str, data: bytes) -> None:
        """Takes what the link hands over, in its thread."""
        decoder = self._decoders.setdefault((connection, way), Decoder())
        for item in decoder.feed(data):
            if len(self.heard) < self._most:
                self.heard.append(Heard(time.monotonic() - self._began, connection, way, item))
            else:
                self.left_out += 1

    @property
    def connections(self) -> list[int]:
        """The numbers of the connections of which something was heard, in this order."""
        return list(dict.fromkeys(each.connection for each in list(self.heard)))

    def of(self, connection: int) -> list[Heard]:
        """What was heard over one connection. Raises LookupError where that is nothing."""
        found = [each for each in list(self.heard) if each.connection == connection]
        if not found:
            raise LookupError(f"Nothing was heard over a connection {connection}: there are {self.connections}.")
        return found
