"""Systems of the kind that the classic guide has, each a few lines of plain pyzmq: they know nothing of a record.

Each takes a `Play` and returns what came of it, the same in every run. Nothing sleeps: who must be there first is
waited for by a message.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import zmq
import zmq.asyncio
import zmq.devices

PATIENCE = 600_000      # ms


class Play:
    """A context, its sockets, and roles in threads."""

    def __init__(self) -> None:
        self.ctx = zmq.Context()
        self.sockets: list[Any] = []
        self.threads: list[threading.Thread] = []
        self.errors: list[BaseException] = []

    def socket(self, kind: int, *, bind: str = "", connect: Any = (), **options: Any) -> Any:
        socket = self.ctx.socket(kind)
        self.sockets.append(socket)
        socket.rcvtimeo = socket.sndtimeo = PATIENCE
        for name, value in options.items():
            setattr(socket, name, value)
        if bind:
            socket.bind("tcp://127.0.0.1:*" if bind == "tcp" else f"inproc://{bind}")
        for other in [connect] if isinstance(connect, str) or not hasattr(connect, "__iter__") else connect:
            socket.connect(f"inproc://{other}" if isinstance(other, str) else other.last_endpoint.decode())
        return socket

    def go(self, role: Callable[..., Any], *args: Any, name: str = "") -> threading.Thread:
        def run() -> None:
            try:
                role(*args)
            except zmq.ContextTerminated:
                pass
            except BaseException as error:
                self.errors.append(error)
        thread = threading.Thread(target=run, name=name or role.__name__, daemon=True)
        self.threads.append(thread)
        thread.start()
        return thread

    def end(self) -> None:
        ender = threading.Thread(target=self.ctx.term, daemon=True)
        ender.start()
        for thread in self.threads:
            thread.join(10)
        for socket in self.sockets:
            socket.close(0)
        ender.join(10)
        assert not ender.is_alive() and not self.errors, self.errors


def answer(socket: Any, make: Callable[[bytes], bytes] = lambda m: b"re " + m) -> None:
    """A server for ever."""
    while True:
        socket.send(make(socket.recv()))


def ask(socket: Any, *questions: bytes) -> list[bytes]:
    return [socket.send(q) or socket.recv() for q in questions]


def publisher(p: Play, *subscribers: Any, bind: str = "tcp", topics: int = 1) -> Any:
    """An XPUB that has heard of every subscription: only then is anything published."""
    pub = p.socket(zmq.XPUB, xpub_verbose=1, bind=bind)
    for sub in subscribers:
        sub.connect(pub.last_endpoint.decode())
        for _ in range(topics):
            assert pub.recv()[:1] == b"\1"
    return pub


def subscriber(p: Play, *topics: bytes) -> Any:
    sub = p.socket(zmq.SUB)
    for topic in topics:
        sub.subscribe(topic)
    return sub


def take(socket: Any, n: int) -> list[bytes]:
    return [socket.recv_multipart()[-1] for _ in range(n)]


def move(a: Any, b: Any, n: int) -> None:
    """Hand `n` messages on between two sockets, whichever way they come."""
    poller = zmq.Poller()
    poller.register(a, zmq.POLLIN)
    poller.register(b, zmq.POLLIN)
    while n > 0:
        for socket, _ in poller.poll(PATIENCE):
            (b if socket is a else a).send_multipart(socket.recv_multipart())
            n -= 1


# --- chapter 1: basics --------------------------------------------------------------------------------------


def hello(p: Play) -> Any:
    rep = p.socket(zmq.REP, bind="tcp")
    p.go(answer, rep)
    return ask(p.socket(zmq.REQ, connect=rep), *(b"hello %d" % n for n in range(10)))


def weather(p: Play) -> Any:
    sub = subscriber(p, b"10001")
    pub = publisher(p, sub)
    for n in range(200):
        pub.send(b"%05d %d" % (10_000 + n % 5, n))
    return take(sub, 40)


def pipeline(p: Play) -> Any:
    tasks, sink = p.socket(zmq.PUSH, bind="tcp"), p.socket(zmq.PULL, bind="tcp")

    def worker() -> None:
        source, out = p.socket(zmq.PULL, connect=tasks), p.socket(zmq.PUSH, connect=sink)
        while True:
            out.send(b"%d" % (int(source.recv()) ** 2))

    for n in range(3):
        p.go(worker, name=f"worker {n}")
    for n in range(60):
        tasks.send(b"%d" % n)
    return sum(map(int, take(sink, 60)))


def pipeline_with_a_kill_signal(p: Play) -> Any:
    tasks, sink = p.socket(zmq.PUSH, bind="tasks"), p.socket(zmq.PULL, bind="sink")
    controls = [subscriber(p, b"") for _ in range(2)]
    control = publisher(p, *controls, bind="control")

    def worker(kill: Any) -> None:
        source, out = p.socket(zmq.PULL, connect="tasks"), p.socket(zmq.PUSH, connect="sink")
        poller = zmq.Poller()
        poller.register(source, zmq.POLLIN)
        poller.register(kill, zmq.POLLIN)
        while True:
            ready = dict(poller.poll(PATIENCE))
            if source in ready:
                out.send(source.recv())
            if kill in ready:
                out.send(kill.recv())
                return

    for kill in controls:
        p.go(worker, kill)
    for n in range(30):
        tasks.send(b"%d" % n)
    done = sorted(take(sink, 30))
    control.send(b"KILL")
    return done, take(sink, 2)


def version_by_json(p: Play) -> Any:
    rep = p.socket(zmq.REP, bind="tcp")
    p.go(lambda: rep.send_json({"got": rep.recv_json()}))
    req = p.socket(zmq.REQ, connect=rep)
    req.send_json([1, {"a": None}])
    return req.recv_json()


# --- chapter 2: sockets and patterns --------------------------------------------------------------------------


def two_sources_by_dontwait(p: Play) -> Any:
    sub = subscriber(p, b"a")
    pub, push = publisher(p, sub, bind="pub"), p.socket(zmq.PUSH, bind="push")
    pull = p.socket(zmq.PULL, connect="push")
    for n in range(10):
        pub.send(b"a %d" % n)
        pub.send(b"b %d" % n)
        push.send(b"task %d" % n)
    got: list[bytes] = []
    while len(got) < 20:
        for socket in (pull, sub):
            try:
                while True:
                    got.append(socket.recv(zmq.DONTWAIT))
            except zmq.Again:
                pass
    return sorted(got)


def two_sources_by_poller(p: Play) -> Any:
    pulls = [p.socket(zmq.PULL, bind=name) for name in ("x", "y")]
    for n in range(20):
        p.socket(zmq.PUSH, connect="xy"[n % 2]).send(b"%d" % n)
    poller, got = zmq.Poller(), []
    for pull in pulls:
        poller.register(pull, zmq.POLLIN)
    while len(got) < 20:
        got += [socket.recv() for socket, _ in poller.poll(PATIENCE)]
    return sorted(got)


def request_reply_broker(p: Play) -> Any:
    front, back = p.socket(zmq.ROUTER, bind="tcp"), p.socket(zmq.DEALER, bind="tcp")
    for n in range(2):
        p.go(answer, p.socket(zmq.REP, connect=back), name=f"server {n}")
    p.go(move, front, back, 40, name="broker")
    return ask(p.socket(zmq.REQ, connect=front), *(b"%d" % n for n in range(20)))


def message_queue_by_proxy(p: Play) -> Any:
    front, back = p.socket(zmq.ROUTER, bind="tcp"), p.socket(zmq.DEALER, bind="tcp")
    for n in range(2):
        p.go(answer, p.socket(zmq.REP, connect=back), name=f"server {n}")
    p.go(zmq.proxy, front, back, name="queue")
    return [ask(p.socket(zmq.REQ, connect=front), b"%d" % n) for n in range(5)]


def weather_proxy(p: Play) -> Any:
    xsub, xpub = p.socket(zmq.XSUB, bind="tcp"), p.socket(zmq.XPUB, bind="tcp")
    p.go(zmq.proxy, xsub, xpub, name="proxy")
    pub = p.socket(zmq.XPUB, connect=xsub)
    sub = subscriber(p, b"10")
    sub.connect(xpub.last_endpoint.decode())
    assert pub.recv() == b"\x0110"
    for n in range(100):
        pub.send(b"%d %d" % (9 + n % 3, n))
    return take(sub, 33)


def multithreaded_server(p: Play) -> Any:
    front, back = p.socket(zmq.ROUTER, bind="tcp"), p.socket(zmq.DEALER, bind="workers")
    for n in range(4):
        p.go(answer, p.socket(zmq.REP, connect="workers"), name=f"worker {n}")
    p.go(zmq.proxy, front, back, name="server")
    reqs = [p.socket(zmq.REQ, connect=front) for _ in range(3)]
    for n, req in enumerate(reqs):
        req.send(b"%d" % n)
    return [req.recv() for req in reqs]


def relay_of_pairs(p: Play) -> Any:
    last = p.socket(zmq.PAIR, bind="step 3")

    def step_one() -> None:
        p.socket(zmq.PAIR, connect="step 2").send(b"READY")

    def step_two() -> None:
        into = p.socket(zmq.PAIR, bind="step 2")
        p.go(step_one)
        p.socket(zmq.PAIR, connect="step 3").send(into.recv())

    p.go(step_two)
    return last.recv()


def synchronised_publisher(p: Play) -> Any:
    sync = p.socket(zmq.REP, bind="tcp")
    subs = [subscriber(p, b"") for _ in range(3)]
    pub = publisher(p, *subs)
    got: list[int] = []

    def listener(sub: Any) -> None:
        ask(p.socket(zmq.REQ, connect=sync), b"here")
        got.append(sum(1 for _ in iter(sub.recv, b"END")))

    threads = [p.go(listener, sub, name=f"listener {n}") for n, sub in enumerate(subs)]
    for _ in subs:
        sync.send(sync.recv())
    for n in range(100):
        pub.send(b"%d" % n)
    pub.send(b"END")
    for thread in threads:
        thread.join(10)
    return got


def envelopes(p: Play) -> Any:
    sub = subscriber(p, b"B")
    pub = publisher(p, sub)
    for n in range(10):
        pub.send_multipart([b"A", b"not for you %d" % n])
        pub.send_multipart([b"B", b"for you %d" % n])
    return [sub.recv_multipart() for _ in range(10)]


def high_water_mark(p: Play) -> Any:
    push = p.socket(zmq.PUSH, bind="x", sndhwm=2)
    pull = p.socket(zmq.PULL, rcvhwm=2, connect="x")
    sent = 0
    try:
        while True:
            push.send(b"%d" % sent, zmq.DONTWAIT)
            sent += 1
    except zmq.Again:
        return sent, take(pull, sent)


def devices_in_a_thread(p: Play) -> Any:
    device = zmq.devices.ThreadProxy(zmq.PULL, zmq.PUSH)
    device.context_factory = lambda: p.ctx
    a, b = (getattr(device, f"bind_{side}_to_random_port")("tcp://127.0.0.1") for side in ("in", "out"))
    device.start()
    push, pull = p.socket(zmq.PUSH), p.socket(zmq.PULL)
    pull.connect(f"tcp://127.0.0.1:{b}")
    push.connect(f"tcp://127.0.0.1:{a}")
    for n in range(10):
        push.send(b"%d" % n)
    return take(pull, 10)


def monitored_queue(p: Play) -> Any:
    front, back, ear = p.socket(zmq.ROUTER, bind="f"), p.socket(zmq.DEALER, bind="b"), p.socket(zmq.PAIR, bind="m")
    heard = p.socket(zmq.PAIR, connect="m")
    p.go(answer, p.socket(zmq.REP, connect="b"), name="server")
    p.go(zmq.devices.monitored_queue, front, back, ear, b"in", b"out", name="queue")
    answers = ask(p.socket(zmq.REQ, connect="f"), b"1", b"2", b"3")
    return answers, [(f[0], f[-1]) for f in (heard.recv_multipart() for _ in range(6))]


# --- chapter 3: request and reply in depth --------------------------------------------------------------------


def identities(p: Play) -> Any:
    router = p.socket(zmq.ROUTER, bind="tcp")
    p.socket(zmq.REQ, connect=router).send(b"anonymous")
    first = router.recv_multipart()
    p.socket(zmq.REQ, routing_id=b"PEER2", connect=router).send(b"named")
    return len(first[0]), first[1:], router.recv_multipart()


def router_to_req(p: Play) -> Any:
    router = p.socket(zmq.ROUTER, bind="tcp")
    done: list[int] = []

    def worker() -> None:
        req, n = p.socket(zmq.REQ, connect=router), -1
        work = b"start"
        while work != b"fired":
            req.send(b"ready")
            work, n = req.recv(), n + 1
        done.append(n)

    threads = [p.go(worker, name=f"worker {n}") for n in range(3)]
    for n in range(33):
        who, _, _ = router.recv_multipart()
        router.send_multipart([who, b"", b"work" if n < 30 else b"fired"])
    for thread in threads:
        thread.join(10)
    return len(done), sum(done)


def router_to_dealer(p: Play) -> Any:
    router = p.socket(zmq.ROUTER, bind="tcp")
    dealers = [p.socket(zmq.DEALER, routing_id=name, connect=router) for name in (b"A", b"B")]
    for dealer in dealers:
        dealer.send(b"here")
        router.recv_multipart()
    for n in range(30):
        router.send_multipart([b"AB"[n % 3 == 0:][:1], b"%d" % n])
    return [take(dealer, n) for dealer, n in zip(dealers, (20, 10), strict=True)]


def load_balancer(p: Play) -> Any:
    front, back = p.socket(zmq.ROUTER, bind="tcp"), p.socket(zmq.ROUTER, bind="tcp")

    def worker() -> None:
        req = p.socket(zmq.REQ, connect=back)
        req.send(b"READY")
        while True:
            client, _, question = req.recv_multipart()
            req.send_multipart([client, b"", b"re " + question])

    def broker() -> None:
        idle: list[bytes] = []
        poller = zmq.Poller()
        poller.register(back, zmq.POLLIN)
        while True:
            poller.register(front, zmq.POLLIN) if idle else front in poller and poller.unregister(front)
            ready = dict(poller.poll())
            if back in ready:
                who, _, *rest = back.recv_multipart()
                idle.append(who)
                if rest != [b"READY"]:
                    front.send_multipart(rest)
            if front in ready:
                back.send_multipart([idle.pop(0), b"", *front.recv_multipart()])

    for n in range(3):
        p.go(worker, name=f"worker {n}")
    p.go(broker)
    reqs = [p.socket(zmq.REQ, connect=front) for _ in range(4)]
    return [ask(req, *(b"%d.%d" % (n, k) for k in range(5))) for n, req in enumerate(reqs)]


def asynchronous_server(p: Play) -> Any:
    front, back = p.socket(zmq.ROUTER, bind="tcp"), p.socket(zmq.DEALER, bind="back")

    def worker() -> None:
        dealer = p.socket(zmq.DEALER, connect="back")
        while True:
            who, question = dealer.recv_multipart()
            for part in (b"a", b"b"):
                dealer.send_multipart([who, question + part])

    for n in range(3):
        p.go(worker, name=f"worker {n}")
    p.go(zmq.proxy, front, back, name="server")
    clients = [p.socket(zmq.DEALER, routing_id=b"client %d" % n, connect=front) for n in range(3)]
    for n in range(5):
        for client in clients:
            client.send(b"%d" % n)
    return [sorted(take(client, 10)) for client in clients]


def peers_tell_their_state(p: Play) -> Any:
    subs = [subscriber(p, b"") for _ in range(3)]
    pubs = [publisher(p, *(sub for other, sub in enumerate(subs) if other != n)) for n in range(3)]
    for n, pub in enumerate(pubs):
        pub.send_multipart([b"peer %d" % n, b"%d free" % n])
    return [sorted(take(sub, 2)) for sub in subs]


def router_to_router(p: Play) -> Any:
    cloud = p.socket(zmq.ROUTER, routing_id=b"cloud 1", bind="tcp")
    other = p.socket(zmq.ROUTER, routing_id=b"cloud 2", connect_routing_id=b"cloud 1", connect=cloud)
    for n in range(10):
        other.send_multipart([b"cloud 1", b"task %d" % n])
    got = []
    for _ in range(10):
        who, task = cloud.recv_multipart()
        cloud.send_multipart([who, b"done " + task])
        got.append(other.recv_multipart())
    return got


def dealer_to_dealer(p: Play) -> Any:
    a = p.socket(zmq.DEALER, bind="tcp")
    b = p.socket(zmq.DEALER, connect=a)
    a.send_multipart([b"one", b"", b"two"])
    b.send(b"back")
    return b.recv_multipart(), a.recv()


# --- chapter 4: reliability -----------------------------------------------------------------------------------


def lazy_pirate(p: Play) -> Any:
    """The server is deaf to the first two attempts; each retry is a new socket."""
    rep = p.socket(zmq.ROUTER, bind="tcp")

    def server() -> None:
        for n in range(3):
            who, _, question = rep.recv_multipart()
            if n == 2:
                rep.send_multipart([who, b"", b"re " + question])
            told.set()

    told = threading.Event()
    p.go(server)
    for _ in range(3):
        req = p.socket(zmq.REQ, connect=rep)
        told.clear()
        req.send(b"question")
        assert told.wait(PATIENCE / 1000)
        if req.poll(100):
            return req.recv()
        req.close(0)
    return None


def simple_pirate(p: Play) -> Any:
    return load_balancer(p)


def paranoid_pirate(p: Play) -> Any:
    """Worker and queue exchange heartbeats; the worker that falls silent gets no more work."""
    back = p.socket(zmq.ROUTER, bind="tcp")
    alive, silent = (p.socket(zmq.DEALER, routing_id=name, connect=back) for name in (b"alive", b"silent"))
    for worker in (alive, silent):
        worker.send(b"READY")
        back.recv_multipart()
    for n in range(5):
        alive.send(b"HEARTBEAT")
        assert back.recv_multipart() == [b"alive", b"HEARTBEAT"]
        back.send_multipart([b"alive", b"", b"task %d" % n])
    return [alive.recv_multipart() for _ in range(5)]


def majordomo(p: Play) -> Any:
    broker = p.socket(zmq.ROUTER, bind="tcp")

    def serve() -> None:
        services: dict[bytes, list[bytes]] = {}
        waiting: dict[bytes, list[list[bytes]]] = {}
        while True:
            who, _, header, *rest = broker.recv_multipart()
            if header == b"MDPW" and rest[0] == b"READY":
                services.setdefault(rest[1], []).append(who)
                service = rest[1]
            elif header == b"MDPW":
                _, service, client, _, reply = rest
                broker.send_multipart([client, b"", b"MDPC", service, reply])
                services[service].append(who)
            else:
                service = rest[0]
                waiting.setdefault(service, []).append([who, b"", rest[1]])
            while services.get(service) and waiting.get(service):
                broker.send_multipart([services[service].pop(0), b"", b"MDPW", *waiting[service].pop(0)])

    def worker(service: bytes) -> None:
        dealer = p.socket(zmq.DEALER, connect=broker)
        dealer.send_multipart([b"", b"MDPW", b"READY", service])
        while True:
            _, _, client, _, question = dealer.recv_multipart()
            dealer.send_multipart([b"", b"MDPW", b"REPLY", service, client, b"", service + b" " + question])

    p.go(serve, name="broker")
    for service in (b"echo", b"coffee"):
        p.go(worker, service, name=service.decode())
    req, got = p.socket(zmq.REQ, connect=broker), []
    for n in range(6):
        req.send_multipart([b"MDPC", (b"echo", b"coffee")[n % 2], b"%d" % n])
        got.append(req.recv_multipart())
    return got


def titanic(p: Play) -> Any:
    """Requests are stored, done by another role, and fetched by their number."""
    front, work = p.socket(zmq.REP, bind="tcp"), p.socket(zmq.PAIR, bind="work")
    store: dict[bytes, bytes] = {}

    def titanic_() -> None:
        while True:
            what, *rest = front.recv_multipart()
            if what == b"REQUEST":
                number = b"%d" % len(store)
                store[number] = b""
                work.send_multipart([number, *rest])
                number, store[number] = work.recv_multipart()
                front.send_multipart([b"200", number])
            else:
                front.send_multipart([b"200", store.pop(rest[0])])

    def service() -> None:
        pair = p.socket(zmq.PAIR, connect="work")
        while True:
            number, question = pair.recv_multipart()
            pair.send_multipart([number, b"done " + question])

    p.go(titanic_, name="titanic")
    p.go(service)
    req, got = p.socket(zmq.REQ, connect=front), []
    for n in range(5):
        req.send_multipart([b"REQUEST", b"q%d" % n])
        _, number = req.recv_multipart()
        req.send_multipart([b"REPLY", number])
        got.append(req.recv_multipart())
    return got


def binary_star(p: Play) -> Any:
    """Primary and backup tell each other their state; the client goes to the backup when the primary is gone."""
    states = [subscriber(p, b"") for _ in range(2)]
    pubs = [publisher(p, states[1 - n], bind=f"state {n}") for n in range(2)]
    servers = [p.socket(zmq.REP, bind="tcp") for _ in range(2)]
    pubs[0].send(b"active")
    pubs[1].send(b"passive")
    told = [state.recv() for state in states]
    first = p.socket(zmq.REQ, connect=servers[0])
    first.send(b"q1")
    servers[0].send(b"primary " + servers[0].recv())
    got = [first.recv()]
    servers[0].close(0)
    second = p.socket(zmq.REQ, connect=servers[1])
    second.send(b"q2")
    servers[1].send(b"backup " + servers[1].recv())
    return told, [*got, second.recv()]


def freelance_one_by_one(p: Play) -> Any:
    deaf, rep = p.socket(zmq.PULL, bind="tcp"), p.socket(zmq.REP, bind="tcp")
    p.go(answer, rep)
    for server in (deaf, rep):      # a socket of another kind never lets a REQ in
        req = p.socket(zmq.REQ, connect=server)
        req.send(b"anybody?")
        if req.poll(200 if server is deaf else PATIENCE):
            return req.recv()
        req.close(0)
    return None


def freelance_shotgun(p: Play) -> Any:
    reps = [p.socket(zmq.REP, bind="tcp") for _ in range(3)]
    for n, rep in enumerate(reps):
        p.go(answer, rep, name=f"server {n}")
    dealer, got = p.socket(zmq.DEALER, connect=reps), []
    for n in range(5):
        for _ in reps:
            dealer.send_multipart([b"", b"%d" % n])
        got.append(take(dealer, 3))
    return got


def freelance_by_name(p: Play) -> Any:
    servers = [p.socket(zmq.ROUTER, routing_id=b"server %d" % n, bind="tcp") for n in range(2)]
    client = p.socket(zmq.ROUTER)
    for n, server in enumerate(servers):
        client.connect_routing_id = b"server %d" % n
        client.connect(server.last_endpoint.decode())
        client.send_multipart([b"server %d" % n, b"PING"])
    got = []
    for server in servers:
        who, ping = server.recv_multipart()
        server.send_multipart([who, b"PONG to " + ping])
        got.append(client.recv_multipart())
    return sorted(got)


# --- chapter 5: publish and subscribe in depth ----------------------------------------------------------------


def espresso(p: Play) -> Any:
    xsub, xpub = p.socket(zmq.XSUB, bind="in"), p.socket(zmq.XPUB, bind="out")
    tap, ear = p.socket(zmq.PAIR, bind="tap"), p.socket(zmq.PAIR, connect="tap")
    pub, sub = p.socket(zmq.XPUB, connect="in"), subscriber(p, b"A", b"B")
    sub.connect("inproc://out")
    p.go(zmq.proxy, xsub, xpub, tap, name="listener")
    assert {pub.recv(), pub.recv()} == {b"\1A", b"\1B"}
    for n in range(9):
        pub.send(b"%s-%d" % (b"ABC"[n % 3:][:1], n))
    return take(sub, 6), sorted(take(ear, 8))


def last_value_cache(p: Play) -> Any:
    xpub, feed = p.socket(zmq.XPUB, xpub_verbose=1, bind="tcp"), p.socket(zmq.PULL, bind="feed")
    push, cache = p.socket(zmq.PUSH, connect="feed"), {}
    for n in range(6):
        push.send_multipart([b"topic %d" % (n % 2), b"%d" % n])
        topic, value = feed.recv_multipart()
        cache[topic] = value
        xpub.send_multipart([topic, value])
    got = []
    for _ in range(2):
        sub = subscriber(p, b"topic 1")
        sub.connect(xpub.last_endpoint.decode())
        topic = xpub.recv()[1:]
        xpub.send_multipart([topic, cache[topic]])
        got.append(sub.recv_multipart())
    return got


def suicidal_snail(p: Play) -> Any:
    sub = subscriber(p, b"")
    pub = publisher(p, sub)
    for n in range(50):
        pub.send(b"%d" % n)
    return next(int(m) for m in iter(sub.recv, b"") if int(m) == 40)


def clone_updates(p: Play) -> Any:
    subs = [subscriber(p, b"") for _ in range(2)]
    pub = publisher(p, *subs)
    for n in range(20):
        pub.send_multipart([b"key %d" % (n % 4), b"%d" % n, b"value %d" % n])
    copies = [{key: value for key, _, value in (sub.recv_multipart() for _ in range(20))} for sub in subs]
    return copies


def clone_snapshot(p: Play) -> Any:
    sub, snapshot = subscriber(p, b""), p.socket(zmq.ROUTER, bind="tcp")
    pub = publisher(p, sub)
    client = p.socket(zmq.DEALER, connect=snapshot)
    state = {b"a": b"1", b"b": b"2"}
    client.send(b"ICANHAZ?")
    who, _ = snapshot.recv_multipart()
    for key, value in state.items():
        snapshot.send_multipart([who, key, value])
    snapshot.send_multipart([who, b"KTHXBAI", b"2"])
    pub.send_multipart([b"a", b"3"])
    copy = dict(iter(client.recv_multipart, [b"KTHXBAI", b"2"]))
    key, copy[key] = sub.recv_multipart()
    return copy


def clone_from_clients(p: Play) -> Any:
    updates = p.socket(zmq.PULL, bind="tcp")
    subs = [subscriber(p, b"") for _ in range(2)]
    pub = publisher(p, *subs)
    for n in range(10):
        p.socket(zmq.PUSH, connect=updates).send(b"update %d" % n)
        pub.send(updates.recv())
    return [take(sub, 10) for sub in subs]


def clone_subtree(p: Play) -> Any:
    sub = subscriber(p, b"/client/")
    pub = publisher(p, sub)
    for n in range(10):
        pub.send_multipart([b"/client/" if n % 2 else b"/other/", b"%d" % n])
    return take(sub, 5)


# --- chapter 7 and beyond -------------------------------------------------------------------------------------


def file_by_credit(p: Play) -> Any:
    server, chunks = p.socket(zmq.ROUTER, bind="tcp"), [bytes([n]) * 1000 for n in range(20)]
    client = p.socket(zmq.DEALER, connect=server)

    def serve() -> None:
        while True:
            who, number = server.recv_multipart()
            server.send_multipart([who, chunks[int(number)] if int(number) < 20 else b""])

    p.go(serve)
    got, asked = [], 0
    for asked in range(5):
        client.send(b"%d" % asked)
    while chunk := client.recv():
        got.append(chunk)
        asked += 1
        client.send(b"%d" % asked)
    for _ in range(4):
        assert client.recv() == b""
    return got == chunks


def ping_pong(p: Play) -> Any:
    a = p.socket(zmq.PAIR, bind="tcp")
    b = p.socket(zmq.PAIR, connect=a)
    ball = b"0"
    for _ in range(20):
        a.send(ball)
        b.send(b"%d" % (int(b.recv()) + 1))
        ball = a.recv()
    return ball


def chain_of_ten(p: Play) -> Any:
    def link(n: int) -> None:
        into, out = p.socket(zmq.PULL, bind=f"link {n}"), p.socket(zmq.PUSH, connect=f"link {n + 1}")
        while True:
            out.send(into.recv())

    end = p.socket(zmq.PULL, bind="link 10")
    for n in range(10):
        p.go(link, n, name=f"link {n}")
    push = p.socket(zmq.PUSH, connect="link 0")
    for n in range(20):
        push.send(b"%d" % n)
    return take(end, 20)


def with_asyncio(p: Play) -> Any:
    ctx = zmq.asyncio.Context.shadow(p.ctx)

    async def talk() -> list[bytes]:
        rep, req = ctx.socket(zmq.REP), ctx.socket(zmq.REQ)
        with rep, req:
            port = rep.bind_to_random_port("tcp://127.0.0.1")
            req.connect(f"tcp://127.0.0.1:{port}")

            async def server() -> None:
                for _ in range(5):
                    await rep.send(b"re " + await rep.recv())

            task = asyncio.ensure_future(server())
            got = []
            for n in range(5):
                await req.send(b"%d" % n)
                got.append(await req.recv())
            await task
            return got

    loop = asyncio.SelectorEventLoop()
    try:
        return loop.run_until_complete(talk())
    finally:
        loop.close()


def relaxed_requests(p: Play) -> Any:
    rep = p.socket(zmq.ROUTER, bind="tcp")
    req = p.socket(zmq.REQ, req_relaxed=1, req_correlate=1, connect=rep)
    got = []
    for n in range(5):
        req.send(b"%d" % n)
        who, number, _, question = rep.recv_multipart()
        rep.send_multipart([who, number, b"", b"re " + question])
        got.append(req.recv())
    return got


def own_socket_class(p: Play) -> Any:
    class Packed(zmq.Socket):
        def send(self, data: Any, *args: Any, **more: Any) -> Any:
            return super().send(bytes(data)[::-1], *args, **more)

        def recv(self, *args: Any, **more: Any) -> Any:
            return zmq.Socket.recv(self, *args, **more)[::-1]

    a, b = (p.ctx.socket(kind, socket_class=Packed) for kind in (zmq.PUSH, zmq.PULL))
    p.sockets += [a, b]
    b.bind("inproc://packed")
    a.connect("inproc://packed")
    a.send(b"abc")
    wire = zmq.Socket.recv(b)
    a.send(b"abc")
    return wire, b.recv()


def socket_without_a_context_s_help(p: Play) -> Any:
    a, b = zmq.Socket(p.ctx, zmq.PUSH), zmq.Socket(p.ctx, zmq.PULL)
    p.sockets += [a, b]
    b.bind("inproc://direct")
    a.connect("inproc://direct")
    a.send(b"1")
    into = bytearray(2)
    a.send(b"longer than the buffer")
    return b.recv(), b.recv_into(into), bytes(into)


SYSTEMS = [f for name, f in list(globals().items()) if callable(f) and getattr(f, "__module__", "") == __name__
           and not isinstance(f, type) and name not in ("answer", "ask", "publisher", "subscriber", "take", "move")]
