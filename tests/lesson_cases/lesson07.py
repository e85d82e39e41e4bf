"""Answers to the exercises of lesson 07, right and wrong. See ../lessons.py for the form."""

CASES = {
    "07.1": {
        "right": {
            "a regular expression": '''
import re

def calculator(ctx, endpoint):
    rep = ctx.socket(zmq.REP)
    try:
        rep.bind(endpoint)
        while True:
            found = re.fullmatch(rb"(-?[0-9]+) ([-+*]) (-?[0-9]+)", rep.recv())
            if found:
                a, b = int(found[1]), int(found[3])
                result = a + b if found[2] == b"+" else a - b if found[2] == b"-" else a * b
                rep.send(str(result).encode())
            else:
                rep.send(b"?")
    finally:
        rep.close()
''',
            "text, and multipart": '''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            answer = "?"
            try:
                a, sign, b = b"".join(rep.recv_multipart()).decode().split(" ")
                a, b = int(a), int(b)
                if sign in ("+", "-", "*"):
                    answer = str(a + b if sign == "+" else a - b if sign == "-" else a * b)
            except ValueError:
                pass
            rep.send_string(answer)
''',
            "a ROUTER that does it by hand": '''
import operator

SIGNS = {b"+": operator.add, b"-": operator.sub, b"*": operator.mul}

def calculator(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            *way, question = router.recv_multipart()
            try:
                a, sign, b = question.split()
                answer = b"%d" % SIGNS[sign](int(a), int(b))
            except (ValueError, KeyError):
                answer = b"?"
            router.send_multipart([*way, answer])
''',
        },
        "wrong": {
            "dies of a bad question": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            a, sign, b = rep.recv().split()
            a, b = int(a), int(b)
            rep.send(b"%d" % {b"+": a + b, b"-": a - b, b"*": a * b}[sign])
''', "the question `b'hello'`"),
            "skips a bad question": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            try:
                a, sign, b = rep.recv().split()
                a, b = int(a), int(b)
                result = {b"+": a + b, b"-": a - b, b"*": a * b}[sign]
            except (ValueError, KeyError):
                continue
            rep.send(b"%d" % result)
''', "raised"),
            "runs what it is sent": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            try:
                answer = str(eval(rep.recv())).encode()
            except Exception:
                answer = b"?"
            rep.send(answer)
''', "one of + - *"),
            "answers one question": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        a, sign, b = rep.recv().split()
        rep.send(b"%d" % (int(a) + int(b)))
''', "an answer to the question"),
            "connects": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.connect(endpoint)
        while True:
            a, sign, b = rep.recv().split()
            rep.send(b"%d" % (int(a) + int(b)))
''', "nothing arrived"),
            "answers with a number": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            a, sign, b = rep.recv().split()
            rep.send(int(a) + int(b))
''', "raised"),
            "answers with the sum in words": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            question = rep.recv()
            a, sign, b = question.split()
            rep.send(question + b" = %d" % (int(a) + int(b)))
''', "not the answer"),
            "only adds": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            try:
                a, sign, b = rep.recv().split()
                rep.send(b"%d" % (int(a) + int(b)))
            except ValueError:
                rep.send(b"?")
''', "10 - 25"),
            "a PULL and a PUSH": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.bind(endpoint)
        while True:
            a, sign, b = pull.recv().split()
            push.send(b"%d" % (int(a) + int(b)))
''', ""),
        },
    },
    "07.2": {
        "right": {
            "a limit on recv, closed by hand": '''
def ask(ctx, endpoint, question, patience, tries):
    while tries:
        tries -= 1
        req = ctx.socket(zmq.REQ)
        req.setsockopt(zmq.RCVTIMEO, int(patience * 1000))
        req.connect(endpoint)
        try:
            req.send(question)
            return req.recv()
        except zmq.Again:
            pass
        finally:
            req.close(linger=0)
''',
            "a Poller": '''
def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries):
        req = ctx.socket(zmq.REQ)
        req.connect(endpoint)
        req.send(question)
        poller = zmq.Poller()
        poller.register(req, zmq.POLLIN)
        answer = req.recv() if dict(poller.poll(patience * 1000)) else None
        req.close(0)
        if answer is not None:
            return answer
    return None
''',
            "one relaxed and correlated socket": '''
def ask(ctx, endpoint, question, patience, tries):
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.rcvtimeo = int(patience * 1000)
        req.connect(endpoint)
        for _ in range(tries):
            req.send(question)
            try:
                return req.recv()
            except zmq.Again:
                continue
''',
        },
        "wrong": {
            "waits for ever": ('''
def ask(ctx, endpoint, question, patience, tries):
    with ctx.socket(zmq.REQ) as req:
        req.linger = 0
        req.connect(endpoint)
        req.send(question)
        return req.recv()
''', "nothing arrived"),
            "the same socket again": ('''
def ask(ctx, endpoint, question, patience, tries):
    with ctx.socket(zmq.REQ) as req:
        req.linger = 0
        req.connect(endpoint)
        for _ in range(tries):
            req.send(question)
            if req.poll(patience * 1000):
                return req.recv()
''', "raised"),
            "asks without a new question": ('''
def ask(ctx, endpoint, question, patience, tries):
    with ctx.socket(zmq.REQ) as req:
        req.linger = 0
        req.connect(endpoint)
        req.send(question)
        for _ in range(tries):
            if req.poll(patience * 1000):
                return req.recv()
''', "nothing arrived"),
            "seconds taken for milliseconds": ('''
def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send(question)
            if req.poll(patience):
                return req.recv()
''', "returned"),
            "tries once": ('''
def ask(ctx, endpoint, question, patience, tries):
    with ctx.socket(zmq.REQ) as req:
        req.linger = 0
        req.connect(endpoint)
        req.send(question)
        return req.recv() if req.poll(patience * 1000) else None
''', "gave up too early"),
            "tries for ever": ('''
def ask(ctx, endpoint, question, patience, tries):
    while True:
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send(question)
            if req.poll(patience * 1000):
                return req.recv()
''', "did not come back"),
            "once more than asked": ('''
def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries + 1):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send(question)
            if req.poll(patience * 1000):
                return req.recv()
''', ""),
            "a question from the grave": ('''
def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.connect(endpoint)
            req.send(question)
            if req.poll(patience * 1000):
                return req.recv()
    return None
''', "linger = 0"),
            "keeps them for later": ('''
opened = []

def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries):
        req = ctx.socket(zmq.REQ)
        req.linger = 0
        opened.append(req)
        req.connect(endpoint)
        req.send(question)
        if req.poll(patience * 1000):
            return req.recv()
''', "left a REQ socket open"),
            "raises in the end": ('''
def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send(question)
            if req.poll(patience * 1000):
                return req.recv()
    raise TimeoutError("no answer")
''', "raised"),
            "returns a list of frames": ('''
def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send(question)
            if req.poll(patience * 1000):
                return req.recv_multipart()
''', "returned something else"),
            "a DEALER without the delimiter": ('''
def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries):
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.linger = 0
            dealer.connect(endpoint)
            dealer.send(question)
            if dealer.poll(patience * 1000):
                return dealer.recv()
''', "empty delimiter"),
        },
    },
    "07.3": {
        "right": {
            "a deadline and DONTWAIT": '''
def interview(ctx, endpoint, questions, patience):
    def answer(req):
        deadline = time.monotonic() + patience
        while (left := deadline - time.monotonic()) > 0:
            if req.poll(left * 1000):
                try:
                    return req.recv(zmq.DONTWAIT)
                except zmq.Again:
                    pass                  # it was an old one
        return None

    with ctx.socket(zmq.REQ) as req:
        req.setsockopt(zmq.REQ_CORRELATE, 1)
        req.setsockopt(zmq.REQ_RELAXED, 1)
        req.connect(endpoint)
        result = []
        for question in questions:
            req.send(question)
            result.append(answer(req))
        req.linger = 0
        return result
''',
            "a DEALER with numbers of its own": '''
def interview(ctx, endpoint, questions, patience):
    answers = [None] * len(questions)
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for number, question in enumerate(questions):
            dealer.send_multipart([b"%d" % number, b"", question])
            deadline = time.monotonic() + patience
            while answers[number] is None and dealer.poll(max(0, deadline - time.monotonic()) * 1000):
                id, _, answer = dealer.recv_multipart()
                if int(id) == number:
                    answers[number] = answer
    return answers
''',
        },
        "wrong": {
            "relaxed alone": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = True
        req.linger = 0
        req.rcvtimeo = int(patience * 1000)
        req.connect(endpoint)
        for question in questions:
            req.send(question)
            try:
                answers.append(req.recv())
            except zmq.Again:
                answers.append(None)
    return answers
''', "other answers"),
            "correlated alone": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_correlate = True
        req.linger = 0
        req.rcvtimeo = int(patience * 1000)
        req.connect(endpoint)
        for question in questions:
            req.send(question)
            try:
                answers.append(req.recv())
            except zmq.Again:
                answers.append(None)
    return answers
''', "raised"),
            "poll alone": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.connect(endpoint)
        for question in questions:
            req.send(question)
            answers.append(req.recv() if req.poll(patience * 1000) else None)
    return answers
''', "although an old answer came in"),
            "no limit at all": ('''
def interview(ctx, endpoint, questions, patience):
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.connect(endpoint)
        answers = []
        for question in questions:
            req.send(question)
            answers.append(req.recv())
    return answers
''', "nothing arrived"),
            "a socket for each question": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    for question in questions:
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send(question)
            answers.append(req.recv() if req.poll(patience * 1000) else None)
    return answers
''', "made 3 sockets"),
            "leaves out what is missing": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.rcvtimeo = int(patience * 1000)
        req.connect(endpoint)
        for question in questions:
            req.send(question)
            try:
                answers.append(req.recv())
            except zmq.Again:
                pass
    return answers
''', "other answers"),
            "gives up at the first timeout": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.rcvtimeo = int(patience * 1000)
        req.connect(endpoint)
        for question in questions:
            req.send(question)
            try:
                answers.append(req.recv())
            except zmq.Again:
                break
    return answers + [None] * (len(questions) - len(answers))
''', "the next question"),
            "does not catch the timeout": ('''
def interview(ctx, endpoint, questions, patience):
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.rcvtimeo = int(patience * 1000)
        req.connect(endpoint)
        answers = []
        for question in questions:
            req.send(question)
            answers.append(req.recv())
        return answers
''', "raised"),
            "drops the old one by reading first": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for question in questions:
            while dealer.poll(0):
                dealer.recv_multipart()
            dealer.send_multipart([b"", question])
            answers.append(dealer.recv_multipart()[-1] if dealer.poll(patience * 1000) else None)
    return answers
''', "other answers"),
            "goes on for ever about the first": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.rcvtimeo = int(patience * 1000)
        req.connect(endpoint)
        for question in questions:
            while True:
                req.send(question)
                try:
                    answers.append(req.recv())
                    break
                except zmq.Again:
                    pass
    return answers
''', ""),
        },
    },
}
