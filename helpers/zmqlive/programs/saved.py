"""A record in a file: it is written as it comes, and read without being held in memory.

    magic      8 bytes, b"ZMQLIVE" and the form's number, 1
    blocks     each `<I` length, `<I` program, `<I` CRC-32 of these eight bytes and the content, then so many bytes of
               whole records

Program 0 is whoever collected; what it says is in records of kind J (see `hook/form.py`). Nothing in the file is code.
"""

from __future__ import annotations

import os
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import Any, BinaryIO

from ..hook import Strange, form
from ..recorder import LIMIT
from .system import System, number, word

MAGIC = b"ZMQLIVE" + bytes([form.VERSION])
BLOCK, _FRONT = Struct("<III"), Struct("<II")
MOST = 1 << 24      # bytes of a block
CUT = "The file ends in the middle: what came before that is here, the end of the record is not."


def block(program: int, data: bytes) -> bytes:
    """A block of the file."""
    return BLOCK.pack(len(data), program, _check(len(data), program, data)) + data


def _check(length: int, program: int, data: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(_FRONT.pack(length, program)))


class BadFile(ValueError):
    """A file that is no record, or a damaged one; the text says so in a sentence."""


class Writer:
    """Writes a record to `path`, which is made anew. Raises OSError when that cannot be done."""

    def __init__(self, path: str | os.PathLike[str], title: str, began: int) -> None:
        self._file = open(path, "wb")  # noqa: SIM115    closed by `close`
        self._lock = threading.Lock()
        self._file.write(MAGIC)
        self.say({"what": "record", "title": form.plain(title, 200), "began": began, "python": sys.version.split()[0]})

    def block(self, program: int, data: bytes) -> None:
        """What one program wrote: whole records."""
        with self._lock:
            if not self._file.closed:
                self._file.write(block(program, data))

    def say(self, what: dict[str, Any]) -> None:
        """Something of the whole."""
        self.block(0, form.about(what))
        self._file.flush()

    def close(self, t: int) -> None:
        """The record ends at `t` (ns)."""
        if not self._file.closed:
            self.say({"what": "end", "t": t})
            with self._lock:
                self._file.close()


class Saved(System):
    """What a file holds. `remark` says what is wrong with it, if it can be read all the same."""

    def __init__(self, path: str | os.PathLike[str], *, limit: int = LIMIT) -> None:
        """Reads the file. Raises `BadFile`, and OSError when there is none."""
        self._roles: dict[int, str] = {}
        self.remark = ""
        name = Path(path).name
        super().__init__(name, limit=limit)
        try:
            with open(path, "rb") as file:
                self._read(file)
        except Strange as error:
            self.close()
            raise BadFile(f"{name} is damaged, or was made by somebody else: it holds {error}.") from error
        except BadFile as error:
            self.close()
            raise BadFile(f"{name} {error}") from error
        self.close()

    def _read(self, file: BinaryIO) -> None:
        if (magic := file.read(len(MAGIC))) != MAGIC:
            if magic[:-1] == MAGIC[:-1] and magic[-1:]:
                raise BadFile(f"is a record of form {magic[-1]}, where this version reads {form.VERSION}.")
            raise BadFile("is no record of zmqlive (those begin with ZMQLIVE).")
        begun, ended, stopped = False, 0, 0
        for i, (program, data) in enumerate(self._blocks(file)):
            begun = True
            if program and i:
                self.book(program, data)
                self.collect()
                continue
            for _, kind, what, *_ in form.records(data):
                if kind != "about" or not isinstance(what.get("what"), str):
                    raise Strange("a remark about nothing")
                if (i == 0) != (what["what"] == "record") or (program and not i):
                    raise Strange("no word about when it began" if i == 0 else "two beginnings")
                ended, stopped = self._take(what, ended, stopped)
        if not begun:
            raise BadFile("is empty but for its first bytes.")
        self.stopped = stopped or max(ended, self.newest) + 1
        if not ended:
            self.remark = self.remark or CUT

    def _take(self, what: dict[str, Any], ended: int, stopped: int) -> tuple[int, int]:
        kind = what["what"]
        if kind == "record":
            self.title, self.began = word(what, "title"), number(what, "began")
        elif kind == "named":
            self._roles[number(what, "program")] = word(what, "name")
        elif kind == "gone":
            self.gone(number(what, "program"), number(what, "t"), word(what, "state"), word(what, "text"))
        elif kind == "role":
            self._say(word(what, "name"), number(what, "t"), word(what, "state"), word(what, "text"))
        elif kind == "stopping":
            self.told_to_stop = stopped = number(what, "t")
        elif kind == "end":
            ended = number(what, "t")
        return ended, stopped

    def _blocks(self, file: BinaryIO) -> Iterator[tuple[int, bytes]]:
        while head := file.read(BLOCK.size):
            if len(head) == BLOCK.size:
                length, program, crc = BLOCK.unpack(head)
                if length > MOST:
                    raise Strange(f"a block of {length:,} bytes")
                data = file.read(length)
            if len(head) < BLOCK.size or len(data) < length:
                self.remark = CUT
                return
            if _check(length, program, data) != crc:
                raise Strange("a block whose content is not what was written (its checksum differs)")
            yield program, data

    def _named(self, program: int, pid: int, name: str) -> str:
        return self._roles.get(program) or super()._named(program, pid, name)
