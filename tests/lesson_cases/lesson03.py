"""Answers to the exercises of lesson 03, right and wrong. See ../lessons.py for the form."""

CASES = {
    "03.1": {
        "right": {
            "loops": """
def choose(facts):
    chosen = {"orders": [], "audit": [], "sensors": []}
    for fact in facts:
        if fact["lost"] == 0:
            if fact["recovered"] is not None and fact["recovered"] <= 10:
                chosen["orders"].append(fact["name"])
            if fact["late"] is not None and fact["late"] > 0:
                chosen["audit"].append(fact["name"])
        if fact["server"] is False and fact["stopped"] in {"blocks", "error"}:
            chosen["sensors"].append(fact["name"])
    return chosen
""",
            "needs as functions": """
def choose(facts):
    needs = {
        "orders": lambda f: f["lost"] == 0 and (f["recovered"] if f["recovered"] is not None else 99) <= 10,
        "audit": lambda f: f["lost"] == 0 and (f["late"] or 0) > 0,
        "sensors": lambda f: not f["server"] and f["stopped"] not in ("takes all", "drops", None),
    }
    return {need: tuple(f["name"] for f in facts if fits(f)) for need, fits in needs.items()}
""",
        },
        "wrong": {
            "names by heart": ("""
def choose(facts):
    return {"orders": ["RabbitMQ", "Kafka protocol (Tansu)", "beanstalkd", "Redis streams"],
            "audit": ["Kafka protocol (Tansu)", "Redis streams"], "sensors": ["ZeroMQ"]}
""", "never heard of"),
            "None is compared": ("""
def choose(facts):
    return {
        "orders": [f["name"] for f in facts if f["recovered"] <= 10 and f["lost"] == 0],
        "audit": [f["name"] for f in facts if f["lost"] == 0 and f["late"]],
        "sensors": [f["name"] for f in facts if not f["server"] and f["stopped"] in ("blocks", "error")],
    }
""", "TypeError"),
            "not lost is none": ("""
def choose(facts):
    safe = [f for f in facts if not f["lost"]]
    return {
        "orders": [f["name"] for f in safe if (f["recovered"] or 0) <= 10],
        "audit": [f["name"] for f in safe if f["late"]],
        "sensors": [f["name"] for f in facts if not f["server"] and f["stopped"] in ("blocks", "error")],
    }
""", "never measured"),
            "not lost is none, for the audit": ("""
def choose(facts):
    safe = [f for f in facts if f["lost"] == 0]
    return {
        "orders": [f["name"] for f in safe if f["recovered"] is not None and f["recovered"] <= 10],
        "audit": [f["name"] for f in facts if not f["lost"] and f["late"]],
        "sensors": [f["name"] for f in facts if not f["server"] and f["stopped"] in ("blocks", "error")],
    }
""", "nobody killed it"),
            "not lost is none, for the orders": ("""
def choose(facts):
    return {
        "orders": [f["name"] for f in facts if not f["lost"] and f["recovered"] is not None and f["recovered"] <= 10],
        "audit": [f["name"] for f in facts if f["lost"] == 0 and f["late"]],
        "sensors": [f["name"] for f in facts if not f["server"] and f["stopped"] in ("blocks", "error")],
    }
""", "quick, and never killed"),
            "at once is never": ("""
def choose(facts):
    safe = [f for f in facts if f["lost"] == 0]
    return {
        "orders": [f["name"] for f in safe if f["recovered"] and f["recovered"] <= 10],
        "audit": [f["name"] for f in safe if f["late"]],
        "sensors": [f["name"] for f in facts if not f["server"] and f["stopped"] in ("blocks", "error")],
    }
""", "at once"),
            "whatever does not drop": ("""
def choose(facts):
    safe = [f for f in facts if f["lost"] == 0]
    return {
        "orders": [f["name"] for f in safe if f["recovered"] is not None and f["recovered"] <= 10],
        "audit": [f["name"] for f in safe if f["late"]],
        "sensors": [f["name"] for f in facts if not f["server"] and f["stopped"] != "drops"],
    }
""", "you chose"),
            "late without safe": ("""
def choose(facts):
    return {
        "orders": [f["name"] for f in facts if f["lost"] == 0 and f["recovered"] is not None and f["recovered"] <= 10],
        "audit": [f["name"] for f in facts if f["late"]],
        "sensors": [f["name"] for f in facts if not f["server"] and f["stopped"] in ("blocks", "error")],
    }
""", "leaky log"),
            "any newcomer": ("""
def choose(facts):
    safe = [f for f in facts if f["lost"] == 0]
    return {
        "orders": [f["name"] for f in safe if f["recovered"] is not None and f["recovered"] <= 10],
        "audit": [f["name"] for f in safe if f["late"] is not None],
        "sensors": [f["name"] for f in facts if not f["server"] and f["stopped"] in ("blocks", "error")],
    }
""", "RabbitMQ"),
            "an error is not noticed": ("""
def choose(facts):
    safe = [f for f in facts if f["lost"] == 0]
    return {
        "orders": [f["name"] for f in safe if f["recovered"] is not None and f["recovered"] <= 10],
        "audit": [f["name"] for f in safe if f["late"]],
        "sensors": [f["name"] for f in facts if not f["server"] and f["stopped"] == "blocks"],
    }
""", "kind library"),
            "twice counts as lost": ("""
def choose(facts):
    safe = [f for f in facts if f["lost"] == 0 and f["twice"] == 0]
    return {
        "orders": [f["name"] for f in safe if f["recovered"] is not None and f["recovered"] <= 10],
        "audit": [f["name"] for f in safe if f["late"]],
        "sensors": [f["name"] for f in facts if not f["server"] and f["stopped"] in ("blocks", "error")],
    }
""", "did not choose"),
            "less than ten": ("""
def choose(facts):
    safe = [f for f in facts if f["lost"] == 0]
    return {
        "orders": [f["name"] for f in safe if f["recovered"] is not None and f["recovered"] < 10],
        "audit": [f["name"] for f in safe if f["late"]],
        "sensors": [f["name"] for f in facts if not f["server"] and f["stopped"] in ("blocks", "error")],
    }
""", "just in time"),
            "whole dicts": ("""
def choose(facts):
    return {"orders": [f for f in facts if f["lost"] == 0], "audit": [], "sensors": []}
""", "no name"),
            "a list": ("""
def choose(facts):
    return [f["name"] for f in facts if f["lost"] == 0]
""", "did not return a dict"),
            "sets": ("""
def choose(facts):
    return {"orders": {f["name"] for f in facts if f["lost"] == 0}, "audit": set(), "sensors": set()}
""", "list"),
            "nothing returned": ("""
def choose(facts):
    orders = [f["name"] for f in facts if f["lost"] == 0]
""", "did not return a dict"),
        },
    },
    "03.2": {
        "right": {
            "a poller, frames by hand": """
def shrinker(ctx, tasks, done, shrink):
    pull = ctx.socket(zmq.PULL)
    push = ctx.socket(zmq.PUSH)
    try:
        push.connect(done)
        pull.connect(tasks)
        while True:
            if pull.poll(100):
                (name,) = pull.recv_multipart()
                small = shrink(name)
                push.send(name, zmq.SNDMORE)
                push.send(small)
    finally:
        pull.close()
        push.close()
""",
            "one at a time": """
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.rcvhwm = 1
        pull.connect(tasks)
        push.connect(done)
        for name in iter(pull.recv, None):
            push.send_multipart((name, shrink(name)))
""",
            "frames without a copy": """
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        for socket, address in ((pull, tasks), (push, done)):
            socket.connect(address)
        while True:
            frame = pull.recv(copy=False)
            push.send_multipart([frame.bytes, shrink(frame.bytes)], copy=False)
""",
        },
        "wrong": {
            "it binds": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.bind(tasks)
        push.bind(done)
        while True:
            name = pull.recv()
            push.send_multipart([name, shrink(name)])
""", "in use"),
            "only the result": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        while True:
            push.send(shrink(pull.recv()))
""", "one frame"),
            "both in one frame": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        while True:
            name = pull.recv()
            push.send(name + shrink(name))
""", "one frame"),
            "two messages": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        while True:
            name = pull.recv()
            small = shrink(name)
            push.send(name)
            push.send(small)
""", "one frame"),
            "the other way round": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        while True:
            name = pull.recv()
            push.send_multipart([shrink(name), name])
""", "wrong order"),
            "text": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        while True:
            name = pull.recv_string()
            push.send_multipart([name.encode(), shrink(name)])
""", "as it came"),
            "only one": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        name = pull.recv()
        push.send_multipart([name, shrink(name)])
""", ""),
            "an empty name ends it": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        while name := pull.recv():
            push.send_multipart([name, shrink(name)])
""", ""),
            "a REP": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.REP) as reply, ctx.socket(zmq.PUSH) as push:
        reply.connect(tasks)
        push.connect(done)
        while True:
            name = reply.recv()
            push.send_multipart([name, shrink(name)])
""", "PULL"),
            "the addresses mixed up": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(done)
        push.connect(tasks)
        while True:
            name = pull.recv()
            push.send_multipart([name, shrink(name)])
""", "PULL"),
            "a name only once": ("""
def shrinker(ctx, tasks, done, shrink):
    seen = set()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        while True:
            name = pull.recv()
            if name not in seen:
                seen.add(name)
                push.send_multipart([name, shrink(name)])
""", ""),
            "remembers what it has shrunk": ("""
def shrinker(ctx, tasks, done, shrink):
    small = {}
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        while True:
            name = pull.recv()
            if name not in small:
                small[name] = shrink(name)
            push.send_multipart([name, small[name]])
""", "not at all"),
            "gives up after a second of silence": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        while pull.poll(1000):
            name = pull.recv()
            push.send_multipart([name, shrink(name)])
""", ""),
            "a hundred names and no more": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        for _ in range(100):
            name = pull.recv()
            push.send_multipart([name, shrink(name)])
""", ""),
            "nothing left is nothing to report": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        while True:
            name = pull.recv()
            small = shrink(name)
            if small:
                push.send_multipart([name, small])
""", ""),
            "drops the report when nobody is there": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        push.immediate = 1
        pull.connect(tasks)
        push.connect(done)
        while True:
            name = pull.recv()
            try:
                push.send_multipart([name, shrink(name)], zmq.NOBLOCK)
            except zmq.Again:
                pass
""", ""),
            "the work done twice": ("""
def shrinker(ctx, tasks, done, shrink):
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(done)
        while True:
            name = pull.recv()
            shrink(name)
            push.send_multipart([name, shrink(name)])
""", "more than once"),
        },
    },
    "03.3": {
        "right": {
            "a set of those outstanding": """
def master(ctx, tasks, done, names, patience):
    push, pull = ctx.socket(zmq.PUSH), ctx.socket(zmq.PULL)
    pull.bind(done)
    push.bind(tasks)
    push.sndtimeo = pull.rcvtimeo = int(patience * 1000)
    outstanding, results = set(names), {}
    try:
        for name in names:
            push.send(name)
        while outstanding:
            name, small = pull.recv_multipart()
            if name in outstanding:
                outstanding.remove(name)
                results[name] = small
    except zmq.Again:
        pass
    push.close(linger=0)
    pull.close()
    return results, sorted(outstanding, key=names.index)
""",
            "sends and collects in turn": """
def master(ctx, tasks, done, names, patience):
    todo_list, results = list(names), {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        last = time.monotonic()
        while set(results) != set(names) and time.monotonic() - last < patience:
            if todo_list and push.poll(0, zmq.POLLOUT):
                push.send(todo_list.pop(0))
            while pull.poll(0 if todo_list else 10):
                name, small = pull.recv_multipart()
                last = time.monotonic()
                if name in set(names):
                    results.setdefault(name, small)
    return results, [name for name in names if name not in results]
""",
        },
        "wrong": {
            "only names of its own break the silence": ("""
def master(ctx, tasks, done, names, patience):
    results, end = {}, time.monotonic() + patience
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.sndtimeo = int(patience * 1000)
        push.linger = 0
        push.bind(tasks)
        pull.bind(done)
        try:
            for name in names:
                push.send(name)
            end = time.monotonic() + patience
        except zmq.Again:
            pass
        while len(results) < len(names) and (left := end - time.monotonic()) > 0 and pull.poll(left * 1000):
            name, small = pull.recv_multipart()
            if name in names:
                results[name] = small
                end = time.monotonic() + patience
    return results, [name for name in names if name not in results]
""", "yesterday's results first"),
            "hangs where nobody works": ("""
def master(ctx, tasks, done, names, patience):
    results = {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        for name in names:
            push.send(name)
        while len(results) < len(names) and pull.poll(patience * 1000):
            name, small = pull.recv_multipart()
            if name in names:
                results[name] = small
    return results, [name for name in names if name not in results]
""", "did not come back"),
            "an empty result is none": ("""
def master(ctx, tasks, done, names, patience):
    results = {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        push.sndtimeo = int(patience * 1000)
        try:
            for name in names:
                push.send(name)
        except zmq.Again:
            pass
        while len(results) < len(names) and pull.poll(patience * 1000):
            name, small = pull.recv_multipart()
            if name in names:
                results[name] = small
    return results, [name for name in names if not results.get(name)]
""", "what is missing"),
            "asks for one message at least": ("""
def master(ctx, tasks, done, names, patience):
    results = {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        push.sndtimeo = int(patience * 1000)
        try:
            for name in names:
                push.send(name)
        except zmq.Again:
            pass
        while True:
            name, small = pull.recv_multipart()
            if name in names:
                results[name] = small
            if len(results) == len(names):
                break
            if not pull.poll(patience * 1000):
                break
    return results, [name for name in names if name not in results]
""", ""),
            "waits for all": ("""
def master(ctx, tasks, done, names, patience):
    results = {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        for name in names:
            push.send(name)
        while len(results) < len(names):
            name, small = pull.recv_multipart()
            results[name] = small
    return results, []
""", "did not come back"),
            "one deadline for all": ("""
def master(ctx, tasks, done, names, patience):
    results = {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        for name in names:
            push.send(name)
        end = time.monotonic() + patience
        while len(results) < len(names) and time.monotonic() < end:
            if pull.poll(20):
                name, small = pull.recv_multipart()
                if name in names:
                    results[name] = small
    return results, [name for name in names if name not in results]
""", "not those that came"),
            "always waits": ("""
def master(ctx, tasks, done, names, patience):
    results = {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        for name in names:
            push.send(name)
        while pull.poll(patience * 1000):
            name, small = pull.recv_multipart()
            if name in names:
                results[name] = small
    return results, [name for name in names if name not in results]
""", "went on waiting"),
            "seconds taken for milliseconds": ("""
def master(ctx, tasks, done, names, patience):
    results = {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        for name in names:
            push.send(name)
        while len(results) < len(names) and pull.poll(patience):
            name, small = pull.recv_multipart()
            if name in names:
                results[name] = small
    return results, [name for name in names if name not in results]
""", ""),
            "counts messages": ("""
def master(ctx, tasks, done, names, patience):
    results, count = {}, 0
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        for name in names:
            push.send(name)
        while count < len(names) and pull.poll(patience * 1000):
            name, small = pull.recv_multipart()
            count += 1
            if name in names:
                results[name] = small
    return results, [name for name in names if name not in results]
""", "twice"),
            "keeps the stranger": ("""
def master(ctx, tasks, done, names, patience):
    results = {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        for name in names:
            push.send(name)
        while set(names) - set(results) and pull.poll(patience * 1000):
            name, small = pull.recv_multipart()
            results[name] = small
    return results, [name for name in names if name not in results]
""", "not asked for"),
            "missing in any order": ("""
def master(ctx, tasks, done, names, patience):
    results = {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        for name in names:
            push.send(name)
        while len(results) < len(names) and pull.poll(patience * 1000):
            name, small = pull.recv_multipart()
            if name in names:
                results[name] = small
    return results, sorted(name for name in names if name not in results)
""", "order"),
            "only the results": ("""
def master(ctx, tasks, done, names, patience):
    results = {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        for name in names:
            push.send(name)
        while len(results) < len(names) and pull.poll(patience * 1000):
            name, small = pull.recv_multipart()
            if name in names:
                results[name] = small
    return results
""", "two things"),
            "connects": ("""
def master(ctx, tasks, done, names, patience):
    results = {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.connect(tasks)
        pull.connect(done)
        for name in names:
            push.send(name)
        while len(results) < len(names) and pull.poll(patience * 1000):
            name, small = pull.recv_multipart()
            if name in names:
                results[name] = small
    return results, [name for name in names if name not in results]
""", "no worker got anything"),
            "how many are missing": ("""
def master(ctx, tasks, done, names, patience):
    results = {}
    with ctx.socket(zmq.PUSH) as push, ctx.socket(zmq.PULL) as pull:
        push.bind(tasks)
        pull.bind(done)
        for name in names:
            push.send(name)
        while len(results) < len(names) and pull.poll(patience * 1000):
            name, small = pull.recv_multipart()
            if name in names:
                results[name] = small
    return results, len(names) - len(results)
""", "list"),
        },
    },
}
