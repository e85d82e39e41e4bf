"""Answers to the exercises of lesson 10, right and wrong. See ../lessons.py for the form."""

CASES = {
    "10.1": {
        "right": {
            "as a dict of what is ready, without a Poller kept": """
def forward(ctx, upstream, downstream, events):
    xsub, xpub = ctx.socket(zmq.XSUB), ctx.socket(zmq.XPUB)
    with xsub, xpub:
        xpub.bind(downstream)
        xsub.bind(upstream)
        while True:
            readable, _, _ = zmq.select([xsub, xpub], [], [])
            if xpub in readable:
                frames = xpub.recv_multipart()
                events += frames
                xsub.send_multipart(frames)
            if xsub in readable:
                xpub.send_multipart(xsub.recv_multipart())
""",
            "drains one side, then the other": """
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        for socket in (xsub, xpub):
            poller.register(socket, zmq.POLLIN)
        while True:
            ready = dict(poller.poll(50))
            while xpub in ready and xpub.poll(0):
                events.append(xpub.recv())
                xsub.send(events[-1])
            while xsub in ready and xsub.poll(0):
                xpub.send_multipart(xsub.recv_multipart())
""",
            "everyone who comes and who goes": """
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verboser = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xsub:
                    xpub.send_multipart(xsub.recv_multipart())
                    continue
                event = xpub.recv()
                xsub.send(event)
                events.append(event)
""",
            "asyncio": """
import asyncio
import zmq.asyncio

async def forward(ctx, upstream, downstream, events):
    own = zmq.asyncio.Context.shadow(ctx.underlying)
    with own.socket(zmq.XSUB) as xsub, own.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)

        async def down():
            while True:
                await xpub.send_multipart(await xsub.recv_multipart())

        async def up():
            while True:
                event = await xpub.recv()
                await xsub.send(event)
                events.append(event)

        await asyncio.gather(down(), up())
""",
            "frame by frame, with SNDMORE": """
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xpub:
                    event = xpub.recv()
                    xsub.send(event)
                    events.append(event)
                    continue
                more = True
                while more:
                    frame = xsub.recv()
                    more = xsub.getsockopt(zmq.RCVMORE)
                    xpub.send(frame, zmq.SNDMORE if more else 0)
""",
        },
        "wrong": {
            "writes down each event once": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            for socket in zmq.select([xsub, xpub], [], [])[0]:
                if socket is xsub:
                    xpub.send_multipart(xsub.recv_multipart())
                else:
                    event = xpub.recv()
                    xsub.send(event)
                    if event not in events:
                        events.append(event)
""", "wanted again"),
            "everyone who comes, and the last who goes": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verbose = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xsub:
                    xpub.send_multipart(xsub.recv_multipart())
                    continue
                event = xpub.recv()
                xsub.send(event)
                events.append(event)
""", "nobody listens any more"),
            "a topic goes up once for ever": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xsub:
                    xpub.send_multipart(xsub.recv_multipart())
                    continue
                event = xpub.recv()
                if event not in events:
                    xsub.send(event)
                    events.append(event)
""", "three came for"),
            "to everything is no subscription": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xsub:
                    xpub.send_multipart(xsub.recv_multipart())
                    continue
                event = xpub.recv()
                if event[1:]:
                    xsub.send(event)
                    events.append(event)
""", "three came for `b''`"),
            "topics are text": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xsub:
                    xpub.send_multipart(xsub.recv_multipart())
                    continue
                event = xpub.recv()
                xsub.send(bytes([event[0]]) + event[1:].decode().encode())
                events.append(event)
""", "raised"),
            "four frames are enough": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xsub:
                    xpub.send_multipart(xsub.recv_multipart()[:3])
                    continue
                event = xpub.recv()
                xsub.send(event)
                events.append(event)
""", "as it was"),
            "an empty frame is left out": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xsub:
                    xpub.send_multipart([frame for frame in xsub.recv_multipart() if frame])
                    continue
                event = xpub.recv()
                xsub.send(event)
                events.append(event)
""", "as it was"),
            "only down": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            xpub.send_multipart(xsub.recv_multipart())
""", "at each publisher"),
            "only the first frame is received": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xsub:
                    xpub.send(xsub.recv())
                else:
                    event = xpub.recv()
                    xsub.send(event)
                    events.append(event)
""", "come through as it was"),
            "a SUB that wants everything": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(sub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is sub:
                    xpub.send_multipart(sub.recv_multipart())
                else:
                    events.append(xpub.recv())
""", "asked the publishers for everything"),
            "in turns": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            event = xpub.recv()
            xsub.send(event)
            events.append(event)
            xpub.send_multipart(xsub.recv_multipart())
""", "while nothing was published"),
            "subscriptions only at the start": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        event = xpub.recv()
        events.append(event)
        while True:
            xsub.send(event)
            xpub.send_multipart(xsub.recv_multipart())
""", "while nothing was published"),
            "unsubscriptions stay here": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xsub:
                    xpub.send_multipart(xsub.recv_multipart())
                else:
                    event = xpub.recv()
                    events.append(event)
                    if event[0] == 1:
                        xsub.send(event)
""", "went away"),
            "zmq.proxy": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        zmq.proxy(xsub, xpub)
""", "`events` is empty"),
            "writes down the topics": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xsub:
                    xpub.send_multipart(xsub.recv_multipart())
                else:
                    event = xpub.recv()
                    xsub.send(event)
                    events.append(event[1:])
""", "with its first byte"),
            "the topic without its first byte goes up": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xsub:
                    xpub.send_multipart(xsub.recv_multipart())
                else:
                    events.append(xpub.recv())
                    xsub.send(events[-1][1:])
""", "a subscriber asked for `hall`"),
            "connects": ("""
def forward(ctx, upstream, downstream, events):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.connect(upstream)
        xpub.connect(downstream)
        poller = zmq.Poller()
        poller.register(xsub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is xsub:
                    xpub.send_multipart(xsub.recv_multipart())
                else:
                    events.append(xpub.recv())
                    xsub.send(events[-1])
""", "nothing arrived"),
        },
    },
    "10.2": {
        "right": {
            "an XSUB that asks for everything": """
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.setsockopt(zmq.XPUB_VERBOSE, 1)
        xsub.bind(upstream)
        xpub.bind(downstream)
        xsub.send(b"\\x01")
        cache = {}
        while True:
            readable, _, _ = zmq.select([xsub, xpub], [], [])
            if xsub in readable:
                topic, *rest = xsub.recv_multipart()
                cache[topic] = rest
                xpub.send_multipart([topic, *rest])
            if xpub in readable:
                event = xpub.recv()
                if event[0] == 1:
                    for topic in [t for t in cache if t[: len(event) - 1] == event[1:]]:
                        xpub.send_multipart([topic, *cache[topic]])
""",
            "with xpub_verboser": """
def last_values(ctx, upstream, downstream):
    last = {}
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verboser = True
        xpub.bind(downstream)
        sub.bind(upstream)
        sub.setsockopt(zmq.SUBSCRIBE, b"")
        poller = zmq.Poller()
        poller.register(sub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is sub:
                    frames = sub.recv_multipart()
                    last[frames[0]] = frames
                    xpub.send_multipart(frames)
                    continue
                event = xpub.recv()
                if event.startswith(b"\\x01"):
                    for frames in last.values():
                        if frames[0].startswith(event[1:]):
                            xpub.send_multipart(frames)
""",
        },
        "wrong": {
            "contained, not in front": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()
                last[message[0]] = message
                xpub.send_multipart(message)
            if xpub in readable:
                event = xpub.recv()
                for topic, message in last.items():
                    if event[:1] == b"\\1" and event[1:] in topic:
                        xpub.send_multipart(message)
""", "one message too many"),
            "the subscription begins with the topic": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()
                last[message[0]] = message
                xpub.send_multipart(message)
            if xpub in readable:
                event = xpub.recv()
                for topic, message in last.items():
                    if event[:1] == b"\\1" and (topic.startswith(event[1:]) or event[1:].startswith(topic)):
                        xpub.send_multipart(message)
""", ""),
            "split at the first slash": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()
                last[message[0]] = message
                xpub.send_multipart(message)
            if xpub in readable:
                event = xpub.recv()
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.split(b"/")[0].startswith(event[1:].split(b"/")[0]):
                        xpub.send_multipart(message)
""", ""),
            "an empty topic has no value": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()
                if message[0]:
                    last[message[0]] = message
                xpub.send_multipart(message)
            if xpub in readable:
                event = xpub.recv()
                for topic, message in last.items():
                    if event[:1] == b"\\1" and event[1:] and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", ""),
            "a hundred topics at most": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()
                last[message[0]] = message
                if len(last) > 100:
                    del last[next(iter(last))]
                xpub.send_multipart(message)
            if xpub in readable:
                event = xpub.recv()
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", ""),
            "forgets what nobody wants": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()
                last[message[0]] = message
                xpub.send_multipart(message)
            if xpub in readable:
                event = xpub.recv()
                if event[:1] == b"\\0":
                    last = {topic: each for topic, each in last.items() if not topic.startswith(event[1:])}
                    continue
                for topic, message in last.items():
                    if topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", ""),
            "the oldest of those that fit only": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()
                last[message[0]] = message
                xpub.send_multipart(message)
            if xpub in readable:
                event = xpub.recv()
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
                        break
""", ""),
            "no xpub_verbose": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.bind(downstream)
        last = {}
        poller = zmq.Poller()
        poller.register(sub, zmq.POLLIN)
        poller.register(xpub, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if sub in ready:
                message = sub.recv_multipart()
                last[message[0]] = message
                xpub.send_multipart(message)
            if xpub in ready:
                event = xpub.recv()
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", "the second latecomer"),
            "a plain forwarder": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        zmq.proxy(xsub, xpub)
""", "does not hear every topic"),
            "hears only what is wanted": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verbose = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([xsub, xpub], [], [])
            if xsub in readable:
                message = xsub.recv_multipart()
                last[message[0]] = message
                xpub.send_multipart(message)
            if xpub in readable:
                event = xpub.recv()
                xsub.send(event)
                if event[:1] == b"\\1" and event[1:] in last:
                    xpub.send_multipart(last[event[1:]])
""", "does not hear every topic"),
            "the topic as a key, not as a prefix": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()
                last[message[0]] = message
                xpub.send_multipart(message)
            if xpub in readable:
                event = xpub.recv()
                if event[:1] == b"\\1" and event[1:] in last:
                    xpub.send_multipart(last[event[1:]])
""", "the beginning of `kitchen/`"),
            "everything to everybody": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()
                last[message[0]] = message
                xpub.send_multipart(message)
            if xpub in readable and xpub.recv()[:1] == b"\\1":
                for message in last.values():
                    xpub.send_multipart(message)
""", "not for others"),
            "the first value is kept": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()
                last.setdefault(message[0], message)
                xpub.send_multipart(message)
            if xpub in readable:
                event = xpub.recv()
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", "newest message"),
            "all values are kept": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        kept = []
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                kept.append(sub.recv_multipart())
                xpub.send_multipart(kept[-1])
            if xpub in readable:
                event = xpub.recv()
                for message in kept:
                    if event[:1] == b"\\1" and message[0].startswith(event[1:]):
                        xpub.send_multipart(message)
""", "newest message"),
            "greets those who leave": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()
                last[message[0]] = message
                xpub.send_multipart(message)
            if xpub in readable:
                prefix = xpub.recv()[1:]
                for topic, message in last.items():
                    if topic.startswith(prefix):
                        xpub.send_multipart(message)
""", "*leaves*"),
            "two frames only": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()[:2]
                last[message[0]] = message
                xpub.send_multipart(message)
            if xpub in readable:
                event = xpub.recv()
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", "newest message"),
            "keeps, and hands nothing on": ("""
def last_values(ctx, upstream, downstream):
    with ctx.socket(zmq.SUB) as sub, ctx.socket(zmq.XPUB) as xpub:
        sub.subscribe("")
        sub.bind(upstream)
        xpub.xpub_verbose = True
        xpub.bind(downstream)
        last = {}
        while True:
            readable, _, _ = zmq.select([sub, xpub], [], [])
            if sub in readable:
                message = sub.recv_multipart()
                last[message[0]] = message
            if xpub in readable:
                event = xpub.recv()
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", ""),
        },
    },
    "10.3": {
        "right": {
            "with a Counter": """
from collections import Counter

def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.setsockopt(zmq.XPUB_VERBOSER, 1)
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    changes = Counter()
    while xpub.poll(int(quiet * 1000)):
        event = xpub.recv()
        if event[0] in (0, 1):
            changes[event[1:]] += 1 if event[0] else -1
    for topic, change in changes.items():
        wanted[topic] = wanted.get(topic, 0) + change
        if not wanted[topic]:
            wanted.pop(topic)
    return wanted
""",
            "with a time limit on the socket": """
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verboser = 1
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    before, xpub.rcvtimeo = xpub.rcvtimeo, int(quiet * 1000)
    while True:
        try:
            frames = xpub.recv_multipart()
        except zmq.Again:
            xpub.rcvtimeo = before
            return wanted
        first, topic = frames[0][:1], frames[0][1:]
        if first == b"\\x01":
            wanted[topic] = wanted.get(topic, 0) + 1
        elif first == b"\\x00" and wanted.get(topic, 0) > 1:
            wanted[topic] -= 1
        elif first == b"\\x00":
            wanted.pop(topic, None)
""",
        },
        "wrong": {
            "the default": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    while xpub.poll(quiet * 1000):
        event = xpub.recv()
        step = {b"\\1": 1, b"\\0": -1}.get(event[:1], 0)
        topic = event[1:]
        if step:
            wanted[topic] = wanted.get(topic, 0) + step
            if not wanted[topic]:
                del wanted[topic]
    return wanted
""", "four came for `hall`"),
            "xpub_verbose": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verbose = True
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    while xpub.poll(quiet * 1000):
        event = xpub.recv()
        step = {b"\\1": 1, b"\\0": -1}.get(event[:1], 0)
        topic = event[1:]
        if step:
            wanted[topic] = wanted.get(topic, 0) + step
            if not wanted[topic]:
                del wanted[topic]
    return wanted
""", "two closed their sockets"),
            "a set of topics for each event": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verboser = True
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    events = []
    while xpub.poll(quiet * 1000):
        event = xpub.recv()
        if event not in events:
            events.append(event)
    for event in events:
        step = {b"\\1": 1, b"\\0": -1}.get(event[:1], 0)
        wanted[event[1:]] = wanted.get(event[1:], 0) + step
        if not wanted[event[1:]]:
            del wanted[event[1:]]
    return wanted
""", "counted wrongly"),
            "everything is no topic": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verboser = True
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    while xpub.poll(quiet * 1000):
        event = xpub.recv()
        step = {b"\\1": 1, b"\\0": -1}.get(event[:1], 0)
        topic = event[1:]
        if step and topic:
            wanted[topic] = wanted.get(topic, 0) + step
            if not wanted[topic]:
                del wanted[topic]
    return wanted
""", "one for everything"),
            "a hundred milliseconds are quiet enough": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verboser = True
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    while xpub.poll(100):
        event = xpub.recv()
        step = {b"\\1": 1, b"\\0": -1}.get(event[:1], 0)
        topic = event[1:]
        if step:
            wanted[topic] = wanted.get(topic, 0) + step
            if not wanted[topic]:
                del wanted[topic]
    return wanted
""", "before it was quiet"),
            "zeros stay": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verboser = True
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    while xpub.poll(quiet * 1000):
        event = xpub.recv()
        step = {b"\\1": 1, b"\\0": -1}.get(event[:1], 0)
        if step:
            wanted[event[1:]] = wanted.get(event[1:], 0) + step
    return wanted
""", "b'attic': 0"),
            "everything that comes is counted": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verboser = True
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    while xpub.poll(quiet * 1000):
        event = xpub.recv()
        topic = event[1:]
        wanted[topic] = wanted.get(topic, 0) + (-1 if event[0] == 0 else 1)
        if not wanted[topic]:
            del wanted[topic]
    return wanted
""", "no subscriptions"),
            "the first byte is part of the topic": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verboser = True
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    while xpub.poll(quiet * 1000):
        event = xpub.recv()
        wanted[event] = wanted.get(event, 0) + 1
    return wanted
""", "counted wrongly"),
            "forgets what it knew": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verboser = True
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    wanted = {}
    while xpub.poll(quiet * 1000):
        event = xpub.recv()
        step = {b"\\1": 1, b"\\0": -1}.get(event[:1], 0)
        if step:
            wanted[event[1:]] = wanted.get(event[1:], 0) + step
    return {topic: count for topic, count in wanted.items() if count}
""", ""),
            "a new dict each time": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verboser = True
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    counts = dict(wanted)
    while xpub.poll(quiet * 1000):
        event = xpub.recv()
        step = {b"\\1": 1, b"\\0": -1}.get(event[:1], 0)
        if step:
            counts[event[1:]] = counts.get(event[1:], 0) + step
    return {topic: count for topic, count in counts.items() if count}
""", "the dict that it was handed"),
            "one event a call": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verboser = True
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    if xpub.poll(quiet * 1000):
        event = xpub.recv()
        step = {b"\\1": 1, b"\\0": -1}.get(event[:1], 0)
        wanted[event[1:]] = wanted.get(event[1:], 0) + step
    return wanted
""", "counted wrongly"),
            "never comes back": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verboser = True
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    while True:
        event = xpub.recv()
        step = {b"\\1": 1, b"\\0": -1}.get(event[:1], 0)
        wanted[event[1:]] = wanted.get(event[1:], 0) + step
""", "did not come back"),
            "milliseconds": ("""
def listen(ctx, endpoint):
    xpub = ctx.socket(zmq.XPUB)
    xpub.xpub_verboser = True
    xpub.bind(endpoint)
    return xpub

def demand(xpub, quiet, wanted):
    while xpub.poll(quiet):
        event = xpub.recv()
        step = {b"\\1": 1, b"\\0": -1}.get(event[:1], 0)
        topic = event[1:]
        if step:
            wanted[topic] = wanted.get(topic, 0) + step
            if not wanted[topic]:
                del wanted[topic]
    return wanted
""", "`demand`"),
            "a PUB": ("""
def listen(ctx, endpoint):
    pub = ctx.socket(zmq.PUB)
    pub.bind(endpoint)
    return pub

def demand(xpub, quiet, wanted):
    return wanted
""", "XPUB is wanted"),
        },
    },
    "10.4": {
        "right": {
            "counts, and sends the first and the last": """
def mended(ctx, upstream, downstream):
    last = {}
    wanted = {}
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verboser = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            for socket in zmq.select([xsub, xpub], [], [])[0]:
                if socket is xsub:
                    message = xsub.recv_multipart()
                    last[message[0]] = message
                    xpub.send_multipart(message)
                    continue
                event = xpub.recv()
                step = 1 if event[:1] == b"\\1" else -1
                before = wanted.get(event[1:], 0)
                wanted[event[1:]] = before + step
                if (before, step) in ((0, 1), (1, -1)):
                    xsub.send(event)
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""",
            "verbose, and every 1 once": """
def mended(ctx, upstream, downstream):
    last = {}
    up = set()
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verbose = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            for socket in zmq.select([xsub, xpub], [], [])[0]:
                if socket is xsub:
                    message = xsub.recv_multipart()
                    last[message[0]] = message
                    xpub.send_multipart(message)
                    continue
                event = xpub.recv()
                if event[:1] == b"\\0":
                    up.discard(event[1:])
                    xsub.send(event)
                elif event[1:] not in up:
                    up.add(event[1:])
                    xsub.send(event)
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""",
        },
        "wrong": {
            "as it was": ("""
def mended(ctx, upstream, downstream):
    last = {}
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verbose = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            for socket in zmq.select([xsub, xpub], [], [])[0]:
                if socket is xsub:
                    message = xsub.recv_multipart()
                    last[message[0]] = message
                    xpub.send_multipart(message)
                    continue
                event = xpub.recv()
                xsub.send(event)
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", "nobody listens any more"),
            "without the option": ("""
def mended(ctx, upstream, downstream):
    last = {}
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            for socket in zmq.select([xsub, xpub], [], [])[0]:
                if socket is xsub:
                    message = xsub.recv_multipart()
                    last[message[0]] = message
                    xpub.send_multipart(message)
                    continue
                event = xpub.recv()
                xsub.send(event)
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", "second one came"),
            "verbose, and each 1 once for ever": ("""
def mended(ctx, upstream, downstream):
    last = {}
    up = set()
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verbose = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            for socket in zmq.select([xsub, xpub], [], [])[0]:
                if socket is xsub:
                    message = xsub.recv_multipart()
                    last[message[0]] = message
                    xpub.send_multipart(message)
                    continue
                event = xpub.recv()
                if event not in up:
                    up.add(event)
                    xsub.send(event)
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", "which nobody else wants"),
            "never tells who goes": ("""
def mended(ctx, upstream, downstream):
    last = {}
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verboser = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            for socket in zmq.select([xsub, xpub], [], [])[0]:
                if socket is xsub:
                    message = xsub.recv_multipart()
                    last[message[0]] = message
                    xpub.send_multipart(message)
                    continue
                event = xpub.recv()
                if event[:1] == b"\\1":
                    xsub.send(event)
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", "nobody listens any more"),
            "tells of each who goes as if it were the last": ("""
def mended(ctx, upstream, downstream):
    last = {}
    up = set()
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verboser = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            for socket in zmq.select([xsub, xpub], [], [])[0]:
                if socket is xsub:
                    message = xsub.recv_multipart()
                    last[message[0]] = message
                    xpub.send_multipart(message)
                    continue
                event = xpub.recv()
                if event[:1] == b"\\1" and event[1:] not in up:
                    up.add(event[1:])
                    xsub.send(event)
                elif event[:1] == b"\\0":
                    up.discard(event[1:])
                    xsub.send(event)
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", ""),
            "asks for everything": ("""
def mended(ctx, upstream, downstream):
    last = {}
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verbose = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        xsub.send(b"\\1")
        while True:
            for socket in zmq.select([xsub, xpub], [], [])[0]:
                if socket is xsub:
                    message = xsub.recv_multipart()
                    last[message[0]] = message
                    xpub.send_multipart(message)
                    continue
                event = xpub.recv()
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic.startswith(event[1:]):
                        xpub.send_multipart(message)
""", "for everything"),
            "greets no more": ("""
def mended(ctx, upstream, downstream):
    last = {}
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verboser = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            for socket in zmq.select([xsub, xpub], [], [])[0]:
                if socket is xsub:
                    message = xsub.recv_multipart()
                    last[message[0]] = message
                    xpub.send_multipart(message)
                    continue
                event = xpub.recv()
                xsub.send(event)
""", "second one came"),
            "greets the topic itself only": ("""
def mended(ctx, upstream, downstream):
    last = {}
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verboser = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            for socket in zmq.select([xsub, xpub], [], [])[0]:
                if socket is xsub:
                    message = xsub.recv_multipart()
                    last[message[0]] = message
                    xpub.send_multipart(message)
                    continue
                event = xpub.recv()
                xsub.send(event)
                if event[:1] == b"\\1" and event[1:] in last:
                    xpub.send_multipart(last[event[1:]])
""", "third one came"),
            "greets with everything it has": ("""
def mended(ctx, upstream, downstream):
    last = {}
    with ctx.socket(zmq.XSUB) as xsub, ctx.socket(zmq.XPUB) as xpub:
        xpub.xpub_verboser = True
        xsub.bind(upstream)
        xpub.bind(downstream)
        while True:
            for socket in zmq.select([xsub, xpub], [], [])[0]:
                if socket is xsub:
                    message = xsub.recv_multipart()
                    last[message[0]] = message
                    xpub.send_multipart(message)
                    continue
                event = xpub.recv()
                xsub.send(event)
                for topic, message in last.items():
                    if event[:1] == b"\\1" and topic:
                        xpub.send_multipart(message)
""", ""),
        },
    },
}
