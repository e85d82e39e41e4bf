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
    "14.2": {
        "right": {
            "frame by frame, as they come": """
def switchboard(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            sender, to = router.recv(), router.recv()
            router.send(to, zmq.SNDMORE)
            router.send(sender, zmq.SNDMORE)
            while True:
                frame = router.recv(copy=False)
                router.send(frame, zmq.SNDMORE if frame.more else 0)
                if not frame.more:
                    break
""",
            "mandatory, and it does not mind": """
def switchboard(ctx, endpoint):
    router = ctx.socket(zmq.ROUTER)
    router.setsockopt(zmq.ROUTER_MANDATORY, 1)
    router.bind(endpoint)
    try:
        while True:
            frames = router.recv_multipart()
            frames[0], frames[1] = frames[1], frames[0]
            try:
                router.send_multipart(frames)
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH:
                    raise
    finally:
        router.close()
""",
        },
        "wrong": {
            "back to the sender": ("""
def switchboard(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            router.send_multipart(router.recv_multipart())
""", "gets"),
            "nobody knows who called": ("""
def switchboard(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            sender, *call = router.recv_multipart()
            router.send_multipart(call)
""", "did not arrive as `from, frames…`"),
            "the receiver's name twice": ("""
def switchboard(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            router.send_multipart([to, to, sender, *frames])
""", "did not arrive as `from, frames…`"),
            "one frame, it thinks": ("""
def switchboard(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            sender, to, text = router.recv_multipart()
            router.send_multipart([to, sender, text])
""", "raised"),
            "the last frame only": ("""
def switchboard(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            frames = router.recv_multipart()
            router.send_multipart([frames[1], frames[0], frames[-1]])
""", "did not arrive as `from, frames…`"),
            "an empty frame in between": ("""
def switchboard(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            router.send_multipart([to, sender, b"", *frames])
""", "did not arrive as `from, frames…`"),
            "empty frames left out": ("""
def switchboard(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            router.send_multipart([to, sender, *filter(None, frames)])
""", "did not arrive as `from, frames…`"),
            "names are text": ("""
def switchboard(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            router.send_multipart([to.decode().strip().encode(), sender.decode().encode(), *frames])
""", "raised"),
            "dies of a wrong number": ("""
def switchboard(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            sender, to, *frames = router.recv_multipart()
            router.send_multipart([to, sender, *frames])
""", "unreachable"),
            "a DEALER": ("""
def switchboard(ctx, endpoint):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.bind(endpoint)
        while True:
            dealer.send_multipart(dealer.recv_multipart())
""", ""),
            "a table of names, one call behind": ("""
def switchboard(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        seen = set()
        while True:
            sender, to, *frames = router.recv_multipart()
            if to in seen:
                router.send_multipart([to, sender, *frames])
            seen.add(sender)
""", "nothing arrived"),
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
            "a timer of threading's for each, and a way back": """
def alarms(ctx, endpoint):
    rung = []
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            if router.poll(5):
                *front, after = router.recv_multipart()
                timer = threading.Timer(int(after) / 1000, rung.append, [front])
                timer.daemon = True
                timer.start()
            while rung:
                router.send_multipart([*rung.pop(0), b"ring"])
""",
            "looks a hundred times a second": """
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
""",
        },
        "wrong": {
            "sleeps": ("""
def alarms(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            *front, after = router.recv_multipart()
            time.sleep(int(after) / 1000)
            router.send_multipart([*front, b"ring"])
""", "whatever else is set"),
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
""", "nothing arrived"),
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
            while kept[sender]:
                router.send_multipart([sender, *kept[sender].popleft()])
        elif kept[to]:
            kept[to].append([sender, *frames])
        else:
            try:
                router.send_multipart([to, sender, *frames])
            except zmq.ZMQError as error:
                if error.errno != zmq.EHOSTUNREACH:
                    raise
                kept[to].append([sender, *frames])
""",
            "a list of those who said hello": """
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
""",
        },
        "wrong": {
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
}
