"""Answers to the exercises of lesson 06, right and wrong. See ../lessons.py for the form."""

SETUP = "from collections import deque\n"

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
            "a list, and the PUSH binds": """
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    push.sndhwm, pull.rcvhwm = 1, room - 1
    push.bind(endpoint)
    pull.connect(endpoint)
    return [push, pull]
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
""", '2 were accepted'),
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
            "ignores the endpoint": ("""
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.rcvhwm = 1
    push.sndhwm = room - 1
    pull.bind("inproc://bounded")
    push.connect("inproc://bounded")
    return push, pull
""", 'do not meet at'),
            "an endpoint of its own for each": ("""
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.rcvhwm = 1
    push.sndhwm = room - 1
    pull.bind(f"inproc://bounded-{room}")
    push.connect(f"inproc://bounded-{room}")
    return push, pull
""", 'do not meet at'),
            "no more than a thousand": ("""
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.rcvhwm = 1
    push.sndhwm = min(room - 1, 1000)
    pull.bind(endpoint)
    push.connect(endpoint)
    return push, pull
""", '1001 were accepted'),
            "the other way round": ("""
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.rcvhwm = 1
    push.sndhwm = room - 1
    pull.bind(endpoint)
    push.connect(endpoint)
    return pull, push
""", 'where a PUSH is wanted'),
            "the receiver's mark after bind": ("""
def bounded(ctx, endpoint, room):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    push.sndhwm = 1
    pull.bind(endpoint)
    pull.rcvhwm = room - 1
    push.connect(endpoint)
    return push, pull
""", 'not as many'),
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
            "a deadline and a short poll": """
def offer(push, message, patience):
    end = time.monotonic() + patience
    while True:
        left = max(0, end - time.monotonic())
        if push.poll(min(left, 0.05) * 1000, zmq.POLLOUT):
            push.send(message)
            return True
        if not left:
            return False
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
""", 'sndtimeo'),
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
            "puts back what it thinks was there": ("""
def offer(push, message, patience):
    push.sndtimeo = int(patience * 1000)
    try:
        push.send(message)
        return True
    except zmq.Again:
        return False
    finally:
        push.sndtimeo = -1
""", "changed `sndtimeo`"),
            "waits, and does not look again": ("""
def offer(push, message, patience):
    try:
        push.send(message, zmq.DONTWAIT)
        return True
    except zmq.Again:
        time.sleep(patience)
        return False
""", "there was room before the patience was over"),
            "leaves its limit on the socket": ("""
def offer(push, message, patience):
    push.sndtimeo = int(patience * 1000)
    try:
        push.send(message)
        return True
    except zmq.Again:
        return False
""", 'sndtimeo'),
            "an empty message is none": ("""
def offer(push, message, patience):
    if not message:
        return False
    if push.poll(patience * 1000, zmq.POLLOUT):
        push.send(message)
        return True
    return False
""", 'wrong answer'),
            "no patience is for ever": ("""
def offer(push, message, patience):
    if push.poll(patience * 1000 or None, zmq.POLLOUT):
        push.send(message)
        return True
    return False
""", 'did not come back'),
            "sleeps, then looks": ("""
def offer(push, message, patience):
    time.sleep(patience)
    try:
        push.send(message, zmq.DONTWAIT)
        return True
    except zmq.Again:
        return False
""", 'went on waiting'),
            "lies": ("""
def offer(push, message, patience):
    try:
        push.send(message, zmq.DONTWAIT)
    except zmq.Again:
        time.sleep(patience)
    return True
""", 'wrong answer'),
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
            "a Poller": """
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        poller = zmq.Poller()
        poller.register(credit, zmq.POLLIN)
        left = list(numbers)
        while left:
            if dict(poller.poll(100)):
                credit.recv()
                push.send(str(left.pop(0)).encode())
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
""", ''),
            "the last first": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        for number in reversed(numbers):
            credit.recv()
            push.send(b"%d" % number)
""", "not the numbers"),
            "gives up after a second without credit": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        for number in numbers:
            if not credit.poll(1000):
                return
            credit.recv()
            push.send(b"%d" % number)
""", ''),
            "each number once": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        for number in dict.fromkeys(numbers):
            credit.recv()
            push.send(b"%d" % number)
""", ''),
            "nothing is no number": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        for number in numbers:
            credit.recv()
            if number:
                push.send(b"%d" % number)
""", ''),
            "asks for credit first, even for nothing": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        credit.recv()
        for number in numbers:
            push.send(b"%d" % number)
            if number != numbers[-1]:
                credit.recv()
""", ''),
            "ten at a time": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        for at in range(0, len(numbers), 10):
            ten = numbers[at:at + 10]
            for _ in ten:
                credit.recv()
            for number in ten:
                push.send(b"%d" % number)
""", ''),
            "all credit that is there counts as one": ("""
def spend(ctx, tasks, credits, numbers):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        push.connect(tasks)
        credit.connect(credits)
        for number in numbers:
            credit.recv()
            while credit.poll(0):
                credit.recv()
            push.send(b"%d" % number)
""", ''),
        },
    },
    "06.5": {
        "right": {
            "select, and all that is there": """
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(), None, 0
        while True:
            zmq.select([event, credit], [], [])
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    alarms.append(value)
                else:
                    newest = value
            while have and (alarms or newest is not None):
                if alarms:
                    push.send_multipart([b"alarm", alarms.popleft()])
                else:
                    push.send_multipart([b"reading", newest])
                    newest = None
                have -= 1
""",
            "one list, and the readings taken out of it": """
def mended(ctx, events, centre, credits):
    event, credit, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    poller = zmq.Poller()
    try:
        for socket, endpoint in ((event, events), (credit, credits), (push, centre)):
            socket.connect(endpoint)
        for socket in (event, credit):
            poller.register(socket, zmq.POLLIN)
        waiting, have = [], 0
        while True:
            ready = dict(poller.poll(500))
            if credit in ready:
                credit.recv()
                have += 1
            if event in ready:
                message = event.recv_multipart()
                if message[0] == b"reading":
                    waiting = [each for each in waiting if each[0] == b"alarm"]
                waiting.append(message)
                waiting.sort(key=lambda each: each[0] != b"alarm")
            while have and waiting:
                push.send_multipart(waiting.pop(0))
                have -= 1
    finally:
        for socket in (event, credit, push):
            socket.close()
""",
        },
        "wrong": {
            "as it was": ("""
def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PUSH) as push:
        push.sndhwm = 5
        event.connect(events)
        push.connect(centre)
        while True:
            message = event.recv_multipart()
            try:
                push.send_multipart(message, zmq.DONTWAIT)
            except zmq.Again:
                pass
""", 'one message too many'),
            "waits for credit, and reads nothing meanwhile": ("""
def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        while True:
            message = event.recv_multipart()
            credit.recv()
            push.send_multipart(message)
""", ''),
            "only the newest alarm": ("""
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(), None, 0
        while True:
            zmq.select([event, credit], [], [])
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    alarms = deque([value])
                else:
                    newest = value
            while have and (alarms or newest is not None):
                if alarms:
                    push.send_multipart([b"alarm", alarms.popleft()])
                else:
                    push.send_multipart([b"reading", newest])
                    newest = None
                have -= 1
""", 'another message'),
            "the newest alarm first": ("""
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(), None, 0
        while True:
            zmq.select([event, credit], [], [])
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    alarms.append(value)
                else:
                    newest = value
            while have and (alarms or newest is not None):
                if alarms:
                    push.send_multipart([b"alarm", alarms.pop()])
                else:
                    push.send_multipart([b"reading", newest])
                    newest = None
                have -= 1
""", 'another message'),
            "all readings, in order": ("""
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(), None, 0
        while True:
            zmq.select([event, credit], [], [])
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    alarms.append(value)
                else:
                    alarms.append(value)
            while have and (alarms or newest is not None):
                if alarms:
                    push.send_multipart([b"alarm", alarms.popleft()])
                else:
                    push.send_multipart([b"reading", newest])
                    newest = None
                have -= 1
""", ''),
            "a reading before the alarms": ("""
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(), None, 0
        while True:
            zmq.select([event, credit], [], [])
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    alarms.append(value)
                else:
                    newest = value
            while have and (alarms or newest is not None):
                if newest is not None:
                    push.send_multipart([b"reading", newest])
                    newest = None
                else:
                    push.send_multipart([b"alarm", alarms.popleft()])
                have -= 1
""", 'another message'),
            "an empty reading is none": ("""
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(), None, 0
        while True:
            zmq.select([event, credit], [], [])
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    alarms.append(value)
                else:
                    newest = value
            while have and (alarms or newest):
                if alarms:
                    push.send_multipart([b"alarm", alarms.popleft()])
                else:
                    push.send_multipart([b"reading", newest])
                    newest = None
                have -= 1
""", ''),
            "the reading again and again": ("""
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(), None, 0
        while True:
            zmq.select([event, credit], [], [])
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    alarms.append(value)
                else:
                    newest = value
            while have and (alarms or newest is not None):
                if alarms:
                    push.send_multipart([b"alarm", alarms.popleft()])
                else:
                    push.send_multipart([b"reading", newest])
                have -= 1
""", ''),
            "at most ten alarms": ("""
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(maxlen=10), None, 0
        while True:
            zmq.select([event, credit], [], [])
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    alarms.append(value)
                else:
                    newest = value
            while have and (alarms or newest is not None):
                if alarms:
                    push.send_multipart([b"alarm", alarms.popleft()])
                else:
                    push.send_multipart([b"reading", newest])
                    newest = None
                have -= 1
""", 'another message'),
            "the same alarm only once": ("""
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(), None, 0
        while True:
            zmq.select([event, credit], [], [])
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    if value not in alarms:
                        alarms.append(value)
                else:
                    newest = value
            while have and (alarms or newest is not None):
                if alarms:
                    push.send_multipart([b"alarm", alarms.popleft()])
                else:
                    push.send_multipart([b"reading", newest])
                    newest = None
                have -= 1
""", 'another message'),
            "credit that cannot be spent is lost": ("""
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(), None, 0
        while True:
            zmq.select([event, credit], [], [])
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    alarms.append(value)
                else:
                    newest = value
            while have and (alarms or newest is not None):
                if alarms:
                    push.send_multipart([b"alarm", alarms.popleft()])
                else:
                    push.send_multipart([b"reading", newest])
                    newest = None
                have -= 1
            have = 0
""", ''),
            "a first handful of its own": ("""
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(), None, 5
        while True:
            zmq.select([event, credit], [], [])
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    alarms.append(value)
                else:
                    newest = value
            while have and (alarms or newest is not None):
                if alarms:
                    push.send_multipart([b"alarm", alarms.popleft()])
                else:
                    push.send_multipart([b"reading", newest])
                    newest = None
                have -= 1
""", 'one message too many'),
            "goes home after a second": ("""
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(), None, 0
        while True:
            if not any(zmq.select([event, credit], [], [], 1.0)):
                return
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    alarms.append(value)
                else:
                    newest = value
            while have and (alarms or newest is not None):
                if alarms:
                    push.send_multipart([b"alarm", alarms.popleft()])
                else:
                    push.send_multipart([b"reading", newest])
                    newest = None
                have -= 1
""", ''),
            "one credit for all that waits": ("""
from collections import deque

def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PULL) as credit, ctx.socket(zmq.PUSH) as push:
        event.connect(events)
        credit.connect(credits)
        push.connect(centre)
        alarms, newest, have = deque(), None, 0
        while True:
            zmq.select([event, credit], [], [])
            while credit.poll(0):
                credit.recv()
                have += 1
            while event.poll(0):
                kind, value = event.recv_multipart()
                if kind == b"alarm":
                    alarms.append(value)
                else:
                    newest = value
            while have and (alarms or newest is not None):
                if alarms:
                    push.send_multipart([b"alarm", alarms.popleft()])
                else:
                    push.send_multipart([b"reading", newest])
                    newest = None
                if not alarms:
                    have -= 1
""", ''),
            "a reading like the last one is no news": ("""
from collections import deque
def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        event.connect(events)
        push.connect(centre)
        credit.connect(credits)
        alarms, newest, last, have = deque(), None, None, 0
        while True:
            ready, _, _ = zmq.select([event, credit], [], [])
            if event in ready:
                frames = event.recv_multipart()
                if frames[0] == b"alarm":
                    alarms.append(frames)
                elif frames != last:
                    newest = last = frames
            if credit in ready:
                credit.recv()
                have += 1
            while have and (alarms or newest):
                if alarms:
                    push.send_multipart(alarms.popleft())
                else:
                    push.send_multipart(newest)
                    newest = None
                have -= 1
""", "though it looks like the last"),
            "keeps a handful of credit at most": ("""
from collections import deque
def mended(ctx, events, centre, credits):
    with ctx.socket(zmq.PULL) as event, ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as credit:
        event.connect(events)
        push.connect(centre)
        credit.connect(credits)
        alarms, newest, have = deque(), None, 0
        while True:
            ready, _, _ = zmq.select([event, credit], [], [])
            if event in ready:
                frames = event.recv_multipart()
                if frames[0] == b"alarm":
                    alarms.append(frames)
                else:
                    newest = frames
            if credit in ready:
                credit.recv()
                have = min(have + 1, 5)
            while have and (alarms or newest):
                if alarms:
                    push.send_multipart(alarms.popleft())
                else:
                    push.send_multipart(newest)
                    newest = None
                have -= 1
""", "every time it is kept"),
        },
    },
}
