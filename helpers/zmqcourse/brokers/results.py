"""What the experiments gave: plain rows, and a table and figures of them.

Every system has a row in every table: what it did, or why not (it cannot, it is not installed, it failed).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any

from zmqlive import figures
from zmqlive.figures import Plot

RAN, CANNOT, MISSING, FAILED, LEFT = "ran", "cannot", "missing", "failed", "left"
MARK = "°"
CURVES = 6  # that can be told apart


@dataclass(frozen=True)
class Row:
    """One system in one experiment. `state` is one of those above, `why` the reason when it is not RAN."""

    key: str
    name: str
    experiment: str
    state: str
    why: str = ""
    ack: str = ""
    result: dict[str, Any] = field(default_factory=dict)


class Table:
    """Rows of text under a heading: a table in a notebook, columns anywhere else. A row of two spans the rest."""

    def __init__(self, head: tuple[str, ...], rows: list[tuple[str, ...]], note: str = "") -> None:
        self.head, self.rows, self.note = head, rows, note

    def __repr__(self) -> str:
        full = [row for row in [self.head, *self.rows] if len(row) == len(self.head)]
        widths = [max(len(row[column]) for row in full) for column in range(len(self.head))]
        widths[0] = max(len(row[0]) for row in [self.head, *self.rows])
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
            for row in [self.head, *self.rows]
        ]
        return "\n".join(lines + [self.note] * bool(self.note))

    def _repr_html_(self) -> str:
        left = 'style="text-align:left;vertical-align:top"'
        head = "".join(f"<th {left}>{escape(cell)}</th>" for cell in self.head)
        body = ""
        for name, *cells in self.rows:
            span = len(self.head) - len(cells)
            last = f"<td {left} colspan={span}><em>{escape(cells[-1])}</em></td>" if span > 1 else ""
            cells = cells[:-1] if span > 1 else cells
            body += f"<tr><td {left}><b>{escape(name)}</b></td>"
            body += "".join(f"<td {left}>{escape(cell)}</td>" for cell in cells) + last + "</tr>"
        note = f"<p><small>{escape(self.note)}</small></p>" if self.note else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


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
        """What was measured of each system, in one dict each; None is what it cannot do, or what was not run."""
        return [self._facts(row) for row in self.of("start") if row.state == RAN]

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
        return Table(("system", *head), rows, f"{MARK} not run here. {self.elsewhere.note}" if marked else self.note)

    def losses(self) -> Plot:
        """Lost, and done twice, of each system that had a worker killed."""
        names = list(self.numbers("crash", "lost"))
        counts = {what: list(self.numbers("crash", what).values()) for what in ("lost", "twice")}
        return figures.bars("A worker was killed: tasks lost, and done twice", counts, groups=names, y="tasks")

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
    r = row.result
    order = "yes" if r["in_order"] else "no"
    return " / ".join(map(str, r["shares"])), str(r["lost"]), order, f"{r['rate']:,.0f}", row.ack


def _fan_out(row: Row, _: Results) -> tuple[str, ...]:
    r = row.result
    return str(r["sent"]), " / ".join(map(str, r["got"])), str(r["late"])


def _crash(row: Row, _: Results) -> tuple[str, ...]:
    r = row.result
    after = "never" if r["recovered"] is None else f"{r['recovered']:.1f} s"
    lost = f"{r['lost']} (they wait for it)" if r.get("waits") else str(r["lost"])
    return lost, str(r["twice"]), str(r["redelivered"]), after, row.ack


def _stopped(row: Row, results: Results) -> tuple[str, ...]:
    other = next((each for each in results.of("limited") if each.key == row.key), None)
    with_limit = "–" if not other else _answer(other.result) if other.state == RAN else other.why
    return _answer(row.result), with_limit


def _answer(r: dict[str, Any]) -> str:
    said = {
        "blocks": f"blocks after {r['accepted']:,}",
        "error": f"error after {r['accepted']:,}",
        "stores": f"stores all {r['sent']:,}",
        "drops": f"drops {r['lost']:,} of {r['sent']:,}, says nothing",
    }
    return f"{said[r['answer']]} ({r['set']})"


_TABLES: dict[str, tuple[tuple[str, ...], Callable[[Row, Results], tuple[str, ...]]]] = {
    "start": (("is a", "runs here", "up in", "weighs"), _start),
    "work": (("tasks each", "lost", "in order", "tasks a second", "ack"), _work),
    "fan-out": (("sent", "each of three got", "a late one got"), _fan_out),
    "crash": (("lost", "twice", "redelivered", "all done after", "ack"), _crash),
    "stopped": (("as it comes", "with a limit"), _stopped),
}
