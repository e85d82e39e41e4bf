"""Answers to the exercises of lesson 26, right and wrong. See ../lessons.py for the form."""

from lessons import but

# What the lesson's setup imports, and its answers may use.
SETUP = "import select\nimport socket\nfrom uuid import uuid4\n"

_LINE = """
def reports(ctx, here, line, readings, patience):
    name = uuid4().bytes
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(line)
        for number, reading in enumerate(readings):
            label = [name, b"%d" % number]
            dealer.send_multipart([*label, reading])
            again = time.monotonic() + patience
            while True:
                if dealer.poll(max(0, again - time.monotonic()) * 1000):
                    if dealer.recv_multipart() == label:
                        break
                elif time.monotonic() >= again:
                    dealer.send_multipart([*label, reading])
                    again = time.monotonic() + patience


def collects(ctx, here, line, keep):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(here)
        latest = None
        while True:
            who, *label, reading = router.recv_multipart()
            if label != latest:
                keep(reading)
                latest = label
            router.send_multipart([who, *label])
"""

_WINDOW = """
def reports(ctx, here, line, readings, patience):
    name, feed = uuid4().bytes, enumerate(readings)
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(line)
        unconfirmed, more, sent = {}, True, 0.0
        while more or unconfirmed:
            while more and len(unconfirmed) < 8:
                item = next(feed, None)
                if item is None:
                    more = False
                else:
                    number, reading = item
                    unconfirmed[number] = reading
                    dealer.send_multipart([name, b"%d" % number, reading])
                    sent = time.monotonic()
                    break
            while dealer.poll(1 if more and len(unconfirmed) < 8 else 10):
                of, upto = dealer.recv_multipart()
                if of == name:
                    unconfirmed = {n: r for n, r in unconfirmed.items() if n >= int(upto)}
            if unconfirmed and time.monotonic() > sent + patience:
                for number, reading in unconfirmed.items():
                    dealer.send_multipart([name, b"%d" % number, reading])
                sent = time.monotonic()


def collects(ctx, here, line, keep):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(here)
        upto = {}
        while True:
            who, name, number, reading = router.recv_multipart()
            if int(number) == upto.setdefault(name, 0):
                keep(reading)
                upto[name] += 1
            router.send_multipart([who, name, b"%d" % upto[name]])
"""

_REQ = """
def reports(ctx, here, line, readings, patience):
    name = str(uuid4()).encode()
    for number, reading in enumerate(readings):
        while True:
            with ctx.socket(zmq.REQ) as req:
                req.linger = 0
                req.rcvtimeo = int(patience * 1000)
                req.connect(line)
                req.send_multipart([name, b"%d" % number, reading])
                try:
                    req.recv()
                    break
                except zmq.Again:
                    pass


def collects(ctx, here, line, keep):
    latest = None
    with ctx.socket(zmq.REP) as rep:
        rep.bind(here)
        while True:
            name, number, reading = rep.recv_multipart()
            if (name, number) != latest:
                keep(reading)
            latest = name, number
            rep.send(b"")
"""

_REVERSED = """
def reports(ctx, here, line, readings, patience):
    name = uuid4().bytes
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        while True:
            try:
                dealer.bind(here)
                break
            except zmq.ZMQError:
                time.sleep(0.01)
        for number, reading in enumerate(readings):
            message = [name, number.to_bytes(8, "big"), reading]
            confirmed = False
            while not confirmed:
                if dealer.poll(patience * 1000, zmq.POLLOUT):
                    dealer.send_multipart(message)
                    end = time.monotonic() + patience
                    while not confirmed and time.monotonic() < end:
                        if dealer.poll(max(0, end - time.monotonic()) * 1000):
                            confirmed = dealer.recv_multipart() == message[:2]
        dealer.unbind(dealer.last_endpoint)


def collects(ctx, here, line, keep):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(line)
        seen = (b"", b"")
        while True:
            name, number, reading = dealer.recv_multipart()
            if (name, number) != seen:
                keep(reading)
                seen = name, number
            dealer.send_multipart([name, number])
"""

_NEIGHBOURS = """
def neighbours(udp, me, patience):
    udp.settimeout(patience / 10)
    known = {}
    while True:
        try:
            data, (host, _) = udp.recvfrom(2048)
        except TimeoutError:
            data = b""
        name, port = data[4:20], int.from_bytes(data[20:], "big")
        if len(data) == 22 and data.startswith(b"ZCO\\x01") and name != me:
            if port == 0 and name in known:
                del known[name]
                yield "gone", name
            elif port:
                endpoint = f"tcp://{host}:{port}"
                if name not in known or known[name][0] != endpoint:
                    yield "came", name, endpoint
                known[name] = endpoint, time.monotonic()
        for name in [n for n, (_, heard) in known.items() if time.monotonic() - heard > patience]:
            del known[name]
            yield "gone", name
"""

_MENDED = """
def mended(ctx, where, patience, keep):
    while True:
        endpoint = where()
        with ctx.socket(zmq.SUB) as sub:
            sub.subscribe("")
            if endpoint is not None:
                sub.connect(endpoint)
            while sub.poll(patience * 1000):
                news = sub.recv()
                if news:
                    keep(news)
"""

_ONE_SOCKET = """
def mended(ctx, where, patience, keep):
    at = None
    with ctx.socket(zmq.SUB) as sub:
        sub.subscribe("")
        while True:
            if at is not None:
                sub.disconnect(at)
            at = where()
            if at is not None:
                sub.connect(at)
            while sub.poll(patience * 1000):
                news = sub.recv()
                if news:
                    keep(news)
"""


CASES = {
    "26.1": {
        "right": {
            "eight on their way": _WINDOW,
            "a REQ for each try": _REQ,
            "the sender binds": _REVERSED,
            "one REQ that is relaxed and correlates": but(
                _REQ,
                ('''        while True:
            with ctx.socket(zmq.REQ) as req:
                req.linger = 0
                req.rcvtimeo = int(patience * 1000)
                req.connect(line)
                req.send_multipart([name, b"%d" % number, reading])
                try:
                    req.recv()
                    break
                except zmq.Again:
                    pass
''', '''        while True:
            req.send_multipart([name, b"%d" % number, reading])
            if req.poll(patience * 1000):
                req.recv()
                break
'''),
                ("    for number, reading in enumerate", '''    req = ctx.socket(zmq.REQ)
    req.linger = 0
    req.req_relaxed = req.req_correlate = True
    req.connect(line)
    for number, reading in enumerate'''),
                ("\n\ndef collects", "    req.close()\n\n\ndef collects"),
            ),
            "with heartbeats as well": but(
                _LINE,
                ("dealer.connect", "dealer.heartbeat_ivl, dealer.heartbeat_timeout = 50, 200\n        dealer.connect"),
                ("router.bind", "router.heartbeat_ivl, router.heartbeat_timeout = 50, 200\n        router.bind"),
            ),
        },
        "wrong": {
            "PUSH and PULL": ('''
def reports(ctx, here, line, readings, patience):
    with ctx.socket(zmq.PUSH) as push:
        push.connect(line)
        for reading in readings:
            push.send(reading)

def collects(ctx, here, line, keep):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(here)
        while True:
            keep(pull.recv())
''', "kept"),
            "what comes again is kept again": (
                but(_LINE, ("if label != latest:", "if True:")), "a reading was kept twice"),
            "known by what is in it": (
                but(_LINE, ("if label != latest:\n                keep(reading)\n                latest = label",
                             "if reading != latest:\n                keep(reading)\n                latest = reading")),
                "two equal readings were taken for one"),
            "numbers that begin again": (
                but(_LINE, ("name = uuid4().bytes", 'name = b"sensor"'),
                     ("if label != latest:\n                keep(reading)\n                latest = label",
                      "if latest is None or int(label[1]) > latest:\n                keep(reading)\n"
                      "                latest = int(label[1])")),
                "a reading was lost, or overtaken"),
            "a number, and no name": (
                but(_LINE, ("name = uuid4().bytes", 'name = b"sensor"')), "returned before all was kept"),
            "a confirmation that is not repeated": (
                but(_LINE, ("                latest = label\n            router", "                latest = label\n"
                             "                router")),
                "does not return"),
            "waits for one answer for ever": (
                but(_LINE, ("elif time.monotonic() >= again:", "elif False:")), "nothing more is kept"),
            "gives up after three tries": (
                but(_LINE, ("            again = time.monotonic() + patience\n            while True:",
                             "            again = time.monotonic() + patience\n            for _ in range(3):")),
                "a reading was lost, or overtaken"),
            "keeps what comes, in whatever order": (
                but(_WINDOW, ("upto = {}", "upto, kept = {}, set()"),
                     ("if int(number) == upto.setdefault(name, 0):\n                keep(reading)\n"
                      "                upto[name] += 1",
                      "upto.setdefault(name, 0)\n            if (name, int(number)) not in kept:\n"
                      "                keep(reading)\n                kept.add((name, int(number)))\n"
                      "            while (name, upto[name]) in kept:\n                upto[name] += 1")),
                "overtaken"),
            "numbers, and nobody asks for what is missing": ('''
def reports(ctx, here, line, readings, patience):
    name = uuid4().bytes
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(line)
        number = -1
        for number, reading in enumerate(readings):
            dealer.send_multipart([name, b"%d" % number, reading])
        while number >= 0 and dealer.recv_multipart() != [name, b"%d" % number]:
            pass

def collects(ctx, here, line, keep):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(here)
        while True:
            who, name, number, reading = router.recv_multipart()
            keep(reading)
            router.send_multipart([who, name, number])
''', "a reading was lost, or overtaken"),
            "reads all of them first": (
                but(_LINE, ("in enumerate(readings)", "in enumerate(list(readings))")), "nothing is kept"),
            "the last one is not waited for": (
                but(_WINDOW, ("while more or unconfirmed:", "while more:"),
                     ("dealer.linger = 0\n        dealer.connect", "dealer.connect")),
                "kept"),
            "one reporter, and no more": (
                but(_LINE, ("        while True:\n            who", "        for _ in range(120):\n            who")),
                "`collects` came to its end"),
            "goes past the line": (
                but(_LINE, ("dealer.connect(line)", "dealer.connect(here)")), "nothing passes over the line"),
            "its own bytes in the reading": (
                but(_LINE, ("keep(reading)", "keep(label[1] + reading)")), "in its place"),
            "text": (but(_LINE, ("keep(reading)", "keep(reading.decode())")), "not the readings"),
        },
    },
    "26.2": {
        "right": {
            "select, and a number of its own for each": '''
import struct

def neighbours(udp, me, patience):
    udp.setblocking(False)
    where, until = {}, {}
    while True:
        left = min(until.values(), default=time.monotonic() + 0.05) - time.monotonic()
        select.select([udp], [], [], min(0.05, max(0, left)))
        while True:
            try:
                data, sender = udp.recvfrom(65535)
            except BlockingIOError:
                break
            if len(data) != 22:
                continue
            magic, version, name, port = struct.unpack("!3sB16sH", data)
            if (magic, version) != (b"ZCO", 1) or name == me:
                continue
            endpoint = "tcp://%s:%d" % (sender[0], port)
            if not port:
                if where.pop(name, None):
                    until.pop(name)
                    yield ("gone", name)
                continue
            until[name] = time.monotonic() + patience
            if where.get(name) != endpoint:
                where[name] = endpoint
                yield ("came", name, endpoint)
        for name in list(until):
            if until[name] < time.monotonic():
                del until[name], where[name]
                yield ("gone", name)
''',
            "a poller, and lists for tuples": but(
                _NEIGHBOURS,
                ("    udp.settimeout(patience / 10)\n",
                 "    poller = zmq.Poller()\n    poller.register(udp, zmq.POLLIN)\n"),
                ('        try:\n            data, (host, _) = udp.recvfrom(2048)\n        except TimeoutError:\n'
                 '            data = b""',
                 '        data = b""\n        if poller.poll(patience * 100):\n'
                 '            data, (host, _) = udp.recvfrom(2048)'),
                ('yield "gone", name', 'yield ["gone", name]'),
                ('yield "came", name, endpoint', 'yield ["came", name, endpoint]'),
            ),
        },
        "wrong": {
            "always this machine": (
                but(_NEIGHBOURS, ("tcp://{host}:", "tcp://127.0.0.1:")), "that is not where it is"),
            "the port it was sent from": (
                but(_NEIGHBOURS, ("data, (host, _)", "data, (host, from_port)"),
                     (':{port}"', ':{from_port}"'), ('data = b""', 'data, from_port = b"", 0')),
                "that is not where it is"),
            "the port's bytes the other way round": (
                but(_NEIGHBOURS, ('"big"', '"little"')), "that is not where it is"),
            "a buffer of 22 bytes": (
                but(_NEIGHBOURS, ("recvfrom(2048)", "recvfrom(22)")), "garbage was taken for a beacon"),
            "longer ones are beacons, too": (
                but(_NEIGHBOURS, ("len(data) == 22", "len(data) >= 22"), ("data[20:]", "data[20:22]")),
                "garbage was taken for a beacon"),
            "shorter ones are beacons, too": (
                but(_NEIGHBOURS, ("len(data) == 22", "4 < len(data) < 23")), "garbage was taken for a beacon"),
            "any version": (
                but(_NEIGHBOURS, ('b"ZCO\\x01"', 'b"ZCO"')), "garbage was taken for a beacon"),
            "anything of this length": (
                but(_NEIGHBOURS, (' and data.startswith(b"ZCO\\x01")', "")), "garbage was taken for a beacon"),
            "unpacks whatever comes": (
                but("import struct\n" + _NEIGHBOURS,
                     ("name, port = data[4:20], int.from_bytes(data[20:], \"big\")",
                      "magic, name, port = struct.unpack('!4s16sH', data)")),
                "unpack requires"),
            "meets itself": (but(_NEIGHBOURS, (" and name != me", "")), "it takes itself for a neighbour"),
            "forgets nobody": (
                but(_NEIGHBOURS, ("time.monotonic() - heard > patience", "False")), "`gone` does not come"),
            "forgets only when nothing comes": (
                but(_NEIGHBOURS, ("for n, (_, heard) in known.items() if time", "for n, (_, heard) in known.items() "
                                   "if data is None and time"), ("patience / 10", "patience"),
                     ('data = b""', "data = None"), ("name, port = data[4:20], int.from_bytes(data[20:]",
                      'name, port = (data or b"")[4:20], int.from_bytes((data or b"")[20:]'),
                     ("if len(data)", "if data and len(data)")),
                "`gone` does not come"),
            "looks only when something comes": (
                but(_NEIGHBOURS, ("udp.settimeout(patience / 10)", "udp.settimeout(None)")), "`gone` does not come"),
            "patience counts from the first time": (
                but(_NEIGHBOURS, ("                known[name] = endpoint, time.monotonic()",
                                   "                    known[name] = endpoint, time.monotonic()")),
                "one whose beacons come was called gone"),
            "half of the patience": (
                but(_NEIGHBOURS, ("heard > patience", "heard > patience / 2")), "gone before its time"),
            "three times the patience": (
                but(_NEIGHBOURS, ("heard > patience", "heard > patience * 3")), "long after its time"),
            "by where they are": (
                but(_NEIGHBOURS, ("if name not in known or known[name][0] != endpoint:",
                                   "if (name, endpoint) not in known:"),
                     ("known[name] = endpoint, time", "known[name, endpoint] = endpoint, time"),
                     ("        for name in [n for n, (_, heard)", "        for name, at in [n for n, (_, heard)"),
                     ('            del known[name]\n            yield "gone", name\n',
                      '            del known[name, at]\n            yield "gone", name\n')),
                "gone"),
            "says so each time": (
                but(_NEIGHBOURS, ("if name not in known or known[name][0] != endpoint:", "if True:")),
                "this has been said already"),
            "who moves is not told": (
                but(_NEIGHBOURS, (" or known[name][0] != endpoint", "")), "`came` does not come"),
            "who moves is gone first": (
                but(_NEIGHBOURS, ('yield "came", name, endpoint\n', 'if name in known:\n                        '
                                   'yield "gone", name\n                    yield "came", name, endpoint\n')),
                "gone"),
            "port 0 is a port": (
                but(_NEIGHBOURS, ("if port == 0 and name in known:", "if False:"), ("elif port:", "else:")),
                "garbage was taken for a beacon"),
            "who leaves is waited for": (
                but(_NEIGHBOURS, ("if port == 0 and name in known:", "if False:")), "not called gone at once"),
            "who was never there has left": (
                but(_NEIGHBOURS, ("if port == 0 and name in known:\n                del known[name]",
                                   "if port == 0:\n                known.pop(name, None)")),
                "garbage was taken for a beacon"),
            "does not come back": (
                but(_NEIGHBOURS, ("known = {}", "known, met = {}, set()"),
                     ("if name not in known or known[name][0] != endpoint:", "if (name, endpoint) not in met:"),
                     ('yield "came", name, endpoint', 'met.add((name, endpoint))\n                    '
                      'yield "came", name, endpoint')),
                "`came` does not come"),
            "says again and again that one is gone": (
                but(_NEIGHBOURS, ('            del known[name]\n            yield "gone", name\n',
                                   '            yield "gone", name\n')),
                "this has been said already"),
            "a list": ("def neighbours(udp, me, patience):\n    return []", "no generator"),
        },
    },
    "26.3": {
        "right": {
            "one socket, disconnected": _ONE_SOCKET,
            "rcvtimeo": but(
                _MENDED,
                ("            while sub.poll(patience * 1000):\n                news = sub.recv()\n"
                 "                if news:\n                    keep(news)\n",
                 "            sub.rcvtimeo = int(patience * 1000)\n            try:\n                while True:\n"
                 "                    if news := sub.recv():\n                        keep(news)\n"
                 "            except zmq.Again:\n                pass\n"),
            ),
            "with heartbeats, too": but(
                _MENDED, ('sub.subscribe("")', 'sub.heartbeat_ivl = 50\n            sub.heartbeat_timeout = 5000\n'
                          '            sub.subscribe("")')),
            "a new connection only for a new place": '''
def mended(ctx, where, patience, keep):
    at, sub = None, None
    try:
        while True:
            told = where()
            if told != at or sub is None:
                if sub is not None:
                    sub.close(linger=0)
                sub, at = ctx.socket(zmq.SUB), told
                sub.subscribe("")
                if at is not None:
                    sub.connect(at)
            heard = time.monotonic()
            while (left := heard + patience - time.monotonic()) > 0:
                if sub.poll(left * 1000):
                    news = sub.recv()
                    heard = time.monotonic()
                    if news:
                        keep(news)
    finally:
        if sub is not None:
            sub.close(linger=0)
''',
            "asyncio": '''
import asyncio
import zmq.asyncio

async def mended(ctx, where, patience, keep):
    own = zmq.asyncio.Context.shadow(ctx)
    while True:
        endpoint = where()
        with own.socket(zmq.SUB) as sub:
            sub.subscribe("")
            if endpoint is not None:
                sub.connect(endpoint)
            while await sub.poll(patience * 1000):
                news = await sub.recv()
                if news:
                    keep(news)
''',
        },
        "wrong": {
            "as it was": ('''
def mended(ctx, where, patience, keep):
    with ctx.socket(zmq.SUB) as sub:
        sub.subscribe("")
        while (endpoint := where()) is None:
            time.sleep(patience)
        sub.connect(endpoint)
        while True:
            news = sub.recv()
            if news:
                keep(news)
''', "does not find its way"),
            "heartbeats of libzmq": ('''
def mended(ctx, where, patience, keep):
    with ctx.socket(zmq.SUB) as sub:
        sub.heartbeat_ivl, sub.heartbeat_timeout = int(patience * 300), int(patience * 1000)
        sub.subscribe("")
        while (endpoint := where()) is None:
            time.sleep(patience)
        sub.connect(endpoint)
        while True:
            news = sub.recv()
            if news:
                keep(news)
''', "does not find its way"),
            "libzmq's heartbeats and a monitor": ('''
from zmq.utils.monitor import recv_monitor_message

def mended(ctx, where, patience, keep):
    while (endpoint := where()) is None:
        time.sleep(patience)
    while True:
        with ctx.socket(zmq.SUB) as sub:
            sub.heartbeat_ivl, sub.heartbeat_timeout = int(patience * 300), int(patience * 1000)
            sub.subscribe("")
            monitor = sub.get_monitor_socket(zmq.EVENT_DISCONNECTED)
            sub.connect(endpoint)
            poller = zmq.Poller()
            poller.register(sub, zmq.POLLIN)
            poller.register(monitor, zmq.POLLIN)
            while monitor not in (ready := dict(poller.poll())):
                if news := sub.recv():
                    keep(news)
            recv_monitor_message(monitor)
            sub.disable_monitor()
            monitor.close()
        time.sleep(patience)
        endpoint = where() or endpoint
''', "does not find its way"),
            "None is a place": (
                but(_MENDED, ("            if endpoint is not None:\n                sub.connect(endpoint)",
                               "            sub.connect(endpoint)")),
                "`mended` raised"),
            "the old place as well": ('''
def mended(ctx, where, patience, keep):
    with ctx.socket(zmq.SUB) as sub:
        sub.subscribe("")
        known = set()
        while True:
            endpoint = where()
            if endpoint and endpoint not in known:
                known.add(endpoint)
                sub.connect(endpoint)
            while sub.poll(patience * 1000):
                if news := sub.recv():
                    keep(news)
''', "hears the old place, too"),
            "empty messages are news": (
                but(_MENDED,
                     ("                if news:\n                    keep(news)", "                keep(news)")),
                "an empty message was kept"),
            "only news are life": ('''
def mended(ctx, where, patience, keep):
    while True:
        endpoint = where()
        with ctx.socket(zmq.SUB) as sub:
            sub.subscribe("")
            if endpoint is not None:
                sub.connect(endpoint)
            heard = time.monotonic()
            while (left := heard + patience - time.monotonic()) > 0:
                if sub.poll(left * 1000) and (news := sub.recv()):
                    keep(news)
                    heard = time.monotonic()
''', "was given up"),
            "looks for it all the time": (
                but(_MENDED, ("sub.poll(patience * 1000)", "sub.poll(patience * 200)")), "asked again too soon"),
            "asks for each message": ('''
def mended(ctx, where, patience, keep):
    at = None
    with ctx.socket(zmq.SUB) as sub:
        sub.subscribe("")
        while True:
            told = where()
            if told != at:
                if at is not None:
                    sub.disconnect(at)
                if told is not None:
                    sub.connect(told)
                at = told
            if sub.poll(patience * 1000) and (news := sub.recv()):
                keep(news)
''', "asked again too soon"),
            "asks without a pause while nobody is known": (
                but(_MENDED, ("        endpoint = where()\n", "        while (endpoint := where()) is None:\n"
                               "            time.sleep(0.01)\n")),
                "asked again too soon"),
            "ten times the patience": (
                but(_MENDED, ("patience * 1000", "patience * 10000"), ("        endpoint = where()\n",
                     "        while (endpoint := where()) is None:\n            time.sleep(patience)\n")),
                "does not find its way"),
            "three times the patience": (
                but(_MENDED, ("patience * 1000", "patience * 3000"), ("        endpoint = where()\n",
                     "        while (endpoint := where()) is None:\n            time.sleep(patience)\n")),
                "long after the feed fell silent"),
            "looks once": ('''
def mended(ctx, where, patience, keep):
    while (endpoint := where()) is None:
        time.sleep(patience)
    moves = 0
    while True:
        with ctx.socket(zmq.SUB) as sub:
            sub.subscribe("")
            sub.connect(endpoint)
            while moves or sub.poll(patience * 1000):
                if news := sub.recv():
                    keep(news)
        moves += 1
        endpoint = where()
''', "does not find its way"),
            "the end is the end": (
                but(_MENDED, ("    while True:\n        endpoint", "    for _ in range(4):\n        endpoint")),
                "came to its end"),
            "leaves its sockets open": ('''
def mended(ctx, where, patience, keep):
    old = []
    while True:
        endpoint = where()
        sub = ctx.socket(zmq.SUB)
        old.append(sub)
        sub.subscribe("")
        if endpoint is not None:
            sub.connect(endpoint)
        while sub.poll(patience * 1000):
            news = sub.recv()
            if news:
                keep(news)
''', "sockets to old places are left open"),
            "one message a time": (
                but(_MENDED, ("                if news:\n                    keep(news)\n",
                               "                if news and news != last:\n                    keep(news[:1])\n"),
                     ("    while True:\n        endpoint", "    last = None\n    while True:\n        endpoint")),
                "what is kept is not what its feed said"),
        },
    },
}
