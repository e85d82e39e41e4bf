"""Roles as a notebook defines them, for the tests of processes."""

from __future__ import annotations

import os
import textwrap
import time

import pytest
import zmq

posix = pytest.mark.skipif(os.name != "posix", reason="SIGSTOP and SIGKILL are POSIX")


def cell(code: str, **names):
    """Runs code as a notebook cell does: what it defines belongs to no module that could be imported."""
    module = {"__name__": "__main__", "zmq": zmq, "time": time, "os": os, **names}
    exec(compile(textwrap.dedent(code), "<cell>", "exec"), module)
    return module


ROLES = cell("""
    def numbers(ctx, endpoint, pause=0.002):
        push = ctx.socket(zmq.PUSH)
        push.bind(endpoint)
        n = 0
        while True:
            push.send(b"%d" % n)
            n += 1
            time.sleep(pause)

    def worker(ctx, tasks, results):
        pull = ctx.socket(zmq.PULL)
        pull.connect(tasks)
        push = ctx.socket(zmq.PUSH)
        push.connect(results)
        while True:
            push.send(pull.recv())

    def sink(ctx, endpoint):
        pull = ctx.socket(zmq.PULL)
        pull.bind(endpoint)
        while True:
            pull.recv()

    def spins(ctx):
        while True:
            pass

    def waits(ctx):
        time.sleep(1000)

    def done(ctx):
        pass

    def raises_late(ctx, endpoint):
        pull = ctx.socket(zmq.PULL)
        pull.connect(endpoint)
        pull.recv()
        raise ValueError("enough")

    def aborts(ctx):
        os.abort()

    def leaves(ctx):
        os._exit(3)

    def prints(ctx):
        print("one", end=" ")
        print("line")
        for i in range(100_000):
            print("line", i)

    async def awaits(ctx, endpoint):
        pull = ctx.socket(zmq.PULL)
        pull.connect(endpoint)
        while True:
            await pull.recv()

    def sends_and_leaves(ctx, endpoint):
        with ctx.socket(zmq.DEALER) as dealer:
            dealer.sndhwm = 0
            dealer.connect(endpoint)
            for _ in range(300):
                dealer.send(b"x" * 100_000)
""")
