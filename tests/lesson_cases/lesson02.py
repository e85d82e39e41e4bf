"""Answers to the exercises of lesson 02, right and wrong. See ../lessons.py for the form."""

SETUP = """
import math
from collections import deque
from itertools import count
"""

CASES = {
    "02.1": {
        "right": {
            "strings, closed in finally": """
def reporting_worker(ctx, desk, prepare):
    ask = ctx.socket(zmq.REQ)
    try:
        ask.connect(desk)
        ask.send_string("")
        while True:
            order = ask.recv()
            prepare(order)
            ask.send(order)
    finally:
        ask.close()
""",
            "polls for its answer": """
def reporting_worker(ctx, desk, prepare):
    done = b""
    with ctx.socket(zmq.REQ) as ask:
        ask.connect(desk)
        while True:
            ask.send(done)
            while not ask.poll(100):
                pass
            done = ask.recv()
            prepare(done)
""",
        },
        "wrong": {
            "reports what it was given, before the work": ("""
def reporting_worker(ctx, desk, prepare):
    with ctx.socket(zmq.REQ) as ask:
        ask.connect(desk)
        ask.send(b"")
        while True:
            order = ask.recv()
            ask.send(order)
            prepare(order)
""", "reported that is not done"),
            "never reports": ("""
def reporting_worker(ctx, desk, prepare):
    with ctx.socket(zmq.REQ) as ask:
        ask.connect(desk)
        while True:
            ask.send(b"")
            prepare(ask.recv())
""", "asked with something else"),
            "one only": ("""
def reporting_worker(ctx, desk, prepare):
    with ctx.socket(zmq.REQ) as ask:
        ask.connect(desk)
        ask.send(b"")
        order = ask.recv()
        prepare(order)
        ask.send(order)
""", "arrived"),
            "the lesson's worker": ("""
def reporting_worker(ctx, desk, prepare):
    with ctx.socket(zmq.REQ) as ask:
        ask.connect(desk)
        while True:
            ask.send(b"next, please")
            prepare(ask.recv())
""", "asked with something else"),
            "sends without waiting for an answer": ("""
def reporting_worker(ctx, desk, prepare):
    with ctx.socket(zmq.REQ) as ask:
        ask.connect(desk)
        done = b""
        while True:
            ask.send(done)
            ask.send(done)
            done = ask.recv()
            prepare(done)
""", "raised"),
            "a PULL": ("""
def reporting_worker(ctx, desk, prepare):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(desk)
        while True:
            prepare(pull.recv())
""", "arrived"),
            "binds": ("""
def reporting_worker(ctx, desk, prepare):
    with ctx.socket(zmq.REQ) as ask:
        ask.bind(desk)
        ask.send(b"")
        while True:
            order = ask.recv()
            prepare(order)
            ask.send(order)
""", "already in use"),
            "reports twice in one": ("""
def reporting_worker(ctx, desk, prepare):
    with ctx.socket(zmq.REQ) as ask:
        ask.connect(desk)
        ask.send(b"")
        while True:
            order = ask.recv()
            prepare(order)
            ask.send_multipart([b"done", order])
""", "asked with something else"),
            "prepares twice": ("""
def reporting_worker(ctx, desk, prepare):
    with ctx.socket(zmq.REQ) as ask:
        ask.connect(desk)
        ask.send(b"")
        while True:
            order = ask.recv()
            prepare(order)
            prepare(order)
            ask.send(order)
""", "more than once"),
        },
    },
    "02.2": {
        "right": {
            "with loops": """
def undone(trace):
    left = set()
    for m in trace.messages:
        if trace.role_of(m.source) == "shop":
            left.add(int(m.frames[0]))
    for m in trace.messages:
        if trace.role_of(m.source) == "worker" and m.frames[0] != b"":
            left.discard(int(m.frames[0]))
    return sorted(left)
""",
            "compares bytes": """
def undone(trace):
    sent = [m for m in trace.messages if trace.role_of(m.source) == "shop"]
    reported = [m.frames[-1] for m in trace.messages if trace.role_of(m.source).startswith("worker")]
    return sorted(int(m.frames[-1]) for m in sent if m.frames[-1] not in reported)
""",
        },
        "wrong": {
            "what no worker received": ("""
def undone(trace):
    sent = {int(m.frames[0]) for m in trace.messages if trace.role_of(m.source) == "shop"}
    got = {int(m.frames[0]) for m in trace.messages if m.received and trace.role_of(m.target) == "worker"}
    return sorted(sent - got)
""", "not what was left undone"),
            "what was not received by anybody": ("""
def undone(trace):
    return sorted(int(m.frames[0]) for m in trace.messages if m.received is None and m.frames[0])
""", "not what was left undone"),
            "sorted as text": ("""
def undone(trace):
    sent = {m.frames[0] for m in trace.messages if trace.role_of(m.source) == "shop"}
    done = {m.frames[0] for m in trace.messages if trace.role_of(m.source) == "worker"}
    return [int(number) for number in sorted(sent - done)]
""", "`[11, 12, 13, 9]`"),
            "stumbles over the empty report": ("""
def undone(trace):
    sent = {int(m.frames[0]) for m in trace.messages if trace.role_of(m.source) == "shop"}
    done = {int(m.frames[0]) for m in trace.messages if trace.role_of(m.source) == "worker"}
    return sorted(sent - done)
""", "ValueError"),
            "bytes": ("""
def undone(trace):
    sent = {m.frames[0] for m in trace.messages if trace.role_of(m.source) == "shop"}
    done = {m.frames[0] for m in trace.messages if trace.role_of(m.source) == "worker"}
    return sorted(sent - done)
""", "not what was left undone"),
            "a set": ("""
def undone(trace):
    sent = {int(m.frames[0]) for m in trace.messages if trace.role_of(m.source) == "shop"}
    done = {int(m.frames[0]) for m in trace.messages if trace.role_of(m.source) == "worker" and m.frames[0]}
    return sent - done
""", "a `set`"),
            "how many": ("""
def undone(trace):
    ledger = trace.ledger("shop", "worker")
    return ledger.sent - ledger.received
""", "a `int`"),
            "all senders": ("""
def undone(trace):
    sent = {int(m.frames[0]) for m in trace.messages if m.frames[0]}
    done = {int(m.frames[0]) for m in trace.messages if trace.role_of(m.source) != "shop" and m.frames[0]}
    return sorted(sent - done)
""", "not what was left undone"),
        },
    },
    "02.3": {
        "right": {
            "by steps": """
def size(arrivals, service, outage):
    room = arrivals * outage
    spare = service - arrivals
    seconds = room / spare if spare > 0 else float("inf")
    return -int(-room // 1), seconds
""",
            "tries and fails": """
def size(arrivals, service, outage):
    try:
        seconds = outage / (service / arrivals - 1)
    except ZeroDivisionError:
        seconds = math.inf
    return math.ceil(arrivals * outage), seconds if seconds > 0 else math.inf
""",
        },
        "wrong": {
            "forgets the new ones": ("""
def size(arrivals, service, outage):
    waiting = arrivals * outage
    return math.ceil(waiting), waiting / service
""", "not its size"),
            "divides by zero": ("""
def size(arrivals, service, outage):
    waiting = arrivals * outage
    return math.ceil(waiting), waiting / (service - arrivals)
""", "ZeroDivisionError"),
            "a negative time": ("""
def size(arrivals, service, outage):
    waiting = arrivals * outage
    return math.ceil(waiting), waiting / (service - arrivals) if service != arrivals else math.inf
""", "`(11, inf)`"),
            "rounded down": ("""
def size(arrivals, service, outage):
    waiting = arrivals * outage
    return int(waiting), waiting / (service - arrivals) if service > arrivals else math.inf
""", "not its size"),
            "room in seconds": ("""
def size(arrivals, service, outage):
    waiting = arrivals * outage
    return waiting / (service - arrivals) if service > arrivals else math.inf
""", "a `float`"),
            "the worker goes on in the outage": ("""
def size(arrivals, service, outage):
    waiting = max(0, (arrivals - service) * outage)
    return math.ceil(waiting), waiting / (service - arrivals) if service > arrivals else math.inf
""", "not its size"),
            "the other way round": ("""
def size(arrivals, service, outage):
    waiting = arrivals * outage
    return (waiting / (service - arrivals) if service > arrivals else math.inf), math.ceil(waiting)
""", "not its size"),
            "since the outage began": ("""
def size(arrivals, service, outage):
    waiting = arrivals * outage
    return math.ceil(waiting), outage + (waiting / (service - arrivals) if service > arrivals else math.inf)
""", "not its size"),
        },
    },
    "02.4": {
        "right": {
            "with a Poller": """
def careful_queue(ctx, orders, desk):
    waiting, in_hand, asked = deque(), None, False
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        poller.register(reply, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if pull in ready:
                waiting.append(pull.recv())
            if reply in ready:
                report = reply.recv()
                if report != in_hand and in_hand is not None:
                    waiting.appendleft(in_hand)
                in_hand, asked = None, True
            if asked and waiting:
                in_hand = waiting.popleft()
                reply.send(in_hand)
                asked = False
""",
            "the order in hand stays first in the list": """
def careful_queue(ctx, orders, desk):
    held, given, asked = [], False, False
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            if pull.poll(5):
                held.append(pull.recv())
            if not asked and reply.poll(5):
                report = reply.recv()
                if given and report == held[0]:
                    del held[0]
                given, asked = False, True
            if asked and held:
                reply.send(held[0])
                given, asked = True, False
""",
        },
        "wrong": {
            "the lesson's queue": ("""
def careful_queue(ctx, orders, desk):
    waiting = deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv())
            if waiting and reply.poll(20):
                reply.recv()
                reply.send(waiting.popleft())
""", "`1` again"),
            "put back at the end": ("""
def careful_queue(ctx, orders, desk):
    waiting, in_hand, asked = deque(), None, False
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv())
            if not asked and reply.poll(20):
                if reply.recv() == b"" and in_hand is not None:
                    waiting.append(in_hand)
                in_hand, asked = None, True
            if asked and waiting:
                in_hand, asked = waiting.popleft(), False
                reply.send(in_hand)
""", "another order"),
            "hands out again what was reported": ("""
def careful_queue(ctx, orders, desk):
    waiting, in_hand = deque(), None
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv())
            if waiting and reply.poll(20):
                reply.recv()
                if in_hand is not None:
                    waiting.appendleft(in_hand)
                in_hand = waiting.popleft()
                reply.send(in_hand)
""", "another order"),
            "answers with nothing when nothing waits": ("""
def careful_queue(ctx, orders, desk):
    waiting, in_hand = deque(), None
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv())
            if reply.poll(20):
                if reply.recv() == b"" and in_hand is not None:
                    waiting.appendleft(in_hand)
                in_hand = waiting.popleft() if waiting else None
                reply.send(in_hand or b"")
""", ""),
            "what it owes to the dead is lost": ("""
def careful_queue(ctx, orders, desk):
    waiting, in_hand, asked = deque(), None, False
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv())
            if not asked and reply.poll(20):
                if reply.recv() == b"" and in_hand is not None:
                    waiting.appendleft(in_hand)
                in_hand, asked = None, True
                owed = not waiting
            if asked and waiting:
                order = waiting.popleft()
                in_hand, asked = (None if owed else order), False
                reply.send(order)
""", ""),
            "stops when a worker starts": ("""
def careful_queue(ctx, orders, desk):
    waiting, in_hand = deque(), None
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            report = reply.recv()
            assert report or in_hand is None
            in_hand = pull.recv()
            reply.send(in_hand)
""", "AssertionError"),
            "connects": ("""
def careful_queue(ctx, orders, desk):
    waiting = deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.connect(orders)
        reply.connect(desk)
        while True:
            waiting.append(pull.recv())
            reply.recv()
            reply.send(waiting.popleft())
""", "did you bind both"),
            "keeps the empty order in hand for ever": ("""
def careful_queue(ctx, orders, desk):
    waiting, in_hand, asked = deque(), None, False
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv())
            if not asked and reply.poll(20):
                report, asked = reply.recv(), True
                if report == in_hand:
                    in_hand = None
            if asked and (in_hand or waiting):
                in_hand = waiting.popleft() if waiting else in_hand
                reply.send(in_hand)
                asked = False
""", "another order"),
        },
    },
}
