"""Faults as they come up in practice, twice each, and healthy systems that look like them: programs of a few lines.

`KIND` is the diagnosis' word for the fault, "" for a healthy one. A line `--- name` begins a program. Each gets `THERE`
and `OTHER`, two endpoints at which nobody listens, and `zmq`, `sys`, `threading` and `time`; it ends by itself or is
ended after `SECONDS`.
"""

from __future__ import annotations

import re

SECONDS = 5.0
HEAD = "import sys, threading, time, zmq\nTHERE, OTHER = sys.argv[1:3]\nctx = zmq.Context()\n"

SERVER = "--- server\ns = ctx.socket(zmq.REP); s.bind(THERE)\nwhile True: s.send(b're ' + s.recv())\n"
SICK: dict[str, tuple[str, str]] = {
    "another loopback address": ("nobody bound", SERVER + """
--- client
c = ctx.socket(zmq.REQ); c.linger = 0; c.connect(THERE.replace("127.0.0.1", "127.0.0.2")); c.send(b"x"); c.poll(2500)
"""),
    "IPv6 only": ("nobody bound", """
--- server
s = ctx.socket(zmq.ROUTER); s.ipv6 = True; s.bind(THERE.replace("127.0.0.1", "[::1]")); s.poll(3500)
--- client
c = ctx.socket(zmq.DEALER); c.linger = 0; c.connect(THERE.replace("127.0.0.1", "localhost")); c.send(b"x"); c.poll(2500)
"""),
    "asyncio, one port too far": ("nobody bound", SERVER + """
--- client
import asyncio, zmq.asyncio
async def main():
    ctx = zmq.asyncio.Context(); c = ctx.socket(zmq.DEALER); c.linger = 0; c.connect(OTHER)
    await c.send_multipart([b"", b"question"])
    try: await asyncio.wait_for(c.recv_multipart(), 2.5)
    except asyncio.TimeoutError: print("no answer")
    ctx.destroy()
asyncio.run(main())
"""),
    "the results' port is not there": ("nobody bound", """
--- ventilator
s = ctx.socket(zmq.PUSH); s.bind(THERE)
for i in range(30): s.send(b"%d" % i)
time.sleep(4)
--- worker
a = ctx.socket(zmq.PULL); a.connect(THERE); b = ctx.socket(zmq.PUSH); b.linger = 0; b.connect(OTHER)
for i in range(30): b.send(a.recv())
time.sleep(3)
"""),
    "a forwarder's ports exchanged": ("wrong types", """
--- forwarder
x, y = ctx.socket(zmq.XSUB), ctx.socket(zmq.XPUB); x.bind(THERE); y.bind(OTHER); zmq.proxy(x, y)
--- publisher
p = ctx.socket(zmq.PUB); p.connect(OTHER)
for i in range(30): p.send(b"%d" % i); time.sleep(.1)
"""),
    "a REQ at a DEALER": ("wrong types", """
--- broker
a, b = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER); a.bind(THERE); b.bind(OTHER); zmq.proxy(a, b)
--- client
c = ctx.socket(zmq.REQ); c.linger = 0; c.rcvtimeo = 2500; c.connect(OTHER); c.send(b"x")
try: c.recv()
except zmq.Again: pass
"""),
    "a DEALER with a header of its own asks a REP": ("no empty frame", SERVER + """
--- client
import asyncio, zmq.asyncio
async def main():
    with zmq.asyncio.Context() as ctx, ctx.socket(zmq.DEALER) as c:
        c.linger = 0; c.connect(THERE)
        for i in range(3): await c.send_multipart([b"id-%d" % i, b"question"])
        await c.poll(1500)
asyncio.run(main())
"""),
    "a DEALER through a proxy to a REP": ("no empty frame", """
--- broker
a, b = ctx.socket(zmq.ROUTER), ctx.socket(zmq.DEALER); a.bind(THERE); b.bind(OTHER); zmq.proxy(a, b)
--- worker
w = ctx.socket(zmq.REP); w.connect(OTHER)
while True: w.send(w.recv())
--- client
c = ctx.socket(zmq.DEALER); c.linger = 0; c.connect(THERE); time.sleep(.5); c.send(b"question"); c.poll(2000)
"""),
    "a mark of the class's, after connect": ("set too late", """
--- producer
p = ctx.socket(zmq.PUSH); p.sndhwm = 5; p.bind(THERE)
for i in range(50): p.send(b"%d" % i)
p.close(); ctx.term()
--- consumer
class Consumer:
    def __init__(self): self.s = ctx.socket(zmq.PULL); self.s.connect(THERE); self.configure()
    def configure(self): self.s.setsockopt(zmq.RCVHWM, 5)
c = Consumer()
for i in range(50): c.s.recv()
"""),
    "a name after connect": ("set too late", """
--- router
r = ctx.socket(zmq.ROUTER); r.bind(THERE)
while True: r.send_multipart(r.recv_multipart())
--- peer
d = ctx.socket(zmq.DEALER); d.connect(THERE); d.setsockopt_string(zmq.IDENTITY, "peer-1")
for i in range(5): d.send(b"%d" % i); d.recv()
d.close()
"""),
    "two answers to one question": ("wrong state", """
--- server
s = ctx.socket(zmq.REP); s.bind(THERE); s.recv()
s.send(b"working on it"); s.send(b"done")
--- client
c = ctx.socket(zmq.REQ); c.connect(THERE); c.send(b"x"); c.recv(); c.close()
"""),
    "asyncio, two tasks and one REQ": ("wrong state", SERVER + """
--- client
import asyncio, zmq.asyncio
async def ask(c, i):
    await c.send(b"%d" % i)
    return await c.recv()
async def main():
    ctx = zmq.asyncio.Context(); c = ctx.socket(zmq.REQ); c.linger = 0; c.connect(THERE)
    print(await asyncio.gather(*(ask(c, i) for i in range(3)), return_exceptions=True))
    ctx.destroy()
asyncio.run(main())
"""),
    "the last log lines hold the program": ("context hangs", """
--- service
log = ctx.socket(zmq.PUSH); log.connect(THERE)
for i in range(10): log.send_string(f"line {i}")
log.close()
ctx.term()
print("never said")
"""),
    "a thread that leaves its socket open": ("context hangs", """
--- service
def listen():
    s = ctx.socket(zmq.PULL); s.bind(THERE)
    try:
        while True: s.recv()
    except zmq.ContextTerminated:
        keep.append(s)
keep = []
t = threading.Thread(target=listen, name="listener", daemon=True); t.start(); time.sleep(.5)
ctx.term()
"""),
    "PLAIN with a wrong password": ("handshake failed", """
--- server
from zmq.auth.thread import ThreadAuthenticator
auth = ThreadAuthenticator(ctx); auth.start(); auth.configure_plain(passwords={"ann": "right"})
s = ctx.socket(zmq.PULL); s.plain_server = True; s.bind(THERE); s.poll(3500); auth.stop()
--- client
c = ctx.socket(zmq.PUSH); c.linger = 0; c.plain_username, c.plain_password = b"ann", b"wrong"; c.connect(THERE)
time.sleep(2.5)
"""),
    "a client that knows nothing of CURVE": ("handshake failed", """
--- server
s = ctx.socket(zmq.XPUB); s.curve_secretkey = zmq.curve_keypair()[1]; s.curve_server = True; s.bind(THERE)
time.sleep(3.5)
--- client
c = ctx.socket(zmq.SUB); c.connect(THERE); c.subscribe(b""); c.poll(2500)
"""),
    "a subscriber that writes to a disk": ("slow reader", """
--- feed
p = ctx.socket(zmq.XPUB); p.sndhwm = 10; p.bind(THERE); p.recv()
for i in range(4000): p.send(b"%06d" % i + b"." * 20_000); time.sleep(.0002)
time.sleep(1)
--- store
s = ctx.socket(zmq.SUB); s.rcvhwm = 10; s.connect(THERE); s.subscribe(b"")
while s.poll(1000): s.recv(); time.sleep(.005)
"""),
    "a ROUTER that pushes faster than a DEALER reads": ("slow reader", """
--- broker
r = ctx.socket(zmq.ROUTER); r.sndhwm = 20; r.bind(THERE); who, _ = r.recv_multipart()
for i in range(4000): r.send_multipart([who, b"%06d" % i + b"." * 20_000]); time.sleep(.0002)
time.sleep(1)
--- worker
d = ctx.socket(zmq.DEALER); d.rcvhwm = 20; d.connect(THERE); d.send(b"ready")
while d.poll(1000): d.recv(); time.sleep(.005)
"""),
    "NOBLOCK in a loop": ("poller spins", """
--- agent
s = ctx.socket(zmq.PULL); s.bind(THERE); end = time.monotonic() + 3.5
while time.monotonic() < end:
    try: print(s.recv(zmq.NOBLOCK))
    except zmq.Again: pass
s.close()
"""),
    "two sockets, a poll of nothing": ("poller spins", """
--- agent
a, b = ctx.socket(zmq.PULL), ctx.socket(zmq.SUB); a.bind(THERE); b.bind(OTHER); b.subscribe(b"")
p = zmq.Poller(); p.register(a); p.register(b); end = time.monotonic() + 3.5
while time.monotonic() < end:
    for s, _ in p.poll(0): s.recv()
"""),
    "a pool of threads and one PUSH": ("several threads", """
--- sink
s = ctx.socket(zmq.PULL); s.bind(THERE)
for i in range(40): s.recv()
--- crawler
from concurrent.futures import ThreadPoolExecutor
s = ctx.socket(zmq.PUSH); s.connect(THERE); lock = threading.Lock(); gate = threading.Barrier(4)
def fetch(i):
    gate.wait(); time.sleep(.01 * (i % 4))
    with lock: s.send(b"page %d" % i)
with ThreadPoolExecutor(4) as pool: list(pool.map(fetch, range(40)))
time.sleep(.3); s.close(); ctx.term()
"""),
    "one thread sends, another receives": ("several threads", """
--- server
s = ctx.socket(zmq.ROUTER); s.bind(THERE)
for i in range(20): s.send_multipart(s.recv_multipart())
time.sleep(1)
--- client
s = ctx.socket(zmq.DEALER); s.connect(THERE)
def hear():
    for i in range(20):
        while not s.poll(50): pass
        s.recv()
t = threading.Thread(target=hear, name="hearer"); t.start()
for i in range(20): s.send(b"%d" % i); time.sleep(.05)
t.join(); s.close()
"""),
    "multiprocessing, and a global socket": ("used after a fork", """
--- sink
s = ctx.socket(zmq.PULL); s.bind(THERE); s.poll(3000)
--- app
import multiprocessing
s = ctx.socket(zmq.PUSH); s.connect(THERE); s.send(b"parent")
def work(): s.send(b"child")
p = multiprocessing.get_context("fork").Process(target=work); p.start(); p.join(2); p.kill()
time.sleep(.5); s.close(0)
"""),
    "a daemon that forks after its bind": ("used after a fork", """
--- daemon
import os, signal
s = ctx.socket(zmq.REP); s.bind(THERE); s.rcvtimeo = 1000
if os.fork():
    time.sleep(2); os._exit(0)
signal.alarm(5)     # libzmq spins in there
try: s.recv()
except zmq.ZMQError: pass
os._exit(0)
"""),
}

HEALTHY: dict[str, str] = {
    "localhost is 127.0.0.1": SERVER + """
--- client
c = ctx.socket(zmq.REQ); c.connect(THERE.replace("127.0.0.1", "localhost"))
for i in range(20): c.send(b"x"); c.recv()
time.sleep(1.5); c.close()
""",
    "an interface by its name": SERVER.replace("s.bind(THERE)", "s.bind(THERE.replace('127.0.0.1', 'lo'))") + """
--- client
c = ctx.socket(zmq.REQ); c.connect(THERE)
for i in range(20): c.send(b"x"); c.recv()
time.sleep(1.5); c.close()
""",
    "the server comes later": """
--- client
c = ctx.socket(zmq.REQ); c.connect(THERE); c.send(b"x"); c.recv(); c.close()
--- server
time.sleep(1.8); s = ctx.socket(zmq.REP); s.bind(THERE); s.send(s.recv()); time.sleep(.5)
""",
    "a lazy pirate": """
--- client
for n in range(4):
    c = ctx.socket(zmq.REQ); c.connect(THERE); c.send(b"question"); heard = c.poll(700)
    if heard: print(c.recv())
    c.close(0)
    if heard: break
--- server
time.sleep(1.2); s = ctx.socket(zmq.REP); s.bind(THERE)
while s.poll(2500): s.send(s.recv())
""",
    "relaxed and correlated": """
--- server
s = ctx.socket(zmq.ROUTER); s.bind(THERE); s.recv_multipart(); s.send_multipart(s.recv_multipart()); time.sleep(1)
--- client
c = ctx.socket(zmq.REQ); c.req_relaxed = c.req_correlate = 1; c.connect(THERE)
c.send(b"one"); c.poll(300); c.send(b"two"); c.recv(); c.close()
""",
    "a forwarder": """
--- forwarder
x, y = ctx.socket(zmq.XSUB), ctx.socket(zmq.XPUB); x.bind(THERE); y.bind(OTHER); zmq.proxy(x, y)
--- publisher
p = ctx.socket(zmq.PUB); p.connect(THERE)
for i in range(300): p.send(b"tick %d" % i); time.sleep(.01)
--- subscriber
s = ctx.socket(zmq.SUB); s.connect(OTHER); s.subscribe(b"tick")
for i in range(30): s.recv()
""",
    "DEALERs ask a REP as a REQ would": SERVER + """
--- client
import asyncio, zmq.asyncio
async def main():
    with zmq.asyncio.Context() as ctx, ctx.socket(zmq.DEALER) as c:
        c.connect(THERE)
        for i in range(30): await c.send_multipart([b"", b"%d" % i])
        for i in range(30): await c.recv_multipart()
asyncio.run(main())
""",
    "a socket made here and handed to a thread": """
--- app
a, b = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR); a.bind("inproc://x"); b.connect("inproc://x")
def work(s):
    for i in range(20): s.send(s.recv())
    s.close()
t = threading.Thread(target=work, args=(b,), name="worker"); t.start()
for i in range(20): a.send(b"%d" % i); a.recv(); time.sleep(.05)
t.join(); a.close(); ctx.term()
""",
    "a poller with a heartbeat": """
--- agent
s = ctx.socket(zmq.PULL); s.bind(THERE); p = zmq.Poller(); p.register(s); end = time.monotonic() + 3
while time.monotonic() < end:
    if p.poll(10): s.recv()
s.close()
""",
    "a server that drains its socket at each turn": """
--- server
s = ctx.socket(zmq.PULL); s.bind(THERE); n = 0
while n < 6000:
    s.poll()
    while s.poll(0): s.recv(); n += 1
s.close()
--- client
c = ctx.socket(zmq.PUSH); c.connect(THERE)
for i in range(6000):
    c.send(b"%d" % i)
    if i % 10 == 0: time.sleep(.005)
c.close(); ctx.term()
""",
    "children that make their own": """
--- app
import multiprocessing
s = ctx.socket(zmq.PULL); s.bind(THERE)
def work(n):
    with zmq.Context() as own, own.socket(zmq.PUSH) as push: push.connect(THERE); push.send(b"%d" % n)
ps = [multiprocessing.get_context("fork").Process(target=work, args=(n,)) for n in range(3)]
[p.start() for p in ps]; [s.recv() for _ in ps]; [p.join() for p in ps]; s.close(); ctx.term()
""",
    "only the newest": """
--- feed
p = ctx.socket(zmq.XPUB); p.bind(THERE); p.recv()
for i in range(1000): p.send(b"%d" % i); time.sleep(.001)
time.sleep(.5)
--- display
s = ctx.socket(zmq.SUB); s.conflate = 1; s.connect(THERE); s.subscribe(b"")
while s.poll(800): s.recv(); time.sleep(.1)
""",
    "PLAIN, and the password is right": """
--- server
from zmq.auth.thread import ThreadAuthenticator
auth = ThreadAuthenticator(ctx); auth.start(); auth.configure_plain(passwords={"ann": "right"})
s = ctx.socket(zmq.PULL); s.plain_server = True; s.bind(THERE); s.recv(); auth.stop(); s.close()
--- client
c = ctx.socket(zmq.PUSH); c.plain_username, c.plain_password = b"ann", b"right"; c.connect(THERE); c.send(b"x")
c.close(); ctx.term()
""",
    "a pool of sockets in use": """
--- server
s = ctx.socket(zmq.ROUTER); s.bind(THERE)
while True: s.send_multipart(s.recv_multipart())
--- client
pool = [ctx.socket(zmq.REQ) for _ in range(60)]
[c.connect(THERE) for c in pool]
for n in range(3):
    [c.send(b"x") for c in pool]; [c.recv() for c in pool]
[c.close() for c in pool]; ctx.term()
""",
    "one waits at the gate until all are there": """
--- publisher
p, gate = ctx.socket(zmq.PUB), ctx.socket(zmq.REP); p.bind(THERE); gate.bind(OTHER)
gate.recv(); gate.send(b"")
for i in range(100): p.send(b"%d" % i)
time.sleep(1)
--- subscriber
s, gate = ctx.socket(zmq.SUB), ctx.socket(zmq.REQ); s.connect(THERE); s.subscribe(b""); gate.connect(OTHER)
time.sleep(.5); gate.send(b""); gate.recv()
for i in range(100): s.recv()
""",
    "a worker that takes its time": """
--- ventilator
s = ctx.socket(zmq.PUSH); s.bind(THERE)
for i in range(6): s.send(b"%d" % i)
time.sleep(4)
--- worker
w = ctx.socket(zmq.PULL); w.connect(THERE)
for i in range(6): w.recv(); time.sleep(.5)
""",
}


def programs(code: str) -> dict[str, str]:
    """The text of each program, by its name."""
    _, *parts = re.split(r"^--- (\w+)\n", code, flags=re.MULTILINE)
    return {name: HEAD + text for name, text in zip(parts[::2], parts[1::2], strict=True)}
