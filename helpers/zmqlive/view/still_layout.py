"""Where things stand in the still picture: layers by flow, ordered to cross little.

A small sibling of js/layout.js. The still picture has one width and no motion, so this does without folding
rules, lanes and vertical arrangement.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

WIDTH = 760.0
PAD = 16.0


@dataclass
class Box:
    """A role in the picture; x and y are its left upper corner, in pixels."""

    role: str
    sockets: list[dict[str, Any]]
    x: float = 0.0
    y: float = 0.0
    w: float = 150.0
    h: float = 62.0
    small: bool = False
    folded: tuple[float, float] | None = None  # left and right of its folded layer


@dataclass
class Line:
    """An edge in the picture, with its ends and the rectangle in which messages wait (x, y, width, height) or
    None."""

    edge: dict[str, Any]
    start: tuple[float, float]
    end: tuple[float, float]
    tube: tuple[float, float, float, float] | None
    inside: bool = False
    via: tuple[float, float, float, float] | None = None  # a corridor (x from, y, x to, y) past folded boxes


def arrange(topo: dict[str, Any]) -> tuple[list[Box], list[Line], float]:
    """Boxes, lines and the height of the picture for a topology."""
    sockets = {s["id"]: s for s in topo.get("sockets", ())}
    boxes = {
        r["id"]: Box(r["id"], [sockets[i] for i in r.get("sockets", ()) if i in sockets])
        for r in topo.get("roles", ())
    }
    edges = [
        e
        for e in topo.get("edges", ())
        if e["a"] in sockets
        and e["b"] in sockets
        and sockets[e["a"]]["role"] in boxes
        and sockets[e["b"]]["role"] in boxes
    ]
    ends = [(sockets[e["a"]]["role"], sockets[e["b"]]["role"]) for e in edges]
    layers = _ordered(_layers(list(boxes), ends), ends)
    if not layers:
        return [], [], 90.0
    deepest = max(len(layer) for layer in layers)
    small = deepest > 7 or len(layers) > 3
    height = _place(layers, boxes, small)
    return list(boxes.values()), _lines(edges, ends, boxes, small), height


def _layers(names: list[str], ends: list[tuple[str, str]]) -> list[list[str]]:
    """Longest path from the sources; edges that close a cycle do not count."""
    forward = _acyclic(names, ends)
    rank = dict.fromkeys(names, 0)
    for _ in names:
        for a, b in forward:
            rank[b] = max(rank[b], rank[a] + 1)
    for name in names:
        if any(a == name for a, _ in forward) and not any(b == name for _, b in forward):
            rank[name] = min(rank[b] for a, b in forward if a == name) - 1
    low = min(rank.values(), default=0)
    layers: dict[int, list[str]] = defaultdict(list)
    for name in names:
        layers[rank[name] - low].append(name)
    return [layers[i] for i in sorted(layers)]


def _acyclic(names: list[str], ends: list[tuple[str, str]]) -> list[tuple[str, str]]:
    out: dict[str, list[str]] = defaultdict(list)
    for a, b in ends:
        if a != b and b not in out[a]:
            out[a].append(b)
    fed = {b for a, b in ends if a != b}
    state: dict[str, int] = {}
    keep: list[tuple[str, str]] = []
    for root in [*[n for n in names if n not in fed], *names]:
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(out[root]))]
        while stack:
            name, rest = stack[-1]
            for b in rest:
                if state.get(b) == 1:
                    keep.append((b, name))  # turned round
                    continue
                keep.append((name, b))
                if b not in state:
                    state[b] = 1
                    stack.append((b, iter(out[b])))
                    break
            else:
                state[name] = 2
                stack.pop()
    return keep


def _ordered(layers: list[list[str]], ends: list[tuple[str, str]]) -> list[list[str]]:
    near: dict[str, list[str]] = defaultdict(list)
    for a, b in ends:
        near[a].append(b)
        near[b].append(a)
    for sweep in range(4):
        place = {name: (i + 0.5) / len(layer) for layer in layers for i, name in enumerate(layer)}
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            key = {n: sum(place[m] for m in near[n]) / len(near[n]) if near[n] else place[n] for n in layer}
            layer.sort(key=key.__getitem__)
            place.update({name: (i + 0.5) / len(layer) for i, name in enumerate(layer)})
    return layers


def _place(layers: list[list[str]], boxes: dict[str, Box], small: bool) -> float:
    h, row, rows = (34.0, 14.0, 12) if small else (62.0, 34.0, 7)
    columns = [_folded(layer, rows) for layer in layers]
    count = sum(len(c) for c in columns)
    w = min(150.0, max(70.0, (WIDTH - 2 * PAD) / (count + 0.9 * (len(layers) - 1))))
    gap = (WIDTH - 2 * PAD - count * w - sum(len(c) - 1 for c in columns) * 12) / max(1, len(layers) - 1)
    for box in boxes.values():
        box.w, box.small = w, small
    h += (11 if small else 14) * max(0, *(len(types_in(box)) - 1 for box in boxes.values()), 0)
    tall = max(len(c) for cs in columns for c in cs) * (h + row) - row
    x = PAD if len(layers) > 1 else (WIDTH - w) / 2
    for subs in columns:
        whole = (x, x + len(subs) * (w + 12) - 12) if len(subs) > 1 else None
        for column in subs:
            y = 46 + (tall - (len(subs[0]) * (h + row) - row)) / 2
            for name in column:
                box = boxes[name]
                box.x, box.y, box.w, box.h, box.small, box.folded = x, y, w, h, small, whole
                y += h + row
            x += w + 12
        x += gap - 12
    return tall + 46 + 34


def types_in(box: Box) -> list[str]:
    """The types of a box's sockets, in as many rows as its width asks for."""
    many = Counter(str(s["type"]) for s in box.sockets)
    letters = int((box.w - 12) / (9.0 * 0.6)) - 6 if box.small else int((box.w - 24) / (11.0 * 0.64))
    rows: list[str] = []
    for kind, n in many.items():
        word = f"{kind} ×{n}" if n > 1 else kind
        if rows and len(rows[-1]) + 1 + len(word) <= letters:
            rows[-1] += " " + word
        else:
            rows.append(word)
    return rows


def _corridor(a: Box, b: Box) -> tuple[float, float, float, float] | None:
    """Between the rows of a folded layer, to a box (or from one) that is not at the near edge of it."""
    if b.folded and b.x > b.folded[0] + 1:
        return b.folded[0] - 6, b.y - 6, b.x - 9, b.y - 6
    if a.folded and a.x + a.w < a.folded[1] - 1:
        return a.x + a.w + 9, a.y - 6, a.folded[1] + 6, a.y - 6
    return None


def _folded(layer: list[str], rows: int) -> list[list[str]]:
    """A long layer as several columns of about the same length."""
    each = -(-len(layer) // -(-len(layer) // rows))
    return [layer[i : i + each] for i in range(0, len(layer), each)]


def _lines(
    edges: list[dict[str, Any]], ends: list[tuple[str, str]], boxes: dict[str, Box], small: bool
) -> list[Line]:
    outs, ins = defaultdict(int), defaultdict(int)
    for a, b in ends:
        outs[a] += 1
        ins[b] += 1
    lines = []
    for edge, (a, b) in zip(edges, ends, strict=True):
        A, B = boxes[a], boxes[b]
        if a == b:
            lines.append(Line(edge, (A.x + A.w * 0.3, A.y), (A.x + A.w * 0.7, A.y), None, inside=True))
            continue
        right = B.x >= A.x
        start = (A.x + (A.w if right else 0), A.y + A.h / 2)
        end = (B.x + (0 if right else B.w), B.y + B.h / 2)
        free = abs(end[0] - start[0]) - 30
        length = min(free * 0.6, 56.0 if small else 130.0)
        tube = None
        if A.folded or B.folded:
            lines.append(Line(edge, start, end, None, via=_corridor(A, B) if right else None))
            continue
        if length > 24 and not (outs[a] > 1 and ins[b] > 1 and small):
            thick = 9.0 if small else 22.0
            at_start = ins[b] > outs[a]
            x = (
                (start[0] + 8 if at_start else end[0] - 12 - length)
                if right
                else (start[0] - 8 - length if at_start else end[0] + 12)
            )
            tube = (x, (start[1] if at_start else end[1]) - thick / 2, length, thick)
        lines.append(Line(edge, start, end, tube))
    return lines
