# ruff: noqa: E501 (what is changed in an answer stands in one line with what it becomes)
"""Answers to the exercises of lesson 21, right and wrong. See ../lessons.py for the form."""

from pathlib import Path

import nbformat

_LESSON = nbformat.read(Path(__file__).parents[2] / "notebooks" / "21-which-of-two.ipynb", as_version=4)
_SHOWN = "ask", "half", "answer", "clerk"

# What the lesson's own cells define, and its answers may use.
SETUP = """import itertools
from types import SimpleNamespace

""" + "\n\n".join(next(cell.source for cell in _LESSON.cells if cell.id == id) for id in _SHOWN) + "\n"


def _changed(source: str, *changes: tuple[str, str]) -> str:
    """A right answer with some things changed."""
    for old, new in changes:
        assert source.count(old) == 1, (old, source.count(old))
        source = source.replace(old, new)
    return source


# One DEALER a try, and a deadline.
_STICKY = """
def sticky(ctx, endpoints, requests, patience):
    def one_try(endpoint, number, request):
        dealer = ctx.socket(zmq.DEALER)
        dealer.linger = 0
        try:
            dealer.connect(endpoint)
            dealer.send_multipart([b"", number, request])
            end = time.monotonic() + patience
            while True:
                left = end - time.monotonic()
                if left <= 0 or not dealer.poll(left * 1000):
                    return None
                empty, got, answer = dealer.recv_multipart()
                if got == number:
                    return answer
        finally:
            dealer.close()

    place, answers = 0, []
    for number, request in enumerate(requests):
        answer = None
        for _ in range(2 * len(endpoints)):
            answer = one_try(endpoints[place], str(number).encode(), request)
            if answer is not None:
                break
            place = (place + 1) % len(endpoints)
        answers.append(answer)
    return answers
"""

# The lesson's own socket for each try: a REQ hears one thing only.
_BY_REQ = """
def sticky(ctx, endpoints, requests, patience):
    ring = list(endpoints)
    answers = []
    for number, request in enumerate(requests):
        answer = None
        for _ in range(2 * len(ring)):
            with ctx.socket(zmq.REQ) as req:
                req.linger = 0
                req.rcvtimeo = int(patience * 1000)
                req.connect(ring[0])
                req.send_multipart([b"n%d" % number, request])
                try:
                    got, what = req.recv_multipart()
                    if got == b"n%d" % number:
                        answer = what
                        break
                except zmq.Again:
                    pass
            ring.append(ring.pop(0))
        answers.append(answer)
    return answers
"""

# A DEALER for each server, opened when it is asked and kept while it answers.
_KEPT = """
def sticky(ctx, endpoints, requests, patience):
    from uuid import uuid4
    place, dealer, answers = 0, None, []

    def connected():
        dealer = ctx.socket(zmq.DEALER)
        dealer.linger = 0
        dealer.connect(endpoints[place])
        return dealer

    try:
        for request in requests:
            number, answer = uuid4().bytes, None
            for _ in range(2 * len(endpoints)):
                dealer = dealer or connected()
                dealer.send_multipart([b"", number, request])
                end = time.monotonic() + patience
                while answer is None and dealer.poll(max(0, end - time.monotonic()) * 1000):
                    _, got, what = dealer.recv_multipart()
                    if got == number:
                        answer = what
                    elif time.monotonic() > end:
                        break
                if answer is not None:
                    break
                dealer.close()
                dealer = None
                place = (place + 1) % len(endpoints)
            answers.append(answer)
    finally:
        if dealer:
            dealer.close()
    return answers
"""

_BACKUP = """
def backup(ctx, front, news, peer, beat):
    router, pub, sub = ctx.socket(zmq.ROUTER), ctx.socket(zmq.PUB), ctx.socket(zmq.SUB)
    sub.setsockopt(zmq.SUBSCRIBE, b"")
    sub.connect(peer)
    router.bind(front)
    pub.bind(news)
    state, known = b"passive", 0
    last_heard = time.monotonic()
    next_beat = time.monotonic()
    poller = zmq.Poller()
    poller.register(router, zmq.POLLIN)
    poller.register(sub, zmq.POLLIN)
    try:
        while True:
            ready = dict(poller.poll(max(0, next_beat - time.monotonic()) * 1000))
            if sub in ready:
                what, number = sub.recv_multipart()
                last_heard = time.monotonic()
                if state == b"active" and what == b"active" and int(number) >= known:
                    state = b"passive"
                known = max(known, int(number))
            if router in ready:
                frames = router.recv_multipart()
                if state == b"passive" and time.monotonic() - last_heard > 3 * beat:
                    state = b"active"
                    known += 1
                if state == b"active":
                    router.send_multipart([*frames, str(known).encode()])
            if time.monotonic() >= next_beat:
                pub.send_multipart([state, str(known).encode()])
                next_beat = time.monotonic() + beat
    finally:
        for socket in (router, pub, sub):
            socket.close(linger=0)
"""

_MENDED = """
def mended(ctx, fronts, orders, patience):
    newest = 0
    here, there = fronts
    answers = []
    for number, order in enumerate(orders):
        told = None
        for _ in range(4):
            answer = ask(ctx, here, b"%d" % number, order, patience)
            if answer is not None and int(answer[1]) >= newest:
                newest = int(answer[1])
                told = answer
                break
            here, there = there, here
        answers.append(told)
    return answers
"""

CASES = {
    "21.1": {
        "right": {
            "a DEALER for each try": _STICKY,
            "a REQ for each try, and a list that turns": _BY_REQ,
            "a socket for as long as its server answers": _KEPT,
        },
        "wrong": {
            "two rounds, counted from the first in the list": (_changed(
                _STICKY, ("range(2 * len(endpoints))", "range(2 * len(endpoints) - place)")), "had not just two rounds"),
            "begins with the first each time": (
                _changed(_STICKY, ("        answer = None\n", "        answer, place = None, 0\n")),
                "does not begin with the server that answered last",
            ),
            "back to the first when one dies": (
                _changed(_STICKY, ("place = (place + 1) % len(endpoints)", "place = 0 if place else 1")),
                "the server after the silent one was not asked next",
            ),
            "whatever comes is the answer": (
                _changed(_STICKY, ("if got == number:", "if got:")),
                "an answer was taken that carried another number",
            ),
            "the lesson's ask": ("""
def sticky(ctx, endpoints, requests, patience):
    place, answers = 0, []
    for number, request in enumerate(requests):
        for _ in range(2 * len(endpoints)):
            answer = ask(ctx, endpoints[place], b"%d" % number, request, patience)
            if answer:
                break
            place = (place + 1) % len(endpoints)
        answers.append(answer[0] if answer else None)
    return answers
""", "an answer was taken that carried another number"),
            "a new patience for each message": (
                _changed(_STICKY, ("left = end - time.monotonic()", "left = patience")),
                "each message that comes gives a server a new patience",
            ),
            "one round": (
                _changed(_STICKY, ("range(2 * len(endpoints))", "range(len(endpoints))")),
                "had not just two rounds",
            ),
            "for ever": (
                _changed(_STICKY, ("for _ in range(2 * len(endpoints)):", "while answer is None:"),
                         ("if answer is not None:\n                break", "if answer is not None:\n                continue")),
                "does not come to an end",
            ),
            "the dead are asked again later": (
                _changed(
                    _STICKY,
                    ("    place, answers = 0, []\n", "    place, answers, kept = 0, [], {}\n"),
                    ("        dealer = ctx.socket(zmq.DEALER)\n        dealer.linger = 0\n",
                     "        new = endpoint not in kept\n        dealer = kept[endpoint] = kept.get(endpoint) or ctx.socket(zmq.DEALER)\n        dealer.linger = 0\n"),
                    ("            dealer.connect(endpoint)\n", "            if new:\n                dealer.connect(endpoint)\n"),
                    ("            dealer.close()\n", "            pass\n"),
                    ("        answers.append(answer)\n    return answers\n",
                     "        answers.append(answer)\n    for dealer in kept.values():\n        dealer.close()\n    return answers\n"),
                ),
                "a server that came back was handed an old request",
            ),
            "one number for all": (
                _changed(_STICKY, ("str(number).encode()", 'b"1"')),
                "two requests have the same number",
            ),
            "all at once": ("""
def sticky(ctx, endpoints, requests, patience):
    answers = []
    for number, request in enumerate(requests):
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.linger = 0
            for endpoint in endpoints:
                dealer.connect(endpoint)
            for _ in endpoints:
                dealer.send_multipart([b"", b"%d" % number, request])
            answers.append(dealer.recv_multipart()[2] if dealer.poll(patience * 1000) else None)
    return answers
""", "another server was asked although the first one answers"),
            "one REQ for a server": ("""
def sticky(ctx, endpoints, requests, patience):
    reqs = [ctx.socket(zmq.REQ) for _ in endpoints]
    for req, endpoint in zip(reqs, endpoints):
        req.linger = 0
        req.connect(endpoint)
    place, answers = 0, []
    try:
        for number, request in enumerate(requests):
            answer = None
            for _ in range(2 * len(endpoints)):
                reqs[place].send_multipart([b"%d" % number, request])
                if reqs[place].poll(patience * 1000):
                    answer = reqs[place].recv_multipart()[1]
                    break
                place = (place + 1) % len(endpoints)
            answers.append(answer)
    finally:
        for req in reqs:
            req.close()
    return answers
""", "current state"),
            "a quarter of the patience": (
                _changed(_STICKY, ("time.monotonic() + patience", "time.monotonic() + patience / 4")),
                "it did not wait for as long as it was to",
            ),
            "an empty answer is none": (
                _changed(_STICKY, ("if answer is not None:", "if answer:")),
                "another server was asked although the first one answers",
            ),
            "who never answered is left out": (
                _changed(_STICKY, ("        answers.append(answer)\n", "        if answer is not None:\n            answers.append(answer)\n")),
                "not every request has its answer",
            ),
        },
    },
    "21.2": {
        "right": {
            "a poller, three beats": _BACKUP,
            "the lesson's loop": """
def backup(ctx, front, news, peer, beat):
    with ctx.socket(zmq.ROUTER) as router, ctx.socket(zmq.PUB) as pub, ctx.socket(zmq.SUB) as sub:
        router.bind(front)
        pub.bind(news)
        sub.subscribe(b"")
        sub.connect(peer)
        me = SimpleNamespace(active=False, epoch=0, heard=time.monotonic())
        due = 0
        while True:
            if time.monotonic() >= due:
                due = time.monotonic() + beat
                pub.send_multipart([b"active" if me.active else b"passive", b"%d" % me.epoch])
            while sub.poll(0):
                state, number = sub.recv_multipart()
                me.heard = time.monotonic()
                me.active = me.active and (state == b"passive" or int(number) < me.epoch)
                me.epoch = max(me.epoch, int(number))
            if router.poll(5):
                request = router.recv_multipart()
                if not me.active and time.monotonic() - me.heard > 2.5 * beat:
                    me.active, me.epoch = True, me.epoch + 1
                if me.active:
                    router.send_multipart(request + [b"%d" % me.epoch])
""",
            "silence counted in missed beats": """
def backup(ctx, front, news, peer, beat):
    with ctx.socket(zmq.ROUTER) as router, ctx.socket(zmq.PUB) as pub, ctx.socket(zmq.SUB) as sub:
        router.bind(front)
        pub.bind(news)
        sub.subscribe(b"")
        sub.connect(peer)
        active, epoch, missed, due = False, 0, 0, time.monotonic()
        while True:
            if time.monotonic() >= due:
                due = time.monotonic() + beat
                missed += 1
                pub.send_multipart([(b"passive", b"active")[active], b"%d" % epoch])
            try:
                while True:
                    state, number = sub.recv_multipart(zmq.DONTWAIT)
                    missed, number = 0, int(number)
                    if state == b"active" and number >= epoch:
                        active = False
                    if number > epoch:
                        epoch = number
            except zmq.Again:
                pass
            if router.poll(max(1, (due - time.monotonic()) * 500)):
                request = router.recv_multipart()
                if not active and missed > 3:
                    active = True
                    epoch += 1
                if active:
                    router.send_multipart([*request, b"%d" % epoch])
""",
        },
        "wrong": {
            "becomes active by itself": (
                _changed(_BACKUP, ("            if time.monotonic() >= next_beat:\n", """
            if state == b"passive" and time.monotonic() - last_heard > 3 * beat:
                state = b"active"
                known += 1
            if time.monotonic() >= next_beat:
""")),
                "it became active by itself",
            ),
            "takes over at its start": (
                _changed(_BACKUP, ("b\"passive\", 0\n    last_heard = time.monotonic()\n", "b\"passive\", 0\n    last_heard = 0.0\n")),
                "it takes over when it has just begun",
            ),
            "gives up when both are active": (
                _changed(_BACKUP, ("                if state == b\"active\" and what == b\"active\" and int(number) >= known:\n                    state = b\"passive\"\n",
                                   "                if state == b\"active\" and what == b\"active\":\n                    return\n")),
                "came to its end",
            ),
            "goes, whatever the epoch": (
                _changed(_BACKUP, (" and int(number) >= known", "")),
                "the one that was overtaken must go, and here it is the backup that went",
            ),
            "answers although the primary lives": (
                _changed(_BACKUP, (" and time.monotonic() - last_heard > 3 * beat", "")),
                "it answers although the primary lives",
            ),
            "only an active primary lives": (
                _changed(_BACKUP, ("                last_heard = time.monotonic()\n                if state",
                                   "                last_heard = time.monotonic() if what == b\"active\" else last_heard\n                if state"),
                         ("> 3 * beat", "> 2 * beat")),
                "it answers although the primary lives",
            ),
            "goes at a passive one that is newer": (
                _changed(_BACKUP, ("what == b\"active\" and int(number) >= known",
                                   "(int(number) > known or what == b\"active\" and int(number) == known)")),
                "the other half is passive, and so is this one",
            ),
            "learns nothing while it is active": (
                _changed(_BACKUP, ("known = max(known, int(number))",
                                   "known = known if state == b\"active\" else max(known, int(number))")),
                "the epoch that it publishes is not the highest that it knows of",
            ),
            "never goes": (
                _changed(_BACKUP, ("int(number) >= known", "int(number) < 0")),
                "it goes on although it has been overtaken",
            ),
            "compares bytes": (
                _changed(_BACKUP, ("int(number) >= known", "number >= str(known).encode()")),
                "of 9 and 10 it takes 9 for the newer epoch",
            ),
            "of two equal ones it stays": (
                _changed(_BACKUP, ("int(number) >= known", "int(number) > known")),
                "of two at the same epoch both stay",
            ),
            "takes over before it compares": (
                _changed(_BACKUP,
                         ("                if state == b\"active\" and what", "                known = max(known, int(number))\n                if state == b\"active\" and what"),
                         ("int(number) >= known", "int(number) > known")),
                "it goes on although it has been overtaken",
            ),
            "forgets with a primary that has forgotten": (
                _changed(_BACKUP, ("known = max(known, int(number))", "known = int(number) if what == b\"passive\" else max(known, int(number))")),
                "the epoch that it publishes is not the highest that it knows of",
            ),
            "an epoch for each request": (
                _changed(_BACKUP, ("if state == b\"passive\" and time", "if time")),
                "the epoch of an answer is not the number of this take-over",
            ),
            "always epoch 1": (
                _changed(_BACKUP, ("                known = max(known, int(number))\n", "")),
                "the epoch that it publishes is not the highest that it knows of",
            ),
            "learns from an active one only": (
                _changed(_BACKUP, ("known = max(known, int(number))", "known = max(known, int(number)) if what == b\"active\" else known")),
                "the epoch",
            ),
            "drops the vote": (
                _changed(_BACKUP, ("                    known += 1\n", "                    known += 1\n                    continue\n")),
                "the primary is dead, a client asks, and nobody answers",
            ),
            "answers what it was asked before": (
                _changed(_BACKUP,
                         ("    state, known = b\"passive\", 0\n", "    state, known, kept = b\"passive\", 0, []\n"),
                         ("                    known += 1\n", "                    known += 1\n                    for old in kept:\n                        router.send_multipart([*old, str(known).encode()])\n"),
                         ("                if state == b\"active\":\n                    router", "                if state == b\"passive\":\n                    kept.append(frames)\n                if state == b\"active\":\n                    router")),
                "what was asked while the primary lived is answered later",
            ),
            "its heart stops while messages come": (
                _changed(_BACKUP, ("            if time.monotonic() >= next_beat:\n", "            if not ready:\n"),
                         ("max(0, next_beat - time.monotonic()) * 1000", "beat * 1000")),
                "its heart does not beat",
            ),
            "its heart stops while clients ask": ("""
def backup(ctx, front, news, peer, beat):
    with ctx.socket(zmq.ROUTER) as router, ctx.socket(zmq.PUB) as pub, ctx.socket(zmq.SUB) as sub:
        router.bind(front)
        pub.bind(news)
        sub.subscribe(b"")
        sub.connect(peer)
        active, epoch, heard = False, 0, time.monotonic()
        while True:
            request = router.recv_multipart() if router.poll(beat * 1000) else None
            while sub.poll(0):
                state, theirs = sub.recv_multipart()
                heard = time.monotonic()
                if state == b"active" and int(theirs) >= epoch:
                    active = False
                epoch = max(epoch, int(theirs))
            if request is None:
                pub.send_multipart([b"active" if active else b"passive", b"%d" % epoch])
                continue
            if not active and time.monotonic() - heard > 2 * beat:
                active, epoch = True, epoch + 1
            if active:
                router.send_multipart([*request, b"%d" % epoch])
""", "its heart stops while messages come"),
            "beats without a pause": (
                _changed(_BACKUP, ("            if time.monotonic() >= next_beat:\n", "            time.sleep(beat / 20)\n            if True:\n"),
                         ("max(0, next_beat - time.monotonic()) * 1000", "0")),
                "more often than once a beat",
            ),
            "goes when the primary is back, passive": (
                _changed(_BACKUP, ("and what == b\"active\" and int(number) >= known", "and int(number) >= known")),
                "the other half is passive, and so is this one",
            ),
            "goes when nobody asks for a while": (
                _changed(_BACKUP, ("    last_heard = time.monotonic()\n    next", "    last_heard = asked = time.monotonic()\n    next"),
                         ("                frames = router.recv_multipart()\n", "                frames = router.recv_multipart()\n                asked = time.monotonic()\n"),
                         ("            if time.monotonic() >= next_beat:\n", "            if time.monotonic() - asked > 6 * beat:\n                state = b\"passive\"\n            if time.monotonic() >= next_beat:\n")),
                "it went by itself",
            ),
            "takes a request for one frame": (
                _changed(_BACKUP, ("router.send_multipart([*frames, str(known).encode()])", "router.send_multipart([frames[0], frames[1], frames[-1], str(known).encode()])")),
                "that is no answer to the request",
            ),
            "three frames of state": (
                _changed(_BACKUP, ("pub.send_multipart([state, str(known).encode()])", "pub.send_multipart([b\"backup\", state, str(known).encode()])")),
                "that is no state of a half",
            ),
            "publishes the epoch of its own last take-over": (
                _changed(_BACKUP, ("    state, known = b\"passive\", 0\n", "    state, known, own = b\"passive\", 0, 0\n"),
                         ("                    known += 1\n", "                    known += 1\n                    own = known\n"),
                         ("pub.send_multipart([state, str(known).encode()])", "pub.send_multipart([state, str(own).encode()])")),
                "the epoch that it publishes is not the highest that it knows of",
            ),
            "the lesson's half": ("""
def backup(ctx, front, news, peer, beat):
    half(ctx, front, news, peer, b"backup", beat)
""", "that is no state of a half"),
        },
    },
    "21.3": {
        "right": {
            "two names that change places": _MENDED,
            "a set of what was seen": """
def mended(ctx, fronts, orders, patience):
    seen, at, answers = {0}, 0, []
    for number, order in enumerate(orders):
        for turn in range(4):
            answer = ask(ctx, fronts[at], b"%d" % number, order, patience)
            if answer and int(answer[1]) < max(seen):
                answer = None
            if answer:
                seen.add(int(answer[1]))
                break
            at ^= 1
        answers.append(answer)
    return answers
""",
            "by hand, with a DEALER": """
def mended(ctx, fronts, orders, patience):
    at, highest, answers = 0, -1, []
    for number, order in enumerate(orders):
        found = None
        for _ in range(4):
            with ctx.socket(zmq.DEALER) as dealer:
                dealer.linger = 0
                dealer.connect(fronts[at])
                dealer.send_multipart([b"", b"%d" % number, order])
                if dealer.poll(patience * 1000):
                    _, _, what, epoch = dealer.recv_multipart()
                    if int(epoch) >= highest:
                        found, highest = (what, epoch), int(epoch)
                        break
            at = 1 - at
        answers.append(found)
    return answers
""",
        },
        "wrong": {
            "the clerk as it is": ("""
def mended(ctx, fronts, orders, patience):
    return clerk(ctx, fronts, orders, patience)
""", "an answer was taken from a half that had been overtaken"),
            "compares bytes": (
                _changed(_MENDED, ("    newest = 0\n", "    newest = b\"0\"\n"), ("int(answer[1]) >= newest", "answer[1] >= newest"),
                         ("newest = int(answer[1])", "newest = answer[1]")),
                "of 9 and 10 it takes 9 for the newer epoch",
            ),
            "a number for each half": (
                _changed(_MENDED, ("    newest = 0\n", "    newest = {}\n"), ("int(answer[1]) >= newest", "int(answer[1]) >= newest.get(here, 0)"),
                         ("newest = int(answer[1])", "newest[here] = int(answer[1])")),
                "an answer was taken from a half that had been overtaken",
            ),
            "forgets it with each order": (
                _changed(_MENDED, ("        told = None\n", "        told, newest = None, 0\n")),
                "an answer was taken from a half that had been overtaken",
            ),
            "measures by what it refused": (
                _changed(_MENDED, ("            here, there = there, here\n", "            newest = int(answer[1]) + 1 if answer else newest\n            here, there = there, here\n")),
                "what was refused became the measure for what came next",
            ),
            "refuses an equal one": (
                _changed(_MENDED, ("int(answer[1]) >= newest", "int(answer[1]) > newest")),
                "an answer of an equal or a newer epoch was refused",
            ),
            "stays with the first that it knew": (
                _changed(_MENDED, ("int(answer[1]) >= newest", "(not newest or int(answer[1]) == newest)")),
                "an answer of an equal or a newer epoch was refused",
            ),
            "rather an old one than none": (
                _changed(_MENDED, ("        told = None\n", "        told = old = None\n"),
                         ("            here, there = there, here\n", "            old = answer or old\n            here, there = there, here\n"),
                         ("answers.append(told)", "answers.append(told or old)")),
                "an older answer was taken rather than none",
            ),
            "None at the first old one": (
                _changed(_MENDED, ("            here, there = there, here\n", "            here, there = there, here\n            if answer:\n                break\n")),
                "it gave an order up that the other half would have answered",
            ),
            "begins with the primary each time": (
                _changed(_MENDED, ("        told = None\n", "        told, (here, there) = None, fronts\n")),
                "it does not stay with the half that answers",
            ),
            "forgets when nobody answers": (
                _changed(_MENDED, ("        answers.append(told)\n", "        answers.append(told)\n        newest = newest if told else 0\n")),
                "when nobody had answered, it had forgotten the epoch",
            ),
            "never the primary again": (
                _changed(_MENDED, ("            here, there = there, here\n", "            here = fronts[1]\n")),
                "a half that was overtaken once is never believed again",
            ),
            "asks until somebody newer answers": (
                _changed(_MENDED, ("        for _ in range(4):", "        while True:")),
                "does not come to an end",
            ),
            "without the epoch": (
                _changed(_MENDED, ("told = answer\n", "told = answer[:1]\n")),
                "that is no answer of a half",
            ),
        },
    },
}
