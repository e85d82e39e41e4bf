"""Answers to the exercises of lesson 27, right and wrong. See ../lessons.py for the form."""

from lessons import but

SETUP = """
from zmq.utils import z85
from zmq.auth.thread import ThreadAuthenticator
"""

_PORTER = """
def porter(ctx, guests):
    with ctx.socket(zmq.REP) as zap:
        zap.bind("inproc://zeromq.zap.01")
        while True:
            frames = zap.recv_multipart()
            name = None
            if len(frames) == 7 and frames[0] == b"1.0" and frames[5] == b"CURVE" and len(frames[6]) == 32:
                name = guests.get(z85.encode(frames[6]))
            status = b"400" if name is None else b"200"
            request = frames[1] if len(frames) > 1 else b""
            zap.send_multipart([b"1.0", request, status, b"", name or b"", b""])
"""

_TILL = """
def mended(ctx, endpoint, secret, guests, orders):
    with ctx.socket(zmq.PULL) as pull:
        pull.curve_server = True
        pull.curve_secretkey = secret
        pull.bind(endpoint)
        while True:
            message = pull.recv(copy=False)
            name = guests.get(message.get("User-Id").encode())
            if name is not None:
                orders.append((name, message.bytes))
"""

_ROTATE = """
def rotate(ctx, old, new, over, quiet, took):
    def opened(endpoint, secret):
        pull = ctx.socket(zmq.PULL)
        pull.curve_server, pull.curve_secretkey = True, secret
        pull.bind(endpoint)
        return pull

    poller = zmq.Poller()
    with opened(*new) as fresh:
        poller.register(fresh)
        with opened(*old) as stale:
            poller.register(stale)
            last = time.monotonic()
            while not over.is_set() or time.monotonic() - last < quiet or stale.poll(0):
                for pull, _ in poller.poll(quiet * 100):
                    took.append(pull.recv())
                    if pull is stale:
                        last = time.monotonic()
                if not over.is_set():
                    last = time.monotonic()
            poller.unregister(stale)
        while True:
            took.append(fresh.recv())
"""


CASES = {
    "27.1": {
        "right": {
            "a ROUTER that keeps silent": '''
def porter(ctx, guests):
    with ctx.socket(zmq.ROUTER) as zap:
        zap.bind("inproc://zeromq.zap.01")
        while True:
            who, empty, *request = zap.recv_multipart()
            try:
                version, id, domain, address, identity, mechanism, *credentials = request
                if version != b"1.0":
                    continue
                name = None
                if mechanism == b"CURVE":
                    key, = credentials
                    name = guests.get(z85.encode(key)) if len(key) == 32 else None
            except ValueError:
                continue
            verdict = [b"400", b"not on the list", b"", b""] if name is None else [b"200", b"OK", name, b""]
            zap.send_multipart([who, empty, b"1.0", id, *verdict])
''',
            "it raises inside, and says 500": '''
def decide(request, guests):
    version, _, _, _, _, mechanism, *credentials = request
    if version != b"1.0":
        return b"500", b""
    if mechanism != b"CURVE":
        return b"400", b""
    (key,) = credentials
    if len(key) != 32:
        return b"500", b""
    letters = z85.encode(key)
    return (b"200", guests[letters]) if letters in guests else (b"400", b"")


def porter(ctx, guests):
    zap = ctx.socket(zmq.REP)
    zap.bind("inproc://zeromq.zap.01")
    try:
        while True:
            request = zap.recv_multipart()
            try:
                status, name = decide(request, guests)
            except Exception:
                status, name = b"500", b""
            id = request[1] if len(request) >= 2 else b""
            for frame in (b"1.0", id, status, b"text", name):
                zap.send(frame, zmq.SNDMORE)
            zap.send(b"")
    finally:
        zap.close(linger=0)
''',
            "it decodes the list, at each question": '''
def porter(ctx, guests):
    zap = ctx.socket(zmq.REP)
    zap.bind("inproc://zeromq.zap.01")
    poller = zmq.Poller()
    poller.register(zap, zmq.POLLIN)
    while True:
        if not poller.poll(50):
            continue
        request = zap.recv_multipart()
        known = {}
        for letters, name in list(guests.items()):
            if len(letters) == 40:
                known[z85.decode(letters)] = name
        ok = request[:1] == [b"1.0"] and request[5:6] == [b"CURVE"] and len(request) == 7 and request[6] in known
        reply = [b"1.0", (request + [b"", b""])[1], b"200" if ok else b"400", b""]
        zap.send_multipart(reply + [known[request[6]] if ok else b"", b""])
''',
        },
        "wrong": {
            "another id": (but(_PORTER, ('[b"1.0", request, status', '[b"1.0", b"1", status')), "another id"),
            "the list has 32 bytes": (
                but(_PORTER, ("z85.encode(frames[6])", "frames[6]")), "a guest was not let in"),
            "the list is copied": (
                but(_PORTER, ("    with ctx.socket", "    guests = dict(guests)\n    with ctx.socket")),
                "while you ran"),
            "everybody comes in": (
                but(_PORTER, ('b"400" if name is None else b"200"', 'b"200"')), "a stranger was let in"),
            "whoever speaks CURVE comes in": (
                but(_PORTER, ("guests.get(z85.encode(frames[6]))", "guests.get(z85.encode(frames[6]), b'x')")),
                "a stranger was let in"),
            "NULL is none of its business": (
                but(_PORTER, ("            status =", "            if frames[5:6] == [b'NULL']:\n"
                               "                name = b'anonymous'\n            status =")), "a stranger was let in"),
            "a PLAIN name that is on the list": (
                but(_PORTER, ("            status =", "            if frames[5:6] == [b'PLAIN']:\n"
                               "                name = guests.get(frames[6])\n            status =")),
                "a stranger was let in"),
            "the mechanism is not looked at": (
                but(_PORTER, (' and frames[5] == b"CURVE"', "")), "a stranger was let in"),
            "the version is not looked at": (
                but(_PORTER, (' and frames[0] == b"1.0"', "")), "not answered with a no"),
            "letters are good as well": (
                but(_PORTER, ("            status =",
                               "            if frames[5:6] == [b'CURVE'] and len(frames) == 7:\n"
                               "                name = name or guests.get(frames[6])\n            status =")),
                "not answered with a no"),
            "too few frames end it": (
                '''
def porter(ctx, guests):
    with ctx.socket(zmq.REP) as zap:
        zap.bind("inproc://zeromq.zap.01")
        while True:
            version, id, domain, address, identity, mechanism, *credentials = zap.recv_multipart()
            name = None
            if version == b"1.0" and mechanism == b"CURVE" and [len(each) for each in credentials] == [32]:
                name = guests.get(z85.encode(credentials[0]))
            zap.send_multipart([b"1.0", id, b"400" if name is None else b"200", b"", name or b"", b""])
''', "not enough values"),
            "a short key ends it": (but(_PORTER, (" and len(frames[6]) == 32", "")), "z85"),
            "what it does not understand it does not answer": (
                but(_PORTER, ("            status =", "            if len(frames) < 7 and frames[5:6] != [b'NULL']:\n"
                               "                continue\n            status =")), "current state"),
            "what it does not understand comes in": ('''
def porter(ctx, guests):
    with ctx.socket(zmq.REP) as zap:
        zap.bind("inproc://zeromq.zap.01")
        while True:
            frames = zap.recv_multipart()
            id = frames[1] if len(frames) > 1 else b""
            try:
                assert frames[0] == b"1.0" and len(frames) == 7 and len(frames[6]) == 32
                name = guests.get(z85.encode(frames[6])) if frames[5] == b"CURVE" else None
            except Exception:
                name = b"somebody" if frames[5:6] in ([], [b"CURVE"], [b"\\xff" * 40]) else None
            zap.send_multipart([b"1.0", id, b"400" if name is None else b"200", b"", name or b"", b""])
''', "not answered with a no"),
            "no User-Id": (but(_PORTER, ('name or b"", b""]', 'b"", b""]')), "the User-Id is not the name"),
            "the key for a User-Id": (
                but(_PORTER, ('name or b"", b""]', 'z85.encode(frames[6]) if name else b"", b""]')),
                "the User-Id is not the name"),
            "no metadata": (but(_PORTER, ('name or b"", b""]', 'name or b""]')), "a reply has 5 frames"),
            "another version": (but(_PORTER, ('[b"1.0", request', '[b"2.0", request')), "another version"),
            "try again later": (but(_PORTER, ('b"400" if', 'b"300" if')), "not the status of a refusal"),
            "pyzmq's authenticator, which a short request ends": ('''
class Named(ThreadAuthenticator):
    guests = {}

    def curve_user_id(self, key):
        return self.guests.get(z85.encode(key), b"").decode()

    def callback(self, domain, key):
        return key in self.guests


def porter(ctx, guests):
    auth = Named(ctx)
    auth.guests = guests
    auth.start()
    auth.configure_curve_callback("*", auth)
    try:
        while True:
            time.sleep(0.1)
    finally:
        auth.stop()
''', ""),
            "one question": (but(_PORTER, ("while True:", "for _ in range(1):")), "nothing arrived"),
            "it strikes off who has come": (
                but(_PORTER, ("guests.get(z85", "guests.pop(z85"), ("frames[6]))\n", "frames[6]), None)\n")),
                "a guest was not let in"),
            "another address": (but(_PORTER, ("zeromq.zap.01", "zeromq.zap.1")), "nothing arrived"),
            "a name is text": (but(_PORTER, ('name or b""', '(name or b"").decode("ascii").encode()')), "ascii"),
        },
    },
    "27.2": {
        "right": {
            "a poller, and a list of names turned round": '''
def mended(ctx, endpoint, secret, guests, orders):
    pull = ctx.socket(zmq.PULL)
    pull.curve_secretkey = secret
    pull.curve_server = 1
    pull.bind(endpoint)
    poller = zmq.Poller()
    poller.register(pull, zmq.POLLIN)
    try:
        while True:
            if dict(poller.poll(100)):
                frame = pull.recv(zmq.NOBLOCK, copy=False)
                try:
                    name = guests[frame["User-Id"].encode("ascii")]
                except KeyError:
                    continue
                orders.append((name, bytes(frame)))
    finally:
        pull.close(linger=0)
''',
            "recv_multipart": '''
def mended(ctx, endpoint, secret, guests, orders):
    with ctx.socket(zmq.PULL) as pull:
        pull.setsockopt(zmq.CURVE_SERVER, 1)
        pull.setsockopt(zmq.CURVE_SECRETKEY, secret)
        pull.bind(endpoint)
        while True:
            (frame,) = pull.recv_multipart(copy=False)
            letters = frame.get("User-Id")
            for key, name in list(guests.items()):
                if key.decode() == letters:
                    orders.append((name, frame.bytes))
''',
        },
        "wrong": {
            "as it was": ('''
def mended(ctx, endpoint, secret, guests, orders):
    with ctx.socket(zmq.PULL) as pull:
        pull.curve_server = True
        pull.curve_secretkey = secret
        pull.bind(endpoint)
        while True:
            message = pull.recv()
            name = message.split(b": ")[0].title()
            if name in guests.values():
                orders.append((name, message))
''', "under another name"),
            "the claim decides whether, the key whose": (
                but(_TILL, ("if name is not None:",
                             "if name is not None and message.bytes.split(b': ')[0].title() in guests.values():")),
                "an order was not noted"),
            "the list as it was at the beginning": (
                but(_TILL, ("    with ctx.socket", "    guests = dict(guests)\n    with ctx.socket")),
                "not on the list"),
            "the first name of a key": (
                but(_TILL, ("        while True:", "        known = {}\n        while True:"),
                     ("name = guests.get(message.get(\"User-Id\").encode())",
                      "key = message.get('User-Id').encode()\n"
                      "            name = known.setdefault(key, guests.get(key))")), "not on the list"),
            "the name is on the list": (
                but(_TILL, ("        while True:", "        known = dict(guests)\n        while True:"),
                     ("name = guests.get(message.get(\"User-Id\").encode())",
                      "key = message.get('User-Id').encode()\n"
                      "            known.update(guests)\n"
                      "            name = known[key] if known[key] in guests.values() else None")), "not on the list"),
            "once off, for ever off": (
                but(_TILL, ("        while True:", "        off = set()\n        while True:"),
                     ("            if name is not None:",
                      "            if name is None:\n                off.add(message.get('User-Id'))\n"
                      "            if name is not None and message.get('User-Id') not in off:")),
                "an order was not noted"),
            "str in a dict of bytes": (but(_TILL, (".encode())", ")")), "an order was not noted"),
            "it ends when one is off": (
                but(_TILL, ("            if name is not None:",
                             "            if name is None:\n                return\n            if name is not None:")),
                "came to its end"),
            "it raises when one is off": (
                but(_TILL, ("guests.get(message.get(\"User-Id\").encode())",
                             "guests[message.get(\"User-Id\").encode()]")), "KeyError"),
            "a new socket when one is off": ('''
def mended(ctx, endpoint, secret, guests, orders):
    while True:
        with ctx.socket(zmq.PULL) as pull:
            pull.curve_server = True
            pull.curve_secretkey = secret
            while True:
                try:
                    pull.bind(endpoint)
                    break
                except zmq.ZMQError:
                    time.sleep(0.01)
            off = False
            while not off:
                message = pull.recv(copy=False)
                name = guests.get(message.get("User-Id").encode())
                if name is None:
                    off = True
                else:
                    orders.append((name, message.bytes))
''', "an order was not noted"),
            "who is off is somebody": (
                but(_TILL, ('.encode())', '.encode(), b"somebody")')), "not on the list"),
            "who is off is noted without a name": (
                but(_TILL, ("            if name is not None:\n    ", "            if True:\n    ")), ""),
            "messages are text": (
                but(_TILL, ("message.bytes))", "message.bytes.decode().encode()))")), "decode"),
            "an empty message is none": (
                but(_TILL, ("if name is not None:", "if name is not None and message.bytes:")),
                "an order was not noted"),
            "only what follows the colon": (
                but(_TILL, ("message.bytes))", "message.bytes.split(b': ')[-1]))")), "not on the list"),
            "without CURVE": (
                but(_TILL, ("        pull.curve_server = True\n        pull.curve_secretkey = secret\n", "")),
                "is turned away at the door"),
            "each noted twice": (
                but(_TILL, ("                orders.append((name, message.bytes))",
                             "                orders.extend([(name, message.bytes)] * 2)")), "noted twice"),
            "a list for an order, and a frame": (
                but(_TILL, ("(name, message.bytes)", "[name, message]")), "that is no order"),
        },
    },
    "27.3": {
        "right": {
            "a thread for each door": '''
def rotate(ctx, old, new, over, quiet, took):
    def serve(pair, closes):
        endpoint, secret = pair
        with ctx.socket(zmq.PULL) as pull:
            pull.curve_server, pull.curve_secretkey = True, secret
            pull.bind(endpoint)
            while True:
                closing = over.is_set()
                if pull.poll(quiet * 1100 if closing and closes else quiet * 200):
                    took.append(pull.recv())
                elif closing and closes:
                    return

    thread = threading.Thread(target=serve, args=(old, True))
    thread.start()
    serve(new, False)
''',
            "deadlines": '''
def rotate(ctx, old, new, over, quiet, took):
    a, b = ctx.socket(zmq.PULL), ctx.socket(zmq.PULL)
    for pull, (endpoint, secret) in ((a, old), (b, new)):
        pull.curve_server = 1
        pull.curve_secretkey = secret
        pull.bind(endpoint)
    closes_at = None
    while True:
        if a is not None:
            while a.poll(0):
                took.append(a.recv())
                closes_at = None
            if over.is_set():
                closes_at = closes_at or time.monotonic() + quiet
                if time.monotonic() > closes_at and not a.poll(0):
                    a.close(linger=0)
                    a = None
        if b.poll(quiet * 100):
            took.append(b.recv())
''',
        },
        "wrong": {
            "another key for a bound socket": ('''
def rotate(ctx, old, new, over, quiet, took):
    with ctx.socket(zmq.PULL) as pull:
        pull.curve_server, pull.curve_secretkey = True, old[1]
        pull.bind(old[0])
        pull.bind(new[0])
        pull.curve_secretkey = new[1]
        while True:
            took.append(pull.recv())
''', "new door"),
            "one key for both": (
                but(_ROTATE, ("with opened(*old)", "with opened(old[0], new[1])")), "old door"),
            "one socket, never closed": ('''
def rotate(ctx, old, new, over, quiet, took):
    with ctx.socket(zmq.PULL) as pull:
        pull.curve_server = True
        for endpoint, secret in (old, new):
            pull.curve_secretkey = secret
            pull.bind(endpoint)
        while True:
            took.append(pull.recv())
''', "the old door is not closed"),
            "one socket, quiet at both": ('''
def rotate(ctx, old, new, over, quiet, took):
    with ctx.socket(zmq.PULL) as pull:
        pull.curve_server = True
        for endpoint, secret in (old, new):
            pull.curve_secretkey = secret
            pull.bind(endpoint)
        while True:
            if pull.poll(quiet * 1000):
                took.append(pull.recv())
            elif over.is_set():
                pull.unbind(old[0])
                break
        while True:
            took.append(pull.recv())
''', ""),
            "closed at once": (
                but(_ROTATE, (" or time.monotonic() - last < quiet or stale.poll(0):", ":")), "on its way is lost"),
            "closed a fixed time after over": (
                but(_ROTATE, ("                    if pull is stale:\n", "                    if False:\n")),
                "is lost"),
            "quiet at both doors": (
                but(_ROTATE, ("if pull is stale:", "if True:")), "the old door is not closed"),
            "what is there is taken, and no more": (
                but(_ROTATE, (" or time.monotonic() - last < quiet or stale.poll(0):", " or stale.poll(0):")),
                "on its way is lost"),
            "the new door waits until the old one is quiet": (
                but(_ROTATE, ("while not over.is_set() or time.monotonic() - last < quiet or stale.poll(0):",
                               "while not over.is_set():"),
                     ("            poller.unregister(stale)",
                      "            while stale.poll(quiet * 1000):\n"
                      "                took.append(stale.recv())\n            poller.unregister(stale)")),
                "have to wait for the old one"),
            "never closed": (
                but(_ROTATE, ("while not over.is_set() or time.monotonic() - last < quiet or", "while True or")),
                "the old door is not closed"),
            "closed when it is quiet": (
                but(_ROTATE, ("while not over.is_set() or time", "while time"),
                     ("                if not over.is_set():\n                    last = time.monotonic()\n", "")),
                ""),
            "quiet counts from before over": (
                but(_ROTATE, ("                if not over.is_set():\n", "                if False:\n")),
                "on its way is lost"),
            "the new door opens after the old one": ('''
def rotate(ctx, old, new, over, quiet, took):
    for (endpoint, secret), last in ((old, False), (new, True)):
        with ctx.socket(zmq.PULL) as pull:
            pull.curve_server, pull.curve_secretkey = True, secret
            pull.bind(endpoint)
            while True:
                if pull.poll(quiet * 1000):
                    took.append(pull.recv())
                elif over.is_set() and not last:
                    break
''', "nobody is behind the new door"),
            "first all of the old": ('''
def rotate(ctx, old, new, over, quiet, took):
    pulls = []
    for endpoint, secret in (old, new):
        pull = ctx.socket(zmq.PULL)
        pull.curve_server, pull.curve_secretkey = True, secret
        pull.bind(endpoint)
        pulls.append(pull)
    while True:
        if pulls[0].poll(quiet * 1000):
            took.append(pulls[0].recv())
        elif over.is_set():
            break
    pulls[0].close()
    while True:
        took.append(pulls[1].recv())
''', "did not come"),
            "in turn": ('''
def rotate(ctx, old, new, over, quiet, took):
    pulls = []
    for endpoint, secret in (old, new):
        pull = ctx.socket(zmq.PULL)
        pull.curve_server, pull.curve_secretkey = True, secret
        pull.bind(endpoint)
        pulls.append(pull)
    while True:
        for pull in pulls:
            took.append(pull.recv())
''', "did not come"),
            "both close, and one is bound again": (
                but(_ROTATE, ("        while True:\n            took.append(fresh.recv())",
                               "    time.sleep(0.05)\n    with opened(*new) as fresh:\n"
                               "        while True:\n            took.append(fresh.recv())")),
                ""),
            "it ends with the old door": (
                but(_ROTATE, ("        while True:\n            took.append(fresh.recv())", "        pass")), ""),
            "without keys": (
                but(_ROTATE, ("        pull.curve_server, pull.curve_secretkey = True, secret\n", "")),
                "is turned away at the"),
            "unbound, but not read any more": (
                but(_ROTATE, ("    poller = zmq.Poller()", "    poller, done = zmq.Poller(), []"),
                     ("            last = time.monotonic()\n            while not",
                      "            last = time.monotonic()\n            while not over.is_set():\n"
                      "                for pull, _ in poller.poll(quiet * 100):\n"
                      "                    took.append(pull.recv())\n"
                      "            stale.unbind(old[0])\n            last = time.monotonic()\n            while not")),
                "is lost"),
            "the last messages of the old door are thrown away": (
                but(_ROTATE, ("                    took.append(pull.recv())\n",
                               "                    message = pull.recv()\n"
                               "                    if pull is fresh or not over.is_set():\n"
                               "                        took.append(message)\n")), "is lost"),
            "each twice": (
                but(_ROTATE, ("                    took.append(pull.recv())\n",
                               "                    took.extend([pull.recv()] * 2)\n")), "taken twice"),
        },
    },
}
