"""A file in pieces that are asked for: over a long line, a narrow one, and one that is cut."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from zmqlive import Stage, figures
from zmqlive.figures import Plot

Role = Callable[..., Any]
LATENCY = 0.05  # seconds each way of the long line
BANDWIDTH = 4e6  # bytes a second that it carries
ROUNDS = 4  # whole windows that are timed
HUNG = 4.0  # seconds in which nothing comes any more, over a line that works
MOST_CUTS = 20
AT_ONCE = SimpleNamespace(value=0)  # a reader that needs no time for a piece


# --- the live picture


def clerks(server: Role, reader: Role, path: Path, window: int, pause: Any) -> Stage:
    """A server, a line that can be slow and cut, and a reader with this window and this pause; the stage, running."""
    stage = Stage("Piece by piece", seconds=900)
    endpoint = stage.endpoint("tcp", name="file")
    line = stage.link(endpoint, name="line", latency=0.2)
    stage.add(server, endpoint, path, name="server")
    stage.add(reader, line.endpoint, window, pause, name="reader")
    return stage.start()


def cut_for_a_moment(stage: Stage) -> tuple[int, int]:
    """Cut the line of this stage for half a second, and again until the reader stands still, though the line works; how
    often it was cut (not at all, if somebody has done it before), and how many pieces the reader has got."""
    line = stage.links[0]
    if stage.role("reader").gone:
        stage.restart("reader")
    for cuts in range(MOST_CUTS):
        if line.state != "up":
            line.mend()
        if not _goes_on(stage, seconds=HUNG):
            return cuts, stage.received("reader")
        line.cut()
        time.sleep(0.5)
    return MOST_CUTS, stage.received("reader")


def _goes_on(stage: Stage, seconds: float) -> bool:
    """Whether the reader gets another piece within so many seconds."""
    before, began = stage.received("reader"), time.monotonic()
    stage.wait(lambda s: s.received("reader") > before or time.monotonic() > began + seconds, timeout=seconds + 30)
    return stage.received("reader") > before


# --- windows


def across(server: Role, reader: Role, path: Path, piece: int, windows: Sequence[int]) -> list[float]:
    """Bytes a second over the long line, for each of these windows."""
    return [_rate(server, reader, path, piece, window, window * ROUNDS, latency=LATENCY) for window in windows]


def loopback(server: Role, reader: Role, path: Path, piece: int, windows: Sequence[int]) -> list[float]:
    """Bytes a second on this machine, with no line between, for each of these windows: the best of three runs, for each
    takes a moment only, in which others may be at work."""
    pieces = path.stat().st_size // piece
    runs = [
        [_rate(server, reader, path, piece, window, pieces - window, latency=0) for window in windows] for _ in range(3)
    ]
    return [max(rates) for rates in zip(*runs, strict=True)]


def _rate(server: Role, reader: Role, path: Path, piece: int, window: int, timed: int, *, latency: float) -> float:
    """Over so many pieces, which are timed from the end of the first window on."""
    with Stage(f"A window of {window}", seconds=120) as stage:
        endpoint = stage.endpoint("tcp", name="file")
        stage.add(server, endpoint, path, name="server")
        way = stage.link(endpoint, latency=latency, bandwidth=BANDWIDTH).endpoint if latency else endpoint
        stage.add(reader, way, window, AT_ONCE, name="reader")
        stage.wait(lambda s: s.received("reader") >= window + timed, timeout=90)
    trace = stage.trace()
    came = sorted(
        m.received for m in trace.messages if trace.role_of(m.target) == "reader" and m.received is not None
    )
    return timed * piece / (came[window + timed - 1] - came[window - 1])


def against_window(windows: Sequence[int], rates: Sequence[float], piece: int) -> Plot:
    """What was measured beside the law, in MB a second."""
    trip, most = 2 * LATENCY, BANDWIDTH / 1e6
    law = [window * piece / trip / 1e6 for window in windows]
    fits = [number for number, each in enumerate(law) if each <= 1.6 * most]
    curves = {
        "measured": (windows, [rate / 1e6 for rate in rates], "dots"),
        "window × piece ÷ round trip": ([windows[n] for n in fits], [law[n] for n in fits]),
        "what the line carries": (windows, [most] * len(windows)),
    }
    return figures.chart(f"A line of {trip:g} s there and back", curves, x="window, in pieces", y="MB a second")


# --- a line that is full


class Transfer(NamedTuple):
    """How a file went over a narrow line: seconds, how many pieces were asked for, and whether it came whole."""

    seconds: float
    asked: int
    whole: bool

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s, asked {self.asked} times, the file is {'whole' if self.whole else 'not whole'}"


def narrow_line(server: Role, reader: Role, path: Path, windows: Sequence[int]) -> dict[int, Transfer]:
    """The same file with each of these windows, each over a line of its own that carries 20 pieces a second and loses
    none. `reader` has a patience of 0.3 s."""
    piece, data = 20_000, path.read_bytes()[:600_000]
    part = path.with_suffix(".part")
    part.write_bytes(data)
    got: dict[int, list[bytes]] = {window: [] for window in windows}
    ended: dict[int, float] = {}
    with Stage("Narrow lines", seconds=120) as stage:
        for window in windows:
            endpoint = stage.endpoint("tcp", name=f"file {window}")
            line = stage.link(endpoint, name=f"line {window}", latency=0.02, bandwidth=20 * piece)
            stage.add(server, endpoint, part, name=f"server {window}")
            stage.add(reader, line.endpoint, piece, window, 0.3, got[window].append, name=f"reader of {window}")

        def over(stage: Stage) -> bool:
            for window in windows:
                if stage.role(f"reader of {window}").gone:
                    ended.setdefault(window, stage.recorder.seconds())
            return len(ended) == len(windows)

        stage.start()
        stage.wait(over, timeout=90)
    part.unlink()
    return {
        window: Transfer(ended[window], stage.sent(f"reader of {window}"), b"".join(got[window]) == data)
        for window in windows
    }
