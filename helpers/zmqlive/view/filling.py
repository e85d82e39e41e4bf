"""How full a queue looks: the rule of js/fill.js, for the still picture. A test compares the two.

More waiting never looks like less, and only a full queue looks full.
"""

from __future__ import annotations

from math import floor, sqrt
from typing import NamedTuple

SLOTS = 24  # up to this mark each place in the queue is drawn
LEAST = 6.5  # pixels a place needs; with less room there are none
HEAD = 0.5  # share of the queue in which messages stand one by one
ABREAST = 6  # how many of them there are room for
CLOSE = 4.0  # pixels from one to the next, at least
GAP = 0.08  # share that stays empty as long as there is room
SLIVER = 1.5  # pixels: the least bar that is seen
HALF = 12.0  # without a mark: half of the bar's room at so many squared


class Filling(NamedTuple):
    """``dots`` dots, the middle of the first ``first`` pixels from the way out, each next one ``pitch`` further;
    ``length`` pixels are filled, of which the last ``bar`` are a bar."""

    dots: int
    first: float
    pitch: float
    length: float
    bar: float
    full: bool
    places: bool


def fill(n: int, mark: int | None, width: float, size: float) -> Filling:
    """``n`` messages before a ``mark`` (None or 0: none, or not known) in ``width`` pixels; a dot is ``size``
    pixels wide with its air."""
    full = bool(mark) and n >= mark
    if mark and mark <= SLOTS and size > 0 and width / mark >= LEAST:
        pitch, dots = width / mark, min(n, mark)
        return Filling(dots, pitch / 2, pitch, dots * pitch, 0.0, full, True)
    pitch = min(size, max(CLOSE, (width * HEAD - size) / (ABREAST - 1)))
    most = floor((width * HEAD - size) / pitch) + 1 if 0 < size <= width * HEAD else 0
    if mark:
        most = min(most, mark - 1)
    dots = min(n, most)
    head = size + (dots - 1) * pitch if dots else 0.0
    bar = 0.0
    if full:
        bar = width - head
    elif n > most:
        more = n - most
        share = sqrt(more / (mark - most)) if mark else sqrt(more) / (sqrt(more) + HALF)
        bar = SLIVER + share * max(0.0, width * (1 - GAP) - head - SLIVER)
    return Filling(dots, size / 2, pitch, head + bar, bar, full, False)
