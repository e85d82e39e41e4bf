"""Answers to the exercises of lesson 04, right and wrong. See ../lessons.py for the form."""

CASES = {
    "04.1": {
        "right": {
            "closes in finally, no with": """
def square_worker(ctx, tasks, results):
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    try:
        pull.connect(tasks)
        push.connect(results)
        while True:
            n = int(pull.recv_string())
            push.send_string(str(n * n))
    finally:
        pull.close()
        push.close()
""",
            "a Poller": """
def square_worker(ctx, tasks, results):
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    with pull.connect(tasks), push.connect(results), pull, push:
        poller = zmq.Poller()
        poller.register(pull, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                push.send(b"%d" % int(socket.recv()) ** 2)
""",
            "polls": """
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while True:
            if pull.poll(100):
                push.send(str(int(pull.recv()) ** 2).encode())
""",
        },
        "wrong": {
            "ends after a hundred tasks": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        for _ in range(100):
            push.send(b"%d" % int(pull.recv()) ** 2)
""", "your worker has ended"),
            "gives up after a second of silence": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while pull.poll(1000):
            push.send(b"%d" % int(pull.recv()) ** 2)
""", "your worker has ended"),
            "gives up after two seconds of silence": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        pull.rcvtimeo = 2000
        try:
            while True:
                push.send(b"%d" % int(pull.recv()) ** 2)
        except zmq.Again:
            return
""", "your worker has ended"),
            "floats": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while True:
            push.send(b"%d" % (float(pull.recv()) ** 2))
""", "not the squares"),
            "each number once": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        seen = set()
        while True:
            number = int(pull.recv())
            if number not in seen:
                seen.add(number)
                push.send(b"%d" % number**2)
""", "not the squares"),
            "a zero ends it": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while number := int(pull.recv()):
            push.send(b"%d" % number**2)
""", "your worker has ended"),
            "writes it as a float": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while True:
            push.send(str(float(pull.recv()) ** 2).encode())
""", "not the squares"),
            "two frames": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while True:
            number = pull.recv()
            push.send_multipart([number, b"%d" % int(number) ** 2])
""", "not the squares"),
            "one task only": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        push.send(b"%d" % int(pull.recv()) ** 2)
""", "your worker has ended"),
            "binds": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.bind(tasks)
        push.connect(results)
        while True:
            push.send(b"%d" % int(pull.recv()) ** 2)
""", "already in use"),
            "endpoints the wrong way round": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(results)
        push.connect(tasks)
        while True:
            push.send(b"%d" % int(pull.recv()) ** 2)
""", "nobody took"),
            "sends text": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while True:
            push.send(str(int(pull.recv()) ** 2))
""", "A message is bytes"),
            "sends so many zero bytes": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while True:
            push.send(bytes(int(pull.recv()) ** 2 % 50))
""", "not the squares"),
            "sends back on the PULL": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(tasks)
        while True:
            pull.send(b"%d" % int(pull.recv()) ** 2)
""", "PULL"),
            "doubles": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while True:
            push.send(b"%d" % (int(pull.recv()) * 2))
""", "not the squares"),
            "each result twice": ("""
def square_worker(ctx, tasks, results):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while True:
            n = int(pull.recv())
            push.send(b"%d" % n**2)
            push.send(b"%d" % n**2)
""", "not the squares"),
        },
    },
    "04.2": {
        "right": {
            "a loop, closed by hand": """
def collect(ctx, endpoint, count):
    pull = ctx.socket(zmq.PULL)
    pull.bind(endpoint)
    lines = []
    while len(lines) < count:
        lines.append(pull.recv())
    pull.close()
    return lines
""",
            "reads in bursts": """
def collect(ctx, endpoint, count):
    lines = []
    with ctx.socket(zmq.PULL) as pull, pull.bind(endpoint):
        while len(lines) < count:
            pull.poll()
            lines.append(pull.recv(zmq.NOBLOCK))
    return lines
""",
        },
        "wrong": {
            "a set: equal lines once": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        lines = set()
        while len(lines) < count:
            lines.add(pull.recv())
        return list(lines)
""", "not the first lines"),
            "equal lines once, and then no more": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        return list({pull.recv() for _ in range(count)})
""", "as many lines"),
            "gives up after half a second": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        lines = []
        while len(lines) < count and pull.poll(500):
            lines.append(pull.recv())
        return lines
""", "as many lines"),
            "gives up after two seconds": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        lines = []
        pull.rcvtimeo = 2000
        try:
            while len(lines) < count:
                lines.append(pull.recv())
        except zmq.Again:
            pass
        return lines
""", "as many lines"),
            "skips empty lines": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        lines = []
        while len(lines) < count:
            line = pull.recv()
            if line:
                lines.append(line)
        return lines
""", "not the first lines"),
            "a line says END": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        lines = []
        while len(lines) < count:
            lines.append(pull.recv())
            if lines[-1] == b"END":
                break
        return lines
""", "as many lines"),
            "the last lines in place of the first": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        lines = []
        while pull.poll(3000 if len(lines) < count else 100):
            lines.append(pull.recv())
        return lines[-count:]
""", "not the first lines"),
            "decodes and encodes again": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        return [pull.recv_string().encode() for _ in range(count)]
""", "UnicodeDecodeError"),
            "strips them": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        return [pull.recv().strip(b"\\x00") for _ in range(count)]
""", "lines"),
            "the other way round": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        return [pull.recv() for _ in range(count)][::-1]
""", "not the first lines"),
            "connects": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(endpoint)
        return [pull.recv() for _ in range(count)]
""", "did not come back"),
            "one too few": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        return [pull.recv() for _ in range(1, count)]
""", "as many lines"),
            "one too many": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        return [pull.recv() for _ in range(count + 1)]
""", "as many lines"),
            "as text": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        return [pull.recv_string() for _ in range(count)]
""", ""),
            "a list of lists": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        return [pull.recv_multipart() for _ in range(count)]
""", "list of bytes"),
            "a generator": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        return (pull.recv() for _ in range(count))
""", "list of bytes"),
            "a SUB": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.SUB) as sub:
        sub.subscribe("")
        sub.bind(endpoint)
        return [sub.recv() for _ in range(count)]
""", "did not come back"),
            "gives up when nothing is there yet": ("""
def collect(ctx, endpoint, count):
    with ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        return [pull.recv(zmq.NOBLOCK) for _ in range(count)]
""", ""),
            "left open": ("""
kept = []

def collect(ctx, endpoint, count):
    pull = ctx.socket(zmq.PULL)
    kept.append(pull)
    pull.bind(endpoint)
    return [pull.recv() for _ in range(count)]
""", "left a PULL socket open"),
        },
    },
    "04.3": {
        "right": {
            "asks for the option": """
def open_pair(ctx, endpoint):
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    pull.bind(endpoint)
    push.connect(pull.getsockopt_string(zmq.LAST_ENDPOINT))
    return push, pull
""",
            "a list": """
def open_pair(ctx, endpoint):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind(endpoint)
    push.connect(pull.last_endpoint)
    return [push, pull]
""",
            "only tcp is asked": """
def open_pair(ctx, endpoint):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind(endpoint)
    push.connect(pull.last_endpoint.decode() if endpoint.endswith("*") else endpoint)
    return push, pull
""",
        },
        "wrong": {
            "always inproc": ("""
def open_pair(ctx, endpoint):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind("inproc://numbers")
    push.connect("inproc://numbers")
    return push, pull
""", ""),
            "always a free inproc name": ("""
def open_pair(ctx, endpoint):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    name = f"inproc://{id(pull)}"
    pull.bind(name)
    push.connect(name)
    return push, pull
""", "not bound where"),
            "always a free port": ("""
def open_pair(ctx, endpoint):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind("tcp://127.0.0.1:*")
    push.connect(pull.last_endpoint)
    return push, pull
""", "not bound where"),
            "tcp on a port of its own, whatever is asked for": ("""
def open_pair(ctx, endpoint):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    if endpoint.startswith("tcp"):
        endpoint = "tcp://127.0.0.1:*"
    pull.bind(endpoint)
    push.connect(pull.last_endpoint)
    return push, pull
""", "not bound where"),
            "keeps the first pair and gives it again": ("""
pairs = {}

def open_pair(ctx, endpoint):
    if endpoint not in pairs:
        push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
        pull.bind(endpoint)
        push.connect(pull.last_endpoint)
        pairs[endpoint] = push, pull
    return pairs[endpoint]
""", "the same socket"),
            "a first message of its own": ("""
def open_pair(ctx, endpoint):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind(endpoint)
    push.connect(pull.last_endpoint)
    push.send(b"hello")
    return push, pull
""", "another message"),
            "connects to the star": ("""
def open_pair(ctx, endpoint):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind(endpoint)
    push.connect(endpoint)
    return push, pull
""", ""),
            "the wrong way round": ("""
def open_pair(ctx, endpoint):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind(endpoint)
    push.connect(pull.last_endpoint)
    return pull, push
""", "where a PUSH is wanted"),
            "closed by with": ("""
def open_pair(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        pull.bind(endpoint)
        push.connect(pull.last_endpoint)
        return push, pull
""", "is closed"),
            "a port of its own choice": ("""
def open_pair(ctx, endpoint):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    if endpoint.startswith("tcp"):
        endpoint = "tcp://127.0.0.1:%d" % pull.bind_to_random_port("tcp://127.0.0.1")
        pull.unbind(endpoint)
        pull.bind("inproc://instead")
    else:
        pull.bind(endpoint)
    push.connect(endpoint)
    return push, pull
""", ""),
            "one socket": ("""
def open_pair(ctx, endpoint):
    pull = ctx.socket(zmq.PULL)
    pull.bind(endpoint)
    push = ctx.socket(zmq.PUSH)
    push.connect(pull.last_endpoint)
    pull.close()
    return push
""", "did not return two sockets"),
            "not connected": ("""
def open_pair(ctx, endpoint):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind(endpoint)
    return push, pull
""", ""),
            "the PUSH binds": ("""
def open_pair(ctx, endpoint):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    push.bind(endpoint)
    pull.connect(push.last_endpoint)
    return push, pull
""", "the PULL is the one that is bound"),
            "a context of its own": ("""
def open_pair(ctx, endpoint):
    push, pull = zmq.Context().socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind(endpoint)
    push.connect(pull.last_endpoint)
    return push, pull
""", ""),
        },
    },
}
