"""Rows of text under a heading: folded in a notebook, columns anywhere else."""

from __future__ import annotations

from html import escape

LEFT = 'style="text-align:left;vertical-align:top"'


class Table:
    """A heading and rows, each with a cell for each column; a row of two spans the rest. `title` is what there is to
    read while it is folded."""

    def __init__(self, head: tuple[str, ...], rows: list[tuple[str, ...]], note: str = "", *, title: str = "") -> None:
        self.head, self.rows, self.note, self.title = head, rows, note, title

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
        head = "".join(f"<th {LEFT}>{escape(cell)}</th>" for cell in self.head)
        body = ""
        for name, *cells in self.rows:
            span = len(self.head) - len(cells)
            last = f"<td {LEFT} colspan={span}><em>{escape(cells[-1])}</em></td>" if span > 1 else ""
            cells = cells[:-1] if span > 1 else cells
            body += f"<tr><td {LEFT}><b>{escape(name)}</b></td>"
            body += "".join(f"<td {LEFT}>{escape(cell)}</td>" for cell in cells) + last + "</tr>"
        note = f"<p><small>{escape(self.note)}</small></p>" if self.note else ""
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"<details><summary>{escape(self.title or 'The table')}</summary>{table}{note}</details>"
