"""Answers to the exercises of lesson 20, right and wrong. See ../lessons.py for the form."""

from pathlib import Path

import nbformat
from lessons import but

_LESSON = nbformat.read(Path(__file__).parents[2] / "notebooks" / "20-survive-the-crash.ipynb", as_version=4)
_SHOWN = "ask", "titanic", "insist", "dispatcher"

# What the lesson's own cells define, and its answers may use.
SETUP = """import io
import os
import sqlite3
import uuid
from contextlib import closing

""" + "\n\n".join(next(cell.source for cell in _LESSON.cells if cell.id == id) for id in _SHOWN)


# --- 20.1

_KEEP = """
def keep(ctx, endpoint, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            who, empty, what, id, *body = router.recv_multipart()
            if what == b"titanic.request":
                with db:
                    db.execute("INSERT OR IGNORE INTO requests (id, body) VALUES (?, ?)", (id, body[0]))
                reply = [b"200", id]
            elif what == b"titanic.reply":
                row = db.execute("SELECT answer FROM requests WHERE id = ?", (id,)).fetchone()
                if row is None:
                    reply = [b"400"]
                elif row[0] is None:
                    reply = [b"300"]
                else:
                    reply = [b"200", row[0]]
            else:
                with db:
                    db.execute("DELETE FROM requests WHERE id = ?", (id,))
                reply = [b"200"]
            router.send_multipart([who, empty, *reply])
"""


def _keep(*changes: tuple[str, str]) -> str:
    return but(_KEEP, *changes)


_WITH = """                with db:
                    db.execute("INSERT OR IGNORE INTO requests (id, body) VALUES (?, ?)", (id, body[0]))
"""
_NOT_IN_THE_FILE = "200 was said to a request that is not in the file"

# --- 20.2

_TOGETHER = """
def together(ctx, endpoint, disk):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            batch = [router.recv_multipart()]
            while router.poll(0):
                batch.append(router.recv_multipart())
            for _, _, id, body in batch:
                disk.write(id + b" " + body + b"\\n")
            disk.sync()
            for who, empty, id, _ in batch:
                router.send_multipart([who, empty, b"200", id])
"""


def _together(*changes: tuple[str, str]) -> str:
    return but(_TOGETHER, *changes)


_SYNC = "            disk.sync()\n"
_WRITE = """            for _, _, id, body in batch:
                disk.write(id + b" " + body + b"\\n")
"""
_ANSWER = """            for who, empty, id, _ in batch:
                router.send_multipart([who, empty, b"200", id])
"""
_NOT_ON_THE_DISK = "200 was said to a line that is not on the disk"

# --- 20.3

_MENDED = """
def mended(ctx, path, endpoint, patience):
    asked = {}
    db = sqlite3.connect(path, isolation_level=None)
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        while True:
            now = time.monotonic()
            rows = db.execute("SELECT id, body FROM requests WHERE answer IS NULL").fetchall()
            open_ones = {id for id, _ in rows}
            under_way = {id for id, when in asked.items() if id in open_ones and now - when < patience}
            for id, body in sorted(rows, key=lambda row: asked.get(row[0], 0)):
                if len(under_way) < 8 and id not in under_way:
                    dealer.send_multipart([b"", id, body])
                    asked[id] = now
                    under_way.add(id)
            if dealer.poll(20):
                _, id, answer = dealer.recv_multipart()
                db.execute("UPDATE requests SET answer = ? WHERE id = ? AND answer IS NULL", (answer, id))
"""


def _mended(*changes: tuple[str, str]) -> str:
    return but(_MENDED, *changes)


_NEVER = "a request that was under way is never asked again"
_STRANGE = "that is no request from the file"
_KEPT_WAITING = "those that are never answered keep others waiting"
_FORGET = 'db.execute("UPDATE requests SET taken = NULL WHERE answer IS NULL")'
_UPDATE = _MENDED.splitlines(keepends=True)[-1]
_HASTY = next(cell.source for cell in _LESSON.cells if cell.id == "hasty").replace("dispatch_many", "mended")

CASES = {
    "20.1": {
        "right": {
            "a ROUTER, and `with db`": _KEEP,
            "write-ahead log, upsert that does nothing": _keep(
                ("sqlite3.connect(path)", "sqlite3.connect(path)\n    db.execute('PRAGMA journal_mode=WAL')"),
                ("INSERT OR IGNORE INTO requests (id, body) VALUES (?, ?)",
                 "INSERT INTO requests (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING"),
            ),
            "looks first, then inserts, in one transaction": _keep((_WITH, """
                with db:
                    db.execute("BEGIN IMMEDIATE")
                    if not db.execute("SELECT 1 FROM requests WHERE id = ?", (id,)).fetchone():
                        db.execute("INSERT INTO requests (id, body) VALUES (?, ?)", (id, body[0]))
""")),
            "a new connection for each request": """
def keep(ctx, endpoint, path):
    rep = ctx.socket(zmq.REP)
    rep.bind(endpoint)
    try:
        while True:
            service, id, *rest = rep.recv_multipart()
            with closing(sqlite3.connect(path, timeout=30)) as db:
                if service.endswith(b"request"):
                    db.execute("INSERT OR IGNORE INTO requests VALUES (?, ?, NULL)", (id, *rest))
                if service.endswith(b"close"):
                    db.execute("DELETE FROM requests WHERE id = ?", (id,))
                db.commit()
                rows = db.execute("SELECT answer FROM requests WHERE id = ?", (id,)).fetchall()
            if service.endswith(b"request"):
                rep.send_multipart([b"200", id])
            elif service.endswith(b"close"):
                rep.send(b"200")
            elif not rows:
                rep.send(b"400")
            elif rows[0][0] is None:
                rep.send(b"300")
            else:
                rep.send_multipart([b"200", rows[0][0]])
    finally:
        rep.close()
""",
            "asyncio": """
async def _keep(endpoint, path):
    import zmq.asyncio
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as db, zmq.asyncio.Context() as ctx:
        with ctx.socket(zmq.REP) as rep:
            rep.bind(endpoint)
            while True:
                service, id, *body = await rep.recv_multipart()
                row = db.execute("SELECT answer FROM requests WHERE id = ?", (id,)).fetchone()
                if service == b"titanic.request":
                    if not row:
                        db.execute("INSERT INTO requests (id, body) VALUES (?, ?)", (id, body[0]))
                    await rep.send_multipart([b"200", id])
                elif service == b"titanic.close":
                    db.execute("DELETE FROM requests WHERE id = ?", (id,))
                    await rep.send(b"200")
                elif not row:
                    await rep.send(b"400")
                else:
                    await rep.send_multipart([b"300"] if row[0] is None else [b"200", row[0]])

def keep(ctx, endpoint, path):
    import asyncio
    asyncio.run(_keep(endpoint, path))
""",
            "many requests, one commit": """
def keep(ctx, endpoint, path):
    db = sqlite3.connect(path)
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            batch = [router.recv_multipart()]
            while router.poll(0):
                batch.append(router.recv_multipart())
            answers = []
            with db:
                for who, empty, what, id, *body in batch:
                    if what == b"titanic.request":
                        db.execute("INSERT OR IGNORE INTO requests (id, body) VALUES (?, ?)", (id, *body))
                        answers.append([who, empty, b"200", id])
                    elif what == b"titanic.close":
                        db.execute("DELETE FROM requests WHERE id = ?", (id,))
                        answers.append([who, empty, b"200"])
                    else:
                        row = db.execute("SELECT answer FROM requests WHERE id = ?", (id,)).fetchone()
                        code = [b"400"] if not row else [b"300"] if row[0] is None else [b"200", row[0]]
                        answers.append([who, empty, *code])
            for answer in answers:
                router.send_multipart(answer)
""",
        },
        "wrong": {
            "answers, then commits": (_keep(
                (_WITH, '                router.send_multipart([who, empty, b"200", id])\n' + _WITH),
                ('                reply = [b"200", id]\n', "                continue\n"),
            ), _NOT_IN_THE_FILE),
            "a repeat replaces the row": (_keep(("OR IGNORE", "OR REPLACE")), "a repeat has changed the request"),
            "never commits": (_keep((_WITH, _WITH.replace("with db:", "if True:"))), _NOT_IN_THE_FILE),
            "commits every tenth": (_keep(
                ("    db = sqlite3.connect(path)", "    count = 0\n    db = sqlite3.connect(path)"),
                (_WITH, _WITH.replace("with db:", "if True:") + """
                count += 1
                if count % 10 == 0:
                    db.commit()
"""),
            ), _NOT_IN_THE_FILE),
            "numbers the requests itself": (_keep(
                ("            if what == b\"titanic.request\":\n",
                 "            if what == b\"titanic.request\":\n                id = uuid.uuid4().hex.encode()\n"),
            ), "a request was not accepted as"),
            "numbers them itself, in the file alone": (_keep(
                ("VALUES (?, ?)\", (id, body[0]))", "VALUES (?, ?)\", (uuid.uuid4().bytes, body[0]))"),
            ), _NOT_IN_THE_FILE),
            "fetched, and gone": (_keep(
                ("                    reply = [b\"200\", row[0]]\n", """                    reply = [b"200", row[0]]
                    with db:
                        db.execute("DELETE FROM requests WHERE id = ?", (id,))
"""),
            ), "an answer that is there is not given"),
            "the second insert raises": (_keep(("INSERT OR IGNORE", "INSERT")), "IntegrityError"),
            "the newest body counts": (_keep(
                ("INSERT OR IGNORE INTO requests (id, body) VALUES (?, ?)",
                 "INSERT INTO requests (id, body) VALUES (?, ?) ON CONFLICT(id) DO UPDATE SET body = excluded.body"),
            ), "a repeat has changed the request"),
            "a repeat begins anew": (_keep(
                ("INSERT OR IGNORE INTO requests (id, body) VALUES (?, ?)",
                 "INSERT INTO requests (id, body) VALUES (?, ?) ON CONFLICT(id) DO UPDATE SET answer = NULL"),
            ), "a late repeat has undone what was done"),
            "knows in memory": ("""
def keep(ctx, endpoint, path):
    known = {}
    with closing(sqlite3.connect(path, isolation_level=None)) as db, ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            service, id, *body = rep.recv_multipart()
            if service == b"titanic.request":
                db.execute("INSERT OR IGNORE INTO requests (id, body) VALUES (?, ?)", (id, body[0]))
                known[id] = True
                rep.send_multipart([b"200", id])
            elif service == b"titanic.close":
                known.pop(id, None)
                db.execute("DELETE FROM requests WHERE id = ?", (id,))
                rep.send(b"200")
            elif id not in known:
                rep.send(b"400")
            else:
                (answer,) = db.execute("SELECT answer FROM requests WHERE id = ?", (id,)).fetchone()
                rep.send_multipart([b"300"] if answer is None else [b"200", answer])
""", "what was kept is forgotten after a kill"),
            "remembers what is pending": ("""
def keep(ctx, endpoint, path):
    with closing(sqlite3.connect(path, isolation_level=None)) as db, ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        answers = dict(db.execute("SELECT id, answer FROM requests"))
        while True:
            service, id, *body = rep.recv_multipart()
            if service == b"titanic.request":
                db.execute("INSERT OR IGNORE INTO requests (id, body) VALUES (?, ?)", (id, body[0]))
                answers.setdefault(id, None)
                rep.send_multipart([b"200", id])
            elif service == b"titanic.close":
                answers.pop(id, None)
                db.execute("DELETE FROM requests WHERE id = ?", (id,))
                rep.send(b"200")
            elif id not in answers:
                rep.send(b"400")
            else:
                rep.send_multipart([b"300"] if answers[id] is None else [b"200", answers[id]])
""", "an answer that is there is not given"),
            "an empty answer is none": (_keep(("elif row[0] is None:", "elif not row[0]:")),
                                        "an empty answer is taken for none"),
            "pending is unknown": (_keep(("reply = [b\"300\"]", "reply = [b\"400\"]")), "is not said to be pending"),
            "unknown is pending": (_keep(("reply = [b\"400\"]", "reply = [b\"300\"]")), "is not said to be unknown"),
            "closes nothing": (_keep(("DELETE FROM requests WHERE id = ?", "SELECT 1 FROM requests WHERE id = ?")),
                               "what was closed is still there"),
            "closes what is done, and nothing else": (_keep(
                ("DELETE FROM requests WHERE id = ?", "DELETE FROM requests WHERE id = ? AND answer IS NOT NULL")),
                "what was closed is still there"),
            "closes all that is done": (_keep(
                ("DELETE FROM requests WHERE id = ?", "DELETE FROM requests WHERE answer IS NOT NULL OR id = ?")),
                "a close took another request with it"),
            "close of an unknown one is refused": (_keep(
                ("                with db:\n                    db.execute(\"DELETE", """
                row = db.execute("SELECT 1 FROM requests WHERE id = ?", (id,)).fetchone()
                with db:
                    db.execute("DELETE"""),
                ("                reply = [b\"200\"]\n", "                reply = [b\"200\"] if row else [b\"400\"]\n"),
            ), "close did not say 200"),
            "ids are text": (_keep(
                ("            if what == b\"titanic.request\":\n",
                 "            id, whole = id.decode(), id\n            if what == b\"titanic.request\":\n"),
                ("reply = [b\"200\", id]", "reply = [b\"200\", whole]"),
            ), _NOT_IN_THE_FILE),
            "body is text": (_keep(("(id, body[0])", "(id, body[0].decode())")), "something else is in the file"),
            "a begun transaction stays open": (_keep(
                ("    with ctx.socket", "    db.execute(\"PRAGMA locking_mode=EXCLUSIVE\")\n    with ctx.socket")),
                "nobody else can use the file"),
            "makes the table anew": (_keep(
                ("    with ctx.socket", """    db.execute("DROP TABLE requests")
    db.execute("CREATE TABLE requests (id PRIMARY KEY, body, answer)")
    with ctx.socket""")), "what was kept is forgotten after a kill"),
            "cleans up at its start": (_keep(("    with ctx.socket", """    with db:
        db.execute("DELETE FROM requests WHERE answer IS NOT NULL")
    with ctx.socket""")), "a late repeat has undone what was done"),
            "answers the last one who asked": ("""
def keep(ctx, endpoint, path):
    with closing(sqlite3.connect(path, isolation_level=None)) as db, ctx.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        while True:
            batch = [router.recv_multipart()]
            while router.poll(0):
                batch.append(router.recv_multipart())
            for who, empty, what, id, *body in batch:
                if what == b"titanic.request":
                    db.execute("INSERT OR IGNORE INTO requests (id, body) VALUES (?, ?)", (id, *body))
                    reply = [b"200", id]
                elif what == b"titanic.close":
                    db.execute("DELETE FROM requests WHERE id = ?", (id,))
                    reply = [b"200"]
                else:
                    row = db.execute("SELECT answer FROM requests WHERE id = ?", (id,)).fetchone()
                    reply = [b"400"] if not row else [b"300"] if row[0] is None else [b"200", row[0]]
            router.send_multipart([who, empty, *reply])
""", "clients were answered"),
        },
    },
    "20.2": {
        "right": {
            "a ROUTER, a line at a time": _TOGETHER,
            "a buffer, flushed": _together(
                ("    with ctx", "    log = io.BufferedWriter(disk)\n    with ctx"),
                ("disk.write(", "log.write("),
                (_SYNC, "            log.flush()\n" + _SYNC),
            ),
            "a moment's patience": _together(("router.poll(0)", "router.poll(2)")),
            "a batch that may be full": _together(("router.poll(0)", "len(batch) < 20 and router.poll(0)")),
            "does not wait, but asks again": """
def together(ctx, endpoint, disk):
    router = ctx.socket(zmq.ROUTER)
    router.bind(endpoint)
    waiting = []
    while True:
        try:
            while True:
                waiting.append(router.recv_multipart(zmq.DONTWAIT))
                disk.write(b"%b %b\\n" % tuple(waiting[-1][2:]))
        except zmq.Again:
            pass
        if waiting:
            disk.sync()
            while waiting:
                who, empty, id, _ = waiting.pop(0)
                router.send_multipart([who, empty, b"200", id])
        router.poll(100)
""",
        },
        "wrong": {
            "a sync for each": ("""
def together(ctx, endpoint, disk):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            id, body = rep.recv_multipart()
            disk.write(id + b" " + body + b"\\n")
            disk.sync()
            rep.send_multipart([b"200", id])
""", "those who wait do not share a sync"),
            "two share a sync": (_together(("router.poll(0)", "len(batch) < 2 and router.poll(0)")),
                                 "those who wait do not share a sync"),
            "answers, then syncs": (_together((_SYNC, ""), (_ANSWER, _ANSWER + _SYNC)), _NOT_ON_THE_DISK),
            "never syncs": (_together((_SYNC, "")), _NOT_ON_THE_DISK),
            "syncs, then writes": (_together((_SYNC, ""), (_WRITE, _SYNC + _WRITE)), _NOT_ON_THE_DISK),
            "a buffer, not flushed": (_together(
                ("    with ctx", "    log = io.BufferedWriter(disk)\n    with ctx"), ("disk.write(", "log.write(")),
                _NOT_ON_THE_DISK),
            "waits for ten": (_together(("router.poll(0)", "len(batch) < 10")),
                              "a request that comes alone is not answered"),
            "waits a second for others": (_together(
                ("router.poll(0)", "router.poll(1000)")), "a request that comes alone is kept waiting"),
            "syncs every tenth time": (_together(
                ("    with ctx", "    turn = 0\n    with ctx"),
                (_SYNC, "            turn += 1\n            if turn % 10 == 1:\n                disk.sync()\n")),
                _NOT_ON_THE_DISK),
            "syncs all the time": (_together(
                ("            batch = [router.recv_multipart()]\n", """            disk.sync()
            if not router.poll(0):
                continue
            batch = [router.recv_multipart()]
""")), "it syncs when there is nothing to sync"),
            "answers the last one only": (_together((_ANSWER, """
            who, empty, id, _ = batch[-1]
            router.send_multipart([who, empty, b"200", id])
""")), "clients were answered"),
            "answers each with the last one's id": (_together(
                ("for who, empty, id, _ in batch", "for who, empty, *_ in batch")), "answered for somebody else"),
            "writes the batch twice": (_together((_WRITE, _WRITE + _WRITE)), "a line was written more than once"),
            "ids alone": (_together(("id + b\" \" + body + b\"\\n\"", "id + b\"\\n\"")), _NOT_ON_THE_DISK),
            "begins a new file": (_together(
                ("    with ctx", "    os.truncate(disk.path, 0)\n    with ctx")), "is gone after a power cut"),
            "the first of the batch only": (_together(
                ("for _, _, id, body in batch", "for _, _, id, body in batch[:1]")), _NOT_ON_THE_DISK),
            "a line for each id": (_together((
                "for _, _, id, body in batch", "for id, body in {id: body for _, _, id, body in batch}.items()",
            )), _NOT_ON_THE_DISK),
            "an answer for each id": (_together((
                "for who, empty, id, _ in batch", "for id, who in {id: who for who, _, id, _ in batch}.items()",
            ), ("[who, empty,", "[who, b\"\",")), "not all who asked under one id were answered"),
        },
    },
    "20.3": {
        "right": {
            "a set of those under way": _MENDED,
            "marks in the file, with the process that made them, and their end": """
def mended(ctx, path, endpoint, patience):
    me = uuid.uuid4().hex
    begun = time.monotonic()
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as db, ctx.socket(zmq.DEALER) as dealer:
        db.execute("UPDATE requests SET taken = NULL WHERE answer IS NULL")
        dealer.connect(endpoint)
        while True:
            now = time.monotonic() - begun
            (busy,) = db.execute("SELECT count(*) FROM requests WHERE answer IS NULL AND taken > ?",
                                 (now - patience,)).fetchone()
            rows = db.execute("SELECT id, body FROM requests WHERE answer IS NULL AND (taken IS NULL OR taken <= ?)"
                              " ORDER BY taken IS NOT NULL, taken LIMIT ?", (now - patience, max(8 - busy, 0)))
            for id, body in rows.fetchall():
                db.execute("UPDATE requests SET taken = ? WHERE id = ?", (now, id))
                dealer.send_multipart([b"", id, body])
            while dealer.poll(20):
                _, id, answer = dealer.recv_multipart()
                db.execute("UPDATE requests SET answer = ? WHERE id = ? AND answer IS NULL", (answer, id))
""",
            "eight REQ sockets, each in a thread": """
def mended(ctx, path, endpoint, patience):
    import threading
    lock, asked, busy = threading.Lock(), {}, set()

    def one():
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as db:
            while True:
                with lock:
                    rows = db.execute("SELECT id, body FROM requests WHERE answer IS NULL").fetchall()
                    free = sorted((row for row in rows if row[0] not in busy), key=lambda row: asked.get(row[0], 0))
                    if free:
                        id, body = free[0]
                        busy.add(id)
                        asked[id] = time.monotonic()
                if not free:
                    time.sleep(0.02)
                    continue
                answer = ask(ctx, endpoint, id, body, patience=patience)
                if answer and answer[0] == id:
                    db.execute("UPDATE requests SET answer = ? WHERE id = ? AND answer IS NULL", (answer[1], id))
                with lock:
                    busy.discard(id)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
""",
        },
        "wrong": {
            "an answer renews the patience of all": (
                _mended(("                _, id, answer = dealer.recv_multipart()\n",
                         "                _, id, answer = dealer.recv_multipart()\n"
                         "                asked = dict.fromkeys(asked, time.monotonic())\n")),
                _NEVER,
            ),
            "as it was": (_HASTY, _NEVER),
            "forgets the marks at its start": (but(
                _HASTY,
                ("        dealer.connect", f"        {_FORGET}\n        dealer.connect"),
                ('WHERE id = ?", (answer, id))', 'WHERE id = ? AND answer IS NULL", (answer, id))'),
            ), _NEVER),
            "a new id for each try": (_mended(('[b"", id, body]', '[b"", uuid.uuid4().bytes, body]')), _STRANGE),
            "the body is the id": (_mended(('[b"", id, body]', '[b"", id, id]')), _STRANGE),
            "one at a time": ("""
def mended(ctx, path, endpoint, patience):
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        while True:
            for id, body in db.execute("SELECT id, body FROM requests WHERE answer IS NULL").fetchall():
                if answer := ask(ctx, endpoint, id, body, patience=patience):
                    db.execute("UPDATE requests SET answer = ? WHERE id = ?", (answer[-1], id))
            time.sleep(0.02)
""", "too few are under way"),
            "all at once": (_mended(("len(under_way) < 8 and ", "")), "too many are under way"),
            "no patience": (_mended(("now - when < patience", "now - when < 0.02")), "too many are under way"),
            "asks again and again": (_mended(
                ("id not in under_way", "True"),
                ("len(under_way) < 8 and", "(len(under_way) < 8 or id in under_way) and"),
            ), "asked again before its patience was over"),
            "answers in the order of asking": (_mended(("                _, id, answer = dealer.recv_multipart()\n", """
                _, _, answer = dealer.recv_multipart()
                id = min((id for id in asked if id in open_ones), key=asked.get)
""")), "an answer stands in a row that is not its own"),
            "the first in the file first, for ever": (_mended(
                ("sorted(rows, key=lambda row: asked.get(row[0], 0))", "rows")), _KEPT_WAITING),
            "never asks again": (_mended(("now - when < patience", "True")), _NEVER),
            "gives up after three tries": (_mended(
                ("    asked = {}\n", "    asked, tries = {}, {}\n"),
                ("id not in under_way:", "id not in under_way and tries.get(id, 0) < 3:"),
                ("asked[id] = now", "asked[id], tries[id] = now, tries.get(id, 0) + 1"),
            ), _NEVER),
            "the last answer counts": (_mended((' AND answer IS NULL", (answer', '", (answer')),
                                       "a second answer took the place of the first"),
            "an empty answer is none": (_mended(
                ('WHERE answer IS NULL")', "WHERE coalesce(length(answer), 0) = 0\")")),
                "an empty answer is taken for none"),
            "writes what is not there": (_mended((_UPDATE, """
                if not db.execute("SELECT 1 FROM requests WHERE id = ?", (id,)).fetchone():
                    db.execute("INSERT INTO requests (id) VALUES (?)", (id,))
""" + _UPDATE)), "a row is there that was closed, or never handed in"),
            "a transaction while it waits": (_mended(
                ("            now = time.monotonic()\n", """            now = time.monotonic()
            if not db.in_transaction:
                db.execute("BEGIN IMMEDIATE")
"""),
                (_UPDATE, _UPDATE + '                db.execute("COMMIT")\n'),
            ), "nobody else can use the file"),
            "takes it out of the file": (_mended(
                ("                    dealer.send", """                    bodies[id] = body
                    db.execute("DELETE FROM requests WHERE id = ?", (id,))
                    dealer.send"""),
                ("    asked = {}\n", "    asked, bodies = {}, {}\n"),
                (_UPDATE, """
                asked.pop(id, None)
                values = id, bodies.get(id), answer
                db.execute("INSERT OR IGNORE INTO requests (id, body, answer) VALUES (?, ?, ?)", values)
"""),
                ("for id, when in asked.items() if id in open_ones and", "for id, when in asked.items() if"),
            ), _NEVER),
            "the places of the closed are lost": (_mended((
                "if id in open_ones and now - when < patience}",
                "if id not in answered and (id not in open_ones or now - when < patience)}",
            ), ("    asked = {}\n", "    asked, answered = {}, set()\n"),
                (_UPDATE, _UPDATE + "                answered.add(id)\n"),
            ), _KEPT_WAITING),
            "reads the file again when all is done": (_mended(
                ("    asked = {}\n", "    asked, rows = {}, []\n"),
                ("            rows = db", "            rows = rows or db"),
                (_UPDATE, _UPDATE + "                rows = [row for row in rows if row[0] != id]\n"),
            ), "a new request is not asked"),
        },
    },
}
