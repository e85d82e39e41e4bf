"""Answers to the exercises of lesson 15, right and wrong. See ../lessons.py for the form."""

SETUP = """
import itertools
import sqlite3
from contextlib import closing, suppress
"""


def _patterns(**lines: str) -> str:
    chosen = {
        "ticket": "zmq.REQ, zmq.REP",
        "booking": "zmq.DEALER, zmq.ROUTER",
        "popcorn": "zmq.PUSH, zmq.PULL",
        "programme": "zmq.PUB, zmq.SUB",
        "usher": "zmq.ROUTER, zmq.DEALER",
        "projector": "zmq.PAIR, zmq.PAIR",
    } | lines
    return "def patterns():\n    return {" + ", ".join(f'"{name}": ({pair})' for name, pair in chosen.items()) + "}\n"


_BUSY = 'customers.send_multipart(frames[:frames.index(b"") + 1] + [b"BUSY"])'

# What most answers to 15.2 begin and end with; `%s` is what is done with `socket` and `frames`.
_DESK = """
def front_desk(ctx, orders, jobs, news):
    with ctx.socket(zmq.ROUTER) as customers, ctx.socket(zmq.DEALER) as workers, ctx.socket(zmq.PUB) as told:
        customers.bind(orders)
        workers.bind(jobs)
        told.bind(news)
        poller = zmq.Poller()
        poller.register(customers, zmq.POLLIN)
        poller.register(workers, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                frames = socket.recv_multipart()
                if socket is workers:
                    customers.send_multipart(frames)
                    told.send_multipart([b"out", frames[-1]])
                    continue
                try:
                    workers.send_multipart(frames, zmq.DONTWAIT)
                    told.send_multipart([b"in", frames[-1]])
                except zmq.Again:
                    %s
                    told.send_multipart([b"busy", frames[-1]])
"""

_CUSTOMER = """
def customer_who_repeats(ctx, orders, wishes, patience):
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger, req.rcvtimeo = 0, int(patience * 1000)
        req.connect(orders)
        for number, photo in wishes:
            answer = None
            while answer != [number, b"printed"]:
                req.send_multipart([number, photo])
                with suppress(zmq.Again):
                    answer = req.recv_multipart()
"""

_PRESS = """
def press_that_remembers(ctx, presses, album):
    with closing(sqlite3.connect(album)) as db, ctx.socket(zmq.REQ) as req:
        req.connect(presses)
        req.send(b"READY")
        while True:
            *way, number, photo = req.recv_multipart()
            with db:
                db.execute("INSERT OR IGNORE INTO prints VALUES (?, ?)", (number, photo))
            req.send_multipart([*way, number, b"printed"])
"""

CASES = {
    "15.1": {
        "right": {
            "ROUTER as till, REQ as usher": _patterns(ticket="zmq.REQ, zmq.ROUTER", usher="zmq.ROUTER, zmq.REQ"),
            "XPUB and XSUB, DEALERs share out": _patterns(
                programme="zmq.XPUB, zmq.XSUB", popcorn="zmq.DEALER, zmq.DEALER"),
            "numbers of types; kitchens as ROUTERs": _patterns(projector="0, 0", popcorn="zmq.DEALER, zmq.ROUTER"),
            "lists, made step by step": """
def patterns():
    chosen = dict(ticket=[zmq.REQ, zmq.REP], popcorn=[zmq.PUSH, zmq.PULL])
    chosen["booking"] = [zmq.DEALER, zmq.ROUTER]
    chosen["programme"] = [zmq.XPUB, zmq.SUB]
    chosen["usher"] = [zmq.ROUTER, zmq.DEALER]
    chosen["projector"] = [zmq.PAIR] * 2
    return chosen
""",
        },
        "wrong": {
            "kitchens that look for an envelope": (_patterns(popcorn="zmq.DEALER, zmq.REP"), "at one of two kitchens"),
            "orders in lockstep": (_patterns(popcorn="zmq.REQ, zmq.REP"), "`popcorn`: one side cannot send"),
            "a till that throws orders away": (_patterns(popcorn="zmq.ROUTER, zmq.DEALER"), "although there was no"),
            "one kitchen only": (_patterns(popcorn="zmq.PAIR, zmq.PAIR"), "`popcorn`"),
            "the office subscribes": (_patterns(programme="zmq.XSUB, zmq.XPUB"), "did not get the change as it was"),
            "tickets dealt": (_patterns(ticket="zmq.REQ, zmq.DEALER"), "`ticket`"),
            "a till that must wait for each usher": (_patterns(usher="zmq.REP, zmq.REQ"), "the office hears it"),
            "ushers who only answer": (_patterns(usher="zmq.ROUTER, zmq.REP"), "a REP could not send"),
            "ushers listen": (_patterns(usher="zmq.XPUB, zmq.XSUB"), "the usher whom the office has named"),
            "a projector with a name": (_patterns(projector="zmq.ROUTER, zmq.DEALER"), "`projector`"),
            "a projector that reads bytes": (_patterns(projector="zmq.STREAM, zmq.STREAM"), "`projector`"),
            "hall and website change places": (_patterns(booking="zmq.ROUTER, zmq.DEALER"), "`booking`"),
            "DEALER asks for tickets": (_patterns(ticket="zmq.DEALER, zmq.ROUTER"), "could ask again"),
            "REQ and REP for many bookings": (_patterns(booking="zmq.REQ, zmq.REP"), "one side cannot send"),
            "REQ and ROUTER for many bookings": (_patterns(booking="zmq.REQ, zmq.ROUTER"), "a REQ could not send"),
            "DEALER to DEALER": (_patterns(booking="zmq.DEALER, zmq.DEALER"), "had not asked"),
            "popcorn is published": (_patterns(popcorn="zmq.PUB, zmq.SUB"), "`popcorn`: an order was sent although"),
            "the programme is pushed": (_patterns(programme="zmq.PUSH, zmq.PULL"), "`programme`"),
            "the programme is dealt": (_patterns(programme="zmq.DEALER, zmq.DEALER"), "`programme`"),
            "ushers in turn": (_patterns(usher="zmq.DEALER, zmq.DEALER"), "another one went"),
            "ushers cannot speak": (_patterns(usher="zmq.PUSH, zmq.PULL"), "a PULL could not send"),
            "a projector in lockstep": (_patterns(projector="zmq.REQ, zmq.REP"), "`projector`"),
            "a DEALER lets others in": (_patterns(projector="zmq.DEALER, zmq.DEALER"), "a third one got into"),
            "the wrong way round": (_patterns(popcorn="zmq.PULL, zmq.PUSH"), "`popcorn`"),
            "types that never meet": (_patterns(ticket="zmq.REQ, zmq.PULL"), "`ticket`"),
            "names, not types": (_patterns(ticket='"REQ", "REP"'), "two socket types"),
            "one line is missing": (
                'def patterns():\n    return {"ticket": (zmq.REQ, zmq.REP)}\n', "not the six lines"),
            "printed, not returned": ('def patterns():\n    print("REQ and REP")\n', "`return` missing"),
        },
    },
    "15.2": {
        "right": {
            "asks for room first": """
def front_desk(ctx, orders, jobs, news):
    customers, workers, told = (ctx.socket(kind) for kind in (zmq.ROUTER, zmq.DEALER, zmq.XPUB))
    try:
        workers.sndhwm = 10
        customers.bind(orders)
        workers.bind(jobs)
        told.bind(news)
        poller = zmq.Poller()
        for socket in (workers, customers, told):
            poller.register(socket, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if told in ready:
                told.recv()
            if workers in ready:
                answer = workers.recv_multipart()
                customers.send_multipart(answer)
                told.send_multipart([b"out", answer[-1]])
            if customers in ready:
                order = customers.recv_multipart()
                if workers.poll(0, zmq.POLLOUT):
                    workers.send_multipart(order)
                    told.send_multipart([b"in", order[-1]])
                else:
                    cut = order.index(b"")
                    customers.send_multipart(order[:cut] + [b"", b"BUSY"])
                    told.send_multipart([b"busy", order[-1]])
    finally:
        for socket in (customers, workers, told):
            socket.close()
""",
            "send frame by frame, and a send that gives up": """
def envelope_of(frames):
    for frame in frames:
        yield frame
        if not frame:
            return

def front_desk(ctx, orders, jobs, news):
    with ctx.socket(zmq.ROUTER) as customers, ctx.socket(zmq.DEALER) as workers, ctx.socket(zmq.PUB) as told:
        workers.sndtimeo = 0
        customers.bind(orders)
        workers.bind(jobs)
        told.bind(news)
        while True:
            while customers.poll(2):
                frames = customers.recv_multipart()
                try:
                    for frame in frames[:-1]:
                        workers.send(frame, zmq.SNDMORE)
                    workers.send(frames[-1])
                    told.send_multipart([b"in", frames[-1]])
                except zmq.Again:
                    customers.send_multipart([*envelope_of(frames), b"BUSY"])
                    told.send_multipart([b"busy", frames[-1]])
                if workers.poll(0):
                    break
            while workers.poll(2):
                frames = workers.recv_multipart()
                customers.send_multipart(frames)
                told.send_multipart([b"out", frames[-1]])
                if customers.poll(0):
                    break
""",
        },
        "wrong": {
            "the lesson's desk, which waits": ("""
def front_desk(ctx, orders, jobs, news):
    with ctx.socket(zmq.ROUTER) as customers, ctx.socket(zmq.DEALER) as workers, ctx.socket(zmq.PUB) as told:
        customers.bind(orders)
        workers.bind(jobs)
        told.bind(news)
        zmq.proxy(customers, workers, told)
""", "`BUSY`, at once"),
            "all orders first, then answers": ((_DESK % _BUSY).replace(
                "frames = socket.recv_multipart()",
                "if socket is workers and customers.poll(0):\n                    continue\n"
                "                frames = socket.recv_multipart()"), "an answer waited behind orders"),
            "sends, and waits": (_DESK.replace(", zmq.DONTWAIT", "") % "pass", "`BUSY`, at once"),
            "BUSY without the empty frame": (
                _DESK % 'customers.send_multipart([frames[0], b"BUSY"])', "`BUSY`, at once"),
            "an envelope of two frames": (
                _DESK % 'customers.send_multipart([*frames[:2], b"BUSY"])', "`BUSY`, at once"),
            "BUSY in place of the last frame": (
                _DESK % 'customers.send_multipart([*frames[:-1], b"BUSY"])', "something else than BUSY"),
            "refuses in silence": (_DESK % "pass", "`BUSY`, at once"),
            "tells the first frame": (
                (_DESK % 'customers.send_multipart(frames[:frames.index(b"") + 1] + [b"BUSY"])').replace(
                    '[b"busy", frames[-1]]', '[b"busy", frames[0]]'), "not the news"),
            "no news of what is refused": (
                (_DESK % 'customers.send_multipart(frames[:frames.index(b"") + 1] + [b"BUSY"])').replace(
                    '                    told.send_multipart([b"busy", frames[-1]])\n', ""), "no news came"),
            "no news of answers": (
                (_DESK % 'customers.send_multipart(frames[:frames.index(b"") + 1] + [b"BUSY"])').replace(
                    '                    told.send_multipart([b"out", frames[-1]])\n', ""), "b'out'"),
            "pushes the news": (
                (_DESK % 'customers.send_multipart(frames[:frames.index(b"") + 1] + [b"BUSY"])').replace(
                    "zmq.PUB", "zmq.PUSH"), "`BUSY`, at once"),
            "one frame of each message": (
                (_DESK % 'customers.send_multipart(frames[:frames.index(b"") + 1] + [b"BUSY"])').replace(
                    "workers.send_multipart(frames, ", "workers.send_multipart([frames[0], b\"\", frames[-1]], "),
                "did not come as it was sent"),
            "waits for each answer": ("""
def front_desk(ctx, orders, jobs, news):
    with ctx.socket(zmq.ROUTER) as customers, ctx.socket(zmq.DEALER) as workers, ctx.socket(zmq.PUB) as told:
        customers.bind(orders)
        workers.bind(jobs)
        told.bind(news)
        while True:
            frames = customers.recv_multipart()
            try:
                workers.send_multipart(frames, zmq.DONTWAIT)
                told.send_multipart([b"in", frames[-1]])
                answer = workers.recv_multipart()
                customers.send_multipart(answer)
                told.send_multipart([b"out", answer[-1]])
            except zmq.Again:
                customers.send_multipart(frames[:frames.index(b"") + 1] + [b"BUSY"])
                told.send_multipart([b"busy", frames[-1]])
""", "b'in', b'photo'"),
            "waits a little for room": (
                (_DESK % _BUSY).replace("workers.bind(jobs)", "workers.sndtimeo = 300; workers.bind(jobs)").replace(
                    ", zmq.DONTWAIT", ""), "at once"),
            "waits a moment for room": (
                (_DESK % _BUSY).replace("workers.bind(jobs)", "workers.sndtimeo = 20; workers.bind(jobs)").replace(
                    ", zmq.DONTWAIT", ""), "told BUSY at once"),
            "polls for room, for a moment": (
                (_DESK % _BUSY).replace("                try:\n", "                workers.poll(20, zmq.POLLOUT)\n"
                                        "                try:\n"), "told BUSY at once"),
            "the last empty frame ends the envelope": (
                _DESK % 'customers.send_multipart(frames[:-1 - frames[::-1].index(b"")] + [b"", b"BUSY"])',
                "BUSY"),
            "news only of what is not empty": (
                (_DESK % _BUSY).replace('told.send_multipart([b"busy", frames[-1]])',
                                        'frames[-1] and told.send_multipart([b"busy", frames[-1]])'), "b'busy', b''"),
            "news as text": (
                (_DESK % _BUSY).replace('told.send_multipart([b"busy", frames[-1]])',
                                        'told.send_multipart([b"busy", frames[-1].decode().encode()])'), "decode"),
            "a customer who has left ends the desk": (
                (_DESK % _BUSY).replace("customers.bind(orders)", "customers.router_mandatory = 1; "
                                        "customers.bind(orders)"), "Host unreachable"),
            "waits for a customer who does not read": ("""
def patiently(customers, frames):
    try:
        customers.send_multipart(frames)
    except zmq.ZMQError as error:
        if error.errno != zmq.EHOSTUNREACH:
            raise
""" + (_DESK % _BUSY).replace("customers.send_multipart(", "patiently(customers, ").replace(
                "customers.bind(orders)", "customers.router_mandatory = 1; customers.bind(orders)"), ""),
            "news that no listener may miss": (
                (_DESK % _BUSY).replace("zmq.PUB", "zmq.XPUB").replace(
                    "told.bind(news)", "told.xpub_nodrop = True; told.bind(news)"), "BUSY"),
            "hands on, and says BUSY all the same": (
                (_DESK % _BUSY).replace("try:\n", "try:\n                    if len(pending) >= 500: raise zmq.Again\n"
                                        ).replace("while True:", "pending = []\n        while True:").replace(
                    '                    told.send_multipart([b"busy"',
                    '                    with suppress(zmq.Again): workers.send_multipart(frames, zmq.DONTWAIT)\n'
                    '                    told.send_multipart([b"busy"').replace(
                    'told.send_multipart([b"in", frames[-1]])',
                    'told.send_multipart([b"in", frames[-1]]); pending.append(1)'), "one"),
            "keeps what finds no room, in silence": ("""
def front_desk(ctx, orders, jobs, news):
    with ctx.socket(zmq.ROUTER) as customers, ctx.socket(zmq.DEALER) as workers, ctx.socket(zmq.PUB) as told:
        workers.sndhwm = 0
        customers.bind(orders)
        workers.bind(jobs)
        told.bind(news)
        poller = zmq.Poller()
        poller.register(customers, zmq.POLLIN)
        poller.register(workers, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                frames = socket.recv_multipart()
                if socket is workers:
                    customers.send_multipart(frames)
                    told.send_multipart([b"out", frames[-1]])
                    continue
                try:
                    workers.send_multipart(frames, zmq.DONTWAIT)
                    told.send_multipart([b"in", frames[-1]])
                except zmq.Again:
                    customers.send_multipart(frames[:frames.index(b"") + 1] + [b"BUSY"])
                    told.send_multipart([b"busy", frames[-1]])
""", "have all they can hold"),
            "REP at the front": ("""
def front_desk(ctx, orders, jobs, news):
    with ctx.socket(zmq.REP) as customers, ctx.socket(zmq.DEALER) as workers, ctx.socket(zmq.PUB) as told:
        customers.bind(orders)
        workers.bind(jobs)
        told.bind(news)
        while True:
            order = customers.recv_multipart()
            try:
                workers.send_multipart([b"", *order], zmq.DONTWAIT)
                answer = workers.recv_multipart()[1:]
                told.send_multipart([b"in", order[-1]])
            except zmq.Again:
                answer = [b"BUSY"]
                told.send_multipart([b"busy", order[-1]])
            customers.send_multipart(answer)
""", "without its envelope"),
        },
    },
    "15.3": {
        "right": {
            "a new REQ for each try; the key refuses": """
def ask(ctx, orders, frames, patience):
    with ctx.socket(zmq.REQ) as req:
        req.linger = 0
        req.connect(orders)
        req.send_multipart(frames)
        return req.recv_multipart() if req.poll(patience * 1000) else None

def customer_who_repeats(ctx, orders, wishes, patience):
    for number, photo in wishes:
        while ask(ctx, orders, [number, photo], patience) != [number, b"printed"]:
            pass

def press_that_remembers(ctx, presses, album):
    with ctx.socket(zmq.REQ) as req:
        req.connect(presses)
        req.send(b"READY")
        while True:
            frames = req.recv_multipart()
            number, photo = frames[-2:]
            db = sqlite3.connect(album)
            try:
                db.execute("INSERT INTO prints VALUES (?, ?)", (number, photo))
                db.commit()
            except sqlite3.IntegrityError:
                pass
            finally:
                db.close()
            req.send_multipart(frames[:-1] + [b"printed"])
""",
            "DEALERs, and a deadline": """
def customer_who_repeats(ctx, orders, wishes, patience):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(orders)
        for number, photo in wishes:
            printed = False
            while not printed:
                dealer.send_multipart([b"", number, photo])
                deadline = time.monotonic() + patience
                while not printed and dealer.poll(max(0, deadline - time.monotonic()) * 1000):
                    printed = dealer.recv_multipart() == [b"", number, b"printed"]

def press_that_remembers(ctx, presses, album):
    db = sqlite3.connect(album, isolation_level=None, timeout=10)
    dealer = ctx.socket(zmq.DEALER)
    try:
        dealer.connect(presses)
        dealer.send_multipart([b"", b"READY"])
        while True:
            *way, number, photo = dealer.recv_multipart()
            db.execute("BEGIN IMMEDIATE")
            if not db.execute("SELECT 1 FROM prints WHERE number = ?", (number,)).fetchone():
                db.execute("INSERT INTO prints VALUES (?, ?)", (number, photo))
            db.execute("COMMIT")
            dealer.send_multipart([*way, number, b"printed"])
    finally:
        dealer.close()
        db.close()
""",
        },
        "wrong": {
            "asks once, and waits": ("""
def customer_who_repeats(ctx, orders, wishes, patience):
    with ctx.socket(zmq.REQ) as req:
        req.connect(orders)
        for number, photo in wishes:
            req.send_multipart([number, photo])
            req.recv_multipart()
""" + _PRESS, "the same order again"),
            "repeats in lockstep": ("""
def customer_who_repeats(ctx, orders, wishes, patience):
    with ctx.socket(zmq.REQ) as req:
        req.linger = 0
        req.connect(orders)
        for number, photo in wishes:
            answer = None
            while answer != [number, b"printed"]:
                req.send_multipart([number, photo])
                if req.poll(patience * 1000):
                    answer = req.recv_multipart()
""" + _PRESS, "current state"),
            "a new number for each try": ("""
def customer_who_repeats(ctx, orders, wishes, patience):
    fresh = itertools.count(100)
    for number, photo in wishes:
        answer = None
        while answer is None:
            with ctx.socket(zmq.REQ) as req:
                req.linger = 0
                req.connect(orders)
                req.send_multipart([number, photo])
                if req.poll(patience * 1000):
                    answer = req.recv_multipart()
            number = b"%d" % next(fresh)
""" + _PRESS, "not repeated as it was"),
            "gives up after two tries": ("""
def customer_who_repeats(ctx, orders, wishes, patience):
    for number, photo in wishes:
        for _ in range(2):
            with ctx.socket(zmq.REQ) as req:
                req.linger = 0
                req.connect(orders)
                req.send_multipart([number, photo])
                if req.poll(patience * 1000):
                    req.recv_multipart()
                    break
""" + _PRESS, "order"),
            "gives up after five tries": (_CUSTOMER.replace(
                '            while answer != [number, b"printed"]:\n',
                '            for _ in range(5):\n                if answer == [number, b"printed"]:\n'
                '                    break\n') + _PRESS, "or given up"),
            "each old answer gives it new patience": ("""
def customer_who_repeats(ctx, orders, wishes, patience):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(orders)
        for number, photo in wishes:
            answer = None
            while answer is None:
                dealer.send_multipart([b"", number, photo])
                while dealer.poll(patience * 1000):
                    answer = dealer.recv_multipart()
                    if answer == [b"", number, b"printed"]:
                        break
                    answer = None
""" + _PRESS, "again and again, late"),
            "takes any answer": ("""
def customer_who_repeats(ctx, orders, wishes, patience):
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = True
        req.linger, req.rcvtimeo = 0, int(patience * 1000)
        req.connect(orders)
        for number, photo in wishes:
            answer = None
            while answer is None:
                req.send_multipart([number, photo])
                with suppress(zmq.Again):
                    answer = req.recv_multipart()
""" + _PRESS, "old answer was taken for a new one"),
            "all at once": ("""
def customer_who_repeats(ctx, orders, wishes, patience):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(orders)
        open_orders = {number: photo for number, photo in wishes}
        while open_orders:
            for number, photo in open_orders.items():
                dealer.send_multipart([b"", number, photo])
            while dealer.poll(patience * 1000):
                open_orders.pop(dealer.recv_multipart()[1], None)
""" + _PRESS, "not repeated as it was"),
            "repeats without a pause": ("""
def customer_who_repeats(ctx, orders, wishes, patience):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(orders)
        for number, photo in wishes:
            while True:
                dealer.send_multipart([b"", number, photo])
                if dealer.poll(10) and dealer.recv_multipart()[1] == number:
                    break
""" + _PRESS, "repeated too soon"),
            "prints whatever comes": (_CUSTOMER + """
def press_that_remembers(ctx, presses, album):
    with closing(sqlite3.connect(album)) as db, ctx.socket(zmq.REQ) as req:
        req.connect(presses)
        req.send(b"READY")
        while True:
            *way, number, photo = req.recv_multipart()
            with db:
                db.execute("INSERT INTO prints VALUES (?, ?)", (number, photo))
            req.send_multipart([*way, number, b"printed"])
""", "IntegrityError"),
            "each press remembers for itself": (_CUSTOMER + """
def press_that_remembers(ctx, presses, album):
    printed = set()
    with closing(sqlite3.connect(album)) as db, ctx.socket(zmq.REQ) as req:
        req.connect(presses)
        req.send(b"READY")
        while True:
            *way, number, photo = req.recv_multipart()
            if number not in printed:
                with db:
                    db.execute("INSERT INTO prints VALUES (?, ?)", (number, photo))
                printed.add(number)
            req.send_multipart([*way, number, b"printed"])
""", "IntegrityError"),
            "no answer to a repeat": (_CUSTOMER + """
def press_that_remembers(ctx, presses, album):
    with closing(sqlite3.connect(album)) as db, ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(presses)
        dealer.send_multipart([b"", b"READY"])
        while True:
            *way, number, photo = dealer.recv_multipart()
            with db:
                new = db.execute("INSERT OR IGNORE INTO prints VALUES (?, ?)", (number, photo)).rowcount
            if new:
                dealer.send_multipart([*way, number, b"printed"])
""", "its answer was lost"),
            "looks, then prints": (_CUSTOMER + """
def press_that_remembers(ctx, presses, album):
    with closing(sqlite3.connect(album)) as db, ctx.socket(zmq.REQ) as req:
        req.connect(presses)
        req.send(b"READY")
        while True:
            *way, number, photo = req.recv_multipart()
            if not db.execute("SELECT 1 FROM prints WHERE number = ?", (number,)).fetchone():
                with db:
                    db.execute("INSERT INTO prints VALUES (?, ?)", (number, photo))
            req.send_multipart([*way, number, b"printed"])
""", "IntegrityError"),
            "prints anew": (_CUSTOMER + _PRESS.replace("OR IGNORE", "OR REPLACE"), "printed anew"),
            "looks, then prints anew": (_CUSTOMER + """
def press_that_remembers(ctx, presses, album):
    with closing(sqlite3.connect(album)) as db, ctx.socket(zmq.REQ) as req:
        req.connect(presses)
        req.send(b"READY")
        while True:
            *way, number, photo = req.recv_multipart()
            if not db.execute("SELECT 1 FROM prints WHERE number = ?", (number,)).fetchone():
                with db:
                    db.execute("REPLACE INTO prints VALUES (?, ?)", (number, photo))
            req.send_multipart([*way, number, b"printed"])
""", "printed anew"),
            "the same photo is the same order": (_CUSTOMER + _PRESS.replace(
                'db.execute("INSERT OR IGNORE INTO prints VALUES (?, ?)", (number, photo))',
                'db.execute("INSERT OR IGNORE INTO prints SELECT ?, ? WHERE NOT EXISTS '
                '(SELECT 1 FROM prints WHERE photo = ?)", (number, photo, photo))'), ""),
            "numbers as text": (_CUSTOMER + _PRESS.replace("(number, photo))", "(number.decode(), photo))"), ""),
            "READY after each job": (_CUSTOMER + """
def press_that_remembers(ctx, presses, album):
    with closing(sqlite3.connect(album)) as db:
        while True:
            with ctx.socket(zmq.REQ) as req:
                req.connect(presses)
                req.send(b"READY")
                *way, number, photo = req.recv_multipart()
                with db:
                    db.execute("INSERT OR IGNORE INTO prints VALUES (?, ?)", (number, photo))
                req.send_multipart([*way, number, b"printed"])
""", ""),
            "a press that gives up on a busy album": (_CUSTOMER + _PRESS.replace(
                "sqlite3.connect(album)", "sqlite3.connect(album, timeout=0)"), "locked"),
            "asks whether, then waits": ("""
def customer_who_repeats(ctx, orders, wishes, patience):
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.connect(orders)
        for number, photo in wishes:
            answer = None
            while answer != [number, b"printed"]:
                req.send_multipart([number, photo])
                if req.poll(patience * 1000):
                    answer = req.recv_multipart()
""" + _PRESS, "none for the second order"),
            "the number is enough": (_CUSTOMER.replace(
                "answer = None", 'answer = b"",').replace('answer != [number, b"printed"]', "answer[0] != number")
                + _PRESS, "taken for printed that was not"),
            "an answer is an answer": (_CUSTOMER.replace('answer != [number, b"printed"]', "answer is None") + _PRESS,
                                       "taken for printed that was not"),
            "a patience of its own": (_CUSTOMER.replace("int(patience * 1000)", "1000") + _PRESS, "repeated too late"),
            "leaves out what is empty": (_CUSTOMER.replace(
                "for number, photo in wishes:", "for number, photo in filter(all, wishes):") + _PRESS, ""),
            "never commits": (_CUSTOMER + _PRESS.replace("with db:", "if db:"), "does not hold each photo once"),
            "answers before it prints": (_CUSTOMER + """
def press_that_remembers(ctx, presses, album):
    with closing(sqlite3.connect(album)) as db, ctx.socket(zmq.REQ) as req:
        req.connect(presses)
        req.send(b"READY")
        while True:
            *way, number, photo = req.recv_multipart()
            req.send_multipart([*way, number, b"printed"])
            with db:
                db.execute("INSERT OR IGNORE INTO prints VALUES (?, ?)", (number, photo))
""", ""),
            "loses the way back": (_CUSTOMER + _PRESS.replace("[*way, number,", "[number,"), "not the answer"),
            "never says READY": (_CUSTOMER + _PRESS.replace('req.send(b"READY")\n', "pass\n"), ""),
        },
    },
}
