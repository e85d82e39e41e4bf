"""Answers to lesson 12: who is served next."""

SETUP = """
import itertools
import random
from collections import Counter, defaultdict, deque
from contextlib import ExitStack
from itertools import count
from math import inf

def jain(shares):
    return sum(shares) ** 2 / (len(shares) * sum(x * x for x in shares))

def served(trace, reader="reader"):
    sent = {}
    for m in trace.messages:
        sent[m.frames] = min(m.sent, sent.get(m.frames, inf))
    read = [m for m in trace.messages if m.received and trace.role_of(m.target) == reader]
    return [(m.frames[0].split()[0].decode(), sent[m.frames], m.received) for m in read]
"""

_CLASSES = """
def by_class(ctx, endpoints, handle):
    with ExitStack() as stack:
        pulls, poller = [], zmq.Poller()
        for endpoint in endpoints:
            pull = stack.enter_context(ctx.socket(zmq.PULL))
            pull.bind(endpoint)
            poller.register(pull, zmq.POLLIN)
            pulls.append(pull)
"""

_TWO = """
def three_to_one(ctx, urgent, normal, handle):
    with ctx.socket(zmq.PULL) as first, ctx.socket(zmq.PULL) as second:
        poller = zmq.Poller()
        for pull, endpoint in (first, urgent), (second, normal):
            pull.bind(endpoint)
            poller.register(pull, zmq.POLLIN)
"""

CASES = {
    "12.1": {
        "right": {
            "from the connections": """
def fairness(trace, reader, senders):
    count = dict.fromkeys(senders, 0)
    into = {c.id: trace.role_of(c.source) for c in trace.connections if trace.role_of(c.target) == reader}
    for m in trace.messages:
        name = into.get(m.connection)
        if name in count and m.fate == "received":
            count[name] += 1
    return jain(count.values())
""",
            "the lesson's served": """
def fairness(trace, reader, senders):
    names = [name for name, sent, read in served(trace, reader)]
    return jain([names.count(name) for name in senders])
""",
            "the formula by hand, over the sockets' roles": """
def fairness(trace, reader, senders):
    shares = []
    for name in senders:
        mine = {s.id for s in trace.sockets if s.role == name}
        desks = {s.id for s in trace.sockets if s.role == reader}
        shares.append(len([m for m in trace.messages if m.source in mine and m.target in desks and m.received]))
    total = sum(shares)
    return total * total / len(shares) / sum(share ** 2 for share in shares)
""",
        },
        "wrong": {
            "what was sent": ("""
def fairness(trace, reader, senders):
    sent = Counter(trace.role_of(m.source) for m in trace.messages)
    return jain([sent[name] for name in senders])
""", "not the index"),
            "whoever read it": ("""
def fairness(trace, reader, senders):
    got = Counter(trace.role_of(m.source) for m in trace.messages if m.received)
    return jain([got[name] for name in senders])
""", "not the index"),
            "leaves out who was not served": ("""
def fairness(trace, reader, senders):
    got = Counter(trace.role_of(m.source) for m in trace.messages if m.received and trace.role_of(m.target) == reader)
    return jain([got[name] for name in senders if name in got])
""", "returned 1"),
            "every sender that there is": ("""
def fairness(trace, reader, senders):
    got = Counter(trace.role_of(m.source) for m in trace.messages if m.received and trace.role_of(m.target) == reader)
    return jain(got.values())
""", "stranger"),
            "a share for each socket": ("""
def fairness(trace, reader, senders):
    got = Counter()
    for m in trace.messages:
        if m.received and trace.role_of(m.target) == reader:
            got[m.source] += 1
    return jain([got[s.id] for s in trace.sockets if s.role in senders])
""", "not the index"),
            "forgets n": ("""
def fairness(trace, reader, senders):
    got = Counter(trace.role_of(m.source) for m in trace.messages if m.received and trace.role_of(m.target) == reader)
    shares = [got[name] for name in senders]
    return sum(shares) ** 2 / sum(x * x for x in shares)
""", "returned 2"),
            "least by most": ("""
def fairness(trace, reader, senders):
    got = Counter(trace.role_of(m.source) for m in trace.messages if m.received and trace.role_of(m.target) == reader)
    return min(got[name] for name in senders) / max(got[name] for name in senders)
""", "0.7576"),
            "counts bytes": ("""
def fairness(trace, reader, senders):
    got = Counter()
    for m in trace.messages:
        if m.received and trace.role_of(m.target) == reader:
            got[trace.role_of(m.source)] += m.size * len(m.frames[0])
    return jain([got[name] for name in senders])
""", ""),
            "no return": ("""
def fairness(trace, reader, senders):
    got = Counter(trace.role_of(m.source) for m in trace.messages if m.received and trace.role_of(m.target) == reader)
    jain([got[name] for name in senders])
""", "is a `return` missing"),
            "the lesson's served, for a reader of another name": ("""
def fairness(trace, reader, senders):
    got = Counter(name for name, sent, read in served(trace))
    return jain([got[name] for name in senders])
""", "division by zero"),
        },
    },
    "12.2": {
        "right": {
            "asks each in turn, from the top": _CLASSES + """
        while True:
            poller.poll()
            for pull in pulls:
                if pull.poll(0):
                    handle(pull.recv_multipart())
                    break
""",
            "tries to receive": _CLASSES + """
        while True:
            for pull in pulls:
                try:
                    frames = pull.recv_multipart(zmq.DONTWAIT)
                except zmq.Again:
                    continue
                handle(frames)
                break
            else:
                poller.poll()
""",
            "zmq.select, and places in the list": """
def by_class(ctx, endpoints, handle):
    pulls = [ctx.socket(zmq.PULL) for _ in endpoints]
    try:
        for pull, endpoint in zip(pulls, endpoints):
            pull.bind(endpoint)
        while True:
            ready, _, _ = zmq.select(pulls, [], [])
            handle(min(ready, key=pulls.index).recv_multipart())
    finally:
        for pull in pulls:
            pull.close()
""",
            "a limit on poll": _CLASSES + """
        while True:
            ready = dict(poller.poll(200))
            for pull in pulls:
                if pull in ready:
                    handle(pull.recv_multipart())
                    break
""",
        },
        "wrong": {
            "one of each that is ready": (_CLASSES + """
        while True:
            for pull, _ in poller.poll():
                handle(pull.recv_multipart())
""", "was handled while one of `high` was waiting"),
            "empties the one it is at": (_CLASSES + """
        while True:
            poller.poll()
            for pull in pulls:
                while pull.poll(0):
                    handle(pull.recv_multipart())
""", "while one of `high` was waiting"),
            "empties the urgent ones, then one of each other": (_CLASSES + """
        while True:
            poller.poll()
            while pulls[0].poll(0):
                handle(pulls[0].recv_multipart())
            for pull in pulls[1:]:
                if pull.poll(0):
                    handle(pull.recv_multipart())
""", "while one of"),
            "waits for the urgent one": (_CLASSES + """
        while True:
            handle(pulls[0].recv_multipart())
            for pull in pulls[1:]:
                if pull.poll(0):
                    handle(pull.recv_multipart())
""", "while there is none for"),
            "asks again and again": (_CLASSES + """
        while True:
            for pull in pulls:
                if pull.poll(0):
                    handle(pull.recv_multipart())
                    break
""", "does not sleep"),
            "a limit of nothing": (_CLASSES + """
        while True:
            ready = dict(poller.poll(0))
            for pull in pulls:
                if pull in ready:
                    handle(pull.recv_multipart())
                    break
""", "does not sleep"),
            "the first frame only": (_CLASSES + """
        while True:
            ready = dict(poller.poll())
            handle([next(pull for pull in pulls if pull in ready).recv()])
""", "not handled as it was sent"),
            "frame by frame": (_CLASSES + """
        while True:
            ready = dict(poller.poll())
            handle(next(pull for pull in pulls if pull in ready).recv())
""", "a list with all frames"),
            "the other way round": (_CLASSES + """
        while True:
            ready = dict(poller.poll())
            handle(next(pull for pull in reversed(pulls) if pull in ready).recv_multipart())
""", "was handled"),
            "takes one more in advance": (_CLASSES + """
        waiting = []
        while True:
            ready = dict(poller.poll(0 if waiting else None))
            waiting += [(n, pull.recv_multipart()) for n, pull in enumerate(pulls) if pull in ready]
            waiting.sort(key=lambda each: each[0])
            if len(waiting) > 1 or not ready:
                handle(waiting.pop(0)[1])
                if waiting:
                    handle(waiting.pop(0)[1])
""", "was handled while one of"),
            "one socket for all": ("""
def by_class(ctx, endpoints, handle):
    with ctx.socket(zmq.PULL) as pull:
        for endpoint in endpoints:
            pull.bind(endpoint)
        while True:
            pull.poll()
            handle(pull.recv_multipart())
""", "was handled"),
            "two classes and no more": ("""
def by_class(ctx, endpoints, handle):
    with ctx.socket(zmq.PULL) as first, ctx.socket(zmq.PULL) as second:
        first.bind(endpoints[0])
        second.bind(endpoints[1])
        poller = zmq.Poller()
        poller.register(first, zmq.POLLIN)
        poller.register(second, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            handle((first if first in ready else second).recv_multipart())
""", "`low`"),
            "connects": ("""
def by_class(ctx, endpoints, handle):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(endpoints[0])
        while True:
            handle(pull.recv_multipart())
""", ""),
        },
    },
    "12.3": {
        "right": {
            "three tries at one, then one at the other": _TWO + """
        while True:
            poller.poll()
            for _ in range(3):
                if first.poll(0):
                    handle(first.recv_multipart())
            if second.poll(0):
                handle(second.recv_multipart())
""",
            "round and round a list of turns": _TWO + """
        for turn in itertools.cycle([first, first, second, first]):
            poller.poll()
            if turn.poll(0):
                handle(turn.recv_multipart())
""",
            "credit, filled up while no normal one waits": _TWO + """
        credit = 3
        while True:
            ready = [pull for pull, _ in poller.poll()]
            if first in ready and (credit > 0 or second not in ready):
                handle(first.recv_multipart())
                credit = credit - 1 if second in ready else 3
            else:
                handle(second.recv_multipart())
                credit = 3
""",
        },
        "wrong": {
            "strictly urgent first": (_TWO + """
        while True:
            ready = dict(poller.poll())
            handle((first if first in ready else second).recv_multipart())
""", "not three to one"),
            "one of each": (_TWO + """
        while True:
            for pull, _ in poller.poll():
                handle(pull.recv_multipart())
""", "not three to one"),
            "waits for whoever's turn it is": (_TWO + """
        while True:
            for _ in range(3):
                handle(first.recv_multipart())
            handle(second.recv_multipart())
""", "while there is none for"),
            "an urgent one must come after three": (_TWO + """
        while True:
            for _ in range(3):
                if first.poll(0):
                    handle(first.recv_multipart())
            handle(second.recv_multipart())
""", ""),
            "counts from the beginning": (_TWO + """
        done = Counter()
        while True:
            ready = dict(poller.poll())
            mine = first if done[first] < 3 * done[second] else second
            if mine not in ready:
                mine = next(iter(ready))
            done[mine] += 1
            handle(mine.recv_multipart())
""", "not three to one"),
            "by chance": (_TWO + """
        while True:
            ready = dict(poller.poll())
            mine = random.choice([first, first, first, second])
            handle((mine if mine in ready else next(iter(ready))).recv_multipart())
""", "not three to one"),
            "two to one": (_TWO + """
        while True:
            poller.poll()
            for _ in range(2):
                if first.poll(0):
                    handle(first.recv_multipart())
            if second.poll(0):
                handle(second.recv_multipart())
""", "not three to one"),
            "four to one": (_TWO + """
        ahead = 0
        while True:
            ready = dict(poller.poll())
            if first in ready and (ahead <= 3 or second not in ready):
                handle(first.recv_multipart())
                ahead += 1
            else:
                handle(second.recv_multipart())
                ahead = 0
""", "not three to one"),
            "three normal ones to one urgent": (_TWO + """
        while True:
            poller.poll()
            for _ in range(3):
                if second.poll(0):
                    handle(second.recv_multipart())
            if first.poll(0):
                handle(first.recv_multipart())
""", "not three to one"),
            "asks again and again": (_TWO + """
        while True:
            for _ in range(3):
                if first.poll(0):
                    handle(first.recv_multipart())
            if second.poll(0):
                handle(second.recv_multipart())
""", "does not sleep"),
            "never forgets the count": (_TWO + """
        ahead = 0
        while True:
            ready = dict(poller.poll())
            if first in ready and (ahead < 3 or second not in ready):
                handle(first.recv_multipart())
                ahead += 1
            else:
                handle(second.recv_multipart())
                ahead -= 3
""", "not three to one"),
            "frames apart": (_TWO + """
        while True:
            poller.poll()
            for pull, many in (first, 3), (second, 1):
                for _ in range(many):
                    if pull.poll(0):
                        handle([pull.recv()])
""", "not handled as it was sent"),
        },
    },
}
