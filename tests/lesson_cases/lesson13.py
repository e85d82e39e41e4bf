"""Answers to the exercises of lesson 13, right and wrong. See ../lessons.py for the form."""

SETUP = '''
import heapq
from itertools import product
from math import ceil, floor


def share(trace, intervals, role):
    spans = [(i.start, i.end or trace.seconds) for i in intervals if trace.role_of(i.socket) == role]
    return sum(end - start for start, end in spans) / trace.seconds
'''

_STATION = '''
def stopping_station(ctx, into, out, stop, work):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.SUB) as sub:
        pull.connect(into)
        push.connect(out)
        sub.connect(stop)
        sub.subscribe("")
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        poller.register(sub, zmq.POLLIN)
        while sub not in dict(poller.poll()):
            name, *frames = pull.recv_multipart()
            push.send_multipart([name, *(frames if name == b"END" else work(*frames))])
'''

_ALBUM = '''
def counting_album(ctx, into, stop):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUB) as pub:
        pull.bind(into)
        pub.bind(stop)
        pages, announced = {}, None
        while len(pages) != announced:
            name, frame = pull.recv_multipart()
            if name == b"END":
                announced = int(frame)
            else:
                pages[int(name)] = frame
        pub.send(b"STOP")
    return [pages[number] for number in sorted(pages)]
'''

CASES = {
    "13.1": {
        "right": {
            "at work, without the time in which it was blocked": """
def bottleneck(trace, stages):
    worked, workers = dict.fromkeys(stages, 0.0), {stage: set() for stage in stages}
    for m in trace.messages:
        if m.received is not None:
            role = trace.role_of(m.target)
            stage = role.split()[0]
            if stage in worked:
                workers[stage].add(role)
                worked[stage] += (m.done or trace.seconds) - m.received
    for b in trace.blocked:
        stage = trace.role_of(b.socket).split()[0]
        if stage in worked:
            worked[stage] -= (b.end or trace.seconds) - b.start
    return max(stages, key=lambda stage: worked[stage] / len(workers[stage]))
""",
            "the first stage that is hardly ever blocked": """
def bottleneck(trace, stages):
    for stage in stages:
        roles = [r for r in {s.role for s in trace.sockets} if r.startswith(stage + " ")]
        if sum(share(trace, trace.blocked, role) for role in roles) < 0.2 * len(roles):
            return stage
""",
            "seconds of work a picture, shared by its workers": """
def bottleneck(trace, stages):
    best, most = None, -1
    for stage in stages:
        roles = [r for r in {s.role for s in trace.sockets} if r.split(" ")[0] == stage]
        took = 0
        for role in roles:
            taken = sum(m.received is not None and trace.role_of(m.target) == role for m in trace.messages)
            busy = 1 - share(trace, trace.waits, role) - share(trace, trace.blocked, role)
            took += busy * trace.seconds / taken / len(roles) ** 2
        if took > most:
            best, most = stage, took
    return best
""",
        },
        "wrong": {
            "the longest time for a picture": ("""
def bottleneck(trace, stages):
    def mean(stage):
        times = [m.done - m.received for m in trace.messages if m.done and trace.role_of(m.target).startswith(stage)]
        return sum(times) / len(times)
    return max(stages, key=mean)
""", "another stage sets the pace"),
            "whoever is blocked most": ("""
def bottleneck(trace, stages):
    return max(stages, key=lambda stage: share(trace, trace.blocked, stage + " 1"))
""", "another stage sets the pace"),
            "blocked counts as work": ("""
def bottleneck(trace, stages):
    return min(stages, key=lambda stage: share(trace, trace.waits, stage + " 1"))
""", "expected"),
            "asks for a role of the stage's name": ("""
def bottleneck(trace, stages):
    return min(stages, key=lambda stage: share(trace, trace.waits, stage) + share(trace, trace.blocked, stage))
""", "another stage sets the pace"),
            "the fewest pictures a worker": ("""
def bottleneck(trace, stages):
    return min(stages, key=lambda stage: sum(trace.role_of(m.target) == stage + " 1" for m in trace.messages))
""", "another stage sets the pace"),
            "a worker's name": ("""
def bottleneck(trace, stages):
    roles = [r for r in {s.role for s in trace.sockets} if r.split()[0] in stages]
    return min(roles, key=lambda r: share(trace, trace.waits, r) + share(trace, trace.blocked, r))
""", "another stage sets the pace"),
            "no return": ("""
def bottleneck(trace, stages):
    min(stages, key=lambda stage: share(trace, trace.waits, stage + " 1"))
""", "is a `return` missing"),
            "the last one": ("""
def bottleneck(trace, stages):
    return stages[-1]
""", "'filter'"),
        },
    },
    "13.2": {
        "right": {
            "all teams tried": """
def share_out(seconds, workers):
    names, spare = list(seconds), workers - len(seconds)
    def teams(left, places):
        if places == 1:
            yield (1 + left,)
            return
        for n in range(left + 1):
            for rest in teams(left - n, places - 1):
                yield (1 + n, *rest)
    best = max(teams(spare, len(names)), key=lambda team: min(n / seconds[name] for n, name in zip(team, names)))
    return dict(zip(names, best))
""",
            "the greatest pace for which they suffice": """
def share_out(seconds, workers):
    def needed(pace):
        return {name: max(1, ceil(pace * each - 1e-9)) for name, each in seconds.items()}
    paces = sorted({n / each for each in seconds.values() for n in range(1, workers + 1)})
    return needed(max((p for p in paces if sum(needed(p).values()) <= workers), default=0))
""",
            "a heap": """
def share_out(seconds, workers):
    team = {name: 1 for name in seconds}
    heap = [(1 / each, name) for name, each in seconds.items()]
    heapq.heapify(heap)
    for _ in range(workers - len(seconds)):
        _, name = heapq.heappop(heap)
        team[name] += 1
        heapq.heappush(heap, (team[name] / seconds[name], name))
    return team
""",
        },
        "wrong": {
            "all to the slowest": ("""
def share_out(seconds, workers):
    team = dict.fromkeys(seconds, 1)
    team[max(seconds, key=seconds.get)] += workers - len(seconds)
    return team
""", "another team is faster"),
            "the same for each": ("""
def share_out(seconds, workers):
    return {name: workers // len(seconds) for name in seconds}
""", "another team is faster"),
            "in proportion, rounded": ("""
def share_out(seconds, workers):
    whole = sum(seconds.values())
    return {name: max(1, round(workers * each / whole)) for name, each in seconds.items()}
""", "more workers than there are"),
            "in proportion, rounded down": ("""
def share_out(seconds, workers):
    whole = sum(seconds.values())
    return {name: floor(workers * each / whole) for name, each in seconds.items()}
""", "at least 1"),
            "a second where it takes longest, whoever helps there": ("""
def share_out(seconds, workers):
    team = dict.fromkeys(seconds, 1)
    order = sorted(seconds, key=seconds.get, reverse=True)
    for n in range(workers - len(seconds)):
        team[order[n % len(order)]] += 1
    return team
""", "another team is faster"),
            "to the quickest": ("""
def share_out(seconds, workers):
    team = dict.fromkeys(seconds, 1)
    for _ in range(workers - len(seconds)):
        team[max(seconds, key=lambda name: team[name] / seconds[name])] += 1
    return team
""", "another team is faster"),
            "one worker for nobody": ("""
def share_out(seconds, workers):
    team = dict.fromkeys(seconds, 1)
    for _ in range(workers):
        team[min(seconds, key=lambda name: team[name] / seconds[name])] += 1
    return team
""", "more workers than there are"),
            "a list": ("""
def share_out(seconds, workers):
    return [1 for _ in seconds]
""", "`dict`"),
        },
    },
    "13.3": {
        "right": {
            "two polls with a limit; a list of pairs": """
def stopping_station(ctx, into, out, stop, work):
    sub = ctx.socket(zmq.SUB)
    sub.setsockopt(zmq.SUBSCRIBE, b"STOP")
    sub.connect(stop)
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    push.connect(out)
    pull.connect(into)
    while not sub.poll(0):
        if pull.poll(20):
            message = pull.recv_multipart()
            if message[0] != b"END":
                message = [message[0]] + work(*message[1:])
            push.send_multipart(message)
    for socket in (sub, pull, push):
        socket.close()

def counting_album(ctx, into, stop):
    with ctx.socket(zmq.PUB) as pub, ctx.socket(zmq.PULL) as pull:
        pub.bind(stop)
        pull.bind(into)
        got, many = [], float("inf")
        while len(got) < many:
            message = pull.recv_multipart()
            if message[0] == b"END":
                many = int(message[1])
            else:
                got.append((int(message[0]), message[1]))
        pub.send(b"STOP")
        return [frame for number, frame in sorted(got)]
""",
            "time limits on recv; a place for each": """
def stopping_station(ctx, into, out, stop, work):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        sub.subscribe(b"")
        sub.connect(stop)
        pull.rcvhwm = push.sndhwm = 2
        pull.rcvtimeo = 30
        pull.connect(into)
        push.connect(out)
        while True:
            try:
                sub.recv(zmq.DONTWAIT)
                return
            except zmq.Again:
                pass
            try:
                name, *frames = pull.recv_multipart()
            except zmq.Again:
                continue
            if name == b"END":
                push.send_multipart([name, *frames])
            else:
                push.send_multipart([name] + list(work(*frames)))

def counting_album(ctx, into, stop):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.XPUB) as pub:
        pull.rcvhwm = 2
        pull.bind(into)
        pub.bind(stop)
        early, places, have = {}, None, 0
        while places is None or have < len(places):
            name, frame = pull.recv_multipart()
            if name == b"END":
                places = [None] * int(frame)
            else:
                early[int(name)] = frame
                have += 1
        for number, frame in early.items():
            places[number] = frame
        pub.send(b"STOP")
        return places
""",
            "receives without copying": """
def stopping_station(ctx, into, out, stop, work):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.SUB) as sub:
        pull.connect(into), push.connect(out), sub.connect(stop)
        sub.subscribe("")
        poller = zmq.Poller()
        for socket in (sub, pull):
            poller.register(socket, zmq.POLLIN)
        while True:
            events = dict(poller.poll(500))
            if sub in events:
                break
            if pull in events:
                name, *frames = (frame.bytes for frame in pull.recv_multipart(copy=False))
                push.send_multipart([name, *(work(*frames) if name.isdigit() else frames)], copy=False)
""" + _ALBUM,
        },
        "wrong": {
            "the station goes home at END": ("""
def stopping_station(ctx, into, out, stop, work):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.SUB) as sub:
        pull.connect(into)
        push.connect(out)
        sub.connect(stop)
        sub.subscribe("")
        while True:
            name, *frames = pull.recv_multipart()
            if name == b"END":
                push.send_multipart([name, *frames])
                return
            push.send_multipart([name, *work(*frames)])
""" + _ALBUM, "gone home too early"),
            "the station works on END": (
                _STATION.replace('*(frames if name == b"END" else work(*frames))', "*work(*frames)") + _ALBUM,
                "END, which is handed on as it is"),
            "the station keeps END": (_STATION.replace(
                "            push.send_multipart([name, *(frames if", """            if name == b"END":
                continue
            push.send_multipart([name, *(frames if""") + _ALBUM, "nothing arrived"),
            "the station waits for a picture, and looks at STOP then": (_STATION.replace(
                "        while sub not in dict(poller.poll()):", "        while not sub.poll(0):") + _ALBUM,
                "did not come back"),
            "the station has not subscribed": (
                _STATION.replace('        sub.subscribe("")\n', "") + _ALBUM, "has subscribed"),
            "the station sends the name on in a message of its own": (_STATION.replace(
                "push.send_multipart([name, *(", "push.send(name); push.send_multipart([*(") + _ALBUM,
                "something else came out"),
            "the album closes at END": (_STATION + """
def counting_album(ctx, into, stop):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUB) as pub:
        pull.bind(into)
        pub.bind(stop)
        pages = {}
        while True:
            name, frame = pull.recv_multipart()
            if name == b"END":
                break
            pages[int(name)] = frame
        pub.send(b"STOP")
    return [pages[number] for number in sorted(pages)]
""", "too early"),
            "the album says STOP at END, and goes on": (_STATION + _ALBUM.replace(
                "announced = int(frame)", 'announced = int(frame)\n                pub.send(b"STOP")'),
                "STOP came too early"),
            "the album counts after pictures only": (_STATION + """
def counting_album(ctx, into, stop):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUB) as pub:
        pull.bind(into)
        pub.bind(stop)
        pages, announced = {}, None
        while True:
            name, frame = pull.recv_multipart()
            if name == b"END":
                announced = int(frame)
                continue
            pages[int(name)] = frame
            if len(pages) == announced:
                break
        pub.send(b"STOP")
    return [pages[number] for number in sorted(pages)]
""", "since all is there now"),
            "the album in the order of arrival": (
                _STATION + _ALBUM.replace("sorted(pages)", "pages"), "not in order"),
            "the album sorts bytes": (
                _STATION + _ALBUM.replace("pages[int(name)]", "pages[name]"), "not in order"),
            "the album puts them into a set": (_STATION + _ALBUM.replace(
                "[pages[number] for number in sorted(pages)]", "sorted(set(pages.values()))"), "pictures are missing"),
            "the album tells nobody": (
                _STATION + _ALBUM.replace('        pub.send(b"STOP")\n', ""), "STOP from a PUB"),
            "the album returns the dict": (
                _STATION + _ALBUM.replace("[pages[number] for number in sorted(pages)]", "pages"), "`list` or `tuple`"),
        },
    },
}
