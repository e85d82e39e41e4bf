"""Answers to the exercises of lesson 23, right and wrong. See ../lessons.py for the form."""

from pathlib import Path

import nbformat

_LESSON = nbformat.read(Path(__file__).parents[2] / "notebooks" / "23-readers-pace.ipynb", as_version=4)

# What the lesson's own cells define, and its answers may use.
SETUP = "import itertools\n\n" + "\n\n".join(
    next(cell.source for cell in _LESSON.cells if cell.id == id) for id in ("in-order", "impatient")
)

# A fetch in other words, with a time for each piece; `_fetch` puts in what goes wrong.
_TIMERS = """
def fetch(ctx, endpoint, piece, window, patience, write):
    dealer = ctx.socket(zmq.DEALER)
    dealer.linger = 0
    dealer.connect(endpoint)
    asked_at, kept, place, ahead, total = {}, {}, 0, 0, None
    try:
        while total is None:
            now = time.monotonic()
            while ahead - place < window * piece:
                asked_at[ahead] = 0
                ahead += piece
            for offset, at in asked_at.items():
                if now - at > patience:
                    asked_at[offset] = now
                    dealer.send_multipart([str(offset).encode(), str(piece).encode()])
            if dealer.poll(20):
                offset, data = dealer.recv_multipart()
                if asked_at.pop(int(offset), None) is not None:
                    kept[int(offset)] = data
            while place in kept:
                data = kept.pop(place)
                write(data)
                if len(data) < piece:
                    total = place + len(data)
                    break
                place += piece
    finally:
        dealer.close()
    return total
"""


def _changed(text: str, old: str, new: str) -> str:
    """The same with one thing changed."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


def _fetch(old: str, new: str) -> str:
    return _changed(_TIMERS, old, new)


_SILENT = """
def mended(ctx, endpoint, piece, window, patience, write):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        written, asked, data, came = 0, 0, bytes(piece), {}
        while len(data) == piece:
            while asked < written + window * piece:
                dealer.send_multipart([b"%d" % asked, b"%d" % piece])
                asked += piece
            if dealer.poll(patience * 1000):
                offset, part = dealer.recv_multipart()
                if int(offset) >= written:
                    came[int(offset)] = part
            else:
                for offset in range(written, asked, piece):
                    if offset not in came:
                        dealer.send_multipart([b"%d" % offset, b"%d" % piece])
            while written in came and len(data) == piece:
                data = came.pop(written)
                write(data)
                written += len(data)
        return written
"""
_SLIDING = _changed(_SILENT, "def mended", "def fetch")


def _mended(old: str, new: str) -> str:
    return _changed(_SILENT, old, new)


def _sliding(old: str, new: str) -> str:
    return _changed(_SLIDING, old, new)


_SNAIL = """
def snail(ctx, endpoint, limit, act):
    best = None
    with ctx.socket(zmq.SUB) as sub:
        sub.connect(endpoint)
        sub.setsockopt(zmq.SUBSCRIBE, b"")
        while True:
            number, stamp, data = sub.recv_multipart()
            skew = float(stamp) - time.time()
            best = skew if best is None or skew > best else best
            if best - skew > limit:
                break
            act(data)
    return best - skew
"""


def _snail(old: str, new: str) -> str:
    return _changed(_SNAIL, old, new)


_ROUNDS = """
def {name}(ctx, endpoint, piece, window, patience, write):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        got, start = {{}}, 0
        while True:
            want = [start + n * piece for n in range(window)]
            missing = [at for at in want if at not in got]
            for at in missing:
                dealer.send_multipart([b"%d" % at, b"%d" % piece])
            deadline = time.monotonic() + patience
            while missing and time.monotonic() < deadline:
                if dealer.poll(20):
                    at, data = dealer.recv_multipart()
                    deadline = time.monotonic() + patience
                    if int(at) in missing:
                        missing.remove(int(at))
                        got[int(at)] = data
            while start in got:
                data = got.pop(start)
                write(data)
                start += len(data)
                if len(data) < piece:
                    return start
"""

_ASYNC = """
import zmq.asyncio

async def {name}(ctx, endpoint, piece, window, patience, write):
    place, ahead, early, end = 0, 0, {{}}, None
    with zmq.asyncio.Context.shadow(ctx).socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        while end is None:
            for offset in range(ahead, place + window * piece, piece):
                await dealer.send_multipart([b"%d" % offset, b"%d" % piece])
            ahead = max(ahead, place + window * piece)
            if not await dealer.poll(patience * 1000):
                for offset in set(range(place, ahead, piece)) - early.keys():
                    await dealer.send_multipart([b"%d" % offset, b"%d" % piece])
                continue
            offset, data = await dealer.recv_multipart()
            if int(offset) >= place:
                early[int(offset)] = data
            while end is None and place in early:
                data = early.pop(place)
                write(data)
                end = place + len(data) if len(data) < piece else None
                place += piece
    return end
"""

_ALL_AT_ONCE = """
def fetch(ctx, endpoint, piece, window, patience, write):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for at in range(0, 10_000, piece):
            dealer.send_multipart([b"%d" % at, b"%d" % piece])
        pieces = {}
        while dealer.poll(1000):
            at, data = dealer.recv_multipart()
            pieces[int(at)] = data
        whole = b"".join(pieces[at] for at in sorted(pieces))
        write(whole)
        return len(whole)
"""

CASES = {
    "23.1": {
        "right": {
            "a time for each piece": _TIMERS,
            "in rounds": _ROUNDS.format(name="fetch"),
            "asyncio": _ASYNC.format(name="fetch"),
            "a new socket when nothing comes": """
def fetch(ctx, endpoint, piece, window, patience, write):
    place, early = 0, {}
    while True:
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.linger = 0
            dealer.connect(endpoint)
            ahead = place
            while True:
                while ahead < place + window * piece:
                    if ahead not in early:
                        dealer.send_multipart([b"%d" % ahead, b"%d" % piece])
                    ahead += piece
                if not dealer.poll(patience * 1000):
                    break
                offset, data = dealer.recv_multipart()
                if int(offset) >= place:
                    early[int(offset)] = data
                while place in early:
                    data = early.pop(place)
                    write(data)
                    place += len(data)
                    if len(data) < piece:
                        return place
""",
        },
        "wrong": {
            "counts what is under way": (
                _sliding(
                    "while asked < written + window * piece:",
                    "while (asked - written) // piece - len(came) < window:",
                ),
                "more than a window is kept in memory",
            ),
            "one is late, and all are asked for again": (
                _fetch(
                    "            for offset, at in asked_at.items():\n                if now - at > patience:",
                    "            late = any(0 < at < now - patience for at in asked_at.values())\n"
                    "            for offset, at in asked_at.items():\n                if late or not at:",
                ),
                "before patience was over",
            ),
            "never asks again": (_sliding("if dealer.poll(patience * 1000):", "if True:"), "it waits for ever"),
            "one at a time": (
                """
def fetch(ctx, endpoint, piece, window, patience, write):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        place = 0
        while True:
            dealer.send_multipart([b"%d" % place, b"%d" % piece])
            while dealer.poll(patience * 1000):
                offset, data = dealer.recv_multipart()
                if int(offset) == place:
                    write(data)
                    place += len(data)
                    if len(data) < piece:
                        return place
                    break
""",
                "fewer pieces are asked for than the window allows",
            ),
            "trusts the order of coming": (
                _sliding(
                    "                if int(offset) >= written:\n                    came[int(offset)] = part",
                    "                came[written + len(came) * piece] = part",
                ),
                "the file is not written in order",
            ),
            "waits four times as long each time": (
                _changed(
                    _fetch("    asked_at, kept, place", "    tries = {}\n    asked_at, kept, place"),
                    "                if now - at > patience:\n",
                    "                if now - at > patience * 4 ** tries.get(offset, -1):\n"
                    "                    tries[offset] = tries.get(offset, -1) + 1\n",
                ),
                "waited for longer than patience",
            ),
            "all at once": (_ALL_AT_ONCE, "more than a window is kept in memory"),
            "waits for a short last piece that is not empty": (
                _sliding(
                    "while len(data) == piece:\n",
                    "while not 0 < len(data) < piece:\n",
                ),
                "did not come to its end",
            ),
            "takes the first short piece that comes for the end": (
                _fetch(
                    """
                if asked_at.pop(int(offset), None) is not None:
                    kept[int(offset)] = data
""",
                    """
                if asked_at.pop(int(offset), None) is not None:
                    kept[int(offset)] = data
                    if len(data) < piece:
                        total = int(offset) + len(data)
""",
                ),
                "the file is not whole",
            ),
            "asks for all of the window again": (
                _sliding(
                    "                    if offset not in came:\n    ",
                    "                    if True:\n    ",
                ),
                "more was asked for again than what had not come",
            ),
            "asks again all the time": (
                _fetch("if now - at > patience:", "if now - at > 0.02:"),
                "before patience was over",
            ),
            "asks again only for the first that is missing, once": (
                _fetch(
                    """
                if now - at > patience:
                    asked_at[offset] = now
""",
                    """
                if at == 0 or (0 < at < 1e12 and now - at > patience):
                    asked_at[offset] = now if at == 0 else 1e13
""",
                ),
                "it waits for ever",
            ),
            "writes what comes twice": (
                _fetch("if asked_at.pop(int(offset), None) is not None:", "if asked_at.pop(int(offset), 1):").replace(
                    "                    kept[int(offset)] = data",
                    "                    kept[max(int(offset), place)] = data",
                ),
                "the same bytes twice",
            ),
            "writes at the end": (
                _sliding("                write(data)\n", "                pass\n").replace(
                    "        return written\n", "        write(b'')\n        return written\n"
                ),
                "is kept in memory",
            ),
            "keeps all of it": (
                _sliding("written + window * piece", "written + 4 * window * piece"),
                "more than a window is kept in memory",
            ),
            "one more than a window": (
                _sliding("asked < written + window * piece", "asked <= written + window * piece"),
                "more than a window is kept in memory",
            ),
            "one less than a window": (
                _sliding("written + window * piece", "written + (window - 1) * piece"),
                "fewer pieces are asked for than the window allows",
            ),
            "returns nothing": (_sliding("        return written\n", ""), "how many bytes there are"),
            "counts pieces in place of bytes": (
                _sliding("        return written\n", "        return written // piece\n"),
                "how many bytes there are",
            ),
            "gives up when nothing comes": (
                _sliding("            else:\n", "            else:\n                return written\n"),
                "the file is not whole",
            ),
            "forgets the rest of a short piece": (
                _sliding("                write(data)\n", "                len(data) < piece or write(data)\n"),
                "the file is not whole",
            ),
            "numbers in place of offsets": (
                _sliding(
                    "            while asked < written + window * piece:\n"
                    '                dealer.send_multipart([b"%d" % asked, b"%d" % piece])',
                    "            while asked < written + window * piece:\n"
                    '                dealer.send_multipart([b"%d" % (asked // piece), b"%d" % piece])',
                ),
                "something else than a piece was asked for",
            ),
            "an empty frame in front": (
                """
def fetch(ctx, endpoint, piece, window, patience, write):
    with ctx.socket(zmq.REQ) as req:
        req.linger = 0
        req.connect(endpoint)
        req.send_multipart([b"0", b"%d" % piece])
        req.recv_multipart()
""",
                "that is no `offset, size`",
            ),
            "text in place of bytes": (
                _sliding("                write(data)\n", "                write(data.decode('latin-1'))\n"),
                "is not bytes",
            ),
            "stops after a cut": (
                _SLIDING.replace(
                    "        dealer.connect(endpoint)\n",
                    """        dealer.connect(endpoint)
        dealer.reconnect_ivl = -1
        dealer.disconnect(endpoint)
        dealer.connect(endpoint)
""",
                ),
                "stopped for good",
            ),
        },
    },
    "23.2": {
        "right": {
            "the other way round": _SNAIL,
            "a list of all ages": """
def snail(ctx, endpoint, limit, act):
    ages = []
    sub = ctx.socket(zmq.SUB)
    try:
        sub.subscribe(b"")
        sub.connect(endpoint)
        while not ages or ages[-1] - min(ages) <= limit:
            if len(ages) > 1:
                ages = [min(ages), ages[-1]]
            message = sub.recv_multipart()
            ages.append(time.time() - float(message[1].decode()))
            if ages[-1] - min(ages) <= limit:
                act(message[2])
        return ages[-1] - min(ages)
    finally:
        sub.close(linger=0)
""",
            "asyncio": """
import zmq.asyncio

async def snail(ctx, endpoint, limit, act):
    freshest = float("inf")
    with zmq.asyncio.Context.shadow(ctx).socket(zmq.SUB) as sub:
        sub.connect(endpoint)
        sub.subscribe("")
        while True:
            number, stamp, data = await sub.recv_multipart()
            age = time.time() - float(stamp)
            freshest = min(freshest, age)
            if age > freshest + limit:
                return age - freshest
            act(data)
""",
        },
        "wrong": {
            "looks at the numbers": (
                """
def snail(ctx, endpoint, limit, act):
    expected = None
    with ctx.socket(zmq.SUB) as sub:
        sub.connect(endpoint)
        sub.subscribe("")
        while True:
            number, stamp, data = sub.recv_multipart()
            if expected is not None and int(number) != expected:
                return time.time() - float(stamp)
            expected = int(number) + 1
            act(data)
""",
                "acts on a reading that is too late",
            ),
            "looks at the numbers, too": (
                _snail(
                    "            if best - skew > limit:",
                    """
            late = int(number) - locals().get("last", int(number)) > 1
            last = int(number)
            if late or best - skew > limit:""",
                ),
                "a hole in the numbers is taken for lateness",
            ),
            "leaves out what has a smaller number": (
                _snail(
                    "            skew = float",
                    """
            if int(number) <= locals().get("last", -1):
                continue
            last = int(number)
            skew = float""",
                ),
                "acts on something else than the reading",
            ),
            "the freshest of the last hundred": (
                """
from collections import deque

def snail(ctx, endpoint, limit, act):
    ages = deque(maxlen=100)
    with ctx.socket(zmq.SUB) as sub:
        sub.connect(endpoint)
        sub.subscribe("")
        while True:
            _, stamp, data = sub.recv_multipart()
            ages.append(time.time() - float(stamp))
            if ages[-1] - min(ages) > limit:
                return ages[-1] - min(ages)
            act(data)
""",
                "it does not leave, although it is too late",
            ),
            "an average forgets": (
                _snail("best else best", "best else best + 0.02 * (skew - best)"),
                "it does not leave, although it is too late",
            ),
            "trusts the clocks": (
                """
def snail(ctx, endpoint, limit, act):
    with ctx.socket(zmq.SUB) as sub:
        sub.connect(endpoint)
        sub.subscribe("")
        while True:
            _, stamp, data = sub.recv_multipart()
            late = time.time() - float(stamp)
            if late > limit:
                return late
            act(data)
""",
                "a clock that differs is taken for lateness",
            ),
            "measures by the first message": (
                _snail("if best is None or skew > best else best", "if best is None else best"),
                "acts on a reading that is too late",
            ),
            "the silence between two": (
                """
def snail(ctx, endpoint, limit, act):
    last = None
    with ctx.socket(zmq.SUB) as sub:
        sub.connect(endpoint)
        sub.subscribe("")
        while True:
            _, stamp, data = sub.recv_multipart()
            now = time.time()
            if last is not None and now - last > limit:
                return now - last
            last = now
            act(data)
""",
                "acts on a reading that is too late",
            ),
            "the silence, too": (
                _snail(
                    "            if best - skew > limit:",
                    """
            now = time.monotonic()
            silent = now - locals().get("heard", now) > limit
            heard = now
            if silent or best - skew > limit:""",
                ),
                "silence is taken for lateness",
            ),
            "the length of the work, too": (
                _snail(
                    "            act(data)\n",
                    """            began = time.monotonic()
            act(data)
            if time.monotonic() - began > limit:
                return time.monotonic() - began
""",
                ),
                "a long piece of work is taken for lateness",
            ),
            "acts first": (
                _snail(
                    "            if best - skew > limit:",
                    """
            act(data)
            if best - skew > limit:""",
                ).replace("                break\n            act(data)\n", "                break\n"),
                "acts on a reading that is too late",
            ),
            "never leaves": (_snail("if best - skew > limit:", "if False:"), "acts on a reading that is too late"),
            "skips what is too late": (
                _snail("                break\n", "                continue\n"),
                "it does not leave",
            ),
            "the newest only": (
                _snail(
                    "        sub.connect(endpoint)\n", "        sub.conflate = True\n        sub.connect(endpoint)\n"
                ),
                "",
            ),
            "looks at all that is there, and acts on the last": (
                """
def snail(ctx, endpoint, limit, act):
    freshest = float("inf")
    with ctx.socket(zmq.SUB) as sub:
        sub.connect(endpoint)
        sub.subscribe("")
        while True:
            batch = [sub.recv_multipart()]
            while sub.poll(0):
                batch.append(sub.recv_multipart())
            for _, stamp, data in batch:
                age = time.time() - float(stamp)
                freshest = min(freshest, age)
                if age - freshest > limit:
                    return age - freshest
            act(data)
""",
                "reading",
            ),
            "milliseconds": (_snail("> limit:", "> limit * 1000:"), "acts on a reading that is too late"),
            "half the limit": (_snail("> limit:", "> limit / 2:"), "leaves before it is too late"),
            "adds lateness up": (
                _snail(
                    "            if best - skew > limit:",
                    """
            total = locals().get("total", 0) + best - skew
            if total > limit:""",
                ),
                "leaves before it is too late",
            ),
            "returns nothing": (_snail("    return best - skew", "    return None"), "does not say how late"),
            "returns the age by both clocks": (
                _snail("    return best - skew", "    return -skew"),
                "does not say how late",
            ),
            "returns what was next": (_snail("    return best - skew", "    return data"), "does not say how late"),
            "the stamp of one topic": (
                _snail('sub.setsockopt(zmq.SUBSCRIBE, b"")', 'sub.setsockopt(zmq.SUBSCRIBE, b"1")'),
                "does not subscribe to everything",
            ),
            "reads it all into a list first": (
                """
def snail(ctx, endpoint, limit, act):
    freshest = float("inf")
    with ctx.socket(zmq.SUB) as sub:
        sub.connect(endpoint)
        sub.subscribe("")
        while True:
            batch = [sub.recv_multipart()]
            while sub.poll(1):
                batch.append(sub.recv_multipart())
            for _, stamp, data in batch:
                age = time.time() - float(stamp)
                freshest = min(freshest, age)
                if _ is batch[0][0] and age - freshest > limit:
                    return age - freshest
                act(data)
""",
                "acts on a reading that is too late",
            ),
            "the stamp is not looked at again in a burst": (
                _snail(
                    "            if best - skew > limit:", "            if best - skew > limit and not sub.poll(0):"
                ),
                "acts on a reading that is too late",
            ),
            "leaves its socket open": (
                _snail(
                    "    with ctx.socket(zmq.SUB) as sub:\n",
                    "    sub = snail.sub = ctx.socket(zmq.SUB)\n    if True:\n",
                ),
                "socket open",
            ),
        },
    },
    "23.3": {
        "right": {
            "a sliding window, silence asks": _SILENT,
            "in rounds, with a deadline": _ROUNDS.format(name="mended"),
            "asyncio": _ASYNC.format(name="mended"),
        },
        "wrong": {
            "as it was": ("mended = impatient", "asked for again while others were still coming"),
            "a time for each piece": (
                _TIMERS.replace("def fetch", "def mended"),
                "asked for again while others were still coming",
            ),
            "never asks again": (_mended("if dealer.poll(patience * 1000):", "if True:"), "it waits for ever"),
            "ten times the patience": (_mended("dealer.poll(patience * 1000)", "dealer.poll(patience * 10_000)"), ""),
            "a patience for the whole window": (
                _mended("dealer.poll(patience * 1000)", "dealer.poll(patience * window * 1000)"),
                "",
            ),
            "half of the patience for each": (
                _mended("dealer.poll(patience * 1000)", "dealer.poll(patience * 250)"),
                "asked for again while others were still coming",
            ),
            "asks for all of the window again": (
                _mended("                    if offset not in came:\n    ", "                    if True:\n    "),
                "more was asked for again than what had not come",
            ),
            "one at a time": (
                _mended("written + window * piece", "written + piece"),
                "fewer pieces are asked for than the window allows",
            ),
            "no bound": (
                _mended(
                    "while asked < written + window * piece:",
                    "while (asked - written) // piece - len(came) < window:",
                ),
                "more than a window is kept in memory",
            ),
            "gives up": (
                _mended("            else:\n", "            else:\n                return written\n"),
                "the file is not whole",
            ),
            "only the first that is missing": (
                _mended(
                    'dealer.send_multipart([b"%d" % offset, b"%d" % piece])\n            while',
                    'dealer.send_multipart([b"%d" % offset, b"%d" % piece])\n'
                    "                        break\n            while",
                ),
                "",
            ),
            "asks again when a later one comes": (
                _mended(
                    "                    came[int(offset)] = part\n",
                    "                    came[int(offset)] = part\n"
                    "                    if int(offset) > written:\n"
                    '                        dealer.send_multipart([b"%d" % written, b"%d" % piece])\n',
                ),
                "asked for again",
            ),
            "returns nothing": (_mended("        return written\n", ""), "how many bytes there are"),
        },
    },
}
