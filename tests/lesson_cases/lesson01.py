"""Answers to the exercises of lesson 01, right and wrong. See ../lessons.py for the form."""

# What the lesson's own cells have defined by then.
SETUP = """
import heapq
import math
import random
from contextlib import ExitStack
from itertools import accumulate, cycle
from statistics import mean

chance = random.Random(8)
GAPS = [chance.expovariate(1) for _ in range(200_000)]
SERVICES = [chance.expovariate(1) for _ in range(200_000)]

def mean_wait(visits):
    return mean(start - arrival for arrival, start, end in visits)

def inside(visits):
    came, left = ([visit[n] for visit in visits] for n in (0, 2))
    times, steps = zip(*sorted([(t, 1) for t in came] + [(t, -1) for t in left]))
    return times, list(accumulate(steps))

def till(arrivals, services):
    return tills(arrivals, services, 1)

def tills(arrivals, services, count):
    free, visits = [0.0] * count, []
    for arrival, service in zip(arrivals, services):
        start = max(arrival, heapq.heappop(free))
        heapq.heappush(free, start + service)
        visits.append((arrival, start, start + service))
    return visits
"""

CASES = {
    "01.3": {
        "right": {
            "Erlang C": """
def workers_for(arrivals, service, target):
    load = arrivals * service
    count, b = 0, 1.0
    while True:
        count += 1
        b = load * b / (count + load * b)
        if count > load:
            waits = count * b / (count - load * (1 - b))
            if waits * service / (count - load) <= target:
                return count
""",
            "fresh customers, from one worker up": """
def workers_for(arrivals, service, target):
    chance = random.Random(1)
    came = list(accumulate(chance.expovariate(arrivals) for _ in range(20_000)))
    takes = [chance.expovariate(1 / service) for _ in came]
    count = 1
    while count <= arrivals * service or mean_wait(tills(came, takes, count)) > target:
        count += 1
    return count
""",
        },
        "wrong": {
            "just enough to be busy": ("""
def workers_for(arrivals, service, target):
    return math.ceil(arrivals * service)
""", "too few"),
            "the mean is enough, and one to spare": ("""
def workers_for(arrivals, service, target):
    return math.floor(arrivals * service) + 1
""", "too few"),
            "a queue each": ("""
def workers_for(arrivals, service, target):
    count = math.floor(arrivals * service) + 1
    while True:
        rho = arrivals * service / count
        if rho * service / (1 - rho) <= target:
            return count
        count += 1
""", "more than is needed"),
            "wait and service together": ("""
def workers_for(arrivals, service, target):
    came = list(accumulate(gap / arrivals for gap in GAPS[:5_000]))
    takes = [size * service for size in SERVICES[:5_000]]
    count = math.floor(arrivals * service) + 1
    while mean(end - arrival for arrival, start, end in tills(came, takes, count)) > target:
        count += 1
    return count
""", "did not come back"),
            "every service the same": ("""
def workers_for(arrivals, service, target):
    came = list(accumulate(gap / arrivals for gap in GAPS[:20_000]))
    count = math.floor(arrivals * service) + 1
    while mean_wait(tills(came, [service] * len(came), count)) > target:
        count += 1
    return count
""", "too few"),
            "a till that is n times as fast": ("""
def workers_for(arrivals, service, target):
    count = math.floor(arrivals * service) + 1
    while service / count / (1 - arrivals * service / count) > target:
        count += 1
    return count
""", "than is needed"),
            "one too many": ("""
def workers_for(arrivals, service, target):
    came = list(accumulate(gap / arrivals for gap in GAPS[:20_000]))
    takes = [size * service for size in SERVICES[:20_000]]
    count = math.floor(arrivals * service) + 1
    while mean_wait(tills(came, takes, count)) > target:
        count += 1
    return count + 1
""", "more than is needed"),
            "too few customers": ("""
def workers_for(arrivals, service, target):
    came = list(accumulate(gap / arrivals for gap in GAPS[:30]))
    takes = [size * service for size in SERVICES[:30]]
    count = 1
    while mean_wait(tills(came, takes, count)) > target:
        count += 1
    return count
""", "too few"),
            "the gaps are not scaled": ("""
def workers_for(arrivals, service, target):
    came = list(accumulate(GAPS[:20_000]))
    takes = [size * service for size in SERVICES[:20_000]]
    count = 1
    while mean_wait(tills(came, takes, count)) > target:
        count += 1
    return count
""", "too few"),
        },
    },
    "01.4": {
        "right": {
            "a list": """
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": apart(came, [2 / 3 * seconds for seconds in takes]),
    }
    best = min(waits, key=waits.get)
    return [best, waits[best]]
""",
            "clerk by clerk, with a clock of its own each": """
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    first, last = messages[0].sent, messages[-1].sent
    free, waits = {}, {"spread": 0, "share": 0, "faster": 0}
    names = {trace.role_of(m.target) for m in messages}
    anybody = [0] * len(names)
    for number, m in enumerate(messages):
        takes, who = m.done - m.received, trace.role_of(m.target)
        even = first + (last - first) * number / (len(messages) - 1)
        for kind, came, service in (("spread", even, takes), ("faster", m.sent, takes * 2 / 3)):
            start = max(came, free.get((kind, who), 0))
            free[kind, who] = start + service
            waits[kind] += (start - came) / len(messages)
        start = max(m.sent, heapq.heappop(anybody))
        heapq.heappush(anybody, start + takes)
        waits["share"] += (start - m.sent) / len(messages)
    name = sorted(waits, key=lambda kind: waits[kind])[0]
    return name, waits[name]
""",
        },
        "wrong": {
            "always one queue": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": apart(came, [2 / 3 * seconds for seconds in takes]),
    }
    best = "share"
    return best, waits[best]
""", "not the best cure"),
            "always faster": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": apart(came, [2 / 3 * seconds for seconds in takes]),
    }
    best = "faster"
    return best, waits[best]
""", "not the best cure"),
            "the worst": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": apart(came, [2 / 3 * seconds for seconds in takes]),
    }
    best = max(waits, key=waits.get)
    return best, waits[best]
""", "not the best cure"),
            "as long as it is stayed": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": apart(came, [2 / 3 * seconds for seconds in takes]),
    }
    best = min(waits, key=waits.get)
    return best, waits[best] + mean(takes)
""", "the wait is not"),
            "the wait before the cure": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": apart(came, [2 / 3 * seconds for seconds in takes]),
    }
    best = min(waits, key=waits.get)
    return best, mean(m.received - m.sent for m in messages)
""", "the wait is not"),
            "milliseconds": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": apart(came, [2 / 3 * seconds for seconds in takes]),
    }
    best = min(waits, key=waits.get)
    return best, 1000 * waits[best]
""", "the wait is not"),
            "a third, not two thirds": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": apart(came, [1 / 3 * seconds for seconds in takes]),
    }
    best = min(waits, key=waits.get)
    return best, waits[best]
""", ""),
            "faster, and one queue as well": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": mean_wait(tills(came, [2 / 3 * s for s in takes], len(set(at)))),
    }
    best = min(waits, key=waits.get)
    return best, waits[best]
""", ""),
            "evenly for each clerk, one queue": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": mean_wait(tills(even, takes, len(set(at)))),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": apart(came, [2 / 3 * seconds for seconds in takes]),
    }
    best = min(waits, key=waits.get)
    return best, waits[best]
""", ""),
            "one clerk serves all": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(till(came, takes)),
        "faster": apart(came, [2 / 3 * seconds for seconds in takes]),
    }
    best = min(waits, key=waits.get)
    return best, waits[best]
""", ""),
            "sent until done": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.sent for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": apart(came, [2 / 3 * seconds for seconds in takes]),
    }
    best = min(waits, key=waits.get)
    return best, waits[best]
""", ""),
            "by utilisation": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    busy = sum(m.done - m.received for m in messages) / (messages[-1].done - messages[0].sent)
    return ("faster" if busy > 0.8 else "spread"), 0.0
""", ""),
            "only the name": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": apart(came, [2 / 3 * seconds for seconds in takes]),
    }
    best = min(waits, key=waits.get)
    return best
""", "did not return two things"),
            "in the other order": ("""
def cure(trace):
    messages = sorted(trace.messages, key=lambda m: m.sent)
    came = [m.sent for m in messages]
    takes = [m.done - m.received for m in messages]
    at = [trace.role_of(m.target) for m in messages]
    even = [came[0] + n * (came[-1] - came[0]) / (len(came) - 1) for n in range(len(came))]

    def apart(came, takes):
        visits = []
        for clerk in set(at):
            mine = [n for n, name in enumerate(at) if name == clerk]
            visits += till([came[n] for n in mine], [takes[n] for n in mine])
        return mean_wait(visits)

    waits = {
        "spread": apart(even, takes),
        "share": mean_wait(tills(came, takes, len(set(at)))),
        "faster": apart(came, [2 / 3 * seconds for seconds in takes]),
    }
    best = min(waits, key=waits.get)
    return waits[best], best
""", "the name of the cure"),
        },
    },
    "01.5": {
        "right": {
            "the message first, then who is free": """
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            while True:
                message = pull.recv_multipart()
                clerks[notes.recv()].send_multipart(message)
        finally:
            for push in clerks.values():
                push.close()
""",
            "a Poller and two lists": """
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            poller = zmq.Poller()
            poller.register(pull, zmq.POLLIN)
            poller.register(notes, zmq.POLLIN)
            waiting, idle = [], []
            while True:
                for socket, _ in poller.poll():
                    if socket is pull:
                        waiting.append(pull.recv_multipart())
                    else:
                        idle.append(notes.recv())
                while waiting and idle:
                    clerks[idle.pop(0)].send_multipart(waiting.pop(0))
        finally:
            for push in clerks.values():
                push.close()
""",
        },
        "wrong": {
            "the office as it was": ("""
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            turn = cycle(clerks)
            while True:
                clerks[next(turn)].send_multipart(pull.recv_multipart())
        finally:
            for push in clerks.values():
                push.close()
""", ""),
            "to whoever has got the fewest": ("""
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            got = dict.fromkeys(clerks, 0)
            while True:
                message = pull.recv_multipart()
                name = min(got, key=got.get)
                got[name] += 1
                clerks[name].send_multipart(message)
        finally:
            for push in clerks.values():
                push.close()
""", ""),
            "the notes are read, and dealt in turn": ("""
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            turn = cycle(clerks)
            while True:
                notes.recv()
                clerks[next(turn)].send_multipart(pull.recv_multipart())
        finally:
            for push in clerks.values():
                push.close()
""", ""),
            "once free, always free": ("""
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            idle = []
            while True:
                message = pull.recv_multipart()
                while notes.poll(0 if idle else None):
                    idle.append(notes.recv())
                name = idle.pop(0)
                idle.append(name)
                clerks[name].send_multipart(message)
        finally:
            for push in clerks.values():
                push.close()
""", ""),
            "free is free, however often it was said": ("""
from collections import deque

def mended(ctx, entrance, doors, free):
    with ExitStack() as opened:
        pull, notes = (opened.enter_context(ctx.socket(zmq.PULL)) for _ in range(2))
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: opened.enter_context(ctx.socket(zmq.PUSH)) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        waiting, idle = deque(), set()
        while True:
            ready, _, _ = zmq.select([pull, notes], [], [])
            if notes in ready:
                idle.add(notes.recv())
            if pull in ready:
                waiting.append(pull.recv_multipart())
            while waiting and idle:
                clerks[idle.pop()].send_multipart(waiting.popleft())
""", ""),
            "the set of those who are free": ("""
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            idle = set()
            while True:
                message = pull.recv_multipart()
                while notes.poll(0 if idle else None):
                    idle.add(notes.recv())
                clerks[sorted(idle)[0]].send_multipart(message)
        finally:
            for push in clerks.values():
                push.close()
""", ""),
            "all to the quick one": ("""
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            while True:
                clerks[b"A"].send_multipart(pull.recv_multipart())
        finally:
            for push in clerks.values():
                push.close()
""", "one message too many"),
            "the first frame only": ("""
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            while True:
                name = notes.recv()
                clerks[name].send(pull.recv())
        finally:
            for push in clerks.values():
                push.close()
""", "another message"),
            "thrown away when nobody is free": ("""
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            while True:
                message = pull.recv_multipart()
                if notes.poll(0):
                    clerks[notes.recv()].send_multipart(message)
        finally:
            for push in clerks.values():
                push.close()
""", ""),
            "dealt in turn when nobody says free for a while": ("""
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            turn = cycle(clerks)
            while True:
                message = pull.recv_multipart()
                name = notes.recv() if notes.poll(100) else next(turn)
                clerks[name].send_multipart(message)
        finally:
            for push in clerks.values():
                push.close()
""", ""),
            "to all who are free": ("""
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            while True:
                message = pull.recv_multipart()
                names = [notes.recv()]
                while notes.poll(20):
                    names.append(notes.recv())
                for name in names:
                    clerks[name].send_multipart(message)
        finally:
            for push in clerks.values():
                push.close()
""", ""),
            "a small mark instead": ("""
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            turn = cycle(clerks)
            for push in clerks.values():
                push.sndhwm = 1
            while True:
                clerks[next(turn)].send_multipart(pull.recv_multipart())
        finally:
            for push in clerks.values():
                push.close()
""", ""),
            "empty messages are none": ("""
def mended(ctx, entrance, doors, free):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PULL) as notes:
        pull.bind(entrance)
        notes.bind(free)
        clerks = {name: ctx.socket(zmq.PUSH) for name in doors}
        for name, push in clerks.items():
            push.connect(doors[name])
        try:
            while True:
                name = notes.recv()
                message = pull.recv_multipart()
                if any(message):
                    clerks[name].send_multipart(message)
        finally:
            for push in clerks.values():
                push.close()
""", ""),
        },
    },
}
