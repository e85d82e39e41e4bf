"""What people have reported in public, as programs of a few lines (our own, after the reports' symptoms).

Each: the report, what it is about, the program, and the diagnosis' word for it ("" where it has none). `THERE` is an
endpoint; a program ends by itself or is ended after `SECONDS`, of a quiet machine: what is to go on until then sleeps
for long.
"""

from __future__ import annotations

from typing import NamedTuple

SECONDS = 4.0


class Report(NamedTuple):
    where: str
    about: str
    kind: str
    code: str


def _in_threads(code: str) -> str:
    return "import sys, threading, time, zmq\nTHERE = sys.argv[1]\nctx = zmq.Context()\n" + code


REPORTS = [
    Report("pyzmq 2036", "the first messages are lost", "published too early", _in_threads("""
sub = ctx.socket(zmq.SUB); sub.connect(THERE); sub.subscribe(b""); sub.rcvtimeo = 2000
pub = ctx.socket(zmq.PUB); pub.bind(THERE)
for i in range(400): pub.send(b"%d" % i); time.sleep(0.001)
print("first that came:", sub.recv())
""")),
    Report("libzmq 3214", "a PUB that lives a moment only", "published too early", _in_threads("""
sub = ctx.socket(zmq.SUB); sub.bind(THERE); sub.subscribe(b"")
pub = ctx.socket(zmq.PUB); pub.connect(THERE); pub.send(b"one and only"); pub.close()
sub.poll(1500)
def wait(): sub.recv()
threading.Thread(target=wait, daemon=True, name="reader").start(); time.sleep(600)
""")),
    Report("vnpy 3792", "a REQ is used again after a timeout", "wrong state", _in_threads("""
rep = ctx.socket(zmq.REP); rep.bind(THERE)
req = ctx.socket(zmq.REQ); req.connect(THERE); req.send(b"slow")
if not req.poll(200): req.send(b"quick")
""")),
    Report("pyzmq 1100", "a high-water mark without effect", "set too late", _in_threads("""
pub = ctx.socket(zmq.PUB); pub.set_hwm(1); pub.bind(THERE)
sub = ctx.socket(zmq.SUB); sub.connect(THERE); sub.set_hwm(1); sub.subscribe(b""); time.sleep(.3)
for i in range(50): pub.send(b"%d" % i)
sub.recv()
""")),
    Report("SO 12504559", "the first worker takes all", "", _in_threads("""
push = ctx.socket(zmq.PUSH); push.bind(THERE)
a = ctx.socket(zmq.PULL); a.connect(THERE)
for i in range(100): push.send(b"%d" % i)
b = ctx.socket(zmq.PULL); b.connect(THERE)
for i in range(100): a.recv()
""")),
    Report("pyzmq 1899", "a restarted DEALER of the same name hears nothing", "one name twice", _in_threads("""
router = ctx.socket(zmq.ROUTER); router.bind(THERE)
for n in range(2):      # the first is never closed: for the ROUTER it is there
    d = ctx.socket(zmq.DEALER); d.routing_id = b"ann"; d.connect(THERE); d.send(b"%d" % n); time.sleep(.3)
    globals()["d%d" % n] = d
while router.poll(300): router.recv_multipart()
router.send_multipart([b"ann", b"answer"]); d.poll(500)
""")),
    Report("pyzmq 52", "memory grows: nobody reads as fast", "queue fills", _in_threads("""
push = ctx.socket(zmq.PUSH); push.sndhwm = 0; push.bind(THERE)
pull = ctx.socket(zmq.PULL); pull.rcvhwm = 0; pull.connect(THERE)
for i in range(20000): push.send(b"%d" % i)
for i in range(10): pull.recv(); time.sleep(.1)
time.sleep(600)
""")),
    Report("pyzmq 1251", "a DEALER asks a REP", "no empty frame", _in_threads("""
rep = ctx.socket(zmq.REP); rep.bind(THERE)
d = ctx.socket(zmq.DEALER); d.connect(THERE); d.send(b"question")
rep.poll(1000)
""")),
    Report("pyzmq 1203", "FD is edge-triggered: the second message is not seen", "", _in_threads("""
import select
push = ctx.socket(zmq.PUSH); push.bind(THERE)
pull = ctx.socket(zmq.PULL); pull.connect(THERE)
push.send(b"1"); push.send(b"2"); time.sleep(.3)
select.select([pull.fd], [], [], 1); pull.events; pull.recv()
print(select.select([pull.fd], [], [], 1)[0])
""")),
    Report("pyzmq 1566", "copy=False: the buffer was changed before it went out", "changed after send", _in_threads("""
push = ctx.socket(zmq.PUSH); push.bind("inproc://frames")       # there it is sure to be changed in time
pull = ctx.socket(zmq.PULL); pull.connect("inproc://frames")
data = bytearray(b"x" * 100_000); push.send(data, copy=False); data[:] = b"y" * len(data)
pull.recv()
""")),
    Report("libzmq 4503", "two DEALERs of one name", "one name twice", _in_threads("""
router = ctx.socket(zmq.ROUTER); router.bind(THERE); ds = []
for n in range(2):
    d = ctx.socket(zmq.DEALER); d.routing_id = b"ann"; d.connect(THERE); d.send(b"%d" % n); ds.append(d); time.sleep(.3)
while router.poll(300): router.recv_multipart()
""")),
    Report("pyzmq 1757", "an exception, and the program does not end", "context hangs", """
import sys, zmq
with zmq.Context() as ctx:
    s = ctx.socket(zmq.REQ); s.connect(sys.argv[1]); s.send(b"anybody?")
    raise ValueError("my bug")
"""),
    Report("pyzmq 983", "a socket from before the fork", "used after a fork", """
import os, sys, zmq
ctx = zmq.Context(); s = ctx.socket(zmq.PUSH); s.connect(sys.argv[1]); s.send(b"parent")
if (pid := os.fork()) == 0:
    s.send(b"child"); os._exit(0)
os.waitpid(pid, 0); s.close(0); ctx.term()
"""),
    Report("pyzmq 1591", "too many open files", "never closed", _in_threads("""
rep = ctx.socket(zmq.REP); rep.bind("inproc://s"); keep = []
def server():
    while True: rep.send(rep.recv())
threading.Thread(target=server, daemon=True, name="server").start()
for n in range(150):
    s = ctx.socket(zmq.REQ); keep.append(s); s.connect("inproc://s"); s.send(b"q"); s.recv()
""")),
    Report("pyzmq 1738", "one socket, several threads", "several threads", _in_threads("""
pub = ctx.socket(zmq.PUB); pub.bind(THERE); lock = threading.Lock(); gate = threading.Barrier(3)
def talk():
    for i in range(30):
        gate.wait()
        with lock: pub.send(b"%d" % i)
ts = [threading.Thread(target=talk, name=n) for n in "XYZ"]
[t.start() for t in ts]; [t.join() for t in ts]; time.sleep(.5)
""")),
    Report("pyzmq 1706", "CURVE with a wrong key: silence", "handshake failed", _in_threads("""
_, secret = zmq.curve_keypair(); wrong, _ = zmq.curve_keypair(); public, own = zmq.curve_keypair()
rep = ctx.socket(zmq.REP); rep.curve_secretkey = secret; rep.curve_server = True; rep.bind(THERE)
req = ctx.socket(zmq.REQ); req.curve_serverkey, req.curve_publickey, req.curve_secretkey = wrong, public, own
req.connect(THERE); req.send(b"hello"); req.poll(2000)
""")),
    Report("libzmq 1199", "a SUB that hears nothing", "never subscribed", _in_threads("""
sub = ctx.socket(zmq.SUB); sub.connect(THERE)
pub = ctx.socket(zmq.PUB); pub.bind(THERE)
for i in range(100): pub.send(b"%d" % i); time.sleep(.01)
""")),
    Report("a PUB and a PULL", "types that cannot meet", "wrong types", _in_threads("""
pull = ctx.socket(zmq.PULL); pull.bind(THERE)
pub = ctx.socket(zmq.PUB); pub.connect(THERE); time.sleep(.3)
for i in range(5): pub.send(b"%d" % i)
pull.poll(800)
""")),
    Report("pyzmq 770", "POLLOUT: the loop spins", "poller spins", _in_threads("""
a = ctx.socket(zmq.DEALER); a.bind(THERE); b = ctx.socket(zmq.DEALER); b.connect(THERE)
p = zmq.Poller(); p.register(b, zmq.POLLIN | zmq.POLLOUT); end = time.monotonic() + 3
while time.monotonic() < end: p.poll()
""")),
    # Ten that were looked up for this table.
    Report("pyzmq 102", "term hangs: a request for nobody", "context hangs", _in_threads("""
s = ctx.socket(zmq.REQ); s.connect(THERE); s.send(b"lol"); s.close(); ctx.term()
""")),
    Report("libzmq 2312", "term hangs: a socket is open", "context hangs", _in_threads("""
s = ctx.socket(zmq.REP); s.linger = 0; s.bind(THERE); ctx.term()
""")),
    Report("libzmq 1728", "a ROUTER answers without the routing id", "unknown routing id", _in_threads("""
router = ctx.socket(zmq.ROUTER); router.bind(THERE)
dealer = ctx.socket(zmq.DEALER); dealer.connect(THERE); dealer.send(b"question")
router.recv_multipart(); router.send(b"answer"); dealer.poll(1000)
""")),
    Report("curio 205", "a SUB without a subscription", "never subscribed", _in_threads("""
pub = ctx.socket(zmq.PUB); pub.bind(THERE)
sub = ctx.socket(zmq.SUB); sub.connect(THERE); time.sleep(.3)
for i in range(100): pub.send(b"Message %d" % i)
sub.poll(500)
""")),
    Report("pyzmq 1282", "inproc in two contexts", "nobody bound", _in_threads("""
pub = ctx.socket(zmq.PUB); pub.bind("inproc://test"); other = zmq.Context()
sub = other.socket(zmq.SUB); sub.connect("inproc://test"); sub.subscribe(b"")
for i in range(20): pub.send(b"test"); time.sleep(.1)
""")),
    Report("libzmq 3282", "a REP that speaks first", "wrong state", _in_threads("""
rep = ctx.socket(zmq.REP); rep.connect(THERE); rep.send(b"Hello")
""")),
    Report("concore 576", "a question after one that was not answered", "wrong state", _in_threads("""
rep = ctx.socket(zmq.REP); rep.bind(THERE); req = ctx.socket(zmq.REQ); req.connect(THERE); req.rcvtimeo = 200
req.send(b"one"); rep.recv()
try: req.recv()
except zmq.Again: req.send(b"two")
""")),
    Report("ffi-rzmq 111", "a DEALER that crashed, and its ROUTER goes on", "unknown routing id", _in_threads("""
router = ctx.socket(zmq.ROUTER); router.bind(THERE)
dealer = ctx.socket(zmq.DEALER); dealer.routing_id = b"CL"; dealer.connect(THERE); dealer.send(b"here")
router.recv_multipart(); dealer.close(); time.sleep(.3)
for i in range(3): router.send_multipart([b"CL", b"workload"])
""")),
    Report("libzmq 4069", "a subscription to A gets AB", "", _in_threads("""
pub = ctx.socket(zmq.XPUB); pub.bind(THERE); sub = ctx.socket(zmq.SUB); sub.connect(THERE); sub.subscribe(b"A")
pub.recv(); pub.send(b"AB"); sub.recv()
""")),
    Report("cppzmq 587", "PUB and SUB: nothing, PUSH and PULL: all", "never subscribed", _in_threads("""
pub = ctx.socket(zmq.PUB); pub.bind(THERE)
def hear(): sub = ctx.socket(zmq.SUB); sub.connect(THERE); print(sub.recv())
threading.Thread(target=hear, daemon=True, name="subscriber").start(); time.sleep(.5)
for i in range(20): pub.send(b"Hello"); time.sleep(.1)
""")),
]
