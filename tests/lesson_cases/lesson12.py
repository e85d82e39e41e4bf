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

_BROKER = """
def fair_broker(ctx, front, back):
    queues, asked = {}, False
    asked = False
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as rep:
        poller = zmq.Poller()
        for socket, endpoint in (pull, front), (rep, back):
            socket.bind(endpoint)
            poller.register(socket, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            while pull.poll(0):
                client, *frames = pull.recv_multipart()
                queues.setdefault(client, deque()).append(frames)
            if rep in ready:
                rep.recv()
                asked = True
            if asked and queues:
                client = next(iter(queues))
                mine = queues.pop(client)
                rep.send_multipart([client, *mine.popleft()])
                if mine:
                    queues[client] = mine
                asked = False
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
            "for a reader of another name": ("""
def fairness(trace, reader, senders):
    into = [m for m in trace.messages if m.received and trace.role_of(m.target) == "reader"]
    got = Counter(trace.role_of(m.source) for m in into)
    return jain([got[name] for name in senders])
""", "division by zero"),
            "counts by the name in the message": ("""
def fairness(trace, reader, senders):
    names = [name for name, sent, read in served(trace, reader)]
    return jain([names.count(name) for name in senders])
""", ""),
            "a name that begins so": ("""
def fairness(trace, reader, senders):
    got = Counter()
    for m in trace.messages:
        if m.received and trace.role_of(m.target) == reader:
            for name in senders:
                got[name] += trace.role_of(m.source).startswith(name)
    return jain([got[name] for name in senders])
""", "not the index"),
            "the first hundred thousandths": ("""
def fairness(trace, reader, senders):
    got = Counter(trace.role_of(m.source) for m in trace.messages if m.received and trace.role_of(m.target) == reader)
    return round(jain([got[name] for name in senders]), 1)
""", "not the index"),
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
            "asks again every millisecond": (_CLASSES + """
        while True:
            ready = dict(poller.poll(1))
            for pull in pulls:
                if pull in ready:
                    handle(pull.recv_multipart())
                    break
""", "does not sleep"),
            "sleeps a little, and looks": (_CLASSES + """
        while True:
            for pull in pulls:
                if pull.poll(0):
                    handle(pull.recv_multipart())
                    break
            else:
                time.sleep(0.002)
""", "does not sleep"),
            "no more than three classes": (_CLASSES.replace("in endpoints", "in endpoints[:3]") + """
        while True:
            ready = dict(poller.poll())
            handle(next(pull for pull in pulls if pull in ready).recv_multipart())
""", "with 7 endpoints"),
            "by its name": (_CLASSES + """
        names = dict(zip(pulls, endpoints))
        while True:
            ready = dict(poller.poll())
            handle(max(ready, key=names.get).recv_multipart())
""", "was handled while one of"),
            "nobody starves": (_CLASSES + """
        row = 0
        while True:
            ready = dict(poller.poll())
            mine = [pull for pull in pulls if pull in ready]
            row = 0 if row == 6 else row + 1
            handle((mine[-1] if row == 6 else mine[0]).recv_multipart())
""", "was handled while one of"),
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
            "every fourth is a normal one": _TWO + """
        turn = 0
        while True:
            ready = dict(poller.poll())
            if second in ready and (turn % 4 == 0 or first not in ready):
                handle(second.recv_multipart())
            else:
                handle(first.recv_multipart())
            turn += 1
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
            "asks again every millisecond": (_TWO + """
        ahead = 0
        while True:
            ready = dict(poller.poll(1))
            if not ready:
                continue
            if first in ready and (ahead < 3 or second not in ready):
                handle(first.recv_multipart())
                ahead += 1
            else:
                handle(second.recv_multipart())
                ahead = 0
""", "does not sleep"),
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
    "12.4": {
        "right": {
            "a list of turns, and a ROUTER for workers": """
def fair_broker(ctx, front, back):
    waiting, turns, asking = defaultdict(deque), deque(), deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.ROUTER) as router:
        pull.bind(front)
        router.bind(back)
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        poller.register(router, zmq.POLLIN)
        while True:
            poller.poll()
            while pull.poll(0):
                message = pull.recv_multipart()
                if not waiting[message[0]]:
                    turns.append(message[0])
                waiting[message[0]].append(message)
            while router.poll(0):
                asking.append(router.recv_multipart()[0])
            while asking and turns:
                client = turns.popleft()
                router.send_multipart([asking.popleft(), b"", *waiting[client].popleft()])
                if waiting[client]:
                    turns.append(client)
""",
            "asks the workers only when there is something": """
def fair_broker(ctx, front, back):
    queues = {}
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as rep:
        pull.bind(front)
        rep.bind(back)
        while True:
            for socket in zmq.select([pull, rep] if queues else [pull], [], [])[0]:
                if socket is pull:
                    client, *frames = pull.recv_multipart()
                    queues.setdefault(client, []).append(frames)
                elif queues:
                    rep.recv()
                    client, mine = next(iter(queues.items()))
                    rep.send_multipart([client, *mine.pop(0)])
                    del queues[client]
                    if mine:
                        queues[client] = mine
""",
        },
        "wrong": {
            "one queue for all": (_BROKER.replace(
                "queues.setdefault(client, deque()).append(frames)",
                'queues.setdefault(b"all", deque()).append([client, *frames])').replace(
                "[client, *mine.popleft()]", "mine.popleft()"), "was waiting for its turn"),
            "who was served stays in front": (_BROKER.replace(
                "mine = queues.pop(client)", "mine = queues[client]").replace(
                "if mine:\n                    queues[client] = mine",
                "if not mine:\n                    del queues[client]"), "was waiting for its turn"),
            "the longest queue first": (_BROKER.replace(
                "client = next(iter(queues))", "client = max(queues, key=lambda name: len(queues[name]))"),
                "was waiting for its turn"),
            "the shortest queue first": (_BROKER.replace(
                "client = next(iter(queues))", "client = min(queues, key=lambda name: len(queues[name]))"),
                "was waiting for its turn"),
            "by chance": (_BROKER.replace("client = next(iter(queues))", "client = random.choice(list(queues))"),
                "was waiting for its turn"),
            "in the order of their names": (_BROKER.replace("client = next(iter(queues))", "client = min(queues)"),
                "was waiting for its turn"),
            "the newest first": (_BROKER.replace("mine.popleft()", "mine.pop()"), "not in order"),
            "two of each": (_BROKER.replace(
                "    asked = False\n    with", "    last, again = None, False\n    with").replace(
                "client = next(iter(queues))", """client = last if again and last in queues else next(iter(queues))
                again = client != last or not again
                last = client"""), "was waiting for its turn"),
            "hands on what comes": ("""
def fair_broker(ctx, front, back):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as rep:
        pull.bind(front)
        rep.bind(back)
        while True:
            rep.recv()
            pull.poll()
            rep.send_multipart(pull.recv_multipart())
""", "also while no worker asks"),
            "the first frame and the second": (_BROKER.replace(
                "client, *frames = pull.recv_multipart()", "client, *frames = pull.recv_multipart()[:2]"),
                "no message that waits"),
            "a name that is empty is nobody": (_BROKER.replace(
                "queues.setdefault", "client and queues.setdefault"), "was waiting for its turn"),
            "the question comes back again and again": (_BROKER.replace(
                "            if rep in ready:\n                rep.recv()\n                asked = True\n", "").replace(
                "if asked and queues:", "if queues and rep.poll(0):\n                rep.recv()"), "does not sleep"),
            "asks again every millisecond": (_BROKER.replace("poller.poll()", "poller.poll(1)"), "does not sleep"),
            "an answer when there is none": (_BROKER.replace("if asked and queues:", """if asked and not queues:
                rep.send(b"")
                asked = False
            elif asked:"""), ""),
        },
    },
}
