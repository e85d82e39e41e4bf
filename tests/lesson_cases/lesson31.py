"""Answers to the exercises of lesson 31, right and wrong. See ../lessons.py for the form."""

from pathlib import Path

import nbformat
from lessons import but
from zmqcourse.lessons import notebook

_LESSON = nbformat.read(Path(__file__).parents[2] / "notebooks" / "31-capstone.ipynb", as_version=4)
_SOLUTIONS = notebook.solutions(_LESSON)
_SHOWN = "log", "bound", "reply", "clerk-answer", "clerk-settle"


def _cell(id: str) -> str:
    return next(cell.source for cell in _LESSON.cells if cell.id == id)


# What the lesson's own cells define, and its answers may use.
_IMPORTS = "import struct\nfrom contextlib import contextmanager\nfrom itertools import chain\n\n"
SETUP = _IMPORTS + "\n\n".join(map(_cell, _SHOWN))

_TELL, _KEEP, _MENDED = (_SOLUTIONS[id] + "\n" for id in ("31.1", "31.2", "31.3"))

# A REP takes the envelope off by itself, and puts it on again; an XPUB must be read.
_REP = """
def tell(ctx, publish, feed, ask):
    pull, pub, rep = ctx.socket(zmq.PULL), ctx.socket(zmq.XPUB), ctx.socket(zmq.REP)
    pull.bind(publish)
    pub.bind(feed)
    rep.bind(ask)
    poller = zmq.Poller()
    for socket in pull, pub, rep:
        poller.register(socket, zmq.POLLIN)
    newest, count = {}, 0
    while True:
        for socket, _ in poller.poll():
            frames = socket.recv_multipart()
            if socket is rep and frames[0] == b"SNAPSHOT" and len(frames) == 2:
                out = [b"SNAPSHOT", struct.pack(">Q", count)]
                for key in sorted(newest):
                    if key[: len(frames[1])] == frames[1]:
                        out.extend((key, newest[key]))
                rep.send_multipart(out)
            elif socket is rep:
                rep.send_multipart([b"ERROR", b"?"])
            elif socket is pull and len(frames) == 2:
                count += 1
                newest[frames[0]] = frames[1]
                pub.send_multipart([frames[0], struct.pack(">Q", count), frames[1]])
"""

_ASYNC = """
import asyncio
import zmq.asyncio

async def tell(ctx, publish, feed, ask):
    shadow = zmq.asyncio.Context.shadow(ctx)
    with bound(shadow, publish, feed, ask) as (pull, pub, router):
        table, number = {}, 0

        async def tells():
            nonlocal number
            while True:
                match await pull.recv_multipart():
                    case [key, value]:
                        number += 1
                        table[key] = value
                        await pub.send_multipart([key, pack(number), value])

        async def answers():
            while True:
                frames = await router.recv_multipart()
                if b"" not in frames:
                    continue
                end = frames.index(b"") + 1
                match frames[end:]:
                    case [b"SNAPSHOT", prefix]:
                        found = [f for k, v in table.items() if k.startswith(prefix) for f in (k, v)]
                        await router.send_multipart(frames[:end] + [b"SNAPSHOT", pack(number)] + found)
                    case _:
                        await router.send_multipart(frames[:end] + [b"ERROR", b"unknown"])

        await asyncio.gather(tells(), answers())
"""

# Lines of JSON, through a buffer; the table and the log are kept apart.
_JSON = """
import base64
import io
import json

def keep(ctx, publish, feed, ask, disk):
    text = lambda frame: base64.b64encode(frame).decode()
    file = io.BufferedWriter(disk)
    lines = disk.path.read_bytes().splitlines()
    log = [tuple(map(base64.b64decode, json.loads(line)[1:])) for line in lines]
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUB) as pub, ctx.socket(zmq.REP) as rep:
        pull.bind(publish)
        pub.bind(feed)
        rep.bind(ask)
        while True:
            if rep.poll(1):
                match rep.recv_multipart():
                    case [b"SNAPSHOT", prefix]:
                        table = dict(log)
                        rows = [(key, table[key]) for key in table if key.startswith(prefix)]
                        rep.send_multipart([b"SNAPSHOT", pack(len(log)), *chain(*rows)])
                    case [b"REPLAY", first, last] if len(first) == 8 and len(last) == 8:
                        begin = max(unpack(first), 1)
                        part = log[begin - 1 : max(0, unpack(last))]
                        rows = [(key, pack(number), value) for number, (key, value) in enumerate(part, begin)]
                        rep.send_multipart([b"REPLAY", *chain(*rows)])
                    case _:
                        rep.send_multipart([b"ERROR", b"unknown"])
            while pull.poll(1):
                frames = pull.recv_multipart()
                if len(frames) != 2:
                    continue
                file.write(json.dumps([len(log) + 1, *map(text, frames)]).encode() + b"\\n")
                file.flush()
                disk.sync()
                log.append(tuple(frames))
                pub.send_multipart([frames[0], pack(len(log)), frames[1]])
"""

# Nobody is kept waiting: answers are made of what was synced.
_SYNCED = """
def mended(ctx, publish, feed, ask, disk):
    log = list(read(disk.path.read_bytes()))
    with bound(ctx, publish, feed, ask) as (pull, pub, router):
        pub.sndhwm = 0
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        poller.register(router, zmq.POLLIN)
        while True:
            events = dict(poller.poll())
            if router in events:
                frames = router.recv_multipart()
                if b"" in frames[1:]:
                    end = frames.index(b"", 1) + 1
                    request, out = frames[end:], [b"ERROR", b"what?"]
                    if len(request) == 2 and request[0] == b"SNAPSHOT":
                        table = {k: v for _, k, v in log if k.startswith(request[1])}
                        out = [b"SNAPSHOT", pack(len(log)), *chain(*table.items())]
                    elif len(request) == 3 and request[0] == b"REPLAY" and len(request[1]) == len(request[2]) == 8:
                        first, last = map(unpack, request[1:])
                        out = [b"REPLAY", *chain(*((k, pack(n), v) for n, k, v in log if first <= n <= last))]
                    router.send_multipart(frames[:end] + out)
            batch = []
            while len(batch) < 1000 and pull.poll(0):
                update = pull.recv_multipart()
                if len(update) == 2:
                    batch.append((len(log) + len(batch) + 1, *update))
            if batch:
                disk.write(b"".join(struct.pack("!QII", n, len(k), len(v)) + k + v for n, k, v in batch))
                disk.sync()
                log += batch
                for n, k, v in batch:
                    pub.send_multipart([k, pack(n), v])
"""

_CLERK = but(_cell("clerk"), ("def clerk", "def mended")) + "\n"
_ORDER = """                    write(disk, len(log) + 1, key, value)
                    disk.sync()                   # only then may anybody hear of it
                    log.append((len(log) + 1, key, value))
                    pub.send_multipart([key, pack(len(log)), value])
"""
_FOUND = "found = [(k, pack(n), v) for n, k, v in log if unpack(first) <= n <= unpack(last)]"
_ASKED = "                    if waiting:\n"
_SETTLED = """                    if waiting:
                        settle(waiting, disk, pub)        # before an answer can tell of it
"""


def _tells(*changes: tuple[str, str]) -> str:
    return but(_TELL, *changes)


def _keeps(*changes: tuple[str, str]) -> str:
    return but(_KEEP, *changes)


CASES = {
    "31.1": {
        "right": {"REP and XPUB": _REP, "asyncio": _ASYNC},
        "wrong": {
            "takes the second frame for the empty one": (
                _tells(("    end = frames.index(b\"\", 1) + 1\n", "    end = 2\n")),
                "point 6, returned: the envelope does not come back",
            ),
            "a snapshot of everything": (
                _tells((" if key.startswith(prefix)]", "]")),
                "point 3, snapshot: keys are in a snapshot that do not begin",
            ),
            "keys in which the prefix is anywhere": (
                _tells(("key.startswith(prefix)", "prefix in key")),
                "point 3, snapshot: keys are in a snapshot that do not begin",
            ),
            "the number of the newest update of the prefix": (
                _tells(
                    ("table[key] = value", "table[key] = value\n                    numbers[key] = number"),
                    ("def snapshot(table, number", "numbers = {}\n\ndef snapshot(table, number"),
                    ("pack(number), *chain", "pack(max((numbers[k] for k, _ in rows), default=number)), *chain"),
                ),
                "point 3, snapshot: a snapshot's number is not that of the last update",
            ),
            "a snapshot without its number": (
                _tells(("[b\"SNAPSHOT\", pack(number), *", "[b\"SNAPSHOT\", pack(0), *")),
                "point 3, snapshot: a snapshot's number is not that of the last update",
            ),
            "a message for each row": (
                _tells((
                    "router.send_multipart([*envelope, *snapshot(table, number, prefix)])",
                    "[router.send_multipart([*envelope, b'SNAPSHOT', k, pack(number), v]) for k, v in table.items()]",
                )),
                "point 3, snapshot: that is no snapshot",
            ),
            "the oldest value": (
                _tells(("table[key] = value", "table.setdefault(key, value)")),
                "point 3, snapshot: a snapshot has not the newest value",
            ),
            "an empty value deletes": (
                _tells(("table[key] = value", "table[key] = value\n                    if not value: del table[key]")),
                "point 3, snapshot: a snapshot has not the newest value",
            ),
            "a counter for each key": (
                _tells(
                    ("number += 1", "counts[key] = counts.get(key, 0) + 1\n                    number += 1"),
                    ("number, table = 0, {}", "number, table, counts = 0, {}, {}"),
                    ("[key, pack(number), value]", "[key, pack(counts[key]), value]"),
                ),
                "point 2, numbered: the numbers on the feed do not rise",
            ),
            "counts from 0": (
                _tells(("number, table = 0, {}", "number, table = -1, {}")),
                "point 2, numbered: an update does not take the next number",
            ),
            "tells only what has changed": (
                _tells(("if len(update) == 2:", "if len(update) == 2 and table.get(update[0]) != update[1]:")),
                "point 1, told: an update is not told as it came",
            ),
            "a number in figures": (
                _tells(("[key, pack(number), value]", "[key, b'%d' % number, value]")),
                "point 1, told: that is no update",
            ),
            "the newest update first": (
                _tells((
                    "update = pull.recv_multipart()\n                if len(update) == 2:\n"
                    "                    key, value = update\n",
                    "update = pull.recv_multipart()\n                batch = [update]\n"
                    "                while pull.poll(20): batch.insert(0, pull.recv_multipart())\n"
                    "                for key, value in [each for each in batch if len(each) == 2]:\n",
                )),
                "point 1, told: an update is not told as it came",
            ),
            "dies of an update that is none": (
                _tells(("if len(update) == 2:", "if True:")), "point 5, refused: `tell` raised `ValueError",
            ),
            "numbers what is no update": (
                _tells((
                    "                if len(update) == 2:\n",
                    "                number += len(update) != 2\n                if len(update) == 2:\n",
                )),
                "point 5, refused: what is no update has taken a number",
            ),
            "tells the beginning of what is no update": (
                _tells(("if len(update) == 2:", "update = (update + [b''])[:2]\n                if update:")),
                "point 5, refused: what is no update has taken a number",
            ),
            "says nothing to nonsense": (
                _tells(("router.send_multipart([*envelope, b\"ERROR\", b\"no such request\"])", "pass")),
                "point 5, refused: a request that is none is not refused",
            ),
            "no reason": (
                _tells((", b\"ERROR\", b\"no such request\"]", ", b\"ERROR\"]")),
                "point 5, refused: a request that is none is not refused",
            ),
            "takes any word that begins so": (
                _tells(("case [b\"SNAPSHOT\", prefix]:", "case [b\"SNAPSHOT\", prefix, *_]:")),
                "point 5, refused: a request that is none is not refused",
            ),
            "dies of a request without an envelope": (
                _tells(("    if b\"\" not in frames[1:]:\n        return frames, None\n", "")),
                "point 5, refused: `tell` raised `ValueError",
            ),
            "dies of a key that is no text": (
                _tells(("key, value = update", "key, value = update[0].decode().encode(), update[1]")),
                "raised `UnicodeDecodeError",
            ),
            "drops the hops": (
                _tells(("return frames[:end], frames[end:]", "return [frames[0], b''], frames[end:]")),
                "point 6, returned",
            ),
        },
    },
    "31.2": {
        "right": {"JSON, a buffer and a REP": _JSON, "batches": but(_SYNCED, ("def mended", "def keep"))},
        "wrong": {
            "forgets at the restart": (
                _keeps(("log = list(read(disk.path.read_bytes()))", "log = []")),
                "point 7, kept: what was heard is forgotten",
            ),
            "tells before it writes": (
                _keeps((_ORDER, """                    log.append((len(log) + 1, key, value))
                    pub.send_multipart([key, pack(len(log)), value])
                    write(disk, len(log), key, value)
                    disk.sync()
""")),
                "point 7, kept: what was heard is forgotten",
            ),
            "tells before it syncs": (
                _keeps((_ORDER, """                    write(disk, len(log) + 1, key, value)
                    log.append((len(log) + 1, key, value))
                    pub.send_multipart([key, pack(len(log)), value])
                    disk.sync()
""")),
                "point 7, kept: what was heard is forgotten",
            ),
            "a record in two writes": (
                "def write(disk, number, key, value):\n"
                "    disk.write(struct.pack('!QII', number, len(key), len(value)))\n"
                "    disk.write(key + value)\n\n" + _KEEP,
                "point 8, one meaning: one number has two meanings",
            ),
            "a record in two syncs": (
                _keeps((_ORDER, """                    head = len(log) + 1, len(key), len(value)
                    disk.write(struct.pack("!QII", *head))
                    disk.sync()
                    disk.write(key + value)
                    disk.sync()
                    log.append((len(log) + 1, key, value))
                    pub.send_multipart([key, pack(len(log)), value])
""")),
                "point 8, one meaning: one number has two meanings",
            ),
            "never syncs": (
                _keeps(("                    disk.sync()                   # only then may anybody hear of it\n", "")),
                "point 7, kept: what was heard is forgotten",
            ),
            "syncs now and then": (
                _keeps(("                    disk.sync() ", "                    if len(log) % 10 == 0: disk.sync() ")),
                "point 7, kept: what was heard is forgotten",
            ),
            "writes nothing": (
                _keeps(("                    write(disk, len(log) + 1, key, value)\n", "")),
                "point 7, kept: what was heard is forgotten",
            ),
            "keeps the newest of each key": (
                _keeps(("log = list(read(disk.path.read_bytes()))",
                        "log = list({k: (n, k, v) for n, k, v in read(disk.path.read_bytes())}.values())")),
                "point 7, kept: what was heard is forgotten",
            ),
            "goes on with a number too high": (
                _keeps(
                    ("write(disk, len(log) + 1, key, value)", "write(disk, number := number + 1, key, value)"),
                    ("log.append((len(log) + 1, key, value))", "log.append((number, key, value))"),
                    ("pack(len(log)), value]", "pack(number), value]"),
                    ("log = list(read(disk.path.read_bytes()))",
                     "log = list(read(disk.path.read_bytes()))\n        number = log[-1][0] + 1 if log else 0"),
                    ("pack(len(log)), *chain(*table", "pack(log[-1][0] if log else 0), *chain(*table"),
                ),
                "point 2, numbered: an update does not take the next number",
            ),
            "a snapshot of this life only": (
                _keeps(
                    ("answer(request, log)", "answer(request, log, old)"),
                    ("log if key.startswith(prefix)}", "log[old:] if key.startswith(prefix)}"),
                    ("log = list(read(disk.path.read_bytes()))",
                     "log = list(read(disk.path.read_bytes()))\n        old = len(log)"),
                ),
                "point 3, snapshot: a snapshot is not the newest value of each key",
            ),
            "a replay without its last": (
                _keeps(("<= n <= unpack(last)", "<= n < unpack(last)")),
                "point 4, replay: a replay is not what was asked for",
            ),
            "a replay without its first": (
                _keeps(("if unpack(first) <= n", "if unpack(first) < n")),
                "point 4, replay: a replay is not what was asked for",
            ),
            "a replay up to the newest": (
                _keeps((_FOUND, "found = [(k, pack(n), v) for n, k, v in log if unpack(first) <= n]")),
                "point 4, replay: a replay is not what was asked for",
            ),
            "a replay by places": (
                _keeps((_FOUND, "found = [(k, pack(n), v) for n, k, v in log[unpack(first) - 1 : unpack(last)]]")),
                "point 4, replay: a replay is not what was asked for",
            ),
            "a replay that counts": (
                _keeps((_FOUND, "found = [(k, pack(n), v) for n, k, v in log if n in "
                        "list(range(unpack(first), unpack(last) + 1))]")),
                "failed: OverflowError",
            ),
            "a replay of what is new only": (
                _keeps((_FOUND, _FOUND + "\n            found = found[-20:]")),
                "point 4, replay: a replay is not what was asked for",
            ),
            "the newest first": (
                _keeps((_FOUND, _FOUND + "\n            found.reverse()")),
                "point 4, replay: a replay is not what was asked for",
            ),
            "an error where there is nothing": (
                _keeps((_FOUND, _FOUND + "\n            if not found: return [b'ERROR', b'nothing']")),
                "point 4, replay: that is no replay",
            ),
            "any bytes for a number": (
                _keeps((" if len(first) == len(last) == 8:", ":")),
                "point 5, refused: a request that is none is not refused",
            ),
            "a log of lines": (
                _keeps(
                    ("write(disk, len(log) + 1, key, value)", "disk.write(key + b' ' + value + b'\\n')"),
                    ("list(read(disk.path.read_bytes()))",
                     "[(n, *line.split(b' ', 1))\n"
                     "               for n, line in enumerate(disk.path.read_bytes().split(b'\\n')[:-1], 1)]"),
                ),
                "failed: ValueError",
            ),
        },
    },
    "31.3": {
        "right": {
            "answers of what was synced": _SYNCED,
            "does not wait for updates while it is asked": but(
                _MENDED, ("pull.poll(0 if waiting else 5)", "pull.poll(0 if waiting or router.poll(0) else 2)")
            ),
        },
        "wrong": {
            "the clerk": (_CLERK, "a SNAPSHOT was answered between two syncs"),
            "a sync for each": (
                but(_KEEP, ("def keep", "def mended")), "point 9, shared: updates that wait do not share",
            ),
            "snapshots are true, replays are not": (
                but(_MENDED, (_ASKED, _ASKED.replace("waiting", "waiting and b'SNAPSHOT' in frames"))),
                "a REPLAY was answered between two syncs",
            ),
            "replays are true, snapshots are not": (
                but(_MENDED, (_ASKED, _ASKED.replace("waiting", "waiting and b'REPLAY' in frames"))),
                "a SNAPSHOT was answered between two syncs",
            ),
            "the number is that of the feed, the rows are not": (
                but(_MENDED, (_SETTLED, ""), ("table, number, disk))", "table, number - len(waiting), disk))")),
                "a snapshot has told what is not kept",
            ),
            "tells before it syncs": (
                "def settle(waiting, disk, pub):\n    for frames in waiting:\n        pub.send_multipart(frames)\n"
                "    disk.sync()\n    waiting.clear()\n\n" + _MENDED,
                "the power failed while an update was being synced",
            ),
            "answers after it has told, and before it has synced": (
                but(_MENDED, (_SETTLED, """                    if waiting:
                        for each in waiting:
                            pub.send_multipart(each)
                        waiting.clear()
""")),
                "point 7, kept: what was heard is forgotten",
            ),
            "refuses while something waits": (
                but(_MENDED, (_SETTLED, """                    if waiting:
                        end = frames.index(b"", 1) + 1
                        router.send_multipart([*frames[:end], b"ERROR", b"busy"])
                        continue
""")),
                "a right request is refused",
            ),
            "never syncs": (
                "def settle(waiting, disk, pub):\n    for frames in waiting:\n        pub.send_multipart(frames)\n"
                "    waiting.clear()\n\n" + _MENDED,
                "point 9, shared",
            ),
            "forgets at the restart": (
                but(_MENDED, ("known(disk)", "(0, {})")), "point 7, kept: what was heard is forgotten",
            ),
            "dies of nonsense": (
                but(_MENDED, ("if len(update) == 2:", "if True:")), "point 5, refused: mended failed",
            ),
        },
    },
}
