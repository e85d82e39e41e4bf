"""Answers to the exercises of lesson 13, right and wrong. See ../lessons.py for the form."""

SETUP = '''
import heapq
from collections import Counter
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

_MEASURES = """
def mended(ctx, into, out, work):
    now = time.monotonic
    waits = works = blocked = 0.0
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.rcvhwm = push.sndhwm = 2
        pull.connect(into)
        push.connect(out)
        while True:
            began = now()
            name, *frames = pull.recv_multipart()
            came = now()
            waits += came - began
            if not frames:
                push.send_multipart([name])
                break
            done = work(*frames)
            worked = now()
            works += worked - came
            push.send_multipart([name, *done])
            blocked += now() - worked
    return waits, works, blocked
"""

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
            "the middle one": ("""
def bottleneck(trace, stages):
    return "decode"
""", "another stage sets the pace"),
            "the sum in place of the mean": ("""
def bottleneck(trace, stages):
    idle = dict.fromkeys(stages, 0.0)
    for role in {socket.role for socket in trace.sockets}:
        if role.split()[0] in idle:
            idle[role.split()[0]] += share(trace, trace.waits, role) + share(trace, trace.blocked, role)
    return min(idle, key=idle.get)
""", "each with a little rest"),
            "the sum of all work": ("""
def bottleneck(trace, stages):
    busy = dict.fromkeys(stages, 0.0)
    for role in {socket.role for socket in trace.sockets}:
        if role.split()[0] in busy:
            busy[role.split()[0]] += 1 - share(trace, trace.waits, role) - share(trace, trace.blocked, role)
    return max(busy, key=busy.get)
""", "three workers with half a day's work"),
            "only blocked": ("""
def bottleneck(trace, stages):
    idle = {name: [] for name in stages}
    for role in {socket.role for socket in trace.sockets}:
        if role.split()[0] in idle:
            idle[role.split()[0]].append(share(trace, trace.blocked, role))
    return min(stages, key=lambda name: sum(idle[name]) / len(idle[name]))
""", "another stage sets the pace"),
            "only waits": ("""
def bottleneck(trace, stages):
    idle = {name: [] for name in stages}
    for role in {socket.role for socket in trace.sockets}:
        if role.split()[0] in idle:
            idle[role.split()[0]].append(share(trace, trace.waits, role))
    return min(stages, key=lambda name: sum(idle[name]) / len(idle[name]))
""", "another stage sets the pace"),
            "the first worker only": ("""
def bottleneck(trace, stages):
    def idle(role):
        return share(trace, trace.waits, role) + share(trace, trace.blocked, role)
    return min(stages, key=lambda stage: idle(stage + " 1"))
""", "the first worker of a stage does less"),
            "the busiest worker only": ("""
def bottleneck(trace, stages):
    def idle(role):
        return share(trace, trace.waits, role) + share(trace, trace.blocked, role)
    roles = {s.role for s in trace.sockets}
    return min(stages, key=lambda stage: min(idle(r) for r in roles if r.split()[0] == stage))
""", "beside two with hardly anything to do"),
            "the laziest worker only": ("""
def bottleneck(trace, stages):
    def idle(role):
        return share(trace, trace.waits, role) + share(trace, trace.blocked, role)
    roles = {s.role for s in trace.sockets}
    return min(stages, key=lambda stage: max(idle(r) for r in roles if r.split()[0] == stage))
""", "the first worker of a stage does less"),
            "what is still going on does not count": ("""
def bottleneck(trace, stages):
    def idle(role):
        spans = [i for i in (*trace.waits, *trace.blocked) if trace.role_of(i.socket) == role]
        return sum(i.end - i.start for i in spans if i.end is not None)
    def mean(stage):
        roles = [r for r in {s.role for s in trace.sockets} if r.split()[0] == stage]
        return sum(map(idle, roles)) / len(roles)
    return min(stages, key=mean)
""", "beside two with hardly anything to do"),
            "names that begin so": ("""
def bottleneck(trace, stages):
    def mean(stage):
        roles = [r for r in {s.role for s in trace.sockets} if r.startswith(stage)]
        return sum(share(trace, trace.waits, r) + share(trace, trace.blocked, r) for r in roles) / len(roles)
    return min(stages, key=mean)
""", "begins like another"),
            "a roll of three names": ("""
def bottleneck(trace, stages):
    def mean(stage):
        roles = [r for r in {s.role for s in trace.sockets} if r.split()[0] == stage]
        return sum(share(trace, trace.waits, r) + share(trace, trace.blocked, r) for r in roles) / len(roles)
    return min(("decode", "filter", "shrink"), key=mean)
""", "division by zero"),
            "most taken in": ("""
def bottleneck(trace, stages):
    taken = Counter(trace.role_of(m.target).split()[0] for m in trace.messages if m.received is not None)
    return max(stages, key=taken.__getitem__)
""", "another stage sets the pace"),
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
            "by steps of the sum of all seconds": ("""
def share_out(seconds, workers):
    whole, spare = sum(seconds.values()), workers - len(seconds)
    return {name: 1 + int(spare * each / whole) for name, each in seconds.items()}
""", "another team is faster"),
            "uses up what it was handed": ("""
def share_out(seconds, workers):
    team = {}
    while seconds:
        name = max(seconds, key=seconds.get)
        team[name] = workers - len(seconds) + 1
        workers -= team[name]
        del seconds[name]
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
            "whatever is digits tells how many": ("""
def stopping_station(ctx, into, out, stop, work):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.SUB) as sub:
        sub.subscribe("")
        sub.connect(stop)
        pull.connect(into)
        push.connect(out)
        p = zmq.Poller()
        p.register(pull, zmq.POLLIN)
        p.register(sub, zmq.POLLIN)
        while True:
            ready = dict(p.poll())
            if pull in ready:
                name, *frames = pull.recv_multipart()
                if name == b"END":
                    push.send_multipart([name, *frames])
                else:
                    push.send_multipart([name, *work(*frames)])
            elif sub in ready:
                sub.recv()
                return

def counting_album(ctx, into, stop):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUB) as pub:
        pull.bind(into)
        pub.bind(stop)
        pages, many = {}, None
        while many is None or len(pages) < many:
            a, b = pull.recv_multipart()
            if b.isdigit():
                many = int(b)
            else:
                pages[int(a)] = b
        pub.send(b"STOP")
        return [pages[n] for n in sorted(pages)]
""", ""),
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
            "exactly two frames": (_STATION.replace("            name, *frames = pull.recv_multipart()", """
            message = pull.recv_multipart()
            if message[0] == b"END":
                push.send_multipart(message)
                continue
            name, size, pixels = message""").replace(
                """*(frames if name == b"END" else work(*frames))""", "*work(size, pixels)") + _ALBUM, "raised"),
            "only the last two frames": (_STATION.replace("work(*frames)", "work(*frames[-2:])") + _ALBUM,
                "something else came out"),
            "any END in a message": (_STATION.replace('if name == b"END"', 'if b"END" in [name, *frames]') + _ALBUM,
                "something else came out"),
            "a message of two frames is END": (_STATION.replace('if name == b"END"', "if len(frames) == 1") + _ALBUM,
                "something else came out"),
            "the station goes home when the picture says STOP": (_STATION.replace(
                "name, *frames = pull.recv_multipart()", """name, *frames = pull.recv_multipart()
            if b"STOP" in frames:
                return""") + _ALBUM, "nothing arrived"),
            "what is empty is no picture": (_STATION.replace(
                "name, *frames = pull.recv_multipart()", """name, *frames = pull.recv_multipart()
            if not frames[-1]:
                continue""") + _ALBUM, "nothing arrived"),
            "an END makes it mute": (_STATION.replace("while sub", "ended = False\n        while sub").replace(
                "            push.send", """            ended = ended or name == b"END"
            if ended and name != b"END":
                continue
            push.send""") + _ALBUM, "a picture that came after END"),
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
            "the album reads END in the picture": (_STATION + _ALBUM.replace(
                'if name == b"END"', 'if b"END" in (name, frame)'), "raised"),
            "an album of nothing waits for ever": (_STATION + _ALBUM.replace(
                "while len(pages) != announced:", "while not pages or len(pages) != announced:"), "STOP from a PUB"),
            "the album leaves out what is empty": (_STATION + _ALBUM.replace(
                "[pages[number] for number in sorted(pages)]",
                "[pages[number] for number in sorted(pages) if pages[number]]"), "pictures are missing"),
            "the album sorts the pictures": (_STATION + _ALBUM.replace(
                "[pages[number] for number in sorted(pages)]", "sorted(pages.values())"), "not in order"),
            "the album counts END": (_STATION + _ALBUM.replace(
                "announced = int(frame)", 'announced = int(frame)\n                pages[-1] = b""'), ""),
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
    "13.4": {
        "right": {
            "a list of three, and marks by setsockopt": """
def mended(ctx, into, out, work):
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    try:
        pull.setsockopt(zmq.RCVHWM, 2)
        push.setsockopt(zmq.SNDHWM, 2)
        pull.connect(into)
        push.connect(out)
        sums, last = [0.0, 0.0, 0.0], time.perf_counter()
        def note(which):
            nonlocal last
            now = time.perf_counter()
            sums[which] += now - last
            last = now
        while True:
            message = pull.recv_multipart()
            note(0)
            if message != [b"END"]:
                message[1:] = work(*message[1:])
            note(1)
            push.send_multipart(message)
            note(2)
            if message == [b"END"]:
                return sums
    finally:
        pull.close()
        push.close()
""",
            "waits in poll": """
def mended(ctx, into, out, work):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.rcvhwm = push.sndhwm = 2
        pull.connect(into)
        push.connect(out)
        waits = works = blocked = 0.0
        name = b""
        while name != b"END":
            a = time.monotonic()
            while not pull.poll(100):
                pass
            b = time.monotonic()
            name, *frames = pull.recv_multipart()
            done = work(*frames) if frames else []
            c = time.monotonic()
            while not push.poll(100, zmq.POLLOUT):
                pass
            push.send_multipart([name, *done])
            d = time.monotonic()
            waits, works, blocked = waits + b - a, works + c - b, blocked + d - c
    return waits, works, blocked
""",
        },
        "wrong": {
            "what is blocked counts as work": (_MEASURES.replace("now() - worked", "0").replace(
                "worked - came", "now() - came"), "blocked, in `send`"),
            "the program with the fault": ("""
def mended(ctx, into, out, work):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.rcvhwm = push.sndhwm = 2
        pull.connect(into)
        push.connect(out)
        waits = works = 0.0
        while True:
            before = time.monotonic()
            name, *frames = pull.recv_multipart()
            came = time.monotonic()
            push.send_multipart([name, *(work(*frames) if frames else [])])
            waits, works = waits + came - before, works + time.monotonic() - came
            if not frames:
                return waits, works
""", "three numbers"),
            "work counts as blocked": (
                _MEASURES.replace("now() - worked", "now() - came"),
                "more seconds than there were"),
            "waiting and blocked, the other way round": (
                _MEASURES.replace("return waits, works, blocked", "return blocked, works, waits"), "too little for"),
            "the last picture only": (_MEASURES.replace("+=", "="), "too little for"),
            "the wait for END does not count": (_MEASURES.replace(
                "            waits += came - began\n            if", "            if").replace(
                "            worked = now()", "            waits += came - began\n            worked = now()"),
                "waits, in `recv`"),
            "processor time": (_MEASURES.replace("time.monotonic", "time.thread_time"), "too little for"),
            "milliseconds": (_MEASURES.replace(
                "return waits, works, blocked", "return 1e3 * waits, 1e3 * works, 1e3 * blocked"),
                "more seconds than there were"),
            "shares of the whole": (_MEASURES.replace("return waits, works, blocked", """
    whole = waits + works + blocked
    return waits / whole / 10, works / whole / 10, blocked / whole / 10"""), "too little for"),
            "no marks": (_MEASURES.replace("pull.rcvhwm = push.sndhwm = 2", "pass"), "too much waits"),
            "a mark in front only": (_MEASURES.replace("= push.sndhwm = 2", "= 2"), "too much waits"),
            "a mark behind only": (_MEASURES.replace("pull.rcvhwm = push", "push"), "too much waits"),
            "drops what finds no room": (_MEASURES.replace(
                "push.send_multipart([name, *done])", """try:
                push.send_multipart([name, *done], zmq.DONTWAIT)
            except zmq.Again:
                pass"""), ""),
            "sleeps until there is room, and calls it work": (_MEASURES.replace(
                "            worked = now()", """            while not push.poll(0, zmq.POLLOUT):
                time.sleep(0.01)
            worked = now()"""), "blocked, in `send`"),
            "keeps END": (_MEASURES.replace("push.send_multipart([name])", "pass"), "END, handed on"),
            "no return": (
                _MEASURES.replace("return waits, works, blocked", "waits, works, blocked"), "`return` missing"),
        },
    },
}
