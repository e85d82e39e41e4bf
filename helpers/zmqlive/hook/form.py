"""How a record is written down as bytes: by a program into its spool, and in a saved file. README.md has it as a table.

A record is a head of nine bytes, `<I` the length of what follows the head, `B` its kind, `<I` the socket's number in
its program; then so many bytes. Nothing in it is code: numbers, frames of at most 65 bytes, and JSON for what is rare.
What does not keep to the form raises `Strange`, whoever wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from struct import Struct
from typing import Any

from ..trace import SHORTENED, WHOLE

VERSION = 1
HEAD = Struct("<IBI")
SENT = Struct("<QIB")           # when (ns), true length of a shortened frame or 0, whether more of the message follows
RECEIVED = Struct("<QQIB")      # since when it was asked for; the rest as above
STATE = Struct("<QQQ")          # asked, over, vain: see `recording.Log`
OPENED = Struct("<QQ")          # when, the context's number; then JSON [type, thread]
NOTED = Struct("<Q")            # when; then JSON [what, …]
COUNTED = Struct("<QQQQ")       # from, to, messages sent and received meanwhile, of which nothing else is known
LONGEST = 1 << 20               # bytes of a record at most
MOST = (1 << 32) - 1            # bytes that a length can tell of
TIMES = 1 << 62                 # ns; no clock is beyond this

_S, _R, _A, _O, _N, _T, _C, _J = b"SRAONTCJ"
_sent, _received = Struct("<IBIQIB"), Struct("<IBIQQIB")
_SENT, _RECEIVED = SENT.size, RECEIVED.size
_TEXT, _NUMBER, _BYTES = (str,), (int,), (bytes,)
# What sockets note, and of which kinds the rest of a note is. Anything else is passed over: another version wrote it.
NOTES: dict[str, tuple[tuple[type, ...], ...]] = {
    "bind": (_TEXT, _NUMBER, _NUMBER), "connect": (_TEXT, _NUMBER, _NUMBER), "unbind": (_TEXT,),
    "disconnect": (_TEXT,), "close": (_NUMBER, _NUMBER), "link": (_TEXT, _TEXT), "watched": (), "unwatched": (),
    "block": (), "free": (), "wait": (_NUMBER,), "SUBSCRIBE": (_BYTES,), "UNSUBSCRIBE": (_BYTES,),
    "ROUTING_ID": (_BYTES,), "CONFLATE": (_NUMBER,), "REQ_CORRELATE": (_NUMBER,), "REQ_RELAXED": (_NUMBER,),
    "ROUTER_MANDATORY": (_NUMBER,), "ROUTER_HANDOVER": (_NUMBER,), "error": (_TEXT, _TEXT), "late": (_TEXT,),
    "spins": (_NUMBER,), "term": (), "termed": ()}


class Strange(ValueError):
    """These bytes are no record."""


def sent(socket: int, at: int, kept: bytes, size: int, more: bool) -> bytes:
    """A frame that was sent: what is kept of it, its true length, and whether more of its message follow."""
    return _sent.pack(_SENT + len(kept), _S, socket, at, _shortened(kept, size), more) + kept


def received(socket: int, at: int | tuple[int, int], kept: bytes, size: int, more: bool) -> bytes:
    """The same of one that was received at that time, or (when it was asked for, when it came)."""
    since, t = at if isinstance(at, tuple) else (at, at)
    return _received.pack(_RECEIVED + len(kept), _R, socket, since, t, _shortened(kept, size), more) + kept


def _shortened(kept: bytes, size: int) -> int:
    return min(size, MOST) if size > len(kept) else 0


def state(socket: int, asked: int, over: int, vain: int) -> bytes:
    return _record(_A, socket, STATE.pack(asked, over, vain))


def opened(socket: int, at: int, type: str, thread: str, context: int) -> bytes:
    return _record(_O, socket, OPENED.pack(at, context) + _json([type, thread]))


def noted(socket: int, note: tuple[Any, ...]) -> bytes:
    t, *rest = note
    plain = [{"b": bytes(each).decode("latin-1")} if isinstance(each, (bytes, bytearray)) else each for each in rest]
    return _record(_N, socket, NOTED.pack(t) + _json(plain))


def threads(socket: int, names: list[str]) -> bytes:
    return _record(_T, socket, _json(names))


def counted(socket: int, start: int, end: int, n_sent: int, n_received: int) -> bytes:
    return _record(_C, socket, COUNTED.pack(start, end, n_sent, n_received))


def about(what: dict[str, Any]) -> bytes:
    """Something of the program, or of the whole, rather than of a socket."""
    return _record(_J, 0, _json(what))


def _record(kind: int, socket: int, data: bytes) -> bytes:
    return HEAD.pack(len(data), kind, socket) + data


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def whole(data: bytes | bytearray) -> int:
    """How many of these bytes are whole records; the rest is still to come. Raises Strange."""
    at, end = 0, len(data)
    while at + HEAD.size <= end:
        length = HEAD.unpack_from(data, at)[0]
        if length > LONGEST:
            raise Strange(f"a record of {length:,} bytes")
        if at + HEAD.size + length > end:
            break
        at += HEAD.size + length
    return at


def records(data: bytes) -> Iterator[tuple[Any, ...]]:
    """(socket, what, …) of each record in these bytes, which are whole ones. `what` is 's', 'r' (both as
    `recording.Harbour` books them), 'state', 'open' (type, thread, context, when), 'note', 'threads', 'counted' or
    'about'. Raises Strange."""
    at, end, head, size = 0, len(data), HEAD.unpack_from, HEAD.size
    try:
        while at < end:
            length, kind, socket = head(data, at)
            at += size
            if at + length > end:
                raise Strange("a record that goes beyond its end")
            if kind == _S:
                t, true, more = SENT.unpack_from(data, at)
                yield socket, "s", t, *_frame(data[at + _SENT:at + length], true, t), bool(more)
            elif kind == _R:
                since, t, true, more = RECEIVED.unpack_from(data, at)
                frame = _frame(data[at + _RECEIVED:at + length], true, max(since, t))
                yield socket, "r", (since, t), *frame, bool(more)
            elif (record := _rare(kind, data[at:at + length])) is not None:
                yield socket, *record
            at += length
    except Strange:
        raise
    except Exception as error:      # struct's, json's, of a list where a number should be …
        raise Strange(f"a record that cannot be read ({type(error).__name__})") from error


def _frame(kept: bytes, true: int, t: int) -> tuple[bytes, int]:
    """What is kept of the frame, and its true length."""
    if t > TIMES:
        raise Strange("a time beyond all times")
    if len(kept) > WHOLE if not true else len(kept) != SHORTENED or true <= WHOLE:
        raise Strange("a frame that is not kept as frames are")
    return kept, true or len(kept)


def _rare(kind: int, data: bytes) -> tuple[Any, ...] | None:
    if kind == _A:
        return "state", *_times(*STATE.unpack(data))
    if kind == _N:
        t, = _times(*NOTED.unpack_from(data))
        note = _note(json.loads(data[NOTED.size:]))
        return None if note is None else ("note", (t, *note))
    if kind == _O:
        t, context = OPENED.unpack_from(data)
        type, thread = _list(json.loads(data[OPENED.size:]), str, 2)
        return "open", plain(type), plain(thread), context, _times(t)[0]
    if kind == _T:
        return "threads", *map(plain, _list(json.loads(data), str, None))
    if kind == _C:
        return "counted", *_times(*COUNTED.unpack(data))
    if kind == _J:
        what = json.loads(data)
        if not isinstance(what, dict):
            raise Strange("words about nothing")
        return "about", what
    return None         # of a later version


def _note(note: Any) -> tuple[Any, ...] | None:
    """A note, if it is one that is known and is as it should be."""
    if not isinstance(note, list) or not note or not isinstance(note[0], str):
        raise Strange("a note that says nothing")
    what, *rest = note
    kinds = NOTES.get(what)
    if kinds is None:
        return None
    values = [each["b"].encode("latin-1") if isinstance(each, dict) else each for each in rest]
    if len(values) > len(kinds) or (len(values) < len(kinds) and what != "close") or \
            not all(map(isinstance, values, kinds)):
        raise Strange(f"a note {plain(what)!r} that is not as such notes are")
    return what, *(plain(each) if isinstance(each, str) else _times(each)[0] if isinstance(each, int) and each > 0
                   else each for each in values)


def _times(*numbers: int) -> tuple[int, ...]:
    if max(numbers) > TIMES:
        raise Strange("a number beyond all numbers")
    return numbers


def _list(value: Any, kind: type, length: int | None) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(each, kind) for each in value) or \
            (length is not None and len(value) != length):
        raise Strange("a list that is not as it should be")
    return value


def plain(text: str, most: int = 400) -> str:
    """A text as it may be printed, whoever it comes from: a terminal obeys control characters."""
    return "".join(c if c.isprintable() else "·" for c in text[:most])
