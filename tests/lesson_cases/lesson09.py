"""Answers to the exercises of lesson 09, right and wrong. See ../lessons.py for the form."""

CASES = {
    "09.1": {
        "right": {
            "one frame, a zero byte": """
def publish(pub, station, value):
    pub.send(station + b"\\0" + value)

def subscribe(sub, station):
    sub.subscribe(station + b"\\0")

def receive(sub):
    station, _, value = sub.recv().partition(b"\\0")
    return station, value
""",
            "brackets around the name, as lists": """
def publish(pub, station, value):
    pub.send(b"<%s>" % station, zmq.SNDMORE)
    pub.send(value)

def subscribe(sub, station):
    sub.setsockopt(zmq.SUBSCRIBE, b"<%s>" % station)

def receive(sub):
    topic, value = sub.recv_multipart()
    return [topic.strip(b"<>"), value]
""",
            "the length of the name first": """
def publish(pub, station, value):
    pub.send_multipart([bytes([len(station)]) + station, value])

def subscribe(sub, station):
    sub.subscribe(bytes([len(station)]) + station)

def receive(sub):
    topic, value = sub.recv_multipart()
    return topic[1:], value
""",
        },
        "wrong": {
            "padded to four bytes": ("""
def publish(pub, station, value):
    pub.send_multipart([station[:4].ljust(4), station, value])

def subscribe(sub, station):
    sub.subscribe(station[:4].ljust(4))

def receive(sub):
    _, station, value = sub.recv_multipart()
    return station, value
""", "another station travelled"),
            "padded to eight bytes": ("""
def publish(pub, station, value):
    pub.send_multipart([station.ljust(8), value])

def subscribe(sub, station):
    sub.subscribe(station.ljust(8))

def receive(sub):
    topic, value = sub.recv_multipart()
    return topic.rstrip(), value
""", "another station travelled"),
            "a capital as the end": ("""
def publish(pub, station, value):
    pub.send_multipart([station + b"Z", value])

def subscribe(sub, station):
    sub.subscribe(station + b"Z")

def receive(sub):
    topic, value = sub.recv_multipart()
    return topic[:-1], value
""", "another station travelled"),
            "the name in front, one frame, split from the right": ("""
def publish(pub, station, value):
    pub.send(station + b"|" + value)

def subscribe(sub, station):
    sub.subscribe(station + b"|")

def receive(sub):
    station, value = sub.recv().rsplit(b"|", 1)
    return station, value
""", "any bytes"),
            "space around the value is cut off": ("""
def publish(pub, station, value):
    pub.send_multipart([station + b" ", value])

def subscribe(sub, station):
    sub.subscribe(station + b" ")

def receive(sub):
    topic, value = sub.recv_multipart()
    return topic.strip(), value.strip()
""", "any bytes"),
            "the length in one digit": ("""
def publish(pub, station, value):
    pub.send_multipart([b"%d" % (len(station) % 10) + station, value])

def subscribe(sub, station):
    sub.subscribe(b"%d" % (len(station) % 10) + station)

def receive(sub):
    topic, value = sub.recv_multipart()
    return topic[1:], value
""", "another station travelled"),
            "as text": ("""
def publish(pub, station, value):
    pub.send_string(station.decode() + "/", zmq.SNDMORE)
    pub.send_string(value.decode("latin-1"))

def subscribe(sub, station):
    sub.subscribe(station + b"/")

def receive(sub):
    topic, value = sub.recv_multipart()
    return topic[:-1], value
""", "any bytes"),
            "a frame of its own is not enough": ("""
def publish(pub, station, value):
    pub.send_multipart([station, value])

def subscribe(sub, station):
    sub.subscribe(station)

def receive(sub):
    return tuple(sub.recv_multipart())
""", "another station travelled"),
            "compared once more by the receiver": ("""
def publish(pub, station, value):
    pub.send_multipart([station, station, value])

def subscribe(sub, station):
    sub.subscribe(station)
    wanted[sub] = station

def receive(sub):
    while True:
        _, station, value = sub.recv_multipart()
        if station == wanted[sub]:
            return station, value

wanted = {}
""", "another station travelled"),
            "an empty frame as the end": ("""
def publish(pub, station, value):
    pub.send_multipart([station, b"", value])

def subscribe(sub, station):
    sub.subscribe(station)

def receive(sub):
    station, _, value = sub.recv_multipart()
    return station, value
""", "another station travelled"),
            "to everything, sorted later": ("""
def publish(pub, station, value):
    pub.send_multipart([station + b"/", value])

def subscribe(sub, station):
    sub.subscribe(b"")

def receive(sub):
    topic, value = sub.recv_multipart()
    return topic[:-1], value
""", "subscription to everything"),
            "a delimiter on one side only": ("""
def publish(pub, station, value):
    pub.send_multipart([station, value])

def subscribe(sub, station):
    sub.subscribe(station + b"/")

def receive(sub):
    return tuple(sub.recv_multipart())
""", "did not reach"),
            "a delimiter in front": ("""
def publish(pub, station, value):
    pub.send_multipart([b"/" + station, value])

def subscribe(sub, station):
    sub.subscribe(b"/" + station)

def receive(sub):
    topic, value = sub.recv_multipart()
    return topic[1:], value
""", "another station travelled"),
            "the delimiter stays in the name": ("""
def publish(pub, station, value):
    pub.send_multipart([station + b"/", value])

def subscribe(sub, station):
    sub.subscribe(station + b"/")

def receive(sub):
    return tuple(sub.recv_multipart())
""", "did not return what was published"),
            "a value with the delimiter in it": ("""
def publish(pub, station, value):
    pub.send(station + b"/" + value)

def subscribe(sub, station):
    sub.subscribe(station + b"/")

def receive(sub):
    parts = sub.recv().split(b"/")
    return parts[0], parts[1]
""", "your delimiter too"),
            "no subscription": ("""
def publish(pub, station, value):
    pub.send_multipart([station + b"/", value])

def subscribe(sub, station):
    return station + b"/"

def receive(sub):
    topic, value = sub.recv_multipart()
    return topic[:-1], value
""", "has not subscribed"),
            "text": ("""
def publish(pub, station, value):
    pub.send_multipart([f"{station}/", value])

def subscribe(sub, station):
    sub.subscribe(station + b"/")

def receive(sub):
    topic, value = sub.recv_multipart()
    return topic[:-1], value
""", "raised"),
        },
    },
    "09.2": {
        "right": {
            "counts, and lets go of those who leave": """
def publish_when_heard(ctx, endpoint, subscribers, messages):
    pub = ctx.socket(zmq.XPUB)
    pub.setsockopt(zmq.XPUB_VERBOSER, 1)
    pub.setsockopt(zmq.SNDHWM, 0)
    pub.bind(endpoint)
    there = 0
    while there < subscribers:
        event = pub.recv()
        there += 1 if event[0] == 1 else -1
    for message in messages:
        pub.send_multipart(message)
    pub.close()
""",
            "polls in between; a mark as large as the burst": """
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = 1
        pub.sndhwm = len(messages)
        pub.bind(endpoint)
        missing = subscribers
        while missing:
            if pub.poll(50):
                missing -= pub.recv().startswith(b"\\x01")
        while messages:
            pub.send_multipart(messages[0])
            messages = messages[1:]
""",
            "waits when a queue is full": """
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.xpub_nodrop = True
        pub.linger = -1
        pub.bind(endpoint)
        for _ in range(subscribers):
            pub.recv_multipart()
        for topic, *rest in messages:
            pub.send(topic, zmq.SNDMORE)
            pub.send_multipart(rest)
""",
            "asyncio": """
import asyncio
import zmq.asyncio

async def publish_when_heard(ctx, endpoint, subscribers, messages):
    with zmq.asyncio.Context.shadow(ctx.underlying).socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.sndhwm = 0
        pub.bind(endpoint)
        for _ in range(subscribers):
            await pub.recv()
        for message in messages:
            await pub.send_multipart(message)
""",
        },
        "wrong": {
            "the default mark": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.bind(endpoint)
        for _ in range(subscribers):
            pub.recv()
        for frames in messages:
            pub.send_multipart(frames)
""", "messages were lost"),
            "a mark of five thousand, whatever the length": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.sndhwm = 5000
        pub.bind(endpoint)
        for _ in range(subscribers):
            pub.recv()
        for frames in messages:
            pub.send_multipart(frames)
""", "messages were lost"),
            "the other mark": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.rcvhwm = 0
        pub.bind(endpoint)
        for _ in range(subscribers):
            pub.recv()
        for frames in messages:
            pub.send_multipart(frames)
""", "messages were lost"),
            "closed without linger": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.sndhwm = 0
        pub.bind(endpoint)
        for _ in range(subscribers):
            pub.recv()
        for frames in messages:
            pub.send_multipart(frames)
        pub.linger = 0
""", "messages were lost"),
            "lingers for a moment": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.sndhwm = 0
        pub.bind(endpoint)
        for _ in range(subscribers):
            pub.recv()
        for frames in messages:
            pub.send_multipart(frames)
        pub.linger = 300
""", "messages were lost"),
            "pauses in between, and the mark as it is": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.bind(endpoint)
        for _ in range(subscribers):
            pub.recv()
        for number, frames in enumerate(messages):
            pub.send_multipart(frames)
            if number % 500 == 0:
                time.sleep(0.001)
""", "messages were lost"),
            "an empty frame ends the message": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.sndhwm = 0
        pub.bind(endpoint)
        for _ in range(subscribers):
            pub.recv()
        for frames in messages:
            pub.send_multipart([frame for frame in frames if frame])
""", "in order"),
            "a PUB that waits for nobody": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.PUB) as pub:
        pub.bind(endpoint)
        for frames in messages:
            pub.send_multipart(frames)
""", ""),
            "sleeps a little": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.PUB) as pub:
        pub.bind(endpoint)
        time.sleep(0.5)
        for frames in messages:
            pub.send_multipart(frames)
""", "before all subscribers were there"),
            "sleeps long": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.PUB) as pub:
        pub.bind(endpoint)
        time.sleep(3)
        for frames in messages:
            pub.send_multipart(frames)
""", ""),
            "hears of each topic once": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.bind(endpoint)
        for _ in range(subscribers):
            pub.recv()
        for frames in messages:
            pub.send_multipart(frames)
""", "xpub_verbose"),
            "one is enough": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.bind(endpoint)
        pub.recv()
        for frames in messages:
            pub.send_multipart(frames)
""", ""),
            "one too many": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.bind(endpoint)
        for _ in range(subscribers + 1):
            pub.recv()
        for frames in messages:
            pub.send_multipart(frames)
""", "nothing arrived"),
            "reads a PUB": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.PUB) as pub:
        pub.bind(endpoint)
        for _ in range(subscribers):
            pub.recv()
        for frames in messages:
            pub.send_multipart(frames)
""", "raised"),
            "connects": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.connect(endpoint)
        for _ in range(subscribers):
            pub.recv()
        for frames in messages:
            pub.send_multipart(frames)
""", "nothing arrived"),
            "each message for each subscriber": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.bind(endpoint)
        for _ in range(subscribers):
            pub.recv()
        for frames in messages:
            for _ in range(subscribers):
                pub.send_multipart(frames)
""", "in order"),
            "one frame each": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    with ctx.socket(zmq.XPUB) as pub:
        pub.xpub_verbose = True
        pub.bind(endpoint)
        for _ in range(subscribers):
            pub.recv()
        for frames in messages:
            pub.send(b"".join(frames))
""", "did not hear the first message first"),
            "left open": ("""
def publish_when_heard(ctx, endpoint, subscribers, messages):
    global pub
    pub = ctx.socket(zmq.XPUB)
    pub.xpub_verbose = True
    pub.bind(endpoint)
    for _ in range(subscribers):
        pub.recv()
    for frames in messages:
        pub.send_multipart(frames)
""", "left an XPUB socket open"),
        },
    },
    "09.3": {
        "right": {
            "a list first": """
def newest(sub, quiet):
    messages = []
    while sub.poll(int(quiet * 1000)):
        messages.append(sub.recv_multipart())
    return dict(messages)
""",
            "with a timeout that is put back": """
def newest(sub, quiet):
    before, sub.rcvtimeo = sub.rcvtimeo, int(quiet * 1000)
    values = {}
    try:
        while True:
            topic = sub.recv()
            values[topic] = sub.recv()
    except zmq.Again:
        return values
    finally:
        sub.rcvtimeo = before
""",
            "a deadline": """
def newest(sub, quiet):
    values, deadline = {}, time.monotonic() + quiet
    while time.monotonic() < deadline:
        try:
            topic, value = sub.recv_multipart(zmq.DONTWAIT)
        except zmq.Again:
            time.sleep(0.005)
            continue
        values[topic] = value
        deadline = time.monotonic() + quiet
    return values
""",
        },
        "wrong": {
            "a topic of no bytes does not count": ("""
def newest(sub, quiet):
    values = {}
    while sub.poll(quiet * 1000):
        topic, value = sub.recv_multipart()
        if topic:
            values[topic] = value
    return values
""", "not the right dict"),
            "as text": ("""
def newest(sub, quiet):
    values = {}
    while sub.poll(quiet * 1000):
        topic, value = sub.recv_multipart()
        values[topic.decode().encode()] = value
    return values
""", "raised"),
            "remembers what it told before": ("""
values = {}

def newest(sub, quiet):
    while sub.poll(quiet * 1000):
        topic, value = sub.recv_multipart()
        values[topic] = value
    return values
""", "not the right dict"),
            "a thousand are enough": ("""
def newest(sub, quiet):
    values = {}
    for _ in range(1000):
        if not sub.poll(quiet * 1000):
            break
        topic, value = sub.recv_multipart()
        values[topic] = value
    return values
""", "not the right dict"),
            "until it was quiet once since the start": ("""
def newest(sub, quiet):
    values, end = {}, time.monotonic() + quiet
    while (left := end - time.monotonic()) > 0:
        if sub.poll(left * 1000):
            topic, value = sub.recv_multipart()
            values[topic] = value
    return values
""", "six messages came"),
            "waits for ever": ("""
def newest(sub, quiet):
    values = {}
    while True:
        topic, value = sub.recv_multipart()
        values[topic] = value
    return values
""", "did not come back"),
            "milliseconds": ("""
def newest(sub, quiet):
    values = {}
    while sub.poll(quiet):
        topic, value = sub.recv_multipart()
        values[topic] = value
    return values
""", "did not wait until it was quiet"),
            "does not wait": ("""
def newest(sub, quiet):
    values = {}
    while sub.poll(0):
        topic, value = sub.recv_multipart()
        values[topic] = value
    return values
""", "did not wait until it was quiet"),
            "sleeps, then takes what is there": ("""
def newest(sub, quiet):
    time.sleep(quiet)
    values = {}
    while sub.poll(0):
        topic, value = sub.recv_multipart()
        values[topic] = value
    return values
""", "six messages came"),
            "the first of each": ("""
def newest(sub, quiet):
    values = {}
    while sub.poll(quiet * 1000):
        topic, value = sub.recv_multipart()
        values.setdefault(topic, value)
    return values
""", "not the right dict"),
            "the last message only": ("""
def newest(sub, quiet):
    topic = None
    while sub.poll(quiet * 1000):
        topic, value = sub.recv_multipart()
    return {topic: value} if topic else {}
""", "not the right dict"),
            "all of each": ("""
def newest(sub, quiet):
    values = {}
    while sub.poll(quiet * 1000):
        topic, value = sub.recv_multipart()
        values.setdefault(topic, []).append(value)
    return values
""", "not the right dict"),
            "an empty value does not count": ("""
def newest(sub, quiet):
    values = {}
    while sub.poll(quiet * 1000):
        topic, value = sub.recv_multipart()
        if value:
            values[topic] = value
    return values
""", "not the right dict"),
            "conflates too late": ("""
def newest(sub, quiet):
    sub.conflate = True
    values = {}
    while sub.poll(quiet * 1000):
        topic, value = sub.recv_multipart()
        values = {topic: value}
    return values
""", "changed `conflate`"),
            "one frame at a time": ("""
def newest(sub, quiet):
    values = {}
    while sub.poll(quiet * 1000):
        values[sub.recv()] = b""
    return values
""", "not the right dict"),
            "returns nothing": ("""
def newest(sub, quiet):
    values = {}
    while sub.poll(quiet * 1000):
        topic, value = sub.recv_multipart()
        values[topic] = value
""", "is a `return` missing"),
            "closes the socket": ("""
def newest(sub, quiet):
    values = {}
    with sub:
        while sub.poll(quiet * 1000):
            topic, value = sub.recv_multipart()
            values[topic] = value
    return values
""", "closed the socket"),
        },
    },
    "09.4": {
        "right": {
            "the numbers first, then the gaps": """
def missed(sub, quiet):
    numbers = {}
    while sub.poll(quiet * 1000):
        topic, number, value = sub.recv_multipart()
        numbers.setdefault(topic, []).append(int(number))
    return {
        topic: sum(b - a - 1 for a, b in zip(each, each[1:]) if b > a) for topic, each in numbers.items()
    }
""",
            "what is expected next": """
def missed(sub, quiet):
    expected, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, value = sub.recv_multipart()
        number = int(number)
        missing.setdefault(topic, 0)
        if topic in expected and number > expected[topic]:
            missing[topic] += number - expected[topic]
        expected[topic] = number + 1
    return missing
""",
        },
        "wrong": {
            "a new start forgets what was missing before": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, _ = sub.recv_multipart()
        number = int(number)
        if topic not in last or number <= last[topic]:
            missing[topic] = 0
        else:
            missing[topic] += number - last[topic] - 1
        last[topic] = number
    return missing
""", "before and after a new start"),
            "a new start is one for all topics": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, _ = sub.recv_multipart()
        number = int(number)
        if number <= last.get(topic, -1):
            last.clear()
        missing[topic] = missing.get(topic, 0) + max(0, number - last.get(topic, number - 1) - 1)
        last[topic] = number
    return missing
""", "before and after a new start"),
            "highest less lowest less how many": ("""
def missed(sub, quiet):
    numbers = {}
    while sub.poll(quiet * 1000):
        topic, number, _ = sub.recv_multipart()
        numbers.setdefault(topic, []).append(int(number))
    return {topic: max(0, max(each) - min(each) + 1 - len(each)) for topic, each in numbers.items()}
""", "not the right dict"),
            "floats": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, _ = sub.recv_multipart()
        number = float(number)
        missing[topic] = missing.get(topic, 0) + max(0, number - last.get(topic, number - 1) - 1)
        last[topic] = number
    return missing
""", "not the right dict"),
            "only topics with something missing": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, _ = sub.recv_multipart()
        number = int(number)
        missing[topic] = missing.get(topic, 0) + max(0, number - last.get(topic, number - 1) - 1)
        last[topic] = number
    return {topic: count for topic, count in missing.items() if count}
""", "not the right dict"),
            "takes what is there at once": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000 if not last else 0):
        topic, number, _ = sub.recv_multipart()
        number = int(number)
        missing[topic] = missing.get(topic, 0) + max(0, number - last.get(topic, number - 1) - 1)
        last[topic] = number
    return missing
""", "not the right dict"),
            "one count for all topics": ("""
def missed(sub, quiet):
    last, missing = None, {}
    while sub.poll(quiet * 1000):
        topic, number, value = sub.recv_multipart()
        number = int(number)
        missing.setdefault(topic, 0)
        if last is not None and number > last + 1:
            missing[topic] += number - last - 1
        last = number
    return missing
""", "a gap in one topic"),
            "counts gaps, not messages": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, value = sub.recv_multipart()
        number = int(number)
        missing.setdefault(topic, 0)
        missing[topic] += topic in last and number > last[topic] + 1
        last[topic] = number
    return missing
""", "not the right dict"),
            "one too many": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, value = sub.recv_multipart()
        number = int(number)
        missing.setdefault(topic, 0)
        if topic in last and number > last[topic] + 1:
            missing[topic] += number - last[topic]
        last[topic] = number
    return missing
""", "not the right dict"),
            "what came before is missing too": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, value = sub.recv_multipart()
        number = int(number)
        missing[topic] = missing.get(topic, 0) + max(0, number - last.get(topic, -1) - 1)
        last[topic] = number
    return missing
""", "not the right dict"),
            "a new start is less than nothing": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, value = sub.recv_multipart()
        number = int(number)
        missing[topic] = missing.get(topic, 0) + number - last.get(topic, number - 1) - 1
        last[topic] = number
    return missing
""", "started again"),
            "only a 0 is a new start": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, value = sub.recv_multipart()
        number = int(number)
        missing[topic] = missing.get(topic, 0) + max(0, number - last.get(topic, number - 1) - 1)
        last[topic] = number if number == 0 else max(number, last.get(topic, number))
    return missing
""", "after a new start"),
            "keeps the highest number": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, value = sub.recv_multipart()
        number = int(number)
        missing[topic] = missing.get(topic, 0) + max(0, number - last.get(topic, number - 1) - 1)
        last[topic] = max(number, last.get(topic, number))
    return missing
""", "started again"),
            "compares digits": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, value = sub.recv_multipart()
        missing.setdefault(topic, 0)
        if topic in last and number > last[topic]:
            missing[topic] += int(number) - int(last[topic]) - 1
        last[topic] = number
    return missing
""", "not the right dict"),
            "only where something is missing": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while sub.poll(quiet * 1000):
        topic, number, value = sub.recv_multipart()
        number = int(number)
        if topic in last and number > last[topic] + 1:
            missing[topic] = missing.get(topic, 0) + number - last[topic] - 1
        last[topic] = number
    return missing
""", "not the right dict"),
            "the sum": ("""
def missed(sub, quiet):
    last, missing = {}, 0
    while sub.poll(quiet * 1000):
        topic, number, value = sub.recv_multipart()
        number = int(number)
        missing += max(0, number - last.get(topic, number - 1) - 1)
        last[topic] = number
    return missing
""", "dict"),
            "never quiet": ("""
def missed(sub, quiet):
    last, missing = {}, {}
    while True:
        topic, number, value = sub.recv_multipart()
        number = int(number)
        missing[topic] = missing.get(topic, 0) + max(0, number - last.get(topic, number - 1) - 1)
        last[topic] = number
""", "did not come back"),
        },
    },
}
