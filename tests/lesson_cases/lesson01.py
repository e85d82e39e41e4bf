"""Answers to the exercises of lesson 01, right and wrong. See ../lessons.py for the form."""

# What the lesson's own cells have defined by then.
SETUP = """
import heapq
import math
import random
from itertools import accumulate
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
    "01.1": {
        "right": {
            "with a loop": """
def utilisation(visits):
    busy = 0
    for arrival, start, end in visits:
        busy += end - start
    return busy / (max(v[2] for v in visits) - min(v[0] for v in visits))
""",
            "by what is idle": """
def utilisation(visits):
    idle, free = 0, visits[0][0]
    for arrival, start, end in visits:
        idle += start - free
        free = end
    return 1 - idle / (free - visits[0][0])
""",
        },
        "wrong": {
            "counts the wait as work": ("""
def utilisation(visits):
    return sum(end - arrival for arrival, start, end in visits) / (visits[-1][2] - visits[0][0])
""", "not its utilisation"),
            "from zero on": ("""
def utilisation(visits):
    return sum(end - start for arrival, start, end in visits) / visits[-1][2]
""", "not its utilisation"),
            "until the last arrival": ("""
def utilisation(visits):
    return sum(end - start for arrival, start, end in visits) / (visits[-1][0] - visits[0][0])
""", "not its utilisation"),
            "a mean service": ("""
def utilisation(visits):
    return mean(end - start for arrival, start, end in visits)
""", "not its utilisation"),
            "percent": ("""
def utilisation(visits):
    return 100 * sum(end - start for arrival, start, end in visits) / (visits[-1][2] - visits[0][0])
""", "not its utilisation"),
            "the idle share": ("""
def utilisation(visits):
    return 1 - sum(end - start for arrival, start, end in visits) / (visits[-1][2] - visits[0][0])
""", "not its utilisation"),
            "prints it": ("""
def utilisation(visits):
    print(sum(end - start for arrival, start, end in visits) / (visits[-1][2] - visits[0][0]))
""", "is a `return` missing"),
        },
    },
    "01.2": {
        "right": {
            "looks at many moments": """
def little(trace):
    visits = [(m.sent, m.done) for m in trace.messages]
    first, last = min(visits)[0], max(done for sent, done in visits)
    moments = [first + (last - first) * (n + 0.5) / 2000 for n in range(2000)]
    L = mean(sum(sent <= t < done for sent, done in visits) for t in moments)
    return L, len(visits) / (last - first), mean(done - sent for sent, done in visits)
""",
            "strip by strip": """
def little(trace):
    seconds = max(m.done for m in trace.messages) - min(m.sent for m in trace.messages)
    area = sum(m.done - m.sent for m in trace.messages)
    return [area / seconds, len(trace.messages) / seconds, area / len(trace.messages)]
""",
        },
        "wrong": {
            "the wait only": ("""
def little(trace):
    first, last = min(m.sent for m in trace.messages), max(m.done for m in trace.messages)
    waits = [m.received - m.sent for m in trace.messages]
    return sum(waits) / (last - first), len(waits) / (last - first), mean(waits)
""", "mean number inside is not right"),
            "the trace's whole time": ("""
def little(trace):
    stays = [m.done - m.sent for m in trace.messages]
    return sum(stays) / trace.seconds, len(stays) / trace.seconds, mean(stays)
""", "mean number inside is not right"),
            "until the last was sent": ("""
def little(trace):
    stays = [m.done - m.sent for m in trace.messages]
    seconds = trace.messages[-1].sent - trace.messages[0].sent
    return sum(stays) / seconds, len(stays) / seconds, mean(stays)
""", "mean number inside is not right"),
            "a mean over steps, not over time": ("""
def little(trace):
    visits = sorted((m.sent, m.received, m.done) for m in trace.messages)
    seconds = max(v[2] for v in visits) - visits[0][0]
    return mean(inside(visits)[1]), len(visits) / seconds, mean(end - came for came, start, end in visits)
""", "mean number inside is not right"),
            "the most": ("""
def little(trace):
    visits = sorted((m.sent, m.received, m.done) for m in trace.messages)
    seconds = max(v[2] for v in visits) - visits[0][0]
    return max(inside(visits)[1]), len(visits) / seconds, mean(end - came for came, start, end in visits)
""", "mean number inside is not right"),
            "the last sent is not the last done": ("""
def little(trace):
    stays = [m.done - m.sent for m in trace.messages]
    seconds = trace.messages[-1].done - trace.messages[0].sent
    return sum(stays) / seconds, len(stays) / seconds, mean(stays)
""", "two workers"),
            "in another order": ("""
def little(trace):
    first, last = min(m.sent for m in trace.messages), max(m.done for m in trace.messages)
    stays = [m.done - m.sent for m in trace.messages]
    return len(stays) / (last - first), mean(stays), sum(stays) / (last - first)
""", "not right"),
            "only the number": ("""
def little(trace):
    first, last = min(m.sent for m in trace.messages), max(m.done for m in trace.messages)
    return sum(m.done - m.sent for m in trace.messages) / (last - first)
""", "did not return three numbers"),
        },
    },
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
}
