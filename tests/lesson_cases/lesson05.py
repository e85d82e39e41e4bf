"""Answers to the exercises of lesson 05, right and wrong. See ../lessons.py for the form."""

SETUP = "import sqlite3\n"

CASES = {
    "05.1": {
        "right": {
            "a Poller and what is left": """
def deliver(push, ack, number, text, patience, tries):
    poller = zmq.Poller()
    poller.register(ack, zmq.POLLIN)
    for attempt in range(tries):
        push.send_multipart((number, text))
        end = time.monotonic() + patience
        while True:
            left = end - time.monotonic()
            if left <= 0 or not poller.poll(left * 1000):
                break
            if ack.recv_multipart() == [number]:
                return True
    return False
""",
            "calls itself": """
def heard(ack, number, end):
    while ack.poll(max(0, int(1000 * (end - time.monotonic())))):
        if ack.recv() == number:
            return True
    return False

def deliver(push, ack, number, text, patience, tries):
    if tries == 0:
        return False
    push.send(number, zmq.SNDMORE)
    push.send(text)
    return heard(ack, number, time.monotonic() + patience) or deliver(push, ack, number, text, patience, tries - 1)
""",
            "looks again and again": """
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        end = time.monotonic() + patience
        while time.monotonic() < end:
            try:
                if ack.recv(zmq.DONTWAIT) == number:
                    return True
            except zmq.Again:
                time.sleep(0.005)
    return False
""",
        },
        "wrong": {
            "never repeats": ("""
def deliver(push, ack, number, text, patience, tries):
    push.send_multipart([number, text])
    end = time.monotonic() + patience
    while ack.poll(max(0, end - time.monotonic()) * 1000):
        if ack.recv() == number:
            return True
    return False
""", "came back without its ack"),
            "any ack will do": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        if ack.poll(patience * 1000):
            ack.recv()
            return True
    return False
""", "came back without its ack"),
            "another's ack ends the wait": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        if ack.poll(patience * 1000) and ack.recv() == number:
            return True
    return False
""", "too early"),
            "another's ack starts the wait again": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        while ack.poll(patience * 1000):
            if ack.recv() == number:
                return True
    return False
""", "not repeated in time"),
            "milliseconds": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        end = time.monotonic() + patience
        while ack.poll(max(0, end - time.monotonic())):
            if ack.recv() == number:
                return True
    return False
""", ""),
            "never gives up": ("""
def deliver(push, ack, number, text, patience, tries):
    while True:
        push.send_multipart([number, text])
        end = time.monotonic() + patience
        while ack.poll(max(0, end - time.monotonic()) * 1000):
            if ack.recv() == number:
                return True
""", "did not come back"),
            "one try too many": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries + 1):
        push.send_multipart([number, text])
        end = time.monotonic() + patience
        while ack.poll(max(0, end - time.monotonic()) * 1000):
            if ack.recv() == number:
                return True
    return False
""", "one message too many"),
            "a new number for each try": ("""
def deliver(push, ack, number, text, patience, tries):
    for attempt in range(tries):
        own = b"%d" % (int(number) + attempt)
        push.send_multipart([own, text])
        end = time.monotonic() + patience
        while ack.poll(max(0, end - time.monotonic()) * 1000):
            if ack.recv() == own:
                return True
    return False
""", "not the message"),
            "the text alone": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send(text)
        end = time.monotonic() + patience
        while ack.poll(max(0, end - time.monotonic()) * 1000):
            if ack.recv() == number:
                return True
    return False
""", "not the message"),
            "nothing returned in the end": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        end = time.monotonic() + patience
        while ack.poll(max(0, end - time.monotonic()) * 1000):
            if ack.recv() == number:
                return True
""", "it returned `None`"),
            "gives up right after the last send": ("""
def deliver(push, ack, number, text, patience, tries):
    for left in reversed(range(tries)):
        push.send_multipart([number, text])
        end = time.monotonic() + (patience if left or tries == 3 else 0)
        while ack.poll(max(0, end - time.monotonic()) * 1000):
            if ack.recv() == number:
                return True
    return False
""", "too early"),
        },
    },
    "05.2": {
        "right": {
            "known ones first": """
def once(ctx, tasks, acks, effect):
    pull, ack = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    known = {}
    try:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, text = pull.recv_multipart()
            if number in known:
                ack.send(number)
                continue
            effect(text)
            known[number] = text
            ack.send(number)
    finally:
        pull.close()
        ack.close()
""",
            "a list, two recv": """
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = []
        while True:
            number = pull.recv()
            text = pull.recv()
            if done.count(number) == 0:
                done.append(number)
                effect(text)
            ack.send_multipart([number])
""",
        },
        "wrong": {
            "remembers nothing": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, text = pull.recv_multipart()
            effect(text)
            ack.send(number)
""", "not the effects"),
            "no second ack": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = set()
        while True:
            number, text = pull.recv_multipart()
            if number not in done:
                effect(text)
                done.add(number)
                ack.send(number)
""", "acknowledged again"),
            "ack first": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = set()
        while True:
            number, text = pull.recv_multipart()
            ack.send(number)
            if number not in done:
                effect(text)
                done.add(number)
""", "still under way"),
            "tells repeats by the text": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = set()
        while True:
            number, text = pull.recv_multipart()
            if text not in done:
                effect(text)
                done.add(text)
            ack.send(number)
""", "not the effects"),
            "remembers only the last": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        last = None
        while True:
            number, text = pull.recv_multipart()
            if number != last:
                effect(text)
                last = number
            ack.send(number)
""", "not the effects"),
            "forgets in each turn": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            done = set()
            number, text = pull.recv_multipart()
            if number not in done:
                effect(text)
                done.add(number)
            ack.send(number)
""", "not the effects"),
            "acknowledges with the text": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = set()
        while True:
            number, text = pull.recv_multipart()
            if number not in done:
                effect(text)
                done.add(number)
            ack.send_multipart([number, text])
""", "not the ack"),
            "ends after one": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        number, text = pull.recv_multipart()
        effect(text)
        ack.send(number)
""", ""),
            "one frame at a time": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = set()
        while True:
            number = text = pull.recv()
            if number not in done:
                effect(text)
                done.add(number)
            ack.send(number)
""", ""),
        },
    },
    "05.3": {
        "right": {
            "asks first": """
def book(ctx, tasks, acks, path):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        db = sqlite3.connect(path)
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            if db.execute("SELECT 1 FROM seen WHERE id = ?", (number.decode(),)).fetchone() is None:
                db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
                db.execute("INSERT INTO seen VALUES (?)", (number.decode(),))
                db.commit()
            ack.send(number)
""",
            "lets the key refuse it": """
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            try:
                with db:
                    db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
                    db.execute("INSERT INTO seen VALUES (?)", (number,))
            except sqlite3.IntegrityError:
                pass
            ack.send(number)
""",
            "begins and commits itself": """
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path, isolation_level=None)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            db.execute("BEGIN IMMEDIATE")
            if db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (number,)).rowcount == 1:
                db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
            db.execute("COMMIT")
            ack.send(number)
""",
        },
        "wrong": {
            "amount, commit, number, commit": ("""
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            if not db.execute("SELECT 1 FROM seen WHERE id = ?", (number,)).fetchone():
                with db:
                    db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
                with db:
                    db.execute("INSERT INTO seen VALUES (?)", (number,))
            ack.send(number)
""", "booked twice"),
            "number, commit, amount, commit": ("""
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            with db:
                new = db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (number,)).rowcount
            if new:
                with db:
                    db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
            ack.send(number)
""", "not in the account"),
            "each statement on its own": ("""
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path, isolation_level=None)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            if db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (number,)).rowcount:
                db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
            ack.send(number)
""", "not in the account"),
            "remembers in a variable": ("""
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        seen = set()
        while True:
            number, amount = pull.recv_multipart()
            if number not in seen:
                with db:
                    db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
                seen.add(number)
            ack.send(number)
""", "booked twice"),
            "remembers nothing": ("""
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            with db:
                db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
            ack.send(number)
""", "booked twice"),
            "never commits": ("""
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            if db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (number,)).rowcount:
                db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
            ack.send(number)
""", "not in the account"),
            "ack before the commit": ("""
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            ack.send(number)
            with db:
                if db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (number,)).rowcount:
                    db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
""", "not in the account"),
            "no ack for a repeat": ("""
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            with db:
                new = db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (number,)).rowcount
                if new:
                    db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
            if new:
                ack.send(number)
""", "new or repeated"),
            "falls over a repeat": ("""
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            with db:
                db.execute("INSERT INTO seen VALUES (?)", (number,))
                db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
            ack.send(number)
""", "IntegrityError"),
        },
    },
    "05.4": {
        "right": {
            "skips": """
def fresh_only(ctx, readings, lifetime, screen):
    pull = ctx.socket(zmq.PULL)
    pull.connect(readings)
    try:
        while True:
            moment, value = pull.recv_multipart()
            age = time.time() - float(moment.decode())
            if age > lifetime:
                continue
            screen(value)
    finally:
        pull.close()
""",
            "a generator of readings": """
def fresh(pull, lifetime):
    while True:
        moment, value = pull.recv_multipart()
        if float(moment) + lifetime >= time.time():
            yield value

def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        for value in fresh(pull, lifetime):
            screen(value)
""",
        },
        "wrong": {
            "shows all": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            screen(value)
""", "only that"),
            "another clock": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            if time.monotonic() - float(moment) <= lifetime:
                screen(value)
""", "only that"),
            "milliseconds": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            if (time.time() - float(moment)) * 1000 <= lifetime:
                screen(value)
""", ""),
            "only the newest": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            while pull.poll(20):
                moment, value = pull.recv_multipart()
            if time.time() - float(moment) <= lifetime:
                screen(value)
""", ""),
            "ends at the first old one": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            if time.time() - float(moment) > lifetime:
                return
            screen(value)
""", ""),
            "now is when it began": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        now = time.time()
        while True:
            moment, value = pull.recv_multipart()
            if now - float(moment) <= lifetime:
                screen(value)
""", "only that"),
            "compared with the one before": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        newest = 0.0
        while True:
            moment, value = pull.recv_multipart()
            if newest - float(moment) <= lifetime:
                screen(value)
            newest = max(newest, float(moment))
""", "only that"),
            "the wrong way round": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            if time.time() - float(moment) >= lifetime:
                screen(value)
""", ""),
            "bytes are no number": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            if time.time() - moment <= lifetime:
                screen(value)
""", "raised"),
            "shows the moment": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            if time.time() - float(moment) <= lifetime:
                screen(moment)
""", ""),
        },
    },
}
