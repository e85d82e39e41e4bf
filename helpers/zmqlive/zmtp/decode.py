"""One direction of a connection, from its bytes: greeting, commands, frames (RFC 23, ZMTP 3.0; RFC 37, ZMTP 3.1)."""

from __future__ import annotations

import struct
from typing import NamedTuple

GREETING = 64           # bytes
SHOWN = 4_096           # bytes of an item that are kept; of a longer one its beginning
_MORE, _LONG, _COMMAND, _RESERVED = 1, 2, 4, 0xF8
_SEALED = b"\x07MESSAGE"        # a CURVE message is named as a command is, and sent as a frame (RFC 26)


class Item(NamedTuple):
    """What one side said at a time. `kind` is "greeting", "command", "frame", or "garbage" for what is not ZMTP 3, and
    after that nothing is read. `name` is a command's name, "MESSAGE" for a frame that CURVE has sealed, and for a
    frame by which a SUB of ZMTP 3.0 subscribes what it stands for. `body` is what follows flags, length and name, `raw`
    all of it as it was; of both only the first bytes are kept, `size` is the true length of `raw`, in bytes.
    """

    kind: str
    name: str
    body: bytes
    raw: bytes
    size: int
    more: bool = False

    @property
    def said(self) -> str:
        """A line for a person."""
        if self.kind == "greeting":
            return (f"ZMTP {self.raw[10]}.{self.raw[11]}, mechanism {_text(self.raw[12:32].rstrip(bytes(1)))}"
                    + (", as server" if self.raw[32:33] == b"\x01" else ""))
        if self.kind == "garbage":
            return f"no ZMTP 3: {_quoted(self.raw)}"
        if self.kind == "frame":
            what = {"MESSAGE": "sealed", "SUBSCRIBE": "subscribe", "CANCEL": "cancel"}.get(self.name)
            told = f"{what}: {_quoted(self.body)}" if what else _quoted(self.body)
            return told + (", more follows" if self.more else "")
        return f"{self.name} {_command(self.name, self.body)}".rstrip()


class Decoder:
    """Reads what one side of a connection sends. `feed` takes its next bytes, cut anywhere, and returns the items that
    they complete. It raises nothing, whatever comes: what cannot be read is an item of kind "garbage".

    Of each item the first `keep` bytes are kept, and some at least. `mechanism` is the one that the greeting names,
    `socket_type` what READY or INITIATE say, as text ("" before).
    """

    def __init__(self, *, keep: int = SHOWN) -> None:
        self._keep = max(keep, 16)      # any header is shorter
        self.mechanism = self.socket_type = ""
        self._buffer = bytearray()
        self._skip = 0          # bytes of a long item that are still to come, and are not kept
        self._pending: tuple[int, int, int, bytes] | None = None    # flags, length of its header, size, what is kept
        self._greeted = self._lost = False

    def feed(self, data: bytes) -> list[Item]:
        self._buffer += data
        items = []
        while not self._lost and (item := self._next()) is not None:
            items.append(item)
        if self._lost:
            self._buffer.clear()
        return items

    def _next(self) -> Item | None:
        if not self._greeted:
            return self._greeting()
        if self._pending is None:
            if self._buffer and self._buffer[0] & _RESERVED:
                return self._garbage()
            if not self._header():
                return None
        flags, head, size, raw = self._pending      # type: ignore[misc]
        gone = min(self._skip, len(self._buffer))
        del self._buffer[:gone]
        self._skip -= gone
        if self._skip:
            return None
        if not raw:
            if len(self._buffer) < size:
                return None
            raw = self._take(size)
        self._pending = None
        return self._command(raw, head, size) if flags & _COMMAND else self._frame(flags, raw, head, size)

    def _greeting(self) -> Item | None:
        seen = self._buffer
        if seen[:1] not in (b"", b"\xff") or (len(seen) > 9 and not seen[9] & 1) or (len(seen) > 10 and seen[10] < 3):
            return self._garbage()
        if len(seen) < GREETING:
            return None
        raw = self._take(GREETING)
        self._greeted, self.mechanism = True, _text(raw[12:32].rstrip(bytes(1)))
        return Item("greeting", "", raw[10:33], raw, GREETING)

    def _header(self) -> bool:
        """Read flags and length of the next command or frame, if they have come. Of a long one its beginning is taken
        as soon as it is there."""
        seen = self._buffer
        if not seen:
            return False
        head = 9 if seen[0] & _LONG else 2
        if len(seen) < head:
            return False
        size = head + (struct.unpack(">Q", seen[1:9])[0] if head == 9 else seen[1])
        if size <= self._keep:
            self._pending = (seen[0], head, size, b"")
            return True
        if len(seen) < self._keep:
            return False
        flags, raw = seen[0], self._take(self._keep)
        self._pending, self._skip = (flags, head, size, raw), size - self._keep
        return True

    def _command(self, raw: bytes, head: int, size: int) -> Item:
        length = raw[head] if len(raw) > head else 0
        name = raw[head + 1:head + 1 + length]
        if not length or len(name) < length or not name.isascii() or not name.decode().isprintable():
            return self._garbage(raw)
        item = Item("command", name.decode(), raw[head + 1 + length:], raw, size)
        if item.name in ("READY", "INITIATE") and self.mechanism != "CURVE":
            self.socket_type = _text(properties(item.body).get("Socket-Type", b""))
        return item

    def _frame(self, flags: int, raw: bytes, head: int, size: int) -> Item:
        body, name = raw[head:], ""
        if self.mechanism == "CURVE" and body.startswith(_SEALED):
            body, name = body[len(_SEALED):], "MESSAGE"
        elif self.socket_type in ("SUB", "XSUB") and body[:1] in (b"\x00", b"\x01"):
            body, name = body[1:], "SUBSCRIBE" if body[:1] == b"\x01" else "CANCEL"
        return Item("frame", name, body, raw, size, bool(flags & _MORE))

    def _garbage(self, raw: bytes = b"") -> Item:
        raw, self._lost = raw + bytes(self._buffer), True
        return Item("garbage", "", b"", raw[:SHOWN], len(raw))

    def _take(self, n: int) -> bytes:
        taken = bytes(self._buffer[:n])
        del self._buffer[:n]
        return taken


def properties(body: bytes) -> dict[str, bytes]:
    """The properties in the body of a READY or INITIATE (RFC 23): each a name of up to 255 bytes and a value of up to
    2³¹−1. What is cut off, or is none, is left out."""
    found = {}
    while body:
        name, rest = body[1:1 + body[0]], body[1 + body[0]:]
        size = int.from_bytes(rest[:4], "big")
        if len(rest) < 4 or len(rest) - 4 < size:
            break
        found[_text(name)] = rest[4:4 + size]
        body = rest[4 + size:]
    return found


# --- in words

def _command(name: str, body: bytes) -> str:
    known = properties(body) if name in ("READY", "INITIATE") else {}
    if known:
        return ", ".join(f"{key} {_quoted(value)}" for key, value in known.items())
    if name == "PING" and len(body) >= 2:       # a time to live in tenths of a second, and a context that PONG repeats
        return f"ttl {int.from_bytes(body[:2], 'big') / 10:g} s" + (f", {_quoted(body[2:])}" if body[2:] else "")
    if name == "ERROR" and body:
        return _quoted(body[1:1 + body[0]])
    plain = name == "HELLO" and body and len(body) > 1 + body[0]
    if plain and len(body) == 2 + body[0] + body[1 + body[0]]:      # and not CURVE's
        return f"user {_quoted(body[1:1 + body[0]])}, password {_quoted(body[2 + body[0]:])}"
    return _quoted(body) if body else ""


def _text(raw: bytes) -> str:
    return raw.decode("ascii", "backslashreplace")


def _quoted(raw: bytes, letters: int = 40) -> str:
    """Bytes as text where they are some, else as hex; how many there are where not all are shown."""
    text = raw.decode("utf-8", "replace")
    if text.isprintable() and "\ufffd" not in text:
        return f"“{text}”" if len(text) <= letters else f"“{text[:letters]}…” ({len(raw):,} bytes)"
    few = letters // 4
    return raw.hex(" ") if len(raw) <= few else f"{raw[:few].hex(' ')} … ({len(raw):,} bytes)"
