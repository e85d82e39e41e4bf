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
""", "did not come back"),
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
""", "such a question"),
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
""", "one question holds up the others"),
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
""", "0 of 50 results"),
            "no patience": ("""
def forked(parents, tasks, results):
    with zmq.Context() as ctx, ctx.socket(zmq.PULL) as pull, ctx.socket(zmq.PUSH) as push:
        push.linger = 0
        pull.connect(tasks)
        push.connect(results)
        while task := pull.recv():
            push.send(task[::-1])
""", "0 of 50 results"),
            "destroyed": ("""
def forked(parents, tasks, results):
    ctx = zmq.Context()
    pull, push = ctx.socket(zmq.PULL), ctx.socket(zmq.PUSH)
    pull.connect(tasks)
    push.connect(results)
    while task := pull.recv():
        push.send(task[::-1])
    ctx.destroy(linger=0)
""", "0 of 50 results"),
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
""", "did not arrive"),
        },
    },
}
