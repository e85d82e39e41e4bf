"""Answers to the exercises of lesson 18, right and wrong. See ../lessons.py for the form."""

SETUP = 'READY, BEAT = b"\\x01", b"\\x02"\n'

# A worker with two clocks, like the solution, but for what stands in the braces.
_WORKER = """
def paranoid_worker(ctx, back, interval, liveness, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(back)
        dealer.send({first})
        heard, due = time.monotonic(), time.monotonic() + interval
        said = 1

        def beat_if_due():
            nonlocal due
            if time.monotonic() >= due:
                dealer.send(b"\\x02")
                due = time.monotonic() + interval

        while True:
            if dealer.poll({poll}):
                *way, request = dealer.recv_multipart()
                {heard_early}
                if {is_job}:
                    for answer in work(request):
                        {slice}
                        {take}
                    dealer.send_multipart([{way}, answer])
                {heard_late}
            {beat}
            if time.monotonic() - heard > interval * {liveness}:
                {again}
                heard = time.monotonic()
"""
_RIGHT_WORKER = {
    "first": 'b"\\x01"',
    "poll": "max(0, due - time.monotonic()) * 1000",
    "heard_early": "pass",
    "is_job": "way",
    "slice": "beat_if_due()",
    "take": "pass",
    "way": "*way",
    "heard_late": "heard = time.monotonic()",
    "beat": "beat_if_due()",
    "liveness": "liveness",
    "again": 'dealer.send(b"\\x01")',
}


def _worker(**other: str) -> str:
    return _WORKER.format_map(_RIGHT_WORKER | other)


# A broker like the solution, but that requests are read into a list, and for what stands in the braces.
_BROKER = """
def paranoid_broker(ctx, front, back, interval, liveness):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(backend, zmq.POLLIN)
        poller.register(frontend, zmq.POLLIN)
        lives, free, waiting, hands = {{}}, [], [], {{}}
        due = time.monotonic() + interval
        while True:
            events = dict(poller.poll({poll}))
            now = time.monotonic()
            if backend in events:
                name, *said = backend.recv_multipart()
                known = name in lives
                if {is_life}:
                    lives[name] = now + interval * liveness
                if {is_free}:
                    {once}
                    {add}
                    hands.pop(name, None)
                if said not in ([b"\\x01"], [b"\\x02"]):
                    {answer}
            if frontend in events:
                waiting.append(frontend.recv_multipart())
            {drop}
            while waiting and free:
                name = free.pop({which})
                hands[name] = waiting.pop(0)
                backend.send_multipart([name, *hands[name]])
            if {is_due}:
                for name in {beat}:
                    backend.send_multipart([name, b"\\x02"])
                due = now + interval
"""
_DROP = """for name in [name for name, until in lives.items() if until < now]:
                del lives[name]
                {gone}
                if name in free:
                    free.remove(name)"""
_RIGHT_BROKER = {
    "poll": "max(0, due - time.monotonic()) * 1000",
    "is_life": 'said != [b"\\x02"] or known',
    "is_free": 'said != [b"\\x02"]',
    "once": "free = [each for each in free if each != name]",
    "add": "free.append(name)",
    "answer": "frontend.send_multipart(said)",
    "drop": _DROP.format(gone="hands.pop(name, None)"),
    "which": "0",
    "is_due": "now >= due",
    "beat": "list(lives)",
}


def _broker(**other: str) -> str:
    return _BROKER.format_map(_RIGHT_BROKER | other)


# A watcher: what it does with a message, and what it does each time round.
_WATCH = """
def mended(ctx, back, interval, liveness, news):
    with ctx.socket(zmq.ROUTER) as router, ctx.socket(zmq.PUSH) as push:
        router.bind(back)
        push.connect(news)
        missed, good_until, own = {{}}, {{}}, 0.0
        last = time.monotonic()
        tick = last + interval
        while True:
            came = router.poll({poll})
            now = time.monotonic()
            {first}
            last = now
            if came:
                name, _ = router.recv_multipart()
                {message}
            {judge}
"""
_TICK = """if now >= tick:
                tick = {tick}
                for name in list(missed):
                    missed[name] += 1
                    if missed[name] {enough}:
                        {gone}
                        push.send_multipart([name, b"gone"])"""
_CLOCK = """if now >= tick:
                tick = now + interval
            for name in [name for name in good_until if good_until[name] < {now}]:
                del good_until[name]
                push.send_multipart([name, b"gone"])"""
_COUNTED = """if name not in missed:
                    push.send_multipart([name, b"there"])
                missed[name] = 0"""
_TIMED = """if name not in good_until:
                    push.send_multipart([name, b"there"])
                good_until[name] = {now} + interval * liveness"""


_POLL = "max(0, tick - time.monotonic()) * 1000"


def _ticks(*, tick="now + interval", enough="> liveness", gone="del missed[name]", first="pass", message=_COUNTED):
    judge = _TICK.format(tick=tick, enough=enough, gone=gone)
    return _WATCH.format(poll=_POLL, first=first, message=message, judge=judge)


def _clock(first: str, *, now: str = "now", judge: str = _CLOCK) -> str:
    return _WATCH.format(poll=_POLL, first=first, message=_TIMED.format(now=now), judge=judge.format(now=now))


_SLEPT = """if now > tick + interval:
                {what}"""

CASES = {
    "18.1": {
        "right": {
            "a new socket after each silence": """
def paranoid_worker(ctx, back, interval, liveness, work):
    while True:
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.linger = 0
            dealer.connect(back)
            dealer.send(b"\\x01")
            heard = beat = time.monotonic()
            while time.monotonic() - heard < interval * liveness:
                if time.monotonic() >= beat:
                    dealer.send(b"\\x02")
                    beat = time.monotonic() + interval
                if dealer.poll(max(0, beat - time.monotonic()) * 1000):
                    *way, last = dealer.recv_multipart()
                    if way:
                        for answer in work(last):
                            if time.monotonic() >= beat:
                                dealer.send(b"\\x02")
                                beat = time.monotonic() + interval
                        dealer.send_multipart([*way, answer])
                    heard = time.monotonic()
""",
            "counts the beats that were missed": """
def paranoid_worker(ctx, back, interval, liveness, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(back)
        dealer.send(b"\\x01")
        left, step = liveness, time.monotonic() + interval
        while True:
            if dealer.poll(max(1, (step - time.monotonic()) * 1000)):
                frames = dealer.recv_multipart()
                left = liveness
                if len(frames) > 1:
                    for answer in work(frames[-1]):
                        if time.monotonic() >= step:
                            dealer.send(b"\\x02")
                            step = time.monotonic() + interval
                    dealer.send_multipart(frames[:-1] + [answer])
            if time.monotonic() >= step:
                dealer.send(b"\\x02")
                step = time.monotonic() + interval
                left -= 1
                if left < 0:
                    dealer.send(b"\\x01")
                    left = liveness
""",
            "a slice each time round, and it listens between slices": """
def paranoid_worker(ctx, back, interval, liveness, work):
    dealer = ctx.socket(zmq.DEALER)
    dealer.linger = 0
    dealer.connect(back)
    dealer.send(b"\\x01")
    jobs, at_work, answer = [], None, None
    heard, due = time.monotonic(), time.monotonic() + interval
    try:
        while True:
            if dealer.poll(0 if at_work else interval * 100):
                frames = dealer.recv_multipart()
                heard = time.monotonic()
                if len(frames) > 1:
                    jobs.append(frames)
            if at_work is None and jobs:
                at_work = work(jobs[0][-1])
            if at_work is not None:
                try:
                    answer = next(at_work)
                except StopIteration:
                    dealer.send_multipart([*jobs.pop(0)[:-1], answer])
                    at_work = None
                    heard = time.monotonic()
            now = time.monotonic()
            if now >= due:
                dealer.send(b"\\x02")
                due = now + interval
            if at_work is None and now - heard > interval * liveness:
                dealer.send(b"\\x01")
                heard = now
    finally:
        dealer.close()
""",
        },
        "wrong": {
            "beats when poll finds nothing": (
                _worker(poll="interval * 1000", beat="else:\n                beat_if_due()"),
                "its heart stops while messages come",
            ),
            "silent while it works": (_worker(slice="pass"), "silent while it works"),
            "only heartbeats count as life": (
                _worker(heard_late="heard = heard if way else time.monotonic()"), "took its broker for dead"
            ),
            "holds its own work against the broker": (
                _worker(heard_early="heard = time.monotonic()", heard_late="pass"),
                "for the time in which it did not look itself",
            ),
            "never says READY again": (_worker(again="pass"), "does not notice"),
            "says READY again once": (
                _worker(again='said += 1; said == 2 and dealer.send(b"\\x01")'), "does not notice"
            ),
            "one silent interval is death": (_worker(liveness="1"), "too early"),
            "the envelope is lost": (_worker(way='b""'), "behind its job's envelope"),
            "the last of the envelope only": (_worker(way='way[0], b""'), "behind its job's envelope"),
            "the first slice is the answer": (_worker(take="break"), "behind its job's envelope"),
            "beats only when it has heard something since": (
                _worker(
                    poll="interval * 200",
                    beat="if time.monotonic() - heard < interval: beat_if_due()",
                ),
                "heart stops while it hears nothing",
            ),
            "says READY with a job in hand": (
                _worker(slice="""beat_if_due()
                        if time.monotonic() - heard > interval * liveness:
                            dealer.send(b"\\x01")
                            heard = time.monotonic()"""),
                "job in hand",
            ),
            "a heartbeat each time round": (_worker(poll="interval * 50", beat='dealer.send(b"\\x02")'), "more often"),
            "a heartbeat for READY": (_worker(first='b"\\x02"'), "first word is not READY"),
            "a job that reads like a heartbeat is none": (
                _worker(is_job='way and request != b"\\x02"'), "not answered"
            ),
        },
    },
    "18.2": {
        "right": {
            "requests in a list": _broker(),
            "counts the intervals in which it heard nothing": """
def paranoid_broker(ctx, front, back, interval, liveness):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        frontend.bind(front)
        backend.bind(back)
        missed, free, waiting = {}, {}, []
        tick = time.monotonic() + interval
        while True:
            if backend.poll(5):
                name, *said = backend.recv_multipart()
                if said != [b"\\x02"] or name in missed:
                    missed[name] = 0
                if said != [b"\\x02"]:
                    free.pop(name, None)
                    free[name] = True
                if len(said) > 1:
                    frontend.send_multipart(said)
            while frontend.poll(0):
                waiting.append(frontend.recv_multipart())
            if time.monotonic() >= tick:
                tick = time.monotonic() + interval
                for name in list(missed):
                    missed[name] += 1
                    if missed[name] > liveness:
                        del missed[name]
                        free.pop(name, None)
                    else:
                        backend.send_multipart([name, b"\\x02"])
            while waiting and free:
                name = next(iter(free))
                del free[name]
                backend.send_multipart([name, *waiting.pop(0)])
""",
        },
        "wrong": {
            "a heartbeat says free": (
                _broker(is_life="True", is_free="True", once="pass", add="name in free or free.append(name)"),
                "second job",
            ),
            "one missed heartbeat is death": (
                _broker().replace("now + interval * liveness", "now + 1.2 * interval"), "dropped too soon"
            ),
            "what comes before there is a worker is dropped": (
                _broker().replace(
                    "waiting.append(frontend.recv_multipart())",
                    "request = frontend.recv_multipart()\n                waiting += [request] if lives else []",
                ),
                "was not given to a worker",
            ),
            "who had a job in hand is not free, whatever it says": (
                _broker(
                    is_free='said != [b"\\x02"] and not (said == [b"\\x01"] and name in hands)',
                    drop=_DROP.format(gone="pass"),
                ),
                "come back gets no job",
            ),
            "looks at the one that has been free the longest": (
                _broker(drop="""while free and lives.get(free[0], 0) < now:
                lives.pop(free.pop(0), None)"""),
                "not dropped",
            ),
            "looks at the free ones": (
                _broker(drop="""for name in [name for name in free if lives[name] < now]:
                free.remove(name)
                del lives[name]"""),
                "not dropped",
            ),
            "drops from the list, and beats on": (
                _broker(drop="free = [name for name in free if lives[name] > now]"), "not dropped"
            ),
            "never drops": (_broker(drop="pass"), "not dropped"),
            "a limit on work": (_broker(is_life='said != [b"\\x02"] or name in free'), "gets no heartbeat any more"),
            "gives the job again": (
                _broker(drop=_DROP.format(gone="waiting += [hands.pop(name)] if name in hands else []")),
                "given to two workers",
            ),
            "beats for the free": (_broker(beat="list(free)"), "gets no heartbeat any more"),
            "beats when nothing comes": (_broker(poll="interval * 1000", is_due="not events"), "gets no heartbeat"),
            "a heartbeat brings back the dropped": (_broker(is_life="True"), "brought back"),
            "a heartbeat of the dropped says free": (
                _broker(is_life="True", is_free='said != [b"\\x02"] or not known'), "second job"
            ),
            "an answer that comes late is thrown away": (
                _broker(answer="known and frontend.send_multipart(said)"), "an answer did not arrive"
            ),
            "who says READY twice stands there twice": (_broker(once="pass"), "second job"),
            "only READY and heartbeats count as life": (
                _broker(is_life='said == [b"\\x01"] or (said == [b"\\x02"] and known)'), "taken for dead"
            ),
            "the newest first": (_broker(which="-1"), "another worker"),
        },
    },
    "18.3": {
        "right": {
            "takes its own sleep off": _clock(
                _SLEPT.format(what="good_until = {name: t + now - last for name, t in good_until.items()}")
            ),
            "after a sleep all get a new patience": _clock(
                _SLEPT.format(what="good_until = {name: now + interval * liveness for name in good_until}")
            ),
            "a clock of its own, that goes on by an interval at most": _clock(
                "own += min(now - last, interval)", now="own"
            ),
        },
        "wrong": {
            "the lesson's": (_clock("pass"), "one who lives was called gone"),
            "reads all that has come, and then judges": ("""
def mended(ctx, back, interval, liveness, news):
    with ctx.socket(zmq.ROUTER) as router, ctx.socket(zmq.PUSH) as push:
        router.bind(back)
        push.connect(news)
        good_until = {}
        while True:
            router.poll(interval * 250)
            while router.poll(0):
                name, _ = router.recv_multipart()
                if name not in good_until:
                    push.send_multipart([name, b"there"])
                good_until[name] = time.monotonic() + interval * liveness
            for name in [n for n in good_until if time.monotonic() > good_until[n]]:
                del good_until[name]
                push.send_multipart([name, b"gone"])
""", "one who lives was called gone"),
            "makes up for all the intervals": (_ticks(tick="tick + interval"), "one who lives was called gone"),
            "forgets all after a sleep": (_clock(_SLEPT.format(what="good_until = {}")), "news are not right"),
            "forgives for ever": (
                _clock(_SLEPT.format(what="good_until = {name: now + 1000 for name in good_until}")),
                "was not called gone",
            ),
            "judges when nothing comes": (
                _WATCH.format(
                    poll="interval * 1000",
                    first="pass",
                    message=_COUNTED + "\n                continue",
                    judge=_TICK.format(tick="now + interval", enough="> liveness", gone="del missed[name]"),
                ),
                "was not called gone",
            ),
            "says it again and again": (_ticks(gone="pass"), "news are not right"),
            "says it once, and never that one is back": (
                _ticks(enough="== liveness + 1", gone="pass"), "no news came"
            ),
            "one silent interval is death": (_ticks(enough="> 1"), "one who lives was called gone"),
            "never calls anybody gone": (_ticks(enough="> 10_000"), "was not called gone"),
            "news of all each time": (
                _ticks(message='push.send_multipart([name, b"there"])\n                missed[name] = 0'),
                "news are not right",
            ),
        },
    },
}
