"""What waits never looks less when it is more; a number, the words about it and the drawing say the same.

All of it runs in one page of Chromium, in which the modules of the view are at hand.
"""

# ruff: noqa: E501 (the scripts for the page are JavaScript)

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from browser_view import open_browser
from view_feeds import Net, Sim, broker, fan_out, map_reduce, mesh, pub_sub
from zmqlive.view.assemble import script, style
from zmqlive.view.filling import fill
from zmqlive.view.moment import Fold, snapshot_of
from zmqlive.view.still import status_text, still_svg

MARKS = [None, 1, 2, 3, 5, 7, 10, 20, 24, 25, 40, 100, 500, 1000, 2000, 100_000]
ROOMS = [24, 31, 34, 41, 52, 60, 82, 88, 126, 150, 204, 286, 400]
SIZES = [0, 6, 9.6, 12, 15]


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A page with one live view that is fed by hand, and the view's modules."""
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": 900, "height": 900})
        problems: list[str] = []
        page.on("pageerror", lambda e: problems.append(str(e)))
        page.set_content(
            f"<!doctype html><html><head><style>{style()}</style></head><body><div id=host></div><script>"
            + script().replace("export { mount, mountAll };", "").replace("export default { render };", "").replace("</script", "<\\/script")
            + "; window.modules = { fill: module_fill.fill, waiting: module_waiting, words: module_words, mount: module_view.mount };"
            "</script></body></html>"
        )
        yield page
        assert problems == []


@pytest.mark.browser
def test_the_rule_in_the_browser_is_the_rule_of_the_still_picture(page: Any) -> None:
    rng = random.Random(1)
    cases = [[rng.randrange(2001), rng.choice(MARKS), rng.choice(ROOMS), rng.choice(SIZES)] for _ in range(4000)]
    cases += [[n, mark, 88, 15] for mark in MARKS for n in (0, 1, (mark or 9) - 1, mark or 9)]
    theirs = page.evaluate(
        "cases => cases.map(c => { const f = modules.fill(...c); return [f.dots, f.first, f.pitch, f.length, f.bar, f.full, f.places]; })",
        cases,
    )
    for case, found in zip(cases, theirs, strict=True):
        assert found == pytest.approx(list(fill(*case)), abs=1e-9), case


@pytest.mark.parametrize("mark", MARKS)
def test_more_never_looks_like_less_and_only_full_looks_full(mark: int | None) -> None:
    for width in ROOMS:
        for size in SIZES:
            looks = [fill(n, mark, width, size) for n in range(2001)]
            assert (looks[0].length, looks[0].dots, looks[0].bar) == (0, 0, 0)
            assert looks[1].length >= 1.5, "one is seen"
            for n, (less, more) in enumerate(pairwise(looks)):
                assert more.length >= less.length and more.dots >= less.dots and more.bar >= less.bar, (mark, width, size, n)
            most = looks[-1] if not mark or mark > 2000 else looks[mark - 1]
            for n, look in enumerate(looks):
                assert look.full == bool(mark and n >= mark)
                assert look.length <= width + 1e-9
                assert look.full == (look.length > width - 1e-9), (mark, width, size, n)
            # What is empty before it is full can be seen: a place, or a gap of two pixels.
            assert width - most.length >= min(1.9, width * 0.06), (mark, width, size, most)


# --- in the picture itself -------------------------------------------------------------------------------------------

HOLD = """({ topo, edges, doors, x, width, dark }) => {
  document.body.style.background = dark ? '#111' : '#fff';
  const host = document.getElementById('host'); host.style.width = width + 'px';
  if (window.it) it.destroy();
  window.it = modules.mount(host, { title: 'Held', live: true, options: { xray: true } });
  it.load({ now: 5000, topo, ev: [], n: { e: edges, s: {}, x: x || {}, door: doors || {}, blocked: [], stride: 1 } });
  const r = document.querySelector('.zl').zmqlive;
  r.clock.mode = 'pause'; r.clock.T = 5000;
}"""
# How far from its way out each tube is coloured, in px, read from what is drawn; and what is said.
LOOK = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
  const { view } = document.querySelector('.zl').zmqlive, ink = document.createElement('canvas'), g = ink.getContext('2d', { willReadFrequently: true });
  const dots = document.querySelector('.zl-dots'); ink.width = dots.width; ink.height = dots.height; g.drawImage(dots, 0, 0);
  const tubes = [];
  for (const geo of view.geo.edges.values()) geo.lanes.forEach((l, dir) => {
    if (!l.rect) return;
    const { k } = view.cam, x = l.rect.x * k + view.cam.x, y = l.rect.y * k + view.cam.y, w = l.rect.w * k, h = l.rect.h * k, row = g.getImageData(Math.round(x * view.dpr), Math.round((y + h / 2) * view.dpr), Math.round(w * view.dpr), 1).data;
    const on = []; for (let i = 0; i < row.length / 4; i++) if (row[4 * i + 3] > 60) on.push(i / view.dpr);
    const out = l.pts[94] > l.pts[0], far = on.length ? (out ? w - on[0] : on[on.length - 1] + 1) : 0;
    tubes.push({ edge: geo.id, dir, far: far / k, w: w / k, ink: on.length / view.dpr / k, parts: geo.xray ? 3 : 1 });
  });
  done({ tubes, said: +document.querySelector('.zl-waiting b').textContent.replace(/,/g, ''), drawn: view.drawn.waiting + view.drawn.flying,
    totals: view.state.totals().waiting, words: document.querySelector('.zl-say').textContent, aria: modules.words.describe(view),
    sentence: modules.words.sentence(view).text });
})))"""


def hold(page: Any, net: Net, counts: dict[int, int], *, width: int = 860, dark: bool = False, **more: Any) -> dict[str, Any]:
    """The picture of a net in whose edges so many wait."""
    edges = {e["id"]: [n, 0, n, 0, 0, 0, 0, 0] for e in net.edges for n in [counts.get(e["id"], 0)]}
    page.evaluate(HOLD, {"topo": net.topo, "edges": edges, "width": width, "dark": dark, **more})
    return page.evaluate(LOOK)


def reaches_the_end(far: float, width: float, mark: int | None) -> bool:
    """Whether the last of the places is taken, where there are such, or else the whole tube."""
    return far >= width - max(3.5, 0.6 * width / mark if mark and mark <= 24 else 0)


@pytest.mark.browser
@pytest.mark.parametrize("transport", ["inproc", "tcp"])
@pytest.mark.parametrize("cap", [None, (3, 3), (20, 20), (1000, 1000)], ids=str)
@pytest.mark.parametrize("width", [400, 860])
def test_the_tube_itself_never_shrinks(page: Any, width: int, cap: Any, transport: str) -> None:
    net = fan_out(1, cap=cap, transport=transport)
    if transport == "tcp":
        net.edges[0]["cap_total"] = None  # the system's buffers lie between
    mark = net.edges[0]["cap_total"]
    seen = []
    for n in [0, 1, 2, 3, 5, 6, 7, 8, 9, 11, 15, 19, 25, 39, 40, 60, 94, 150, 400, 999, 1500, 1999, 2000]:
        if mark and n > mark:
            continue
        look = hold(page, net, {0: n}, width=width)
        assert look["said"] == look["drawn"] == look["totals"] == n
        [tube] = [t for t in look["tubes"] if t["dir"] == 0]
        seen.append((n, tube["far"], tube["w"]))
    for (a, far_a, _), (b, far_b, _) in pairwise(seen):
        assert far_b >= far_a - 1, f"{b} waiting look less than {a}: {seen}"
    for n, far, w in seen:
        assert bool(mark and n == mark) == reaches_the_end(far, w, mark), (n, far, w)
    assert seen[1][1] > 4, "one message is seen"
    assert seen[-1][1] > 2 * seen[1][1]


@pytest.mark.browser
def test_94_do_not_look_emptier_than_19(page: Any) -> None:
    """Lesson 04: two workers over tcp, marks of a thousand, all three places known."""
    net = fan_out(2, cap=(1000, 1000), transport="tcp")
    for e in net.edges:
        e["cap_total"] = None
    far = {}
    for width in (760, 1100):
        look = hold(page, net, {0: 94, 1: 19}, width=width, x={0: [0, 0, 94, 0, 0], 1: [0, 0, 19, 0, 0]})
        far = {t["edge"]: t["far"] for t in look["tubes"]}
        assert far[0] > far[1] > 20, far
        assert look["said"] == look["drawn"] == 113


@pytest.mark.browser
def test_the_three_places_add_up_to_the_queue(page: Any) -> None:
    """The places were looked at a moment before: messages that came and went since are put where they belong."""
    net = fan_out(1, cap=(10, 10), transport="tcp")
    net.edges[0]["cap_total"] = None
    for x, n, places in [
        ([10, 3993, 10, 1, 4_000_000], 4013, [10, 3993, 10]),
        ([10, 3993, 10, 1, 4_000_000], 4014, [10, 3994, 10]),
        ([0, 0, 7, 1, 0], 8, [0, 0, 8]),
        ([0, 0, 9, 1, 0], 12, [0, 2, 10]),
        ([10, 30, 10, 1, 900], 47, [7, 30, 10]),
        ([0, 0, 5, 1, 0], 0, [0, 0, 0]),
    ]:
        look = hold(page, net, {0: n}, width=1100, x={0: x})
        found = page.evaluate("() => { const { view } = document.querySelector('.zl').zmqlive; return modules.waiting.placesOf(view, view.graph.routes[0]).map(p => p.n); }")
        assert found == places and look["said"] == look["drawn"] == n
        panel = page.inner_text(".zl-xray")
        for part in places:
            assert f"{part:,}" in panel


@pytest.mark.browser
def test_full_places_are_drawn_full(page: Any) -> None:
    """Lesson 06 over tcp: the sender's queue holds 10 of 10, none of them known one by one."""
    net = fan_out(1, cap=(10, 10), transport="tcp")
    net.edges[0]["cap_total"] = None
    look = hold(page, net, {0: 4013}, width=1100, x={0: [10, 3993, 10, 1, 4_000_000]})
    [tube] = look["tubes"]
    assert tube["parts"] == 3 and tube["far"] > tube["w"] - 5 and tube["ink"] > 0.75 * tube["w"], tube


@pytest.mark.browser
def test_what_waits_for_somebody_who_is_not_there_has_a_place(page: Any) -> None:
    """Lesson 15: three orders wait at the desk."""
    net = Net(transport="tcp")
    (ann,), desk = net.role("ann", "REQ"), net.role("desk", "ROUTER", "DEALER", "PUB")
    net.join(ann, desk[0])
    net.sockets[desk[1]]["door"] = 5
    for n in (1, 3, 5):
        for width in (420, 860):
            look = hold(page, net, {}, width=width, doors={desk[1]: n})
            assert look["said"] == look["drawn"] == n
            assert f"{n} at the door of desk" in look["sentence"] and f"{n} at the door of desk" in look["aria"]
    door = page.evaluate("() => { const { view } = document.querySelector('.zl').zmqlive; return modules.waiting.doorOf(view, 2); }")
    assert door["full"] and door["mark"] == 5


@pytest.mark.browser
@pytest.mark.parametrize("width", [480, 860])
def test_what_waits_on_the_connection_of_a_socket_that_was_replaced_is_drawn(page: Any, width: int) -> None:
    """A sender was killed and started again: what it had sent before is on its way still."""
    net = broker(2, 2)
    old = net.role("spare", "REQ")[0]  # the socket that client 1 had before
    net.roles.pop()
    net.sockets[old] |= {"role": "client 1", "closed": True}
    net.roles[0]["sockets"].insert(0, old)
    front = net.edges[0]["b"]
    left = net.join(old, front, up=False)
    look = hold(page, net, {left: 3, 0: 2, 1: 1}, width=width)
    assert look["said"] == look["drawn"] == 6
    assert {t["edge"]: t["far"] > 0 for t in look["tubes"] if t["dir"] == 0}[0]
    assert page.evaluate("() => document.querySelector('.zl').zmqlive.view.geo.boxes.size") == 5


@pytest.mark.browser
@pytest.mark.parametrize("state", ["ended", "failed", "killed", "stopped", "frozen"])
def test_who_has_ended_works_no_more(page: Any, state: str) -> None:
    net = fan_out(2)
    page.evaluate(HOLD, {"topo": net.topo, "edges": {}, "width": 760})
    ev = [[5001, "s", e, 0, e, 0] for e in (0, 1)] + [[5002, "r", e, 0, e, e + 1] for e in (0, 1)]
    works = """ev => { it.push({ now: 5010, ev }); const { view, clock } = document.querySelector('.zl').zmqlive; clock.T = 5010; view.state.advance(5010);
      return view.graph.routes.map(r => modules.waiting.inWork(view, r)); }"""
    assert page.evaluate(works, ev) == [1, 1]
    assert page.evaluate(works, [[5003, "k", "worker 1", state, ""]]) == [int(state == "frozen"), 1]


NETS = [
    lambda: fan_out(3, cap=(5, 5)), lambda: fan_out(9, cap=(1000, 1000), transport="tcp"), lambda: broker(3, 2),
    lambda: map_reduce(4, cap=None), lambda: pub_sub(4, cap=(20, 20)), lambda: mesh(3, 3), lambda: fan_out(30, cap=(50, 50)),
]


@pytest.mark.browser
@pytest.mark.parametrize("seed", range(14))
def test_number_word_and_drawing_agree_at_any_moment(page: Any, seed: int) -> None:
    """A random system, fed in batches, stopped at random moments."""
    rng = random.Random(seed)
    net = NETS[seed % len(NETS)]()
    for e in net.edges:
        if net.transport == "tcp":
            e["cap_total"] = None
    for s in net.sockets:
        s["door"] = rng.choice([None, 5])
    sim = Sim(net, rate=rng.choice([10, 40, 150]), work=rng.choice([5, 60, 400]), seed=seed, xray=net.transport == "tcp")
    page.evaluate(
        """([topo, width]) => { if (window.it) it.destroy(); const host = document.getElementById('host'); host.style.width = width + 'px';
        window.it = modules.mount(host, { title: 'Random', live: true }); it.load({ now: 0, topo, ev: [] });
        document.querySelector('.zl').zmqlive.clock.mode = 'pause'; }""",
        [net.topo, rng.choice([480, 760, 860])],
    )
    t, at_door, waits = 0.0, [], []
    for _ in range(8):
        t += rng.randrange(30, 400)
        batch: dict[str, Any] = {"now": t, "ev": sim.run(t), "stride": 1}
        door_socket = rng.randrange(len(net.sockets))
        for i in range(rng.randrange(3)):  # some that nobody is there for
            at_door.append((10**6 + len(at_door) + i, door_socket))
            batch["ev"].append([t, "s", -1, 0, at_door[-1][0], door_socket])
        if rng.random() < 0.5:
            batch["n"] = sim.snapshot() | {"door": {s: sum(1 for _, o in at_door if o == s) for s in {o for _, o in at_door}}}
        page.evaluate("([b, t]) => { it.push(b); const r = document.querySelector('.zl').zmqlive; r.clock.T = t; r.clock.mode = 'pause'; document.querySelector('.zl-play').click(); document.querySelector('.zl-play').click(); r.clock.T = t; }", [batch, t])
        look = page.evaluate(LOOK)
        depth = sum(sim.depth(e["id"], d) for e in net.edges for d in (0, 1)) + len(at_door)
        assert look["said"] == look["drawn"] == look["totals"] == depth, (t, look, depth)
        assert f"{depth} waiting" in look["aria"]
        waits.append(depth)
        full = page.evaluate(
            """() => { const { view } = document.querySelector('.zl').zmqlive;
            return view.graph.routes.map(r => [r.edges.map(e => e.id), modules.waiting.queueOf(view, r, 0)]); }"""
        )
        for edges, queue in full:  # of a family of roles, all of its queues together
            route, caps = edges[0], [net.edges[e]["cap_total"] for e in edges]
            cap = sum(caps) if all(caps) else None
            assert queue["n"] == sum(sim.depth(e) for e in edges) and queue["full"] == bool(cap and queue["n"] >= cap)
            tube = next((x for x in look["tubes"] if x["edge"] == route and x["dir"] == 0), None)
            if tube and tube["parts"] == 1 and tube["w"] > tube["ink"]:
                assert (tube["far"] > 0) == (queue["n"] > 0) and queue["full"] == reaches_the_end(tube["far"], tube["w"], queue["mark"]), (queue, tube)
        # The words: blocked with a reason that holds at this moment.
        if "is blocked: its queue was full" in look["sentence"]:
            assert any(q["mark"] and q["n"] < q["mark"] for _, q in full)
        elif "is blocked: there is no room" in look["sentence"]:
            assert all(q["full"] or not q["mark"] for _, q in full if q["mark"]) or len(net.edges) > 1
    assert max(waits) > 0


@pytest.mark.browser
@pytest.mark.parametrize("seed", range(6))
def test_the_still_picture_counts_as_the_live_one_does(page: Any, seed: int) -> None:
    """Of a hundred sent, fifty dropped: each waits or was dropped, and none both. And so at any moment of any run."""
    rng = random.Random(seed)
    net = NETS[seed % len(NETS)]()
    ev: list[list[Any]] = []
    for n in range(100):
        edge = rng.randrange(len(net.edges))
        source, target = net.edges[edge]["a"], net.edges[edge]["b"]
        ev.append([10.0 * n, "s", edge if n % 9 else -1, 0, n, source])
        if n % 9 == 0 and n % 2:
            ev.append([10.0 * n + rng.randrange(300), "h", edge, 0, n, source])
        if n % 2 == 0 and n % 9:
            ev.append([10.0 * n, "x", edge, 0, n])
        elif n % 9 and n % 5 == 0:
            ev.append([10.0 * n + rng.randrange(500), "r", edge, 0, n, target])
    ev.sort(key=lambda e: e[0])
    theirs = page.evaluate(
        """([topo, ev]) => { if (window.it) it.destroy(); window.it = modules.mount(document.getElementById('host'), { title: '', live: false, replay: { topo, ev, dur: 3000 } });
        const { view, clock } = document.querySelector('.zl').zmqlive; clock.mode = 'pause';
        return view.store.ev.map((e, i) => { view.state.advance(view.state.stepTo(i)); const sum = view.state.totals(); return [sum.waiting, sum.drop]; }); }""",
        [net.topo, ev],
    )
    fold = Fold()
    for i, event in enumerate(ev):
        fold.apply(event)
        waiting = sum(fold.depth.values()) + sum(fold.doors.values())
        assert [waiting, sum(fold.drop.values())] == theirs[i], (i, event)
    sent, received = sum(e[1] == "s" for e in ev), sum(e[1] == "r" for e in ev)
    assert waiting == sent - received - sum(e[1] == "x" for e in ev)
    fullest = max(waits for waits, _ in theirs)
    said = status_text(snapshot_of({"title": "", "topo": net.topo, "ev": ev}))
    assert sum(int(n) for n in re.findall(r"(\d+)(?: of \d+)? waiting", said)) == fullest


def test_the_still_picture_follows_the_rule() -> None:
    for cap, counts in (((10, 10), (3, 19, 20)), ((1000, 1000), (7, 25, 94, 1999, 2000)), (None, (7, 94, 1999))):
        net, filled = fan_out(1, cap=cap), []
        for n in counts:
            svg = still_svg({"title": "", "topo": net.topo, "n": {"e": {0: [n, 0, n, 0, 0, 0, 0, 0]}, "s": {}, "blocked": []}})
            bars = [float(w) for w in re.findall(r'<rect [^>]*width="([\d.]+)"[^>]*opacity=".85"', svg)]
            filled.append(svg.count("<circle") * 100 + sum(bars))
            assert f"{n:,}" in svg and ("full" in svg) == bool(cap and n >= sum(cap))
        assert filled == sorted(filled) and len(set(filled)) == len(filled)
