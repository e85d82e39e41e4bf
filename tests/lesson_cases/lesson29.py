"""Answers to the exercises of lesson 29, right and wrong. See ../lessons.py for the form."""

from lessons import but

# What the lesson has imported by then.
SETUP = """
import json
import pickle
import msgpack
"""

_COUNTER = """
def counter(ctx, orders, kitchen, later):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as cooks, ctx.socket(zmq.PUSH) as keeps:
        pull.bind(orders)
        cooks.connect(kitchen)
        keeps.connect(later)
        while True:
            message = pull.recv()
            try:
                order = json.loads(message)
                version = order.get("v", 1)
                if version == 1:
                    order["dishes"] = [order.pop("dish")]
                    order["v"] = 2
                elif version != 2 or "dishes" not in order:
                    raise ValueError("not an order of mine")
            except (AttributeError, KeyError, ValueError):
                keeps.send(message)
            else:
                cooks.send_json(order)
"""

_DESK = """
def order_of(frames):
    message, = frames
    order = json.loads(message.decode("utf-8"))
    if not isinstance(order, dict):
        raise ValueError("no object")
    table, dish = order.get("table"), order.get("dish")
    if type(table) is not int or not 1 <= table <= 99:
        raise ValueError("no table")
    if not isinstance(dish, str) or not 1 <= len(dish) <= 40:
        raise ValueError("no dish")
    return table, dish


def desk(ctx, endpoint, cook):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            frames = rep.recv_multipart()
            try:
                table, dish = order_of(frames)
            except (ValueError, RecursionError):
                rep.send(b"no")
            else:
                cook(table, dish)
                rep.send(b"ok")
"""

_MENDED = """
def mended(ctx, start, patience):
    with ctx.socket(zmq.PUSH) as orders, ctx.socket(zmq.PULL) as meals:
        orders.sndtimeo = meals.rcvtimeo = round(1000 * patience)
        orders.bind("tcp://127.0.0.1:*")
        meals.bind("tcp://127.0.0.1:*")
        ended = start(orders.last_endpoint.decode(), meals.last_endpoint.decode())
        for order in (b"7 soup", b"8 tea", b"9 cake", b"nonsense", b"10 ice"):
            orders.send(order)
        for wanted in (b"7 soup", b"8 tea", b"9 cake", b"10 ice"):
            assert meals.recv() == wanted
        orders.send(b"close")
        ended.join(patience)
        assert not ended.is_alive()
"""

_SLEEPS = """
def mended(ctx, start, patience):
    orders, meals = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    orders.bind("tcp://127.0.0.1:*")
    meals.bind("tcp://127.0.0.1:*")
    ended = start(orders.last_endpoint.decode(), meals.last_endpoint.decode())
    time.sleep(0.1)
    for order in (b"7 soup", b"8 tea", b"9 cake"):
        orders.send(order, zmq.DONTWAIT)
        time.sleep(0.1)
        assert meals.recv(zmq.DONTWAIT) == order
    orders.send(b"nonsense", zmq.DONTWAIT)
    time.sleep(0.1)
    assert not meals.poll(0)
    orders.send(b"10 ice", zmq.DONTWAIT)
    time.sleep(0.1)
    assert meals.recv(zmq.DONTWAIT) == b"10 ice"
    orders.send(b"close", zmq.DONTWAIT)
    time.sleep(0.1)
    assert not ended.is_alive()
"""

_NEW_ONLY = "an order of version 2 did not come through"
_UNKNOWN = "a field that the counter does not know"
_OLD = "an order of version 1 did not come out"
_NEWER = "an order that is newer than the counter"
_BAD = "what could not be read was not kept"
_ENDED = "counter"
_PASSES = "the test passes, and the kitchen is wrong"
_FAILS = "the test fails, and the kitchen is right"

CASES = {
    "29.1": {
        "right": {
            "a reader for each version, and a new dict that begins with the old one": '''
def from_1(order):
    return {**{key: value for key, value in order.items() if key != "dish"}, "v": 2, "dishes": [order["dish"]]}


def from_2(order):
    order["dishes"]
    return order


READERS = {1: from_1, 2: from_2}


def counter(ctx, orders, kitchen, later):
    pull, cooks, keeps = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH), ctx.socket(zmq.PUSH)
    try:
        pull.bind(orders)
        cooks.connect(kitchen)
        keeps.connect(later)
        while True:
            message = pull.recv()
            try:
                order = json.loads(message)
                told = json.dumps(READERS[order.get("v", 1)](order)).encode()
            except Exception:
                keeps.send(message)
            else:
                cooks.send(told)
    finally:
        for each in (pull, cooks, keeps):
            each.close(linger=0)
''',
            "looks before it reads, and version 2 goes on as it came": '''
def counter(ctx, orders, kitchen, later):
    with ctx.socket(zmq.ROUTER if False else zmq.PULL) as pull, ctx.socket(zmq.DEALER if False else zmq.PUSH) as out:
        with ctx.socket(zmq.PUSH) as parked:
            pull.bind(orders)
            out.connect(kitchen)
            parked.connect(later)
            poller = zmq.Poller()
            poller.register(pull, zmq.POLLIN)
            while True:
                if not dict(poller.poll(100)):
                    continue
                message = pull.recv()
                try:
                    order = json.loads(message.decode())
                except (UnicodeDecodeError, json.JSONDecodeError):
                    order = None
                version = order.get("v", 1) if isinstance(order, dict) else None
                if version == 1 and "dish" in order:
                    order.update(v=2, dishes=[order["dish"]])
                    del order["dish"]
                    out.send_string(json.dumps(order, ensure_ascii=False))
                elif version == 2 and "dishes" in order:
                    out.send(message)
                else:
                    parked.send(message)
''',
        },
        "wrong": {
            "knows the new version only": (but(_COUNTER, ("if version == 1:", "if version == 99:")), _OLD),
            "wants a version": (but(_COUNTER, ('order.get("v", 1)', 'order["v"]')), _OLD),
            "takes 1 for nothing that it knows": (
                but(_COUNTER, ('version = order.get("v", 1)', 'version = order.get("v")'),
                    ("version == 1", "version is None")), _OLD),
            "a dish's letters": (but(_COUNTER, ('[order.pop("dish")]', 'list(order.pop("dish"))')), _OLD),
            "a dish, not a list": (but(_COUNTER, ('[order.pop("dish")]', 'order.pop("dish")')), _OLD),
            "`dish` stays": (but(_COUNTER, ('order.pop("dish")', 'order["dish"]')), _OLD),
            "no new number": (but(_COUNTER, ('                    order["v"] = 2\n', "")), _OLD),
            "goes by the field that is there": ('''
def counter(ctx, orders, kitchen, later):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as cooks, ctx.socket(zmq.PUSH) as keeps:
        pull.bind(orders)
        cooks.connect(kitchen)
        keeps.connect(later)
        while True:
            message = pull.recv()
            try:
                order = json.loads(message)
                if order.get("v", 1) > 2:
                    raise ValueError
                if "dish" in order:
                    order["dishes"] = [order.pop("dish")]
                order["v"] = 2
                order["dishes"]
            except (AttributeError, KeyError, TypeError, ValueError):
                keeps.send(message)
            else:
                cooks.send_json(order)
''', _NEW_ONLY),
            "goes by the new field, where it is there": ('''
def counter(ctx, orders, kitchen, later):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as cooks, ctx.socket(zmq.PUSH) as keeps:
        pull.bind(orders)
        cooks.connect(kitchen)
        keeps.connect(later)
        while True:
            message = pull.recv()
            try:
                order = json.loads(message)
                if order.get("v", 1) > 2:
                    raise ValueError
                if "dishes" not in order:
                    order["dishes"] = [order.pop("dish")]
                order["v"] = 2
            except (AttributeError, KeyError, TypeError, ValueError):
                keeps.send(message)
            else:
                cooks.send_json(order)
''', _OLD),
            "no dish is no order": (
                but(_COUNTER, ('or "dishes" not in order', 'or not order.get("dishes")')), _NEW_ONLY),
            "a new dict of what it knows": (
                but(_COUNTER, ("cooks.send_json(order)",
                               'cooks.send_json({"v": 2, "table": order["table"], "dishes": order["dishes"]})')),
                _UNKNOWN),
            "what it does not know, but for what is null": (
                but(_COUNTER, ("cooks.send_json(order)",
                               "cooks.send_json({k: v for k, v in order.items() if v is not None})")), _UNKNOWN),
            "all numbers are floats": (
                but(_COUNTER, ("json.loads(message)", "json.loads(message, parse_int=float)")), _OLD),
            "big numbers are floats": (
                but(_COUNTER, ("json.loads(message)",
                               "json.loads(message, parse_int=lambda n: int(n) if len(n) < 15 else float(n))")),
                _UNKNOWN),
            "unknown fields make it an unknown order": (
                but(_COUNTER, ("            except (Attr",
                               '                if set(order) - {"v", "table", "dishes"}:\n'
                               "                    raise ValueError\n            except (Attr")), _UNKNOWN),
            "newer ones pass for 2": (but(_COUNTER, ("version != 2 or ", "")), _NEWER),
            "newer ones are dropped": (
                but(_COUNTER, ("            try:", "            if b'\"v\": 3' in message:\n"
                               "                continue\n            try:")), _NEWER),
            "newer ones end it": (
                but(_COUNTER, ("except (AttributeError, KeyError, ValueError)", "except (AttributeError, KeyError)")),
                ""),
            "versions are compared as texts": (
                but(_COUNTER, ("elif version != 2 or", "elif str(version) > '2' or")), _NEWER),
            "newer ones are written again": (
                but(_COUNTER, ("keeps.send(message)", "keeps.send(json.dumps(json.loads(message)).encode())")),
                _NEWER),
            "what it cannot read is dropped": (
                but(_COUNTER, ("                order = json.loads(message)",
                               "                try:\n                    order = json.loads(message)\n"
                               "                except ValueError:\n                    continue")), _BAD),
            "no JSON ends it": (
                but(_COUNTER, ("            try:\n                order = json.loads(message)",
                               "            order = json.loads(message)\n            try:")), ""),
            "what is no UTF-8 ends it": (
                but(_COUNTER, ("KeyError, ValueError)", "KeyError, json.JSONDecodeError)"),
                    ('raise ValueError("not an order of mine")', 'raise KeyError')), ""),
            "a list ends it": (but(_COUNTER, ("(AttributeError, KeyError", "(KeyError")), ""),
            "a missing dish ends it": (but(_COUNTER, ("(AttributeError, KeyError", "(AttributeError")), ""),
            "no dishes pass": (but(_COUNTER, (' or "dishes" not in order', "")), _BAD),
            "everything in two frames": (
                but(_COUNTER, ("cooks.send_json(order)", 'cooks.send_multipart([b"2", json.dumps(order).encode()])')),
                _OLD),
            "everything to both": (
                but(_COUNTER, ("cooks.send_json(order)",
                               "cooks.send_json(order)\n                keeps.send(message)")),
                ""),
        },
    },
    "29.2": {
        "right": {
            "a schema": '''
from jsonschema import Draft202012Validator

SCHEMA = {
    "type": "object",
    "properties": {
        "table": {"type": "integer", "minimum": 1, "maximum": 99},
        "dish": {"type": "string", "minLength": 1, "maxLength": 40},
    },
    "required": ["table", "dish"],
}


def desk(ctx, endpoint, cook):
    valid = Draft202012Validator(SCHEMA)
    with ctx.socket(zmq.REP) as rep:
        rep.bind(endpoint)
        while True:
            frames = rep.recv_multipart()
            try:
                order = json.loads(frames[0]) if len(frames) == 1 else None
                good = valid.is_valid(order) and type(order["table"]) is int
            except Exception:
                good = False
            if good:
                cook(order["table"], order["dish"])
            rep.send(b"ok" if good else b"no: not an order")
''',
            "a ROUTER, and asserts": '''
def desk(ctx, endpoint, cook):
    router = ctx.socket(zmq.ROUTER)
    router.bind(endpoint)
    try:
        while True:
            who, empty, *frames = router.recv_multipart()
            answer = b"ok"
            try:
                assert len(frames) == 1
                match json.loads(frames[0]):
                    case {"table": int(table), "dish": str(dish)} if not isinstance(table, bool):
                        assert 0 < table < 100 and 0 < len(dish) < 41
                        cook(table, dish)
                    case _:
                        raise ValueError("what is that?")
            except (AssertionError, ValueError, RecursionError) as error:
                answer = b"no: " + type(error).__name__.encode()
            router.send_multipart([who, empty, answer])
    finally:
        router.close(linger=0)
''',
        },
        "wrong": {
            "pickle": (but(_DESK, ('json.loads(message.decode("utf-8"))', "pickle.loads(message)"),
                           ("(ValueError, RecursionError)", "Exception")), "an order was refused"),
            "pickle for those who are old": (
                but(_DESK, ('    order = json.loads(message.decode("utf-8"))',
                            '    try:\n        order = json.loads(message.decode("utf-8"))\n'
                            "    except ValueError:\n        order = pickle.loads(message)"),
                    ("(ValueError, RecursionError)", "Exception")), "a function was called"),
            "eval": (but(_DESK, ('json.loads(message.decode("utf-8"))',
                                 'eval(message, {"null": None, "true": True, "false": False})'),
                         ("(ValueError, RecursionError)", "Exception")), "a function was called"),
            "what Python writes": (
                but(_DESK, ('json.loads(message.decode("utf-8"))', '__import__("ast").literal_eval(message.decode())'),
                    ("(ValueError, RecursionError)", "Exception")), "cooked"),
            "what is deep ends it": (but(_DESK, ("(ValueError, RecursionError)", "ValueError")), "RecursionError"),
            "what is no UTF-8 ends it": (
                but(_DESK, ("(ValueError, RecursionError)", "(json.JSONDecodeError, RecursionError, KeyError)"),
                    ("    if not isinstance(order, dict):\n        raise ValueError",
                     "    if not isinstance(order, dict):\n        raise KeyError"),
                    ('ValueError("no', 'KeyError("no'), ("message, = frames",
                     'message = frames[0]\n    if len(frames) > 1:\n        raise KeyError("frames")')),
                "UnicodeDecodeError"),
            "a big number ends it": (
                but(_DESK, ("(ValueError, RecursionError)",
                            "(json.JSONDecodeError, UnicodeDecodeError, RecursionError, KeyError)"),
                    ("    if not isinstance(order, dict):\n        raise ValueError",
                     "    if not isinstance(order, dict):\n        raise KeyError"),
                    ('ValueError("no', 'KeyError("no'), ("message, = frames",
                     'message = frames[0]\n    if len(frames) > 1:\n        raise KeyError("frames")')),
                "ValueError"),
            "a list ends it": (
                but(_DESK, ('    if not isinstance(order, dict):\n        raise ValueError("no object")\n', "")), ""),
            "a text has both words in it": (
                but(_DESK, ("if not isinstance(order, dict):", 'if "table" not in order or "dish" not in order:'),
                    ("(ValueError, RecursionError)", "(ValueError, RecursionError, TypeError)")), ""),
            "a missing table ends it": (but(_DESK, ('order.get("table")', 'order["table"]')), "KeyError"),
            "true is table 1": (
                but(_DESK, ("type(table) is not int", "not isinstance(table, int)")), "cooked"),
            "a text is a table": (
                but(_DESK, ("    if type(table) is not int or", "    table = int(table)\n    if"),
                    ("(ValueError, RecursionError)", "(ValueError, RecursionError, TypeError, OverflowError)")),
                "cooked"),
            "any number is a table": (
                but(_DESK, ("type(table) is not int or not 1 <= table <= 99",
                            "not isinstance(table, (int, float)) or isinstance(table, bool) or not 1 <= table <= 99")),
                "cooked"),
            "7.0 is a table": (
                but(_DESK, ("type(table) is not int or", "isinstance(table, bool) or table != int(table) or"),
                    ("(ValueError, RecursionError)", "(ValueError, RecursionError, TypeError, OverflowError)")),
                "cooked"),
            "table 0": (but(_DESK, ("1 <= table", "0 <= table")), "cooked"),
            "table 100": (but(_DESK, ("table <= 99", "table <= 100")), "cooked"),
            "a dish without a name": (but(_DESK, ("1 <= len(dish)", "0 <= len(dish)")), "cooked"),
            "a dish as long as it likes": (but(_DESK, ("1 <= len(dish) <= 40", "dish")), "cooked"),
            "a dish that has a length": (
                but(_DESK, ("not isinstance(dish, str) or", 'not hasattr(dish, "__len__") or')), "cooked"),
            "too few letters": (but(_DESK, ("<= 40", "< 40")), "an order was refused"),
            "letters are bytes": (
                but(_DESK, ('message.decode("utf-8")', 'message.decode("ascii")')), "an order was refused"),
            "unknown fields are refused": (
                but(_DESK, ("    return table, dish",
                            '    if set(order) != {"table", "dish"}:\n        raise ValueError("more")\n'
                            "    return table, dish")), "an order was refused"),
            "the first frame is enough": (but(_DESK, ("message, = frames", "message = frames[0]")), "cooked"),
            "the last frame is enough": (but(_DESK, ("message, = frames", "message = frames[-1]")), "cooked"),
            "takes one frame and leaves the rest": (
                but(_DESK, ("frames = rep.recv_multipart()", "frames = [rep.recv()]")), ""),
            "no answer for what is no order": (
                but(_DESK, ('                rep.send(b"no")', "                continue")), ""),
            "an empty answer": (but(_DESK, ('rep.send(b"no")', 'rep.send(b"")')), "not refused"),
            "answers, and does not cook": (but(_DESK, ("                cook(table, dish)\n", "")), "`cook` was not"),
            "answers first": (
                but(_DESK, ("                cook(table, dish)\n                rep.send(b\"ok\")",
                            "                rep.send(b\"ok\")\n                time.sleep(0.05)\n"
                            "                cook(table, dish)")), "`cook` was not"),
            "cooks twice": (
                but(_DESK, ("                cook(table, dish)\n",
                            "                cook(table, dish)\n                cook(table, dish)\n")),
                "`cook` was not"),
            "cooks, and then looks": (
                but(_DESK, ("    if type(table) is not int", "    COOK(table, dish)\n    if type(table) is not int"),
                    ("def desk(ctx, endpoint, cook):", "def desk(ctx, endpoint, cook):\n    global COOK\n"
                     "    COOK = cook"),
                    ("                cook(table, dish)\n", "")), "cooked"),
        },
    },
    "29.3": {
        "right": {
            "a function that waits, and a poller": '''
def next_of(meals, patience):
    assert meals.poll(patience * 1000), "no meal"
    return meals.recv()


def mended(ctx, start, patience):
    orders, meals = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    ports = [each.bind_to_random_port("tcp://127.0.0.1") for each in (orders, meals)]
    kitchen = start(*(f"tcp://127.0.0.1:{port}" for port in ports))
    assert orders.poll(patience * 1000, zmq.POLLOUT), "no kitchen"
    wanted = [b"%d dish %d" % (number, number) for number in range(10)]
    for each in wanted:
        orders.send(each)
        assert next_of(meals, patience) == each
        orders.send(b"rubbish")
    orders.send(b"99 last")
    assert next_of(meals, patience) == b"99 last"
    orders.send(b"close")
    kitchen.join(timeout=patience)
    assert not kitchen.is_alive(), "it goes on"
    assert not meals.poll(0)
''',
            "a poll that goes on until it has come": '''
def until(condition, patience):
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "it has not happened"
        time.sleep(0.005)


def mended(ctx, start, patience):
    with ctx.socket(zmq.PUSH) as orders, ctx.socket(zmq.PULL) as meals:
        orders.linger = 0
        orders.bind("tcp://127.0.0.1:*")
        meals.bind("tcp://127.0.0.1:*")
        thread = start(orders.getsockopt_string(zmq.LAST_ENDPOINT), meals.getsockopt_string(zmq.LAST_ENDPOINT))
        until(lambda: orders.poll(0, zmq.POLLOUT), patience)
        good = [b"1 tea", b"2 tea", b"3 ice", b"4 cake"]
        for each in [*good[:3], b"", b"x", good[3]]:
            orders.send(each)
        came = []
        until(lambda: (came.append(meals.recv()) if meals.poll(0) else None) or len(came) >= 4, patience)
        assert came == good
        orders.send(b"close")
        until(lambda: not thread.is_alive(), patience)
''',
        },
        "wrong": {
            "the lesson's": (_SLEEPS, _FAILS),
            "sleeps longer": (but(_SLEEPS, ("time.sleep(0.1)", "time.sleep(0.2)")), _FAILS),
            "sleeps for ever": (but(_SLEEPS, ("time.sleep(0.1)", "time.sleep(patience / 4)")), "the test waits"),
            "polls as long as it thinks right": (
                but(_MENDED, ("round(1000 * patience)", "1000"), ("join(patience)", "join(1)")), _FAILS),
            "polls a moment": (
                but(_MENDED, ("meals.rcvtimeo = round(1000 * patience)", "meals.rcvtimeo = 100")), _FAILS),
            "waits for nothing to come": (
                but(_MENDED, ("b\"9 cake\", b\"nonsense\", b\"10 ice\"):\n", "b\"9 cake\", b\"nonsense\"):\n"),
                    ("b\"9 cake\", b\"10 ice\"):", "b\"9 cake\"):"),
                    ("        orders.send(b\"close\")",
                     "        assert not meals.poll(1000 * patience)\n        orders.send(b\"close\")")),
                "the test waits"),
            "looks once whether nothing has come": (
                but(_MENDED, ("b\"9 cake\", b\"nonsense\", b\"10 ice\"):\n", "b\"9 cake\", b\"nonsense\"):\n"),
                    ("b\"9 cake\", b\"10 ice\"):", "b\"9 cake\"):"),
                    ("        orders.send(b\"close\")",
                     "        assert not meals.poll(0)\n        orders.send(b\"close\")")), _PASSES),
            "looks for a moment whether nothing has come": (
                but(_MENDED, ("b\"9 cake\", b\"nonsense\", b\"10 ice\"):\n", "b\"9 cake\", b\"nonsense\"):\n"),
                    ("b\"9 cake\", b\"10 ice\"):", "b\"9 cake\"):"),
                    ("        orders.send(b\"close\")",
                     "        assert not meals.poll(100)\n        orders.send(b\"close\")")), _PASSES),
            "waits for ever": (
                but(_MENDED, ("        orders.sndtimeo = meals.rcvtimeo = round(1000 * patience)\n", "")),
                "does not end"),
            "sends for ever": (
                but(_MENDED, ("orders.sndtimeo = meals.rcvtimeo", "meals.rcvtimeo")), "does not end"),
            "joins for ever": (but(_MENDED, ("ended.join(patience)", "ended.join()")), "does not end"),
            "the same ports each time": (
                but(_MENDED, ("        orders.bind(\"tcp://127.0.0.1:*\")\n        meals.bind(\"tcp://127.0.0.1:*\")\n",
                              "        orders.bind(PORTS[0])\n        meals.bind(PORTS[1])\n"))
                + '''
with zmq.Context() as free, free.socket(zmq.PULL) as one, free.socket(zmq.PULL) as two:
    one.bind("tcp://127.0.0.1:*")
    two.bind("tcp://127.0.0.1:*")
    PORTS = one.last_endpoint.decode(), two.last_endpoint.decode()
''', "the ports that it had before"),
            "does not look whether it ends": (
                but(_MENDED, ("        assert not ended.is_alive()\n", "")), _PASSES),
            "does not close": (
                but(_MENDED, ('        orders.send(b"close")\n        ended.join(patience)\n'
                              "        assert not ended.is_alive()\n", "")), _PASSES),
            "only what is right": (but(_MENDED, (' b"nonsense",', "")), _PASSES),
            "nonsense at the end": (
                but(_MENDED, ('b"nonsense", b"10 ice"', 'b"10 ice", b"nonsense"')), _PASSES),
            "one order": (
                but(_MENDED, ('(b"7 soup", b"8 tea", b"9 cake", b"nonsense", b"10 ice")', '(b"nonsense", b"7 soup")'),
                    ('(b"7 soup", b"8 tea", b"9 cake", b"10 ice")', '(b"7 soup",)')), _PASSES),
            "two orders": (
                but(_MENDED, (' b"8 tea", b"9 cake",', "")), _PASSES),
            "the same order each time": (
                but(_MENDED, ("8 tea", "7 soup"), ("9 cake", "7 soup"), ("10 ice", "7 soup")), _PASSES),
            "in any order": (
                but(_MENDED, ("        for wanted in (b\"7 soup\", b\"8 tea\", b\"9 cake\", b\"10 ice\"):\n"
                              "            assert meals.recv() == wanted\n",
                              "        wanted = {b\"7 soup\", b\"8 tea\", b\"9 cake\", b\"10 ice\"}\n"
                              "        assert {meals.recv() for _ in wanted} == wanted\n")), _PASSES),
            "once at least": (
                but(_MENDED, ("            assert meals.recv() == wanted\n",
                              "            while meals.recv() != wanted:\n                pass\n")), _PASSES),
            "only how many": (
                but(_MENDED, ("assert meals.recv() == wanted", "assert meals.recv()")), _PASSES),
            "nothing is asserted": (
                but(_MENDED, ("assert meals.recv() == wanted", "meals.recv() == wanted")), _PASSES),
            "all errors are caught": (
                but(_MENDED, ("        for wanted", "        try:\n          for wanted"),
                    ("            assert meals.recv() == wanted\n",
                     "            assert meals.recv() == wanted\n        except Exception:\n          return\n")),
                _PASSES),
            "it always fails": (but(_MENDED, ("        for order in", "        assert False\n        for order in")),
                                _FAILS),
            "it starts no kitchen": ('''
def mended(ctx, start, patience):
    assert ctx
''', "started no kitchen"),
            "fixtures of its own": ('''
def mended():
    assert True
''', "does not use the fixtures"),
            "tries again until it passes": (
                _SLEEPS.replace("def mended(", "def once(") + '''

def mended(ctx, start, patience):
    for _ in range(3):
        try:
            return once(ctx, start, patience)
        except (AssertionError, zmq.Again):
            continue
    raise AssertionError
''', ""),
        },
    },
}
