"""Answers to the exercises of lesson 05, right and wrong. See ../lessons.py for the form."""

SETUP = "import sqlite3\nfrom zmqcourse.scenes import lesson05 as scene\n"

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
            "a limit on recv that is put back": """
def deliver(push, ack, number, text, patience, tries):
    before = ack.rcvtimeo
    try:
        for _ in range(tries):
            push.send_multipart([number, text])
            end = time.monotonic() + patience
            while (left := end - time.monotonic()) > 0:
                ack.rcvtimeo = max(1, int(left * 1000))
                try:
                    if ack.recv() == number:
                        return True
                except zmq.Again:
                    break
        return False
    finally:
        ack.rcvtimeo = before
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
""", ''),
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
            "puts back what it thinks was there": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        deadline = time.monotonic() + patience
        while (left := deadline - time.monotonic()) > 0:
            ack.rcvtimeo = max(1, int(left * 1000))
            try:
                if ack.recv() == number:
                    return True
            except zmq.Again:
                pass
            finally:
                ack.rcvtimeo = -1
    return False
""", "changed `rcvtimeo`"),
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
        end = time.monotonic() + (patience if left or tries != 2 else 0)
        while ack.poll(max(0, end - time.monotonic()) * 1000):
            if ack.recv() == number:
                return True
    return False
""", 'too early'),
            "sleeps, then looks": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        time.sleep(patience)
        while ack.poll(0):
            if ack.recv() == number:
                return True
    return False
""", ''),
            "looks only at the first ack": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        end = time.monotonic() + patience
        if ack.poll(patience * 1000):
            while ack.poll(0):
                if ack.recv() == number:
                    return True
            time.sleep(max(0, end - time.monotonic()))
    return False
""", ''),
            "leaves its limit on the socket": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            ack.rcvtimeo = max(1, int(left * 1000))
            try:
                if ack.recv() == number:
                    return True
            except zmq.Again:
                break
    return False
""", ''),
            "a number that begins like it": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        end = time.monotonic() + patience
        while ack.poll(max(0, end - time.monotonic()) * 1000):
            if ack.recv().startswith(number):
                return True
    return False
""", 'came back without its ack'),
            "the number as a number": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        end = time.monotonic() + patience
        while ack.poll(max(0, end - time.monotonic()) * 1000):
            if int(ack.recv()) == int(number):
                return True
    return False
""", ''),
            "a few others' acks are enough": ("""
def deliver(push, ack, number, text, patience, tries):
    for _ in range(tries):
        push.send_multipart([number, text])
        end = time.monotonic() + patience
        for _ in range(20):
            if not ack.poll(max(0, end - time.monotonic()) * 1000):
                break
            if ack.recv() == number:
                return True
    return False
""", ''),
            "an empty text is nothing to send": ("""
def deliver(push, ack, number, text, patience, tries):
    if not text:
        return False
    for _ in range(tries):
        push.send_multipart([number, text])
        end = time.monotonic() + patience
        while ack.poll(max(0, end - time.monotonic()) * 1000):
            if ack.recv() == number:
                return True
    return False
""", 'nothing arrived'),
            "sends, acknowledged or not": ("""
def deliver(push, ack, number, text, patience, tries):
    heard = False
    for _ in range(tries):
        push.send_multipart([number, text])
        end = time.monotonic() + patience
        while ack.poll(max(0, end - time.monotonic()) * 1000):
            if ack.recv() == number:
                heard = True
                break
    return heard
""", ''),
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
            "a Poller, and limits in memory": """
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        done = dict()
        while True:
            if poller.poll(100):
                number, text = pull.recv_multipart()
                if done.setdefault(number, False) is False:
                    effect(text)
                    done[number] = True
                ack.send(number)
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
            "only the highest number": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        highest = -1
        while True:
            number, text = pull.recv_multipart()
            if int(number) > highest:
                effect(text)
                highest = int(number)
            ack.send(number)
""", 'not the effects'),
            "the last hundred": ("""
from collections import deque

def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = deque(maxlen=100)
        while True:
            number, text = pull.recv_multipart()
            if number not in done:
                effect(text)
                done.append(number)
            ack.send(number)
""", 'not the effects'),
            "goes home after a second of silence": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = set()
        while pull.poll(1000):
            number, text = pull.recv_multipart()
            if number not in done:
                effect(text)
                done.add(number)
            ack.send(number)
""", ''),
            "an empty text has no effect": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = set()
        while True:
            number, text = pull.recv_multipart()
            if text and number not in done:
                effect(text)
                done.add(number)
            ack.send(number)
""", 'not the effects'),
            "STOP ends it": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = set()
        while True:
            number, text = pull.recv_multipart()
            if text == b"STOP":
                ack.send(number)
                break
            if number not in done:
                effect(text)
                done.add(number)
            ack.send(number)
""", ''),
            "ends after a hundred": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = set()
        for _ in range(100):
            number, text = pull.recv_multipart()
            if number not in done:
                effect(text)
                done.add(number)
            ack.send(number)
""", ''),
            "acknowledges what it knows twice": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = set()
        while True:
            number, text = pull.recv_multipart()
            if number in done:
                ack.send(number)
            else:
                effect(text)
                done.add(number)
            ack.send(number)
""", ''),
            "text for text": ("""
def once(ctx, tasks, acks, effect):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        done = set()
        while True:
            number, text = pull.recv_multipart()
            if number not in done:
                effect(text.decode())
                done.add(number)
            ack.send(number)
""", ''),
        },
    },
    "05.3": {
        "right": {
            "commits for all that wait, then acknowledges them": """
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            booked = [pull.recv_multipart()]
            while len(booked) < 50 and pull.poll(10):
                booked.append(pull.recv_multipart())
            with db:
                for number, amount in booked:
                    if db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (number,)).rowcount:
                        db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
            for number, _ in booked:
                ack.send(number)
""",
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
            "reads what is there, then remembers in both": """
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        seen = {bytes(id) for (id,) in db.execute("SELECT id FROM seen")}
        while True:
            number, amount = pull.recv_multipart()
            if number not in seen:
                with db:
                    db.execute("INSERT INTO seen VALUES (?)", (number,))
                    db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
                seen.add(number)
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
            "only the highest number": ("""
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            with db:
                (highest,) = db.execute("SELECT max(CAST(id AS INTEGER)) FROM seen").fetchone()
                if int(number) > (highest or 0):
                    db.execute("INSERT INTO seen VALUES (?)", (int(number),))
                    db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
            ack.send(number)
""", 'not in the account'),
            "commits when nothing more waits": ("""
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            if db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (number,)).rowcount:
                db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
            if not pull.poll(50):
                db.commit()
            ack.send(number)
""", "tasks at once"),
            "knows the amount, not the number": ("""
def book(ctx, tasks, acks, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as ack:
        pull.connect(tasks)
        ack.connect(acks)
        while True:
            number, amount = pull.recv_multipart()
            with db:
                if db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (amount,)).rowcount:
                    db.execute("UPDATE account SET balance = balance + ?", (int(amount),))
            ack.send(number)
""", 'not in the account'),
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
            "with a Poller, every 50 ms": """
def fresh_only(ctx, readings, lifetime, screen):
    pull = ctx.socket(zmq.PULL)
    poller = zmq.Poller()
    poller.register(pull, zmq.POLLIN)
    try:
        pull.connect(readings)
        while True:
            for socket, _ in poller.poll(50):
                moment, value = socket.recv_multipart()
                if not time.time() > float(moment) + lifetime:
                    screen(value)
    finally:
        pull.close()
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
            "throws all away after a slow screen": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            if time.time() - float(moment) <= lifetime:
                began = time.time()
                screen(value)
                if time.time() - began > lifetime:
                    while pull.poll(0):
                        pull.recv_multipart()
""", 'only that'),
            "an old one takes the others along": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            if time.time() - float(moment) <= lifetime:
                screen(value)
            else:
                while pull.poll(0):
                    pull.recv_multipart()
""", 'only that'),
            "the same value again": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        shown = None
        while True:
            moment, value = pull.recv_multipart()
            if time.time() - float(moment) <= lifetime and value != shown:
                screen(value)
                shown = value
""", 'only that'),
            "nothing from a clock that is ahead": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            if 0 <= time.time() - float(moment) <= lifetime:
                screen(value)
""", 'only that'),
            "no empty reading": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            if value and time.time() - float(moment) <= lifetime:
                screen(value)
""", ''),
            "goes home after a second of silence": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while pull.poll(1000):
            moment, value = pull.recv_multipart()
            if time.time() - float(moment) <= lifetime:
                screen(value)
""", ''),
            "a mark of one, and newest only": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.conflate = True
        pull.connect(readings)
        while True:
            moment, value = pull.recv_multipart()
            if time.time() - float(moment) <= lifetime:
                screen(value)
""", ''),
            "reads all first, then judges by that moment": ("""
def fresh_only(ctx, readings, lifetime, screen):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(readings)
        while True:
            now, batch = time.time(), [pull.recv_multipart()]
            while pull.poll(0):
                batch.append(pull.recv_multipart())
            for moment, value in batch:
                if now - float(moment) <= lifetime:
                    screen(value)
""", ''),
        },
    },
    "05.5": {
        "right": {
            "half-open, then a kill": """
def schedule(stage, journal):
    road, back = stage.links
    stage.wait(lambda s: len(scene.read_back(journal)) >= 3, timeout=20)
    back.half_open("there")
    before = len(scene.read_back(journal))
    stage.wait(lambda s: len(scene.read_back(journal)) >= before + 2, timeout=20)
    stage.restart("worker")
    back.mend()
""",
            "the way back is cut, and never mended by it": """
def schedule(stage, journal):
    _, back = stage.links
    stage.wait(lambda s: len(scene.read_back(journal)) >= 2, timeout=20)
    back.cut()
    before = len(scene.read_back(journal))
    stage.wait(lambda s: len(scene.read_back(journal)) >= before + 2, timeout=20)
    stage.kill("worker")
    stage.restart("worker")
""",
        },
        "wrong": {
            "no trouble at all": ("""
def schedule(stage, journal):
    stage.wait(lambda s: len(scene.read_back(journal)) >= 5, timeout=20)
""", 'came through it'),
            "a kill in the middle of the work": ("""
def schedule(stage, journal):
    for _ in range(100):
        taken = stage.received("worker")
        stage.wait(lambda s: s.received("worker") > taken + 2, timeout=20)
        stage.freeze("worker")
        if stage.received("producer") == len(scene.read_back(journal)):     # what is done has been acked
            return stage.restart("worker")
        stage.thaw("worker")
""", 'came through it'),
            "lost acks alone": ("""
def schedule(stage, journal):
    road, back = stage.links
    stage.wait(lambda s: len(scene.read_back(journal)) >= 2, timeout=20)
    back.half_open("there")
    before = len(scene.read_back(journal))
    stage.wait(lambda s: len(scene.read_back(journal)) >= before + 3, timeout=20)
    back.mend()
""", 'came through it'),
            "the kill comes first": ("""
def schedule(stage, journal):
    road, back = stage.links
    taken = stage.received("worker")
    stage.wait(lambda s: s.received("worker") > taken, timeout=20)
    stage.restart("worker")
    before = len(scene.read_back(journal))
    stage.wait(lambda s: len(scene.read_back(journal)) >= before + 1, timeout=20)
    back.half_open("there")
    stage.wait(lambda s: len(scene.read_back(journal)) >= before + 3, timeout=20)
    back.mend()
""", 'came through it'),
            "the road is cut": ("""
def schedule(stage, journal):
    road, back = stage.links
    stage.wait(lambda s: len(scene.read_back(journal)) >= 2, timeout=20)
    road.cut()
    road.mend()
""", 'came through it'),
            "a third link": ("""
def schedule(stage, journal):
    road, back, other = stage.links
    other.cut()
""", "raised"),
            "a role that is not there": ("""
def schedule(stage, journal):
    stage.restart("worker 1")
""", 'did you mean'),
        },
    },
}
