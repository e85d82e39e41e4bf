"""Answers to the exercises of lesson 24, right and wrong. See ../lessons.py for the form."""

from pathlib import Path

import nbformat
from lessons import but

_LESSON = nbformat.read(Path(__file__).parents[2] / "notebooks" / "24-on-the-wire.ipynb", as_version=4)
_SHOWN = "hand-words", "hand-reads", "hand-asks"

# What the lesson's own cells define, and its answers may use.
SETUP = "import socket\n\nMORE, LONG, COMMAND = 1, 2, 4\n" + "\n\n".join(
    next(cell.source for cell in _LESSON.cells if cell.id == id) for id in _SHOWN)

_DECODE = """
def decode(pieces):
    buffer, greeted, frames = b"", False, []
    for piece in pieces:
        buffer += piece
        if not greeted and len(buffer) >= 64:
            yield "greeting", buffer[12:32].rstrip(b"\\0")
            buffer, greeted = buffer[64:], True
        while greeted and len(buffer) >= 2:
            flags = buffer[0]
            start = 9 if flags & LONG else 2
            end = start + int.from_bytes(buffer[1:start], "big")
            if len(buffer) < end:
                break
            body, buffer = buffer[start:end], buffer[end:]
            if flags & COMMAND:
                yield "command", body[1 : 1 + body[0]]
            else:
                frames.append(body)
                if not flags & MORE:
                    yield "message", frames
                    frames = []
"""

_ASK = """
def mended(port, question):
    def put(flags, body):
        if len(body) > 255:
            return bytes([flags | 2]) + len(body).to_bytes(8, "big") + body
        return bytes([flags, len(body)]) + body

    def take():
        flags = exactly(conn, 1)[0]
        size = exactly(conn, 8 if flags & 2 else 1)
        return flags, exactly(conn, int.from_bytes(size, "big"))

    def take_frame():
        while True:
            flags, body = take()
            if not flags & 4:
                return flags, body
            if body.startswith(b"\\x04PING"):
                conn.sendall(put(4, b"\\x04PONG" + body[7:]))

    with socket.create_connection(("127.0.0.1", port)) as conn:
        conn.sendall(GREETING + ready(b"REQ"))
        exactly(conn, 64)
        take()
        conn.sendall(put(1, b"") + put(0, question))
        reply = []
        flags, _ = take_frame()
        while flags & 1:
            flags, body = take_frame()
            reply.append(body)
        return reply
"""

_KNOCK = """
def knock(port, patience):
    end = time.monotonic() + patience

    def take(conn, count):
        data = b""
        while len(data) < count:
            conn.settimeout(max(0.001, end - time.monotonic()))
            piece = conn.recv(count - len(data))
            if not piece or time.monotonic() > end:
                raise ConnectionError
            data += piece
        return data

    try:
        with socket.create_connection(("127.0.0.1", port), timeout=patience) as conn:
            conn.sendall(GREETING[:12])
            theirs = take(conn, 64)
            if theirs[0] != 0xFF or theirs[9] != 0x7F or theirs[10] != 3:
                return None
            version, mechanism = f"3.{theirs[11]}", theirs[12:32].rstrip(b"\\0").decode("ascii", "replace")
            if mechanism != "NULL":
                return version, mechanism, None
            conn.sendall(GREETING[12:])
            flags = take(conn, 1)[0]
            body = take(conn, int.from_bytes(take(conn, 8 if flags & 2 else 1), "big"))
    except OSError:
        return None
    if flags & 4 and body.startswith(b"\\x05READY"):
        at = 6
        while at < len(body):
            name_end = at + 1 + body[at]
            value_end = name_end + 4 + int.from_bytes(body[name_end:name_end + 4], "big")
            if body[at + 1:name_end] == b"Socket-Type":
                return version, mechanism, body[name_end + 4:value_end].decode("ascii", "replace")
            at = value_end
    return None
"""


CASES = {
    "24.1": {
        "right": {
            "a generator that is asked for so many bytes": '''
def decode(pieces):
    def byte_by_byte():
        for piece in pieces:
            yield from piece

    feed = byte_by_byte()

    def take(count):
        data = bytearray()
        while len(data) < count:
            data.append(next(feed))
        return bytes(data)

    try:
        yield "greeting", take(64)[12:32].strip(b"\\0")
        frames = []
        while True:
            flags = take(1)[0]
            size = struct.unpack(">Q", take(8))[0] if flags & 2 else take(1)[0]
            body = take(size)
            if flags & 4:
                yield ("command", body[1:][: body[0]])
            elif flags & 1:
                frames += [body]
            else:
                yield ("message", frames + [body])
                frames = []
    except StopIteration:
        return


import struct
''',
            "an object with a state for each thing, lists for tuples": '''
class Reader:
    def __init__(self):
        self.data, self.state, self.frames = bytearray(), self.greeting, []

    def greeting(self):
        if len(self.data) < 64:
            return None
        name = bytes(self.data[12:32]).split(b"\\0")[0]
        del self.data[:64]
        self.state = self.item
        return ["greeting", name]

    def item(self):
        if not self.data:
            return None
        flags, head = self.data[0], 9 if self.data[0] & 2 else 2
        if len(self.data) < head:
            return None
        size = int.from_bytes(self.data[1:head], "big")
        if len(self.data) < head + size:
            return None
        body = self.data[head:head + size]
        del self.data[:head + size]
        if flags & 4:
            return ["command", body[1:1 + body[0]]]
        self.frames.append(body)
        if flags & 1:
            return False
        told, self.frames = self.frames, []
        return ["message", told]


def decode(pieces):
    reader = Reader()
    for piece in pieces:
        reader.data.extend(piece)
        while True:
            got = reader.state()
            if got is None:
                break
            if got:
                yield got
''',
        },
        "wrong": {
            "a piece is an item": ('''
def decode(pieces):
    frames = []
    for n, piece in enumerate(pieces):
        if n == 0:
            yield "greeting", piece[12:32].rstrip(b"\\0")
        elif piece[0] & 4:
            yield "command", piece[3:3 + piece[2]]
        else:
            frames.append(piece[9 if piece[0] & 2 else 2:])
            if not piece[0] & 1:
                yield "message", frames
                frames = []
''', "the greeting is not read right"),
            "the length is one byte": (but(_DECODE, ("9 if flags & LONG else 2", "2")), "message"),
            "long means 256 bytes and more, so no long one is short": (
                but(_DECODE, ("            if len(buffer) < end:", "            if flags & LONG and end < 256:\n"
                               "                start, end = 2, 2 + buffer[1]\n            if len(buffer) < end:")),
                "a message is not read right"),
            "the length's last byte comes first": (but(_DECODE, ('"big"', '"little"')), "is missing"),
            "a command is a frame": (
                but(_DECODE, ("if flags & COMMAND:", "if False:")), "a command was taken for something else"),
            "long commands are frames": (
                but(_DECODE, ("if flags & COMMAND:", "if flags == COMMAND:")),
                "a command was taken for something else"),
            "what looks like a command is one": (
                but(_DECODE, ("if flags & COMMAND:", "if flags & COMMAND or "
                               "body.startswith((b'\\x05READY', b'\\x04PING')):")),
                "a frame was taken for a command"),
            "each frame is a message": (
                but(_DECODE, ("if not flags & MORE:", "if True:")), "a message ended before its last frame"),
            "long ones never have more": (
                but(_DECODE, ("if not flags & MORE:", "if flags != MORE:")), "a message ended before its last frame"),
            "long is known by one value": (
                but(_DECODE, ("if flags & LONG else", "if flags == LONG else")), "message"),
            "at the end": ('''
def decode(pieces):
    buffer, frames = b"".join(pieces), []
    if len(buffer) < 64:
        return
    yield "greeting", buffer[12:32].rstrip(b"\\0")
    at = 64
    while len(buffer) - at >= 2:
        flags = buffer[at]
        start = at + (9 if flags & 2 else 2)
        end = start + int.from_bytes(buffer[at + 1:start], "big")
        if len(buffer) < end:
            return
        body, at = buffer[start:end], end
        if flags & 4:
            yield "command", body[1:1 + body[0]]
        else:
            frames.append(body)
            if not flags & 1:
                yield "message", frames
                frames = []
''', "an item is told later than it has come"),
            "one item a piece": (
                but(_DECODE, ("while greeted and len(buffer) >= 2:", "if greeted and len(buffer) >= 2:"),
                     ("                break\n", "                continue\n")), "is missing"),
            "the padding is told": (but(_DECODE, (".rstrip(b\"\\0\")", "")), "the greeting is not read right"),
            "the whole command is its name": (
                but(_DECODE, ("body[1 : 1 + body[0]]", "body[1:]")), "a command's name is not read right"),
            "half a message is told at the end": (
                _DECODE + '    if frames:\n        yield "message", frames\n', "that has not been said"),
            "half a frame is told at the end": (
                _DECODE + '    if len(buffer) > 2:\n        yield "message", [buffer[2:]]\n', "that has not been said"),
            "the greeting is as long as the first piece": (
                but(_DECODE, ("if not greeted and len(buffer) >= 64:", "if not greeted:")), ""),
            "an empty piece is the end": (
                but(_DECODE, ("        buffer += piece\n", "        if not piece:\n            return\n"
                                "        buffer += piece\n")),
                "is missing"),
            "an empty frame is nothing": (
                but(_DECODE, ("frames.append(body)", "frames += [body] if body else []")), "not read right"),
            "one list for all": (
                but(_DECODE, ("                    frames = []", "                    frames.clear()")),
                "not read right"),
        },
    },
    "24.2": {
        "right": {
            "a file, a DEALER, ZMTP 3.0": '''
def mended(port, question):
    hello = b"\\xff\\0\\0\\0\\0\\0\\0\\0\\1\\x7f\\3\\0NULL".ljust(64, b"\\0")
    with socket.create_connection(("127.0.0.1", port)) as conn, conn.makefile("rb") as file:
        def read(count):
            data = file.read(count)
            if len(data) < count:
                raise ConnectionResetError("gone")
            return data

        def said():
            flags = read(1)[0]
            return flags, read(int.from_bytes(read(8 if flags & 2 else 1), "big"))

        def write(flags, body):
            big = len(body) > 255
            size = len(body).to_bytes(8 if big else 1, "big")
            conn.sendall(bytes([flags + 2 * big]) + size + body)

        conn.sendall(hello)
        read(64)
        write(4, b"\\5READY\\x0bSocket-Type\\0\\0\\0\\6DEALER\\x08Identity\\0\\0\\0\\0")
        answer, done, begun = [], False, False
        while not done:
            flags, body = said()
            if flags & 4 and body[:6] == b"\\5READY":
                write(1, b"")
                write(0, question)
            elif flags & 4 and body[:5] == b"\\4PING":
                write(4, b"\\4PONG" + body[7:])
            elif not flags & 4:
                if begun:
                    answer.append(body)
                begun, done = True, not flags & 1
        return answer
''',
            "always with a long length, and a generator": '''
def mended(port, question):
    def item(flags, body):
        return bytes([flags | 2]) + len(body).to_bytes(8, "big") + body

    def frames(conn):
        while True:
            flags = exactly(conn, 1)[0]
            body = exactly(conn, int.from_bytes(exactly(conn, 8 if flags & 2 else 1), "big"))
            if not flags & 4:
                yield body
                if not flags & 1:
                    return
            elif body[1:5] == b"PING":
                conn.sendall(item(4, b"\\x04PONG" + body[7:]))
            elif body[1:6] == b"READY":
                conn.sendall(item(1, b"") + item(0, question))

    with socket.create_connection(("127.0.0.1", port)) as conn:
        conn.sendall(GREETING + ready(b"REQ"))
        exactly(conn, 64)
        return list(frames(conn))[1:]
''',
        },
        "wrong": {
            "the lesson's": ("mended = ask\n", ""),
            "a question has one byte of length": (
                but(_ASK, ("put(0, question)", "frame(question)")), "bytes must be in range"),
            "256 is still short": (but(_ASK, ("len(body) > 255", "len(body) > 256")), "bytes must be in range"),
            "an answer has one byte of length": (
                but(_ASK, ("8 if flags & 2 else 1", "1")), ""),
            "long only if nothing more follows": (but(_ASK, ("8 if flags & 2 else 1", "8 if flags == 2 else 1")), ""),
            "one recv for a frame": (
                but(_ASK, ("return flags, exactly(conn, int.from_bytes(size, \"big\"))",
                            "return flags, conn.recv(int.from_bytes(size, \"big\"))")), ""),
            "a PING is a frame": (but(_ASK, ("if not flags & 4:", "if True:")), ""),
            "a PING is left alone": (
                but(_ASK, ("conn.sendall(put(4, b\"\\x04PONG\" + body[7:]))", "pass")), "a PING was not answered"),
            "only the first PING": (
                but(_ASK, ("        while True:\n            flags, body = take()", "        for n in range(2):\n"
                                "            flags, body = take()")), ""),
            "a PONG without context": (
                but(_ASK, ("b\"\\x04PONG\" + body[7:]", "b\"\\x04PONG\"")), "does not repeat its PING's context"),
            "a PONG with the time to live": (
                but(_ASK, ("b\"\\x04PONG\" + body[7:]", "b\"\\x04PONG\" + body[5:]")),
                "does not repeat its PING's context"),
            "a PONG that is a frame": (
                but(_ASK, ("put(4, b\"\\x04PONG\" + body[7:])", "put(0, b\"\\x04PONG\" + body[7:])")), ""),
            "everything at once": (
                but(_ASK, ("        exactly(conn, 64)\n        take()\n"
                                "        conn.sendall(put(1, b\"\") + put(0, question))",
                            "        conn.sendall(put(1, b\"\") + put(0, question))\n        exactly(conn, 64)\n"
                            "        take()")),
                "before the server's READY had come"),
            "the greeting is waited for, READY is not": (
                but(_ASK, ("        take()\n        conn.sendall(put(1, b\"\") + put(0, question))",
                            "        conn.sendall(put(1, b\"\") + put(0, question))\n        take()")),
                "before the server's READY had come"),
            "a READY is as long as libzmq's": (
                but(_ASK, ("exactly(conn, 64)\n        take()", "exactly(conn, 64 + 27)")), ""),
            "no empty frame": (
                but(_ASK, ("conn.sendall(put(1, b\"\") + put(0, question))", "conn.sendall(put(0, question))")),
                "the empty frame is missing"),
            "the empty frame is told": (
                but(_ASK, ("reply = []", "reply = [b\"\"]")), "no part of the answer"),
            "one frame of the answer": (
                but(_ASK, ("            reply.append(body)\n        return reply",
                            "            return [body]\n        return reply")), "several frames is cut off"),
            "the frames are joined": (
                but(_ASK, ("return reply", "return [b\"\".join(reply)]")), "the answer is not what the server said"),
            "bytes, not a list": (but(_ASK, ("return reply", "return reply[0]")), "no list of frames"),
            "what begins as a PING is one": (
                but(_ASK, ("            if not flags & 4:\n                return flags, body\n", ""),
                     ("+ body[7:]))", "+ body[7:]))\n            elif not flags & 4:\n"
                                     "                return flags, body")), ""),
            "reads on for ever when the server is gone": (
                but(_ASK, ("    def take():", "    def exactly(conn, count):\n        data = b\"\"\n"
                            "        while len(data) < count:\n            data += conn.recv(count - len(data))\n"
                            "        return data\n\n    def take():")), "did not come back"),
            "half an answer is one": (
                but(_ASK, ("            flags, body = take_frame()\n            reply.append(body)",
                            "            try:\n                flags, body = take_frame()\n"
                            "            except ConnectionError:\n"
                            "                break\n            reply.append(body)")),
                            "half an answer was taken for one"),
            "a PUSH": (but(_ASK, ('ready(b"REQ")', 'ready(b"PUSH")')), "takes no peer of this type"),
            "does not close": (
                but(_ASK, ("    with socket.create_connection((\"127.0.0.1\", port)) as conn:",
                            "    conn = kept[len(kept):] = [socket.create_connection((\"127.0.0.1\", port))]\n"
                            "    conn = conn[0]\n    if True:")) + "\n\nkept = []\n",
                "does not close its connection"),
        },
    },
    "24.3": {
        "right": {
            "with a thread beside it for patience": '''
import threading


def knock(port, patience):
    found = []

    def looks():
        try:
            conn.connect(("127.0.0.1", port))
            conn.sendall(b"\\xff" + bytes(8) + b"\\x7f\\3")
            file = conn.makefile("rb")
            hello = file.read(64)
            if len(hello) < 64 or hello[0] != 255 or hello[9] != 127 or hello[10] != 3:
                return
            name = hello[12:32].strip(b"\\0").decode("latin-1")
            version = "%d.%d" % (hello[10], hello[11])
            if name != "NULL":
                found.append((version, name, None))
                return
            conn.sendall(b"\\1NULL".ljust(53, b"\\0"))
            flags = file.read(1)[0]
            said = file.read(int.from_bytes(file.read(8 if flags & 2 else 1), "big"))
            if flags & 4 and said[:6] == b"\\5READY":
                rest = said[6:]
                while rest:
                    key, rest = rest[1:1 + rest[0]], rest[1 + rest[0]:]
                    size = int.from_bytes(rest[:4], "big")
                    value, rest = rest[4:4 + size], rest[4 + size:]
                    if key == b"Socket-Type":
                        found.append((version, name, value.decode()))
        except (OSError, IndexError, ValueError):
            pass

    with socket.socket() as conn:
        thread = threading.Thread(target=looks)
        thread.start()
        thread.join(patience)
        try:
            conn.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        thread.join()
    return found[0] if found else None
''',
            "two connections: one for the mechanism, one for the type": '''
import select


def knock(port, patience):
    end = time.monotonic() + patience

    def talk(hello, want):
        data = b""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=patience) as conn:
                conn.sendall(hello)
                conn.setblocking(False)
                while not want(data):
                    left = end - time.monotonic()
                    if left <= 0 or not select.select([conn], [], [], left)[0]:
                        return None
                    piece = conn.recv(1024)
                    if not piece:
                        return None
                    data += piece
        except OSError:
            return None
        return data

    def whole(data):
        if len(data) < 66:
            return False
        head = 9 if data[64] & 2 else 2
        return len(data) >= 64 + head and len(data) >= 64 + head + int.from_bytes(data[65:64 + head], "big")

    hello = talk(GREETING[:12], lambda data: len(data) >= 64)
    if hello is None or hello[0] != 255 or hello[9:11] != b"\\x7f\\3":
        return None
    version, name = f"3.{hello[11]}", hello[12:32].split(b"\\0")[0].decode("latin-1")
    if name != "NULL":
        return version, name, None
    data = talk(GREETING, whole)
    if data is None or not data[64] & 4 or b"READY" not in data[66:80]:
        return None
    rest = data[64 + (9 if data[64] & 2 else 2) + 6:]
    while rest:
        key, rest = rest[1:1 + rest[0]], rest[1 + rest[0]:]
        size = int.from_bytes(rest[:4], "big")
        if key == b"Socket-Type":
            return version, name, rest[4:4 + size].decode()
        rest = rest[4 + size:]
    return None
''',
        },
        "wrong": {
            "it names NULL first": (
                but(_KNOCK, ("GREETING[:12])", "GREETING)"), ("conn.sendall(GREETING[12:])", "pass")), "PLAIN"),
            "it says READY": (
                but(_KNOCK, ("            flags = take(conn, 1)[0]\n",
                              "            flags = take(conn, 1)[0]\n            conn.sendall(ready(b\"PULL\"))\n")),
                ""),
            "it says READY, as a PAIR": (
                but(_KNOCK, ("            flags = take(conn, 1)[0]\n",
                              "            flags = take(conn, 1)[0]\n            conn.sendall(ready(b\"PAIR\"))\n")),
                "made itself a peer"),
            "it says READY, as a REP": (
                but(_KNOCK, ("            flags = take(conn, 1)[0]\n",
                              "            flags = take(conn, 1)[0]\n            conn.sendall(ready(b\"REP\"))\n")),
                "made itself a peer"),
            "it says READY, and stays a while": (
                but(_KNOCK, ("            flags = take(conn, 1)[0]\n",
                              "            flags = take(conn, 1)[0]\n            conn.sendall(ready(b\"PULL\"))\n"
                              "            time.sleep(0.3)\n")),
                "went to who knocked"),
            "it says READY with its greeting": (
                but(_KNOCK, ("conn.sendall(GREETING[12:])", "conn.sendall(GREETING[12:] + ready(b\"DEALER\"))")),
                "was not found"),
            "it sends a message": (
                but(_KNOCK, ("    if flags & 4 and", "    with socket.create_connection("
                              "(\"127.0.0.1\", port)) as conn:\n"
                              "        conn.sendall(GREETING + ready(b\"PUSH\"))\n        conn.recv(100)\n"
                              "        time.sleep(0.1)\n        conn.sendall(frame(b\"hello?\"))\n"
                              "        time.sleep(0.1)\n"
                              "    if flags & 4 and")), "has noticed"),
            "it subscribes": (
                but(_KNOCK, ("            flags = take(conn, 1)[0]\n",
                              "            flags = take(conn, 1)[0]\n            conn.sendall(ready(b\"SUB\"))\n"
                              "            time.sleep(0.1)\n            conn.sendall(frame(b\"\\1\"))\n"
                              "            time.sleep(0.1)\n")), ""),
            "a socket of ZeroMQ": ('''
def knock(port, patience):
    with zmq.Context() as ctx, ctx.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        events = dealer.get_monitor_socket()
        dealer.connect(f"tcp://127.0.0.1:{port}")
        if events.poll(patience * 1000):
            return "3.1", "NULL", "PULL"
''', ""),
            "a patience for each recv": (
                but(_KNOCK, ("max(0.001, end - time.monotonic())", "patience"),
                     ("if not piece or time.monotonic() > end:", "if not piece:")), "when its patience was over"),
            "a patience of its own": (
                but(_KNOCK, ("time.monotonic() + patience", "time.monotonic() + min(patience, 1)")),
                "was not found"),
            "no patience": (
                but(_KNOCK, ("            conn.settimeout(max(0.001, end - time.monotonic()))\n", ""),
                     (", timeout=patience", ""), ("if not piece or time.monotonic() > end:", "if not piece:")),
                "when its patience was over"),
            "reads on when it is closed": (
                but(_KNOCK, ("if not piece or time.monotonic() > end:", "if False:"),
                     ("max(0.001, end - time.monotonic())", "patience")), "when its patience was over"),
            "whoever says 64 bytes": (
                but(_KNOCK, ("            if theirs[0] != 0xFF or theirs[9] != 0x7F or theirs[10] != 3:\n"
                              "                return None\n", "")), "something else was taken for ZMTP 3"),
            "whoever begins with ff": (
                but(_KNOCK, (" or theirs[9] != 0x7F or theirs[10] != 3", "")), "something else was taken for ZMTP 3"),
            "who greets is one": (
                but(_KNOCK, ("            conn.sendall(GREETING[12:])\n",
                              "            conn.sendall(GREETING[12:])\n"
                              "            found = version, mechanism, None\n"),
                     ("    end = time", "    found = None\n    end = time"),
                     ("    except OSError:\n        return None", "    except OSError:\n        return found")),
                "something else was taken for ZMTP 3"),
            "the version is known": (but(_KNOCK, ('f"3.{theirs[11]}"', '"3.1"')), "is not so"),
            "the type ends READY": (
                but(_KNOCK, ("        at = 6\n"
                                "", "        return version, mechanism, body.split(b\"Socket-Type\")[-1][4:]"
                              ".decode(\"latin-1\")\n        at = 6\n")), "is not so"),
            "the type is where it was": (
                but(_KNOCK, ("        at = 6\n", "        return version, mechanism, body[22:22 + body[21]]"
                              ".decode(\"latin-1\")\n        at = 6\n")), "is not so"),
            "READY is short": (
                but(_KNOCK, ("take(conn, 8 if flags & 2 else 1)", "take(conn, 1)")), ""),
            "whatever has another mechanism is none": (
                but(_KNOCK, ("return version, mechanism, None", "return None")), "was not found"),
            "closed is an error": (
                but(_KNOCK, ("except OSError", "except TimeoutError")), "ConnectionError"),
            "one recv": (
                but(_KNOCK, ("        while len(data) < count:\n"
                                "            conn.settimeout(max(0.001, end - time.monotonic()))\n"
                              "            piece = conn.recv(count - len(data))\n"
                              "            if not piece or time.monotonic() > end:\n"
                              "                raise ConnectionError\n"
                              "            data += piece\n        return data",
                              "        conn.settimeout(patience)\n"
                              "        return conn.recv(count).ljust(count, b'\\0')")), ""),
        },
    },
}
