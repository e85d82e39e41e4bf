"""One message under a microscope: its frames at each socket that it passed, and what that socket added or took."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ..trace import Message, Trace
from .canvas import Plot, colour, frozen, legend_of, nothing, shorten, style

MOST = 12         # hops shown; of a longer way the last ones
WIDE = 84         # letters that fit beside each other in the picture
NOTES = 26        # of them for what is said of each row
ID, EMPTY, NUMBER, BODY = "routing id", "empty delimiter", "request number", "body"
INK = {ID: "lane0", EMPTY: "lane1", NUMBER: "lane3", BODY: "lane2"}
ADDED, TAKEN, KEPT = "+", "−", " "      # what a socket did with a frame; "" where it left it alone


class Step(NamedTuple):
    """What one socket did. `frames` are what the program had there and what the socket put on or took off, `marks`
    say which is which; `said` is that in a few words, `bad` what became of a message that got no further."""

    socket: int
    what: str
    frames: tuple[bytes, ...]
    marks: tuple[str, ...]
    said: str
    bad: bool = False


def frames(trace: Trace, message: Message | int, *, step: int | None = None) -> Plot:
    """The way that led to `message` (one of the trace's messages, or its id), a row for each socket on it.

    A row holds the frames that the socket's program handed over or was given. What the socket put in front carries
    a +, what it took off a −; a frame in broken lines goes no further. `step` shows the first so many rows only, the
    last of them marked. Raises ValueError for a message that is not in the trace.
    """
    trace = frozen(trace)
    hops, note = _hops(trace, message)
    steps = [step for hop in hops for step in _steps(trace, hop)]
    shown = len(steps) if step is None else min(max(step, 0), len(steps))
    numbered = any(trace.socket(hop.source).type == "REQ" for hop in hops)
    kinds = [frame_kinds(each.frames, _ids(trace, hops), numbered) for each in steps]
    plot = Plot(height=1.1 + 0.34 * len(steps), title="One message, hop by hop",
                note=" ".join(filter(None, (note, trace.note))))
    with style():
        axes = plot.axes_
        rows, width = _texts(steps, kinds)
        _rules(axes, steps, shown if step else 0)
        for y in range(shown):
            _boxes(axes, y, steps[y], kinds[y], rows[y], -width)
        axes.set(xlim=(-width, WIDE - width), ylim=(len(steps) - 0.45, -0.55), xticks=[])
        axes.set_yticks(range(len(steps)), [_label(trace, each) for each in steps])
        axes.tick_params(axis="y", length=0, labelcolor=colour("ink"))
        axes.spines[:].set_visible(False)
        legend_of(axes, {kind: ink for kind, ink in INK.items() if any(kind in row for row in kinds)})
        if not shown:
            nothing(axes, "No step is shown yet.")
    said = [f"{n}. {_words(trace, each, kinds[n - 1])}" for n, each in enumerate(steps[:shown], start=1)]
    plot.summary = f"One message, hop by hop, {shown} of {len(steps)} steps. {' '.join(said)} {note}".strip()
    return plot


def frame_kinds(row: Sequence[bytes], ids: Collection[bytes], numbered: bool = False) -> list[str]:
    """What each frame of a message is: routing ids, an empty delimiter after them, the body. In front of a delimiter
    may stand what REQ_CORRELATE puts there, where a REQ is on the way (`numbered`)."""
    kinds: list[str] = []
    for i, frame in enumerate(row):
        before = kinds[-1] if kinds else ID
        if before != BODY and frame and frame in ids:
            kinds.append(ID)
        elif not frame and before in (ID, NUMBER):
            kinds.append(EMPTY)
        elif numbered and before == ID and len(frame) == 4 and row[i + 1:i + 2] == (b"",):
            kinds.append(NUMBER)
        else:
            kinds.append(BODY)
    return kinds


# --- what happened at each socket

def _hops(trace: Trace, message: Message | int) -> tuple[tuple[Message, ...], str]:
    id = message.id if isinstance(message, Message) else message
    try:
        way = trace.way(id)
    except KeyError:
        raise ValueError(f"There is no message {id!r} in this trace: it has {len(trace.messages):,}.") from None
    known = tuple(hop for hop in way if hop.source is not None)     # of a hop from outside nothing is known but its end
    notes = [f"The last {MOST} of {len(known)} hops."] if len(known) > MOST else []
    notes += ["It came from outside the record."] if len(known) < len(way) else []
    return known[-MOST:], " ".join(notes)


def _ids(trace: Trace, hops: Sequence[Message]) -> set[bytes]:
    """The routing ids that ROUTERs on this way put in front or took as an address."""
    came = {hop.frames[0] for hop in hops if hop.received is not None and trace.socket(hop.target).type == "ROUTER"}
    return came | {_given(hop)[0] for hop in hops if trace.socket(hop.source).type == "ROUTER"}


def _given(hop: Message) -> tuple[bytes, ...]:
    return hop.frames if hop.as_sent is None else hop.as_sent


def _wire(trace: Trace, hop: Message) -> tuple[bytes, ...]:
    """What travelled, as far as it is certain (RFC 28)."""
    source = trace.socket(hop.source).type
    target = trace.socket(hop.target).type if hop.received is not None else ""
    if source == "ROUTER":
        return _given(hop)[1:]
    if source not in ("REQ", "REP"):
        return _given(hop)
    if target in ("ROUTER", "DEALER"):      # these show all of it
        return hop.frames[1:] if target == "ROUTER" else hop.frames
    return (b"", *_given(hop)) if source == "REQ" or target == "REQ" else _given(hop)


def _steps(trace: Trace, hop: Message) -> tuple[Step, ...]:
    """What the sender of this hop did, and its receiver."""
    wire, given = _wire(trace, hop), _given(hop)
    sent = _sent(hop.source, trace.socket(hop.source).type, given, wire)
    if hop.received is None or hop.target is None:
        return sent, Step(hop.source, "nobody receives it", (), (), hop.fate, bad=True)
    return sent, _received(hop.target, trace.socket(hop.target).type, hop.frames, wire)


def _sent(socket: int, type: str, given: tuple[bytes, ...], wire: tuple[bytes, ...]) -> Step:
    what = f"{type} sends"
    if type == "ROUTER":
        return Step(socket, what, given, (TAKEN, *[""] * len(wire)), "− the first frame: the address")
    added = max(0, len(wire) - len(given))
    said = "no change"
    if added:
        said = "+ an empty delimiter" if type == "REQ" else "+ the envelope, put back"
    return Step(socket, what, wire, (*[ADDED] * added, *[""] * len(given)), said)


def _received(socket: int, type: str, seen: tuple[bytes, ...], wire: tuple[bytes, ...]) -> Step:
    what = f"{type} receives"
    if type == "ROUTER":
        return Step(socket, what, seen, (ADDED, *[""] * (len(seen) - 1)), "+ the sender's routing id")
    off = max(0, len(wire) - len(seen))
    said, mark = ("− the delimiter", TAKEN) if type == "REQ" else ("keeps the envelope", KEPT)
    return Step(socket, what, wire if off else seen, (*[mark] * off, *[""] * len(seen)), said if off else "no change")


# --- how it is drawn

def _texts(steps: Sequence[Step], kinds: Sequence[Sequence[str]]) -> tuple[list[list[str]], float]:
    """What stands in the boxes, row by row, and how many letters the widest row takes."""
    for letters in (14, 10, 8, 6, 4):
        rows = [[_text(*each, letters) for each in zip(step.frames, row, step.marks, strict=True)]
                for step, row in zip(steps, kinds, strict=True)]
        width = max((sum(map(_width, row)) for row in rows), default=0.0)
        if width <= WIDE - NOTES:
            break
    return rows, min(max(width, 24.0), WIDE - NOTES)


def _text(frame: bytes, kind: str, mark: str, letters: int) -> str:
    words = {ID: f"id {_name(frame, letters)}", EMPTY: "empty", NUMBER: f"no. {frame.hex()}"}
    return f"{mark} {words.get(kind) or _quoted(frame, letters)}".strip()


def _name(frame: bytes, letters: int) -> str:
    """A routing id: as it is, if somebody gave it; one that a ROUTER made up (or any other bytes) as hex."""
    text = frame.decode("ascii", "replace")
    return shorten(text if text.isprintable() and "\ufffd" not in text else frame.hex(), letters)


def _quoted(frame: bytes, letters: int) -> str:
    text = frame.decode("utf-8", "replace")
    return f"“{shorten(text, letters)}”" if text.isprintable() and "\ufffd" not in text else _name(frame, letters)


def _width(text: str) -> float:
    return max(6.5, len(text) + 2.0)


def _boxes(axes: Axes, y: int, step: Step, kinds: Sequence[str], texts: Sequence[str], most: float) -> None:
    """The frames from right to left, so that bodies stand below each other and the envelope grows to the left."""
    x = 0.0
    for n, (kind, mark, text) in enumerate(reversed(list(zip(kinds, step.marks, texts, strict=True)))):
        if x - _width(text) < most + (0 if n + 1 == len(texts) else 9):      # there has to be room to say so
            axes.text(x - 1, y, f"{len(texts) - n} more …", ha="right", va="center_baseline", color=colour("dim"))
            break
        ink, x = colour(INK[kind]), x - _width(text)
        solid = mark in ("", ADDED)
        place = (x + 0.3, y - 0.34), _width(text) - 0.6, 0.68
        axes.add_patch(Rectangle(*place, fc=ink, alpha=0.2 if solid else 0.06, lw=0, zorder=2))
        axes.add_patch(Rectangle(*place, fc="none", ec=ink, lw=2.0 if mark == ADDED else 1.1, zorder=3,
                                 ls="-" if solid else (0, (3, 2))))
        axes.text(x + _width(text) / 2, y, text, ha="center", va="center_baseline", fontsize=8.5, zorder=4,
                  color=colour("ink" if solid else "dim"))
    axes.text(1.5, y, step.said, ha="left", va="center_baseline", fontsize=8.5,
              color=colour("bad" if step.bad else "dim" if step.said == "no change" else "ink"))


def _rules(axes: Axes, steps: Sequence[Step], marked: int) -> None:
    """A line wherever the message goes from one program to the next, and a band behind the step that is looked at."""
    for y in range(0, len(steps), 2):
        if not steps[y + 1].bad:
            axes.axhline(y + 0.5, color=colour("line"), lw=0.8, ls=(0, (1, 2)), zorder=1)
    if marked:
        axes.axhspan(marked - 1.47, marked - 0.53, color=colour("faint"), lw=0, zorder=0)


def _label(trace: Trace, step: Step) -> str:
    role = trace.role_of(step.socket)
    return step.what if step.bad or not role else f"{shorten(role, 14)} · {step.what}"


def _words(trace: Trace, step: Step, kinds: Sequence[str]) -> str:
    if step.bad:
        return f"{step.what.capitalize()}: {step.said}."
    held = ", ".join(_text(*each, 14) for each in zip(step.frames, kinds, step.marks, strict=True))
    said = step.said.replace("+", "adds").replace("−", "takes off")
    return f"{trace.role_of(step.socket)} {step.what} {held}: {said}.".strip()
