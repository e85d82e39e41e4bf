"""Entries of a record, put close: an entry a frame, in columns of numbers and bytes, with no Python object for any.

`entry` is what a socket's thread writes down of a frame, `stream` keeps one direction of a socket, `native` says
whether the extension `_fast` does the writing.
"""

from __future__ import annotations

from .entry import HELD, MANY, Columns, Entry, ends, pack, shorten, unwrap
from .stream import START, Place, Stream

__all__ = ["HELD", "MANY", "START", "Columns", "Entry", "Place", "Stream", "ends", "pack", "shorten", "unwrap"]
