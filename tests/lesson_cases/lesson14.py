"""Answers to the exercises of lesson 14, right and wrong. See ../lessons.py for the form."""

CASES = {
    "14.1": {
        "right": {
            "a Poller, a dictionary, and ids of its own": """
import os

def ask_all(ctx, endpoint, questions, patience):
    dealer = ctx.socket(zmq.DEALER)
    dealer.connect(endpoint)
    open_questions = {os.urandom(8): place for place in range(len(questions))}
    for id, place in open_questions.items():
        dealer.send(id, zmq.SNDMORE)
        dealer.send(questions[place])
    answers = {}
    poller = zmq.Poller()
    poller.register(dealer, zmq.POLLIN)
    end = time.monotonic() + patience
    while open_questions and time.monotonic() < end:
        for socket, _ in poller.poll(20):
            id, answer = socket.recv_multipart()
            if id in open_questions:
                answers[open_questions.pop(id)] = answer
    dealer.close(linger=0)
    return [answers.get(place) for place in range(len(questions))]
""",
            "rcvtimeo, from the last question to the first": """
def ask_all(ctx, endpoint, questions, patience):
    deadline = time.monotonic() + patience
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for number in reversed(range(len(questions))):
            dealer.send_multipart([str(number).encode(), questions[number]])
        found = {}
        while len(found) < len(questions):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            dealer.rcvtimeo = max(1, int(left * 1000))
            try:
                number, answer = dealer.recv_multipart()
            except zmq.Again:
                break
            found[int(number)] = answer
    return [found.get(number) for number in range(len(questions))]
""",
            "a thread that receives": """
def ask_all(ctx, endpoint, questions, patience):
    answers = [None] * len(questions)
    def talk():
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.connect(endpoint)
            for number, question in enumerate(questions):
                dealer.send_multipart([number.to_bytes(4, "big"), question])
            end = time.monotonic() + patience
            while None in answers and time.monotonic() < end:
                if dealer.poll(10):
                    number, answer = dealer.recv_multipart()
                    answers[int.from_bytes(number, "big")] = answer
            dealer.linger = 0
    thread = threading.Thread(target=talk)
    thread.start()
    thread.join()
    return answers
""",
        },
        "wrong": {
            "an empty answer is none": ("""
def ask_all(ctx, endpoint, questions, patience):
    end = time.monotonic() + patience
    answers = {}
    with ctx.socket(zmq.DEALER) as d:
        d.linger = 0
        d.connect(endpoint)
        for n, q in enumerate(questions): d.send_multipart([b"%d" % n, q])
        while len(answers) < len(questions) and d.poll(max(0, (end - time.monotonic()) * 1000)):
            n, a = d.recv_multipart()
            answers[int(n)] = a
    return [answers.get(i) or None for i in range(len(questions))]
""", "in their order"),
            "one question after the other": ("""
def ask_all(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        for number, question in enumerate(questions):
            dealer.send_multipart([b"%d" % number, question])
            answers.append(dealer.recv_multipart()[1])
    return answers
""", "before any is answered"),
            "in the order in which they come": ("""
def ask_all(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for number, question in enumerate(questions):
            dealer.send_multipart([b"%d" % number, question])
        end = time.monotonic() + patience
        while len(answers) < len(questions) and dealer.poll(max(0, (end - time.monotonic()) * 1000)):
            answers.append(dealer.recv_multipart()[1])
    return answers
""", "in their order"),
            "counts messages": ("""
def ask_all(ctx, endpoint, questions, patience):
    answers = [None] * len(questions)
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for number, question in enumerate(questions):
            dealer.send_multipart([b"%d" % number, question])
        end = time.monotonic() + patience
        for _ in questions:
            if dealer.poll(max(0, (end - time.monotonic()) * 1000)):
                number, answer = dealer.recv_multipart()
                answers[int(number)] = answer
    return answers
""", "in their order"),
            "the question is its number": ("""
def ask_all(ctx, endpoint, questions, patience):
    answers = {}
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for question in questions:
            dealer.send_multipart([question, question])
        end = time.monotonic() + patience
        while len(answers) < len(set(questions)) and dealer.poll(max(0, (end - time.monotonic()) * 1000)):
            question, answer = dealer.recv_multipart()
            answers[question] = answer
    return [answers.get(question) for question in questions]
""", "the same number"),
            "patience anew for each answer": ("""
def ask_all(ctx, endpoint, questions, patience):
    answers = [None] * len(questions)
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for number, question in enumerate(questions):
            dealer.send_multipart([b"%d" % number, question])
        while None in answers and dealer.poll(patience * 1000):
            number, answer = dealer.recv_multipart()
            answers[int(number)] = answer
    return answers
""", "after its patience is over"),
            "waits for ever for what is missing": ("""
def ask_all(ctx, endpoint, questions, patience):
    answers = [None] * len(questions)
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        for number, question in enumerate(questions):
            dealer.send_multipart([b"%d" % number, question])
        while None in answers:
            number, answer = dealer.recv_multipart()
            answers[int(number)] = answer
    return answers
""", "after its patience is over"),
            "patience in milliseconds": ("""
def ask_all(ctx, endpoint, questions, patience):
    answers = [None] * len(questions)
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for number, question in enumerate(questions):
            dealer.send_multipart([b"%d" % number, question])
        while None in answers and dealer.poll(patience):
            number, answer = dealer.recv_multipart()
            answers[int(number)] = answer
    return answers
""", ""),
            "an empty frame in front": ("""
def ask_all(ctx, endpoint, questions, patience):
    answers = [None] * len(questions)
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for number, question in enumerate(questions):
            dealer.send_multipart([b"", b"%d" % number, question])
        while None in answers and dealer.poll(patience * 1000):
            _, number, answer = dealer.recv_multipart()
            answers[int(number)] = answer
    return answers
""", "not two frames"),
            "a REQ": ("""
def ask_all(ctx, endpoint, questions, patience):
    with ctx.socket(zmq.REQ) as req:
        req.connect(endpoint)
        for number, question in enumerate(questions):
            req.send_multipart([b"%d" % number, question])
        return [req.recv_multipart()[1] for _ in questions]
""", ""),
            "nothing returned": ("""
def ask_all(ctx, endpoint, questions, patience):
    answers = [None] * len(questions)
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for number, question in enumerate(questions):
            dealer.send_multipart([b"%d" % number, question])
        end = time.monotonic() + patience
        while None in answers and dealer.poll(max(0, (end - time.monotonic()) * 1000)):
            number, answer = dealer.recv_multipart()
            answers[int(number)] = answer
""", "`return` missing"),
            "leaves out what is missing": ("""
def ask_all(ctx, endpoint, questions, patience):
    answers = {}
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for number, question in enumerate(questions):
            dealer.send_multipart([b"%d" % number, question])
        end = time.monotonic() + patience
        while len(answers) < len(questions) and dealer.poll(max(0, (end - time.monotonic()) * 1000)):
            number, answer = dealer.recv_multipart()
            answers[int(number)] = answer
    return [answers[number] for number in sorted(answers)]
""", "never answered"),
        },
    },
    "14.3": {
        "right": {
            "a heap": """
import heapq
import itertools

def alarms(ctx, endpoint):
    heap, tie = [], itertools.count()
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            while heap and heap[0][0] <= time.monotonic():
                router.send_multipart(heapq.heappop(heap)[2] + [b"ring"])
            if router.poll(max(0, heap[0][0] - time.monotonic()) * 1000 + 1 if heap else None):
                frames = router.recv_multipart()
                when = time.monotonic() + int(frames.pop()) / 1000
                heapq.heappush(heap, (when, next(tie), frames))
""",
            "looks a hundred times a second": """
def alarms(ctx, endpoint):
    router = ctx.socket(zmq.ROUTER)
    router.bind(endpoint)
    due = {}
    while True:
        if router.poll(10):
            *front, after = router.recv_multipart()
            due.setdefault(time.monotonic() + float(after) / 1000, []).append(front)
        for when in sorted(due):
            if when <= time.monotonic():
                for front in due.pop(when):
                    router.send_multipart(front + [b"ring"])
""",
        },
        "wrong": {
            "either a request or an alarm": ("""
import heapq
def alarms(ctx, endpoint):
    heap = []
    with ctx.socket(zmq.ROUTER) as r:
        r.bind(endpoint)
        while True:
            wait = max(0, heap[0][0] - time.monotonic()) * 1000 if heap else None
            if r.poll(wait):
                *front, ms = r.recv_multipart()
                heapq.heappush(heap, (time.monotonic() + int(ms) / 1000, front))
            else:
                r.send_multipart([*heapq.heappop(heap)[1], b"ring"])
""", "while requests keep coming"),
            "one alarm for each caller": ("""
def alarms(ctx, endpoint):
    due = {}
    with ctx.socket(zmq.ROUTER) as r:
        r.bind(endpoint)
        while True:
            if r.poll(2):
                *front, ms = r.recv_multipart()
                due[tuple(front)] = time.monotonic() + int(ms) / 1000
            for f, t in list(due.items()):
                if t <= time.monotonic():
                    r.send_multipart([*f, b"ring"]); del due[f]
""", "two alarms of one caller"),
            "rings only when no request is there": ("""
def alarms(ctx, endpoint):
    router = ctx.socket(zmq.ROUTER)
    router.bind(endpoint)
    due = {}
    while True:
        while router.poll(10):
            *front, after = router.recv_multipart()
            due.setdefault(time.monotonic() + float(after) / 1000, []).append(front)
        for when in sorted(due):
            if when <= time.monotonic():
                for front in due.pop(when):
                    router.send_multipart(front + [b"ring"])
""", "while requests keep coming"),
            "sleeps": ("""
def alarms(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            *front, after = router.recv_multipart()
            time.sleep(int(after) / 1000)
            router.send_multipart([*front, b"ring"])
""", "while a long alarm is set"),
            "a REP": ("""
def alarms(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            after = rep.recv()
            time.sleep(int(after) / 1000)
            rep.send(b"ring")
""", "nothing arrived"),
            "at once": ("""
def alarms(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            *front, after = router.recv_multipart()
            router.send_multipart([*front, b"ring"])
""", "too early"),
            "rings when the next request comes": ("""
def alarms(ctx, endpoint):
    waiting = []
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            *front, after = router.recv_multipart()
            waiting.append((time.monotonic() + int(after) / 1000, front))
            for each in list(waiting):
                if each[0] <= time.monotonic():
                    waiting.remove(each)
                    router.send_multipart([*each[1], b"ring"])
""", "nothing arrived"),
            "one after the other, as they came": ("""
def alarms(ctx, endpoint):
    waiting = []
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            if router.poll(10):
                *front, after = router.recv_multipart()
                waiting.append((time.monotonic() + int(after) / 1000, front))
            while waiting and waiting[0][0] <= time.monotonic():
                router.send_multipart([*waiting.pop(0)[1], b"ring"])
""", "while a long alarm is set"),
            "an envelope is one name and one empty frame": ("""
def alarms(ctx, endpoint):
    waiting = []
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            if router.poll(10):
                who, empty, after = router.recv_multipart()
                waiting.append((time.monotonic() + int(after) / 1000, who))
            for each in sorted(waiting):
                if each[0] <= time.monotonic():
                    waiting.remove(each)
                    router.send_multipart([each[1], b"", b"ring"])
""", "raised"),
            "up to the first empty frame": ("""
def alarms(ctx, endpoint):
    waiting = []
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            if router.poll(10):
                frames = router.recv_multipart()
                cut = frames.index(b"") + 1 if b"" in frames else 1
                waiting.append((time.monotonic() + int(frames[-1]) / 1000, frames[:cut]))
            for each in sorted(waiting):
                if each[0] <= time.monotonic():
                    waiting.remove(each)
                    router.send_multipart([*each[1], b"ring"])
""", "at its end"),
            "the request is left in": ("""
def alarms(ctx, endpoint):
    waiting = []
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            if router.poll(10):
                frames = router.recv_multipart()
                waiting.append((time.monotonic() + int(frames[-1]) / 1000, frames))
            for each in sorted(waiting):
                if each[0] <= time.monotonic():
                    waiting.remove(each)
                    router.send_multipart([*each[1], b"ring"])
""", "at its end"),
            "seconds": ("""
def alarms(ctx, endpoint):
    waiting = []
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            if router.poll(10):
                *front, after = router.recv_multipart()
                waiting.append((time.monotonic() + int(after), front))
            for each in sorted(waiting):
                if each[0] <= time.monotonic():
                    waiting.remove(each)
                    router.send_multipart([*each[1], b"ring"])
""", "nothing arrived"),
            "rings again and again": ("""
def alarms(ctx, endpoint):
    waiting = []
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            if router.poll(10):
                *front, after = router.recv_multipart()
                waiting.append((time.monotonic() + int(after) / 1000, front))
            for when, front in sorted(waiting):
                if when <= time.monotonic():
                    router.send_multipart([*front, b"ring"])
""", ""),
            "one alarm at a time": ("""
def alarms(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        front, end = None, 0.0
        while True:
            if router.poll(10):
                *front, after = router.recv_multipart()
                end = time.monotonic() + int(after) / 1000
            if front and end <= time.monotonic():
                router.send_multipart([*front, b"ring"])
                front = None
""", "nothing arrived"),
        },
    },
    "14.4": {
        "right": {
            "two ways for two kinds of messages": """
from collections import defaultdict, deque

def post_office(ctx, endpoint):
    kept = defaultdict(deque)
    router = ctx.socket(zmq.ROUTER)
    router.setsockopt(zmq.ROUTER_MANDATORY, 1)
    router.bind(endpoint)
    while True:
        sender, to, *frames = router.recv_multipart()
        if to == b"" and not frames:
            try:
                while kept[sender]:
                    router.send_multipart([sender, *kept[sender][0]], zmq.DONTWAIT)
                    kept[sender].popleft()
            except zmq.Again:
                pass
        elif kept[to]:
            kept[to].append([sender, *frames])
        else:
            try:
                router.send_multipart([to, sender, *frames], zmq.DONTWAIT)
            except zmq.ZMQError as error:
                if error.errno not in (zmq.EHOSTUNREACH, zmq.EAGAIN):
                    raise
                kept[to].append([sender, *frames])
""",
            "no time to send, and a list of all that is kept": """
def post_office(ctx, endpoint):
    letters = []
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory, router.sndtimeo = True, 0
        router.bind(endpoint)
        while True:
            sender, *letter = router.recv_multipart()
            name = letter[0] or sender
            if letter[0]:
                letters.append([name, sender, *letter[1:]])
            for each in [each for each in letters if each[0] == name]:
                try:
                    router.send_multipart(each)
                except (zmq.Again, zmq.ZMQError) as error:
                    if error.errno not in (zmq.EAGAIN, zmq.EHOSTUNREACH):
                        raise
                    break
                letters.remove(each)
""",
        },
        "wrong": {
            "waits for room when somebody says hello": ("""
def post_office(ctx, endpoint):
    shelf = {}
    r = ctx.socket(zmq.ROUTER)
    r.setsockopt(zmq.ROUTER_MANDATORY, 1)
    r.bind(endpoint)
    while True:
        m = r.recv_multipart()
        if m[1:] == [b""]:
            for l in shelf.pop(m[0], []):
                r.send_multipart([m[0], *l])
        elif m[1] in shelf:
            shelf[m[1]].append([m[0], *m[2:]])
        else:
            try:
                r.send_multipart([m[1], m[0], *m[2:]], zmq.DONTWAIT)
            except zmq.ZMQError:
                shelf.setdefault(m[1], []).append([m[0], *m[2:]])
""", ""),
            "waits for room at a slow receiver": ("""
def post_office(ctx, endpoint):
    shelves = {}
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            name = to or sender
            shelf = shelves.setdefault(name, [])
            if to:
                shelf.append([sender, *frames])
            try:
                while shelf:
                    router.send_multipart([name, *shelf[0]])
                    shelf.pop(0)
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH:
                    raise
""", "nothing arrived at the check's DEALER socket"),
            "what finds no room is thrown away": ("""
def post_office(ctx, endpoint):
    shelves = {}
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            name = to or sender
            shelf = shelves.setdefault(name, [])
            if to:
                shelf.append([sender, *frames])
            try:
                while shelf:
                    router.send_multipart([name, *shelf[0]], zmq.DONTWAIT)
                    shelf.pop(0)
            except zmq.Again:
                shelf.clear()
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH:
                    raise
""", "for a slow reader are lost"),
            "off the shelf before it is sent": ("""
def post_office(ctx, endpoint):
    shelves = {}
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            name = to or sender
            shelf = shelves.setdefault(name, [])
            if to:
                shelf.append([sender, *frames])
            try:
                while shelf:
                    router.send_multipart([name, *shelf.pop(0)], zmq.DONTWAIT)
            except zmq.ZMQError as error:
                if error.errno not in (zmq.EHOSTUNREACH, zmq.EAGAIN):
                    raise
""", ""),
            "no ROUTER_MANDATORY, a table of who is there": ("""
def post_office(ctx, endpoint):
    here, shelves = set(), {}
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            here.add(sender)
            if not to:
                for letter in shelves.pop(sender, []):
                    router.send_multipart([sender, *letter])
            elif to in here:
                router.send_multipart([to, sender, *frames])
            else:
                shelves.setdefault(to, []).append([sender, *frames])
""", ""),
            "a list of those who said hello, and one of them leaves": ("""
def post_office(ctx, endpoint):
    here, letters = set(), []
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, *letter = router.recv_multipart()
            if letter == [b""]:
                here.add(sender)
            else:
                letters.append([letter[0], sender, *letter[1:]])
            for each in list(letters):
                if each[0] in here:
                    router.send_multipart(each)
                    letters.remove(each)
""", "Host unreachable"),
            "a switchboard": ("""
def post_office(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            if to:
                router.send_multipart([to, sender, *frames])
""", "she gets all four"),
            "no mandatory, no error": ("""
def post_office(ctx, endpoint):
    kept = {}
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            if not to:
                for letter in kept.pop(sender, []):
                    router.send_multipart([sender, *letter])
                continue
            try:
                router.send_multipart([to, sender, *frames])
            except zmq.ZMQError:
                kept.setdefault(to, []).append([sender, *frames])
""", "she gets all four"),
            "mandatory, and no except": ("""
def post_office(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            if to:
                router.send_multipart([to, sender, *frames])
""", "unreachable"),
            "the newest first": ("""
def post_office(ctx, endpoint):
    kept = {}
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            if not to:
                shelf = kept.pop(sender, [])
                while shelf:
                    router.send_multipart([sender, *shelf.pop()])
                continue
            if to in kept:
                kept[to].append([sender, *frames])
                continue
            try:
                router.send_multipart([to, sender, *frames])
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH:
                    raise
                kept[to] = [[sender, *frames]]
""", "in their order"),
            "a new letter overtakes": ("""
def post_office(ctx, endpoint):
    kept = {}
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            if not to:
                for letter in kept.pop(sender, []):
                    router.send_multipart([sender, *letter])
                continue
            try:
                router.send_multipart([to, sender, *frames])
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH:
                    raise
                kept.setdefault(to, []).append([sender, *frames])
""", "in their order"),
            "keeps one letter for each": ("""
def post_office(ctx, endpoint):
    kept = {}
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            if not to:
                if sender in kept:
                    router.send_multipart([sender, *kept.pop(sender)])
                continue
            try:
                router.send_multipart([to, sender, *frames])
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH:
                    raise
                kept[to] = [sender, *frames]
""", ""),
            "the shelf is not emptied": ("""
def post_office(ctx, endpoint):
    kept = {}
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            if not to:
                for letter in kept.get(sender, []):
                    router.send_multipart([sender, *letter])
                continue
            if to in kept:
                kept[to].append([sender, *frames])
                continue
            try:
                router.send_multipart([to, sender, *frames])
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH:
                    raise
                kept[to] = [[sender, *frames]]
""", "each letter once"),
            "one shelf for all": ("""
def post_office(ctx, endpoint):
    kept = []
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            if not to:
                for letter in kept:
                    router.send_multipart([sender, *letter])
                kept.clear()
                continue
            try:
                if kept:
                    kept.append([sender, *frames])
                else:
                    router.send_multipart([to, sender, *frames])
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH:
                    raise
                kept.append([sender, *frames])
""", ""),
            "forgets who wrote": ("""
def post_office(ctx, endpoint):
    kept = {}
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            if not to:
                for letter in kept.pop(sender, []):
                    router.send_multipart([sender, sender, *letter])
                continue
            if to in kept:
                kept[to].append(frames)
                continue
            try:
                router.send_multipart([to, sender, *frames])
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH:
                    raise
                kept[to] = [frames]
""", "as they were sent"),
            "waits until she is there": ("""
def post_office(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            while to:
                try:
                    router.send_multipart([to, sender, *frames])
                    break
                except zmq.ZMQError as error:
                    if error.errno != zmq.EHOSTUNREACH:
                        raise
                    time.sleep(0.01)
""", "nothing arrived"),
            "says welcome": ("""
def post_office(ctx, endpoint):
    kept = {}
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            if not to:
                router.send_multipart([sender, b"", b"welcome"])
                for letter in kept.pop(sender, []):
                    router.send_multipart([sender, *letter])
                continue
            kept.setdefault(to, []).append([sender, *frames])
""", "no answer to hello"),
        },
    },
    "14.5": {
        "right": {
            "no time to send anything": """
def mended(ctx, endpoint):
    router = ctx.socket(zmq.ROUTER)
    router.setsockopt(zmq.ROUTER_MANDATORY, 1)
    router.sndtimeo = 0
    router.bind(endpoint)
    while True:
        caller, to, *frames = router.recv_multipart()
        try:
            router.send_multipart([to, caller] + frames)
        except zmq.ZMQError as error:
            why = {zmq.EAGAIN: b"busy", zmq.EHOSTUNREACH: b"nobody"}[error.errno]
            try:
                router.send_multipart([caller, b"", to, why])
            except zmq.ZMQError:
                pass
""",
            "asks a poller, and looks for Again first": """
import contextlib

def mended(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        poller = zmq.Poller()
        poller.register(router, zmq.POLLIN)
        while True:
            poller.poll()
            sender, to, *frames = router.recv_multipart()
            notice = None
            try:
                router.send_multipart([to, sender, *frames], flags=zmq.NOBLOCK)
            except zmq.Again:
                notice = b"busy"
            except zmq.ZMQError:
                notice = b"nobody"
            if notice:
                with contextlib.suppress(zmq.ZMQError):
                    router.send_multipart([sender, b"", to, notice], flags=zmq.NOBLOCK)
""",
        },
        "wrong": {
            "once busy, busy for ever": ("""
def mended(ctx, endpoint):
    r = ctx.socket(zmq.ROUTER)
    r.setsockopt(zmq.ROUTER_MANDATORY, 1)
    r.bind(endpoint)
    bad = set()
    while True:
        sender, to, *frames = r.recv_multipart()
        why = None
        if to in bad:
            why = b"busy"
        else:
            try:
                r.send_multipart([to, sender] + frames, zmq.DONTWAIT)
            except zmq.Again:
                why = b"busy"; bad.add(to)
            except zmq.ZMQError:
                why = b"nobody"
        if why:
            try:
                r.send_multipart([sender, b"", to, why], zmq.DONTWAIT)
            except zmq.ZMQError:
                pass
""", "nothing arrived"),
            "as it was": ("""
def mended(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            try:
                router.send_multipart([to, sender, *frames])
            except zmq.ZMQError:
                router.send_multipart([sender, b"", to, b"nobody"])
""", "does not read"),
            "only the call does not wait": ("""
def mended(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            try:
                router.send_multipart([to, sender, *frames], zmq.DONTWAIT)
            except zmq.Again:
                router.send_multipart([sender, b"", to, b"busy"])
            except zmq.ZMQError:
                router.send_multipart([sender, b"", to, b"nobody"])
""", ""),
            "a notice for somebody who has hung up ends it": ("""
def mended(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            try:
                router.send_multipart([to, sender, *frames], zmq.DONTWAIT)
            except zmq.Again:
                router.send_multipart([sender, b"", to, b"busy"], zmq.DONTWAIT)
            except zmq.ZMQError:
                try:
                    router.send_multipart([sender, b"", to, b"nobody"], zmq.DONTWAIT)
                except zmq.Again:
                    pass
""", ""),
            "busy is nobody": ("""
def mended(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            for message in ([to, sender, *frames], [sender, b"", to, b"nobody"]):
                try:
                    router.send_multipart(message, zmq.DONTWAIT)
                    break
                except zmq.ZMQError:
                    pass
""", "something else than `busy`"),
            "busy in silence": ("""
def mended(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            try:
                router.send_multipart([to, sender, *frames], zmq.DONTWAIT)
            except zmq.Again:
                pass
            except zmq.ZMQError:
                try:
                    router.send_multipart([sender, b"", to, b"nobody"], zmq.DONTWAIT)
                except zmq.ZMQError:
                    pass
""", "without a word"),
            "no mandatory, so nobody is told": ("""
def mended(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            router.send_multipart([to, sender, *frames])
""", "nobody"),
            "waits a tenth of a second for room, and then the notice waits": ("""
def mended(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory, router.sndtimeo = True, 100
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            try:
                router.send_multipart([to, sender, *frames])
            except zmq.ZMQError as error:
                why = b"busy" if error.errno == zmq.EAGAIN else b"nobody"
                router.send_multipart([sender, b"", to, why])
""", ""),
            "the first frame only": ("""
def mended(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            for message in ([to, sender, *frames[:1]], [sender, b"", to, b"nobody"]):
                try:
                    router.send_multipart(message, zmq.DONTWAIT)
                    break
                except zmq.ZMQError:
                    pass
""", "did not arrive as"),
            "a call without a body is left out": ("""
def mended(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            if not frames:
                continue
            for message in ([to, sender, *frames], [sender, b"", to, b"nobody"]):
                try:
                    router.send_multipart(message, zmq.DONTWAIT)
                    break
                except zmq.ZMQError:
                    pass
""", ""),
        },
    },
}
