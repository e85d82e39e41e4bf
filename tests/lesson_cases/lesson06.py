"""Answers to the exercises of lesson 06, right and wrong. See ../lessons.py for the form."""

CASES = {
    "06.1": {
        "right": {
            "nearly all at the receiver": """
def bounded(ctx, endpoint, room):
    pull = ctx.socket(zmq.PULL)
    pull.set_hwm(room - 1)
    pull.bind(endpoint)
    push = ctx.socket(zmq.PUSH)
    push.set_hwm(1)
    push.connect(endpoint)
    return push, pull
""",
            "half and half, connected first": """
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    push.setsockopt(zmq.SNDHWM, room // 2)
    pull.setsockopt(zmq.RCVHWM, room - room // 2)
    push.connect(endpoint)
    pull.bind(endpoint)
    return push, pull
""",
        },
        "wrong": {
            "the same mark on both sides": ("""
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    push.sndhwm = pull.rcvhwm = room
    pull.bind(endpoint)
    push.connect(endpoint)
    return push, pull
""", "4 were accepted"),
            "too late": ("""
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind(endpoint)
    push.connect(endpoint)
    pull.rcvhwm = 1
    push.sndhwm = room - 1
    return push, pull
""", "not as many"),
            "zero is no limit": ("""
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.rcvhwm = 0
    push.sndhwm = room
    pull.bind(endpoint)
    push.connect(endpoint)
    return push, pull
""", "and no end"),
            "only the sender's": ("""
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    push.sndhwm = room
    pull.bind(endpoint)
    push.connect(endpoint)
    return push, pull
""", "not as many"),
            "the wrong marks": ("""
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    push.rcvhwm = 1
    pull.sndhwm = room - 1
    pull.bind(endpoint)
    push.connect(endpoint)
    return push, pull
""", "not as many"),
            "half and half, rounded down": ("""
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    push.sndhwm = pull.rcvhwm = room // 2
    pull.bind(endpoint)
    push.connect(endpoint)
    return push, pull
""", "100 were accepted"),
            "conflated": ("""
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    push.conflate = pull.conflate = True
    pull.bind(endpoint)
    push.connect(endpoint)
    return push, pull
""", "not as many"),
            "closed": ("""
def bounded(ctx, endpoint, room):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        pull.rcvhwm = 1
        push.sndhwm = room - 1
        pull.bind(endpoint)
        push.connect(endpoint)
        return push, pull
""", "is closed"),
        },
    },
    "06.2": {
        "right": {
            "with a timeout that is put back": """
def offer(push, message, patience):
    before = push.sndtimeo
    push.sndtimeo = int(patience * 1000)
    try:
        push.send(message)
    except zmq.Again:
        return False
    finally:
        push.sndtimeo = before
    return True
""",
            "a deadline and DONTWAIT": """
def offer(push, message, patience):
    deadline = time.monotonic() + patience
    while True:
        try:
            push.send(message, zmq.DONTWAIT)
            return True
        except zmq.Again:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
""",
            "a Poller": """
def offer(push, message, patience):
    poller = zmq.Poller()
    poller.register(push, zmq.POLLOUT)
    if not poller.poll(patience * 1000):
        return False
    push.send(message)
    return True
""",
        },
        "wrong": {
            "waits for ever": ("""
def offer(push, message, patience):
    push.send(message)
    return True
""", "did not come back"),
            "does not wait at all": ("""
def offer(push, message, patience):
    try:
        push.send(message, zmq.DONTWAIT)
        return True
    except zmq.Again:
        return False
""", "did not wait as long"),
            "milliseconds": ("""
def offer(push, message, patience):
    if push.poll(patience, zmq.POLLOUT):
        push.send(message)
        return True
    return False
""", "did not wait as long"),
            "asks whether something can be read": ("""
def offer(push, message, patience):
    if push.poll(patience * 1000):
        push.send(message)
        return True
    return False
""", ""),
            "raises": ("""
def offer(push, message, patience):
    push.sndtimeo = int(patience * 1000)
    push.send(message)
    return True
""", "raised"),
            "returns nothing": ("""
def offer(push, message, patience):
    if push.poll(patience * 1000, zmq.POLLOUT):
        push.send(message)
""", "it returned `None`"),
            "sends it twice": ("""
def offer(push, message, patience):
    if push.poll(patience * 1000, zmq.POLLOUT):
        push.send(message)
        try:
            push.send(message, zmq.DONTWAIT)
        except zmq.Again:
            pass
        return True
    return False
""", ""),
            "closes the socket": ("""
def offer(push, message, patience):
    with push:
        if push.poll(patience * 1000, zmq.POLLOUT):
            push.send(message)
            return True
        return False
""", "closed the socket"),
            "a busy loop without end": ("""
def offer(push, message, patience):
    while True:
        try:
            push.send(message, zmq.DONTWAIT)
            return True
        except zmq.Again:
            pass
""", "did not come back"),
        },
    },
    "06.3": {
        "right": {
            "with setsockopt": """
def newest_only(ctx, endpoint):
    sub = ctx.socket(zmq.SUB)
    sub.setsockopt(zmq.CONFLATE, 1)
    sub.setsockopt(zmq.SUBSCRIBE, b"")
    sub.connect(endpoint)
    return sub
""",
            "subscribes after it connects": """
def newest_only(ctx, endpoint):
    sub = ctx.socket(zmq.SUB)
    sub.conflate = 1
    sub.connect(endpoint)
    sub.subscribe("")
    return sub
""",
        },
        "wrong": {
            "a queue of one": ("""
def newest_only(ctx, endpoint):
    sub = ctx.socket(zmq.SUB)
    sub.rcvhwm = 1
    sub.subscribe("")
    sub.connect(endpoint)
    return sub
""", "old readings"),
            "too late": ("""
def newest_only(ctx, endpoint):
    sub = ctx.socket(zmq.SUB)
    sub.subscribe("")
    sub.connect(endpoint)
    sub.conflate = True
    return sub
""", "old readings"),
            "hears nothing": ("""
def newest_only(ctx, endpoint):
    sub = ctx.socket(zmq.SUB)
    sub.conflate = True
    sub.connect(endpoint)
    return sub
""", "nothing arrived"),
            "hears only some": ("""
def newest_only(ctx, endpoint):
    sub = ctx.socket(zmq.SUB)
    sub.conflate = True
    sub.subscribe("temperature")
    sub.connect(endpoint)
    return sub
""", "does not hear everything"),
            "an ordinary queue": ("""
def newest_only(ctx, endpoint):
    sub = ctx.socket(zmq.SUB)
    sub.subscribe("")
    sub.connect(endpoint)
    return sub
""", "old readings"),
            "a PULL": ("""
def newest_only(ctx, endpoint):
    pull = ctx.socket(zmq.PULL)
    pull.conflate = True
    pull.connect(endpoint)
    return pull
""", "where a SUB is wanted"),
            "the reading instead of the socket": ("""
def newest_only(ctx, endpoint):
    with ctx.socket(zmq.SUB) as sub:
        sub.conflate = True
        sub.subscribe("")
        sub.connect(endpoint)
        return sub.poll(100)
""", "where a SUB socket is wanted"),
            "binds": ("""
def newest_only(ctx, endpoint):
    sub = ctx.socket(zmq.SUB)
    sub.conflate = True
    sub.subscribe("")
    sub.bind(endpoint)
    return sub
""", "already in use"),
        },
    },
    "06.4": {
        "right": {
            "counts what it has": """
def spend(ctx, tasks, credits, numbers):
    push, credit = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    push.connect(tasks)
    credit.connect(credits)
    have = 0
    for number in numbers:
        while not have:
            credit.poll()
            while credit.poll(0):
                credit.recv()
                have += 1
        have -= 1
        push.send_string(str(number))
    push.close()
    credit.close()
""",
            "zips credits and numbers": """
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        credit.connect(credits)
        push.connect(tasks)
        for number, _ in zip(numbers, iter(credit.recv, None)):
            push.send(str(number).encode())
""",
        },
        "wrong": {
            "no credit asked for": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push:
        push.connect(tasks)
        for number in numbers:
            push.send(b"%d" % number)
""", "one message too many"),
            "one ahead": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        for number in numbers:
            push.send(b"%d" % number)
            credit.recv()
""", "one message too many"),
            "one credit is enough for all": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        credit.recv()
        for number in numbers:
            push.send(b"%d" % number)
""", "one message too many"),
            "a mark instead": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push:
        push.sndhwm = 1
        push.connect(tasks)
        for number in numbers:
            push.send(b"%d" % number)
""", "one message too many"),
            "waits for one credit too many": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        for number in numbers:
            credit.recv()
            push.send(b"%d" % number)
        credit.recv()
""", "did not come back"),
            "gives up without credit": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        for number in numbers:
            credit.recv(zmq.DONTWAIT)
            push.send(b"%d" % number)
""", "raised"),
            "not as digits": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        for number in numbers:
            credit.recv()
            push.send(bytes([number]))
""", "not the numbers"),
            "the last first": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        for number in reversed(numbers):
            credit.recv()
            push.send(b"%d" % number)
""", "not the numbers"),
        },
    },
}
