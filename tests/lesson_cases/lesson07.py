"""Answers to the exercises of lesson 07, right and wrong. See ../lessons.py for the form."""

SETUP = "from uuid import uuid4\n"

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
            found = re.fullmatch(rb"(-?[0-9]+) ([-+*]) (-?[0-9]+)", b"|".join(rep.recv_multipart()))
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
            frames = router.recv_multipart()
            way = frames[:frames.index(b"", 1) + 1]
            try:
                (question,) = frames[len(way):]
                a, sign, b = question.split()
                answer = b"%d" % SIGNS[sign](int(a), int(b))
            except (ValueError, KeyError):
                answer = b"?"
            router.send_multipart([*way, answer])
''',
            "ROUTER and threads behind it": '''
import threading

def clerk(ctx):
    with ctx.socket(zmq.REP) as rep:
        rep.connect("inproc://clerks")
        while True:
            try:
                question = rep.recv_multipart()
            except zmq.ContextTerminated:
                return
            try:
                (text,) = question
                a, sign, b = text.split(b" ")
                rep.send(b"%d" % {b"+": int(a) + int(b), b"-": int(a) - int(b), b"*": int(a) * int(b)}[sign])
            except (ValueError, KeyError):
                rep.send(b"?")

def calculator(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as front, ctx.socket(zmq.DEALER) as behind:
        front.bind(endpoint)
        behind.bind("inproc://clerks")
        threads = [threading.Thread(target=clerk, args=(ctx,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        zmq.proxy(front, behind)
''',
            "wakes up now and then": '''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.rcvtimeo = 200
        rep.bind(endpoint)
        while True:
            try:
                frames = rep.recv_multipart()
            except zmq.Again:
                continue
            answer = b"?"
            if len(frames) == 1 and len(parts := frames[0].split()) == 3:
                a, sign, b = parts
                if a.lstrip(b"-").isdigit() and b.lstrip(b"-").isdigit() and sign in (b"+", b"-", b"*"):
                    a, b = int(a), int(b)
                    answer = b"%d" % (a + b if sign == b"+" else a - b if sign == b"-" else a * b)
            rep.send(answer)
''',
            "asyncio": '''
import zmq.asyncio

async def calculator(ctx, endpoint):
    rep = zmq.asyncio.Context.shadow(ctx).socket(zmq.REP)
    try:
        rep.bind(endpoint)
        while True:
            try:
                (question,) = await rep.recv_multipart()
                a, sign, b = question.decode().split(" ")
                answer = {"+": int(a) + int(b), "-": int(a) - int(b), "*": int(a) * int(b)}[sign]
                await rep.send_string(str(answer))
            except (ValueError, KeyError):
                await rep.send(b"?")
    finally:
        rep.close()
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
            "one frame of a question": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            question = rep.recv()
            try:
                a, sign, b = question.split()
                a, b = int(a), int(b)
                answer = b"%d" % {b"+": a + b, b"-": a - b, b"*": a * b}[sign]
            except (ValueError, KeyError):
                answer = b"?"
            rep.send(answer)
''', 'several frames'),
            "the first frame alone counts": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            question = rep.recv_multipart()[0]
            try:
                a, sign, b = question.split()
                a, b = int(a), int(b)
                answer = b"%d" % {b"+": a + b, b"-": a - b, b"*": a * b}[sign]
            except (ValueError, KeyError):
                answer = b"?"
            rep.send(answer)
''', 'not two whole numbers'),
            "with floats": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            question = b"|".join(rep.recv_multipart())
            try:
                a, sign, b = question.split()
                a, b = float(a), float(b)
                if a != int(a) or b != int(b) or b"." in question:
                    raise ValueError
                answer = b"%d" % {b"+": a + b, b"-": a - b, b"*": a * b}[sign]
            except (ValueError, KeyError, OverflowError):
                answer = b"?"
            rep.send(answer)
''', 'not the answer'),
            "only digits": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            question = b"|".join(rep.recv_multipart())
            try:
                a, sign, b = question.split()
                if not a.isdigit() or not b.isdigit():
                    raise ValueError
                a, b = int(a), int(b)
                answer = b"%d" % {b"+": a + b, b"-": a - b, b"*": a * b}[sign]
            except (ValueError, KeyError):
                answer = b"?"
            rep.send(answer)
''', '-3 * 12'),
            "eval behind a look at its beginning": ('''
import re

def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            question = b"|".join(rep.recv_multipart())
            try:
                answer = b"%d" % eval(question) if re.match(rb"-?[0-9]+ [-+*] -?[0-9]+", question) else b"?"
            except Exception:
                answer = b"?"
            rep.send(answer)
''', '3 + 4 + 5'),
            "a question that is a control word": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            question = b"|".join(rep.recv_multipart())
            if question == b"STOP":
                rep.send(b"?")
                break
            try:
                a, sign, b = question.split()
                a, b = int(a), int(b)
                answer = b"%d" % {b"+": a + b, b"-": a - b, b"*": a * b}[sign]
            except (ValueError, KeyError):
                answer = b"?"
            rep.send(answer)
''', 'an answer to the question'),
            "goes home after a second of silence": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while rep.poll(1000):
            question = b"|".join(rep.recv_multipart())
            try:
                a, sign, b = question.split()
                a, b = int(a), int(b)
                answer = b"%d" % {b"+": a + b, b"-": a - b, b"*": a * b}[sign]
            except (ValueError, KeyError):
                answer = b"?"
            rep.send(answer)
''', ''),
            "ends after 200 questions": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        for _ in range(200):
            question = b"|".join(rep.recv_multipart())
            try:
                a, sign, b = question.split()
                a, b = int(a), int(b)
                answer = b"%d" % {b"+": a + b, b"-": a - b, b"*": a * b}[sign]
            except (ValueError, KeyError):
                answer = b"?"
            rep.send(answer)
''', 'answer'),
            "does not answer what is empty": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            question = b"|".join(rep.recv_multipart())
            if not question:
                continue
            try:
                a, sign, b = question.split()
                a, b = int(a), int(b)
                answer = b"%d" % {b"+": a + b, b"-": a - b, b"*": a * b}[sign]
            except (ValueError, KeyError):
                answer = b"?"
            rep.send(answer)
''', "the question `b''`"),
            "falls over who has gone": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.router_mandatory = True
        router.bind(endpoint)
        while True:
            frames = router.recv_multipart()
            at = frames.index(b"", 1) + 1
            try:
                (question,) = frames[at:]
                a, sign, b = question.split()
                a, b = int(a), int(b)
                answer = b"%d" % {b"+": a + b, b"-": a - b, b"*": a * b}[sign]
            except (ValueError, KeyError):
                answer = b"?"
            router.send_multipart([*frames[:at], answer])
''', 'raised'),
            "all clients are one": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        asked = []
        while True:
            asked.append(router.recv_multipart())
            while router.poll(1):
                asked.append(router.recv_multipart())
            way = asked[0][:asked[0].index(b"", 1) + 1]
            for frames in asked:
                try:
                    (question,) = frames[frames.index(b"", 1) + 1:]
                    a, sign, b = question.split()
                    a, b = int(a), int(b)
                    answer = b"%d" % {b"+": a + b, b"-": a - b, b"*": a * b}[sign]
                except (ValueError, KeyError):
                    answer = b"?"
                router.send_multipart([*way, answer])
            asked.clear()
''', ''),
            "answers in two frames": ('''
def calculator(ctx, endpoint):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            question = b"|".join(rep.recv_multipart())
            try:
                a, sign, b = question.split()
                a, b = int(a), int(b)
                answer = b"%d" % {b"+": a + b, b"-": a - b, b"*": a * b}[sign]
            except (ValueError, KeyError):
                answer = b"?"
            rep.send_multipart([answer, question])
''', 'not the answer'),
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
            "a deadline and DONTWAIT on one correlated socket": '''
def ask(ctx, endpoint, question, patience, tries):
    with ctx.socket(zmq.REQ) as req:
        req.setsockopt(zmq.REQ_RELAXED, 1)
        req.setsockopt(zmq.REQ_CORRELATE, 1)
        req.linger = 0
        req.connect(endpoint)
        for _ in range(tries):
            req.send(question)
            end = time.monotonic() + patience
            while (left := end - time.monotonic()) > 0 and req.poll(left * 1000):
                try:
                    return req.recv(zmq.DONTWAIT)
                except zmq.Again:
                    pass
    return None
''',
            "a DEALER that numbers its tries": '''
def ask(ctx, endpoint, question, patience, tries):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for number in range(tries):
            dealer.send_multipart([b"%d" % number, b"", question])
            if dealer.poll(patience * 1000):
                return dealer.recv_multipart()[-1]
    return None
''',
            "calls itself": '''
def ask(ctx, endpoint, question, patience, tries):
    if not tries:
        return None
    req = ctx.socket(zmq.REQ)
    try:
        req.linger = 0
        req.connect(endpoint)
        req.send(question)
        if req.poll(int(patience * 1000)):
            return req.recv()
    finally:
        req.close()
    return ask(ctx, endpoint, question, patience, tries - 1)
''',
            "only over a connection that stands": '''
def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger, req.immediate = 0, True
            req.sndtimeo = req.rcvtimeo = int(patience * 1000)
            req.connect(endpoint)
            try:
                req.send(question)
                return req.recv()
            except zmq.Again:
                pass
    return None
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
            "relaxed and correlated, poll, then recv": ('''
def ask(ctx, endpoint, question, patience, tries):
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.connect(endpoint)
        for _ in range(tries):
            req.send(question)
            if req.poll(patience * 1000):
                return req.recv()
''', 'hangs'),
            "an empty answer is none": ('''
def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send(question)
            if req.poll(patience * 1000):
                answer = req.recv()
                if answer:
                    return answer
''', 'returned'),
            "no empty question": ('''
def ask(ctx, endpoint, question, patience, tries):
    if not question:
        return None
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send(question)
            if req.poll(patience * 1000):
                return req.recv()
''', 'gave up too early'),
            "the answer is text": ('''
def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send(question)
            if req.poll(patience * 1000):
                return req.recv_string()
''', 'returned'),
            "waits for somebody first": ('''
def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger, req.immediate = 0, True
            req.connect(endpoint)
            req.send(question)
            if req.poll(patience * 1000):
                return req.recv()
''', 'did not come back'),
            "all tries at once": ('''
def ask(ctx, endpoint, question, patience, tries):
    reqs = [ctx.socket(zmq.REQ) for _ in range(tries)]
    try:
        for req in reqs:
            req.linger = 0
            req.connect(endpoint)
            req.send(question)
        for req in reqs:
            if req.poll(patience * 1000):
                return req.recv()
    finally:
        for req in reqs:
            req.close()
''', ''),
            "sleeps, then looks": ('''
def ask(ctx, endpoint, question, patience, tries):
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send(question)
            time.sleep(patience)
            if req.poll(0):
                return req.recv()
''', 'went on waiting'),
            "asks all day when nobody is there": ('''
def ask(ctx, endpoint, question, patience, tries):
    left = tries
    while left:
        with ctx.socket(zmq.REQ) as req:
            req.linger, req.immediate = 0, True
            req.sndtimeo = req.rcvtimeo = int(patience * 1000)
            req.connect(endpoint)
            try:
                req.send(question)
            except zmq.Again:
                continue
            try:
                return req.recv()
            except zmq.Again:
                left -= 1
''', 'did not come back'),
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
            "a Poller and one deadline": '''
def interview(ctx, endpoint, questions, patience):
    req = ctx.socket(zmq.REQ)
    req.req_relaxed = req.req_correlate = True
    req.linger = 0
    req.connect(endpoint)
    poller = zmq.Poller()
    poller.register(req, zmq.POLLIN)
    answers = dict.fromkeys(range(len(questions)))
    try:
        for number, question in enumerate(questions):
            req.send(question)
            end = time.monotonic() + patience
            while (left := end - time.monotonic()) > 0:
                try:
                    answers[number] = req.recv(zmq.DONTWAIT)
                    break
                except zmq.Again:
                    poller.poll(min(left * 1000, 5))
    finally:
        req.close()
    return list(answers.values())
''',
            "only over a connection that stands": '''
def interview(ctx, endpoint, questions, patience):
    def one(question):
        try:
            req.send(question)
            return req.recv()
        except zmq.Again:
            return None

    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed, req.req_correlate, req.linger, req.immediate = True, True, 0, True
        req.rcvtimeo = req.sndtimeo = int(patience * 1000)
        req.connect(endpoint)
        return tuple(one(question) for question in questions)
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
''', "made 200 sockets"),
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
            "hangs in send while nobody is there": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger, req.immediate = 0, True
        req.rcvtimeo = int(patience * 1000)
        req.connect(endpoint)
        for question in questions:
            try:
                req.send(question)
                answers.append(req.recv())
            except zmq.Again:
                answers.append(None)
    return answers
''', 'hangs while no server is there'),
            "an old answer starts the wait again": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.connect(endpoint)
        for question in questions:
            req.send(question)
            answer = None
            while req.poll(patience * 1000):
                try:
                    answer = req.recv(zmq.DONTWAIT)
                    break
                except zmq.Again:
                    pass
            answers.append(answer)
    return answers
''', 'wait longer'),
            "an old answer ends the wait": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.connect(endpoint)
        for question in questions:
            req.send(question)
            try:
                answers.append(req.recv(zmq.DONTWAIT) if req.poll(patience * 1000) else None)
            except zmq.Again:
                answers.append(None)
    return answers
''', ''),
            "an empty answer is none": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.rcvtimeo = int(patience * 1000)
        req.connect(endpoint)
        for question in questions:
            try:
                req.send(question)
                answers.append(req.recv() or None)
            except zmq.Again:
                answers.append(None)
    return answers
''', 'other answers'),
            "each question only once": ('''
def interview(ctx, endpoint, questions, patience):
    answers, known = [], {}
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.rcvtimeo = int(patience * 1000)
        req.connect(endpoint)
        for question in questions:
            if question in known:
                answers.append(known[question])
                continue
            try:
                req.send(question)
                known[question] = req.recv()
            except zmq.Again:
                known[question] = None
            answers.append(known[question])
    return answers
''', ''),
            "a question from the grave": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.rcvtimeo = int(patience * 1000)
        req.connect(endpoint)
        for question in questions:
            try:
                req.send(question)
                answers.append(req.recv())
            except zmq.Again:
                answers.append(None)
    return answers
''', 'linger = 0'),
            "a new socket after a timeout": ('''
def interview(ctx, endpoint, questions, patience):
    answers, req = [], None
    for question in questions:
        if req is None:
            req = ctx.socket(zmq.REQ)
            req.linger = 0
            req.connect(endpoint)
        req.send(question)
        if req.poll(patience * 1000):
            answers.append(req.recv())
        else:
            answers.append(None)
            req.close()
            req = None
    if req is not None:
        req.close()
    return answers
''', ''),
            "asks again when there was no answer": ('''
def interview(ctx, endpoint, questions, patience):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.rcvtimeo = int(patience * 500)
        req.connect(endpoint)
        for question in questions:
            for _ in range(2):
                try:
                    req.send(question)
                    answers.append(req.recv())
                    break
                except zmq.Again:
                    pass
            else:
                answers.append(None)
    return answers
''', 'other answers'),
            "asks all, then listens": ('''
def interview(ctx, endpoint, questions, patience):
    answers = [None] * len(questions)
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for number, question in enumerate(questions):
            dealer.send_multipart([b"%d" % number, b"", question])
        for _ in questions:
            if dealer.poll(patience * 1000):
                number, _, answer = dealer.recv_multipart()
                answers[int(number)] = answer
    return answers
''', ''),
        },
    },
    "07.4": {
        "right": {
            "a ROUTER, and one correlated socket": '''
import uuid

def honest_till(ctx, endpoint, sell):
    receipts = {}
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            *way, id, until, order = router.recv_multipart()
            if id in receipts:
                answer = receipts[id]
            elif float(until) < time.time():
                answer = b""
            else:
                answer = receipts[id] = sell(order)
            router.send_multipart([*way, answer])

def honest_buy(ctx, endpoint, order, patience, tries):
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger, req.rcvtimeo = 0, int(patience * 1000)
        req.connect(endpoint)
        question = [str(uuid.uuid4()).encode(), b"%f" % (time.time() + tries * patience), order]
        for _ in range(tries):
            req.send_multipart(question)
            try:
                answer = req.recv()
            except zmq.Again:
                continue
            return answer if answer else None
''',
            "too late is remembered, too": '''
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts:
                late = time.time() > float(until)
                receipts[id] = b"" if late else sell(order)
            rep.send(receipts[id])

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''',
        },
        "wrong": {
            "a new id for each try": ('''
import itertools
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts and time.time() < float(until):
                receipts[id] = sell(order)
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    until = str(time.time() + patience * tries).encode()
    for _ in range(tries):
        id = os.urandom(16)
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', 'another id'),
            "a new deadline for each try": ('''
import itertools
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts and time.time() < float(until):
                receipts[id] = sell(order)
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        until = str(time.time() + patience * tries).encode()
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', 'another deadline'),
            "the deadline of one try": ('''
import itertools
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts and time.time() < float(until):
                receipts[id] = sell(order)
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', 'not when the client gives up'),
            "a deadline by another clock": ('''
import itertools
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts and time.time() < float(until):
                receipts[id] = sell(order)
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.monotonic() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', 'not when the client gives up'),
            "the order is its id": ('''
import itertools
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts and time.time() < float(until):
                receipts[id] = sell(order)
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = order, str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', 'the same id'),
            "each program counts from one": ('''
import itertools
import os

numbers = itertools.count(1)

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts and time.time() < float(until):
                receipts[id] = sell(order)
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = b"%d" % next(numbers), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', 'the same id'),
            "asks again although the till said no": ('''
import itertools
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts and time.time() < float(until):
                receipts[id] = sell(order)
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                receipt = req.recv()
                if receipt:
                    return receipt
    return None
''', ''),
            "not sold is a receipt": ('''
import itertools
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts and time.time() < float(until):
                receipts[id] = sell(order)
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv()
    return None
''', 'returned something else'),
            "an order from the grave": ('''
import itertools
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts and time.time() < float(until):
                receipts[id] = sell(order)
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', 'linger = 0'),
            "the till remembers nothing": ('''
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if time.time() < float(until):
                receipts[id] = sell(order)
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', 'sold too often'),
            "the till knows orders, not ids": ('''
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if order not in receipts and time.time() < float(until):
                receipts[order] = sell(order)
            rep.send(receipts.get(order, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', ''),
            "the till sells to nobody": ('''
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts:
                receipts[id] = sell(order)
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', ''),
            "the till looks at the clock after the sale": ('''
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts:
                receipts[id] = sell(order)
            rep.send(receipts[id] if time.time() < float(until) else b"")

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', 'sold too often'),
            "late is late, sold or not": ('''
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            late = time.time() >= float(until)
            if id not in receipts and not late:
                receipts[id] = sell(order)
            rep.send(b"" if late else receipts[id])

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', "receipt 3"),
            "the till does not answer who is late": ('''
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if time.time() >= float(until):
                continue
            if id not in receipts and time.time() < float(until):
                receipts[id] = sell(order)
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', 'raised'),
            "a repeat gets nothing": ('''
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            new = id not in receipts and time.time() < float(until)
            if new:
                receipts[id] = sell(order)
            rep.send(receipts[id] if new else b"")

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', 'not the answer'),
            "the till remembers only the last": ('''
import os

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        receipts = {}
        while True:
            id, until, order = rep.recv_multipart()
            if id not in receipts and time.time() < float(until):
                receipts = {id: sell(order)}
            rep.send(receipts.get(id, b""))

def honest_buy(ctx, endpoint, order, patience, tries):
    id, until = os.urandom(16), str(time.time() + patience * tries).encode()
    for _ in range(tries):
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, until, order])
            if req.poll(patience * 1000):
                return req.recv() or None
    return None
''', ''),
            "as it was": ('''
import uuid

def honest_till(ctx, endpoint, sell):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            id, until, order = rep.recv_multipart()
            rep.send(sell(order))

def honest_buy(ctx, endpoint, order, patience, tries):
    for _ in range(tries):
        id, until = uuid.uuid4().bytes, time.time() + patience
        with ctx.socket(zmq.REQ) as req:
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, b"%f" % until, order])
            if req.poll(patience * 1000):
                return req.recv()
    return None
''', ''),
        },
    },
}
