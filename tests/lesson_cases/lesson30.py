"""Answers to the exercises of lesson 30, right and wrong. See ../lessons.py for the form."""

from lessons import but

# What the lesson has imported and defined by then.
SETUP = '''
import hmac
import json
import uuid
from datetime import datetime, timezone

def sign(info, parts):
    return hmac.new(info["key"].encode(), b"".join(parts), "sha256").hexdigest().encode()

def message(info, kind, content):
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "by hand", "username": "me",
              "date": datetime.now(timezone.utc).isoformat(), "version": "5.3"}
    parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
    return [b"<IDS|MSG>", sign(info, parts), *parts]

def read(frames):
    at = frames.index(b"<IDS|MSG>") + 2
    header, parent, metadata, content = map(json.loads, frames[at : at + 4])
    return header, parent, content

def connect(ctx, kind, info, name):
    socket = ctx.socket(kind)
    socket.linger = 0
    socket.connect(f"tcp://{info['ip']}:{info[name + '_port']}")
    return socket
'''

_EXECUTE = '''
def execute(ctx, info, code):
    with connect(ctx, zmq.SUB, info, "iopub") as iopub, connect(ctx, zmq.DEALER, info, "shell") as shell:
        iopub.subscribe("")
        while not iopub.poll(100):
            shell.send_multipart(message(info, "kernel_info_request", {}))
        request = message(info, "execute_request", {"code": code, "silent": False, "allow_stdin": False})
        mine = json.loads(request[2])["msg_id"]
        shell.send_multipart(request)
        stdout, result, error = "", None, None
        while True:
            header, parent, content = read(iopub.recv_multipart())
            kind = header["msg_type"]
            if parent.get("msg_id") != mine:
                continue
            if kind == "stream" and content["name"] == "stdout":
                stdout += content["text"]
            elif kind == "execute_result":
                result = content["data"]["text/plain"]
            elif kind == "error":
                error = content["ename"]
            elif kind == "status" and content["execution_state"] == "idle":
                return stdout, result, error
'''

_HEARS = '''        while not iopub.poll(100):
            shell.send_multipart(message(info, "kernel_info_request", {}))
'''

_LISTEN = '''
def listen(messages):
    began = {}
    for frames in messages:
        header, parent, content = read(frames)
        took = None
        if header["msg_type"] == "status":
            cell, state = parent.get("msg_id"), content["execution_state"]
            now = datetime.fromisoformat(header["date"].replace("Z", "+00:00"))
            if state == "starting":
                began.clear()
            elif state == "busy" and parent["msg_type"] == "execute_request":
                began[cell] = now
            elif state == "idle" and cell in began:
                took = (now - began.pop(cell)).total_seconds()
        yield ("busy" if began else "idle"), took
'''

_STATE = '''
def state(ctx, info, patience):
    with (connect(ctx, zmq.REQ, info, "hb") as hb,
          connect(ctx, zmq.DEALER, info, "control") as control,
          connect(ctx, zmq.DEALER, info, "shell") as shell):
        hb.send(b"beat")
        for socket in control, shell:
            socket.send_multipart(message(info, "kernel_info_request", {}))
        if shell.poll(patience * 1000):
            return "idle"
        if control.poll(0):
            return "busy"
        return "stuck" if hb.poll(0) else "gone"
'''

CASES = {
    "30.1": {
        "right": {
            "with a topic of its own, of which it is told that it is heard": but(
                _EXECUTE,
                (
                    _HEARS,
                    '''        topic = uuid.uuid4().hex
        iopub.subscribe(topic)
        while read(iopub.recv_multipart())[2].get("subscription") != topic:
            pass
''',
                ),
            ),
            "a poller over both sockets, whose end is an idle and a reply": '''
def execute(ctx, info, code):
    iopub, shell = connect(ctx, zmq.SUB, info, "iopub"), connect(ctx, zmq.DEALER, info, "shell")
    try:
        iopub.setsockopt(zmq.SUBSCRIBE, b"")
        shell.send_multipart(message(info, "kernel_info_request", {}))
        while not iopub.poll(50):
            shell.send_multipart(message(info, "kernel_info_request", {}))
        request = message(info, "execute_request", dict(code=code, silent=False, store_history=False))
        mine, over = json.loads(request[2])["msg_id"], set()
        shell.send_multipart(request)
        poller = zmq.Poller()
        poller.register(iopub, zmq.POLLIN)
        poller.register(shell, zmq.POLLIN)
        out, result, error = [], None, None
        while over != {"idle", "reply"}:
            for socket, _ in poller.poll():
                header, parent, content = read(socket.recv_multipart())
                if parent.get("msg_id") == mine:
                    match header["msg_type"], content:
                        case "execute_reply", _: over.add("reply")
                        case "status", {"execution_state": "idle"}: over.add("idle")
                        case "stream", {"name": "stdout", "text": text}: out.append(text)
                        case "execute_result", {"data": {"text/plain": text}}: result = text
                        case "error", {"ename": name}: error = name
        return ["".join(out), result, error]
    finally:
        iopub.close()
        shell.close()
''',
        },
        "wrong": {
            "connected, and sent at once": (
                but(_EXECUTE, (_HEARS, "")),
                "the cell was sent before anything that it prints could be heard",
            ),
            "waits a moment for iopub": (
                but(_EXECUTE, (_HEARS, "        time.sleep(0.1)\n")),
                "the cell was sent before anything that it prints could be heard",
            ),
            "an answer on shell for a sign that iopub hears": (
                but(
                    _EXECUTE,
                    (
                        _HEARS,
                        '''        shell.send_multipart(message(info, "kernel_info_request", {}))
        shell.recv_multipart()
''',
                    ),
                ),
                "the cell was sent before anything that it prints could be heard",
            ),
            "waits for a greeting that a second listener does not get": (
                but(_EXECUTE, (_HEARS, '''        while "subscription" not in read(iopub.recv_multipart())[2]:
            pass
''')),
                "it hears what is said on iopub, and sends no cell",
            ),
            "the first idle": (
                but(
                    _EXECUTE,
                    (
                        '''            if parent.get("msg_id") != mine:
                continue
''',
                        '''            if parent.get("msg_id") != mine and kind != "status":
                continue
''',
                    ),
                    (
                        "        request = ",
                        "        while iopub.poll(100):\n            iopub.recv_multipart()\n        request = ",
                    ),
                ),
                "it took another's `idle` for its own",
            ),
            "all that comes is its own": (
                but(
                    _EXECUTE,
                    (
                        '''            if parent.get("msg_id") != mine:
                continue
''',
                        '''            if kind == "status" and parent.get("msg_id") != mine:
                continue
''',
                    ),
                ),
                "what somebody else's cell has printed is in it",
            ),
            "the reply on shell is the end": (
                '''
def execute(ctx, info, code):
    with connect(ctx, zmq.SUB, info, "iopub") as iopub, connect(ctx, zmq.DEALER, info, "shell") as shell:
        iopub.subscribe("")
        while not iopub.poll(100):
            shell.send_multipart(message(info, "kernel_info_request", {}))
        request = message(info, "execute_request", {"code": code, "silent": False, "allow_stdin": False})
        mine = json.loads(request[2])["msg_id"]
        shell.send_multipart(request)
        while read(shell.recv_multipart())[1].get("msg_id") != mine:
            pass
        stdout, result, error = "", None, None
        while iopub.poll(10):
            header, parent, content = read(iopub.recv_multipart())
            kind = header["msg_type"]
            if parent.get("msg_id") == mine:
                if kind == "stream" and content["name"] == "stdout":
                    stdout += content["text"]
                elif kind == "execute_result":
                    result = content["data"]["text/plain"]
                elif kind == "error":
                    error = content["ename"]
        return stdout, result, error
''',
                "it came back with the reply, and what the cell printed was still on its way",
            ),
            "the last piece only": (
                but(_EXECUTE, ('stdout += content["text"]', 'stdout = content["text"]')),
                "a part of what the cell printed is missing",
            ),
            "stderr as well": (
                but(_EXECUTE, (' and content["name"] == "stdout"', "")),
                "what the cell wrote to stderr is in it",
            ),
            "a picture for a value": (
                but(_EXECUTE, ('kind == "execute_result"', 'kind in ("execute_result", "display_data")')),
                "the cell's value is not right",
            ),
            "no error is told": (
                but(_EXECUTE, ('error = content["ename"]', "pass")),
                "the error's name is not right",
            ),
            "signs the header only": (
                but(
                    _EXECUTE,
                    ("        mine = json", "        request[1] = sign(info, request[2:3])\n        mine = json"),
                ),
                "the signature is not that of the four parts",
            ),
            "one id for all cells": (
                but(
                    _EXECUTE,
                    (
                        '''        mine = json.loads(request[2])["msg_id"]
''',
                        '''        header, mine = json.loads(request[2]), "my cell"
        request[2] = json.dumps(header | {"msg_id": mine}).encode()
        request[1] = sign(info, request[2:])
''',
                    ),
                ),
                "a message's id was used twice",
            ),
        },
    },
    "30.2": {
        "right": {
            "a list of what is under way": '''
def listen(messages):
    under_way = []
    for frames in messages:
        header, parent, content = read(frames)
        state, took = content.get("execution_state"), None
        if header["msg_type"] == "status" and state == "starting":
            under_way = []
        if header["msg_type"] == "status" and parent.get("msg_type") == "execute_request":
            at = datetime.strptime(header["date"], "%Y-%m-%dT%H:%M:%S.%fZ")
            if state == "busy":
                under_way.append((parent["msg_id"], at))
            for name, since in [each for each in under_way if state == "idle" and each[0] == parent["msg_id"]]:
                under_way.remove((name, since))
                took = (at - since).total_seconds()
        yield ["busy", took] if under_way else ["idle", took]
''',
            "times of two messages by their numbers": but(
                _LISTEN,
                ('datetime.fromisoformat(header["date"].replace("Z", "+00:00"))',
                 'datetime.fromisoformat(header["date"].replace("Z", "+00:00")).timestamp()'),
                (".total_seconds()", ""),
            ),
        },
        "wrong": {
            "a flag": (
                '''
def listen(messages):
    busy, began = False, None
    for frames in messages:
        header, parent, content = read(frames)
        took = None
        if header["msg_type"] == "status":
            now = datetime.fromisoformat(header["date"].replace("Z", "+00:00"))
            state = content["execution_state"]
            if state == "busy" and parent["msg_type"] == "execute_request":
                busy, began = True, now
            elif state == "idle" or state == "starting":
                if busy and state == "idle":
                    took = (now - began).total_seconds()
                busy = False
        yield ("busy" if busy else "idle"), took
''',
                "it is called idle while a cell runs",
            ),
            "any request is a cell": (
                but(_LISTEN, (' and parent["msg_type"] == "execute_request"', "")),
                "seconds were told where no cell has ended",
            ),
            "a new start is nothing": (
                but(_LISTEN, ("began.clear()", "pass")),
                "it is called busy, and no cell runs",
            ),
            "a count": (
                '''
def listen(messages):
    running, began = 0, {}
    for frames in messages:
        header, parent, content = read(frames)
        took = None
        if header["msg_type"] == "status":
            now = datetime.fromisoformat(header["date"].replace("Z", "+00:00"))
            state = content["execution_state"]
            if state == "starting":
                running = 0
            elif parent["msg_type"] == "execute_request":
                running += 1 if state == "busy" else -1
                if state == "busy":
                    began[parent["msg_id"]] = now
                elif parent["msg_id"] in began:
                    took = (now - began[parent["msg_id"]]).total_seconds()
        yield ("busy" if running else "idle"), took
''',
                "it is called busy, and no cell runs",
            ),
            "the listener's own clock": (
                but(_LISTEN, ('datetime.fromisoformat(header["date"].replace("Z", "+00:00"))',
                              "datetime.now(timezone.utc)")),
                "the seconds are not those between the kernel's `busy` and its `idle`",
            ),
            "every message has a parent": (
                but(_LISTEN, ('        took = None\n', '        took = None\n        parent["msg_type"]\n')),
                "KeyError",
            ),
            "seconds without the days' part": (
                but(
                    _LISTEN,
                    ("(now - began.pop(cell)).total_seconds()", "(now - began.pop(cell)).microseconds / 1e6"),
                ),
                "the seconds are not those between the kernel's `busy` and its `idle`",
            ),
            "only what changes": (
                but(
                    _LISTEN,
                    ("        yield (", '        if header["msg_type"] == "status":\n            yield ('),
                ),
                "the state is told too late",
            ),
            "all at the end": (
                but(_LISTEN, ("def listen(", "def each("))
                + "\ndef listen(messages):\n    return iter(list(each(messages)))\n",
                "the state is told too late",
            ),
        },
    },
    "30.3": {
        "right": {
            "one after the other": '''
def answers(socket, patience, *frames):
    socket.send_multipart(frames)
    with socket:
        return socket.poll(patience * 1000)


def state(ctx, info, patience):
    if not answers(connect(ctx, zmq.REQ, info, "hb"), patience, b"are you there?"):
        return "gone"
    ask = message(info, "kernel_info_request", {})
    if not answers(connect(ctx, zmq.DEALER, info, "control"), patience, *ask):
        return "stuck"
    ask = message(info, "kernel_info_request", {})
    return "idle" if answers(connect(ctx, zmq.DEALER, info, "shell"), patience, *ask) else "busy"
''',
            "a poller and a deadline": '''
def state(ctx, info, patience):
    names, poller = {}, zmq.Poller()
    for name, kind in ("hb", zmq.REQ), ("control", zmq.DEALER), ("shell", zmq.DEALER):
        socket = connect(ctx, kind, info, name)
        names[socket] = name
        poller.register(socket, zmq.POLLIN)
        socket.send_multipart([b""] if name == "hb" else message(info, "kernel_info_request", {}))
    heard, end = set(), time.monotonic() + patience
    try:
        while "shell" not in heard and (left := end - time.monotonic()) > 0:
            for socket, _ in poller.poll(left * 1000):
                socket.recv_multipart()
                heard.add(names[socket])
    finally:
        for socket in names:
            socket.close()
    for name, told in ("shell", "idle"), ("control", "busy"), ("hb", "stuck"):
        if name in heard:
            return told
    return "gone"
''',
        },
        "wrong": {
            "asks on shell": (
                '''
def state(ctx, info, patience):
    with connect(ctx, zmq.DEALER, info, "shell") as shell:
        shell.send_multipart(message(info, "kernel_info_request", {}))
        return "idle" if shell.poll(patience * 1000) else "gone"
''',
                "a kernel at work is called gone",
            ),
            "asks on control": (
                but(_STATE, ('return "stuck" if hb.poll(0) else "gone"', 'return "gone"')),
                "a kernel in one long call is called gone",
            ),
            "asks the heartbeat": (
                but(_STATE, ("control.poll(0)", "hb.poll(0)")),
                "a kernel that is stuck is called busy",
            ),
            "no answer is busy": (
                but(_STATE, ('else "gone"', 'else "busy"')),
                "a kernel that answers nothing is called busy",
            ),
            "control is enough to be idle": (
                but(
                    _STATE,
                    ("shell.poll(patience", "control.poll(patience"),
                    ("if control.poll(0)", "if shell.poll(0)"),
                ),
                "a kernel that is busy is called idle",
            ),
            "two words": (
                but(_STATE, ('return "busy"', 'return "at work"')),
                "that is none of the four states",
            ),
            "waits for the heartbeat": (
                but(
                    _STATE,
                    ("        if shell.poll", "        hb.recv()\n        if shell.poll"),
                    ('"stuck" if hb.poll(0) else "gone"', '"stuck"'),
                ),
                "it waits for an answer that never comes",
            ),
            "a question that is kept": (
                but(_STATE, ('        hb.send(b"beat")', '        control.linger = -1\n        hb.send(b"beat")')),
                "a question to who is gone was kept",
            ),
            "an interrupt to see whether it lives": (
                but(_STATE, ('(message(info, "kernel_info_request", {}))', '(message(info, "interrupt_request", {}))')),
                "the kernel was asked for something else",
            ),
            "questions without a signature": (
                but(
                    _STATE,
                    ('        hb.send(b"beat")', '        info = {**info, "key": ""}\n        hb.send(b"beat")'),
                ),
                "the signature is not that of the four parts",
            ),
        },
    },
}
