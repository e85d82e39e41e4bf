"""Loaded into pyzmq's own tests (see test_pyzmq_suite): puts recorded sockets in, and runs its coroutine tests.

`PYZMQ_SOCKETS` says which: `plain`, `record` (one line at the top of the program) or `classes` (our `Context` in
the place of pyzmq's).
"""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Iterator
from typing import Any

import pytest
import zmq
import zmq.asyncio

SOCKETS = os.environ["PYZMQ_SOCKETS"]
if SOCKETS == "record":
    import zmqlive

    trace = zmqlive.record()
elif SOCKETS == "classes":
    import zmq.eventloop.future  # takes zmq.Context as a base class: before it is another
    from zmqlive import AsyncContext, Context

    zmq.Context = zmq.sugar.context.Context = zmq.sugar.Context = Context  # type: ignore[misc]
    zmq.asyncio.Context = AsyncContext  # type: ignore[misc]

_loops: list[asyncio.AbstractEventLoop] = []


def _loop() -> asyncio.AbstractEventLoop:
    """One event loop for a test and its fixtures."""
    if not _loops:
        _loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(_loops[0])
    return _loops[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[Any]:
    try:
        return (yield)
    finally:
        while _loops:
            _loops.pop().close()
            asyncio.set_event_loop(None)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: Any) -> Any:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    args = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    _loop().run_until_complete(asyncio.wait_for(pyfuncitem.obj(**args), 90))
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: Any) -> None:
    """Fixtures that are coroutines are awaited, as pytest-asyncio would."""
    func = fixturedef.func

    def generator(**args: Any) -> Iterator[Any]:
        steps = func(**args)
        yield _loop().run_until_complete(anext(steps))
        _loop().run_until_complete(anext(steps, None))

    if inspect.isasyncgenfunction(func):
        fixturedef.func = generator
    elif inspect.iscoroutinefunction(func):
        fixturedef.func = lambda **args: _loop().run_until_complete(func(**args))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if SOCKETS == "record":
        terminalreporter.write_line(f"recorded sockets: {len(trace.store.kept)}")
