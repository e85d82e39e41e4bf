"""Answers to the exercises of lesson 18, right and wrong. See ../lessons.py for the form."""

_SENDS = """
def greet(ctx, endpoint):
    with ctx.socket(zmq.PUSH) as push:
        push.connect(endpoint)
        push.send{}
"""

CASES = {
    "18.1": {
        "right": {
            "as a message of one frame": _SENDS.format('_multipart([b"hello"])'),
            "closed by hand": """
def greet(ctx, endpoint):
    push = ctx.socket(zmq.PUSH)
    push.connect(endpoint)
    push.send(b"hello")
    push.close()
""",
        },
        # name: (source, words that the verdict must hold); at least five typical mistakes
        "wrong": {
            "text for bytes": (_SENDS.format('("hello")'), "bytes"),
            "two frames": (_SENDS.format('_multipart([b"hello", b""])'), "another message"),
        },
    },
}
