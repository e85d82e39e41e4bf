"""The picture where no JavaScript runs (GitHub, PDF, e-mail): one still SVG, and a sentence for plain text.

Both take a snapshot: {"title", "topo", "n": counts, "roles": {role: state}, "labels": {role: what it says it is},
"now": ms}. A replay is shown at its fullest moment.
"""

from __future__ import annotations

from html import escape
from typing import Any

from .filling import fill
from .moment import snapshot_of
from .still_layout import WIDTH, Box, Line, arrange, types_in

LANES = 6
#: Colours as in js/palette.js: the dark ones apply where the reader's system is dark.
_STYLE = """
.zs{--bg:#fff;--panel:#f6f8fa;--chip:#e4e9ee;--ink:#1f2328;--dim:#57606a;--line:#b8c1cb;--bad:#B94700;--badbg:#fdf0e7;
--l0:#0072B2;--l1:#B87000;--l2:#008A67;--l3:#9A4F85;--l4:#6B6F00;--l5:#5460A8}
@media (prefers-color-scheme:dark){.zs{--bg:#111418;--panel:#1b2026;--chip:#303944;--ink:#e8edf2;
--dim:#a3afbb;--line:#46515d;--bad:#FF8A4C;--badbg:#33200f;--l0:#56B4E9;--l1:#F0B429;--l2:#2CC79A;--l3:#D694C1;--l4:#C9CC5A;--l5:#A3B0F5}}
.zs text{font-family:system-ui,-apple-system,'Segoe UI','Noto Sans','DejaVu Sans',sans-serif;fill:var(--ink)}
.zs .d{fill:var(--dim)}.zs .b{fill:var(--bad);font-weight:700}
""".replace("\n", "")


def _edge_counts(snapshot: dict[str, Any], edge: int) -> tuple[int, int]:
    """(waiting, dropped) of an edge; keys are text once they have been JSON."""
    edges = (snapshot.get("n") or {}).get("e", {})
    v = edges.get(edge) or edges.get(str(edge)) or [0] * 8
    return (v[2] or 0) + (v[6] or 0), (v[3] or 0) + (v[7] or 0)


def _socket_counts(snapshot: dict[str, Any], socket: int) -> tuple[int, int]:
    sockets = (snapshot.get("n") or {}).get("s", {})
    sent, received = sockets.get(socket) or sockets.get(str(socket)) or (0, 0)
    return sent, received


def _door_counts(snapshot: dict[str, Any], socket: int) -> int:
    """How many messages wait at a socket's door, for somebody who is not there yet."""
    doors = (snapshot.get("n") or {}).get("door", {})
    return doors.get(socket) or doors.get(str(socket)) or 0


def status_text(snapshot: dict[str, Any]) -> str:
    """A line of text a queue, and one sentence before: for consoles and text outputs."""
    topo = snapshot.get("topo") or {}
    sockets = {s["id"]: s for s in topo.get("sockets", ())}
    blocked = {sockets[i]["role"] for i in (snapshot.get("n") or {}).get("blocked", ()) if i in sockets}
    totals = [sum(c) for c in zip(*(_socket_counts(snapshot, i) for i in sockets), strict=True)] or [0, 0]
    head = f"[{snapshot.get('title', '')}] {len(sockets)} sockets, {totals[0]} sent, {totals[1]} received"
    lines = [head + (f", blocked: {', '.join(sorted(blocked))}" if blocked else "")]
    for edge in topo.get("edges", ()):
        if edge["a"] not in sockets or edge["b"] not in sockets:
            continue
        depth, dropped = _edge_counts(snapshot, edge["id"])
        cap = edge.get("cap_total")
        room = f" of {cap}" if cap is not None else ""
        lost = f", {dropped} dropped" if dropped else ""
        lines.append(
            f"  {sockets[edge['a']]['role']} -> {sockets[edge['b']]['role']}: {depth}{room} waiting{lost}"
        )
    lines += [
        f"  {socket['role']}: {n} waiting at the door of its {socket['type']}"
        for i, socket in sockets.items()
        if (n := _door_counts(snapshot, i))
    ]
    return "\n".join(lines[:42])


def still_svg(snapshot: dict[str, Any], *, title: str | None = None) -> str:
    """The picture as an SVG document; also takes a replay. Follows the reader's light or dark theme."""
    if "ev" in snapshot:
        snapshot = snapshot_of(snapshot)
    boxes, lines, height = arrange(snapshot.get("topo") or {})
    name = escape(str(title if title is not None else snapshot.get("title", "")))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" width="{WIDTH:.0f}" '
        f'style="max-width:100%;height:auto" class="zs" role="img">'
        f"<title>{escape(status_text(snapshot))}</title>"
        f"<style>{_STYLE}</style>"
        f'<rect x=".75" y=".75" width="{WIDTH - 1.5}" height="{height - 1.5:.1f}" rx="10" fill="var(--bg)" '
        f'stroke="var(--line)" stroke-width="1.5"/>'
        f'<text x="14" y="25" font-size="15" font-weight="650">{name}</text>'
    ]
    parts += [_line(line, i, snapshot) for i, line in enumerate(lines)]
    parts += [_box(box, snapshot) for box in boxes]
    return "".join(parts) + "</svg>"


def _line(line: Line, index: int, snapshot: dict[str, Any]) -> str:
    (x0, y0), (x1, y1) = line.start, line.end
    depth, dropped = _edge_counts(snapshot, line.edge["id"])
    cap, colour = line.edge.get("cap_total") or None, f"var(--l{index % LANES})"
    if line.tube is None:
        return _curve(line, colour if depth else "var(--line)") + _beside(line, depth, dropped)
    x, y, w, h = line.tube
    full = cap is not None and depth >= cap
    enter, leave = (x, x + w) if x1 >= x0 else (x + w, x)
    yq, edge = y + h / 2, "var(--bad)" if full else "var(--line)"
    mid1, mid2 = (x0 + enter) / 2, (leave + x1) / 2
    out = [
        f'<path d="M{x0:.1f} {y0:.1f}C{mid1:.1f} {y0:.1f} {mid1:.1f} {yq:.1f} {enter:.1f} {yq:.1f}'
        f'M{leave:.1f} {yq:.1f}C{mid2:.1f} {yq:.1f} {mid2:.1f} {y1:.1f} {x1:.1f} {y1:.1f}" fill="none" '
        f'stroke="var(--line)" stroke-width="2"/>',
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="5" '
        f'fill="var(--panel)" stroke="{edge}" '
        f'stroke-width="{2.5 if full else 1.3}"/>',
        _waiting(line.tube, depth, cap, "var(--bad)" if full else colour, x1 >= x0),
    ]
    words = (
        f"{depth:,}"
        + (f" / {cap:,}" if cap is not None else " waiting" if depth else "")
        + (" full" if full else "")
    )
    if dropped:
        words += f" · {dropped:,} dropped"
    if depth or dropped or h > 12:
        size = 11.5 if h > 12 else 9
        out.append(
            f'<text x="{x:.1f}" y="{y - (6 if h > 12 else 3):.1f}" font-size="{size}" '
            f'class="{"b" if full or dropped else "d"}">{words}</text>'
        )
    return "".join(out)


def _curve(line: Line, colour: str) -> str:
    """A line without a tube."""
    (x0, y0), (x1, y1) = line.start, line.end
    if line.inside:  # two sockets of one role: a small arc over its box
        top = y0 - 14
        way = f"C{x0:.1f} {top:.1f} {x1:.1f} {top:.1f} {x1:.1f} {y1:.1f}"
    elif line.via:
        a, ya, b, yb = line.via
        m, n = (x0 + a) / 2, (b + x1) / 2
        way = (
            f"C{m:.1f} {y0:.1f} {m:.1f} {ya:.1f} {a:.1f} {ya:.1f}H{b:.1f}"
            f"C{n:.1f} {yb:.1f} {n:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
        )
    else:
        mid = (x0 + x1) / 2
        way = f"C{mid:.1f} {y0:.1f} {mid:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    return f'<path d="M{x0:.1f} {y0:.1f}{way}" fill="none" stroke="{colour}" stroke-width="1.4"/>'


def _beside(line: Line, depth: int, dropped: int) -> str:
    """Where there is no tube, what waits is a number at the end that it leads to."""
    words = " · ".join(f"{n:,} {word}" for n, word in ((depth, "waiting"), (dropped, "dropped")) if n)
    if not words:
        return ""
    (x0, _), (x, y) = line.start, line.end
    right = x >= x0 and not line.inside
    return (
        f'<text x="{x - 5 if right else x + 5:.1f}" y="{y - 4:.1f}" font-size="9" '
        f'text-anchor="{"end" if right else "start"}" class="{"b" if dropped else "d"}">{words}</text>'
    )


def _waiting(
    tube: tuple[float, float, float, float], depth: int, cap: int | None, colour: str, forward: bool
) -> str:
    """What waits in a tube, by the one rule of how full a queue looks."""
    x, y, w, h = tube
    r = min(6.0, h * 0.42)
    slotted = fill(depth, cap, w, 2 * r + 2).places
    air = 0.0 if slotted else 2.0
    filling = fill(depth, cap, w - 2 * air, 2 * r + 2)
    exit, way = (x + w - air, -1) if forward else (x + air, 1)
    if filling.places:
        r = min(r, filling.pitch / 2)
    out = []
    if filling.bar:
        a, b = exit + way * (filling.length - filling.bar), exit + way * filling.length
        out.append(
            f'<rect x="{min(a, b):.1f}" y="{y + 2:.1f}" width="{abs(b - a):.1f}" height="{h - 4:.1f}" '
            f'rx="3" fill="{colour}" opacity=".85"/>'
        )
    for k in range(filling.dots - 1, -1, -1):
        cx = exit + way * (filling.first + k * filling.pitch)
        out.append(
            f'<circle cx="{cx:.1f}" cy="{y + h / 2:.1f}" r="{r:.1f}" fill="{colour}" '
            'stroke="var(--panel)" stroke-width=".8"/>'
        )
    return "".join(out)


def _box(box: Box, snapshot: dict[str, Any]) -> str:
    counts = [_socket_counts(snapshot, s["id"]) for s in box.sockets]
    sent, received = sum(c[0] for c in counts), sum(c[1] for c in counts)
    blocked = any(s["id"] in (snapshot.get("n") or {}).get("blocked", ()) for s in box.sockets)
    state = "BLOCKED" if blocked else (snapshot.get("roles") or {}).get(box.role, "")
    bad = state in ("BLOCKED", "failed", "killed")
    size, pad = (10.5, 6.0) if box.small else (14.0, 12.0)
    types = types_in(box)
    tally = " · ".join(f"{n:,} {word}" for n, word in ((received, "received"), (sent, "sent")) if n)
    label = (snapshot.get("labels") or {}).get(box.role, "")
    last = state if bad or state in ("frozen", "ended", "stopped") else label or tally
    if box.small:
        count = f"{max(sent, received):,}" if sent or received else ""
        kinds = [*types[:-1], f"{types[-1] if types else ''} {count}".strip()]
        rows = [(box.role, size, "", 650)] + [(text, 9.0, "d", 500) for text in kinds]
        if bad:
            rows[-1] = (state, 9.0, "b", 500)
    else:
        rows = [(box.role, size, "", 650), *((text, 11.0, "d", 600) for text in types)]
        rows.append((last, 11.5, "b" if bad else "d", 400))
    step = min(14 if box.small else 18, (box.h - 6) / len(rows))
    top = box.y + box.h / 2 - step * (len(rows) - 1) / 2
    whole = ". ".join(
        filter(None, (f"{box.role}: {', '.join(s['type'] for s in box.sockets)}", tally, state, label))
    )
    out = [
        f"<g><title>{escape(whole)}</title>"
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.w:.1f}" height="{box.h:.1f}" '
        f'rx="{7 if box.small else 10}" '
        f'fill="var(--{"badbg" if bad else "panel"})" stroke="var(--{"bad" if bad else "line"})" '
        f'stroke-width="{3 if bad else 1.5}"/>'
    ]
    for i, (text, points, css, weight) in enumerate(rows):
        room = int((box.w - 2 * pad) / (points * (0.64 if weight >= 600 or css == "b" else 0.6)))
        short = text if len(text) <= room else text[: max(1, room - 1)] + "…"
        out.append(
            f'<text x="{box.x + pad:.1f}" y="{top + i * step + points * 0.36:.1f}" font-size="{points}" '
            f'font-weight="{weight}"{f" class={chr(34)}{css}{chr(34)}" if css else ""}>{escape(short)}</text>'
        )
    return "".join(out) + _door(box, snapshot) + "</g>"


def _door(box: Box, snapshot: dict[str, Any]) -> str:
    """What waits at a box's door, for somebody who is not there yet: over its upper edge."""
    n = sum(_door_counts(snapshot, s["id"]) for s in box.sockets)
    if not n:
        return ""
    marks = [s.get("door") for s in box.sockets if _door_counts(snapshot, s["id"])]
    mark = marks[0] if len(marks) == 1 else None
    h = 9.0 if box.small else 13.0
    w = min(66.0, box.w * 0.5)
    x, y = box.x + box.w - w - 8, box.y - h + 3
    colour = "var(--bad)" if mark and n >= mark else "var(--dim)"
    words = f"{n:,} / {mark:,}" if mark else f"{n:,}" if box.small else f"{n:,} waiting"
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="5" fill="var(--panel)" '
        f'stroke="{colour}" stroke-width="1.3"/>{_waiting((x, y, w, h), n, mark, colour, True)}'
        f'<text x="{x - 5:.1f}" y="{y + h / 2 + 3.5:.1f}" font-size="{9 if box.small else 10.5}" '
        f'text-anchor="end" class="d">{words}</text>'
    )
