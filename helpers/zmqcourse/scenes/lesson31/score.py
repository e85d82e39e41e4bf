"""The score of a server: of each point of the specification, how often it was tried and held, and what broke first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ...exercise import Wrong

POINTS = {
    1: "told", 2: "numbered", 3: "snapshot", 4: "replay", 5: "refused", 6: "returned", 7: "kept", 8: "one meaning",
    9: "shared",
}
NO_FAULT = "no fault before"


class Score:
    """Counts. `fault` is the last fault, `act` what is done now; `broken` says of each broken point how it
    was broken first."""

    def __init__(self, points: Iterable[int] = POINTS) -> None:
        self.points = tuple(points)
        self.tried: Counter[int] = Counter()
        self.held: Counter[int] = Counter()
        self.broken: dict[int, Wrong] = {}
        self.fault, self.act = NO_FAULT, ""
        self.ended = ""  # why it was not tried to the end

    def count(self, point: int, ok: bool, but: str, *, tried: str = "", seen: str = "", expected: str = "") -> bool:
        """One trial of a point; `but` says what is wrong where it does not hold. Gives `ok` back."""
        self.tried[point] += 1
        self.held[point] += ok
        if not ok and point not in self.broken:
            self.broken[point] = self._wrong(Wrong(but, tried=tried, seen=seen, expected=expected), point)
        return ok

    def _wrong(self, wrong: Wrong, point: int) -> Wrong:
        wrong.details["tried"] = "; then ".join(filter(None, (self.fault, wrong.details.get("tried"))))
        wrong.message = f"point {point}, {POINTS[point]}: {wrong.message}"
        return wrong

    def ends(self, wrong: Wrong) -> None:
        """The server does no more: what was not tried by now never will be."""
        self.ended = wrong.message
        wrong.details["tried"] = "; then ".join(filter(None, (self.fault, self.act, wrong.details.get("tried"))))

    def holds(self, point: int) -> bool:
        """Whether it was tried, and held each time."""
        return 0 < self.tried[point] == self.held[point]

    @property
    def whole(self) -> int:
        """How many points hold."""
        return sum(map(self.holds, self.points))

    def fractions(self) -> str:
        """ "told 12/12, kept 3/4": those points that were tried."""
        shown = [point for point in POINTS if self.tried[point]]
        return ", ".join(f"{POINTS[point]} {self.held[point]}/{self.tried[point]}" for point in shown)

    def judge(self, wrong: Wrong | None) -> None:
        """Raises the first violation, with the score; where there is none, `wrong`, which has ended it."""
        first = next(iter(self.broken.values()), wrong)
        if first is not None:
            end = ", and not tried to the end" if self.ended else ""
            tried = self.fractions() or "none tried"
            first.details["score"] = f"{self.whole} of {len(self.points)} points{end}: {tried}"
            raise first

    def __str__(self) -> str:
        lines = []
        for point in self.points:
            held, tried = self.held[point], self.tried[point]
            mark = "✔" if 0 < tried == held else "✘" if tried else "–"
            line = f"{mark} {point} {POINTS[point]:<12}{held:>4} of {tried}"
            if wrong := self.broken.get(point):
                line += f"\n      {wrong.message.split(': ', 1)[1]}\n      after: {wrong.details['tried']}"
                line += f"\n      seen: {wrong.details['seen']}" if wrong.details["seen"] else ""
            lines.append(line)
        end = [f"and then: {self.ended}"] if self.ended else []
        return "\n".join([f"{self.whole} of {len(self.points)} points", *lines, *end])

    __repr__ = __str__
