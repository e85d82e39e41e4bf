"""How all stands at one moment of a replay: the counts after its events up to there, as js/state.js counts them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any


def snapshot_of(replay: dict[str, Any]) -> dict[str, Any]:
    """The fullest moment of a replay (blocked counts more than waiting)."""
    events = replay.get("ev", [])
    fold, best, at = Fold(), -1, 0
    for i, event in enumerate(events):
        fold.apply(event)
        score = sum(fold.depth.values()) + sum(fold.doors.values()) + 1000 * len(fold.blocked)
        if score >= best:  # the last of equals: it has counted the most
            best, at = score, i + 1
    fold = Fold()
    for event in events[:at]:
        fold.apply(event)
    return {
        "title": replay.get("title", ""),
        "topo": replay.get("topo", {}),
        "n": fold.counts(),
        "roles": fold.standing.roles,
        "labels": fold.standing.labels,
        "now": events[at - 1][0] if at else 0.0,
    }


class Standing:
    """What each role is, and what it says of itself; with a role goes what it said."""

    def __init__(self) -> None:
        self.roles: dict[str, str] = {}
        self.labels: dict[str, str] = {}

    def apply(self, event: list[Any]) -> None:
        _, kind, role, what = event[:4]
        if kind == "k":
            self.roles[role] = what
            if what not in ("running", "frozen"):
                self.labels.pop(role, None)
        elif kind == "l":
            self.labels[role] = what


class Fold:
    """Counts as they stand after some events: as js/state.js counts."""

    def __init__(self) -> None:
        self.depth: dict[int, int] = defaultdict(int)
        self.drop: dict[int, int] = defaultdict(int)
        self.doors: dict[int, int] = defaultdict(int)
        self.sockets: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        self.blocked: set[int] = set()
        self.standing = Standing()
        self._at: dict[int, tuple[int, int]] = {}  # message → edge (or -1) and socket where it is told to wait

    def apply(self, event: list[Any]) -> None:
        kind, where = event[1], event[2]
        if kind == "s":
            self._put(where, event[5], 1)
            self._at[event[4]] = where, event[5]
            self.sockets[event[5]][0] += 1
        elif kind == "h":
            self._leave(event[4])
            self._put(where, event[5], 1)
            self._at[event[4]] = where, event[5]
        elif kind == "r":
            if not self._leave(event[4]):
                self.depth[where] = max(0, self.depth[where] - 1)
            self.sockets[event[5]][1] += 1
        elif kind == "x":
            self._leave(event[4])
            self.drop[where] += 1
        elif kind == "b":
            self.blocked.add(where)
        elif kind == "u":
            self.blocked.discard(where)
        elif kind in "kl":
            self.standing.apply(event)
        elif kind == "n":
            self._snapshot(where)

    def _put(self, edge: int, socket: int, more: int) -> None:
        held, key = (self.depth, edge) if edge >= 0 else (self.doors, socket)
        held[key] = max(0, held[key] + more)

    def _leave(self, message: int) -> bool:
        """It waits no more where it was told to wait. Returns whether that is known."""
        at = self._at.pop(message, None)
        if at:
            self._put(*at, -1)
        return at is not None

    def _snapshot(self, counts: dict[str, Any]) -> None:
        for edge, v in counts.get("e", {}).items():
            self.depth[int(edge)] = (v[2] or 0) + (v[6] or 0)
            self.drop[int(edge)] = (v[3] or 0) + (v[7] or 0)
        for socket, (sent, received) in counts.get("s", {}).items():
            self.sockets[int(socket)] = [sent, received]
        if "door" in counts:
            self.doors = defaultdict(int, {int(socket): n for socket, n in counts["door"].items()})
        if "blocked" in counts:
            self.blocked = set(counts["blocked"])

    def counts(self) -> dict[str, Any]:
        edges = {
            e: [0, 0, self.depth[e], self.drop[e], 0, 0, 0, 0] for e in {*self.depth, *self.drop} if e >= 0
        }
        return {
            "e": edges,
            "s": {k: list(v) for k, v in self.sockets.items()},
            "door": {socket: n for socket, n in self.doors.items() if n},
            "blocked": sorted(self.blocked),
        }
