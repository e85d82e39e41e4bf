"""Answers to the exercises of lesson 25, right and wrong. See ../lessons.py for the form."""

from lessons import but

# What the lesson has imported by then.
SETUP = """
import math
import queue
from zmq.utils.monitor import recv_monitor_message
"""

_WATCH = """
def watch(ctx, feeds, patience, news):
    push, poller = ctx.socket(zmq.PUSH), zmq.Poller()
    push.linger = 0
    push.connect(news)
    names, monitors = {}, {}
    for name, endpoint in feeds.items():
        sub = ctx.socket(zmq.SUB)
        monitor = sub.get_monitor_socket()
        names[sub], monitors[monitor] = name, name
        poller.register(sub, zmq.POLLIN)
        poller.register(monitor, zmq.POLLIN)
        sub.connect(endpoint)
        sub.subscribe("")
    since, spoken = {}, {}
    told = dict.fromkeys(feeds, b"gone")
    try:
        while True:
            for socket, _ in poller.poll(patience * 100):
                name = names.get(socket) or monitors[socket]
                if socket in names:
                    socket.recv_multipart()
                    if name in since:
                        since[name], spoken[name] = time.monotonic(), True
                else:
                    event = recv_monitor_message(socket)["event"]
                    if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                        since[name], spoken[name] = time.monotonic(), False
                    elif event == zmq.EVENT_DISCONNECTED:
                        since.pop(name, None)
            for name in feeds:
                if name not in since:
                    state = b"gone"
                elif time.monotonic() - since[name] > patience:
                    state = b"silent"
                else:
                    state = b"there" if spoken[name] else told[name]
                if state != told[name]:
                    push.send_multipart([name, state])
                    told[name] = state
    finally:
        for socket in (*monitors, *names, push):
            socket.close()
"""

_GAPS = """
def gaps(messages):
    begins, high, heard = {}, {}, {}
    known, twice = set(), 0
    for source, epoch, number, *_ in messages:
        key, number = (source, epoch), int(number)
        begins.setdefault(key, 0 if source in known else number)
        known.add(source)
        numbers = heard.setdefault(key, set())
        twice += number in numbers
        numbers.add(number)
        high[key] = max(high.get(key, 0), number)
        yield sum(high[key] + 1 - begins[key] - len(heard[key]) for key in heard), twice
"""

_MENDED = """
def mended(readings, sink, stop):
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as push:
        push.linger = 0
        push.connect(sink)
        deadline = None
        while True:
            if deadline is None and stop.is_set():
                deadline = time.monotonic() + 0.8
            if deadline and (readings.empty() or time.monotonic() > deadline):
                break
            if push.poll(50, zmq.POLLOUT):
                try:
                    push.send(readings.get(timeout=0.05), zmq.DONTWAIT)
                except queue.Empty:
                    pass
        push.linger = max(0, round(1000 * (deadline - time.monotonic())))
"""


CASES = {
    "25.1": {
        "right": {
            "an object for each feed, and ends that are put away by a stack": '''
from contextlib import ExitStack


class Feed:
    def __init__(self, ctx, stack, endpoint, patience):
        self.patience, self.up, self.heard, self.word, self.told = patience, False, 0.0, False, b"gone"
        self.sub = stack.enter_context(ctx.socket(zmq.SUB))
        wanted = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED
        self.monitor = stack.enter_context(self.sub.get_monitor_socket(wanted))
        self.sub.setsockopt(zmq.SUBSCRIBE, b"")
        self.sub.connect(endpoint)

    def look(self):
        while self.monitor.poll(0):
            self.up = recv_monitor_message(self.monitor)["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED
            self.heard, self.word = time.monotonic(), False
        for _ in range(100):
            if not self.sub.poll(0):
                break
            self.sub.recv_multipart()
            self.heard, self.word = time.monotonic(), True

    def state(self):
        if not self.up:
            return b"gone"
        if time.monotonic() > self.heard + self.patience:
            return b"silent"
        return b"there" if self.word else self.told


def watch(ctx, feeds, patience, news):
    with ExitStack() as stack:
        push = stack.enter_context(ctx.socket(zmq.PUSH))
        push.connect(news)
        all_of_them = {name: Feed(ctx, stack, endpoint, patience) for name, endpoint in feeds.items()}
        poller = zmq.Poller()
        for feed in all_of_them.values():
            poller.register(feed.sub, zmq.POLLIN)
            poller.register(feed.monitor, zmq.POLLIN)
        while True:
            poller.poll(1000 * patience / 20)
            for name, feed in all_of_them.items():
                feed.look()
                if feed.state() != feed.told:
                    feed.told = feed.state()
                    push.send_multipart([name, feed.told])
''',
            "a thread for each feed": '''
def one(ctx, name, endpoint, patience, news):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.SUB) as sub:
        push.connect(news)
        with sub.get_monitor_socket() as monitor:
            sub.connect(endpoint)
            sub.subscribe(b"")
            told, since, word = b"gone", None, False
            try:
                while True:
                    if sub.poll(patience * 50):
                        sub.recv_multipart()
                        if since is not None:
                            since, word = time.monotonic(), True
                    while monitor.poll(0):
                        event = recv_monitor_message(monitor)["event"]
                        if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                            since, word = time.monotonic(), False
                        elif event == zmq.EVENT_DISCONNECTED:
                            since = None
                    if since is None:
                        now = b"gone"
                    elif time.monotonic() - since > patience:
                        now = b"silent"
                    else:
                        now = b"there" if word else told
                    if now != told:
                        push.send_multipart([name, now])
                        told = now
            except zmq.ContextTerminated:
                pass


def watch(ctx, feeds, patience, news):
    threads = [threading.Thread(target=one, args=(ctx, name, endpoint, patience, news))
               for name, endpoint in feeds.items()]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
''',
        },
        "wrong": {
            "the monitor alone": (
                but(_WATCH, ("elif time.monotonic() - since[name] > patience:", "elif False:")),
                "who says nothing was not called silent"),
            "messages alone": ('''
def watch(ctx, feeds, patience, news):
    push, poller, names, heard, told = ctx.socket(zmq.PUSH), zmq.Poller(), {}, {}, {}
    push.connect(news)
    for name, endpoint in feeds.items():
        sub = ctx.socket(zmq.SUB)
        names[sub] = name
        sub.connect(endpoint)
        sub.subscribe("")
        poller.register(sub, zmq.POLLIN)
    while True:
        for sub, _ in poller.poll(patience * 100):
            sub.recv_multipart()
            heard[names[sub]] = time.monotonic()
        for name in heard:
            state = b"there" if time.monotonic() - heard[name] < patience else b"silent"
            if told.get(name) != state:
                push.send_multipart([name, state])
                told[name] = state
''', "who says nothing was not called silent"),
            "silence is gone": (
                but(_WATCH, ('state = b"silent"', 'state = b"gone"')), "not called silent"),
            "connected is up": (
                but(_WATCH, ("zmq.EVENT_HANDSHAKE_SUCCEEDED", "zmq.EVENT_CONNECTED")),
                "silent too soon, or for no reason"),
            "a handshake is a word": (
                but(_WATCH, ("time.monotonic(), False", "time.monotonic(), True")),
                "there of whom nothing was heard"),
            "a handshake is a word, but for the first": (
                but(_WATCH, ("time.monotonic(), False", "time.monotonic(), told[name] != b'gone' or name in spoken")),
                "there of whom nothing was heard"),
            "a handshake is silence": (
                but(_WATCH, ('state = b"there" if spoken[name] else told[name]',
                              'state = b"there" if spoken[name] else b"silent"')),
                "silent too soon, or for no reason"),
            "the monitor is made when the first message has come": (
                but(_WATCH, ("        poller.register(monitor, zmq.POLLIN)\n        sub.connect(endpoint)\n"
                              "        sub.subscribe(\"\")\n",
                              "        poller.register(monitor, zmq.POLLIN)\n"),
                     ("        monitor = sub.get_monitor_socket()\n",
                      "        sub.connect(endpoint)\n        sub.subscribe(\"\")\n        sub.poll(1000)\n"
                      "        monitor = sub.get_monitor_socket()\n")),
                "who speaks was not called there"),
            "heartbeats": (
                but(_WATCH, ("        sub.connect(endpoint)",
                              "        sub.heartbeat_ivl, sub.heartbeat_timeout = 50, 200\n"
                              "        sub.connect(endpoint)")),
                "gone whose connection stands"),
            "no word is a reason to connect again": (
                but(_WATCH, ('                    state = b"silent"\n',
                              '                    state = b"silent"\n                    sub = next(s for s in names '
                              'if names[s] == name)\n                    if told[name] != state:\n'
                              '                        sub.disconnect(feeds[name])\n'
                              '                        sub.connect(feeds[name])\n')),
                "given up for a silence"),
            "one age for all": (
                but(_WATCH, ("elif time.monotonic() - since[name] > patience:",
                              "elif time.monotonic() - max(since.values()) > patience:")),
                "who says nothing was not called silent"),
            "ages are looked at when nothing comes": (
                but(_WATCH, ("            for socket, _ in poller.poll(patience * 100):",
                              "            came = poller.poll(patience * 100)\n            for socket, _ in came:"),
                     ("elif time.monotonic() - since[name] > patience:",
                      "elif not came and time.monotonic() - since[name] > patience:")),
                "who says nothing was not called silent"),
            "the age counts from the beginning": (
                but(_WATCH, ("since[name], spoken[name] = time.monotonic(), True", "spoken[name] = True")),
                "silent too soon, or for no reason"),
            "a handshake is no sign of life": (
                but(_WATCH, ("since[name], spoken[name] = time.monotonic(), False",
                              "since[name], spoken[name] = last.get(name, time.monotonic()), False"),
                     ("since[name], spoken[name] = time.monotonic(), True",
                      "since[name], spoken[name] = time.monotonic(), True\n"
                      "                        last[name] = since[name]"),
                     ("    since, spoken = {}, {}", "    since, spoken, last = {}, {}, {}")),
                "silent too soon, or for no reason"),
            "half of patience": (
                but(_WATCH, ("since[name] > patience:", "since[name] > patience / 3:")), "silent too soon"),
            "twice": (
                but(_WATCH, ("if state != told[name]:", 'if state != told[name] or state == b"silent":')),
                "the same was told again"),
            "each message": (
                but(_WATCH, ("time.monotonic(), True",
                              "time.monotonic(), push.send_multipart([name, b'there']) or True")),
                "the same was told again"),
            "all gone at first": (
                but(_WATCH, ('told = dict.fromkeys(feeds, b"gone")', "told = dict.fromkeys(feeds)")), ""),
            "a try that fails is gone": (
                but(_WATCH, ("elif event == zmq.EVENT_DISCONNECTED:\n",
                              "elif event == zmq.EVENT_CONNECT_RETRIED:\n"
                              "                        push.send_multipart([name, b'gone'])\n"
                              "                    elif event == zmq.EVENT_DISCONNECTED:\n")),
                ""),
            "what is read of the dead brings them back": (
                but(_WATCH, ("                    if name in since:\n                        since[name]",
                              "                    if True:\n                        since[name]"),
                     ("                        since.pop(name, None)", "                        pass")),
                "down was not called gone"),
        },
    },
    "25.2": {
        "right": {
            "ranges that are open": '''
class Source:
    def __init__(self, first):
        self.next, self.open = first, []      # what is missing, as [from, to)

    def take(self, number):
        """(missing more, twice)"""
        if number >= self.next:
            more = number - self.next
            if more:
                self.open.append([self.next, number])
            self.next = number + 1
            return more, 0
        for place in self.open:
            if place[0] <= number < place[1]:
                self.open.remove(place)
                self.open += [part for part in ([place[0], number], [number + 1, place[1]]) if part[0] < part[1]]
                return -1, 0
        return 0, 1


def gaps(messages):
    epochs, sources, missed, twice = {}, [], 0, 0
    for frames in messages:
        name, epoch, number = frames[0], frames[1], int(frames[2].decode())
        if (name, epoch) not in epochs:
            epochs[name, epoch] = Source(0 if name in sources else number)
            sources.append(name)
        more, again = epochs[name, epoch].take(number)
        missed, twice = missed + more, twice + again
        yield [missed, twice]
''',
            "two nested dicts, and a list of what has been counted": '''
from collections import Counter, defaultdict


def gaps(messages):
    counts = defaultdict(dict)
    for source, epoch, number, *_ in messages:
        number = int(number)
        here = counts[source]
        if epoch not in here:
            here[epoch] = (0 if here else number, Counter())
        here[epoch][1][number] += 1
        missed = twice = 0
        for epochs in counts.values():
            for begin, heard in epochs.values():
                missed += len(range(begin, max(heard) + 1)) - len(heard)
                twice += heard.total() - len(heard) if hasattr(heard, "total") else sum(heard.values()) - len(heard)
        yield missed, twice
''',
        },
        "wrong": {
            "holes are counted, not what is in them": ('''
def gaps(messages):
    last, missed, twice = {}, 0, 0
    for source, epoch, number, *_ in messages:
        number = int(number)
        if source in last and number > last[source] + 1:
            missed += 1
        last[source] = number
        yield missed, twice
''', "too few were called missing"),
            "a restart is a hole of millions": ('''
def gaps(messages):
    last, missed, seen, twice = {}, 0, set(), 0
    for source, epoch, number, *_ in messages:
        number = int(number)
        if source in last:
            missed += abs(number - last[source] - 1)
        twice += (source, number) in seen
        seen.add((source, number))
        last[source] = number
        yield missed, twice
''', ""),
            "a late one stays missing": ('''
def gaps(messages):
    last, missed, seen, twice = {}, 0, set(), 0
    for source, epoch, number, *_ in messages:
        number, key = int(number), (source, epoch)
        if key in last or any(source == other for other, _ in last):
            missed += max(0, number - last.get(key, -1) - 1)
        twice += (key, number) in seen
        seen.add((key, number))
        last[key] = max(number, last.get(key, -1))
        yield missed, twice
''', "too many were called missing"),
            "a late one is a repeat": (
                but(_GAPS, ("twice += number in numbers", "twice += number <= high.get(key, -1)")),
                "called a repeat that is none"),
            "a repeat is left alone": (
                but(_GAPS, ("twice += number in numbers", "twice += 0")), "a repeat was not told"),
            "a repeat is counted once": (
                but(_GAPS, ("twice += number in numbers", "twice += number in numbers and not number in known"),
                     ("        numbers.add(number)", "        known |= {number} if number in numbers else set()\n"
                                                     "        numbers.add(number)")),
                "a repeat was not told"),
            "a repeat is one less that is missing": (
                but(_GAPS, ("heard.setdefault(key, set())", "heard.setdefault(key, [])"),
                     ("numbers.add(number)", "numbers.append(number)")), "too few were called missing"),
            "one count for all sources": (
                but(_GAPS, ("(source, epoch), int(number)", "epoch, int(number)"), ("if source in known", "if known")),
                ""),
            "epochs are not looked at": (
                but(_GAPS, ("(source, epoch), int(number)", "source, int(number)")), ""),
            "counting begins at 0": (
                but(_GAPS, ("0 if source in known else number", "0")), "too many were called missing"),
            "each epoch begins where it is heard first": (
                but(_GAPS, ("0 if source in known else number", "number")), "too few were called missing"),
            "whoever comes second begins at 0": (
                but(_GAPS, ("0 if source in known else number", "0 if known else number")),
                "too many were called missing"),
            "a restart forgets what was missing": (
                but(_GAPS, ("        known.add(source)\n",
                             "        known.add(source)\n        for other in list(heard):\n"
                             "            if other[0] == source and other != key:\n"
                             "                del heard[other]\n")),
                "too few were called missing"),
            "one restart is everybody's": (
                but(_GAPS, ("        known.add(source)\n",
                             "        known.add(source)\n        for other in list(heard):\n"
                             "            if other[1] != epoch:\n                del heard[other]\n")),
                ""),
            "numbers are compared as bytes": (
                but(_GAPS, ("high[key] = max(high.get(key, 0), number)",
                             "high[key] = int(max(b'%d' % high.get(key, 0), b'%d' % number))")),
                "called missing"),
            "an old epoch is a new one": ('''
def gaps(messages):
    now, missed, twice = {}, 0, 0
    for source, epoch, number, *_ in messages:
        number = int(number)
        if source not in now or now[source][0] != epoch:
            now[source] = epoch, 0 if source in now else number, set()
        _, begin, heard = now[source]
        before = max(heard, default=begin - 1) + 1 - begin - len(heard)
        twice += number in heard
        heard.add(number)
        missed += max(heard) + 1 - begin - len(heard) - before
        yield missed, twice
''', "too many were called missing"),
            "what is smaller begins again": ('''
def gaps(messages):
    last, missed, twice = {}, 0, 0
    for source, epoch, number, *_ in messages:
        number = int(number)
        if source in last:
            if number > last[source]:
                missed += number - last[source] - 1
            elif number == last[source]:
                twice += 1
            else:
                missed += number
        last[source] = number
        yield missed, twice
''', ""),
            "at the end": (
                but(_GAPS, ("    for source, epoch, number, *_ in messages:",
                             "    for source, epoch, number, *_ in list(messages):")), "it tells later than it knows"),
            "only what is new": (
                but(_GAPS, ("        yield sum(", "        before = known\n        if sum("),
                     ("for key in heard), twice", "for key in heard) or twice:\n            yield sum(high[key] + 1 - "
                      "begins[key] - len(heard[key]) for key in heard), twice")),
                ""),
            "the missing alone": (
                but(_GAPS, ("for key in heard), twice", "for key in heard)")), "no pair of two numbers"),
            "epochs grow": (
                but(_GAPS, ("        begins.setdefault",
                             "        newest = max((each for each in heard if each[0] == source), default=key)\n"
                             "        if key < newest:\n            key = newest\n        begins.setdefault")),
                ""),
        },
    },
    "25.3": {
        "right": {
            "limits on the socket, and destroy": '''
def mended(readings, sink, stop):
    ctx = zmq.Context()
    push = ctx.socket(zmq.PUSH)
    push.setsockopt(zmq.SNDTIMEO, 50)
    push.connect(sink)
    waiting, end = None, math.inf
    while time.monotonic() < end:
        over = stop.is_set()
        if over:
            end = min(end, time.monotonic() + 0.8)
        try:
            waiting = readings.get(timeout=0.02) if waiting is None else waiting
            push.send(waiting)
            waiting = None
        except queue.Empty:
            if over:
                break
        except zmq.Again:
            pass
    ctx.destroy(linger=int(1000 * min(0.8, max(0.1, end - time.monotonic()))))
''',
            "a generator of what is to be sent": '''
def coming(readings, stop):
    while True:
        over = stop.is_set()
        while not readings.empty():
            yield readings.get_nowait()
        if over:
            return
        yield None


def mended(readings, sink, stop):
    ctx = zmq.Context()
    socket = ctx.socket(zmq.PUSH)
    socket.connect(sink)
    until = None
    try:
        for each in coming(readings, stop):
            if each is None:
                time.sleep(0.01)
                continue
            while not socket.poll(20, zmq.POLLOUT):
                until = until or (stop.is_set() and time.monotonic() + 0.7)
                if until and time.monotonic() > until:
                    return
            socket.send(each)
    finally:
        left = 0.8 if not until else max(0.05, until - time.monotonic())
        socket.close(linger=int(left * 1000))
        ctx.term()
''',
        },
        "wrong": {
            "the lesson's": ('''
def mended(readings, sink, stop):
    ctx = zmq.Context()
    push = ctx.socket(zmq.PUSH)
    push.linger = 0
    push.connect(sink)
    while not stop.is_set():
        try:
            push.send(readings.get(timeout=0.1))
        except queue.Empty:
            pass
    push.close()
    ctx.term()
''', "lost"),
            "the lesson's, as it was before": ('''
def mended(readings, sink, stop):
    ctx = zmq.Context()
    push = ctx.socket(zmq.PUSH)
    push.connect(sink)
    while not (stop.is_set() and readings.empty()):
        try:
            push.send(readings.get(timeout=0.1))
        except queue.Empty:
            pass
    push.close()
    ctx.term()
''', "does not come to its end in time"),
            "a moment's linger, and a send that waits": ('''
def mended(readings, sink, stop):
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as push:
        push.linger = 800
        push.connect(sink)
        while not (stop.is_set() and readings.empty()):
            try:
                push.send(readings.get(timeout=0.05))
            except queue.Empty:
                pass
''', "does not come to its end in time"),
            "linger 0": (
                but(_MENDED, ("        push.linger = max(0, round(1000 * (deadline - time.monotonic())))\n", "")),
                "lost"),
            "linger for ever": (
                but(_MENDED, ("max(0, round(1000 * (deadline - time.monotonic())))", "-1")),
                "does not come to its end in time"),
            "a long linger": (
                but(_MENDED, ("max(0, round(1000 * (deadline - time.monotonic())))", "100_000")),
                "does not come to its end in time"),
            "linger in seconds": (
                but(_MENDED, ("round(1000 * (deadline - time.monotonic()))", "round(deadline - time.monotonic())")),
                "lost"),
            "linger is set when it is too late": (
                but(_MENDED, ("        push.linger = 0\n", ""),
                     ("        push.linger = max(0, round(1000 * (deadline - time.monotonic())))",
                      "        push.close()\n        ctx.linger = 500")),
                "does not come to its end in time"),
            "stop is the end": (
                but(_MENDED, ("if deadline and (readings.empty() or time.monotonic() > deadline):", "if deadline:")),
                "lost"),
            "gives up what finds no room": ('''
def mended(readings, sink, stop):
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as push:
        push.linger, push.sndhwm = 700, 10
        push.connect(sink)
        while not (stop.is_set() and readings.empty()):
            try:
                push.send(readings.get(timeout=0.05), zmq.DONTWAIT)
            except (queue.Empty, zmq.Again):
                pass
''', ""),
            "gives up what finds no room, by default": ('''
def mended(readings, sink, stop):
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as push:
        push.linger = 800
        push.connect(sink)
        over = False
        while not over or not readings.empty():
            over = over or stop.is_set()
            try:
                push.send(readings.get(timeout=0.05), zmq.DONTWAIT)
            except (queue.Empty, zmq.Again):
                pass
''', "lost"),
            "looks at stop only when there is nothing to send": ('''
def mended(readings, sink, stop):
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as push:
        push.linger = 500
        push.connect(sink)
        while True:
            over = stop.is_set()
            try:
                reading = readings.get(timeout=0.05)
            except queue.Empty:
                if over:
                    return
                continue
            while not push.poll(50, zmq.POLLOUT):
                pass
            push.send(reading)
''', "does not come to its end in time"),
            "the context is everybody's, and goes on": ('''
def mended(readings, sink, stop):
    push = zmq.Context.instance().socket(zmq.PUSH)
    push.linger = 5000
    push.connect(sink)
    end = None
    while end is None or not readings.empty() and time.monotonic() < end:
        if stop.is_set() and end is None:
            end = time.monotonic() + 0.5
        if push.poll(50, zmq.POLLOUT):
            try:
                push.send(readings.get(timeout=0.05), zmq.DONTWAIT)
            except queue.Empty:
                pass
    push.close()
''', "its last readings were still in its socket"),
            "looks at readings first, and then at stop": (
                but(_MENDED, ("            if deadline is None and stop.is_set():",
                               "            nothing = readings.empty()\n"
                               "            if deadline is None and stop.is_set():"),
                     ("(readings.empty() or", "(nothing or")),
                "the sink was there"),
            "what is found empty is over": (
                but(_MENDED, ("                except queue.Empty:\n                    pass",
                               "                except queue.Empty:\n                    if stop.is_set():\n"
                               "                        deadline = time.monotonic() + 0.5\n"
                               "                        break")),
                "the sink was there"),
            "ends when there is nothing to do": (
                but(_MENDED, ("            if deadline and (readings",
                               "            if not deadline and readings.empty():\n                stop.set()\n"
                               "            if deadline and (readings")),
                "ended"),
            "collects, and sends at the end": ('''
def mended(readings, sink, stop):
    stop.wait()
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as push:
        push.linger = 700
        push.sndtimeo = 100
        push.connect(sink)
        try:
            while not readings.empty():
                push.send(readings.get())
        except zmq.Again:
            push.linger = 100
''', "readings wait, although the sink is there"),
            "nothing goes before somebody is there": ('''
def mended(readings, sink, stop):
    with zmq.Context() as ctx, ctx.socket(zmq.PUSH) as push:
        push.immediate = 1
        push.connect(sink)
        while not stop.is_set() or not readings.empty():
            if push.poll(50, zmq.POLLOUT):
                try:
                    push.send(readings.get(timeout=0.05), zmq.DONTWAIT)
                except queue.Empty:
                    pass
            elif stop.is_set():
                break
''', ""),
            "a context that ends with its socket open": (
                but(_MENDED, ("        push.linger = max(0, round(1000 * (deadline - time.monotonic())))",
                               "        push.linger = 300\n        ctx.term()")),
                "does not come to its end in time"),
            "the newest first": (
                but(_MENDED, ("push.send(readings.get(timeout=0.05), zmq.DONTWAIT)",
                               "push.send(readings.queue.pop() if readings.queue else readings.get(timeout=0.05), "
                               "zmq.DONTWAIT)")),
                ""),
        },
    },
}
