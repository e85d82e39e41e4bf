"""Answers to the exercises of lesson 17, right and wrong. See ../lessons.py for the form."""

SETUP = "from contextlib import suppress\nfrom uuid import uuid4\nfrom zmq.utils.monitor import recv_monitor_message\n"

# 17.1 with a DEALER: how it makes ids, what it sends, how it waits.
_DEALER = """
def persist(ctx, endpoint, requests, waits):
    answers, number = [], 0
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for request in requests:
            number += 1
            id, answer = {id}, None
            for wait in {waits}:
                {each}dealer.send_multipart({frames})
                deadline = time.monotonic() + wait
                while answer is None and (left := deadline - time.monotonic()) > 0 and dealer.poll(left * 1000):
                    _, of, heard = dealer.recv_multipart()
                    if {mine}:
                        answer = heard
                    {stray}
                if answer is not None:
                    break
            {end}answers.append(answer)
    return answers
"""
_USUAL = {
    "id": "uuid4().bytes", "waits": "waits", "each": "", "frames": '[b"", id, request]', "mine": "of == id",
    "stray": "", "end": "",
}


def _dealer(**parts: str) -> str:
    return _DEALER.format(**{**_USUAL, **parts})


_RETURNING = """
def returning(ctx, back, work):
    with ctx.socket(zmq.DEALER) as dealer:
        monitor = dealer.get_monitor_socket({events})
        dealer.linger = 0
        dealer.connect(back)
        poller = zmq.Poller()
        poller.register(dealer, zmq.POLLIN)
        poller.register(monitor, zmq.POLLIN)
        {first}
        while True:
            for socket, _ in poller.poll():
                if socket is monitor:
                    recv_monitor_message(monitor)
                    {told}
                else:
                    _, client, _, job = dealer.recv_multipart()
                    dealer.send_multipart({answer})
"""
_SAYS_READY = 'dealer.send_multipart([b"", b"READY"])'


def _returning(**parts: str) -> str:
    usual = {
        "events": "zmq.EVENT_HANDSHAKE_SUCCEEDED", "first": "", "told": _SAYS_READY,
        "answer": '[b"", client, b"", work(job)]',
    }
    return _RETURNING.format(**{**usual, **parts})


_BROKER = """
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        ready, waiting, under_way, over = [], {}, {}, set()
        while True:
            events = dict(poller.poll())
            if frontend in events:
                client, _, id, order = frontend.recv_multipart()
                REQUEST
            if backend in events:
                name, _, *said = backend.recv_multipart()
                if name in ready:
                    ready.remove(name)
                ready.append(name)
                if said != [b"READY"]:
                    ANSWER
            while waiting and ready:
                id = next(iter(waiting))
                request = waiting.pop(id)
                GIVE
                backend.send_multipart([ready.pop(0), b"", *request])
"""


def _broker(request: str, answer: str, give: str = "pass") -> str:
    """The broker with these three lines, or blocks, in their places."""
    found = _BROKER
    for word, block in ("REQUEST", request), ("ANSWER", answer), ("GIVE", give):
        indent = found[: found.index(word)].rpartition("\n")[2]
        found = found.replace(word, block.strip("\n").replace("\n", "\n" + indent))
    return found


_TAKES_ITS_PLACE = 'waiting[id] = [client, b"", id, order]'
_TO_THE_NEWEST = """
repeat = waiting.pop(said[2], said)
frontend.send_multipart([repeat[0], *said[1:]])
"""

CASES = {
    "17.1": {
        "right": {
            "a REQ for each try, all of them open until one is answered": """
def persist(ctx, endpoint, requests, waits):
    return [one(ctx, endpoint, request, waits) for request in requests]

def one(ctx, endpoint, request, waits):
    id, tries, poller = uuid4().bytes, [], zmq.Poller()
    try:
        for wait in waits:
            req = ctx.socket(zmq.REQ)
            tries.append(req)
            req.linger = 0
            req.connect(endpoint)
            req.send_multipart([id, request])
            poller.register(req, zmq.POLLIN)
            for socket, _ in poller.poll(wait * 1000):
                return socket.recv_multipart()[1]
        return None
    finally:
        for req in tries:
            req.close()
""",
            "a DEALER for each request, and ids as text": """
def persist(ctx, endpoint, requests, waits):
    answers = []
    for request in requests:
        id = uuid4().hex.encode()
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.linger = 0
            dealer.connect(endpoint)
            for wait in waits:
                dealer.send_multipart([b"", id, request])
                if dealer.poll(wait * 1000):
                    answers.append(dealer.recv_multipart()[-1])
                    break
            else:
                answers.append(None)
    return answers
""",
            "a limit on recv, set anew for what is left": """
def persist(ctx, endpoint, requests, waits):
    answers = [None] * len(requests)
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        for place, request in enumerate(requests):
            id = b"%s %d" % (uuid4().bytes, place)
            for wait in waits:
                dealer.send_multipart([b"", id, request])
                if heard := hear(dealer, id, wait):
                    answers[place] = heard[0]
                    break
    return answers

def hear(dealer, id, wait):
    end = time.monotonic() + wait
    while (left := end - time.monotonic()) > 0:
        dealer.rcvtimeo = max(1, int(left * 1000))
        try:
            _, of, answer = dealer.recv_multipart()
        except zmq.Again:
            return None
        if of == id:
            return [answer]
""",
        },
        "wrong": {
            "a REQ that correlates": ("""
def persist(ctx, endpoint, requests, waits):
    answers = []
    with ctx.socket(zmq.REQ) as req:
        req.req_relaxed = req.req_correlate = True
        req.linger = 0
        req.connect(endpoint)
        for request in requests:
            id, answer = uuid4().bytes, None
            for wait in waits:
                req.rcvtimeo = int(wait * 1000)
                req.send_multipart([id, request])
                with suppress(zmq.Again):
                    answer = req.recv_multipart()[1]
                    break
            answers.append(answer)
    return answers
""", "an answer to an older try was thrown away"),
            "a new id for each try": (
                _dealer(each="id = uuid4().bytes; "), "the tries of one request do not carry the same id"),
            "a new socket for each try, the old one closed": ("""
def persist(ctx, endpoint, requests, waits):
    answers = []
    for request in requests:
        id, answer = uuid4().bytes, None
        for wait in waits:
            with ctx.socket(zmq.REQ) as req:
                req.linger = 0
                req.connect(endpoint)
                req.send_multipart([id, request])
                if req.poll(wait * 1000):
                    answer = req.recv_multipart()[1]
                    break
        answers.append(answer)
    return answers
""", "an answer to an older try was thrown away"),
            "believes whatever comes": (_dealer(mine="True"), "returned other answers"),
            "numbers from one on": (_dealer(id='b"%d" % number'), "two requests carry the same id"),
            "numbers, one count for all calls": (
                "import itertools\ncount = itertools.count()\n" + _dealer(id='b"%d" % next(count)'),
                "two requests carry the same id"),
            "numbers behind the process's, from one on in each call": (
                "import os\n" + _dealer(id='b"%d.%d" % (os.getpid(), number)'), "two requests carry the same id"),
            "the request is its own id": (_dealer(id="request"), "two requests carry the same id"),
            "the first wait for all tries": (
                _dealer(waits="[waits[0]] * len(waits)"), "asked again before the wait was over"),
            "another's answer ends the wait": (
                _dealer(stray="else: break"), "asked again before the wait was over"),
            "another's answer begins the wait anew": (
                _dealer(stray="else: deadline = time.monotonic() + wait"), "old answers made it wait longer"),
            "one try more": (_dealer(waits="[*waits, waits[-1]]"), "that is not a try for each wait"),
            "the last wait is not waited": (_dealer(waits="waits[:-1]"), "that is not a try for each wait"),
            "no empty frame": (_dealer(frames="[id, request]").replace("_, of, heard", "*_, of, heard"),
                               "behind an empty frame"),
            "no answer is no item": (_dealer(end="if answer is not None: "), "returned other answers"),
            "an empty answer is none": (
                _dealer().replace("if answer is not None:", "if answer:").replace("answer is None", "not answer"),
                "another request came"),
        },
    },
    "17.2": {
        "right": {
            "a name of its own, the monitor in a poll of its own": """
def returning(ctx, back, work):
    with ctx.socket(zmq.DEALER) as dealer:
        events = dealer.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
        dealer.linger, dealer.routing_id = 0, uuid4().hex.encode()
        dealer.connect(back)
        while True:
            while events.poll(0):
                if recv_monitor_message(events)["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                    dealer.send_multipart([b"", b"READY"])
            if dealer.poll(20):
                *way, job = dealer.recv_multipart()
                dealer.send_multipart([*way, work(job)])
""",
            "a new socket for each connection that is lost": """
def returning(ctx, back, work):
    answer = None
    while True:
        with ctx.socket(zmq.DEALER) as dealer:
            monitor = dealer.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
            dealer.linger = 0
            dealer.connect(back)
            answer = serve(dealer, monitor, work, answer)
            dealer.disable_monitor()
            monitor.close()

def serve(dealer, monitor, work, answer):
    poller = zmq.Poller()
    poller.register(dealer, zmq.POLLIN)
    poller.register(monitor, zmq.POLLIN)
    while True:
        events = dict(poller.poll())
        if monitor in events:
            event = recv_monitor_message(monitor)["event"]
            if event == zmq.EVENT_DISCONNECTED:
                return answer
            if answer is not None:
                dealer.send_multipart(answer)
                answer = None
            dealer.send_multipart([b"", b"READY"])
        elif dealer in events:
            *way, job = dealer.recv_multipart()
            done = work(job)
            while monitor.poll(50):
                if recv_monitor_message(monitor)["event"] == zmq.EVENT_DISCONNECTED:
                    return [*way, done]
            dealer.send_multipart([*way, done])
""",
            "one thread works, another one listens": """
def returning(ctx, back, work):
    def works():
        with suppress(zmq.ContextTerminated), ctx.socket(zmq.PAIR) as desk:
            desk.connect(bench)
            while True:
                *way, job = desk.recv_multipart()
                desk.send_multipart([*way, work(job)])

    with ctx.socket(zmq.DEALER) as dealer, ctx.socket(zmq.PAIR) as pair:
        bench = f"inproc://bench-{uuid4()}"
        pair.bind(bench)
        threading.Thread(target=works, daemon=True).start()
        monitor = dealer.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        dealer.connect(back)
        in_hand, owes = 0, False
        while True:
            for socket in zmq.select([dealer, pair, monitor], [], [])[0]:
                frames = socket.recv_multipart()
                if socket is monitor:
                    owes = True
                elif socket is dealer:
                    in_hand += 1
                    pair.send_multipart(frames)
                else:
                    in_hand -= 1
                    dealer.send_multipart(frames)
            if owes and not in_hand:
                owes = False
                dealer.send_multipart([b"", b"READY"])
""",
        },
        "wrong": {
            "the lesson's worker": ("""
def returning(ctx, back, work):
    with ctx.socket(zmq.REQ) as req:
        req.connect(back)
        req.send(b"READY")
        while True:
            *way, job = req.recv_multipart()
            req.send_multipart([*way, work(job)])
""", "a new broker has not heard of the worker"),
            "READY at the start, and when it is connected": (
                _returning(first=_SAYS_READY), "READY once too often"),
            "connected is enough": (
                _returning(events="zmq.EVENT_CONNECTED"), "READY once too often"),
            "READY every half second": ("""
def returning(ctx, back, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while True:
            if dealer.poll(500):
                *way, job = dealer.recv_multipart()
                dealer.send_multipart([*way, work(job)])
            else:
                dealer.send_multipart([b"", b"READY"])
""", "READY once too often"),
            "READY when nothing has come for a second": ("""
def returning(ctx, back, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while True:
            if dealer.poll(1000):
                *way, job = dealer.recv_multipart()
                dealer.send_multipart([*way, work(job)])
            else:
                dealer.send_multipart([b"", b"READY"])
""", "READY once too often"),
            "the first restart only": (_returning(
                first="times = 0",
                told='times += 1; times < 3 and dealer.send_multipart([b"", b"READY"])',
            ), "the worker came back once, then no more"),
            "what is in hand goes down with the old socket": ("""
def returning(ctx, back, work):
    while True:
        with ctx.socket(zmq.DEALER) as dealer:
            monitor = dealer.get_monitor_socket(zmq.EVENT_DISCONNECTED)
            dealer.linger = 0
            dealer.connect(back)
            dealer.send_multipart([b"", b"READY"])
            while not monitor.poll(0):
                if dealer.poll(20):
                    *way, job = dealer.recv_multipart()
                    done = work(job)
                    if monitor.poll(50):
                        break
                    dealer.send_multipart([*way, done])
            dealer.disable_monitor()
            monitor.close()
""", "what the worker had in hand was not handed in"),
            "no empty frame": (_returning(told='dealer.send(b"READY")'), "as lesson 08 writes it"),
            "the client's name is lost": (_returning(answer='[b"", work(job)]'), "that is not the answer to the job"),
            "a watcher of its own speaks for the worker": ("""
def returning(ctx, back, work):
    def watch():
        with ctx.socket(zmq.DEALER) as other, suppress(zmq.ContextTerminated):
            monitor = other.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
            other.connect(back)
            while True:
                recv_monitor_message(monitor)
                other.send_multipart([b"", b"READY"])

    threading.Thread(target=watch, daemon=True).start()
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        while True:
            *way, job = dealer.recv_multipart()
            dealer.send_multipart([*way, work(job)])
""", "a job was not answered"),
        },
    },
    "17.3": {
        "right": {
            "reads all that is there, then looks who is free": """
def mended(ctx, front, back):
    frontend, backend = ctx.socket(zmq.ROUTER), ctx.socket(zmq.ROUTER)
    frontend.bind(front)
    backend.bind(back)
    free, line, newest = [], [], {}
    poller = zmq.Poller()
    poller.register(frontend, zmq.POLLIN)
    poller.register(backend, zmq.POLLIN)
    try:
        while True:
            poller.poll()
            while frontend.poll(0):
                *way, id, order = frontend.recv_multipart()
                newest[id] = way
                if id not in [waiting for waiting, _ in line]:
                    line.append((id, order))
            while backend.poll(0):
                worker, _, *said = backend.recv_multipart()
                free = [each for each in free if each != worker] + [worker]
                if len(said) == 4:
                    id, answer = said[2:]
                    line = [each for each in line if each[0] != id]
                    frontend.send_multipart([*newest.get(id, said[:2]), id, answer])
            while line and free:
                id, order = line.pop(0)
                backend.send_multipart([free.pop(0), b"", *newest[id], id, order])
    finally:
        frontend.close()
        backend.close()
""",
            "remembers what was answered": _broker(
                """
if id in over:
    frontend.send_multipart([client, b"", id, over[id]])
else:
    waiting[id] = [client, b"", id, order]
""",
                """
over[said[2]] = said[3]
repeat = waiting.pop(said[2], said)
frontend.send_multipart([repeat[0], *said[1:]])
""",
            ).replace("over = [], {}, {}, set()", "over = [], {}, {}, {}"),
        },
        "wrong": {
            "the list as it was": (_broker(
                'waiting[len(waiting), client] = [client, b"", id, order]', "frontend.send_multipart(said)"
            ), "a repeat was done as if it were new"),
            "the first try stays on the list": (_broker(
                'waiting.setdefault(id, [client, b"", id, order])', "frontend.send_multipart(said)"
            ), "did not come to the newest try"),
            "a repeat goes to the end of the line": (_broker(
                'waiting.pop(id, None); waiting[id] = [client, b"", id, order]', _TO_THE_NEWEST
            ), "a repeat keeps the place of the first"),
            "what is at work is done again": (_broker(
                _TAKES_ITS_PLACE, "frontend.send_multipart(said)"
            ), "a repeat was done as if it were new"),
            "who is at work on it is believed to be alive": (_broker(
                """
if id in under_way:
    under_way[id] = client
else:
    waiting[id] = [client, b"", id, order]
""",
                "frontend.send_multipart([under_way.pop(said[2], said[0]), *said[1:]])",
                "under_way[id] = request[0]",
            ), "what died with its worker is never done"),
            "what was answered once is never answered again": (_broker(
                """
if id not in over:
    waiting[id] = [client, b"", id, order]
""",
                "over.add(said[2])" + _TO_THE_NEWEST,
            ), "a client that asked again hangs"),
            "a repeat is dropped, and its answer with it": (_broker(
                _TAKES_ITS_PLACE, "waiting.pop(said[2], None); frontend.send_multipart(said)"
            ), "did not come to the newest try"),
            "the order is taken for the id": (_broker(
                'waiting[order] = [client, b"", id, order]', "frontend.send_multipart(said)"
            ), ""),
            "what is given out stays on the list until it is answered": (_broker(
                _TAKES_ITS_PLACE, _TO_THE_NEWEST, "waiting[id] = request"
            ), "two workers were given the same request"),
            "free is who came last": (_broker(
                _TAKES_ITS_PLACE, _TO_THE_NEWEST
            ).replace("ready.append(name)", "ready = [name]"), "a free worker is given nothing"),
            "without a list: the broker reads when somebody is free": ("""
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        frontend.bind(front)
        backend.bind(back)
        ready, poller = [], zmq.Poller()
        poller.register(backend, zmq.POLLIN)
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            for socket, _ in poller.poll():
                if socket is frontend:
                    backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
                else:
                    name, _, *said = backend.recv_multipart()
                    ready.append(name)
                    if said != [b"READY"]:
                        frontend.send_multipart(said)
""", "a repeat was done as if it were new"),
        },
    },
}
