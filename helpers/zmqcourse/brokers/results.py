"""What the experiments gave: plain rows, and a table and a picture of each.

Every system has a row in every table: what it did, or why not (it cannot, it is not installed, it failed).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from zmqlive import figures
from zmqlive.figures import Plot, Strip

from .base import DISK, MEMORY, SENDER, USUAL
from .table import Table

RAN, CANNOT, MISSING, FAILED, LEFT = "ran", "cannot", "missing", "failed", "left"
MARK = "°"
CURVES = 6  # that can be told apart
TEN_TIMES = "{}, each mark ten times as many"


@dataclass(frozen=True)
class Row:
    """One system in one experiment. `state` is one of those above, `why` the reason when it is not RAN."""

    key: str
    name: str
    experiment: str
    state: str
    why: str = ""
    terms: dict[str, str] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)


class Results:
    """Rows by experiment and system, in the order in which the systems are listed.

    `elsewhere` are results that were recorded earlier: they stand in for what is not on this machine, marked
    with a ° everywhere.
    """

    def __init__(self, rows: Iterable[Row] = (), note: str = "", elsewhere: Results | None = None) -> None:
        self._rows = {(row.experiment, row.key): row for row in rows}
        self.note, self.elsewhere = note, elsewhere

    def add(self, row: Row) -> None:
        self._rows[row.experiment, row.key] = row

    def of(self, experiment: str) -> list[Row]:
        """The rows of one experiment."""
        return [self._stand_in(row) for (which, _), row in self._rows.items() if which == experiment]

    def row(self, experiment: str, key: str) -> Row:
        """One system in one experiment, as it was here. Raises KeyError when there is none."""
        return self._rows[experiment, key]

    def numbers(self, experiment: str, name: str) -> dict[str, Any]:
        """One number of each system that ran: name of the system → value."""
        return {row.name: row.result[name] for row in self.of(experiment) if row.state == RAN}

    def facts(self) -> list[dict[str, Any]]:
        """What was measured of each system, in one dict each; None is what it cannot do, or what was not run. Of one
        that is also run otherwise, this is the row with the terms that are as equal as can be."""
        return [self._facts(row) for row in self.of("start") if row.state == RAN and not row.key.endswith(USUAL)]

    # --- to look at

    def table(self, experiment: str) -> Table:
        """All systems in one experiment: start, work, fan-out, crash, stopped."""
        head, cells = _TABLES[experiment]
        rows: list[tuple[str, ...]] = []
        # of what is not here, the first table says how to get it
        own = [row for (which, _), row in self._rows.items() if which == experiment]
        for row in own if experiment == "start" else self.of(experiment):
            said = f"{row.state}: {row.why}" if row.state in (CANNOT, FAILED) else row.why
            rows.append((row.name, *cells(row, self)) if row.state == RAN else (row.name, said))
        marked = self.elsewhere and any(name.endswith(MARK) for name, *_ in rows)
        note = f"{MARK} not run here. {self.elsewhere.note}" if marked else self.note
        ran = sum(row.state == RAN for row in own)
        return Table(("system", *head), rows, note, title=f"The table: {ran} of {len(own)} ran here")

    def picture(self, experiment: str) -> Plot:
        """All systems that ran in one experiment: work, fan-out, crash, stopped."""
        title, x, kinds, drawn, log = _PICTURES[experiment]
        found = [bar for row in self.of(experiment) if row.state == RAN for bar in drawn(row, self)]
        return figures.strips(title, found, kinds, x=x, log=log)

    def recovery(self, *keys: str) -> Plot:
        """Tasks done since a worker was killed, of six systems at most: named ones, or the first."""
        rows = [row for row in self.of("crash") if row.state == RAN and (not keys or row.key in keys)]
        curves = {row.name: (*row.result["curve"], "step") for row in rows[:CURVES]}
        return figures.chart("Tasks done, before and after the kill (at 0)", curves, x="seconds", y="tasks done")

    # --- to keep

    def save(self, path: Path | str) -> None:
        """All rows as JSON, a line each."""
        rows = ",\n".join(json.dumps(asdict(row), ensure_ascii=False) for row in self._rows.values())
        text = f'{{"note": {json.dumps(self.note)}, "rows": [\n{rows}\n]}}\n'
        Path(path).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, path: Path | str) -> Results:
        kept = json.loads(Path(path).read_text(encoding="utf-8"))
        return cls((Row(**row) for row in kept["rows"]), kept["note"])

    # ---

    def _stand_in(self, row: Row) -> Row:
        """The row, or the recorded one of a system that is not here."""
        other = self.elsewhere and self.elsewhere._rows.get((row.experiment, row.key))
        if row.state not in (MISSING, LEFT) or not other or other.state not in (RAN, CANNOT):
            return row
        return replace(other, name=row.name + MARK)

    def _facts(self, start: Row) -> dict[str, Any]:
        found: dict[str, dict[str, Any]] = {}
        for experiment in ("fan-out", "crash", "stopped"):
            row = self._rows.get((experiment, start.key))
            found[experiment] = self._stand_in(row).result if row else {}
        fan_out, crash, stopped = found.values()
        return {
            "name": start.name,
            "server": start.result["kind"] != "library",
            "lost": crash.get("lost"),
            "twice": crash.get("twice"),
            "recovered": crash.get("recovered"),
            "late": fan_out.get("late"),
            "stopped": stopped.get("answer"),
        }


# --- the cells of each table


def _start(row: Row, _: Results) -> tuple[str, ...]:
    r = row.result
    weight = f"{r['mb']:.0f} MB" if r["mb"] >= 0.5 else "–"
    return r["kind"], r["runs"], f"{r['seconds']:.1f} s", weight


def _work(row: Row, _: Results) -> tuple[str, ...]:
    r, t = row.result, row.terms
    sent, shares = f"{r['sent']:,} in {r['sending']:.1f} s", " / ".join(map(str, r["shares"]))
    counted = sent, shares, str(r["lost"]), str(r.get("waiting", 0)), "yes" if r["in_order"] else "no"
    return *counted, f"{r['rate']:,.0f}", t["confirmed"], t["disk"], t["under_way"], t["holds"], t["done"]


def _fan_out(row: Row, _: Results) -> tuple[str, ...]:
    r = row.result
    return str(r["sent"]), " / ".join(map(str, r["got"])), str(r["late"])


def _crash(row: Row, _: Results) -> tuple[str, ...]:
    r = row.result
    after = "never" if r["recovered"] is None else f"{r['recovered']:.1f} s"
    lost = f"{r['lost']} (they wait for it)" if r.get("waits") else str(r["lost"])
    before = f"{r['at_kill']['sent']} / {r['at_kill']['done']}"
    return before, lost, str(r["twice"]), str(r["redelivered"]), after, row.terms["holds"], row.terms["done"]


def _stopped(row: Row, results: Results) -> tuple[str, ...]:
    other = _limited(row, results)
    with_limit = "–" if not other else _answer(other.result) if other.state == RAN else other.why
    return _answer(row.result), with_limit


def _limited(row: Row, results: Results) -> Row | None:
    return next((each for each in results.of("limited") if each.key == row.key), None)


def _answer(r: dict[str, Any]) -> str:
    said = {
        "blocks": f"blocks after {r['accepted']:,}",
        "error": f"error after {r['accepted']:,}",
        "takes all": f"takes all {r['sent']:,} of {r['sending']:.1f} s",
        "drops": f"drops {r['lost']:,} of {r['sent']:,}",
    }
    return f"{said[r['answer']]} ({r['set']})"


_TABLES: dict[str, tuple[tuple[str, ...], Callable[[Row, Results], tuple[str, ...]]]] = {
    "start": (("is a", "runs here", "up in", "weighs"), _start),
    "work": (
        ("sent", "tasks each", "lost", "still wait", "in order", "tasks a second", "counts as sent", "on disk",
         "under way", "a worker holds", "counts as done"), _work,
    ),
    "fan-out": (("sent", "each of three got", "a late one got"), _fan_out),
    "crash": (
        ("sent / done at the kill", "lost", "twice", "redelivered", "all done after", "a worker holds",
         "counts as done"), _crash,
    ),
    "stopped": (("as it comes", "with a limit"), _stopped),
}  # fmt: skip


# --- the bars of each picture


def _rate_bar(row: Row, _: Results) -> list[Strip]:
    r = row.result
    return [Strip(row.name, {row.terms["keeper"]: r["rate"]}, f"{r['rate']:,.0f}; under way: {row.terms['under_way']}")]


def _fan_out_bar(row: Row, _: Results) -> list[Strip]:
    r = row.result
    least = min(r["got"])
    said = f"{least} of {r['sent']}; late: {r['late']}"
    return [Strip(row.name, {"each of three got": least, "a late one got": r["late"]}, said)]


def _crash_bar(row: Row, _: Results) -> list[Strip]:
    r = row.result
    said = f"{r['lost']} lost, {r['twice']} twice" + ("; the lost ones wait for it" if r.get("waits") else "")
    return [Strip(row.name, {"lost": r["lost"], "done twice": r["twice"]}, said)]


def _stopped_bars(row: Row, results: Results) -> list[Strip]:
    other = _limited(row, results)
    both = [row] + ([other] if other and other.state == RAN else [])
    return [
        Strip(name, {each.result["answer"]: each.result["accepted"]}, _answer(each.result))
        for each, name in zip(both, (row.name, "with a limit"), strict=False)
    ]


_PICTURES: dict[str, tuple[str, str, dict[str, str], Callable[[Row, Results], list[Strip]], bool]] = {
    "work": (
        "The job: tasks a second, by who has a copy when a task is sent", TEN_TIMES.format("tasks a second"),
        {SENDER: "lane0", MEMORY: "lane1", DISK: "lane2"}, _rate_bar, True,
    ),
    "fan-out": (
        "To all of three, and to one who comes late", "messages",
        {"each of three got": "lane0", "a late one got": "lane2"}, _fan_out_bar, False,
    ),
    "crash": (
        "A worker killed when half is done: tasks lost, and done twice", "tasks",
        {"lost": "bad", "done twice": "lane0"}, _crash_bar, False,
    ),
    "stopped": (
        "The consumer stops: messages that were taken, and what came then", TEN_TIMES.format("messages"),
        {"takes all": "lane0", "blocks": "lane2", "error": "lane1", "drops": "bad"}, _stopped_bars, True,
    ),
}  # fmt: skip
