"""Answers to the exercises of lesson 16, right and wrong."""

SETUP = """
import asyncio
import itertools
import os
import queue
import uuid
from concurrent.futures import ThreadPoolExecutor
import zmq.asyncio
"""

CASES = {
    "16.1": {
        "right": {
            "the thread binds, and jobs are sent ahead with a limit": """
def elsewhere(ctx, work, jobs):
    name = "inproc://helper-" + uuid.uuid4().hex
    def helper():
        line = ctx.socket(zmq.PAIR)
        line.bind(name)
        while (frames := line.recv_multipart())[0] == b"do":
            line.send(work(frames[1]))
        line.close()
    thread = threading.Thread(target=helper, daemon=True)
    thread.start()
    line = ctx.socket(zmq.PAIR)
    line.connect(name)
    todo_list, answers, under_way = list(jobs), [], 0
    while todo_list or under_way:
        if todo_list and under_way < 5:
            line.send_multipart([b"do", todo_list.pop(0)])
            under_way += 1
        else:
            answers.append(line.recv())
            under_way -= 1
    line.send(b"end")
    thread.join()
    line.close()
    return answers
""",
            "a second PAIR says stop": """
def elsewhere(ctx, work, jobs):
    base = f"inproc://{uuid.uuid4()}"
    def helper():
        with ctx.socket(zmq.PAIR) as jobs_in, ctx.socket(zmq.PAIR) as control:
            jobs_in.connect(base + "/jobs")
            control.connect(base + "/control")
            poller = zmq.Poller()
            poller.register(jobs_in, zmq.POLLIN)
            poller.register(control, zmq.POLLIN)
            while True:
                events = dict(poller.poll())
                if jobs_in in events:
                    jobs_in.send(work(jobs_in.recv()))
                elif control in events:
                    return
    with ctx.socket(zmq.PAIR) as jobs_out, ctx.socket(zmq.PAIR) as control:
        jobs_out.bind(base + "/jobs")
        control.bind(base + "/control")
        thread = threading.Thread(target=helper)
        thread.start()
        answers = []
        for job in jobs:
            jobs_out.send(job)
            answers.append(jobs_out.recv())
        control.send(b"")
        thread.join()
    return answers
""",
            "the number of jobs goes first, and a pool has the thread": """
def elsewhere(ctx, work, jobs):
    def helper(name):
        with ctx.socket(zmq.PAIR) as line:
            line.connect(name)
            for _ in range(int(line.recv())):
                line.send(work(line.recv()))
    with ctx.socket(zmq.PAIR) as line, ThreadPoolExecutor(1) as pool:
        name = f"inproc://{id(line)}-{time.monotonic_ns()}"
        line.bind(name)
        pool.submit(helper, name)
        line.send_string(str(len(jobs)))
        answers = []
        for job in jobs:
            line.send(job)
            answers.append(line.recv())
        return answers
""",
        },
        "wrong": {
            "its name is that of the list": ("""
import threading, uuid
def elsewhere(ctx, work, jobs):
    name = f"inproc://{id(jobs)}"
    def there():
        with ctx.socket(zmq.PAIR) as p:
            p.connect(name)
            while True:
                kind, job = p.recv_multipart()
                if kind == b"stop":
                    return
                p.send(work(job))
    with ctx.socket(zmq.PAIR) as p:
        p.bind(name)
        th = threading.Thread(target=there)
        th.start()
        answers = []
        for job in jobs:
            p.send_multipart([b"job", job])
            answers.append(p.recv())
        p.send_multipart([b"stop", b""])
        th.join()
    return answers
""", "into each other's way"),
            "both sockets made here": ("""
def elsewhere(ctx, work, jobs):
    here, there = ctx.socket(zmq.PAIR), ctx.socket(zmq.PAIR)
    name = f"inproc://{uuid.uuid4()}"
    here.bind(name)
    there.connect(name)
    def helper():
        for _ in jobs:
            there.send(work(there.recv()))
    thread = threading.Thread(target=helper)
    thread.start()
    answers = []
    for job in jobs:
        here.send(job)
        answers.append(here.recv())
    thread.join()
    return answers
""", "belongs to the thread that made it"),
            "the thread uses the caller's socket": ("""
def elsewhere(ctx, work, jobs):
    with ctx.socket(zmq.PAIR) as here, ctx.socket(zmq.PAIR) as there:
        name = f"inproc://{uuid.uuid4()}"
        here.bind(name)
        there.connect(name)
        answers = []
        for job in jobs:
            here.send(job)
            failed = []
            def helper():
                try:
                    there.send(work(there.recv()))
                except zmq.ZMQError as error:
                    failed.append(error)
            thread = threading.Thread(target=helper)
            thread.start()
            thread.join()
            if failed:
                raise failed[0]
            answers.append(here.recv())
    return answers
""", "belongs to the thread that made it"),
            "one name for all": ("""
def elsewhere(ctx, work, jobs):
    def helper():
        with ctx.socket(zmq.PAIR) as line:
            line.connect("inproc://helper")
            while (frames := line.recv_multipart())[0] == b"job":
                line.send(work(frames[1]))
    with ctx.socket(zmq.PAIR) as line:
        for attempt in range(100):
            try:
                line.bind("inproc://helper")
                break
            except zmq.ZMQError:
                time.sleep(0.005)
        else:
            raise RuntimeError("the name is taken")
        thread = threading.Thread(target=helper)
        thread.start()
        answers = []
        for job in jobs:
            line.send_multipart([b"job", job])
            answers.append(line.recv())
        line.send(b"stop")
        thread.join()
    return answers
""", "the name is taken"),
            "an empty job ends it": ("""
def elsewhere(ctx, work, jobs):
    def helper(name):
        with ctx.socket(zmq.PAIR) as line:
            line.connect(name)
            while job := line.recv():
                line.send(work(job))
    with ctx.socket(zmq.PAIR) as line:
        name = f"inproc://{uuid.uuid4()}"
        line.bind(name)
        thread = threading.Thread(target=helper, args=(name,))
        thread.start()
        answers = []
        for job in jobs:
            line.send(job)
            answers.append(line.recv())
        line.send(b"")
        thread.join()
        return answers
""", "did not come back"),
            "a job named stop ends it": ("""
def elsewhere(ctx, work, jobs):
    def helper(name):
        with ctx.socket(zmq.PAIR) as line:
            line.connect(name)
            while (job := line.recv()) != b"stop":
                line.send(work(job))
    with ctx.socket(zmq.PAIR) as line:
        name = f"inproc://{uuid.uuid4()}"
        line.bind(name)
        thread = threading.Thread(target=helper, args=(name,))
        thread.start()
        answers = []
        for job in jobs:
            line.send(job)
            answers.append(line.recv())
        line.send(b"stop")
        thread.join()
        return answers
""", "did not come back"),
            "all jobs first, then all answers": ("""
def elsewhere(ctx, work, jobs):
    def helper(name):
        with ctx.socket(zmq.PAIR) as line:
            line.connect(name)
            while (frames := line.recv_multipart())[0] == b"job":
                line.send(work(frames[1]))
    with ctx.socket(zmq.PAIR) as line:
        name = f"inproc://{uuid.uuid4()}"
        line.bind(name)
        thread = threading.Thread(target=helper, args=(name,))
        thread.start()
        for job in jobs:
            line.send_multipart([b"job", job])
        line.send(b"stop")
        answers = [line.recv() for _ in jobs]
        thread.join()
        return answers
""", "both directions are full"),
            "no thread at all": ("""
def elsewhere(ctx, work, jobs):
    name = f"inproc://{uuid.uuid4()}"
    with ctx.socket(zmq.PAIR) as here, ctx.socket(zmq.PAIR) as there:
        here.bind(name)
        there.connect(name)
        answers = []
        for job in jobs:
            here.send(job)
            there.send(work(there.recv()))
            answers.append(here.recv())
        return answers
""", "in the thread that had called"),
            "a queue.Queue": ("""
def elsewhere(ctx, work, jobs):
    todo_list, done = queue.Queue(), queue.Queue()
    def helper():
        for _ in jobs:
            done.put(work(todo_list.get()))
    thread = threading.Thread(target=helper)
    thread.start()
    for job in jobs:
        todo_list.put(job)
    thread.join()
    return [done.get() for _ in jobs]
""", "did not go over a PAIR"),
            "nobody tells the thread that it is over": ("""
def elsewhere(ctx, work, jobs):
    def helper(name):
        with ctx.socket(zmq.PAIR) as line:
            line.connect(name)
            while True:
                line.send(work(line.recv()))
    with ctx.socket(zmq.PAIR) as line:
        name = f"inproc://{uuid.uuid4()}"
        line.bind(name)
        threading.Thread(target=helper, args=(name,), name="helper", daemon=True).start()
        answers = []
        for job in jobs:
            line.send(job)
            answers.append(line.recv())
        return answers
""", "left a thread running"),
            "another context in the thread": ("""
def elsewhere(ctx, work, jobs):
    def helper(name):
        with zmq.Context() as mine, mine.socket(zmq.PAIR) as line:
            line.connect(name)
            while (frames := line.recv_multipart())[0] == b"job":
                line.send(work(frames[1]))
    with ctx.socket(zmq.PAIR) as line:
        name = f"inproc://{uuid.uuid4()}"
        line.bind(name)
        thread = threading.Thread(target=helper, args=(name,))
        thread.start()
        answers = []
        for job in jobs:
            line.send_multipart([b"job", job])
            answers.append(line.recv())
        line.send(b"stop")
        thread.join()
        return answers
""", "did not come back"),
            "the caller's end stays open": ("""
def elsewhere(ctx, work, jobs):
    def helper(name):
        with ctx.socket(zmq.PAIR) as line:
            line.connect(name)
            while (frames := line.recv_multipart())[0] == b"job":
                line.send(work(frames[1]))
    line = ctx.socket(zmq.PAIR)
    elsewhere.lines.append(line)
    name = f"inproc://{uuid.uuid4()}"
    line.bind(name)
    thread = threading.Thread(target=helper, args=(name,))
    thread.start()
    answers = []
    for job in jobs:
        line.send_multipart([b"job", job])
        answers.append(line.recv())
    line.send(b"stop")
    thread.join()
    return answers
elsewhere.lines = []
""", "left a PAIR socket open"),
            "a thread for each job": ("""
def elsewhere(ctx, work, jobs):
    def helper(name):
        with ctx.socket(zmq.PAIR) as line:
            line.connect(name)
            line.send(work(line.recv()))
    answers = []
    for job in jobs:
        with ctx.socket(zmq.PAIR) as line:
            name = f"inproc://{uuid.uuid4()}"
            line.bind(name)
            thread = threading.Thread(target=helper, args=(name,))
            thread.start()
            line.send(job)
            answers.append(line.recv())
            thread.join()
    return answers
""", "more than one thread"),
            "an empty answer ends it": ("""
def elsewhere(ctx, work, jobs):
    def helper(name):
        with ctx.socket(zmq.PAIR) as line:
            line.connect(name)
            for _ in jobs:
                line.send(work(line.recv()))
            line.send(b"")
    with ctx.socket(zmq.PAIR) as line:
        name = f"inproc://{uuid.uuid4()}"
        line.bind(name)
        thread = threading.Thread(target=helper, args=(name,))
        thread.start()
        left = list(jobs)
        answers = []
        if left:
            line.send(left.pop(0))
        while answer := line.recv():
            answers.append(answer)
            if left:
                line.send(left.pop(0))
        thread.join()
    return answers
""", ""),
            "no return": ("""
def elsewhere(ctx, work, jobs):
    def helper(name):
        with ctx.socket(zmq.PAIR) as line:
            line.connect(name)
            while (frames := line.recv_multipart())[0] == b"job":
                line.send(work(frames[1]))
    with ctx.socket(zmq.PAIR) as line:
        name = f"inproc://{uuid.uuid4()}"
        line.bind(name)
        thread = threading.Thread(target=helper, args=(name,))
        thread.start()
        for job in jobs:
            line.send_multipart([b"job", job])
            line.recv()
        line.send(b"stop")
        thread.join()
""", "is a `return` missing"),
        },
    },
    "16.2": {
        "right": {
            "a queue and a thread for each slow one": """
async def desk(ctx, front, work):
    loop, answers = asyncio.get_running_loop(), asyncio.Queue()
    def one(envelope, question):
        try:
            found = work(question)
        except Exception:
            found = b"?"
        loop.call_soon_threadsafe(answers.put_nowait, [*envelope, found])
    async def out(router):
        while True:
            await router.send_multipart(await answers.get())
    async def into(router):
        while True:
            *envelope, question = await router.recv_multipart()
            threading.Thread(target=one, args=(envelope, question), daemon=True).start()
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        await asyncio.gather(into(router), out(router))
""",
            "eight coroutines that take turns at the socket": """
async def desk(ctx, front, work):
    def safely(question):
        try:
            return work(question)
        except Exception:
            return b"?"
    async def clerk(router):
        while True:
            frames = await router.recv_multipart()
            frames[-1] = await asyncio.to_thread(safely, frames[-1])
            await router.send_multipart(frames)
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        await asyncio.gather(*(clerk(router) for _ in range(8)))
""",
            "an executor, and answers by a queue": """
async def desk(ctx, front, work):
    router = ctx.socket(zmq.ROUTER)
    answers = asyncio.Queue()
    async def send():
        while True:
            await router.send_multipart(await answers.get())
    try:
        router.bind(front)
        loop = asyncio.get_running_loop()
        sender = loop.create_task(send())
        with ThreadPoolExecutor(10) as pool:
            def start(frames):
                def done(future):
                    answer = b"?" if future.exception() else future.result()
                    answers.put_nowait([*frames[:-1], answer])
                loop.run_in_executor(pool, work, frames[-1]).add_done_callback(done)
            while True:
                start(await router.recv_multipart())
    finally:
        router.close()
""",
        },
        "wrong": {
            "work in the loop": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        while True:
            *envelope, question = await router.recv_multipart()
            try:
                answer = work(question)
            except Exception:
                answer = b"?"
            await router.send_multipart([*envelope, answer])
""", "one question holds up the others"),
            "a task for each, and work in the loop": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        async def answer(envelope, question):
            try:
                found = work(question)
            except Exception:
                found = b"?"
            await router.send_multipart([*envelope, found])
        while True:
            *envelope, question = await router.recv_multipart()
            asyncio.create_task(answer(envelope, question))
""", "one question holds up the others"),
            "to_thread, one after the other": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        while True:
            *envelope, question = await router.recv_multipart()
            try:
                found = await asyncio.to_thread(work, question)
            except Exception:
                found = b"?"
            await router.send_multipart([*envelope, found])
""", "one question holds up the others"),
            "one failure ends the desk": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        while True:
            *envelope, question = await router.recv_multipart()
            await router.send_multipart([*envelope, await asyncio.to_thread(work, question)])
""", "the desk ended"),
            "a failure that nobody hears of": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        async def answer(envelope, question):
            await router.send_multipart([*envelope, await asyncio.to_thread(work, question)])
        while True:
            *envelope, question = await router.recv_multipart()
            asyncio.create_task(answer(envelope, question))
""", "where the work raised"),
            "the socket goes along into the thread": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        def answer(envelope, question):
            try:
                found = work(question)
            except Exception:
                found = b"?"
            router.send_multipart([*envelope, found])
        while True:
            *envelope, question = await router.recv_multipart()
            asyncio.create_task(asyncio.to_thread(answer, envelope, question))
""", "in the loop's own thread"),
            "a REP": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.REP) as rep:
        rep.bind(front)
        while True:
            question = await rep.recv()
            try:
                found = await asyncio.to_thread(work, question)
            except Exception:
                found = b"?"
            await rep.send(found)
""", ""),
            "no await": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        while True:
            *envelope, question = router.recv_multipart()
            router.send_multipart([*envelope, work(question)])
""", "raised"),
            "an ordinary function": ("""
def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        while True:
            *envelope, question = router.recv_multipart()
            router.send_multipart([*envelope, work(question)])
""", "async def"),
            "a blocking context of its own": ("""
async def desk(ctx, front, work):
    with zmq.Context() as mine, mine.socket(zmq.ROUTER) as router:
        router.bind(front)
        while True:
            *envelope, question = router.recv_multipart()
            try:
                found = await asyncio.to_thread(work, question)
            except Exception:
                found = b"?"
            router.send_multipart([*envelope, found])
""", "one question holds up the others"),
            "the answer without its envelope": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        while True:
            client, _, question = await router.recv_multipart()
            await router.send_multipart([client, await asyncio.to_thread(work, question)])
""", "nothing arrived"),
            "an envelope of two frames": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        async def answer(client, empty, question):
            try:
                found = await asyncio.to_thread(work, question)
            except Exception:
                found = b"?"
            await router.send_multipart([client, empty, found])
        tasks = set()
        while True:
            frames = await router.recv_multipart()
            tasks.add(asyncio.create_task(answer(frames[0], b"", frames[-1])))
""", "whole envelope"),
            "threads that send through a shadow": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        lock = threading.Lock()
        def answer(envelope, question):
            try:
                found = work(question)
            except Exception:
                found = b"?"
            with lock:
                zmq.Socket.shadow(router.underlying).send_multipart([*envelope, found])
        tasks = set()
        while True:
            *envelope, question = await router.recv_multipart()
            tasks.add(asyncio.create_task(asyncio.to_thread(answer, envelope, question)))
""", "shadow"),
            "only one kind of error": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        async def answer(envelope, question):
            try:
                found = await asyncio.to_thread(work, question)
            except ValueError:
                found = b"?"
            await router.send_multipart([*envelope, found])
        tasks = set()
        while True:
            *envelope, question = await router.recv_multipart()
            tasks.add(asyncio.create_task(answer(envelope, question)))
""", "where the work raised"),
            "two at a time": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        gate = asyncio.Semaphore(2)
        async def answer(envelope, question):
            async with gate:
                try:
                    found = await asyncio.to_thread(work, question)
                except Exception:
                    found = b"?"
            await router.send_multipart([*envelope, found])
        tasks = set()
        while True:
            *envelope, question = await router.recv_multipart()
            tasks.add(asyncio.create_task(answer(envelope, question)))
""", "holds up the others"),
            "one question, then home": ("""
async def desk(ctx, front, work):
    with ctx.socket(zmq.ROUTER) as router:
        router.bind(front)
        *envelope, question = await router.recv_multipart()
        await router.send_multipart([*envelope, await asyncio.to_thread(work, question)])
""", ""),
        },
    },
    "16.3": {
        "right": {
            "by hand, and a limit on the end": """
def forked(parents, tasks, results):
    ctx = zmq.Context()
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    pull.connect(tasks)
    push.connect(results)
    while True:
        task = pull.recv()
        if task == b"":
            break
        push.send(bytes(reversed(task)))
    pull.close()
    push.close(linger=30_000)
    ctx.term()
""",
            "the child's instance, ended": """
def forked(parents, tasks, results):
    ctx = zmq.Context.instance()
    with ctx.socket(zmq.PUSH) as push:
        push.connect(results)
        with ctx.socket(zmq.PULL) as pull:
            pull.connect(tasks)
            for task in iter(pull.recv, b""):
                push.send(task[::-1])
    ctx.term()
""",
            "asyncio in the child": """
def forked(parents, tasks, results):
    async def main():
        with zmq.asyncio.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
            pull.connect(tasks)
            push.connect(results)
            while task := await pull.recv():
                await push.send(task[::-1])
    asyncio.run(main())
""",
        },
        "wrong": {
            "the parent's context": ("""
def forked(parents, tasks, results):
    with parents.socket(zmq.PULL) as pull, parents.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while task := pull.recv():
            push.send(task[::-1])
""", "made before the fork"),
            "an instance that nobody ends": ("""
def forked(parents, tasks, results):
    ctx = zmq.Context.instance()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while task := pull.recv():
            push.send(task[::-1])
""", "results arrived"),
            "no patience": ("""
def forked(parents, tasks, results):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        push.linger = 0
        pull.connect(tasks)
        push.connect(results)
        while task := pull.recv():
            push.send(task[::-1])
""", "results arrived"),
            "destroyed": ("""
def forked(parents, tasks, results):
    ctx = zmq.Context()
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    pull.connect(tasks)
    push.connect(results)
    while task := pull.recv():
        push.send(task[::-1])
    ctx.destroy(linger=0)
""", "results arrived"),
            "a patience of one second": ("""
def forked(parents, tasks, results):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        push.linger = 1000
        pull.connect(tasks)
        push.connect(results)
        while task := pull.recv():
            push.send(task[::-1])
""", "results arrived"),
            "nothing is closed": ("""
def forked(parents, tasks, results):
    ctx = zmq.Context()
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    pull.connect(tasks)
    push.connect(results)
    while task := pull.recv():
        push.send(task[::-1])
""", "results arrived"),
            "closed, and the context left": ("""
def forked(parents, tasks, results):
    ctx = zmq.Context()
    with ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while task := pull.recv():
            push.send(task[::-1])
""", "results arrived"),
            "never waits for room": ("""
def forked(parents, tasks, results):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while task := pull.recv():
            try:
                push.send(task[::-1], zmq.NOBLOCK)
            except zmq.Again:
                pass
""", ""),
            "waits a while for room": ("""
def forked(parents, tasks, results):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        push.sndtimeo = 1000
        pull.connect(tasks)
        push.connect(results)
        while task := pull.recv():
            push.send(task[::-1])
""", "raised"),
            "does not see the end": ("""
def forked(parents, tasks, results):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while True:
            push.send(pull.recv()[::-1])
""", "one message too many"),
            "a socket stays open": ("""
def forked(parents, tasks, results):
    ctx = zmq.Context()
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    pull.connect(tasks)
    push.connect(results)
    while task := pull.recv():
        push.send(task[::-1])
    push.close()
    ctx.term()
""", "does not end"),
            "leaves by os._exit": ("""
def forked(parents, tasks, results):
    ctx = zmq.Context()
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    pull.connect(tasks)
    push.connect(results)
    while task := pull.recv():
        push.send(task[::-1])
    os._exit(0)
""", "results arrived"),
            "squares": ("""
def forked(parents, tasks, results):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while task := pull.recv():
            push.send(b"%d" % int(task) ** 2)
""", "raised"),
            "not reversed": ("""
def forked(parents, tasks, results):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while task := pull.recv():
            push.send(task)
""", "a wrong result"),
            "text": ("""
def forked(parents, tasks, results):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        while task := pull.recv_string():
            push.send_string(task[::-1])
""", "UnicodeDecodeError"),
            "binds": ("""
def forked(parents, tasks, results):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.bind(tasks)
        push.bind(results)
        while task := pull.recv():
            push.send(task[::-1])
""", "in use"),
            "one task": ("""
def forked(parents, tasks, results):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        pull.connect(tasks)
        push.connect(results)
        push.send(pull.recv()[::-1])
""", ""),
        },
    },
    "16.4": {
        "right": {
            "a poller, and the time of the next beat": """
def mended(ctx, office, questions, pause):
    answers = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(office)
        poller = zmq.Poller()
        poller.register(dealer, zmq.POLLIN)
        for question in questions:
            dealer.send_multipart([b"question", question])
            due = time.monotonic() + pause / 2
            while True:
                if poller.poll(max(0, due - time.monotonic()) * 1000):
                    answers.append(dealer.recv())
                    break
                dealer.send(b"alive")
                due += pause / 2
    return answers
""",
            "a receive timeout": """
def mended(ctx, office, questions, pause):
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.rcvtimeo = int(pause * 600)
        dealer.connect(office)
        def ask(question):
            dealer.send_multipart([b"question", question])
            while True:
                try:
                    return dealer.recv()
                except zmq.Again:
                    dealer.send(b"alive")
        return tuple(ask(question) for question in questions)
""",
            "two tasks of a loop": """
def mended(ctx, office, questions, pause):
    async def main():
        with zmq.asyncio.Context(ctx).socket(zmq.DEALER) as dealer:
            dealer.connect(office)
            async def beat():
                while True:
                    await asyncio.sleep(pause / 2)
                    await dealer.send(b"alive")
            beating = asyncio.create_task(beat())
            answers = []
            for question in questions:
                await dealer.send_multipart([b"question", question])
                answers.append(await dealer.recv())
            beating.cancel()
            return answers
    return asyncio.run(main())
""",
            "a thread that says when, by a PAIR": """
def mended(ctx, office, questions, pause):
    name = f"inproc://{uuid.uuid4()}"
    over = threading.Event()
    def clock():
        with ctx.socket(zmq.PAIR) as tick:
            tick.connect(name)
            while not over.wait(pause / 2):
                tick.send(b"")
    answers = []
    with ctx.socket(zmq.DEALER) as dealer, ctx.socket(zmq.PAIR) as tick:
        tick.bind(name)
        dealer.connect(office)
        thread = threading.Thread(target=clock)
        thread.start()
        poller = zmq.Poller()
        poller.register(dealer, zmq.POLLIN)
        poller.register(tick, zmq.POLLIN)
        for question in questions:
            dealer.send_multipart([b"question", question])
            while dealer not in (events := dict(poller.poll())):
                tick.recv()
                dealer.send(b"alive")
            answers.append(dealer.recv())
        over.set()
        thread.join()
    return answers
""",
        },
        "wrong": {
            "a beat when the whole pause is over": ("""
def mended(ctx, office, questions, pause):
    answers = []
    with ctx.socket(zmq.DEALER) as d:
        d.connect(office)
        for q in questions:
            d.send_multipart([b"question", q])
            while not d.poll(pause * 1000):
                d.send(b"alive")
            answers.append(d.recv())
    return answers
""", "too l"),
            "as it was": ("""
def mended(ctx, office, questions, pause):
    answers = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(office)
        for question in questions:
            dealer.send(b"alive")
            dealer.send_multipart([b"question", question])
            answers.append(dealer.recv())
    return answers
""", "heard nothing"),
            "a thread on the same socket": ("""
def mended(ctx, office, questions, pause):
    answers, over = [], threading.Event()
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(office)
        def beat():
            while not over.wait(pause / 2):
                dealer.send(b"alive")
        thread = threading.Thread(target=beat)
        thread.start()
        for question in questions:
            dealer.send_multipart([b"question", question])
            answers.append(dealer.recv())
        over.set()
        thread.join()
    return answers
""", "belongs to the thread that made it"),
            "and a lock": ("""
def mended(ctx, office, questions, pause):
    answers, over, lock = [], threading.Event(), threading.Lock()
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(office)
        def beat():
            while not over.wait(pause / 2):
                with lock:
                    dealer.send(b"alive")
        thread = threading.Thread(target=beat)
        thread.start()
        for question in questions:
            with lock:
                dealer.send_multipart([b"question", question])
                answers.append(dealer.recv())
        over.set()
        thread.join()
    return answers
""", ""),
            "a socket for the beats": ("""
def mended(ctx, office, questions, pause):
    answers, over = [], threading.Event()
    def beat():
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.connect(office)
            while not over.wait(pause / 2):
                dealer.send(b"alive")
    thread = threading.Thread(target=beat)
    thread.start()
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(office)
        for question in questions:
            dealer.send_multipart([b"question", question])
            answers.append(dealer.recv())
    over.set()
    thread.join()
    return answers
""", "more than one client"),
            "one beat while it waits": ("""
def mended(ctx, office, questions, pause):
    answers = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(office)
        for question in questions:
            dealer.send_multipart([b"question", question])
            if not dealer.poll(pause * 500):
                dealer.send(b"alive")
            answers.append(dealer.recv())
    return answers
""", "heard nothing"),
            "seconds taken for milliseconds": ("""
def mended(ctx, office, questions, pause):
    answers = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(office)
        for question in questions:
            dealer.send_multipart([b"question", question])
            while not dealer.poll(pause):
                dealer.send(b"alive")
            answers.append(dealer.recv())
    return answers
""", "hail"),
            "sleeps, then looks": ("""
def mended(ctx, office, questions, pause):
    answers = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(office)
        for question in questions:
            dealer.send_multipart([b"question", question])
            while True:
                time.sleep(pause / 2)
                if dealer.poll(0):
                    answers.append(dealer.recv())
                    break
                dealer.send(b"alive")
    return answers
""", "did not come back"),
            "an empty answer is none": ("""
def mended(ctx, office, questions, pause):
    answers = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(office)
        for question in questions:
            dealer.send_multipart([b"question", question])
            answer = b""
            while not answer:
                answer = dealer.recv() if dealer.poll(pause * 500) else b""
                if not answer:
                    dealer.send(b"alive")
            answers.append(answer)
    return answers
""", ""),
            "asks again in place of a beat": ("""
def mended(ctx, office, questions, pause):
    answers = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(office)
        for question in questions:
            dealer.send_multipart([b"question", question])
            while not dealer.poll(pause * 500):
                dealer.send_multipart([b"question", question])
            answers.append(dealer.recv())
    return answers
""", ""),
            "beats every third pause": ("""
def mended(ctx, office, questions, pause):
    answers = []
    with ctx.socket(zmq.DEALER) as dealer:
        dealer.connect(office)
        for question in questions:
            dealer.send_multipart([b"question", question])
            while not dealer.poll(pause * 3000):
                dealer.send(b"alive")
            answers.append(dealer.recv())
    return answers
""", "heard nothing"),
        },
    },
}
