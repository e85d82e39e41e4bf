"""Answers to the exercises of lesson 11, right and wrong. See ../lessons.py for the form."""

SETUP = """
import json
import re
import uuid
from collections import Counter
from functools import reduce
from operator import add
import threading
"""

# What most answers to 11.1 begin with.
_SINK = """
def gather(ctx, results, patience):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(results)
"""

_REP = """
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(tasks)
        for page in pages:
            rep.recv()
            rep.send(page)
"""

_REQ = """
def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.REQ) as ask, ctx.socket(zmq.PUSH) as push:
        ask.connect(tasks)
        push.connect(results)
        while True:
            ask.send(b"")
            push.send(work(ask.recv()))
"""

_PULL = """
def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while True:
            push.send(work(pull.recv()))
"""

_PUSH = """
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.PUSH) as push:
        push.bind(tasks)
        for page in pages:
            push.send(page)
"""

_DESK = """
def mended(ctx, tasks, pages, patience):
    found, left, came = Counter(), list(enumerate(pages)), 0
    with ctx.socket(zmq.REP) as rep:
        rep.bind(tasks)
        while came < len(pages):
            number, counts = rep.recv_multipart()
            if number:
                {result}
            {again}
            if left:
                number, page = left.pop(0)
                rep.send_multipart([b"%d" % number, page.encode()])
            else:
                rep.send(b"WAIT" if came < len(pages) else b"END")
    return found
"""

_MENDED = """
def mended(ctx, tasks, pages, patience):
    given, found, left = {}, Counter(), dict(enumerate(pages))
    with ctx.socket(zmq.REP) as rep:
        rep.bind(tasks)
        while left:
            number, counts = rep.recv_multipart()
            if number and int(number) in left:
                del left[int(number)]
                found.update(json.loads(counts))
            now = time.monotonic()
            free = [n for n in left if n not in given or now - given[n] > patience]
            if free:
                n = free[0]
                given[n] = now
                rep.send_multipart([b"%d" % n, left[n].encode()])
            else:
                rep.send(b"END" if not left else b"WAIT")
    return found
"""

CASES = {
    "11.1": {
        "right": {
            "a dict of all lists, added up at the end": """
def gather(ctx, results, patience):
    pull = ctx.socket(zmq.PULL)
    pull.rcvtimeo = int(patience * 1000)
    pull.bind(results)
    lists, total = {}, None
    try:
        while total is None or len(lists) < total:
            number, of, counts = pull.recv_multipart()
            lists[int(number)] = Counter(json.loads(counts))
            total = int(of)
    except zmq.Again:
        pass
    finally:
        pull.close()
    return reduce(add, lists.values(), Counter()), [n for n in range(total) if n not in lists]
""",
            "takes what is missing off a list": _SINK + """
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        found, missing = Counter(), None
        while missing != []:
            if not poller.poll(patience * 1000):
                break
            while pull.poll(0):
                number, total, counts = pull.recv_multipart()
                if missing is None:
                    missing = list(range(int(total)))
                if int(number) in missing:
                    missing.remove(int(number))
                    found += Counter(json.loads(counts))
        return found, missing
""",
            "a deadline that moves": _SINK + """
        deadline, seen, total, found = time.monotonic() + patience, [], 1, Counter()
        while len(seen) < total and time.monotonic() < deadline:
            if pull.poll(10):
                frames = pull.recv_multipart()
                deadline = time.monotonic() + patience
                number, total = int(frames[0]), int(frames[1])
                if number in seen:
                    continue
                seen.append(number)
                for word, n in json.loads(frames[2]).items():
                    found[word] += n
    return found, sorted(n for n in range(total) if n not in seen)
""",
        },
        "wrong": {
            "a list that is alike has come before": ("""
from collections import Counter
import json
def gather(ctx, results, patience):
    with ctx.socket(zmq.PULL) as p:
        p.bind(results)
        found, came, total, seen = Counter(), set(), None, set()
        while total is None or len(came) < total:
            if not p.poll(patience * 1000): break
            n, of, c = p.recv_multipart()
            total = int(of)
            came.add(int(n))
            if c not in seen:
                seen.add(c); found.update(json.loads(c))
        return found, [i for i in range(total) if i not in came]
""", ""),
            "knows of nothing behind the highest that came": (_SINK + """
        found, have, total = Counter(), set(), 1
        while len(have) < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) not in have:
                have.add(int(number))
                found.update(json.loads(counts))
    return found, [n for n in range(max(have)) if n not in have]
""", "the last three never came"),
            "knows of nothing before the lowest that came": (_SINK + """
        found, have, total = Counter(), set(), 1
        while len(have) < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) not in have:
                have.add(int(number))
                found.update(json.loads(counts))
    return found, [n for n in range(min(have), total) if n not in have]
""", "the first three never came"),
            "remembers the last number only": (_SINK + """
        found, have, total, last = Counter(), set(), 1, None
        while len(have) < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if number != last:
                last = number
                have.add(int(number))
                found.update(json.loads(counts))
    return found, sorted(set(range(total)) - have)
""", "the sum is not right"),
            "a list with no words does not count": (_SINK + """
        found, have, total = Counter(), set(), 1
        while len(have) < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) not in have and json.loads(counts):
                have.add(int(number))
                found.update(json.loads(counts))
    return found, sorted(set(range(total)) - have)
""", ""),
            "a number that came back as text": (_SINK + """
        found, have, total = Counter(), set(), 1
        while len(have) < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) not in have:
                have.add(int(number))
                found.update(json.loads(counts))
    return found, sorted(map(str, set(range(total)) - have))
""", "not the numbers that are missing"),
            "missing ones by their spelling": (_SINK + """
        found, have, total = Counter(), set(), 1
        while len(have) < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) not in have:
                have.add(int(number))
                found.update(json.loads(counts))
    return found, sorted(set(range(total)) - have, key=str)
""", "not the numbers that are missing"),
            "counts messages": (_SINK + """
        found, came, total = Counter(), set(), 1
        n = 0
        while n < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            n += 1
            if int(number) not in came:
                came.add(int(number))
                found.update(json.loads(counts))
    return found, sorted(set(range(total)) - came)
""", "not the numbers that are missing"),
            "adds what comes twice a second time": (_SINK + """
        found, came, total = Counter(), set(), 1
        while len(came) < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            came.add(int(number))
            found.update(json.loads(counts))
    return found, sorted(set(range(total)) - came)
""", "the sum is not right"),
            "no patience at all": (_SINK + """
        found, came, total = Counter(), set(), 1
        while len(came) < total:
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) not in came:
                came.add(int(number))
                found.update(json.loads(counts))
    return found, sorted(set(range(total)) - came)
""", "did not come back"),
            "patience for the whole job": (_SINK + """
        found, came, total = Counter(), set(), 1
        deadline = time.monotonic() + patience
        while len(came) < total and pull.poll(max(0, deadline - time.monotonic()) * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) not in came:
                came.add(int(number))
                found.update(json.loads(counts))
    return found, sorted(set(range(total)) - came)
""", "not the numbers that are missing"),
            "seconds taken for milliseconds": (_SINK + """
        found, came, total = Counter(), set(), 1
        while len(came) < total and pull.poll(patience):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) not in came:
                came.add(int(number))
                found.update(json.loads(counts))
    return found, sorted(set(range(total)) - came)
""", ""),
            "waits for its patience in any case": (_SINK + """
        found, came, total = Counter(), set(), 1
        while pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) not in came:
                came.add(int(number))
                found.update(json.loads(counts))
    return found, sorted(set(range(total)) - came)
""", "goes on waiting when all are there"),
            "believes that the highest number ends it": (_SINK + """
        found, came, total = Counter(), set(), 1
        while pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) not in came:
                came.add(int(number))
                found.update(json.loads(counts))
            if int(number) == total - 1:
                break
    return found, sorted(set(range(total)) - came)
""", "not the numbers that are missing"),
            "numbers from 1": (_SINK + """
        found, came, total = Counter(), set(), 1
        while len(came) < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) not in came:
                came.add(int(number))
                found.update(json.loads(counts))
    return found, [n for n in range(1, total + 1) if n not in came]
""", "not the numbers that are missing"),
            "numbers as bytes": (_SINK + """
        found, came, total = Counter(), set(), 1
        while len(came) < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if number not in came:
                came.add(number)
                found.update(json.loads(counts))
    return found, sorted(set(range(total)) - came)
""", "not the numbers that are missing"),
            "one worker after the other": (_SINK + """
        found, expected, total = Counter(), 0, 1
        while expected < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) == expected:
                expected += 1
                found.update(json.loads(counts))
    return found, list(range(expected, total))
""", ""),
            "a dict in place of a sum": (_SINK + """
        found, came, total = {}, set(), 1
        while len(came) < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            came.add(int(number))
            found.update(json.loads(counts))
    return found, sorted(set(range(total)) - came)
""", "`found`, is"),
            "the sum only": (_SINK + """
        found, came, total = Counter(), set(), 1
        while len(came) < total and pull.poll(patience * 1000):
            number, of, counts = pull.recv_multipart()
            total = int(of)
            if int(number) not in came:
                came.add(int(number))
                found.update(json.loads(counts))
    return found
""", "did not return two things"),
            "leaves its socket open": ("""
def gather(ctx, results, patience):
    pull = ctx.socket(zmq.PULL)
    pull.bind(results)
    found, came, total = Counter(), set(), 1
    while len(came) < total and pull.poll(patience * 1000):
        number, of, counts = pull.recv_multipart()
        total = int(of)
        if int(number) not in came:
            came.add(int(number))
            found.update(json.loads(counts))
    gather.kept = pull
    return found, sorted(set(range(total)) - came)
""", "socket open"),
        },
    },
    "11.2": {
        "right": {
            "a ROUTER, and DEALERs that ask for one in advance": """
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(tasks)
        for page in pages:
            worker, _ = router.recv_multipart()
            router.send_multipart([worker, page])

def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.DEALER) as dealer, ctx.socket(zmq.PUSH) as push:
        dealer.connect(tasks)
        push.connect(results)
        for _ in range(2):
            dealer.send(b"one, please")
        while True:
            page = dealer.recv()
            done = work(page)
            dealer.send(b"one, please")
            push.send(done)
""",
            "an END, told apart by its frames": """
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(tasks)
        left = list(pages)
        while True:
            rep.recv_multipart()
            rep.send_multipart([b"page", left.pop(0)] if left else [b"END"])

def asking_worker(ctx, tasks, results, work):
    ask, push = ctx.socket(zmq.REQ), ctx.socket(zmq.PUSH)
    try:
        ask.connect(tasks)
        push.connect(results)
        while True:
            ask.send(b"next")
            answer = ask.recv_multipart()
            if answer == [b"END"]:
                return
            push.send(work(answer[1]))
    finally:
        ask.close()
        push.close()
""",
            "a list of those who have asked": """
def hand_out(ctx, tasks, pages):
    router = ctx.socket(zmq.ROUTER)
    router.bind(tasks)
    ready, left = [], list(reversed(pages))
    while left:
        ready.append(router.recv_multipart()[0])
        while ready and left:
            router.send_multipart([ready.pop(0), b"", left.pop()])
    router.close()

""" + _REQ,
        },
        "wrong": {
            "the lesson's PUSH and PULL": (_PUSH + _PULL, "gets a page while the first one works"),
            "PUSH with small marks": ("""
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.PUSH) as push:
        push.sndhwm = 1
        push.bind(tasks)
        for page in pages:
            push.send(page)

def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.rcvhwm = 1
        pull.connect(tasks)
        push.connect(results)
        while True:
            push.send(work(pull.recv()))
""", ""),
            "a roll call, and then all is dealt out": ("""
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(tasks)
        names = {router.recv_multipart()[0] for _ in range(1)}
        while router.poll(200):
            names.add(router.recv_multipart()[0])
        names = sorted(names)
        for n, page in enumerate(pages):
            router.send_multipart([names[n % len(names)], page])
        router.poll(3000)

def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.DEALER) as dealer, ctx.socket(zmq.PUSH) as push:
        dealer.connect(tasks)
        push.connect(results)
        dealer.send(b"here")
        while True:
            push.send(work(dealer.recv()))
""", "gets a page while the first one works"),
            "five in hand": ("""
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(tasks)
        for page in pages:
            worker, _ = router.recv_multipart()
            router.send_multipart([worker, page])

def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.DEALER) as dealer, ctx.socket(zmq.PUSH) as push:
        dealer.connect(tasks)
        push.connect(results)
        for _ in range(5):
            dealer.send(b"one, please")
        while True:
            push.send(work(dealer.recv()))
            dealer.send(b"one, please")
""", "2 each at most"),
            "three in hand": ("""
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(tasks)
        for page in pages:
            worker, _ = router.recv_multipart()
            router.send_multipart([worker, page])

def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.DEALER) as dealer, ctx.socket(zmq.PUSH) as push:
        dealer.connect(tasks)
        push.connect(results)
        for _ in range(3):
            dealer.send(b"one, please")
        while True:
            push.send(work(dealer.recv()))
            dealer.send(b"one, please")
""", "2 each at most"),
            "the last pages go to the one who asked last": ("""
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(tasks)
        for page in pages[:-8]:
            worker, _ = router.recv_multipart()
            router.send_multipart([worker, page])
        for page in pages[-8:]:
            router.send_multipart([worker, page])

def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.DEALER) as dealer, ctx.socket(zmq.PUSH) as push:
        dealer.connect(tasks)
        push.connect(results)
        dealer.send(b"")
        while True:
            push.send(work(dealer.recv()))
            dealer.send(b"")
""", ""),
            "one after the other": ("""
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(tasks)
        for page in pages:
            worker, _ = router.recv_multipart()
            router.send_multipart([worker, page])
            while router.recv_multipart()[1] != b"done":
                pass

def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.DEALER) as dealer, ctx.socket(zmq.PUSH) as push:
        dealer.connect(tasks)
        push.connect(results)
        while True:
            dealer.send(b"")
            push.send(work(dealer.recv()))
            dealer.send(b"done")
""", ""),
            "an equal page is the same page": ("""
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(tasks)
        for page in dict.fromkeys(pages):
            rep.recv()
            rep.send(page)
""" + _REQ, "39 have come"),
            "the last page first, and the first one never": ("""
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(tasks)
        n = len(pages) - 1
        while n:
            rep.recv()
            rep.send(pages[n])
            n -= 1
""" + _REQ, "39 have come"),
            "too much in advance": ("""
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(tasks)
        for page in pages:
            worker, _ = router.recv_multipart()
            router.send_multipart([worker, page])

def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.DEALER) as dealer, ctx.socket(zmq.PUSH) as push:
        dealer.connect(tasks)
        push.connect(results)
        for _ in range(17):
            dealer.send(b"one, please")
        while True:
            push.send(work(dealer.recv()))
            dealer.send(b"one, please")
""", ""),
            "an empty page ends it": (_REP + """
def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.REQ) as ask, ctx.socket(zmq.PUSH) as push:
        ask.connect(tasks)
        push.connect(results)
        while True:
            ask.send(b"")
            page = ask.recv()
            if not page:
                return
            push.send(work(page))
""", ""),
            "END may be a page": (_REP + """
def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.REQ) as ask, ctx.socket(zmq.PUSH) as push:
        ask.connect(tasks)
        push.connect(results)
        while True:
            ask.send(b"")
            page = ask.recv()
            if page == b"END":
                return
            push.send(work(page))
""", ""),
            "one page short": ("""
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(tasks)
        for page in pages[:-1]:
            rep.recv()
            rep.send(page)
""" + _REQ, "39 have come"),
            "the same page to everybody": ("""
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.PUB) as pub:
        pub.bind(tasks)
        time.sleep(0.3)
        for page in pages:
            pub.send(page)

def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.PUSH) as push:
        sub.subscribe("")
        sub.connect(tasks)
        push.connect(results)
        while True:
            push.send(work(sub.recv()))
""", ""),
            "the page in place of the result": (_REP + """
def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.REQ) as ask, ctx.socket(zmq.PUSH) as push:
        ask.connect(tasks)
        push.connect(results)
        while True:
            ask.send(b"")
            page = ask.recv()
            work(page)
            push.send(page)
""", "no result of a page"),
            "text in place of bytes": (_REP + """
def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.REQ) as ask, ctx.socket(zmq.PUSH) as push:
        ask.connect(tasks)
        push.connect(results)
        while True:
            ask.send(b"")
            push.send(work(ask.recv_string()))
""", "what `work` was given"),
            "asks twice": (_REP + """
def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.REQ) as ask, ctx.socket(zmq.PUSH) as push:
        ask.connect(tasks)
        push.connect(results)
        while True:
            ask.send(b"")
            ask.send(b"")
            push.send(work(ask.recv()))
""", "raised"),
            "works once": (_REP + """
def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.REQ) as ask, ctx.socket(zmq.PUSH) as push:
        ask.connect(tasks)
        push.connect(results)
        ask.send(b"")
        push.send(work(ask.recv()))
""", ""),
            "a page twice to be sure": ("""
def hand_out(ctx, tasks, pages):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(tasks)
        for page in pages + pages:
            rep.recv()
            rep.send(page)
""" + _REQ, ""),
            "the worker binds": (_REP + """
def asking_worker(ctx, tasks, results, work):
    with ctx.socket(zmq.REQ) as ask, ctx.socket(zmq.PUSH) as push:
        ask.bind(tasks)
        push.connect(results)
        while True:
            ask.send(b"")
            push.send(work(ask.recv()))
""", ""),
        },
    },
    "11.3": {
        "right": {
            "PUSH and PULL, counted, then four ENDs": """
import threading

def word_count(ctx, pages, count):
    def worker(n):
        with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
            pull.connect(f"inproc://tasks{n}")
            push.connect("inproc://results")
            while True:
                frames = pull.recv_multipart()
                if len(frames) == 1:
                    return
                push.send_json(count(frames[1].decode()))

    pull = ctx.socket(zmq.PULL)
    pull.bind("inproc://results")
    pushes, threads = [], []
    for n in range(4):
        push = ctx.socket(zmq.PUSH)
        push.bind(f"inproc://tasks{n}")
        pushes.append(push)
        threads.append(threading.Thread(target=worker, args=(n,)))
        threads[-1].start()
    for n, page in enumerate(pages):
        pushes[n % 4].send_multipart([b"", page.encode()])
    for push in pushes:
        push.send(b"END")
    total = Counter()
    for _ in pages:
        total += Counter(pull.recv_json())
    for thread in threads:
        thread.join()
    for socket in [*pushes, pull]:
        socket.close()
    return total
""",
            "ventilator and sink apart, numbers in place of pages": """
import threading

def word_count(ctx, pages, count):
    def ask_and_count():
        with ctx.socket(zmq.REQ) as ask, ctx.socket(zmq.PUSH) as push:
            ask.connect("inproc://tasks")
            push.connect("inproc://results")
            while True:
                ask.send(b"")
                number = int(ask.recv())
                if number < 0:
                    return
                push.send(json.dumps(count(pages[number])).encode())

    def ventilator():
        with ctx.socket(zmq.REP) as rep:
            rep.bind("inproc://tasks")
            for number in [*range(len(pages)), -1, -1, -1, -1]:
                rep.recv()
                rep.send(b"%d" % number)

    with ctx.socket(zmq.PULL) as pull:
        pull.bind("inproc://results")
        threads = [threading.Thread(target=each) for each in [ventilator] + [ask_and_count] * 4]
        for each in threads:
            each.start()
        found = sum((Counter(json.loads(pull.recv())) for _ in pages), Counter())
        for each in threads:
            each.join()
    return found
""",
        },
        "wrong": {
            "one worker after the other": ("""
def word_count(ctx, pages, count):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        pull.bind("inproc://x")
        push.connect("inproc://x")
        found = Counter()
        for page in pages:
            push.send_string(page)
            found.update(count(pull.recv_string()))
        return found
""", "counted pages itself"),
            "one thread": ("""
import threading

def word_count(ctx, pages, count):
    def worker():
        with ctx.socket(zmq.REQ) as ask:
            ask.connect("inproc://desk")
            ask.send(b"{}")
            while (task := ask.recv_multipart()) != [b"END"]:
                ask.send_string(json.dumps(count(task[1].decode())))

    with ctx.socket(zmq.REP) as desk:
        desk.bind("inproc://desk")
        thread = threading.Thread(target=worker)
        thread.start()
        found = Counter()
        for task in [[b"page", page.encode()] for page in pages] + [[b"END"]]:
            found.update(json.loads(desk.recv()))
            desk.send_multipart(task)
    thread.join()
    return found
""", "not four workers"),
            "over tcp without a roll call": ("""
import threading

def word_count(ctx, pages, count):
    def worker(tasks, results):
        with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
            pull.connect(tasks)
            push.connect(results)
            while True:
                if not pull.poll(700):
                    return
                push.send_string(json.dumps(count(pull.recv_string())))

    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind("tcp://127.0.0.1:*")
        pull.bind("tcp://127.0.0.1:*")
        args = push.last_endpoint.decode(), pull.last_endpoint.decode()
        first = threading.Thread(target=worker, args=args)
        first.start()
        for page in pages:
            push.send_string(page)
        threads = [first] + [threading.Thread(target=worker, args=args) for _ in range(3)]
        for thread in threads[1:]:
            thread.start()
        found = Counter()
        for _ in pages:
            found.update(json.loads(pull.recv()))
        for thread in threads:
            thread.join()
    return found
""", "not four workers"),
            "all sent at once by a bound PUSH": ("""
import threading

def word_count(ctx, pages, count):
    def worker():
        with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
            pull.connect("inproc://tasks")
            push.connect("inproc://results")
            while (task := pull.recv_multipart()) != [b"END"]:
                push.send_string(json.dumps(count(task[1].decode())))

    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind("inproc://tasks")
        pull.bind("inproc://results")
        threads = [threading.Thread(target=worker) for _ in range(4)]
        for thread in threads:
            thread.start()
        for page in pages:
            push.send_multipart([b"page", page.encode()])
        found = Counter()
        for _ in pages:
            found.update(json.loads(pull.recv()))
        for _ in range(4):
            push.send(b"END")
    for thread in threads:
        thread.join()
    return found
""", ""),
            "a shared Counter, unlocked": ("""
import threading

def word_count(ctx, pages, count):
    found = Counter()

    def worker():
        with ctx.socket(zmq.REQ) as ask:
            ask.connect("inproc://desk")
            ask.send(b"")
            while (task := ask.recv_multipart()) != [b"END"]:
                found.update(count(task[1].decode()))
                ask.send(b"")

    with ctx.socket(zmq.REP) as desk:
        desk.bind("inproc://desk")
        threads = [threading.Thread(target=worker) for _ in range(4)]
        for thread in threads:
            thread.start()
        for task in [[b"page", page.encode()] for page in pages] + 4 * [[b"END"]]:
            desk.recv()
            desk.send_multipart(task)
    for thread in threads:
        thread.join()
    return found
""", "the results did not travel by messages"),
            "counts first, and then tells in messages": ("""
import threading
from concurrent.futures import ThreadPoolExecutor

def word_count(ctx, pages, count):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        pull.bind("inproc://all")
        push.connect("inproc://all")
        with ThreadPoolExecutor(4) as pool:
            for counts in pool.map(count, pages):
                push.send_json(counts)
        return sum((Counter(pull.recv_json()) for _ in pages), Counter())
""", ""),
            "what is empty is not counted": ("""
import threading

def word_count(ctx, pages, count):
    def worker():
        with ctx.socket(zmq.REQ) as ask:
            ask.connect("inproc://desk")
            ask.send(b"{}")
            while (task := ask.recv_multipart()) != [b"END"]:
                ask.send_string(json.dumps(count(task[1].decode())))

    with ctx.socket(zmq.REP) as desk:
        desk.bind("inproc://desk")
        threads = [threading.Thread(target=worker) for _ in range(4)]
        for thread in threads:
            thread.start()
        found = Counter()
        for task in [[b"page", page.encode()] for page in pages if page] + 4 * [[b"END"]]:
            found.update(json.loads(desk.recv()))
            desk.send_multipart(task)
    for thread in threads:
        thread.join()
    return found
""", "each page is counted once"),
            "a worker a page, for few pages": ("""
import threading

def word_count(ctx, pages, count):
    def worker():
        with ctx.socket(zmq.REQ) as ask:
            ask.connect("inproc://desk")
            ask.send(b"{}")
            while (task := ask.recv_multipart()) != [b"END"]:
                ask.send_string(json.dumps(count(task[1].decode())))

    with ctx.socket(zmq.REP) as desk:
        desk.bind("inproc://desk")
        threads = [threading.Thread(target=worker) for _ in range(4)]
        for thread in threads:
            thread.start()
        found = Counter()
        for n in range(4):
            found.update(json.loads(desk.recv()))
            desk.send_multipart([b"page", pages[n].encode()])
        for task in [[b"page", page.encode()] for page in pages[4:]] + 4 * [[b"END"]]:
            found.update(json.loads(desk.recv()))
            desk.send_multipart(task)
    for thread in threads:
        thread.join()
    return found
""", ""),
            "no messages at all": ("""
from concurrent.futures import ThreadPoolExecutor

def word_count(ctx, pages, count):
    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(count, pages), Counter())
""", "did not travel by messages"),
            "workers that never stop": ("""
import threading

def word_count(ctx, pages, count):
    def worker():
        with ctx.socket(zmq.REQ) as ask:
            ask.connect("inproc://desk")
            ask.send(b"{}")
            while True:
                ask.send_string(json.dumps(count(ask.recv_string())))

    with ctx.socket(zmq.REP) as desk:
        desk.bind("inproc://desk")
        for _ in range(4):
            threading.Thread(target=worker, daemon=True).start()
        found = Counter()
        for page in pages:
            found.update(json.loads(desk.recv()))
            desk.send_string(page)
        for _ in range(4):
            found.update(json.loads(desk.recv()))
            if _ < 3:
                desk.send_string("")
    return found
""", ""),
            "an empty page ends a worker": ("""
import threading

def word_count(ctx, pages, count):
    def worker():
        with ctx.socket(zmq.REQ) as ask:
            ask.connect("inproc://desk")
            ask.send(b"{}")
            while page := ask.recv_string():
                ask.send_string(json.dumps(count(page)))

    with ctx.socket(zmq.REP) as desk:
        desk.bind("inproc://desk")
        threads = [threading.Thread(target=worker) for _ in range(4)]
        for thread in threads:
            thread.start()
        found = Counter()
        for page in pages + 4 * [""]:
            found.update(json.loads(desk.recv()))
            desk.send_string(page)
    for thread in threads:
        thread.join()
    return found
""", ""),
            "forgets the last results": ("""
import threading

def word_count(ctx, pages, count):
    def worker():
        with ctx.socket(zmq.REQ) as ask:
            ask.connect("inproc://desk")
            ask.send(b"{}")
            while (task := ask.recv_multipart()) != [b"END"]:
                ask.send_string(json.dumps(count(task[1].decode())))

    with ctx.socket(zmq.REP) as desk:
        desk.bind("inproc://desk")
        threads = [threading.Thread(target=worker) for _ in range(4)]
        for thread in threads:
            thread.start()
        found = Counter()
        for page in pages:
            found.update(json.loads(desk.recv()))
            desk.send_multipart([b"page", page.encode()])
        for _ in range(4):
            desk.recv()
            desk.send(b"END")
    for thread in threads:
        thread.join()
    return found
""", "the sum is not right"),
            "one socket for all four threads": ("""
import threading

def word_count(ctx, pages, count):
    results = ctx.socket(zmq.PUSH)
    results.connect("inproc://results")

    def worker(mine):
        for page in mine:
            results.send_string(json.dumps(count(page)))

    with ctx.socket(zmq.PULL) as pull:
        pull.bind("inproc://results")
        threads = [threading.Thread(target=worker, args=(pages[n::4],)) for n in range(4)]
        for thread in threads:
            thread.start()
        found = Counter()
        for _ in pages:
            found.update(json.loads(pull.recv()))
    results.close()
    return found
""", ""),
            "eight workers": ("""
import threading

def word_count(ctx, pages, count):
    def worker():
        with ctx.socket(zmq.REQ) as ask:
            ask.connect("inproc://desk")
            ask.send(b"{}")
            while (task := ask.recv_multipart()) != [b"END"]:
                ask.send_string(json.dumps(count(task[1].decode())))

    with ctx.socket(zmq.REP) as desk:
        desk.bind("inproc://desk")
        threads = [threading.Thread(target=worker) for _ in range(8)]
        for thread in threads:
            thread.start()
        found = Counter()
        for task in [[b"page", page.encode()] for page in pages] + 8 * [[b"END"]]:
            found.update(json.loads(desk.recv()))
            desk.send_multipart(task)
    for thread in threads:
        thread.join()
    return found
""", "not four workers"),
            "one at a time, though in four threads": ("""
import threading

def word_count(ctx, pages, count):
    turn = threading.Lock()

    def worker():
        with ctx.socket(zmq.REQ) as ask:
            ask.connect("inproc://desk")
            ask.send(b"{}")
            while (task := ask.recv_multipart()) != [b"END"]:
                with turn:
                    counts = count(task[1].decode())
                ask.send_string(json.dumps(counts))

    with ctx.socket(zmq.REP) as desk:
        desk.bind("inproc://desk")
        threads = [threading.Thread(target=worker) for _ in range(4)]
        for thread in threads:
            thread.start()
        found = Counter()
        for task in [[b"page", page.encode()] for page in pages] + 4 * [[b"END"]]:
            found.update(json.loads(desk.recv()))
            desk.send_multipart(task)
    for thread in threads:
        thread.join()
    return found
""", "do not share the work"),
            "leaves sockets open": ("""
import threading

def word_count(ctx, pages, count):
    kept = []

    def worker():
        ask = ctx.socket(zmq.REQ)
        kept.append(ask)
        ask.connect("inproc://desk")
        ask.send(b"{}")
        while (task := ask.recv_multipart()) != [b"END"]:
            ask.send_string(json.dumps(count(task[1].decode())))

    with ctx.socket(zmq.REP) as desk:
        desk.bind("inproc://desk")
        threads = [threading.Thread(target=worker) for _ in range(4)]
        for thread in threads:
            thread.start()
        found = Counter()
        for task in [[b"page", page.encode()] for page in pages] + 4 * [[b"END"]]:
            found.update(json.loads(desk.recv()))
            desk.send_multipart(task)
    for thread in threads:
        thread.join()
    word_count.kept = kept
    return found
""", "socket open"),
        },
    },
    "11.4": {
        "right": {
            "a ROUTER for the REP, and a deque of who is out": """
def mended(ctx, tasks, pages, patience):
    found, done, fresh, out = Counter(), set(), list(range(len(pages))), {}
    router = ctx.socket(zmq.ROUTER)
    router.bind(tasks)
    try:
        while len(done) < len(pages):
            worker, empty, number, counts = router.recv_multipart()
            if number and int(number) not in done:
                done.add(int(number))
                out.pop(int(number), None)
                found += Counter(json.loads(counts))
            late = [n for n, since in out.items() if time.monotonic() > since + patience and n not in done]
            if len(done) == len(pages):
                answer = [b"END"]
            elif fresh or late:
                n = fresh.pop(0) if fresh else late[0]
                out[n] = time.monotonic()
                answer = [str(n).encode(), pages[n].encode()]
            else:
                answer = [b"WAIT"]
            router.send_multipart([worker, b"", *answer])
    finally:
        router.close()
    return found
""",
            "the late ones first": """
def mended(ctx, tasks, pages, patience):
    counts, due = {}, dict.fromkeys(range(len(pages)), 0.0)
    with ctx.socket(zmq.REP) as rep:
        rep.bind(tasks)
        while len(counts) < len(pages):
            number, text = rep.recv_multipart()
            if number:
                counts[int(number)] = Counter(json.loads(text))
            now = time.monotonic()
            free = [n for n in sorted(due, key=due.get, reverse=True) if n not in counts and due[n] <= now]
            if free:
                due[free[0]] = now + patience
                rep.send_multipart([b"%d" % free[0], pages[free[0]].encode()])
            else:
                rep.send(b"END" if len(counts) == len(pages) else b"WAIT")
    return sum(counts.values(), Counter())
""",
        },
        "wrong": {
            "one patience for all pages": ("""
from collections import Counter
import json
def mended(ctx, tasks, pages, patience):
    found, left, out, done = Counter(), list(range(len(pages))), {}, set()
    last = time.monotonic()
    with ctx.socket(zmq.REP) as rep:
        rep.bind(tasks)
        while len(done) < len(pages):
            number, counts = rep.recv_multipart()
            if number and int(number) not in done:
                done.add(int(number)); found.update(json.loads(counts)); last = time.monotonic()
            if not left and time.monotonic() - last > patience:
                left = [n for n in range(len(pages)) if n not in done]; last = time.monotonic()
            if left:
                n = left.pop(0)
                rep.send_multipart([b"%d" % n, pages[n].encode()])
            else:
                rep.send(b"WAIT" if len(done) < len(pages) else b"END")
    return found
""", "too early"),
            "the desk as it is": (_DESK.format(
                result="came += 1; found.update(json.loads(counts))", again="left = left"), "told to wait, for ever"),
            "gives out again at once": ("""
def mended(ctx, tasks, pages, patience):
    found, left = Counter(), dict(enumerate(pages))
    with ctx.socket(zmq.REP) as rep:
        rep.bind(tasks)
        turn = 0
        while left:
            number, counts = rep.recv_multipart()
            if number and int(number) in left:
                del left[int(number)]
                found.update(json.loads(counts))
            if left:
                turn += 1
                n = list(left)[turn % len(left)]
                rep.send_multipart([b"%d" % n, left[n].encode()])
            else:
                rep.send(b"END")
    return found
""", "too early"),
            "the clock of the first time": (_MENDED.replace("given[n] = now", "given.setdefault(n, now)"),
                "the patience begins again"),
            "counts a page twice": (_MENDED.replace("if number and int(number) in left:", "if number:").replace(
                "del left[int(number)]", "left.pop(int(number), None)"), "the sum is not right"),
            "counts results": (_MENDED.replace("while left:", "came = 0\n        while came < len(pages):").replace(
                "found.update", "came += 1; found.update").replace(
                "if number and int(number) in left:", "if number:").replace(
                "del left[int(number)]", "left.pop(int(number), None)"), ""),
            "milliseconds": (_MENDED.replace("> patience", "> 1000 * patience"), "silent for longer than `patience`"),
            "a thousandth of the patience": (_MENDED.replace("> patience", "> patience / 1000"), "too early"),
            "equal pages are one": (_MENDED.replace(
                "dict(enumerate(pages))", "{pages.index(page): page for page in pages}"), "the sum is not right"),
            "leaves out what is empty": (_MENDED.replace(
                "dict(enumerate(pages))", "{n: page for n, page in enumerate(pages) if page}"),
                "given out again"),
            "gives up a page whose worker is dead": (_MENDED.replace("            free =", """
            left = {n: page for n, page in left.items() if n not in given or now - given[n] <= patience}
            free ="""), ""),
            "only once more": (_MENDED.replace("given, found", "twice, given, found").replace(
                "= {}, Counter()", "= set(), {}, Counter()").replace(
                "given[n] = now", "given[n] = now if n not in twice else now + 1e9\n                twice.add(n)"), ""),
            "two answers for one question": (_MENDED.replace('rep.send(b"END" if', 'rep.send(b""); rep.send(b"END" if'),
                ""),
            "waits for the dead before it answers anybody": (_MENDED.replace(
                'rep.send(b"END" if not left else b"WAIT")', """(rep.send(b"END") if not left else
                 (time.sleep(patience), rep.send(b"WAIT")))"""), ""),
            "no return": (_MENDED.replace("    return found", "    found"), "`return` missing"),
        },
    },
}
