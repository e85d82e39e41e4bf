"""The fixtures of lesson 29's tests: a context that ends whatever the test did, and a kitchen to be tested."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zmq


@pytest.fixture
def ctx() -> Iterator[zmq.Context[Any]]:
    context = zmq.Context()
    yield context
    context.destroy(linger=0)  # also when the test has failed, with its sockets open


@pytest.fixture
def start(kitchen: Callable[..., None], kitchens_ctx: zmq.Context[Any]) -> Callable[[str, str], threading.Thread]:
    def start(orders: str, meals: str) -> threading.Thread:
        thread = threading.Thread(target=kitchen, args=(kitchens_ctx, orders, meals), daemon=True)
        thread.start()
        return thread

    return start
