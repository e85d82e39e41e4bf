"""Answers to the exercises of lesson 02, right and wrong. See ../lessons.py for the form."""

SETUP = """
import math
from collections import deque
from itertools import count
"""

CASES = {
    "02.5": {
        "right": {
            "takes in all that has come, then looks at questions": """
def my_queue(ctx, orders, desk):
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
""",
            "a Poller that asks for questions only when something waits": """
def my_queue(ctx, orders, desk):
    waiting = []
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if pull in ready:
                if not waiting:
                    poller.register(reply, zmq.POLLIN)
                waiting.append(pull.recv())
            if reply in ready:
                reply.recv()
                reply.send(waiting.pop(0))
                if not waiting:
                    poller.unregister(reply)
""",
            "a ROUTER that knows who waits": """
def my_queue(ctx, orders, desk):
    waiting, askers = deque(), deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.ROUTER) as router:
        pull.bind(orders)
        router.bind(desk)
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        poller.register(router, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if pull in ready:
                waiting.append(pull.recv())
            if router in ready:
                askers.append(router.recv_multipart()[0])
            while waiting and askers:
                router.send_multipart([askers.popleft(), b"", waiting.popleft()])
""",
        },
        "wrong": {
            "holds nothing itself": ("""
def my_queue(ctx, orders, desk):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            order = pull.recv()
            reply.recv()
            reply.send(order)
""", "step 1, hold"),
            "waits for a question before it looks at orders": ("""
def my_queue(ctx, orders, desk):
    waiting = deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            reply.recv()
            while pull.poll(0 if waiting else None):
                waiting.append(pull.recv())
            reply.send(waiting.popleft())
""", "step 1, hold"),
            "room for a thousand": ("""
def my_queue(ctx, orders, desk):
    waiting = deque(maxlen=1000)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv())
            if waiting and reply.poll(20):
                reply.recv()
                reply.send(waiting.popleft())
""", "step 1, hold"),
            "the newest first": ("""
def my_queue(ctx, orders, desk):
    waiting = []
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv())
            if waiting and reply.poll(20):
                reply.recv()
                reply.send(waiting.pop())
""", "not the order which was due"),
            "hands out and keeps": ("""
def my_queue(ctx, orders, desk):
    waiting = deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv())
            if waiting and reply.poll(20):
                reply.recv()
                reply.send(waiting[0])
""", "not the order which was due"),
            "equal orders once": ("""
def my_queue(ctx, orders, desk):
    waiting, seen = deque(), set()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                order = pull.recv()
                if order not in seen:
                    seen.add(order)
                    waiting.append(order)
            if waiting and reply.poll(20):
                reply.recv()
                reply.send(waiting.popleft())
""", "step 2, hand out"),
            "an empty order is none": ("""
def my_queue(ctx, orders, desk):
    waiting = deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                order = pull.recv()
                if order:
                    waiting.append(order)
            if waiting and reply.poll(20):
                reply.recv()
                reply.send(waiting.popleft())
""", "step 2, hand out"),
            "orders are text": ("""
def my_queue(ctx, orders, desk):
    waiting = deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv_string())
            if waiting and reply.poll(20):
                reply.recv()
                reply.send_string(waiting.popleft())
""", "UnicodeDecodeError"),
            "orders are numbers": ("""
def my_queue(ctx, orders, desk):
    waiting = deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(int(pull.recv()))
            if waiting and reply.poll(20):
                reply.recv()
                reply.send(b"%d" % waiting.popleft())
""", "ValueError"),
            "answers only to one question": ("""
def my_queue(ctx, orders, desk):
    waiting = deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv())
            if waiting and reply.poll(20):
                if reply.recv() == b"next, please":
                    reply.send(waiting.popleft())
                else:
                    reply.send(b"")
""", "not the order which was due"),
            "an empty answer when nothing waits": ("""
def my_queue(ctx, orders, desk):
    waiting = deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0):
                waiting.append(pull.recv())
            if reply.poll(20):
                reply.recv()
                reply.send(waiting.popleft() if waiting else b"")
""", ""),
            "gives up after a second of silence": ("""
def my_queue(ctx, orders, desk):
    waiting = deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while waiting or pull.poll(1000):
            while pull.poll(0):
                waiting.append(pull.recv())
            if waiting and reply.poll(20):
                reply.recv()
                reply.send(waiting.popleft())
""", "step 3, go on"),
            "a PUSH hands out": ("""
def my_queue(ctx, orders, desk):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.bind(orders)
        push.bind(desk)
        while True:
            push.send(pull.recv())
""", ""),
            "connects": ("""
def my_queue(ctx, orders, desk):
    waiting = deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.connect(orders)
        reply.connect(desk)
        while True:
            waiting.append(pull.recv())
            reply.recv()
            reply.send(waiting.popleft())
""", "arrived"),
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
            "reports that were received": ("""
def undone(trace):
    def numbers(role):
        return {int(m.frames[0]) for m in trace.messages
                if trace.role_of(m.source) == role and m.frames[0] and m.received is not None}
    return sorted(numbers("shop") - numbers("worker"))
""", "not what was left undone"),
            "in either, but not in both": ("""
def undone(trace):
    def numbers(role):
        return {int(m.frames[0]) for m in trace.messages if trace.role_of(m.source) == role and m.frames[0]}
    return sorted(numbers("shop") ^ numbers("worker"))
""", "before the record began"),
            "removes what it has not": ("""
def undone(trace):
    left = {int(m.frames[0]) for m in trace.messages if trace.role_of(m.source) == "shop"}
    for m in trace.messages:
        if trace.role_of(m.source) == "worker" and m.frames[0]:
            left.remove(int(m.frames[0]))
    return sorted(left)
""", "KeyError"),
            "the last report is always missing": ("""
def undone(trace):
    given = [m for m in trace.messages if trace.role_of(m.target) == "worker" and m.received]
    done = {m.frames[0] for m in trace.messages if trace.role_of(m.source) == "worker"}
    last = {given[-1].frames[0]} if given else set()
    sold = {m.frames[0] for m in trace.messages if trace.role_of(m.source) == "shop"}
    return sorted(int(number) for number in (sold - done) | last)
""", "not what was left undone"),
            "orders that were received": ("""
def undone(trace):
    sent, done = set(), set()
    for m in trace.messages:
        role = trace.role_of(m.source)
        if role == "shop" and m.received is not None:
            sent.add(int(m.frames[0]))
        elif role == "worker" and m.frames[0]:
            done.add(int(m.frames[0]))
    return sorted(sent - done)
""", "orders sent when the queue was gone"),
            "what was not received by anybody": ("""
def undone(trace):
    return sorted(int(m.frames[0]) for m in trace.messages if m.received is None and m.frames[0])
""", "not what was left undone"),
            "sorted as text": ("""
def undone(trace):
    sent = {m.frames[0] for m in trace.messages if trace.role_of(m.source) == "shop"}
    done = {m.frames[0] for m in trace.messages if trace.role_of(m.source) == "worker"}
    return [int(number) for number in sorted(sent - done)]
""", "not what was left undone"),
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
            "a list": """
def size(arrivals, service, outage):
    room = math.ceil(arrivals * outage)
    return [room, arrivals * outage / (service - arrivals) if service > arrivals else math.inf]
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
            "seconds from the rounded room": ("""
def size(arrivals, service, outage):
    room = math.ceil(arrivals * outage)
    return room, room / (service - arrivals) if service > arrivals else math.inf
""", "not its size"),
            "no room either when it never ends": ("""
def size(arrivals, service, outage):
    if service <= arrivals:
        return math.inf, math.inf
    return math.ceil(arrivals * outage), arrivals * outage / (service - arrivals)
""", "not its size"),
            "one more than wait": ("""
def size(arrivals, service, outage):
    waiting = arrivals * outage
    return int(waiting) + 1, waiting / (service - arrivals) if service > arrivals else math.inf
""", "not its size"),
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
            "a ROUTER": """
def careful_queue(ctx, orders, desk):
    waiting, in_hand, askers = deque(), None, deque()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.ROUTER) as router:
        pull.bind(orders)
        router.bind(desk)
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        poller.register(router, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if pull in ready:
                waiting.append(pull.recv())
            if router in ready:
                asker, _, report = router.recv_multipart()
                if not report and in_hand is not None:
                    waiting.appendleft(in_hand)
                in_hand = None
                askers = [asker]        # for one worker: who asked before is dead
            if askers and waiting:
                in_hand = waiting.popleft()
                router.send_multipart([askers.pop(), b"", in_hand])
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
            "equal orders are one": ("""
def careful_queue(ctx, orders, desk):
    waiting, done, in_hand, asked = deque(), set(), None, False
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv())
            if not asked and reply.poll(20):
                report = reply.recv()
                if report == b"" and in_hand is not None:
                    waiting.appendleft(in_hand)
                done.add(report)
                in_hand, asked = None, True
            while waiting and waiting[0] in done:
                waiting.popleft()
            if asked and waiting:
                in_hand, asked = waiting.popleft(), False
                reply.send(in_hand)
""", "not the order which was due"),
            "given again once only": ("""
def careful_queue(ctx, orders, desk):
    waiting, in_hand, again, asked = deque(), None, None, False
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            while pull.poll(0 if waiting else 20):
                waiting.append(pull.recv())
            if not asked and reply.poll(20):
                if reply.recv() == b"" and in_hand is not None and in_hand != again:
                    waiting.appendleft(in_hand)
                    again = in_hand
                in_hand, asked = None, True
            if asked and waiting:
                in_hand, asked = waiting.popleft(), False
                reply.send(in_hand)
""", "not the order which was due"),
            "gives up after a second of silence": ("""
def careful_queue(ctx, orders, desk):
    waiting, in_hand, asked, rounds = deque(), None, False, 0
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while rounds < 25:
            rounds += 1
            while pull.poll(0 if waiting else 20):
                rounds = 0
                waiting.append(pull.recv())
            if not asked and reply.poll(20):
                rounds = 0
                if reply.recv() == b"" and in_hand is not None:
                    waiting.appendleft(in_hand)
                in_hand, asked = None, True
            if asked and waiting:
                in_hand, asked = waiting.popleft(), False
                reply.send(in_hand)
""", ""),
            "holds nothing itself": ("""
def careful_queue(ctx, orders, desk):
    in_hand = None
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.REP) as reply:
        pull.bind(orders)
        reply.bind(desk)
        while True:
            if reply.recv() or in_hand is None:
                in_hand = pull.recv()
            reply.send(in_hand)
""", ""),
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
""", "not the order which was due"),
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
""", "not the order which was due"),
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
""", ""),
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
""", "arrived"),
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
""", "not the order which was due"),
        },
    },
}
