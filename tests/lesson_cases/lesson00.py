"""Answers to the exercises of lesson 00, right and wrong. See ../lessons.py for the form."""

CASES = {
    "00.1": {
        "right": {
            "closes by itself, no with": """
def greet(ctx, endpoint):
    push = ctx.socket(zmq.PUSH)
    push.connect(endpoint)
    push.send_string("Good morning!")
    push.close()
""",
            "several frames in one message": """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        push.send_multipart([b"Good", b"morning"])
    return "done"
""",
            "waits a little before closing, and prints": """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push, push.connect(endpoint):
        print("sending to", endpoint)
        push.send(b"hello", copy=False)
        time.sleep(0.05)
""",
        },
        "wrong": {
            "text instead of bytes": (
                """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        push.send("Hello!")
""",
                "text.encode()",
            ),
            "a PULL socket": (
                """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PULL) as pull:
        pull.connect(endpoint)
        pull.send(b"Hello!")
""",
                "PULL or SUB only receives",
            ),
            "a DEALER, which a PULL does not talk to": (
                """
def greet(ctx, endpoint):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        dealer.send(b"Hello!")
""",
                "nothing arrived",
            ),
            "not connected, so send waits for ever": (
                """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.send(b"Hello!")
""",
                "did not come back",
            ),
            "bind where connect is meant": (
                """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.bind(endpoint)
        push.send(b"Hello!")
""",
                "already in use",
            ),
            "nothing sent": (
                """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
""",
                "nothing arrived",
            ),
            "an empty message": (
                """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        push.send(b"")
""",
                "it is empty",
            ),
            "two messages": (
                """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        push.send(b"Hello")
        push.send(b"world")
""",
                "one message too many",
            ),
            "returned instead of sent": (
                """
def greet(ctx, endpoint):
    return b"Hello!"
""",
                "nothing arrived",
            ),
            "socket left open": (
                """
kept = []

def greet(ctx, endpoint):
    push = ctx.socket(zmq.PUSH)
    push.connect(endpoint)
    push.send(b"Hello!")
    kept.append(push)
""",
                "left a PUSH socket open",
            ),
            "the context ended": (
                """
def greet(ctx, endpoint):
    with ctx, ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        push.send(b"Hello!")
""",
                "terminated the context",
            ),
            "linger 0 before the message is out, to another address": (
                """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.linger = 0
        push.connect("tcp://127.0.0.1:9")
        push.send(b"Hello!")
""",
                "nothing arrived",
            ),
            "closed before the message is out": (
                """
def greet(ctx, endpoint):
    push = ctx.socket(zmq.PUSH)
    push.connect(endpoint)
    push.send(b"Hello!")
    push.close(linger=0)
""",
                "nothing arrived",
            ),
            "a context of its own": (
                """
def greet(ctx, endpoint):
    with zmq.Context() as own, own.socket(zmq.PUSH) as push:
        push.linger = 200
        push.connect(endpoint)
        push.send(b"Hello!")
""",
                "nothing arrived",
            ),
            "works only once": (
                """
greeted = []

def greet(ctx, endpoint):
    if greeted:
        return
    greeted.append(endpoint)
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        push.send(b"Hello!")
""",
                "nothing arrived",
            ),
            "several empty frames": (
                """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        push.send_multipart([b"", b""])
""",
                "it is empty",
            ),
            "the function's result instead of the function": (
                """
greet = None
""",
                "not a function",
            ),
        },
    },
}
