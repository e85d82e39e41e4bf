"""The figures: of nothing, of little, of much; in both themes; and of a real run."""

from __future__ import annotations

import gc
import json
import random
import re
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import matplotlib
import pytest
import zmq
from machine import pace
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from zmqlive import Stage, figures
from zmqlive.figures.canvas import PALETTE, Plot, merged, shorten, steps
from zmqlive.figures.frames import frame_kinds
from zmqlive.trace import Connection, Count, Interval, Mark, Message, RoleEvent, SocketInfo, Trace
from zmqlive.zmtp import Tape

ALL = (figures.depth, figures.rates, figures.lanes, figures.spacetime)
Draw = Callable[[Trace], Plot]


def message(id: int, sent: float, received: float | None = None, *, fate: str = "received", frames=(b"task",),
            connection: int = 0, source: int = 0, target: int | None = 1) -> Message:
    done = None if received is None else received + 0.01
    return Message(id=id, source=source, target=target, connection=connection, sent=sent, received=received,
                   done=done, frames=frames, size=4, fate=fate)


def pipeline(messages: tuple[Message, ...], **more) -> Trace:
    """A producer and a worker, connected over inproc with room for twenty."""
    sockets = (SocketInfo(0, "PUSH", "producer", sndhwm=10, sent=len(messages)),
               SocketInfo(1, "PULL", "worker", rcvhwm=10, received=len(messages)))
    connections = (Connection(0, 0, 1, "inproc", "inproc://tasks", capacity=20),)
    seconds = max([m.received or m.sent for m in messages], default=0.0) + 0.1
    return Trace(**{"title": "t", "seconds": seconds, "sockets": sockets, "connections": connections,
                    "messages": messages} | more)


def eventful() -> Trace:
    """Something of everything."""
    messages = (message(0, 0.1, 0.2), message(1, 0.15, 0.4), message(2, 0.2, fate="dropped", target=None),
                message(3, 0.25, fate="lost"), message(4, 0.9, fate="waiting"),
                message(5, 0.5, 0.6, source=1, target=0, frames=(b"id", b"", b"\xff\x00answer")))
    states = ((0, "running"), (0.5, "frozen"), (0.7, "running"), (0.9, "killed"), (0.95, "running"))
    roles = (RoleEvent("producer", 0, "running"), *(RoleEvent("worker", t, state) for t, state in states),
             RoleEvent("producer", 0.97, "failed", "ValueError: x"))
    return pipeline(messages, roles=roles, marks=(Mark(0.3, "cut", "wan"), Mark(0.5, "mend", "wan")),
                    blocked=(Interval(0, 0.3, 0.5), Interval(0, 0.8, None)), waits=(Interval(1, 0.0, 0.2),),
                    note="Kept a sample.")


def big(count: int = 100_000) -> Trace:
    rng, t, messages = random.Random(1), 0.0, []
    for i in range(count):
        t += rng.expovariate(10_000)
        lost = rng.random() < 0.02
        arrived = None if lost else t + rng.random() * 0.01
        messages.append(message(i, t, arrived, fate="dropped" if lost else "received"))
    blocked = tuple(Interval(0, i * 0.001, i * 0.001 + 0.0004) for i in range(10_000))
    waits = tuple(Interval(1, m.sent, m.sent + 0.00002) for m in messages)
    return pipeline(tuple(messages), blocked=blocked, waits=waits)


def bundle(plot: Plot) -> dict[str, object]:
    return plot._repr_mimebundle_()


# --- whatever the trace

@pytest.mark.parametrize("draw", ALL)
@pytest.mark.parametrize("trace", [
    Trace(), Trace(seconds=3.0), pipeline(()),
    pipeline((message(0, 0.0, 0.1),)), pipeline((message(0, 0.0, 0.0),)),
    pipeline((message(0, 0.5, fate="waiting"),)), pipeline((message(0, 0.5, fate="dropped", target=None),)),
    eventful(), pipeline((), roles=(RoleEvent("alone", 0.0, "running"),)),
], ids=["empty", "no sockets", "no messages", "one", "instant", "waiting", "dropped", "eventful", "a role"])
def test_any_trace_can_be_drawn_and_shown(draw: Draw, trace: Trace):
    plot = draw(trace)
    assert isinstance(plot, Figure) and plot.get_size_inches()[0] == 8
    shown = bundle(plot)
    assert set(shown) == {"text/plain", "text/html", "image/png"}
    for page in (shown["text/html"], plot.html()):    # the second for a widget, which needs no picture of a picture
        assert page.startswith('<div class="zmqlive-figure"') and plot.summary.split()[0] in page
    assert "data:image/png" not in plot.html()
    assert shown["text/plain"] == plot.summary and plot.summary.endswith(".") and "\n" not in plot.summary
    assert shown["image/png"].startswith(b"\x89PNG")
    ElementTree.fromstring(plot.svg())


@pytest.mark.parametrize("draw", ALL)
def test_a_hundred_thousand_messages_are_drawn_in_time_and_stay_small(draw: Draw, big_trace: Trace):
    start = time.perf_counter()
    shown = bundle(draw(big_trace))
    took = time.perf_counter() - start
    print(f"{draw.__name__}: {took:.2f} s, {len(shown['text/html']) / 1000:.0f} kB of HTML")
    assert took < 4 * pace() and len(shown["text/html"]) < 400_000


@pytest.fixture(scope="module")
def big_trace() -> Trace:
    return big()


@pytest.mark.parametrize("draw", ALL)
def test_forty_and_more_roles(draw: Draw):
    count = 60
    sockets = (SocketInfo(0, "PUSH", "source"), *(SocketInfo(i, "PULL", f"worker {i}", received=1)
                                                  for i in range(1, count)))
    connections = tuple(Connection(i, 0, i, "tcp", "tcp://127.0.0.1:1") for i in range(1, count))
    messages = tuple(message(i, i * 0.01, i * 0.01 + 0.05, connection=i, target=i) for i in range(1, count))
    plot = draw(Trace(seconds=1.0, sockets=sockets, connections=connections, messages=messages))
    assert plot.get_size_inches()[1] < 14
    text = plot.svg()
    if draw is figures.lanes:
        assert "21 more roles are left out" in text
    if draw is figures.spacetime:
        assert "less busy lines are left out" in text
    if draw is figures.rates:
        assert "others" in text


def test_nothing_is_kept_after_two_hundred_figures():
    import matplotlib.pyplot as plt
    trace = eventful()
    for draw in ALL:    # warm: fonts and caches
        bundle(draw(trace))
    before = dict(matplotlib.rcParams)
    for i in range(200):
        ALL[i % len(ALL)](trace)
    gc.collect()
    assert not [each for each in gc.get_objects() if type(each) is Plot]
    assert plt.get_fignums() == [] and dict(matplotlib.rcParams) == before


def test_the_learners_own_style_changes_nothing():
    plain = figures.lanes(eventful()).svg()
    with matplotlib.rc_context({"text.color": "red", "font.size": 30, "axes.facecolor": "black"}):
        styled = figures.lanes(eventful()).svg()
    ids = re.compile(r'(id="|#)[a-z]+[0-9a-f]{8,}')
    assert ids.sub("", plain) == ids.sub("", styled)


# --- themes and words

@pytest.mark.parametrize("draw", ALL)
def test_each_colour_follows_the_theme(draw: Draw):
    text = draw(eventful()).svg()
    known = {light for light, _ in PALETTE.values()}
    assert "var(--zf-ink,#1f2328)" in text
    plain = set(re.findall(r"(?<!,)(?<!\()#[0-9a-f]{6}\b", text))
    assert not plain & known and plain <= {"#000000"}


def contrast(a: str, b: str) -> float:
    """Contrast as WCAG reckons it: words 4.5, lines and areas 3."""
    def light(colour: str) -> float:
        parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    return (max(light(a), light(b)) + 0.05) / (min(light(a), light(b)) + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_stand_out_in_both_themes(theme: int):
    wanted = {"ink": 7, "dim": 4.5, "bad": 4.5, "grey": 3} | {f"lane{i}": 3 for i in range(6)}
    for name, least in wanted.items():
        assert contrast(PALETTE[name][theme], PALETTE["paper"][theme]) >= least, name


def drawn(trace: Trace, label: str) -> tuple[list[tuple[float, float]], float, str, float]:
    """What the worker's lane shows under this label: spans, height, colour's name, opacity."""
    row = [role.role for role in trace.roles].index("worker")
    [bars] = [c for c in figures.lanes(trace).axes_.collections
              if c.get_label() == label and round(c.get_paths()[0].get_extents().y1) == row]
    boxes = [path.get_extents() for path in bars.get_paths()]
    name = {light: name for name, (light, _) in PALETTE.items()}[to_hex(bars.get_facecolor()[0])]
    return [(b.x0, b.x1) for b in boxes], boxes[0].height, name, bars.get_facecolor()[0][3]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_lanes_greys_are_told_apart(theme: int):
    """By 3 : 1 from each other and from the paper, as drawn, and by their height."""
    trace = pipeline(tuple(message(i, 0.1 * i, 0.1 * i + 0.05) for i in range(5)), waits=(Interval(1, 0.2, 0.22),),
                     roles=(RoleEvent("worker", 0.0, "running"),))
    looks = {label: drawn(trace, label) for label in ("its own code", "waiting", "at work")}
    assert all(opacity == 1 for *_, opacity in looks.values())
    colours = {label: PALETTE[name][theme] for label, (_, _, name, _) in looks.items()}
    assert contrast(colours["its own code"], colours["waiting"]) >= 3
    for label, shade in colours.items():
        assert contrast(shade, PALETTE["paper"][theme]) >= 3, label
    assert looks["waiting"][1] < looks["its own code"][1] < looks["at work"][1]


def test_a_lane_shows_one_thing_at_a_time():
    """Beneath what is thin nothing else looks out."""
    messages = (message(0, 0.0, 0.1), message(1, 0.3, 0.4))
    trace = pipeline(messages, waits=(Interval(1, 0.0, 0.1), Interval(1, 0.105, 0.35)),
                     roles=(RoleEvent("worker", 0.0, "running"),))
    spans = sorted(span for label in ("its own code", "waiting", "at work")
                   for span in drawn(trace, label)[0])
    least = trace.seconds / 640     # nothing is drawn narrower than can be seen
    assert all(a_end <= b_start + least for (_, a_end), (b_start, _) in pairwise(spans)), spans


def test_what_is_dropped_ends_beside_its_sender():
    """And not beside another lane: of a publisher and four readers, the last one's are dropped."""
    sockets = (SocketInfo(0, "PUB", "panel"), *(SocketInfo(i, "SUB", f"reader {i}") for i in range(1, 5)))
    ways = tuple(Connection(i, 0, i, "inproc", "inproc://news", capacity=20) for i in range(1, 5))
    got = [message(i, 0.01 * i, 0.01 * i + 0.005, connection=i, target=i) for i in range(1, 5)]
    gone = [message(9 + i, 0.05 + 0.01 * i, fate=fate, connection=4, target=4)
            for i, fate in enumerate(("dropped", "lost", "waiting"))]
    plot = figures.spacetime(pipeline((*got, *gone), sockets=sockets, connections=ways))
    ends = {line.get_marker(): line.get_xdata()[0] for line in plot.axes_.lines if line.get_marker() in ("x", "o")}
    assert 0 < ends["x"] <= 0.3 and 0 < ends["o"] < 0.5


def test_the_colours_are_the_live_views():
    script = Path(figures.__file__).parents[1] / "view" / "js" / "palette.js"
    script = script.read_text(encoding="utf-8").lower()
    assert [name for name, pair in PALETTE.items() if not all(colour in script for colour in pair)] == []


def test_text_in_a_frame_is_text():
    shown = bundle(figures.spacetime(pipeline((message(0, 0, 0.1, frames=(b'<b>&"$x$',)),))))
    assert "<b>&" not in shown["text/html"] and "&lt;b&gt;&amp;" in shown["text/html"]
    hostile = pipeline((), roles=(RoleEvent('"><script>', 0.0, "running"),))
    assert "<script" not in bundle(figures.lanes(hostile))["text/html"]


# --- what they say

def test_depth_says_what_waited():
    messages = tuple(message(i, i * 0.01, 1 + i * 0.01) for i in range(20))
    trace = pipeline(messages, blocked=(Interval(0, 0.2, 0.7), Interval(0, 0.6, 0.9)))
    said = figures.depth(trace, 0).summary
    assert said == ("Messages waiting, producer → worker: at most 20, 0 at the end; capacity 20; "
                    "senders blocked once, 0.70 s in all; 0 dropped.")
    assert "capacity 20" in figures.depth(trace).svg() and "sender blocked" in figures.depth(trace).svg()


def test_depth_refuses_an_unknown_connection():
    with pytest.raises(ValueError, match=r"no connection 7 in this trace: it has 0\."):
        figures.depth(pipeline(()), 7)


def test_depth_shows_the_high_water_marks_where_the_capacity_is_not_known():
    tcp = (Connection(0, 0, 1, "tcp", "tcp://127.0.0.1:1"),)
    trace = pipeline(tuple(message(i, i * 0.01, 1 + i * 0.01) for i in range(30)), connections=tcp)
    assert "both high-water marks: 10 + 10" in figures.depth(trace).svg()


def test_depth_from_counts_alone():
    counts = [(Count(i * 0.1, 0, 1000 * i, 0), Count(i * 0.1, 1, 0, 900 * i)) for i in range(10)]
    trace = pipeline((), counts=sum(counts, ()), exact=False, note="Too fast to keep each.", seconds=1.0)
    plot = figures.depth(trace)
    assert "at most 900, 900 at the end" in plot.summary
    assert "Too fast to keep each." in plot.svg()


def test_rates_add_up_to_what_was_received():
    messages = tuple(message(i, i * 0.01, i * 0.01 + 0.001) for i in range(100))
    plot = figures.rates(pipeline(messages), window=0.5)
    assert "worker" in plot.summary and "sent, all" in plot.svg()
    values = plot.axes_.patches[0].get_data().values
    assert sum(values) * 0.5 == pytest.approx(100)


def test_lanes_say_who_was_busy():
    said = figures.lanes(eventful()).summary
    assert "producer" in said and "blocked" in said and "frozen" in said
    text = figures.lanes(eventful()).svg()
    assert "killed" in text and "failed" in text


def test_a_message_without_an_end_does_not_fill_the_lane():
    messages = tuple(message(i, i * 0.1, i * 0.1 + 0.01) for i in range(5))
    last = Message(id=9, source=0, target=1, connection=0, sent=0.5, received=0.51, done=None,
                   frames=(b"x",), size=1)
    said = figures.lanes(pipeline((*messages, last), seconds=10.0)).summary
    assert re.search(r"worker: [01]% at work", said)


def test_spacetime_says_what_it_leaves_out():
    trace = pipeline(tuple(message(i, i * 0.01, i * 0.01 + 0.005) for i in range(500)))
    assert "The first 60 of 500 messages" in figures.spacetime(trace).summary
    assert "160 of the 401 messages" in figures.spacetime(trace, 0.0, 4.0).summary
    few = figures.spacetime(trace, 1.0, 1.05)
    assert "left out" not in few.summary and "6 received" in few.summary
    assert "No message was sent in this time" in figures.spacetime(trace, 90, 91).svg()


def test_spacetime_shows_what_was_already_on_its_way():
    trace = pipeline((message(0, 0.0, 2.0), message(1, 1.5, 1.6)))
    assert "2 received" in figures.spacetime(trace, 1.0, 3.0).summary


def test_spacetime_splits_a_role_that_talks_to_itself():
    sockets = (SocketInfo(0, "PUSH", "main"), SocketInfo(1, "PULL", "main"))
    plot = figures.spacetime(pipeline((message(0, 0.0, 0.1),), sockets=sockets))
    assert "main PUSH 0" in plot.svg() and "main PULL 1" in plot.svg()


# --- one message's frames

def test_frames_show_what_each_socket_adds_and_takes():
    way = chain()
    plot = figures.frames(way, way.messages[-1])
    said = plot.summary
    assert said.startswith("One message, hop by hop, 8 of 8 steps. 1. client REQ sends + empty, “job”: adds an empty")
    for words in ("broker ROUTER receives + id 0001020304, empty, “job”: adds the sender's routing id.",
                  "broker DEALER sends id 0001020304, empty, “job”: no change.",
                  "worker REP receives id 0001020304, empty, “job”: keeps the envelope.",
                  "worker REP sends + id 0001020304, + empty, “done”: adds the envelope, put back.",
                  "broker ROUTER sends − id 0001020304, empty, “done”: takes off the first frame: the address.",
                  "8. client REQ receives − empty, “done”: takes off the delimiter."):
        assert words in said
    text = plot.svg()
    assert "worker · REP receives" in text and "empty delimiter" in text and "routing id" in text
    assert set(bundle(plot)) == {"text/plain", "text/html", "image/png"}
    known = {light for light, _ in PALETTE.values()}
    assert not set(re.findall(r"(?<!,)(?<!\()#[0-9a-f]{6}\b", text)) & known


def chain() -> Trace:
    """REQ to ROUTER, DEALER to REP, and back."""
    id = b"\0\1\2\3\4"
    sockets = enumerate((("REQ", "client"), ("ROUTER", "broker"), ("DEALER", "broker"), ("REP", "worker")))
    hops = ((0, 1, (b"job",), (id, b"", b"job")), (2, 3, (id, b"", b"job"), (b"job",)),
            (3, 2, (b"done",), (id, b"", b"done")), (1, 0, (id, b"", b"done"), (b"done",)))
    messages = tuple(Message(n, a, b, None, n * 0.1, n * 0.1 + 0.05, None, seen, 3, n - 1 if n else None, as_sent=sent)
                     for n, (a, b, sent, seen) in enumerate(hops))
    return Trace(seconds=1.0, messages=messages, sockets=tuple(SocketInfo(n, *kind) for n, kind in sockets))


def test_a_message_from_outside_the_record_is_drawn_by_all_figures_that_can():
    """Its sender is in another process: nothing is known of it but its end."""
    stranger = Message(id=0, source=None, target=1, connection=None, sent=0.1, received=0.1, done=0.2, frames=(b"hi",),
                       size=2, fate="received")
    trace = pipeline((stranger, message(1, 0.2, 0.3)))
    assert "from outside the record" in bundle(figures.frames(trace, 0))["text/html"]
    for draw in (*ALL, figures.frames):
        ElementTree.fromstring((draw(trace, 1) if draw is figures.frames else draw(trace)).svg())


def test_frames_step_by_step():
    way = chain()
    plots = [figures.frames(way, 3, step=n) for n in (-1, 0, 1, 8, 99)]
    assert [int(re.search(r"(\d+) of 8", plot.summary)[1]) for plot in plots] == [0, 0, 1, 8, 8]
    assert len({tuple(plot.get_size_inches()) for plot in plots}) == 1      # it does not jump
    assert "No step is shown yet." in plots[1].svg()
    assert "8 of 8" in figures.frames(way, 3).summary and "4 of 4" in figures.frames(way, 1).summary


def test_frames_of_what_is_not_there_of_a_long_way_and_of_a_message_that_never_came():
    with pytest.raises(ValueError, match=r"no message 7 in this trace: it has 4\."):
        figures.frames(chain(), 7)
    long = tuple(Message(n, 0, 1, None, n * 0.1, n * 0.1, None, (b"x",), 1, n - 1 if n else None) for n in range(20))
    assert "The last 12 of 20 hops." in figures.frames(pipeline(long), 19).summary
    sockets = (SocketInfo(0, "ROUTER", "office"), SocketInfo(1, "DEALER", "bob"))
    lost = Message(0, 0, 1, None, 0.1, None, None, (b"zoe", b"hello"), 8, fate="lost")
    said = figures.frames(Trace(sockets=sockets, messages=(lost,)), lost)
    assert "office ROUTER sends − id zoe, “hello”" in said.summary
    assert said.summary.endswith("Nobody receives it: lost.")


@pytest.mark.parametrize("count", [1, 4, 9, 30])
def test_frames_stay_in_the_picture_however_many_they_are(count: int):
    row = (*[b"%05d" % n for n in range(count)], b"", b"body" * 16)
    message = Message(0, 0, 1, None, 0.0, 0.1, None, (b"\0\xff\xfe\1\2", *row), 10)
    sockets = (SocketInfo(0, "DEALER", "a" * 40), SocketInfo(1, "ROUTER", "b"))
    plot = figures.frames(Trace(messages=(message,), sockets=sockets), message)
    left, right = plot.axes_.get_xlim()
    boxes = [patch for patch in plot.axes_.patches if not patch.get_label().strip("_")]
    assert boxes and all(left <= patch.get_x() <= right for patch in boxes)
    assert ("more …" in plot.svg()) == (count > 4)


@pytest.mark.parametrize("row, kinds, numbered", [
    ((b"task",), "b", False), ((), "", False), ((b"",), "e", False), ((b"", b""), "eb", False),
    ((b"ann", b"", b"", b"x"), "iebb", False), ((b"ann", b"bob", b"", b"ann"), "iiei", False),
    ((b"bob", b"", b"ann", b"", b"job"), "ieieb", False), ((b"x", b"ann"), "bb", False),
    ((b"ann", b"\1\2\3\4", b"", b"x"), "ineb", True), ((b"ann", b"\1\2\3\4", b"", b"x"), "ibbb", False),
])
def test_what_a_frame_is_by_its_place(row: tuple[bytes, ...], kinds: str, numbered: bool):
    names = {"i": "routing id", "e": "empty delimiter", "n": "request number", "b": "body"}
    assert frame_kinds(row, {b"ann", b"bob"}, numbered) == [names[kind] for kind in kinds]


def test_frames_of_a_real_chain_over_two_brokers():
    def broker(ctx, front, back, bind):
        with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
            frontend.bind(front)
            (backend.bind if bind else backend.connect)(back)
            zmq.proxy(frontend, backend)

    def client(ctx, front):
        with ctx.socket(zmq.REQ) as req:
            req.req_correlate = True
            req.connect(front)
            req.send_multipart([b"", b"ping"])
            req.recv_multipart()

    def worker(ctx, back):
        with ctx.socket(zmq.REP) as rep:
            rep.connect(back)
            while True:
                rep.send(rep.recv_multipart()[-1] + b" pong")

    with Stage("chain") as stage:
        a, b, c = (stage.endpoint("tcp", name=name) for name in "abc")
        stage.add(broker, a, b, False, name="outer")
        stage.add(broker, b, c, True, name="inner")
        stage.add(worker, c)
        stage.add(client, a)
        stage.wait(lambda s: s.received("client") == 1)
    trace = stage.trace()
    assert Trace.from_json(json.loads(json.dumps(trace.to_json()))) == trace
    said = figures.frames(trace, trace.messages[-1]).summary
    ids = r"\+ id 00[0-9a-f]{8}, id 00[0-9a-f]{8}, no\. [0-9a-f]{8}, empty"
    assert re.search(rf"inner ROUTER receives {ids}, .*“ping”", said)
    assert re.search(r"worker REP sends \+ id \w+, \+ id \w+, \+ no\. \w+, \+ empty, “ping pong”", said)
    assert re.search(r"12\. client REQ receives − no\. \w+, − empty, “ping pong”: takes off", said)


# --- the parts

def test_a_chart_of_your_own_numbers():
    curves = {"measured": ([1, 2, 4], [1, 1.9, 3.1], "dots", [0.1, 0.1, 0.2]), "ideal": ([1, 2, 4], [1, 2, 4])}
    plot = figures.chart("Speed-up", curves, x="workers", y="times as fast", spans={"too many": (3, 4)})
    shown = plot.svg()
    assert all(word in shown for word in ("measured", "ideal", "too many", "workers", "times as fast"))
    assert plot.summary == "Speed-up. measured from 1 to 3.1, at most 3.1; ideal from 1 to 4, at most 4."
    assert plot.axes_.get_ylim()[0] == 0
    assert figures.chart("Below", {"": ([0, 1], [-1, 2])}).axes_.get_ylim()[0] < -1
    assert "nothing to draw" in figures.chart("None", {}).svg()
    assert "nothing to draw" in figures.chart("Empty", {"a": ([], [])}).svg()


def test_a_chart_refuses_what_it_cannot_draw():
    with pytest.raises(ValueError, match="'stairs': choose one of line, step, dots"):
        figures.chart("t", {"a": ([1], [1], "stairs")})
    with pytest.raises(ValueError, match="'a' has 2 values along x and 1 along y"):
        figures.chart("t", {"a": ([1, 2], [1])})


def test_latency_tells_the_percentiles_of_what_was_measured():
    times = [n / 1000 for n in range(1, 1001)]      # 1 ms to 1 s
    plot = figures.latency("Answers", {"quick": [2e-4], "all": reversed(times)})
    assert plot.summary == ("Answers. quick: 1 answers, p50 200 µs, p99 200 µs, p99.9 200 µs, at most 200 µs; "
                            "all: 1,000 answers, p50 500 ms, p99 990 ms, p99.9 999 ms, at most 1 s.")
    at = [line.get_xdata()[0] for line in plot.axes_.lines]
    assert at == pytest.approx([2e-4] * 3 + [0.5, 0.99, 0.999]) and plot.axes_.get_xscale() == "log"
    counted = [patch.get_data().values.sum() for patch in plot.axes_.patches]
    assert counted == [1, 1, 1000, 1000], "each time is in a bar"
    shown = plot.svg()
    assert all(word in shown for word in ("quick: p50 200 µs", "100 ms", "answers"))


@pytest.mark.parametrize("bad", [0.0, -1e-3, float("inf"), float("nan")])
def test_a_latency_that_cannot_be_is_refused(bad: float):
    with pytest.raises(ValueError, match="'mine' has a time of"):
        figures.latency("t", {"mine": [0.1, bad]})


def test_no_latency_at_all_is_said():
    assert figures.latency("Answers", {"quick": []}).summary == "Answers. Nothing was measured."


def test_bars_alone_and_in_groups():
    assert figures.bars("Served", {"quick": 1200, "slow": 3}).summary == "Served. quick: 1,200; slow: 3."
    plot = figures.bars("Crash", {"lost": [166, 0], "twice": [None, 7]}, groups=["ZeroMQ", "broker"], y="tasks")
    assert plot.summary == "Crash. lost: ZeroMQ 166, broker 0; twice: ZeroMQ none, broker 7."
    shown = plot.svg()
    assert all(word in shown for word in ("lost", "twice", "ZeroMQ", "broker", "tasks", "166", "–"))
    many = figures.bars("Many", {"value": list(range(30))}, groups=[f"a long name {n}" for n in range(30)])
    assert "a long name 29" in many.svg()
    assert figures.bars("None", {}).summary == "None."
    with pytest.raises(ValueError, match="'lost' has 1 values, and there are 2 groups"):
        figures.bars("t", {"lost": [1]}, groups=["a", "b"])


def test_strips_lie_one_below_the_other_each_with_its_parts():
    ill = figures.Strip("ZeroMQ", {"lost": 49, "twice": 0}, "49 lost")
    well = figures.Strip("a log", {"lost": 0, "twice": 8}, "8 <twice>")
    plot = figures.strips("Crash", [ill, well], {"lost": "bad", "twice": "lane0"}, x="tasks")
    assert plot.summary == "Crash. ZeroMQ 49 lost, 0 twice (49 lost); a log 0 lost, 8 twice (8 <twice>)."
    first, second = plot.axes_.patches
    assert first.get_y() < second.get_y() and plot.axes_.yaxis_inverted(), "the first is on top"
    assert (first.get_width(), second.get_width()) == (49, 8)
    shown = plot.svg()
    assert all(word in shown for word in ("ZeroMQ", "a log", "tasks", "49 lost", "8 &lt;twice&gt;"))
    two = [figures.Strip("a", {"one": 3, "two": 4}, "")]
    parts = figures.strips("Sum", two, {"one": "lane0", "two": "lane1"}, x="")
    assert [(bar.get_x(), bar.get_width()) for bar in parts.axes_.patches] == [(0, 3), (3, 4)]
    tenfold = figures.strips("Rates", [figures.Strip("a", {"x": 250_000}, "")], {"x": "lane0"}, x="", log=True)
    assert tenfold.axes_.get_xscale() == "log" and ">100,000<" in tenfold.svg() and ">1,000,000<" not in tenfold.svg()
    assert "nothing to draw" in figures.strips("None", [], {"x": "lane0"}, x="").svg()


def test_steps_keep_the_highest_and_the_lowest():
    times = [i / 1000 for i in range(50_000)]
    values = [float(i % 7) for i in range(50_000)]
    values[33_333], values[12_345] = 1000.0, -5.0
    x, y = steps(times, values, columns=500)
    assert len(x) == len(y) <= 2000 and x == sorted(x)
    assert max(y) == 1000 and min(y) == -5 and (x[0], x[-1]) == (times[0], times[-1])
    assert steps([0.0, 1.0], [1, 2]) == ([0.0, 1.0], [1, 2])


def test_intervals_are_merged():
    assert merged([(3, 4), (0, 1), (1.05, 2), (0.5, 0.6)], 0.1) == [(0, 2), (3, 4)]
    assert merged([], 1) == []


def test_names_are_shortened():
    assert shorten("a\nb  c", 10) == "a b c" and shorten("abcdefgh", 5) == "abcd…"


# --- a real run

def test_a_real_stage(tmp_path):
    def producer(ctx, endpoint):
        push = ctx.socket(zmq.PUSH)
        push.sndhwm = 5
        push.bind(endpoint)
        for i in range(40):
            push.send(b"task %d" % i)

    def worker(ctx, endpoint):
        pull = ctx.socket(zmq.PULL)
        pull.rcvhwm = 5
        pull.connect(endpoint)
        while True:
            pull.recv()
            time.sleep(0.005)

    with Stage("figures") as stage:
        endpoint = stage.endpoint("inproc", name="tasks")
        stage.add(worker, endpoint)
        stage.add(producer, endpoint)
        stage.wait(lambda s: s.received("worker") == 40)
    trace = stage.trace()
    trace.save(tmp_path / "trace.json")
    for draw in ALL:
        shown = bundle(draw(Trace.load(tmp_path / "trace.json")))
        assert shown["text/plain"] == draw(trace).summary
        json.dumps({kind: data for kind, data in shown.items() if kind != "image/png"})
    assert "at most 1" in figures.depth(trace).summary and "capacity 10" in figures.depth(trace).summary
    assert "blocked" in figures.lanes(trace).summary


def test_a_sampled_record_gives_no_shares_of_what_it_sampled_and_right_rates():
    counts = tuple(Count(i * 0.1, 1, 0, 1000 * i) for i in range(11))
    sample = tuple(message(i, i * 0.01, i * 0.01 + 0.001) for i in range(50))
    trace = pipeline(sample, counts=counts, exact=False, seconds=1.0, blocked=(Interval(0, 0.0, 0.5),))
    said = figures.lanes(trace).summary
    assert "at work" not in said and "50% blocked" in said
    plot = figures.rates(trace, window=0.25)
    assert list(plot.axes_.patches[0].get_data().values) == pytest.approx([10_000] * 4)
    assert "sent, all" not in plot.svg()


def test_in_a_notebook_it_shows_itself():
    from IPython.core.interactiveshell import InteractiveShell
    formats, _ = InteractiveShell().display_formatter.format(figures.lanes(eventful()))
    assert {"text/plain", "text/html", "image/png"} <= set(formats)
    assert formats["text/plain"].startswith("Who did what when.")


def test_a_record_or_a_stage_will_do_in_place_of_its_trace() -> None:
    class Source:
        def trace(self) -> Trace:
            return Trace(title="given")

    for draw in (figures.depth, figures.rates, figures.lanes, figures.spacetime):
        assert draw(Source()).summary == draw(Trace(title="given")).summary


# --- a connection on the wire ----------------------------------------------------------------------------------------


def written(plot: Plot) -> list[str]:
    return [text.get_text() for text in plot.axes_.texts]


def test_a_connection_is_shown_in_two_columns_in_order() -> None:
    tape = Tape()
    assert "Nothing has been heard yet." in written(figures.wire(tape))
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x01NULL" + bytes(48)
    tape(1, "there", greeting + b"\x01\x01a" + b"\x02" + (300).to_bytes(8, "big") + bytes(300))
    tape(1, "back", greeting)
    tape(2, "there", b"GET / HTTP/1.1\r\n\r\n")
    plot = figures.wire(tape)
    said = written(plot)
    assert said.index("“a”, more follows") < said.index("00 00 00 00 00 00 00 00 00 00 … (300 bytes)")
    assert "01 01 61" in said and any(text.endswith("… 309 bytes") for text in said)
    assert "4 of 4 items" in plot.summary and "who is bound says: greeting, ZMTP 3.1, mechanism NULL." in plot.summary
    assert "no ZMTP 3" in figures.wire(tape, 2).summary
    assert "The first 2 of 4 items." in figures.wire(tape, 1, most=2).summary
    with pytest.raises(LookupError, match="connection 3"):
        figures.wire(tape, 3)


# --- yes or no ------------------------------------------------------------------------------------------------------


def test_yes_or_no_for_each_pair() -> None:
    nobody = dict.fromkeys(("a browser", "Ann"), False)
    found = {"open": dict.fromkeys(nobody, True), "locked": nobody | {"Ann": True}, "walled": nobody}
    plot = figures.yesno("Who gets in?", found, yes="in")
    assert plot.summary == "Who gets in? open: a browser, Ann; locked: Ann; walled: none."
    assert [text.get_text() for text in plot.axes_.texts] == ["in", "in", "–", "in", "–", "–"]
    plot = figures.yesno("Who reads?", {"a field more": {"old": "wrong", "new": True, "none": False}}, bad="wrong")
    assert plot.summary == "Who reads? a field more: old (wrong), new."
    assert [text.get_text() for text in plot.axes_.texts] == ["wrong", "yes", "–"]
    assert "There is nothing to draw." in written(figures.yesno("Who gets in?", {}))
    with pytest.raises(ValueError, match="'b' has the columns"):
        figures.yesno("Who?", {"a": {"x": True}, "b": {"y": True}})
