"""Answers to the exercises of lesson 22, right and wrong. See ../lessons.py for the form."""

from pathlib import Path
from textwrap import indent

import nbformat
from lessons import but
from zmqcourse.lessons import notebook

_LESSON = nbformat.read(Path(__file__).parents[2] / "notebooks" / "22-same-table-everywhere.ipynb", as_version=4)
_SHOWN = "answer", "get-snapshot", "by-number"
_SOLUTIONS = notebook.solutions(_LESSON)


def _cell(id: str) -> str:
    return next(cell.source for cell in _LESSON.cells if cell.id == id)


# What the lesson's own cells define, and its answers may use.
SETUP = "from uuid import uuid4\n\n" + "\n\n".join(map(_cell, _SHOWN))


_SERVE, _MENDED = (_SOLUTIONS[id] + "\n" for id in ("22.2", "22.3"))

# Asks at once, and again where a number is missing.
_FOLLOW = """
def follow(ctx, snapshots, updates, copy):
    sub, dealer = ctx.socket(zmq.SUB), ctx.socket(zmq.DEALER)
    sub.subscribe(b"")
    sub.connect(updates)
    dealer.connect(snapshots)
    rows, last = get_snapshot(dealer)
    copy.update(rows)
    while True:
        key, number, _, _, value = sub.recv_multipart()
        number = unpack(number)
        if number > last + (key != b"HUGZ"):
            rows, last = get_snapshot(dealer)
            copy.clear()
            copy.update(rows)
        if key == b"HUGZ" or number != last + 1:
            continue
        last = number
        if value:
            copy[key] = value
        else:
            copy.pop(key, None)
"""
_HOLE = """        if number > last + (key != b"HUGZ"):
            rows, last = get_snapshot(dealer)
            copy.clear()
            copy.update(rows)
        if key == b"HUGZ" or number != last + 1:
            continue
"""
_GREATER = """        if key == b"HUGZ" or number <= last:
            continue
"""

# One loop over both sockets, and a state between two messages.
_POLLS = """
def follow(ctx, snapshots, updates, copy):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.DEALER) as dealer:
        sub.subscribe(b"")
        sub.connect(updates)
        dealer.connect(snapshots)
        poller = zmq.Poller()
        poller.register(sub, zmq.POLLIN)
        poller.register(dealer, zmq.POLLIN)
        last, waiting, rows, later = 0, True, {}, []
        dealer.send_multipart([b"ICANHAZ?", b""])
        while True:
            for socket, _ in poller.poll():
                key, number, _, _, value = socket.recv_multipart()
                number = int.from_bytes(number, "big")
                if socket is dealer and key != b"KTHXBAI":
                    rows[key] = value
                elif socket is dealer:
                    copy.clear()
                    copy.update(rows)
                    last, waiting, rows = number, False, {}
                    heard, later = later, []
                else:
                    heard = [(key, number, value)]
                while not waiting and heard:
                    key, number, value = heard.pop(0)
                    if number > last + (key != b"HUGZ"):
                        waiting = True
                        dealer.send_multipart([b"ICANHAZ?", b""])
                    elif key != b"HUGZ" and number == last + 1:
                        last = number
                        copy[key] = value
                        if not value:
                            del copy[key]
                if waiting and socket is sub:
                    later += [(key, number, value), *heard]
"""

_ASYNC = """
import zmq.asyncio

async def follow(ctx, snapshots, updates, copy):
    shadow = zmq.asyncio.Context.shadow(ctx)
    with shadow.socket(zmq.SUB) as sub, shadow.socket(zmq.DEALER) as dealer:
        sub.subscribe(b"")
        sub.connect(updates)
        dealer.connect(snapshots)
        last = None
        while True:
            key, number, _, _, value = await sub.recv_multipart()
            number, change = int.from_bytes(number, "big"), key != b"HUGZ"
            if last is None or number > last + change:
                await dealer.send_multipart([b"ICANHAZ?", b""])
                rows = {}
                while (frames := await dealer.recv_multipart())[0] != b"KTHXBAI":
                    rows[frames[0]] = frames[4]
                last = int.from_bytes(frames[1], "big")
                copy.clear()
                copy.update(rows)
            if change and number == last + 1:
                last = number
                copy.update({key: value}) if value else copy.pop(key, None)
"""

# A heap of ends, each with the number of the change that set it; a snapshot in portions, from a copy.
_PORTIONS = """
import heapq
from collections import deque

def serve(ctx, snapshots, updates, collector):
    router, pub, pull = (ctx.socket(kind) for kind in (zmq.ROUTER, zmq.PUB, zmq.PULL))
    router.sndhwm = pub.sndhwm = 0
    router.bind(snapshots)
    pub.bind(updates)
    pull.bind(collector)
    epoch = str(time.time_ns()).encode() + uuid4().bytes
    number, table, set_by, heap, out, hug = 0, {}, {}, [], deque(), 0

    def change(key, properties, value):
        nonlocal number, hug
        number += 1
        table.pop(key, None)
        set_by[key] = number
        if value:
            table[key] = value
            named = dict(line.split(b"=", 1) for line in properties.split(b"\\n") if b"=" in line)
            if b"ttl" in named:
                heapq.heappush(heap, (time.monotonic() + float(named[b"ttl"]), number, key))
        pub.send_multipart([key, number.to_bytes(8, "big"), epoch, properties, value])
        hug = time.monotonic() + 0.2

    while True:
        if router.poll(0):
            who, *_ = router.recv_multipart()
            at = number.to_bytes(8, "big")
            out.extend([who, key, at, epoch, b"", value] for key, value in table.items())
            out.append([who, b"KTHXBAI", at, epoch, b"", b""])
        for _ in range(min(200, len(out))):
            router.send_multipart(out.popleft())
        if pull.poll(0 if out else 10):
            key, _, _, properties, value = pull.recv_multipart()
            change(key, properties, value)
        while heap and heap[0][0] <= time.monotonic():
            _, by, key = heapq.heappop(heap)
            if set_by[key] == by:
                change(key, b"", b"")
        if time.monotonic() >= hug:
            hug = time.monotonic() + 0.2
            pub.send_multipart([b"HUGZ", number.to_bytes(8, "big"), epoch, b"", b""])
"""

_ASYNC_SERVE = """
import asyncio
import zmq.asyncio

async def serve(ctx, snapshots, updates, collector):
    shadow = zmq.asyncio.Context.shadow(ctx)
    router, pub, pull = (shadow.socket(kind) for kind in (zmq.ROUTER, zmq.PUB, zmq.PULL))
    router.sndhwm = 0
    for socket, endpoint in (router, snapshots), (pub, updates), (pull, collector):
        socket.bind(endpoint)
    epoch, number, table, ends = uuid4().bytes, 0, {}, {}

    async def change(key, properties, value):
        nonlocal number
        number += 1
        if key in ends:
            ends.pop(key).cancel()
        if value:
            table[key] = value
        else:
            table.pop(key, None)
        for line in properties.splitlines():
            name, _, text = line.partition(b"=")
            if name == b"ttl" and value:
                ends[key] = asyncio.create_task(end(key, float(text)))
        await pub.send_multipart([key, pack(number), epoch, properties, value])

    async def end(key, seconds):
        await asyncio.sleep(seconds)
        del ends[key]                         # or `change` would cancel this very task
        await change(key, b"", b"")

    async def answers():
        while True:
            who, *_ = await router.recv_multipart()
            rows, at = dict(table), pack(number)
            for key, value in rows.items():
                await router.send_multipart([who, key, at, epoch, b"", value])
            await router.send_multipart([who, b"KTHXBAI", at, epoch, b"", b""])

    async def hugs():
        while True:
            await asyncio.sleep(0.2)
            await pub.send_multipart([b"HUGZ", pack(number), epoch, b"", b""])

    async def changes():
        while True:
            key, _, _, properties, value = await pull.recv_multipart()
            await change(key, properties, value)
            await asyncio.sleep(0)            # what is there is taken without a pause: the others have their turn

    await asyncio.gather(answers(), hugs(), changes())
"""

# Lines of the solutions of 22.2 and 22.3 that its wrong answers do without.
_ENDS = """            for key in [key for key, end in ends.items() if end <= now]:
                change(key, b"", b"")
"""
_ROOM = "        router.sndhwm = 0                     # room for a whole table\n"
_FORGETS = "            ends.pop(key, None)               # only the last setting counts\n"
_SETS = """if value:
    copy[key] = value
else:
    copy.pop(key, None)
"""
_KEEPS = """            if value:
                table[key] = value
            else:
                table.pop(key, None)
"""

# Rows leave in portions of what the table is by then; the number is that of the beginning, or of the end.
_FUZZY = [
    (
        "number, table, ends, hug = uuid4().bytes, 0, {}, {}, 0",
        "number, table, ends, hug, out = uuid4().bytes, 0, {}, {}, 0, []",
    ),
    (
        "                answer(router, who, table, number, epoch)\n",
        "                out.append((who, list(table), number))\n"
        "            for who, keys, began in out[:1]:\n"
        "                for key in keys[:20]:\n"
        "                    if key in table:\n"
        '                        router.send_multipart([who, key, pack(number), epoch, b"", table[key]])\n'
        "                del keys[:20]\n"
        "                if not keys:\n"
        '                    router.send_multipart([who, b"KTHXBAI", pack(NUMBER), epoch, b"", b""])\n'
        "                    out.pop(0)\n",
    ),
    ("poller.poll(20)", "poller.poll(0 if out else 20)"),
]

# What an answer of 22.3 does while it waits, on one DEALER for all requests.
_ONE_DEALER = """
def mended(ctx, snapshots, updates, copy, patience):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.DEALER) as dealer:
        sub.subscribe(b"")
        sub.connect(updates)
        dealer.connect(snapshots)
        life, last = None, -1

        def ask():
            ROWS
            while True:
                dealer.send_multipart([b"ICANHAZ?", b""])
                rows = {}
                while dealer.poll(patience * 1000):
                    key, number, epoch, _, value = dealer.recv_multipart()
                    if key == b"KTHXBAI":
                        copy.clear()
                        copy.update(TAKEN)
                        return epoch, unpack(number)
                    rows[key] = KEPT

        while True:
            key, number, epoch, _, value = sub.recv_multipart()
            number, change = unpack(number), key != b"HUGZ"
            if epoch != life or number > last + change:
                life, last = ask()
            if change and (epoch, number) == (life, last + 1):
                last = number
                copy[key] = value
                if not value:
                    del copy[key]
"""


def _one_dealer(rows: str = "pass", taken: str = "rows", kept: str = "value") -> str:
    return but(_ONE_DEALER, ("ROWS", rows), ("TAKEN", taken), ("KEPT", kept))


_DRAINS = "while dealer.poll(0):\n                dealer.recv_multipart()"

CASES = {
    "22.1": {
        "right": {
            "asks at once, and again where a number is missing": _FOLLOW,
            "waits for the first word": but(
                _FOLLOW,
                (
                    "    rows, last = get_snapshot(dealer)\n    copy",
                    "    sub.poll()\n    rows, last = get_snapshot(dealer)\n    copy",
                ),
            ),
            "one loop over both sockets": _POLLS,
            "asyncio": _ASYNC,
            "a new DEALER for each snapshot": but(
                _FOLLOW,
                (
                    "            rows, last = get_snapshot(dealer)\n",
                    "            with ctx.socket(zmq.DEALER) as another:\n"
                    "                another.connect(snapshots)\n"
                    "                rows, last = get_snapshot(another)\n",
                ),
            ),
        },
        "wrong": {
            "by the guide: greater than the last": (
                but(_FOLLOW, (_HOLE, _GREATER)),
                "that was made before your subscription arrived is missing",
            ),
            "asks when it has heard something, and never again": (
                but(
                    _FOLLOW,
                    (
                        "    rows, last = get_snapshot(dealer)\n    copy",
                        "    sub.poll()\n    rows, last = get_snapshot(dealer)\n    copy",
                    ),
                    (_HOLE, _GREATER),
                ),
                "still missing, although the next update has shown it",
            ),
            "asks first, then subscribes": (
                """
def follow(ctx, snapshots, updates, copy):
    sub, dealer = ctx.socket(zmq.SUB), ctx.socket(zmq.DEALER)
    dealer.connect(snapshots)
    rows, last = get_snapshot(dealer)
    copy.update(rows)
    sub.subscribe(b"")
    sub.connect(updates)
    while True:
        key, number, _, _, value = sub.recv_multipart()
        if key != b"HUGZ" and unpack(number) > last:
            last = unpack(number)
            copy.update({key: value}) if value else copy.pop(key, None)
""",
                "that was made before your subscription arrived is missing",
            ),
            "takes in all that it hears": (
                but(
                    _FOLLOW,
                    ('if key == b"HUGZ" or number != last + 1:', 'if key == b"HUGZ":'),
                    ("last = number\n", "last = max(last, number)\n"),
                ),
                "older than the snapshot was taken in",
            ),
            "goes on from the update that showed the hole": (
                but(
                    _FOLLOW, ("            copy.clear()\n", "            last = number - 1\n            copy.clear()\n")
                ),
                "because of one hole",
            ),
            "asks after each update": (
                but(_FOLLOW, ('if number > last + (key != b"HUGZ"):', 'if key != b"HUGZ" or number > last:')),
                "although no number was missing",
            ),
            "asks after each HUGZ": (
                but(_FOLLOW, ('if number > last + (key != b"HUGZ"):', 'if key == b"HUGZ" or number > last + 1:')),
                "although no number was missing",
            ),
            "asks when HUGZ has another number, also a smaller one": (
                but(
                    _FOLLOW,
                    (
                        'if number > last + (key != b"HUGZ"):',
                        'if number > last + 1 or key == b"HUGZ" and number != last:',
                    ),
                ),
                "because of one hole",
            ),
            "HUGZ is what begins so": (
                but(_FOLLOW, ('if key == b"HUGZ" or number', 'if key.startswith(b"HUGZ") or number')),
                "although no number was missing",
            ),
            "the end is what begins so": (
                but(_POLLS, ('key != b"KTHXBAI"', 'not key.startswith(b"KTHXBAI")')),
                "",
            ),
            "a row must have a key": (
                but(
                    _FOLLOW,
                    (
                        "        number = unpack(number)\n",
                        "        number = unpack(number)\n        if not key:\n            continue\n",
                    ),
                ),
                "although no number was missing",
            ),
            "white space is nothing": (
                but(_FOLLOW, ("        if value:\n", "        if value.strip():\n")),
                "when the bytes are unusual",
            ),
            "does not look at HUGZ": (
                but(_FOLLOW, ('if number > last + (key != b"HUGZ"):', 'if key != b"HUGZ" and number > last + 1:')),
                "although HUGZ has told the number",
            ),
            "takes HUGZ for the change": (
                but(
                    _FOLLOW,
                    ('if number > last + (key != b"HUGZ"):', "if number > last + 1:"),
                    ('if key == b"HUGZ" or number != last + 1:', "if number != last + 1:"),
                ),
                "",
            ),
            "keeps what is not in the snapshot": (
                but(_FOLLOW, ("            copy.clear()\n", "")),
                "not in the snapshot is still in the copy",
            ),
            "deletes nothing": (
                but(
                    _FOLLOW,
                    (
                        indent(_SETS, 8 * " "),
                        "        copy[key] = value\n",
                    ),
                ),
                "after a deletion",
            ),
            "throws away what came meanwhile": (
                but(
                    _FOLLOW,
                    (
                        "            copy.clear()\n",
                        "            copy.clear()\n"
                        "            while sub.poll(0):\n"
                        "                sub.recv_multipart()\n",
                    ),
                ),
                "more than one snapshot was asked for because of one hole",
            ),
            "asks again with each update until the answer is there": (
                but(
                    _POLLS,
                    (
                        "                if waiting and socket is sub:\n",
                        '                if waiting and socket is sub and key != b"HUGZ":\n'
                        '                    dealer.send_multipart([b"ICANHAZ?", b""])\n'
                        "                if waiting and socket is sub:\n",
                    ),
                ),
                "snapshot was asked for",
            ),
            "goes by the numbers of the rows": (
                """
def follow(ctx, snapshots, updates, copy):
    sub, dealer = ctx.socket(zmq.SUB), ctx.socket(zmq.DEALER)
    sub.subscribe(b"")
    sub.connect(updates)
    dealer.connect(snapshots)
    last = -1
    while True:
        key, number, _, _, value = sub.recv_multipart()
        if unpack(number) > last + (key != b"HUGZ"):
            dealer.send_multipart([b"ICANHAZ?", b""])
            rows, last = {}, 0
            while (frames := dealer.recv_multipart())[0] != b"KTHXBAI":
                rows[frames[0]] = frames[4]
                last = max(last, unpack(frames[1]))
            copy.clear()
            copy.update(rows)
        if key != b"HUGZ" and unpack(number) == last + 1:
            last += 1
            copy.update({key: value}) if value else copy.pop(key, None)
""",
                "snapshot was asked for",
            ),
            "text": (
                but(
                    _FOLLOW,
                    (
                        "        last = number\n",
                        "        last = number\n        key, value = key.decode().encode(), value.decode().encode()\n",
                    ),
                ),
                "UnicodeDecodeError",
            ),
            "another dict": (but(_FOLLOW, ("    copy.update(rows)\n    while", "    copy = rows\n    while")), ""),
            "no subtree": (
                but(
                    _FOLLOW,
                    ("            rows, last = get_snapshot(dealer)\n", '            dealer.send(b"ICANHAZ?")\n'),
                ),
                "no request for a snapshot",
            ),
            "half the table of a big one": (
                but(
                    _FOLLOW,
                    ("    dealer.connect(snapshots)\n", "    dealer.connect(snapshots)\n    dealer.rcvtimeo = 1\n"),
                ),
                "",
            ),
        },
    },
    "22.2": {
        "right": {
            "a heap, and portions of a copy": _PORTIONS,
            "asyncio": _ASYNC_SERVE,
            "ROUTER_MANDATORY, and who has gone is forgotten": but(
                _SERVE,
                (
                    _ROOM,
                    "        router.sndhwm, router.router_mandatory = 0, 1\n",
                ),
                (
                    "                answer(router, who, table, number, epoch)\n",
                    "                try:\n"
                    "                    answer(router, who, table, number, epoch)\n"
                    "                except zmq.ZMQError:\n"
                    "                    pass\n",
                ),
            ),
        },
        "wrong": {
            "the default mark": (
                but(_SERVE, (_ROOM, "")),
                "a snapshot is not whole",
            ),
            "portions of the table as it is by then, the number of the end": (
                but(_SERVE, *_FUZZY, ("NUMBER", "number")),
                "not of one moment",
            ),
            "portions of the table as it is by then, the number of the beginning": (
                but(_SERVE, *_FUZZY, ("NUMBER", "began")),
                "not of one moment",
            ),
            "RFC 12: the highest number of the rows": (
                but(
                    _SERVE,
                    (
                        "        def change(key, properties, value):\n",
                        "        by = {}\n\n        def change(key, properties, value):\n",
                    ),
                    (
                        _FORGETS,
                        "            ends.pop(key, None)\n            by[key] = number\n",
                    ),
                    (
                        "answer(router, who, table, number, epoch)",
                        "answer(router, who, table, max([by[key] for key in table], default=0), epoch)",
                    ),
                ),
                "",
            ),
            "a slow reader is waited for": (
                but(
                    _SERVE,
                    (
                        _ROOM,
                        "        router.router_mandatory = 1\n",
                    ),
                    (
                        "                answer(router, who, table, number, epoch)\n",
                        "                try:\n"
                        "                    answer(router, who, table, number, epoch)\n"
                        "                except zmq.ZMQError:\n"
                        "                    pass\n",
                    ),
                ),
                "changes wait for somebody who asked",
            ),
            "MANDATORY, and somebody leaves": (
                but(
                    _SERVE,
                    (
                        _ROOM,
                        "        router.sndhwm, router.router_mandatory = 0, 1\n",
                    ),
                ),
                "Host unreachable",
            ),
            "ends are the clients' affair": (
                but(
                    _SERVE,
                    (
                        _ENDS,
                        "",
                    ),
                ),
                "not deleted for all",
            ),
            "ends without a word": (
                but(
                    _SERVE, ('                change(key, b"", b"")\n', "                del ends[key], table[key]\n")
                ),
                "not deleted for all",
            ),
            "ends only when a change comes": (
                but(
                    _SERVE,
                    (
                        _ENDS,
                        "",
                    ),
                    (
                        "                change(key, properties, value)\n",
                        "                change(key, properties, value)\n"
                        "                for key in [key for key, end in ends.items() if end <= time.monotonic()]:\n"
                        '                    change(key, b"", b"")\n',
                    ),
                ),
                "ends only when something else comes",
            ),
            "the first end counts": (
                but(
                    _SERVE,
                    (_FORGETS, ""),
                    (
                        "ends[key] = time.monotonic() + float(line[4:])",
                        "ends.setdefault(key, time.monotonic() + float(line[4:]))",
                    ),
                    (
                        '                change(key, b"", b"")\n',
                        "                del ends[key]\n"
                        "                if key in table:\n"
                        '                    change(key, b"", b"")\n',
                    ),
                ),
                "ended that had been set again",
            ),
            "the second of its start is its epoch": (
                but(_SERVE, ("uuid4().bytes", 'b"%d" % time.time()')),
                "the same epoch",
            ),
            "a deletion with an end ends once more": (
                but(_SERVE, ("if value and line", "if line")),
                "deleted once more",
            ),
            "the end is found anywhere in the properties": (
                but(
                    _SERVE,
                    (
                        "for line in properties.splitlines():\n"
                        '                if value and line.startswith(b"ttl="):\n',
                        'for line in properties.split(b"ttl=")[1:2]:\n                if value:\n',
                    ),
                    ("float(line[4:])", "float(line.splitlines()[0])"),
                ),
                "ended before its time",
            ),
            "ends when there is nothing else to do": (
                but(
                    _SERVE,
                    (
                        "            for key in [key for key, end",
                        "            for key in [] if events else [key for key, end",
                    ),
                ),
                "not deleted while changes come",
            ),
            "HUGZ when there is nothing else to do": (
                but(
                    _SERVE,
                    (
                        "            if now >= hug:\n",
                        "            hug = now + 0.3 if events else hug\n            if now >= hug:\n",
                    ),
                ),
                "while snapshots are asked for",
            ),
            "what is not there needs no deletion": (
                but(
                    _SERVE,
                    (
                        "            nonlocal number\n",
                        "            nonlocal number\n"
                        "            if not value and key not in table:\n                return\n",
                    ),
                ),
                "a change is not told to all",
            ),
            "a deleted row ends once more": (
                but(
                    _SERVE,
                    (
                        _FORGETS,
                        "            if value:\n                ends.pop(key, None)\n",
                    ),
                    (
                        '                change(key, b"", b"")\n',
                        '                del ends[key]\n                change(key, b"", b"")\n',
                    ),
                ),
                "deleted was deleted once more",
            ),
            "ends again and again": (
                but(
                    _SERVE,
                    (
                        _FORGETS,
                        "            if value:\n                ends.pop(key, None)\n",
                    ),
                ),
                "",
            ),
            "milliseconds": (but(_SERVE, ("float(line[4:])", "float(line[4:]) / 1000")), "before its time"),
            "the only property": (
                but(
                    _SERVE,
                    (
                        "            for line in properties.splitlines():\n                if value and line",
                        "            for line in [properties]:\n                if value and line",
                    ),
                ),
                "not deleted for all",
            ),
            "an end has no number": (
                but(
                    _SERVE,
                    (
                        '                change(key, b"", b"")\n',
                        "                del ends[key], table[key]\n"
                        '                pub.send_multipart([key, pack(number), epoch, b"", b""])\n',
                    ),
                ),
                "do not follow each other",
            ),
            "HUGZ takes a number": (
                but(
                    _SERVE,
                    (
                        "                hug = now + 0.3\n",
                        "                hug = now + 0.3\n                number += 1\n",
                    ),
                ),
                "HUGZ does not carry",
            ),
            "RFC 12's HUGZ": (but(_SERVE, ('b"HUGZ", pack(number)', 'b"HUGZ", pack(0)')), "HUGZ does not carry"),
            "a HUGZ every 0.7 seconds": (but(_SERVE, ("hug = now + 0.3", "hug = now + 0.7")), "HUGZ comes too seldom"),
            "a HUGZ every half minute": (but(_SERVE, ("hug = now + 0.3", "hug = now + 30")), "HUGZ comes"),
            "no HUGZ": (
                but(_SERVE, ("            if now >= hug:\n", "            if now >= hug and not number:\n")),
                "HUGZ comes too seldom",
            ),
            "a deleted row is an empty one": (
                but(
                    _SERVE,
                    (
                        _KEEPS,
                        "            table[key] = value\n",
                    ),
                ),
                "",
            ),
            "an epoch for each message": (
                but(
                    _SERVE,
                    (
                        "pub.send_multipart([key, pack(number), epoch,",
                        "pub.send_multipart([key, pack(number), uuid4().bytes,",
                    ),
                ),
                "the epoch has changed",
            ),
            "always the same epoch": (
                but(_SERVE, ("uuid4().bytes, 0, {}", 'b"server 1".ljust(16), 0, {}')),
                "two lives of the server",
            ),
            "no epoch": (but(_SERVE, ("uuid4().bytes, 0, {}", 'b"", 0, {}')), "no epoch"),
            "without the properties": (
                but(_SERVE, ("epoch, properties, value])", 'epoch, b"", value])')),
                "not the change that was made",
            ),
            "numbers from 0": (
                but(
                    _SERVE,
                    ("0, {}, {}, 0\n", "-1, {}, {}, 0\n"),
                    ('b"HUGZ", pack(number)', 'b"HUGZ", pack(max(0, number))'),
                    ("answer(router, who, table, number", "answer(router, who, table, max(0, number)"),
                ),
                "do not follow each other",
            ),
        },
    },
    "22.3": {
        "right": {
            "one DEALER, emptied before each question": _one_dealer(
                _DRAINS, "{key: value for key, (of, value) in rows.items() if of == epoch}", "(epoch, value)"
            ),
            "goes by the clock, and makes all sockets anew": """
def mended(ctx, snapshots, updates, copy, patience):
    life, last = None, -1
    with ctx.socket(zmq.SUB) as sub:
        sub.setsockopt(zmq.SUBSCRIBE, b"")
        sub.connect(updates)
        while True:
            what, count, epoch, _, value = sub.recv_multipart()
            number = unpack(count)
            while epoch != life or number > last + (what != b"HUGZ"):
                rows, end = {}, time.monotonic() + patience
                with ctx.socket(zmq.DEALER) as dealer:
                    dealer.linger = 0
                    dealer.connect(snapshots)
                    dealer.send_multipart([b"ICANHAZ?", b""])
                    while time.monotonic() < end:
                        if dealer.poll(10):
                            key, at, of, _, row = dealer.recv_multipart()
                            end = time.monotonic() + patience
                            if key == b"KTHXBAI":
                                copy.clear()
                                copy.update(rows)
                                life, last = of, unpack(at)
                                break
                            rows[key] = row
                    else:
                        continue
                break
            if what != b"HUGZ" and epoch == life and number == last + 1:
                last = number
                copy.update({what: value}) if value else copy.pop(what, None)
""",
            "asyncio": """
import asyncio
import zmq.asyncio

async def mended(ctx, snapshots, updates, copy, patience):
    shadow = zmq.asyncio.Context.shadow(ctx)
    known = None, -1

    async def ask():
        while True:
            with shadow.socket(zmq.DEALER) as dealer:
                dealer.linger = 0
                dealer.connect(snapshots)
                await dealer.send_multipart([b"ICANHAZ?", b""])
                rows = {}
                while await dealer.poll(patience * 1000):
                    frames = await dealer.recv_multipart()
                    if frames[0] == b"KTHXBAI":
                        copy.clear()
                        copy.update(rows)
                        return frames[2], unpack(frames[1])
                    rows[frames[0]] = frames[4]

    with shadow.socket(zmq.SUB) as sub:
        sub.subscribe(b"")
        sub.connect(updates)
        while True:
            key, number, epoch, _, value = await sub.recv_multipart()
            number = unpack(number)
            if epoch != known[0] or number > known[1] + (key != b"HUGZ"):
                known = await ask()
            if key != b"HUGZ" and (epoch, number) == (known[0], known[1] + 1):
                known = epoch, number
                copy.update({key: value}) if value else copy.pop(key, None)
""",
        },
        "wrong": {
            "the lesson's own": (
                "def mended(ctx, snapshots, updates, copy, patience):\n    by_number(ctx, snapshots, updates, copy)\n",
                "the copy is not the same after a deletion",
            ),
            "waits for ever": (
                but(_MENDED, ("while dealer.poll(patience * 1000):", "while True:")),
                "that does not come is not asked for again",
            ),
            "has no patience with the first": (
                but(_MENDED, ("dealer.poll(patience * 1000)", "dealer.poll(patience * 1000 if life else None)")),
                "a snapshot that will never come",
            ),
            "the epoch of updates only": (
                but(_MENDED, ("if epoch != life or", "if is_change and epoch != life or")),
                "not that of the server's new life",
            ),
            "the epoch of HUGZ only": (
                but(
                    _MENDED,
                    ("if epoch != life or", "if not is_change and epoch != life or"),
                    (
                        "if is_change and (epoch, unpack(number)) == (life, last + 1):",
                        "if is_change and unpack(number) == last + 1:",
                    ),
                ),
                "",
            ),
            "a smaller number is a new life": (
                but(
                    _MENDED,
                    ("if epoch != life or", "if unpack(number) < last or"),
                    (
                        "if is_change and (epoch, unpack(number)) == (life, last + 1):",
                        "if is_change and unpack(number) == last + 1:",
                    ),
                ),
                "",
            ),
            "a half answer stays in the dict": (
                but(
                    _one_dealer(f"rows = {{}}\n            {_DRAINS}"),
                    (
                        'dealer.send_multipart([b"ICANHAZ?", b""])\n                rows = {}\n',
                        'dealer.send_multipart([b"ICANHAZ?", b""])\n',
                    ),
                ),
                "rows of a dead server's half answer",
            ),
            "one DEALER for all questions": (
                _one_dealer(),
                "was taken for the answer to the next",
            ),
            "patience with the whole of it": (
                but(
                    _MENDED,
                    ("                rows = {}\n", "                rows, end = {}, time.monotonic() + patience\n"),
                    ("dealer.poll(patience * 1000)", "dealer.poll(max(0, end - time.monotonic()) * 1000)"),
                ),
                "given up while it came",
            ),
            "asks again all the time": (
                but(_MENDED, ("dealer.poll(patience * 1000)", "dealer.poll(20)")),
                "before its patience is over",
            ),
            "keeps the rows of the old life": (
                but(
                    _MENDED,
                    (
                        "                        copy.clear()\n",
                        "                        if epoch == life:\n                            copy.clear()\n",
                    ),
                ),
                "not that of the server's new life",
            ),
            "a deletion is an empty row": (
                but(
                    _MENDED,
                    (
                        indent(_SETS, 16 * " "),
                        "                copy[key] = value\n",
                    ),
                ),
                "after a deletion",
            ),
            "the first epoch for ever": (
                but(
                    _MENDED,
                    (
                        "                life, last = ask()\n",
                        "                of, last = ask()\n                life = life or of\n",
                    ),
                ),
                "",
            ),
            "asks twice at most": (
                but(
                    _MENDED,
                    (
                        "        while True:\n            with ctx.socket(zmq.DEALER) as dealer:",
                        "        for _ in range(2):\n            with ctx.socket(zmq.DEALER) as dealer:",
                    ),
                ),
                "",
            ),
            "greater than the last, in each life": (
                but(
                    _MENDED,
                    ("if epoch != life or unpack(number) > last + is_change:", "if epoch != life:"),
                    (
                        "== (life, last + 1):\n                last += 1\n",
                        "> (life, last):\n                last = unpack(number)\n",
                    ),
                ),
                "a number is missing, and nobody asks",
            ),
        },
    },
}
