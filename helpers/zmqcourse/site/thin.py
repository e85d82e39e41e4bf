"""Makes a record small enough for a page, and says what was left out."""

from __future__ import annotations

from typing import Any

#: Messages that a page's view draws one by one; of a longer record every n-th is drawn. Counts stay exact.
MOST = 2_000
#: Seconds of a record that a page shows.
LONGEST = 90.0
#: Milliseconds of an empty picture before the first socket is there.
AIR = 250.0


def thin(replay: dict[str, Any], *, most: int = MOST, longest: float = LONGEST) -> dict[str, Any]:
    """The replay with at most so many messages and seconds, and counts told only when they changed."""
    notes = [replay.get("note", "")]
    events = replay["ev"]
    duration = float(replay.get("dur", 0.0))
    if duration > longest * 1000:
        duration = longest * 1000
        events = [event for event in events if event[0] <= duration]
        notes.append(f"The first {longest:.0f} s of a longer run.")
    ids = list(dict.fromkeys(event[4] for event in events if event[1] == "s"))
    step = -(-len(ids) // most) or 1
    if step > 1:
        kept = set(ids[::step])
        events = [event for event in events if _message(event) is None or _message(event) in kept]
        notes.append(f"One message in {step} is drawn; every one is counted.")
    born = [socket.get("born") or 0.0 for socket in replay["topo"].get("sockets", ())]
    return {
        **replay,
        "from": max(0.0, round(min(born, default=0.0) - AIR, 1)),
        "dur": round(duration, 1),
        "ev": _changes(events, step),
        "note": " ".join(note for note in notes if note),
    }


def _message(event: list[Any]) -> Any:
    """The message that an event is about, None for others."""
    return event[4] if event[1] in "srxh" else event[3] if event[1] == "d" else None


def _changes(events: list[list[Any]], step: int) -> list[list[Any]]:
    """Snapshots of the counts with only what differs from the one before; the last one whole."""
    told: dict[str, dict[str, Any]] = {"e": {}, "s": {}, "x": {}}
    whole: dict[str, Any] = {"blocked": None, "door": None}  # told as a whole when it changes
    last = max((i for i, event in enumerate(events) if event[1] == "n"), default=-1)
    out: list[list[Any]] = []
    for i, event in enumerate(events):
        if event[1] != "n":
            out.append(event)
            continue
        counts = event[2]
        news: dict[str, Any] = {}
        for part, known in told.items():
            now = {str(key): value for key, value in (counts.get(part) or {}).items()}
            changed = {key: value for key, value in now.items() if known.get(key) != value}
            known.update(now)
            if i == last:
                changed = dict(known)
            if changed:
                news[part] = changed
        for part in whole:
            if part in counts and (counts[part] != whole[part] or i == last):
                news[part] = whole[part] = counts[part]
        stride = step * (counts.get("stride") or 1)
        if news or stride > 1:
            out.append([event[0], "n", news | ({"stride": stride} if stride > 1 else {})])
    return out
