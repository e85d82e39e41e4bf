"""Answers to the exercises of lesson 08, right and wrong. See ../lessons.py for the form."""

SETUP = "from contextlib import suppress\n"

# What most answers to 08.2 begin with.
_SOCKETS = """
def lru_broker(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(backend, zmq.POLLIN)
"""

CASES = {
    "08.1": {
        "right": {
            "two polls in turn, clients only while a worker has room": """
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        while not stop.is_set():
            if backend.poll(5, zmq.POLLOUT) and frontend.poll(5):
                backend.send_multipart(frontend.recv_multipart())
            while backend.poll(0):
                frontend.send_multipart(backend.recv_multipart())
""",
            "a list of what waits": """
def shared_queue(ctx, front, back, stop):
    frontend, backend = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    frontend.bind(front)
    backend.bind(back)
    poller = zmq.Poller()
    poller.register(frontend, zmq.POLLIN)
    poller.register(backend, zmq.POLLIN)
    waiting = []
    while not stop.is_set():
        for source, _ in poller.poll(20):
            if source is frontend:
                waiting.append(source.recv_multipart(copy=False))
            else:
                frontend.send_multipart(source.recv_multipart(copy=False))
        while waiting and backend.poll(0, zmq.POLLOUT):
            backend.send_multipart(waiting.pop(0))
    frontend.close()
    backend.close()
""",
            "a proxy in a context of its own": """
def shared_queue(ctx, front, back, stop):
    def across():
        with own.socket(zmq.ROUTER) as frontend, own.socket(zmq.DEALER) as backend:
            frontend.bind(front)
            backend.bind(back)
            try:
                zmq.proxy(frontend, backend)
            except zmq.ContextTerminated:
                frontend.linger = backend.linger = 0

    if front.startswith("inproc"):
        return in_a_loop(ctx, front, back, stop)
    own = zmq.Context()
    thread = threading.Thread(target=across)
    thread.start()
    stop.wait()
    own.term()
    thread.join()

def in_a_loop(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        backend.sndtimeo = 0
        held = []
        while not stop.is_set():
            try:
                while held or frontend.poll(5):
                    held = held or frontend.recv_multipart()
                    backend.send_multipart(held)
                    held = []
            except zmq.Again:
                pass
            if backend.poll(5):
                frontend.send_multipart(backend.recv_multipart())
""",
            "a steered proxy": """
def shared_queue(ctx, front, back, stop):
    def steer():
        with ctx.socket(zmq.PAIR) as lever:
            lever.connect("inproc://lever")
            stop.wait()
            lever.send(b"TERMINATE")

    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend, ctx.socket(zmq.PAIR) as control:
        frontend.bind(front)
        backend.bind(back)
        control.bind("inproc://lever")
        thread = threading.Thread(target=steer, daemon=True)
        thread.start()
        zmq.proxy_steerable(frontend, backend, None, control)
        thread.join()
""",
        },
        "wrong": {
            "request, answer, request, answer": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        while not stop.is_set():
            if frontend.poll(100):
                backend.send_multipart(frontend.recv_multipart())
                frontend.send_multipart(backend.recv_multipart())
""", "one busy worker holds up the other"),
            "one direction only": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        while not stop.is_set():
            if frontend.poll(100):
                backend.send_multipart(frontend.recv_multipart())
""", "nothing arrived"),
            "one frame at a time": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        while not stop.is_set():
            for socket, _ in poller.poll(100):
                other = backend if socket is frontend else frontend
                other.send(socket.recv())
""", "without its envelope"),
            "the last frame only": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        while not stop.is_set():
            for socket, _ in poller.poll(100):
                if socket is frontend:
                    client, empty, *body = frontend.recv_multipart()
                    backend.send_multipart([client, empty, body[-1]])
                else:
                    frontend.send_multipart(backend.recv_multipart())
""", "did not arrive as it was sent"),
            "the client's name cut off": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        while not stop.is_set():
            for socket, _ in poller.poll(100):
                if socket is frontend:
                    client, *rest = frontend.recv_multipart()
                    backend.send_multipart(rest)
                else:
                    frontend.send_multipart([client, *backend.recv_multipart()])
""", "without its envelope"),
            "zmq.proxy never looks at stop": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        zmq.proxy(frontend, backend)
""", "did not come back"),
            "looks at stop only when something comes": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        while not stop.is_set():
            for socket, _ in poller.poll():
                other = backend if socket is frontend else frontend
                other.send_multipart(socket.recv_multipart())
""", "did not come back"),
            "connects": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.connect(front)
        backend.connect(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        while not stop.is_set():
            for socket, _ in poller.poll(100):
                other = backend if socket is frontend else frontend
                other.send_multipart(socket.recv_multipart())
""", "nothing arrived"),
            "REP and REQ": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.REP) as frontend, ctx.socket(zmq.REQ) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        while not stop.is_set():
            for socket, _ in poller.poll(100):
                other = backend if socket is frontend else frontend
                other.send_multipart(socket.recv_multipart())
""", ""),
            "stands in send when nobody has room": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        while not stop.is_set():
            for socket, _ in poller.poll(100):
                other = backend if socket is frontend else frontend
                other.send_multipart(socket.recv_multipart())
""", "did not come back"),
            "gives up a send after a while, and the request with it": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        while not stop.is_set():
            for socket, _ in poller.poll(100):
                if socket is backend:
                    frontend.send_multipart(backend.recv_multipart())
                else:
                    request = frontend.recv_multipart()
                    if backend.poll(10, zmq.POLLOUT):
                        backend.send_multipart(request)
""", ""),
            "drops what comes while no worker is there": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        while not stop.is_set():
            for socket, _ in poller.poll(100):
                frames = socket.recv_multipart()
                if socket is backend:
                    frontend.send_multipart(frames)
                elif backend.poll(0, zmq.POLLOUT):
                    backend.send_multipart(frames)
""", "nothing arrived"),
            "waits for the first worker once, and later drops": ("""
def shared_queue(ctx, front, back, stop):
    seen = False
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        while not stop.is_set():
            for socket, _ in poller.poll(100):
                frames = socket.recv_multipart()
                if socket is backend:
                    frontend.send_multipart(frames)
                    continue
                while not seen and not stop.is_set():
                    seen = backend.poll(20, zmq.POLLOUT)
                if backend.poll(0, zmq.POLLOUT):
                    backend.send_multipart(frames)
""", "when one worker has gone"),
            "waits for the first worker, then as if there were always one": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.sndhwm = 0
        backend.bind(back)
        while not stop.is_set() and not backend.poll(100, zmq.POLLOUT):
            pass
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        while not stop.is_set():
            for socket, _ in poller.poll(100):
                other = backend if socket is frontend else frontend
                other.send_multipart(socket.recv_multipart())
""", "no worker was connected any more"),
            "an empty request is none": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        while not stop.is_set():
            for socket, _ in poller.poll(100):
                frames = socket.recv_multipart()
                if socket is backend:
                    frontend.send_multipart(frames)
                elif frames[2:] != [b""]:
                    backend.send_multipart(frames, zmq.DONTWAIT)
""", ""),
            "takes its time to stop": ("""
def shared_queue(ctx, front, back, stop):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        held = None
        while not stop.is_set():
            poller.register(frontend, zmq.POLLIN if held is None else 0)
            poller.register(backend, zmq.POLLIN if held is None else zmq.POLLIN | zmq.POLLOUT)
            events = dict(poller.poll(2500))
            if events.get(backend, 0) & zmq.POLLIN:
                frontend.send_multipart(backend.recv_multipart())
            if frontend in events:
                held = frontend.recv_multipart()
            if held is not None and backend.poll(0, zmq.POLLOUT):
                backend.send_multipart(held)
                held = None
""", "took too long to stop"),
            "leaves its sockets open": ("""
def shared_queue(ctx, front, back, stop):
    frontend, backend = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER)
    frontend.bind(front)
    backend.bind(back)
    poller = zmq.Poller()
    poller.register(frontend, zmq.POLLIN)
    poller.register(backend, zmq.POLLIN)
    while not stop.is_set():
        for socket, _ in poller.poll(100):
            other = backend if socket is frontend else frontend
            other.send_multipart(socket.recv_multipart())
    return frontend, backend
""", "socket open"),
        },
    },
    "08.2": {
        "right": {
            "a deque, and BYE only marks those with a job in hand": """
from collections import deque

def lru_broker(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        frontend.bind(front)
        backend.bind(back)
        ready, leaving = deque(), set()
        while True:
            if backend.poll(1 if ready else None):
                worker, empty, *said = backend.recv_multipart()
                if said == [b"BYE"]:
                    if worker in ready:
                        ready.remove(worker)
                    else:
                        leaving.add(worker)
                    backend.send_multipart([worker, b"", b"BYE"])
                elif said == [b"READY"]:
                    leaving.discard(worker)
                    if worker not in ready:
                        ready.append(worker)
                else:
                    frontend.send_multipart(said)
                    if worker in leaving:
                        leaving.discard(worker)
                    else:
                        ready.append(worker)
            while ready and frontend.poll(0):
                backend.send_multipart([ready.popleft(), b"", *frontend.recv_multipart()])
""",
            "takes jobs in, and keeps them in a list": """
def lru_broker(ctx, front, back):
    frontend, backend = ctx.socket(zmq.ROUTER), ctx.socket(zmq.ROUTER)
    try:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(frontend, zmq.POLLIN)
        poller.register(backend, zmq.POLLIN)
        workers, gone, jobs = {}, set(), []
        while True:
            events = dict(poller.poll())
            if frontend in events:
                jobs.append(frontend.recv_multipart())
            if backend in events:
                frames = backend.recv_multipart()
                name, body = frames[0], frames[2:]
                workers.pop(name, None)
                if body == [b"BYE"]:
                    gone.add(name)
                    backend.send_multipart([name, b"", b"BYE"])
                    continue
                if body == [b"READY"]:
                    gone.discard(name)
                if name not in gone:
                    workers[name] = True
                if len(body) > 1:
                    frontend.send_multipart(body)
            while jobs and workers:
                name = next(iter(workers))
                del workers[name]
                backend.send_multipart([name, b""] + jobs.pop(0))
    finally:
        frontend.close()
        backend.close()
""",
        },
        "wrong": {
            "the lesson's broker, which knows no BYE": (_SOCKETS + """
        ready = []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            for socket, _ in poller.poll():
                if socket is frontend:
                    backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
                else:
                    worker, _, *answer = backend.recv_multipart()
                    ready.append(worker)
                    if answer != [b"READY"]:
                        frontend.send_multipart(answer)
""", "broker's BYE"),
            "an answer after BYE counts as READY": (_SOCKETS + """
        ready = []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if said == [b"BYE"]:
                    ready = [each for each in ready if each != worker]
                    backend.send_multipart([worker, b"", b"BYE"])
                    continue
                ready.append(worker)
                if said != [b"READY"]:
                    frontend.send_multipart(said)
            if frontend in events and ready:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "one message too many"),
            "an answer after BYE is thrown away": (_SOCKETS + """
        ready, leaving = [], set()
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if worker in leaving:
                    continue
                if said == [b"BYE"]:
                    leaving.add(worker)
                    ready = [each for each in ready if each != worker]
                    backend.send_multipart([worker, b"", b"BYE"])
                    continue
                ready.append(worker)
                if said != [b"READY"]:
                    frontend.send_multipart(said)
            if frontend in events and ready:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "answers after its BYE"),
            "BYE, and it stays on the list": (_SOCKETS + """
        ready = []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if said == [b"BYE"]:
                    backend.send_multipart([worker, b"", b"BYE"])
                    continue
                ready.append(worker)
                if said != [b"READY"]:
                    frontend.send_multipart(said)
            if frontend in events and ready:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "one message too many"),
            "no BYE in return": (_SOCKETS + """
        ready, leaving = [], set()
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if said == [b"BYE"]:
                    leaving.add(worker)
                    ready = [each for each in ready if each != worker]
                    continue
                if worker not in leaving:
                    ready.append(worker)
                if said != [b"READY"]:
                    frontend.send_multipart(said)
            if frontend in events and ready:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "broker's BYE"),
            "the one that was free last": (_SOCKETS + """
        ready = []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if said == [b"BYE"]:
                    ready = [each for each in ready if each != worker]
                    backend.send_multipart([worker, b"", b"BYE"])
                    continue
                ready.append(worker)
                if said != [b"READY"]:
                    frontend.send_multipart(said)
            if frontend in events and ready:
                backend.send_multipart([ready.pop(), b"", *frontend.recv_multipart()])
""", "the longest"),
            "reads from clients when nobody is free": (_SOCKETS + """
        poller.register(frontend, zmq.POLLIN)
        ready = []
        while True:
            for socket, _ in poller.poll():
                if socket is frontend:
                    backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
                else:
                    worker, _, *answer = backend.recv_multipart()
                    ready.append(worker)
                    if answer != [b"READY"]:
                        frontend.send_multipart(answer)
""", "pop from empty list"),
            "takes turns, busy or not": (_SOCKETS + """
        poller.register(frontend, zmq.POLLIN)
        workers = []
        while True:
            if not workers:
                workers.append(backend.recv_multipart()[0])
            for socket, _ in poller.poll():
                if socket is frontend:
                    workers.append(workers.pop(0))
                    backend.send_multipart([workers[-1], b"", *frontend.recv_multipart()])
                else:
                    worker, _, *said = backend.recv_multipart()
                    if said == [b"READY"]:
                        workers.append(worker)
                    else:
                        frontend.send_multipart(said)
""", "nothing arrived"),
            "no empty frame for the worker": (_SOCKETS + """
        ready = []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                ready.append(worker)
                if said != [b"READY"]:
                    frontend.send_multipart(said)
            if frontend in events and ready:
                backend.send_multipart([ready.pop(0), *frontend.recv_multipart()])
""", "nothing arrived"),
            "looks for READY in the last frame": (_SOCKETS + """
        ready = []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                ready.append(worker)
                if said[-1] != b"READY":
                    frontend.send_multipart(said)
            if frontend in events and ready:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "nothing arrived"),
            "a body of one frame, it thinks": (_SOCKETS + """
        ready = []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                ready.append(worker)
                if said != [b"READY"]:
                    frontend.send_multipart(said)
            if frontend in events and ready:
                client, _, request = frontend.recv_multipart()
                backend.send_multipart([ready.pop(0), b"", client, b"", request])
""", "raised"),
            "waits for the answer before the next job": ("""
def lru_broker(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        frontend.bind(front)
        backend.bind(back)
        ready, leaving = [], set()
        while True:
            while not ready or backend.poll(0):
                worker, _, *said = backend.recv_multipart()
                if said == [b"BYE"]:
                    leaving.add(worker)
                    ready = [each for each in ready if each != worker]
                    backend.send_multipart([worker, b"", b"BYE"])
                    continue
                if worker not in leaving:
                    ready.append(worker)
                if said != [b"READY"]:
                    frontend.send_multipart(said)
            backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "nothing arrived"),
            "who has left may not come back": (_SOCKETS + """
        ready, leaving = [], set()
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if said == [b"BYE"]:
                    leaving.add(worker)
                    backend.send_multipart([worker, b"", b"BYE"])
                elif said != [b"READY"]:
                    frontend.send_multipart(said)
                if worker in leaving:
                    ready = [each for each in ready if each != worker]
                elif worker not in ready:
                    ready.append(worker)
            if frontend in events and ready:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "now the second time"),
            "who has come back gets one job": (_SOCKETS + """
        ready, leaving = [], set()
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if said == [b"BYE"]:
                    leaving.add(worker)
                    ready = [each for each in ready if each != worker]
                    backend.send_multipart([worker, b"", b"BYE"])
                elif said != [b"READY"]:
                    frontend.send_multipart(said)
                if worker not in ready and (said == [b"READY"] or worker not in leaving):
                    ready.append(worker)
            elif frontend in events:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "job after job"),
            "on the list twice": (_SOCKETS + """
        ready, leaving = [], set()
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if said == [b"BYE"]:
                    leaving.add(worker)
                    ready = [each for each in ready if each != worker]
                    backend.send_multipart([worker, b"", b"BYE"])
                elif said == [b"READY"]:
                    leaving.discard(worker)
                else:
                    frontend.send_multipart(said)
                if worker not in leaving:
                    ready.append(worker)
            if frontend in events and ready:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "a second job while it had one in hand"),
            "BYE meets a request: pops from an empty list": (_SOCKETS + """
        ready, leaving = [], set()
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                if said == [b"BYE"]:
                    leaving.add(worker)
                    backend.send_multipart([worker, b"", b"BYE"])
                elif said == [b"READY"]:
                    leaving.discard(worker)
                else:
                    frontend.send_multipart(said)
                if worker not in leaving:
                    ready.append(worker)
            if frontend in events:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "pop from empty list"),
            "BYE meets a request: drops it": (_SOCKETS + """
        ready, leaving = [], set()
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                if said == [b"BYE"]:
                    leaving.add(worker)
                    backend.send_multipart([worker, b"", b"BYE"])
                elif said == [b"READY"]:
                    leaving.discard(worker)
                else:
                    frontend.send_multipart(said)
                if worker not in leaving:
                    ready.append(worker)
            if frontend in events:
                request = frontend.recv_multipart()
                if ready:
                    backend.send_multipart([ready.pop(0), b"", *request])
""", "waits for the next READY"),
            "a client called BYE sends the worker home": (_SOCKETS + """
        ready, leaving = [], set()
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                if said[0] == b"BYE":
                    leaving.add(worker)
                    backend.send_multipart([worker, b"", b"BYE"])
                elif said == [b"READY"]:
                    leaving.discard(worker)
                else:
                    frontend.send_multipart(said)
                if worker not in leaving:
                    ready.append(worker)
            if frontend in events and ready:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "nothing arrived"),
            "an answer BYE sends the worker home": (_SOCKETS + """
        ready, leaving = [], set()
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                if said[-1] == b"BYE":
                    leaving.add(worker)
                    backend.send_multipart([worker, b"", b"BYE"])
                elif said == [b"READY"]:
                    leaving.discard(worker)
                else:
                    frontend.send_multipart(said)
                if worker not in leaving:
                    ready.append(worker)
            if frontend in events and ready:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "nothing arrived"),
            "a shared queue": ("""
def lru_broker(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.DEALER) as backend:
        frontend.bind(front)
        backend.bind(back)
        zmq.proxy(frontend, backend)
""", ""),
            "slow itself": (_SOCKETS + """
        ready, leaving = [], set()
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            time.sleep(0.02)
            if backend in events:
                worker, _, *said = backend.recv_multipart()
                if said == [b"BYE"]:
                    leaving.add(worker)
                    ready = [each for each in ready if each != worker]
                    backend.send_multipart([worker, b"", b"BYE"])
                    continue
                if worker in ready:
                    ready.remove(worker)
                if said == [b"READY"]:
                    leaving.discard(worker)
                if worker not in leaving:
                    ready.append(worker)
                if said != [b"READY"]:
                    frontend.send_multipart(said)
            if frontend in events and ready:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "not fast enough"),
        },
    },
    "08.3": {
        "right": {
            "a Poller and two states": """
def polite_worker(ctx, back, leave, work):
    dealer = ctx.socket(zmq.DEALER)
    dealer.connect(back)
    poller = zmq.Poller()
    poller.register(dealer, zmq.POLLIN)
    dealer.send_multipart([b"", b"READY"])
    state = "working"
    while state != "gone":
        if state == "working" and leave.is_set():
            dealer.send_multipart([b"", b"BYE"])
            state = "leaving"
        for socket, _ in poller.poll(20):
            frames = socket.recv_multipart()
            if frames == [b"", b"BYE"]:
                state = "gone"
            else:
                frames[-1] = work(frames[-1])
                socket.send_multipart(frames)
    dealer.close()
""",
            "one loop to work, one to leave": """
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while not leave.is_set():
            if dealer.poll(50):
                _, client, _, job = dealer.recv_multipart()
                dealer.send_multipart([b"", client, b"", work(job)])
        dealer.send_multipart([b"", b"BYE"])
        while True:
            frames = dealer.recv_multipart()
            if frames[1:] == [b"BYE"]:
                return
            dealer.send_multipart([b"", frames[1], b"", work(frames[3])])
""",
        },
        "wrong": {
            "a job called BYE sends it home": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        said = False
        while True:
            if leave.is_set() and not said:
                said = True
                dealer.send_multipart([b"", b"BYE"])
            if dealer.poll(50):
                _, *frames = dealer.recv_multipart()
                if frames[-1] == b"BYE":
                    return
                dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
""", "the answer to a job"),
            "a client called BYE sends it home": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        said = False
        while True:
            if leave.is_set() and not said:
                said = True
                dealer.send_multipart([b"", b"BYE"])
            if dealer.poll(50):
                _, *frames = dealer.recv_multipart()
                if frames[0] == b"BYE":
                    return
                dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
""", ""),
            "leaves only when there is nothing to do": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        said = False
        while True:
            if dealer.poll(50):
                _, *frames = dealer.recv_multipart()
                if frames == [b"BYE"]:
                    return
                dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
            elif leave.is_set() and not said:
                said = True
                dealer.send_multipart([b"", b"BYE"])
""", "a busy worker never leaves"),
            "does all that waits at it first": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while not leave.is_set() or dealer.poll(0):
            if dealer.poll(50):
                _, *frames = dealer.recv_multipart()
                dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
        dealer.send_multipart([b"", b"BYE"])
        while len(frames := dealer.recv_multipart()) > 2:
            dealer.send_multipart([b"", frames[1], b"", work(frames[3])])
""", "was set during the third"),
            "waits half a second for the broker's BYE": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while not leave.is_set():
            if dealer.poll(50):
                _, *frames = dealer.recv_multipart()
                dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
        dealer.send_multipart([b"", b"BYE"])
        while dealer.poll(500):
            _, *frames = dealer.recv_multipart()
            if frames == [b"BYE"]:
                return
            dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
""", "left too early"),
            "closes without linger": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        dealer.linger = 0
        said = False
        while True:
            if leave.is_set() and not said:
                said = True
                dealer.send_multipart([b"", b"BYE"])
            if dealer.poll(50):
                _, *frames = dealer.recv_multipart()
                if frames == [b"BYE"]:
                    return
                dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
""", "the last answer, whole"),
            "an empty job is none": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        said = False
        while True:
            if leave.is_set() and not said:
                said = True
                dealer.send_multipart([b"", b"BYE"])
            if dealer.poll(50):
                _, *frames = dealer.recv_multipart()
                if frames == [b"BYE"]:
                    return
                if frames[2]:
                    dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
""", "nothing arrived"),
            "one job after BYE, then home": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while not leave.is_set():
            if dealer.poll(50):
                _, *frames = dealer.recv_multipart()
                dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
        dealer.send_multipart([b"", b"BYE"])
        _, *frames = dealer.recv_multipart()
        if frames != [b"BYE"]:
            dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
""", ""),
            "looks at leave once a minute": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        said = False
        while True:
            if leave.is_set() and not said:
                said = True
                dealer.send_multipart([b"", b"BYE"])
            if dealer.poll(60_000):
                _, *frames = dealer.recv_multipart()
                if frames == [b"BYE"]:
                    return
                dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
""", "BYE"),
            "goes without a word": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while not leave.is_set():
            if dealer.poll(50):
                _, client, _, job = dealer.recv_multipart()
                dealer.send_multipart([b"", client, b"", work(job)])
""", "nothing arrived"),
            "says BYE and is gone": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while not leave.is_set():
            if dealer.poll(50):
                _, client, _, job = dealer.recv_multipart()
                dealer.send_multipart([b"", client, b"", work(job)])
        dealer.send_multipart([b"", b"BYE"])
""", "left too early"),
            "waits for one message after BYE, whatever it is": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while not leave.is_set():
            if dealer.poll(50):
                _, client, _, job = dealer.recv_multipart()
                dealer.send_multipart([b"", client, b"", work(job)])
        dealer.send_multipart([b"", b"BYE"])
        dealer.recv_multipart()
""", "nothing arrived"),
            "looks at leave only when a job comes": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while True:
            _, *frames = dealer.recv_multipart()
            if frames == [b"BYE"]:
                return
            dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
            if leave.is_set():
                dealer.send_multipart([b"", b"BYE"])
""", "nothing arrived"),
            "a REQ may not speak now": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.REQ) as req:
        req.connect(back)
        req.send(b"READY")
        while True:
            if leave.is_set():
                req.send(b"BYE")
            if req.poll(50):
                frames = req.recv_multipart()
                if frames == [b"BYE"]:
                    return
                req.send_multipart([frames[0], b"", work(frames[2])])
""", "raised"),
            "no empty frame in front": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send(b"READY")
        while True:
            dealer.recv_multipart()
""", "did not say READY as the table shows"),
            "an answer without its envelope": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while True:
            frames = dealer.recv_multipart()
            dealer.send_multipart([b"", work(frames[-1])])
""", "not empty, client, empty, answer"),
            "READY after each answer": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        while True:
            dealer.send_multipart([b"", b"READY"])
            _, client, _, job = dealer.recv_multipart()
            dealer.send_multipart([b"", client, b"", work(job)])
""", ""),
            "BYE again and again": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while True:
            if leave.is_set():
                dealer.send_multipart([b"", b"BYE"])
            if dealer.poll(50):
                _, *frames = dealer.recv_multipart()
                if frames == [b"BYE"]:
                    return
                dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
""", ""),
            "does not go when it may": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        said = False
        while True:
            if leave.is_set() and not said:
                said = True
                dealer.send_multipart([b"", b"BYE"])
            if dealer.poll(50):
                _, *frames = dealer.recv_multipart()
                if frames != [b"BYE"]:
                    dealer.send_multipart([b"", frames[0], b"", work(frames[2])])
""", "did not come back"),
            "throws away the job that crossed": ("""
def polite_worker(ctx, back, leave, work):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(back)
        dealer.send_multipart([b"", b"READY"])
        while not leave.is_set():
            if dealer.poll(50):
                _, client, _, job = dealer.recv_multipart()
                dealer.send_multipart([b"", client, b"", work(job)])
        dealer.send_multipart([b"", b"BYE"])
        while dealer.recv_multipart() != [b"", b"BYE"]:
            pass
""", "nothing arrived"),
        },
    },
    "08.4": {
        "right": {
            "a list of what waits": """
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        backend.router_mandatory = True
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(backend, zmq.POLLIN)
        ready, waiting = [], []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *answer = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                ready.append(worker)
                if answer != [b"READY"]:
                    frontend.send_multipart(answer)
            if frontend in events:
                waiting.append(frontend.recv_multipart())
            while waiting and ready:
                try:
                    backend.send_multipart([ready.pop(0), b"", *waiting[0]])
                except zmq.ZMQError:
                    continue
                waiting.pop(0)
""",
            "all clients are read at once": """
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        backend.setsockopt(zmq.ROUTER_MANDATORY, 1)
        frontend.bind(front)
        backend.bind(back)
        free, jobs = {}, []
        while True:
            readable, _, _ = zmq.select([frontend, backend], [], [])
            if backend in readable:
                name, _, *rest = backend.recv_multipart()
                free.pop(name, None)
                free[name] = True
                if len(rest) > 1:
                    frontend.send_multipart(rest)
            if frontend in readable:
                jobs.append(frontend.recv_multipart())
            while free and jobs:
                name = next(iter(free))
                del free[name]
                try:
                    backend.send_multipart([name, b""] + jobs[0])
                    del jobs[0]
                except zmq.error.ZMQError:
                    pass
""",
        },
        "wrong": {
            "as it was": ("""
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(backend, zmq.POLLIN)
        ready, waiting = [], []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *answer = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                ready.append(worker)
                if answer != [b"READY"]:
                    frontend.send_multipart(answer)
            if frontend in events:
                waiting.append(frontend.recv_multipart())
            while waiting and ready:
                try:
                    backend.send_multipart([ready.pop(0), b"", *waiting[0]])
                except zmq.ZMQError:
                    continue
                waiting.pop(0)
""", "one of them was killed"),
            "the error ends the broker": ("""
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        backend.router_mandatory = True
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(backend, zmq.POLLIN)
        ready, waiting = [], []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *answer = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                ready.append(worker)
                if answer != [b"READY"]:
                    frontend.send_multipart(answer)
            if frontend in events:
                backend.send_multipart([ready.pop(0), b"", *frontend.recv_multipart()])
""", "unreachable"),
            "the request goes with the error": ("""
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        backend.router_mandatory = True
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(backend, zmq.POLLIN)
        ready, waiting = [], []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *answer = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                ready.append(worker)
                if answer != [b"READY"]:
                    frontend.send_multipart(answer)
            if frontend in events:
                request = frontend.recv_multipart()
                try:
                    backend.send_multipart([ready.pop(0), b"", *request])
                except zmq.ZMQError:
                    pass
""", "one of them was killed"),
            "one more try": ("""
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        backend.router_mandatory = True
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(backend, zmq.POLLIN)
        ready, waiting = [], []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *answer = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                ready.append(worker)
                if answer != [b"READY"]:
                    frontend.send_multipart(answer)
            if frontend in events:
                request = frontend.recv_multipart()
                try:
                    backend.send_multipart([ready.pop(0), b"", *request])
                except zmq.ZMQError:
                    if ready:
                        backend.send_multipart([ready.pop(0), b"", *request])
""", ""),
            "nobody left: the request is dropped": ("""
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        backend.router_mandatory = True
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(backend, zmq.POLLIN)
        ready, waiting = [], []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *answer = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                ready.append(worker)
                if answer != [b"READY"]:
                    frontend.send_multipart(answer)
            if frontend in events:
                request = frontend.recv_multipart()
                while ready:
                    try:
                        backend.send_multipart([ready.pop(0), b"", *request])
                        break
                    except zmq.ZMQError:
                        continue
""", "waits for the next READY"),
            "on the list twice": ("""
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        backend.router_mandatory = True
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(backend, zmq.POLLIN)
        ready, waiting = [], []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *answer = backend.recv_multipart()
                ready.append(worker)
                if answer != [b"READY"]:
                    frontend.send_multipart(answer)
            if frontend in events:
                waiting.append(frontend.recv_multipart())
            while waiting and ready:
                try:
                    backend.send_multipart([ready.pop(0), b"", *waiting[0]])
                except zmq.ZMQError:
                    continue
                waiting.pop(0)
""", "a second job while it had one in hand"),
            "mandatory towards the clients as well": ("""
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        backend.router_mandatory = True
        frontend.router_mandatory = True
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(backend, zmq.POLLIN)
        ready, waiting = [], []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *answer = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                ready.append(worker)
                if answer != [b"READY"]:
                    frontend.send_multipart(answer)
            if frontend in events:
                waiting.append(frontend.recv_multipart())
            while waiting and ready:
                try:
                    backend.send_multipart([ready.pop(0), b"", *waiting[0]])
                except zmq.ZMQError:
                    continue
                waiting.pop(0)
""", "unreachable"),
            "whoever has answered lately is alive": ("""
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        seen = {}
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(backend, zmq.POLLIN)
        ready, waiting = [], []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll())
            if backend in events:
                worker, _, *answer = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                seen[worker] = time.monotonic()
                ready.append(worker)
                if answer != [b"READY"]:
                    frontend.send_multipart(answer)
            if frontend in events:
                waiting.append(frontend.recv_multipart())
            while waiting and ready:
                name = ready.pop(0)
                if time.monotonic() - seen[name] < 5:
                    backend.send_multipart([name, b"", *waiting.pop(0)])
""", "one of them was killed"),
            "no answer in half a second: another worker": ("""
def mended(ctx, front, back):
    with ctx.socket(zmq.ROUTER) as frontend, ctx.socket(zmq.ROUTER) as backend:
        backend.router_mandatory = True
        given = {}
        frontend.bind(front)
        backend.bind(back)
        poller = zmq.Poller()
        poller.register(backend, zmq.POLLIN)
        ready, waiting = [], []
        while True:
            poller.register(frontend, zmq.POLLIN if ready else 0)
            events = dict(poller.poll(50))
            if backend in events:
                worker, _, *answer = backend.recv_multipart()
                if worker in ready:
                    ready.remove(worker)
                given.pop(worker, None)
                ready.append(worker)
                if answer != [b"READY"]:
                    frontend.send_multipart(answer)
            if frontend in events:
                waiting.append(frontend.recv_multipart())
            for name, (when, request) in list(given.items()):
                if time.monotonic() - when > 0.5:
                    del given[name]
                    waiting.append(request)
            while waiting and ready:
                name = ready.pop(0)
                try:
                    backend.send_multipart([name, b"", *waiting[0]])
                    given[name] = time.monotonic(), waiting.pop(0)
                except zmq.ZMQError:
                    continue
""", "given to two workers"),
        },
    },
}
