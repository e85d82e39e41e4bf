"""Answers to the exercises of lesson 19, right and wrong. See ../lessons.py for the form."""

from pathlib import Path

import nbformat

_LESSON = nbformat.read(Path(__file__).parents[2] / "notebooks" / "19-majordomo.ipynb", as_version=4)
_SHOWN = "words", "ask", "worker", "serve", "book", "client-says", "worker-says", "done", "broker"

# What the lesson's own cells define, and its answers may use.
SETUP = """from collections import deque
from dataclasses import dataclass
from types import SimpleNamespace

""" + "\n\n".join(next(cell.source for cell in _LESSON.cells if cell.id == id) for id in _SHOWN) + """

def all_of_them(workers):
    return [who for who, worker in workers.items() if worker.expires < time.monotonic()]

def again(book, job):
    book.waiting[job.service].appendleft(job)
"""

# A whole broker in other words: one list of workers, one of requests; `_broker` puts in what goes wrong.
_WHOLE = """
def careful(ctx, endpoint, beat):
    router = ctx.socket(zmq.ROUTER)
    router.bind(endpoint)
    known, line, due = {}, [], 0.0

    def drop(who):
        request = known.pop(who)["request"]
        if request:
            request["tries"] += 1
            if request["tries"] >= 2:
                told = [b"MDPC02", b"\\x03", request["service"], b"500", *request["body"]]
                router.send_multipart([request["client"], *told])
            else:
                line.insert(0, request)

    while True:
        try:
            while True:
                who, side, command, *frames = router.recv_multipart(zmq.DONTWAIT)
                if side == b"MDPC02" and frames[0] == b"mmi.service":
                    there = frames[1] in [w["service"] for w in known.values()]
                    router.send_multipart([who, side, b"\\x03", frames[0], b"200" if there else b"404"])
                elif side == b"MDPC02":
                    line.append(dict(client=who, service=frames[0], body=frames[1:], tries=0))
                elif command == b"\\x01":
                    known[who] = dict(service=frames[0], request=None)
                elif who not in known:
                    continue
                elif command == b"\\x06":
                    drop(who)
                elif command in b"\\x03\\x04" and known[who]["request"]:
                    to = known[who]["request"]["client"]
                    word = b"\\x02" if command == b"\\x03" else b"\\x03"
                    router.send_multipart([to, b"MDPC02", word, known[who]["service"], *frames[2:]])
                    if command == b"\\x04":
                        known[who]["request"] = None
                if who in known:
                    known[who]["seen"] = time.monotonic()
        except zmq.Again:
            pass
        for who in [w for w, each in known.items() if time.monotonic() - each["seen"] > 3 * beat]:
            drop(who)
        for request in list(line):
            free = [w for w, each in known.items() if each["service"] == request["service"] and not each["request"]]
            if free:
                line.remove(request)
                known[free[0]]["request"] = request
                router.send_multipart([free[0], b"MDPW02", b"\\x02", request["client"], b"", *request["body"]])
        if time.monotonic() > due:
            due = time.monotonic() + beat
            for who in known:
                router.send_multipart([who, b"MDPW02", b"\\x05"])
        router.poll(beat * 200)
"""


def _broker(old: str, new: str) -> str:
    """The whole broker with one thing changed."""
    assert old in _WHOLE, old
    return _WHOLE.replace(old, new)


def _lost(body: str, dead: str = "all_of_them") -> str:
    """The lesson's broker, with another idea of what becomes of a job whose worker has died."""
    lines = "".join(f"        {line}\n" for line in body.strip("\n").splitlines())
    head = "def careful(ctx, endpoint, beat):\n    counts = {}\n\n    def lost(book, job):\n"
    return f"{head}{lines}\n    broker(ctx, endpoint, {dead}, lost, beat)\n"


_TOLD = 'book.send([job.client, C.NAME, C.FINAL, job.service, b"500", *job.body])'
_COUNTS = f"""
job.deaths = getattr(job, "deaths", 0) + 1
if job.deaths < 2:
    again(book, job)
else:
    {_TOLD}
"""

CASES = {
    "19.1": {
        "right": {
            "a socket for each round, all questions at once": """
def absent(ctx, endpoint, services, patience):
    end = time.monotonic() + patience
    while True:
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.linger = 0
            dealer.connect(endpoint)
            for service in services:
                dealer.send_multipart([b"MDPC02", b"\\x01", b"mmi.service", service])
            codes = [dealer.recv_multipart()[3] if dealer.poll(500) else None for _ in services]
        missing = [service for service, code in zip(services, codes) if code != b"200"]
        if not missing or time.monotonic() > end:
            return missing
        time.sleep(0.07)
""",
            "a set, and a sleep first": """
def absent(ctx, endpoint, services, patience):
    end = time.monotonic() + patience
    missing = set(services)
    while missing and time.monotonic() < end:
        time.sleep(0.05)
        missing = {s for s in services
                   if ask(ctx, endpoint, b"mmi.service", s, patience=0.5) != [b"200"]}
    return missing
""",
            "stops a round at the first that is missing, but for the last": """
def absent(ctx, endpoint, services, patience):
    end = time.monotonic() + patience

    def there(service):
        return ask(ctx, endpoint, b"mmi.service", service, patience=0.5) == [b"200"]

    while time.monotonic() < end:
        if all(there(service) for service in services):
            return []
        time.sleep(0.1)
    return [service for service in services if not there(service)]
""",
        },
        "wrong": {
            "ticks them off one by one": ("""
def absent(ctx, endpoint, services, patience):
    end = time.monotonic() + patience
    missing = list(services)
    while missing and time.monotonic() < end:
        for service in list(missing):
            if ask(ctx, endpoint, b"mmi.service", service, patience=0.3) == [b"200"]:
                missing.remove(service)
        time.sleep(0.1)
    return missing
""", "at some time, and not who is missing now"),
            "asks once": ("""
def absent(ctx, endpoint, services, patience):
    return [s for s in services if ask(ctx, endpoint, b"mmi.service", s, patience=patience) != [b"200"]]
""", "did not wait for one that came later"),
            "asks the service itself": ("""
def absent(ctx, endpoint, services, patience):
    end = time.monotonic() + patience
    while True:
        missing = [s for s in services if ask(ctx, endpoint, s, b"", patience=0.2) is None]
        if not missing or time.monotonic() > end:
            return missing
""", "was asked, not the broker"),
            "without a pause": ("""
def absent(ctx, endpoint, services, patience):
    end = time.monotonic() + patience
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        while True:
            for service in services:
                dealer.send_multipart([C.NAME, C.REQUEST, b"mmi.service", service])
            missing = []
            for service in services:
                if not dealer.poll(500):
                    return services
                if dealer.recv_multipart()[3] != b"200":
                    missing.append(service)
            if not missing or time.monotonic() > end:
                return missing
""", "flooded with questions"),
            "whatever is not 404": ("""
def absent(ctx, endpoint, services, patience):
    end = time.monotonic() + patience
    while True:
        missing = [s for s in services if ask(ctx, endpoint, b"mmi.service", s, patience=0.5) in (None, [b"404"])]
        if not missing or time.monotonic() > end:
            return missing
        time.sleep(0.1)
""", "another answer than 200"),
            "no answer is a yes": ("""
def absent(ctx, endpoint, services, patience):
    end = time.monotonic() + patience
    while True:
        found = {s: ask(ctx, endpoint, b"mmi.service", s, patience=0.5) for s in services}
        missing = [s for s, code in found.items() if code not in (None, [b"200"])]
        if not missing or time.monotonic() > end:
            return missing
        time.sleep(0.1)
""", "who never answered is not said to be missing"),
            "waits for ever": ("""
def absent(ctx, endpoint, services, patience):
    while True:
        missing = [s for s in services if ask(ctx, endpoint, b"mmi.service", s, patience=0.3) != [b"200"]]
        if not missing:
            return missing
        time.sleep(0.1)
""", "did not come back"),
            "who is there, not who is missing": ("""
def absent(ctx, endpoint, services, patience):
    end = time.monotonic() + patience
    while True:
        there = [s for s in services if ask(ctx, endpoint, b"mmi.service", s, patience=0.5) == [b"200"]]
        if len(there) == len(services) or time.monotonic() > end:
            return there
        time.sleep(0.1)
""", "somebody is said to be missing who is there"),
            "gives up when nobody answers at once": ("""
def absent(ctx, endpoint, services, patience):
    end = time.monotonic() + patience
    while True:
        missing = []
        for s in services:
            code = ask(ctx, endpoint, b"mmi.service", s, patience=0.02)
            if code is None:
                return services
            if code != [b"200"]:
                missing.append(s)
        if not missing or time.monotonic() > end:
            return missing
        time.sleep(0.1)
""", ""),
            "the first one only": ("""
def absent(ctx, endpoint, services, patience):
    end = time.monotonic() + patience
    while True:
        missing = [s for s in services[:1] if ask(ctx, endpoint, b"mmi.service", s, patience=0.5) != [b"200"]]
        if not missing or time.monotonic() > end:
            return missing
        time.sleep(0.1)
""", "not all of them were asked about"),
            "all of them in one question": ("""
def absent(ctx, endpoint, services, patience):
    ask(ctx, endpoint, b"mmi.service", *services, patience=patience)
    return []
""", "that names no service"),
        },
    },
    "19.2": {
        "right": {
            "a dict of what is under way, random ids": """
def ask_all(ctx, endpoint, service, requests, window):
    from uuid import uuid4
    answers, open_ids, todo_ = {}, {}, deque(enumerate(requests))
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(endpoint)
        while todo_ or open_ids:
            if todo_ and len(open_ids) < window:
                place, request = todo_.popleft()
                id = uuid4().bytes
                open_ids[id] = place
                dealer.send_multipart([b"MDPC02", b"\\x01", service, id, request])
                continue
            _, command, _, id, part = dealer.recv_multipart()
            answers.setdefault(open_ids[id], []).append(part)
            if command == b"\\x03":
                del open_ids[id]
    return [answers[place] for place in range(len(requests))]
""",
            "a thread and a socket for each place in the window": """
def ask_all(ctx, endpoint, service, requests, window):
    parts, numbers, lock = [[] for _ in requests], iter(range(len(requests))), threading.Lock()

    def one_after_the_other():
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.linger = 0
            dealer.connect(endpoint)
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                dealer.send_multipart([b"MDPC02", b"\\x01", service, b"%d" % number, requests[number]])
                command = None
                while command != b"\\x03":
                    _, command, _, _, part = dealer.recv_multipart()
                    parts[number].append(part)

    threads = [threading.Thread(target=one_after_the_other) for _ in range(window)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return parts
""",
            "asyncio": """
import zmq.asyncio

async def ask_all(ctx, endpoint, service, requests, window):
    parts, waiting, under_way = [[] for _ in requests], list(enumerate(requests))[::-1], 0
    with zmq.asyncio.Context.shadow(ctx).socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        while waiting or under_way:
            while waiting and under_way < window:
                number, request = waiting.pop()
                await dealer.send_multipart([b"MDPC02", b"\\x01", service, str(number).encode(), request])
                under_way += 1
            _, command, _, id, part = await dealer.recv_multipart()
            parts[int(id)].append(part)
            under_way -= command == b"\\x03"
    return parts
""",
        },
        "wrong": {
            "one after the other": ("""
def ask_all(ctx, endpoint, service, requests, window):
    parts = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        for number, request in enumerate(requests):
            dealer.send_multipart([C.NAME, C.REQUEST, service, b"%d" % number, request])
            parts.append([])
            command = None
            while command != C.FINAL:
                _, command, _, _, part = dealer.recv_multipart()
                parts[-1].append(part)
    return parts
""", "fewer requests are under way than the window allows"),
            "all at once": ("""
def ask_all(ctx, endpoint, service, requests, window):
    parts = [[] for _ in requests]
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        for number, request in enumerate(requests):
            dealer.send_multipart([C.NAME, C.REQUEST, service, b"%d" % number, request])
        left = len(requests)
        while left:
            _, command, _, id, part = dealer.recv_multipart()
            parts[int(id)].append(part)
            left -= command == C.FINAL
    return parts
""", "more requests are under way than the window allows"),
            "window by window": ("""
def ask_all(ctx, endpoint, service, requests, window):
    parts = [[] for _ in requests]
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        for begin in range(0, len(requests), window):
            batch = range(begin, min(begin + window, len(requests)))
            for number in batch:
                dealer.send_multipart([C.NAME, C.REQUEST, service, b"%d" % number, requests[number]])
            left = len(batch)
            while left:
                _, command, _, id, part = dealer.recv_multipart()
                parts[int(id)].append(part)
                left -= command == C.FINAL
    return parts
""", "fewer requests are under way than the window allows"),
            "a part makes room": ("""
def ask_all(ctx, endpoint, service, requests, window):
    parts = [[] for _ in requests]
    sent = heard = ended = 0
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        while ended < len(requests):
            while sent < len(requests) and sent - heard < window:
                dealer.send_multipart([C.NAME, C.REQUEST, service, b"%d" % sent, requests[sent]])
                sent += 1
            _, command, _, id, part = dealer.recv_multipart()
            parts[int(id)].append(part)
            heard += 1
            ended += command == C.FINAL
    return parts
""", "more requests are under way than the window allows"),
            "in the order of coming": ("""
def ask_all(ctx, endpoint, service, requests, window):
    parts, current, sent = [], {}, 0
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        while len(parts) < len(requests):
            while sent < len(requests) and sent - len(parts) < window:
                dealer.send_multipart([C.NAME, C.REQUEST, service, b"%d" % sent, requests[sent]])
                sent += 1
            _, command, _, id, part = dealer.recv_multipart()
            current.setdefault(id, []).append(part)
            if command == C.FINAL:
                parts.append(current.pop(id))
    return parts
""", "an answer stands at another request's place"),
            "the FINAL only": ("""
def ask_all(ctx, endpoint, service, requests, window):
    parts = [[] for _ in requests]
    sent = ended = 0
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        while ended < len(requests):
            while sent < len(requests) and sent - ended < window:
                dealer.send_multipart([C.NAME, C.REQUEST, service, b"%d" % sent, requests[sent]])
                sent += 1
            _, command, _, id, part = dealer.recv_multipart()
            if command == C.FINAL:
                parts[int(id)].append(part)
                ended += 1
    return parts
""", "parts of an answer are missing"),
            "the request is its own id": ("""
def ask_all(ctx, endpoint, service, requests, window):
    parts, sent, ended = {}, 0, 0
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        while ended < len(requests):
            while sent < len(requests) and sent - ended < window:
                dealer.send_multipart([C.NAME, C.REQUEST, service, requests[sent], requests[sent]])
                sent += 1
            _, command, _, id, part = dealer.recv_multipart()
            parts.setdefault(id, []).append(part)
            ended += command == C.FINAL
    return [parts[request] for request in requests]
""", "two requests have the same id"),
            "an empty frame in front": ("""
def ask_all(ctx, endpoint, service, requests, window):
    with ctx.socket(zmq.REQ) as req:
        req.connect(endpoint)
        answers = []
        for number, request in enumerate(requests):
            req.send_multipart([C.NAME, C.REQUEST, service, b"%d" % number, request])
            answers.append([req.recv_multipart()[-1]])
    return answers
""", "that is no request of rfc 18"),
            "no id": ("""
def ask_all(ctx, endpoint, service, requests, window):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        for request in requests:
            dealer.send_multipart([C.NAME, C.REQUEST, service, request])
        return [dealer.recv_multipart()[3:] for _ in requests]
""", "is not `id, request`"),
            "one more than the window": ("""
def ask_all(ctx, endpoint, service, requests, window):
    parts = [[] for _ in requests]
    sent = ended = 0
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        while ended < len(requests):
            while sent < len(requests) and sent - ended <= window:
                dealer.send_multipart([C.NAME, C.REQUEST, service, b"%d" % sent, requests[sent]])
                sent += 1
            _, command, _, id, part = dealer.recv_multipart()
            parts[int(id)].append(part)
            ended += command == C.FINAL
    return parts
""", "more requests are under way than the window allows"),
        },
    },
    "19.3": {
        "right": {
            "a whole broker, lists of dicts": _WHOLE,
            "counts beside the book, by the job's own number": """
def careful(ctx, endpoint, beat):
    tries = {}

    def lost(book, job):
        count, _ = tries.pop(id(job), (0, job))
        if count:
            book.send([job.client, C.NAME, C.FINAL, job.service, b"500", *job.body])
        else:
            tries[id(job)] = 1, job           # held, so that nobody else gets its number
            book.waiting[job.service].appendleft(job)

    def dead(workers):
        now = time.monotonic()
        return {who for who in workers if workers[who].expires <= now}

    broker(ctx, endpoint, dead, lost, beat)
""",
        },
        "wrong": {
            "looks at the oldest only": (_lost(_COUNTS, """lambda workers: [
        who for who in list(workers)[:1] if workers[who].expires < time.monotonic()]"""),
                "dead worker stays on the list"),
            "looks at the free ones only": (_lost(_COUNTS, """lambda workers: [
        who for who in workers if not workers[who].job and workers[who].expires < time.monotonic()]"""),
                "dead worker stays on the list"),
            "forgets the job": (_lost("pass"), "the job in a dead worker's hand is lost"),
            "gives it for ever": (_lost("again(book, job)"), "was given to a third"),
            "gives up at the first death": (_lost(_TOLD), "given up that had cost one worker only"),
            "counts by the body": (_lost(f"""
key = tuple(job.body)
counts[key] = counts.get(key, 0) + 1
if counts[key] < 2:
    again(book, job)
else:
    {_TOLD}
"""), "given up that had cost one worker only"),
            "counts by the client": (_lost(f"""
counts[job.client] = counts.get(job.client, 0) + 1
if counts[job.client] < 2:
    again(book, job)
else:
    {_TOLD}
"""), "given up that had cost one worker only"),
            "to the end of the line": (
                _lost(_COUNTS.replace("again(book, job)", "book.waiting[job.service].append(job)")),
                "another request was given"),
            "the client is told nothing": (_lost(_COUNTS.replace(_TOLD, "pass")), "poisoned request is told nothing"),
            "500 alone": (_lost(_COUNTS.replace(", *job.body])", "])")), "a client heard something else"),
            "500 as a part": (_lost(_COUNTS.replace("C.FINAL", "C.PARTIAL")), "a client heard something else"),
            "three tries": (_lost(_COUNTS.replace("< 2", "< 3")), "was given to a third"),
            "only a heartbeat counts, and only of who is free": (_broker(
                'if who in known:\n', 'if who in known and not known[who]["request"]:\n'), "taken for dead"),
            "at work is alive": (_broker(
                '> 3 * beat]', '> 3 * beat and not each["request"]]'), "dead worker stays on the list"),
            "without its client": (_broker(
                'b"\\x02", request["client"], b"", *request["body"]]',
                'b"\\x02", b"" if request["tries"] else request["client"], b"", *request["body"]]'),
                "has lost its client"),
            "only the first frame is given again": (_broker(
                'request["tries"] += 1\n',
                'request["tries"] += 1\n            request["body"] = request["body"][:1]\n'),
                "another request was given"),
            "who wakes up is heard": (_broker(
                'elif who not in known:\n                    continue',
                """elif who not in known:
                    if command == b"\\x04":
                        router.send_multipart([frames[0], b"MDPC02", b"\\x03", b"resize", *frames[2:]])
                    continue"""),
                "a client was answered twice"),
        },
    },
    "19.4": {
        "right": {
            "a whole broker, in which a READY is a new worker": _WHOLE.replace("def careful", "def mended").replace(
                'request["tries"] >= 2', "False").replace(
                'known[who] = dict',
                'if who in known:\n                        drop(who)\n                    known[who] = dict'),
            "as the RFC has it: a READY from somebody known is answered with DISCONNECT": """
def mended(ctx, endpoint, beat):
    def hears(book, who, command, *rest):
        if who in book.workers and command in (W.READY, W.DISCONNECT):
            worker = book.workers.pop(who)
            if worker.job:
                again(book, worker.job)
            if command == W.READY:
                book.send([who, W.NAME, W.DISCONNECT])
            return
        worker_says(book, who, command, *rest)

    broker(ctx, endpoint, all_of_them, again, beat, hears)
""",
            "the job is kept where it waits until it is answered": """
def mended(ctx, endpoint, beat):
    def hears(book, who, command, *rest):
        before = book.workers.get(who)
        worker_says(book, who, command, *rest)
        if before is not None and before is not book.workers.get(who) and before.job is not None:
            again(book, before.job)

    broker(ctx, endpoint, all_of_them, again, beat, hears)
""",
        },
        "wrong": {
            "as it was": ("""
def mended(ctx, endpoint, beat):
    broker(ctx, endpoint, all_of_them, again, beat)
""", "the job in the hand of a worker that left is lost"),
            "READY only": ("""
def mended(ctx, endpoint, beat):
    def hears(book, who, command, *rest):
        if command == W.READY and who in book.workers and book.workers[who].job:
            again(book, book.workers[who].job)
        worker_says(book, who, command, *rest)

    broker(ctx, endpoint, all_of_them, again, beat, hears)
""", "bob said disconnect with a job in hand"),
            "DISCONNECT only": ("""
def mended(ctx, endpoint, beat):
    def hears(book, who, command, *rest):
        if command == W.DISCONNECT and who in book.workers and book.workers[who].job:
            again(book, book.workers[who].job)
        worker_says(book, who, command, *rest)

    broker(ctx, endpoint, all_of_them, again, beat, hears)
""", "was back under his name"),
            "a READY from somebody known is ignored": ("""
def mended(ctx, endpoint, beat):
    def hears(book, who, command, *rest):
        worker = book.workers.get(who)
        if worker and command == W.READY:
            return
        if worker and command == W.DISCONNECT and worker.job:
            again(book, worker.job)
        worker_says(book, who, command, *rest)

    broker(ctx, endpoint, all_of_them, again, beat, hears)
""", "the job in the hand of a worker that left is lost"),
            "keeps the job with the name, and sends it again to whoever is called so": ("""
def mended(ctx, endpoint, beat):
    def hears(book, who, command, *rest):
        worker = book.workers.get(who)
        if worker and worker.job and command == W.DISCONNECT:
            again(book, worker.job)
        worker_says(book, who, command, *rest)
        if worker and worker.job and command == W.READY:
            book.workers[who].job = worker.job
            book.send([who, W.NAME, W.REQUEST, worker.job.client, b"", *worker.job.body])

    broker(ctx, endpoint, all_of_them, again, beat, hears)
""", "a job of a service that is not its"),
            "given again at once, and once more when it would have been dead": ("""
def mended(ctx, endpoint, beat):
    ghosts = {}

    def hears(book, who, command, *rest):
        worker = book.workers.get(who)
        if worker and worker.job and command in (W.READY, W.DISCONNECT):
            again(book, worker.job)
            ghosts[len(ghosts)] = worker
        worker_says(book, who, command, *rest)
        for key in [key for key, ghost in ghosts.items() if ghost.expires < time.monotonic()]:
            again(book, ghosts.pop(key).job)

    broker(ctx, endpoint, all_of_them, again, beat, hears)
""", ""),
            "who is back is two workers": ("""
def mended(ctx, endpoint, beat):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        free, hands, seen, service, waiting, due = [], {}, {}, {}, deque(), 0
        while True:
            if router.poll(beat * 300):
                who, side, command, *rest = router.recv_multipart()
                if side == b"MDPC02" and rest[0] == b"mmi.service":
                    code = b"200" if rest[1] in service.values() else b"404"
                    router.send_multipart([who, side, b"\\x03", rest[0], code])
                elif side == b"MDPC02":
                    waiting.append((who, rest))
                else:
                    seen[who] = time.monotonic()
                    if command == b"\\x01":
                        service[who] = rest[0]
                        free.append(who)
                    if command == b"\\x04":
                        router.send_multipart([rest[0], b"MDPC02", b"\\x03", service[who], *rest[2:]])
                        free.append(who)
                        hands.pop(who, None)
                    if command in (b"\\x01", b"\\x06") and who in hands:
                        waiting.appendleft(hands.pop(who))
                    if command == b"\\x06":
                        seen[who] = 0
            for who in [who for who, at in seen.items() if time.monotonic() - at > 3 * beat]:
                del seen[who], service[who]
                free = [name for name in free if name != who]
                if who in hands:
                    waiting.appendleft(hands.pop(who))
            for job in list(waiting):
                able = [name for name in free if service[name] == job[1][0]]
                if able:
                    waiting.remove(job)
                    free.remove(able[0])
                    hands[able[0]] = job
                    router.send_multipart([able[0], b"MDPW02", b"\\x02", job[0], b"", *job[1][1:]])
            if time.monotonic() > due:
                due = time.monotonic() + beat
                for who in seen:
                    router.send_multipart([who, b"MDPW02", b"\\x05"])
""", "a second job while it had one in hand"),
            "who said DISCONNECT stays in the book": ("""
def mended(ctx, endpoint, beat):
    def hears(book, who, command, *rest):
        worker = book.workers.get(who)
        if worker and worker.job and command in (W.READY, W.DISCONNECT):
            again(book, worker.job)
            worker.job = None
        if command != W.DISCONNECT:
            worker_says(book, who, command, *rest)

    broker(ctx, endpoint, all_of_them, again, beat, hears)
""", "that said DISCONNECT is still on the list"),
            "the client is told to ask again": ("""
def mended(ctx, endpoint, beat):
    def hears(book, who, command, *rest):
        worker = book.workers.get(who)
        if worker and worker.job and command in (W.READY, W.DISCONNECT):
            job = worker.job
            book.send([job.client, C.NAME, C.FINAL, job.service, b"503"])
        worker_says(book, who, command, *rest)

    broker(ctx, endpoint, all_of_them, again, beat, hears)
""", "is lost"),
            "whoever is back is refused for good": ("""
def mended(ctx, endpoint, beat):
    names = set()

    def hears(book, who, command, *rest):
        worker = book.workers.get(who)
        if worker and worker.job and command in (W.READY, W.DISCONNECT):
            again(book, worker.job)
        if command == W.READY and who in names:
            book.workers.pop(who, None)
            book.send([who, W.NAME, W.DISCONNECT])
            return
        names.add(who)
        worker_says(book, who, command, *rest)

    broker(ctx, endpoint, all_of_them, again, beat, hears)
""", "a worker that comes back is never taken in"),
        },
    },
}
